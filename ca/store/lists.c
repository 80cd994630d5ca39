/* crl and bci: the present object and schedule of each CA generation, and of each brand. */
#include "ca/store/private.h"

#include <string.h>

static void
crl_key(struct ca_dbkey *k, uint16_t ca, uint16_t generation)
{
	ca_key_start(k);
	ca_key_u16(k, ca);
	ca_key_u16(k, generation);
}

enum setpki_code
ca_crl_put(ca_txn *t, const struct ca_crl_record *rec, struct setpki_error *err)
{
	struct sp_buf b = {0};
	struct ca_dbkey k;
	enum setpki_code rc;

	if (rec->der.n > SP_CRL_MAX)
		return sp_fail(
		    err, SETPKI_E_LIMIT, NULL, "a CRL of %zu bytes; at most %u can be stored", rec->der.n, SP_CRL_MAX);
	crl_key(&k, rec->ca, rec->generation);
	ca_crl_encode(rec, &b);
	if ((rc = ca_db_put_buf(t, CA_DB_CRL, &k, &b, 0, err)) == SETPKI_E_OK) {
		if (rec->der.n != 0)
			rc = ca_db_put(t, CA_DB_CRL_BODY, &k, rec->der, 0, err);
		else if ((rc = ca_db_del(t, CA_DB_CRL_BODY, &k, err)) == SETPKI_E_NOTFOUND)
			rc = SETPKI_E_OK;
	}
	sp_buf_free(&b);
	return rc;
}

enum setpki_code
ca_crl_look(ca_txn *t, uint16_t ca, uint16_t generation, struct ca_crl_record *out, struct setpki_error *err)
{
	struct ca_dbkey k;
	setpki_bytes v;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	crl_key(&k, ca, generation);
	if ((rc = ca_db_get(t, CA_DB_CRL, &k, &v, err)) == SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, NULL, "the store has no CRL of CA number %u, generation %u", ca, generation);
	if (rc != SETPKI_E_OK)
		return rc;
	if (!ca_crl_decode(ca_key_bytes(&k), v, out)) {
		memset(out, 0, sizeof(*out));
		return ca_db_damaged(t, CA_DB_CRL, ca_key_bytes(&k), "not a record of a CRL", err);
	}
	rc = ca_db_get(t, CA_DB_CRL_BODY, &k, &out->der, err);
	return rc == SETPKI_E_NOTFOUND ? SETPKI_E_OK : rc;
}

enum setpki_code
ca_crl_get(ca_txn *t, uint16_t ca, uint16_t generation, struct ca_crl_record *out, struct setpki_error *err)
{
	enum setpki_code rc = ca_crl_look(t, ca, generation, out, err);

	if (rc == SETPKI_E_OK && !ca_bytes_own(&out->der)) {
		ca_crl_record_free(out);
		return sp_fail_memory(err);
	}
	return rc;
}

static void
bci_key(struct ca_dbkey *k, uint16_t brand)
{
	ca_key_start(k);
	ca_key_u16(k, brand);
}

enum setpki_code
ca_bci_put(ca_txn *t, const struct ca_bci_record *rec, struct setpki_error *err)
{
	struct sp_buf b = {0};
	struct ca_dbkey k;
	enum setpki_code rc;

	if (rec->der.n > SP_BCI_MAX)
		return sp_fail(
		    err, SETPKI_E_LIMIT, NULL, "a BCI of %zu bytes; at most %u can be stored", rec->der.n, SP_BCI_MAX);
	bci_key(&k, rec->brand);
	ca_bci_encode(rec, &b);
	rc = ca_db_put_buf(t, CA_DB_BCI, &k, &b, 0, err);
	sp_buf_free(&b);
	return rc;
}

enum setpki_code
ca_bci_get(ca_txn *t, uint16_t brand, struct ca_bci_record *out, struct setpki_error *err)
{
	struct ca_dbkey k;
	setpki_bytes v;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	bci_key(&k, brand);
	if ((rc = ca_db_get(t, CA_DB_BCI, &k, &v, err)) == SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, NULL, "the store has no BCI of CA number %u", brand);
	if (rc != SETPKI_E_OK)
		return rc;
	if (!ca_bci_decode(ca_key_bytes(&k), v, out)) {
		memset(out, 0, sizeof(*out));
		return ca_db_damaged(t, CA_DB_BCI, ca_key_bytes(&k), "not a record of a BCI", err);
	}
	if (ca_bytes_own(&out->der))
		return SETPKI_E_OK;
	ca_bci_record_free(out);
	return sp_fail_memory(err);
}
