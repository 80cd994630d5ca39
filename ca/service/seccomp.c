#include "ca/service/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif

#define ANY (-1)
#define OWN_PID UINT32_MAX /* stands for getpid() */

/* A call that is meant; with `arg` only where (argument & mask) == want, or `unless` it is. */
struct row {
	long number;
	int arg;
	uint32_t mask, want;
	bool unless;
};

#define CALL(name)                                                                                                     \
	{                                                                                                              \
		SYS_##name, ANY, 0, 0, false                                                                           \
	}
#define CALL_IF(name, arg, mask, want)                                                                                 \
	{                                                                                                              \
		SYS_##name, (arg), (mask), (want), false                                                               \
	}
#define CALL_UNLESS(name, arg, mask, want)                                                                             \
	{                                                                                                              \
		SYS_##name, (arg), (mask), (want), true                                                                \
	}

/* What reading, writing, waiting and memory need.  No open, no stat, no socket, no clone, no exec, no kill.  fcntl()
 * could have others signalled (F_SETOWN); sending with MSG_FASTOPEN would connect a socket that has listened. */
static const struct row front[] = {
    CALL(read),
    CALL(write),
    CALL(readv),
    CALL(writev),
    CALL(close),
    CALL(lseek),
    CALL_IF(fcntl, 1, ~0u, F_GETFL),
    CALL_IF(fcntl, 1, ~0u, F_SETFL),
    CALL_IF(fcntl, 1, ~0u, F_GETFD),
    CALL_IF(fcntl, 1, ~0u, F_SETFD),
    CALL_IF(fcntl, 1, ~0u, F_GET_SEALS),
    CALL_IF(ioctl, 1, ~0u, FIONREAD),
    CALL_IF(ioctl, 1, ~0u, FIONBIO),
    CALL_IF(sendto, 3, MSG_FASTOPEN, 0),
    CALL(recvfrom),
    CALL(recvmsg),
    CALL(accept),
    CALL(accept4),
    CALL(shutdown),
    CALL(getsockopt),
    CALL(getsockname),
    CALL(getpeername),
    CALL(epoll_create1),
    CALL(epoll_ctl),
    CALL(epoll_pwait),
    CALL(ppoll),
    CALL(eventfd2),
    CALL(timerfd_create),
    CALL(timerfd_settime),
    CALL(rt_sigaction),
    CALL(rt_sigprocmask),
    CALL(rt_sigreturn),
    CALL(sigaltstack),
    CALL(restart_syscall),
    CALL_IF(mmap, 2, PROT_EXEC, 0),
    CALL_IF(mprotect, 2, PROT_EXEC, 0),
    CALL(munmap),
    CALL(mremap),
    CALL(madvise),
    CALL(brk),
    CALL(futex),
    CALL(getrandom),
    CALL(clock_gettime),
    CALL(clock_getres),
    CALL(clock_nanosleep),
    CALL(gettimeofday),
    CALL(sched_yield),
    CALL(getpid),
    CALL(gettid),
    CALL_IF(tgkill, 0, ~0u, OWN_PID),
    CALL(exit),
    CALL(exit_group),
#ifdef SYS_poll
    CALL(poll),
#endif
#ifdef SYS_epoll_wait
    CALL(epoll_wait),
#endif
#ifdef SYS_time
    CALL(time),
#endif
};

/* What neither the main process nor an authority ever has a reason for.  A ring of io_uring would do the other calls
 * past this filter. */
static const struct row inner[] = {
    CALL(execve),
    CALL(execveat),
#if !CA_WATCHED
    CALL(ptrace),
    CALL(clone),
#ifdef SYS_fork
    CALL(fork),
    CALL(vfork),
#endif
#ifdef SYS_clone3
    CALL(clone3),
#endif
#endif
    CALL(io_uring_setup),
    CALL(io_uring_enter),
    CALL(io_uring_register),
    CALL(pidfd_getfd),
    CALL(process_vm_readv),
    CALL(process_vm_writev),
    CALL(socket),
    CALL(connect),
    CALL(bind),
    CALL(listen),
    CALL(mount),
    CALL(umount2),
    CALL(fsopen),
    CALL(open_tree),
    CALL(move_mount),
    CALL(pivot_root),
    CALL(chroot),
    CALL(unshare),
    CALL(setns),
    CALL(init_module),
    CALL(finit_module),
    CALL(delete_module),
    CALL(kexec_load),
    CALL(kexec_file_load),
    CALL(bpf),
    CALL(perf_event_open),
    CALL(add_key),
    CALL(request_key),
    CALL(keyctl),
    CALL(userfaultfd),
    CALL(open_by_handle_at),
    CALL(reboot),
    CALL(swapon),
    CALL(swapoff),
    CALL(acct),
};

/* What would signal another process.  Whether there is one (kill with 0) may be asked. */
static const struct row signals[] = {
#if !CA_WATCHED
    CALL_UNLESS(kill, 1, ~0u, 0),
    CALL_UNLESS(tgkill, 0, ~0u, OWN_PID),
    CALL(tkill),
    CALL(rt_sigqueueinfo),
    CALL(rt_tgsigqueueinfo),
    CALL(pidfd_send_signal),
#endif
    CALL_IF(fcntl, 1, ~0u, F_SETOWN),
    CALL_IF(fcntl, 1, ~0u, F_SETOWN_EX),
    CALL_IF(ioctl, 1, ~0u, FIOSETOWN),
    CALL_IF(ioctl, 1, ~0u, SIOCSPGRP),
};

/* Several tables in one filter. */
struct rows {
	const struct row *v;
	size_t n;
};

#ifdef ARCH

#define PROGRAM_MAX 400u

struct program {
	struct sock_filter v[PROGRAM_MAX];
	unsigned short n;
};

static void
add(struct program *p, struct sock_filter f)
{
	if (p->n < PROGRAM_MAX)
		p->v[p->n++] = f;
}

#define LOAD(offset) ((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offset)))
#define AND(mask) ((struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (mask)))
#define SKIP_UNLESS(value, n) ((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (n)))
#define SKIP_IF(value, n) ((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (n), 0))
#define RETURN(what) ((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, (what)))

/* The lower half of an argument: both architectures are little-endian. */
static void
add_row(struct program *p, const struct row *r, uint32_t verdict)
{
	uint32_t want = r->want == OWN_PID ? (uint32_t)getpid() : r->want;

	if (r->arg == ANY) {
		add(p, SKIP_UNLESS((uint32_t)r->number, 1));
		add(p, RETURN(verdict));
		return;
	}
	add(p, SKIP_UNLESS((uint32_t)r->number, 5));
	add(p, LOAD(offsetof(struct seccomp_data, args) + sizeof(uint64_t) * (size_t)r->arg));
	add(p, AND(r->mask));
	add(p, r->unless ? SKIP_IF(want, 1) : SKIP_UNLESS(want, 1));
	add(p, RETURN(verdict));
	add(p, LOAD(offsetof(struct seccomp_data, nr)));
}

static bool
install(const struct rows *tables, size_t n, uint32_t verdict, uint32_t otherwise)
{
	struct program p = {.n = 0};
	struct sock_fprog prog = {.filter = p.v};

	add(&p, LOAD(offsetof(struct seccomp_data, arch)));
	add(&p, SKIP_UNLESS(ARCH, 1));
	add(&p, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 1));
	add(&p, RETURN(SECCOMP_RET_KILL_PROCESS));
	add(&p, LOAD(offsetof(struct seccomp_data, nr)));
#ifdef __x86_64__
	/* the numbers of x32, another way to the same calls */
	add(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000u, 0, 1));
	add(&p, RETURN(SECCOMP_RET_KILL_PROCESS));
#endif
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < tables[i].n; k++)
			add_row(&p, &tables[i].v[k], verdict);
	add(&p, RETURN(otherwise));
	prog.len = p.n;
	if (p.n == PROGRAM_MAX) {
		errno = E2BIG;
		return false;
	}
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) == 0;
}

#else

static bool
install(const struct rows *tables, size_t n, uint32_t verdict, uint32_t otherwise)
{
	(void)tables;
	(void)n;
	(void)verdict;
	(void)otherwise;
	errno = ENOSYS;
	return false;
}

#endif

#define REFUSE (SECCOMP_RET_ERRNO | EPERM)

bool
ca_seccomp_front(void)
{
	static const struct rows tables[] = {{front, sizeof(front) / sizeof(front[0])}};

	return CA_WATCHED ? ca_seccomp_inner(false) : install(tables, 1, SECCOMP_RET_ALLOW, REFUSE);
}

bool
ca_seccomp_inner(bool may_signal)
{
	static const struct rows tables[] = {
	    {inner, sizeof(inner) / sizeof(inner[0])}, {signals, sizeof(signals) / sizeof(signals[0])}};

	return install(tables, may_signal ? 1 : 2, REFUSE, SECCOMP_RET_ALLOW);
}
