#include "ca/home/hold.h"

#include "ca/store/codec.h"

#include <string.h>

static const char meta_hold[] = "hold";

#define RECORD_VERSION 1

enum setpki_code
ca_home_hold_get(ca_txn *t, struct ca_hold *out, struct setpki_error *err)
{
	struct setpki_error absent = {0};
	struct ca_reader r;
	setpki_bytes v;
	bool known;
	enum setpki_code rc = ca_meta_get(t, meta_hold, &v, &absent);

	memset(out, 0, sizeof(*out));
	if (rc == SETPKI_E_NOTFOUND)
		return SETPKI_E_OK;
	if (rc != SETPKI_E_OK)
		return sp_fail(err, rc, absent.spec, "%s", absent.message);
	r = ca_reader(v);
	known = ca_get_u8(&r) == RECORD_VERSION;
	out->held = true;
	out->since = ca_get_i64(&r);
	ca_get_text(&r, out->reason, sizeof(out->reason));
	if (known && ca_get_end(&r))
		return SETPKI_E_OK;
	return sp_fail(
	    err, SETPKI_E_STORE, NULL, "the store's \"%s\" is damaged; put a backup in its place", meta_hold);
}

enum setpki_code
ca_home_hold_put(ca_txn *t, const struct ca_hold *hold, struct setpki_error *err)
{
	struct sp_buf b = {0};
	enum setpki_code rc;

	if (!hold->held)
		return ca_meta_del(t, meta_hold, err);
	ca_put_u8(&b, RECORD_VERSION);
	ca_put_i64(&b, hold->since);
	ca_put_str(&b, hold->reason[0] != '\0' ? hold->reason : NULL);
	rc = b.failed ? sp_fail_memory(err) : ca_meta_put(t, meta_hold, sp_buf_bytes(&b), err);
	sp_buf_free(&b);
	return rc;
}
