/* Frames: what is refused of them, and that it is refused from the head alone. */
#include "ca/service/stream.h"
#include "lib/base/limits.h"
#include "tests/support/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUESTS CA_FRAME_BIT(CA_FRAME_REQUEST)

/* --- one frame --------------------------------------------------------------------------------- */

static const struct row {
	const char *name, *hex;
	unsigned types;
	enum setpki_code code;
	size_t used;
} rows[] = {
    {"a frame", "00000002 01 00000007 aabb", REQUESTS, SETPKI_E_OK, 11},
    {"a frame and the beginning of the next", "00000001 01 00000007 aa 0000", REQUESTS, SETPKI_E_OK, 10},
    {"half a head is waited for", "00000002 01", REQUESTS, SETPKI_E_OK, 0},
    {"half the contents are waited for", "00000002 01 00000007 aa", REQUESTS, SETPKI_E_OK, 0},
    {"no contents", "00000000 01 00000007", REQUESTS, SETPKI_E_LIMIT, 0},
    {"one octet more than any message has", "00100001 01 00000007", REQUESTS, SETPKI_E_LIMIT, 0},
    {"a length that is nearly endless", "ffffffff 01 00000007", REQUESTS, SETPKI_E_LIMIT, 0},
    {"type 0", "00000002 00 00000007 aabb", REQUESTS, SETPKI_E_PARSE, 0},
    {"a type that there is not", "00000002 08 00000007 aabb", ~0u, SETPKI_E_PARSE, 0},
    {"type 255", "00000002 ff 00000007 aabb", ~0u, SETPKI_E_PARSE, 0},
    {"an answer where a request is expected", "00000002 02 00000007 aabb", REQUESTS, SETPKI_E_PARSE, 0},
};

static void
reads(void **state)
{
	const struct row *r = *state;
	struct setpki_error err = {0};
	struct ca_frame f = {0};
	size_t used = 99;

	t_code(ca_frame_next(t_hex(r->hex), r->types, &f, &used, &err), r->code, &err);
	assert_int_equal(used, r->used);
	if (used != 0) {
		assert_int_equal(f.type, CA_FRAME_REQUEST);
		assert_int_equal(f.id, 7);
		assert_int_equal(f.contents.n, used - CA_FRAME_HEAD);
	}
}

static void
writes_what_it_reads(void **state)
{
	struct setpki_error err = {0};
	struct sp_buf b = {0};
	struct ca_frame f;
	size_t used;

	(void)state;
	ca_frame_put(&b, CA_FRAME_VERDICT, 0xfffffffe, sp_bytes_str("accept"));
	t_ok(ca_frame_next(sp_buf_bytes(&b), CA_FRAME_BIT(CA_FRAME_VERDICT), &f, &used, &err), &err);
	assert_int_equal(used, b.n);
	assert_int_equal(f.id, 0xfffffffe);
	t_bytes(f.contents, sp_bytes_str("accept"));
	sp_buf_free(&b);
}

static void
refuses_to_write_what_nobody_takes(void **state)
{
	static const uint8_t large[SP_MESSAGE_MAX + 1];
	struct sp_buf b = {0};

	(void)state;
	ca_frame_put(&b, CA_FRAME_REQUEST, 1, SP_BYTES(large));
	assert_true(b.failed);
	sp_buf_free(&b);
	ca_frame_put(&b, CA_FRAME_REQUEST, 1, sp_bytes(large, 0));
	assert_true(b.failed);
	sp_buf_free(&b);
	ca_frame_put(&b, CA_FRAME_REQUEST, 1, sp_bytes(large, SP_MESSAGE_MAX));
	assert_false(b.failed);
	sp_buf_free(&b);
}

/* --- a stream ---------------------------------------------------------------------------------- */

struct pair {
	int to;
	struct ca_stream from;
};

static void
pair_open(struct pair *p)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	p->to = fds[0];
	p->from = (struct ca_stream){.fd = fds[1]};
}

static void
pair_close(struct pair *p)
{
	if (p->to >= 0)
		close(p->to);
	ca_stream_free(&p->from);
}

static void
say(struct pair *p, setpki_bytes b)
{
	assert_int_equal(write(p->to, b.p, b.n), (ssize_t)b.n);
}

static void
stream_octet_by_octet(void **state)
{
	setpki_bytes in = t_hex("00000003 01 00000001 010203 00000001 01 00000002 04");
	struct setpki_error err = {0};
	struct ca_frame f;
	struct pair p;
	unsigned n = 0;
	bool got, end;

	(void)state;
	pair_open(&p);
	for (size_t i = 0; i < in.n; i++) {
		say(&p, sp_bytes(in.p + i, 1));
		t_ok(ca_stream_fill(&p.from, &end, &err), &err);
		assert_false(end);
		t_ok(ca_stream_take(&p.from, REQUESTS, &f, &got, &err), &err);
		n += got;
		if (got)
			assert_int_equal(f.id, n);
		assert_int_equal(ca_stream_patience(&p.from, ca_ticks()) >= 0, !got);
	}
	assert_int_equal(n, 2);
	close(p.to);
	p.to = -1;
	t_ok(ca_stream_fill(&p.from, &end, &err), &err);
	assert_true(end);
	pair_close(&p);
}

static void
stream_of_many_at_once(void **state)
{
	struct setpki_error err = {0};
	struct sp_buf b = {0};
	struct ca_frame f;
	struct pair p;
	unsigned n = 0;
	bool got, end;

	(void)state;
	pair_open(&p);
	for (uint32_t i = 0; i < 50; i++)
		ca_frame_put(&b, CA_FRAME_REQUEST, i, sp_bytes_str("x"));
	say(&p, sp_buf_bytes(&b));
	t_ok(ca_stream_fill(&p.from, &end, &err), &err);
	for (got = true; got; n += got)
		t_ok(ca_stream_take(&p.from, REQUESTS, &f, &got, &err), &err);
	assert_int_equal(n, 50);
	assert_int_equal(ca_stream_patience(&p.from, ca_ticks()), -1);
	sp_buf_free(&b);
	pair_close(&p);
}

/* Dropping leaves what is there of the next frame, and nothing of those before it. */
static void
stream_that_is_dropped(void **state)
{
	setpki_bytes in = t_hex("00000003 01 00000001 010203 00000001 01");
	struct setpki_error err = {0};
	struct ca_frame f;
	struct pair p;
	bool got, end;

	(void)state;
	pair_open(&p);
	p.from.in.secret = true;
	say(&p, in);
	t_ok(ca_stream_fill(&p.from, &end, &err), &err);
	t_ok(ca_stream_take(&p.from, REQUESTS, &f, &got, &err), &err);
	assert_true(got);
	ca_stream_drop(&p.from);
	t_bytes(sp_buf_bytes(&p.from.in), t_hex("00000001 01"));
	for (size_t i = p.from.in.n; i < in.n; i++)
		assert_int_equal(p.from.in.p[i], 0);
	say(&p, t_hex("00000002 04"));
	t_ok(ca_stream_fill(&p.from, &end, &err), &err);
	t_ok(ca_stream_take(&p.from, REQUESTS, &f, &got, &err), &err);
	assert_int_equal(got ? f.id : 0, 2);
	pair_close(&p);
}

static void
stream_that_ends_in_a_frame(void **state)
{
	struct setpki_error err = {0};
	struct ca_frame f;
	struct pair p;
	bool got, end;

	(void)state;
	pair_open(&p);
	say(&p, t_hex("00000003 01 00000001 01"));
	t_ok(ca_stream_fill(&p.from, &end, &err), &err);
	t_ok(ca_stream_take(&p.from, REQUESTS, &f, &got, &err), &err);
	assert_false(got);
	close(p.to);
	p.to = -1;
	t_code(ca_stream_fill(&p.from, &end, &err), SETPKI_E_PARSE, &err);
	pair_close(&p);
}

/* A few octets now and then do not make it wait longer. */
static void
stream_of_an_endless_frame(void **state)
{
	struct setpki_error err = {0};
	struct ca_frame f;
	struct pair p;
	bool got, end;
	int64_t began = ca_ticks();

	(void)state;
	pair_open(&p);
	say(&p, t_hex("00000100 01 00000001"));
	for (int i = 0; i < 5; i++) {
		say(&p, t_hex("00"));
		t_ok(ca_stream_fill(&p.from, &end, &err), &err);
		t_ok(ca_stream_take(&p.from, REQUESTS, &f, &got, &err), &err);
		assert_false(got);
	}
	assert_true(p.from.partial - began < CA_FRAME_STALL_MS);
	assert_int_equal(ca_stream_patience(&p.from, p.from.partial), CA_FRAME_STALL_MS);
	assert_int_equal(ca_stream_patience(&p.from, p.from.partial + CA_FRAME_STALL_MS), 0);
	pair_close(&p);
}

static void
sending_to_one_who_takes_nothing(void **state)
{
	static const uint8_t large[SP_MESSAGE_MAX];
	struct setpki_error err = {0};
	struct pair p;

	(void)state;
	pair_open(&p);
	t_code(ca_frame_send(p.to, SP_BYTES(large), &err), SETPKI_E_IO, &err);
	setpki_error_clear(&err);
	close(p.from.fd);
	p.from.fd = -1;
	t_code(ca_frame_send(p.to, SP_BYTES(large), &err), SETPKI_E_IO, &err);
	pair_close(&p);
}

/* --- with a descriptor ------------------------------------------------------------------------- */

struct with {
	int fds[2];
	struct sp_buf room;
	struct ca_frame f;
	int with;
	bool got, end;
};

static void
receive(struct with *w, enum setpki_code want)
{
	struct setpki_error err = {0};

	t_code(ca_frame_receive_with(
		   w->fds[1], CA_FRAME_BIT(CA_FRAME_SET), &w->room, &w->f, &w->with, &w->got, &w->end, &err),
	    want, &err);
}

static void
descriptor_goes_along(void **state)
{
	struct with w = {0};
	struct setpki_error err = {0};
	struct sp_buf b = {0};
	char text[8] = "";
	int pipe_fds[2];
	bool busy;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, w.fds), 0);
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	receive(&w, SETPKI_E_OK);
	assert_false(w.got || w.end);
	ca_frame_put(&b, CA_FRAME_SET, 1, sp_bytes_str("brand"));
	t_ok(ca_frame_send_with(w.fds[0], &b, pipe_fds[0], &busy, &err), &err);
	t_ok(ca_frame_send_with(w.fds[0], &b, -1, &busy, &err), &err);
	assert_int_equal(write(pipe_fds[1], "hello", 5), 5);
	receive(&w, SETPKI_E_OK);
	assert_true(w.got && w.with >= 0);
	assert_int_equal(read(w.with, text, sizeof(text)), 5);
	assert_string_equal(text, "hello");
	close(w.with);
	receive(&w, SETPKI_E_OK);
	assert_true(w.got);
	assert_int_equal(w.with, -1);
	/* two frames in one message, and a frame that lacks its end */
	assert_int_equal(send(w.fds[0], "\0\0\0\1\3\0\0\0\0x\0\0\0\1\3\0\0\0\0x", 20, 0), 20);
	receive(&w, SETPKI_E_PARSE);
	assert_int_equal(send(w.fds[0], "\0\0\0\2\3\0\0\0\0x", 10, 0), 10);
	receive(&w, SETPKI_E_PARSE);
	close(w.fds[0]);
	receive(&w, SETPKI_E_OK);
	assert_true(w.end);
	close(w.fds[1]);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	sp_buf_free(&b);
	sp_buf_free(&w.room);
}

int
main(void)
{
	struct CMUnitTest all[NELEMS(rows) + 9];
	size_t n = 0;
	int rc;

	for (; n < NELEMS(rows); n++)
		all[n] = (struct CMUnitTest){rows[n].name, reads, NULL, NULL, (void *)(uintptr_t)&rows[n]};
	all[n++] = (struct CMUnitTest)cmocka_unit_test(writes_what_it_reads);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(refuses_to_write_what_nobody_takes);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(stream_octet_by_octet);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(stream_of_many_at_once);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(stream_that_is_dropped);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(stream_that_ends_in_a_frame);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(stream_of_an_endless_frame);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(sending_to_one_who_takes_nothing);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(descriptor_goes_along);
	rc = _cmocka_run_group_tests("ca/service/frame", all, n, NULL, NULL);
	t_hex_free();
	return rc;
}
