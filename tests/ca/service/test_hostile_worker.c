/* The front believes nobody either: an authority process or a publisher that was taken over, and says what it must not,
 * ends it, with the reason in its log. */
#include "ca/service/authority.h"
#include "ca/service/front.h"
#include "ca/service/stream.h"
#include "lib/base/limits.h"
#include "tests/support/home.h"
#include "tests/support/http.h"
#include "tests/support/scratch.h"
#include "tests/support/wrapper.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEDIA "application/set-registration"

struct front {
	pid_t pid;
	int feed;		 /* the publisher's end */
	struct ca_stream worker; /* the worker's end */
	char http[CA_ADDRESS_TEXT];
	const char *log;
};

static struct setpki_error err;

static void
start(struct front *f)
{
	static unsigned count;
	struct ca_listeners l = {.n = 0};
	int feed[2], worker[2];
	struct ca_front_ask ask = {.ctx = t_ctx(),
	    .listeners = &l,
	    .workers = &worker[1],
	    .nworkers = 1,
	    .limits = {64, 64, 0, 1, 16, 65536, 60, 60, 60, 60, 30},
	    .now = T_NOW};

	f->log = scratch_path("log-%u", count++);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, feed), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, worker), 0);
	t_ok(ca_listen_add(&l, "127.0.0.1:0", false, &err), &err);
	ask.feed = feed[1];
	assert_true((f->pid = fork()) >= 0);
	if (f->pid == 0) {
		close(feed[0]);
		close(worker[0]);
		ask.log_fd = open(f->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		_exit(ca_front_run(&ask));
	}
	close(feed[1]);
	close(worker[1]);
	f->feed = feed[0];
	f->worker = (struct ca_stream){.fd = worker[0]};
	snprintf(f->http, sizeof(f->http), "%s", l.v[0].text);
	ca_listen_close(&l);
}

/* It has ended by itself, and its log says why. */
static void
is_over(struct front *f, const char *event, const char *cause)
{
	setpki_bytes log;
	int st;

	assert_int_equal(waitpid(f->pid, &st, 0), f->pid);
	assert_true(WIFEXITED(st));
	assert_int_equal(WEXITSTATUS(st), 3);
	log = scratch_read(f->log);
	if (memmem(log.p, log.n, event, strlen(event)) == NULL || memmem(log.p, log.n, cause, strlen(cause)) == NULL)
		fail_msg("\"%s\" or \"%s\" is not in the log: %.*s", event, cause, (int)log.n, (const char *)log.p);
	ca_stream_free(&f->worker);
	if (f->feed >= 0)
		close(f->feed);
}

/* --- a hostile worker --------------------------------------------------------------------------- */

static const struct row {
	const char *name;
	unsigned type;
	uint32_t other; /* than the id that was asked under */
	const char *hex, *says;
	bool good_first; /* it has answered already, and does once more */
} rows[] = {
    {"a request back", 1, 0, "30", "no place here", false},
    {"a set", 3, 0, "6272616e64", "no place here", false},
    {"a report", 4, 0, "0000000000000000 00000000 00000000", "no place here", false},
    {"a verdict", 6, 0, "00", "no place here", false},
    {"type 200", 200, 0, "00", "no place here", false},
    {"an empty answer", 2, 0, "", "are allowed", false},
    {"an answer that is none", 2, 0, "ff", "cannot be read", false},
    {"an answer without a body", 2, 0, "00 00000002 6100 00000002 6200 00000000", "cannot be read", false},
    {"a body beside silence", 2, 0, "01 00000002 6100 00000002 6200 00000001 00", "cannot be read", false},
    {"a hint that there is not", 2, 0, "ff 00000002 6100 00000002 6200 00000001 00", "cannot be read", false},
    {"a word that would end a label", 2, 0, "00 00000002 2200 00000002 6200 00000001 00", "cannot be read", false},
    {"an answer to what was not asked", 2, 1, "00 00000002 6100 00000002 6200 00000001 00", "was not asked", false},
    {"an answer at a place outside the queue", 2, 0xfff, "00 00000002 6100 00000002 6200 00000001 00", "was not asked",
	false},
    {"a second answer", 2, 0, "00 00000002 6100 00000002 6200 00000001 00", "was not asked", true},
};

/* What the front hands over of a message that comes by HTTP. */
static uint32_t
asked(struct front *f, struct http *h)
{
	struct sp_buf message = {0};
	struct ca_frame frame;
	bool got = false, end = false;

	t_wrapper(2, 1, T_NOW, 256, &message);
	http_open(h, f->http, NULL);
	assert_true(http_say_post(h, MEDIA, message.p, message.n));
	while (!got) {
		t_ok(ca_stream_fill(&f->worker, &end, &err), &err);
		assert_false(end);
		t_ok(ca_stream_take(&f->worker, CA_FRAME_BIT(CA_FRAME_REQUEST), &frame, &got, &err), &err);
	}
	sp_buf_free(&message);
	return frame.id;
}

static void
say(struct front *f, const struct row *r, uint32_t id)
{
	setpki_bytes contents = t_hex(r->hex);
	uint8_t head[CA_FRAME_HEAD] = {0};
	struct sp_buf b = {0};

	head[3] = (uint8_t)contents.n;
	head[4] = (uint8_t)r->type;
	for (int i = 0; i < 4; i++)
		head[5 + i] = (uint8_t)(id >> (24 - 8 * i));
	sp_buf_add(&b, head, sizeof(head));
	sp_buf_add_bytes(&b, contents);
	assert_int_equal(send(f->worker.fd, b.p, b.n, MSG_NOSIGNAL), (ssize_t)b.n);
	sp_buf_free(&b);
}

static void
worker_says(void **state)
{
	const struct row *r = *state;
	struct front f;
	struct http h;
	uint32_t id;

	start(&f);
	id = asked(&f, &h);
	if (r->good_first)
		say(&f, r, id);
	say(&f, r, id + r->other);
	is_over(&f, "the authority says what it must not", r->says);
	http_close(&h);
}

static void
a_frame_of_a_gigabyte(void **state)
{
	struct front f;

	(void)state;
	start(&f);
	assert_int_equal(send(f.worker.fd, "\x40\0\0\0\2\0\0\0\1", 9, MSG_NOSIGNAL), 9);
	is_over(&f, "the authority says what it must not", "are allowed");
}

/* --- a hostile publisher ------------------------------------------------------------------------ */

enum with { NOTHING, DEV_NULL, UNSEALED, NOISE };

static const struct fed {
	const char *name, *hex; /* the whole message */
	enum with with;
	const char *says;
} feeds[] = {
    {"a request", "00000001 01 00000000 30", NOTHING, "no place here"},
    {"an answer", "00000001 02 00000000 30", NOTHING, "no place here"},
    {"a check", "00000001 05 00000000 30", NOTHING, "no place here"},
    {"half a head", "000000", NOTHING, "not one frame"},
    {"half a frame", "00000005 03 00000000 6272", NOTHING, "not one frame"},
    {"two frames", "00000001 04 00000000 00 00000001 04 00000000 00", NOTHING, "not one frame"},
    {"an empty report", "00000000 04 00000000", NOTHING, "are allowed"},
    {"a report without figures", "0000000c 04 00000000 0000000000000000 00000000", NOTHING, "cannot be read"},
    {"a report with more than its figures", "00000011 04 00000000 0000000000000000 00000000 00000000 00", NOTHING,
	"cannot be read"},
    {"figures that are not there", "00000010 04 00000000 0000000000000000 00000000 7fffffff", NOTHING,
	"cannot be read"},
    {"trouble without its end", "00000011 04 00000000 0000000000000000 00000001 61 00000000", NOTHING,
	"cannot be read"},
    {"a set without its file", "00000005 03 00000000 6272616e64", NOTHING, "without a name or a file"},
    {"a set in a device", "00000005 03 00000000 6272616e64", DEV_NULL, "sealed memory file"},
    {"a set that could change yet", "00000005 03 00000000 6272616e64", UNSEALED, "sealed memory file"},
    {"a set of noise", "00000005 03 00000000 6272616e64", NOISE, "a set"},
};

static int
make_with(enum with with)
{
	int fd = -1;

	if (with == DEV_NULL)
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (with != UNSEALED && with != NOISE)
		return fd;
	assert_true((fd = memfd_create("hostile", MFD_CLOEXEC | MFD_ALLOW_SEALING)) >= 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(write(fd, "noise, which is no set", 22), 22);
	if (with == NOISE)
		assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), 0);
	return fd;
}

static void
publisher_says(void **state)
{
	const struct fed *r = *state;
	setpki_bytes b = t_hex(r->hex);
	struct sp_buf message = {0};
	struct front f;
	bool busy;
	int fd = make_with(r->with);

	start(&f);
	sp_buf_add_bytes(&message, b);
	t_ok(ca_frame_send_with(f.feed, &message, fd, &busy, &err), &err);
	assert_false(busy);
	is_over(&f, "the publisher says what it must not", r->says);
	if (fd >= 0)
		close(fd);
	sp_buf_free(&message);
}

static void
a_message_longer_than_any(void **state)
{
	static uint8_t octets[SP_SERVICE_STATS_MAX + 8192] = {0, 0, 1, 0, 4};
	struct front f;

	(void)state;
	start(&f);
	assert_int_equal(send(f.feed, octets, sizeof(octets), MSG_NOSIGNAL), (ssize_t)sizeof(octets));
	is_over(&f, "the publisher says what it must not", "longer than any may be");
}

static void
nobody_is_left(void **state)
{
	struct front f;

	(void)state;
	start(&f);
	close(f.feed);
	f.feed = -1;
	is_over(&f, "the publisher is gone", "closed");
	start(&f);
	ca_stream_free(&f.worker);
	is_over(&f, "an authority process is gone", "closed");
}

int
main(void)
{
	struct CMUnitTest all[NELEMS(rows) + NELEMS(feeds) + 3];
	size_t n = 0, i;
	int rc;

	for (i = 0; i < NELEMS(rows); i++)
		all[n++] = (struct CMUnitTest){rows[i].name, worker_says, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	for (i = 0; i < NELEMS(feeds); i++)
		all[n++] = (struct CMUnitTest){feeds[i].name, publisher_says, NULL, NULL, (void *)(uintptr_t)&feeds[i]};
	all[n++] = (struct CMUnitTest)cmocka_unit_test(a_frame_of_a_gigabyte);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(a_message_longer_than_any);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(nobody_is_left);
	rc = _cmocka_run_group_tests("ca/service/hostile_worker", all, n, NULL, NULL);
	t_hex_free();
	return rc;
}
