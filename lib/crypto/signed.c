/* S and SO: making. */
#include "lib/crypto/signed.h"

#include "lib/crypto/party.h"
#include "lib/crypto/signed_inner.h"
#include "lib/der/writer.h"

static const uint8_t oid_content_type[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03};
static const uint8_t oid_message_digest[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04};
/* rsaEncryption NULL; ecdsa-with-SHA256, parameters absent */
static const uint8_t alg_rsa[] = {
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
static const uint8_t alg_ecdsa[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};

setpki_bytes
sp_signer_alg(const EVP_PKEY *key)
{
	return EVP_PKEY_is_a(key, "RSA") ? SP_BYTES(alg_rsa) : SP_BYTES(alg_ecdsa);
}

static void
put_attribute(struct sp_buf *out, setpki_bytes oid, uint8_t tag, setpki_bytes value)
{
	size_t seq = sp_der_open(out, SP_SEQUENCE), set;

	sp_der_put_oid(out, oid);
	set = sp_der_open(out, SP_SET);
	sp_der_put(out, tag, value);
	sp_der_close(out, set);
	sp_der_close(out, seq);
}

void
sp_signed_attributes(struct sp_buf *out, enum sp_content type, setpki_bytes digest)
{
	size_t seq = sp_der_open(out, SP_SEQUENCE);

	put_attribute(out, SP_BYTES(oid_content_type), SP_OID, SP_CONTENT_OID(type));
	put_attribute(out, SP_BYTES(oid_message_digest), SP_OCTET_STRING, digest);
	sp_der_close(out, seq);
}

void
sp_party_put(struct sp_buf *out, const struct setpki_party *p)
{
	static const uint8_t nobody[] = {0x30, 0x00}, zero[] = {0x00};
	bool certified = p->issuer.n != 0;
	size_t seq = sp_der_open(out, SP_SEQUENCE);

	sp_buf_add_bytes(out, certified ? p->issuer : SP_BYTES(nobody));
	sp_der_put(out, SP_INTEGER, certified ? p->serial : SP_BYTES(zero));
	sp_der_close(out, seq);
}

static enum setpki_code
put_signer(setpki_ctx *ctx, const struct sp_suite *suite, const struct setpki_party *p, setpki_bytes attributes,
    struct sp_buf *out, struct setpki_error *err)
{
	struct sp_buf sig = {0};
	enum setpki_code rc = sp_party_sign(ctx, suite->id, p, attributes, &sig, err);
	size_t seq = sp_der_open(out, SP_SEQUENCE), tagged;

	sp_der_put_int(out, 2);
	sp_party_put(out, p);
	sp_buf_add_bytes(out, suite->digest_alg);
	tagged = sp_der_open(out, SP_CTXC(2));
	sp_buf_add_bytes(out, attributes);
	sp_der_close(out, tagged);
	sp_buf_add_bytes(out, sp_signer_alg(p->key));
	sp_der_put_octets(out, sp_buf_bytes(&sig));
	sp_der_close(out, seq);
	sp_buf_free(&sig);
	return rc;
}

static void
put_beside(struct sp_buf *out, uint8_t tag, const setpki_bytes *v, size_t n)
{
	size_t mark;

	if (n == 0)
		return;
	mark = sp_der_open(out, tag);
	for (size_t i = 0; i < n; i++)
		sp_buf_add_bytes(out, v[i]);
	sp_der_close(out, mark);
}

static void
put_content(struct sp_buf *out, const struct sp_sign_ask *ask)
{
	size_t info = sp_der_open(out, SP_SEQUENCE), tagged;

	sp_der_put_oid(out, SP_CONTENT_OID(ask->type));
	if (!ask->detached) {
		tagged = sp_der_open(out, SP_CTXC(0));
		sp_buf_add_bytes(out, ask->content);
		sp_der_close(out, tagged);
	}
	sp_der_close(out, info);
}

enum setpki_code
sp_sdata_put(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_sign_ask *ask, struct sp_buf *out,
    struct setpki_error *err)
{
	const struct sp_suite *s = sp_suite(suite);
	struct sp_buf attributes = {0};
	uint8_t digest[SP_DIGEST_MAX];
	enum setpki_code rc;
	size_t seq, list;

	if (s == NULL || ask->nsigners > SP_SIGNERS_MAX)
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 12.3", "%zu signers (at most %u), or no suite",
		    ask->nsigners, SP_SIGNERS_MAX);
	if ((rc = sp_hash(ctx, suite, ask->content, digest, err)) != SETPKI_E_OK)
		return rc;
	sp_signed_attributes(&attributes, ask->type, sp_bytes(digest, s->digest_len));
	seq = sp_der_open(out, SP_SEQUENCE);
	sp_der_put_int(out, 2);
	list = sp_der_open(out, SP_SEQUENCE);
	sp_buf_add_bytes(out, s->digest_alg);
	sp_der_close(out, list);
	put_content(out, ask);
	put_beside(out, SP_CTXC(2), ask->certs, ask->ncerts);
	put_beside(out, SP_CTXC(3), ask->crls, ask->ncrls);
	list = sp_der_open(out, SP_SEQUENCE);
	for (size_t i = 0; rc == SETPKI_E_OK && i < ask->nsigners; i++)
		rc = put_signer(ctx, s, &ask->signers[i], sp_buf_bytes(&attributes), out, err);
	sp_der_close(out, list);
	sp_der_close(out, seq);
	if (rc == SETPKI_E_OK && (attributes.failed || out->failed))
		rc = sp_fail_memory(err);
	sp_buf_free(&attributes);
	return rc;
}
