/* Certificates that an end entity must not accept though its CA signed the answer they came in: not for its key, not
 * what it asked for, not by that CA, or not valid (set-protocol 12.9).  The session stays as it was and can go on with
 * the right ones. */
#include "tests/support/check.h"
#include "tests/support/wallet.h"

#include <openssl/crypto.h>

/* What is issued instead of the certificates that were asked for. */
struct row {
	const char *name;
	enum setpki_request_type type;
	struct reg_issue ask; /* ca REG_NONE: the one that was asked */
	bool other_key;	      /* for a key that nobody asked about */
	bool exchange;	      /* for the key of key exchange */
	bool broken;	      /* its signature is altered */
	bool twice, fellow;   /* named two times; beside one for a key that nobody asked about */
	enum setpki_code code;
	enum setpki_error_code error;
};

static setpki_ctx *ctx;
static struct registry regs[2];

#define CARD SETPKI_CARD_INITIAL_SIG
#define MER SETPKI_MER_INITIAL_SIG
#define BOTH SETPKI_MER_INITIAL_BOTH
#define PGWY SETPKI_PGWY_INITIAL_SIG
#define RULE(e) .code = SETPKI_E_RULE, .error = SETPKI_ERR_##e
#define POLICY(e) .code = SETPKI_E_POLICY, .error = SETPKI_ERR_##e
#define NO_CERT RULE(INVALID_CERTIFICATE)

static struct row rows[] = {
    {"a cardholder's for another key", CARD, {.kind = SETPKI_KIND_CARD_SIG}, .other_key = true, NO_CERT},
    {"a cardholder's of another account", CARD,
	{.kind = SETPKI_KIND_CARD_SIG, .common = "n8ZX3mXcGhhrJTxZQ0Jx0XyH4dY="}, NO_CERT},
    {"a cardholder's by another bank", CARD, {.kind = SETPKI_KIND_CARD_SIG, .ca = REG_CCB}, NO_CERT},
    {"a cardholder's of another brand", CARD, {.kind = SETPKI_KIND_CARD_SIG, .brand = "Othercard"},
	POLICY(INVALID_CERTIFICATE)},
    {"a cardholder's that has expired", CARD,
	{.kind = SETPKI_KIND_CARD_SIG, .from = REG_NOW - 90 * REG_DAY, .to = REG_NOW - 1}, POLICY(EXPIRED_CERTIFICATE)},
    {"a cardholder's with an altered signature", CARD, {.kind = SETPKI_KIND_CARD_SIG}, .broken = true,
	POLICY(SIGNATURE_FAILURE)},
    {"a merchant's from a CA for cardholders", CARD, {.kind = SETPKI_KIND_MER_SIG}, POLICY(INVALID_CERTIFICATE)},

    {"a merchant's for another key", MER, {.kind = SETPKI_KIND_MER_SIG}, .other_key = true, NO_CERT},
    {"a merchant's with another MerchantID", MER, {.kind = SETPKI_KIND_MER_SIG, .merchant = "SHOP-2"}, NO_CERT},
    {"a merchant's with a MerchantID that begins like ours", MER,
	{.kind = SETPKI_KIND_MER_SIG, .merchant = REG_MERCHANT_ID "0"}, NO_CERT},
    {"a merchant's with another acquirer's BIN", MER, {.kind = SETPKI_KIND_MER_SIG, .bin = "412346"}, NO_CERT},
    {"a merchant's of another brand", MER, {.kind = SETPKI_KIND_MER_SIG, .brand = "Othercard"},
	POLICY(INVALID_CERTIFICATE)},
    {"a merchant's by a CA for gateways", MER, {.kind = SETPKI_KIND_MER_SIG, .ca = REG_PCA}, NO_CERT},
    {"a merchant's signature certificate twice instead of both", BOTH, {.kind = SETPKI_KIND_MER_SIG}, .twice = true,
	RULE(MISSING_CERTIFICATE)},
    {"a merchant's key of key exchange certified for signatures", BOTH, {.kind = SETPKI_KIND_MER_SIG}, .exchange = true,
	.fellow = true, POLICY(INVALID_CERTIFICATE)},

    {"a gateway's for another key", PGWY, {.kind = SETPKI_KIND_PGWY_SIG}, .other_key = true, NO_CERT},
    {"a gateway's of another brand", PGWY, {.kind = SETPKI_KIND_PGWY_SIG, .brand = "Othercard"},
	POLICY(INVALID_CERTIFICATE)},
    {"a merchant's from a CA for gateways", PGWY, {.kind = SETPKI_KIND_MER_SIG}, POLICY(INVALID_CERTIFICATE)},
    {"a gateway's with an altered signature", PGWY, {.kind = SETPKI_KIND_PGWY_SIG}, .broken = true,
	POLICY(SIGNATURE_FAILURE)},
};

/* --- issuing wrongly --------------------------------------------------------------------------------- */

static setpki_bytes
issue_one(const struct row *r, struct desk *d, const struct desk_request *q)
{
	EVP_PKEY *other = r->other_key ? reg_new_key(ctx, d->reg->suite, false) : NULL;
	struct reg_issue ask = r->ask;
	setpki_bytes der;

	if (ask.ca == REG_NONE)
		ask.ca = q->ca;
	if (ask.common == NULL)
		ask.common = q->name[0] != '\0' ? q->name : "Corner Shop";
	ask.key = other;
	if (other == NULL)
		ask.spki = r->exchange ? q->enc_key : q->sig_key;
	der = reg_issue(d->reg, &ask, NULL);
	if (r->broken)
		((uint8_t *)(uintptr_t)der.p)[der.n - 1] ^= 1;
	EVP_PKEY_free(other);
	return der;
}

/* The one that stands beside it. */
static setpki_bytes
fellow(struct desk *d, const struct desk_request *q)
{
	EVP_PKEY *key = reg_new_key(ctx, d->reg->suite, true);
	struct reg_issue ask = {.kind = SETPKI_KIND_MER_ENC, .ca = q->ca, .common = "Corner Shop", .key = key};
	setpki_bytes der = reg_issue(d->reg, &ask, NULL);

	EVP_PKEY_free(key);
	return der;
}

static void
issue_wrongly(const struct row *r, struct desk *d)
{
	struct desk_request *q = &d->requests[0];

	q->certs[q->ncerts++] = issue_one(r, d, q);
	if (r->twice)
		q->certs[q->ncerts++] = sp_bytes_dup(q->certs[0]);
	else if (r->fellow)
		q->certs[q->ncerts++] = fellow(d, q);
	desk_decide(d, SETPKI_STATUS_COMPLETE);
}

static void
take_back(struct desk *d)
{
	struct desk_request *q = &d->requests[0];

	while (q->ncerts > 0) {
		reg_bytes_free(q->certs[--q->ncerts]);
		q->certs[q->ncerts] = sp_bytes(NULL, 0);
	}
}

/* --- running them ------------------------------------------------------------------------------------ */

static void
run(const struct row *r, struct registry *reg)
{
	struct desk d;
	struct wallet w;
	struct setpki_der answer;
	struct setpki_error err = {0};
	struct sp_buf before = {0};

	desk_open(&d, reg);
	d.status = SETPKI_STATUS_PENDED;
	wallet_open(&w, &d, r->type);
	assert_int_equal(wallet_run(&w), SETPKI_ENROLL_WAIT);
	issue_wrongly(r, &d);
	t_ok(setpki_enroll_inquire(w.e, w.now, NULL), NULL);
	sp_buf_add_bytes(&before, setpki_enroll_request(w.e));
	wallet_fetch(&w, &answer);
	t_code(setpki_enroll_response(w.e, sp_bytes(answer.p, answer.n), w.now, &err), r->code, &err);
	assert_string_equal(setpki_error_code_name(setpki_enroll_error(w.e)), setpki_error_code_name(r->error));
	/* as it was */
	assert_int_equal(setpki_enroll_step(w.e), SETPKI_ENROLL_SEND);
	t_bytes(setpki_enroll_request(w.e), sp_buf_bytes(&before));
	assert_int_equal(setpki_enroll_cert(w.e, false).n + setpki_enroll_cert(w.e, true).n, 0);
	/* and goes on with the right ones */
	take_back(&d);
	desk_decide(&d, SETPKI_STATUS_COMPLETE);
	assert_int_equal(wallet_run(&w), SETPKI_ENROLL_DONE);
	setpki_der_free(&answer);
	sp_buf_free(&before);
	wallet_close(&w);
	desk_close(&d);
}

static void
refuse_row(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		print_message("%s\n", setpki_suite_name(regs[i].suite));
		run(*state, &regs[i]);
	}
}

static int
start(void **state)
{
	(void)state;
	return reg_open_both(&ctx, regs);
}

static int
stop(void **state)
{
	(void)state;
	return reg_close_both(ctx, regs);
}

int
main(void)
{
	struct CMUnitTest tests[NELEMS(rows)];

	for (size_t n = 0; n < NELEMS(rows); n++)
		tests[n] = (struct CMUnitTest){rows[n].name, refuse_row, NULL, NULL, &rows[n]};
	return _cmocka_run_group_tests("enroll certificates", tests, NELEMS(rows), start, stop);
}
