/* The account of merchants and gateways: asked for with acctDataField, checked, told to programs, kept sealed. */
#include "ca/register/desk.h"
#include "ca/store/codec.h"
#include "lib/crypto/cipher.h"
#include "tests/support/check.h"
#include "tests/support/enrollee.h"
#include "tests/support/home.h"

#include <openssl/crypto.h>

#define ASK(...) (&(const struct setpki_enroll_ask){__VA_ARGS__})

static struct t_registry r;
static struct t_enrollee p;
static struct setpki_error err;

/* --- the policy: merchants fill in a form and have to give an account; gateways give one, if they like ------- */

#define MERCHANT_FIELD "        pattern: \"[+0-9 ]+\""
#define MERCHANT_ACCOUNT(text)                                                                                         \
	MERCHANT_FIELD "\n    account: {labels: [{language: en, text: " text                                           \
		       "}], hints: [{language: en, text: See your contract}], required: true, length: 20, "            \
		       "field-id: account-number, pattern: \"[0-9-]+\"}"
#define GATEWAY_FIELDS                                                                                                 \
	"    fields:\n      - name: operator\n        labels:\n          - language: en\n            text: Operator "  \
	"on duty\n        required: true\n        length: 60"
#define GATEWAY_ACCOUNT(more) "    account: {labels: [{language: en, text: Account}]" more "}"
#define PROGRAM "decide: [program]\n                    program:\n                      path: /bin/merchant-check"
/* the first desk with these is that of the cardholders */
#define DECIDE "decide: [accounts, manual]"
#define EDITS(merchant, gateway)                                                                                       \
	{                                                                                                              \
		DECIDE, "decide: [manual]", DECIDE, PROGRAM, MERCHANT_FIELD, (merchant), GATEWAY_FIELDS, (gateway),    \
		    NULL                                                                                               \
	}
static const char *const edits[] = EDITS(MERCHANT_ACCOUNT("Account"), GATEWAY_ACCOUNT(""));

static int
start(void **state)
{
	(void)state;
	t_registry_start(&r, "acct-data", "policies/demo.yaml", edits);
	r.verdict = "{\"answer\":\"pend\"}";
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	t_registry_end(&r);
	return 0;
}

static int
close_party(void **state)
{
	(void)state;
	t_enrollee_close(&p);
	memset(&err, 0, sizeof(err));
	return 0;
}

/* What is sealed of the last message; ca_desk_parts_free(). */
static void
open_parts(struct ca_desk_parts *parts)
{
	struct ca_request_record rec;
	uint8_t wrapper[32], key[32];
	ca_txn *t;

	t_ok(sp_sha256(t_ctx(), p.sent, wrapper, &err), &err);
	t_ok(ca_txn_begin(r.home->store, false, &t, &err), &err);
	t_ok(ca_request_by_wrapper(t, wrapper, &rec, &err), &err);
	ca_txn_abort(t);
	t_ok(ca_desk_key(r.home, key, &err), &err);
	t_ok(ca_desk_unseal(t_ctx(), key, &rec, parts, &err), &err);
	ca_request_record_free(&rec);
}

static void
keeps(const char *account)
{
	struct ca_desk_parts parts;

	open_parts(&parts);
	if (account != NULL)
		assert_string_equal(parts.account, account);
	else
		assert_null(parts.account);
	ca_desk_parts_free(&parts);
}

static void
says(enum setpki_status status, const char *message)
{
	struct setpki_enroll_result result;

	assert_int_equal(t_enrollee_status(&p), status);
	setpki_enroll_result(p.e, &result);
	if (message != NULL)
		assert_string_equal(result.message, message);
	else
		assert_null(result.message);
}

/* --- asked for ----------------------------------------------------------------------------------------- */

static void
it_comes_with_the_form(void **state)
{
	const struct setpki_field *f;

	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_MER_INITIAL_BOTH));
	t_enrollee_post(&p);
	f = setpki_enroll_account_field(p.e);
	assert_non_null(f);
	assert_int_equal(f->nlabels, 1);
	assert_string_equal(f->labels[0], "Account");
	assert_string_equal(f->description, "See your contract");
	assert_string_equal(setpki_field_name(f->id), "accountNumber");
	assert_int_equal(f->length, 20);
	assert_true(f->required && !f->invisible);
	/* it is none of the form's own questions */
	assert_int_equal(setpki_enroll_form(p.e)->nfields, 2);
	t_enrollee_close(&p);
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_PGWY_INITIAL_SIG));
	t_enrollee_post(&p);
	f = setpki_enroll_account_field(p.e);
	assert_non_null(f);
	assert_int_equal(f->id, -1);
	assert_int_equal(f->length, SP_ACCT_ID_LEN);
	assert_null(f->description);
	assert_false(f->required);
}

/* --- checked ------------------------------------------------------------------------------------------- */

static const struct row {
	const char *name;
	enum setpki_request_type type;
	const char *account, *telephone;
	enum setpki_status status;
	const char *message;
	size_t failed;	  /* items of the form */
	const char *kept; /* NULL: as it came */
} rows[] = {
    {"an account as it is asked for", SETPKI_MER_INITIAL_BOTH, "12-34", NULL, SETPKI_STATUS_PENDED, NULL, 0, NULL},
    {"the longest", SETPKI_MER_INITIAL_SIG, "1------------------2", NULL, SETPKI_STATUS_PENDED, NULL, 0, NULL},
    {"letters in it", SETPKI_MER_INITIAL_SIG, "12-3x", NULL, SETPKI_STATUS_FORM_MALFORMED,
	"account: not in the form that is asked for", 0, NULL},
    {"a blank in it", SETPKI_MER_INITIAL_SIG, "12 34", NULL, SETPKI_STATUS_FORM_MALFORMED,
	"account: not in the form that is asked for", 0, NULL},
    {"nothing but blanks", SETPKI_MER_INITIAL_SIG, "   ", NULL, SETPKI_STATUS_FORM_MALFORMED,
	"account: has to be filled in", 0, NULL},
    {"an answer of the form is wrong", SETPKI_MER_INITIAL_SIG, "12-34", "none", SETPKI_STATUS_FORM_MALFORMED, NULL, 1,
	NULL},
    {"both are wrong", SETPKI_MER_INITIAL_SIG, "12-3x", "none", SETPKI_STATUS_FORM_MALFORMED,
	"account: not in the form that is asked for", 1, NULL},
    {"a gateway's", SETPKI_PGWY_INITIAL_BOTH, "gateway 17", NULL, SETPKI_STATUS_PENDED, NULL, 0, NULL},
    {"74 characters", SETPKI_PGWY_INITIAL_SIG,
	"01234567890123456789012345678901234567890123456789012345678901234567890123", NULL, SETPKI_STATUS_PENDED, NULL,
	0, NULL},
    {"a card number in its place", SETPKI_PGWY_INITIAL_SIG, "no " T_PAN, NULL, SETPKI_STATUS_PENDED, NULL, 0,
	"no 412345******0008"},
    {"none where none has to be", SETPKI_PGWY_INITIAL_SIG, NULL, NULL, SETPKI_STATUS_PENDED, NULL, 0, NULL},
    {"blanks where none has to be", SETPKI_PGWY_INITIAL_SIG, " ", NULL, SETPKI_STATUS_PENDED, NULL, 0, NULL},
};

static void
row_says(void **state)
{
	const struct row *row = *state;
	bool blank = row->account == NULL || strspn(row->account, " ") == strlen(row->account);
	struct setpki_enroll_result result;

	t_enrollee_open(&p, &r, ASK(.type = row->type, .account = row->account));
	if (row->telephone != NULL)
		p.answers[1] = row->telephone;
	(void)t_enrollee_run(&p);
	says(row->status, row->message);
	setpki_enroll_result(p.e, &result);
	assert_int_equal(result.nfailed, row->failed);
	keeps(blank ? NULL : row->kept != NULL ? row->kept : row->account);
}

/* --- under another policy than it was asked by ---------------------------------------------------------- */

static const struct later {
	const char *name;
	enum setpki_request_type type;
	const char *account, *edits[9];
	enum setpki_status status;
	const char *message, *kept;
} later[] = {
    {"missing, now that it is required", SETPKI_PGWY_INITIAL_SIG, NULL,
	EDITS(MERCHANT_ACCOUNT("Account"), GATEWAY_ACCOUNT(", required: true")), SETPKI_STATUS_FORM_MALFORMED,
	"account: has to be filled in", NULL},
    {"longer than it may be now", SETPKI_PGWY_INITIAL_SIG, "12345",
	EDITS(MERCHANT_ACCOUNT("Account"), GATEWAY_ACCOUNT(", length: 4")), SETPKI_STATUS_FORM_MALFORMED,
	"account: longer than 4 characters", "12345"},
    {"no longer asked for, and not kept", SETPKI_PGWY_INITIAL_SIG, "12345",
	EDITS(MERCHANT_ACCOUNT("Account"), "    # nothing is asked"), SETPKI_STATUS_PENDED, NULL, NULL},
    {"in other words: another form", SETPKI_MER_INITIAL_SIG, "12-34",
	EDITS(MERCHANT_ACCOUNT("Contract"), GATEWAY_ACCOUNT("")), SETPKI_STATUS_INVALID_LANGUAGE, NULL, NULL},
    {"in the same words", SETPKI_MER_INITIAL_SIG, "12-34", EDITS(MERCHANT_ACCOUNT("Account"), GATEWAY_ACCOUNT("")),
	SETPKI_STATUS_PENDED, NULL, "12-34"},
};

static void
later_says(void **state)
{
	const struct later *row = *state;
	struct ca_policy *before = r.home->policy;

	t_enrollee_open(&p, &r, ASK(.type = row->type, .account = row->account));
	t_enrollee_until_cert_req(&p);
	r.home->policy = t_policy("policies/demo.yaml", row->edits);
	memcpy(r.home->policy->hash, before->hash, sizeof(before->hash)); /* for the log */
	t_ok(ca_register_reload(r.reg, r.now, &err), &err);
	(void)t_enrollee_run(&p);
	says(row->status, row->message);
	keeps(row->kept);
	ca_policy_free(r.home->policy);
	r.home->policy = before;
	t_ok(ca_register_reload(r.reg, r.now, &err), &err);
}

/* --- told and kept -------------------------------------------------------------------------------------- */

static void
programs_are_told(void **state)
{
	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_MER_INITIAL_SIG, .account = "55-66"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	assert_non_null(strstr(r.question, "\"bin\":\"412399\",\"id\":\"4711\",\"account\":\"55-66\",\"answers\":["));
	t_enrollee_close(&p);
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_MER_INITIAL_SIG, .account = T_PAN));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	assert_null(strstr(r.question, T_PAN));
	assert_non_null(strstr(r.question, "\"account\":\"412345******0008\""));
}

static void
a_renewal_gives_it_again(void **state)
{
	struct t_enrollee old;

	(void)state;
	t_list_merchant(r.home, "4712", "Corner Cakes", false);
	r.verdict = "{\"answer\":\"accept\"}";
	t_enrollee_open(&old, &r, ASK(.type = SETPKI_MER_INITIAL_BOTH, .id = "4712", .account = "77-88"));
	assert_int_equal(t_enrollee_run(&old), SETPKI_ENROLL_DONE);
	t_enrollee_renew(&p, &old, SETPKI_MER_RENEWAL_SIG, ASK(.id = "4712", .account = "99-00"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_DONE);
	assert_non_null(strstr(r.question, "\"renewal\":true"));
	assert_non_null(strstr(r.question, "\"account\":\"99-00\""));
	t_enrollee_close(&old);
	r.verdict = "{\"answer\":\"pend\"}";
}

/* The parts of a request, as version `version` of this program would have sealed them, without an account. */
static void
seal_old(uint8_t version, const uint8_t key[32], struct ca_request_record *rec)
{
	struct sp_buf plain = {0}, alg = {0}, cipher = {0}, sealed = {0};
	static const uint8_t nonce[SP_NONCE_LEN] = {7};

	ca_put_u8(&plain, version);
	sp_buf_add(&plain, rec->wrapper, sizeof(rec->wrapper));
	sp_buf_add(&plain, nonce, sizeof(nonce));
	ca_put_bytes(&plain, (setpki_bytes){NULL, 0});
	ca_put_str(&plain, "4711");
	ca_put_u8(&plain, 0);
	ca_put_u8(&plain, 0);
	t_ok(sp_cipher_seal(t_ctx(), SETPKI_SUITE_MODERN, key, sp_buf_bytes(&plain), &alg, &cipher, &err), &err);
	ca_put_bytes(&sealed, sp_buf_bytes(&alg));
	ca_put_bytes(&sealed, sp_buf_bytes(&cipher));
	rec->sealed.p = sp_buf_take(&sealed, &rec->sealed.n);
	sp_buf_free(&plain);
	sp_buf_free(&alg);
	sp_buf_free(&cipher);
}

static void
what_was_sealed_before_there_were_accounts_opens(void **state)
{
	static const struct {
		uint8_t version;
		enum setpki_code rc; /* 2: it ends too early */
	} versions[] = {
	    {0, SETPKI_E_STATE}, {1, SETPKI_E_OK}, {2, SETPKI_E_STATE}, {3, SETPKI_E_STATE}, {255, SETPKI_E_STATE}};
	static const uint8_t key[32] = {1};

	(void)state;
	for (size_t i = 0; i < NELEMS(versions); i++) {
		struct ca_request_record rec = {.number = 1, .wrapper = {2}};
		struct ca_desk_parts parts;

		seal_old(versions[i].version, key, &rec);
		t_code(ca_desk_unseal(t_ctx(), key, &rec, &parts, &err), versions[i].rc, &err);
		setpki_error_clear(&err);
		if (versions[i].rc == SETPKI_E_OK) {
			assert_string_equal(parts.id, "4711");
			assert_null(parts.account);
			ca_desk_parts_free(&parts);
		}
		OPENSSL_free((void *)(uintptr_t)rec.sealed.p);
	}
}

#define TEST(f) cmocka_unit_test_teardown(f, close_party)

int
main(void)
{
	static const struct CMUnitTest others[] = {
	    TEST(it_comes_with_the_form),
	    TEST(programs_are_told),
	    TEST(a_renewal_gives_it_again),
	    TEST(what_was_sealed_before_there_were_accounts_opens),
	};
	struct CMUnitTest tests[NELEMS(rows) + NELEMS(later) + NELEMS(others)];
	size_t n = 0;

	for (size_t i = 0; i < NELEMS(rows); i++)
		tests[n++] =
		    (struct CMUnitTest){rows[i].name, row_says, NULL, close_party, (void *)(uintptr_t)&rows[i]};
	for (size_t i = 0; i < NELEMS(later); i++)
		tests[n++] =
		    (struct CMUnitTest){later[i].name, later_says, NULL, close_party, (void *)(uintptr_t)&later[i]};
	for (size_t i = 0; i < NELEMS(others); i++)
		tests[n++] = others[i];
	return _cmocka_run_group_tests("register/acct_data", tests, n, start, stop);
}
