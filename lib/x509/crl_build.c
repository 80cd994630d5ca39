/* Building a CRL as a stream (RFC 5280 5.1; set-protocol section 6, 12.14). */
#include "lib/base/limits.h"
#include "lib/base/time.h"
#include "lib/crypto/sign.h"
#include "lib/der/writer.h"
#include "lib/x509/crl.h"
#include "lib/x509/signed.h"

#include <openssl/evp.h>
#include <string.h>

/* SEQUENCE { INTEGER, GeneralizedTime, Extensions { reasonCode } } at its longest */
#define ENTRY_MAX 64
#define PIECE (64u << 10)
/* 2050-01-01T00:00:00Z and 1950-01-01T00:00:00Z: UTCTime lies between (RFC 5280 5.1.2.4) */
#define UTC_END INT64_C(2524608000)
#define UTC_BEGIN INT64_C(-631152000)

/* Extensions { { id-ce-cRLReasons, OCTET STRING { ENUMERATED ? } } }; the last octet is the reason */
static const uint8_t reason_ext[] = {
    0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01, 0x00};

struct builder {
	const struct sp_crl_spec *spec;
	const struct sp_crl_source *source;
	setpki_bytes alg;
	struct sp_buf head, tail;  /* of the TBS's contents, before and after the entries */
	size_t entries_len, count; /* as measured */
	/* where the bytes go */
	EVP_MD_CTX *md; /* NULL: not hashed now */
	sp_write_fn *write;
	void *write_arg;
	bool writing;
	uint8_t *piece;
	size_t n;
};

/* --- one entry ---------------------------------------------------------------------------------------------------- */

static bool
with_reason(const struct builder *b, const struct sp_crl_entry *e)
{
	return b->spec->suite == SETPKI_SUITE_MODERN && e->reason > 0;
}

static size_t
time_len(int64_t t)
{
	return t >= UTC_BEGIN && t < UTC_END ? 15 : 17;
}

static size_t
entry_len(const struct builder *b, const struct sp_crl_entry *e)
{
	return 2 + 2 + e->serial.n + time_len(e->revoked_at) + (with_reason(b, e) ? sizeof(reason_ext) : 0);
}

static void
two(uint8_t *p, int v)
{
	p[0] = (uint8_t)('0' + v / 10 % 10);
	p[1] = (uint8_t)('0' + v % 10);
}

/* Straight into place: a large CRL has millions of these. */
static size_t
put_time(uint8_t *p, int64_t t)
{
	struct sp_civil c = {0};
	size_t len = time_len(t), at = len - 13;

	sp_time_to_civil(t, &c);
	p[0] = len == 15 ? SP_UTCTIME : SP_GENTIME;
	p[1] = (uint8_t)(len - 2);
	if (len == 17)
		two(p + 2, c.year / 100);
	two(p + at, c.year % 100);
	two(p + at + 2, c.month);
	two(p + at + 4, c.day);
	two(p + at + 6, c.hour);
	two(p + at + 8, c.minute);
	two(p + at + 10, c.second);
	p[len - 1] = 'Z';
	return len;
}

static size_t
put_entry(const struct builder *b, const struct sp_crl_entry *e, uint8_t *p)
{
	size_t at = 4 + e->serial.n;

	p[0] = SP_SEQUENCE;
	p[2] = SP_INTEGER;
	p[3] = (uint8_t)e->serial.n;
	memcpy(p + 4, e->serial.p, e->serial.n);
	at += put_time(p + at, e->revoked_at);
	if (with_reason(b, e)) {
		memcpy(p + at, reason_ext, sizeof(reason_ext));
		at += sizeof(reason_ext);
		p[at - 1] = (uint8_t)e->reason;
	}
	p[1] = (uint8_t)(at - 2);
	return at;
}

static enum setpki_code
check_entry(const struct builder *b, const struct sp_crl_entry *e, struct setpki_error *err)
{
	if (e->serial.n > SP_SERIAL_MAX || !sp_der_integer_ok(e->serial))
		return sp_fail(err, SETPKI_E_ARGUMENT, "RFC 5280 4.1.2.2",
		    "entry %zu: a serial number of 1 to %u octets, minimal, is needed", b->count + 1, SP_SERIAL_MAX);
	if (e->revoked_at < UTC_BEGIN || e->revoked_at > SP_TIME_MAX)
		return sp_fail(err, SETPKI_E_ARGUMENT, "RFC 5280 5.1.2.6",
		    "entry %zu: the revocation date is out of range", b->count + 1);
	if (b->spec->suite == SETPKI_SUITE_CLASSIC && e->revoked_at >= UTC_END)
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1",
		    "entry %zu: the classic suite has no times after 2049", b->count + 1);
	if (e->reason != -1 && sp_reason_name(e->reason) == NULL)
		return sp_fail(
		    err, SETPKI_E_ARGUMENT, "RFC 5280 5.3.1", "entry %zu: %d is no reason", b->count + 1, e->reason);
	return SETPKI_E_OK;
}

static enum setpki_code
measure(struct builder *b, struct setpki_error *err)
{
	enum setpki_code rc;
	struct sp_crl_entry e;

	b->source->rewind(b->source->arg);
	for (; b->source->next(b->source->arg, &e); b->count++) {
		if ((rc = check_entry(b, &e, err)) != SETPKI_E_OK)
			return rc;
		b->entries_len += entry_len(b, &e);
		if (b->entries_len > SP_CRL_MAX)
			return sp_fail(err, SETPKI_E_LIMIT, NULL, "the CRL would get longer than %u bytes", SP_CRL_MAX);
	}
	return SETPKI_E_OK;
}

/* --- where the bytes go ------------------------------------------------------------------------------------------- */

static enum setpki_code
flush(struct builder *b, struct setpki_error *err)
{
	setpki_bytes piece = {b->piece, b->n};

	b->n = 0;
	if (piece.n == 0)
		return SETPKI_E_OK;
	if (b->md != NULL && EVP_DigestUpdate(b->md, piece.p, piece.n) != 1)
		return sp_fail_crypto(err, "hashing a CRL");
	return b->writing ? b->write(b->write_arg, piece, err) : SETPKI_E_OK;
}

/* Room for `n` bytes, at most ENTRY_MAX or what emit() cuts. */
static enum setpki_code
room(struct builder *b, size_t n, struct setpki_error *err)
{
	return b->n + n <= PIECE ? SETPKI_E_OK : flush(b, err);
}

static enum setpki_code
emit(struct builder *b, setpki_bytes s, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;

	while (rc == SETPKI_E_OK && s.n != 0) {
		size_t n = s.n < PIECE ? s.n : PIECE;

		if ((rc = room(b, n, err)) != SETPKI_E_OK)
			break;
		memcpy(b->piece + b->n, s.p, n);
		b->n += n;
		s = sp_bytes(s.p + n, s.n - n);
	}
	return rc;
}

static enum setpki_code
emit_header(struct builder *b, uint8_t tag, size_t n, struct setpki_error *err)
{
	uint8_t header[6];

	return emit(b, sp_bytes(header, sp_der_header(tag, n, header)), err);
}

static enum setpki_code
changed(struct setpki_error *err)
{
	return sp_fail(err, SETPKI_E_STATE, NULL, "the revocations changed while the CRL was built; build it again");
}

static enum setpki_code
emit_entries(struct builder *b, struct setpki_error *err)
{
	enum setpki_code rc = emit_header(b, SP_SEQUENCE, b->entries_len, err);
	size_t left = b->entries_len, n;
	struct sp_crl_entry e;

	b->source->rewind(b->source->arg);
	while (rc == SETPKI_E_OK && b->source->next(b->source->arg, &e)) {
		if (e.serial.n > SP_SERIAL_MAX || (n = entry_len(b, &e)) > left)
			return changed(err);
		if ((rc = room(b, ENTRY_MAX, err)) == SETPKI_E_OK)
			b->n += put_entry(b, &e, b->piece + b->n);
		left -= n;
	}
	return rc != SETPKI_E_OK || left == 0 ? rc : changed(err);
}

/* --- the parts ---------------------------------------------------------------------------------------------------- */

static size_t
tbs_len(const struct builder *b)
{
	size_t entries = b->count != 0 ? sp_der_header_len(b->entries_len) + b->entries_len : 0;

	return b->head.n + entries + b->tail.n;
}

static enum setpki_code
emit_tbs(struct builder *b, struct setpki_error *err)
{
	enum setpki_code rc = emit_header(b, SP_SEQUENCE, tbs_len(b), err);

	if (rc == SETPKI_E_OK && (rc = emit(b, sp_buf_bytes(&b->head), err)) == SETPKI_E_OK && b->count != 0)
		rc = emit_entries(b, err);
	if (rc == SETPKI_E_OK && (rc = emit(b, sp_buf_bytes(&b->tail), err)) == SETPKI_E_OK)
		rc = flush(b, err);
	return rc;
}

static void
put_number(struct sp_buf *out, uint64_t number)
{
	uint8_t octets[8];
	size_t ext = sp_der_open(out, SP_SEQUENCE), value;

	for (int i = 0; i < 8; i++)
		octets[i] = (uint8_t)(number >> (56 - 8 * i));
	sp_der_put_oid(out, sp_ext_row(SP_EXT_CRL_NUMBER)->oid);
	value = sp_der_open(out, SP_OCTET_STRING);
	sp_der_put_uint(out, SP_BYTES(octets));
	sp_der_close(out, value);
	sp_der_close(out, ext);
}

static enum setpki_code
put_head_and_tail(struct builder *b, struct setpki_error *err)
{
	const struct sp_crl_spec *spec = b->spec;
	size_t wrap, list;

	sp_der_put_int(&b->head, 1);
	sp_buf_add_bytes(&b->head, b->alg);
	sp_buf_add_bytes(&b->head, spec->signer->subject);
	sp_der_put_time(&b->head, spec->this_update);
	sp_der_put_time(&b->head, spec->next_update);
	wrap = sp_der_open(&b->tail, SP_CTXC(0));
	list = sp_der_open(&b->tail, SP_SEQUENCE);
	sp_list_aki_put(&b->tail, spec->signer, spec->suite);
	put_number(&b->tail, spec->number);
	sp_der_close(&b->tail, list);
	sp_der_close(&b->tail, wrap);
	return b->head.failed || b->tail.failed ? sp_fail_memory(err) : SETPKI_E_OK;
}

static enum setpki_code
check_spec(struct builder *b, struct setpki_error *err)
{
	const struct sp_crl_spec *spec = b->spec;

	if (spec->number == 0 || spec->number > INT64_MAX)
		return sp_fail(err, SETPKI_E_ARGUMENT, "RFC 5280 5.2.3", "CRL numbers begin at 1");
	if (spec->next_update <= spec->this_update)
		return sp_fail(err, SETPKI_E_ARGUMENT, "RFC 5280 5.1.2.5", "nextUpdate is not after thisUpdate");
	if (spec->suite == SETPKI_SUITE_CLASSIC && spec->next_update >= UTC_END)
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1", "the classic suite has no times after 2049");
	return sp_list_signer_check(spec->signer, spec->suite, &b->alg, err);
}

/* What stands after the TBS, and the outer header before it. */
static enum setpki_code
emit_rest(struct builder *b, setpki_bytes sig, struct setpki_error *err)
{
	struct sp_buf rest = {0};
	enum setpki_code rc;

	sp_buf_add_bytes(&rest, b->alg);
	sp_der_put_bits(&rest, sig);
	rc = rest.failed ? sp_fail_memory(err) : emit(b, sp_buf_bytes(&rest), err);
	sp_buf_free(&rest);
	return rc == SETPKI_E_OK ? flush(b, err) : rc;
}

static size_t
outer_len(const struct builder *b, size_t sig_len)
{
	size_t tbs = tbs_len(b);

	return sp_der_header_len(tbs) + tbs + b->alg.n + sp_der_header_len(sig_len + 1) + sig_len + 1;
}

static enum setpki_code
digest_begin(setpki_ctx *ctx, struct builder *b, struct setpki_error *err)
{
	if ((b->md = EVP_MD_CTX_new()) == NULL || EVP_DigestInit_ex2(b->md, sp_ctx_md(ctx, b->spec->suite), NULL) != 1)
		return sp_fail_crypto(err, "hashing a CRL");
	return SETPKI_E_OK;
}

static enum setpki_code
digest_sign(struct builder *b, sp_sign_digest_fn *sign, void *sign_arg, struct sp_buf *sig, struct setpki_error *err)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	bool ok = EVP_DigestFinal_ex(b->md, digest, NULL) == 1;

	EVP_MD_CTX_free(b->md);
	b->md = NULL;
	return ok ? sign(sign_arg, digest, sig, err) : sp_fail_crypto(err, "hashing a CRL");
}

/* The signature's length is known: hash and write in one go.  The outer header stands outside what is hashed. */
static enum setpki_code
write_once(setpki_ctx *ctx, struct builder *b, size_t sig_len, sp_sign_digest_fn *sign, void *sign_arg,
    struct sp_buf *sig, struct setpki_error *err)
{
	enum setpki_code rc;

	b->writing = true;
	if ((rc = emit_header(b, SP_SEQUENCE, outer_len(b, sig_len), err)) != SETPKI_E_OK ||
	    (rc = flush(b, err)) != SETPKI_E_OK || (rc = digest_begin(ctx, b, err)) != SETPKI_E_OK ||
	    (rc = emit_tbs(b, err)) != SETPKI_E_OK || (rc = digest_sign(b, sign, sign_arg, sig, err)) != SETPKI_E_OK)
		return rc;
	if (sig->n != sig_len)
		return sp_fail(err, SETPKI_E_CRYPTO, NULL,
		    "the key made a signature of %zu octets, not %zu; "
		    "it is not the signer's",
		    sig->n, sig_len);
	return emit_rest(b, sp_buf_bytes(sig), err);
}

/* An ECDSA signature's length shows only when it is made: hash, sign, then write. */
static enum setpki_code
write_twice(setpki_ctx *ctx, struct builder *b, sp_sign_digest_fn *sign, void *sign_arg, struct sp_buf *sig,
    struct setpki_error *err)
{
	enum setpki_code rc;

	if ((rc = digest_begin(ctx, b, err)) != SETPKI_E_OK || (rc = emit_tbs(b, err)) != SETPKI_E_OK ||
	    (rc = digest_sign(b, sign, sign_arg, sig, err)) != SETPKI_E_OK)
		return rc;
	b->writing = true;
	if ((rc = emit_header(b, SP_SEQUENCE, outer_len(b, sig->n), err)) != SETPKI_E_OK ||
	    (rc = emit_tbs(b, err)) != SETPKI_E_OK)
		return rc;
	return emit_rest(b, sp_buf_bytes(sig), err);
}

enum setpki_code
sp_crl_build(setpki_ctx *ctx, const struct sp_crl_spec *spec, const struct sp_crl_source *source,
    sp_sign_digest_fn *sign, void *sign_arg, sp_write_fn *write, void *write_arg, struct setpki_error *err)
{
	struct builder b = {.spec = spec, .source = source, .write = write, .write_arg = write_arg};
	struct sp_buf sig = {0};
	enum setpki_code rc;

	if ((b.piece = OPENSSL_malloc(PIECE)) == NULL)
		return sp_fail_memory(err);
	if ((rc = check_spec(&b, err)) != SETPKI_E_OK || (rc = measure(&b, err)) != SETPKI_E_OK ||
	    (rc = put_head_and_tail(&b, err)) != SETPKI_E_OK)
		goto out;
	if (spec->signer->key.alg == SP_KEY_RSA)
		rc = write_once(ctx, &b, spec->signer->key.bits / 8, sign, sign_arg, &sig, err);
	else
		rc = write_twice(ctx, &b, sign, sign_arg, &sig, err);
out:
	EVP_MD_CTX_free(b.md);
	OPENSSL_free(b.piece);
	sp_buf_free(&b.head);
	sp_buf_free(&b.tail);
	sp_buf_free(&sig);
	return rc;
}
