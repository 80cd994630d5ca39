/* The admin address: is it alive, is it ready, and its figures. */
#include "ca/service/front_inner.h"

#include <string.h>

static void
reply(struct ca_conn *c, unsigned status, const char *media, setpki_bytes body)
{
	struct ca_http_reply r = {.status = status, .media = media, .length = body.n, .max_age = -1};

	ca_conn_reply(c, &r, body, NULL);
}

/* Whoever gets this answer has a front that works its loop. */
static void
healthz(struct ca_conn *c)
{
	reply(c, 200, CA_TEXT_MEDIA, sp_bytes_str("ok\n"));
}

static void
readyz(struct ca_conn *c)
{
	const struct ca_front *f = c->front;
	struct sp_buf text = {0};

	if (f->told_at == 0 || ca_ticks() - f->told_at > CA_FRONT_REPORT_MS)
		sp_buf_add_str(&text, "the publisher has not reported lately");
	else if (f->draining)
		sp_buf_add_str(&text, "it is ending");
	else
		sp_buf_add_bytes(&text, sp_buf_bytes(&f->trouble));
	if (text.n != 0) {
		sp_buf_add_str(&text, "\n");
		reply(c, 503, CA_TEXT_MEDIA, sp_buf_bytes(&text));
	} else {
		reply(c, 200, CA_TEXT_MEDIA, sp_bytes_str("ready\n"));
	}
	sp_buf_free(&text);
}

static void
metrics(struct ca_conn *c)
{
	struct sp_buf text = {0};

	ca_figures_put(c->front, &text);
	reply(c, text.failed ? 500 : 200, "text/plain; version=0.0.4; charset=utf-8", sp_buf_bytes(&text));
	sp_buf_free(&text);
}

static const struct {
	const char *path;
	void (*answer)(struct ca_conn *c);
} routes[] = {
    {"/healthz", healthz},
    {"/readyz", readyz},
    {"/metrics", metrics},
};

void
ca_admin_dispatch(struct ca_conn *c)
{
	size_t i, n = sizeof(routes) / sizeof(routes[0]);

	for (i = 0; i < n && strcmp(routes[i].path, c->head.target) != 0; i++)
		;
	if (i == n)
		ca_conn_refuse(c, 404, "this is the admin address: /healthz, /readyz and /metrics", NULL, 0);
	else if (c->head.method != CA_METHOD_GET && c->head.method != CA_METHOD_HEAD)
		ca_conn_refuse(c, 405, "this can only be read", "GET, HEAD", 0);
	else
		routes[i].answer(c);
}
