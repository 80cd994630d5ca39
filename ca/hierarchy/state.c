/* Reading the CAs of policy and store side by side. */
#include "ca/hierarchy/state.h"

#include "ca/issue/spec.h"

#include <openssl/crypto.h>
#include <setpki/text.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define META_ONLY "hierarchy.only" /* set where a home was made for one CA: new CAs are not at home here */

struct ca_generation *
ca_state_generation(const struct ca_ca_record *rec, uint16_t number)
{
	size_t i;

	for (i = 0; i < rec->ngenerations; i++)
		if (rec->generations[i].number == number)
			return &rec->generations[i];
	return NULL;
}

struct ca_generation *
ca_state_newest(const struct ca_ca_record *rec)
{
	struct ca_generation *best = NULL, *g;
	size_t i;

	for (i = 0; i < rec->ngenerations; i++) {
		g = &rec->generations[i];
		if (g->state == CA_GEN_ACTIVE &&
		    (best == NULL || best->state != CA_GEN_ACTIVE || g->number > best->number))
			best = g;
		if (g->state == CA_GEN_WAITING && best == NULL)
			best = g;
	}
	return best;
}

int
ca_state_index(const struct ca_state *s, uint16_t id)
{
	size_t i;

	for (i = 0; i < s->policy->ncas; i++)
		if (s->known[i] && s->v[i].id == id)
			return (int)i;
	return -1;
}

enum setpki_code
ca_state_add_generation(
    struct ca_ca_record *rec, uint16_t number, uint16_t superior_generation, struct setpki_error *err)
{
	struct ca_generation *v = OPENSSL_realloc(rec->generations, (rec->ngenerations + 1u) * sizeof(*v));

	if (v == NULL)
		return sp_fail_memory(err);
	rec->generations = v;
	v[rec->ngenerations] = (struct ca_generation){
	    .number = number, .superior_generation = superior_generation, .state = CA_GEN_WAITING};
	rec->ngenerations++;
	if (number > rec->generation)
		rec->generation = number;
	return SETPKI_E_OK;
}

bool
ca_state_complete(const struct ca_policy_ca *ca, const struct ca_generation *g)
{
	int p;

	for (p = 0; p < CA_PURPOSE_N; p++)
		if (ca->keys[p].present && g->keys[p].seq == 0)
			return false;
	return true;
}

void
ca_state_activate(const struct ca_policy_ca *ca, struct ca_ca_record *rec, uint16_t number)
{
	struct ca_generation *g = ca_state_generation(rec, number);
	size_t i;

	if (g == NULL || g->state != CA_GEN_WAITING || !ca_state_complete(ca, g))
		return;
	g->state = CA_GEN_ACTIVE;
	for (i = 0; i < rec->ngenerations; i++)
		if (rec->generations[i].number < number && rec->generations[i].state == CA_GEN_ACTIVE)
			rec->generations[i].state = CA_GEN_CLOSING;
}

/* --- reading ----------------------------------------------------------------------------------- */

/* A CA as it will be recorded. */
static enum setpki_code
new_record(const struct ca_state *s, int i, const char *only, bool home_of_one, struct setpki_error *err)
{
	const struct ca_policy_ca *c = &s->policy->cas[i];
	struct ca_ca_record *rec = &s->v[i];
	const struct ca_generation *superior = c->parent < 0 ? NULL : ca_state_newest(&s->v[c->parent]);

	snprintf(rec->name, sizeof(rec->name), "%s", c->name);
	rec->type = c->type;
	rec->parent = c->parent < 0 ? 0 : s->v[c->parent].id;
	rec->brand = c->brand < 0 ? 0 : s->v[c->brand].id;
	rec->here = only != NULL ? strcmp(only, c->name) == 0 : !c->offline && !home_of_one;
	return ca_state_add_generation(rec, 1, superior != NULL ? superior->number : 0, err);
}

static enum setpki_code
read_one(ca_txn *t, struct ca_state *s, int i, const char *only, bool home_of_one, struct setpki_error *err)
{
	const char *name = s->policy->cas[i].name;
	enum setpki_code rc = t == NULL ? SETPKI_E_NOTFOUND : ca_ca_find(t, name, &s->v[i], err);

	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		return new_record(s, i, only, home_of_one, err);
	}
	if (rc != SETPKI_E_OK)
		return rc;
	s->known[i] = true;
	if (only != NULL && strcmp(only, name) == 0)
		s->v[i].here = true;
	return SETPKI_E_OK;
}

enum setpki_code
ca_state_read_in(
    ca_txn *t, const struct ca_policy *policy, const char *only, struct ca_state *out, struct setpki_error *err)
{
	setpki_bytes mark = {NULL, 0};
	enum setpki_code rc = SETPKI_E_OK;
	size_t i;

	memset(out, 0, sizeof(*out));
	if (only != NULL && ca_spec_find(policy, only, err) < 0)
		return SETPKI_E_NOTFOUND;
	if (t != NULL && (rc = ca_meta_get(t, META_ONLY, &mark, err)) == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		rc = SETPKI_E_OK;
	}
	if (rc != SETPKI_E_OK)
		return rc;
	out->policy = policy;
	out->v = OPENSSL_zalloc(policy->ncas * sizeof(*out->v));
	out->known = OPENSSL_zalloc(policy->ncas * sizeof(*out->known));
	if (out->v == NULL || out->known == NULL)
		rc = sp_fail_memory(err);
	for (i = 0; i < policy->ncas && rc == SETPKI_E_OK; i++)
		rc = read_one(t, out, (int)i, only, mark.n != 0, err);
	if (rc != SETPKI_E_OK)
		ca_state_free(out);
	return rc;
}

enum setpki_code
ca_state_read(
    struct ca_home *h, const struct ca_policy *policy, const char *only, struct ca_state *out, struct setpki_error *err)
{
	ca_txn *t = NULL;
	enum setpki_code rc;

	if (h != NULL && (rc = ca_txn_begin(h->store, false, &t, err)) != SETPKI_E_OK) {
		memset(out, 0, sizeof(*out));
		return rc;
	}
	rc = ca_state_read_in(t, policy, only, out, err);
	ca_txn_abort(t);
	return rc;
}

enum setpki_code
ca_state_mark_only(ca_txn *t, const char *only, struct setpki_error *err)
{
	return ca_meta_put(t, META_ONLY, sp_bytes_str(only), err);
}

void
ca_state_free(struct ca_state *s)
{
	size_t i;

	for (i = 0; s->v != NULL && i < s->policy->ncas; i++)
		ca_ca_record_free(&s->v[i]);
	OPENSSL_free(s->v);
	OPENSSL_free(s->known);
	memset(s, 0, sizeof(*s));
}

/* --- small things kept beside the records ------------------------------------------------------ */

static const char *
spki_name(uint16_t ca, uint16_t generation, unsigned slot, char out[64])
{
	snprintf(out, 64, "hierarchy.key.%u.%u.%u", ca, generation, slot);
	return out;
}

enum setpki_code
ca_state_spki(ca_txn *t, uint16_t ca, uint16_t generation, unsigned slot, struct sp_buf *out, struct setpki_error *err)
{
	setpki_bytes v;
	char name[64];
	enum setpki_code rc;

	if ((rc = ca_meta_get(t, spki_name(ca, generation, slot, name), &v, err)) != SETPKI_E_OK)
		return rc;
	sp_buf_reset(out);
	sp_buf_add_bytes(out, v);
	return out->failed ? sp_fail_memory(err) : SETPKI_E_OK;
}

enum setpki_code
ca_state_spki_put(
    ca_txn *t, uint16_t ca, uint16_t generation, unsigned slot, setpki_bytes spki, struct setpki_error *err)
{
	char name[64];

	return ca_meta_put(t, spki_name(ca, generation, slot, name), spki, err);
}

static const char *
renewal_name(uint16_t ca, uint16_t generation, enum ca_purpose purpose, char out[64])
{
	snprintf(out, 64, "hierarchy.renewal.%u.%u.%u", ca, generation, (unsigned)purpose);
	return out;
}

enum setpki_code
ca_state_renewal(struct ca_home *h, uint16_t ca, uint16_t generation, enum ca_purpose purpose, bool *wanted,
    struct setpki_error *err)
{
	setpki_bytes v = {NULL, 0};
	char name[64];
	ca_txn *t;
	enum setpki_code rc;

	*wanted = false;
	if ((rc = ca_txn_begin(h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_meta_get(t, renewal_name(ca, generation, purpose, name), &v, err);
	*wanted = rc == SETPKI_E_OK && v.n == 1 && v.p[0] == 1;
	ca_txn_abort(t);
	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		rc = SETPKI_E_OK;
	}
	return rc;
}

enum setpki_code
ca_state_renewal_put(
    ca_txn *t, uint16_t ca, uint16_t generation, enum ca_purpose purpose, bool wanted, struct setpki_error *err)
{
	uint8_t flag = wanted;
	char name[64];

	return ca_meta_put(t, renewal_name(ca, generation, purpose, name), sp_bytes(&flag, 1), err);
}

enum setpki_code
ca_state_rolling(ca_txn *t, uint16_t ca, uint16_t *generation, struct setpki_error *err)
{
	setpki_bytes v = {NULL, 0};
	char name[64];
	enum setpki_code rc;

	snprintf(name, sizeof(name), "hierarchy.rolling.%u", ca);
	rc = ca_meta_get(t, name, &v, err);
	*generation = 0;
	if (rc == SETPKI_E_OK && v.n == 2)
		*generation = (uint16_t)(v.p[0] << 8 | v.p[1]);
	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		rc = SETPKI_E_OK;
	}
	return rc;
}

enum setpki_code
ca_state_rolling_put(ca_txn *t, uint16_t ca, uint16_t generation, struct setpki_error *err)
{
	uint8_t v[2] = {(uint8_t)(generation >> 8), (uint8_t)generation};
	char name[64];

	snprintf(name, sizeof(name), "hierarchy.rolling.%u", ca);
	return ca_meta_put(t, name, SP_BYTES(v), err);
}

enum setpki_code
ca_state_audit(struct ca_home *h, ca_txn *t, enum ca_audit_event event, uint16_t ca, struct setpki_error *err,
    const char *fmt, ...)
{
	struct ca_audit_leaf leaf = {.at = h->now, .event = event, .ca = ca};
	char detail[320];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	setpki_mask_pans(detail);
	leaf.detail = detail;
	if (h->policy != NULL)
		memcpy(leaf.policy_hash, h->policy->hash, sizeof(leaf.policy_hash));
	return ca_audit_append(h, t, &leaf, err);
}
