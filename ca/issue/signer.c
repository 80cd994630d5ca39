/* Opening a CA generation for signing. */
#include "ca/issue/spec.h"

#include <string.h>

static struct ca_generation *
pick_generation(const struct ca_ca_record *ca, uint16_t number)
{
	struct ca_generation *best = NULL, *g;
	size_t i;

	for (i = 0; i < ca->ngenerations; i++) {
		g = &ca->generations[i];
		if (number != 0 ? g->number == number
				: g->state == CA_GEN_ACTIVE && (!best || g->number > best->number))
			best = g;
	}
	return best;
}

/* Whether a generation in this state can be opened at all. */
static enum setpki_code
check_state(const struct ca_ca_record *ca, const struct ca_generation *g, struct setpki_error *err)
{
	bool root_in_making = ca->parent == 0 && g->state == CA_GEN_WAITING;

	if (!ca->here)
		return sp_fail(
		    err, SETPKI_E_STATE, NULL, "the keys of %s live in another home; sign there (ca sign)", ca->name);
	if (g->state == CA_GEN_RETIRED)
		return sp_fail(err, SETPKI_E_STATE, "set-protocol 12.12",
		    "generation %u of %s is retired and signs nothing any more", g->number, ca->name);
	if (g->state == CA_GEN_WAITING && !root_in_making)
		return sp_fail(err, SETPKI_E_STATE, NULL,
		    "generation %u of %s has no certificate yet; finish it with init, or ca install", g->number,
		    ca->name);
	return SETPKI_E_OK;
}

static enum setpki_code
load_cert(ca_txn *t, const struct ca_ca_record *ca, uint64_t seq, struct ca_signer *out, struct setpki_error *err)
{
	uint16_t superior = ca->parent ? ca->parent : ca->id;
	enum setpki_code rc;

	if (seq == 0 && ca->parent == 0)
		return SETPKI_E_OK; /* a root in the making */
	if (seq == 0)
		return sp_fail(err, SETPKI_E_STATE, NULL, "%s has no certificate for this purpose yet", ca->name);
	if ((rc = ca_cert_get(t, superior, seq, &out->cert_record, err)) != SETPKI_E_OK)
		return sp_error_in(err, rc, "certificate of %s", ca->name);
	return sp_cert_parse(out->cert_record.der, &out->cert, err);
}

/* A certificate with cRLSign is valid as long as those whose revocation it signs (set-protocol 12.13). */
static enum setpki_code
load_cover(ca_txn *t, const struct ca_generation *g, struct ca_signer *out, struct setpki_error *err)
{
	struct ca_cert_record rec = {0};
	uint16_t superior = out->ca.parent ? out->ca.parent : out->ca.id;
	enum setpki_code rc;

	out->covers_to = out->cert.not_after;
	if (g->keys[CA_PURPOSE_CRLSIGN].seq == 0)
		return SETPKI_E_OK;
	if ((rc = ca_cert_get(t, superior, g->keys[CA_PURPOSE_CRLSIGN].seq, &rec, err)) == SETPKI_E_OK &&
	    rec.not_after < out->covers_to)
		out->covers_to = rec.not_after;
	ca_cert_record_free(&rec);
	return rc;
}

/* What stands under a revoked CA is refused by everybody, whoever signs it (set-protocol 7, step 10). */
static enum setpki_code
load_above(ca_txn *t, const struct ca_generation *g, struct ca_signer *out, struct setpki_error *err)
{
	uint16_t superior = out->ca.parent, number = g->superior_generation;
	enum setpki_code rc = SETPKI_E_OK;

	while (superior != 0 && rc == SETPKI_E_OK && out->retired_above[0] == '\0') {
		struct ca_ca_record ca = {0};

		if ((rc = ca_ca_get(t, superior, &ca, err)) != SETPKI_E_OK)
			return rc;
		superior = ca.parent;
		if (number != 0 && (g = pick_generation(&ca, number)) != NULL) {
			number = g->superior_generation;
			if (g->state == CA_GEN_RETIRED)
				snprintf(out->retired_above, sizeof(out->retired_above), "%s, generation %u", ca.name,
				    g->number);
		}
		ca_ca_record_free(&ca);
	}
	return rc;
}

static enum setpki_code
load(ca_txn *t, uint16_t ca, uint16_t generation, struct ca_signer *out, struct setpki_error *err)
{
	const struct ca_generation *g;
	enum setpki_code rc;

	if ((rc = ca_ca_get(t, ca, &out->ca, err)) != SETPKI_E_OK)
		return rc;
	if ((g = pick_generation(&out->ca, generation)) == NULL && generation != 0)
		return sp_fail(
		    err, SETPKI_E_NOTFOUND, NULL, "%s has no generation %u", out->ca.name, (unsigned)generation);
	if (g == NULL)
		return sp_fail(err, SETPKI_E_STATE, NULL,
		    "%s has no active generation; setca tree says what it waits for", out->ca.name);
	if ((rc = check_state(&out->ca, g, err)) != SETPKI_E_OK)
		return rc;
	if (out->purpose == CA_PURPOSE_CRLSIGN && g->keys[CA_PURPOSE_CRLSIGN].uri[0] == '\0')
		out->purpose = CA_PURPOSE_CERTSIGN;
	out->key_record = g->keys[out->purpose];
	out->generation = g->number;
	out->state = g->state;
	if (out->key_record.uri[0] == '\0')
		return sp_fail(err, SETPKI_E_STATE, NULL, "%s has no %s key; finish its init", out->ca.name,
		    ca_purpose_name(out->purpose));
	if ((rc = load_cert(t, &out->ca, out->key_record.seq, out, err)) != SETPKI_E_OK ||
	    (rc = load_above(t, g, out, err)) != SETPKI_E_OK)
		return rc;
	return load_cover(t, g, out, err);
}

enum setpki_code
ca_signer_load(struct ca_home *h, uint16_t ca, uint16_t generation, enum ca_purpose purpose, struct ca_signer *out,
    struct setpki_error *err)
{
	ca_txn *t;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	out->purpose = purpose;
	if ((rc = ca_txn_begin(h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = load(t, ca, generation, out, err);
	ca_txn_abort(t);
	if (rc == SETPKI_E_OK && (out->policy_index = ca_policy_find(h->policy, out->ca.name)) < 0)
		rc = sp_fail(err, SETPKI_E_STATE, NULL, "%s is not in the policy in force any more", out->ca.name);
	if (rc != SETPKI_E_OK)
		ca_signer_close(out);
	return rc;
}

/* Makes sure that the key is the one that the record and the certificate speak of: a key file can be swapped on disk.
 */
enum setpki_code
ca_signer_unlock(struct ca_home *h, struct ca_signer *s, struct setpki_error *err)
{
	const struct ca_generation_key *key = &s->key_record;
	uint8_t identity[32];
	enum setpki_code rc;
	char what[128];

	snprintf(what, sizeof(what), "%s, %s, generation %u", s->ca.name, ca_purpose_name(s->purpose), s->generation);
	if ((rc = ca_key_open(h->ctx, h->keys_dir, key->uri, &h->pass, what, &s->key, err)) != SETPKI_E_OK ||
	    (rc = sp_spki_identity(h->ctx, ca_key_spki(s->key), identity, err)) != SETPKI_E_OK)
		return sp_error_in(err, rc, "%s", what);
	if (memcmp(identity, key->identity, sizeof(identity)) != 0 ||
	    (s->cert.der.n != 0 && !sp_bytes_eq(s->cert.key.whole, ca_key_spki(s->key)->whole)))
		return sp_fail(err, SETPKI_E_STATE, NULL,
		    "the key in %s is not the one that was made for %s; put the right file back", key->uri, what);
	return sp_spki_pkey(h->ctx, ca_key_spki(s->key), &s->public_key, err);
}

enum setpki_code
ca_signer_open(struct ca_home *h, uint16_t ca, uint16_t generation, enum ca_purpose purpose, struct ca_signer *out,
    struct setpki_error *err)
{
	enum setpki_code rc = ca_signer_load(h, ca, generation, purpose, out, err);

	if (rc == SETPKI_E_OK && (rc = ca_signer_unlock(h, out, err)) != SETPKI_E_OK)
		ca_signer_close(out);
	return rc;
}

void
ca_signer_close(struct ca_signer *s)
{
	if (s == NULL)
		return;
	ca_ca_record_free(&s->ca);
	ca_cert_record_free(&s->cert_record);
	ca_key_free(s->key);
	EVP_PKEY_free(s->public_key);
	memset(s, 0, sizeof(*s));
}

/* --- what it may certify ------------------------------------------------------------------------ */

static void
allow(struct ca_mandate *m, enum setpki_kind kind, int64_t longest)
{
	m->kinds |= 1u << kind;
	m->longest[kind] = longest;
}

/* Keys of CAs: their certificates end by the policy of whoever they are, and never after this one's. */
static void
allow_cas(const struct ca_policy_ca *ca, struct ca_mandate *m)
{
	if (ca->level == CA_LEVEL_ROOT)
		allow(m, SETPKI_KIND_ROOT, 0);
	if (ca->level == CA_LEVEL_ISSUER || m->self == NULL)
		return;
	for (enum setpki_kind k = SETPKI_KIND_CA_SIG; k <= SETPKI_KIND_CA_SIGN; k++)
		allow(m, k, 0);
}

void
ca_signer_mandate(const struct ca_home *h, const struct ca_signer *s, struct ca_mandate *out)
{
	const struct ca_policy_ca *ca = &h->policy->cas[s->policy_index];

	*out = (struct ca_mandate){.suite = h->policy->suite,
	    .self = s->cert.der.n != 0 ? &s->cert : NULL,
	    .until = s->covers_to,
	    .now = h->now};
	allow_cas(ca, out);
	for (int role = 0; role < CA_ROLE_N; role++) {
		const struct ca_profile *p = &ca->profiles[role];

		if (p->present && p->signature)
			allow(out, ca_role_kinds[role].sig, p->lifetime_max);
		if (p->present && p->exchange)
			allow(out, ca_role_kinds[role].exch, p->lifetime_max);
	}
}
