/* The CAs that answer, while CAs change: rolled, renewed, published anew, without keys; and in the classic suite. */
#include "ca/hierarchy/roll.h"
#include "ca/register/desk.h"
#include "ca/register/private.h"
#include "lib/x509/name.h"
#include "tests/support/check.h"
#include "tests/support/enrollee.h"
#include "tests/support/publish.h"
#include "tests/support/scratch.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <unistd.h>

#define ASK(...) (&(const struct setpki_enroll_ask){__VA_ARGS__})
#define HOUR INT64_C(3600)

static struct t_registry r;
static struct t_enrollee p;
static struct setpki_error err;
static unsigned homes;

/* A home for each test: they change it. */
static void
start(const char *policy, const char *const *edits)
{
	char name[32];

	snprintf(name, sizeof(name), "cas%u", homes++);
	t_registry_start(&r, name, policy, edits);
}

static int
stop(void **state)
{
	(void)state;
	t_enrollee_close(&p);
	t_registry_end(&r);
	memset(&err, 0, sizeof(err));
	return 0;
}

static void
list_card(void)
{
	t_list_card(r.home, T_PAN, T_EXPIRY, false);
}

static void
run(struct ca_plan *plan)
{
	t_ok(ca_plan_run(r.home, plan, NULL, NULL, &err), &err);
	ca_plan_free(plan);
}

static void
roll(const char *ca)
{
	struct ca_plan plan;

	r.home->now = r.now;
	t_ok(ca_roll_plan(r.home, ca, &plan, &err), &err);
	run(&plan);
}

static void
renew(const char *ca, enum ca_purpose purpose)
{
	struct ca_plan plan;

	r.home->now = r.now;
	t_ok(ca_renew_plan(r.home, ca, purpose, &plan, &err), &err);
	run(&plan);
}

static void
publish(void)
{
	struct t_published out;

	r.home->now = r.now;
	t_ok(t_publish(r.home, false, &out, &err), &err);
}

/* The generation that issued what the session got. */
static unsigned
issued_by(void)
{
	struct sp_cert c;

	t_ok(sp_cert_parse(setpki_enroll_cert(p.e, false), &c, &err), &err);
	return sp_name_generation(c.issuer);
}

/* --- generations -------------------------------------------------------------------------------- */

static void
what_was_begun_before_a_roll_is_finished(void **state)
{
	(void)state;
	start("policies/demo.yaml", NULL);
	list_card();
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG));
	t_enrollee_until_cert_req(&p);
	r.now += HOUR;
	roll("card");
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_DONE);
	assert_int_equal(issued_by(), 2);
	t_enrollee_close(&p);
	/* who begins now begins with the new one */
	t_list_card(r.home, "4123450000000016", T_EXPIRY, false);
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = "4123450000000016"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_DONE);
	assert_int_equal(issued_by(), 2);
	assert_int_equal(r.note.ca, t_ca(r.home, "card"));
}

/* A certificate of the generation before signs its own renewal, which the new one issues (set-protocol 12.10, 12.12).
 */
static void
renewals_go_on_after_a_roll(void **state)
{
	static const struct {
		const char *ca;
		enum setpki_request_type first, again;
	} rows[] = {
	    {"card", SETPKI_CARD_INITIAL_SIG, SETPKI_CARD_RENEWAL_SIG},
	    {"merchant", SETPKI_MER_INITIAL_BOTH, SETPKI_MER_RENEWAL_BOTH},
	    {"merchant", SETPKI_MER_INITIAL_BOTH, SETPKI_MER_RENEWAL_ENC},
	};
	struct t_enrollee first;
	struct sp_cert c;

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		start("policies/demo.yaml", NULL);
		list_card();
		t_list_merchant(r.home, "4711", "Corner Books", false);
		t_enrollee_open(&first, &r, ASK(.type = rows[i].first));
		assert_int_equal(t_enrollee_run(&first), SETPKI_ENROLL_DONE);
		r.now += HOUR;
		roll(rows[i].ca);
		t_enrollee_renew(&p, &first, rows[i].again, ASK(.type = 0));
		assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_DONE);
		t_ok(sp_cert_parse(setpki_enroll_cert(p.e, rows[i].again == SETPKI_MER_RENEWAL_ENC), &c, &err), &err);
		assert_int_equal(sp_name_generation(c.issuer), 2);
		t_enrollee_close(&first);
		if (i + 1 < NELEMS(rows))
			stop(state);
	}
}

static bool
answers(const char *ca, uint16_t generation)
{
	for (size_t i = 0; i < r.reg->ng; i++)
		if (strcmp(r.reg->g[i].name, ca) == 0 && r.reg->g[i].generation == generation)
			return true;
	return false;
}

static void
a_closing_generation_answers_for_a_day(void **state)
{
	struct setpki_der answer;

	(void)state;
	start("policies/demo.yaml", NULL);
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG));
	t_enrollee_until_cert_req(&p);
	roll("card");
	r.now += 24 * HOUR - 1;
	t_ok(ca_register_tick(r.reg, r.now, &err), &err);
	if (!answers("card", 1) || !answers("card", 2))
		fail_msg("%s", r.warning);
	r.now += 1;
	t_ok(ca_register_tick(r.reg, r.now, &err), &err);
	assert_false(answers("card", 1));
	assert_true(answers("card", 2));
	/* nobody can open what is encrypted to it any more, and nobody can sign that */
	t_ok(ca_register_answer(r.reg, setpki_enroll_request(p.e), r.now, &answer, &r.note, &err), &err);
	assert_int_equal(r.note.error, SETPKI_ERR_UNSPECIFIED_FAILURE);
	assert_int_equal(r.note.ca, 0);
	setpki_der_free(&answer);
}

/* The key-exchange certificate was renewed meanwhile: what was encrypted to the one before is opened. */
static void
a_replaced_certificate_is_still_a_recipient(void **state)
{
	(void)state;
	start("policies/demo.yaml", NULL);
	list_card();
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG));
	t_enrollee_until_cert_req(&p);
	r.now += HOUR;
	renew("card", CA_PURPOSE_EXCHANGE);
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_DONE);
	assert_int_equal(ca_reg_newest(r.reg, t_ca(r.home, "card"))->n, 2);
	t_enrollee_close(&p);
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG));
	t_enrollee_until_cert_req(&p);
	/* new ones get the new one */
	assert_true(sp_bytes_eq(ca_reg_newest(r.reg, t_ca(r.home, "card"))->v[0].exchange_cert,
	    ca_reg_newest(r.reg, t_ca(r.home, "card"))->exchange_certs[0]));
}

/* --- what goes along ---------------------------------------------------------------------------- */

static void
new_lists_go_along_at_once(void **state)
{
	struct ca_bci_record bci;
	setpki_bytes before;

	(void)state;
	start("policies/demo.yaml", NULL);
	list_card();
	before = sp_bytes_dup(r.reg->g[0].bci);
	assert_true(before.n != 0);
	r.now += HOUR;
	publish();
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_DONE);
	t_ok(ca_bci_read(r.home, NULL, &bci, &err), &err);
	t_bytes(r.reg->g[0].bci, bci.der);
	assert_false(sp_bytes_eq(r.reg->g[0].bci, before));
	ca_bci_record_free(&bci);
	OPENSSL_free((void *)(uintptr_t)before.p);
}

/* Registrations change the store, and nothing of what the CAs are: the list is not made anew for them. */
static void
registrations_leave_the_list_alone(void **state)
{
	const struct ca_reg_generation *before;

	(void)state;
	start("policies/demo.yaml", NULL);
	list_card();
	before = r.reg->g;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_DONE);
	t_ok(ca_register_tick(r.reg, r.now, &err), &err);
	assert_ptr_equal(r.reg->g, before);
	publish();
	t_ok(ca_register_tick(r.reg, r.now, &err), &err);
	assert_ptr_not_equal(r.reg->g, before);
}

/* --- keys --------------------------------------------------------------------------------------- */

static unsigned asked;

static enum setpki_code
ask(void *arg, const char *what, bool confirm, char *out, size_t cap, size_t *n, struct setpki_error *e)
{
	(void)arg;
	(void)confirm;
	asked++;
	if (strstr(what, "merchant") != NULL)
		return sp_fail(e, SETPKI_E_STATE, NULL, "nobody knows it");
	*n = (size_t)snprintf(out, cap, "passphrase for %s", what);
	return SETPKI_E_OK;
}

/* Each passphrase is asked for once, whatever changes in the store; a CA whose keys stay closed is left out. */
static void
passphrases_are_asked_for_once(void **state)
{
	static const char *const edits[] = {
	    "common-name: Demo Cardholder CA\n              keys:\n                protection: none",
	    "common-name: Demo Cardholder CA\n              keys:\n                protection: passphrase",
	    "common-name: Demo Merchant CA\n              keys:\n                protection: none",
	    "common-name: Demo Merchant CA\n              keys:\n                protection: passphrase", NULL};
	const struct setpki_responder_ca *ca;

	(void)state;
	start("policies/demo.yaml", edits);
	list_card();
	r.home->pass.ask = ask;
	asked = 0;
	t_registry_restart(&r);
	assert_int_equal(asked, 3 + 1); /* of card three keys; of merchant the first fails */
	assert_int_equal(r.warnings, 1);
	assert_non_null(strstr(r.warning, "merchant, generation 1, answers no registrations: "));
	t_code(ca_reg_first(r.reg, "Demo", SETPKI_TYPE_MCA, NULL, &ca, &err), SETPKI_E_NOTFOUND, &err);
	setpki_error_clear(&err);
	asked = 0;
	publish();
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_DONE);
	assert_int_equal(asked, 1); /* merchant's, again in vain */
}

static void
a_wrong_key_file_is_left_out(void **state)
{
	char dir[1024];

	(void)state;
	start("policies/demo.yaml", NULL);
	snprintf(dir, sizeof(dir), "%s", strrchr(r.home->dir, '/') + 1);
	assert_int_equal(
	    rename(scratch_path("%s/keys/card-1-key-exchange.key", dir), scratch_path("%s/keys/gone.key", dir)), 0);
	assert_int_equal(rename(scratch_path("%s/keys/merchant-1-key-exchange.key", dir),
			     scratch_path("%s/keys/card-1-key-exchange.key", dir)),
	    0);
	t_registry_restart(&r);
	assert_int_equal(r.warnings, 2);
	assert_false(answers("card", 1) || answers("merchant", 1));
	assert_true(answers("gateway", 1));
}

/* --- routing ------------------------------------------------------------------------------------ */

struct first {
	const char *brand;
	uint32_t type;
	const char *bin, *ca;
};

static void
find_their_ca(const struct first *rows, size_t n)
{
	const struct setpki_responder_ca *ca;

	for (size_t i = 0; i < n; i++) {
		t_code(ca_reg_first(r.reg, rows[i].brand, rows[i].type, rows[i].bin, &ca, &err),
		    rows[i].ca != NULL ? SETPKI_E_OK : SETPKI_E_NOTFOUND, &err);
		if (rows[i].ca != NULL)
			assert_int_equal(ca->number, t_ca(r.home, rows[i].ca));
		setpki_error_clear(&err);
	}
}

static void
first_contacts_find_their_ca(void **state)
{
	static const struct first rows[] = {
	    {"Demo", SETPKI_TYPE_CCA, NULL, "card"},
	    {"Demo:Gold", SETPKI_TYPE_CCA, NULL, "card"},
	    {"Demo", SETPKI_TYPE_MCA, "412399", "merchant"},
	    {"Demo", SETPKI_TYPE_MCA, "999999", "merchant"}, /* which refers them */
	    {"Demo", SETPKI_TYPE_PCA, "412399", "gateway"},
	    {"Dem", SETPKI_TYPE_CCA, NULL, NULL},
	    {"Demon", SETPKI_TYPE_CCA, NULL, NULL},
	    {"", SETPKI_TYPE_CCA, NULL, NULL},
	    {"Demo", SETPKI_TYPE_BCA, NULL, NULL},
	    {"Demo", 0, NULL, NULL},
	};
	const struct setpki_responder_ca *ca;

	(void)state;
	start("policies/demo.yaml", NULL);
	find_their_ca(rows, NELEMS(rows));
	t_code(ca_reg_number(r.reg, 999, &ca, &err), SETPKI_E_NOTFOUND, &err);
	setpki_error_clear(&err);
	t_code(ca_reg_number(r.reg, t_ca(r.home, "geo"), &ca, &err), SETPKI_E_NOTFOUND, &err);
	setpki_error_clear(&err);
	t_ok(ca_reg_number(r.reg, t_ca(r.home, "card"), &ca, &err), &err);
	t_ok(ca_reg_recipient(r.reg, ca->exchange.issuer, ca->exchange.serial, &ca, &err), &err);
	t_code(ca_reg_recipient(r.reg, ca->sign.issuer, ca->sign.serial, &ca, &err), SETPKI_E_NOTFOUND, &err);
	setpki_error_clear(&err);
}

/* Several CAs of a role: by product and by BIN, and who serves a BIN before who sends it elsewhere. */
static void
several_cas_share_a_brand(void **state)
{
	static const struct first rows[] = {
	    {"Red", SETPKI_TYPE_CCA, NULL, "red-card"},
	    {"Red:Gold", SETPKI_TYPE_CCA, NULL, "red-gold"},
	    {"Red:Iron", SETPKI_TYPE_CCA, NULL, "red-card"},
	    {"Blue", SETPKI_TYPE_CCA, NULL, "blue-card"},
	    {"Blue:Gold", SETPKI_TYPE_CCA, NULL, "blue-card"},
	    {"Red", SETPKI_TYPE_MCA, "520000", "red-shop"},
	    {"Red", SETPKI_TYPE_MCA, "521111", "red-mall"},
	    {"Red:Gold", SETPKI_TYPE_MCA, "521111", "red-mall"},
	    {"Red", SETPKI_TYPE_MCA, "522222", "red-shop"},
	    {"Red", SETPKI_TYPE_MCA, "999999", "red-shop"},
	    {"Blue", SETPKI_TYPE_MCA, "521111", "blue-shop"},
	    {"Red", SETPKI_TYPE_PCA, "520000", NULL},
	    {"Blue", SETPKI_TYPE_PCA, "520000", "blue-gateway"},
	    {"Green", SETPKI_TYPE_CCA, NULL, NULL},
	};

	(void)state;
	start("tests/vectors/policy/brands.yaml", NULL);
	find_their_ca(rows, NELEMS(rows));
}

/* The keys of one are in another home, which answers for it there. */
static void
moves_away(const char *name)
{
	struct ca_ca_record ca;
	ca_txn *t;

	t_ok(ca_txn_begin(r.home->store, true, &t, &err), &err);
	t_ok(ca_ca_find(t, name, &ca, &err), &err);
	ca.here = false;
	t_ok(ca_ca_put(t, &ca, &err), &err);
	t_ok(ca_txn_commit(t, &err), &err);
	ca_ca_record_free(&ca);
	r.reg->log_size = 0;
	t_ok(ca_reg_refresh(r.reg, &err), &err);
}

static void
cas_of_another_home_are_not_in_the_way(void **state)
{
	static const struct first rows[] = {
	    {"Red", SETPKI_TYPE_CCA, NULL, "red-gold"},
	    {"Red:Gold", SETPKI_TYPE_CCA, NULL, "red-gold"},
	    {"Red", SETPKI_TYPE_MCA, "520000", "red-mall"},
	    {"Blue", SETPKI_TYPE_CCA, NULL, "blue-card"},
	};

	(void)state;
	start("tests/vectors/policy/brands.yaml", NULL);
	moves_away("red-card");
	moves_away("red-shop");
	find_their_ca(rows, NELEMS(rows));
}

/* Another policy: who served a BIN does not any more, and forms are worded anew. */
static void
a_reloaded_policy_counts_at_once(void **state)
{
	static const struct {
		const char *edits[3];
		enum setpki_status status;
	} rows[] = {
	    {{"bins: [\"412345\", \"412346\"]", "bins: [\"412346\"]", NULL}, SETPKI_STATUS_INVALID_BIN},
	    {{"Name as printed on the card", "Your name", NULL}, SETPKI_STATUS_INVALID_LANGUAGE},
	    {{"length: 60", "length: 61", NULL}, SETPKI_STATUS_INVALID_LANGUAGE},
	    {{"[P-256, RSA-2048]\n                  lifetime: 2y", "[RSA-2048]\n                  lifetime: 2y", NULL},
		SETPKI_STATUS_REJECTED_BY_CA},
	    {{"relaxed-criticality: true", "relaxed-criticality: true # as before", NULL}, SETPKI_STATUS_COMPLETE},
	};
	struct ca_policy *before;

	(void)state;
	start("policies/demo.yaml", NULL);
	list_card();
	for (size_t i = 0; i < NELEMS(rows); i++) {
		t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG));
		t_enrollee_until_cert_req(&p);
		before = r.home->policy;
		r.home->policy = t_policy("policies/demo.yaml", rows[i].edits);
		memcpy(r.home->policy->hash, before->hash, sizeof(before->hash)); /* for the log */
		t_ok(ca_register_reload(r.reg, r.now, &err), &err);
		(void)t_enrollee_run(&p);
		assert_int_equal(t_enrollee_status(&p), rows[i].status);
		t_enrollee_close(&p);
		ca_policy_free(r.home->policy);
		r.home->policy = before;
		t_ok(ca_register_reload(r.reg, r.now, &err), &err);
	}
}

/* --- classic ------------------------------------------------------------------------------------ */

static void
the_classic_suite_registers_too(void **state)
{
	static const struct {
		enum setpki_request_type type;
		enum setpki_enroll_step end; /* gateways wait for two persons */
	} rows[] = {{SETPKI_CARD_INITIAL_SIG, SETPKI_ENROLL_DONE}, {SETPKI_MER_INITIAL_BOTH, SETPKI_ENROLL_DONE},
	    {SETPKI_PGWY_INITIAL_BOTH, SETPKI_ENROLL_WAIT}};

	(void)state;
	start("policies/classic-1997.yaml", NULL);
	list_card();
	t_list_merchant(r.home, "4711", "Corner Books", false);
	t_list_gateway(r.home, "17", "gw17", false);
	for (size_t i = 0; i < NELEMS(rows); i++) {
		t_enrollee_open(&p, &r,
		    ASK(.type = rows[i].type, .brand = "Classic",
			.id = rows[i].type == SETPKI_PGWY_INITIAL_BOTH ? "17" : NULL));
		assert_int_equal(t_enrollee_run(&p), rows[i].end);
		t_enrollee_close(&p);
	}
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(what_was_begun_before_a_roll_is_finished),
	    TEST(renewals_go_on_after_a_roll),
	    TEST(a_closing_generation_answers_for_a_day),
	    TEST(a_replaced_certificate_is_still_a_recipient),
	    TEST(new_lists_go_along_at_once),
	    TEST(registrations_leave_the_list_alone),
	    TEST(passphrases_are_asked_for_once),
	    TEST(a_wrong_key_file_is_left_out),
	    TEST(first_contacts_find_their_ca),
	    TEST(several_cas_share_a_brand),
	    TEST(cas_of_another_home_are_not_in_the_way),
	    TEST(a_reloaded_policy_counts_at_once),
	    TEST(the_classic_suite_registers_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
