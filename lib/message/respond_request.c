/* A CertReq as the desk sees it. */
#include "lib/message/respond.h"

#include "lib/crypto/cipher.h"

#include <openssl/crypto.h>
#include <string.h>

void
sp_asked_free(struct sp_asked *a)
{
	struct setpki_form_answer *v = a->answers;

	for (size_t i = 0; v != NULL && i < a->request.nanswers; i++) {
		char *text[] = {(char *)(uintptr_t)v[i].label, (char *)(uintptr_t)v[i].value};

		for (size_t k = 0; k < sizeof(text) / sizeof(text[0]); k++)
			OPENSSL_clear_free(text[k], text[k] != NULL ? strlen(text[k]) : 0);
	}
	OPENSSL_free(v);
	sp_signers_free(&a->signers);
	sp_enc_opened_free(&a->opened);
	OPENSSL_cleanse(a, sizeof(*a));
}

void
sp_asked_back_key(struct setpki_responder *r, struct sp_asked *a)
{
	const SP_BACK_KEY *b = a->signers.data->back_key;
	setpki_bytes key = b != NULL ? sp_str(b->key) : sp_bytes(NULL, 0);

	if (key.n == sp_suite(r->suite)->key_len && sp_cipher_is(r->suite, sp_str(b->alg))) {
		a->to.back_key = key.p;
		a->request.back_key = key;
	}
}

/* --- form answers -------------------------------------------------------------------------------- */

static bool
take_answer(const SP_FORM_ITEM *item, struct setpki_form_answer *out)
{
	out->label = sp_text_get(sk_SP_ELEMENT_value(item->name, 0));
	if (ASN1_STRING_type(item->value) == V_ASN1_OCTET_STRING)
		out->octets = sp_str(item->value);
	else if ((out->value = sp_text_get(item->value)) == NULL)
		return false;
	return out->label != NULL;
}

static enum setpki_code
take_answers(struct sp_asked *a, struct setpki_error *err)
{
	const STACK_OF(SP_FORM_ITEM) *sk = a->signers.data->form;
	int n = sk != NULL ? sk_SP_FORM_ITEM_num(sk) : 0;

	if (n == 0)
		return SETPKI_E_OK;
	if ((a->answers = OPENSSL_zalloc((size_t)n * sizeof(*a->answers))) == NULL)
		return sp_fail_memory(err);
	a->request.answers = a->answers;
	for (int i = 0; i < n; i++) {
		a->request.nanswers++;
		if (!take_answer(sk_SP_FORM_ITEM_value(sk, i), &a->answers[i]))
			return sp_fail_memory(err);
	}
	return SETPKI_E_OK;
}

/* --- the account --------------------------------------------------------------------------------- */

static enum setpki_code
take_card(struct sp_asked *a, struct setpki_error *err)
{
	void *object = NULL;
	enum setpki_code rc = sp_type_decode(&sp_type_pan_data0, a->opened.p, &object, err);
	const SP_PAN_DATA0 *p = object;

	if (rc == SETPKI_E_OK) {
		(void)sp_text_copy(p->pan, a->pan, sizeof(a->pan));
		(void)sp_text_copy(p->expiry, a->expiry, sizeof(a->expiry));
		memcpy(a->card_secret, sp_str(p->card_secret).p, sizeof(a->card_secret));
		a->request.pan = a->pan;
		a->request.expiry = a->expiry;
		a->request.card_secret = a->card_secret;
	}
	sp_type_free(&sp_type_pan_data0, object);
	return rc;
}

/* AcctIdentification is filled with blanks to its one length. */
static enum setpki_code
take_account(struct sp_asked *a, struct setpki_error *err)
{
	void *object = NULL;
	enum setpki_code rc = sp_type_decode(&sp_type_acct_data, a->opened.p, &object, err);
	size_t n;

	if (rc == SETPKI_E_OK) {
		(void)sp_text_copy(((SP_ACCT_DATA *)object)->id, a->account, sizeof(a->account));
		for (n = strlen(a->account); n > 0 && a->account[n - 1] == ' '; n--)
			a->account[n - 1] = '\0';
		a->request.account = a->account;
	}
	sp_type_free(&sp_type_acct_data, object);
	return rc;
}

/* --- the whole ----------------------------------------------------------------------------------- */

static bool
exchange_key_ok(struct setpki_responder *r, setpki_bytes spki)
{
	struct sp_spki k;

	return spki.n == 0 ||
	    (sp_spki_parse(spki, &k, NULL) == SETPKI_E_OK && sp_spki_check(&k, r->suite, true, NULL) == SETPKI_E_OK);
}

/* What the session comes to by itself, in the order of set-protocol 8. */
static enum setpki_status
own_status(struct setpki_responder *r, const struct setpki_cert_request *q)
{
	bool card = q->row->holder == SETPKI_TYPE_CARD;

	if (!card && q->id.holder != q->row->holder)
		return SETPKI_STATUS_INVALID_BIN; /* 12.19 */
	if (!exchange_key_ok(r, q->enc_key))
		return SETPKI_STATUS_REJECTED_BY_CA;
	return card && q->back_key.n == 0 ? SETPKI_STATUS_UNABLE_TO_ENCRYPT : SETPKI_STATUS_NONE; /* 12.9 */
}

enum setpki_code
sp_asked_request(struct setpki_responder *r, struct sp_asked *a, struct setpki_error *err)
{
	const SP_CERT_REQ_DATA *d = a->signers.data;
	struct setpki_cert_request *q = &a->request;
	enum setpki_code rc = SETPKI_E_OK;

	q->ca = r->ca;
	q->row = a->signers.row;
	memcpy(q->rrpid, r->in.rrpid.p, sizeof(q->rrpid));
	memcpy(q->lid_ca, sp_str(d->lid_ca).p, sizeof(q->lid_ca));
	q->lid_ee = sp_str(d->lid_ee);
	q->date = sp_time(d->request_date);
	sp_id_data_get(d->id_data, &q->id);
	q->form_id = sp_int(d->form_id);
	q->sig_key = sp_str(d->keys->sig);
	q->enc_key = sp_str(d->keys->enc);
	q->old_cert = a->signers.old.der;
	q->old_enc_cert = a->old_enc.der;
	if (a->opened.p.n != 0)
		rc = q->row->holder == SETPKI_TYPE_CARD ? take_card(a, err) : take_account(a, err);
	if (rc == SETPKI_E_OK)
		rc = take_answers(a, err);
	q->status = own_status(r, q);
	return rc;
}
