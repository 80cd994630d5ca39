/* What an inquiry finds, and for how long (set-protocol 12.8).  Identifiers are no secrets: whoever listens can ask
 * under somebody else's, and must not hide what that one asked for. */
#include "ca/register/desk.h"
#include "ca/register/private.h"
#include "lib/message/enroll.h"
#include "tests/support/check.h"
#include "tests/support/enrollee.h"
#include "tests/support/home.h"
#include "tests/support/scratch.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <unistd.h>

#define ASK(...) (&(const struct setpki_enroll_ask){__VA_ARGS__})
#define DAY INT64_C(86400)

static struct t_registry r;
static struct t_enrollee p, other;
static struct setpki_error err;

static int
start(void **state)
{
	(void)state;
	t_registry_start(&r, "inquire", "policies/demo.yaml", NULL);
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
	t_enrollee_close(&other);
	memset(&err, 0, sizeof(err));
	return 0;
}

/* What the CA says to the present request; the session is not told. */
static void
post(struct t_enrollee *e)
{
	struct setpki_der answer;

	t_ok(ca_register_answer(r.reg, setpki_enroll_request(e->e), r.now, &answer, &r.note, &err), &err);
	setpki_der_free(&answer);
}

static void
until_form(struct t_enrollee *e, const struct setpki_enroll_ask *ask)
{
	t_enrollee_open(e, &r, ask);
	while (setpki_enroll_step(e->e) == SETPKI_ENROLL_SEND)
		t_enrollee_post(e);
}

/* A CertReq of somebody else, under the identifiers and the challenge of `p`. */
static void
intrude(const char *expiry)
{
	static const enum sp_part parts[] = {SP_PART_LID_EE, SP_PART_LID_CA, SP_PART_CHALL_CA};
	static unsigned n;
	char pan[20];

	snprintf(pan, sizeof(pan), "41234500007%05u", n++);
	until_form(&other, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = pan, .expiry = expiry));
	for (size_t i = 0; i < NELEMS(parts); i++)
		t_ok(sp_part_set(&other.e->s, parts[i], sp_part(&p.e->s, parts[i]), &err), &err);
	t_enrollee_until_cert_req(&other);
	post(&other);
	t_enrollee_close(&other);
}

static void
tick(void)
{
	t_ok(ca_register_tick(r.reg, r.now, &err), &err);
}

/* --- others under the same identifiers --------------------------------------------------------------- */

static void
who_asks_finds_its_own(void **state)
{
	(void)state;
	until_form(&p, ASK(.type = SETPKI_CARD_INITIAL_SIG));
	t_enrollee_until_cert_req(&p);
	t_enrollee_post(&p);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_PENDED);
	for (unsigned i = 0; i < 2 * SP_LID_REQUESTS_MAX; i++)
		intrude(T_EXPIRY);
	assert_int_equal(r.note.error, SETPKI_ERR_UNKNOWN_LID);
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_WAIT);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_PENDED);
}

/* Nothing is accepted that could not be asked about. */
static void
who_comes_too_late_begins_anew(void **state)
{
	(void)state;
	until_form(&p, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = "4123450000000016"));
	for (unsigned i = 0; i < SP_LID_REQUESTS_MAX; i++) {
		intrude(T_EXPIRY);
		assert_int_equal(r.note.status, SETPKI_STATUS_PENDED);
	}
	t_enrollee_until_cert_req(&p);
	post(&p);
	assert_int_equal(r.note.error, SETPKI_ERR_UNKNOWN_LID);
}

/* --- what is erased ------------------------------------------------------------------------------------ */

/* A later request under the same identifiers is refused at once, and so erased first. */
static void
what_waits_outlives_what_was_refused(void **state)
{
	int64_t then = r.now;

	(void)state;
	until_form(&p, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = "4123450000000024"));
	t_enrollee_until_cert_req(&p);
	t_enrollee_post(&p);
	intrude("202612");
	assert_int_equal(r.note.status, SETPKI_STATUS_REJECTED_BY_ISSUER);
	r.now = then + 31 * DAY; /* desk.keep is 30 days */
	tick();
	t_ok(setpki_enroll_inquire(p.e, r.now, &err), &err);
	post(&p);
	assert_int_equal(r.note.status, SETPKI_STATUS_PENDED);
}

/* --- what does not open ---------------------------------------------------------------------------------- */

/* Another sealing secret: there is no answer, rather than one without the parts that are sealed. */
static void
what_does_not_open_is_not_answered(void **state)
{
	struct setpki_der answer;

	(void)state;
	until_form(&p, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = "4123450000000032"));
	t_enrollee_until_cert_req(&p);
	t_enrollee_post(&p);
	t_ok(setpki_enroll_inquire(p.e, r.now, &err), &err);
	r.reg->sealing[0] ^= 1;
	t_code(
	    ca_register_answer(r.reg, setpki_enroll_request(p.e), r.now, &answer, &r.note, &err), SETPKI_E_STATE, &err);
	assert_non_null(strstr(err.message, "sealing.secret"));
	assert_int_equal(answer.n, 0);
	r.reg->sealing[0] ^= 1;
}

/* The secret was lost and made anew: the operator hears of it before somebody asks. */
static void
another_sealing_secret_is_told_of(void **state)
{
	char path[1024];
	setpki_bytes kept;

	(void)state;
	until_form(&p, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = "4123450000000040"));
	t_enrollee_until_cert_req(&p);
	t_enrollee_post(&p);
	snprintf(path, sizeof(path), "%s/sealing.secret", r.home->keys_dir);
	kept = sp_bytes_dup(scratch_read(path));
	assert_int_equal(unlink(path), 0);
	r.warnings = 0;
	t_registry_restart(&r);
	assert_int_equal(r.warnings, 1);
	assert_non_null(strstr(r.warning, "does not open with keys/sealing.secret"));
	scratch_write(path, kept, 0600);
	OPENSSL_free((void *)(uintptr_t)kept.p);
	t_registry_restart(&r);
	assert_int_equal(r.warnings, 1);
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_WAIT);
}

#define TEST(f) cmocka_unit_test_teardown(f, close_parties)

int
main(void)
{
	/* in the order of their times: the log knows no way back */
	static const struct CMUnitTest tests[] = {
	    TEST(who_asks_finds_its_own),
	    TEST(who_comes_too_late_begins_anew),
	    TEST(what_does_not_open_is_not_answered),
	    TEST(another_sealing_secret_is_told_of),
	    TEST(what_waits_outlives_what_was_refused),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
