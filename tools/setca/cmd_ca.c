/* setca ca list, ca show: the CAs one by one. */
#include "ca/hierarchy/tree.h"
#include "tools/common/fail.h"
#include "tools/setca/commands.h"
#include "tools/setca/setca.h"

#include <string.h>

static const char *
level_name(enum ca_level level)
{
	static const char *const names[] = {"root", "brand", "geopolitical", "issuing"};

	return names[level];
}

/* "cca, mca": the words of a certificateType. */
static const char *
type_words(uint32_t type, char *out, size_t cap)
{
	unsigned bit;

	out[0] = '\0';
	for (bit = 0; bit < 32; bit++)
		if ((type & (1u << bit)) != 0 && setpki_type_name(1u << bit) != NULL)
			snprintf(out + strlen(out), cap - strlen(out), "%s%s", out[0] != '\0' ? ", " : "",
			    setpki_type_name(1u << bit));
	return out;
}

/* --- list --- */

enum { NUMBER, NAME, LEVEL, TYPE, GENERATION, STATE, KEYS, UNTIL, COLUMNS };

static const struct tc_column columns[] = {
    [NUMBER] = {"number", "NO", SETPKI_VALUE_NUMBER, true},
    [NAME] = {"name", "NAME", SETPKI_VALUE_TEXT, false},
    [LEVEL] = {"level", "LEVEL", SETPKI_VALUE_TEXT, false},
    [TYPE] = {"type", "TYPE", SETPKI_VALUE_TEXT, false},
    [GENERATION] = {"generation", "GEN", SETPKI_VALUE_NUMBER, true},
    [STATE] = {"state", "STATE", SETPKI_VALUE_TEXT, false},
    [KEYS] = {"keysHere", "KEYS", SETPKI_VALUE_TEXT, false},
    [UNTIL] = {"notAfter", "EXPIRES", SETPKI_VALUE_TEXT, false},
    [COLUMNS] = {0},
};

static void
list_row(struct setca *s, const struct ca_tree_ca *ca)
{
	const struct ca_tree_generation *g = ca->ngenerations > 0 ? &ca->generations[ca->ngenerations - 1] : NULL;
	char number[8], generation[8], type[64], until[SETPKI_TIME_TEXT];
	const char *cell[COLUMNS] = {0};

	snprintf(number, sizeof(number), "%u", ca->id);
	cell[NUMBER] = number;
	cell[NAME] = ca->name;
	cell[LEVEL] = level_name(ca->level);
	cell[TYPE] = type_words(ca->type, type, sizeof(type));
	cell[KEYS] = ca->here ? "here" : "elsewhere";
	if (g != NULL) {
		snprintf(generation, sizeof(generation), "%u", g->number);
		cell[GENERATION] = generation;
		cell[STATE] = ca_generation_state_name(g->state);
		if (g->keys[CA_PURPOSE_CERTSIGN].certified)
			cell[UNTIL] = setca_day(s, g->keys[CA_PURPOSE_CERTSIGN].not_after, until);
	}
	tc_row(s->out, cell);
}

static enum setpki_code
run_list(struct tc_run *run)
{
	struct ca_tree tree = {0};
	enum setpki_code rc;
	struct setca s;
	size_t i;

	rc = setca_open(run, CA_HOME_READ, -1, &s);
	if (rc == SETPKI_E_OK && (rc = ca_tree_read(s.home, &tree, &run->err)) == SETPKI_E_OK) {
		tc_table(s.out, "setca.cas/1", columns);
		for (i = 0; i < tree.n; i++)
			list_row(&s, &tree.v[i]);
		tc_table_end(s.out, NULL, "No CA yet.");
	}
	ca_tree_free(&tree);
	return setca_end(&s, rc);
}

const struct tc_command setca_ca_list = {
    .name = "ca list",
    .summary = "the CAs of this home",
    .about = "One line a CA, with its newest generation.  KEYS says whether its private keys are in this home.",
    .examples =
	(const struct tc_example[]){
	    {"setca ca list", "names, states, expiry"},
	    {0},
	},
    .run = run_list,
};

/* --- show --- */

static void
show_key(struct setca *s, enum ca_purpose purpose, const struct ca_tree_key *k)
{
	tc_enter(s->out, ca_purpose_name(purpose), false);
	tc_text(s->out, "keyType", k->key_type[0] != '\0' ? k->key_type : NULL);
	tc_text(s->out, "uri", k->uri[0] != '\0' ? k->uri : NULL);
	tc_bool(s->out, "certified", k->certified);
	if (k->certified) {
		tc_text(s->out, "kind", setpki_kind_name(k->kind));
		tc_text(s->out, "serial", k->serial);
		tc_time(s->out, "notBefore", k->not_before);
		tc_time(s->out, "notAfter", k->not_after);
		if (k->pkup_to != INT64_MAX)
			tc_time(s->out, "signsUntil", k->pkup_to);
		tc_text(s->out, "thumb", k->thumb);
	}
	tc_leave(s->out);
}

static void
show_generation(struct setca *s, const struct ca_tree_generation *g)
{
	int p;

	tc_enter(s->out, "generation", false);
	tc_number(s->out, "number", g->number);
	tc_text(s->out, "state", ca_generation_state_name(g->state));
	tc_text(s->out, "subject", g->subject);
	tc_number(s->out, "superiorGeneration", g->superior_generation);
	tc_number(s->out, "live", g->live);
	tc_number(s->out, "revoked", g->revoked);
	tc_number(s->out, "expired", g->expired);
	tc_bool(s->out, "keepsCrl", g->keeps_crl);
	if (g->keeps_crl && g->crl_number != 0) {
		tc_number(s->out, "crlNumber", g->crl_number);
		tc_time(s->out, "crlThisUpdate", g->crl_this_update);
		tc_time(s->out, "crlNextUpdate", g->crl_next_update);
	}
	for (p = 0; p < CA_PURPOSE_N; p++)
		if (g->keys[p].present)
			show_key(s, (enum ca_purpose)p, &g->keys[p]);
	tc_leave(s->out);
}

static void
show_ca(struct setca *s, const struct ca_tree *tree, const struct ca_tree_ca *ca)
{
	char type[64];
	size_t i;

	tc_object(s->out, "setca.ca/1", NULL);
	tc_text(s->out, "name", ca->name);
	tc_number(s->out, "number", ca->id);
	tc_text(s->out, "level", level_name(ca->level));
	tc_text(s->out, "type", type_words(ca->type, type, sizeof(type)));
	tc_text(s->out, "superior", ca->parent >= 0 ? tree->v[ca->parent].name : NULL);
	tc_bool(s->out, "keysHere", ca->here);
	if (ca->bci_sequence != 0) {
		tc_number(s->out, "bciSequence", ca->bci_sequence);
		tc_time(s->out, "bciNotAfter", ca->bci_not_after);
	}
	tc_enter(s->out, "generations", true);
	for (i = 0; i < ca->ngenerations; i++)
		show_generation(s, &ca->generations[i]);
	tc_leave(s->out);
	tc_object_end(s->out);
}

static enum setpki_code
find_and_show(struct setca *s, const struct ca_tree *tree, const char *name)
{
	const char *known[SETCA_KNOWN], *near;
	size_t i, n = 0;

	for (i = 0; i < tree->n; i++) {
		if (strcmp(tree->v[i].name, name) == 0) {
			show_ca(s, tree, &tree->v[i]);
			return SETPKI_E_OK;
		}
		if (n < SETCA_KNOWN)
			known[n++] = tree->v[i].name;
	}
	near = setpki_closest(name, known, n);
	return tc_fail(SETCA_ERR(s), SETPKI_E_NOTFOUND, "there is no CA '%.64s'%s%s%s", name,
	    near != NULL ? "; did you mean '" : "; 'setca ca list' names them", near != NULL ? near : "",
	    near != NULL ? "'?" : "");
}

static enum setpki_code
run_show(struct tc_run *run)
{
	struct ca_tree tree = {0};
	enum setpki_code rc;
	struct setca s;

	rc = setca_open(run, CA_HOME_READ, -1, &s);
	if (rc == SETPKI_E_OK && (rc = ca_tree_read(s.home, &tree, &run->err)) == SETPKI_E_OK)
		rc = find_and_show(&s, &tree, run->operands[0]);
	ca_tree_free(&tree);
	return setca_end(&s, rc);
}

const struct tc_command setca_ca_show = {
    .name = "ca show",
    .operands = "CA",
    .min = 1,
    .max = 1,
    .summary = "one CA: generations, keys, certificates, CRLs",
    .about = "Everything that this home knows of one CA, generation by generation: where its keys are, their "
	     "certificates, how many certificates it issued, and its CRL.",
    .examples =
	(const struct tc_example[]){
	    {"setca ca show gateway", "the gateway CA"},
	    {0},
	},
    .run = run_show,
};
