/* One connection: reads heads, one after the other, and writes answers.  One timer bounds whatever it waits for, as a
 * whole: an octet now and then does not make it longer. */
#include "ca/service/front_inner.h"

#include <openssl/crypto.h>
#include <string.h>
#include <unistd.h>

#define INPUT_MAX 65536u  /* read ahead of what is worked on */
#define LINGER_S 2u	  /* for a client to read why it was refused */
#define WRITE_S 30u	  /* for an answer to be taken, and besides: */
#define WRITE_RATE 16384u /* octets a second that a client has to take at least */
#define COPY_MAX 8192u	  /* bodies up to this are copied beside their head */
#define ADMIN_MAX 16u	  /* connections to the admin address */

/* --- the list ---------------------------------------------------------------------------------- */

static size_t
chain_of(const uint8_t key[CA_RATE_KEY])
{
	uint64_t k;

	memcpy(&k, key, sizeof(k));
	return (size_t)((k * UINT64_C(0x9e3779b97f4a7c15)) >> 32) % CA_FRONT_CHAINS;
}

static void
link_conn(struct ca_conn *c)
{
	struct ca_conn **chain = &c->front->chains[chain_of(c->key)];

	c->next = *chain;
	if (c->next != NULL)
		c->next->back = &c->next;
	c->back = chain;
	*chain = c;
}

static void
unlink_conn(struct ca_conn *c)
{
	*c->back = c->next;
	if (c->next != NULL)
		c->next->back = c->back;
}

struct ca_share
ca_conn_share(const struct ca_front *f, const uint8_t key[CA_RATE_KEY])
{
	struct ca_share s = {0, 0};

	for (const struct ca_conn *c = f->chains[chain_of(key)]; c != NULL; c = c->next)
		if (!c->admin && !c->local && memcmp(c->key, key, CA_RATE_KEY) == 0) {
			s.conns++;
			s.reserved += c->reserved;
		}
	return s;
}

void
ca_conn_each(struct ca_front *f, void (*fn)(struct ca_conn *c))
{
	for (size_t i = 0; i < CA_FRONT_CHAINS; i++)
		for (struct ca_conn *c = f->chains[i], *next; c != NULL; c = next) {
			next = c->next;
			fn(c);
		}
}

void
ca_conn_free_body(struct ca_conn *c)
{
	c->front->bodies -= c->reserved;
	c->reserved = 0;
	sp_buf_free(&c->body);
}

void
ca_conn_close(struct ca_conn *c)
{
	struct ca_front *f = c->front;

	if (c->waiting != NULL)
		ca_post_forget(c);
	unlink_conn(c);
	*(c->admin ? &f->nadmin : &f->nconns) -= 1;
	ca_conn_free_body(c);
	if (c->bev != NULL)
		bufferevent_free(c->bev);
	if (c->timer != NULL)
		event_free(c->timer);
	OPENSSL_free(c);
	ca_front_maybe_end(f);
}

void
ca_conn_timer(struct ca_conn *c, unsigned seconds)
{
	struct timeval t = {(time_t)seconds, 0};

	event_add(c->timer, &t);
}

/* --- writing ----------------------------------------------------------------------------------- */

static void
release(const void *data, size_t n, void *pack)
{
	(void)data;
	(void)n;
	ca_pack_drop(pack);
}

static void
add_body(struct ca_conn *c, setpki_bytes body, struct ca_pack *pack)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);

	if (pack == NULL || body.n <= COPY_MAX) {
		evbuffer_add(out, body.p, body.n);
		return;
	}
	pack->users++;
	if (evbuffer_add_reference(out, body.p, body.n, release, pack) != 0)
		ca_pack_drop(pack);
}

void
ca_conn_reply(struct ca_conn *c, struct ca_http_reply *r, setpki_bytes body, struct ca_pack *pack)
{
	struct sp_buf head = {0};

	c->keep_alive = c->keep_alive && !c->front->draining;
	c->state = CA_CONN_WRITE;
	ca_conn_timer(c, WRITE_S + (unsigned)(body.n / WRITE_RATE));
	ca_conn_free_body(c);
	r->now = ca_front_now(c->front);
	r->close = !c->keep_alive;
	r->keep = c->keep_alive && c->head.old;
	ca_http_reply(r, &head);
	bufferevent_write(c->bev, head.p, head.n);
	sp_buf_free(&head);
	if (c->head.method != CA_METHOD_HEAD && body.n != 0)
		add_body(c, body, pack);
	ca_figures_status(&c->front->figures, r->status);
}

/* So many a second; a flood is not to fill the log as well. */
#define LOGGED_REFUSALS 50u

void
ca_conn_sum_refusals(struct ca_front *f)
{
	int64_t second = ca_ticks() / 1000;
	struct ca_log_line l;

	if (second == f->log_second)
		return;
	if (f->log_refusals > LOGGED_REFUSALS) {
		ca_log_begin(&l, &f->log, CA_LOG_WARNING, "refusals not logged");
		ca_log_number(&l, "count", f->log_refusals - LOGGED_REFUSALS);
		ca_log_end(&l);
	}
	f->log_refusals = 0;
	f->log_second = second;
}

static bool
may_log(struct ca_front *f)
{
	ca_conn_sum_refusals(f);
	return ++f->log_refusals <= LOGGED_REFUSALS;
}

#define TEXT_MAX 256

/* The line that says why; its length. */
static size_t
refusal(unsigned status, const char *why, char out[TEXT_MAX])
{
	int n = snprintf(out, TEXT_MAX, "%s: %s\n", ca_http_reason(status), why);

	return n < TEXT_MAX ? (size_t)n : TEXT_MAX - 1;
}

void
ca_conn_refuse(struct ca_conn *c, unsigned status, const char *why, const char *allow, unsigned retry_after)
{
	struct ca_http_reply r = {
	    .status = status, .media = CA_TEXT_MEDIA, .max_age = -1, .allow = allow, .retry_after = retry_after};
	struct ca_log_line l;
	char text[TEXT_MAX];

	r.length = refusal(status, why, text);
	if (may_log(c->front)) {
		ca_log_begin(&l, &c->front->log, CA_LOG_INFO, "request refused");
		ca_log_text(&l, "address", c->address);
		ca_log_number(&l, "status", status);
		ca_log_text(&l, "target", c->head.target[0] != '\0' ? c->head.target : NULL);
		ca_log_text(&l, "cause", why);
		ca_log_end(&l);
	}
	ca_conn_reply(c, &r, sp_bytes(text, r.length), NULL);
}

/* --- reading ----------------------------------------------------------------------------------- */

/* True if there may be more to do at once. */
static bool
read_head(struct ca_conn *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	size_t n = evbuffer_get_length(in), used = 0;
	const uint8_t *p;
	unsigned status;

	if (n == 0)
		return false;
	if (!c->begun) {
		c->begun = true;
		ca_conn_timer(c, c->front->ask->limits.head_s);
	}
	n = n < SP_HTTP_HEAD_MAX ? n : SP_HTTP_HEAD_MAX;
	p = evbuffer_pullup(in, (ev_ssize_t)n);
	status = p != NULL ? ca_http_head(sp_bytes(p, n), &c->head, &used) : 500;
	if (status == 0 && used == 0)
		return false;
	c->begun = false;
	c->asked_at = ca_ticks();
	if (status == 0) {
		c->keep_alive = c->head.keep_alive;
		ca_routes_dispatch(c);
	} else {
		c->keep_alive = false;
		ca_conn_refuse(c, status, "the request cannot be read", NULL, 0);
	}
	evbuffer_drain(in, used);
	return true;
}

static void
go(struct ca_conn *c)
{
	bool more = true;

	while (more && c->state == CA_CONN_HEAD)
		more = read_head(c);
	if (c->state == CA_CONN_BODY)
		ca_post_body(c);
	if (c->eof && (c->state == CA_CONN_HEAD || c->state == CA_CONN_BODY))
		ca_conn_close(c);
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct ca_conn *c = arg;

	if (c->state == CA_CONN_LINGER)
		evbuffer_drain(bufferevent_get_input(bev), evbuffer_get_length(bufferevent_get_input(bev)));
	else
		go(c);
}

static void
linger(struct ca_conn *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);

	if (c->eof || shutdown(bufferevent_getfd(c->bev), SHUT_WR) != 0) {
		ca_conn_close(c);
		return;
	}
	c->state = CA_CONN_LINGER;
	ca_conn_timer(c, LINGER_S);
	evbuffer_drain(in, evbuffer_get_length(in));
}

/* All that was to be written has been. */
static void
on_write(struct bufferevent *bev, void *arg)
{
	struct ca_conn *c = arg;

	(void)bev;
	if (c->state != CA_CONN_WRITE)
		return;
	if (!c->keep_alive || c->front->draining) {
		linger(c);
		return;
	}
	c->state = CA_CONN_HEAD;
	ca_conn_timer(c, c->front->ask->limits.idle_s);
	go(c);
}

/* A client that has said all it wants to say may still be waiting for the answer. */
static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct ca_conn *c = arg;

	(void)bev;
	c->eof = true;
	if ((what & BEV_EVENT_EOF) == 0 || c->state == CA_CONN_LINGER)
		ca_conn_close(c);
	else
		go(c);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct ca_conn *c = arg;
	bool reading = c->state == CA_CONN_BODY || (c->state == CA_CONN_HEAD && c->begun);

	(void)fd;
	(void)what;
	c->keep_alive = false;
	if (reading) {
		ca_conn_refuse(c, 408, "the request did not come in time", NULL, 0);
	} else if (c->state == CA_CONN_ANSWER) {
		ca_post_forget(c);
		ca_conn_refuse(c, 503, "no answer in time; send the same message again", NULL, 5);
	} else {
		ca_conn_close(c);
	}
}

/* --- accepting --------------------------------------------------------------------------------- */

/* Without reading what it wants; `limit` as in the figures. */
static void
turn_away(struct ca_front *f, int fd, unsigned status, unsigned limit)
{
	static const char *const why[] = {"too many connections", "too many connections from this address"};
	struct ca_http_reply r = {.status = status,
	    .media = CA_TEXT_MEDIA,
	    .max_age = -1,
	    .retry_after = 5,
	    .close = true,
	    .now = ca_front_now(f)};
	struct sp_buf b = {0};
	char text[TEXT_MAX];

	r.length = refusal(status, why[limit], text);
	ca_http_reply(&r, &b);
	sp_buf_add(&b, text, r.length);
	(void)!send(fd, b.p, b.n, MSG_DONTWAIT | MSG_NOSIGNAL);
	sp_buf_free(&b);
	shutdown(fd, SHUT_WR);
	close(fd);
	f->figures.refused[limit]++;
	ca_figures_status(&f->figures, status);
}

static bool
has_room(struct ca_front *f, int fd, const struct ca_conn *c, bool local)
{
	const struct ca_front_limits *l = &f->ask->limits;

	if (c->admin ? f->nadmin >= ADMIN_MAX : f->nconns >= l->connections) {
		turn_away(f, fd, 503, 0);
		return false;
	}
	if (!c->admin && !local && ca_conn_share(f, c->key).conns >= l->per_address) {
		turn_away(f, fd, 429, 1);
		return false;
	}
	return true;
}

static bool
open_conn(struct ca_conn *c, int fd)
{
	c->bev = bufferevent_socket_new(c->front->base, fd, BEV_OPT_CLOSE_ON_FREE);
	c->timer = evtimer_new(c->front->base, on_timer, c);
	if (c->bev == NULL)
		close(fd);
	if (c->bev == NULL || c->timer == NULL)
		return false;
	bufferevent_setcb(c->bev, on_read, on_write, on_event, c);
	bufferevent_setwatermark(c->bev, EV_READ, 0, INPUT_MAX);
	ca_conn_timer(c, c->front->ask->limits.head_s);
	return bufferevent_enable(c->bev, EV_READ | EV_WRITE) == 0;
}

void
ca_conn_accept(struct ca_front *f, int fd, const struct sockaddr *a, socklen_t n, bool admin)
{
	struct ca_conn *c = OPENSSL_zalloc(sizeof(*c));

	if (c == NULL) {
		close(fd);
		return;
	}
	c->front = f;
	c->body.secret = true; /* what is not encrypted may have a card number all the same */
	c->admin = admin;
	c->local = a->sa_family == AF_UNIX;
	ca_address_key(a, n, c->key);
	ca_address_text(a, n, c->address);
	if (!has_room(f, fd, c, c->local)) {
		OPENSSL_free(c);
		return;
	}
	link_conn(c);
	*(admin ? &f->nadmin : &f->nconns) += 1;
	if (!open_conn(c, fd))
		ca_conn_close(c);
}
