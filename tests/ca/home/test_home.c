/* A home: folders, writer slots, locks, the policy history. */
#include "ca/home/slot.h"
#include "tests/support/home.h"
#include "tests/support/scratch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct setpki_error err;

static int
clear(void **state)
{
	(void)state;
	memset(&err, 0, sizeof(err));
	return 0;
}

static struct ca_home *
open_home(const char *dir, enum ca_home_mode mode)
{
	struct ca_home *h;

	t_ok(ca_home_open(t_ctx(), dir, mode, NULL, T_NOW, &h, &err), &err);
	return h;
}

static const char *
in(const char *dir, const char *name)
{
	return scratch_path("%s/%s", strrchr(dir, '/') + 1, name);
}

/* --- opening ----------------------------------------------------------------------------------- */

static void
a_new_home_has_private_folders(void **state)
{
	static const char *const folders[] = {"store", "keys", "public", "run"};
	const char *dir = scratch_path("new-home");
	uint8_t instance[CA_HOME_INSTANCE], again[CA_HOME_INSTANCE];
	struct ca_home *h;
	struct stat st;
	ca_txn *t;

	(void)state;
	t_refused(
	    ca_home_open(t_ctx(), dir, CA_HOME_WRITE, NULL, T_NOW, &h, &err), SETPKI_E_NOTFOUND, "setca init", &err);
	t_refused(ca_home_open(t_ctx(), dir, CA_HOME_READ, NULL, T_NOW, &h, &err), SETPKI_E_NOTFOUND, "--home", &err);
	assert_false(scratch_exists(dir));
	assert_null(h);
	h = open_home(dir, CA_HOME_CREATE);
	for (size_t i = 0; i < NELEMS(folders); i++) {
		assert_int_equal(stat(in(dir, folders[i]), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0700);
	}
	assert_null(h->policy);
	t_ok(ca_txn_begin(h->store, false, &t, &err), &err);
	t_ok(ca_home_instance(t, instance, &err), &err);
	ca_txn_abort(t);
	ca_home_close(h);
	h = open_home(dir, CA_HOME_CREATE); /* made once */
	t_ok(ca_txn_begin(h->store, false, &t, &err), &err);
	t_ok(ca_home_instance(t, again, &err), &err);
	ca_txn_abort(t);
	assert_memory_equal(instance, again, sizeof(instance));
	ca_home_close(h);
}

static void
readers_take_no_slot(void **state)
{
	const char *dir = scratch_path("reader");
	struct ca_home *h = open_home(dir, CA_HOME_CREATE);

	(void)state;
	assert_true(h->slot_fd >= 0);
	assert_int_equal(h->slot, 1);
	ca_home_close(h);
	h = open_home(dir, CA_HOME_READ);
	assert_int_equal(h->slot_fd, -1);
	assert_true(!ca_home_writer_alive(h, 1, 1));
	ca_home_close(h);
}

/* --- slots ------------------------------------------------------------------------------------- */

/* A home with nothing but its run folder: slots need no more. */
static struct ca_home
slots_of(const char *dir)
{
	struct ca_home h = {.slot_fd = -1};

	h.dir = h.run_dir = strdup(dir);
	return h;
}

static void
each_writer_has_its_slot(void **state)
{
	static struct ca_home h[CA_SLOTS + 1];
	const char *dir = scratch_dir();

	(void)state;
	for (size_t i = 0; i < NELEMS(h); i++)
		h[i] = slots_of(dir);
	for (size_t i = 0; i < CA_SLOTS; i++) {
		t_ok(ca_slot_take(&h[i], &err), &err);
		assert_int_equal(h[i].slot, i + 1);
		assert_int_equal(h[i].epoch, 1);
	}
	t_refused(ca_slot_take(&h[CA_SLOTS], &err), SETPKI_E_STATE, "64 processes", &err);
	assert_true(ca_home_writer_alive(&h[0], 7, 1));
	ca_slot_release(&h[6]);
	assert_false(ca_home_writer_alive(&h[0], 7, 1));
	t_ok(ca_slot_take(&h[CA_SLOTS], &err), &err);
	assert_int_equal(h[CA_SLOTS].slot, 7);
	assert_int_equal(h[CA_SLOTS].epoch, 2);
	/* the slot lives on, but who held it before is gone */
	assert_false(ca_home_writer_alive(&h[0], 7, 1));
	assert_true(ca_home_writer_alive(&h[0], 7, 2));
	assert_true(ca_home_writer_alive(&h[CA_SLOTS], 7, 2));
	assert_false(ca_home_writer_alive(&h[CA_SLOTS], 7, 1));
	assert_false(ca_home_writer_alive(&h[0], 65, 1));
	for (size_t i = 0; i < NELEMS(h); i++) {
		ca_slot_release(&h[i]);
		free(h[i].dir);
	}
}

static void
a_killed_writer_is_gone(void **state)
{
	struct ca_home h = slots_of(scratch_dir());
	int pipe_fd[2], status;
	char c;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(pipe_fd), 0);
	if ((pid = fork()) == 0) {
		c = ca_slot_take(&h, NULL) == SETPKI_E_OK && h.slot == 1 ? 'y' : 'n';
		if (write(pipe_fd[1], &c, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(pipe_fd[0], &c, 1), 1);
	assert_int_equal(c, 'y');
	assert_true(ca_home_writer_alive(&h, 1, 1));
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_false(ca_home_writer_alive(&h, 1, 1));
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	free(h.dir);
}

/* --- locks ------------------------------------------------------------------------------------- */

static void
a_lock_tells_its_holder(void **state)
{
	struct ca_home h = slots_of(scratch_dir());
	char pid[32];
	int fd, fd2;

	(void)state;
	snprintf(pid, sizeof(pid), "process %ld ", (long)getpid());
	t_ok(ca_home_lock(&h, "publish", false, &fd, &err), &err);
	t_refused(ca_home_lock(&h, "publish", false, &fd2, &err), SETPKI_E_STATE, pid, &err);
	assert_int_equal(fd2, -1);
	t_ok(ca_home_lock(&h, "other", false, &fd2, &err), &err);
	close(fd2);
	close(fd);
	t_ok(ca_home_lock(&h, "publish", true, &fd, &err), &err);
	close(fd);
	assert_int_equal(symlink("/dev/null", scratch_path("%s/evil.lock", strrchr(h.run_dir, '/') + 1)), 0);
	t_refused(ca_home_lock(&h, "evil", true, &fd, &err), SETPKI_E_IO, "evil.lock", &err);
	free(h.dir);
}

static void
waiting_for_a_lock(void **state)
{
	struct ca_home h = slots_of(scratch_dir());
	int fd, status;
	pid_t pid;

	(void)state;
	t_ok(ca_home_lock(&h, "publish", false, &fd, &err), &err);
	if ((pid = fork()) == 0) {
		int mine;

		close(fd); /* a copy of the parent's: the lock stays until both are closed */
		_exit(ca_home_lock(&h, "publish", true, &mine, NULL) == SETPKI_E_OK ? 0 : 1);
	}
	usleep(20000);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	free(h.dir);
}

/* --- policies ---------------------------------------------------------------------------------- */

static void
apply(struct ca_home *h, struct ca_policy *p)
{
	ca_txn *t;

	t_ok(ca_txn_begin(h->store, true, &t, &err), &err);
	t_ok(ca_home_policy_apply(h, t, p, &err), &err);
	t_ok(ca_txn_commit(t, &err), &err);
}

static void
policies_are_kept_by_their_hash(void **state)
{
	static const char *const edits[] = {"policy: demo", "policy: other", NULL};
	struct ca_policy *one = t_policy("policies/demo.yaml", NULL), *two = t_policy("policies/demo.yaml", edits);
	const char *dir = scratch_path("policies");
	struct ca_home *h = open_home(dir, CA_HOME_CREATE);
	uint8_t hash[32];
	setpki_bytes yaml;
	char name[80], hex[65];
	ca_txn *t;

	(void)state;
	t_ok(ca_txn_begin(h->store, false, &t, &err), &err);
	t_code(ca_home_policy_hash(t, hash, &err), SETPKI_E_NOTFOUND, &err);
	setpki_error_clear(&err);
	ca_txn_abort(t);
	apply(h, one);
	apply(h, two);
	ca_home_close(h);
	h = open_home(dir, CA_HOME_WRITE);
	assert_non_null(h->policy);
	assert_string_equal(h->policy->name, "other");
	t_ok(ca_txn_begin(h->store, true, &t, &err), &err);
	t_ok(ca_home_policy_hash(t, hash, &err), &err);
	assert_memory_equal(hash, two->hash, 32);
	t_ok(ca_home_policy_get(h, t, one->hash, &yaml, &err), &err);
	t_bytes(yaml, sp_bytes(one->source, one->source_len));
	/* bytes exchanged under a hash are not taken for the policy */
	snprintf(name, sizeof(name), "policy:%s", setpki_hex_text(SP_BYTES(two->hash), hex));
	t_ok(ca_meta_put(t, name, sp_bytes(one->source, one->source_len), &err), &err);
	t_ok(ca_txn_commit(t, &err), &err);
	ca_home_close(h);
	t_refused(ca_home_open(t_ctx(), dir, CA_HOME_READ, NULL, T_NOW, &h, &err), SETPKI_E_STORE,
	    "not those of that hash", &err);
	ca_policy_free(one);
	ca_policy_free(two);
}

/* Whoever is root may read another's home, and leaves nothing in it that its owner could not use. */
static void
a_home_of_another_user(void **state)
{
	const char *dir = scratch_path("another");
	struct ca_home *h = open_home(dir, CA_HOME_CREATE);
	int fd;

	(void)state;
	ca_home_close(h);
	if (geteuid() != 0) {
		print_message("only root can give a home away\n");
		skip();
	}
	assert_int_equal(chown(in(dir, "store"), 65534, 65534), 0);
	t_refused(
	    ca_home_open(t_ctx(), dir, CA_HOME_WRITE, NULL, T_NOW, &h, &err), SETPKI_E_RULE, "sudo -u '#65534'", &err);
	t_refused(ca_home_open(t_ctx(), dir, CA_HOME_CREATE, NULL, T_NOW, &h, &err), SETPKI_E_RULE,
	    "belongs to the user", &err);
	t_refused(ca_home_lock_unopened(dir, "setcad", &fd, &err), SETPKI_E_RULE, "belongs to the user", &err);
	ca_home_close(open_home(dir, CA_HOME_READ));
	if (fork() == 0)
		_exit(setuid(65534) != 0 ||
		    ca_home_open(t_ctx(), dir, CA_HOME_READ, NULL, T_NOW, &h, &err) != SETPKI_E_IO ||
		    strstr(err.message, "cannot be entered") == NULL);
	assert_true(wait(&fd) > 0);
	assert_int_equal(fd, 0);
}

#define TEST(f) cmocka_unit_test_setup(f, clear)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(a_new_home_has_private_folders),
	    TEST(readers_take_no_slot),
	    TEST(a_home_of_another_user),
	    TEST(each_writer_has_its_slot),
	    TEST(a_killed_writer_is_gone),
	    TEST(a_lock_tells_its_holder),
	    TEST(waiting_for_a_lock),
	    TEST(policies_are_kept_by_their_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
