/* setcad, run by a test: the real program of test-bin/, with the test's clock. */
#ifndef TESTS_SUPPORT_DAEMON_H
#define TESTS_SUPPORT_DAEMON_H

#include <stdbool.h>
#include <sys/types.h>

struct t_daemon {
	pid_t pid;
	char http[128], admin[128]; /* its first addresses */
	char log[256];		    /* file, in the current folder */
};

/* Starts it in the folder that cli_enter() entered, on free ports of 127.0.0.1, with these options beside, and waits
 * until it is ready.  Whatever keeps it from that fails the test, with its log. */
__attribute__((format(printf, 2, 3))) void t_daemon_start(struct t_daemon *d, const char *fmt, ...);
/* The same without the options of addresses, through /bin/sh ("exec setcad ..."), and without waiting. */
__attribute__((format(printf, 2, 3))) void t_daemon_spawn(struct t_daemon *d, const char *fmt, ...);
/* Sends a signal (0: none) and waits for its end.  Returns the exit status, 128 + N when signal N ended it. */
int t_daemon_end(struct t_daemon *d, int sig);
/* Kills the main process with SIGKILL, and waits until the others have ended and ./setca-home is free. */
void t_daemon_kill(struct t_daemon *d);
/* Whether its log has this text, or has it within 10 s. */
bool t_daemon_logged(const struct t_daemon *d, const char *text);
/* The process of that name ("front", "worker 1"), by what a process is called in its order of starting: 0 the front, 1
 * the spawner, 2 the first worker, and so on; the publisher is the last. */
pid_t t_daemon_child(const struct t_daemon *d, unsigned i);
/* http_figure() of its admin address. */
double t_daemon_figure(const struct t_daemon *d, const char *name);
/* Resident memory of a process, in kB. */
long t_resident(pid_t pid);

#endif
