/* setca tree: the hierarchy at a glance. */
#include "ca/hierarchy/tree.h"
#include "tools/setca/commands.h"
#include "tools/setca/setca.h"

#include <string.h>

enum {
	TREE,
	CA,
	PARENT,
	GENERATION,
	STATE,
	KEYS,
	UNTIL,
	LIVE,
	REVOKED,
	CRL,
	RUNWAY,
	CRL_UNTIL,
	BCI,
	SUBJECT,
	THUMB,
	HELD,
	N
};

static const struct tc_column columns[] = {
    [TREE] = {"", "CA", SETPKI_VALUE_TEXT, false},
    [CA] = {"ca", NULL, SETPKI_VALUE_TEXT, false},
    [PARENT] = {"parent", NULL, SETPKI_VALUE_TEXT, false},
    [GENERATION] = {"generation", "GEN", SETPKI_VALUE_NUMBER, true},
    [STATE] = {"state", "STATE", SETPKI_VALUE_TEXT, false},
    [KEYS] = {"keys", "KEYS", SETPKI_VALUE_TEXT, false},
    [UNTIL] = {"notAfter", "EXPIRES", SETPKI_VALUE_TEXT, false},
    [LIVE] = {"live", "LIVE", SETPKI_VALUE_NUMBER, true},
    [REVOKED] = {"revoked", "REVOKED", SETPKI_VALUE_NUMBER, true},
    [CRL] = {"crlNumber", "CRL", SETPKI_VALUE_NUMBER, true},
    [RUNWAY] = {"", "RUNWAY", SETPKI_VALUE_TEXT, true},
    [CRL_UNTIL] = {"crlNextUpdate", NULL, SETPKI_VALUE_TEXT, false},
    [BCI] = {"bciSequence", "BCI", SETPKI_VALUE_NUMBER, true},
    [SUBJECT] = {"subject", NULL, SETPKI_VALUE_TEXT, false},
    [THUMB] = {"thumb", NULL, SETPKI_VALUE_TEXT, false},
    [HELD] = {"held", NULL, SETPKI_VALUE_BOOL, false},
    [N] = {0},
};

/* The text of one row; cells point into it. */
struct row {
	char tree[128], generation[8], keys[64], until[SETPKI_TIME_TEXT], live[24], revoked[24], crl[24], runway[32],
	    crl_until[SETPKI_TIME_TEXT], bci[24];
};

/* "P-384, RSA-2048": each key type once. */
static void
key_types(const struct ca_tree_generation *g, char *out, size_t cap)
{
	size_t i;

	out[0] = '\0';
	for (i = 0; i < CA_PURPOSE_N; i++)
		if (g->keys[i].present && g->keys[i].key_type[0] != '\0' && strstr(out, g->keys[i].key_type) == NULL)
			snprintf(out + strlen(out), cap - strlen(out), "%s%s", out[0] != '\0' ? ", " : "",
			    g->keys[i].key_type);
}

static void
crl_cells(const struct ca_tree_generation *g, int64_t now, struct row *r, const char **cell)
{
	if (!g->keeps_crl || g->crl_number == 0) {
		cell[RUNWAY] = g->keeps_crl ? "none yet" : "no CRLs";
		return;
	}
	snprintf(r->crl, sizeof(r->crl), "%llu", (unsigned long long)g->crl_number);
	cell[CRL] = r->crl;
	cell[RUNWAY] = setca_runway(now, g->crl_next_update, r->runway);
	cell[CRL_UNTIL] = setpki_time_text(g->crl_next_update, r->crl_until);
}

static void
put_generation(struct setca *s, const struct ca_tree *tree, const struct ca_tree_ca *ca,
    const struct ca_tree_generation *g, bool newest)
{
	const struct ca_tree_key *k = &g->keys[CA_PURPOSE_CERTSIGN];
	const char *cell[N] = {0};
	struct row r;

	snprintf(r.tree, sizeof(r.tree), "%*s%s", (int)(2 * ca->depth), "", ca->name);
	snprintf(r.generation, sizeof(r.generation), "%u", g->number);
	snprintf(r.live, sizeof(r.live), "%llu", (unsigned long long)g->live);
	snprintf(r.revoked, sizeof(r.revoked), "%llu", (unsigned long long)g->revoked);
	snprintf(r.bci, sizeof(r.bci), "%llu", (unsigned long long)ca->bci_sequence);
	key_types(g, r.keys, sizeof(r.keys));
	cell[TREE] = r.tree;
	cell[CA] = ca->name;
	cell[PARENT] = ca->parent >= 0 ? tree->v[ca->parent].name : NULL;
	cell[GENERATION] = r.generation;
	cell[STATE] = ca_generation_state_name(g->state);
	cell[KEYS] = ca->here ? r.keys : "elsewhere";
	cell[UNTIL] = k->certified ? setca_day(s, k->not_after, r.until) : NULL;
	cell[LIVE] = r.live;
	cell[REVOKED] = r.revoked;
	crl_cells(g, s->run->now, &r, cell);
	cell[BCI] = newest && ca->bci_sequence != 0 ? r.bci : NULL;
	cell[SUBJECT] = g->subject;
	cell[THUMB] = k->certified ? k->thumb : NULL;
	cell[HELD] = tree->hold.held ? "true" : "false";
	tc_row(s->out, cell);
}

/* What a relying party compares before it trusts a root. */
static void
put_root_thumbs(const struct ca_tree *tree)
{
	size_t i;

	for (i = 0; tree->n > 0 && i < tree->v[0].ngenerations; i++) {
		const struct ca_tree_generation *g = &tree->v[0].generations[i];

		if (g->keys[CA_PURPOSE_CERTSIGN].certified)
			printf("\nSET thumb of %s, generation %u:\n%s\n", tree->v[0].name, g->number,
			    g->keys[CA_PURPOSE_CERTSIGN].thumb);
	}
}

static void
put_hold(const struct ca_hold *hold)
{
	char since[SETPKI_TIME_TEXT];

	if (hold->held)
		printf("\nIssuing is held since %s%s%s; 'setca release' resumes it.\n",
		    setpki_time_text(hold->since, since), hold->reason[0] != '\0' ? ": " : "", hold->reason);
}

static void
put_tree(struct setca *s, const struct ca_tree *tree)
{
	size_t i, g;

	tc_table(s->out, "setca.tree/1", columns);
	for (i = 0; i < tree->n; i++)
		for (g = 0; g < tree->v[i].ngenerations; g++)
			put_generation(
			    s, tree, &tree->v[i], &tree->v[i].generations[g], g + 1 == tree->v[i].ngenerations);
	tc_table_end(s->out, NULL, "No CA yet.");
	if (s->json)
		return;
	put_root_thumbs(tree);
	put_hold(&tree->hold);
}

static enum setpki_code
run_tree(struct tc_run *run)
{
	struct ca_tree tree = {0};
	enum setpki_code rc;
	struct setca s;

	rc = setca_open(run, CA_HOME_READ, -1, &s);
	if (rc == SETPKI_E_OK && (rc = ca_tree_read(s.home, &tree, &run->err)) == SETPKI_E_OK)
		put_tree(&s, &tree);
	ca_tree_free(&tree);
	return setca_end(&s, rc);
}

const struct tc_command setca_tree = {
    .name = "tree",
    .summary = "the hierarchy: keys, expiry, counts, how long each CRL lasts",
    .about =
	"One line for each generation of each CA, superiors first.  LIVE and REVOKED count the certificates that it "
	"issued; CRL is the number of its newest CRL and RUNWAY how long that one still holds; BCI is the number "
	"of a brand's newest list.  Below stand the thumbs of the roots, which relying parties compare.",
    .examples =
	(const struct tc_example[]){
	    {"setca tree", "everything at a glance"},
	    {"setca --json tree", "the same for programs"},
	    {0},
	},
    .run = run_tree,
};
