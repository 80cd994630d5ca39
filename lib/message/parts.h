/* Parts that several messages have, between their templates and what the public headers show: texts, thumbs, idData,
 * forms and referrals. */
#ifndef LIB_MESSAGE_PARTS_H
#define LIB_MESSAGE_PARTS_H

#include "lib/asn1/certreq.h"
#include "lib/base/limits.h"
#include "lib/crypto/enc.h"
#include "lib/crypto/suite.h"

#include <setpki/message.h>

/* --- shapes (shapes.c) -------------------------------------------------------------------------- */

/* The certificates that a holder of this type gets; NONE: none of that sort. */
enum setpki_kind sp_holder_kind(uint32_t holder, bool exchange);
/* CertReq: Enc, or EncX with the account of such a holder (set-protocol 3). */
const struct sp_enc_form *sp_cert_req_form(bool encx, uint32_t holder);
extern const struct sp_seal sp_form_req_seal; /* RegFormReq: EXH with PANOnly */

/* --- texts ------------------------------------------------------------------------------------- */

/* SETString{max} from UTF-8: VisibleString where that holds it, else BMPString.  ARGUMENT, naming `field`. */
SP_MUST_CHECK enum setpki_code
sp_text_set(ASN1_STRING **field, const char *utf8, size_t max, const char *name, struct setpki_error *err);
/* VisibleString or NumericString (`type` is V_ASN1_...) from ASCII; the rows check the rest on the way out. */
bool sp_ascii_set(ASN1_STRING **field, int type, const char *text);
/* UTF-8 of a string field in OPENSSL_malloc memory; control characters become U+FFFD.  NULL when out of memory. */
char *sp_text_get(const ASN1_STRING *s);
/* The same into a fixed room; false (and an empty text) if it does not fit or is no character string. */
bool sp_text_copy(const ASN1_STRING *s, char *out, size_t cap);
/* sp_text_get() of a field that may be absent: *out stays NULL then.  False when out of memory. */
bool sp_text_dup(const ASN1_STRING *s, char **out);
/* Fills an OCTET STRING; false when out of memory. */
bool sp_octets(ASN1_OCTET_STRING **field, setpki_bytes v);

/* --- thumbs (set-protocol 2: hash over the unsigned part) --------------------------------------- */

/* Thumb of a certificate, CRL or BCI (SIGNED{T}): suite->digest_len octets.  PARSE. */
SP_MUST_CHECK enum setpki_code sp_thumb_of(
    setpki_ctx *ctx, enum setpki_suite suite, setpki_bytes der, uint8_t out[SP_DIGEST_MAX], struct setpki_error *err);
SP_MUST_CHECK enum setpki_code sp_cert_thumb_set(
    setpki_ctx *ctx, enum setpki_suite suite, SP_CERT_THUMB **field, setpki_bytes der, struct setpki_error *err);
/* Whether a CertThumb is of this suite and names this object. */
bool sp_cert_thumb_is(setpki_ctx *ctx, enum setpki_suite suite, const SP_CERT_THUMB *t, setpki_bytes der);

enum sp_thumb_list { SP_THUMB_CERTS, SP_THUMB_CRLS, SP_THUMB_BCIS };
/* Adds the thumb of an object; makes *field on first use.  What goes beyond SP_THUMBS_MAX is left out. */
SP_MUST_CHECK enum setpki_code sp_thumbs_add(setpki_ctx *ctx, enum setpki_suite suite, SP_THUMBS **field,
    enum sp_thumb_list list, setpki_bytes der, struct setpki_error *err);
/* Whether the sender lists this object; false for NULL and for thumbs of another suite. */
bool
sp_thumbs_have(setpki_ctx *ctx, enum setpki_suite suite, const SP_THUMBS *t, enum sp_thumb_list list, setpki_bytes der);
/* A copy of thumbs for the answer that echoes them; NULL in, NULL out.  MEMORY. */
SP_MUST_CHECK enum setpki_code sp_thumbs_dup(const SP_THUMBS *from, SP_THUMBS **out, struct setpki_error *err);
bool sp_thumbs_same(const SP_THUMBS *a, const SP_THUMBS *b); /* NULL is only the same as NULL */

/* --- idData ------------------------------------------------------------------------------------ */

SP_MUST_CHECK enum setpki_code
sp_id_data_set(SP_ID_DATA **field, const struct setpki_id_data *id, struct setpki_error *err);
/* `field` NULL: holder 0. */
void sp_id_data_get(const SP_ID_DATA *field, struct setpki_id_data *out);

/* --- forms and referrals ------------------------------------------------------------------------ */

SP_MUST_CHECK enum setpki_code
sp_form_set(SP_FORM_OR_REFERRAL **field, const struct setpki_form *form, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
sp_referral_set(SP_FORM_OR_REFERRAL **field, const struct setpki_referral *referral, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
sp_form_get(const SP_REG_FORM_DATA *from, struct setpki_form *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
sp_referral_get(const SP_REFERRAL *from, struct setpki_referral *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
sp_field_set(SP_REG_FIELD *to, const struct setpki_field *field, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
sp_field_get(const SP_REG_FIELD *from, struct setpki_field *out, struct setpki_error *err);
void sp_field_free(struct setpki_field *f); /* what is in it */

#endif
