/* ca: the certificate authorities, by number. */
#include "ca/store/private.h"

#include <string.h>

static void
ca_key_of(struct ca_dbkey *k, uint16_t id)
{
	ca_key_start(k);
	ca_key_u16(k, id);
}

struct search {
	const char *name;
	uint16_t found, last;
};

static enum setpki_code
search_fn(void *arg, const struct ca_ca_record *ca, struct setpki_error *err)
{
	struct search *s = arg;

	(void)err;
	if (strcmp(ca->name, s->name) == 0)
		s->found = ca->id;
	s->last = ca->id;
	return SETPKI_E_OK;
}

enum setpki_code
ca_ca_put(ca_txn *t, struct ca_ca_record *ca, struct setpki_error *err)
{
	struct search s = {.name = ca->name};
	struct sp_buf b = {0};
	struct ca_dbkey k;
	enum setpki_code rc;
	uint16_t id = ca->id;

	if (ca->name[0] == '\0' || memchr(ca->name, 0, sizeof(ca->name)) == NULL ||
	    ca->ngenerations > CA_GENERATIONS_MAX)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL,
		    "a CA needs a name of at most %d octets, and has at most %d generations", CA_NAME_MAX - 1,
		    CA_GENERATIONS_MAX);
	if ((rc = ca_txn_writable(t, err)) != SETPKI_E_OK || (rc = ca_ca_each(t, search_fn, &s, err)) != SETPKI_E_OK)
		return rc;
	if (s.found != 0 && s.found != id)
		return sp_fail(
		    err, SETPKI_E_CONFLICT, NULL, "there is a CA called %s already, number %u", ca->name, s.found);
	if (id == 0 && (id = (uint16_t)(s.last + 1)) == 0)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "a home holds at most 65535 CAs");
	ca_key_of(&k, id);
	ca_ca_encode(ca, &b);
	if ((rc = ca_db_put_buf(t, CA_DB_CA, &k, &b, 0, err)) == SETPKI_E_OK)
		ca->id = id;
	sp_buf_free(&b);
	return rc;
}

static enum setpki_code
decode(ca_txn *t, setpki_bytes key, setpki_bytes value, struct ca_ca_record *out, struct setpki_error *err)
{
	if (!ca_ca_decode(key, value, out))
		return ca_db_damaged(t, CA_DB_CA, key, "not a record of a CA", err);
	return SETPKI_E_OK;
}

enum setpki_code
ca_ca_get(ca_txn *t, uint16_t id, struct ca_ca_record *out, struct setpki_error *err)
{
	struct ca_dbkey k;
	setpki_bytes v;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	ca_key_of(&k, id);
	if ((rc = ca_db_get(t, CA_DB_CA, &k, &v, err)) == SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, NULL, "the store has no CA number %u", id);
	return rc == SETPKI_E_OK ? decode(t, ca_key_bytes(&k), v, out, err) : rc;
}

enum setpki_code
ca_ca_find(ca_txn *t, const char *name, struct ca_ca_record *out, struct setpki_error *err)
{
	struct search s = {.name = name};
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	if ((rc = ca_ca_each(t, search_fn, &s, err)) != SETPKI_E_OK)
		return rc;
	if (s.found == 0)
		return sp_fail(err, SETPKI_E_NOTFOUND, NULL, "the store has no CA called %s", name);
	return ca_ca_get(t, s.found, out, err);
}

enum setpki_code
ca_ca_each(ca_txn *t, ca_ca_fn *fn, void *arg, struct setpki_error *err)
{
	struct ca_dbkey k;
	struct ca_scan scan;
	struct ca_ca_record ca;
	setpki_bytes key, value;
	enum setpki_code rc;

	ca_key_start(&k);
	if ((rc = ca_scan_open(t, CA_DB_CA, &k, 0, &scan, err)) != SETPKI_E_OK)
		return rc;
	while ((rc = ca_scan_next(&scan, &key, &value, err)) == SETPKI_E_OK && key.n != 0) {
		if ((rc = decode(t, key, value, &ca, err)) != SETPKI_E_OK)
			break;
		rc = fn(arg, &ca, err);
		ca_ca_record_free(&ca);
		if (rc != SETPKI_E_OK)
			break;
	}
	ca_scan_close(&scan);
	return rc;
}
