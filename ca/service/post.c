/* Registration messages: from HTTP to the authority and back. */
#include "ca/service/front_inner.h"
#include "lib/asn1/arm.h"
#include "lib/crypto/suite.h"

#include <string.h>

#define MEDIA "application/set-registration"
/* An id is a count and the place in the table. */
#define PLACE_BITS 12u
_Static_assert(SP_SERVICE_QUEUE_MAX <= 1u << PLACE_BITS, "every place has to fit into an id");

/* --- taking a message in ------------------------------------------------------------------------ */

static void
refuse(struct ca_conn *c, unsigned status, const char *why, unsigned retry_after)
{
	c->keep_alive = false; /* the body is not read */
	ca_conn_refuse(c, status, why, NULL, retry_after);
}

static bool
within_rate(struct ca_conn *c)
{
	int64_t wait_ms = 0;

	if (c->front->rate == NULL || c->local || ca_rate_take(c->front->rate, c->key, c->asked_at, &wait_ms))
		return true;
	refuse(c, 429, "too many messages from this address", (unsigned)(wait_ms / 1000 + 1));
	return false;
}

/* Room is taken for the whole body, before any of it is read; what one address announces leaves room for others. */
static bool
reserve(struct ca_conn *c)
{
	struct ca_front *f = c->front;
	size_t n = c->head.chunked ? f->ask->limits.body : (size_t)c->head.length;

	if (f->nwaiting >= f->ask->limits.queue || f->bodies + n > CA_FRONT_BODIES_MAX) {
		refuse(c, 503, "too many messages are waiting", 1);
		return false;
	}
	if (!c->local && ca_conn_share(f, c->key).reserved + n > CA_FRONT_BODIES_ONE) {
		refuse(c, 429, "too many messages from this address are waiting", 1);
		return false;
	}
	c->reserved = n;
	f->bodies += n;
	return true;
}

void
ca_post_begin(struct ca_conn *c)
{
	const struct ca_http_head *h = &c->head;

	if (!within_rate(c))
		return;
	if (!ca_http_is_type(h->type, MEDIA))
		refuse(c, 415, "a registration message is " MEDIA, 0);
	else if (!h->chunked && h->length > c->front->ask->limits.body)
		refuse(c, 413, "the message is too long", 0);
	else if (reserve(c)) {
		if (h->expects)
			evbuffer_add_printf(bufferevent_get_output(c->bev), "HTTP/1.1 100 Continue\r\n\r\n");
		c->state = CA_CONN_BODY;
		c->chunks = (struct ca_chunks){0};
		ca_conn_timer(c, c->front->ask->limits.body_s);
	}
}

/* --- to the authority --------------------------------------------------------------------------- */

/* Whether this is a MessageWrapper at all: what is not SET is no matter for the authority. */
static bool
walk(struct ca_conn *c)
{
	struct sp_message m;
	setpki_bytes rrpid;

	if (sp_message_read(sp_buf_bytes(&c->body), &m, NULL) != SETPKI_E_OK)
		return false;
	rrpid = sp_str(m.wrapper->header->rrpid);
	c->has_rrpid = rrpid.n == sizeof(c->rrpid);
	if (c->has_rrpid)
		memcpy(c->rrpid, rrpid.p, rrpid.n);
	sp_message_free(&m);
	return true;
}

static struct ca_waiting_answer *
take_place(struct ca_conn *c)
{
	struct ca_front *f = c->front;

	for (unsigned i = 0; i < f->ask->limits.queue; i++) {
		struct ca_waiting_answer *w = &f->waiting[i];

		if (w->id != 0)
			continue;
		f->last_id += 1u << PLACE_BITS;
		if (f->last_id == 0)
			f->last_id = 1u << PLACE_BITS;
		*w = (struct ca_waiting_answer){.conn = c, .id = f->last_id | i, .since = ca_ticks()};
		f->nwaiting++;
		c->waiting = w;
		return w;
	}
	return NULL;
}

/* Copies of one message go to one process, so that they queue behind one another (set-protocol 12.7). */
static bool
hand_over(struct ca_conn *c, const struct ca_waiting_answer *w)
{
	struct sp_buf frame = {.secret = true};
	uint8_t digest[32];
	bool ok;

	if (sp_sha256(c->front->ask->ctx, sp_buf_bytes(&c->body), digest, NULL) != SETPKI_E_OK)
		return false;
	ca_frame_put(&frame, CA_FRAME_REQUEST, w->id, sp_buf_bytes(&c->body));
	ok = !frame.failed &&
	    bufferevent_write(c->front->workers[digest[0] % c->front->ask->nworkers], frame.p, frame.n) == 0;
	sp_buf_free(&frame);
	return ok;
}

static void
free_place(struct ca_front *f, struct ca_waiting_answer *w)
{
	w->id = 0;
	w->conn = NULL;
	f->nwaiting--;
}

static void
send_message(struct ca_conn *c)
{
	struct ca_waiting_answer *w;

	if (!walk(c)) {
		ca_conn_refuse(c, 400, "this is not a MessageWrapper in DER", NULL, 0);
		return;
	}
	if ((w = take_place(c)) == NULL) {
		ca_conn_refuse(c, 503, "too many messages are waiting", NULL, 1);
		return;
	}
	c->state = CA_CONN_ANSWER;
	ca_conn_timer(c, c->front->ask->limits.answer_s);
	if (!hand_over(c, w)) {
		c->waiting = NULL;
		free_place(c->front, w);
		ca_conn_refuse(c, 500, "out of memory", NULL, 0);
	}
}

static unsigned
read_chunks(struct ca_conn *c, struct evbuffer *in)
{
	size_t n, used = 1;
	unsigned status = 0;

	while (status == 0 && used != 0 && c->chunks.state != CA_CHUNK_END && (n = evbuffer_get_length(in)) != 0) {
		const uint8_t *p = evbuffer_pullup(in, (ev_ssize_t)n);

		if (p == NULL)
			return 500;
		status = ca_http_chunks(&c->chunks, sp_bytes(p, n), c->front->ask->limits.body, &c->body, &used);
		evbuffer_drain(in, used);
	}
	return status;
}

static void
read_plain(struct ca_conn *c, struct evbuffer *in)
{
	size_t n = evbuffer_get_length(in), want = (size_t)c->head.length - c->body.n;
	uint8_t *to;

	n = n < want ? n : want;
	if (n != 0 && (to = sp_buf_extend(&c->body, n)) != NULL)
		(void)evbuffer_remove(in, to, n);
}

void
ca_post_body(struct ca_conn *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	unsigned status = 0;

	if (c->head.chunked)
		status = read_chunks(c, in);
	else
		read_plain(c, in);
	if (status != 0)
		refuse(c, status, status == 413 ? "the message is too long" : "the body cannot be read", 0);
	else if (c->body.failed)
		refuse(c, 500, "out of memory", 0);
	else if (c->head.chunked ? c->chunks.state == CA_CHUNK_END : c->body.n == c->head.length)
		send_message(c);
}

/* --- and back ---------------------------------------------------------------------------------- */

void
ca_post_forget(struct ca_conn *c)
{
	c->waiting->conn = NULL;
	c->waiting = NULL;
}

static void
log_answer(const struct ca_conn *c, const struct ca_answer_read *a, unsigned status, int64_t ms)
{
	struct ca_log_line l;

	ca_log_begin(&l, &c->front->log, CA_LOG_INFO, "request answered");
	ca_log_text(&l, "address", c->address);
	ca_log_text(&l, "message", a->message);
	ca_log_text(&l, "outcome", a->outcome);
	ca_log_hex(&l, "rrpid", sp_bytes(c->rrpid, c->has_rrpid ? sizeof(c->rrpid) : 0));
	ca_log_number(&l, "status", status);
	ca_log_number(&l, "bytes", (int64_t)a->body.n);
	ca_log_number(&l, "ms", ms);
	ca_log_end(&l);
}

/* How HTTP carries each: a body of SET, none, or a line that says why not. */
static const struct {
	unsigned status, retry_after;
	const char *media, *refused;
} hints[CA_HINT_N] = {
    [CA_HINT_ANSWER] = {200, 0, MEDIA, NULL},
    [CA_HINT_SILENT] = {204, 0, NULL, NULL},
    [CA_HINT_TOO_MANY] = {429, 1, NULL, "too many messages in error"},
    [CA_HINT_TOO_OFTEN] = {429, SP_ACCOUNT_TRY_EVERY_S, NULL, "too many messages about one account"},
    [CA_HINT_BUSY] = {503, 1, NULL, "not at present; send the same message again"},
};

static void
send_answer(struct ca_conn *c, const struct ca_answer_read *a, int64_t ms)
{
	unsigned status = hints[a->hint].status;
	struct ca_http_reply r = {.status = status, .media = hints[a->hint].media, .length = a->body.n, .max_age = -1};

	c->waiting = NULL;
	log_answer(c, a, status, ms);
	if (hints[a->hint].refused != NULL)
		ca_conn_refuse(c, status, hints[a->hint].refused, NULL, hints[a->hint].retry_after);
	else
		ca_conn_reply(c, &r, a->body, NULL);
}

static enum setpki_code
take_answer(struct ca_front *f, const struct ca_frame *frame, struct setpki_error *err)
{
	unsigned place = frame->id & ((1u << PLACE_BITS) - 1);
	struct ca_waiting_answer *w = place < f->ask->limits.queue ? &f->waiting[place] : NULL;
	struct ca_answer_read a;
	struct ca_conn *c;
	int64_t ms;
	enum setpki_code rc = ca_answer_get(frame->contents, &a, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (w == NULL || w->id == 0 || w->id != frame->id)
		return sp_fail(err, SETPKI_E_PARSE, NULL, "an answer to what was not asked");
	c = w->conn;
	ms = ca_ticks() - w->since;
	free_place(f, w);
	ca_figures_answer(&f->figures, a.message, a.outcome, ms);
	if (c != NULL)
		send_answer(c, &a, ms);
	ca_front_maybe_end(f);
	return SETPKI_E_OK;
}

/* Long after its client was told to come again: the process that has it works no more, and all behind it waits. */
#define HUNG_TIMES 10

void
ca_post_watch(struct ca_front *f)
{
	int64_t since = ca_ticks() - (int64_t)f->ask->limits.answer_s * 1000 * HUNG_TIMES;
	struct setpki_error err = {0};

	for (unsigned i = 0; f->nwaiting != 0 && i < f->ask->limits.queue; i++)
		if (f->waiting[i].id != 0 && f->waiting[i].since < since) {
			(void)sp_fail(&err, SETPKI_E_STATE, NULL, "a message was not answered within %u s",
			    f->ask->limits.answer_s * HUNG_TIMES);
			ca_front_fail(f, "an authority process hangs", &err);
			return;
		}
}

static void
on_worker_read(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct setpki_error err = {0};
	struct ca_front *f = arg;
	struct ca_frame frame;
	size_t n, used = 1;
	enum setpki_code rc = SETPKI_E_OK;

	while (rc == SETPKI_E_OK && used != 0 && (n = evbuffer_get_length(in)) != 0) {
		const uint8_t *p = evbuffer_pullup(in, (ev_ssize_t)n);

		rc = p != NULL ? ca_frame_next(sp_bytes(p, n), CA_FRAME_BIT(CA_FRAME_ANSWER), &frame, &used, &err)
			       : sp_fail_memory(&err);
		if (rc == SETPKI_E_OK && used != 0)
			rc = take_answer(f, &frame, &err);
		evbuffer_drain(in, used);
	}
	if (rc != SETPKI_E_OK)
		ca_front_fail(f, "the authority says what it must not", &err);
}

static void
on_worker_event(struct bufferevent *bev, short what, void *arg)
{
	struct setpki_error err = {0};

	(void)bev;
	(void)what;
	(void)sp_fail(&err, SETPKI_E_IO, NULL, "its stream was closed");
	ca_front_fail(arg, "an authority process is gone", &err);
}

enum setpki_code
ca_post_open(struct ca_front *f, struct setpki_error *err)
{
	for (unsigned i = 0; i < f->ask->nworkers; i++) {
		int fd = f->ask->workers[i];

		if (evutil_make_socket_nonblocking(fd) != 0 ||
		    (f->workers[i] = bufferevent_socket_new(f->base, fd, BEV_OPT_CLOSE_ON_FREE)) == NULL)
			return sp_fail_memory(err);
		bufferevent_setcb(f->workers[i], on_worker_read, NULL, on_worker_event, f);
		bufferevent_enable(f->workers[i], EV_READ | EV_WRITE);
	}
	return SETPKI_E_OK;
}

void
ca_post_close(struct ca_front *f)
{
	for (unsigned i = 0; i < f->ask->nworkers; i++)
		if (f->workers[i] != NULL)
			bufferevent_free(f->workers[i]);
}
