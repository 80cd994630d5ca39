/* A process that dies at any step of revoking and publishing: what is public stays whole, and repeating finishes it. */
#include "tests/support/check.h"
#include "tests/support/publish.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- dying at the n-th durable step, before or after it ----------------------------------------- */

static unsigned steps_left;
static bool die_after;

static bool
dies_here(bool after)
{
	if (steps_left == 0 || after != die_after)
		return false;
	return --steps_left == 0;
}

enum setpki_code __real_ca_txn_commit(ca_txn *t, struct setpki_error *err);
enum setpki_code __wrap_ca_txn_commit(ca_txn *t, struct setpki_error *err);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __real_symlink(const char *to, const char *path);
int __wrap_symlink(const char *to, const char *path);

enum setpki_code
__wrap_ca_txn_commit(ca_txn *t, struct setpki_error *err)
{
	enum setpki_code rc;

	if (dies_here(false))
		_exit(9);
	rc = __real_ca_txn_commit(t, err);
	if (dies_here(true))
		_exit(9);
	return rc;
}

int
__wrap_rename(const char *from, const char *to)
{
	int rc;

	if (dies_here(false))
		_exit(9);
	rc = __real_rename(from, to);
	if (dies_here(true))
		_exit(9);
	return rc;
}

int
__wrap_symlink(const char *to, const char *path)
{
	int rc;

	if (dies_here(false))
		_exit(9);
	rc = __real_symlink(to, path);
	if (dies_here(true))
		_exit(9);
	return rc;
}

/* --- one round ---------------------------------------------------------------------------------- */

static char dir[1024];
static int64_t now = T_NOW;

struct round {
	uint8_t serial[17];
	uint64_t number; /* of the public set before */
};

static void
begin(struct round *r)
{
	struct ca_home *h = t_home_open(dir, now);

	t_gateway(h, 0, r->serial);
	r->number = t_check_public(h);
	ca_home_close(h);
}

/* In the child: revoke and publish; 0 if it came to the end. */
static int
work(const struct round *r)
{
	struct ca_revocation v = {.serial = {r->serial, 17}, .reason = 1};
	struct setpki_error err = {0};
	struct t_published p;
	struct ca_home *h;

	if (ca_home_open(t_ctx(), dir, CA_HOME_WRITE, NULL, now, &h, &err) != SETPKI_E_OK ||
	    ca_revoke(h, &v, 1, &err) != SETPKI_E_OK || t_publish(h, true, &p, &err) != SETPKI_E_OK) {
		fprintf(stderr, "%s: %s\n", err.object, err.message);
		return 1;
	}
	ca_home_close(h);
	return 0;
}

/* The child's exit status. */
static int
run(const struct round *r, unsigned step, bool after)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		steps_left = step;
		die_after = after;
		_exit(work(r));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* What was public is whole as it stands; repeated, the revocation is on a public CRL, and the log agrees. */
static void
repeat_and_check(const struct round *r)
{
	struct ca_home *h = t_home_open(dir, now);
	struct setpki_error err = {0};
	struct t_published p;
	uint64_t before = t_check_public(h), size;
	uint8_t root[32];

	assert_true(before >= r->number);
	t_revoke(h, r->serial, 1);
	t_ok(t_publish(h, true, &p, &err), &err);
	assert_true(t_check_public(h) >= before);
	assert_true(t_listed(h, "gateway", r->serial, NULL));
	t_ok(t_publish(h, true, &p, &err), &err);
	t_ok(t_publish(h, true, &p, &err), &err);
	assert_int_equal(p.n[CA_PUBLISH_CURRENT], 1); /* and comes to rest */
	t_ok(ca_audit_verify(h, &size, root, &err), &err);
	ca_home_close(h);
}

static void
every_step_may_be_the_last(void **state)
{
	const bool after = *(const bool *)*state;
	unsigned step;
	struct round r;
	int status = 9;

	/* between two steps there is little that lasts: of the moments after one a third will do */
	for (step = 1; status == 9 && step < 200; step += after ? 3 : 1) {
		begin(&r);
		now += 60;
		status = run(&r, step, after);
		repeat_and_check(&r);
	}
	assert_int_equal(status, 0);
	assert_true(step > 20); /* the files of a set alone are more */
}

static int
start(void **state)
{
	struct ca_home *h = t_demo_home("crash", T_NOW);

	(void)state;
	snprintf(dir, sizeof(dir), "%s", h->dir);
	ca_home_close(h);
	return 0;
}

int
main(void)
{
	static bool before = false, after = true;
	const struct CMUnitTest tests[] = {
	    {"dies_before_any_step", every_step_may_be_the_last, NULL, NULL, &before},
	    {"dies_after_any_step", every_step_may_be_the_last, NULL, NULL, &after},
	};

	return _cmocka_run_group_tests("crash", tests, NELEMS(tests), start, NULL);
}
