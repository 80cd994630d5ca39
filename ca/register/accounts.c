/* An import into the lists, from its beginning to its end; taking entries out. */
#include "ca/register/accounts.h"

#include "ca/home/pan.h"
#include "ca/issue/decide.h"
#include "ca/register/accounts_inner.h"

#include <openssl/crypto.h>
#include <string.h>

enum setpki_code
ca_accounts_grow(void **array, size_t n, size_t *cap, size_t size, size_t most, struct setpki_error *err)
{
	size_t more = *cap != 0 ? 2 * *cap : 64;
	void *p;

	if (n < *cap)
		return SETPKI_E_OK;
	if (n >= most)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "more than %zu entries: import the file in parts", most);
	if ((p = OPENSSL_realloc(*array, more * size)) == NULL)
		return sp_fail_memory(err);
	*array = p;
	*cap = more;
	return SETPKI_E_OK;
}

enum setpki_code
ca_accounts_log(
    struct ca_home *h, ca_txn *t, enum ca_audit_event event, uint16_t ca, const char *detail, struct setpki_error *err)
{
	struct ca_audit_leaf leaf = {.at = h->now, .event = event, .ca = ca, .detail = detail};

	memcpy(leaf.policy_hash, h->policy->hash, sizeof(leaf.policy_hash));
	return ca_audit_append(h, t, &leaf, err);
}

enum setpki_code
ca_accounts_which(struct ca_home *h, const char *name, enum ca_role role, const struct ca_policy_ca **ca, uint16_t *id,
    struct setpki_error *err)
{
	struct ca_ca_record rec = {0};
	enum setpki_code rc;
	ca_txn *t;
	int i;

	if (h->policy == NULL)
		return sp_fail(err, SETPKI_E_STATE, NULL, "no policy is in force; 'setca init POLICY' makes the home");
	if ((i = ca_decide_ca(h->policy, name, role, err)) < 0)
		return err != NULL ? err->code : SETPKI_E_POLICY;
	*ca = &h->policy->cas[i];
	if ((rc = ca_txn_begin(h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_ca_find(t, (*ca)->name, &rec, err)) == SETPKI_E_OK)
		*id = rec.id;
	ca_ca_record_free(&rec);
	ca_txn_abort(t);
	return rc;
}

/* --- an import --------------------------------------------------------------------------------- */

static enum setpki_code
open_key(struct ca_home *h, uint8_t key[32], struct setpki_error *err)
{
	enum setpki_code rc;
	ca_txn *t;

	if ((rc = ca_txn_begin(h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_pan_key(h, t, key, err);
	ca_txn_abort(t);
	return rc;
}

enum setpki_code
ca_accounts_begin(
    struct ca_home *h, const char *ca, enum ca_role role, struct ca_accounts **out, struct setpki_error *err)
{
	struct ca_accounts *a = OPENSSL_zalloc(sizeof(*a));
	enum setpki_code rc;
	uint64_t left;

	*out = NULL;
	if (a == NULL)
		return sp_fail_memory(err);
	a->h = h;
	a->has_key = role == CA_ROLE_CARDHOLDER;
	rc = ca_accounts_which(h, ca, role, &a->ca, &a->id, err);
	if (rc == SETPKI_E_OK)
		rc = ca_store_headroom(h->store, &left, err);
	if (rc == SETPKI_E_OK && a->has_key)
		rc = open_key(h, a->key, err);
	if (rc != SETPKI_E_OK) {
		ca_accounts_free(a);
		return rc;
	}
	*out = a;
	return SETPKI_E_OK;
}

const char *
ca_accounts_ca(const struct ca_accounts *a)
{
	return a->ca->name;
}

void
ca_accounts_free(struct ca_accounts *a)
{
	if (a == NULL)
		return;
	OPENSSL_free(a->cards);
	OPENSSL_free(a->holders);
	OPENSSL_clear_free(a, sizeof(*a));
}

/* Notes down which secret the hashes are under, with the first of them. */
static enum setpki_code
note_key(struct ca_accounts *a, ca_txn *t, struct setpki_error *err)
{
	uint8_t key[32];
	enum setpki_code rc;

	if (!a->has_key)
		return SETPKI_E_OK;
	rc = ca_pan_key(a->h, t, key, err);
	OPENSSL_cleanse(key, sizeof(key));
	return rc;
}

static enum setpki_code
log_batch(struct ca_accounts *a, ca_txn *t, const struct ca_accounts_result *r, struct setpki_error *err)
{
	char detail[160];

	snprintf(detail, sizeof(detail), "list of %s: %zu added, %zu changed", a->ca->name, r->added, r->changed);
	return ca_accounts_log(a->h, t, CA_AUDIT_ACCOUNTS_IMPORTED, a->id, detail, err);
}

/* One transaction: numbers `from` to `to`.  Nothing changed: nothing is written, not even a leaf. */
static enum setpki_code
commit_batch(struct ca_accounts *a, ca_accounts_put_fn *put, size_t from, size_t to, struct ca_accounts_result *out,
    struct setpki_error *err)
{
	struct ca_accounts_result r = {0};
	enum setpki_code rc;
	ca_txn *t;

	if ((rc = ca_txn_begin(a->h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = note_key(a, t, err);
	for (size_t i = from; rc == SETPKI_E_OK && i < to; i++)
		rc = put(a, t, i, &r, err);
	if (rc == SETPKI_E_OK && r.added + r.changed > 0 && (rc = log_batch(a, t, &r, err)) == SETPKI_E_OK) {
		rc = ca_txn_commit(t, err);
	} else {
		ca_txn_abort(t);
	}
	if (rc != SETPKI_E_OK)
		return rc;
	out->added += r.added;
	out->changed += r.changed;
	out->same += r.same;
	return SETPKI_E_OK;
}

static enum setpki_code
commit_all(
    struct ca_accounts *a, ca_accounts_put_fn *put, size_t n, struct ca_accounts_result *out, struct setpki_error *err)
{
	enum setpki_code rc;

	for (size_t i = 0; i < n; i += CA_ACCOUNTS_BATCH) {
		size_t to = i + CA_ACCOUNTS_BATCH < n ? i + CA_ACCOUNTS_BATCH : n;

		if ((rc = commit_batch(a, put, i, to, out, err)) != SETPKI_E_OK)
			return i == 0
			    ? rc
			    : sp_error_in(err, rc, "%zu of %zu entries are in the list; import the file again", i, n);
	}
	return SETPKI_E_OK;
}

enum setpki_code
ca_accounts_commit(struct ca_accounts *a, struct ca_accounts_result *out, struct setpki_error *err)
{
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	if ((rc = ca_accounts_sort_cards(a, out, err)) != SETPKI_E_OK ||
	    (rc = ca_accounts_sort_holders(a, out, err)) != SETPKI_E_OK ||
	    (rc = commit_all(a, ca_accounts_put_card, a->ncards, out, err)) != SETPKI_E_OK)
		return rc;
	return commit_all(a, ca_accounts_put_holder, a->nholders, out, err);
}

/* --- taking out -------------------------------------------------------------------------------- */

enum setpki_code
ca_accounts_find_card(
    struct ca_home *h, const char *ca, const char *pan, struct ca_account_record *out, struct setpki_error *err)
{
	const struct ca_policy_ca *which;
	uint8_t key[32], hash[32];
	enum setpki_code rc;
	uint16_t id;
	ca_txn *t;

	memset(out, 0, sizeof(*out));
	if ((rc = ca_accounts_which(h, ca, CA_ROLE_CARDHOLDER, &which, &id, err)) != SETPKI_E_OK ||
	    (rc = ca_txn_begin(h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_pan_key(h, t, key, err)) == SETPKI_E_OK)
		rc = ca_pan_hash(h->ctx, key, pan, hash, err);
	if (rc == SETPKI_E_OK)
		rc = ca_account_get(t, id, hash, out, err);
	OPENSSL_cleanse(key, sizeof(key));
	ca_txn_abort(t);
	return rc;
}

enum setpki_code
ca_accounts_find_holder(struct ca_home *h, const char *ca, enum ca_role role, const char *bin, const char *id,
    struct ca_holder_record *out, struct setpki_error *err)
{
	const struct ca_policy_ca *which;
	enum setpki_code rc;
	uint16_t number;
	ca_txn *t;

	memset(out, 0, sizeof(*out));
	if ((rc = ca_accounts_which(h, ca, role, &which, &number, err)) != SETPKI_E_OK ||
	    (rc = ca_txn_begin(h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_holder_get(t, number, (uint8_t)role, bin, id, out, err);
	ca_txn_abort(t);
	return rc;
}

enum setpki_code
ca_accounts_remove_card(struct ca_home *h, const struct ca_account_record *rec, struct setpki_error *err)
{
	enum setpki_code rc;
	char detail[64];
	ca_txn *t;

	snprintf(detail, sizeof(detail), "card %s...%s", rec->first_six, rec->last_four);
	if ((rc = ca_txn_begin(h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_account_del(t, rec->ca, rec->hash, err)) == SETPKI_E_OK &&
	    (rc = ca_accounts_log(h, t, CA_AUDIT_ACCOUNTS_REMOVED, rec->ca, detail, err)) == SETPKI_E_OK)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

const char *
ca_holder_text(const struct ca_holder_record *rec, char out[CA_HOLDER_TEXT])
{
	snprintf(out, CA_HOLDER_TEXT, "%s%s%s of the acquirer with BIN %s", ca_role_name((enum ca_role)rec->role),
	    rec->id[0] != '\0' ? " " : "", rec->id, rec->bin);
	return out;
}

enum setpki_code
ca_accounts_remove_holder(struct ca_home *h, const struct ca_holder_record *rec, struct setpki_error *err)
{
	char detail[CA_HOLDER_TEXT];
	enum setpki_code rc;
	ca_txn *t;

	ca_holder_text(rec, detail);
	if ((rc = ca_txn_begin(h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_holder_del(t, rec->ca, rec->role, rec->bin, rec->id, err)) == SETPKI_E_OK &&
	    (rc = ca_accounts_log(h, t, CA_AUDIT_ACCOUNTS_REMOVED, rec->ca, detail, err)) == SETPKI_E_OK)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

struct clearing {
	ca_txn *t;
	size_t n;
};

static enum setpki_code
clear_card(void *arg, const struct ca_account_record *rec, struct setpki_error *err)
{
	struct clearing *c = arg;

	if (c->n == CA_ACCOUNTS_BATCH)
		return SETPKI_E_STATE;
	c->n++;
	return ca_account_del(c->t, rec->ca, rec->hash, err);
}

static enum setpki_code
clear_holder(void *arg, const struct ca_holder_record *rec, struct setpki_error *err)
{
	struct clearing *c = arg;

	if (c->n == CA_ACCOUNTS_BATCH)
		return SETPKI_E_STATE;
	c->n++;
	return ca_holder_del(c->t, rec->ca, rec->role, rec->bin, rec->id, err);
}

static enum setpki_code
clear_batch(struct ca_home *h, uint16_t ca, size_t *n, struct setpki_error *err)
{
	struct clearing c = {0};
	enum setpki_code rc;
	char detail[64];

	*n = 0;
	if ((rc = ca_txn_begin(h->store, true, &c.t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_account_each(c.t, ca, NULL, clear_card, &c, err)) == SETPKI_E_OK)
		rc = ca_holder_each(c.t, ca, NULL, clear_holder, &c, err);
	snprintf(detail, sizeof(detail), "%zu entries", c.n);
	if (rc == SETPKI_E_OK && c.n > 0 &&
	    (rc = ca_accounts_log(h, c.t, CA_AUDIT_ACCOUNTS_REMOVED, ca, detail, err)) == SETPKI_E_OK) {
		*n = c.n;
		return ca_txn_commit(c.t, err);
	}
	ca_txn_abort(c.t);
	return rc;
}

enum setpki_code
ca_accounts_clear(struct ca_home *h, uint16_t ca, size_t *n, struct setpki_error *err)
{
	enum setpki_code rc;
	size_t some;

	*n = 0;
	do {
		rc = clear_batch(h, ca, &some, err);
		*n += some;
	} while (rc == SETPKI_E_OK && some > 0);
	return rc;
}
