/* setcad's limits: in time, in numbers, and that clients of every kind leave nothing behind. */
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

/* A worker that stands still: its clients are told to come again, and in the end the daemon gives up. */
static void
a_worker_that_hangs(void **state)
{
	struct http_answer a;
	struct sp_buf b = {0};
	struct t_daemon d;
	pid_t worker;

	(void)state;
	start(&d, "hangs", "--workers 1 --answer-timeout 1s");
	worker = t_daemon_child(&d, 2);
	kill(worker, SIGSTOP);
	t_wrapper(2, 1, now, 256, &b);
	http_post(d.http, MEDIA, b.p, b.n, &a);
	assert_int_equal(a.status, 503);
	assert_non_null(http_field(&a, "Retry-After"));
	http_answer_free(&a);
	assert_true(t_daemon_figure(&d, "setcad_queue") == 1);
	http_get(d.http, "/crl/geo.crl", &a);
	assert_int_equal(a.status, 200);
	http_answer_free(&a);
	assert_int_equal(t_daemon_end(&d, 0), 3);
	assert_true(t_daemon_logged(&d, "an authority process hangs"));
	assert_true(t_daemon_logged(&d, "processes that did not end were killed"));
	sp_buf_free(&b);
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
	t_wrapper(2, 1, now, 256, &b);
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
	assert_string_equal(a.body, "Too Many Requests: too many connections from this address\n");
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
	start(&d, "bodies", "--rate 0");
	for (size_t i = 0; i < NELEMS(h); i++) {
		char from[16];

		snprintf(from, sizeof(from), "127.0.0.%zu", 2 + i / 16); /* what one address may announce */
		http_open(&h[i], d.http, from);
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
		assert_true(a.status == 200 || a.status == 429); /* so many Errors are not signed (12.18) */
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
		assert_true(a.status == 200 || a.status == 429 || a.status == 400 || a.status == 204);
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
	t_wrapper(2, 5, now, 900, &good);
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
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(slow_clients),
	    cmocka_unit_test(a_worker_that_hangs),
	    cmocka_unit_test(rate_of_one_address),
	    cmocka_unit_test(connections_of_one_address_and_of_all),
	    cmocka_unit_test(announced_bodies),
	    cmocka_unit_test(memory_does_not_grow),
	};

	return cmocka_run_group_tests(all, make_template, NULL);
}
