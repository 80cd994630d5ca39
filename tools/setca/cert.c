/* Certificates of the store: found, described. */
#include "tools/setca/cert.h"

#include "ca/revoke/revoke.h"
#include "lib/x509/crl.h"
#include "lib/x509/csr.h"
#include "lib/x509/name.h"
#include "tools/common/fail.h"

#include <string.h>

enum setpki_code
setca_cert_state(struct setca *s, ca_txn *t, const struct ca_cert_record *rec, struct setca_cert_state *out)
{
	int64_t now = s->run->now;
	enum setpki_code rc;
	bool revoked;

	out->reason = -1;
	rc = ca_is_revoked(t, s->run->ctx, rec, &revoked, &out->revoked_at, &out->reason, SETCA_ERR(s));
	if (rc != SETPKI_E_OK)
		return rc;
	if (revoked)
		out->text = "revoked";
	else if (now > rec->not_after)
		out->text = "expired";
	else
		out->text = now < rec->not_before ? "not yet valid" : "valid";
	return SETPKI_E_OK;
}

static void
subject_fields(struct setca *s, const struct ca_cert_record *rec)
{
	uint8_t thumb[32];
	struct sp_cert c;
	char text[512];
	size_t n;

	if (sp_cert_parse(rec->der, &c, NULL) != SETPKI_E_OK)
		return;
	tc_text(s->out, "subject", sp_name_text(c.subject, text, sizeof(text)));
	if (sp_cert_thumb(s->run->ctx, &c, thumb, &n, NULL) == SETPKI_E_OK)
		tc_hex(s->out, "thumb", (setpki_bytes){thumb, n});
}

enum setpki_code
setca_cert_fields(struct setca *s, ca_txn *t, const struct ca_cert_record *rec)
{
	struct setca_cert_state state;
	char ca[CA_NAME_MAX], issuer[CA_NAME_MAX + 16];
	enum setpki_code rc;

	if ((rc = setca_cert_state(s, t, rec, &state)) != SETPKI_E_OK ||
	    (rc = setca_ca_name(s, t, rec->ca, ca)) != SETPKI_E_OK)
		return rc;
	tc_hex(s->out, "serial", rec->serial);
	tc_text(s->out, "kind", setpki_kind_name((enum setpki_kind)rec->kind));
	subject_fields(s, rec);
	snprintf(issuer, sizeof(issuer), "%s G%u", ca, rec->generation);
	tc_text(s->out, "ca", issuer);
	tc_time(s->out, "issuedAt", rec->issued_at);
	tc_time(s->out, "notBefore", rec->not_before);
	tc_time(s->out, "notAfter", rec->not_after);
	tc_text(s->out, "state", state.text);
	if (strcmp(state.text, "revoked") == 0) {
		tc_time(s->out, "revokedAt", state.revoked_at);
		tc_text(s->out, "reason", sp_reason_name(state.reason));
	}
	tc_hex(s->out, "policy", (setpki_bytes){rec->policy_hash, 32});
	return SETPKI_E_OK;
}

enum setpki_code
setca_cert_by_serial(struct setca *s, ca_txn *t, const char *serial, struct ca_cert_record *out)
{
	uint8_t octets[32];
	enum setpki_code rc;
	size_t n;

	memset(out, 0, sizeof(*out));
	if ((rc = setca_serial(serial, octets, &n, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	rc = ca_cert_by_serial(t, (setpki_bytes){octets, n}, out, NULL);
	if (rc == SETPKI_E_NOTFOUND)
		return tc_fail(SETCA_ERR(s), rc, "no certificate with the serial number %.64s was issued here", serial);
	return rc == SETPKI_E_OK ? rc
				 : tc_fail(SETCA_ERR(s), rc, "serial number %.64s: the store cannot be read", serial);
}

struct search {
	struct setca *s;
	ca_txn *t;
	struct ca_cert_record *out;
	bool found;
};

static enum setpki_code
by_key(struct search *x, setpki_bytes spki_der, struct setpki_error *err)
{
	struct sp_spki spki;
	uint8_t identity[32];
	enum setpki_code rc;

	if ((rc = sp_spki_parse(spki_der, &spki, err)) != SETPKI_E_OK ||
	    (rc = sp_spki_identity(x->s->run->ctx, &spki, identity, err)) != SETPKI_E_OK)
		return rc;
	return ca_cert_by_key(x->t, identity, x->out, NULL);
}

static enum setpki_code
lookup_object(struct search *x, const struct setpki_object *o, struct setpki_error *err)
{
	struct sp_cert cert;
	struct sp_csr csr;
	enum setpki_code rc;

	switch (o->type) {
	case SETPKI_OBJECT_CERT:
		if ((rc = sp_cert_parse(o->der, &cert, err)) != SETPKI_E_OK)
			return rc;
		return ca_cert_by_serial(x->t, cert.serial, x->out, NULL);
	case SETPKI_OBJECT_CSR:
		if ((rc = sp_csr_parse(o->der, &csr, err)) != SETPKI_E_OK)
			return rc;
		return by_key(x, csr.key.whole, err);
	case SETPKI_OBJECT_PUBKEY:
		return by_key(x, o->der, err);
	default:
		return tc_fail(err, SETPKI_E_ARGUMENT,
		    "holds a %s; a certificate, request or public key is wanted here", setpki_object_name(o->type));
	}
}

/* The first object of the file decides. */
static enum setpki_code
search_object(void *arg, const struct setpki_object *o, struct setpki_error *err)
{
	struct search *x = arg;
	enum setpki_code rc;

	if (x->found)
		return SETPKI_E_OK;
	if ((rc = lookup_object(x, o, err)) == SETPKI_E_NOTFOUND)
		return tc_fail(
		    err, rc, "no certificate of this home belongs to the %s in it", setpki_object_name(o->type));
	x->found = rc == SETPKI_E_OK;
	return rc;
}

enum setpki_code
setca_cert_by_file(struct setca *s, ca_txn *t, const char *path, struct ca_cert_record *out)
{
	struct search x = {s, t, out, false};

	memset(out, 0, sizeof(*out));
	return setca_each_object(path, search_object, &x, SETCA_ERR(s));
}
