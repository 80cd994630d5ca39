#include "tests/support/http.h"

#include "tests/support/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un un;
};

static socklen_t
read_address(const char *text, union address *a)
{
	const char *colon = strrchr(text, ':');
	char host[64];

	memset(a, 0, sizeof(*a));
	if (strncmp(text, "unix:", 5) == 0) {
		a->un.sun_family = AF_UNIX;
		snprintf(a->un.sun_path, sizeof(a->un.sun_path), "%s", text + 5);
		return sizeof(a->un);
	}
	assert_non_null(colon);
	if (text[0] == '[') {
		snprintf(host, sizeof(host), "%.*s", (int)(colon - text - 2), text + 1);
		a->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)atoi(colon + 1))};
		assert_int_equal(inet_pton(AF_INET6, host, &a->v6.sin6_addr), 1);
		return sizeof(a->v6);
	}
	snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
	a->v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(colon + 1))};
	assert_int_equal(inet_pton(AF_INET, host, &a->v4.sin_addr), 1);
	return sizeof(a->v4);
}

void
http_open(struct http *h, const char *address, const char *from)
{
	union address to, source;
	socklen_t n = read_address(address, &to);
	char text[80];

	*h = (struct http){.fd = socket(to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	assert_true(h->fd >= 0);
	if (from != NULL) {
		snprintf(text, sizeof(text), "%s:0", from);
		assert_int_equal(bind(h->fd, &source.any, read_address(text, &source)), 0);
	}
	if (connect(h->fd, &to.any, n) != 0)
		fail_msg("connect to %s: %s", address, strerror(errno));
	/* a body behind its headers waits for nobody's acknowledgement */
	if (to.any.sa_family != AF_UNIX)
		assert_int_equal(setsockopt(h->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)), 0);
}

void
http_close(struct http *h)
{
	if (h->fd >= 0)
		close(h->fd);
	free(h->in);
	*h = (struct http){.fd = -1};
}

bool
http_send(struct http *h, const void *p, size_t n)
{
	while (n != 0) {
		ssize_t k = send(h->fd, p, n, MSG_NOSIGNAL);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		p = (const char *)p + k;
		n -= (size_t)k;
	}
	return true;
}

bool
http_say(struct http *h, const char *fmt, ...)
{
	char text[16384];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	assert_in_range(n, 0, sizeof(text) - 1);
	return http_send(h, text, (size_t)n);
}

/* --- reading ----------------------------------------------------------------------------------- */

/* False at the end. */
static bool
fill(struct http *h)
{
	struct pollfd p = {h->fd, POLLIN, 0};
	ssize_t n;

	if (h->n + 65536 > h->cap) {
		h->cap = 2 * h->cap + 131072;
		assert_non_null(h->in = realloc(h->in, h->cap + 1));
	}
	if (poll(&p, 1, HTTP_WAIT_MS) <= 0)
		fail_msg("no answer within %d s", HTTP_WAIT_MS / 1000);
	n = recv(h->fd, h->in + h->n, 65536, 0);
	if (n > 0)
		h->n += (size_t)n;
	h->in[h->n] = '\0';
	return n > 0;
}

static void
drop(struct http *h, size_t n)
{
	memmove(h->in, h->in + n, h->n - n + 1);
	h->n -= n;
}

static char *
copy(const char *from, size_t n)
{
	char *to = malloc(n + 1);

	assert_non_null(to);
	memcpy(to, from, n);
	to[n] = '\0';
	return to;
}

bool
http_hear(struct http *h, bool head_only, struct http_answer *a)
{
	const char *end, *length;
	size_t n;

	*a = (struct http_answer){0};
	while (h->n == 0 || (end = strstr(h->in, "\r\n\r\n")) == NULL)
		if (!fill(h))
			return false;
	n = (size_t)(end - h->in) + 4;
	a->head = copy(h->in, n);
	drop(h, n);
	assert_int_equal(sscanf(a->head, "HTTP/1.1 %u ", &a->status), 1);
	if (a->status == 100) {
		http_answer_free(a);
		return http_hear(h, head_only, a);
	}
	length = http_field(a, "Content-Length");
	a->nbody = head_only || length == NULL ? 0 : (size_t)strtoul(length, NULL, 10);
	while (h->n < a->nbody)
		if (!fill(h)) {
			if (!h->breaks)
				fail_msg("the connection ended within an answer");
			http_answer_free(a);
			return false;
		}
	a->body = copy(h->in, a->nbody);
	drop(h, a->nbody);
	return true;
}

void
http_answer_free(struct http_answer *a)
{
	free(a->head);
	free(a->body);
	*a = (struct http_answer){0};
}

bool
http_ends(struct http *h)
{
	while (fill(h))
		;
	return true;
}

const char *
http_field(const struct http_answer *a, const char *name)
{
	static char value[512];
	size_t n = strlen(name);

	for (const char *line = strstr(a->head, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n")) {
		const char *at = line + 2;

		if (strncasecmp(at, name, n) != 0 || at[n] != ':')
			continue;
		at += n + 1 + strspn(at + n + 1, " ");
		snprintf(value, sizeof(value), "%.*s", (int)strcspn(at, "\r"), at);
		return value;
	}
	return NULL;
}

/* --- one request -------------------------------------------------------------------------------- */

void
http_get(const char *address, const char *target, struct http_answer *a)
{
	struct http h;

	http_open(&h, address, NULL);
	http_say(&h, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", target);
	if (!http_hear(&h, false, a))
		fail_msg("GET %s: no answer", target);
	http_close(&h);
}

bool
http_say_post(struct http *h, const char *type, const void *body, size_t n)
{
	return http_say(h,
		   "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
		   type, n) &&
	    http_send(h, body, n);
}

void
http_post(const char *address, const char *type, const void *body, size_t n, struct http_answer *a)
{
	struct http h;

	http_open(&h, address, NULL);
	http_say_post(&h, type, body, n);
	if (!http_hear(&h, false, a))
		fail_msg("POST: no answer");
	http_close(&h);
}

double
http_figure(const char *admin, const char *name)
{
	struct http_answer a;
	char key[256];
	const char *at;
	double v = -1;

	http_get(admin, "/metrics", &a);
	snprintf(key, sizeof(key), "\n%s ", name);
	if ((at = strstr(a.body, key)) != NULL)
		v = strtod(at + strlen(key), NULL);
	http_answer_free(&a);
	return v;
}
