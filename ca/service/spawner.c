/* The process that runs programs: one loop over who says which, those who ask, and what runs for them. */
#include "ca/service/programs.h"
#include "ca/service/spawn_inner.h"
#include "lib/base/limits.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* What is waited for: who names the programs, each asker, and of each child its end, its input and its output. */
#define ASKERS 1
#define CHILDREN (ASKERS + SP_SERVICE_WORKERS_MAX)
#define POLLED (CHILDREN + 3 * SP_CHECKS_MAX)

struct spawner {
	const struct ca_log *log;
	struct ca_stream names;
	struct sp_buf programs; /* what it said last */
	struct ca_stream askers[SP_SERVICE_WORKERS_MAX];
	unsigned n;
	struct ca_child children[SP_CHECKS_MAX]; /* pid 0: none */
};

/* --- verdicts ---------------------------------------------------------------------------------- */

/* Whoever asked may be gone meanwhile. */
static void
hang_up(struct spawner *s, unsigned asker)
{
	ca_stream_free(&s->askers[asker]);
	for (size_t i = 0; i < SP_CHECKS_MAX; i++)
		if (s->children[i].pid != 0 && s->children[i].asker == asker) {
			ca_child_end(&s->children[i], CA_CHECK_LATE);
			ca_child_free(&s->children[i]);
		}
}

static void
send_verdict(struct spawner *s, const struct ca_child *c)
{
	struct sp_buf contents = {.secret = true}, frame = {.secret = true};
	struct setpki_error err = {0};

	ca_verdict_put(&c->verdict, &contents);
	ca_frame_put(&frame, CA_FRAME_VERDICT, c->id, sp_buf_bytes(&contents));
	if (frame.failed || ca_frame_send(s->askers[c->asker].fd, sp_buf_bytes(&frame), &err) != SETPKI_E_OK)
		hang_up(s, c->asker);
	sp_buf_free(&contents);
	sp_buf_free(&frame);
}

static void
finish(struct spawner *s, struct ca_child *c, enum ca_check_end end)
{
	ca_child_end(c, end);
	send_verdict(s, c);
	ca_child_free(c);
}

/* --- what may be run --------------------------------------------------------------------------- */

/* Whoever names them has nothing else to say, and may end before those who ask. */
static void
read_names(struct spawner *s)
{
	struct setpki_error err = {0};
	struct ca_frame f;
	bool got = true, end = false;
	enum setpki_code rc = ca_stream_fill(&s->names, &end, &err);

	while (rc == SETPKI_E_OK && !end && got) {
		rc = ca_stream_take(&s->names, CA_FRAME_BIT(CA_FRAME_PROGRAMS), &f, &got, &err);
		if (rc != SETPKI_E_OK || !got)
			break;
		if (!ca_programs_check(f.contents))
			rc = sp_fail(&err, SETPKI_E_PARSE, NULL, "names of programs that cannot be read");
		sp_buf_reset(&s->programs);
		if (rc == SETPKI_E_OK)
			sp_buf_add_bytes(&s->programs, f.contents);
	}
	if (rc != SETPKI_E_OK)
		ca_log_error(s->log, CA_LOG_ERROR, "the main process says what it must not", &err);
	if (rc != SETPKI_E_OK || end)
		ca_stream_free(&s->names);
}

/* --- checks ------------------------------------------------------------------------------------ */

static void
log_not_run(const struct spawner *s, const char *path, const char *why)
{
	struct ca_log_line l;

	ca_log_begin(&l, s->log, CA_LOG_WARNING, "check not run");
	ca_log_text(&l, "program", path);
	ca_log_text(&l, "cause", why);
	ca_log_end(&l);
}

static void
run(struct spawner *s, unsigned asker, uint32_t id, const struct ca_check *check)
{
	struct ca_child refused = {.asker = asker, .id = id, .pidfd = -1, .in = -1, .out = -1}, *c;
	size_t i;

	for (i = 0; i < SP_CHECKS_MAX && s->children[i].pid != 0; i++)
		;
	c = i < SP_CHECKS_MAX ? &s->children[i] : &refused;
	memcpy(refused.verdict.tag, check->tag, CA_CHECK_TAG);
	if (!ca_programs_have(sp_buf_bytes(&s->programs), check->path))
		log_not_run(s, check->path, "the policy that is in force here does not name it");
	else if (c == &refused)
		log_not_run(s, check->path, "too many are running");
	else if (ca_child_start(c, check)) {
		c->asker = asker;
		c->id = id;
		return;
	} else {
		log_not_run(s, check->path, "it is not there, or cannot be run");
		ca_child_free(c);
	}
	refused.verdict.end = CA_CHECK_FAILED;
	send_verdict(s, &refused);
}

static void
read_asker(struct spawner *s, unsigned asker)
{
	struct setpki_error err = {0};
	struct ca_check check;
	struct ca_frame f;
	bool got = true, end = false;
	enum setpki_code rc = ca_stream_fill(&s->askers[asker], &end, &err);

	while (rc == SETPKI_E_OK && !end && got && s->askers[asker].fd >= 0) {
		rc = ca_stream_take(&s->askers[asker], CA_FRAME_BIT(CA_FRAME_CHECK), &f, &got, &err);
		if (rc == SETPKI_E_OK && got && (rc = ca_check_get(f.contents, &check, &err)) == SETPKI_E_OK)
			run(s, asker, f.id, &check);
	}
	ca_stream_drop(&s->askers[asker]);
	if (rc != SETPKI_E_OK)
		ca_log_error(s->log, CA_LOG_ERROR, "an authority process says what it must not", &err);
	if (rc != SETPKI_E_OK || end)
		hang_up(s, asker);
}

/* --- waiting ----------------------------------------------------------------------------------- */

/* One place for each, -1 where there is nothing to wait for: poll() passes those over. */
static int
prepare(const struct spawner *s, struct pollfd *p)
{
	int64_t now = ca_ticks(), soonest = INT64_MAX;

	p[0] = (struct pollfd){s->names.fd, POLLIN, 0};
	for (unsigned i = 0; i < SP_SERVICE_WORKERS_MAX; i++)
		p[ASKERS + i] = (struct pollfd){i < s->n ? s->askers[i].fd : -1, POLLIN, 0};
	p += CHILDREN;
	for (size_t i = 0; i < SP_CHECKS_MAX; i++, p += 3) {
		const struct ca_child *c = &s->children[i];
		bool there = c->pid != 0;

		p[0] = (struct pollfd){there ? c->pidfd : -1, POLLIN, 0};
		p[1] = (struct pollfd){there ? c->in : -1, POLLOUT, 0};
		p[2] = (struct pollfd){there ? c->out : -1, POLLIN, 0};
		if (there && c->deadline < soonest)
			soonest = c->deadline;
	}
	if (soonest == INT64_MAX)
		return -1;
	return soonest > now ? (int)(soonest - now) : 0;
}

static void
serve_child(struct spawner *s, struct ca_child *c, const struct pollfd *p, int64_t now)
{
	if (c->pid == 0)
		return;
	if (!ca_child_serve(c, p[1].revents != 0, p[2].revents != 0))
		finish(s, c, CA_CHECK_FAILED);
	else if (p[0].revents != 0)
		finish(s, c, CA_CHECK_DONE);
	else if (now >= c->deadline)
		finish(s, c, CA_CHECK_LATE);
}

static bool
turn(struct spawner *s, struct pollfd *p)
{
	bool open = false;

	if (poll(p, POLLED, prepare(s, p)) < 0)
		return errno == EINTR;
	for (size_t i = 0; i < SP_CHECKS_MAX; i++)
		serve_child(s, &s->children[i], p + CHILDREN + 3 * i, ca_ticks());
	/* First, and asked once more: an asker may know of a program as soon as it was named here. */
	p[0].revents = 0;
	if (poll(p, ASKERS, 0) > 0)
		read_names(s);
	for (unsigned i = 0; i < s->n; i++) {
		if (s->askers[i].fd >= 0 && p[ASKERS + i].revents != 0)
			read_asker(s, i);
		open = open || s->askers[i].fd >= 0;
	}
	return open;
}

int
ca_spawner_run(const int *fds, unsigned n, int names, const struct ca_log *log)
{
	struct spawner *s = OPENSSL_zalloc(sizeof(*s));
	struct pollfd *p = OPENSSL_zalloc(POLLED * sizeof(*p));

	signal(SIGPIPE, SIG_IGN);
	if (s != NULL && p != NULL) {
		s->log = log;
		s->n = n;
		s->names = (struct ca_stream){.fd = names};
		for (unsigned i = 0; i < n; i++)
			s->askers[i] = (struct ca_stream){.fd = fds[i], .in = {.secret = true}};
		while (turn(s, p))
			;
		for (unsigned i = 0; i < n; i++)
			hang_up(s, i);
		ca_stream_free(&s->names);
		sp_buf_free(&s->programs);
	}
	OPENSSL_free(s);
	OPENSSL_free(p);
	return 0;
}
