#include "lib/x509/build.h"

#include "lib/der/writer.h"
#include "lib/x509/build_inner.h"

static void
put_validity(struct sp_buf *out, const struct sp_cert_spec *s)
{
	size_t seq = sp_der_open(out, SP_SEQUENCE);

	sp_der_put_time(out, s->not_before);
	sp_der_put_time(out, s->not_after);
	sp_der_close(out, seq);
}

static enum setpki_code
put_tbs(struct sp_build *b, struct setpki_error *err)
{
	const struct sp_cert_spec *s = b->spec;
	size_t tbs = sp_der_open(b->out, SP_SEQUENCE), mark = sp_der_open(b->out, SP_CTXC(0));
	enum setpki_code rc;

	sp_der_put_int(b->out, 2); /* version 3 */
	sp_der_close(b->out, mark);
	sp_der_put(b->out, SP_INTEGER, s->serial);
	sp_buf_add_bytes(b->out, b->sigalg);
	/* names are copied as bytes from the issuing certificate, never encoded anew */
	sp_buf_add_bytes(b->out, s->issuer != NULL ? s->issuer->subject : s->subject);
	put_validity(b->out, s);
	sp_buf_add_bytes(b->out, s->subject);
	sp_buf_add_bytes(b->out, s->spki);
	mark = sp_der_open(b->out, SP_CTXC(3));
	rc = sp_build_extensions(b, err);
	sp_der_close(b->out, mark);
	sp_der_close(b->out, tbs);
	return rc == SETPKI_E_OK && b->out->failed ? sp_fail_memory(err) : rc;
}

enum setpki_code
sp_cert_build(setpki_ctx *ctx, const struct sp_cert_spec *spec, struct sp_buf *tbs, struct setpki_error *err)
{
	struct sp_build b = {.ctx = ctx, .spec = spec, .out = tbs};
	enum setpki_code rc = sp_build_check(&b, err);
	size_t before = tbs->n;

	if (rc == SETPKI_E_OK && (rc = put_tbs(&b, err)) != SETPKI_E_OK && !tbs->failed)
		tbs->n = before;
	return rc;
}
