/* What the front makes of published files, beside libevent's own HTTP server and beside nginx, which serves the same
 * folder: one process each, the same client. */
#include "tests/bench/bench.h"

#include "ca/service/front.h"
#include "ca/service/pack.h"
#include "ca/service/report.h"
#include "ca/service/stream.h"
#include "tests/support/home.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONNECTIONS 16
#define FILE_PATH "/crl/geo.crl"

struct served {
	int fds[CONNECTIONS];
	pid_t pid;
};

struct both {
	struct served ours, reference;
	int feed, worker; /* the front's other ends */
	size_t answer_ours, answer_reference;
};

static const char request[] = "GET " FILE_PATH " HTTP/1.1\r\nHost: localhost\r\n\r\n";

/* --- the client -------------------------------------------------------------------------------- */

static void
dial(struct served *s, uint16_t port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	for (size_t i = 0; i < CONNECTIONS; i++) {
		s->fds[i] = socket(AF_INET, SOCK_STREAM, 0);
		BENCH_MUST(s->fds[i] >= 0);
		BENCH_MUST(connect(s->fds[i], (const struct sockaddr *)&a, sizeof(a)) == 0);
	}
}

/* How long an answer is: all of them are the same. */
static size_t
answer_length(struct served *s)
{
	char answer[16384];
	const char *end, *length;
	size_t n = 0;

	BENCH_MUST(write(s->fds[0], request, sizeof(request) - 1) == (ssize_t)sizeof(request) - 1);
	for (;;) {
		ssize_t got = read(s->fds[0], answer + n, sizeof(answer) - 1 - n);

		BENCH_MUST(got > 0);
		n += (size_t)got;
		answer[n] = '\0';
		if ((end = strstr(answer, "\r\n\r\n")) == NULL)
			continue;
		BENCH_MUST((length = strstr(answer, "Content-Length: ")) != NULL);
		if (n == (size_t)(end + 4 - answer) + strtoul(length + 16, NULL, 10))
			return n;
	}
}

/* One request on every connection, then one answer from each. */
static void
ask(struct served *s, size_t n, size_t length)
{
	static char answer[65536];

	while (n > 0) {
		size_t now = n < CONNECTIONS ? n : CONNECTIONS;

		for (size_t i = 0; i < now; i++)
			BENCH_MUST(write(s->fds[i], request, sizeof(request) - 1) == (ssize_t)sizeof(request) - 1);
		for (size_t i = 0; i < now; i++)
			for (size_t have = 0; have < length;) {
				ssize_t got = read(s->fds[i], answer, length - have);

				BENCH_MUST(got > 0);
				have += (size_t)got;
			}
		n -= now;
	}
}

/* --- ours -------------------------------------------------------------------------------------- */

static uint16_t
port_of(int fd)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);

	BENCH_MUST(getsockname(fd, (struct sockaddr *)&a, &n) == 0);
	return a.sin_port;
}

static void
send_set(setpki_ctx *ctx, int feed, const char *public_dir)
{
	struct ca_report report = {.now = T_NOW};
	struct sp_buf contents = {0}, frame = {0};
	bool busy;
	int fd;

	BENCH_MUST(ca_pack_make(ctx, public_dir, "brand", &fd, NULL) == SETPKI_E_OK);
	ca_frame_put(&frame, CA_FRAME_SET, 0, sp_bytes_str("brand"));
	BENCH_MUST(ca_frame_send_with(feed, &frame, fd, &busy, NULL) == SETPKI_E_OK && !busy);
	sp_buf_reset(&frame);
	ca_report_put(&report, &contents);
	ca_frame_put(&frame, CA_FRAME_REPORT, 0, sp_buf_bytes(&contents));
	BENCH_MUST(ca_frame_send_with(feed, &frame, -1, &busy, NULL) == SETPKI_E_OK && !busy);
	sp_buf_free(&contents);
	sp_buf_free(&frame);
	close(fd);
}

static void
start_ours(struct both *b, setpki_ctx *ctx, const char *public_dir)
{
	struct ca_listeners listeners = {.n = 0};
	int feed[2], worker[2];
	struct ca_front_ask ask = {.ctx = ctx,
	    .log_fd = STDERR_FILENO,
	    .listeners = &listeners,
	    .workers = &worker[1],
	    .nworkers = 1,
	    .limits = {1024, 1024, 0, 1, 16, 65536, 60, 60, 60, 60, 1},
	    .now = T_NOW};

	BENCH_MUST(
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, feed) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, worker) == 0);
	BENCH_MUST(ca_listen_add(&listeners, "127.0.0.1:0", false, NULL) == SETPKI_E_OK);
	ask.feed = feed[1];
	BENCH_MUST((b->ours.pid = fork()) >= 0);
	if (b->ours.pid == 0) {
		ask.log_fd = -1;
		_exit(ca_front_run(&ask));
	}
	b->feed = feed[0];
	b->worker = worker[0];
	close(feed[1]);
	close(worker[1]);
	send_set(ctx, b->feed, public_dir);
	dial(&b->ours, port_of(listeners.v[0].fd));
	ca_listen_close(&listeners);
	usleep(200000); /* the set has arrived */
}

/* --- libevent's -------------------------------------------------------------------------------- */

static struct sp_buf file;

static void
serve(struct evhttp_request *r, void *arg)
{
	struct evbuffer *body = evbuffer_new();

	(void)arg;
	evbuffer_add_reference(body, file.p, file.n, NULL, NULL);
	evhttp_add_header(evhttp_request_get_output_headers(r), "Content-Type", "application/pkix-crl");
	evhttp_add_header(evhttp_request_get_output_headers(r), "ETag", "\"0123456789abcdef0123456789abcdef\"");
	evhttp_add_header(evhttp_request_get_output_headers(r), "Cache-Control", "public, max-age=100000");
	evhttp_send_reply(r, 200, "OK", body);
	evbuffer_free(body);
}

static void
start_evhttp(struct both *b, const char *public_dir)
{
	struct ca_listeners listeners = {.n = 0};
	char path[1200];

	snprintf(path, sizeof(path), "%s/brand/current" FILE_PATH, public_dir);
	BENCH_MUST(ca_file_read(path, 1 << 20, &file, NULL) == SETPKI_E_OK);
	BENCH_MUST(ca_listen_add(&listeners, "127.0.0.1:0", false, NULL) == SETPKI_E_OK);
	BENCH_MUST((b->reference.pid = fork()) >= 0);
	if (b->reference.pid == 0) {
		struct event_base *base = event_base_new();
		struct evhttp *http = evhttp_new(base);

		BENCH_MUST(evhttp_accept_socket(http, listeners.v[0].fd) == 0);
		evhttp_set_cb(http, FILE_PATH, serve, NULL);
		event_base_dispatch(base);
		_exit(0);
	}
	dial(&b->reference, port_of(listeners.v[0].fd));
	ca_listen_close(&listeners);
}

/* --- nginx -------------------------------------------------------------------------------------- */

static void
write_conf(const char *path, const char *dir, uint16_t port)
{
	FILE *f = fopen(path, "w");

	BENCH_MUST(f != NULL);
	fprintf(f,
	    "daemon off;\nmaster_process off;\npid %s/nginx.pid;\nerror_log stderr crit;\n"
	    "events { worker_connections 64; }\n"
	    "http {\n  access_log off;\n  sendfile on;\n  keepalive_requests 100000000;\n  open_file_cache max=64;\n"
	    "  types { application/pkix-crl crl; }\n"
	    "  server { listen 127.0.0.1:%u; root %s/brand/current; }\n}\n",
	    bench_scratch(), ntohs(port), dir);
	BENCH_MUST(fclose(f) == 0);
}

static uint16_t
free_port(void)
{
	struct ca_listeners listeners = {.n = 0};
	uint16_t port;

	BENCH_MUST(ca_listen_add(&listeners, "127.0.0.1:0", false, NULL) == SETPKI_E_OK);
	port = port_of(listeners.v[0].fd);
	ca_listen_close(&listeners);
	return port;
}

static void
start_nginx(struct both *b, const char *public_dir)
{
	char conf[4200], dir[5000];
	uint16_t port = free_port();

	snprintf(conf, sizeof(conf), "%s/nginx.conf", bench_scratch());
	BENCH_MUST(realpath(public_dir, dir) != NULL);
	write_conf(conf, dir, port);
	BENCH_MUST((b->reference.pid = fork()) >= 0);
	if (b->reference.pid == 0) {
		execlp("nginx", "nginx", "-e", "stderr", "-c", conf, (char *)NULL);
		execl("/usr/sbin/nginx", "nginx", "-e", "stderr", "-c", conf, (char *)NULL);
		_exit(127);
	}
	usleep(500000); /* it listens */
	dial(&b->reference, port);
}

/* --- the rows ----------------------------------------------------------------------------------- */

static void *
setup(setpki_ctx *ctx, void (*start)(struct both *b, const char *public_dir))
{
	struct both *b = calloc(1, sizeof(*b));
	struct ca_home *h;
	char public_dir[1024];

	BENCH_MUST(b != NULL && bench_scratch() != NULL);
	h = t_demo_home(start == start_nginx ? "http-nginx" : "http", T_NOW);
	snprintf(public_dir, sizeof(public_dir), "%s", h->public_dir);
	ca_home_close(h);
	start_ours(b, ctx, public_dir);
	start(b, public_dir);
	b->answer_ours = answer_length(&b->ours);
	b->answer_reference = answer_length(&b->reference);
	return b;
}

static void *
setup_evhttp(setpki_ctx *ctx)
{
	return setup(ctx, start_evhttp);
}

static void *
setup_nginx(setpki_ctx *ctx)
{
	static const char there[] = "PATH=\"$PATH:/usr/sbin\" command -v nginx >/dev/null";

	return system(there) == 0 ? setup(ctx, start_nginx) : NULL;
}

static void
run_ours(void *arg, size_t n)
{
	struct both *b = arg;

	ask(&b->ours, n, b->answer_ours);
}

static void
run_reference(void *arg, size_t n)
{
	struct both *b = arg;

	ask(&b->reference, n, b->answer_reference);
}

static void
teardown(void *arg)
{
	struct both *b = arg;

	kill(b->ours.pid, SIGKILL);
	kill(b->reference.pid, SIGKILL);
	(void)waitpid(b->ours.pid, NULL, 0);
	(void)waitpid(b->reference.pid, NULL, 0);
	for (size_t i = 0; i < CONNECTIONS; i++) {
		close(b->ours.fds[i]);
		close(b->reference.fds[i]);
	}
	close(b->feed);
	close(b->worker);
	sp_buf_free(&file);
	free(b);
}

const struct bench_row bench_http[] = {
    {"a small CRL over HTTP", "the front", "libevent's evhttp", "speed >= 1.14", setup_evhttp, run_ours, run_reference,
	teardown},
    {"a small CRL over HTTP, nginx", "the front", "nginx", "speed >= 0.75", setup_nginx, run_ours, run_reference,
	teardown},
    {0},
};
