#include "lib/x509/bci.h"

#include "lib/base/limits.h"
#include "lib/crypto/sign.h"
#include "lib/der/walk.h"
#include "lib/der/writer.h"
#include "lib/x509/name.h"
#include "lib/x509/signed.h"
#include "lib/x509/string.h"

#include <openssl/crypto.h>
#include <string.h>

#define SPEC "set-protocol 2, BrandCRLIdentifier"

static enum setpki_code
malformed(struct setpki_error *err, const char *field, const char *what)
{
	enum setpki_code rc = sp_fail(err, SETPKI_E_PARSE, SPEC, "%s", what);

	return sp_error_in(err, rc, "%s", field);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static enum setpki_code
read_entry(struct sp_der *list, struct sp_bci_entry *e, struct setpki_error *err)
{
	struct sp_der seq;
	int64_t number;

	if (!sp_der_enter(list, SP_SEQUENCE, &seq) || !sp_der_take_whole(&seq, SP_SEQUENCE, &e->issuer) ||
	    e->issuer.n > SP_NAME_MAX || sp_name_check(e->issuer, err) != SETPKI_E_OK)
		return malformed(err, "issuerName", "not a Name, or too long");
	if (!sp_der_int(&seq, &number) || number < 0)
		return malformed(err, "crlNumber", "not an INTEGER from 0 to 2^63 - 1");
	e->number = (uint64_t)number;
	return sp_der_end(&seq) ? SETPKI_E_OK : malformed(err, "crlNumber", "something stands after it");
}

static size_t
count(struct sp_der list)
{
	struct sp_tlv t;
	size_t n = 0;

	while (sp_der_any(&list, &t))
		n++;
	return n;
}

static enum setpki_code
read_entries(struct sp_der *list, struct sp_bci *out, struct setpki_error *err)
{
	size_t n = count(*list);
	enum setpki_code rc;

	if (n > SP_BCI_ENTRIES_MAX)
		return sp_fail(
		    err, SETPKI_E_LIMIT, NULL, "%zu CRLs are named; at most %u are read", n, SP_BCI_ENTRIES_MAX);
	if (n == 0)
		return malformed(err, "crlIdentifierSeq", "present but empty");
	if ((out->entries = OPENSSL_zalloc(n * sizeof(*out->entries))) == NULL)
		return sp_fail_memory(err);
	for (; out->n < n; out->n++)
		if ((rc = read_entry(list, &out->entries[out->n], err)) != SETPKI_E_OK)
			return sp_error_in(err, rc, "crlIdentifierSeq: entry %zu", out->n + 1);
	return SETPKI_E_OK;
}

static enum setpki_code
read_extensions(setpki_bytes list, struct sp_bci *out, struct setpki_error *err)
{
	struct sp_list_ext e;
	enum setpki_code rc = sp_list_ext_read(list, &e, err);

	if (rc != SETPKI_E_OK)
		return sp_error_in(err, rc, "bCRLExtensions");
	out->extensions = list;
	out->present = e.present;
	out->critical = e.critical;
	out->unknown = e.unknown;
	out->unknown_critical = e.unknown_critical;
	out->aki_issuer = e.aki_issuer;
	out->aki_serial = e.aki_serial;
	out->aki_keyid = e.aki_keyid;
	return SETPKI_E_OK;
}

static enum setpki_code
read_fixed(struct sp_der *t, struct sp_bci *out, struct setpki_error *err)
{
	int64_t version, sequence;
	uint8_t tag = 0;

	if (!sp_der_int(t, &version) || version != 0)
		return malformed(err, "version", "not bVer1 (0): another version, or no BCI");
	if (!sp_der_int(t, &sequence) || sequence < 0)
		return malformed(err, "sequenceNum", "not an INTEGER from 0 to 2^63 - 1");
	out->sequence = (uint64_t)sequence;
	if (!sp_setstring_take(t, SP_UB_BRAND_ID, &out->brand_id_tag, &out->brand_id))
		return malformed(err, "brandID", "not a SETString of 1 to 40 characters");
	if (!sp_der_time(t, &out->not_before, &tag) || tag != SP_GENTIME)
		return malformed(err, "notBefore", "not a GeneralizedTime in DER");
	if (!sp_der_time(t, &out->not_after, &tag) || tag != SP_GENTIME)
		return malformed(err, "notAfter", "not a GeneralizedTime in DER");
	return SETPKI_E_OK;
}

static enum setpki_code
read_tbs(struct sp_bci *out, struct setpki_error *err)
{
	struct sp_der d = sp_der(out->tbs), t, list;
	setpki_bytes extensions;
	enum setpki_code rc;

	if (!sp_der_enter(&d, SP_SEQUENCE, &t))
		return malformed(err, "signed part", "not a SEQUENCE");
	if ((rc = read_fixed(&t, out, err)) != SETPKI_E_OK)
		return rc;
	if (sp_der_enter_opt(&t, SP_CTXC(0), &list) && (rc = read_entries(&list, out, err)) != SETPKI_E_OK)
		return rc;
	if (sp_der_opt(&t, SP_CTXC(1), &extensions) && (rc = read_extensions(extensions, out, err)) != SETPKI_E_OK)
		return rc;
	return sp_der_end(&t) ? SETPKI_E_OK : malformed(err, "signed part", "something is there that does not belong");
}

enum setpki_code
sp_bci_parse(setpki_bytes der, struct sp_bci *out, struct setpki_error *err)
{
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	out->der = der;
	if (der.n > SP_BCI_MAX)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "BCI of %zu bytes; at most %u are read", der.n, SP_BCI_MAX);
	if ((rc = sp_der_walk(der, err)) != SETPKI_E_OK ||
	    (rc = sp_signed_read(der, &out->tbs, &out->sigalg, &out->sig, err)) != SETPKI_E_OK)
		return rc;
	sp_sigalg_find(out->sigalg, &out->suite, &out->sig_keyalg);
	if ((rc = read_tbs(out, err)) != SETPKI_E_OK)
		sp_bci_free(out);
	return rc;
}

void
sp_bci_free(struct sp_bci *bci)
{
	if (bci == NULL)
		return;
	OPENSSL_free(bci->entries);
	memset(bci, 0, sizeof(*bci));
}

enum setpki_code
sp_bci_verify(setpki_ctx *ctx, const struct sp_bci *bci, EVP_PKEY *key, struct setpki_error *err)
{
	if (bci->suite == SETPKI_SUITE_NONE)
		return sp_fail(err, SETPKI_E_SIGNATURE, "set-protocol 12.1",
		    "the signature algorithm is of no suite that is known here");
	if ((bci->sig_keyalg == SP_KEY_RSA) != (EVP_PKEY_is_a(key, "RSA") == 1))
		return sp_fail(err, SETPKI_E_SIGNATURE, SPEC, "the signature algorithm does not fit the signer's key");
	return sp_verify(ctx, bci->suite, key, bci->tbs, bci->sig, err);
}

void
sp_bci_brand(const struct sp_bci *bci, struct sp_buf *out)
{
	(void)sp_string_utf8(bci->brand_id_tag, bci->brand_id, out);
}

/* --- building ----------------------------------------------------------------------------------------------------- */

static enum setpki_code
check_spec(const struct sp_bci_spec *spec, struct setpki_error *err)
{
	setpki_bytes alg;

	if (spec->sequence == 0 || spec->sequence > INT64_MAX)
		return sp_fail(err, SETPKI_E_ARGUMENT, SPEC, "sequence numbers begin at 1");
	if (spec->not_after < spec->not_before)
		return sp_fail(err, SETPKI_E_ARGUMENT, SPEC, "notAfter is before notBefore");
	if (spec->n > SP_BCI_ENTRIES_MAX)
		return sp_fail(
		    err, SETPKI_E_LIMIT, NULL, "%zu CRLs; at most %u can be named", spec->n, SP_BCI_ENTRIES_MAX);
	for (size_t i = 0; i < spec->n; i++)
		if (spec->entries[i].number > INT64_MAX || spec->entries[i].issuer.n == 0)
			return sp_fail(err, SETPKI_E_ARGUMENT, SPEC,
			    "entry %zu: a Name and a CRL number below 2^63 are needed", i + 1);
	return sp_list_signer_check(spec->signer, spec->suite, &alg, err);
}

static void
put_entries(struct sp_buf *out, const struct sp_bci_spec *spec)
{
	size_t list, entry;

	if (spec->n == 0)
		return;
	list = sp_der_open(out, SP_CTXC(0));
	for (size_t i = 0; i < spec->n; i++) {
		entry = sp_der_open(out, SP_SEQUENCE);
		sp_buf_add_bytes(out, spec->entries[i].issuer);
		sp_der_put_int(out, (int64_t)spec->entries[i].number);
		sp_der_close(out, entry);
	}
	sp_der_close(out, list);
}

enum setpki_code
sp_bci_build(const struct sp_bci_spec *spec, struct sp_buf *tbs, struct setpki_error *err)
{
	enum setpki_code rc = check_spec(spec, err);
	struct sp_buf out = {0};
	size_t seq, extensions;

	if (rc != SETPKI_E_OK)
		return rc;
	seq = sp_der_open(&out, SP_SEQUENCE);
	sp_der_put_int(&out, 0);
	sp_der_put_int(&out, (int64_t)spec->sequence);
	if ((rc = sp_setstring_put(&out, spec->brand_id, SP_UB_BRAND_ID, "brandID", err)) != SETPKI_E_OK)
		goto out;
	sp_der_put_gentime(&out, spec->not_before);
	sp_der_put_gentime(&out, spec->not_after);
	put_entries(&out, spec);
	extensions = sp_der_open(&out, SP_CTXC(1));
	sp_list_aki_put(&out, spec->signer, spec->suite);
	sp_der_close(&out, extensions);
	sp_der_close(&out, seq);
	sp_buf_add_bytes(tbs, sp_buf_bytes(&out));
	rc = out.failed || tbs->failed ? sp_fail_memory(err) : SETPKI_E_OK;
out:
	sp_buf_free(&out);
	return rc;
}
