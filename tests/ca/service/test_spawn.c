/* Programs that check accounts: what they are given, what they are not, and that none outlives its time. */
#include "ca/service/programs.h"
#include "ca/service/spawn.h"
#include "ca/store/codec.h"
#include "lib/base/limits.h"
#include "tests/support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t spawner;
static int names; /* who says what may be run */
static struct sp_buf programs;
static bool killed; /* by a test */
static struct ca_spawn line[2];
static const uint8_t tags[80][CA_CHECK_TAG] = {{1}, {2}, {3}};

static int64_t
now(void *arg)
{
	(void)arg;
	return 0;
}

static int
start(void **state)
{
	int a[2], b[2], c[2];

	(void)state;
	setenv("SECRET_OF_OURS", "yes", 1);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, a), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, b), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, c), 0);
	/* a descriptor that somebody forgot to mark */
	assert_true(dup2(open("/dev/null", O_RDONLY), 77) == 77);
	assert_true((spawner = fork()) >= 0);
	if (spawner == 0) {
		const int fds[] = {a[1], b[1]};
		const struct ca_log log = {.fd = open("/dev/null", O_WRONLY), .process = "spawner", .now = now};

		close(a[0]);
		close(b[0]);
		close(c[0]);
		/* as the daemon's processes are */
		signal(SIGQUIT, SIG_IGN);
		signal(SIGTERM, SIG_IGN);
		_exit(ca_spawner_run(fds, 2, c[1], &log));
	}
	close(a[1]);
	close(b[1]);
	close(c[1]);
	names = c[0];
	ca_put_u8(&programs, 0);
	ca_spawn_open(&line[0], a[0]);
	ca_spawn_open(&line[1], b[0]);
	return 0;
}

/* When nobody asks any more, it ends, and what still runs with it. */
static int
stop(void **state)
{
	int st;

	(void)state;
	ca_spawn_close(&line[0]);
	ca_spawn_close(&line[1]);
	sp_buf_free(&programs);
	assert_int_equal(waitpid(spawner, &st, 0), spawner);
	assert_true(killed || (WIFEXITED(st) && WEXITSTATUS(st) == 0));
	return 0;
}

static void
say_names(void)
{
	struct sp_buf frame = {0};

	ca_frame_put(&frame, CA_FRAME_PROGRAMS, 0, sp_buf_bytes(&programs));
	t_ok(ca_frame_send(names, sp_buf_bytes(&frame), NULL), NULL);
	sp_buf_free(&frame);
}

static const char *
may_run(const char *path)
{
	if (ca_programs_have(sp_buf_bytes(&programs), path))
		return path;
	ca_put_str(&programs, path);
	say_names();
	return path;
}

static const char *
script(const char *name, const char *text)
{
	const char *path = scratch_path("%s", name);
	char all[2048];

	snprintf(all, sizeof(all), "#!/bin/sh\n%s\n", text);
	scratch_write(path, sp_bytes_str(all), 0700);
	return may_run(path);
}

static void
check(const char *path, int64_t seconds, const char *input, struct ca_verdict *v)
{
	struct ca_check c = {.path = path, .seconds = seconds, .input = sp_bytes_str(input), .tag = tags[0]};
	struct setpki_error err = {0};
	bool got;

	t_ok(ca_spawn_check(&line[0], &c, 20000, v, &got, &err), &err);
	assert_true(got);
	assert_memory_equal(v->tag, tags[0], CA_CHECK_TAG);
}

static const struct row {
	const char *name, *text, *input;
	enum ca_check_end end;
	int status;
	const char *output;
} rows[] = {
    {"input and output", "read x; echo \"got $x\"", "{\"a\":1}\n", CA_CHECK_DONE, 0, "got {\"a\":1}\n"},
    {"exit status", "echo no; exit 7", "", CA_CHECK_DONE, 7, "no\n"},
    {"input is not read", "echo ok", "x", CA_CHECK_DONE, 0, "ok\n"},
    {"standard error is thrown away", "echo secret >&2; echo ok", "", CA_CHECK_DONE, 0, "ok\n"},
    {"no environment but PATH", "env | grep -v -e ^PWD= -e ^SHLVL= -e ^_=", "", CA_CHECK_DONE, 0,
	"PATH=/usr/bin:/bin\n"},
    {"no descriptor of ours", "ls /proc/self/fd | tr '\\n' ' '", "", CA_CHECK_DONE, 0, "0 1 2 3 "},
    {"no signal is ignored or blocked", "sed -n 's/^Sig\\(Blk\\|Ign\\):.*\\(.......\\)$/\\1 \\2/p' /proc/self/status",
	"", CA_CHECK_DONE, 0, "Blk 0000000\nIgn 0000000\n"},
    {"the root folder", "pwd", "", CA_CHECK_DONE, 0, "/\n"},
    {"no core files", "ulimit -c", "", CA_CHECK_DONE, 0, "0\n"},
    {"a grandchild keeps the output open", "sleep 60 & echo ok", "", CA_CHECK_DONE, 0, "ok\n"},
    {"killed by a signal", "echo ok; kill -9 $$", "", CA_CHECK_FAILED, 0, ""},
    {"writes without end", "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done", "", CA_CHECK_FAILED, 0,
	""},
    {"a signal that is ignored", "trap '' TERM HUP INT; sleep 60", "", CA_CHECK_LATE, 0, ""},
    {"closes everything and goes on", "exec <&- >&-; sleep 60", "", CA_CHECK_LATE, 0, ""},
};

static void
runs(void **state)
{
	const struct row *r = *state;
	struct ca_verdict v = {0};
	int64_t began = ca_ticks();

	check(script("row", r->text), 1, r->input, &v);
	assert_int_equal(v.end, r->end);
	assert_int_equal(v.status, r->status);
	t_bytes(sp_buf_bytes(&v.output), sp_bytes_str(r->output));
	assert_true(ca_ticks() - began < 5000);
	ca_verdict_free(&v);
}

static void
what_cannot_be_run(void **state)
{
	static const char *const paths[] = {"/nowhere/at/all", "/etc/passwd", "/"};
	struct ca_verdict v = {0};

	(void)state;
	for (size_t i = 0; i < NELEMS(paths); i++) {
		check(may_run(paths[i]), 1, "x", &v);
		assert_true(v.end == CA_CHECK_FAILED || v.status >= 126);
		ca_verdict_free(&v);
	}
}

/* An authority that was taken over asks for a shell; and for what was allowed once. */
static void
what_is_not_named(void **state)
{
	struct ca_verdict v = {0};
	const char *path = script("named", "echo ok");
	char input[600];

	(void)state;
	snprintf(input, sizeof(input), "touch %s\n", scratch_path("taken-over"));
	check("/bin/sh", 1, input, &v);
	assert_int_equal(v.end, CA_CHECK_FAILED);
	ca_verdict_free(&v);
	assert_false(scratch_exists(scratch_path("taken-over")));
	check(path, 1, "", &v);
	assert_int_equal(v.end, CA_CHECK_DONE);
	ca_verdict_free(&v);
	sp_buf_reset(&programs);
	ca_put_u8(&programs, 0);
	say_names();
	check(path, 1, "", &v);
	assert_int_equal(v.end, CA_CHECK_FAILED);
	ca_verdict_free(&v);
}

static void
what_is_no_check(void **state)
{
	static const uint8_t large[SP_CHECK_INPUT_MAX + 1];
	struct ca_check c = {.path = "true", .seconds = 1, .tag = tags[0]};
	struct ca_verdict v = {0};
	struct setpki_error err = {0};
	bool got;

	(void)state;
	t_code(ca_spawn_check(&line[0], &c, 0, &v, &got, NULL), SETPKI_E_ARGUMENT, NULL);
	c.path = may_run("/bin/true");
	c.seconds = 0;
	t_code(ca_spawn_check(&line[0], &c, 0, &v, &got, NULL), SETPKI_E_LIMIT, NULL);
	c.seconds = 1;
	c.input = SP_BYTES(large);
	t_code(ca_spawn_check(&line[0], &c, 0, &v, &got, NULL), SETPKI_E_LIMIT, NULL);
	c.input.n = SP_CHECK_INPUT_MAX;
	t_ok(ca_spawn_check(&line[0], &c, 10000, &v, &got, &err), &err);
	assert_true(got && v.end == CA_CHECK_DONE);
	ca_verdict_free(&v);
}

/* All of a large input arrives, though the program first writes. */
static void
much_input(void **state)
{
	static char input[60001];
	struct ca_verdict v = {0};

	(void)state;
	memset(input, 'x', sizeof(input) - 1);
	check(script("much", "echo first; sleep 0.2; wc -c"), 5, input, &v);
	t_bytes(sp_buf_bytes(&v.output), sp_bytes_str("first\n60000\n"));
	ca_verdict_free(&v);
}

/* One that is slow does not hold up others, neither those of its own asker nor another's, and is heard of later. */
static void
several_at_once(void **state)
{
	const char *slow = script("slow", "sleep 1; echo slow"), *fast = script("fast", "echo fast");
	struct ca_check c = {.path = slow, .seconds = 10, .tag = tags[1]};
	struct ca_verdict v = {0};
	struct setpki_error err = {0};
	int64_t began = ca_ticks();
	bool got;

	(void)state;
	t_ok(ca_spawn_check(&line[0], &c, 50, &v, &got, &err), &err);
	assert_false(got);
	t_ok(ca_spawn_check(&line[1], &c, 0, &v, &got, &err), &err);
	assert_false(got);
	check(fast, 10, "", &v);
	t_bytes(sp_buf_bytes(&v.output), sp_bytes_str("fast\n"));
	ca_verdict_free(&v);
	assert_true(ca_ticks() - began < 900);
	t_ok(ca_spawn_next(&line[0], &v, &got, &err), &err);
	assert_false(got);
	/* while this one is waited for, the slow one comes, and is kept */
	check(script("slower", "sleep 1.5; echo slower"), 10, "", &v);
	t_bytes(sp_buf_bytes(&v.output), sp_bytes_str("slower\n"));
	ca_verdict_free(&v);
	for (size_t i = 0; i < 2; i++) {
		t_ok(ca_spawn_next(&line[i], &v, &got, &err), &err);
		assert_true(got);
		assert_memory_equal(v.tag, tags[1], CA_CHECK_TAG);
		t_bytes(sp_buf_bytes(&v.output), sp_bytes_str("slow\n"));
		ca_verdict_free(&v);
	}
}

/* While others wait, nobody is waited for. */
static void
others_wait(void **state)
{
	struct ca_check c = {.path = script("patient", "sleep 2; echo late"), .seconds = 10, .tag = tags[2]};
	struct ca_verdict v = {0};
	struct setpki_error err = {0};
	int64_t began = ca_ticks();
	int others[2];
	bool got;

	(void)state;
	assert_int_equal(pipe(others), 0);
	assert_int_equal(write(others[1], "x", 1), 1);
	line[0].others = others[0];
	t_ok(ca_spawn_check(&line[0], &c, 20000, &v, &got, &err), &err);
	assert_false(got);
	assert_true(ca_ticks() - began >= SP_CHECK_WAIT_OTHERS_MS);
	/* but for a moment, which is enough for most programs, they are */
	c.tag = tags[1];
	c.path = script("swift", "echo swift");
	t_ok(ca_spawn_check(&line[0], &c, 20000, &v, &got, &err), &err);
	if (got)
		t_bytes(sp_buf_bytes(&v.output), sp_bytes_str("swift\n"));
	ca_verdict_free(&v);
	/* nobody any more: the first one is waited for, and comes while the third is */
	assert_int_equal(read(others[0], (char[1]){0}, 1), 1);
	check(script("third", "sleep 3; echo third"), 10, "", &v);
	ca_verdict_free(&v);
	line[0].others = -1;
	for (got = true; got; ca_verdict_free(&v))
		t_ok(ca_spawn_next(&line[0], &v, &got, &err), &err);
	close(others[0]);
	close(others[1]);
}

static void
too_many_at_once(void **state)
{
	struct ca_check c = {.path = script("long", "sleep 2"), .seconds = 10};
	struct ca_verdict v = {0};
	struct setpki_error err = {0};
	size_t failed = 0, done = 0;
	bool got;

	(void)state;
	for (size_t i = 0; i < SP_CHECKS_MAX + 8; i++) {
		c.tag = tags[i];
		t_ok(ca_spawn_check(&line[1], &c, 0, &v, &got, &err), &err);
		failed += got && v.end == CA_CHECK_FAILED;
		ca_verdict_free(&v);
	}
	for (int64_t until = ca_ticks() + 20000; failed + done < SP_CHECKS_MAX + 8 && ca_ticks() < until;
	     usleep(1000)) {
		t_ok(ca_spawn_next(&line[1], &v, &got, &err), &err);
		failed += got && v.end == CA_CHECK_FAILED;
		done += got && v.end == CA_CHECK_DONE;
		ca_verdict_free(&v);
	}
	assert_int_equal(failed, 8);
	assert_int_equal(done, SP_CHECKS_MAX);
}

/* What runs for somebody who is gone is killed; the spawner goes on for the others. */
static void
an_asker_that_goes(void **state)
{
	struct ca_check c = {.seconds = 60, .tag = tags[0]};
	struct ca_verdict v = {0};
	struct setpki_error err = {0};
	char text[1200];
	const char *pid_file = scratch_path("pid");
	pid_t pid;
	bool got;

	(void)state;
	snprintf(text, sizeof(text), "echo $$ >%s; sleep 60", pid_file);
	c.path = script("orphan", text);
	t_ok(ca_spawn_check(&line[1], &c, 300, &v, &got, &err), &err);
	assert_false(got);
	pid = atoi((const char *)scratch_read(pid_file).p);
	assert_int_equal(kill(pid, 0), 0);
	ca_spawn_close(&line[1]);
	for (int i = 0; i < 2000 && kill(pid, 0) == 0; i++)
		usleep(1000);
	assert_int_equal(kill(pid, 0), -1);
	check(script("after", "echo ok"), 10, "", &v);
	ca_verdict_free(&v);
}

/* When the spawner is killed, no program goes on that nobody waits for. */
static void
a_spawner_that_is_killed(void **state)
{
	struct ca_check c = {.seconds = 60, .tag = tags[0]};
	struct ca_verdict v = {0};
	struct setpki_error err = {0};
	char text[1200];
	const char *pid_file = scratch_path("pid-killed");
	pid_t pid;
	bool got;

	(void)state;
	snprintf(text, sizeof(text), "echo $$ >%s; exec sleep 60", pid_file);
	c.path = script("killed", text);
	t_ok(ca_spawn_check(&line[0], &c, 300, &v, &got, &err), &err);
	assert_false(got);
	for (int i = 0; i < 2000 && (!scratch_exists(pid_file) || scratch_read(pid_file).n == 0); i++)
		usleep(5000);
	pid = atoi((const char *)scratch_read(pid_file).p);
	assert_int_equal(kill(pid, 0), 0);
	kill(spawner, SIGKILL);
	for (int i = 0; i < 2000 && kill(pid, 0) == 0; i++)
		usleep(5000);
	assert_int_equal(kill(pid, 0), -1);
	killed = true;
}

int
main(void)
{
	struct CMUnitTest all[NELEMS(rows) + 10];
	size_t n = 0;

	for (; n < NELEMS(rows); n++)
		all[n] = (struct CMUnitTest){rows[n].name, runs, NULL, NULL, (void *)(uintptr_t)&rows[n]};
	all[n++] = (struct CMUnitTest)cmocka_unit_test(what_cannot_be_run);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(what_is_not_named);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(what_is_no_check);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(much_input);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(several_at_once);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(others_wait);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(too_many_at_once);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(an_asker_that_goes);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(a_spawner_that_is_killed); /* the last one */
	return _cmocka_run_group_tests("ca/service/spawn", all, n, start, stop);
}
