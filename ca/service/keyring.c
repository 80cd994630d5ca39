#include "ca/service/keyring.h"

#include "ca/issue/issue.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#define RING_MAX 1024u
#define WHAT_MAX 160u

struct held {
	char what[WHAT_MAX];
	char *pass; /* secure memory */
	size_t n;
};

struct ca_keyring {
	struct ca_passphrase source;
	struct held held[RING_MAX];
	size_t n;
	size_t last;		/* place of the one that was given last; RING_MAX: it is not held */
	size_t opened, refused; /* keys that ca_keyring_try() opened, and could not */
};

struct ca_keyring *
ca_keyring_new(const struct ca_passphrase *source)
{
	struct ca_keyring *k = OPENSSL_zalloc(sizeof(*k));

	if (k != NULL)
		k->source = *source;
	return k;
}

void
ca_keyring_free(struct ca_keyring *k)
{
	if (k == NULL)
		return;
	for (size_t i = 0; i < k->n; i++)
		OPENSSL_secure_clear_free(k->held[i].pass, k->held[i].n + 1);
	OPENSSL_free(k);
}

static enum setpki_code
give(const struct held *held, char *out, size_t cap, size_t *n, struct setpki_error *err)
{
	if (held->n >= cap)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "the passphrase is longer than %zu octets", cap - 1);
	memcpy(out, held->pass, held->n + 1);
	*n = held->n;
	return SETPKI_E_OK;
}

static void
hold(struct ca_keyring *k, const char *what, const char *pass, size_t n)
{
	struct held *to = &k->held[k->n];

	k->last = RING_MAX;
	if (k->n == RING_MAX || strlen(what) >= sizeof(to->what) || (to->pass = OPENSSL_secure_malloc(n + 1)) == NULL)
		return; /* asked for again, then */
	memcpy(to->pass, pass, n);
	to->pass[n] = '\0';
	to->n = n;
	snprintf(to->what, sizeof(to->what), "%s", what);
	k->last = k->n++;
}

static enum setpki_code
ask(void *arg, const char *what, bool confirm, char *out, size_t cap, size_t *n, struct setpki_error *err)
{
	struct ca_keyring *k = arg;
	enum setpki_code rc;

	for (size_t i = 0; i < k->n; i++)
		if (strcmp(k->held[i].what, what) == 0) {
			k->last = i;
			return give(&k->held[i], out, cap, n, err);
		}
	if (k->source.ask == NULL)
		return sp_fail(err, SETPKI_E_STATE, NULL, "there is no passphrase for %s", what);
	if ((rc = k->source.ask(k->source.arg, what, confirm, out, cap, n, err)) == SETPKI_E_OK)
		hold(k, what, out, *n);
	return rc;
}

/* A wrong one is not kept. */
static void
forget_last(struct ca_keyring *k)
{
	if (k->last >= k->n)
		return;
	OPENSSL_secure_clear_free(k->held[k->last].pass, k->held[k->last].n + 1);
	k->held[k->last] = k->held[--k->n];
	k->last = RING_MAX;
}

static bool
wrong(void *arg)
{
	struct ca_keyring *k = arg;

	forget_last(k);
	return k->source.wrong != NULL && k->source.wrong(k->source.arg);
}

struct ca_passphrase
ca_keyring_passphrase(struct ca_keyring *k)
{
	return (struct ca_passphrase){ask, k, wrong};
}

/* --- trying them ------------------------------------------------------------------------------- */

struct trying {
	struct ca_keyring *k;
	struct ca_home *h;
	const struct ca_log *log;
};

static enum setpki_code
try_key(const struct trying *t, uint16_t ca, uint16_t generation, enum ca_purpose purpose, struct setpki_error *err)
{
	struct setpki_error why = {0};
	struct ca_signer s;
	enum setpki_code rc = ca_signer_open(t->h, ca, generation, purpose, &s, &why);

	if (rc == SETPKI_E_OK) {
		t->k->opened++;
		ca_signer_close(&s);
		return rc;
	}
	t->k->refused++;
	if (rc == SETPKI_E_DECRYPT)
		forget_last(t->k);
	ca_log_error(t->log, CA_LOG_WARNING, "key not opened", &why);
	if (rc == SETPKI_E_STORE && err != NULL)
		*err = why;
	return rc == SETPKI_E_STORE ? rc : SETPKI_E_OK;
}

static enum setpki_code
try_ca(void *arg, const struct ca_ca_record *ca, struct setpki_error *err)
{
	const struct trying *t = arg;
	enum setpki_code rc = SETPKI_E_OK;

	for (uint16_t i = 0; ca->here && i < ca->ngenerations; i++) {
		const struct ca_generation *g = &ca->generations[i];

		if (g->state != CA_GEN_ACTIVE && g->state != CA_GEN_CLOSING)
			continue;
		for (unsigned p = 0; rc == SETPKI_E_OK && p < CA_PURPOSE_N; p++)
			if (g->keys[p].uri[0] != '\0')
				rc = try_key(t, ca->id, g->number, (enum ca_purpose)p, err);
	}
	return rc;
}

enum setpki_code
ca_keyring_try(struct ca_keyring *k, struct ca_home *h, const struct ca_log *log, struct setpki_error *err)
{
	struct trying t = {k, h, log};
	ca_txn *txn;
	enum setpki_code rc = ca_txn_begin(h->store, false, &txn, err);

	if (rc != SETPKI_E_OK)
		return rc;
	rc = ca_ca_each(txn, try_ca, &t, err);
	ca_txn_abort(txn);
	return rc;
}

bool
ca_keyring_is_useless(const struct ca_keyring *k)
{
	return k->opened == 0 && k->refused > 0;
}
