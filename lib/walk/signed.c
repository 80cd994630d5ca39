/* SignedData: its content by content type, its signers, and whether their signatures verify where that can be known. */
#include "lib/asn1/message.h"
#include "lib/asn1/payment.h"
#include "lib/walk/type.h"

#include <string.h>

/* The one that is being told. */
struct sp_walk_signed {
	struct sp_sdata s;
	setpki_bytes covered; /* what its signatures are over; empty: not here */
	struct sp_buf fresh;  /* SubjectPublicKeyInfo of the key that is not certified yet */
	size_t next;	      /* SignerInfo */
};

/* What can be signed (set-protocol section 1). */
static const struct {
	enum sp_content number;
	const struct sp_type *type;
} contents[] = {
    {SP_CT_OI_DATA, &sp_type_oi_data},
    {SP_CT_CARD_C_INIT_RES_TBS, &sp_type_card_c_init_res_tbs},
    {SP_CT_ME_AQ_C_INIT_RES_TBS, &sp_type_me_aq_c_init_res_tbs},
    {SP_CT_REG_FORM_RES_TBS, &sp_type_reg_form_res_tbs},
    {SP_CT_CERT_REQ_DATA, &sp_type_cert_req_data},
    {SP_CT_CERT_RES_DATA, &sp_type_cert_res_data},
    {SP_CT_CERT_INQ_REQ_TBS, &sp_type_cert_inq_req_tbs},
    {SP_CT_ERROR_TBS, &sp_type_error_tbs},
    {SP_CT_CRL_NOTIFICATION_TBS, &sp_type_crl_notification_tbs},
    {SP_CT_CRL_NOTIFICATION_RES_TBS, &sp_type_crl_notification_tbs},
    {SP_CT_BCI_DISTRIBUTION_TBS, &sp_type_bci_distribution_tbs},
};

static const struct sp_type *
type_of(setpki_bytes oid)
{
	int number = sp_content_number(oid);

	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++)
		if (number == (int)contents[i].number)
			return contents[i].type;
	return NULL;
}

void
sp_walk_content_info(struct sp_walk *w, const char *name, void *object)
{
	const SP_CONTENT_INFO *ci = object;
	const struct sp_type *type = type_of(sp_obj(ci->type));
	bool signed_here = w->signed_data != NULL && w->signed_data->s.data->content == ci;
	setpki_bytes der = sp_str(ci->content);

	sp_w_enter(w, name, "ContentInfo");
	sp_w_oid(w, "contentType", sp_obj(ci->type));
	if (ci->content != NULL && type != NULL)
		sp_walk_der(w, "content", type, der, signed_here ? &w->signed_data->fresh : NULL);
	else if (ci->content != NULL)
		sp_w_length(w, "content", der.n, "octets", "of a type that is not taken apart");
	sp_w_leave(w);
}

void
sp_walk_issuer_serial(struct sp_walk *w, const char *name, void *object)
{
	const SP_ISSUER_SERIAL *is = object;
	struct setpki_error why = {0};
	struct sp_signer who;

	sp_w_enter(w, name, "IssuerAndSerialNumber");
	if (!sp_signer_from(is, &who)) {
		sp_w_fault(w, "serialNumber", sp_str(is->serial).n,
		    sp_fail(&why, SETPKI_E_PARSE, "RFC 5280 4.1.2.2", "not a serial number"), &why);
	} else if (who.uncertified) {
		sp_w_text(w, "issuer", "", "a key that is not certified yet");
		sp_w_hex(w, "serialNumber", sp_signer_serial(&who), NULL);
	} else {
		sp_walk_closed(w, "issuer", "issuer", who.issuer);
		sp_w_hex(w, "serialNumber", sp_signer_serial(&who), NULL);
	}
	sp_w_leave(w);
}

/* --- signatures --------------------------------------------------------------------------------------------------- */

/* The key of the certificate beside that the signer names. */
static bool
key_beside(struct sp_walk *w, const struct sp_sdata *s, const struct sp_signer *who, EVP_PKEY **key)
{
	struct sp_cert c;

	for (size_t i = 0; i < s->ncerts; i++)
		if (sp_cert_parse(sp_sdata_cert(s, i), &c, NULL) == SETPKI_E_OK && sp_bytes_eq(c.issuer, who->issuer) &&
		    sp_bytes_eq(c.serial, sp_signer_serial(who)))
			return sp_spki_pkey(w->ctx, &c.key, key, NULL) == SETPKI_E_OK;
	return false;
}

static bool
key_fresh(struct sp_walk *w, setpki_bytes spki, EVP_PKEY **key)
{
	struct sp_spki k;

	return spki.n != 0 && sp_spki_parse(spki, &k, NULL) == SETPKI_E_OK &&
	    sp_spki_pkey(w->ctx, &k, key, NULL) == SETPKI_E_OK;
}

static void
walk_verifies(struct sp_walk *w, const struct sp_walk_signed *c, size_t i)
{
	int type = sp_content_number(sp_obj(c->s.data->content->type));
	struct sp_signer who;
	EVP_PKEY *key = NULL;
	bool known;

	sp_sdata_signer(&c->s, i, &who);
	known = who.uncertified ? key_fresh(w, sp_buf_bytes(&c->fresh), &key) : key_beside(w, &c->s, &who, &key);
	if (!known)
		sp_w_text(w, "signerKey", "not in the message", NULL);
	else if (who.uncertified)
		sp_w_text(w, "signerKey", "publicKeyS", NULL);
	else
		sp_w_text(w, "signerKey", "certificate beside", "not validated here");
	if (known && c->covered.n != 0 && type >= 0 && w->suite != SETPKI_SUITE_NONE)
		sp_w_bool(w, "verifies",
		    sp_sdata_verify(w->ctx, w->suite, &c->s, i, (enum sp_content)type, c->covered, key, NULL) ==
			SETPKI_E_OK);
	EVP_PKEY_free(key);
}

static void
walk_attribute_value(struct sp_walk *w, const ASN1_TYPE *v)
{
	if (v->type == V_ASN1_OBJECT)
		sp_w_oid(w, "item", sp_obj(v->value.object));
	else if (v->type == V_ASN1_OCTET_STRING && sp_str(v->value.octet_string).n <= SP_DIGEST_MAX)
		sp_w_hex(w, "item", sp_str(v->value.octet_string), NULL);
	else
		sp_w_text(w, "item", "(not taken apart)", NULL);
}

static void
walk_attributes(struct sp_walk *w, const char *name, const STACK_OF(SP_ATTRIBUTE) * sk)
{
	if (sk == NULL)
		return;
	sp_w_list(w, name, NULL);
	for (int i = 0; i < sk_SP_ATTRIBUTE_num(sk); i++) {
		const SP_ATTRIBUTE *a = sk_SP_ATTRIBUTE_value(sk, i);

		sp_w_enter(w, "item", "Attribute");
		sp_w_oid(w, "type", sp_obj(a->type));
		sp_w_list(w, "values", NULL);
		for (int k = 0; k < sk_ASN1_TYPE_num(a->values); k++)
			walk_attribute_value(w, sk_ASN1_TYPE_value(a->values, k));
		sp_w_leave(w);
		sp_w_leave(w);
	}
	sp_w_leave(w);
}

/* The attributes have no rows, for they are judged whole (12.3); they stand after the digest algorithm. */
void
sp_walk_signer_info(struct sp_walk *w, const char *name, void *object)
{
	const SP_SIGNER_INFO *si = object;
	struct sp_walk_signed *c = w->signed_data;

	sp_w_enter(w, name, "SignerInfo");
	for (size_t i = 0; i < sp_type_signer_info.nrows; i++) {
		if (sp_type_signer_info.rows[i].offset == offsetof(SP_SIGNER_INFO, signature_alg))
			walk_attributes(w, "authenticatedAttributes", si->attributes);
		sp_walk_row(w, &sp_type_signer_info, i, object);
	}
	walk_attributes(w, "unauthenticatedAttributes", si->unauthenticated);
	if (c != NULL && w->rc == SETPKI_E_OK)
		walk_verifies(w, c, c->next++);
	sp_w_leave(w);
}

void
sp_walk_signed(struct sp_walk *w, const char *name, SP_SIGNED_DATA *data, setpki_bytes covered, setpki_bytes fresh)
{
	struct sp_walk_signed c = {0}, *outer = w->signed_data;

	sp_sdata_view(data, &c.s);
	c.covered = covered.n != 0 ? covered : c.s.content;
	sp_buf_add_bytes(&c.fresh, fresh);
	w->signed_data = &c;
	sp_w_enter(w, name, "SignedData");
	sp_walk_rows(w, &sp_type_signed_data, data);
	sp_w_leave(w);
	w->signed_data = outer;
	sp_buf_free(&c.fresh);
}

void
sp_walk_signed_data(struct sp_walk *w, const char *name, void *object)
{
	sp_walk_signed(w, name, object, sp_bytes(NULL, 0), sp_bytes(NULL, 0));
}
