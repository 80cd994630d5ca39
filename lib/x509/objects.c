/* Files taken apart: DER, PEM and PKCS#7 are told apart by what they contain. */
#include "lib/base/error.h"
#include "lib/base/limits.h"
#include "lib/der/reader.h"
#include "lib/x509/p7.h"
#include "lib/x509/pem.h"

#include <openssl/crypto.h>
#include <setpki/object.h>
#include <string.h>

/* --- what a DER object is ----------------------------------------------------------------------------------------- */

#define SHAPE_MAX 6
/* A bundle is no object: its members are. */
#define BUNDLE ((enum setpki_object_type)(SETPKI_OBJECT_PRIVKEY + 1))

/* Tags of the first elements of a SEQUENCE; 0 after its end. */
struct shape {
	uint8_t tag[SHAPE_MAX];
	setpki_bytes first; /* contents of the first element */
};

static bool
shape_of(setpki_bytes contents, struct shape *s)
{
	struct sp_der d = sp_der(contents);
	struct sp_tlv t;

	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < SHAPE_MAX && sp_der_any(&d, &t); i++) {
		s->tag[i] = t.tag;
		if (i == 0)
			s->first = t.value;
	}
	return !d.bad && s->tag[0] != 0;
}

static bool
is_time(uint8_t tag)
{
	return tag == SP_UTCTIME || tag == SP_GENTIME;
}

#define ANY 0xff
#define TIME 0xfe

/* First tags of the signed part, and of what is not signed.  The first row that fits decides; 0 is the end. */
static const struct row {
	enum setpki_object_type type;
	uint8_t tag[SHAPE_MAX];
} signed_rows[] =
    {
	{SETPKI_OBJECT_CERT, {SP_CTXC(0), SP_INTEGER, SP_SEQUENCE, SP_SEQUENCE, SP_SEQUENCE, SP_SEQUENCE}},
	{SETPKI_OBJECT_CERT,
	    {SP_INTEGER, SP_SEQUENCE, SP_SEQUENCE, SP_SEQUENCE, SP_SEQUENCE, SP_SEQUENCE}}, /* version 1 */
	{SETPKI_OBJECT_CRL, {SP_INTEGER, SP_SEQUENCE, SP_SEQUENCE, TIME, ANY, ANY}},
	{SETPKI_OBJECT_CRL, {SP_SEQUENCE, SP_SEQUENCE, TIME, ANY, ANY, ANY}}, /* version 1 */
	{SETPKI_OBJECT_BCI, {SP_INTEGER, SP_INTEGER, SP_VISIBLE, SP_GENTIME, SP_GENTIME, ANY}},
	{SETPKI_OBJECT_BCI, {SP_INTEGER, SP_INTEGER, SP_BMP, SP_GENTIME, SP_GENTIME, ANY}},
	{SETPKI_OBJECT_CSR, {SP_INTEGER, SP_SEQUENCE, SP_SEQUENCE, SP_CTXC(0), 0, 0}},
	{SETPKI_OBJECT_CSR, {SP_INTEGER, SP_SEQUENCE, SP_SEQUENCE, 0, 0, 0}},
},
  plain_rows[] = {
      {BUNDLE, {SP_OID, SP_CTXC(0), 0, 0, 0, 0}}, /* ContentInfo */
      {SETPKI_OBJECT_PUBKEY, {SP_SEQUENCE, SP_BIT_STRING, 0, 0, 0, 0}},
      {SETPKI_OBJECT_MESSAGE, {SP_SEQUENCE, SP_CTXC(0), 0, 0, 0, 0}},			  /* MessageWrapper */
      {SETPKI_OBJECT_MESSAGE, {SP_SEQUENCE, SP_CTXC(0), SP_CTXC(1), 0, 0, 0}},		  /* with extensions */
      {SETPKI_OBJECT_MESSAGE, {SP_INTEGER, SP_SEQUENCE, SP_SEQUENCE, SP_SEQUENCE, 0, 0}}, /* SignedData of PKCS#7 1.6 */
      {SETPKI_OBJECT_MESSAGE, {SP_INTEGER, SP_SEQUENCE, SP_SEQUENCE, SP_CTXC(2), SP_SEQUENCE, 0}},
      {SETPKI_OBJECT_MESSAGE, {SP_INTEGER, SP_SEQUENCE, SP_SEQUENCE, SP_CTXC(3), SP_SEQUENCE, 0}},
      {SETPKI_OBJECT_MESSAGE, {SP_INTEGER, SP_SEQUENCE, SP_SEQUENCE, SP_CTXC(2), SP_CTXC(3), SP_SEQUENCE}},
      {SETPKI_OBJECT_PRIVKEY, {SP_SEQUENCE, SP_OCTET_STRING, 0, 0, 0, 0}},		  /* PKCS#8, encrypted */
      {SETPKI_OBJECT_PRIVKEY, {SP_INTEGER, SP_SEQUENCE, SP_OCTET_STRING, ANY, ANY, ANY}}, /* PKCS#8 */
      {SETPKI_OBJECT_PRIVKEY, {SP_INTEGER, SP_INTEGER, SP_INTEGER, SP_INTEGER, SP_INTEGER, SP_INTEGER}}, /* PKCS#1 */
      {SETPKI_OBJECT_PRIVKEY, {SP_INTEGER, SP_OCTET_STRING, SP_CTXC(0), ANY, ANY, ANY}},		 /* RFC 5915 */
};

static bool
fits(const struct row *r, const struct shape *s)
{
	for (size_t i = 0; i < SHAPE_MAX; i++)
		if (r->tag[i] == TIME ? !is_time(s->tag[i]) : r->tag[i] != ANY && r->tag[i] != s->tag[i])
			return false;
	return true;
}

static enum setpki_object_type
find(const struct row *rows, size_t n, const struct shape *s)
{
	for (size_t i = 0; i < n; i++)
		if (fits(&rows[i], s))
			return rows[i].type;
	return SETPKI_OBJECT_UNKNOWN;
}

static enum setpki_object_type
classify(setpki_bytes der)
{
	struct sp_der d = sp_der(der);
	struct shape s, inner;
	setpki_bytes contents;

	if (!sp_der_take(&d, SP_SEQUENCE, &contents) || !sp_der_end(&d) || !shape_of(contents, &s))
		return SETPKI_OBJECT_UNKNOWN;
	if (s.tag[0] == SP_SEQUENCE && s.tag[1] == SP_SEQUENCE && s.tag[2] == SP_BIT_STRING && s.tag[3] == 0)
		return shape_of(s.first, &inner)
		    ? find(signed_rows, sizeof(signed_rows) / sizeof(signed_rows[0]), &inner)
		    : SETPKI_OBJECT_UNKNOWN;
	return find(plain_rows, sizeof(plain_rows) / sizeof(plain_rows[0]), &s);
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

static enum setpki_code
add(struct setpki_objects *out, enum setpki_object_type type, setpki_bytes der, struct setpki_error *err)
{
	size_t cap = out->cap == 0 ? 8 : 2 * out->cap;
	struct setpki_object *v;

	if (out->n == SP_P7_OBJECTS_MAX)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "more than %u objects in one file", SP_P7_OBJECTS_MAX);
	if (out->n == out->cap) {
		if ((v = OPENSSL_realloc(out->v, cap * sizeof(*v))) == NULL)
			return sp_fail_memory(err);
		out->v = v;
		out->cap = cap;
	}
	out->v[out->n++] = (struct setpki_object){type, der};
	return SETPKI_E_OK;
}

static enum setpki_code
add_members(
    struct setpki_objects *out, enum setpki_object_type type, const setpki_bytes *v, size_t n, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;

	for (size_t i = 0; i < n && rc == SETPKI_E_OK; i++) {
		if (classify(v[i]) != type)
			rc = sp_fail(err, SETPKI_E_PARSE, "set-protocol 12.16", "member %zu of the bundle is not a %s",
			    i + 1, setpki_object_name(type));
		else
			rc = add(out, type, v[i], err);
	}
	return rc;
}

static enum setpki_code
add_bundle(struct setpki_objects *out, setpki_bytes der, struct setpki_error *err)
{
	struct sp_p7 p7;
	setpki_bytes bci;
	enum setpki_code rc = sp_p7_parse(der, &p7, err);
	size_t before = out->n;

	if (rc != SETPKI_E_OK)
		return sp_error_in(err, rc, "PKCS#7");
	if ((rc = add_members(out, SETPKI_OBJECT_CERT, p7.certs, p7.ncerts, err)) == SETPKI_E_OK &&
	    (rc = add_members(out, SETPKI_OBJECT_CRL, p7.crls, p7.ncrls, err)) == SETPKI_E_OK &&
	    (rc = sp_p7_bci(&p7, &bci, err)) == SETPKI_E_OK && bci.n != 0)
		rc = add_members(out, SETPKI_OBJECT_BCI, &bci, 1, err);
	if (rc == SETPKI_E_OK && out->n == before)
		rc = sp_fail(
		    err, SETPKI_E_PARSE, "set-protocol 12.16", "the bundle carries neither certificate nor CRL");
	sp_p7_free(&p7);
	return rc == SETPKI_E_OK ? rc : sp_error_in(err, rc, "PKCS#7");
}

static enum setpki_code
add_der(struct setpki_objects *out, setpki_bytes der, struct setpki_error *err)
{
	enum setpki_object_type type = classify(der);

	if (type == BUNDLE)
		return add_bundle(out, der, err);
	if (type == SETPKI_OBJECT_UNKNOWN)
		return sp_fail(err, SETPKI_E_PARSE, NULL,
		    "DER, but no certificate, CRL, BCI, PKCS#10 request, PKCS#7 bundle, SET message or key");
	return add(out, type, der, err);
}

/* --- PEM ---------------------------------------------------------------------------------------------------------- */

/* What each label promises (RFC 7468; the last rows: what OpenSSL writes). */
static const struct {
	const char *label;
	enum setpki_object_type type;
} labels[] = {
    {"CERTIFICATE", SETPKI_OBJECT_CERT}, {"X509 CRL", SETPKI_OBJECT_CRL}, {"BRAND CRL IDENTIFIER", SETPKI_OBJECT_BCI},
    {"CERTIFICATE REQUEST", SETPKI_OBJECT_CSR}, {"PKCS7", BUNDLE}, {"PUBLIC KEY", SETPKI_OBJECT_PUBKEY},
    {"SET MESSAGE", SETPKI_OBJECT_MESSAGE}, {"PRIVATE KEY", SETPKI_OBJECT_PRIVKEY},
    {"ENCRYPTED PRIVATE KEY", SETPKI_OBJECT_PRIVKEY}, {"NEW CERTIFICATE REQUEST", SETPKI_OBJECT_CSR}, {"CMS", BUNDLE},
    {"RSA PRIVATE KEY", SETPKI_OBJECT_PRIVKEY}, {"EC PRIVATE KEY", SETPKI_OBJECT_PRIVKEY},
    {"EC PARAMETERS", SETPKI_OBJECT_UNKNOWN}, /* stands before such a key; says nothing more */
};
#define NLABELS (sizeof(labels) / sizeof(labels[0]))

const char *
setpki_object_label(enum setpki_object_type type)
{
	for (size_t i = 0; i < NLABELS && type != SETPKI_OBJECT_UNKNOWN; i++)
		if (labels[i].type == type)
			return labels[i].label;
	return NULL;
}

static bool
promised(const char *label, enum setpki_object_type *type)
{
	for (size_t i = 0; i < NLABELS; i++)
		if (strcmp(labels[i].label, label) == 0) {
			*type = labels[i].type;
			return true;
		}
	return false;
}

static enum setpki_code
mislabelled(const struct sp_pem_block *b, struct setpki_error *err)
{
	return sp_fail(
	    err, SETPKI_E_PARSE, "RFC 7468", "line %zu: the contents are not what \"%s\" says", b->line, b->label);
}

/* One block; its octets go to `mem`, which has room. */
static enum setpki_code
add_block(struct setpki_objects *out, const struct sp_pem_block *b, uint8_t *mem, size_t *n, struct setpki_error *err)
{
	enum setpki_object_type want = SETPKI_OBJECT_UNKNOWN;
	bool known = promised(b->label, &want);
	setpki_bytes der = {mem, 0};
	enum setpki_code rc;

	*n = 0;
	if (known && want == SETPKI_OBJECT_UNKNOWN)
		return SETPKI_E_OK;
	if (want == SETPKI_OBJECT_PRIVKEY) /* neither decoded nor kept */
		return add(out, want, (setpki_bytes){NULL, 0}, err);
	if ((rc = sp_pem_decode(b, mem, n, err)) != SETPKI_E_OK)
		return rc;
	der.n = *n;
	if (classify(der) == SETPKI_OBJECT_PRIVKEY) {
		OPENSSL_cleanse(mem, *n);
		*n = 0;
		return known ? mislabelled(b, err) : add(out, SETPKI_OBJECT_PRIVKEY, (setpki_bytes){NULL, 0}, err);
	}
	if (known && classify(der) != want)
		return mislabelled(b, err);
	rc = add_der(out, der, err);
	return rc == SETPKI_E_OK ? rc : sp_error_in(err, rc, "PEM block at line %zu", b->line);
}

static enum setpki_code
read_pem(setpki_bytes in, struct setpki_objects *out, struct setpki_error *err)
{
	struct sp_pem p = {in, 0};
	struct sp_pem_block b;
	size_t used = 0, n;
	enum setpki_code rc;

	if ((out->mem = OPENSSL_malloc(in.n)) == NULL)
		return sp_fail_memory(err);
	while ((rc = sp_pem_next(&p, &b, err)) == SETPKI_E_OK) {
		if ((rc = add_block(out, &b, (uint8_t *)out->mem + used, &n, err)) != SETPKI_E_OK)
			return rc;
		used += n;
	}
	if (rc != SETPKI_E_NOTFOUND)
		return rc;
	return out->n != 0 ? SETPKI_E_OK
			   : sp_fail(err, SETPKI_E_PARSE, NULL, "neither DER nor PEM: there is no BEGIN line");
}

/* One SEQUENCE from the first octet to the last. */
static bool
is_der(setpki_bytes in)
{
	struct sp_der d = sp_der(in);
	setpki_bytes contents;

	return sp_der_take(&d, SP_SEQUENCE, &contents) && sp_der_end(&d);
}

static bool
has_pem(setpki_bytes in)
{
	return memmem(in.p, in.n, "-----BEGIN ", 11) != NULL;
}

enum setpki_code
setpki_objects_read(setpki_bytes in, struct setpki_objects *out, struct setpki_error *err)
{
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	if (in.n == 0)
		return sp_fail(err, SETPKI_E_PARSE, NULL, "the file is empty");
	if (in.n > SP_FILE_MAX)
		return sp_fail(
		    err, SETPKI_E_LIMIT, NULL, "a file of %zu bytes; at most %u are read", in.n, SP_FILE_MAX);
	if (is_der(in))
		rc = add_der(out, in, err);
	else if (in.p[0] == SP_SEQUENCE && !has_pem(in))
		rc = sp_fail(err, SETPKI_E_PARSE, "set-protocol 12.2",
		    "begins like DER, but is cut short, goes on after its end, or is BER");
	else
		rc = read_pem(in, out, err);
	if (rc != SETPKI_E_OK)
		setpki_objects_free(out);
	return rc;
}

void
setpki_objects_free(struct setpki_objects *o)
{
	if (o == NULL)
		return;
	OPENSSL_free(o->v);
	OPENSSL_free(o->mem);
	memset(o, 0, sizeof(*o));
}
