/* Passphrases of one run. */
#include "ca/hierarchy/pass.h"

#include <openssl/crypto.h>
#include <string.h>

#define KEPT_MAX 64
#define PASSPHRASE_MAX 1024

struct ca_pass_cache {
	struct ca_passphrase inner;
	struct {
		char what[128];
		char *text; /* OPENSSL_secure_malloc, where the tool has set that up */
		size_t n;
	} kept[KEPT_MAX];
	size_t n, used, last; /* of `kept`: the one that was given last; KEPT_MAX: none of them */
	bool own;
};

static void
keep(struct ca_pass_cache *c, const char *what, const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < c->n && strcmp(c->kept[i].what, what) != 0; i++)
		continue;
	c->last = i;
	if (i == KEPT_MAX)
		return; /* asked again, then */
	if (i < c->n)
		OPENSSL_secure_clear_free(c->kept[i].text, c->kept[i].n + 1);
	else
		c->n++;
	snprintf(c->kept[i].what, sizeof(c->kept[i].what), "%s", what);
	c->kept[i].n = 0;
	if ((c->kept[i].text = OPENSSL_secure_malloc(n + 1)) != NULL) {
		memcpy(c->kept[i].text, text, n);
		c->kept[i].n = n;
	}
}

/* Whether this passphrase was given for another key before. */
static bool
is_shared(const struct ca_pass_cache *c, const char *what, const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->kept[i].text != NULL && c->kept[i].n == n && strcmp(c->kept[i].what, what) != 0 &&
		    CRYPTO_memcmp(c->kept[i].text, text, n) == 0)
			return true;
	return false;
}

static enum setpki_code
ask(void *arg, const char *what, bool confirm, char *out, size_t cap, size_t *n, struct setpki_error *err)
{
	struct ca_pass_cache *c = arg;
	enum setpki_code rc;
	size_t i;

	c->used++;
	c->last = KEPT_MAX;
	for (i = 0; !confirm && i < c->n; i++) {
		if (strcmp(c->kept[i].what, what) != 0 || c->kept[i].text == NULL || c->kept[i].n > cap)
			continue;
		memcpy(out, c->kept[i].text, c->kept[i].n);
		*n = c->kept[i].n;
		c->last = i;
		return SETPKI_E_OK;
	}
	if ((rc = c->inner.ask(c->inner.arg, what, confirm, out, cap, n, err)) != SETPKI_E_OK || *n > PASSPHRASE_MAX)
		return rc;
	if (c->own && is_shared(c, what, out, *n)) {
		OPENSSL_cleanse(out, *n);
		return sp_fail(err, SETPKI_E_POLICY, "set-protocol 12.15",
		    "%s needs a passphrase of its own: whoever has both keys can forge a succession (--passphrase-fd "
		    "takes "
		    "it as a second line)",
		    what);
	}
	keep(c, what, out, *n);
	return SETPKI_E_OK;
}

/* A wrong one is not kept. */
static bool
wrong(void *arg)
{
	struct ca_pass_cache *c = arg;

	if (c->last < c->n) {
		OPENSSL_secure_clear_free(c->kept[c->last].text, c->kept[c->last].n + 1);
		c->kept[c->last].text = NULL;
		c->kept[c->last].n = 0;
	}
	return c->inner.wrong != NULL && c->inner.wrong(c->inner.arg);
}

enum setpki_code
ca_pass_cache_open(struct ca_home *h, struct ca_pass_cache **out, struct setpki_error *err)
{
	struct ca_pass_cache *c;

	*out = NULL;
	if (h->pass.ask == NULL)
		return SETPKI_E_OK;
	if ((c = OPENSSL_zalloc(sizeof(*c))) == NULL)
		return sp_fail_memory(err);
	c->inner = h->pass;
	h->pass = (struct ca_passphrase){ask, c, wrong};
	*out = c;
	return SETPKI_E_OK;
}

void
ca_pass_cache_close(struct ca_home *h, struct ca_pass_cache *c)
{
	size_t i;

	if (c == NULL)
		return;
	h->pass = c->inner;
	for (i = 0; i < c->n; i++)
		if (c->kept[i].text != NULL)
			OPENSSL_secure_clear_free(c->kept[i].text, c->kept[i].n + 1);
	OPENSSL_clear_free(c, sizeof(*c));
}

void
ca_pass_cache_own(struct ca_pass_cache *c, bool own)
{
	if (c != NULL)
		c->own = own;
}

size_t
ca_pass_cache_used(const struct ca_pass_cache *c)
{
	return c != NULL ? c->used : 0;
}
