/* The sealed parts of a request (set-protocol 12.8): AES-256-GCM under a secret that lies with the keys, in no store
 * and no backup of one. */
#include "ca/register/desk.h"

#include "ca/store/codec.h"
#include "lib/crypto/cipher.h"

#include <openssl/crypto.h>
#include <setpki/text.h>
#include <string.h>

#define PARTS_VERSION 3 /* 1 had no account, 2 no cause */
#define SECRET "sealing"

enum setpki_code
ca_desk_key(struct ca_home *h, uint8_t key[32], struct setpki_error *err)
{
	return ca_secret_open(h->ctx, h->keys_dir, SECRET, key, err);
}

static void
free_text(char *s)
{
	if (s != NULL)
		OPENSSL_clear_free(s, strlen(s) + 1);
}

void
ca_desk_parts_free(struct ca_desk_parts *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->nanswers; i++) {
		free_text(p->answers[i].label);
		free_text(p->answers[i].value);
	}
	for (size_t i = 0; i < p->nfailed; i++)
		free_text(p->failed[i].reason);
	free_text(p->id);
	free_text(p->account);
	free_text(p->cause);
	OPENSSL_clear_free((void *)(uintptr_t)p->back_key.p, p->back_key.n);
	OPENSSL_cleanse(p, sizeof(*p));
}

/* --- parts <-> octets -------------------------------------------------------------------------- */

static void
put_parts(struct sp_buf *b, const uint8_t wrapper[32], const struct ca_desk_parts *p)
{
	ca_put_u8(b, PARTS_VERSION);
	sp_buf_add(b, wrapper, 32); /* so that one request's parts never pass for another's */
	sp_buf_add(b, p->nonce_cca, sizeof(p->nonce_cca));
	ca_put_bytes(b, p->back_key);
	ca_put_str(b, p->id);
	ca_put_u8(b, (uint8_t)p->nanswers);
	for (size_t i = 0; i < p->nanswers; i++) {
		ca_put_str(b, p->answers[i].label);
		ca_put_str(b, p->answers[i].value);
	}
	ca_put_u8(b, (uint8_t)p->nfailed);
	for (size_t i = 0; i < p->nfailed; i++) {
		ca_put_u16(b, (uint16_t)p->failed[i].item);
		ca_put_str(b, p->failed[i].reason);
	}
	ca_put_str(b, p->account);
	ca_put_str(b, p->cause);
}

/* A copy of a string that is read; out of memory is bad, as what is sealed cannot be had. */
static char *
get_copy(struct ca_reader *r)
{
	const char *s = ca_get_str(r);
	char *copy = s != NULL ? OPENSSL_strdup(s) : NULL;

	if (s != NULL && copy == NULL)
		r->bad = true;
	return copy;
}

static bool
get_parts(setpki_bytes plain, const uint8_t wrapper[32], struct ca_desk_parts *p)
{
	struct ca_reader r = ca_reader(plain);
	uint8_t whose[32], version = ca_get_u8(&r);
	size_t n;

	if (version < 1 || version > PARTS_VERSION)
		return false;
	ca_get_raw(&r, whose, sizeof(whose));
	ca_get_raw(&r, p->nonce_cca, sizeof(p->nonce_cca));
	p->back_key = sp_bytes_dup(ca_get_bytes(&r));
	p->id = get_copy(&r);
	n = ca_get_enum(&r, CA_DESK_ANSWERS_MAX + 1);
	for (p->nanswers = 0; p->nanswers < n; p->nanswers++) {
		p->answers[p->nanswers].label = get_copy(&r);
		p->answers[p->nanswers].value = get_copy(&r);
	}
	n = ca_get_enum(&r, CA_DESK_ANSWERS_MAX + 1);
	for (p->nfailed = 0; p->nfailed < n; p->nfailed++) {
		p->failed[p->nfailed].item = ca_get_u16(&r);
		p->failed[p->nfailed].reason = get_copy(&r);
	}
	if (version >= 2)
		p->account = get_copy(&r);
	if (version >= 3)
		p->cause = get_copy(&r);
	return ca_get_end(&r) && memcmp(whose, wrapper, sizeof(whose)) == 0;
}

/* --- sealing ----------------------------------------------------------------------------------- */

enum setpki_code
ca_desk_seal(setpki_ctx *ctx, const uint8_t key[32], const uint8_t wrapper[32], const struct ca_desk_parts *p,
    setpki_bytes *out, struct setpki_error *err)
{
	struct sp_buf plain = {.secret = true}, alg = {0}, cipher = {0}, sealed = {0};
	enum setpki_code rc;

	put_parts(&plain, wrapper, p);
	rc = plain.failed ? sp_fail_memory(err)
			  : sp_cipher_seal(ctx, SETPKI_SUITE_MODERN, key, sp_buf_bytes(&plain), &alg, &cipher, err);
	ca_put_bytes(&sealed, sp_buf_bytes(&alg));
	ca_put_bytes(&sealed, sp_buf_bytes(&cipher));
	out->p = sp_buf_take(&sealed, &out->n);
	if (rc == SETPKI_E_OK && out->p == NULL)
		rc = sp_fail_memory(err);
	sp_buf_free(&plain);
	sp_buf_free(&alg);
	sp_buf_free(&cipher);
	return rc;
}

enum setpki_code
ca_desk_unseal(setpki_ctx *ctx, const uint8_t key[32], const struct ca_request_record *rec, struct ca_desk_parts *out,
    struct setpki_error *err)
{
	struct ca_reader r = ca_reader(rec->sealed);
	setpki_bytes alg = ca_get_bytes(&r), cipher = ca_get_bytes(&r);
	struct sp_buf plain = {.secret = true};
	bool good;

	memset(out, 0, sizeof(*out));
	if (rec->sealed.n == 0)
		return sp_fail(err, SETPKI_E_NOTFOUND, "set-protocol 12.8",
		    "the sealed parts of request %llu are erased", (unsigned long long)rec->number);
	good = ca_get_end(&r) &&
	    sp_cipher_open(ctx, SETPKI_SUITE_MODERN, key, alg, cipher, &plain, NULL) == SETPKI_E_OK &&
	    get_parts(sp_buf_bytes(&plain), rec->wrapper, out);
	sp_buf_free(&plain);
	if (good)
		return SETPKI_E_OK;
	ca_desk_parts_free(out);
	return sp_fail(err, SETPKI_E_STATE, "set-protocol 12.8",
	    "what is sealed in request %llu does not open with keys/" SECRET ".secret: put the file back from where "
	    "keys/ is kept",
	    (unsigned long long)rec->number);
}

enum setpki_code
ca_desk_cause(
    setpki_ctx *ctx, const uint8_t key[32], struct ca_request_record *rec, const char *cause, struct setpki_error *err)
{
	struct ca_desk_parts parts;
	setpki_bytes sealed = {NULL, 0};
	enum setpki_code rc = ca_desk_unseal(ctx, key, rec, &parts, err);

	if (rc != SETPKI_E_OK)
		return rc;
	free_text(parts.cause);
	if ((parts.cause = OPENSSL_strdup(cause)) == NULL)
		rc = sp_fail_memory(err);
	else
		setpki_mask_pans(parts.cause);
	if (rc == SETPKI_E_OK && (rc = ca_desk_seal(ctx, key, rec->wrapper, &parts, &sealed, err)) == SETPKI_E_OK) {
		OPENSSL_free((void *)(uintptr_t)rec->sealed.p);
		rec->sealed = sealed;
	}
	ca_desk_parts_free(&parts);
	return rc;
}
