/* setcad and its clients, honest ones and others: every limit, and that what is refused costs nothing. */
#include "lib/message/wire.h"
#include "tests/support/check.h"
#include "tests/support/cli.h"
#include "tests/support/daemon.h"
#include "tests/support/http.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MEDIA "application/set-registration"

static int64_t now; /* CLI_NOW */

static int
make_template(void **state)
{
	(void)state;
	cli_enter("template");
	cli_ok("setca init policies/demo.yaml");
	assert_int_equal(setpki_time_parse(CLI_NOW, &now, NULL), SETPKI_E_OK);
	return 0;
}

static void
start(struct t_daemon *d, const char *name, const char *options)
{
	cli_enter(name);
	cli_ok("cp -r ../template/setca-home .");
	t_daemon_start(d, "%s", options);
}

static void
end(struct t_daemon *d)
{
	assert_int_equal(t_daemon_end(d, SIGTERM), 0);
}

/* A MessageWrapper of that arm, around a PDU of `size` octets that says nothing. */
static void
wrapper(unsigned arm, uint8_t n, size_t size, struct sp_buf *out)
{
	uint8_t rrpid[SP_NONCE_LEN] = {n}, *pdu = calloc(1, size + 4);
	struct sp_outgoing o = {
	    .now = now, .rrpid = SP_BYTES(rrpid), .software = "test", .arm = (enum sp_arm_number)arm};
	struct setpki_error err = {0};

	assert_non_null(pdu);
	pdu[0] = 4; /* OCTET STRING */
	pdu[1] = 0x82;
	pdu[2] = (uint8_t)(size >> 8);
	pdu[3] = (uint8_t)size;
	t_ok(sp_wire_put(&o, sp_bytes(pdu, size + 4), out, &err), &err);
	free(pdu);
}

/* --- messages ---------------------------------------------------------------------------------- */

static void
is_error(const struct http_answer *a, setpki_bytes request, enum setpki_error_code code)
{
	struct sp_fault fault = {0};
	struct sp_error_got e = {0};
	struct setpki_error err = {0};
	struct sp_incoming in;

	assert_int_equal(a->status, 200);
	assert_string_equal(http_field(a, "Content-Type"), MEDIA);
	assert_string_equal(http_field(a, "Cache-Control"), "no-store");
	t_ok(sp_wire_read(sp_bytes(a->body, a->nbody), now, &in, &fault), &fault.why);
	t_ok(sp_error_read(&in, &e, &err), &err);
	assert_int_equal(e.code, code);
	assert_true(sp_error_about(&e, request, in.rrpid));
	sp_error_got_free(&e);
	sp_incoming_free(&in);
}

static void
a_wrapper_is_answered(void **state)
{
	struct http_answer a;
	struct sp_buf b = {0};
	struct t_daemon d;

	(void)state;
	start(&d, "answered", "");
	wrapper(2, 1, 256, &b);
	http_post(d.http, MEDIA, b.p, b.n, &a);
	is_error(&a, sp_buf_bytes(&b), SETPKI_ERR_MESSAGE_NOT_SUPPORTED);
	http_answer_free(&a);
	assert_true(t_daemon_logged(&d, "event=\"request answered\" address=127.0.0.1:"));
	assert_true(t_daemon_logged(&d, "message=PReq outcome=messageNotSupported rrpid=01000000"));
	assert_true(
	    t_daemon_figure(&d, "setcad_requests_total{message=\"PReq\",outcome=\"messageNotSupported\"}") == 1);
	assert_true(t_daemon_figure(&d, "setcad_request_seconds_count") == 1);
	sp_buf_reset(&b);
	wrapper(SP_ARM_ERROR, 1, 256, &b);
	http_post(d.http, MEDIA "; charset=binary", b.p, b.n, &a);
	assert_int_equal(a.status, 204);
	http_answer_free(&a);
	sp_buf_free(&b);
	end(&d);
}

/* --- requests that are refused ------------------------------------------------------------------- */

static const struct row {
	const char *name, *text;
	unsigned status;
} rows[] = {
    {"TLS", "\x16\x03\x01", 400},
    {"noise", "\x7e\xff\xfe\xfd\r\n\r\n", 400},
    {"another name", "GET /crl/nobody.crl HTTP/1.1\r\nHost: x\r\n\r\n", 404},
    {"another folder", "GET /store/data.mdb HTTP/1.1\r\nHost: x\r\n\r\n", 404},
    {"a way out", "GET /crl/../../../keys/root-1-certsign.key HTTP/1.1\r\nHost: x\r\n\r\n", 404},
    {"a query", "GET /crl/geo.crl?a=b HTTP/1.1\r\nHost: x\r\n\r\n", 404},
    {"figures at the public address", "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 404},
    {"health at the public address", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 404},
    {"GET where messages go", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 405},
    {"POST to a file", "POST /crl/geo.crl HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405},
    {"DELETE of a file", "DELETE /crl/geo.crl HTTP/1.1\r\nHost: x\r\n\r\n", 405},
    {"another type", "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nab", 415},
    {"no type", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab", 415},
    {"an empty body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: " MEDIA "\r\nContent-Length: 0\r\n\r\n", 400},
    {"no body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: " MEDIA "\r\n\r\n", 400},
    {"what is not DER", "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: " MEDIA "\r\nContent-Length: 4\r\n\r\nabcd", 400},
    {"DER that is no wrapper",
	"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: " MEDIA "\r\nContent-Length: 5\r\n\r\n0\x03\x02\x01\x01", 400},
    {"a body of a gigabyte",
	"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: " MEDIA "\r\nContent-Length: 1073741824\r\n\r\n", 413},
    {"one octet more than a message has",
	"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: " MEDIA "\r\nContent-Length: 1048577\r\n\r\n", 413},
    {"a chunk of a gigabyte",
	"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: " MEDIA "\r\nTransfer-Encoding: chunked\r\n\r\n40000000\r\n", 413},
    {"a chunk that is none",
	"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: " MEDIA "\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
    {"a version to come", "GET /crl/geo.crl HTTP/2.0\r\nHost: x\r\n\r\n", 505},
    {"two ways to say a length",
	"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
};

static struct t_daemon shared;

static void
is_refused(void **state)
{
	const struct row *r = *state;
	struct http_answer a;
	struct http h;

	http_open(&h, shared.http, NULL);
	assert_true(http_say(&h, "%s", r->text));
	assert_true(http_hear(&h, false, &a));
	assert_int_equal(a.status, r->status);
	/* one line that says why */
	assert_ptr_equal(strchr(a.body, '\n'), a.body + a.nbody - 1);
	if (r->status == 405)
		assert_non_null(http_field(&a, "Allow"));
	http_answer_free(&a);
	http_close(&h);
}

static int
start_shared(void **state)
{
	make_template(state);
	start(&shared, "shared", "--rate 0");
	return 0;
}

static int
end_shared(void **state)
{
	(void)state;
	end(&shared);
	return 0;
}

/* --- HTTP as it may be spoken -------------------------------------------------------------------- */

static void
pipelining(void **state)
{
	struct http_answer a;
	struct sp_buf b = {0};
	struct http h;

	(void)state;
	wrapper(2, 7, 256, &b);
	http_open(&h, shared.http, NULL);
	for (int i = 0; i < 20; i++) {
		http_say(&h, "GET /crl/geo.crl HTTP/1.1\r\nHost: x\r\n\r\n");
		http_say(
		    &h, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: " MEDIA "\r\nContent-Length: %zu\r\n\r\n", b.n);
		http_send(&h, b.p, b.n);
		http_say(&h, "HEAD /bci/brand.bci HTTP/1.1\r\nHost: x\r\n\r\nGET /none HTTP/1.1\r\nHost: x\r\n\r\n");
	}
	shutdown(h.fd, SHUT_WR);
	for (int i = 0; i < 20; i++) {
		static const unsigned want[] = {200, 200, 200, 404};

		for (size_t k = 0; k < 4; k++) {
			assert_true(http_hear(&h, k == 2, &a));
			assert_int_equal(a.status, want[k]);
			if (k == 1)
				is_error(&a, sp_buf_bytes(&b), SETPKI_ERR_MESSAGE_NOT_SUPPORTED);
			http_answer_free(&a);
		}
	}
	/* it has heard that nothing comes any more */
	assert_true(http_ends(&h));
	http_close(&h);
	sp_buf_free(&b);
}

static void
chunked(void **state)
{
	struct http_answer a;
	struct sp_buf b = {0};
	struct http h;

	(void)state;
	wrapper(2, 8, 3000, &b);
	http_open(&h, shared.http, NULL);
	for (int round = 0; round < 3; round++) {
		http_say(
		    &h, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: " MEDIA "\r\nTransfer-Encoding: chunked\r\n\r\n");
		for (size_t at = 0, n; at < b.n; at += n) {
			n = b.n - at < 700 ? b.n - at : 700;
			http_say(&h, "%zx\r\n", n);
			http_send(&h, b.p + at, n);
			http_say(&h, "\r\n");
		}
		http_say(&h, "0\r\n\r\n");
		assert_true(http_hear(&h, false, &a));
		is_error(&a, sp_buf_bytes(&b), SETPKI_ERR_MESSAGE_NOT_SUPPORTED);
		http_answer_free(&a);
	}
	http_close(&h);
	sp_buf_free(&b);
}

/* Octet by octet, and first asked whether it may. */
static void
in_small_pieces(void **state)
{
	struct http_answer a;
	struct sp_buf b = {0};
	struct http h;
	char head[256], more[64];
	ssize_t n;

	(void)state;
	wrapper(2, 9, 300, &b);
	snprintf(head, sizeof(head),
	    "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: " MEDIA
	    "\r\nContent-Length: %zu\r\nExpect: 100-continue\r\n\r\n",
	    b.n);
	http_open(&h, shared.http, NULL);
	for (size_t i = 0; head[i] != '\0'; i++)
		http_send(&h, head + i, 1);
	n = recv(h.fd, more, sizeof(more) - 1, 0);
	assert_true(n > 0);
	more[n] = '\0';
	assert_string_equal(more, "HTTP/1.1 100 Continue\r\n\r\n");
	for (size_t i = 0; i < b.n; i++)
		http_send(&h, b.p + i, 1);
	assert_true(http_hear(&h, false, &a));
	is_error(&a, sp_buf_bytes(&b), SETPKI_ERR_MESSAGE_NOT_SUPPORTED);
	http_answer_free(&a);
	http_close(&h);
	sp_buf_free(&b);
}

static void
the_largest_message(void **state)
{
	struct http_answer a;
	struct sp_buf b = {0};

	(void)state;
	/* a badWrapper of 1 MiB that ends one octet too early is read to its end, and refused */
	sp_buf_add(&b, "\x30\x83\x0f\xff\xfb", 5);
	assert_non_null(sp_buf_extend(&b, SP_MESSAGE_MAX - 5));
	memset(b.p + 5, 0, SP_MESSAGE_MAX - 5);
	http_post(shared.http, MEDIA, b.p, b.n, &a);
	assert_int_equal(a.status, 400);
	http_answer_free(&a);
	sp_buf_free(&b);
}

static void
admin_routes(void **state)
{
	static const struct {
		const char *target;
		unsigned status;
	} want[] = {{"/healthz", 200}, {"/readyz", 200}, {"/metrics", 200}, {"/", 404}, {"/crl/geo.crl", 404}};
	struct http_answer a;

	(void)state;
	for (size_t i = 0; i < NELEMS(want); i++) {
		http_get(shared.admin, want[i].target, &a);
		assert_int_equal(a.status, want[i].status);
		http_answer_free(&a);
	}
	http_post(shared.admin, MEDIA, "x", 1, &a);
	assert_int_equal(a.status, 404);
	http_answer_free(&a);
}

/* Prometheus' text form: every line is a comment, or a name with labels and a number. */
static void
is_figure(const char *line)
{
	const char *number = strrchr(line, ' ');
	char *end;

	assert_non_null(number);
	assert_true(strncmp(line, "setcad_", 7) == 0);
	(void)strtod(number + 1, &end);
	assert_int_equal(*end, '\0');
}

static void
figures_are_explained(void **state)
{
	static const char type[] = "# TYPE ";
	char path[4096], name[128], *manual, *line, *at;
	struct http_answer a;
	size_t shown = 0, explained = 0;

	(void)state;
	snprintf(path, sizeof(path), "%s/docs/operations.md", getenv("TEST_TOP"));
	assert_non_null(manual = cli_slurp(path, NULL));
	http_get(shared.admin, "/metrics", &a);
	for (line = strtok_r(a.body, "\n", &at); line != NULL; line = strtok_r(NULL, "\n", &at)) {
		if (line[0] != '#')
			is_figure(line);
		if (strncmp(line, type, sizeof(type) - 1) != 0)
			continue;
		snprintf(
		    name, sizeof(name), "`%.*s`", (int)strcspn(line + sizeof(type) - 1, " "), line + sizeof(type) - 1);
		if (strstr(manual, name) == NULL)
			fail_msg("docs/operations.md does not explain %s", name);
		shown++;
	}
	for (const char *p = manual; (p = strstr(p, "`setcad_")) != NULL; p++)
		explained++;
	assert_int_equal(explained, shown);
	assert_true(shown > 15);
	http_answer_free(&a);
	free(manual);
}

/* --- time and numbers ---------------------------------------------------------------------------- */

static void
slow_clients(void **state)
{
	static const struct {
		const char *first, *more;
		unsigned status; /* 0: closed without a word */
	} slow[] = {
	    {"GET /crl/geo.crl HT", "T", 408},
	    {"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: " MEDIA "\r\nContent-Length: 1000\r\n\r\n", "a", 408},
	    {"", "", 0},
	};
	struct http_answer a;
	struct t_daemon d;
	struct http h;

	(void)state;
	start(&d, "slow", "--header-timeout 1s --body-timeout 1s --idle-timeout 1s");
	for (size_t i = 0; i < NELEMS(slow); i++) {
		int64_t began = time(NULL);

		http_open(&h, d.http, NULL);
		http_say(&h, "%s", slow[i].first);
		/* an octet now and then does not make it longer */
		for (int k = 0; k < 8; k++, usleep(200000))
			http_say(&h, "%s", slow[i].more);
		assert_int_equal(http_hear(&h, false, &a), slow[i].status != 0);
		if (slow[i].status != 0)
			assert_int_equal(a.status, slow[i].status);
		http_answer_free(&a);
		assert_true(time(NULL) - began < 10);
		http_close(&h);
	}
	http_open(&h, d.http, NULL);
	http_say(&h, "GET /crl/geo.crl HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_true(http_hear(&h, false, &a));
	http_answer_free(&a);
	assert_true(http_ends(&h)); /* idle */
	http_close(&h);
	end(&d);
}

static void
rate_of_one_address(void **state)
{
	unsigned ok = 0, refused = 0;
	struct http_answer a;
	struct sp_buf b = {0};
	struct t_daemon d;
	struct http h;

	(void)state;
	start(&d, "rate", "--rate 1 --burst 5");
	wrapper(2, 1, 256, &b);
	for (int i = 0; i < 20; i++) {
		http_post(d.http, MEDIA, b.p, b.n, &a);
		ok += a.status == 200;
		refused += a.status == 429;
		if (a.status == 429)
			assert_non_null(http_field(&a, "Retry-After"));
		http_answer_free(&a);
	}
	assert_in_range(ok, 5, 12);
	assert_int_equal(ok + refused, 20);
	/* published files, and other addresses, are no part of it */
	http_get(d.http, "/crl/geo.crl", &a);
	assert_int_equal(a.status, 200);
	http_answer_free(&a);
	http_open(&h, d.http, "127.0.0.9");
	http_say(&h, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: " MEDIA "\r\nContent-Length: %zu\r\n\r\n", b.n);
	http_send(&h, b.p, b.n);
	assert_true(http_hear(&h, false, &a));
	assert_int_equal(a.status, 200);
	http_answer_free(&a);
	http_close(&h);
	sp_buf_free(&b);
	end(&d);
}

static void
connections_of_one_address_and_of_all(void **state)
{
	struct http_answer a;
	struct http h[12];
	struct t_daemon d;

	(void)state;
	start(&d, "many", "--connections 10 --per-address 6");
	for (size_t i = 0; i < 6; i++)
		http_open(&h[i], d.http, NULL);
	http_open(&h[6], d.http, NULL);
	assert_true(http_hear(&h[6], false, &a));
	assert_int_equal(a.status, 429);
	http_answer_free(&a);
	http_close(&h[6]);
	for (size_t i = 6; i < 10; i++)
		http_open(&h[i], d.http, "127.0.0.2");
	http_open(&h[10], d.http, "127.0.0.3");
	assert_true(http_hear(&h[10], false, &a));
	assert_int_equal(a.status, 503);
	http_answer_free(&a);
	http_close(&h[10]);
	/* the admin address has room of its own, and tells */
	assert_true(t_daemon_figure(&d, "setcad_connections") == 10);
	assert_true(t_daemon_figure(&d, "setcad_connections_refused_total{limit=\"address\"}") == 1);
	assert_true(t_daemon_figure(&d, "setcad_connections_refused_total{limit=\"full\"}") == 1);
	/* those that were taken are served, and make room when they go */
	http_say(&h[9], "GET /crl/geo.crl HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	assert_true(http_hear(&h[9], false, &a));
	assert_int_equal(a.status, 200);
	http_answer_free(&a);
	assert_true(http_ends(&h[9]));
	http_close(&h[9]);
	for (int i = 0; i < 1000 && t_daemon_figure(&d, "setcad_connections") != 9; i++)
		usleep(5000);
	http_get(d.http, "/crl/geo.crl", &a);
	assert_int_equal(a.status, 429); /* 127.0.0.1 still has six */
	http_answer_free(&a);
	for (size_t i = 0; i < 9; i++)
		http_close(&h[i]);
	end(&d);
}

/* Bodies that were announced and do not come take memory that was set aside, and no more of it. */
static void
announced_bodies(void **state)
{
	unsigned waiting = 0, refused = 0;
	struct http_answer a;
	struct http h[80];
	struct t_daemon d;

	(void)state;
	start(&d, "bodies", "--rate 0 --per-address 100");
	for (size_t i = 0; i < NELEMS(h); i++) {
		http_open(&h[i], d.http, NULL);
		http_say(
		    &h[i], "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: " MEDIA "\r\nContent-Length: 1048576\r\n\r\n");
	}
	for (int i = 0; i < 1000 && waiting != 64; i++, usleep(5000))
		waiting = (unsigned)(t_daemon_figure(&d, "setcad_body_bytes") / 1048576);
	assert_int_equal(waiting, 64);
	for (size_t i = 64; i < NELEMS(h); i++) {
		assert_true(http_hear(&h[i], false, &a));
		refused += a.status == 503;
		http_answer_free(&a);
	}
	assert_int_equal(refused, 16);
	for (size_t i = 0; i < NELEMS(h); i++)
		http_close(&h[i]);
	for (int i = 0; i < 1000 && t_daemon_figure(&d, "setcad_body_bytes") != 0; i++)
		usleep(5000);
	assert_true(t_daemon_figure(&d, "setcad_body_bytes") == 0);
	end(&d);
}

/* Clients that vanish at every point of a message, and messages of all kinds: no process grows by it. */
static void
one_round(const struct t_daemon *d, const struct sp_buf *good, unsigned i)
{
	struct http_answer a;
	struct http h;

	http_open(&h, d->http, NULL);
	http_say(&h, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: " MEDIA "\r\nContent-Length: %zu\r\n\r\n", good->n);
	switch (i % 4) {
	case 0: /* all of it, and the answer */
		http_send(&h, good->p, good->n);
		assert_true(http_hear(&h, false, &a));
		assert_int_equal(a.status, 200);
		http_answer_free(&a);
		break;
	case 1: /* gone before the answer */
		http_send(&h, good->p, good->n);
		break;
	case 2: /* gone within the body */
		http_send(&h, good->p, i % good->n);
		break;
	default: /* an octet is another one */
		http_send(&h, good->p, i % good->n);
		http_say(&h, "%c", 0x41);
		http_send(&h, good->p, good->n - i % good->n - 1);
		assert_true(http_hear(&h, false, &a));
		assert_true(a.status == 200 || a.status == 400 || a.status == 204);
		http_answer_free(&a);
	}
	http_close(&h);
}

#define PROCESSES 5
/* What watches memory keeps what was freed for a while. */
#ifdef __SANITIZE_ADDRESS__
#define WATCHED 1
#else
#define WATCHED 0
#endif

static void
memory_does_not_grow(void **state)
{
	struct sp_buf good = {0};
	long early[PROCESSES];
	struct t_daemon d;

	(void)state;
	start(&d, "memory", "--rate 0");
	wrapper(2, 5, 900, &good);
	for (unsigned i = 0; i < 4000; i++) {
		one_round(&d, &good, i);
		for (unsigned k = 0; i == 999 && k < PROCESSES; k++)
			early[k] = t_resident(t_daemon_child(&d, k));
	}
	for (unsigned k = 0; k < PROCESSES; k++) {
		long late = t_resident(t_daemon_child(&d, k));

		if (!WATCHED && late > early[k] + early[k] / 10)
			fail_msg("process %u grew from %ld to %ld kB", k, early[k], late);
	}
	for (int i = 0; i < 1000 && t_daemon_figure(&d, "setcad_queue") != 0; i++)
		usleep(5000);
	assert_true(t_daemon_figure(&d, "setcad_queue") == 0);
	assert_true(t_daemon_figure(&d, "setcad_body_bytes") == 0);
	assert_true(t_daemon_figure(&d, "setcad_connections") == 0);
	sp_buf_free(&good);
	end(&d);
}

int
main(void)
{
	struct CMUnitTest all[NELEMS(rows) + 16];
	size_t n = 0;

	for (; n < NELEMS(rows); n++)
		all[n] = (struct CMUnitTest){rows[n].name, is_refused, NULL, NULL, (void *)(uintptr_t)&rows[n]};
	all[n++] = (struct CMUnitTest)cmocka_unit_test(pipelining);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(chunked);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(in_small_pieces);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(the_largest_message);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(admin_routes);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(figures_are_explained);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(a_wrapper_is_answered);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(slow_clients);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(rate_of_one_address);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(connections_of_one_address_and_of_all);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(announced_bodies);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(memory_does_not_grow);
	return _cmocka_run_group_tests("cli/setcad_http", all, n, start_shared, end_shared);
}
