/* The front by itself: the test is publisher and worker to it, and says what they say, when. */
#include "ca/service/authority.h"
#include "ca/service/front.h"
#include "ca/service/pack.h"
#include "ca/service/report.h"
#include "ca/service/stream.h"
#include "tests/support/home.h"
#include "tests/support/http.h"
#include "tests/support/scratch.h"
#include "tests/support/wrapper.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEDIA "application/set-registration"

struct front {
	pid_t pid;
	int feed;		 /* the publisher's end */
	struct ca_stream worker; /* the worker's end */
	char http[CA_ADDRESS_TEXT], admin[CA_ADDRESS_TEXT];
	const char *log; /* file */
};

static char public_dir[1024]; /* of a home with a set */

static int
make_home(void **state)
{
	struct ca_home *h = t_demo_home("home", T_NOW);

	(void)state;
	snprintf(public_dir, sizeof(public_dir), "%s", h->public_dir);
	ca_home_close(h);
	return 0;
}

static int
run(const struct ca_front_ask *ask, rlim_t files)
{
	struct rlimit l = {files, files};

	return files != 0 && setrlimit(RLIMIT_NOFILE, &l) != 0 ? 99 : ca_front_run(ask);
}

/* `files`: descriptors that it may have; 0: as many as the test. */
static void
start(struct front *f, const struct ca_front_limits *limits, rlim_t files)
{
	static unsigned count;
	struct ca_listeners l = {.n = 0};
	int feed[2], worker[2];
	struct ca_front_ask ask = {
	    .ctx = t_ctx(), .log_fd = -1, .listeners = &l, .workers = &worker[1], .nworkers = 1, .now = T_NOW};

	ask.limits = *limits;
	f->log = scratch_path("log-%u", count++);
	ask.log_fd = open(f->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	assert_true(ask.log_fd >= 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, feed), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, worker), 0);
	t_ok(ca_listen_add(&l, "127.0.0.1:0", false, NULL), NULL);
	t_ok(ca_listen_add(&l, "127.0.0.1:0", true, NULL), NULL);
	ask.feed = feed[1];
	assert_true((f->pid = fork()) >= 0);
	if (f->pid == 0) {
		close(feed[0]);
		close(worker[0]);
		_exit(run(&ask, files));
	}
	close(ask.log_fd);
	close(feed[1]);
	close(worker[1]);
	f->feed = feed[0];
	f->worker = (struct ca_stream){.fd = worker[0]};
	snprintf(f->http, sizeof(f->http), "%s", l.v[0].text);
	snprintf(f->admin, sizeof(f->admin), "%s", l.v[1].text);
	ca_listen_close(&l);
}

static const struct ca_front_limits wide = {64, 64, 0, 1, 16, 65536, 60, 60, 60, 60, 30};

/* --- what the publisher says ---------------------------------------------------------------------- */

static void
tell(struct front *f, enum ca_frame_type type, setpki_bytes contents, int with)
{
	struct sp_buf frame = {0};
	bool busy;

	ca_frame_put(&frame, type, 0, contents);
	t_ok(ca_frame_send_with(f->feed, &frame, with, &busy, NULL), NULL);
	assert_false(busy);
	sp_buf_free(&frame);
}

static void
publish(struct front *f, const char *dir)
{
	struct setpki_error err = {0};
	int fd;

	t_ok(ca_pack_make(t_ctx(), dir, "brand", &fd, &err), &err);
	tell(f, CA_FRAME_SET, sp_bytes_str("brand"), fd);
	close(fd);
}

static void
report(struct front *f)
{
	struct ca_report r = {.now = T_NOW};
	struct sp_buf contents = {0};

	ca_report_put(&r, &contents);
	tell(f, CA_FRAME_REPORT, sp_buf_bytes(&contents), -1);
	sp_buf_free(&contents);
}

/* --- what the worker says ------------------------------------------------------------------------- */

static uint32_t
hear(struct front *f)
{
	struct ca_frame frame;
	bool got = false, end = false;

	while (!got) {
		t_ok(ca_stream_fill(&f->worker, &end, NULL), NULL);
		assert_false(end);
		t_ok(ca_stream_take(&f->worker, CA_FRAME_BIT(CA_FRAME_REQUEST), &frame, &got, NULL), NULL);
	}
	return frame.id;
}

static void
answer(struct front *f, uint32_t id, enum ca_hint hint)
{
	struct ca_answer a = {.hint = hint, .message = "PReq", .outcome = "answered"};
	struct sp_buf contents = {0}, frame = {0};

	if (hint == CA_HINT_ANSWER)
		sp_buf_add_str(&a.body, "body");
	ca_answer_put(&a, &contents);
	ca_frame_put(&frame, CA_FRAME_ANSWER, id, sp_buf_bytes(&contents));
	t_ok(ca_frame_send(f->worker.fd, sp_buf_bytes(&frame), NULL), NULL);
	sp_buf_free(&contents);
	sp_buf_free(&frame);
	ca_answer_free(&a);
}

static int
end(struct front *f, int sig)
{
	int st;

	if (sig != 0)
		kill(f->pid, sig);
	assert_int_equal(waitpid(f->pid, &st, 0), f->pid);
	ca_stream_free(&f->worker);
	close(f->feed);
	assert_true(WIFEXITED(st));
	return WEXITSTATUS(st);
}

/* --- beginning ------------------------------------------------------------------------------------ */

static unsigned
status_of(struct front *f, const char *target)
{
	struct http_answer a;
	unsigned status;

	http_get(f->http, target, &a);
	status = a.status;
	assert_int_equal(http_field(&a, "Retry-After") != NULL, status == 503);
	http_answer_free(&a);
	return status;
}

/* "Not found" would be taken for the last word about a CRL. */
static void
files_that_are_not_here_yet(void **state)
{
	struct front f;

	(void)state;
	start(&f, &wide, 0);
	assert_int_equal(status_of(&f, "/crl/geo.crl"), 503);
	assert_int_equal(status_of(&f, "/"), 405);
	publish(&f, public_dir);
	report(&f);
	for (int i = 0; i < 1000 && status_of(&f, "/crl/nobody.crl") != 404; i++)
		usleep(5000);
	assert_int_equal(status_of(&f, "/crl/nobody.crl"), 404);
	assert_int_equal(status_of(&f, "/crl/geo.crl"), 200);
	assert_int_equal(end(&f, SIGTERM), 0);
}

/* --- answers -------------------------------------------------------------------------------------- */

static void
ask(struct http *h, const struct sp_buf *message)
{
	http_say(h, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: " MEDIA "\r\nContent-Length: %zu\r\n\r\n", message->n);
	http_send(h, message->p, message->n);
}

static void
each_hint_has_its_status(void **state)
{
	static const struct {
		enum ca_hint hint;
		unsigned status;
		const char *retry_after, *type;
	} rows[CA_HINT_N] = {
	    {CA_HINT_ANSWER, 200, NULL, MEDIA},
	    {CA_HINT_SILENT, 204, NULL, NULL},
	    {CA_HINT_TOO_MANY, 429, "1", "text/plain; charset=utf-8"},
	    {CA_HINT_TOO_OFTEN, 429, "60", "text/plain; charset=utf-8"},
	    {CA_HINT_BUSY, 503, "1", "text/plain; charset=utf-8"},
	};
	struct sp_buf message = {0};
	struct http_answer a;
	struct front f;
	struct http h;

	(void)state;
	start(&f, &wide, 0);
	t_wrapper(2, 1, T_NOW, 256, &message);
	http_open(&h, f.http, NULL);
	for (size_t i = 0; i < NELEMS(rows); i++) {
		const char *field;

		ask(&h, &message);
		answer(&f, hear(&f), rows[i].hint);
		assert_true(http_hear(&h, false, &a));
		assert_int_equal(a.status, rows[i].status);
		field = http_field(&a, "Retry-After");
		assert_true(field == NULL ? rows[i].retry_after == NULL : strcmp(field, rows[i].retry_after) == 0);
		field = http_field(&a, "Content-Type");
		assert_true(field == NULL ? rows[i].type == NULL : strcmp(field, rows[i].type) == 0);
		http_answer_free(&a);
	}
	http_close(&h);
	sp_buf_free(&message);
	assert_int_equal(end(&f, SIGTERM), 0);
}

/* Bodies that one address announces and does not send leave room for those of others. */
static void
room_for_bodies_is_shared(void **state)
{
	static const char head[] =
	    "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: " MEDIA "\r\nContent-Length: 1048576\r\n\r\n";
	struct ca_front_limits limits = wide;
	struct sp_buf message = {0};
	struct http h[17], other;
	struct http_answer a;
	struct front f;

	(void)state;
	limits.body = 1048576;
	start(&f, &limits, 0);
	for (size_t i = 0; i < 16; i++) {
		http_open(&h[i], f.http, NULL);
		assert_true(http_say(&h[i], "%sa", head));
	}
	for (int i = 0; i < 1000 && http_figure(f.admin, "setcad_body_bytes") != 16 * 1048576; i++)
		usleep(5000);
	assert_true(http_figure(f.admin, "setcad_body_bytes") == 16 * 1048576);
	http_open(&h[16], f.http, NULL);
	assert_true(http_say(&h[16], "%s", head));
	assert_true(http_hear(&h[16], false, &a));
	assert_int_equal(a.status, 429);
	assert_non_null(http_field(&a, "Retry-After"));
	http_answer_free(&a);
	t_wrapper(2, 1, T_NOW, 256, &message);
	http_open(&other, f.http, "127.0.0.2");
	ask(&other, &message);
	answer(&f, hear(&f), CA_HINT_ANSWER);
	assert_true(http_hear(&other, false, &a));
	assert_int_equal(a.status, 200);
	http_answer_free(&a);
	http_close(&other);
	for (size_t i = 0; i < NELEMS(h); i++)
		http_close(&h[i]);
	sp_buf_free(&message);
	assert_int_equal(end(&f, SIGTERM), 0);
}

/* Who cannot be accepted for want of a descriptor waits in the kernel, and so does the front, without a busy loop. */
static void
no_descriptor_is_left(void **state)
{
	struct http_answer a;
	struct http h[40];
	struct front f;
	double tries;

	(void)state;
	start(&f, &wide, 32);
	for (size_t i = 0; i < NELEMS(h); i++)
		http_open(&h[i], f.http, NULL);
	sleep(1);
	for (size_t i = 0; i < NELEMS(h) - 1; i++)
		http_close(&h[i]);
	assert_true(http_say(&h[NELEMS(h) - 1], "GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
	assert_true(http_hear(&h[NELEMS(h) - 1], false, &a));
	assert_int_equal(a.status, 405);
	http_answer_free(&a);
	http_close(&h[NELEMS(h) - 1]);
	tries = http_figure(f.admin, "setcad_connections_refused_total{limit=\"descriptors\"}");
	assert_true(tries >= 1 && tries < 1000);
	assert_int_equal(end(&f, SIGTERM), 0);
}

/* A worker that hangs is noticed, whatever the publisher does: both may wait for the same. */
static void
a_worker_that_never_answers(void **state)
{
	struct ca_front_limits limits = wide;
	struct sp_buf message = {0};
	struct http_answer a;
	struct front f;
	struct http h;

	(void)state;
	limits.answer_s = 1;
	start(&f, &limits, 0);
	t_wrapper(2, 1, T_NOW, 256, &message);
	http_open(&h, f.http, NULL);
	ask(&h, &message);
	(void)hear(&f);
	assert_true(http_hear(&h, false, &a));
	assert_int_equal(a.status, 503);
	http_answer_free(&a);
	http_close(&h);
	sp_buf_free(&message);
	alarm(60); /* or it waits for ever */
	assert_int_equal(end(&f, 0), 3);
	alarm(0);
}

static bool
logged(const struct front *f, const char *text)
{
	setpki_bytes log = scratch_read(f->log);

	return log.n != 0 && memmem(log.p, log.n, text, strlen(text)) != NULL;
}

/* A flood is not to fill the log; but it is said how much is not in it, also when it is over. */
static void
refusals_beyond_some_are_counted(void **state)
{
	static const char said[] = "event=\"refusals not logged\" count=";
	setpki_bytes log;
	struct http_answer a;
	struct front f;
	struct http h;
	unsigned lines = 0;

	(void)state;
	start(&f, &wide, 0);
	http_open(&h, f.http, NULL);
	for (int i = 0; i < 300; i++)
		assert_true(http_say(&h, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
	for (int i = 0; i < 300; i++) {
		assert_true(http_hear(&h, false, &a));
		assert_int_equal(a.status, 405);
		http_answer_free(&a);
	}
	for (int i = 0; i < 2000 && !logged(&f, said); i++)
		usleep(5000);
	assert_true(logged(&f, said));
	log = scratch_read(f.log);
	for (size_t i = 0; i < log.n; i++)
		lines += log.p[i] == '\n';
	assert_true(lines < 290);
	http_close(&h);
	assert_int_equal(end(&f, SIGTERM), 0);
}

/* --- published files ------------------------------------------------------------------------------ */

#define BIG (32u << 20) /* more than sockets hold */

/* A folder with a set of one file, of so many of this octet. */
static const char *
big_set(const char *name, int octet)
{
	static const char *const folders[] = {"", "/brand", "/brand/current", "/brand/current/bci",
	    "/brand/current/crl", "/brand/current/ca", "/brand/current/set"};
	struct sp_buf b = {0};

	for (size_t i = 0; i < NELEMS(folders); i++)
		assert_int_equal(mkdir(scratch_path("%s%s", name, folders[i]), 0700), 0);
	assert_non_null(sp_buf_extend(&b, BIG));
	memset(b.p, octet, BIG);
	scratch_write(scratch_path("%s/brand/current/set/brand.p7c", name), sp_buf_bytes(&b), 0600);
	sp_buf_free(&b);
	return scratch_path("%s", name);
}

static const char get_big[] = "GET /set/brand.p7c HTTP/1.1\r\nHost: x\r\n\r\n";

/* Asks, and waits until an answer has begun. */
static void
begin_to_read(struct front *f, struct http *h)
{
	struct pollfd p;

	http_open(h, f->http, NULL);
	assert_true(http_say(h, "%s", get_big));
	p = (struct pollfd){h->fd, POLLIN, 0};
	assert_int_equal(poll(&p, 1, HTTP_WAIT_MS), 1);
}

static void
etag_of(struct front *f, char out[64])
{
	struct http_answer a;
	struct http h;

	http_open(&h, f->http, NULL);
	assert_true(http_say(&h, "HEAD%s", get_big + 3));
	assert_true(http_hear(&h, true, &a));
	snprintf(out, 64, "%s", http_field(&a, "ETag") != NULL ? http_field(&a, "ETag") : "");
	http_answer_free(&a);
	http_close(&h);
}

/* Who is reading a file when its set is replaced gets all of the one that he asked for. */
static void
a_set_is_replaced_while_it_is_read(void **state)
{
	char before[64] = "", now[64] = "";
	struct http_answer a;
	struct front f;
	struct http h;

	(void)state;
	start(&f, &wide, 0);
	publish(&f, big_set("old", 'o'));
	report(&f);
	for (int i = 0; i < 1000 && before[0] == '\0'; i++, usleep(5000))
		etag_of(&f, before);
	begin_to_read(&f, &h);
	publish(&f, big_set("new", 'n'));
	snprintf(now, sizeof(now), "%s", before);
	for (int i = 0; i < 1000 && strcmp(before, now) == 0; i++, usleep(5000))
		etag_of(&f, now);
	assert_string_not_equal(before, now);
	assert_true(http_hear(&h, false, &a));
	assert_string_equal(http_field(&a, "ETag"), before);
	assert_int_equal(a.nbody, BIG);
	assert_int_equal(strspn(a.body, "o"), BIG);
	http_answer_free(&a);
	assert_true(http_say(&h, "%s", get_big));
	assert_true(http_hear(&h, false, &a));
	assert_int_equal(a.body[BIG - 1], 'n');
	http_answer_free(&a);
	http_close(&h);
	assert_int_equal(end(&f, SIGTERM), 0);
}

/* --- ending --------------------------------------------------------------------------------------- */

static bool
is_listening(const char *address)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)atoi(strchr(address, ':') + 1)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool listening = connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0;

	close(fd);
	return listening;
}

/* A connection that is being written to when the end comes is not kept for another request. */
static void
what_is_being_written_is_the_last(void **state)
{
	struct http_answer a;
	struct front f;
	struct http h;

	(void)state;
	start(&f, &wide, 0);
	publish(&f, big_set("last", 0));
	report(&f);
	for (int i = 0; i < 1000 && status_of(&f, "/none") != 404; i++)
		usleep(5000);
	begin_to_read(&f, &h);
	kill(f.pid, SIGTERM);
	for (int i = 0; i < 1000 && is_listening(f.http); i++)
		usleep(5000);
	assert_true(http_hear(&h, false, &a));
	assert_int_equal(a.status, 200);
	assert_int_equal(a.nbody, BIG);
	http_answer_free(&a);
	assert_true(http_ends(&h));
	http_close(&h);
	assert_int_equal(end(&f, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(files_that_are_not_here_yet),
	    cmocka_unit_test(each_hint_has_its_status),
	    cmocka_unit_test(room_for_bodies_is_shared),
	    cmocka_unit_test(no_descriptor_is_left),
	    cmocka_unit_test(a_worker_that_never_answers),
	    cmocka_unit_test(refusals_beyond_some_are_counted),
	    cmocka_unit_test(a_set_is_replaced_while_it_is_read),
	    cmocka_unit_test(what_is_being_written_is_the_last),
	};

	return cmocka_run_group_tests(all, make_home, NULL);
}
