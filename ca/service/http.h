/* HTTP/1.1 (RFC 9110, 9112), as much of it as setcad speaks, as functions over octets.  Strict: what two readers might
 * understand differently is refused. */
#ifndef CA_SERVICE_HTTP_H
#define CA_SERVICE_HTTP_H

#include "lib/base/buf.h"
#include "lib/base/limits.h"

enum ca_method { CA_METHOD_GET, CA_METHOD_HEAD, CA_METHOD_POST, CA_METHOD_OTHER };

/* Request line and headers, read. */
struct ca_http_head {
	enum ca_method method;
	char target[SP_HTTP_TARGET_MAX + 1]; /* "/crl/brand.crl" */
	bool keep_alive;		     /* the client will go on after this request, */
	bool old;			     /* and as one of HTTP/1.0 has to be told that we do */
	bool expects;			     /* it waits for 100 before it sends the body */
	bool chunked, has_length;	     /* how the body is framed; neither: there is none */
	uint64_t length;
	setpki_bytes type, none_match; /* Content-Type, If-None-Match: borrowed; { NULL, 0 } when absent */
};

/* Reads the head that `in` begins with; *used says how many octets it has, 0: it is not all there yet.
 * Returns 0, or the status to refuse it with: 400, 414, 417, 431, 501, 505. */
unsigned ca_http_head(setpki_bytes in, struct ca_http_head *out, size_t *used);

/* A body in chunks.  Zero-initialise. */
struct ca_chunks {
	enum { CA_CHUNK_SIZE, CA_CHUNK_DATA, CA_CHUNK_CRLF, CA_CHUNK_LAST, CA_CHUNK_END } state;
	uint64_t left; /* of the chunk */
};

/* Takes what it can of `in`, appends the data to `out`; *used says how much was taken (0 may mean: read more).  The
 * body is complete when c->state is CA_CHUNK_END.  Trailers are refused.
 * Returns 0, 400, or 413 when it is longer than `max`. */
unsigned ca_http_chunks(struct ca_chunks *c, setpki_bytes in, size_t max, struct sp_buf *out, size_t *used);

/* Whether a Content-Type names this media type; parameters are passed over. */
bool ca_http_is_type(setpki_bytes value, const char *media);
/* Whether an If-None-Match names this ETag (with its quotation marks), or "*". */
bool ca_http_is_match(setpki_bytes none_match, const char *etag);

/* What stands before the body of an answer. */
struct ca_http_reply {
	unsigned status;
	const char *media; /* NULL: no body */
	size_t length;
	const char *etag;     /* NULL: none */
	int64_t max_age;      /* seconds; -1: must not be cached */
	unsigned retry_after; /* seconds; 0: not said */
	const char *allow;    /* of a 405 */
	bool close, keep;     /* what Connection says; neither: nothing */
	int64_t now;	      /* for Date */
};
void ca_http_reply(const struct ca_http_reply *r, struct sp_buf *out);
/* "Not Found"; "Unknown" for a status that we do not use. */
const char *ca_http_reason(unsigned status);

#endif
