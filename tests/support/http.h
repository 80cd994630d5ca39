/* A client of HTTP that says what a test wants, octet by octet. */
#ifndef TESTS_SUPPORT_HTTP_H
#define TESTS_SUPPORT_HTTP_H

#include <stdbool.h>
#include <stddef.h>

/* A connection, and what was read of it and not yet taken. */
struct http {
	int fd;
	char *in;
	size_t n, cap;
	bool breaks; /* the other side may be killed: an answer that is cut off is none */
};

struct http_answer {
	unsigned status;
	char *head; /* with its lines, NUL at the end */
	char *body; /* NUL behind its end */
	size_t nbody;
};

/* How long anything is waited for. */
#define HTTP_WAIT_MS 20000

/* Connects to "127.0.0.1:PORT", "[::1]:PORT" or "unix:PATH"; `from` (may be NULL): the address to come from
 * ("127.0.0.9").  A failure fails the test. */
void http_open(struct http *h, const char *address, const char *from);
void http_close(struct http *h);
/* Sends; false when the other side has closed. */
bool http_send(struct http *h, const void *p, size_t n);
__attribute__((format(printf, 2, 3))) bool http_say(struct http *h, const char *fmt, ...);
/* A registration message, or what is told to be one, to be answered on a connection that ends then. */
bool http_say_post(struct http *h, const char *type, const void *body, size_t n);
/* The next answer, whole; `head_only` for one to HEAD.  False at the end of the connection; no answer in time fails the
 * test.  http_answer_free(). */
bool http_hear(struct http *h, bool head_only, struct http_answer *a);
void http_answer_free(struct http_answer *a);
/* Whether the other side closes within HTTP_WAIT_MS, whatever it sends before. */
bool http_ends(struct http *h);
/* The value of a header, in memory that lives until the next call; NULL if there is none. */
const char *http_field(const struct http_answer *a, const char *name);

/* One request on a connection of its own. */
void http_get(const char *address, const char *target, struct http_answer *a);
void http_post(const char *address, const char *type, const void *body, size_t n, struct http_answer *a);
/* A figure of /metrics, all of its line before the blank ("setcad_queue"); -1: there is none. */
double http_figure(const char *admin, const char *name);

#endif
