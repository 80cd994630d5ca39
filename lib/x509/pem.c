#include "lib/x509/pem.h"

#include <openssl/evp.h>
#include <string.h>

#define SPEC "RFC 7468 3"
#define BEGIN "-----BEGIN "
#define END "-----END "
#define DASHES "-----"
#define LINE_MAX_READ 76
#define LINE_OCTETS 48 /* 64 characters */

/* The next line, without its end (LF or CRLF); false when there is none. */
static bool
next_line(struct sp_pem *p, setpki_bytes *line)
{
	const uint8_t *lf;
	size_t n;

	if (p->rest.n == 0)
		return false;
	lf = memchr(p->rest.p, '\n', p->rest.n);
	n = lf != NULL ? (size_t)(lf - p->rest.p) : p->rest.n;
	*line = sp_bytes(p->rest.p, n);
	n += lf != NULL;
	p->rest = sp_bytes(p->rest.p + n, p->rest.n - n);
	p->line++;
	if (line->n != 0 && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

/* "-----BEGIN label-----": the label; false if the line is another one. */
static bool
boundary(setpki_bytes line, const char *begin, char label[SP_PEM_LABEL_MAX + 1])
{
	size_t head = strlen(begin), tail = strlen(DASHES), n;

	if (line.n <= head + tail || memcmp(line.p, begin, head) != 0 ||
	    memcmp(line.p + line.n - tail, DASHES, tail) != 0)
		return false;
	n = line.n - head - tail;
	if (n > SP_PEM_LABEL_MAX)
		return false;
	memcpy(label, line.p + head, n);
	label[n] = '\0';
	for (size_t i = 0; i < n; i++)
		if (label[i] < ' ' || label[i] > '~')
			return false;
	return true;
}

enum setpki_code
sp_pem_next(struct sp_pem *p, struct sp_pem_block *out, struct setpki_error *err)
{
	char end[SP_PEM_LABEL_MAX + 1];
	const uint8_t *from;
	setpki_bytes line;

	do
		if (!next_line(p, &line))
			return SETPKI_E_NOTFOUND;
	while (!boundary(line, BEGIN, out->label));
	out->line = p->line;
	from = p->rest.p;
	do
		if (!next_line(p, &line) || boundary(line, BEGIN, end))
			return sp_fail(
			    err, SETPKI_E_PARSE, SPEC, "line %zu: the block %s has no END line", out->line, out->label);
	while (!boundary(line, END, end));
	if (strcmp(end, out->label) != 0)
		return sp_fail(
		    err, SETPKI_E_PARSE, SPEC, "line %zu: the block %s ends as %s", p->line, out->label, end);
	out->text = sp_bytes(from, (size_t)(line.p - from));
	return SETPKI_E_OK;
}

/* --- base64 ------------------------------------------------------------------------------------------------------- */

/* 0..63, or -1 */
static int
sextet(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four characters; *n: how many octets they are, fewer than 3 with padding.  False: not base64, or bits set that no
 * octet takes up. */
static bool
quantum(const uint8_t *in, uint8_t *out, size_t *n)
{
	int a = sextet(in[0]), b = sextet(in[1]), c = in[2] == '=' ? 0 : sextet(in[2]),
	    d = in[3] == '=' ? 0 : sextet(in[3]);
	unsigned v;

	if (a < 0 || b < 0 || c < 0 || d < 0 || (in[2] == '=' && in[3] != '='))
		return false;
	v = (unsigned)a << 18 | (unsigned)b << 12 | (unsigned)c << 6 | (unsigned)d;
	out[0] = (uint8_t)(v >> 16);
	out[1] = (uint8_t)(v >> 8);
	out[2] = (uint8_t)v;
	*n = in[2] == '=' ? 1 : in[3] == '=' ? 2 : 3;
	return *n == 3 || (v & (*n == 1 ? 0xffffu : 0xffu)) == 0;
}

/* A line: whole quanta, padding at its end alone. */
static bool
decode_line(setpki_bytes line, uint8_t *out, size_t *n, bool *padded)
{
	uint8_t octets[3];
	size_t got;

	if (line.n == 0 || line.n > LINE_MAX_READ || line.n % 4 != 0)
		return false;
	for (size_t i = 0; i < line.n; i += 4) {
		if (*padded || !quantum(line.p + i, octets, &got))
			return false;
		memcpy(out + *n, octets, got);
		*n += got;
		*padded = got != 3;
	}
	return true;
}

enum setpki_code
sp_pem_decode(const struct sp_pem_block *b, uint8_t *out, size_t *n, struct setpki_error *err)
{
	struct sp_pem p = {b->text, b->line};
	bool padded = false, last = false;
	size_t width = 0;
	setpki_bytes line;

	*n = 0;
	while (next_line(&p, &line)) {
		if (width == 0)
			width = line.n;
		if (last || line.n > width || !decode_line(line, out, n, &padded))
			return sp_fail(err, SETPKI_E_PARSE, SPEC, "line %zu: not a line of base64", p.line);
		last = line.n < width;
	}
	if (*n == 0)
		return sp_fail(err, SETPKI_E_PARSE, SPEC, "line %zu: the block %s is empty", b->line, b->label);
	return SETPKI_E_OK;
}

void
sp_pem_put(struct sp_buf *out, const char *label, setpki_bytes der)
{
	unsigned char line[2 * LINE_OCTETS];

	sp_buf_printf(out, BEGIN "%s" DASHES "\n", label);
	for (size_t i = 0, n; i < der.n; i += n) {
		n = der.n - i < LINE_OCTETS ? der.n - i : LINE_OCTETS;
		sp_buf_add(out, line, (size_t)EVP_EncodeBlock(line, der.p + i, (int)n));
		sp_buf_add_byte(out, '\n');
	}
	sp_buf_printf(out, END "%s" DASHES "\n", label);
}
