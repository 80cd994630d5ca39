#include "tests/support/chain_case.h"

#include "lib/base/limits.h"
#include "tests/support/gen_inner.h"
#include "tests/support/scratch.h"

const char *const chain_case_verdicts[3] = {"valid", "refused", "undecidable"};
const char *const chain_case_revocations[3] = {"require-bci", "require-crl", "if-present"};

static const char *const slot_names[GEN_SLOTS] = {NULL, "first", "root", "brand", "brand-crl", "geo", "pca", "pca-crl",
    "pca-sig", "cca", "cca-crl", "leaf", "card", "next"};

struct writer {
	FILE *table;
	const char *folder, *name;
};

/* Writes one object. */
static void
put_object(const struct writer *t, setpki_bytes der, setpki_bytes good, const char *slot, const char *suffix)
{
	bool own = !sp_bytes_eq(der, good);
	char name[128], path[1024];

	snprintf(name, sizeof(name), "%s%s%s.%s", own ? t->name : "", own ? "." : "", slot, suffix);
	assert_true((size_t)snprintf(path, sizeof(path), "%s/%s", t->folder, name) < sizeof(path));
	scratch_write(path, der, 0644);
	fprintf(t->table, " %s", name);
}

static void
put_cert(const struct writer *t, const struct gen_world *w, const struct gen_world *good, enum gen_slot slot)
{
	put_object(t, w->c[slot].der, good->c[slot].der, slot_names[slot], "crt");
}

static void
put_trust(const struct writer *t, const struct gen_world *w, const struct gen_world *good)
{
	enum gen_slot root = gen_trusted(w);
	char hex[SETPKI_HEX_TEXT(SP_DIGEST_MAX)];
	uint8_t thumb[SP_DIGEST_MAX];
	size_t n;

	if (gen_edit_of(w, GEN_TRUST_THUMB, GEN_NONE) != NULL) {
		assert_int_equal(sp_cert_thumb(w->ctx, &w->c[root].cert, thumb, &n, NULL), SETPKI_E_OK);
		fprintf(t->table, "thumb %s\n", setpki_hex_text(sp_bytes(thumb, n), hex));
		return;
	}
	fputs("trust", t->table);
	put_cert(t, w, good, root);
	fputc('\n', t->table);
}

static void
put_files(const struct writer *t, const struct gen_world *w, const struct gen_world *good)
{
	enum gen_slot i;

	fputs("files", t->table);
	for (i = GEN_ROOT; i < GEN_LEAF; i++)
		if (gen_edit_of(w, GEN_OMIT, i) == NULL)
			put_cert(t, w, good, i);
	for (i = GEN_ROOT; i < GEN_LEAF; i++)
		if (w->crl[i].p != NULL && gen_edit_of(w, GEN_CRL_OMIT, i) == NULL)
			put_object(t, w->crl[i], good->crl[i], slot_names[i], "crl");
	if (gen_edit_of(w, GEN_BCI_OMIT, GEN_NONE) == NULL)
		put_object(t, w->bci, good->bci, "brand", "bci");
	fputc('\n', t->table);
}

static void
put_ask(const struct writer *t, const struct setpki_chain_ask *ask)
{
	char at[SETPKI_TIME_TEXT];

	fprintf(t->table, "at %s\n", setpki_time_text(ask->at, at));
	if (ask->signed_at != 0)
		fprintf(t->table, "signed-at %s\n", setpki_time_text(ask->signed_at, at));
	if (ask->suite == SETPKI_SUITE_CLASSIC)
		fputs("suite classic\n", t->table);
	if (ask->type != 0)
		fprintf(t->table, "type %s\n", setpki_type_name(ask->type));
	if (ask->kind != SETPKI_KIND_NONE)
		fprintf(t->table, "kind %s\n", setpki_kind_name(ask->kind));
	if (ask->brand != NULL)
		fprintf(t->table, "brand %s\n", ask->brand);
	if (ask->revocation != SETPKI_REQUIRE_BCI)
		fprintf(t->table, "revocation %s\n", chain_case_revocations[ask->revocation]);
}

void
chain_case_write(FILE *table, const char *folder, const struct gen_world *w, const struct gen_world *good,
    const struct chain_case *c)
{
	const struct gen_edit *seen = gen_edit_of(w, GEN_SEEN, GEN_NONE);
	const struct writer t = {table, folder, c->name};

	fprintf(table, "\ncase %s\n", c->name);
	put_trust(&t, w, good);
	put_files(&t, w, good);
	if (seen != NULL)
		fprintf(table, "seen %d\n", (int)seen->n);
	put_ask(&t, c->ask);
	if (c->signer_for != GEN_NONE) {
		fputs("signer-for", table);
		put_cert(&t, w, good, c->signer_for);
		fputc('\n', table);
	}
	fputs("leaf", table);
	put_cert(&t, w, good, c->leaf);
	fprintf(table, "\nverdict %s\n", chain_case_verdicts[c->verdict]);
	if (c->id != NULL)
		fprintf(table, "finding %s %d\n", c->id, c->depth);
}
