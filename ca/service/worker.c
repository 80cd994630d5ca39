#include "ca/service/worker.h"

#include "ca/service/stream.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define TICK_MS 1000

struct worker {
	const struct ca_worker_ask *ask;
	const struct ca_log *log;
	struct ca_authority *authority;
	struct ca_stream front;
	int hup;	   /* signalfd */
	int64_t next_tick; /* ca_ticks() */
	bool more;	   /* there may be another frame in `front`, read already */
	bool end;
};

/* Requests that are being answered together. */
struct answering {
	struct worker *w;
	enum setpki_code rc;
	struct setpki_error *err;
};

/* --- answering --------------------------------------------------------------------------------- */

/* A front that has gone wants no answer: that is the end, and no failure. */
static enum setpki_code
send_answer(struct worker *w, uint32_t id, const struct ca_answer *answer, struct setpki_error *err)
{
	struct sp_buf contents = {0}, frame = {0};
	enum setpki_code rc;

	ca_answer_put(answer, &contents);
	ca_frame_put(&frame, CA_FRAME_ANSWER, id, sp_buf_bytes(&contents));
	rc = frame.failed ? sp_fail_memory(err) : ca_frame_send(w->front.fd, sp_buf_bytes(&frame), err);
	sp_buf_free(&contents);
	sp_buf_free(&frame);
	if (rc != SETPKI_E_IO || !ca_frame_closed(w->front.fd))
		return rc;
	setpki_error_clear(err);
	w->end = true;
	return SETPKI_E_OK;
}

/* What failed is ours: whoever asked may come again, except where the store is at fault. */
static void
answered(void *arg, uint32_t id, struct ca_answer *answer, enum setpki_code rc, const struct setpki_error *why)
{
	struct answering *g = arg;
	struct worker *w = g->w;

	if (rc != SETPKI_E_OK) {
		ca_log_error(w->log, CA_LOG_ERROR, "request failed", why);
		answer->hint = CA_HINT_BUSY;
		answer->outcome = "failed";
	}
	if (rc == SETPKI_E_STORE && g->rc == SETPKI_E_OK)
		g->rc = sp_fail(g->err, rc, why->spec, "%s", why->message);
	if (g->rc == SETPKI_E_OK && !w->end)
		g->rc = send_answer(w, id, answer, g->err);
	ca_answer_free(answer);
}

/* As many requests as are there, up to what is answered together; w->more: there may be others. */
static enum setpki_code
take_requests(struct worker *w, struct ca_authority_request *v, size_t *n, struct setpki_error *err)
{
	struct ca_frame f;
	enum setpki_code rc = SETPKI_E_OK;

	w->more = true;
	while (*n < SP_DESK_TOGETHER_MAX && w->more) {
		rc = ca_stream_take(&w->front, CA_FRAME_BIT(CA_FRAME_REQUEST), &f, &w->more, err);
		if (rc != SETPKI_E_OK)
			break;
		if (w->more)
			v[(*n)++] = (struct ca_authority_request){f.id, f.contents};
	}
	return rc;
}

/* Once at a time: a front that sends thousands at once, or takes their answers one by one, keeps nothing else waiting
 * for longer than that takes.  Requests that came before a frame which is none are answered all the same. */
static enum setpki_code
read_front(struct worker *w, struct setpki_error *err)
{
	struct ca_authority_request v[SP_DESK_TOGETHER_MAX];
	struct answering g = {.w = w, .err = err};
	size_t n = 0;
	enum setpki_code rc = w->more ? SETPKI_E_OK : ca_stream_fill(&w->front, &w->end, err);

	if (rc == SETPKI_E_OK && !w->end)
		rc = take_requests(w, v, &n, err);
	if (n != 0)
		ca_authority_answer(w->authority, v, n, w->ask->clock(), answered, &g);
	ca_stream_drop(&w->front);
	return rc == SETPKI_E_OK ? g.rc : rc;
}

/* --- waiting ----------------------------------------------------------------------------------- */

static void
reload(struct worker *w)
{
	struct signalfd_siginfo info;
	struct setpki_error err = {0};

	if (read(w->hup, &info, sizeof(info)) < 0)
		return;
	if (ca_authority_reload(w->authority, w->ask->clock(), &err) != SETPKI_E_OK)
		ca_log_error(w->log, CA_LOG_ERROR, "policy not taken", &err);
	else
		ca_log_event(w->log, CA_LOG_INFO, "policy taken");
}

static enum setpki_code
tick(struct worker *w, struct setpki_error *err)
{
	int64_t now = ca_ticks();

	if (now < w->next_tick)
		return SETPKI_E_OK;
	w->next_tick = now + TICK_MS;
	return ca_authority_tick(w->authority, w->ask->clock(), err);
}

static enum setpki_code
act(struct worker *w, const struct pollfd *p, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;

	if (p[1].revents != 0)
		reload(w);
	if (p[2].revents != 0)
		rc = ca_authority_checked(w->authority, w->ask->clock(), err);
	if (rc == SETPKI_E_OK)
		rc = tick(w, err);
	if (rc == SETPKI_E_OK && (w->more || p[0].revents != 0))
		rc = read_front(w, err);
	return rc;
}

static enum setpki_code
turn(struct worker *w, struct setpki_error *err)
{
	struct pollfd p[] = {{w->front.fd, POLLIN, 0}, {w->hup, POLLIN, 0}, {w->ask->authority.spawner, POLLIN, 0}};
	int64_t now = ca_ticks();
	int patience = ca_stream_patience(&w->front, now);
	int rest = !w->more && w->next_tick > now ? (int)(w->next_tick - now) : 0;

	if (patience == 0)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "the rest of a frame did not come within %d s",
		    CA_FRAME_STALL_MS / 1000);
	if (poll(p, 3, patience > 0 && patience < rest ? patience : rest) < 0 && errno != EINTR)
		return sp_fail(err, SETPKI_E_IO, NULL, "waiting for the front: %s", strerror(errno));
	return act(w, p, err);
}

static enum setpki_code
open_worker(struct worker *w, struct setpki_error *err)
{
	sigset_t hup;
	enum setpki_code rc;

	sigemptyset(&hup);
	sigaddset(&hup, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &hup, NULL) != 0 || (w->hup = signalfd(-1, &hup, SFD_CLOEXEC | SFD_NONBLOCK)) < 0)
		return sp_fail(err, SETPKI_E_IO, NULL, "signalfd: %s", strerror(errno));
	if ((rc = ca_authority_open(&w->ask->authority, &w->authority, err)) == SETPKI_E_OK)
		ca_authority_waiting(w->authority, w->front.fd);
	return rc;
}

int
ca_worker_run(const struct ca_worker_ask *ask)
{
	struct worker w = {
	    .ask = ask, .log = ask->authority.log, .front = {.fd = ask->front, .in = {.secret = true}}, .hup = -1};
	struct setpki_error err = {0};
	enum setpki_code rc = open_worker(&w, &err);

	if (rc == SETPKI_E_OK && ask->ready != NULL)
		ask->ready(ask->arg);
	while (rc == SETPKI_E_OK && !w.end)
		rc = turn(&w, &err);
	if (rc != SETPKI_E_OK)
		ca_log_error(w.log, CA_LOG_ERROR, "authority stops", &err);
	ca_authority_close(w.authority);
	ca_stream_free(&w.front);
	if (w.hup >= 0)
		close(w.hup);
	return rc == SETPKI_E_OK ? 0 : 3;
}
