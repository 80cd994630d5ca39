/* The front's process: its loop, its listeners, its end. */
#include "ca/service/front_inner.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

int64_t
ca_front_now(const struct ca_front *f)
{
	return f->told_at == 0 ? f->ask->now : f->told + (ca_ticks() - f->told_at) / 1000;
}

static int64_t
log_now(void *arg)
{
	return ca_front_now(arg);
}

const struct ca_pack_file *
ca_front_find(struct ca_front *f, const char *path, struct ca_pack **pack)
{
	const struct ca_pack_file *best = NULL, *file;

	for (size_t i = 0; i < f->npacks; i++)
		if ((file = ca_pack_find(f->packs[i], path)) != NULL && (best == NULL || file->until > best->until)) {
			best = file;
			*pack = f->packs[i];
		}
	return best;
}

void
ca_front_fail(struct ca_front *f, const char *event, const struct setpki_error *err)
{
	ca_log_error(&f->log, CA_LOG_ERROR, event, err);
	f->status = 3;
	event_base_loopbreak(f->base);
}

/* --- accepting --------------------------------------------------------------------------------- */

static void
on_accept(struct evconnlistener *ev, evutil_socket_t fd, struct sockaddr *a, int n, void *arg)
{
	struct ca_front *f = arg;

	for (size_t i = 0; i < f->ask->listeners->n; i++)
		if (f->listeners[i].ev == ev)
			ca_conn_accept(f, fd, a, (socklen_t)n, f->listeners[i].admin);
}

static void
accept_again(evutil_socket_t fd, short what, void *arg)
{
	struct ca_front *f = arg;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < f->ask->listeners->n; i++)
		if (f->listeners[i].ev != NULL)
			evconnlistener_enable(f->listeners[i].ev);
}

/* Out of descriptors: the loop would find the same connection again at once. */
static void
on_accept_error(struct evconnlistener *ev, void *arg)
{
	static const struct timeval rest = {0, 100000};
	struct ca_front *f = arg;

	f->figures.refused[2]++;
	evconnlistener_disable(ev);
	event_add(f->again, &rest);
}

static enum setpki_code
open_listeners(struct ca_front *f, struct setpki_error *err)
{
	const struct ca_listeners *l = f->ask->listeners;

	for (size_t i = 0; i < l->n; i++) {
		f->listeners[i].admin = l->v[i].admin;
		f->listeners[i].ev = evconnlistener_new(
		    f->base, on_accept, f, LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_CLOSE_ON_FREE, 0, l->v[i].fd);
		if (f->listeners[i].ev == NULL)
			return sp_fail_memory(err);
		evconnlistener_set_error_cb(f->listeners[i].ev, on_accept_error);
	}
	return SETPKI_E_OK;
}

static void
close_listeners(struct ca_front *f)
{
	for (size_t i = 0; i < f->ask->listeners->n; i++) {
		if (f->listeners[i].ev != NULL)
			evconnlistener_free(f->listeners[i].ev);
		f->listeners[i].ev = NULL;
	}
}

/* --- the end ----------------------------------------------------------------------------------- */

void
ca_front_maybe_end(struct ca_front *f)
{
	if (f->draining && f->nconns + f->nadmin == 0 && f->nwaiting == 0)
		event_base_loopbreak(f->base);
}

static void
close_idle(struct ca_conn *c)
{
	if (c->state == CA_CONN_LINGER || (c->state == CA_CONN_HEAD && !c->begun))
		ca_conn_close(c);
}

static void
on_late(evutil_socket_t fd, short what, void *arg)
{
	struct ca_front *f = arg;
	struct ca_log_line l;

	(void)fd;
	(void)what;
	ca_log_begin(&l, &f->log, CA_LOG_WARNING, "connections cut off at the end");
	ca_log_number(&l, "connections", f->nconns + f->nadmin);
	ca_log_number(&l, "messages", f->nwaiting);
	ca_log_end(&l);
	event_base_loopbreak(f->base);
}

static void
on_term(evutil_socket_t fd, short what, void *arg)
{
	struct ca_front *f = arg;
	struct timeval patience = {(time_t)f->ask->limits.drain_s, 0};

	(void)fd;
	(void)what;
	if (f->draining)
		return;
	f->draining = true;
	close_listeners(f);
	event_add(f->end, &patience);
	ca_conn_each(f, close_idle);
	ca_front_maybe_end(f);
}

/* --- now and then ------------------------------------------------------------------------------ */

static void
on_second(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	ca_conn_sum_refusals(arg);
	ca_post_watch(arg);
}

/* --- opening and closing ------------------------------------------------------------------------- */

static enum setpki_code
open_events(struct ca_front *f, struct setpki_error *err)
{
	static const struct timeval second = {1, 0};

	f->base = event_base_new();
	if (f->base == NULL)
		return sp_fail(err, SETPKI_E_IO, NULL, "no event loop: %s", strerror(errno));
	f->term = evsignal_new(f->base, SIGTERM, on_term, f);
	f->end = evtimer_new(f->base, on_late, f);
	f->again = evtimer_new(f->base, accept_again, f);
	f->watch = event_new(f->base, -1, EV_PERSIST, on_second, f);
	f->feed_ev = event_new(f->base, f->ask->feed, EV_READ | EV_PERSIST, ca_feed_read, f);
	if (f->term == NULL || f->end == NULL || f->again == NULL || f->watch == NULL || f->feed_ev == NULL ||
	    event_add(f->term, NULL) != 0 || event_add(f->watch, &second) != 0 || event_add(f->feed_ev, NULL) != 0)
		return sp_fail_memory(err);
	return SETPKI_E_OK;
}

/* libevent's words would stand between the lines of the log; what matters of them is in what its functions return. */
static void
keep_quiet(int severity, const char *text)
{
	(void)severity;
	(void)text;
}

static enum setpki_code
open_front(struct ca_front *f, struct setpki_error *err)
{
	const struct ca_front_limits *l = &f->ask->limits;
	enum setpki_code rc;
	uint64_t seed;

	signal(SIGPIPE, SIG_IGN);
	event_set_log_callback(keep_quiet);
	if (RAND_bytes((unsigned char *)&seed, sizeof(seed)) != 1)
		return sp_fail_crypto(err, "drawing random octets");
	f->waiting = OPENSSL_zalloc(l->queue * sizeof(*f->waiting));
	f->rate = l->rate != 0 ? ca_rate_new(l->rate, l->burst, seed) : NULL;
	if (f->waiting == NULL || (l->rate != 0 && f->rate == NULL))
		return sp_fail_memory(err);
	if ((rc = open_events(f, err)) != SETPKI_E_OK || (rc = ca_post_open(f, err)) != SETPKI_E_OK ||
	    (rc = open_listeners(f, err)) != SETPKI_E_OK)
		return rc;
	return f->ask->shut != NULL ? f->ask->shut(f->ask->arg, err) : SETPKI_E_OK;
}

static void
free_event(struct event *ev)
{
	if (ev != NULL)
		event_free(ev);
}

static void
close_front(struct ca_front *f)
{
	close_listeners(f);
	ca_conn_each(f, ca_conn_close);
	ca_post_close(f);
	for (size_t i = 0; i < f->npacks; i++)
		ca_pack_drop(f->packs[i]);
	free_event(f->term);
	free_event(f->end);
	free_event(f->again);
	free_event(f->watch);
	free_event(f->feed_ev);
	if (f->base != NULL)
		event_base_free(f->base);
	close(f->ask->feed);
	ca_rate_free(f->rate);
	OPENSSL_free(f->waiting);
	sp_buf_free(&f->room);
	sp_buf_free(&f->figures_text);
	sp_buf_free(&f->trouble);
	libevent_global_shutdown();
}

int
ca_front_run(const struct ca_front_ask *ask)
{
	struct ca_front *f = OPENSSL_zalloc(sizeof(*f));
	struct setpki_error err = {0};
	int status;

	if (f == NULL)
		return 3;
	f->ask = ask;
	f->log = (struct ca_log){.fd = ask->log_fd, .json = ask->json, .process = "front", .now = log_now, .arg = f};
	if (open_front(f, &err) != SETPKI_E_OK)
		ca_front_fail(f, "front cannot begin", &err);
	else if (event_base_dispatch(f->base) < 0)
		f->status = 3;
	close_front(f);
	status = f->status;
	OPENSSL_free(f);
	return status;
}
