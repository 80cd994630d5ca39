/* The line between authority and spawner, with either end taken over: an authority that has no checks run but what it
 * likes, a spawner that answers what nobody asked. */
#include "ca/service/spawn_inner.h"
#include "lib/base/limits.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint8_t tag[CA_CHECK_TAG] = {7}, other_tag[CA_CHECK_TAG] = {8};
static struct setpki_error err;

static int64_t
now(void *arg)
{
	(void)arg;
	return 0;
}

#define TAG "0700000000000000000000000000000000000000000000000000000000000000"
#define TRUE_ "0000000a 2f62696e2f7472756500"	/* "/bin/true" */
#define NOWHERE "0000000a 2f6e6f77686572652f00" /* "/nowhere/" */
#define NAMES "0000001d 07 00000000 00" TRUE_ NOWHERE

/* --- a hostile authority ------------------------------------------------------------------------ */

struct spawner {
	pid_t pid;
	int hostile;		/* the line of one authority, */
	struct ca_spawn honest; /* and of another */
	const char *log;
};

static void
start(struct spawner *s)
{
	static unsigned count;
	setpki_bytes programs = t_hex(NAMES);
	int a[2], b[2], names[2];

	s->log = scratch_path("log-%u", count++);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, a), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, b), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, names), 0);
	assert_int_equal(write(names[0], programs.p, programs.n), (ssize_t)programs.n);
	assert_true((s->pid = fork()) >= 0);
	if (s->pid == 0) {
		const int fds[] = {a[1], b[1]};
		const struct ca_log log = {.fd = open(s->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600),
		    .process = "spawner",
		    .now = now};

		close(a[0]);
		close(b[0]);
		close(names[0]);
		_exit(ca_spawner_run(fds, 2, names[1], &log));
	}
	close(a[1]);
	close(b[1]);
	close(names[0]);
	close(names[1]);
	s->hostile = a[0];
	ca_spawn_open(&s->honest, b[0]);
}

/* The other authority is served as before, and the spawner ends as it should. */
static void
goes_on(struct spawner *s)
{
	const struct ca_check c = {.path = "/bin/true", .seconds = 10, .tag = tag};
	struct ca_verdict v = {0};
	bool got;
	int st;

	t_ok(ca_spawn_check(&s->honest, &c, 20000, &v, &got, &err), &err);
	assert_true(got);
	assert_int_equal(v.end, CA_CHECK_DONE);
	assert_int_equal(v.status, 0);
	ca_verdict_free(&v);
	ca_spawn_close(&s->honest);
	assert_int_equal(waitpid(s->pid, &st, 0), s->pid);
	assert_true(WIFEXITED(st) && WEXITSTATUS(st) == 0);
}

static const struct row {
	const char *name, *hex, *says;
} checks[] = {
    {"a request", "00000001 01 00000001 30", "no place here"},
    {"a verdict", "00000026 06 00000001 00", "no place here"},
    {"a set", "00000001 03 00000001 00", "no place here"},
    {"noise", "7f454c46 02010100 00000000", "no place here"},
    {"an empty frame", "00000000 05 00000001", "are allowed"},
    {"a frame of four gigabytes", "ffffffff 05 00000001", "are allowed"},
    {"no contents that can be read", "00000004 05 00000001 ffffffff", "cannot be read"},
    {"no path", "0000002c 05 00000001 00000000 0000000a" TAG "00000000", "cannot be read"},
    {"a path without its end", "0000002d 05 00000001 00000001 2f 0000000a" TAG "00000000", "cannot be read"},
    {"a relative path", "00000031 05 00000001 00000005 7472756500 0000000a" TAG "00000000", "cannot be read"},
    {"no time", "00000036 05 00000001" TRUE_ "00000000" TAG "00000000", "cannot be read"},
    {"all the time there is", "00000036 05 00000001" TRUE_ "7fffffff" TAG "00000000", "cannot be read"},
    {"half a tag", "00000026 05 00000001" TRUE_ "0000000a 07000000000000000000000000000000 00000000", "cannot be read"},
    {"input that is not there", "00000036 05 00000001" TRUE_ "0000000a" TAG "00010000", "cannot be read"},
    {"something behind it", "00000037 05 00000001" TRUE_ "0000000a" TAG "00000000 00", "cannot be read"},
};

static bool
logged(const struct spawner *s, const char *text)
{
	setpki_bytes log = scratch_read(s->log);

	return memmem(log.p, log.n, text, strlen(text)) != NULL;
}

static void
hangs_up(void **state)
{
	const struct row *r = *state;
	setpki_bytes b = t_hex(r->hex);
	struct spawner s;
	char c;

	start(&s);
	assert_int_equal(write(s.hostile, b.p, b.n), (ssize_t)b.n);
	assert_int_equal(read(s.hostile, &c, 1), 0);
	close(s.hostile);
	assert_true(logged(&s, "says what it must not") && logged(&s, r->says));
	goes_on(&s);
}

/* What it was told just now cannot be run, and nobody is there any more to hear that. */
static void
gone_before_the_verdict(void **state)
{
	setpki_bytes b = t_hex("00000036 05 00000001" NOWHERE "0000000a" TAG "00000000");
	struct spawner s;

	(void)state;
	start(&s);
	assert_int_equal(write(s.hostile, b.p, b.n), (ssize_t)b.n);
	close(s.hostile);
	goes_on(&s);
}

/* --- a hostile spawner -------------------------------------------------------------------------- */

static const struct answer {
	const char *name, *hex;
	enum setpki_code code;
	bool closes;
} verdicts[] = {
    {"a check", "00000026 05 00000001 00", SETPKI_E_PARSE, false},
    {"a request", "00000001 01 00000001 30", SETPKI_E_PARSE, false},
    {"an empty frame", "00000000 06 00000001", SETPKI_E_LIMIT, false},
    {"a frame that is too long", "00010000 06 00000001", SETPKI_E_LIMIT, false},
    {"half a tag", "00000016 06 00000001 07000000000000000000000000000000 00 00 00000000", SETPKI_E_PARSE, false},
    {"an end that there is not", "00000026 06 00000001" TAG "03 00 00000000", SETPKI_E_PARSE, false},
    {"output that is not there", "00000026 06 00000001" TAG "00 00 00000008", SETPKI_E_PARSE, false},
    {"something behind it", "00000027 06 00000001" TAG "00 00 00000000 00", SETPKI_E_PARSE, false},
    {"nothing any more", "", SETPKI_E_IO, true},
    {"half a verdict", "00000026 06 00000001 0700", SETPKI_E_PARSE, true},
};

struct asker {
	struct ca_spawn line;
	int spawner; /* its end */
	struct ca_verdict v;
	bool got;
};

static void
asker_open(struct asker *a)
{
	int fds[2];

	*a = (struct asker){.got = false};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	ca_spawn_open(&a->line, fds[0]);
	a->spawner = fds[1];
}

static void
asker_close(struct asker *a)
{
	ca_verdict_free(&a->v);
	ca_spawn_close(&a->line);
	close(a->spawner);
	setpki_error_clear(&err);
}

static enum setpki_code
asks(struct asker *a, int wait_ms)
{
	const struct ca_check c = {.path = "/bin/true", .seconds = 10, .tag = tag};

	return ca_spawn_check(&a->line, &c, wait_ms, &a->v, &a->got, &err);
}

static void
is_refused(void **state)
{
	const struct answer *r = *state;
	setpki_bytes b = t_hex(r->hex);
	struct asker a;

	asker_open(&a);
	assert_int_equal(write(a.spawner, b.p, b.n), (ssize_t)b.n);
	if (r->closes)
		assert_int_equal(shutdown(a.spawner, SHUT_WR), 0);
	t_code(asks(&a, 20000), r->code, &err);
	assert_false(a.got);
	asker_close(&a);
}

/* What others are to hear is no answer to this. */
static void
a_verdict_for_another(void **state)
{
	struct ca_verdict v = {.end = CA_CHECK_DONE};
	struct sp_buf contents = {0}, frame = {0};
	struct asker a;

	(void)state;
	asker_open(&a);
	memcpy(v.tag, other_tag, sizeof(v.tag));
	sp_buf_add_str(&v.output, "{\"verdict\":\"accept\"}");
	ca_verdict_put(&v, &contents);
	ca_frame_put(&frame, CA_FRAME_VERDICT, 1, sp_buf_bytes(&contents));
	assert_int_equal(write(a.spawner, frame.p, frame.n), (ssize_t)frame.n);
	t_ok(asks(&a, 100), &err);
	assert_false(a.got);
	t_ok(ca_spawn_next(&a.line, &a.v, &a.got, &err), &err);
	assert_true(a.got);
	assert_memory_equal(a.v.tag, other_tag, sizeof(other_tag));
	/* without end: it does not keep them all */
	for (int i = 0; i < 2 * (int)SP_CHECKS_MAX; i++)
		assert_int_equal(write(a.spawner, frame.p, frame.n), (ssize_t)frame.n);
	ca_verdict_free(&a.v);
	t_code(asks(&a, 20000), SETPKI_E_LIMIT, &err);
	assert_int_equal(a.line.nkept, SP_CHECKS_MAX);
	sp_buf_free(&contents);
	sp_buf_free(&frame);
	ca_verdict_free(&v);
	asker_close(&a);
}

int
main(void)
{
	struct CMUnitTest all[NELEMS(checks) + NELEMS(verdicts) + 2];
	size_t n = 0, i;
	int rc;

	for (i = 0; i < NELEMS(checks); i++)
		all[n++] = (struct CMUnitTest){checks[i].name, hangs_up, NULL, NULL, (void *)(uintptr_t)&checks[i]};
	for (i = 0; i < NELEMS(verdicts); i++)
		all[n++] =
		    (struct CMUnitTest){verdicts[i].name, is_refused, NULL, NULL, (void *)(uintptr_t)&verdicts[i]};
	all[n++] = (struct CMUnitTest)cmocka_unit_test(gone_before_the_verdict);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(a_verdict_for_another);
	rc = _cmocka_run_group_tests("ca/service/hostile_spawn", all, n, NULL, NULL);
	t_hex_free();
	return rc;
}
