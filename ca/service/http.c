/* Heads of requests. */
#include "ca/service/http.h"

#include <string.h>
#include <strings.h>

#define CRLF "\r\n"

/* What reading one head knows beside the result. */
struct reading {
	struct ca_http_head *out;
	unsigned minor; /* of the version */
	unsigned fields, hosts, types, none_matches;
	bool close, keep; /* Connection said so */
};

static bool
is_tchar(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* Up to the next CRLF; false if there is none. */
static bool
next_line(setpki_bytes *in, setpki_bytes *line)
{
	const uint8_t *end = in->n != 0 ? memmem(in->p, in->n, CRLF, 2) : NULL;

	if (end == NULL)
		return false;
	*line = sp_bytes(in->p, (size_t)(end - in->p));
	*in = sp_bytes(end + 2, in->n - line->n - 2);
	return true;
}

static bool
is_text(setpki_bytes s, const char *text)
{
	return s.n == strlen(text) && strncasecmp((const char *)s.p, text, s.n) == 0;
}

static setpki_bytes
trim(setpki_bytes s)
{
	while (s.n != 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = sp_bytes(s.p + 1, s.n - 1);
	while (s.n != 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

/* The next element of a list that commas separate. */
static bool
next_element(setpki_bytes *list, setpki_bytes *out)
{
	const uint8_t *comma = list->n != 0 ? memchr(list->p, ',', list->n) : NULL;

	if (list->n == 0)
		return false;
	*out = comma != NULL ? sp_bytes(list->p, (size_t)(comma - list->p)) : *list;
	*list = comma != NULL ? sp_bytes(comma + 1, list->n - out->n - 1) : sp_bytes(NULL, 0);
	*out = trim(*out);
	return true;
}

/* --- the request line --------------------------------------------------------------------------- */

static bool
read_method(setpki_bytes word, struct ca_http_head *out)
{
	static const char *const names[] = {"GET", "HEAD", "POST"}; /* in the order of the enum; they know case */

	if (word.n == 0)
		return false;
	for (size_t i = 0; i < word.n; i++)
		if (!is_tchar(word.p[i]))
			return false;
	for (out->method = CA_METHOD_GET; out->method < CA_METHOD_OTHER; out->method++)
		if (sp_bytes_eq(word, sp_bytes_str(names[out->method])))
			break;
	return true;
}

/* "http://host/path", which clients send to proxies and servers have to understand (RFC 9112 3.2.2), to "/path".  What
 * is no such URL stays as it is. */
static void
strip_host(setpki_bytes *word)
{
	static const char scheme[] = "http://";
	size_t i = sizeof(scheme) - 1;

	if (word->n <= i || strncasecmp((const char *)word->p, scheme, i) != 0)
		return;
	while (i < word->n && strchr("/?#", word->p[i]) == NULL)
		i++;
	if (i == word->n)
		*word = sp_bytes_str("/");
	else if (i > sizeof(scheme) - 1)
		*word = sp_bytes(word->p + i, word->n - i);
}

/* A path, or "*" for the server itself (OPTIONS). */
static unsigned
read_target(setpki_bytes word, struct ca_http_head *out)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] <= 0x20 || word.p[i] >= 0x7f)
			return 400;
	strip_host(&word);
	if (word.n == 0 || (word.p[0] != '/' && !sp_bytes_eq(word, sp_bytes_str("*"))))
		return 400;
	if (word.n > SP_HTTP_TARGET_MAX)
		return 414;
	memcpy(out->target, word.p, word.n);
	out->target[word.n] = '\0';
	return 0;
}

static unsigned
read_version(setpki_bytes word, unsigned *minor)
{
	if (word.n != 8 || memcmp(word.p, "HTTP/", 5) != 0 || word.p[5] < '0' || word.p[5] > '9' || word.p[6] != '.' ||
	    word.p[7] < '0' || word.p[7] > '9')
		return 400;
	*minor = word.p[7] - '0';
	return word.p[5] == '1' ? 0 : 505;
}

static unsigned
read_request_line(setpki_bytes line, struct reading *r)
{
	const uint8_t *first = line.n != 0 ? memchr(line.p, ' ', line.n) : NULL;
	const uint8_t *last = line.n != 0 ? memrchr(line.p, ' ', line.n) : NULL;
	unsigned status;

	if (first == NULL || first == last || !read_method(sp_bytes(line.p, (size_t)(first - line.p)), r->out))
		return 400;
	status = read_version(sp_bytes(last + 1, (size_t)(line.p + line.n - last - 1)), &r->minor);
	return status != 0 ? status : read_target(sp_bytes(first + 1, (size_t)(last - first - 1)), r->out);
}

/* --- headers ----------------------------------------------------------------------------------- */

/* Which host does not matter here; but what is none is refused (RFC 9112 3.2). */
static unsigned
on_host(struct reading *r, setpki_bytes value)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=%:[]";

	for (size_t i = 0; i < value.n; i++)
		if (strchr(safe, value.p[i]) == NULL)
			return 400;
	return ++r->hosts > 1 ? 400 : 0;
}

static unsigned
on_connection(struct reading *r, setpki_bytes value)
{
	setpki_bytes word;

	while (next_element(&value, &word)) {
		r->close = r->close || is_text(word, "close");
		r->keep = r->keep || is_text(word, "keep-alive");
	}
	return 0;
}

static unsigned
on_length(struct reading *r, setpki_bytes value)
{
	uint64_t n = 0;

	if (value.n == 0 || value.n > 18 || r->out->has_length)
		return 400;
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] < '0' || value.p[i] > '9')
			return 400;
		n = n * 10 + (uint64_t)(value.p[i] - '0');
	}
	r->out->has_length = true;
	r->out->length = n;
	return 0;
}

static unsigned
on_transfer_encoding(struct reading *r, setpki_bytes value)
{
	if (r->out->chunked || r->minor == 0)
		return 400;
	r->out->chunked = true;
	return is_text(value, "chunked") ? 0 : 501;
}

static unsigned
on_expect(struct reading *r, setpki_bytes value)
{
	r->out->expects = r->minor >= 1;
	return is_text(value, "100-continue") ? 0 : 417;
}

static unsigned
on_type(struct reading *r, setpki_bytes value)
{
	r->out->type = value;
	return ++r->types > 1 ? 400 : 0;
}

/* A list: several headers of that name are one; more than one is more than a client needs. */
static unsigned
on_none_match(struct reading *r, setpki_bytes value)
{
	r->out->none_match = value;
	return ++r->none_matches > 1 ? 400 : 0;
}

/* The headers that are looked at; all others are passed over. */
static const struct field {
	const char *name;
	unsigned (*on)(struct reading *r, setpki_bytes value);
} fields[] = {
    {"Host", on_host},
    {"Connection", on_connection},
    {"Content-Length", on_length},
    {"Transfer-Encoding", on_transfer_encoding},
    {"Expect", on_expect},
    {"Content-Type", on_type},
    {"If-None-Match", on_none_match},
};

static unsigned
read_field(setpki_bytes line, struct reading *r)
{
	const uint8_t *colon = memchr(line.p, ':', line.n);
	setpki_bytes name, value;

	if (++r->fields > SP_HTTP_FIELDS_MAX)
		return 431;
	if (colon == NULL || colon == line.p)
		return 400;
	name = sp_bytes(line.p, (size_t)(colon - line.p));
	value = trim(sp_bytes(colon + 1, line.n - name.n - 1));
	for (size_t i = 0; i < name.n; i++)
		if (!is_tchar(name.p[i]))
			return 400;
	for (size_t i = 0; i < value.n; i++)
		if ((value.p[i] < 0x20 && value.p[i] != '\t') || value.p[i] == 0x7f)
			return 400;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (is_text(name, fields[i].name))
			return fields[i].on(r, value);
	return 0;
}

/* --- all of it --------------------------------------------------------------------------------- */

/* What headers mean together.  Two ways to say how long a body is are one too many (request smuggling). */
static unsigned
finish(struct reading *r)
{
	struct ca_http_head *h = r->out;

	if ((r->minor >= 1 && r->hosts != 1) || (h->chunked && h->has_length))
		return 400;
	h->keep_alive = !r->close && (r->minor >= 1 || r->keep);
	h->old = r->minor == 0;
	return 0;
}

static unsigned
read_lines(setpki_bytes head, struct ca_http_head *out)
{
	struct reading r = {.out = out};
	setpki_bytes line;
	unsigned status = next_line(&head, &line) ? read_request_line(line, &r) : 400;

	while (status == 0 && next_line(&head, &line) && line.n != 0)
		status = read_field(line, &r);
	return status != 0 ? status : finish(&r);
}

unsigned
ca_http_head(setpki_bytes in, struct ca_http_head *out, size_t *used)
{
	size_t skip = in.n >= 2 && memcmp(in.p, CRLF, 2) == 0 ? 2 : 0; /* RFC 9112 2.2: one empty line before */
	size_t most = in.n < SP_HTTP_HEAD_MAX ? in.n : SP_HTTP_HEAD_MAX;
	const uint8_t *end = most > skip ? memmem(in.p + skip, most - skip, CRLF CRLF, 4) : NULL;
	const uint8_t *newline = most > skip ? memchr(in.p + skip, '\n', most - skip) : NULL;

	memset(out, 0, sizeof(*out));
	*used = 0;
	if ((in.n > skip && in.p[skip] != '\r' && !is_tchar(in.p[skip])) || (newline != NULL && newline[-1] != '\r'))
		return 400; /* another protocol, or way to end lines: the end would never come */
	if (end == NULL)
		return in.n >= SP_HTTP_HEAD_MAX ? 431 : 0;
	*used = (size_t)(end - in.p) + 4;
	return read_lines(sp_bytes(in.p + skip, *used - skip), out);
}

bool
ca_http_is_type(setpki_bytes value, const char *media)
{
	const uint8_t *semicolon = value.n != 0 ? memchr(value.p, ';', value.n) : NULL;

	if (semicolon != NULL)
		value.n = (size_t)(semicolon - value.p);
	return is_text(trim(value), media);
}

bool
ca_http_is_match(setpki_bytes none_match, const char *etag)
{
	setpki_bytes one;

	while (next_element(&none_match, &one)) {
		if (one.n > 2 && one.p[0] == 'W' && one.p[1] == '/')
			one = sp_bytes(one.p + 2, one.n - 2); /* weak comparison, RFC 9110 13.1.2 */
		if (sp_bytes_eq(one, sp_bytes_str("*")) || sp_bytes_eq(one, sp_bytes_str(etag)))
			return true;
	}
	return false;
}
