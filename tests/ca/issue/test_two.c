/* Two processes at once on one home, and processes that are killed: nothing is lost, nothing is there twice. */
#include "ca/issue/issue.h"
#include "tests/support/check.h"
#include "tests/support/home.h"
#include "tests/support/kill.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define OWN 12	  /* requests of each process alone */
#define SHARED 12 /* requests that both have */
#define KILLS 8

static char dir[1024];
static struct sp_buf keys[2 * OWN + SHARED];

static int
start(void **state)
{
	struct ca_home *h = t_demo_home("two", T_NOW);
	size_t i;

	(void)state;
	snprintf(dir, sizeof(dir), "%s", h->dir);
	ca_home_close(h);
	for (i = 0; i < NELEMS(keys); i++)
		t_spki(SP_KEY_P256, 256, &keys[i]);
	return 0;
}

static int
stop(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < NELEMS(keys); i++)
		sp_buf_free(&keys[i]);
	return 0;
}

/* In a child: no assertion may return into the parent's tests. */
static bool
issue_one(struct ca_home *h, const struct sp_buf *key)
{
	struct ca_ee_request r = {.role = CA_ROLE_GATEWAY, .sig_spki = sp_buf_bytes(key), .common_name = "G"};
	struct setpki_error err = {0};
	struct ca_issue_job out[2];
	size_t n;

	if (ca_issue_ee(h, &r, 1, false, NULL, out, &n, &err) != SETPKI_E_OK) {
		fprintf(stderr, "%s\n", err.message);
		return false;
	}
	ca_cert_record_free(&out[0].out);
	return true;
}

static int
child(size_t who)
{
	struct setpki_error err = {0};
	struct ca_home *h;
	bool ok = true;
	size_t i;

	if (ca_home_open(t_ctx(), dir, CA_HOME_WRITE, NULL, T_NOW, &h, &err) != SETPKI_E_OK ||
	    ca_issue_settle(h, NULL, &err) != SETPKI_E_OK)
		return 1;
	for (i = 0; i < OWN && ok; i++)
		ok = issue_one(h, &keys[who * OWN + i]) && issue_one(h, &keys[2 * OWN + i % SHARED]);
	ca_home_close(h);
	return ok ? 0 : 1;
}

struct seen {
	uint8_t serial[1024][20];
	size_t n;
};

static enum setpki_code
no_serial_twice(void *arg, const struct ca_cert_record *rec, struct setpki_error *err)
{
	struct seen *s = arg;
	size_t i;

	(void)err;
	assert_true(s->n < NELEMS(s->serial));
	for (i = 0; i < s->n; i++)
		assert_memory_not_equal(s->serial[i], rec->serial.p, rec->serial.n);
	memcpy(s->serial[s->n++], rec->serial.p, rec->serial.n);
	return SETPKI_E_OK;
}

static enum setpki_code
no_intent(void *arg, const struct ca_intent_record *rec, struct setpki_error *err)
{
	(void)arg;
	(void)rec;
	(void)err;
	fail_msg("an intent is still open");
	return SETPKI_E_OK;
}

/* How many certificates the gateway CA has issued, after all the checks. */
static size_t
check_home(void)
{
	static struct seen seen;
	struct setpki_error err = {0};
	struct ca_home *h = t_home_open(dir, T_NOW);
	uint64_t size;
	uint8_t root[32];
	uint16_t gateway;
	ca_txn *t;

	seen.n = 0;
	t_ok(ca_audit_verify(h, &size, root, &err), &err);
	t_ok(ca_txn_begin(h->store, false, &t, &err), &err);
	t_ok(ca_intent_each(t, no_intent, NULL, &err), &err);
	ca_txn_abort(t);
	gateway = t_ca(h, "gateway");
	t_ok(ca_txn_begin(h->store, false, &t, &err), &err);
	t_ok(ca_cert_each(t, gateway, 0, no_serial_twice, &seen, &err), &err);
	ca_txn_abort(t);
	ca_home_close(h);
	return seen.n;
}

static void
two_at_once(void **state)
{
	pid_t pid[2];
	int status;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		assert_true((pid[i] = fork()) >= 0);
		if (pid[i] == 0)
			_exit(child(i));
	}
	for (i = 0; i < 2; i++) {
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	assert_int_equal(check_home(), 2 * OWN + SHARED);
}

static struct kill_page *page;

/* Each child issues new certificates until it is killed; it tells how many have been answered. */
static void
victim(void *arg)
{
	struct setpki_error err = {0};
	struct ca_home *h;
	struct sp_buf key = {0};

	(void)arg;
	if (ca_home_open(t_ctx(), dir, CA_HOME_WRITE, NULL, T_NOW, &h, &err) != SETPKI_E_OK ||
	    ca_issue_settle(h, NULL, &err) != SETPKI_E_OK)
		kill_report(page, &err);
	page->ready = true;
	for (;;) {
		sp_buf_reset(&key);
		t_spki(SP_KEY_P256, 256, &key);
		if (!issue_one(h, &key))
			_exit(1);
		page->value[0]++;
	}
}

static void
killed(void **state)
{
	size_t before = check_home(), after;
	unsigned i;

	(void)state;
	page = kill_page();
	for (i = 0; i < KILLS; i++) {
		page->value[0] = 0;
		assert_false(kill_after(victim, NULL, 1000 + 3700 * i, page));
		after = check_home();
		/* every answered one, and at most one more that was committed but not answered */
		assert_in_range(after, before + page->value[0], before + page->value[0] + 1);
		before = after;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_at_once),
	    cmocka_unit_test(killed),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
