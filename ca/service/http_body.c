/* Bodies in chunks, and heads of answers. */
#include "ca/service/http.h"
#include "lib/base/time.h"

#include <string.h>

/* --- chunks ------------------------------------------------------------------------------------ */

static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "1f" or "1f;extension". */
static unsigned
read_size(struct ca_chunks *c, setpki_bytes line)
{
	size_t i = 0;

	for (c->left = 0; i < line.n && hex_digit(line.p[i]) >= 0; i++) {
		if (i == 8)
			return 413;
		c->left = c->left << 4 | (uint64_t)hex_digit(line.p[i]);
	}
	if (i == 0 || (i < line.n && line.p[i] != ';'))
		return 400;
	for (; i < line.n; i++)
		if (line.p[i] < 0x20 || line.p[i] >= 0x7f)
			return 400;
	c->state = c->left == 0 ? CA_CHUNK_LAST : CA_CHUNK_DATA;
	return 0;
}

static unsigned
take_size(struct ca_chunks *c, setpki_bytes in, size_t room, size_t *used)
{
	size_t most = in.n < SP_HTTP_CHUNK_LINE_MAX ? in.n : SP_HTTP_CHUNK_LINE_MAX;
	const uint8_t *end = memmem(in.p, most, "\r\n", 2);
	unsigned status;

	if (end == NULL)
		return in.n >= SP_HTTP_CHUNK_LINE_MAX ? 400 : 0;
	*used = (size_t)(end - in.p) + 2;
	status = read_size(c, sp_bytes(in.p, *used - 2));
	return status == 0 && c->left > room ? 413 : status;
}

static void
take_data(struct ca_chunks *c, setpki_bytes in, struct sp_buf *out, size_t *used)
{
	*used = c->left < in.n ? (size_t)c->left : in.n;
	sp_buf_add(out, in.p, *used);
	c->left -= *used;
	if (c->left == 0)
		c->state = CA_CHUNK_CRLF;
}

/* The empty line after a chunk, and after the last one. */
static unsigned
take_crlf(struct ca_chunks *c, setpki_bytes in, size_t *used)
{
	if (in.n < 2)
		return in.p[0] == '\r' ? 0 : 400;
	if (memcmp(in.p, "\r\n", 2) != 0)
		return 400;
	*used = 2;
	c->state = c->state == CA_CHUNK_LAST ? CA_CHUNK_END : CA_CHUNK_SIZE;
	return 0;
}

unsigned
ca_http_chunks(struct ca_chunks *c, setpki_bytes in, size_t max, struct sp_buf *out, size_t *used)
{
	unsigned status = 0;
	size_t step;

	*used = 0;
	do {
		setpki_bytes rest = sp_bytes(in.p + *used, in.n - *used);

		step = 0;
		if (rest.n == 0 || c->state == CA_CHUNK_END)
			break;
		if (c->state == CA_CHUNK_SIZE)
			status = take_size(c, rest, max - out->n, &step);
		else if (c->state == CA_CHUNK_DATA)
			take_data(c, rest, out, &step);
		else
			status = take_crlf(c, rest, &step);
		*used += step;
	} while (status == 0 && step != 0);
	return status;
}

/* --- answers ----------------------------------------------------------------------------------- */

static const struct {
	unsigned status;
	const char *reason;
} reasons[] = {
    {200, "OK"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

const char *
ca_http_reason(unsigned status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unknown";
}

/* IMF-fixdate (RFC 9110 5.6.7): "Fri, 01 Jan 2027 00:00:00 GMT". */
static void
put_date(int64_t t, struct sp_buf *out)
{
	static const char days[][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"}; /* 1970 began on a Thursday */
	static const char months[][4] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct sp_civil c;

	if (t >= 0 && sp_time_to_civil(t, &c))
		sp_buf_printf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[t / 86400 % 7], c.day,
		    months[c.month - 1], c.year, c.hour, c.minute, c.second);
}

void
ca_http_reply(const struct ca_http_reply *r, struct sp_buf *out)
{
	sp_buf_printf(out, "HTTP/1.1 %u %s\r\n", r->status, ca_http_reason(r->status));
	put_date(r->now, out);
	if (r->media != NULL)
		sp_buf_printf(out, "Content-Type: %s\r\nX-Content-Type-Options: nosniff\r\n", r->media);
	if (r->status != 204 && r->status != 304)
		sp_buf_printf(out, "Content-Length: %zu\r\n", r->length);
	if (r->etag != NULL)
		sp_buf_printf(out, "ETag: %s\r\n", r->etag);
	if (r->max_age >= 0)
		sp_buf_printf(out, "Cache-Control: public, max-age=%lld\r\n", (long long)r->max_age);
	else
		sp_buf_add_str(out, "Cache-Control: no-store\r\n");
	if (r->retry_after != 0)
		sp_buf_printf(out, "Retry-After: %u\r\n", r->retry_after);
	if (r->allow != NULL)
		sp_buf_printf(out, "Allow: %s\r\n", r->allow);
	if (r->close || r->keep)
		sp_buf_add_str(out, r->close ? "Connection: close\r\n" : "Connection: keep-alive\r\n");
	sp_buf_add_str(out, "\r\n");
}
