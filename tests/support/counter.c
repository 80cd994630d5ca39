#include "tests/support/counter.h"

#include "tests/support/check.h"
#include "tests/support/wrapper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEDIA "application/set-registration"
#define REQUEST_MAX (1u << 20)

struct serving {
	struct desk *desk;
	int64_t now;
	unsigned posts;
	uint8_t in[REQUEST_MAX + 1];
	size_t n;
};

/* Whatever goes wrong in this process ends it: the client notices. */
static void
must(bool good)
{
	if (!good)
		_exit(98);
}

/* --- HTTP --------------------------------------------------------------------------------------- */

/* A whole request; its body is what is left of `in`. */
static bool
read_request(struct serving *s, int fd, setpki_bytes *body)
{
	const char *end = NULL, *length;
	size_t want = REQUEST_MAX;
	ssize_t got;

	for (s->n = 0; s->n < want; s->n += (size_t)got) {
		if ((got = read(fd, s->in + s->n, want - s->n)) <= 0)
			return false;
		s->in[s->n + (size_t)got] = '\0';
		if (end != NULL || (end = strstr((char *)s->in, "\r\n\r\n")) == NULL)
			continue;
		must((length = strcasestr((char *)s->in, "content-length:")) != NULL);
		must(strncmp((char *)s->in, "POST / HTTP/1.1\r\n", 17) == 0);
		must(strcasestr((char *)s->in, "content-type: " MEDIA "\r\n") != NULL);
		want = (size_t)(end + 4 - (char *)s->in) + strtoul(length + 15, NULL, 10);
		must(want <= REQUEST_MAX);
	}
	*body = sp_bytes(end + 4, s->n - (size_t)(end + 4 - (char *)s->in));
	return true;
}

static void
reply(int fd, const char *status, const char *type, const void *p, size_t n)
{
	char head[256];
	int len = snprintf(head, sizeof(head),
	    "HTTP/1.1 %s\r\nConnection: close\r\nContent-Type: %s\r\nLocation: http://127.0.0.1:1/\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    status, type, n);
	ssize_t sent;

	must(send(fd, head, (size_t)len, MSG_NOSIGNAL) == len);
	for (size_t at = 0; at < n; at += (size_t)sent)
		if ((sent = send(fd, (const char *)p + at, n - at, MSG_NOSIGNAL)) <= 0)
			return;
}

/* --- acts --------------------------------------------------------------------------------------- */

static void
ask_desk(struct serving *s, setpki_bytes wrapper, int fd, const char *type)
{
	struct setpki_responder_note note;
	struct setpki_error err = {0};
	struct setpki_der answer;

	if (desk_answer(s->desk, wrapper, s->now, &answer, &note, &err) != SETPKI_E_OK)
		fprintf(stderr, "desk: %s\n", err.message);
	else if (answer.n == 0)
		reply(fd, "204 No Content", MEDIA, "", 0);
	else if (type != NULL)
		reply(fd, "200 OK", type, answer.p, answer.n);
	setpki_der_free(&answer);
}

/* A message that no CA takes is answered without a signature. */
static void
unsigned_error(struct serving *s, int fd)
{
	struct sp_buf b = {0};

	t_wrapper(2, 1, s->now, 256, &b);
	ask_desk(s, sp_buf_bytes(&b), fd, MEDIA);
	sp_buf_free(&b);
}

static void
huge(int fd)
{
	size_t n = REQUEST_MAX + 4096;
	char *p = calloc(1, n);

	must(p != NULL);
	reply(fd, "200 OK", MEDIA, p, n);
	free(p);
}

static void
act(struct serving *s, enum counter_act what, setpki_bytes body, int fd)
{
	static const struct {
		const char *status, *type,
		    *text; /* `text`: instead of what the desk says; `type` NULL: nothing is sent */
	} rows[] = {[COUNTER_ANSWER] = {"200 OK", MEDIA, NULL},
	    [COUNTER_DECIDE] = {"200 OK", MEDIA, NULL},
	    [COUNTER_FORGET] = {"200 OK", MEDIA, NULL},
	    [COUNTER_CHARSET] = {"200 OK", MEDIA "; charset=binary", NULL},
	    [COUNTER_HTML] = {"200 OK", "text/html", NULL},
	    [COUNTER_LOSE] = {"200 OK", NULL, NULL},
	    [COUNTER_BUSY] = {"503 Service Unavailable", "text/plain", "later\n"},
	    [COUNTER_NONE] = {"404 Not Found", "text/plain", "no\n"},
	    [COUNTER_MOVED] = {"307 Temporary Redirect", "text/plain", "there\n"},
	    [COUNTER_EMPTY] = {"204 No Content", "text/plain", ""},
	    [COUNTER_NOISE] = {"200 OK", MEDIA, "what stands here is no DER, whatever its type says\n"}};

	if (what == COUNTER_DECIDE)
		desk_decide(s->desk, SETPKI_STATUS_COMPLETE);
	if (what == COUNTER_FORGET)
		memset(s->desk->challenge, 0x77, sizeof(s->desk->challenge));
	if (what == COUNTER_DROP)
		return;
	if (what == COUNTER_UNSIGNED)
		unsigned_error(s, fd);
	else if (what == COUNTER_HUGE)
		huge(fd);
	else if (rows[what].text != NULL)
		reply(fd, rows[what].status, rows[what].type, rows[what].text, strlen(rows[what].text));
	else
		ask_desk(s, body, fd, rows[what].type);
}

/* --- the process -------------------------------------------------------------------------------- */

static void
keep(struct serving *s, setpki_bytes body)
{
	char name[32];
	FILE *f;

	snprintf(name, sizeof(name), "post-%u", ++s->posts);
	must((f = fopen(name, "w")) != NULL);
	must(fwrite(body.p, 1, body.n, f) == body.n && fclose(f) == 0);
}

static _Noreturn void
serve(struct serving *s, int listener, const enum counter_act *acts)
{
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		setpki_bytes body;

		must(fd >= 0 || errno == EINTR);
		if (fd >= 0 && read_request(s, fd, &body)) {
			keep(s, body);
			act(s, *acts, body, fd);
			acts += *acts != COUNTER_ANSWER;
		}
		close(fd);
	}
}

void
counter_open(struct counter *c, struct desk *desk, int64_t now, const enum counter_act *acts)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t n = sizeof(a);
	struct serving *s;

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	snprintf(c->url, sizeof(c->url), "http://127.0.0.1:%u/", ntohs(a.sin_port));
	assert_true((c->pid = fork()) >= 0);
	if (c->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		must((s = calloc(1, sizeof(*s))) != NULL);
		s->desk = desk;
		s->now = now;
		serve(s, fd, acts);
	}
	close(fd);
}

void
counter_close(struct counter *c)
{
	int st;

	kill(c->pid, SIGTERM);
	assert_int_equal(waitpid(c->pid, &st, 0), c->pid);
	/* it was there until now */
	assert_true(WIFSIGNALED(st) && WTERMSIG(st) == SIGTERM);
}
