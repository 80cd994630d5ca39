/* The authority's own limits: how often one account may be tried. */
#include "ca/service/authority.h"
#include "lib/base/limits.h"
#include "tests/support/enrollee.h"
#include "tests/support/home.h"
#include "tests/support/scratch.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <unistd.h>

static char home[512], log_file[512];

/* A RegFormReq, ready to be posted any number of times: a form may be fetched again. */
static setpki_bytes
reg_form_req(void)
{
	struct t_enrollee p;
	struct t_registry r;
	setpki_bytes out;

	t_registry_start(&r, "home", "policies/demo.yaml", NULL);
	snprintf(home, sizeof(home), "%s", r.home->dir);
	t_enrollee_open(&p, &r, &(const struct setpki_enroll_ask){.type = SETPKI_CARD_INITIAL_SIG});
	t_enrollee_post(&p);
	assert_int_equal(setpki_enroll_step(p.e), SETPKI_ENROLL_SEND);
	out = sp_bytes_dup(setpki_enroll_request(p.e));
	t_enrollee_close(&p);
	t_registry_stop(&r);
	return out;
}

static int64_t
log_now(void *arg)
{
	(void)arg;
	return T_NOW;
}

static void
keep(void *arg, uint32_t id, struct ca_answer *answer, enum setpki_code rc, const struct setpki_error *why)
{
	t_ok(rc, why);
	assert_int_equal(id, 7);
	*(struct ca_answer *)arg = *answer;
}

static void
asks(struct ca_authority *a, setpki_bytes message, enum ca_hint hint, const char *outcome)
{
	const struct ca_authority_request request = {7, message};
	struct ca_answer answer = {0};

	ca_authority_answer(a, &request, 1, T_NOW, keep, &answer);
	assert_int_equal(answer.hint, hint);
	assert_string_equal(answer.message, "RegFormReq");
	assert_string_equal(answer.outcome, outcome);
	assert_int_equal(answer.body.n != 0, hint == CA_HINT_ANSWER);
	ca_answer_free(&answer);
}

/* That is nobody's failure: it is told apart from one, and logged as a message that was refused. */
static void
an_account_is_tried_too_often(void **state)
{
	setpki_bytes message = reg_form_req();
	struct ca_log log = {.process = "worker 1", .now = log_now};
	struct ca_authority_ask ask = {.ctx = t_ctx(), .home = home, .log = &log, .spawner = -1, .now = T_NOW};
	struct setpki_error err = {0};
	struct ca_authority *a;
	struct sp_buf text = {0};

	(void)state;
	snprintf(log_file, sizeof(log_file), "%s", scratch_path("log"));
	log.fd = open(log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	assert_true(log.fd >= 0);
	t_ok(ca_authority_open(&ask, &a, &err), &err);
	for (unsigned i = 0; i < SP_ACCOUNT_TRIES; i++)
		asks(a, message, CA_HINT_ANSWER, "answered");
	asks(a, message, CA_HINT_TOO_OFTEN, "tooOften");
	ca_authority_close(a);
	close(log.fd);
	t_ok(ca_file_read(log_file, 65536, &text, &err), &err);
	sp_buf_add_byte(&text, '\0');
	assert_non_null(strstr((const char *)text.p, "level=info process=\"worker 1\" event=\"message refused\""));
	assert_non_null(strstr((const char *)text.p, "message=RegFormReq"));
	assert_non_null(strstr((const char *)text.p, "too many messages about one account"));
	assert_null(strstr((const char *)text.p, "level=error"));
	sp_buf_free(&text);
	OPENSSL_free((void *)(uintptr_t)message.p);
}

int
main(void)
{
	const struct CMUnitTest all[] = {cmocka_unit_test(an_account_is_tried_too_often)};

	return cmocka_run_group_tests(all, NULL, NULL);
}
