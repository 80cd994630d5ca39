/* setca bci list, show, export, build, import. */
#include "ca/publish/publish.h"
#include "tools/common/fail.h"
#include "tools/setca/commands.h"
#include "tools/setca/setca.h"

#include <string.h>

struct bci_args {
	const char *out;
	int64_t passphrase_fd;
};

/* Brands: the CAs that are their own brand. */
struct brands {
	struct {
		char name[CA_NAME_MAX];
		uint16_t number;
	} v[256];
	size_t n;
};

static enum setpki_code
note_brand(void *arg, const struct ca_ca_record *ca, struct setpki_error *err)
{
	struct brands *b = arg;

	if (ca->brand != ca->id)
		return SETPKI_E_OK;
	if (b->n == 256)
		return tc_fail(err, SETPKI_E_LIMIT, "more than 256 brands");
	snprintf(b->v[b->n].name, sizeof(b->v[0].name), "%s", ca->name);
	b->v[b->n++].number = ca->id;
	return SETPKI_E_OK;
}

static enum setpki_code
read_brands(struct setca *s, struct brands *out)
{
	enum setpki_code rc;
	ca_txn *t;

	out->n = 0;
	if ((rc = ca_txn_begin(s->home->store, false, &t, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	rc = ca_ca_each(t, note_brand, out, SETCA_ERR(s));
	ca_txn_abort(t);
	return rc;
}

/* --- list --- */

enum { BRAND, SEQUENCE, FROM, UNTIL, RUNWAY, RUN, PUBLISHED, COLUMNS };

static const struct tc_column columns[] = {
    [BRAND] = {"brand", "BRAND", SETPKI_VALUE_TEXT, false},
    [SEQUENCE] = {"sequence", "SEQUENCE", SETPKI_VALUE_NUMBER, true},
    [FROM] = {"notBefore", "FROM", SETPKI_VALUE_TIME, false},
    [UNTIL] = {"notAfter", "UNTIL", SETPKI_VALUE_TIME, false},
    [RUNWAY] = {"", "RUNWAY", SETPKI_VALUE_TEXT, true},
    [RUN] = {"nextRun", NULL, SETPKI_VALUE_TIME, false},
    [PUBLISHED] = {"published", "PUBLISHED", SETPKI_VALUE_NUMBER, true},
    [COLUMNS] = {0},
};

static enum setpki_code
list_row(struct setca *s, const char *brand)
{
	char sequence[24], from[SETPKI_TIME_TEXT], until[SETPKI_TIME_TEXT], run[SETPKI_TIME_TEXT], runway[32], set[24];
	const char *cell[COLUMNS] = {[BRAND] = brand};
	struct ca_bci_record rec = {0};
	enum setpki_code rc = ca_bci_read(s->home, brand, &rec, NULL);

	if (rc != SETPKI_E_OK && rc != SETPKI_E_NOTFOUND)
		return tc_fail(SETCA_ERR(s), rc, "%s: the BCI cannot be read", brand);
	if (rc == SETPKI_E_OK && rec.sequence != 0) {
		snprintf(sequence, sizeof(sequence), "%llu", (unsigned long long)rec.sequence);
		snprintf(set, sizeof(set), "%llu", (unsigned long long)rec.published);
		cell[SEQUENCE] = sequence;
		cell[FROM] = setpki_time_text(rec.not_before, from);
		cell[UNTIL] = setpki_time_text(rec.not_after, until);
		cell[RUNWAY] = setca_runway(s->run->now, rec.not_after, runway);
		cell[RUN] = setpki_time_text(rec.next_run, run);
		cell[PUBLISHED] = set;
	}
	tc_row(s->out, cell);
	ca_bci_record_free(&rec);
	return SETPKI_E_OK;
}

static enum setpki_code
run_list(struct tc_run *run)
{
	struct brands brands;
	enum setpki_code rc;
	struct setca s;
	size_t i;

	if ((rc = setca_open(run, CA_HOME_READ, -1, &s)) == SETPKI_E_OK &&
	    (rc = read_brands(&s, &brands)) == SETPKI_E_OK) {
		tc_table(s.out, "setca.bcis/1", columns);
		for (i = 0; i < brands.n && rc == SETPKI_E_OK; i++)
			rc = list_row(&s, brands.v[i].name);
		tc_table_end(s.out, NULL, "No brand.");
	}
	return setca_end(&s, rc);
}

const struct tc_command setca_bci_list = {
    .name = "bci list",
    .summary = "each brand's current list of CRLs, and how long it lasts",
    .about = "A BrandCRLIdentifier (BCI) names every CRL of a brand that counts, with its number.  PUBLISHED is the "
	     "sequence "
	     "number of the set that is public.",
    .examples =
	(const struct tc_example[]){
	    {"setca bci list", "every brand"},
	    {0},
	},
    .run = run_list,
};

/* --- show, export --- */

static const char *
brand_operand(const struct tc_run *run)
{
	return run->noperands > 0 ? run->operands[0] : NULL;
}

static enum setpki_code
run_show(struct tc_run *run)
{
	struct ca_bci_record rec = {0};
	enum setpki_code rc;
	struct setca s;

	if ((rc = setca_open(run, CA_HOME_READ, -1, &s)) == SETPKI_E_OK &&
	    (rc = ca_bci_read(s.home, brand_operand(run), &rec, &run->err)) == SETPKI_E_OK)
		rc = setca_print_object(&s, &(struct setpki_object){SETPKI_OBJECT_BCI, rec.der}, NULL);
	ca_bci_record_free(&rec);
	return setca_end(&s, rc);
}

const struct tc_command setca_bci_show = {
    .name = "bci show",
    .operands = "[BRAND]",
    .min = 0,
    .max = 1,
    .summary = "print a brand's current BCI",
    .about = "Which CRLs it names, with their numbers.  BRAND may be left out where there is only one.",
    .examples =
	(const struct tc_example[]){
	    {"setca bci show", "the only brand's"},
	    {0},
	},
    .run = run_show,
};

static enum setpki_code
run_export(struct tc_run *run)
{
	const struct bci_args *a = run->args;
	struct ca_bci_record rec = {0};
	enum setpki_code rc;
	struct setca s;

	if ((rc = setca_open(run, CA_HOME_READ, -1, &s)) == SETPKI_E_OK &&
	    (rc = ca_bci_read(s.home, brand_operand(run), &rec, &run->err)) == SETPKI_E_OK)
		rc = setca_write(a->out, rec.der, &run->err);
	ca_bci_record_free(&rec);
	return setca_end(&s, rc);
}

const struct tc_command setca_bci_export = {
    .name = "bci export",
    .operands = "[BRAND]",
    .min = 0,
    .max = 1,
    .summary = "a brand's current BCI as a file",
    .about = "DER.  BRAND may be left out where there is only one.",
    .opts =
	(const struct tc_opt[]){
	    {"out", TC_TEXT, TC_AT(struct bci_args, out), "FILE", "where it goes; else standard output", NULL},
	    {0},
	},
    .args_size = sizeof(struct bci_args),
    .examples =
	(const struct tc_example[]){
	    {"setca bci export --out brand.bci", "for setverify --bci"},
	    {0},
	},
    .run = run_export,
};

/* --- build, import --- */

static void
report(struct setca *s, const char *name, const struct ca_bci_record *rec, const char *result)
{
	char until[SETPKI_TIME_TEXT];

	if (s->json) {
		tc_object(s->out, "setca.bci/1", NULL);
		tc_text(s->out, "brand", name);
		tc_number(s->out, "sequence", rec->sequence);
		tc_text(s->out, "result", result);
		tc_time(s->out, "notBefore", rec->not_before);
		tc_time(s->out, "notAfter", rec->not_after);
		tc_object_end(s->out);
	} else
		printf("%s: BCI %llu %s, good until %s\n", name, (unsigned long long)rec->sequence, result,
		    setpki_time_text(rec->not_after, until));
}

static enum setpki_code
build_one(struct setca *s, const char *name, uint16_t number)
{
	struct ca_bci_record rec = {0};
	enum setpki_code rc = ca_bci_issue(s->home, number, &rec, SETCA_ERR(s));

	if (rc == SETPKI_E_OK)
		report(s, name, &rec, "made");
	ca_bci_record_free(&rec);
	return rc;
}

/* The brand of that name, or all of them. */
static enum setpki_code
build(struct setca *s, const char *name)
{
	const char *known[256], *near;
	struct brands brands;
	enum setpki_code rc;
	bool found = false;
	size_t i;

	rc = read_brands(s, &brands);
	for (i = 0; i < brands.n && rc == SETPKI_E_OK; i++) {
		known[i] = brands.v[i].name;
		if (name == NULL || strcmp(known[i], name) == 0) {
			found = true;
			rc = build_one(s, known[i], brands.v[i].number);
		}
	}
	if (rc != SETPKI_E_OK || found)
		return rc;
	near = name != NULL ? setpki_closest(name, known, brands.n) : NULL;
	return tc_fail(SETCA_ERR(s), SETPKI_E_NOTFOUND, "there is no brand%s%.64s%s%s%s", name != NULL ? " " : " here",
	    name != NULL ? name : "", near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
	    near != NULL ? "'?" : "");
}

static enum setpki_code
run_build(struct tc_run *run)
{
	const struct bci_args *a = run->args;
	enum setpki_code rc;
	struct setca s;

	if ((rc = setca_open(run, CA_HOME_WRITE, a->passphrase_fd, &s)) == SETPKI_E_OK)
		rc = build(&s, brand_operand(run));
	return setca_end(&s, rc);
}

const struct tc_command setca_bci_build = {
    .name = "bci build",
    .operands = "[BRAND]",
    .min = 0,
    .max = 1,
    .summary = "make a brand's next BCI now",
    .about = "Names the CRLs as they stand in the store and signs the list.  It becomes public with the next 'setca "
	     "publish', "
	     "which makes what is due by itself.  Without BRAND, every brand's.",
    .opts = (const struct tc_opt[]){SETCA_PASSPHRASE_FD(struct bci_args), {0}},
    .args_size = sizeof(struct bci_args),
    .examples =
	(const struct tc_example[]){
	    {"setca bci build brand", "the next one of the demo's brand"},
	    {0},
	},
    .run = run_build,
};

static enum setpki_code
import_object(void *arg, const struct setpki_object *o, struct setpki_error *err)
{
	struct ca_bci_record rec = {0};
	struct setca *s = arg;
	char name[CA_NAME_MAX];
	enum setpki_code rc;
	bool same;

	if (o->type != SETPKI_OBJECT_BCI)
		return tc_fail(err, SETPKI_E_ARGUMENT, "holds a %s; a BCI is wanted here", setpki_object_name(o->type));
	if ((rc = ca_bci_import(s->home, o->der, &rec, &same, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = setca_ca_name_now(s, rec.brand, name)) == SETPKI_E_OK)
		report(s, name, &rec, same ? "was here already" : "taken");
	ca_bci_record_free(&rec);
	return rc;
}

static enum setpki_code
run_import(struct tc_run *run)
{
	return setca_import_files(run, import_object);
}

const struct tc_command setca_bci_import = {
    .name = "bci import",
    .operands = "FILE...",
    .min = 1,
    .max = -1,
    .summary = "take the next BCI of a brand whose keys are elsewhere",
    .about = "The BCI passes the same gate as those made here: signed by the brand CA known here, a higher number, "
	     "CRLs that "
	     "are here.  'setca publish' makes it public.",
    .examples =
	(const struct tc_example[]){
	    {"setca bci import brand.bci", "the newest of a brand CA on another machine"},
	    {0},
	},
    .run = run_import,
};
