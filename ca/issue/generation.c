#include "ca/issue/generation.h"

#include "lib/base/buf.h"

#include <stdio.h>

static const char *
meta_name(uint16_t ca, uint16_t generation, char out[32])
{
	snprintf(out, 32, "active:%u-%u", ca, generation);
	return out;
}

enum setpki_code
ca_generation_active_put(ca_txn *t, uint16_t ca, uint16_t generation, int64_t at, struct setpki_error *err)
{
	uint8_t octets[8];
	char name[32];

	for (int i = 0; i < 8; i++)
		octets[i] = (uint8_t)((uint64_t)at >> (56 - 8 * i));
	return ca_meta_put(t, meta_name(ca, generation, name), SP_BYTES(octets), err);
}

enum setpki_code
ca_generation_active_at(ca_txn *t, uint16_t ca, uint16_t generation, int64_t *at, struct setpki_error *err)
{
	struct setpki_error absent = {0};
	uint64_t v = 0;
	setpki_bytes s;
	char name[32];
	enum setpki_code rc = ca_meta_get(t, meta_name(ca, generation, name), &s, &absent);

	*at = INT64_MIN;
	if (rc == SETPKI_E_NOTFOUND)
		return SETPKI_E_OK;
	if (rc != SETPKI_E_OK || s.n != 8)
		return sp_fail(err, SETPKI_E_STORE, NULL, "the store's \"%s\" is damaged", name);
	for (size_t i = 0; i < 8; i++)
		v = v << 8 | s.p[i];
	*at = (int64_t)v;
	return SETPKI_E_OK;
}
