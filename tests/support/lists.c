#include "tests/support/lists.h"

#include "lib/crypto/sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* after the headers that it needs */
#include <cmocka.h>

static void
ok(enum setpki_code rc, const struct setpki_error *err)
{
	if (rc != SETPKI_E_OK)
		fail_msg("%s: %s: %s", setpki_code_name(rc), err->object, err->message);
}

void
lists_serial(uint64_t n, uint8_t out[17])
{
	memset(out, 0, 17);
	out[0] = 1;
	for (int i = 0; i < 8; i++)
		out[16 - i] = (uint8_t)(n >> (8 * i));
}

struct numbers {
	size_t i, n;
	uint8_t serial[17];
};

static bool
next(void *arg, struct sp_crl_entry *e)
{
	static const int reasons[] = {-1, 1, 2, 3, 4};
	struct numbers *s = arg;

	if (s->i == s->n)
		return false;
	s->i++;
	lists_serial(s->i, s->serial);
	*e = (struct sp_crl_entry){SP_BYTES(s->serial), CERTS_NOW - 1000 + (int64_t)s->i % 1000, reasons[s->i % 5]};
	return true;
}

static void
rewind_numbers(void *arg)
{
	((struct numbers *)arg)->i = 0;
}

enum setpki_code
lists_write(void *buf, setpki_bytes piece, struct setpki_error *err)
{
	(void)err;
	sp_buf_add_bytes(buf, piece);
	return SETPKI_E_OK;
}

enum setpki_code
lists_sign(void *suite, const uint8_t *digest, struct sp_buf *sig, struct setpki_error *err)
{
	const enum setpki_suite *s = suite;

	return sp_sign_digest(certs_ctx(), *s, certs_key(*s, CERTS_KEY_CA), digest, sig, err);
}

void
lists_crl(enum setpki_suite suite, size_t n, struct sp_buf *out)
{
	struct sp_crl_spec spec = {suite, certs_brand(suite), CERTS_NOW, CERTS_NOW + 30 * CERTS_DAY, 7};
	struct numbers numbers = {.n = n};
	struct sp_crl_source source = {next, rewind_numbers, &numbers};
	struct setpki_error err = {0};

	ok(sp_crl_build(certs_ctx(), &spec, &source, lists_sign, &suite, lists_write, out, &err), &err);
}

void
lists_resign(enum setpki_suite suite, setpki_bytes tbs, struct sp_buf *out)
{
	certs_sign(suite, certs_key(suite, CERTS_KEY_CA), tbs, out);
}

void
lists_bci(enum setpki_suite suite, struct sp_buf *out)
{
	const struct sp_bci_entry entries[] = {
	    {certs_root(suite)->subject, 5},
	    {certs_brand(suite)->subject, 7},
	};
	struct sp_bci_spec spec = {.suite = suite,
	    .signer = certs_brand(suite),
	    .sequence = 3,
	    .brand_id = "Testcard",
	    .not_before = CERTS_NOW,
	    .not_after = CERTS_NOW + CERTS_DAY - 1,
	    .entries = entries,
	    .n = 2};
	struct setpki_error err = {0};
	struct sp_buf tbs = {0};

	ok(sp_bci_build(&spec, &tbs, &err), &err);
	lists_resign(suite, sp_buf_bytes(&tbs), out);
	sp_buf_free(&tbs);
}

void
lists_csr(enum setpki_suite suite, struct sp_buf *out)
{
	struct sp_csr_spec spec = {.suite = suite,
	    .kind = SETPKI_KIND_CA_SIGN,
	    .type = SETPKI_TYPE_BCA,
	    .subject = certs_brand(suite)->subject,
	    .key = certs_key(suite, CERTS_KEY_SUBJECT),
	    .pathlen = 2,
	    .pkup_from = CERTS_NOW,
	    .pkup_to = CERTS_NOW + CERTS_DAY - 1};
	struct setpki_error err = {0};

	ok(sp_csr_build(certs_ctx(), &spec, out, &err), &err);
}

void
lists_patch(struct sp_buf *in, setpki_bytes from, setpki_bytes to)
{
	uint8_t *at = memmem(in->p, in->n, from.p, from.n);
	size_t rest;

	assert_int_equal(from.n, to.n);
	assert_non_null(at);
	rest = (size_t)(in->p + in->n - at) - 1;
	assert_null(memmem(at + 1, rest, from.p, from.n));
	memcpy(at, to.p, to.n);
}
