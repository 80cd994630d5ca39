/* A front that was taken over, as its authority process sees it: frames that are none, frames of others, frames without
 * end, floods.  What is no request ends the process, says so in its log, and changes nothing; what is one is answered,
 * however many there are, and keeps nobody else waiting.  What stands in requests: test_hostile_renewal.c and the
 * others beside it. */
#include "ca/audit/audit.h"
#include "ca/register/desk.h"
#include "ca/service/authority.h"
#include "lib/base/limits.h"
#include "tests/support/check.h"
#include "tests/support/enrollee.h"
#include "tests/support/front.h"
#include "tests/support/home.h"
#include "tests/support/scratch.h"
#include "tests/support/worker.h"
#include "tests/support/wrapper.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#define KEEPS_FREED true /* what is freed is kept for a while: memory tells nothing */
#else
#define KEEPS_FREED false
#endif

static char home[512];
static struct t_registry r;
static struct t_enrollee waiting; /* for a person; its request is number 1 */
static struct setpki_error err;

static int
make_home(void **state)
{
	(void)state;
	t_registry_start(&r, "home", "policies/demo.yaml", NULL);
	snprintf(home, sizeof(home), "%s", r.home->dir);
	t_enrollee_open(&waiting, &r, &(const struct setpki_enroll_ask){.type = SETPKI_CARD_INITIAL_SIG});
	assert_int_equal(t_enrollee_run(&waiting), SETPKI_ENROLL_WAIT);
	t_registry_stop(&r);
	return 0;
}

static int
close_party(void **state)
{
	(void)state;
	t_enrollee_close(&waiting);
	return 0;
}

/* Nobody was certified, and who waits does so still. */
static void
nothing_has_changed(void)
{
	static struct t_census first;
	struct t_front f = {.people = 0};
	struct t_census now;
	uint64_t size;
	uint8_t root[32];

	t_registry_open(&f.r, home, T_NOW);
	t_census(&f, &now);
	if (first.certs == 0)
		first = now;
	assert_memory_equal(&now, &first, sizeof(now));
	assert_int_equal(now.requests[CA_REQUEST_PENDED], 1);
	t_ok(ca_audit_verify(f.r.home, &size, root, &err), &err);
	t_registry_stop(&f.r);
}

/* --- what is no request ------------------------------------------------------------------------- */

#define NO_PLACE "which has no place here"
#define BOUNDS "1 to 1048576 are allowed"

static const struct row {
	const char *name, *hex, *logged;
	bool closes; /* the front goes in the middle of it */
} rows[] = {
    {"an answer", "0000000d 02 00000001 00 00000002 6100 00000002 6200", NO_PLACE, false},
    {"a set for itself", "00000005 03 00000001 6272616e64", NO_PLACE, false},
    {"a report with another time", "00000010 04 00000000 7fffffffffffffff 00000000 00000000", NO_PLACE, false},
    {"a program to run", "00000010 05 00000001 00000003 2f6100 0000000a 0000000000", NO_PLACE, false},
    {"a verdict: accept", "0000002e 06 00000001 00000000", NO_PLACE, false},
    {"type 0", "00000001 00 00000000 00", NO_PLACE, false},
    {"type 7", "00000001 07 00000000 00", NO_PLACE, false},
    {"type 128", "00000001 80 00000000 00", NO_PLACE, false},
    {"type 255", "00000001 ff 00000000 00", NO_PLACE, false},
    {"a head of nothing", "00000000 01 00000001", BOUNDS, false},
    {"a head of a megabyte and an octet", "00100001 01 00000001", BOUNDS, false},
    {"a head of two gigabytes", "80000000 01 00000001", BOUNDS, false},
    {"a head of four gigabytes", "ffffffff 01 ffffffff", BOUNDS, false},
    {"HTTP", "504f5354202f20485454502f312e310d0a", NO_PLACE, false},
    {"DER", "3082010230820102308201023082", NO_PLACE, false},
    {"half a head, and the end", "00000100 01", "in the middle of a frame", true},
    {"a head alone, and the end", "00000100 01 00000001", "in the middle of a frame", true},
    {"an octet too few, and the end", "00000004 01 00000001 300102", "in the middle of a frame", true},
};

/* The request of a message that is answered, and the frame at once behind it. */
static void
ends_it(void **state)
{
	const struct row *row = *state;
	struct sp_buf b = {0}, all = {0};
	struct t_worker w;
	struct ca_frame f;
	unsigned answers = 0;

	t_worker_start(&w, home, T_NOW);
	t_wrapper(SP_ARM_CERT_REQ, 1, T_NOW, 256, &b);
	ca_frame_put(&all, CA_FRAME_REQUEST, 1, sp_buf_bytes(&b));
	sp_buf_add_bytes(&all, t_hex(row->hex));
	t_worker_say(&w, sp_buf_bytes(&all));
	if (row->closes)
		assert_int_equal(shutdown(w.to.fd, SHUT_WR), 0);
	while (t_worker_hear(&w, &f))
		answers++;
	assert_int_equal(answers, 1);
	assert_int_equal(t_worker_end(&w), 3);
	assert_true(t_worker_logged(&w, "level=error") && t_worker_logged(&w, row->logged));
	nothing_has_changed();
	sp_buf_free(&b);
	sp_buf_free(&all);
}

/* --- without end -------------------------------------------------------------------------------- */

/* An octet now and then does not make it wait longer. */
static void
a_frame_in_drips(void **state)
{
	struct pollfd p = {.events = POLLIN};
	int64_t began = ca_ticks();
	struct ca_frame f;
	struct t_worker w;

	(void)state;
	t_worker_start(&w, home, T_NOW);
	t_worker_say(&w, t_hex("00100000 01 00000001"));
	p.fd = w.to.fd;
	while (poll(&p, 1, 100) == 0 && ca_ticks() - began < 60000)
		t_worker_say(&w, t_hex("30"));
	assert_in_range(ca_ticks() - began, CA_FRAME_STALL_MS - 100, 50000);
	assert_false(t_worker_hear(&w, &f));
	assert_int_equal(t_worker_end(&w), 3);
	assert_true(t_worker_logged(&w, "did not come within 5 s"));
	nothing_has_changed();
}

static long
resident(const struct t_worker *w)
{
	char path[64], text[256] = "";
	long size, pages = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)w->pid);
	assert_true((fd = open(path, O_RDONLY | O_CLOEXEC)) >= 0);
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	assert_int_equal(sscanf(text, "%ld %ld", &size, &pages), 2);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* `n` frames of one octet, and as many answers. */
static void
tiny_frames(struct t_worker *w, uint32_t n)
{
	struct sp_buf b = {0};
	struct ca_frame f;

	for (uint32_t i = 0; i < n; i += 100) {
		sp_buf_reset(&b);
		for (uint32_t k = 0; k < 100; k++)
			ca_frame_put(&b, CA_FRAME_REQUEST, i + k, sp_bytes_str("0"));
		t_worker_say(w, sp_buf_bytes(&b));
		for (uint32_t k = 0; k < 100; k++) {
			assert_true(t_worker_hear(w, &f));
			assert_int_equal(f.id, i + k);
		}
	}
	sp_buf_free(&b);
}

/* The largest message that there can be, which is none. */
static void
huge_frames(struct t_worker *w, uint32_t n)
{
	static uint8_t octets[SP_MESSAGE_MAX];
	struct ca_frame f;

	for (uint32_t i = 0; i < n; i++) {
		t_worker_ask(w, i, SP_BYTES(octets));
		assert_true(t_worker_hear(w, &f));
	}
}

static void
answers_in_good_health(struct t_worker *w)
{
	struct ca_answer_read a;
	struct sp_buf b = {0};
	struct ca_frame f;

	t_wrapper(2, 9, T_NOW, 256, &b);
	t_worker_ask(w, 99, sp_buf_bytes(&b));
	assert_true(t_worker_hear(w, &f));
	t_ok(ca_answer_get(f.contents, &a, &err), &err);
	assert_string_equal(a.outcome, "messageNotSupported");
	sp_buf_free(&b);
}

static void
thousands_of_frames(void **state)
{
	static void (*const floods[])(struct t_worker *, uint32_t) = {tiny_frames, huge_frames};
	static const uint32_t counts[][2] = {{1000, 8000}, {20, 80}};
	struct t_worker w;
	long before;

	(void)state;
	t_worker_start(&w, home, T_NOW);
	for (size_t i = 0; i < NELEMS(floods); i++) {
		floods[i](&w, counts[i][0]);
		before = resident(&w);
		floods[i](&w, counts[i][1]);
		assert_true(KEEPS_FREED || resident(&w) < before + before / 10);
	}
	answers_in_good_health(&w);
	assert_int_equal(t_worker_end(&w), 0);
	nothing_has_changed();
}

/* --- answers that nobody takes ------------------------------------------------------------------ */

/* As many requests as the socket takes; the worker takes no more of them once its answers are stuck. */
static void
flood(struct t_worker *w)
{
	struct pollfd p = {.fd = w->to.fd, .events = POLLOUT};
	struct sp_buf b = {0};

	for (int i = 0; i < 100; i++)
		ca_frame_put(&b, CA_FRAME_REQUEST, 1, sp_bytes_str("0"));
	assert_int_equal(fcntl(w->to.fd, F_SETFL, O_NONBLOCK), 0);
	while (poll(&p, 1, 200) > 0 && (p.revents & (POLLHUP | POLLERR)) == 0)
		if (send(w->to.fd, b.p, b.n, MSG_NOSIGNAL) != (ssize_t)b.n)
			break;
	assert_int_equal(fcntl(w->to.fd, F_SETFL, 0), 0);
	sp_buf_free(&b);
}

static void
answers_are_not_taken(void **state)
{
	int64_t began;
	struct t_worker w;
	struct pollfd p = {.events = POLLIN};

	(void)state;
	t_worker_start(&w, home, T_NOW);
	flood(&w);
	began = ca_ticks();
	p.fd = w.to.fd;
	p.events = 0; /* its end, and nothing else */
	assert_int_equal(poll(&p, 1, 60000), 1);
	assert_true(ca_ticks() - began < 50000);
	assert_int_equal(t_worker_end(&w), 3);
	assert_true(t_worker_logged(&w, "takes nothing"));
	nothing_has_changed();
}

/* All that there are, once. */
static void
take_some(struct t_worker *w)
{
	static uint8_t octets[65536];

	while (recv(w->to.fd, octets, sizeof(octets), MSG_DONTWAIT) > 0)
		;
}

static enum ca_request_state
state_of(uint64_t number)
{
	struct ca_request_record rec;
	enum ca_request_state is;
	ca_txn *t;

	t_ok(ca_txn_begin(r.home->store, false, &t, &err), &err);
	t_ok(ca_request_get(t, number, &rec, &err), &err);
	is = rec.state;
	ca_request_record_free(&rec);
	ca_txn_abort(t);
	return is;
}

/* Some answers are taken, and thousands of requests are there yet: the other work has its turn between two of them.
 * What somebody has approved is issued now, not after the flood. */
static void
answers_are_taken_now_and_then(void **state)
{
	struct t_worker w;
	int64_t began;

	(void)state;
	t_worker_start(&w, home, T_NOW);
	t_registry_open(&r, home, T_NOW);
	flood(&w);
	t_ok(ca_desk_approve(r.home, 1, "anna", NULL, &err), &err);
	poll(NULL, 0, 1100); /* its second is over */
	take_some(&w);
	for (began = ca_ticks(); state_of(1) != CA_REQUEST_COMPLETE && ca_ticks() - began < 20000;)
		poll(NULL, 0, 50);
	assert_int_equal(state_of(1), CA_REQUEST_COMPLETE);
	t_registry_stop(&r);
	kill(w.pid, SIGKILL);
	(void)t_worker_end(&w);
}

/* --- descriptors -------------------------------------------------------------------------------- */

static size_t
descriptors(const struct t_worker *w)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)w->pid);
	return scratch_count(path);
}

/* What comes along with a frame is not taken. */
static void
descriptors_come_along(void **state)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct sp_buf b = {0};
	struct t_worker w;
	struct ca_frame f;
	struct iovec v;
	struct msghdr m = {
	    .msg_iov = &v, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control.room)};
	size_t before;

	(void)state;
	t_worker_start(&w, home, T_NOW);
	answers_in_good_health(&w);
	before = descriptors(&w);
	ca_frame_put(&b, CA_FRAME_REQUEST, 5, sp_bytes_str("0"));
	v = (struct iovec){b.p, b.n};
	control.head =
	    (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
	for (int i = 0; i < 50; i++) {
		memcpy(CMSG_DATA(&control.head), &w.to.fd, sizeof(int));
		assert_int_equal(sendmsg(w.to.fd, &m, MSG_NOSIGNAL), (ssize_t)b.n);
		assert_true(t_worker_hear(&w, &f));
	}
	assert_int_equal(descriptors(&w), before);
	sp_buf_free(&b);
	assert_int_equal(t_worker_end(&w), 0);
}

int
main(void)
{
	struct CMUnitTest all[NELEMS(rows) + 5];
	size_t n = 0;
	int rc;

	for (; n < NELEMS(rows); n++)
		all[n] = (struct CMUnitTest){rows[n].name, ends_it, NULL, NULL, (void *)(uintptr_t)&rows[n]};
	all[n++] = (struct CMUnitTest)cmocka_unit_test(a_frame_in_drips);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(thousands_of_frames);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(descriptors_come_along);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(answers_are_not_taken);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(answers_are_taken_now_and_then); /* issues: the last one */
	rc = _cmocka_run_group_tests("ca/service/hostile_front", all, n, make_home, close_party);
	t_hex_free();
	return rc;
}
