#include "tests/support/hostile.h"

#include "lib/asn1/arm.h"
#include "tests/support/check.h"

#include <stdio.h>
#include <sys/socket.h>

#define POST "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/set-registration\r\n"
#define USES_MAX 16 /* of one connection */

/* --- connections --------------------------------------------------------------------------------- */

static void
open_from_somewhere(struct t_hostile *h, struct http *to)
{
	unsigned n = h->addresses++;
	char from[32];

	snprintf(from, sizeof(from), "127.1.%u.%u", n / 250 % 250, 1 + n % 250);
	http_open(to, h->address, h->from != NULL ? h->from : from);
}

static void
hang_up(struct t_hostile_conn *c)
{
	http_close(&c->h);
	c->uses = 0;
}

void
t_hostile_open(struct t_hostile *h, const char *address, const char *from, const struct t_said *said, uint64_t seed)
{
	*h = (struct t_hostile){.random = t_random_begin(seed), .address = address, .from = from, .said = said};
	for (size_t i = 0; i < T_HOSTILE_CONNECTIONS; i++)
		h->conn[i].h.fd = -1;
	for (size_t i = 0; i < T_HOSTILE_SLEEPERS; i++)
		h->sleeper[i].fd = -1;
}

void
t_hostile_close(struct t_hostile *h)
{
	for (size_t i = 0; i < T_HOSTILE_CONNECTIONS; i++)
		hang_up(&h->conn[i]);
	for (size_t i = 0; i < T_HOSTILE_SLEEPERS; i++)
		http_close(&h->sleeper[i]);
}

/* --- manners ------------------------------------------------------------------------------------- */

/* What is said may meet a connection that was closed: that shows when its answer does not come. */
static void
send_plain(struct t_hostile_conn *c, setpki_bytes body)
{
	http_say(&c->h, POST "Content-Length: %zu\r\n\r\n", body.n);
	http_send(&c->h, body.p, body.n);
}

static void
plain(struct t_hostile *h, struct t_hostile_conn *c, setpki_bytes body)
{
	(void)h;
	send_plain(c, body);
}

static void
chunked(struct t_hostile *h, struct t_hostile_conn *c, setpki_bytes body)
{
	http_say(&c->h, POST "Transfer-Encoding: chunked\r\n\r\n");
	for (size_t at = 0, n; at < body.n; at += n) {
		n = 1 + t_random_below(&h->random, body.n - at);
		http_say(&c->h, "%zx\r\n", n);
		http_send(&c->h, body.p + at, n);
		http_say(&c->h, "\r\n");
	}
	http_say(&c->h, "0\r\n\r\n");
}

static void
pipelined(struct t_hostile *h, struct t_hostile_conn *c, setpki_bytes body)
{
	(void)h;
	http_say(&c->h, "GET /crl/geo.crl HTTP/1.1\r\nHost: x\r\n\r\n");
	send_plain(c, body);
	http_say(&c->h, "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n");
	c->answers = 3;
	c->at = 1;
}

static void
in_pieces(struct t_hostile *h, struct t_hostile_conn *c, setpki_bytes body)
{
	size_t half = t_random_below(&h->random, body.n);

	http_say(&c->h, "POST / HTTP/1.1\r\nHo");
	http_say(&c->h, "st: x\r\nContent-Type: application/set-registration\r\nContent-Length: %zu\r\n\r\n", body.n);
	http_send(&c->h, body.p, half);
	http_send(&c->h, body.p + half, body.n - half);
}

static void
of_another_type(struct t_hostile *h, struct t_hostile_conn *c, setpki_bytes body)
{
	(void)h;
	http_say(&c->h, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: %zu\r\n\r\n", body.n);
	http_send(&c->h, body.p, body.n);
	c->last = true;
}

static void
without_http(struct t_hostile *h, struct t_hostile_conn *c, setpki_bytes body)
{
	(void)h;
	http_send(&c->h, body.p, body.n);
	http_say(&c->h, "\r\n\r\n");
	c->last = true;
}

static void
in_chunks_that_are_none(struct t_hostile *h, struct t_hostile_conn *c, setpki_bytes body)
{
	(void)h;
	http_say(&c->h, POST "Transfer-Encoding: chunked\r\n\r\n%zx;", body.n);
	http_send(&c->h, body.p, body.n);
	http_say(&c->h, "\r\n");
	c->last = true;
}

static void
with_many_headers(struct t_hostile *h, struct t_hostile_conn *c, setpki_bytes body)
{
	http_say(&c->h, POST "Content-Length: %zu\r\n", body.n);
	for (size_t i = 0, n = 60 + t_random_below(&h->random, 20); i < n; i++)
		http_say(&c->h, "X-%zu: y\r\n", i);
	http_say(&c->h, "\r\n");
	http_send(&c->h, body.p, body.n);
	c->last = true;
}

static void
cut_short(struct t_hostile *h, struct t_hostile_conn *c, setpki_bytes body)
{
	http_say(&c->h, POST "Content-Length: %zu\r\n\r\n", body.n);
	http_send(&c->h, body.p, t_random_below(&h->random, body.n));
	c->answers = 0;
	c->last = true;
}

static void
gone_before_the_answer(struct t_hostile *h, struct t_hostile_conn *c, setpki_bytes body)
{
	plain(h, c, body);
	c->answers = 0;
	c->last = true;
}

static const struct {
	void (*say)(struct t_hostile *h, struct t_hostile_conn *c, setpki_bytes body);
	unsigned of; /* out of OF_ALL */
} manners[] = {
    {plain, 76},
    {chunked, 6},
    {pipelined, 4},
    {in_pieces, 3},
    {of_another_type, 2},
    {without_http, 2},
    {in_chunks_that_are_none, 2},
    {with_many_headers, 1},
    {cut_short, 2},
    {gone_before_the_answer, 2},
};
#define OF_ALL 100

/* --- a message ----------------------------------------------------------------------------------- */

static void
say(struct t_hostile *h, struct t_hostile_conn *c, setpki_bytes body)
{
	size_t n = t_random_below(&h->random, OF_ALL), i = 0;

	while (n >= manners[i].of)
		n -= manners[i++].of;
	c->answers = 1;
	c->at = 0;
	c->last = ++c->uses == USES_MAX;
	manners[i].say(h, c, body);
	h->messages++;
}

/* Answers are sent back to where they came from, too. */
static setpki_bytes
any_said(struct t_hostile *h, size_t *which)
{
	*which = t_random_below(&h->random, h->said->n);
	if (t_random_below(&h->random, 16) != 0 || h->said->v[*which].answer.n == 0)
		return h->said->v[*which].request;
	return h->said->v[*which].answer;
}

/* Twice as often one that gets past the walk of DER. */
static enum t_mutation
any_mutation(struct t_hostile *h)
{
	size_t n = t_random_below(&h->random, 2 * T_MUTATIONS - T_PIECE_DOUBLED);

	return (enum t_mutation)(n < T_MUTATIONS ? n : n - T_MUTATIONS + T_PIECE_DOUBLED);
}

static void
send_one(struct t_hostile *h, struct t_hostile_conn *c)
{
	enum t_mutation how = any_mutation(h);
	size_t which, other;
	setpki_bytes from = any_said(h, &which);
	struct sp_buf body = {0};

	if (c->h.fd < 0)
		open_from_somewhere(h, &c->h);
	t_mutate(&h->random, how, from, any_said(h, &other), &body);
	c->whole = how == T_WHOLE && from.p == h->said->v[which].request.p ? which : SIZE_MAX;
	if (body.n == 0)
		sp_buf_add_byte(&body, 0);
	say(h, c, sp_buf_bytes(&body));
	sp_buf_free(&body);
}

/* --- an answer ----------------------------------------------------------------------------------- */

static void
check_message(struct t_hostile *h, const struct t_hostile_conn *c, const struct http_answer *a)
{
	struct setpki_error err = {0};
	struct sp_message m;

	t_ok(sp_message_read(sp_bytes(a->body, a->nbody), &m, &err), &err);
	sp_message_free(&m);
	if (c->whole != SIZE_MAX && h->said->v[c->whole].kept) {
		t_bytes(sp_bytes(a->body, a->nbody), h->said->v[c->whole].answer);
		h->repeated++;
	}
}

/* False when nothing more can be said. */
static bool
hear_one(struct t_hostile *h, struct t_hostile_conn *c, unsigned i)
{
	struct http_answer a;
	bool more;

	if (!http_hear(&c->h, false, &a)) {
		h->unanswered++;
		return false;
	}
	if (a.status >= 500)
		fail_msg("%s%s", a.head, a.body);
	h->statuses[a.status]++;
	if (a.status == 200 && i == c->at)
		check_message(h, c, &a);
	more = strcmp(http_field(&a, "Connection") != NULL ? http_field(&a, "Connection") : "", "close") != 0;
	http_answer_free(&a);
	return more;
}

static void
hear(struct t_hostile *h, struct t_hostile_conn *c)
{
	bool more = true;

	for (unsigned i = 0; more && i < c->answers; i++)
		more = hear_one(h, c, i);
	if (!more || c->last)
		hang_up(c);
}

/* --- slow ones ----------------------------------------------------------------------------------- */

static void
one_octet_more(struct t_hostile *h, unsigned i)
{
	static const char *const begins[] = {"GET / HTTP/1.1\r\nX: ", POST "Content-Length: 65536\r\n\r\n"};
	struct http *s = &h->sleeper[i];
	char word[256];

	if (s->fd >= 0 && (recv(s->fd, word, sizeof(word), MSG_DONTWAIT) >= 0 || !http_say(s, "y")))
		http_close(s);
	if (s->fd >= 0)
		return;
	open_from_somewhere(h, s);
	http_say(s, "%s", begins[i % NELEMS(begins)]);
}

void
t_hostile_round(struct t_hostile *h)
{
	one_octet_more(h, h->messages / T_HOSTILE_CONNECTIONS % T_HOSTILE_SLEEPERS);
	for (size_t i = 0; i < T_HOSTILE_CONNECTIONS; i++)
		send_one(h, &h->conn[i]);
	for (size_t i = 0; i < T_HOSTILE_CONNECTIONS; i++)
		hear(h, &h->conn[i]);
}
