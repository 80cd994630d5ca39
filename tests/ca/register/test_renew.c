/* Renewals: the same holder as the certificate that signs was issued for, under the same name (set-protocol 12.10). */
#include "ca/register/desk.h"
#include "ca/revoke/revoke.h"
#include "lib/message/enroll.h"
#include "lib/x509/cert.h"
#include "lib/x509/name.h"
#include "tests/support/check.h"
#include "tests/support/enrollee.h"
#include "tests/support/home.h"

#include <openssl/crypto.h>
#include <stdio.h>

#define ASK(...) (&(const struct setpki_enroll_ask){__VA_ARGS__})

static struct t_registry r;
static struct t_enrollee first, p;
static struct setpki_error err;

static int
start(void **state)
{
	/* one person is enough for gateways here, and accounts are asked before persons */
	static const char *const edits[] = {
	    "decide: [manual]\n                    approvals: 2", "decide: [accounts, manual]", NULL};

	(void)state;
	t_registry_start(&r, "renew", "policies/demo.yaml", edits);
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
close_parties(void **state)
{
	(void)state;
	t_enrollee_close(&p);
	t_enrollee_close(&first);
	memset(&err, 0, sizeof(err));
	return 0;
}

/* Somebody has got certificates. */
static void
has(const struct setpki_enroll_ask *ask)
{
	t_enrollee_open(&first, &r, ask);
	assert_int_equal(t_enrollee_run(&first), SETPKI_ENROLL_DONE);
}

static struct sp_cert
cert(const struct t_enrollee *e, bool exchange)
{
	struct sp_cert c;

	t_ok(sp_cert_parse(setpki_enroll_cert(e->e, exchange), &c, &err), &err);
	return c;
}

/* --- cards -------------------------------------------------------------------------------------- */

static void
a_card_is_renewed_under_a_new_name(void **state)
{
	struct sp_cert before, after;

	(void)state;
	t_list_card(r.home, T_PAN, T_EXPIRY, false);
	has(ASK(.type = SETPKI_CARD_INITIAL_SIG));
	t_enrollee_renew(&p, &first, SETPKI_CARD_RENEWAL_SIG, ASK(.type = 0));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_DONE);
	before = cert(&first, false);
	after = cert(&p, false);
	assert_false(sp_bytes_eq(before.subject, after.subject)); /* CardSecret and Nonce-CCA are new */
	assert_false(sp_bytes_eq(before.key.whole, after.key.whole));
}

static void
another_card_is_not_renewed(void **state)
{
	(void)state;
	t_list_card(r.home, "4123450000000016", T_EXPIRY, false);
	t_list_card(r.home, "4123450000000024", T_EXPIRY, false);
	has(ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = "4123450000000016"));
	t_enrollee_renew(&p, &first, SETPKI_CARD_RENEWAL_SIG, ASK(.pan = "4123450000000024"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_REFUSED);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_REJECTED_BY_ISSUER);
	assert_non_null(strstr(r.note.detail, "was issued for"));
}

/* --- merchants ---------------------------------------------------------------------------------- */

static void
a_merchant_keeps_its_name(void **state)
{
	struct sp_cert before, sig, enc;
	char data[2048];

	(void)state;
	t_list_merchant(r.home, "1", "Corner Books", false);
	has(ASK(.type = SETPKI_MER_INITIAL_BOTH, .id = "1"));
	t_list_merchant(r.home, "1", "Corner Books & Tea", false);
	t_enrollee_renew(&p, &first, SETPKI_MER_RENEWAL_BOTH, ASK(.id = "1"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_DONE);
	before = cert(&first, false);
	sig = cert(&p, false);
	enc = cert(&p, true);
	t_bytes(sig.subject, before.subject);
	t_bytes(enc.subject, before.subject);
	/* what the acquirer says of it is of today */
	assert_true(sig.ext[SP_EXT_MERCHANT_DATA].n < sizeof(data));
	assert_non_null(
	    memmem(sig.ext[SP_EXT_MERCHANT_DATA].p, sig.ext[SP_EXT_MERCHANT_DATA].n, "Corner Books & Tea", 18));
}

static void
an_exchange_certificate_is_renewed_alone(void **state)
{
	struct sp_cert before, after;

	(void)state;
	t_list_merchant(r.home, "2", "Corner Cakes", false);
	has(ASK(.type = SETPKI_MER_INITIAL_BOTH, .id = "2"));
	t_enrollee_renew(&p, &first, SETPKI_MER_RENEWAL_ENC, ASK(.id = "2"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_DONE);
	before = cert(&first, true);
	after = cert(&p, true);
	t_bytes(after.subject, before.subject);
	assert_int_equal(setpki_enroll_cert(p.e, false).n, 0);
}

/* A signature certificate asks for the exchange certificate that was not asked for at first. */
static void
a_second_certificate_gets_the_name_of_the_first(void **state)
{
	struct sp_cert sig, enc;

	(void)state;
	t_list_merchant(r.home, "3", "Corner Tea", false);
	has(ASK(.type = SETPKI_MER_INITIAL_SIG, .id = "3"));
	t_list_merchant(r.home, "3", "Another Name", false);
	t_enrollee_renew(&p, &first, SETPKI_MER_INITIAL_ENC, ASK(.id = "3"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_DONE);
	sig = cert(&first, false);
	enc = cert(&p, true);
	t_bytes(enc.subject, sig.subject);
}

static void
another_merchant_is_not_renewed(void **state)
{
	(void)state;
	t_list_merchant(r.home, "4", "Corner Four", false);
	t_list_merchant(r.home, "5", "Corner Five", false);
	has(ASK(.type = SETPKI_MER_INITIAL_SIG, .id = "4"));
	t_enrollee_renew(&p, &first, SETPKI_MER_RENEWAL_SIG, ASK(.id = "5"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_REFUSED);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_REJECTED_BY_ACQUIRER);
}

/* Two merchants of one name have one subject; their ids tell them apart. */
static void
a_namesakes_exchange_certificate_is_not_renewed(void **state)
{
	struct t_enrollee twin;

	(void)state;
	t_list_merchant(r.home, "21", "Corner Twin", false);
	t_list_merchant(r.home, "22", "Corner Twin", false);
	t_enrollee_open(&twin, &r, ASK(.type = SETPKI_MER_INITIAL_BOTH, .id = "22"));
	assert_int_equal(t_enrollee_run(&twin), SETPKI_ENROLL_DONE);
	has(ASK(.type = SETPKI_MER_INITIAL_BOTH, .id = "21"));
	t_enrollee_renew(&p, &first, SETPKI_MER_RENEWAL_ENC, ASK(.id = "21"));
	t_ok(sp_part_set(&p.e->s, SP_PART_OLD_ENC, setpki_enroll_cert(twin.e, true), &err), &err);
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_REFUSED);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_REJECTED_BY_ACQUIRER);
	t_enrollee_close(&twin);
}

static void
unlist_merchant(const char *id)
{
	ca_txn *t;

	t_ok(ca_txn_begin(r.home->store, true, &t, &err), &err);
	t_ok(ca_holder_del(t, t_ca(r.home, "merchant"), CA_ROLE_MERCHANT, "412399", id, &err), &err);
	t_ok(ca_txn_commit(t, &err), &err);
}

/* Not in the list any more: a person decides, and all of it is as it was. */
static void
who_is_not_listed_any_more_keeps_its_data(void **state)
{
	struct ca_request_record rec;
	struct sp_cert before, after;

	(void)state;
	t_list_merchant(r.home, "6", "Corner Six", false);
	has(ASK(.type = SETPKI_MER_INITIAL_SIG, .id = "6"));
	unlist_merchant("6");
	t_enrollee_renew(&p, &first, SETPKI_MER_RENEWAL_SIG, ASK(.id = "6"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	rec = t_enrollee_request(&p);
	assert_true(rec.old_seq != 0);
	t_ok(ca_desk_approve(r.home, rec.number, "anna", NULL, &err), &err);
	t_ok(ca_register_tick(r.reg, r.now, &err), &err);
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_DONE);
	before = cert(&first, false);
	after = cert(&p, false);
	t_bytes(after.subject, before.subject);
	t_bytes(after.ext[SP_EXT_MERCHANT_DATA], before.ext[SP_EXT_MERCHANT_DATA]);
	ca_request_record_free(&rec);
}

static void
revoke(const struct sp_cert *c)
{
	struct ca_revocation revocation = {.serial = c->serial, .reason = -1};

	t_ok(ca_revoke(r.home, &revocation, 1, &err), &err);
}

static void
what_is_revoked_renews_nothing(void **state)
{
	struct setpki_der answer;
	struct sp_cert c;

	(void)state;
	t_list_merchant(r.home, "7", "Corner Seven", false);
	has(ASK(.type = SETPKI_MER_INITIAL_SIG, .id = "7"));
	c = cert(&first, false);
	revoke(&c);
	t_enrollee_renew(&p, &first, SETPKI_MER_RENEWAL_SIG, ASK(.id = "7"));
	t_enrollee_until_cert_req(&p);
	t_ok(ca_register_answer(r.reg, setpki_enroll_request(p.e), r.now, &answer, &r.note, &err), &err);
	assert_int_equal(r.note.error, SETPKI_ERR_REVOKED_CERTIFICATE);
	setpki_der_free(&answer);
}

/* Revoked while it waits, before or after somebody approved: a thief's renewal gets no certificate. */
static void
what_is_revoked_meanwhile_renews_nothing(void **state)
{
	static const struct {
		const char *name, *id;
		enum setpki_request_type type;
		bool exchange, approved;
	} rows[] = {
	    {"the certificate that signed, before anybody approved", "8", SETPKI_MER_RENEWAL_SIG, false, false},
	    {"the certificate that signed, of what is approved", "9", SETPKI_MER_RENEWAL_SIG, false, true},
	    {"the certificate that eeThumb names", "10", SETPKI_MER_RENEWAL_ENC, true, true},
	};
	struct ca_request_record rec;
	struct sp_cert c;

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		print_message("%s\n", rows[i].name);
		t_list_merchant(r.home, rows[i].id, "Corner Thief", false);
		has(ASK(.type = SETPKI_MER_INITIAL_BOTH, .id = rows[i].id));
		unlist_merchant(rows[i].id);
		t_enrollee_renew(&p, &first, rows[i].type, ASK(.id = rows[i].id));
		assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
		rec = t_enrollee_request(&p);
		if (rows[i].approved)
			t_ok(ca_desk_approve(r.home, rec.number, "anna", NULL, &err), &err);
		c = cert(&first, rows[i].exchange);
		revoke(&c);
		if (!rows[i].approved) {
			t_code(ca_desk_approve(r.home, rec.number, "anna", NULL, &err), SETPKI_E_POLICY, &err);
			setpki_error_clear(&err);
		} else {
			t_ok(ca_register_tick(r.reg, r.now, &err), &err);
			assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_REFUSED);
			assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_REJECTED_BY_CA);
		}
		ca_request_record_free(&rec);
		close_parties(NULL);
	}
}

/* --- gateways ----------------------------------------------------------------------------------- */

static void
a_gateway_is_renewed_for_its_acquirer(void **state)
{
	struct sp_cert before, after;

	(void)state;
	t_list_gateway(r.home, "17", "gw17", false);
	t_list_gateway(r.home, "18", "gw18", false);
	has(ASK(.type = SETPKI_PGWY_INITIAL_BOTH, .id = "17"));
	t_enrollee_renew(&p, &first, SETPKI_PGWY_RENEWAL_BOTH, ASK(.id = "17"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_DONE);
	before = cert(&first, false);
	after = cert(&p, false);
	t_bytes(after.subject, before.subject);
	t_enrollee_close(&p);
	t_enrollee_renew(&p, &first, SETPKI_PGWY_RENEWAL_SIG, ASK(.id = "18"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_REFUSED);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_REJECTED_BY_ACQUIRER);
}

/* Ids that look like card numbers are masked where they are kept, and these two alike. */
static void
a_gateway_is_known_by_its_whole_id(void **state)
{
	(void)state;
	t_list_gateway(r.home, "1234560001234", "gw0001", false);
	t_list_gateway(r.home, "1234569991234", "gw9991", false);
	has(ASK(.type = SETPKI_PGWY_INITIAL_SIG, .id = "1234560001234"));
	t_enrollee_renew(&p, &first, SETPKI_PGWY_RENEWAL_SIG, ASK(.id = "1234569991234"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_REFUSED);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_REJECTED_BY_ACQUIRER);
	t_enrollee_close(&p);
	t_enrollee_renew(&p, &first, SETPKI_PGWY_RENEWAL_SIG, ASK(.id = "1234560001234"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_DONE);
}

/* One that was certified at the command line: the list says whose it is. */
static void
a_gateway_from_the_command_line(void **state)
{
	struct setpki_enroll_ask ask = {.type = SETPKI_PGWY_RENEWAL_SIG, .id = "19"};
	struct sp_buf spki = {0};
	struct ca_issue_job out[2];
	struct ca_ee_request q = {.role = CA_ROLE_GATEWAY, .common_name = "gw19"};
	EVP_PKEY *key;
	size_t n;

	(void)state;
	t_list_gateway(r.home, "19", "gw19", false);
	t_list_gateway(r.home, "20", "gw20", false);
	t_ok(sp_keygen(t_ctx(), SP_KEY_P256, 256, &key, &err), &err);
	t_ok(sp_spki_from_pkey(key, &spki, &err), &err);
	q.sig_spki = sp_buf_bytes(&spki);
	t_ok(ca_issue_ee(r.home, &q, 1, false, NULL, out, &n, &err), &err);
	ask.old_cert = out[0].out.der;
	for (int other = 0; other < 2; other++) {
		assert_int_equal(EVP_PKEY_up_ref(key), 1);
		ask.old_key = key;
		ask.id = other ? "20" : "19";
		t_enrollee_open(&p, &r, &ask);
		assert_int_equal(t_enrollee_run(&p), other ? SETPKI_ENROLL_REFUSED : SETPKI_ENROLL_DONE);
		t_enrollee_close(&p);
	}
	ca_cert_record_free(&out[0].out);
	EVP_PKEY_free(key);
	sp_buf_free(&spki);
}

#define TEST(f) cmocka_unit_test_teardown(f, close_parties)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(a_card_is_renewed_under_a_new_name),
	    TEST(another_card_is_not_renewed),
	    TEST(a_merchant_keeps_its_name),
	    TEST(an_exchange_certificate_is_renewed_alone),
	    TEST(a_second_certificate_gets_the_name_of_the_first),
	    TEST(another_merchant_is_not_renewed),
	    TEST(a_namesakes_exchange_certificate_is_not_renewed),
	    TEST(who_is_not_listed_any_more_keeps_its_data),
	    TEST(what_is_revoked_renews_nothing),
	    TEST(what_is_revoked_meanwhile_renews_nothing),
	    TEST(a_gateway_is_renewed_for_its_acquirer),
	    TEST(a_gateway_is_known_by_its_whole_id),
	    TEST(a_gateway_from_the_command_line),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
