#include "ca/revoke/covered.h"

#include "lib/base/buf.h"

#include <stdio.h>

static enum setpki_code
read_counter(ca_txn *t, const char *what, uint16_t ca, uint16_t generation, uint64_t *out, struct setpki_error *err)
{
	struct setpki_error absent = {0};
	setpki_bytes s;
	char name[48];
	enum setpki_code rc;

	*out = 0;
	snprintf(name, sizeof(name), "%s:%u-%u", what, ca, generation);
	rc = ca_meta_get(t, name, &s, &absent);
	if (rc == SETPKI_E_NOTFOUND)
		return SETPKI_E_OK;
	if (rc != SETPKI_E_OK || s.n != 8)
		return sp_fail(err, SETPKI_E_STORE, NULL, "the counter %s in the store is damaged", name);
	for (size_t i = 0; i < 8; i++)
		*out = *out << 8 | s.p[i];
	return SETPKI_E_OK;
}

static enum setpki_code
write_counter(ca_txn *t, const char *what, uint16_t ca, uint16_t generation, uint64_t v, struct setpki_error *err)
{
	uint8_t octets[8];
	char name[48];

	for (int i = 0; i < 8; i++)
		octets[i] = (uint8_t)(v >> (56 - 8 * i));
	snprintf(name, sizeof(name), "%s:%u-%u", what, ca, generation);
	return ca_meta_put(t, name, SP_BYTES(octets), err);
}

enum setpki_code
ca_revocations_read(
    ca_txn *t, uint16_t ca, uint16_t generation, uint64_t *recorded, uint64_t *covered, struct setpki_error *err)
{
	enum setpki_code rc = read_counter(t, "revocations", ca, generation, recorded, err);

	return rc == SETPKI_E_OK ? read_counter(t, "covered", ca, generation, covered, err) : rc;
}

enum setpki_code
ca_revocations_add(ca_txn *t, uint16_t ca, uint16_t generation, struct setpki_error *err)
{
	uint64_t v;
	enum setpki_code rc = read_counter(t, "revocations", ca, generation, &v, err);

	return rc == SETPKI_E_OK ? write_counter(t, "revocations", ca, generation, v + 1, err) : rc;
}

enum setpki_code
ca_revocations_cover(ca_txn *t, uint16_t ca, uint16_t generation, uint64_t covered, struct setpki_error *err)
{
	return write_counter(t, "covered", ca, generation, covered, err);
}
