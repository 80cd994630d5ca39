/* A cardholder: the PAN comes from a terminal or a descriptor and goes nowhere but into the blinded account. */
#include "ca/file/file.h"
#include "lib/base/time.h"
#include "lib/crypto/account.h"
#include "tools/common/fail.h"
#include "tools/common/secret.h"
#include "tools/setca/issue.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Everything secret of one card, in secure memory. */
struct card {
	char pan[TC_PAN_MAX];
	struct sp_account account;
	uint8_t card_secret[SP_SECRET_LEN], nonce_cca[SP_SECRET_LEN], pan_secret[SP_SECRET_LEN];
	char hex[SETPKI_HEX_TEXT(SP_SECRET_LEN) + 1];
};

static enum setpki_code
read_card(struct issue *i, struct card *c)
{
	struct setpki_error *err = SETCA_ERR(i->s);
	enum setpki_code rc;
	size_t n;

	rc = tc_card_number(i->a->pan_fd, "pan-fd", c->pan, sizeof(c->pan), &n, err);
	return rc == SETPKI_E_OK ? sp_account_parse(c->pan, i->a->expiry, &c->account, err) : rc;
}

static enum setpki_code
check_bin(struct issue *i, const struct card *c)
{
	char bin[7];

	snprintf(bin, sizeof(bin), "%.6s", c->account.pan);
	if (ca_profile_takes_bin(i->profile, bin))
		return SETPKI_E_OK;
	return tc_fail(
	    SETCA_ERR(i->s), SETPKI_E_POLICY, "%s does not take cards that begin with %s (its bins)", i->ca->name, bin);
}

/* PANSecret as an earlier run left it. */
static enum setpki_code
load_secret(const char *path, struct card *c, struct setpki_error *err)
{
	struct sp_buf text = {.secret = true};
	enum setpki_code rc;
	size_t n = 0;

	if ((rc = ca_file_read_secret(path, sizeof(c->hex), &text, err)) == SETPKI_E_OK) {
		snprintf(c->hex, sizeof(c->hex), "%.*s", (int)text.n, (const char *)text.p);
		c->hex[strcspn(c->hex, "\n")] = '\0';
		if (setpki_hex_parse(c->hex, c->pan_secret, sizeof(c->pan_secret), &n, NULL) != SETPKI_E_OK ||
		    n != sizeof(c->pan_secret))
			rc = tc_fail(err, SETPKI_E_PARSE, "%s: is no PANSecret of %d octets", path, SP_SECRET_LEN);
	}
	sp_buf_free(&text);
	return rc;
}

/* CardSecret is the cardholder's share, Nonce-CCA the CA's; here the command draws both (set-protocol 5). */
static enum setpki_code
draw_secret(struct issue *i, const char *path, struct card *c)
{
	struct setpki_error *err = SETCA_ERR(i->s);
	enum setpki_code rc;

	if ((rc = sp_random(i->s->run->ctx, c->card_secret, SP_SECRET_LEN, err)) != SETPKI_E_OK ||
	    (rc = sp_random(i->s->run->ctx, c->nonce_cca, SP_SECRET_LEN, err)) != SETPKI_E_OK)
		return rc;
	sp_pan_secret(c->card_secret, c->nonce_cca, c->pan_secret);
	if (i->a->dry_run)
		return SETPKI_E_OK;
	setpki_hex_text((setpki_bytes){c->pan_secret, SP_SECRET_LEN}, c->hex);
	c->hex[strlen(c->hex)] = '\n';
	return ca_file_create(path, (setpki_bytes){(const uint8_t *)c->hex, 2 * SP_SECRET_LEN + 1}, 0600, err);
}

static enum setpki_code
get_secret(struct issue *i, struct card *c)
{
	char path[4096];
	struct stat st;

	if ((size_t)snprintf(path, sizeof(path), "%s/pan-secret", i->a->out) >= sizeof(path))
		return tc_fail(SETCA_ERR(i->s), SETPKI_E_ARGUMENT, "--out: the path is too long");
	return stat(path, &st) == 0 ? load_secret(path, c, SETCA_ERR(i->s)) : draw_secret(i, path, c);
}

/* The card ends with the last second of its month (set-protocol 12.12). */
static enum setpki_code
set_card_end(struct issue *i)
{
	const char *expiry = i->a->expiry;
	long yyyymm = strtol(expiry, NULL, 10);

	if (strlen(expiry) != 6 || strspn(expiry, "0123456789") != 6 ||
	    !sp_month_end((int)(yyyymm / 100), (int)(yyyymm % 100), &i->req.not_after_max))
		return tc_fail(
		    SETCA_ERR(i->s), SETPKI_E_ARGUMENT, "--expiry takes a month as YYYYMM, not '%.20s'", expiry);
	return SETPKI_E_OK;
}

enum setpki_code
issue_card(struct issue *i)
{
	struct setpki_error *err = SETCA_ERR(i->s);
	enum setpki_code rc;
	struct card *c;

	if (i->a->expiry == NULL || i->a->out == NULL)
		return tc_fail(err, SETPKI_E_ARGUMENT,
		    "a cardholder needs --expiry YYYYMM and --out DIR, where PANSecret is left");
	if ((c = OPENSSL_secure_zalloc(sizeof(*c))) == NULL)
		return tc_fail_memory(err);
	if ((rc = set_card_end(i)) == SETPKI_E_OK && (rc = read_card(i, c)) == SETPKI_E_OK &&
	    (rc = check_bin(i, c)) == SETPKI_E_OK && (rc = get_secret(i, c)) == SETPKI_E_OK)
		rc = sp_account_blind(
		    i->s->run->ctx, i->s->home->policy->suite, &c->account, c->pan_secret, i->common_name, err);
	OPENSSL_secure_clear_free(c, sizeof(*c));
	i->req.common_name = i->common_name;
	return rc;
}
