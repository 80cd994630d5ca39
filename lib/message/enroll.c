/* Registration from the side of an end entity: the session as its users see it (setpki/enroll.h). */
#include "lib/message/enroll.h"

#include <openssl/crypto.h>
#include <string.h>

void
setpki_enroll_free(setpki_enroll *e)
{
	if (e == NULL)
		return;
	sp_state_free(&e->s);
	sp_view_free(&e->view);
	sp_buf_free(&e->wrong);
	EVP_PKEY_free(e->sig_key);
	EVP_PKEY_free(e->enc_key);
	EVP_PKEY_free(e->old_key);
	setpki_pool_free(e->pool);
	OPENSSL_free(e);
}

enum setpki_code
setpki_enroll_new(
    setpki_ctx *ctx, const struct setpki_enroll_ask *ask, int64_t now, setpki_enroll **out, struct setpki_error *err)
{
	setpki_enroll *e;
	enum setpki_code rc = sp_enroll_make(ctx, ask->suite, ask->type, ask, &e, err);

	*out = NULL;
	if (rc != SETPKI_E_OK)
		return rc;
	if ((rc = sp_enroll_texts(e, ask, err)) == SETPKI_E_OK &&
	    (rc = sp_part_random(ctx, &e->s, SP_PART_LID_EE, SP_UB_LOCAL_ID, err)) == SETPKI_E_OK)
		rc = sp_ask_first(e, &e->s, now, err);
	if (rc != SETPKI_E_OK) {
		setpki_enroll_free(e);
		return rc;
	}
	*out = e;
	return SETPKI_E_OK;
}

enum setpki_enroll_step
setpki_enroll_step(const setpki_enroll *e)
{
	return e->s.step;
}

setpki_bytes
setpki_enroll_request(const setpki_enroll *e)
{
	return e->s.step == SETPKI_ENROLL_SEND ? sp_part(&e->s, SP_PART_REQUEST) : sp_bytes(NULL, 0);
}

enum setpki_error_code
setpki_enroll_error(const setpki_enroll *e)
{
	return e->error;
}

/* --- going on ------------------------------------------------------------------------------------ */

/* `next` takes the place of the state, once what the getters show has been made from it. */
static enum setpki_code
advance(setpki_enroll *e, struct sp_enroll_state *next, struct setpki_error *err)
{
	struct sp_enroll_view view = {0};
	enum setpki_code rc = sp_view_make(e, next, &view, err);

	if (rc != SETPKI_E_OK)
		return rc;
	sp_state_free(&e->s);
	e->s = *next;
	memset(next, 0, sizeof(*next));
	sp_view_free(&e->view);
	e->view = view;
	e->error = SETPKI_ERR_NONE;
	sp_buf_free(&e->wrong);
	return SETPKI_E_OK;
}

static enum setpki_code
wrong_step(const setpki_enroll *e, const char *call, struct setpki_error *err)
{
	static const char *const names[] = {"SEND", "FORM", "WAIT", "DONE", "REFERRED", "REFUSED", "FAILED"};

	return sp_fail(err, SETPKI_E_STATE, NULL, "%s in step %s", call, names[e->s.step]);
}

/* acctDataField: whether what goes along is what the CA asks for. */
static enum setpki_code
check_account(const setpki_enroll *e, struct setpki_error *err)
{
	const struct setpki_field *f = &e->view.account;
	size_t n = sp_part(&e->s, SP_PART_ACCOUNT).n;

	if (!e->view.has_account)
		return SETPKI_E_OK;
	if (n == 0 && f->required)
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 3",
		    "the CA asks for an account (%.100s): give it with setpki_enroll_account()", f->labels[0]);
	if (n > f->length)
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 3",
		    "the account has %zu characters; the CA takes %u", n, f->length);
	return SETPKI_E_OK;
}

enum setpki_code
setpki_enroll_answer(setpki_enroll *e, const char *const *answers, size_t n, int64_t now, struct setpki_error *err)
{
	struct sp_enroll_state next;
	enum setpki_code rc;

	if (e->s.step != SETPKI_ENROLL_FORM)
		return wrong_step(e, "answers to a form", err);
	if (n != e->view.form.nfields)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL,
		    "%zu answers to a form of %zu fields; give one for each, NULL for none", n, e->view.form.nfields);
	if ((rc = check_account(e, err)) != SETPKI_E_OK || (rc = sp_state_copy(&e->s, &next, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = sp_ask_cert(e, &next, answers, now, err)) == SETPKI_E_OK)
		rc = advance(e, &next, err);
	sp_state_free(&next);
	return rc;
}

enum setpki_code
setpki_enroll_account(setpki_enroll *e, const char *account, struct setpki_error *err)
{
	if (e->s.step != SETPKI_ENROLL_FORM || e->row->holder == SETPKI_TYPE_CARD)
		return wrong_step(e, "an account for a merchant or gateway", err);
	return sp_enroll_set_account(&e->s, account, err);
}

enum setpki_code
setpki_enroll_correct(setpki_enroll *e, struct setpki_error *err)
{
	struct sp_enroll_state next;
	enum setpki_code rc;

	if (e->s.step != SETPKI_ENROLL_REFUSED || e->view.result.status != SETPKI_STATUS_FORM_MALFORMED)
		return wrong_step(e, "a corrected form", err);
	if ((rc = sp_state_copy(&e->s, &next, err)) != SETPKI_E_OK)
		return rc;
	next.step = SETPKI_ENROLL_FORM;
	rc = advance(e, &next, err);
	sp_state_free(&next);
	return rc;
}

enum setpki_code
setpki_enroll_inquire(setpki_enroll *e, int64_t now, struct setpki_error *err)
{
	struct sp_enroll_state next;
	enum setpki_code rc;

	if (e->s.step != SETPKI_ENROLL_WAIT)
		return wrong_step(e, "an inquiry", err);
	if ((rc = sp_state_copy(&e->s, &next, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = sp_ask_inquiry(e, &next, now, err)) == SETPKI_E_OK)
		rc = advance(e, &next, err);
	sp_state_free(&next);
	return rc;
}

/* --- an answer ----------------------------------------------------------------------------------- */

static const struct {
	enum sp_arm_number request, answer;
	enum sp_content content;
	const struct sp_type *type;
	enum setpki_code (*take)(struct sp_answer *a);
} pairs[] = {
    {SP_ARM_CARD_C_INIT_REQ, SP_ARM_CARD_C_INIT_RES, SP_CT_CARD_C_INIT_RES_TBS, &sp_type_card_c_init_res_tbs,
	sp_take_card_init},
    {SP_ARM_ME_AQ_C_INIT_REQ, SP_ARM_ME_AQ_C_INIT_RES, SP_CT_ME_AQ_C_INIT_RES_TBS, &sp_type_me_aq_c_init_res_tbs,
	sp_take_me_aq_init},
    {SP_ARM_REG_FORM_REQ, SP_ARM_REG_FORM_RES, SP_CT_REG_FORM_RES_TBS, &sp_type_reg_form_res_tbs, sp_take_form},
    {SP_ARM_CERT_REQ, SP_ARM_CERT_RES, SP_CT_CERT_RES_DATA, &sp_type_cert_res_data, sp_take_cert_res},
    {SP_ARM_CERT_INQ_REQ, SP_ARM_CERT_INQ_RES, SP_CT_CERT_RES_DATA, &sp_type_cert_res_data, sp_take_cert_res},
};

static enum setpki_code
open_cert_res(struct sp_answer *a, enum sp_content content, const struct sp_type *type)
{
	enum setpki_code rc = sp_type_decode(&sp_type_cert_res, a->in.m.pdu, &a->pdu, &a->fault->why);
	SP_CERT_RES *res = a->pdu;

	if (rc != SETPKI_E_OK)
		return sp_refused(a->fault, rc, SETPKI_ERR_DECODING_FAILURE);
	a->encrypted = res->type == 0;
	return sp_answer_open(a, sp_str(res->value.enck), a->encrypted, content, type);
}

static enum setpki_code
take(struct sp_answer *a)
{
	size_t i = 0, n = sizeof(pairs) / sizeof(pairs[0]);
	enum setpki_code rc;

	while (i < n && pairs[i].request != a->e->s.arm)
		i++;
	if (i == n || (unsigned)pairs[i].answer != a->in.m.arm->number)
		return sp_refuse(a->fault, SETPKI_E_RULE, SETPKI_ERR_MESSAGE_NOT_SUPPORTED,
		    "%s is no answer to our request", a->in.m.arm->name);
	if (pairs[i].content == SP_CT_CERT_RES_DATA)
		rc = open_cert_res(a, pairs[i].content, pairs[i].type);
	else
		rc = sp_answer_open(a, a->in.m.pdu, false, pairs[i].content, pairs[i].type);
	if (rc == SETPKI_E_OK)
		rc = pairs[i].take(a);
	sp_type_free(pairs[i].type, a->tbs);
	sp_type_free(&sp_type_cert_res, pairs[i].content == SP_CT_CERT_RES_DATA ? a->pdu : NULL);
	return rc;
}

static enum setpki_code
process(struct sp_answer *a, setpki_bytes response)
{
	enum setpki_code rc = sp_wire_read(response, a->now, &a->in, a->fault);

	if (rc == SETPKI_E_RULE)
		return a->fault->why.code;
	if (rc != SETPKI_E_OK)
		return rc;
	return a->in.m.arm->number == SP_ARM_ERROR ? sp_take_error(a) : take(a);
}

static void
remember_wrong(setpki_enroll *e, const struct sp_fault *f, setpki_bytes response)
{
	e->fault = *f;
	e->error = f->code;
	sp_buf_free(&e->wrong);
	sp_buf_add(&e->wrong, response.p, response.n <= SP_MESSAGE_MAX ? response.n : SP_MESSAGE_MAX);
}

enum setpki_code
setpki_enroll_response(setpki_enroll *e, setpki_bytes response, int64_t now, struct setpki_error *err)
{
	struct sp_fault fault = {0};
	struct sp_answer a = {.e = e, .now = now, .fault = &fault};
	enum setpki_error_code told;
	enum setpki_code rc;

	if (e->s.step != SETPKI_ENROLL_SEND)
		return wrong_step(e, "an answer", err);
	if ((rc = sp_state_copy(&e->s, &a.next, err)) != SETPKI_E_OK)
		return rc;
	rc = process(&a, response);
	told = fault.code;
	if (rc == SETPKI_E_OK && (rc = advance(e, &a.next, &fault.why)) == SETPKI_E_OK)
		e->error = told; /* a signed Error, which ended it */
	else
		remember_wrong(e, &fault, response);
	if (rc != SETPKI_E_OK)
		(void)sp_fail(err, rc, fault.why.spec, "%s%s%s", fault.why.object,
		    fault.why.object[0] != '\0' ? ": " : "", fault.why.message);
	sp_sdata_free(&a.data);
	sp_incoming_free(&a.in);
	sp_state_free(&a.next);
	setpki_pool_free(a.pool);
	EVP_PKEY_free(a.signer_key);
	return rc;
}

enum setpki_code
setpki_enroll_complain(const setpki_enroll *e, int64_t now, struct setpki_der *out, struct setpki_error *err)
{
	struct sp_error_ask ask = {.suite = e->suite, .now = now, .software = sp_part_text(&e->s, SP_PART_SOFTWARE)};
	struct sp_fault ignored = {0};
	struct setpki_party me;
	struct sp_incoming in;
	struct sp_cert parsed;
	struct sp_buf b = {0};
	EVP_PKEY *own = NULL;
	enum setpki_code rc;

	*out = (struct setpki_der){NULL, 0};
	if (e->wrong.n == 0 || e->error == SETPKI_ERR_NONE)
		return sp_fail(err, SETPKI_E_STATE, NULL, "nothing was wrong with the last answer");
	if ((rc = sp_wire_read(sp_buf_bytes(&e->wrong), now, &in, &ignored)) != SETPKI_E_OK && rc != SETPKI_E_RULE)
		return sp_fail(err, rc, NULL, "%s", ignored.why.message);
	if (in.m.arm != NULL && in.m.arm->number == SP_ARM_ERROR) {
		rc = sp_fail(err, SETPKI_E_STATE, "set-protocol 12.18", "an Error is never answered");
	} else {
		rc = SETPKI_E_OK;
		if (e->old_key != NULL) {
			rc = sp_party_of(e, &e->s, SP_PART_OLD_CERT, &me, &parsed, &own, err);
			me.key = e->old_key;
			ask.signer = &me;
		}
		if (rc == SETPKI_E_OK)
			rc = sp_error_put(e->ctx, &ask, &in, &e->fault, &b, err);
		if (rc == SETPKI_E_OK)
			out->p = sp_buf_take(&b, &out->n);
	}
	EVP_PKEY_free(own);
	sp_buf_free(&b);
	sp_incoming_free(&in);
	return rc;
}

/* --- what is shown ------------------------------------------------------------------------------- */

const struct setpki_form *
setpki_enroll_form(const setpki_enroll *e)
{
	return e->s.step == SETPKI_ENROLL_FORM ? &e->view.form : NULL;
}

const struct setpki_field *
setpki_enroll_account_field(const setpki_enroll *e)
{
	return e->s.step == SETPKI_ENROLL_FORM && e->view.has_account ? &e->view.account : NULL;
}

const struct setpki_referral *
setpki_enroll_referral(const setpki_enroll *e)
{
	return e->s.step == SETPKI_ENROLL_REFERRED ? &e->view.referral : NULL;
}

void
setpki_enroll_result(const setpki_enroll *e, struct setpki_enroll_result *out)
{
	*out = e->view.result;
}

setpki_bytes
setpki_enroll_cert(const setpki_enroll *e, bool key_exchange)
{
	return e->s.step == SETPKI_ENROLL_DONE ? sp_part(&e->s, key_exchange ? SP_PART_NEW_ENC : SP_PART_NEW_SIG)
					       : sp_bytes(NULL, 0);
}

size_t
setpki_enroll_objects(const setpki_enroll *e, struct setpki_object *out, size_t cap)
{
	struct sp_der d = sp_der(sp_part(&e->s, SP_PART_OBJECTS));
	struct setpki_object o;
	size_t n = 0;

	while (sp_object_next(&d, &o)) {
		if (n < cap)
			out[n] = o;
		n++;
	}
	return n;
}

enum setpki_code
setpki_enroll_secrets(const setpki_enroll *e, uint8_t card_secret[SETPKI_SECRET_LEN],
    uint8_t pan_secret[SETPKI_SECRET_LEN], struct setpki_error *err)
{
	setpki_bytes card = sp_part(&e->s, SP_PART_CARD_SECRET), pan = sp_part(&e->s, SP_PART_PAN_SECRET);

	if (e->s.step != SETPKI_ENROLL_DONE || card.n != SETPKI_SECRET_LEN || pan.n != SETPKI_SECRET_LEN)
		return wrong_step(e, "a cardholder's secrets", err);
	memcpy(card_secret, card.p, SETPKI_SECRET_LEN);
	memcpy(pan_secret, pan.p, SETPKI_SECRET_LEN);
	return SETPKI_E_OK;
}
