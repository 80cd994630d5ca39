/* What CAs send each other (lib/message/interca*.c): every type comes back as it was sent, and what must not be taken.
 */
#include "lib/asn1/message.h"
#include "lib/crypto/signed.h"
#include "tests/support/check.h"
#include "tests/support/registry.h"

#include <openssl/crypto.h>
#include <setpki/interca.h>

#define CERTS_MAX 4

/* A notice, ready to be sent and checked; rows change it in between. */
struct world {
	struct registry *reg;
	setpki_bytes certs[CERTS_MAX], crls[REG_CRLS];
	struct setpki_party signer;
	struct setpki_notice_ask ask;
	struct setpki_notice_check check;
	struct setpki_der der;
};

struct row {
	const char *name;
	enum setpki_notice_type type;
	void (*before)(struct world *w); /* composing */
	enum setpki_code put;
	void (*after)(struct world *w);
	enum setpki_code read;
	const char *says;
};

static setpki_ctx *ctx;
static struct registry regs[2];

/* --- what rows change --------------------------------------------------------------------------------- */

static void
sign_with(struct world *w, enum reg_slot slot)
{
	w->signer = reg_party(w->reg, slot);
	w->certs[0] = w->reg->c[slot].der;
}

static void
no_crls(struct world *w)
{
	w->ask.ncrls = 0;
}

static void
about_a_bci(struct world *w)
{
	w->crls[0] = w->ask.about = w->reg->bci;
}

static void
about_a_certificate(struct world *w)
{
	w->ask.about = w->certs[0];
}

static void
about_nothing(struct world *w)
{
	w->crls[0] = w->ask.about = sp_bytes(NULL, 0);
}

static void
other_type_of_number(struct world *w)
{
	w->ask.type = (enum setpki_notice_type)3;
}

static void
message_signer(struct world *w)
{
	sign_with(w, REG_PCA_SIG);
}

static void
key_exchange_signer(struct world *w)
{
	sign_with(w, REG_PCA_ENC);
}

static void
without_its_certificate(struct world *w)
{
	w->ask.certs++;
	w->ask.ncerts--;
}

static void
crl_of_the_root(struct world *w)
{
	w->ask.about = w->reg->crl[REG_ROOT];
}

static void
dated_tomorrow(struct world *w)
{
	w->ask.date += REG_DAY;
}

static void
signature_altered(struct world *w)
{
	w->der.p[w->der.n - 1] ^= 1;
}

/* The chain, and the root again and again. */
static void
more_than_an_answer_may_have(struct world *w)
{
	static setpki_bytes many[SP_ANSWER_OBJECTS_MAX + 1];

	for (size_t i = 0; i < NELEMS(many); i++)
		many[i] = w->certs[i < CERTS_MAX ? i : CERTS_MAX - 1];
	w->ask.certs = many;
	w->ask.ncerts = NELEMS(many);
}

static void
cut_short(struct world *w)
{
	w->der.n--;
}

static void
expect_answer(struct world *w)
{
	w->check.type = SETPKI_CRL_NOTIFICATION_RES;
}

static void
expect_no_type(struct world *w)
{
	w->check.type = (enum setpki_notice_type)3;
}

static void
expect_other_suite(struct world *w)
{
	w->check.suite = w->check.suite == SETPKI_SUITE_MODERN ? SETPKI_SUITE_CLASSIC : SETPKI_SUITE_MODERN;
}

static void
we_told_of_another(struct world *w)
{
	w->check.about = w->reg->crl[REG_ROOT];
}

static void
we_told_of_none(struct world *w)
{
	w->check.about = sp_bytes(NULL, 0);
}

static void
no_root(struct world *w)
{
	struct setpki_error err = {0};

	setpki_pool_free(w->check.pool);
	t_ok(setpki_pool_new(ctx, &w->check.pool, &err), &err);
}

/* All CRLs are on the way; a third hand takes them out. */
static void
crls_taken_out(struct world *w)
{
	struct setpki_error err = {0};
	struct sp_sdata s = {0};
	uint8_t *p = NULL;
	int n;

	t_ok(sp_sdata_read(sp_bytes(w->der.p, w->der.n), &s, &err), &err);
	sk_SP_ELEMENT_pop_free(s.data->crls, ASN1_STRING_free);
	s.data->crls = NULL;
	n = ASN1_item_i2d((const ASN1_VALUE *)s.data, &p, ASN1_ITEM_rptr(SP_SIGNED_DATA));
	assert_true(n > 0);
	sp_sdata_free(&s);
	setpki_der_free(&w->der);
	w->der = (struct setpki_der){p, (size_t)n};
}

static void
bci_is_a_crl(struct world *w)
{
	struct setpki_error err = {0};
	struct sp_buf tbs = {0}, out = {0};
	struct sp_sign_ask sign = {.type = SP_CT_BCI_DISTRIBUTION_TBS,
	    .signers = &w->signer,
	    .nsigners = 1,
	    .certs = w->ask.certs,
	    .ncerts = w->ask.ncerts};
	SP_BCI_DISTRIBUTION_TBS *t = sp_type_new(&sp_type_bci_distribution_tbs);

	assert_true(sp_time_set(&t->date, REG_NOW) && sp_str_set(&t->bci, V_ASN1_SEQUENCE, w->crls[0]));
	t_ok(sp_type_encode(&sp_type_bci_distribution_tbs, t, &tbs, &err), &err);
	sign.content = sp_buf_bytes(&tbs);
	t_ok(sp_sdata_put(ctx, w->ask.suite, &sign, &out, &err), &err);
	setpki_der_free(&w->der);
	w->der.p = sp_buf_take(&out, &w->der.n);
	sp_buf_free(&tbs);
	sp_type_free(&sp_type_bci_distribution_tbs, t);
}

/* --- one row ------------------------------------------------------------------------------------------ */

static void
open_world(struct world *w, const struct row *row, enum setpki_suite suite)
{
	enum reg_slot from = row->type == SETPKI_BCI_DISTRIBUTION ? REG_BRAND : REG_PCA;

	*w = (struct world){.reg = &regs[suite == SETPKI_SUITE_MODERN]};
	w->certs[1] = w->reg->c[REG_GEO].der;
	w->certs[2] = w->reg->c[REG_BRAND].der;
	w->certs[3] = w->reg->c[REG_ROOT].der;
	assert_int_equal(reg_crls(w->reg, w->crls), REG_CRLS);
	sign_with(w, from);
	w->ask = (struct setpki_notice_ask){row->type, suite, REG_NOW,
	    row->type == SETPKI_BCI_DISTRIBUTION ? w->reg->bci : w->reg->crl[REG_PCA], &w->signer, w->certs, w->crls,
	    CERTS_MAX, REG_CRLS};
	w->check = (struct setpki_notice_check){.type = row->type,
	    .suite = suite,
	    .now = REG_NOW,
	    .pool = reg_pool(w->reg, REG_ROOT),
	    .revocation = SETPKI_REQUIRE_CRL,
	    .about = w->reg->crl[REG_PCA]};
}

static void
check_got(const struct world *w, const struct setpki_notice *n)
{
	bool bci = w->ask.type == SETPKI_BCI_DISTRIBUTION;

	assert_int_equal(n->date, REG_NOW);
	t_bytes(n->signer.der, w->certs[0]);
	assert_int_equal(n->nobjects, CERTS_MAX + REG_CRLS + (bci ? 1 : 0));
	t_bytes(n->objects[0].der, w->certs[0]);
	t_bytes(n->objects[CERTS_MAX + REG_CRLS - 1].der, w->crls[REG_CRLS - 1]);
	if (w->ask.type == SETPKI_CRL_NOTIFICATION_RES) {
		assert_int_equal(n->about.type, SETPKI_OBJECT_UNKNOWN);
		return;
	}
	assert_int_equal(n->about.type, bci ? SETPKI_OBJECT_BCI : SETPKI_OBJECT_CRL);
	t_bytes(n->about.der, w->ask.about);
}

static void
receive(struct world *w, const struct row *row)
{
	struct setpki_error err = {0};
	struct setpki_notice n = {0};

	t_code(setpki_notice_read(ctx, &w->check, sp_bytes(w->der.p, w->der.n), &n, &err), row->read, &err);
	if (row->read == SETPKI_E_OK)
		check_got(w, &n);
	else
		assert_null(n.held);
	if (row->says != NULL && strstr(err.message, row->says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.message, row->says);
	setpki_notice_free(&n);
}

static void
run_row(void **state)
{
	const struct row *row = *state;

	for (int modern = 0; modern < 2; modern++) {
		struct setpki_error err = {0};
		struct world w;

		open_world(&w, row, modern != 0 ? SETPKI_SUITE_MODERN : SETPKI_SUITE_CLASSIC);
		if (row->before != NULL)
			row->before(&w);
		t_code(setpki_notice_put(ctx, &w.ask, &w.der, &err), row->put, &err);
		if (row->after != NULL)
			row->after(&w);
		if (row->put == SETPKI_E_OK)
			receive(&w, row);
		else
			assert_null(w.der.p);
		setpki_der_free(&w.der);
		setpki_pool_free(w.check.pool);
	}
}

#define OK SETPKI_E_OK
static struct row rows[] = {
    {"a CRLNotification comes back", SETPKI_CRL_NOTIFICATION, NULL, OK, NULL, OK, NULL},
    {"its answer comes back", SETPKI_CRL_NOTIFICATION_RES, NULL, OK, NULL, OK, NULL},
    {"a BCIDistribution comes back", SETPKI_BCI_DISTRIBUTION, NULL, OK, NULL, OK, NULL},

    {"composing: the CRL is not among those along", SETPKI_CRL_NOTIFICATION, no_crls, SETPKI_E_ARGUMENT, NULL, OK,
	NULL},
    {"composing: a BCI for a CRL", SETPKI_CRL_NOTIFICATION, about_a_bci, SETPKI_E_ARGUMENT, NULL, OK, NULL},
    {"composing: a certificate for a BCI", SETPKI_BCI_DISTRIBUTION, about_a_certificate, SETPKI_E_ARGUMENT, NULL, OK,
	NULL},
    {"composing: nothing to tell of", SETPKI_CRL_NOTIFICATION, about_nothing, SETPKI_E_PARSE, NULL, OK, NULL},
    {"composing: no such type", SETPKI_CRL_NOTIFICATION, other_type_of_number, SETPKI_E_ARGUMENT, NULL, OK, NULL},
    {"signed with the key for key exchange", SETPKI_CRL_NOTIFICATION, key_exchange_signer, OK, NULL, SETPKI_E_RULE,
	"cRLSign"},

    {"with too much beside it", SETPKI_CRL_NOTIFICATION_RES, more_than_an_answer_may_have, OK, NULL, SETPKI_E_LIMIT,
	"at most 256"},
    {"a signature altered", SETPKI_CRL_NOTIFICATION, NULL, OK, signature_altered, SETPKI_E_SIGNATURE, NULL},
    {"cut short", SETPKI_BCI_DISTRIBUTION, NULL, OK, cut_short, SETPKI_E_PARSE, NULL},
    {"a notification where an answer is due", SETPKI_CRL_NOTIFICATION, NULL, OK, expect_answer, SETPKI_E_SIGNATURE,
	NULL},
    {"no such type to check", SETPKI_CRL_NOTIFICATION, NULL, OK, expect_no_type, SETPKI_E_ARGUMENT, NULL},
    {"of the other suite", SETPKI_BCI_DISTRIBUTION, NULL, OK, expect_other_suite, SETPKI_E_SIGNATURE, NULL},
    {"the signer's certificate is not beside", SETPKI_CRL_NOTIFICATION, without_its_certificate, OK, NULL,
	SETPKI_E_SIGNATURE, NULL},
    {"signed with the key for messages", SETPKI_CRL_NOTIFICATION, message_signer, OK, NULL, SETPKI_E_RULE, "cRLSign"},
    {"no root is trusted", SETPKI_CRL_NOTIFICATION, NULL, OK, no_root, SETPKI_E_STATE, NULL},
    {"nothing decides about the signer", SETPKI_BCI_DISTRIBUTION, no_crls, OK, NULL, SETPKI_E_PENDING, "CRL"},
    {"dated ahead of our clock", SETPKI_CRL_NOTIFICATION, dated_tomorrow, OK, NULL, SETPKI_E_RULE, "86400 s ahead"},
    {"another CA's CRL", SETPKI_CRL_NOTIFICATION, crl_of_the_root, OK, NULL, SETPKI_E_RULE, "another CA"},
    {"the CRL is taken out on the way", SETPKI_CRL_NOTIFICATION, NULL, OK, crls_taken_out, SETPKI_E_PENDING, NULL},
    {"an answer about another CRL", SETPKI_CRL_NOTIFICATION_RES, NULL, OK, we_told_of_another, SETPKI_E_RULE,
	"crlThumb"},
    {"an answer to nothing", SETPKI_CRL_NOTIFICATION_RES, NULL, OK, we_told_of_none, SETPKI_E_RULE, "crlThumb"},
    {"a CRL in the BCI's place", SETPKI_BCI_DISTRIBUTION, NULL, OK, bci_is_a_crl, SETPKI_E_PENDING, NULL},
};

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
		tests[n] = (struct CMUnitTest){rows[n].name, run_row, NULL, NULL, &rows[n]};
	return _cmocka_run_group_tests("interca", tests, NELEMS(rows), start, stop);
}
