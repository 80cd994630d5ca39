/* Which request is answered by what. */
#include "ca/service/front_inner.h"

#include <string.h>

static void
send_file(struct ca_conn *c, const struct ca_pack_file *file, struct ca_pack *pack)
{
	int64_t left = file->until - ca_front_now(c->front);
	struct ca_http_reply r = {.status = 200,
	    .media = file->media,
	    .length = file->body.n,
	    .etag = file->etag,
	    .max_age = left > 0 ? left : 0};

	if (ca_http_is_match(c->head.none_match, file->etag)) {
		r.status = 304;
		r.media = NULL;
		ca_conn_reply(c, &r, sp_bytes(NULL, 0), NULL);
		return;
	}
	ca_conn_reply(c, &r, file->body, pack);
}

static void
dispatch_file(struct ca_conn *c)
{
	struct ca_pack *pack = NULL;
	const struct ca_pack_file *file = NULL;

	if (c->head.target[0] == '/')
		file = ca_front_find(c->front, c->head.target + 1, &pack);
	if (file == NULL && !c->front->ready) /* "not found" would be taken for the last word about a CRL */
		ca_conn_refuse(c, 503, "what is published is not here yet", NULL, 1);
	else if (file == NULL)
		ca_conn_refuse(c, 404, "nothing is published here under this name", NULL, 0);
	else if (c->head.method != CA_METHOD_GET && c->head.method != CA_METHOD_HEAD)
		ca_conn_refuse(c, 405, "this can only be read", "GET, HEAD", 0);
	else
		send_file(c, file, pack);
}

void
ca_routes_dispatch(struct ca_conn *c)
{
	bool post = c->head.method == CA_METHOD_POST && !c->admin && strcmp(c->head.target, "/") == 0;

	/* A body that nobody reads would be taken for the next request. */
	if (!post && (c->head.chunked || c->head.length != 0))
		c->keep_alive = false;
	if (c->admin)
		ca_admin_dispatch(c);
	else if (post)
		ca_post_begin(c);
	else if (strcmp(c->head.target, "/") == 0)
		ca_conn_refuse(c, 405, "registration messages are sent here by POST", "POST", 0);
	else
		dispatch_file(c);
}
