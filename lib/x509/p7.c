/* PKCS#7 1.5 (RFC 2315 9.1): SignedData with no signer, which carries certificates and CRLs. */
#include "lib/x509/p7.h"

#include "lib/base/limits.h"
#include "lib/der/walk.h"
#include "lib/der/writer.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#define SPEC "RFC 2315 9.1; set-protocol 12.16"

static const uint8_t oid_data[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01};
static const uint8_t oid_signed_data[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02};
/* id-set-content-BCIDistributionTBS, 2.23.42.0.82 */
static const uint8_t oid_bci_distribution[] = {0x67, 0x2a, 0x00, 0x52};

static enum setpki_code
malformed(struct setpki_error *err, const char *field, const char *what)
{
	enum setpki_code rc = sp_fail(err, SETPKI_E_PARSE, SPEC, "%s", what);

	return sp_error_in(err, rc, "%s", field);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* A SET OF whole SEQUENCEs, borrowed. */
static enum setpki_code
read_set(struct sp_der *list, const char *field, setpki_bytes **v, size_t *n, struct setpki_error *err)
{
	struct sp_der ahead = *list;
	struct sp_tlv t;
	size_t count = 0;

	while (sp_der_any(&ahead, &t))
		if (t.tag != SP_SEQUENCE || ++count > SP_P7_OBJECTS_MAX)
			return malformed(err, field, "an element is no SEQUENCE, or there are too many");
	if (!sp_der_end(&ahead))
		return malformed(err, field, "not a SET OF");
	if (count == 0)
		return SETPKI_E_OK;
	if ((*v = OPENSSL_malloc(count * sizeof(**v))) == NULL)
		return sp_fail_memory(err);
	while (sp_der_any(list, &t))
		(*v)[(*n)++] = t.whole;
	return SETPKI_E_OK;
}

/* contentInfo within SignedData: { type, [0] EXPLICIT content OPTIONAL } */
static enum setpki_code
read_content(struct sp_der *sd, struct sp_p7 *out, struct setpki_error *err)
{
	struct sp_der info, wrap;
	struct sp_tlv t;

	if (!sp_der_enter(sd, SP_SEQUENCE, &info) || !sp_der_oid(&info, &out->content_type))
		return malformed(err, "contentInfo", "not a ContentInfo");
	if (sp_der_enter_opt(&info, SP_CTXC(0), &wrap)) {
		if (!sp_der_any(&wrap, &t) || !sp_der_end(&wrap))
			return malformed(err, "contentInfo", "not one element of content");
		out->content = t.whole;
	}
	return sp_der_end(&info) ? SETPKI_E_OK : malformed(err, "contentInfo", "something stands after the content");
}

static enum setpki_code
read_signed_data(struct sp_der *sd, struct sp_p7 *out, struct setpki_error *err)
{
	struct sp_der list;
	enum setpki_code rc;
	setpki_bytes set;
	int64_t version;

	if (!sp_der_int(sd, &version) || version != 1)
		return malformed(err, "version", "not version 1 (PKCS#7 1.5)");
	if (!sp_der_take(sd, SP_SET, &set))
		return malformed(err, "digestAlgorithms", "not a SET");
	if ((rc = read_content(sd, out, err)) != SETPKI_E_OK)
		return rc;
	if (sp_der_enter_opt(sd, SP_CTXC(0), &list) &&
	    (rc = read_set(&list, "certificates", &out->certs, &out->ncerts, err)) != SETPKI_E_OK)
		return rc;
	if (sp_der_enter_opt(sd, SP_CTXC(1), &list) &&
	    (rc = read_set(&list, "crls", &out->crls, &out->ncrls, err)) != SETPKI_E_OK)
		return rc;
	if (!sp_der_take(sd, SP_SET, &set) || !sp_der_end(sd))
		return malformed(err, "signerInfos", "not a SET, or something stands after it");
	return SETPKI_E_OK;
}

enum setpki_code
sp_p7_parse(setpki_bytes der, struct sp_p7 *out, struct setpki_error *err)
{
	struct sp_der d = sp_der(der), info, wrap, sd;
	enum setpki_code rc;
	setpki_bytes type;

	memset(out, 0, sizeof(*out));
	if (der.n > SP_FILE_MAX)
		return sp_fail(
		    err, SETPKI_E_LIMIT, NULL, "PKCS#7 of %zu bytes; at most %u are read", der.n, SP_FILE_MAX);
	if (!sp_der_enter(&d, SP_SEQUENCE, &info) || !sp_der_end(&d) || !sp_der_oid(&info, &type) ||
	    !sp_bytes_eq(type, SP_BYTES(oid_signed_data)))
		return malformed(err, "contentType", "not a PKCS#7 SignedData in DER");
	if (!sp_der_enter(&info, SP_CTXC(0), &wrap) || !sp_der_end(&info) || !sp_der_enter(&wrap, SP_SEQUENCE, &sd) ||
	    !sp_der_end(&wrap))
		return malformed(err, "content", "not a PKCS#7 SignedData in DER");
	if ((rc = read_signed_data(&sd, out, err)) != SETPKI_E_OK)
		sp_p7_free(out);
	return rc;
}

void
sp_p7_free(struct sp_p7 *p7)
{
	if (p7 == NULL)
		return;
	OPENSSL_free(p7->certs);
	OPENSSL_free(p7->crls);
	memset(p7, 0, sizeof(*p7));
}

enum setpki_code
sp_p7_bci(const struct sp_p7 *p7, setpki_bytes *bci, struct setpki_error *err)
{
	struct sp_der d = sp_der(p7->content), seq;
	int64_t date;

	*bci = (setpki_bytes){NULL, 0};
	if (!sp_bytes_eq(p7->content_type, SP_BYTES(oid_bci_distribution)))
		return SETPKI_E_OK;
	if (!sp_der_enter(&d, SP_SEQUENCE, &seq) || !sp_der_end(&d) || !sp_der_time(&seq, &date, NULL) ||
	    !sp_der_take_whole(&seq, SP_SEQUENCE, bci) || !sp_der_end(&seq))
		return malformed(err, "BCIDistributionTBS", "not { date, brandCRLIdentifier }");
	return SETPKI_E_OK;
}

/* --- building ----------------------------------------------------------------------------------------------------- */

/* The order of a SET OF in DER: encodings as octet strings, the shorter one padded with zeros (X.690 11.6).  No
 * encoding is the beginning of another one, so that plain comparison does it. */
static int
compare(const void *a, const void *b)
{
	return sp_bytes_cmp(*(const setpki_bytes *)a, *(const setpki_bytes *)b);
}

static enum setpki_code
put_set(struct sp_buf *out, uint8_t tag, const setpki_bytes *v, size_t n, struct setpki_error *err)
{
	setpki_bytes *sorted;
	size_t set;

	if (n == 0)
		return SETPKI_E_OK;
	if (n > SP_P7_OBJECTS_MAX)
		return sp_fail(
		    err, SETPKI_E_LIMIT, NULL, "%zu objects; a PKCS#7 takes at most %u", n, SP_P7_OBJECTS_MAX);
	if ((sorted = OPENSSL_memdup(v, n * sizeof(*v))) == NULL)
		return sp_fail_memory(err);
	qsort(sorted, n, sizeof(*sorted), compare);
	set = sp_der_open(out, tag);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || !sp_bytes_eq(sorted[i], sorted[i - 1]))
			sp_buf_add_bytes(out, sorted[i]);
	sp_der_close(out, set);
	OPENSSL_free(sorted);
	return SETPKI_E_OK;
}

static void
put_content(struct sp_buf *out, setpki_bytes bci, int64_t date)
{
	size_t info = sp_der_open(out, SP_SEQUENCE), wrap, seq;

	if (bci.n == 0) {
		sp_der_put_oid(out, SP_BYTES(oid_data));
	} else {
		sp_der_put_oid(out, SP_BYTES(oid_bci_distribution));
		wrap = sp_der_open(out, SP_CTXC(0));
		seq = sp_der_open(out, SP_SEQUENCE);
		sp_der_put_gentime(out, date);
		sp_buf_add_bytes(out, bci);
		sp_der_close(out, seq);
		sp_der_close(out, wrap);
	}
	sp_der_close(out, info);
}

enum setpki_code
sp_p7_build(const setpki_bytes *certs, size_t ncerts, const setpki_bytes *crls, size_t ncrls, setpki_bytes bci,
    int64_t date, struct sp_buf *der, struct setpki_error *err)
{
	size_t info, wrap, sd;
	enum setpki_code rc;

	info = sp_der_open(der, SP_SEQUENCE);
	sp_der_put_oid(der, SP_BYTES(oid_signed_data));
	wrap = sp_der_open(der, SP_CTXC(0));
	sd = sp_der_open(der, SP_SEQUENCE);
	sp_der_put_int(der, 1);
	sp_der_put(der, SP_SET, sp_bytes(NULL, 0));
	put_content(der, bci, date);
	if ((rc = put_set(der, SP_CTXC(0), certs, ncerts, err)) != SETPKI_E_OK ||
	    (rc = put_set(der, SP_CTXC(1), crls, ncrls, err)) != SETPKI_E_OK)
		return rc;
	sp_der_put(der, SP_SET, sp_bytes(NULL, 0));
	sp_der_close(der, sd);
	sp_der_close(der, wrap);
	sp_der_close(der, info);
	return der->failed ? sp_fail_memory(err) : SETPKI_E_OK;
}
