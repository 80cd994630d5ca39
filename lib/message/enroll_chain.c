/* Whom an answer comes from: its signature, the CA's chain, the CA's other certificates (set-protocol 7, 12.3, 12.12).
 */
#include "lib/message/enroll.h"

#include "lib/x509/name.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum setpki_code
sp_refuse(struct sp_fault *f, enum setpki_code code, enum setpki_error_code error, const char *fmt, ...)
{
	char text[320];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (f->code != SETPKI_ERR_NONE)
		return code;
	f->code = error;
	return sp_fail(&f->why, code, "set-protocol 8", "%s", text);
}

enum setpki_code
sp_refused(struct sp_fault *f, enum setpki_code rc, enum setpki_error_code error)
{
	if (rc != SETPKI_E_OK && rc != SETPKI_E_MEMORY && rc != SETPKI_E_CRYPTO && f->code == SETPKI_ERR_NONE)
		f->code = error;
	return rc;
}

/* --- certificates at hand ---------------------------------------------------------------------------- */

setpki_bytes
sp_answer_find(const struct sp_answer *a, sp_cert_is *is, const void *arg)
{
	struct sp_der d = sp_der(sp_part(&a->e->s, SP_PART_OBJECTS));
	struct setpki_object o;

	for (size_t i = 0; a->data.data != NULL && i < a->data.ncerts && i < SP_ANSWER_OBJECTS_MAX; i++)
		if (is(a, arg, sp_sdata_cert(&a->data, i)))
			return sp_sdata_cert(&a->data, i);
	while (sp_object_next(&d, &o))
		if (o.type == SETPKI_OBJECT_CERT && is(a, arg, o.der))
			return o.der;
	return sp_bytes(NULL, 0);
}

bool
sp_is_thumb(const struct sp_answer *a, const void *thumb, setpki_bytes der)
{
	return sp_cert_thumb_is(a->e->ctx, a->e->suite, thumb, der);
}

static bool
is_signer(const struct sp_answer *a, const void *arg, setpki_bytes der)
{
	const struct sp_signer *who = arg;
	struct sp_cert c;

	(void)a;
	return sp_cert_parse(der, &c, NULL) == SETPKI_E_OK && sp_bytes_eq(c.issuer, who->issuer) &&
	    sp_bytes_eq(c.serial, sp_signer_serial(who));
}

/* --- the signature ------------------------------------------------------------------------------------ */

/* For sp_sdata_verify_all(): the certificate stays in a->signer. */
static EVP_PKEY *
key_of(void *arg, size_t i, const struct sp_signer *who, setpki_bytes content)
{
	struct sp_answer *a = arg;
	setpki_bytes der = sp_answer_find(a, is_signer, who);

	(void)content;
	if (i != 0 || who->uncertified || sp_cert_parse(der, &a->signer, NULL) != SETPKI_E_OK ||
	    sp_spki_pkey(a->e->ctx, &a->signer.key, &a->signer_key, NULL) != SETPKI_E_OK) {
		if (who->nserial != 0 && der.n == 0)
			a->fault->code = SETPKI_ERR_MISSING_CERTIFICATE;
		return NULL;
	}
	return a->signer_key;
}

/* What is wrong with the outside of signed or encrypted data. */
static enum setpki_code
not_opened(struct sp_answer *a, enum setpki_code rc)
{
	enum setpki_error_code error = rc == SETPKI_E_SIGNATURE ? SETPKI_ERR_SIGNATURE_FAILURE
	    : rc == SETPKI_E_SUITE				? SETPKI_ERR_MESSAGE_NOT_SUPPORTED
								: SETPKI_ERR_DECODING_FAILURE;

	return sp_refused(a->fault, rc, error);
}

enum setpki_code
sp_answer_open(struct sp_answer *a, setpki_bytes der, bool enck, enum sp_content content, const struct sp_type *type)
{
	const setpki_enroll *e = a->e;
	const struct sp_verify_ask ask = {content, NULL, key_of, a};
	setpki_bytes back = sp_part(&e->s, SP_PART_BACK_KEY);
	struct setpki_error *why = &a->fault->why;
	bool first;
	enum setpki_code rc;

	if (enck && back.n == 0)
		return sp_refuse(a->fault, SETPKI_E_DECRYPT, SETPKI_ERR_DECODING_FAILURE,
		    "an encrypted answer, though we gave no back key");
	if (enck) {
		rc = sp_enck_open(e->ctx, e->suite, SP_CT_CERT_RES_TBE, back.p, &ask, der, &a->data, why);
	} else if ((rc = sp_sdata_read(der, &a->data, why)) == SETPKI_E_OK) {
		rc = sp_sdata_verify_all(
		    e->ctx, e->suite, &a->data, a->data.content, a->data.content, &ask, &first, why);
	}
	if (rc != SETPKI_E_OK)
		return not_opened(a, rc);
	rc = sp_type_decode(type, a->data.content, &a->tbs, why);
	return sp_refused(a->fault, rc, SETPKI_ERR_DECODING_FAILURE);
}

/* --- the chain ---------------------------------------------------------------------------------------- */

/* What cannot be read is left out: the chain will miss it. */
static enum setpki_code
put(setpki_pool *pool, enum setpki_object_type type, setpki_bytes der, struct setpki_error *err)
{
	const struct setpki_object o = {type, der};
	struct setpki_error why = {0};
	enum setpki_code rc = der.n != 0 ? setpki_pool_add(pool, &o, NULL, &why) : SETPKI_E_OK;

	return rc == SETPKI_E_MEMORY ? sp_fail_memory(err) : SETPKI_E_OK;
}

static enum setpki_code
put_beside(struct sp_answer *a, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;

	for (size_t i = 0; rc == SETPKI_E_OK && i < a->data.ncerts && i < SP_ANSWER_OBJECTS_MAX; i++)
		rc = put(a->pool, SETPKI_OBJECT_CERT, sp_sdata_cert(&a->data, i), err);
	for (size_t i = 0; rc == SETPKI_E_OK && i < a->data.ncrls && i < SP_ANSWER_OBJECTS_MAX; i++)
		rc = put(a->pool, SETPKI_OBJECT_CRL, sp_sdata_crl(&a->data, i), err);
	return rc == SETPKI_E_OK ? put(a->pool, SETPKI_OBJECT_BCI, a->bci, err) : rc;
}

enum setpki_code
sp_answer_pool(struct sp_answer *a)
{
	struct setpki_error *err = &a->fault->why;
	struct sp_der d = sp_der(sp_part(&a->e->s, SP_PART_OBJECTS));
	struct setpki_object o;
	enum setpki_code rc = setpki_pool_copy(a->e->pool, &a->pool, err);

	while (rc == SETPKI_E_OK && sp_object_next(&d, &o))
		rc = put(a->pool, o.type, o.der, err);
	return rc == SETPKI_E_OK ? put_beside(a, err) : rc;
}

/* SET's code for what a chain was refused for. */
static enum setpki_error_code
error_of(const struct setpki_finding *f)
{
	static const struct {
		const char *id;
		enum setpki_error_code code;
	} rows[] = {
	    {"chain.validity.expired", SETPKI_ERR_EXPIRED_CERTIFICATE},
	    {"chain.validity.notyet", SETPKI_ERR_EXPIRED_CERTIFICATE}, /* set-protocol 7 step 4 */
	    {"chain.revoked", SETPKI_ERR_REVOKED_CERTIFICATE},
	    {"chain.bci.signer.revoked", SETPKI_ERR_REVOKED_CERTIFICATE},
	    {"chain.crl.signer.revoked", SETPKI_ERR_REVOKED_CERTIFICATE},
	    {"chain.issuer.missing", SETPKI_ERR_MISSING_CERTIFICATE},
	    {"chain.signature", SETPKI_ERR_SIGNATURE_FAILURE},
	    {"chain.ext.unknown", SETPKI_ERR_UNRECOGNIZED_EXTENSION},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].id, f->rule->id) == 0)
			return rows[i].code;
	return f->rule->severity == SETPKI_UNDECIDED ? SETPKI_ERR_MISSING_CERTIFICATE : SETPKI_ERR_INVALID_CERTIFICATE;
}

static enum setpki_code
refuse_chain(struct sp_answer *a, const struct setpki_chain_result *r, setpki_bytes der)
{
	const struct setpki_finding *f = setpki_chain_reason(r);
	struct sp_fault *fault = a->fault;

	if (fault->code == SETPKI_ERR_NONE &&
	    sp_thumb_of(a->e->ctx, a->e->suite, der, fault->thumb, NULL) == SETPKI_E_OK)
		fault->nthumb = sp_suite(a->e->suite)->digest_len;
	if (f == NULL)
		return sp_refuse(fault, SETPKI_E_POLICY, SETPKI_ERR_INVALID_CERTIFICATE, "a chain that is not valid");
	return sp_refuse(fault, r->verdict == SETPKI_REFUSED ? SETPKI_E_POLICY : SETPKI_E_PENDING, error_of(f),
	    "%s: %.100s: %.180s", f->rule->id, f->object, f->text);
}

enum setpki_code
sp_answer_chain(struct sp_answer *a, setpki_bytes der, const struct sp_chain_wish *wish)
{
	const setpki_enroll *e = a->e;
	/* A CA may be ahead of us by what a message may be (12.19): what it made just now begins in our future. */
	const struct setpki_chain_ask ask = {.at = a->in.date > a->now ? a->in.date : a->now,
	    .signed_at = wish->signed_at,
	    .type = wish->type,
	    .kind = wish->kind,
	    .brand = sp_part_text(&e->s, SP_PART_BRAND),
	    .suite = e->suite,
	    .revocation = e->revocation};
	struct setpki_chain_result r = {0};
	enum setpki_code rc = setpki_chain_verify(a->pool, der, &ask, &r, &a->fault->why);

	if (rc == SETPKI_E_OK && r.verdict != SETPKI_VALID)
		rc = refuse_chain(a, &r, der);
	setpki_chain_result_free(&r);
	return sp_refused(a->fault, rc, SETPKI_ERR_INVALID_CERTIFICATE);
}

bool
sp_same_ca(const struct sp_cert *a, const struct sp_cert *b)
{
	return a->type == b->type && sp_name_same_ca(a->subject, b->subject, NULL, NULL) &&
	    sp_name_same_ca(a->issuer, b->issuer, NULL, NULL);
}

enum setpki_code
sp_answer_signer(struct sp_answer *a)
{
	const struct sp_chain_wish wish = {SETPKI_KIND_CA_SIG, a->e->row->ca, a->in.date};
	setpki_bytes known = sp_part(&a->e->s, SP_PART_CA_SIG);
	struct sp_cert before;
	enum setpki_code rc = sp_answer_chain(a, a->signer.der, &wish);

	if (rc != SETPKI_E_OK)
		return rc;
	if (known.n == 0)
		return sp_part_set(&a->next, SP_PART_CA_SIG, a->signer.der, &a->fault->why);
	if (sp_cert_parse(known, &before, NULL) != SETPKI_E_OK || !sp_same_ca(&before, &a->signer))
		return sp_refuse(a->fault, SETPKI_E_RULE, SETPKI_ERR_SIGNATURE_FAILURE,
		    "another CA signed than the one that answered first (set-protocol 12.12)");
	return SETPKI_E_OK;
}

/* Whether we have a cipher that a cardholder CA's Tunneling names (set-protocol 8, CardCInitRes; 12.1). */
static bool
tunnels(const struct sp_cert *c, enum setpki_suite suite)
{
	struct sp_der d = sp_der(c->ext[SP_EXT_TUNNELING]), seq, algs;
	bool tunneling = false;
	setpki_bytes oid;

	if (!sp_cert_has(c, SP_EXT_TUNNELING))
		return (c->type & SETPKI_TYPE_CCA) == 0;
	if (!sp_der_enter(&d, SP_SEQUENCE, &seq) || !sp_der_bool_default(&seq, true, &tunneling) || !tunneling ||
	    !sp_der_enter(&seq, SP_SEQUENCE, &algs))
		return false;
	while (sp_der_oid(&algs, &oid))
		if (sp_bytes_eq(oid, sp_tunnel_oid(suite)))
			return true;
	return false;
}

enum setpki_code
sp_answer_exchange(struct sp_answer *a, const SP_CERT_THUMB *thumb)
{
	const struct sp_chain_wish wish = {SETPKI_KIND_CA_ENC, a->e->row->ca, 0};
	setpki_bytes der;
	struct sp_cert c;
	enum setpki_code rc;

	if (thumb == NULL)
		return sp_part(&a->next, SP_PART_CA_ENC).n != 0
		    ? SETPKI_E_OK
		    : sp_refuse(a->fault, SETPKI_E_RULE, SETPKI_ERR_MISSING_CERTIFICATE,
			  "the CA names no key-exchange certificate");
	der = sp_answer_find(a, sp_is_thumb, thumb);
	if (der.n == 0 || sp_cert_parse(der, &c, NULL) != SETPKI_E_OK)
		return sp_refuse(a->fault, SETPKI_E_RULE, SETPKI_ERR_MISSING_CERTIFICATE,
		    "caeThumb names a certificate that did not come along");
	if ((rc = sp_answer_chain(a, der, &wish)) != SETPKI_E_OK)
		return rc;
	if (!sp_bytes_eq(c.subject, a->signer.subject) || !sp_bytes_eq(c.issuer, a->signer.issuer) ||
	    c.type != a->signer.type)
		return sp_refuse(a->fault, SETPKI_E_RULE, SETPKI_ERR_INVALID_CERTIFICATE,
		    "caeThumb names a certificate of another CA than the one that signed (set-protocol 12.12)");
	if (!tunnels(&c, a->e->suite))
		return sp_refuse(a->fault, SETPKI_E_RULE, SETPKI_ERR_INVALID_CERTIFICATE,
		    "the CA's Tunneling names no cipher of suite %s", setpki_suite_name(a->e->suite));
	return sp_part_set(&a->next, SP_PART_CA_ENC, der, &a->fault->why);
}

enum setpki_code
sp_answer_keep(struct sp_answer *a)
{
	struct sp_buf *objects = &a->next.part[SP_PART_OBJECTS];

	for (size_t i = 0; i < a->data.ncerts && i < SP_ANSWER_OBJECTS_MAX; i++)
		sp_object_add(objects, &(struct setpki_object){SETPKI_OBJECT_CERT, sp_sdata_cert(&a->data, i)});
	for (size_t i = 0; i < a->data.ncrls && i < SP_ANSWER_OBJECTS_MAX; i++)
		sp_object_add(objects, &(struct setpki_object){SETPKI_OBJECT_CRL, sp_sdata_crl(&a->data, i)});
	if (a->bci.n != 0)
		sp_object_add(objects, &(struct setpki_object){SETPKI_OBJECT_BCI, a->bci});
	return objects->failed ? sp_fail_memory(&a->fault->why) : SETPKI_E_OK;
}
