/* Making the keys of a generation.  A key is a file before it is a record; a run that ended in between leaves a file
 * that no record names, and the next run takes that file over, or leaves it alone and takes another name. */
#include "ca/hierarchy/run.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMES_MAX 9 /* files of one key that may be in the way */

/* One key to be made. */
struct making {
	struct ca_run *r;
	char base[CA_NAME_MAX + 48]; /* "card-1-certificate-signing" */
	char what[128];
	enum sp_keyalg alg;
	unsigned bits;
	bool protected;
	ca_key *key; /* out */
	char *uri;
};

static bool
key_file_exists(const struct making *m, const char *name)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/%s.key", m->r->h->keys_dir, name);

	return n > 0 && (size_t)n < sizeof(path) && access(path, F_OK) == 0;
}

/* Takes over the key in a file that no record names, if it is what the policy asks for: *fits.  A file that cannot be
 * read as a key is left where it is. */
static enum setpki_code
adopt(struct making *m, const char *name, bool *fits, struct setpki_error *err)
{
	struct ca_home *h = m->r->h;
	size_t asked = ca_pass_cache_used(m->r->pass);
	char uri[160];
	const struct sp_spki *k;
	enum setpki_code rc;

	*fits = false;
	snprintf(uri, sizeof(uri), "file:%s.key", name);
	rc = ca_key_open(h->ctx, h->keys_dir, uri, &h->pass, m->what, &m->key, err);
	if (rc == SETPKI_E_PARSE || rc == SETPKI_E_SUITE) {
		setpki_error_clear(err);
		return SETPKI_E_OK;
	}
	if (rc != SETPKI_E_OK)
		return sp_error_in(
		    err, rc, "%s/%s.key, left by an interrupted run (move it away to start anew)", h->keys_dir, name);
	k = ca_key_spki(m->key);
	*fits = k->alg == m->alg && k->bits == m->bits && (!m->protected || ca_pass_cache_used(m->r->pass) != asked);
	if (*fits && (m->uri = OPENSSL_strdup(uri)) == NULL)
		return sp_fail_memory(err);
	if (!*fits) {
		ca_key_free(m->key);
		m->key = NULL;
	}
	return SETPKI_E_OK;
}

static enum setpki_code
make_or_adopt(struct making *m, struct setpki_error *err)
{
	struct ca_home *h = m->r->h;
	char name[sizeof(m->base) + 8];
	bool fits;
	enum setpki_code rc;
	int i;

	for (i = 1; i <= NAMES_MAX; i++) {
		snprintf(name, sizeof(name), i == 1 ? "%s" : "%s.%d", m->base, i);
		if (!key_file_exists(m, name))
			return ca_key_make(h->ctx, h->keys_dir, name, m->alg, m->bits, m->protected ? &h->pass : NULL,
			    m->what, &m->key, &m->uri, err);
		if ((rc = adopt(m, name, &fits, err)) != SETPKI_E_OK || fits)
			return rc;
	}
	return sp_fail(err, SETPKI_E_CONFLICT, NULL, "%d files called %s*.key are in the way in %s; move them away",
	    NAMES_MAX, m->base, h->keys_dir);
}

/* --- recording --------------------------------------------------------------------------------- */

static enum setpki_code
never_certified(ca_txn *t, const struct making *m, const uint8_t identity[32], struct setpki_error *err)
{
	struct ca_cert_record old = {0};
	enum setpki_code rc = ca_cert_by_key(t, identity, &old, err);

	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		return SETPKI_E_OK;
	}
	ca_cert_record_free(&old);
	if (rc != SETPKI_E_OK)
		return rc;
	return sp_fail(err, SETPKI_E_CONFLICT, "set-protocol 12.11",
	    "the key in %s is certified already; move the file away, a new key will be made", m->uri);
}

static enum setpki_code
record_in(ca_txn *t, const struct making *m, const struct ca_step *step, bool next_root, struct setpki_error *err)
{
	struct ca_home *h = m->r->h;
	const struct ca_policy_ca *c = &h->policy->cas[step->ca];
	setpki_bytes spki = ca_key_spki(m->key)->whole;
	struct ca_ca_record rec = {0};
	struct ca_generation *g;
	uint8_t identity[32];
	enum setpki_code rc;

	if ((rc = sp_spki_identity(h->ctx, ca_key_spki(m->key), identity, err)) != SETPKI_E_OK ||
	    (rc = never_certified(t, m, identity, err)) != SETPKI_E_OK ||
	    (rc = ca_ca_find(t, c->name, &rec, err)) != SETPKI_E_OK)
		goto out;
	if ((g = ca_state_generation(&rec, step->generation)) == NULL) {
		rc = sp_fail(err, SETPKI_E_STATE, NULL, "%s has no generation %u", c->name, step->generation);
		goto out;
	}
	if (next_root) {
		snprintf(g->next_root_uri, sizeof(g->next_root_uri), "%s", m->uri);
	} else {
		snprintf(g->keys[step->purpose].uri, sizeof(g->keys[step->purpose].uri), "%s", m->uri);
		memcpy(g->keys[step->purpose].identity, identity, sizeof(identity));
	}
	if ((rc = ca_state_spki_put(t, rec.id, step->generation,
		 next_root ? CA_SLOT_NEXT_ROOT : (unsigned)step->purpose, spki, err)) == SETPKI_E_OK &&
	    (rc = ca_ca_put(t, &rec, err)) == SETPKI_E_OK)
		rc = ca_state_audit(h, t, CA_AUDIT_KEY_MADE, rec.id, err, "%s", m->what);
out:
	ca_ca_record_free(&rec);
	return rc;
}

static enum setpki_code
record(const struct making *m, const struct ca_step *step, bool next_root, struct setpki_error *err)
{
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = ca_txn_begin(m->r->h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = record_in(t, m, step, next_root, err)) == SETPKI_E_OK)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

static enum setpki_code
have_key(struct ca_run *r, const struct ca_step *step, bool next_root, bool *have, struct setpki_error *err)
{
	struct ca_ca_record rec = {0};
	const struct ca_generation *g;
	ca_txn *t;
	enum setpki_code rc;

	*have = false;
	if ((rc = ca_txn_begin(r->h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_ca_find(t, r->h->policy->cas[step->ca].name, &rec, err);
	if (rc == SETPKI_E_OK && (g = ca_state_generation(&rec, step->generation)) != NULL)
		*have = (next_root ? g->next_root_uri : g->keys[step->purpose].uri)[0] != '\0';
	ca_ca_record_free(&rec);
	ca_txn_abort(t);
	return rc;
}

static enum setpki_code
make_step(struct ca_run *r, const struct ca_step *step, bool next_root, struct setpki_error *err)
{
	const struct ca_policy_ca *c = &r->h->policy->cas[step->ca];
	unsigned generation = step->generation + (next_root ? 1u : 0u);
	struct making m = {.r = r,
	    .alg = c->keys[step->purpose].alg,
	    .bits = c->keys[step->purpose].bits,
	    .protected = next_root ? c->next_key_passphrase : c->passphrase};
	enum setpki_code rc;
	bool have;

	if ((rc = have_key(r, step, next_root, &have, err)) != SETPKI_E_OK || have)
		return rc;
	snprintf(m.base, sizeof(m.base), "%s-%u-%s", c->name, generation, ca_purpose_name(step->purpose));
	snprintf(m.what, sizeof(m.what), "%s, %s, generation %u%s", c->name, ca_purpose_name(step->purpose), generation,
	    next_root ? " (the next root's key)" : "");
	ca_pass_cache_own(r->pass, next_root && m.protected && !r->h->policy->test);
	if ((rc = make_or_adopt(&m, err)) == SETPKI_E_OK)
		rc = record(&m, step, next_root, err);
	ca_pass_cache_own(r->pass, false);
	ca_key_free(m.key);
	OPENSSL_free(m.uri);
	return rc;
}

enum setpki_code
ca_step_key(struct ca_run *r, const struct ca_step *step, struct setpki_error *err)
{
	return make_step(r, step, false, err);
}

enum setpki_code
ca_step_next_key(struct ca_run *r, const struct ca_step *step, struct setpki_error *err)
{
	return make_step(r, step, true, err);
}
