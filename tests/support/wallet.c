#include "tests/support/wallet.h"

#include "tests/support/check.h"

#include <openssl/crypto.h>

static const uint8_t seal[32] = "a key that only this wallet has";

static EVP_PKEY *
key(const struct wallet *w, bool exchange)
{
	return reg_new_key(w->desk->reg->ctx, w->desk->reg->suite, exchange);
}

/* A certificate from earlier. */
static setpki_bytes
existing(struct wallet *w, const struct setpki_request_row *row, bool exchange, EVP_PKEY *k)
{
	static const struct {
		uint32_t holder;
		enum reg_slot ca;
		enum setpki_kind kinds[2];
	} rows[] = {{SETPKI_TYPE_CARD, REG_CCA, {SETPKI_KIND_CARD_SIG, SETPKI_KIND_NONE}},
	    {SETPKI_TYPE_MER, REG_MCA, {SETPKI_KIND_MER_SIG, SETPKI_KIND_MER_ENC}},
	    {SETPKI_TYPE_PGWY, REG_PCA, {SETPKI_KIND_PGWY_SIG, SETPKI_KIND_PGWY_ENC}}};
	size_t i = 0;
	struct reg_issue ask = {.key = k, .common = "As before"};
	setpki_bytes der;

	while (rows[i].holder != row->holder)
		i++;
	ask.ca = rows[i].ca;
	ask.kind = rows[i].kinds[exchange];
	der = reg_issue(w->desk->reg, &ask, NULL);
	desk_knows(w->desk, der);
	return der;
}

static void
keys(struct wallet *w, const struct setpki_request_row *row)
{
	EVP_PKEY *k;

	if (row->sig)
		w->ask.sig_key = key(w, false);
	if (row->enc)
		w->ask.enc_key = key(w, true);
	if (row->by_certificate) {
		w->ask.old_key = key(w, false);
		w->ask.old_cert = w->old_cert = existing(w, row, false, w->ask.old_key);
	}
	if (row->renewal && row->enc) {
		k = key(w, true);
		w->ask.old_enc_cert = w->old_enc = existing(w, row, true, k);
		EVP_PKEY_free(k);
	}
}

void
wallet_open(struct wallet *w, struct desk *desk, enum setpki_request_type type)
{
	const struct setpki_request_row *row = setpki_request_row(type);
	bool card = row->holder == SETPKI_TYPE_CARD;
	struct setpki_error err = {0};

	memset(w, 0, sizeof(*w));
	w->desk = desk;
	w->now = REG_NOW;
	w->pool = reg_pool(desk->reg, REG_ROOT);
	w->ask = (struct setpki_enroll_ask){.suite = desk->reg->suite,
	    .type = type,
	    .brand = REG_BRAND_ID,
	    .language = "en",
	    .software = "test wallet",
	    .pan = card ? WALLET_PAN : NULL,
	    .expiry = card ? WALLET_EXPIRY : NULL,
	    .bin = card ? NULL : REG_BIN,
	    .id = row->holder == SETPKI_TYPE_MER ? REG_MERCHANT_ID : NULL,
	    .pool = w->pool,
	    .revocation = SETPKI_REQUIRE_BCI};
	keys(w, row);
	t_ok(setpki_enroll_new(desk->reg->ctx, &w->ask, w->now, &w->e, &err), &err);
}

void
wallet_close(struct wallet *w)
{
	setpki_enroll_free(w->e);
	setpki_pool_free(w->pool);
	EVP_PKEY_free(w->ask.sig_key);
	EVP_PKEY_free(w->ask.enc_key);
	EVP_PKEY_free(w->ask.old_key);
	reg_bytes_free(w->old_cert);
	reg_bytes_free(w->old_enc);
	memset(w, 0, sizeof(*w));
}

void
wallet_save(struct wallet *w, struct setpki_der *out)
{
	struct setpki_error err = {0};

	t_ok(setpki_enroll_save(w->e, seal, out, &err), &err);
}

void
wallet_load(struct wallet *w, const struct setpki_der *saved)
{
	struct setpki_enroll_ask ask = {.sig_key = w->ask.sig_key,
	    .enc_key = w->ask.enc_key,
	    .old_key = w->ask.old_key,
	    .pool = w->pool,
	    .revocation = w->ask.revocation};
	struct setpki_error err = {0};

	setpki_enroll_free(w->e);
	t_ok(setpki_enroll_restore(w->desk->reg->ctx, sp_bytes(saved->p, saved->n), seal, &ask, &w->e, &err), &err);
}

void
wallet_again(struct wallet *w)
{
	struct setpki_der saved;

	wallet_save(w, &saved);
	wallet_load(w, &saved);
	setpki_der_free(&saved);
}

void
wallet_fetch(struct wallet *w, struct setpki_der *out)
{
	struct setpki_responder_note note;
	struct setpki_error err = {0};

	t_ok(desk_answer(w->desk, setpki_enroll_request(w->e), w->now, out, &note, &err), &err);
}

void
wallet_post(struct wallet *w)
{
	struct setpki_error err = {0};
	struct setpki_der answer;

	if (w->save_always)
		wallet_again(w);
	wallet_fetch(w, &answer);
	w->posts++;
	t_ok(setpki_enroll_response(w->e, sp_bytes(answer.p, answer.n), w->now, &err), &err);
	setpki_der_free(&answer);
}

void
wallet_fill(struct wallet *w)
{
	const struct setpki_form *form;
	const char *answers[50];
	struct setpki_error err = {0};

	if (w->save_always)
		wallet_again(w);
	assert_non_null(form = setpki_enroll_form(w->e));
	for (size_t i = 0; i < form->nfields; i++)
		answers[i] = form->fields[i].required ? WALLET_ANSWER : NULL;
	t_ok(setpki_enroll_answer(w->e, answers, form->nfields, w->now, &err), &err);
}

enum setpki_enroll_step
wallet_run(struct wallet *w)
{
	for (;;) {
		enum setpki_enroll_step step = setpki_enroll_step(w->e);

		if (step == SETPKI_ENROLL_SEND)
			wallet_post(w);
		else if (step == SETPKI_ENROLL_FORM)
			wallet_fill(w);
		else
			return step;
	}
}
