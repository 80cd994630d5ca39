#include "tools/setca/show_keys.h"

#include "ca/file/file.h"
#include "tools/common/fail.h"

#include <openssl/crypto.h>

static enum setpki_code
add_recipient(struct setca *s, const char *path, struct show_keys *out)
{
	struct ca_passphrase ask = {tc_pass_ask, s->pass, tc_pass_wrong};
	size_t i = out->walk.nrecipients;
	enum setpki_code rc = ca_key_open_file(s->run->ctx, path, &ask, path, &out->keys[i], SETCA_ERR(s));

	if (rc != SETPKI_E_OK)
		return rc;
	ca_key_party(out->keys[i], &out->recipients[i]);
	out->walk.nrecipients++;
	return SETPKI_E_OK;
}

/* One line of hex digits. */
static enum setpki_code
read_back_key(const char *path, struct show_keys *out, struct setpki_error *err)
{
	struct sp_buf text = {.secret = true};
	enum setpki_code rc = ca_file_read_secret(path, SETPKI_HEX_TEXT(SP_KEY_MAX) + 2, &text, err);

	while (rc == SETPKI_E_OK && text.n != 0 && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r'))
		text.n--;
	sp_buf_add_byte(&text, '\0');
	if (rc == SETPKI_E_OK && text.failed)
		rc = tc_fail_memory(err);
	if (rc == SETPKI_E_OK)
		rc = setpki_hex_parse(
		    (const char *)text.p, out->back_key, sizeof(out->back_key), &out->walk.back_key.n, err);
	if (rc == SETPKI_E_OK && out->walk.back_key.n == 0)
		rc = tc_fail(err, SETPKI_E_ARGUMENT, "no hex digits in it");
	out->walk.back_key.p = out->back_key;
	sp_buf_free(&text);
	return rc == SETPKI_E_OK ? rc : tc_error_in(err, rc, "--back-key-file %s", path);
}

enum setpki_code
show_keys_open(struct setca *s, const struct show_args *a, struct show_keys *out)
{
	enum setpki_code rc = SETPKI_E_OK;

	out->walk.recipients = out->recipients;
	if (a->key.n > SHOW_KEYS_MAX)
		return tc_fail(SETCA_ERR(s), SETPKI_E_ARGUMENT, "--key is given %zu times; at most %d keys are tried",
		    a->key.n, SHOW_KEYS_MAX);
	for (size_t i = 0; i < a->key.n && rc == SETPKI_E_OK; i++)
		rc = add_recipient(s, a->key.v[i], out);
	if (rc == SETPKI_E_OK && a->back_key_file != NULL)
		rc = read_back_key(a->back_key_file, out, SETCA_ERR(s));
	return rc;
}

void
show_keys_free(struct show_keys *k)
{
	for (size_t i = 0; i < SHOW_KEYS_MAX; i++)
		ca_key_free(k->keys[i]);
	OPENSSL_cleanse(k, sizeof(*k));
}
