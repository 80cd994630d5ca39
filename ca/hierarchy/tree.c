/* The hierarchy as it stands. */
#include "ca/hierarchy/tree.h"

#include "ca/hierarchy/state.h"
#include "ca/issue/spec.h"
#include "lib/x509/name.h"

#include <openssl/crypto.h>
#include <string.h>

static const char *const state_names[] = {[CA_GEN_WAITING] = "waiting",
    [CA_GEN_ACTIVE] = "active",
    [CA_GEN_CLOSING] = "closing",
    [CA_GEN_RETIRED] = "retired"};

const char *
ca_generation_state_name(enum ca_generation_state s)
{
	return (size_t)s < sizeof(state_names) / sizeof(state_names[0]) ? state_names[s] : "unknown";
}

struct reading {
	struct ca_home *h;
	ca_txn *t;
	struct ca_state s;
};

/* --- keys and their certificates --------------------------------------------------------------- */

static enum setpki_code
read_cert(struct reading *r, uint16_t superior, uint64_t seq, struct ca_tree_key *out, struct setpki_error *err)
{
	struct ca_cert_record rec = {0};
	struct sp_cert cert;
	uint8_t thumb[32];
	size_t n;
	enum setpki_code rc;

	if ((rc = ca_cert_get(r->t, superior, seq, &rec, err)) != SETPKI_E_OK ||
	    (rc = sp_cert_parse(rec.der, &cert, err)) != SETPKI_E_OK ||
	    (rc = sp_cert_thumb(r->h->ctx, &cert, thumb, &n, err)) != SETPKI_E_OK)
		goto out;
	out->certified = true;
	out->seq = seq;
	out->kind = (enum setpki_kind)rec.kind;
	out->not_before = cert.not_before;
	out->not_after = cert.not_after;
	out->pkup_to = cert.pkup_to;
	sp_keytype_text(cert.key.alg, cert.key.bits, out->key_type);
	setpki_hex_text(sp_bytes(thumb, n), out->thumb);
	if (cert.serial.n <= SP_SERIAL_MAX)
		setpki_hex_text(cert.serial, out->serial);
out:
	ca_cert_record_free(&rec);
	return rc;
}

static enum setpki_code
read_key(struct reading *r, const struct ca_ca_record *rec, const struct ca_generation *g, int purpose,
    struct ca_tree_key *out, struct setpki_error *err)
{
	const struct ca_generation_key *key = &g->keys[purpose];
	struct sp_buf spki = {0};
	struct sp_spki k;
	enum setpki_code rc;

	out->pkup_to = INT64_MAX;
	out->present = key->uri[0] != '\0' || key->seq != 0;
	snprintf(out->uri, sizeof(out->uri), "%s", key->uri);
	if (key->seq != 0)
		return read_cert(r, rec->parent != 0 ? rec->parent : rec->id, key->seq, out, err);
	if (!out->present)
		return SETPKI_E_OK;
	if ((rc = ca_state_spki(r->t, rec->id, g->number, (unsigned)purpose, &spki, err)) == SETPKI_E_OK &&
	    (rc = sp_spki_parse(sp_buf_bytes(&spki), &k, err)) == SETPKI_E_OK)
		sp_keytype_text(k.alg, k.bits, out->key_type);
	sp_buf_free(&spki);
	return rc;
}

/* --- what a generation issued ------------------------------------------------------------------ */

struct count {
	struct ca_tree_ca *ca;
	int64_t now;
};

static struct ca_tree_generation *
generation_of(struct ca_tree_ca *ca, uint16_t number)
{
	size_t i;

	for (i = 0; i < ca->ngenerations; i++)
		if (ca->generations[i].number == number)
			return &ca->generations[i];
	return NULL;
}

static enum setpki_code
count_cert(void *arg, const struct ca_cert_record *rec, struct setpki_error *err)
{
	struct count *c = arg;
	struct ca_tree_generation *g = generation_of(c->ca, rec->generation);

	(void)err;
	if (g == NULL)
		return SETPKI_E_OK;
	if (rec->not_after < c->now)
		g->expired++;
	else
		g->live++;
	return SETPKI_E_OK;
}

static enum setpki_code
count_revoked(struct reading *r, uint16_t ca, struct ca_tree_generation *g, struct setpki_error *err)
{
	struct ca_revoked_record rec;
	ca_revoked_cursor *c;
	enum setpki_code rc;

	if ((rc = ca_revoked_open(r->t, ca, g->number, &c, err)) != SETPKI_E_OK)
		return rc;
	while (ca_revoked_next(c, &rec)) {
		g->revoked++;
		if (rec.not_after >= r->h->now && g->live != 0)
			g->live--;
	}
	ca_revoked_close(c);
	return SETPKI_E_OK;
}

static enum setpki_code
read_crl(struct reading *r, uint16_t ca, struct ca_tree_generation *g, struct setpki_error *err)
{
	struct ca_crl_record rec = {0};
	enum setpki_code rc = ca_crl_get(r->t, ca, g->number, &rec, err);

	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		return SETPKI_E_OK;
	}
	if (rc == SETPKI_E_OK && rec.der.n != 0) {
		g->crl_number = rec.number;
		g->crl_this_update = rec.this_update;
		g->crl_next_update = rec.next_update;
	}
	ca_crl_record_free(&rec);
	return rc;
}

/* --- generations, CAs -------------------------------------------------------------------------- */

static enum setpki_code
read_generation(struct reading *r, int index, const struct ca_generation *g, struct ca_tree_generation *out,
    struct setpki_error *err)
{
	const struct ca_ca_record *rec = &r->s.v[index];
	struct sp_buf name = {0};
	enum setpki_code rc;
	int p;

	out->number = g->number;
	out->superior_generation = g->superior_generation;
	out->state = g->state;
	out->keeps_crl = r->s.policy->cas[index].crl.keeps;
	if ((rc = ca_spec_ca_subject(r->s.policy, index, g->number, &name, err)) == SETPKI_E_OK)
		sp_name_text(sp_buf_bytes(&name), out->subject, sizeof(out->subject));
	sp_buf_free(&name);
	for (p = 0; p < CA_PURPOSE_N && rc == SETPKI_E_OK; p++)
		rc = read_key(r, rec, g, p, &out->keys[p], err);
	return rc == SETPKI_E_OK ? read_crl(r, rec->id, out, err) : rc;
}

static enum setpki_code
read_bci(struct reading *r, struct ca_tree_ca *out, struct setpki_error *err)
{
	struct ca_bci_record rec = {0};
	enum setpki_code rc = ca_bci_get(r->t, out->id, &rec, err);

	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		return SETPKI_E_OK;
	}
	if (rc == SETPKI_E_OK && rec.der.n != 0) {
		out->bci_sequence = rec.sequence;
		out->bci_not_after = rec.not_after;
	}
	ca_bci_record_free(&rec);
	return rc;
}

static enum setpki_code
read_counts(struct reading *r, struct ca_tree_ca *out, struct setpki_error *err)
{
	struct count c = {out, r->h->now};
	enum setpki_code rc = ca_cert_each(r->t, out->id, 0, count_cert, &c, err);
	size_t i;

	for (i = 0; i < out->ngenerations && rc == SETPKI_E_OK; i++)
		rc = count_revoked(r, out->id, &out->generations[i], err);
	return rc;
}

static enum setpki_code
read_ca(struct reading *r, int index, struct ca_tree *tree, struct setpki_error *err)
{
	const struct ca_policy_ca *c = &r->s.policy->cas[index];
	const struct ca_ca_record *rec = &r->s.v[index];
	struct ca_tree_ca *out = &tree->v[index];
	enum setpki_code rc = SETPKI_E_OK;
	size_t i;

	*out = (struct ca_tree_ca){.id = rec->id,
	    .name = c->name,
	    .policy_index = index,
	    .parent = c->parent,
	    .depth = c->parent < 0 ? 0 : tree->v[c->parent].depth + 1,
	    .level = c->level,
	    .type = c->type,
	    .here = rec->here};
	if ((out->generations = OPENSSL_zalloc((rec->ngenerations + 1u) * sizeof(*out->generations))) == NULL)
		return sp_fail_memory(err);
	for (i = 0; i < rec->ngenerations && rc == SETPKI_E_OK; i++) {
		rc = read_generation(r, index, &rec->generations[i], &out->generations[i], err);
		out->ngenerations++;
	}
	if (rc == SETPKI_E_OK && r->s.known[index] && (rc = read_bci(r, out, err)) == SETPKI_E_OK)
		rc = read_counts(r, out, err);
	return rc == SETPKI_E_OK ? rc : sp_error_in(err, rc, "%s", c->name);
}

enum setpki_code
ca_tree_read(struct ca_home *h, struct ca_tree *out, struct setpki_error *err)
{
	struct reading r = {.h = h};
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	if (h->policy == NULL)
		return sp_fail(err, SETPKI_E_STATE, NULL, "no policy is in force here; run init first");
	if ((rc = ca_txn_begin(h->store, false, &r.t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_state_read_in(r.t, h->policy, NULL, &r.s, err)) != SETPKI_E_OK)
		goto out;
	if ((out->v = OPENSSL_zalloc(h->policy->ncas * sizeof(*out->v))) == NULL)
		rc = sp_fail_memory(err);
	if (rc == SETPKI_E_OK)
		rc = ca_home_hold_get(r.t, &out->hold, err);
	for (; rc == SETPKI_E_OK && out->n < h->policy->ncas; out->n++)
		if ((rc = read_ca(&r, (int)out->n, out, err)) != SETPKI_E_OK)
			break;
	ca_state_free(&r.s);
out:
	ca_txn_abort(r.t);
	if (rc != SETPKI_E_OK) {
		out->n += out->v != NULL && out->n < h->policy->ncas; /* the one that failed half-way */
		ca_tree_free(out);
	}
	return rc;
}

void
ca_tree_free(struct ca_tree *tree)
{
	size_t i;

	for (i = 0; i < tree->n; i++)
		OPENSSL_free(tree->v[i].generations);
	OPENSSL_free(tree->v);
	memset(tree, 0, sizeof(*tree));
}
