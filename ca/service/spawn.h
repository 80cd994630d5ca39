/* Account checks that are programs.  A small process, forked before the home is opened and before anything is shut off,
 * runs them, and no others than the main process named: they inherit no key, no store, no descriptor and no environment
 * but PATH.  Each gets one JSON object on standard input and answers on standard output; standard error is discarded;
 * what does not end in time is killed with all its process group. */
#ifndef CA_SERVICE_SPAWN_H
#define CA_SERVICE_SPAWN_H

#include "ca/service/log.h"
#include "ca/service/stream.h"

#define CA_CHECK_TAG 32 /* octets by which whoever asks knows the verdict again: a request's identity */

struct ca_check {
	const char *path;   /* absolute */
	int64_t seconds;    /* that it may run, 1 to SP_CHECK_SECONDS_MAX */
	setpki_bytes input; /* secret */
	const uint8_t *tag;
};

enum ca_check_end {
	CA_CHECK_DONE,	 /* it ended by itself */
	CA_CHECK_LATE,	 /* it was killed after its time */
	CA_CHECK_FAILED, /* it may not or cannot be run, was killed by a signal, wrote too much; or too many run */
	CA_CHECK_END_N
};

/* What came of one.  Zero-initialise; ca_verdict_free(). */
struct ca_verdict {
	uint8_t tag[CA_CHECK_TAG];
	enum ca_check_end end;
	int status;	      /* DONE: its exit status */
	struct sp_buf output; /* DONE: what it wrote, at most SP_CHECK_OUTPUT_MAX octets */
};
void ca_verdict_free(struct ca_verdict *v);

/* --- the authority's side ------------------------------------------------------------------------ */

/* An authority's line to the spawner; one at a time uses it. */
struct ca_spawn {
	struct ca_stream stream;
	struct ca_verdict *kept; /* that came while another was waited for */
	size_t nkept;
	uint32_t id;
	int others; /* readable while other requests wait; -1: not known */
};
/* Takes the descriptor; `others` is -1 then. */
void ca_spawn_open(struct ca_spawn *s, int fd);
void ca_spawn_close(struct ca_spawn *s);

/* Starts a check and waits for its verdict, `wait_ms` at most, and SP_CHECK_WAIT_OTHERS_MS at most while other requests
 * wait; *got false: it is still running, and ca_spawn_next() will give it.  ARGUMENT, LIMIT: not a check that can be
 * run; IO: the spawner is gone; PARSE, LIMIT: it says what is no verdict, or more of them than were asked for. */
SP_MUST_CHECK enum setpki_code ca_spawn_check(struct ca_spawn *s, const struct ca_check *check, int wait_ms,
    struct ca_verdict *out, bool *got, struct setpki_error *err);
/* A verdict that came meanwhile; *got false: there is none.  Does not wait.  IO. */
SP_MUST_CHECK enum setpki_code
ca_spawn_next(struct ca_spawn *s, struct ca_verdict *out, bool *got, struct setpki_error *err);

/* --- the spawner's side -------------------------------------------------------------------------- */

/* Runs programs for whoever is at the other ends of `fds` (streams; taken), until all of them have closed.  What still
 * runs then is killed.  Which programs they may be comes in PROGRAMS frames over `names` (a stream; taken), each in the
 * place of the one before; none before the first.  Returns the exit status of the process. */
int ca_spawner_run(const int *fds, unsigned n, int names, const struct ca_log *log);

#endif
