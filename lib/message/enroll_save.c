/* Saving a session and going on with it: SEQUENCE { suite, type, step, arm, parts }, sealed whole with AES-256-GCM into
 * SEQUENCE { version, AlgorithmIdentifier with the nonce, OCTET STRING }. */
#include "lib/message/enroll.h"

#include "lib/crypto/cipher.h"
#include "lib/der/writer.h"

#include <openssl/crypto.h>

#define VERSION 1

/* --- the state as DER ------------------------------------------------------------------------------------ */

static void
put_state(const setpki_enroll *e, struct sp_buf *out)
{
	size_t seq = sp_der_open(out, SP_SEQUENCE);

	sp_der_put_int(out, e->suite);
	sp_der_put_int(out, e->row->type);
	sp_der_put_int(out, e->s.step);
	sp_der_put_int(out, e->s.arm);
	for (int i = 0; i < SP_PARTS; i++)
		sp_der_put_octets(out, sp_part(&e->s, (enum sp_part)i));
	sp_der_close(out, seq);
}

struct head {
	int64_t suite, type, step, arm;
};

static bool
read_head(struct sp_der *d, struct head *h)
{
	return sp_der_int(d, &h->suite) && sp_der_int(d, &h->type) && sp_der_int(d, &h->step) &&
	    sp_der_int(d, &h->arm) && h->step >= SETPKI_ENROLL_SEND && h->step <= SETPKI_ENROLL_FAILED &&
	    h->arm >= SP_ARM_CARD_C_INIT_REQ && h->arm <= SP_ARM_CERT_INQ_RES;
}

static enum setpki_code
malformed(struct setpki_error *err)
{
	return sp_fail(err, SETPKI_E_PARSE, NULL, "not a saved registration of this version");
}

static enum setpki_code
read_parts(struct sp_der *d, struct sp_enroll_state *s, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;

	for (int i = 0; i < SP_PARTS && rc == SETPKI_E_OK; i++) {
		const struct sp_part_row *row = &sp_part_rows[i];
		setpki_bytes v;

		if (!sp_der_octets(d, &v) || (v.n != 0 && (v.n < row->min || v.n > row->max)))
			return malformed(err);
		rc = sp_part_set(s, (enum sp_part)i, v, err);
	}
	return rc == SETPKI_E_OK && !sp_der_end(d) ? malformed(err) : rc;
}

/* --- sealing --------------------------------------------------------------------------------------------- */

/* The cipher's AlgorithmIdentifier carries the nonce, so that lib/crypto's one way of sealing serves here too. */
enum setpki_code
setpki_enroll_save(const setpki_enroll *e, const uint8_t key[32], struct setpki_der *out, struct setpki_error *err)
{
	struct sp_buf der = {.secret = true}, alg = {0}, sealed = {0}, b = {0};
	enum setpki_code rc;
	size_t seq;

	*out = (struct setpki_der){NULL, 0};
	put_state(e, &der);
	rc = der.failed ? sp_fail_memory(err)
			: sp_cipher_seal(e->ctx, SETPKI_SUITE_MODERN, key, sp_buf_bytes(&der), &alg, &sealed, err);
	if (rc == SETPKI_E_OK) {
		seq = sp_der_open(&b, SP_SEQUENCE);
		sp_der_put_int(&b, VERSION);
		sp_buf_add_bytes(&b, sp_buf_bytes(&alg));
		sp_der_put_octets(&b, sp_buf_bytes(&sealed));
		sp_der_close(&b, seq);
		out->p = sp_buf_take(&b, &out->n);
		rc = out->p != NULL ? SETPKI_E_OK : sp_fail_memory(err);
	}
	sp_buf_free(&der);
	sp_buf_free(&alg);
	sp_buf_free(&sealed);
	sp_buf_free(&b);
	return rc;
}

static enum setpki_code
unseal(setpki_ctx *ctx, setpki_bytes saved, const uint8_t key[32], struct sp_buf *der, struct setpki_error *err)
{
	struct sp_der d = sp_der(saved), seq;
	setpki_bytes alg, sealed;
	int64_t version;

	if (saved.n > SP_SESSION_SAVED_MAX || !sp_der_enter(&d, SP_SEQUENCE, &seq) || !sp_der_end(&d) ||
	    !sp_der_int(&seq, &version) || version != VERSION || !sp_der_take_whole(&seq, SP_SEQUENCE, &alg) ||
	    !sp_der_octets(&seq, &sealed) || !sp_der_end(&seq))
		return malformed(err);
	return sp_cipher_open(ctx, SETPKI_SUITE_MODERN, key, alg, sealed, der, err);
}

static enum setpki_code
rebuild(setpki_ctx *ctx, setpki_bytes der, const struct setpki_enroll_ask *ask, setpki_enroll **out,
    struct setpki_error *err)
{
	struct sp_der d = sp_der(der), seq;
	struct sp_enroll_state s = {0};
	struct head h;
	setpki_enroll *e = NULL;
	enum setpki_code rc;

	if (!sp_der_enter(&d, SP_SEQUENCE, &seq) || !sp_der_end(&d) || !read_head(&seq, &h))
		return malformed(err);
	s.step = (enum setpki_enroll_step)h.step;
	s.arm = (enum sp_arm_number)h.arm;
	if ((rc = read_parts(&seq, &s, err)) == SETPKI_E_OK)
		rc = sp_enroll_again(
		    ctx, (enum setpki_suite)h.suite, (enum setpki_request_type)h.type, &s, ask, &e, err);
	if (rc == SETPKI_E_OK)
		rc = sp_view_make(e, &e->s, &e->view, err);
	if (rc != SETPKI_E_OK) {
		setpki_enroll_free(e);
		e = NULL;
	}
	sp_state_free(&s);
	*out = e;
	return rc;
}

enum setpki_code
setpki_enroll_restore(setpki_ctx *ctx, setpki_bytes saved, const uint8_t key[32], const struct setpki_enroll_ask *ask,
    setpki_enroll **out, struct setpki_error *err)
{
	struct sp_buf der = {.secret = true};
	enum setpki_code rc = unseal(ctx, saved, key, &der, err);

	*out = NULL;
	if (rc == SETPKI_E_OK)
		rc = rebuild(ctx, sp_buf_bytes(&der), ask, out, err);
	sp_buf_free(&der);
	return rc;
}
