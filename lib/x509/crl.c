/* Reading a CRL: head, tail, and what is asked of it afterwards.  The entries are crl_index.c's. */
#include "lib/x509/crl.h"

#include "lib/base/limits.h"
#include "lib/crypto/sign.h"
#include "lib/der/walk.h"
#include "lib/x509/crl_entry.h"
#include "lib/x509/crl_index.h"
#include "lib/x509/name.h"
#include "lib/x509/signed.h"

#include <string.h>

#define SPEC "RFC 5280 5.1; set-protocol 6"

static enum setpki_code
malformed(struct setpki_error *err, const char *field, const char *what)
{
	enum setpki_code rc = sp_fail(err, SETPKI_E_PARSE, SPEC, "%s", what);

	return sp_error_in(err, rc, "%s", field);
}

static enum setpki_code
read_issuer(struct sp_der *t, struct sp_crl *out, struct setpki_error *err)
{
	enum setpki_code rc;

	if (!sp_der_take_whole(t, SP_SEQUENCE, &out->issuer) || out->issuer.n > SP_NAME_MAX)
		return malformed(err, "issuer", "not a Name, or too long");
	if ((rc = sp_der_walk(out->issuer, err)) == SETPKI_E_OK)
		rc = sp_name_check(out->issuer, err);
	return rc == SETPKI_E_OK ? rc : sp_error_in(err, rc, "issuer");
}

static enum setpki_code
read_times(struct sp_der *t, struct sp_crl *out, struct setpki_error *err)
{
	uint8_t next;

	if (!sp_der_time(t, &out->this_update, &out->this_update_tag))
		return malformed(err, "thisUpdate", "not a UTCTime or GeneralizedTime in DER");
	next = sp_der_peek(t);
	out->next_update = INT64_MIN;
	if ((next == SP_UTCTIME || next == SP_GENTIME) && !sp_der_time(t, &out->next_update, &out->next_update_tag))
		return malformed(err, "nextUpdate", "not a UTCTime or GeneralizedTime in DER");
	return SETPKI_E_OK;
}

static int64_t
small_number(setpki_bytes magnitude)
{
	int64_t v = 0;

	if (magnitude.n == 0 || magnitude.n > 8 || (magnitude.n == 8 && magnitude.p[0] >= 0x80))
		return -1;
	for (size_t i = 0; i < magnitude.n; i++)
		v = v << 8 | magnitude.p[i];
	return v;
}

static enum setpki_code
read_extensions(setpki_bytes list, struct sp_crl *out, struct setpki_error *err)
{
	struct sp_list_ext e;
	enum setpki_code rc = sp_list_ext_read(list, &e, err);

	if (rc != SETPKI_E_OK)
		return sp_error_in(err, rc, "crlExtensions");
	out->extensions = list;
	out->present = e.present;
	out->critical = e.critical;
	out->unknown = e.unknown;
	out->unknown_critical = e.unknown_critical;
	out->number = e.number;
	out->number_value = small_number(e.number);
	out->aki_issuer = e.aki_issuer;
	out->aki_serial = e.aki_serial;
	out->aki_keyid = e.aki_keyid;
	return SETPKI_E_OK;
}

static enum setpki_code
read_tbs(struct sp_crl *out, struct setpki_error *err)
{
	struct sp_der d = sp_der(out->tbs), t, wrap;
	enum setpki_code rc;
	setpki_bytes list;
	int64_t version;

	if (!sp_der_enter(&d, SP_SEQUENCE, &t) || !sp_der_int(&t, &version) || version != 1)
		return malformed(err, "version", "SET's CRLs are X.509 version 2; this is another one, or no CRL");
	if (!sp_sigalg_take(&t, &out->inner_sigalg))
		return malformed(err, "signature", "not an AlgorithmIdentifier");
	if ((rc = read_issuer(&t, out, err)) != SETPKI_E_OK || (rc = read_times(&t, out, err)) != SETPKI_E_OK)
		return rc;
	if (sp_der_peek(&t) == SP_SEQUENCE && !sp_der_take(&t, SP_SEQUENCE, &out->entries))
		return malformed(err, "revokedCertificates", "not a SEQUENCE");
	if (sp_der_enter_opt(&t, SP_CTXC(0), &wrap)) {
		if (!sp_der_take(&wrap, SP_SEQUENCE, &list) || !sp_der_end(&wrap))
			return malformed(err, "crlExtensions", "not a list of extensions");
		if ((rc = read_extensions(list, out, err)) != SETPKI_E_OK)
			return rc;
	}
	return sp_der_end(&t) ? SETPKI_E_OK : malformed(err, "tbsCertList", "something is there that does not belong");
}

enum setpki_code
sp_crl_frame(setpki_bytes der, struct sp_crl *out, struct setpki_error *err)
{
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	out->number_value = -1;
	out->der = der;
	if (der.n > SP_CRL_MAX)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "CRL of %zu bytes; at most %u are read", der.n, SP_CRL_MAX);
	if ((rc = sp_signed_read(der, &out->tbs, &out->sigalg, &out->sig, err)) != SETPKI_E_OK)
		return rc;
	sp_sigalg_find(out->sigalg, &out->suite, &out->sig_keyalg);
	return read_tbs(out, err);
}

enum setpki_code
sp_crl_parse(setpki_ctx *ctx, setpki_bytes der, struct sp_crl *out, struct setpki_error *err)
{
	enum setpki_code rc = sp_crl_frame(der, out, err);

	if (rc == SETPKI_E_OK && (rc = sp_crl_index_build(ctx, out, err)) != SETPKI_E_OK)
		sp_crl_free(out);
	return rc;
}

void
sp_crl_free(struct sp_crl *crl)
{
	if (crl == NULL)
		return;
	sp_crl_index_free(crl->index);
	memset(crl, 0, sizeof(*crl));
}

bool
sp_crl_lookup(const struct sp_crl *crl, setpki_bytes serial, int64_t *revoked_at, int *reason)
{
	setpki_bytes from = sp_crl_index_find(crl->index, crl->entries, serial);
	struct sp_der d = sp_der(from);
	struct sp_crl_entry_more more = {0};
	struct sp_crl_entry e;

	if (from.p == NULL || !sp_crl_entry_read(&d, &e, &more))
		return false;
	if (revoked_at != NULL)
		*revoked_at = e.revoked_at;
	if (reason != NULL)
		*reason = e.reason;
	return true;
}

enum setpki_code
sp_crl_each(const struct sp_crl *crl, sp_crl_entry_fn *fn, void *arg, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;
	struct sp_crl_cursor c;
	struct sp_crl_entry e;

	sp_crl_cursor(crl, &c);
	while (rc == SETPKI_E_OK && sp_crl_next(&c, &e))
		rc = fn(arg, e.serial, e.revoked_at, e.reason, err);
	if (rc == SETPKI_E_OK && !sp_der_end(&c.entries))
		rc = malformed(err, "revokedCertificates", "an entry is not in strict DER");
	return rc;
}

enum setpki_code
sp_crl_verify(setpki_ctx *ctx, const struct sp_crl *crl, EVP_PKEY *key, struct setpki_error *err)
{
	if (!sp_bytes_eq(crl->sigalg, crl->inner_sigalg))
		return sp_fail(err, SETPKI_E_SIGNATURE, "RFC 5280 5.1.1.2",
		    "the signature algorithm inside and outside the signed part differ");
	if (crl->suite == SETPKI_SUITE_NONE)
		return sp_fail(err, SETPKI_E_SIGNATURE, "set-protocol 12.1",
		    "the signature algorithm is of no suite that is known here");
	if ((crl->sig_keyalg == SP_KEY_RSA) != (EVP_PKEY_is_a(key, "RSA") == 1))
		return sp_fail(err, SETPKI_E_SIGNATURE, "RFC 5280 5.1.1.2",
		    "the signature algorithm does not fit the signer's key");
	return sp_verify_digest(ctx, crl->suite, key, crl->digest, crl->sig, err);
}
