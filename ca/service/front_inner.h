/* What the files of the front share. */
#ifndef CA_SERVICE_FRONT_INNER_H
#define CA_SERVICE_FRONT_INNER_H

#include "ca/service/authority.h"
#include "ca/service/front.h"
#include "ca/service/http.h"
#include "ca/service/pack.h"
#include "ca/service/rate.h"
#include "ca/service/stream.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

/* --- figures (figures.c) ------------------------------------------------------------------------ */

#define CA_FIGURE_WORDS 256 /* pairs of message and outcome that are told apart */
#define CA_FIGURE_BUCKETS 12
#define CA_FIGURE_CODES 24

struct ca_figures {
	struct {
		char message[SP_SERVICE_WORD_MAX], outcome[SP_SERVICE_WORD_MAX];
		uint64_t n;
	} words[CA_FIGURE_WORDS];
	size_t nwords;
	struct {
		unsigned status;
		uint64_t n;
	} codes[CA_FIGURE_CODES];
	size_t ncodes;
	uint64_t buckets[CA_FIGURE_BUCKETS], count, total_ms; /* of the latency */
	uint64_t refused[3]; /* connections: too many, too many of one address, no descriptor left */
};

/* --- the front ---------------------------------------------------------------------------------- */

#define CA_FRONT_CHAINS 1024u
#define CA_FRONT_BRANDS 256u
#define CA_FRONT_BODIES_MAX (64u << 20) /* octets of bodies at once, over all connections, */
#define CA_FRONT_BODIES_ONE (16u << 20) /* and over those of one address */
#define CA_TEXT_MEDIA "text/plain; charset=utf-8"
#define CA_FRONT_REPORT_MS 15000 /* without a report for so long it is not ready */

struct ca_conn;

/* A message that the authority has. */
struct ca_waiting_answer {
	struct ca_conn *conn; /* NULL: whoever asked is gone */
	uint32_t id;	      /* 0: the place is free */
	int64_t since;
};

struct ca_front {
	const struct ca_front_ask *ask;
	struct ca_log log;
	struct event_base *base;
	struct {
		struct evconnlistener *ev;
		bool admin;
		struct ca_front *front;
	} listeners[CA_LISTENERS_MAX];
	struct event *term, *feed_ev; /* SIGTERM; the publisher */
	struct event *watch;	      /* what is looked at each second */
	struct event *end, *again;    /* the end of draining; accepting again after descriptors ran out */
	struct bufferevent *workers[SP_SERVICE_WORKERS_MAX];
	struct ca_conn *chains[CA_FRONT_CHAINS]; /* all connections, by address */
	unsigned nconns, nadmin;
	size_t bodies;
	ca_rate *rate;
	struct ca_waiting_answer *waiting; /* limits.queue of them */
	unsigned nwaiting;
	uint32_t last_id;
	struct ca_pack *packs[CA_FRONT_BRANDS];
	size_t npacks;
	struct sp_buf room, figures_text, trouble; /* of the feed: a frame; the last report's */
	int64_t told, told_at;			   /* its time, and when (ca_ticks()) it came; 0: none yet */
	int64_t log_second;			   /* refusals are logged so many a second */
	unsigned log_refusals;
	struct ca_figures figures;
	bool draining, ready;
	int status;
};

/* The time, as the publisher told it last and as long as that is ago. */
int64_t ca_front_now(const struct ca_front *f);
/* The file that is served for this path, of the set in which it is good the longest; NULL if no set has it. */
const struct ca_pack_file *ca_front_find(struct ca_front *f, const char *path, struct ca_pack **pack);
/* The front cannot go on: the loop ends with status 3. */
void ca_front_fail(struct ca_front *f, const char *event, const struct setpki_error *err);
/* While draining: the end, once no connection is left and no worker is at work, for a client that has gone or not. */
void ca_front_maybe_end(struct ca_front *f);

/* --- one connection (conn.c) --------------------------------------------------------------------- */

enum ca_conn_state {
	CA_CONN_HEAD,	/* reads a head, or waits for one */
	CA_CONN_BODY,	/* reads a body */
	CA_CONN_ANSWER, /* waits for the authority */
	CA_CONN_WRITE,	/* writes */
	CA_CONN_LINGER	/* has said all; what still comes is thrown away, so that the client can read it */
};

struct ca_conn {
	struct ca_front *front;
	struct ca_conn *next, **back; /* of its chain */
	struct bufferevent *bev;
	struct event *timer;
	enum ca_conn_state state;
	bool admin, local, keep_alive; /* local: over a Unix socket, a proxy that keeps limits of its own */
	bool begun, eof;	       /* octets of a head are there; nothing more will come */
	uint8_t key[CA_RATE_KEY];
	char address[CA_ADDRESS_TEXT];
	struct ca_http_head head; /* what it borrows is gone after ca_routes_dispatch() */
	struct ca_chunks chunks;
	struct sp_buf body;
	size_t reserved;  /* of front->bodies */
	int64_t asked_at; /* ca_ticks() */
	struct ca_waiting_answer *waiting;
	uint8_t rrpid[SP_NONCE_LEN];
	bool has_rrpid;
};

/* Takes an accepted descriptor. */
void ca_conn_accept(struct ca_front *f, int fd, const struct sockaddr *a, socklen_t n, bool admin);
void ca_conn_close(struct ca_conn *c);
/* What the connections of one address have together; those of Unix sockets and the admin address are not counted. */
struct ca_share {
	unsigned conns;
	size_t reserved; /* of front->bodies */
};
struct ca_share ca_conn_share(const struct ca_front *f, const uint8_t key[CA_RATE_KEY]);
/* Writes an answer; `pack` keeps `body` alive (NULL: it is copied).  The reply's close, keep and now are filled in. */
void ca_conn_reply(struct ca_conn *c, struct ca_http_reply *r, setpki_bytes body, struct ca_pack *pack);
/* A status with a line of text; `allow` and `retry_after` may be NULL and 0. */
void ca_conn_refuse(struct ca_conn *c, unsigned status, const char *why, const char *allow, unsigned retry_after);
/* Each second: tells of the refusals of the second before that were too many to be logged. */
void ca_conn_sum_refusals(struct ca_front *f);
/* Its timer anew, in seconds. */
void ca_conn_timer(struct ca_conn *c, unsigned seconds);
/* Calls fn for each; it may close the one it is called with. */
void ca_conn_each(struct ca_front *f, void (*fn)(struct ca_conn *c));
/* Gives back what was reserved for its body. */
void ca_conn_free_body(struct ca_conn *c);

/* --- what is answered ---------------------------------------------------------------------------- */

/* A head is there (routes.c): answers, or goes on to the body. */
void ca_routes_dispatch(struct ca_conn *c);
/* The admin address (admin.c). */
void ca_admin_dispatch(struct ca_conn *c);
/* A registration message (post.c): its head, its body. */
void ca_post_begin(struct ca_conn *c);
void ca_post_body(struct ca_conn *c);
/* The connection is gone, or has waited long enough: its answer will be thrown away. */
void ca_post_forget(struct ca_conn *c);
/* Each second: whether the authority still works. */
void ca_post_watch(struct ca_front *f);
/* Streams to the authority processes.  MEMORY. */
SP_MUST_CHECK enum setpki_code ca_post_open(struct ca_front *f, struct setpki_error *err);
void ca_post_close(struct ca_front *f);

/* What the publisher says (feed.c). */
void ca_feed_read(evutil_socket_t fd, short what, void *front);

void ca_figures_status(struct ca_figures *g, unsigned status);
void ca_figures_answer(struct ca_figures *g, const char *message, const char *outcome, int64_t ms);
void ca_figures_put(const struct ca_front *f, struct sp_buf *out);

#endif
