#include "lib/x509/signed.h"

#include "lib/base/limits.h"
#include "lib/crypto/sign.h"
#include "lib/der/oid.h"
#include "lib/der/walk.h"
#include "lib/der/writer.h"

#include <string.h>

static enum setpki_code
malformed(struct setpki_error *err, const char *field, const char *what)
{
	enum setpki_code rc = sp_fail(err, SETPKI_E_PARSE, "RFC 5280 4.1.1, 5.1.1", "%s", what);

	return sp_error_in(err, rc, "%s", field);
}

bool
sp_sigalg_take(struct sp_der *d, setpki_bytes *whole)
{
	struct setpki_error ignored = {0};
	struct sp_der alg;
	setpki_bytes oid;

	if (!sp_der_take_whole(d, SP_SEQUENCE, whole) || sp_der_walk(*whole, &ignored) != SETPKI_E_OK)
		return false;
	alg = sp_der(*whole);
	return sp_der_enter(&alg, SP_SEQUENCE, &alg) && sp_der_oid(&alg, &oid);
}

enum setpki_code
sp_signed_read(setpki_bytes der, setpki_bytes *tbs, setpki_bytes *sigalg, setpki_bytes *sig, struct setpki_error *err)
{
	struct sp_der d = sp_der(der), seq;
	unsigned unused;

	if (!sp_der_enter(&d, SP_SEQUENCE, &seq))
		return malformed(err, "outermost", "not a SEQUENCE of definite length that fits the input");
	if (!sp_der_end(&d))
		return malformed(err, "outermost", "something stands after the object");
	if (!sp_der_take_whole(&seq, SP_SEQUENCE, tbs))
		return malformed(err, "signed part", "not a SEQUENCE");
	if (!sp_sigalg_take(&seq, sigalg))
		return malformed(err, "signatureAlgorithm", "not an AlgorithmIdentifier");
	if (!sp_der_bits(&seq, sig, &unused) || unused != 0 || sig->n == 0)
		return malformed(err, "signatureValue", "not a BIT STRING of whole octets");
	if (!sp_der_end(&seq))
		return malformed(err, "signatureValue", "something stands after it");
	return SETPKI_E_OK;
}

/* --- extensions of lists ------------------------------------------------------------------------------------------ */

static bool
read_number(setpki_bytes value, setpki_bytes *number)
{
	struct sp_der d = sp_der(value);

	return sp_der_uint(&d, number) && sp_der_end(&d) && number->n <= SP_SERIAL_MAX;
}

static bool
seen_before(setpki_bytes list, const struct sp_ext_item *e)
{
	struct sp_der d = sp_der(list);
	struct sp_ext_item other;

	while (sp_ext_next(&d, &other) && other.oid.p != e->oid.p)
		if (sp_bytes_eq(other.oid, e->oid))
			return true;
	return false;
}

static bool
read_item(const struct sp_ext_item *e, struct sp_list_ext *out)
{
	struct setpki_error ignored = {0};
	enum sp_ext id = e->row != NULL ? e->row->id : SP_EXT_N;

	if (sp_der_walk(e->value, &ignored) != SETPKI_E_OK)
		return false;
	if (id != SP_EXT_AKI && id != SP_EXT_CRL_NUMBER) {
		out->unknown++;
		if (e->critical && out->unknown_critical.n == 0)
			out->unknown_critical = e->oid;
		return true;
	}
	out->present |= SP_EXT_BIT(id);
	out->critical |= e->critical ? SP_EXT_BIT(id) : 0;
	if (id == SP_EXT_AKI)
		return sp_aki_read(e->value, &out->aki_issuer, &out->aki_serial, &out->aki_keyid);
	return read_number(e->value, &out->number);
}

enum setpki_code
sp_list_ext_read(setpki_bytes list, struct sp_list_ext *out, struct setpki_error *err)
{
	struct sp_der d = sp_der(list);
	struct sp_ext_item e;
	char oid[SP_OID_TEXT];
	unsigned n = 0;

	memset(out, 0, sizeof(*out));
	out->list = list;
	while (sp_ext_next(&d, &e)) {
		if (++n > SP_EXT_MAX)
			return sp_fail(err, SETPKI_E_LIMIT, NULL, "more than %u extensions", SP_EXT_MAX);
		if (seen_before(list, &e))
			return malformed(err, sp_oid_text(e.oid, oid), "the extension stands there twice");
		if (!read_item(&e, out))
			return malformed(err, e.row != NULL ? e.row->name : sp_oid_text(e.oid, oid),
			    "the contents are not well formed");
	}
	if (!sp_der_end(&d) || n == 0)
		return malformed(err, "extensions", "not a list of extensions");
	return SETPKI_E_OK;
}

void
sp_list_aki_put(struct sp_buf *out, const struct sp_cert *signer, enum setpki_suite suite)
{
	const struct sp_ext_row *row = sp_ext_row(SP_EXT_AKI);
	size_t ext = sp_der_open(out, SP_SEQUENCE), value, aki, names, name;

	sp_der_put_oid(out, row->oid);
	value = sp_der_open(out, SP_OCTET_STRING);
	aki = sp_der_open(out, SP_SEQUENCE);
	if (sp_suite(suite)->keyid && signer->ski.n != 0)
		sp_der_put(out, SP_CTX(0), signer->ski);
	names = sp_der_open(out, SP_CTXC(1));
	name = sp_der_open(out, SP_CTXC(4));
	sp_buf_add_bytes(out, signer->issuer);
	sp_der_close(out, name);
	sp_der_close(out, names);
	sp_der_put(out, SP_CTX(2), signer->serial);
	sp_der_close(out, aki);
	sp_der_close(out, value);
	sp_der_close(out, ext);
}

enum setpki_code
sp_list_signer_check(const struct sp_cert *signer, enum setpki_suite suite, setpki_bytes *alg, struct setpki_error *err)
{
	if (!sp_cert_has(signer, SP_EXT_KEY_USAGE) || (signer->key_usage & SETPKI_KU_CRL_SIGN) == 0)
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 7 step 5",
		    "the signer's certificate has no cRLSign; open the CA's CRL-signing key");
	*alg = sp_sigalg(suite, signer->key.alg);
	if (alg->n == 0)
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1",
		    "a key of the signer's type signs nothing in %s", setpki_suite_name(suite));
	return SETPKI_E_OK;
}
