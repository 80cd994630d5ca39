/* What the getters of a session show: form, referral and result, made from its state. */
#include "lib/message/enroll.h"

#include <openssl/crypto.h>
#include <string.h>

static void
free_result(struct setpki_enroll_result *r)
{
	struct setpki_failed_item *failed = (struct setpki_failed_item *)(uintptr_t)r->failed;

	OPENSSL_free((void *)(uintptr_t)r->message);
	OPENSSL_free(r->ca_msg.card_logo);
	OPENSSL_free(r->ca_msg.brand_logo);
	OPENSSL_free(r->ca_msg.text);
	for (size_t i = 0; i < r->nfailed; i++)
		OPENSSL_free(failed[i].reason);
	OPENSSL_free(failed);
}

void
sp_view_free(struct sp_enroll_view *v)
{
	setpki_form_free(&v->form);
	sp_field_free(&v->account);
	setpki_referral_free(&v->referral);
	free_result(&v->result);
	memset(v, 0, sizeof(*v));
}

/* --- form or referral -------------------------------------------------------------------------- */

static enum setpki_code
show_form(const struct sp_enroll_state *s, const SP_FORM_OR_REFERRAL *f, const SP_REG_FIELD *account,
    struct sp_enroll_view *v, struct setpki_error *err)
{
	enum setpki_code rc;

	if (s->step == SETPKI_ENROLL_REFERRED)
		return f->type == 1 ? sp_referral_get(f->value.referral, &v->referral, err)
				    : sp_fail(err, SETPKI_E_PARSE, NULL, "the session has no referral");
	if (f->type != 0)
		return sp_fail(err, SETPKI_E_PARSE, NULL, "the session has no form");
	rc = sp_form_get(f->value.form, &v->form, err);
	if (rc == SETPKI_E_OK && account != NULL) {
		rc = sp_field_get(account, &v->account, err);
		v->has_account = rc == SETPKI_E_OK;
	}
	return rc;
}

static enum setpki_code
view_form(const setpki_enroll *e, const struct sp_enroll_state *s, struct sp_enroll_view *v, struct setpki_error *err)
{
	bool card = e->row->holder == SETPKI_TYPE_CARD;
	const struct sp_type *type = card ? &sp_type_reg_form_res_tbs : &sp_type_me_aq_c_init_res_tbs;
	void *tbs = NULL;
	enum setpki_code rc = sp_type_decode(type, sp_part(s, SP_PART_FORM), &tbs, err);

	if (rc == SETPKI_E_OK && card)
		rc = show_form(s, ((SP_REG_FORM_RES_TBS *)tbs)->form, NULL, v, err);
	else if (rc == SETPKI_E_OK)
		rc = show_form(
		    s, ((SP_ME_AQ_C_INIT_RES_TBS *)tbs)->form, ((SP_ME_AQ_C_INIT_RES_TBS *)tbs)->acct_field, v, err);
	sp_type_free(type, tbs);
	return rc;
}

/* --- result ------------------------------------------------------------------------------------ */

static bool
take_ca_msg(const SP_CA_MSG *m, struct setpki_ca_msg *out)
{
	if (m == NULL)
		return true;
	out->currency = (int)sp_int(m->currency);
	return sp_text_dup(m->card_logo, &out->card_logo) && sp_text_dup(m->brand_logo, &out->brand_logo) &&
	    sp_text_dup(m->msg, &out->text);
}

static bool
take_failed(const STACK_OF(SP_FAILED_ITEM) * sk, struct setpki_enroll_result *out)
{
	int n = sk != NULL ? sk_SP_FAILED_ITEM_num(sk) : 0;
	struct setpki_failed_item *failed;

	if (n == 0)
		return true;
	if ((failed = OPENSSL_zalloc((size_t)n * sizeof(*failed))) == NULL)
		return false;
	out->failed = failed;
	out->nfailed = (size_t)n;
	for (int i = 0; i < n; i++) {
		const SP_FAILED_ITEM *item = sk_SP_FAILED_ITEM_value(sk, i);

		failed[i].item = (unsigned)sp_int(item->number);
		if (!sp_text_dup(item->reason, &failed[i].reason))
			return false;
	}
	return true;
}

static enum setpki_code
view_result(const struct sp_enroll_state *s, struct setpki_enroll_result *out, struct setpki_error *err)
{
	const SP_CERT_STATUS *status;
	void *res = NULL;
	char *message = NULL;
	enum setpki_code rc;

	if (sp_part(s, SP_PART_RESULT).n == 0)
		return SETPKI_E_OK;
	if ((rc = sp_type_decode(&sp_type_cert_res_data, sp_part(s, SP_PART_RESULT), &res, err)) != SETPKI_E_OK)
		return rc;
	status = ((SP_CERT_RES_DATA *)res)->status;
	out->status = (enum setpki_status)sp_int((ASN1_INTEGER *)status->code);
	if (!sp_text_dup(status->ee_message, &message))
		rc = sp_fail_memory(err);
	out->message = message;
	if (rc == SETPKI_E_OK && !(take_ca_msg(status->ca_msg, &out->ca_msg) && take_failed(status->failed, out)))
		rc = sp_fail_memory(err);
	sp_type_free(&sp_type_cert_res_data, res);
	return rc;
}

enum setpki_code
sp_view_make(
    const setpki_enroll *e, const struct sp_enroll_state *s, struct sp_enroll_view *out, struct setpki_error *err)
{
	enum setpki_code rc = view_result(s, &out->result, err);

	if (rc == SETPKI_E_OK && (s->step == SETPKI_ENROLL_FORM || s->step == SETPKI_ENROLL_REFERRED))
		rc = view_form(e, s, out, err);
	if (rc != SETPKI_E_OK)
		sp_view_free(out);
	return rc;
}
