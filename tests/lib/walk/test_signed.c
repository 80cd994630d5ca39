/* Walks of what is signed outside of registrations: the bodies that CAs send each other, a dual-signed purchase
 * request; and what is said of signatures that do not verify. */
#include "tests/support/check.h"
#include "tests/support/lines.h"
#include "tests/support/registry.h"

#include "lib/asn1/arm.h"
#include "lib/asn1/certreq.h"
#include "lib/crypto/signed.h"

#include <setpki/dual.h>
#include <stdio.h>

#define ARM_PREQ 2

static setpki_ctx *ctx;
static struct registry regs[2];

static bool
says(const struct lines *l, const char *text)
{
	return memmem(l->text.p, l->text.n, text, strlen(text)) != NULL;
}

static void
tell(setpki_bytes der, const struct setpki_walk_keys *keys, struct lines *l)
{
	const struct setpki_object o = {SETPKI_OBJECT_MESSAGE, der};
	struct setpki_visitor v = lines_visitor(l);
	struct setpki_objects found = {0};
	struct setpki_error err = {0};

	t_ok(setpki_objects_read(der, &found, &err), &err);
	assert_int_equal(found.n, 1);
	assert_int_equal(found.v[0].type, SETPKI_OBJECT_MESSAGE);
	setpki_objects_free(&found);
	l->loose = true;
	t_ok(setpki_walk_with_keys(ctx, &o, SETPKI_SUITE_NONE, keys, &v, &err), &err);
	assert_int_equal(l->depth, 0);
}

/* --- between CAs (set-protocol 12.16) ----------------------------------------------------------------------------- */

static void
notification(struct registry *r, struct sp_buf *out)
{
	SP_CRL_NOTIFICATION_TBS *t = sp_type_new(&sp_type_crl_notification_tbs);
	static const uint8_t digest[SP_DIGEST_MAX] = {7};
	const struct sp_suite *suite = sp_suite(r->suite);

	assert_true(sp_time_set(&t->date, REG_NOW) && sp_str_set(&t->thumb->alg, V_ASN1_SEQUENCE, suite->digest_alg) &&
	    sp_str_set(&t->thumb->digest, V_ASN1_OCTET_STRING, sp_bytes(digest, suite->digest_len)));
	t_ok(sp_type_encode(&sp_type_crl_notification_tbs, t, out, NULL), NULL);
	sp_type_free(&sp_type_crl_notification_tbs, t);
}

static void
distribution(struct registry *r, struct sp_buf *out)
{
	SP_BCI_DISTRIBUTION_TBS *t = sp_type_new(&sp_type_bci_distribution_tbs);

	assert_true(sp_time_set(&t->date, REG_NOW) && sp_str_set(&t->bci, V_ASN1_SEQUENCE, r->bci));
	t_ok(sp_type_encode(&sp_type_bci_distribution_tbs, t, out, NULL), NULL);
	sp_type_free(&sp_type_bci_distribution_tbs, t);
}

static const struct body {
	const char *name;
	enum sp_content type;
	void (*make)(struct registry *r, struct sp_buf *out);
	const char *line; /* of setpki_object_text() */
} bodies[] = {
    {"crl_notification", SP_CT_CRL_NOTIFICATION_TBS, notification, "signed CRLNotificationTBS of 2026-06-01T12:00:00Z"},
    {"crl_notification_res", SP_CT_CRL_NOTIFICATION_RES_TBS, notification,
	"signed CRLNotificationResTBS of 2026-06-01T12:00:00Z"},
    {"bci_distribution", SP_CT_BCI_DISTRIBUTION_TBS, distribution, "signed BCIDistributionTBS of 2026-06-01T12:00:00Z"},
};

static void
sign_body(struct registry *r, const struct body *b, struct sp_buf *out)
{
	struct setpki_party brand = reg_party(r, REG_BRAND);
	const setpki_bytes cert = r->c[REG_BRAND].der;
	setpki_bytes crls[REG_CRLS];
	struct sp_buf tbs = {0};
	struct sp_sign_ask ask = {b->type, {NULL, 0}, false, &brand, 1, &cert, crls, 1, reg_crls(r, crls)};
	struct setpki_error err = {0};

	b->make(r, &tbs);
	ask.content = sp_buf_bytes(&tbs);
	t_ok(sp_sdata_put(ctx, r->suite, &ask, out, &err), &err);
	sp_buf_free(&tbs);
}

static void
tells_what_cas_send_each_other(void **state)
{
	const struct body *b = *state;
	char name[64], line[128];

	for (size_t i = 0; i < NELEMS(regs); i++) {
		struct sp_buf der = {0};
		struct lines l = {0};
		struct setpki_object o = {.type = SETPKI_OBJECT_MESSAGE};

		sign_body(&regs[i], b, &der);
		o.der = sp_buf_bytes(&der);
		assert_string_equal(setpki_object_text(ctx, &o, line, sizeof(line)), b->line);
		tell(o.der, NULL, &l);
		assert_true(says(&l, "signerKey t certificate beside") && says(&l, "verifies b true"));
		snprintf(name, sizeof(name), "%s_%s", b->name, setpki_suite_name(regs[i].suite));
		lines_golden(name, &l);
		sp_buf_free(&der);
		sp_buf_free(&l.text);
	}
}

/* --- signatures --------------------------------------------------------------------------------------------------- */

/* It is told that they do not verify; that is no failure of printing. */
static void
wrong_signatures_are_told_of(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(regs); i++) {
		struct sp_buf der = {0};
		struct lines l = {0};

		sign_body(&regs[i], &bodies[0], &der);
		/* the signature comes last */
		der.p[der.n - 1] ^= 1;
		tell(sp_buf_bytes(&der), NULL, &l);
		assert_true(says(&l, "verifies b false") && !says(&l, "verifies b true"));
		sp_buf_free(&der);
		sp_buf_free(&l.text);
	}
}

static void
unknown_signers_are_told_of(void **state)
{
	struct setpki_party fresh = {.key = regs[1].c[REG_CCA_SIG].key};
	struct sp_buf tbs = {0}, der = {0};
	struct sp_sign_ask ask = {.type = SP_CT_CRL_NOTIFICATION_TBS, .signers = &fresh, .nsigners = 1};
	struct lines l = {0};
	struct setpki_error err = {0};

	(void)state;
	notification(&regs[1], &tbs);
	ask.content = sp_buf_bytes(&tbs);
	t_ok(sp_sdata_put(ctx, SETPKI_SUITE_MODERN, &ask, &der, &err), &err);
	tell(sp_buf_bytes(&der), NULL, &l);
	assert_true(says(&l, "a key that is not certified yet") && says(&l, "signerKey t not in the message"));
	assert_false(says(&l, "verifies"));
	sp_buf_free(&tbs);
	sp_buf_free(&der);
	sp_buf_free(&l.text);
}

/* --- a purchase request ------------------------------------------------------------------------------------------- */

static void
put_purchase(struct registry *r, struct sp_buf *out)
{
	static const uint8_t id[SETPKI_SECRET_LEN] = {3};
	const struct setpki_purchase purchase = {.order = sp_bytes_str("books"),
	    .currency = 840,
	    .amount = 2450,
	    .exponent = -2,
	    .lid_c = SP_BYTES(id),
	    .xid = SP_BYTES(id),
	    .rrpid = SP_BYTES(id),
	    .chall_c = SP_BYTES(id),
	    .date = REG_NOW,
	    .language = "en",
	    .brand = REG_BRAND_ID,
	    .bin = REG_BIN,
	    .merchant = REG_MERCHANT_ID,
	    .software = "test wallet"};
	const struct setpki_card card = {
	    .pan = "4123450000000008", .expiry = "203012", .pan_secret = "a secret of a card"};
	struct setpki_party wallet = reg_party(r, REG_CCA_SIG), gateway = reg_party(r, REG_PCA_ENC);
	SP_MESSAGE_HEADER *header = sp_type_new(&sp_type_message_header);
	struct setpki_der preq = {0};
	struct setpki_error err = {0};

	t_ok(setpki_dual_sign(ctx, r->suite, &wallet, &gateway, &purchase, &card, NULL, 0, &preq, &err), &err);
	assert_true(sp_int_set(&header->version, 1) && sp_time_set(&header->date, REG_NOW) &&
	    sp_str_set(&header->software, V_ASN1_VISIBLESTRING, sp_bytes_str("test wallet")));
	t_ok(sp_message_put(header, (enum sp_arm_number)ARM_PREQ, sp_bytes(preq.p, preq.n), out, &err), &err);
	sp_type_free(&sp_type_message_header, header);
	setpki_der_free(&preq);
}

/* The order as the merchant sees it; with the gateway's key the payment too, but neither PAN nor PANSecret. */
static void
tells_purchase_requests(void **state)
{
	char name[64];

	(void)state;
	for (size_t i = 0; i < NELEMS(regs); i++) {
		struct setpki_party gateway = {.key = regs[i].c[REG_PCA_ENC].key};
		const struct setpki_walk_keys keys = {.recipients = &gateway, .nrecipients = 1};
		struct lines open = {0}, closed = {0};
		struct sp_buf der = {0};

		put_purchase(&regs[i], &der);
		tell(sp_buf_bytes(&der), NULL, &closed);
		assert_true(says(&closed, "OIData") && !says(&closed, "PIHead") && !says(&closed, "412345*"));
		tell(sp_buf_bytes(&der), &keys, &open);
		assert_true(says(&open, "pan t 412345******0008") && says(&open, "panSecret t (20 octets, secret)"));
		assert_false(says(&open, "4123450000000008") || says(&open, "6120736563726574"));
		snprintf(name, sizeof(name), "preq_%s", setpki_suite_name(regs[i].suite));
		lines_golden(name, &open);
		sp_buf_free(&der);
		sp_buf_free(&open.text);
		sp_buf_free(&closed.text);
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
	static const struct CMUnitTest rest[] = {
	    cmocka_unit_test(wrong_signatures_are_told_of),
	    cmocka_unit_test(unknown_signers_are_told_of),
	    cmocka_unit_test(tells_purchase_requests),
	};
	struct CMUnitTest tests[NELEMS(bodies) + NELEMS(rest)];

	for (size_t i = 0; i < NELEMS(bodies); i++)
		tests[i] = (struct CMUnitTest){
		    bodies[i].name, tells_what_cas_send_each_other, NULL, NULL, (void *)(uintptr_t)&bodies[i]};
	memcpy(&tests[NELEMS(bodies)], rest, sizeof(rest));
	return _cmocka_run_group_tests("walk/signed", tests, NELEMS(tests), start, stop);
}
