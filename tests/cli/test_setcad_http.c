/* setcad and HTTP: what is answered, what is refused and how, what the admin address shows. */
#include "lib/base/limits.h"
#include "tests/support/check.h"
#include "tests/support/cli.h"
#include "tests/support/daemon.h"
#include "tests/support/http.h"
#include "tests/support/wrapper.h"

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

/* --- messages ---------------------------------------------------------------------------------- */

static void
is_error(const struct http_answer *a, const struct sp_buf *request)
{
	assert_int_equal(a->status, 200);
	assert_string_equal(http_field(a, "Content-Type"), MEDIA);
	assert_string_equal(http_field(a, "Cache-Control"), "no-store");
	t_is_error(sp_bytes(a->body, a->nbody), sp_buf_bytes(request), now, SETPKI_ERR_MESSAGE_NOT_SUPPORTED);
}

static void
a_wrapper_is_answered(void **state)
{
	struct http_answer a;
	struct sp_buf b = {0};
	struct t_daemon d;

	(void)state;
	start(&d, "answered", "");
	t_wrapper(2, 1, now, 256, &b);
	http_post(d.http, MEDIA, b.p, b.n, &a);
	is_error(&a, &b);
	http_answer_free(&a);
	assert_true(t_daemon_logged(&d, "event=\"request answered\" address=127.0.0.1:"));
	assert_true(t_daemon_logged(&d, "message=PReq outcome=messageNotSupported rrpid=01000000"));
	assert_true(
	    t_daemon_figure(&d, "setcad_requests_total{message=\"PReq\",outcome=\"messageNotSupported\"}") == 1);
	assert_true(t_daemon_figure(&d, "setcad_request_seconds_count") == 1);
	sp_buf_reset(&b);
	t_wrapper(SP_ARM_ERROR, 1, now, 256, &b);
	http_post(d.http, MEDIA "; charset=binary", b.p, b.n, &a);
	assert_int_equal(a.status, 204);
	http_answer_free(&a);
	sp_buf_free(&b);
	end(&d);
}

/* Lines of the log that say that a worker refused this message. */
static unsigned
refused_by(const struct t_daemon *d, unsigned worker, unsigned rrpid)
{
	char by[64], what[32], *log = cli_slurp(d->log, NULL), *line, *at;
	unsigned n = 0;

	assert_non_null(log);
	snprintf(by, sizeof(by), "process=\"worker %u\" event=\"message refused\"", worker);
	snprintf(what, sizeof(what), "rrpid=%02x0000", rrpid);
	for (line = strtok_r(log, "\n", &at); line != NULL; line = strtok_r(NULL, "\n", &at))
		n += strstr(line, by) != NULL && strstr(line, what) != NULL;
	free(log);
	return n;
}

static void
copies_go_to_one_process(void **state)
{
	unsigned by[3] = {0};
	struct http_answer a;
	struct sp_buf b = {0};
	struct t_daemon d;

	(void)state;
	start(&d, "copies", "--rate 0 --workers 3");
	for (uint8_t message = 1; message <= 16; message++) {
		sp_buf_reset(&b);
		t_wrapper(2, message, now, 256, &b);
		for (int copy = 0; copy < 3; copy++) {
			http_post(d.http, MEDIA, b.p, b.n, &a);
			is_error(&a, &b);
			http_answer_free(&a);
		}
		for (unsigned w = 0; w < 3; w++) {
			unsigned n = refused_by(&d, w + 1, message);

			assert_true(n == 0 || n == 3);
			by[w] += n;
		}
	}
	assert_int_equal(by[0] + by[1] + by[2], 48);
	assert_true(by[0] != 0 && by[1] != 0 && by[2] != 0);
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
	t_wrapper(2, 7, now, 256, &b);
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
				is_error(&a, &b);
			http_answer_free(&a);
		}
	}
	/* it has heard that nothing comes any more */
	assert_true(http_ends(&h));
	http_close(&h);
	sp_buf_free(&b);
}

/* HTTP/1.0 goes on where both sides say so. */
static void
keep_alive_as_it_was(void **state)
{
	struct http_answer a;
	struct http h;

	(void)state;
	http_open(&h, shared.http, NULL);
	for (int i = 0; i < 2; i++) {
		http_say(&h, "GET /crl/geo.crl HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
		assert_true(http_hear(&h, false, &a));
		assert_int_equal(a.status, 200);
		assert_string_equal(http_field(&a, "Connection"), "keep-alive");
		http_answer_free(&a);
	}
	http_say(&h, "GET /crl/geo.crl HTTP/1.0\r\n\r\n");
	assert_true(http_hear(&h, false, &a));
	assert_string_equal(http_field(&a, "Connection"), "close");
	http_answer_free(&a);
	assert_true(http_ends(&h));
	http_close(&h);
}

static void
chunked(void **state)
{
	struct http_answer a;
	struct sp_buf b = {0};
	struct http h;

	(void)state;
	t_wrapper(2, 8, now, 3000, &b);
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
		is_error(&a, &b);
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
	t_wrapper(2, 9, now, 300, &b);
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
	is_error(&a, &b);
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

int
main(void)
{
	struct CMUnitTest all[NELEMS(rows) + 16];
	size_t n = 0;

	for (; n < NELEMS(rows); n++)
		all[n] = (struct CMUnitTest){rows[n].name, is_refused, NULL, NULL, (void *)(uintptr_t)&rows[n]};
	all[n++] = (struct CMUnitTest)cmocka_unit_test(pipelining);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(keep_alive_as_it_was);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(chunked);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(in_small_pieces);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(the_largest_message);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(admin_routes);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(figures_are_explained);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(a_wrapper_is_answered);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(copies_go_to_one_process);
	return _cmocka_run_group_tests("cli/setcad_http", all, n, start_shared, end_shared);
}
