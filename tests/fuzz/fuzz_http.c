/* A head is taken or refused the same however it arrives, and so is a body in chunks. */
#include "tests/fuzz/fuzz.h"

#include "ca/service/http.h"

#include <string.h>

#define BODY_MAX 4096u

static void
head(setpki_bytes in)
{
	struct ca_http_head h, part;
	size_t used, n;

	if (ca_http_head(in, &h, &used) != 0 || used == 0)
		return;
	FUZZ_MUST(used <= in.n && used <= SP_HTTP_HEAD_MAX && strlen(h.target) <= SP_HTTP_TARGET_MAX);
	FUZZ_MUST(!(h.chunked && h.has_length));
	FUZZ_MUST(h.type.n == 0 || (h.type.p >= in.p && h.type.p + h.type.n <= in.p + used));
	for (const char *p = h.target; *p != '\0'; p++)
		FUZZ_MUST(*p > 0x20 && *p < 0x7f);
	/* not before its last octet, and what follows does not matter */
	FUZZ_MUST(ca_http_head(sp_bytes(in.p, used - 1), &part, &n) == 0 && n == 0);
	FUZZ_MUST(ca_http_head(sp_bytes(in.p, used), &part, &n) == 0 && n == used);
	FUZZ_MUST(strcmp(h.target, part.target) == 0 && h.length == part.length);
}

/* In pieces of `step` octets. */
static unsigned
chunks(setpki_bytes in, size_t step, struct ca_chunks *c, struct sp_buf *out, size_t *at)
{
	unsigned status = 0;
	size_t used, end = 0;

	memset(c, 0, sizeof(*c));
	*at = 0;
	while (status == 0 && end < in.n && c->state != CA_CHUNK_END) {
		end = in.n - end > step ? end + step : in.n;
		status = ca_http_chunks(c, sp_bytes(in.p + *at, end - *at), BODY_MAX, out, &used);
		*at += used;
	}
	return status;
}

void
fuzz_http(const uint8_t *data, size_t size)
{
	setpki_bytes in = {data, size};
	struct ca_chunks whole, parts;
	struct sp_buf a = {0}, b = {0};
	size_t at_a, at_b;
	unsigned sa, sb;

	head(in);
	if (size == 0)
		return;
	sa = chunks(in, size, &whole, &a, &at_a);
	sb = chunks(in, data[size - 1] % 16 + 1u, &parts, &b, &at_b);
	FUZZ_MUST(sa == sb && a.n <= BODY_MAX);
	if (sa == 0) {
		FUZZ_MUST(whole.state == parts.state && at_a == at_b);
		FUZZ_MUST(sp_bytes_eq(sp_buf_bytes(&a), sp_buf_bytes(&b)));
	}
	sp_buf_free(&a);
	sp_buf_free(&b);
}
