/* What a process can still do once it has given up the rest: each row in a child of its own. */
#include "ca/service/sandbox.h"
#include "ca/service/seccomp.h"
#include "tests/support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static int pair[2], listening, spare, memory;
static struct sockaddr_in address; /* somebody listens there */
static char file[512];

static int
prepare(void **state)
{
	socklen_t n = sizeof(address);
	int other;

	(void)state;
	snprintf(file, sizeof(file), "%s", scratch_path("file"));
	scratch_write(file, sp_bytes_str("secret"), 0600);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	listening = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(listen(listening, 1), 0);
	spare = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(listen(spare, 1), 0);
	other = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(listen(other, 8), 0);
	assert_int_equal(getsockname(other, (struct sockaddr *)&address, &n), 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	memory = memfd_create("x", MFD_ALLOW_SEALING);
	assert_int_equal(ftruncate(memory, 4096), 0);
	return 0;
}

/* --- what is tried: true if it was done ---------------------------------------------------------- */

static bool
reads_a_file(void)
{
	return open(file, O_RDONLY) >= 0;
}

static bool
writes_a_file(void)
{
	return open(file, O_WRONLY | O_CREAT, 0600) >= 0;
}

static bool
changes_a_file(void)
{
	return chmod(file, 0600) == 0;
}

static bool
opens_a_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

/* A listening socket that is shut down is as good as a new one, and this way of sending connects it. */
static bool
connects_what_listened(void)
{
	(void)shutdown(spare, SHUT_RDWR);
	return sendto(spare, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (const struct sockaddr *)&address, sizeof(address)) >=
	    0 ||
	    errno != EPERM;
}

static bool
connects_by_message(void)
{
	struct iovec v = {file, 1};
	struct msghdr m = {.msg_name = &address, .msg_namelen = sizeof(address), .msg_iov = &v, .msg_iovlen = 1};

	(void)shutdown(spare, SHUT_RDWR);
	return sendmsg(spare, &m, MSG_FASTOPEN | MSG_NOSIGNAL) >= 0 || errno != EPERM;
}

/* The kernel does on behalf of a ring what the process itself may not call. */
static bool
works_through_a_ring(void)
{
	struct io_uring_params p = {0};

	return syscall(SYS_io_uring_setup, 1, &p) >= 0;
}

static bool
runs_a_program(void)
{
	char *const argv[] = {(char *)(uintptr_t) "/bin/true", NULL};

	/* one that runs ends with status 0, which is told apart from all that we say */
	execv(argv[0], argv);
	return false;
}

static bool
forks(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0;
}

static bool
signals_its_parent(void)
{
	return kill(getppid(), SIGWINCH) == 0 && syscall(SYS_tgkill, getppid(), getppid(), SIGWINCH) == 0;
}

static bool
asks_for_its_parent(void)
{
	return kill(getppid(), 0) == 0;
}

/* As abort() does. */
static bool
signals_itself(void)
{
	return raise(SIGWINCH) == 0;
}

/* The kernel would send the signal when something comes. */
static bool
has_its_parent_signalled(void)
{
	return fcntl(pair[0], F_SETOWN, getppid()) == 0;
}

static bool
takes_a_descriptor_of_its_parent(void)
{
	int fd = (int)syscall(SYS_pidfd_open, getppid(), 0);

	return fd >= 0 && syscall(SYS_pidfd_getfd, fd, 0, 0) >= 0;
}

static bool
looks_at_a_file(void)
{
	struct stat st;

	return stat(file, &st) == 0;
}

static bool
traces_its_parent(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0;
}

static bool
reads_its_parents_memory(void)
{
	char here[8];
	struct iovec to = {here, sizeof(here)}, from = {file, sizeof(here)};

	return process_vm_readv(getppid(), &to, 1, &from, 1, 0) > 0;
}

static bool
makes_memory_executable(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool
is_dumpable_again(void)
{
	return prctl(PR_SET_DUMPABLE, 1) == 0;
}

static bool
talks(void)
{
	char c;

	return write(pair[0], "x", 1) == 1 && read(pair[1], &c, 1) == 1 && send(pair[0], "x", 1, 0) == 1 &&
	    recv(pair[1], &c, 1, 0) == 1;
}

static bool
accepts(void)
{
	int e = epoll_create1(0);
	struct epoll_event ev = {.events = EPOLLIN};

	return fcntl(listening, F_SETFL, O_NONBLOCK) == 0 && accept4(listening, NULL, NULL, SOCK_CLOEXEC) < 0 &&
	    errno == EAGAIN && epoll_ctl(e, EPOLL_CTL_ADD, listening, &ev) == 0 && epoll_wait(e, &ev, 1, 0) == 0;
}

static bool
maps_a_memory_file(void)
{
	return mmap(NULL, 4096, PROT_READ, MAP_SHARED, memory, 0) != MAP_FAILED && malloc(1 << 22) != NULL;
}

#define FRONT (1u << CA_SANDBOX_FRONT)
#define AUTHORITY (1u << CA_SANDBOX_AUTHORITY)
#define MAIN (1u << CA_SANDBOX_MAIN)
#define SPAWNER (1u << CA_SANDBOX_SPAWNER)

static const struct row {
	const char *name;
	bool (*tries)(void);
	unsigned may;	 /* which processes still can */
	bool everywhere; /* the filter of test builds has it too */
} rows[] = {
    {"reads a file", reads_a_file, AUTHORITY | MAIN | SPAWNER, false},
    {"writes a file", writes_a_file, AUTHORITY | MAIN | SPAWNER, false},
    {"looks at a file", looks_at_a_file, AUTHORITY | MAIN | SPAWNER, false},
    {"opens a socket", opens_a_socket, SPAWNER, true},
    {"connects what listened", connects_what_listened, AUTHORITY | MAIN | SPAWNER, false},
    {"connects by message", connects_by_message, AUTHORITY | MAIN | SPAWNER, false},
    {"works through a ring", works_through_a_ring, 0, true},
    {"forks", forks, SPAWNER, false},
    {"signals its parent", signals_its_parent, MAIN | SPAWNER, false},
    {"asks whether its parent is there", asks_for_its_parent, AUTHORITY | MAIN | SPAWNER, false},
    {"signals itself", signals_itself, FRONT | AUTHORITY | MAIN | SPAWNER, true},
    {"has its parent signalled", has_its_parent_signalled, MAIN | SPAWNER, false},
    {"takes a descriptor of its parent", takes_a_descriptor_of_its_parent, 0, true},
    {"traces its parent", traces_its_parent, 0, false},
    {"reads its parent's memory", reads_its_parents_memory, 0, true},
    {"makes memory executable", makes_memory_executable, AUTHORITY | MAIN | SPAWNER, false},
    {"is dumpable again", is_dumpable_again, AUTHORITY | MAIN | SPAWNER, false},
    {"talks over what it has", talks, FRONT | AUTHORITY | MAIN | SPAWNER, true},
    {"accepts and waits", accepts, FRONT | AUTHORITY | MAIN | SPAWNER, true},
    {"maps a memory file", maps_a_memory_file, FRONT | AUTHORITY | MAIN | SPAWNER, true},
    {"changes a file", changes_a_file, AUTHORITY | MAIN | SPAWNER, false},
};

static int64_t
now(void *arg)
{
	(void)arg;
	return 0;
}

#define DONE 10
#define REFUSED 11
#define NO_FILTER 12

static int
in_child(enum ca_sandbox kind, bool (*tries)(void))
{
	struct ca_log log = {.fd = -1, .process = "child", .now = now};
	struct setpki_error err = {0};
	int st, logged[2];
	pid_t pid;

	assert_int_equal(pipe(logged), 0);
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		char c;

		log.fd = logged[1];
		fcntl(logged[0], F_SETFL, O_NONBLOCK);
		if (ca_sandbox_enter(kind, 0, &log, &err) != SETPKI_E_OK)
			_exit(13);
		if (read(logged[0], &c, 1) == 1)
			_exit(NO_FILTER);
		_exit(tries() ? DONE : REFUSED);
	}
	close(logged[0]);
	close(logged[1]);
	assert_int_equal(waitpid(pid, &st, 0), pid);
	assert_true(WIFEXITED(st));
	return WEXITSTATUS(st);
}

static void
is_given_up(void **state)
{
	const struct row *r = *state;

	for (unsigned kind = CA_SANDBOX_FRONT; kind <= CA_SANDBOX_SPAWNER; kind++) {
		int status;

		/* the parent may be traced and read where the system lets anybody: that is no matter of ours */
		if (kind == CA_SANDBOX_SPAWNER && r->may == 0)
			continue;
		if (CA_WATCHED && !r->everywhere)
			continue;
		status = in_child((enum ca_sandbox)kind, r->tries);
		if (status == NO_FILTER)
			skip();
		if (status != ((r->may >> kind & 1) != 0 ? DONE : REFUSED))
			fail_msg("process of kind %u: %d", kind, status);
	}
}

static void
no_program_is_run(void **state)
{
	int status;

	(void)state;
	for (unsigned kind = CA_SANDBOX_FRONT; kind < CA_SANDBOX_SPAWNER; kind++) {
		status = in_child((enum ca_sandbox)kind, runs_a_program);
		if (status == NO_FILTER)
			skip();
		assert_int_equal(status, REFUSED);
	}
	assert_int_equal(in_child(CA_SANDBOX_SPAWNER, runs_a_program), 0);
}

static bool
has_limits(void)
{
	struct rlimit core, files;

	return getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0 && getrlimit(RLIMIT_NOFILE, &files) == 0 &&
	    files.rlim_max > 3 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 && prctl(PR_GET_DUMPABLE) == CA_WATCHED;
}

static void
limits(void **state)
{
	(void)state;
	assert_int_equal(in_child(CA_SANDBOX_SPAWNER, has_limits), DONE);
	if (in_child(CA_SANDBOX_AUTHORITY, talks) != NO_FILTER)
		assert_int_equal(in_child(CA_SANDBOX_AUTHORITY, has_limits), DONE);
}

/* Those that are kept stay, whatever their order; all others go. */
static void
descriptors(void **state)
{
	int st, fds[20];
	pid_t pid;

	(void)state;
	for (size_t i = 0; i < NELEMS(fds); i++)
		fds[i] = dup(pair[0]);
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		const int keep[] = {fds[17], 2, fds[3], fds[4]};
		int wrong = ca_sandbox_descriptors(keep, NELEMS(keep), NULL) != SETPKI_E_OK;

		for (int i = 0; i < (int)NELEMS(fds); i++)
			wrong += (fcntl(fds[i], F_GETFD) >= 0) != (i == 17 || i == 3 || i == 4);
		for (int i = 0; i < 3; i++)
			wrong += fcntl(i, F_GETFD) < 0;
		_exit(wrong);
	}
	assert_int_equal(waitpid(pid, &st, 0), pid);
	assert_true(WIFEXITED(st));
	assert_int_equal(WEXITSTATUS(st), 0);
	for (size_t i = 0; i < NELEMS(fds); i++)
		close(fds[i]);
}

int
main(void)
{
	struct CMUnitTest all[NELEMS(rows) + 3];
	size_t n = 0;

	for (; n < NELEMS(rows); n++)
		all[n] = (struct CMUnitTest){rows[n].name, is_given_up, NULL, NULL, (void *)(uintptr_t)&rows[n]};
	all[n++] = (struct CMUnitTest)cmocka_unit_test(no_program_is_run);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(limits);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(descriptors);
	return _cmocka_run_group_tests("ca/service/sandbox", all, n, prepare, NULL);
}
