/* HTTP as functions over octets: which heads and bodies are taken, and with which status the others are refused. */
#include "ca/service/http.h"
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>

#define H "Host: x\r\n"
#define END "\r\n"

/* --- heads ------------------------------------------------------------------------------------- */

static const struct head {
	const char *name, *text;
	unsigned status;
} refused[] = {
    {"TLS", "\x16\x03\x01", 400},
    {"no words", "\r\n\r\n\r\n", 400},
    {"one word", "GET\r\n" H END, 400},
    {"HTTP/0.9", "GET /\r\n" H END, 400},
    {"two blanks", "GET  / HTTP/1.1\r\n" H END, 400},
    {"a tab instead of a blank", "GET\t/ HTTP/1.1\r\n" H END, 400},
    {"a blank in the target", "GET /a b HTTP/1.1\r\n" H END, 400},
    {"a control character in the target", "GET /\x01 HTTP/1.1\r\n" H END, 400},
    {"an octet above 126 in the target", "GET /\xc3\xa9 HTTP/1.1\r\n" H END, 400},
    {"a target that is no path", "GET a HTTP/1.1\r\n" H END, 400},
    {"a target for a tunnel", "CONNECT x:443 HTTP/1.1\r\n" H END, 400},
    {"a URL without a host", "GET http:///a HTTP/1.1\r\n" H END, 400},
    {"a URL that ends before its host", "GET http:// HTTP/1.1\r\n" H END, 400},
    {"a URL with a query and no path", "GET http://x?a HTTP/1.1\r\n" H END, 400},
    {"another scheme", "GET ftp://x/a HTTP/1.1\r\n" H END, 400},
    {"newlines alone", "GET / HTTP/1.1\nHost: x\n\n", 400},
    {"a newline alone", "\n", 400},
    {"a method that is no token", "G(T / HTTP/1.1\r\n" H END, 400},
    {"no version", "GET / HTTQ/1.1\r\n" H END, 400},
    {"lower case version", "GET / http/1.1\r\n" H END, 400},
    {"a version with more digits", "GET / HTTP/1.10\r\n" H END, 400},
    {"HTTP/2.0", "GET / HTTP/2.0\r\n" H END, 505},
    {"no Host in HTTP/1.1", "GET / HTTP/1.1\r\n" END, 400},
    {"two Hosts", "GET / HTTP/1.1\r\n" H H END, 400},
    {"two hosts in one", "GET / HTTP/1.1\r\nHost: x y\r\n" END, 400},
    {"a Host with a path", "GET / HTTP/1.1\r\nHost: x/y\r\n" END, 400},
    {"a Host with a user", "GET / HTTP/1.1\r\nHost: y@x\r\n" END, 400},
    {"a blank before the colon", "GET / HTTP/1.1\r\nHost : x\r\n" END, 400},
    {"no colon", "GET / HTTP/1.1\r\n" H "Accept\r\n" END, 400},
    {"no name", "GET / HTTP/1.1\r\n" H ": a\r\n" END, 400},
    {"a folded header", "GET / HTTP/1.1\r\n" H "A: b\r\n c\r\n" END, 400},
    {"a bare newline in a header", "GET / HTTP/1.1\r\n" H "A: b\nTransfer-Encoding: chunked\r\n" END, 400},
    {"a bare carriage return in a header", "GET / HTTP/1.1\r\n" H "A: b\rc\r\n" END, 400},
    {"two Content-Lengths", "POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Length: 1\r\n" END, 400},
    {"a list of Content-Lengths", "POST / HTTP/1.1\r\n" H "Content-Length: 1, 1\r\n" END, 400},
    {"a Content-Length with a sign", "POST / HTTP/1.1\r\n" H "Content-Length: +1\r\n" END, 400},
    {"a Content-Length in hex", "POST / HTTP/1.1\r\n" H "Content-Length: 0x1\r\n" END, 400},
    {"an empty Content-Length", "POST / HTTP/1.1\r\n" H "Content-Length:\r\n" END, 400},
    {"a Content-Length of 19 digits", "POST / HTTP/1.1\r\n" H "Content-Length: 1000000000000000000\r\n" END, 400},
    {"length and chunks", "POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n" END, 400},
    {"chunks and length", "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n" END, 400},
    {"chunks twice", "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" END, 400},
    {"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n" END, 400},
    {"another coding", "POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n" END, 501},
    {"another expectation", "POST / HTTP/1.1\r\n" H "Expect: wonders\r\n" END, 417},
    {"two Content-Types", "POST / HTTP/1.1\r\n" H "Content-Type: a/b\r\nContent-Type: a/c\r\n" END, 400},
};

static void
is_refused(void **state)
{
	const struct head *r = *state;
	struct ca_http_head h;
	size_t used;

	assert_int_equal(ca_http_head(sp_bytes_str(r->text), &h, &used), r->status);
}

/* Nothing is decided before the end, and what follows is left alone. */
static void
is_read_octet_by_octet(void **state)
{
	static const char text[] = "POST / HTTP/1.1\r\nhost: x\r\nCONTENT-LENGTH: 12\r\ncontent-Type:  a/b;c=d \t\r\n"
				   "Expect: 100-Continue\r\nIf-None-Match: \"a\"\r\n\r\n";
	struct ca_http_head h;
	size_t used, n = sizeof(text) - 1;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(ca_http_head(sp_bytes(text, i), &h, &used), 0);
		assert_int_equal(used, 0);
	}
	assert_int_equal(ca_http_head(sp_bytes(text, n + 1), &h, &used), 0);
	assert_int_equal(used, n);
	assert_int_equal(h.method, CA_METHOD_POST);
	assert_string_equal(h.target, "/");
	assert_true(h.keep_alive && h.has_length && h.expects && !h.chunked);
	assert_int_equal(h.length, 12);
	t_bytes(h.type, sp_bytes_str("a/b;c=d"));
	t_bytes(h.none_match, sp_bytes_str("\"a\""));
}

static const struct taken {
	const char *name, *text;
	enum ca_method method;
	const char *target;
	bool keep_alive;
} taken[] = {
    {"HTTP/1.1 goes on", "GET /a HTTP/1.1\r\n" H END, CA_METHOD_GET, "/a", true},
    {"until it says otherwise", "HEAD /a HTTP/1.1\r\n" H "Connection: foo, Close\r\n" END, CA_METHOD_HEAD, "/a", false},
    {"HTTP/1.0 does not", "GET /a HTTP/1.0\r\n" END, CA_METHOD_GET, "/a", false},
    {"until it says otherwise", "GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n" END, CA_METHOD_GET, "/a", true},
    {"another method", "OPTIONS * HTTP/1.1\r\n" H END, CA_METHOD_OTHER, "*", true},
    {"methods know case", "get / HTTP/1.1\r\n" H END, CA_METHOD_OTHER, "/", true},
    {"an empty line before", "\r\nGET /a HTTP/1.1\r\n" H END, CA_METHOD_GET, "/a", true},
    {"a whole URL", "GET http://set.example/a HTTP/1.1\r\n" H END, CA_METHOD_GET, "/a", true},
    {"a short one", "GET http://x HTTP/1.1\r\nHost:\r\n" END, CA_METHOD_GET, "/", true},
    {"a Host with all it can have", "GET /a HTTP/1.1\r\nHost: [2001:db8::1]:8257\r\n" END, CA_METHOD_GET, "/a", true},
    {"a URL without a path", "GET HTTP://set.example HTTP/1.1\r\n" H END, CA_METHOD_GET, "/", true},
};

static void
is_taken(void **state)
{
	const struct taken *r = *state;
	struct ca_http_head h;
	size_t used;

	assert_int_equal(ca_http_head(sp_bytes_str(r->text), &h, &used), 0);
	assert_int_equal(used, strlen(r->text));
	assert_int_equal(h.method, r->method);
	assert_string_equal(h.target, r->target);
	assert_int_equal(h.keep_alive, r->keep_alive);
}

static void
too_much(void **state)
{
	char text[SP_HTTP_HEAD_MAX + 64], *end;
	struct ca_http_head h;
	size_t used;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(ca_http_head(sp_bytes(text, SP_HTTP_HEAD_MAX - 1), &h, &used), 0);
	assert_int_equal(ca_http_head(sp_bytes(text, SP_HTTP_HEAD_MAX), &h, &used), 431);
	snprintf(text, sizeof(text), "GET /%0*d HTTP/1.1\r\n" H END, (int)SP_HTTP_TARGET_MAX, 0);
	assert_int_equal(ca_http_head(sp_bytes_str(text), &h, &used), 414);
	snprintf(text, sizeof(text), "GET /%0*d HTTP/1.1\r\n" H END, (int)SP_HTTP_TARGET_MAX - 1, 0);
	assert_int_equal(ca_http_head(sp_bytes_str(text), &h, &used), 0);
	end = text + snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n" H);
	for (unsigned i = 1; i < SP_HTTP_FIELDS_MAX; i++)
		end = stpcpy(end, "A: b\r\n");
	memcpy(end, END, 3);
	assert_int_equal(ca_http_head(sp_bytes_str(text), &h, &used), 0);
	memcpy(end, "A: b\r\n\r\n", 9);
	assert_int_equal(ca_http_head(sp_bytes_str(text), &h, &used), 431);
}

/* --- chunks ------------------------------------------------------------------------------------ */

#define BODY_MAX 16

static const struct chunked {
	const char *name, *text;
	unsigned status;
	const char *body; /* NULL: it is not complete */
} chunked[] = {
    {"chunks", "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n", 0, "abcdefg"},
    {"none", "0\r\n\r\n", 0, ""},
    {"capital digits and zeros", "00A\r\n0123456789\r\n0\r\n\r\n", 0, "0123456789"},
    {"as much as is allowed", "10\r\n0123456789abcdef\r\n0\r\n\r\n", 0, "0123456789abcdef"},
    {"one octet more", "11\r\n", 413, NULL},
    {"one octet more in two", "10\r\n0123456789abcdef\r\n1\r\n", 413, NULL},
    {"a size of nine digits", "000000001\r\n", 413, NULL},
    {"no size", "\r\n", 400, NULL},
    {"a size that is none", "g\r\n", 400, NULL},
    {"a sign", "-1\r\n", 400, NULL},
    {"a blank", "1 \r\na\r\n", 400, NULL},
    {"a control character in an extension", "1;\x01\r\na\r\n", 400, NULL},
    {"a line that does not end", "1;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 400,
	NULL},
    {"data longer than it said", "1\r\nab\r\n", 400, NULL},
    {"a newline alone after data", "1\r\na\n", 400, NULL},
    {"trailers", "0\r\nA: b\r\n\r\n", 400, NULL},
    {"no end", "3\r\nabc\r\n", 0, NULL},
};

/* In pieces of `step` octets, as a connection would bring them. */
static void
feed(const struct chunked *r, size_t step)
{
	struct ca_chunks c = {0};
	struct sp_buf out = {0};
	size_t n = strlen(r->text), at = 0, used;
	unsigned status = 0;

	for (size_t end = step; status == 0 && at < n && c.state != CA_CHUNK_END; end += step) {
		status = ca_http_chunks(&c, sp_bytes(r->text + at, (end < n ? end : n) - at), BODY_MAX, &out, &used);
		at += used;
		if (end >= n && used == 0)
			break;
	}
	assert_int_equal(status, r->status);
	assert_int_equal(c.state == CA_CHUNK_END, r->body != NULL);
	if (r->body != NULL)
		t_bytes(sp_buf_bytes(&out), sp_bytes_str(r->body));
	assert_true(out.n <= BODY_MAX);
	sp_buf_free(&out);
}

static void
chunks(void **state)
{
	for (size_t step = 1; step < 8; step++)
		feed(*state, step);
	feed(*state, 1000);
}

/* The next request of a pipeline is left where it is. */
static void
chunks_end_where_they_end(void **state)
{
	static const char text[] = "1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n";
	struct ca_chunks c = {0};
	struct sp_buf out = {0};
	size_t used;

	(void)state;
	assert_int_equal(ca_http_chunks(&c, sp_bytes_str(text), BODY_MAX, &out, &used), 0);
	assert_int_equal(c.state, CA_CHUNK_END);
	assert_string_equal(text + used, "GET / HTTP/1.1\r\n");
	sp_buf_free(&out);
}

/* --- values and answers ------------------------------------------------------------------------- */

static void
values(void **state)
{
	(void)state;
	assert_true(ca_http_is_type(sp_bytes_str("Application/Set-Registration"), "application/set-registration"));
	assert_true(
	    ca_http_is_type(sp_bytes_str("application/set-registration ; a=b"), "application/set-registration"));
	assert_false(
	    ca_http_is_type(sp_bytes_str("application/set-registration-initiation"), "application/set-registration"));
	assert_false(ca_http_is_type(sp_bytes_str(""), "application/set-registration"));
	assert_true(ca_http_is_match(sp_bytes_str("\"b\", W/\"a\""), "\"a\""));
	assert_true(ca_http_is_match(sp_bytes_str("*"), "\"a\""));
	assert_false(ca_http_is_match(sp_bytes_str("\"b\",a"), "\"a\""));
	assert_false(ca_http_is_match(sp_bytes_str(""), "\"a\""));
}

static void
replies(void **state)
{
	struct ca_http_reply ok = {.status = 200,
	    .media = "application/pkix-crl",
	    .length = 17,
	    .etag = "\"ab\"",
	    .max_age = 60,
	    .now = INT64_C(1798761600)};
	struct ca_http_reply busy = {
	    .status = 503, .media = "text/plain", .retry_after = 2, .max_age = -1, .close = true};
	struct ca_http_reply old = {.status = 204, .max_age = -1, .keep = true};
	struct sp_buf b = {0};

	(void)state;
	ca_http_reply(&ok, &b);
	t_bytes(sp_buf_bytes(&b),
	    sp_bytes_str("HTTP/1.1 200 OK\r\nDate: Fri, 01 Jan 2027 00:00:00 GMT\r\nContent-Type: "
			 "application/pkix-crl\r\n"
			 "X-Content-Type-Options: nosniff\r\nContent-Length: 17\r\nETag: \"ab\"\r\n"
			 "Cache-Control: public, max-age=60\r\n\r\n"));
	sp_buf_reset(&b);
	ca_http_reply(&busy, &b);
	t_bytes(sp_buf_bytes(&b),
	    sp_bytes_str("HTTP/1.1 503 Service Unavailable\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Type: "
			 "text/plain\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 0\r\nCache-Control: "
			 "no-store\r\n"
			 "Retry-After: 2\r\nConnection: close\r\n\r\n"));
	sp_buf_reset(&b);
	ca_http_reply(&old, &b);
	t_bytes(sp_buf_bytes(&b),
	    sp_bytes_str("HTTP/1.1 204 No Content\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nCache-Control: no-store\r\n"
			 "Connection: keep-alive\r\n\r\n"));
	sp_buf_free(&b);
}

#define ROWS(rows, run)                                                                                                \
	for (size_t i = 0; i < NELEMS(rows); i++)                                                                      \
		all[n++] = (struct CMUnitTest)                                                                         \
		{                                                                                                      \
			rows[i].name, run, NULL, NULL, (void *)(uintptr_t)&rows[i]                                     \
		}

int
main(void)
{
	struct CMUnitTest all[NELEMS(refused) + NELEMS(taken) + NELEMS(chunked) + 8];
	size_t n = 0;

	ROWS(refused, is_refused);
	ROWS(taken, is_taken);
	ROWS(chunked, chunks);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(is_read_octet_by_octet);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(too_much);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(chunks_end_where_they_end);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(values);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(replies);
	return _cmocka_run_group_tests("ca/service/http", all, n, NULL, NULL);
}
