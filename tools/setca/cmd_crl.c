/* setca crl list, show, export, build, import. */
#include "ca/publish/publish.h"
#include "tools/common/fail.h"
#include "tools/common/files.h"
#include "tools/setca/commands.h"
#include "tools/setca/setca.h"

struct crl_args {
	int64_t generation, passphrase_fd;
	const char *out;
	bool pem;
};

/* The generation that the command line names; 0, the newest, where it names none. */
static enum setpki_code
generation(struct tc_run *run, uint16_t *out)
{
	const struct crl_args *a = run->args;

	*out = 0;
	if (a->generation == 0 || a->generation > UINT16_MAX)
		return tc_fail(
		    &run->err, SETPKI_E_ARGUMENT, "--generation: generations are numbered 1 to %d", UINT16_MAX);
	if (a->generation > 0)
		*out = (uint16_t)a->generation;
	return SETPKI_E_OK;
}

/* --- list --- */

enum { NAME, GENERATION, NUMBER, THIS, NEXT, RUNWAY, RUN, WHERE, STATE, COLUMNS };

static const struct tc_column columns[] = {
    [NAME] = {"ca", "CA", SETPKI_VALUE_TEXT, false},
    [GENERATION] = {"generation", "GEN", SETPKI_VALUE_NUMBER, true},
    [NUMBER] = {"number", "NUMBER", SETPKI_VALUE_NUMBER, true},
    [THIS] = {"thisUpdate", "THIS UPDATE", SETPKI_VALUE_TIME, false},
    [NEXT] = {"nextUpdate", "NEXT UPDATE", SETPKI_VALUE_TIME, false},
    [RUNWAY] = {"", "RUNWAY", SETPKI_VALUE_TEXT, true},
    [RUN] = {"nextRun", NULL, SETPKI_VALUE_TIME, false},
    [WHERE] = {"made", "MADE", SETPKI_VALUE_TEXT, false},
    [STATE] = {"state", "STATE", SETPKI_VALUE_TEXT, false},
    [COLUMNS] = {0},
};

static const char *
state_text(const struct ca_crl_status *c)
{
	if (!c->publishes)
		return "ended";
	if (c->number == 0)
		return "none yet";
	if (c->pending)
		return "new revocations";
	return c->due ? "due" : "current";
}

static void
list_row(struct setca *s, const struct ca_crl_status *c)
{
	char gen[8], number[24], this[SETPKI_TIME_TEXT], next[SETPKI_TIME_TEXT], run[SETPKI_TIME_TEXT], runway[32];
	const char *cell[COLUMNS] = {0};

	snprintf(gen, sizeof(gen), "%u", c->generation);
	cell[NAME] = c->name;
	cell[GENERATION] = gen;
	cell[WHERE] = c->here ? "here" : "elsewhere";
	cell[STATE] = state_text(c);
	if (c->number != 0) {
		snprintf(number, sizeof(number), "%llu", (unsigned long long)c->number);
		cell[NUMBER] = number;
		cell[THIS] = setpki_time_text(c->this_update, this);
		cell[NEXT] = setpki_time_text(c->next_update, next);
		cell[RUNWAY] = setca_runway(s->run->now, c->next_update, runway);
		cell[RUN] = c->here ? setpki_time_text(c->next_run, run) : NULL;
	}
	tc_row(s->out, cell);
}

static enum setpki_code
run_list(struct tc_run *run)
{
	struct ca_crl_list list = {0};
	enum setpki_code rc;
	struct setca s;
	size_t i;

	if ((rc = setca_open(run, CA_HOME_READ, -1, &s)) == SETPKI_E_OK &&
	    (rc = ca_crl_list_read(s.home, &list, &run->err)) == SETPKI_E_OK) {
		tc_table(s.out, "setca.crls/1", columns);
		for (i = 0; i < list.n; i++)
			list_row(&s, &list.v[i]);
		tc_table_end(s.out, NULL, "No CA keeps CRLs.");
	}
	ca_crl_list_free(&list);
	return setca_end(&s, rc);
}

const struct tc_command setca_crl_list = {
    .name = "crl list",
    .summary = "each CA's current CRL, and how long it lasts",
    .about = "One line for each CA generation that keeps CRLs.  'new revocations' and 'due' mean that 'setca publish "
	     "--due' has "
	     "work to do; CRLs that are made elsewhere come by 'setca crl import'.",
    .examples =
	(const struct tc_example[]){
	    {"setca crl list", "every CRL"},
	    {0},
	},
    .run = run_list,
};

/* --- show, export --- */

static enum setpki_code
run_show(struct tc_run *run)
{
	struct ca_crl_record rec = {0};
	enum setpki_code rc;
	struct setca s;
	uint16_t number;

	if ((rc = setca_open(run, CA_HOME_READ, -1, &s)) == SETPKI_E_OK &&
	    (rc = generation(run, &number)) == SETPKI_E_OK &&
	    (rc = ca_crl_read(s.home, run->operands[0], number, &rec, &run->err)) == SETPKI_E_OK)
		rc = setca_print_object(&s, &(struct setpki_object){SETPKI_OBJECT_CRL, rec.der}, NULL);
	ca_crl_record_free(&rec);
	return setca_end(&s, rc);
}

#define GENERATION_OPT                                                                                                 \
	{                                                                                                              \
		"generation", TC_NUMBER, TC_AT(struct crl_args, generation), "N",                                      \
		    "of this generation; else the newest", NULL                                                        \
	}

const struct tc_command setca_crl_show = {
    .name = "crl show",
    .operands = "CA",
    .min = 1,
    .max = 1,
    .summary = "print a CA's current CRL",
    .about = "The current CRL as this home has it, field by field.",
    .opts = (const struct tc_opt[]){GENERATION_OPT, {0}},
    .args_size = sizeof(struct crl_args),
    .examples =
	(const struct tc_example[]){
	    {"setca crl show gateway", "the gateway CA's"},
	    {0},
	},
    .run = run_show,
};

static enum setpki_code
run_export(struct tc_run *run)
{
	const struct crl_args *a = run->args;
	struct ca_crl_record rec = {0};
	struct sp_buf pem = {0};
	enum setpki_code rc;
	struct setca s;
	uint16_t number;

	if ((rc = setca_open(run, CA_HOME_READ, -1, &s)) == SETPKI_E_OK &&
	    (rc = generation(run, &number)) == SETPKI_E_OK &&
	    (rc = ca_crl_read(s.home, run->operands[0], number, &rec, &run->err)) == SETPKI_E_OK) {
		if (a->pem)
			rc = setca_pem("X509 CRL", rec.der, &pem, &run->err);
		if (rc == SETPKI_E_OK)
			rc = setca_write(a->out, a->pem ? sp_buf_bytes(&pem) : rec.der, &run->err);
	}
	sp_buf_free(&pem);
	ca_crl_record_free(&rec);
	return setca_end(&s, rc);
}

const struct tc_command setca_crl_export = {
    .name = "crl export",
    .operands = "CA",
    .min = 1,
    .max = 1,
    .summary = "a CA's current CRL as a file",
    .about = "DER, or PEM with --pem.  An offline root's CRL goes to its brands' homes this way, which take it with "
	     "'setca crl "
	     "import'.",
    .opts =
	(const struct tc_opt[]){
	    {"out", TC_TEXT, TC_AT(struct crl_args, out), "FILE", "where it goes; else standard output", NULL},
	    {"pem", TC_FLAG, TC_AT(struct crl_args, pem), NULL, "PEM instead of DER", NULL},
	    GENERATION_OPT,
	    {0},
	},
    .args_size = sizeof(struct crl_args),
    .examples =
	(const struct tc_example[]){
	    {"setca crl export root --out root.crl", "to carry it elsewhere"},
	    {0},
	},
    .run = run_export,
};

/* --- build, import --- */

static void
report(struct setca *s, const char *ca, const struct ca_crl_record *rec, const char *what)
{
	char until[SETPKI_TIME_TEXT];

	if (!s->json) {
		printf("%s: CRL %llu %s, good until %s\n", ca, (unsigned long long)rec->number, what,
		    setpki_time_text(rec->next_update, until));
		return;
	}
	tc_object(s->out, "setca.crl/1", NULL);
	tc_text(s->out, "ca", ca);
	tc_number(s->out, "generation", rec->generation);
	tc_number(s->out, "number", rec->number);
	tc_text(s->out, "result", what);
	tc_time(s->out, "thisUpdate", rec->this_update);
	tc_time(s->out, "nextUpdate", rec->next_update);
	tc_object_end(s->out);
}

static enum setpki_code
ca_number(struct setca *s, const char *name, uint16_t *number)
{
	struct ca_ca_record ca = {0};
	enum setpki_code rc;
	ca_txn *t;

	if ((rc = ca_txn_begin(s->home->store, false, &t, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	rc = setca_find_ca(s, t, name, &ca);
	*number = ca.id;
	ca_ca_record_free(&ca);
	ca_txn_abort(t);
	return rc;
}

static enum setpki_code
run_build(struct tc_run *run)
{
	const struct crl_args *a = run->args;
	struct ca_crl_record rec = {0};
	enum setpki_code rc;
	struct setca s;
	uint16_t ca, number;

	if ((rc = setca_open(run, CA_HOME_WRITE, a->passphrase_fd, &s)) == SETPKI_E_OK &&
	    (rc = generation(run, &number)) == SETPKI_E_OK &&
	    (rc = ca_number(&s, run->operands[0], &ca)) == SETPKI_E_OK &&
	    (rc = ca_crl_issue(s.home, ca, number, &rec, &run->err)) == SETPKI_E_OK)
		report(&s, run->operands[0], &rec, "made");
	ca_crl_record_free(&rec);
	return setca_end(&s, rc);
}

const struct tc_command setca_crl_build = {
    .name = "crl build",
    .operands = "CA",
    .min = 1,
    .max = 1,
    .summary = "make a CA's next CRL now",
    .about =
	"Makes the next CRL and stores it, whether it is due or not.  It becomes public with the next 'setca publish', "
	"which makes those that are due by itself; this is for the offline root, whose CRL is carried by file.",
    .opts = (const struct tc_opt[]){GENERATION_OPT, SETCA_PASSPHRASE_FD(struct crl_args), {0}},
    .args_size = sizeof(struct crl_args),
    .examples =
	(const struct tc_example[]){
	    {"setca crl build root", "on the machine that holds the root"},
	    {0},
	},
    .run = run_build,
};

static enum setpki_code
import_object(void *arg, const struct setpki_object *o, struct setpki_error *err)
{
	struct ca_crl_record rec = {0};
	struct setca *s = arg;
	char name[CA_NAME_MAX];
	enum setpki_code rc;
	bool same;

	if (o->type != SETPKI_OBJECT_CRL)
		return tc_fail(err, SETPKI_E_ARGUMENT, "holds a %s; a CRL is wanted here", setpki_object_name(o->type));
	if ((rc = ca_crl_import(s->home, o->der, &rec, &same, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = setca_ca_name_now(s, rec.ca, name)) == SETPKI_E_OK)
		report(s, name, &rec, same ? "was here already" : "taken");
	ca_crl_record_free(&rec);
	return rc;
}

static enum setpki_code
run_import(struct tc_run *run)
{
	return setca_import_files(run, import_object);
}

const struct tc_command setca_crl_import = {
    .name = "crl import",
    .operands = "FILE...",
    .min = 1,
    .max = -1,
    .summary = "take the next CRL of a CA whose keys are elsewhere",
    .about =
	"The CRL passes the same gate as those made here: issuer and signature of a CA known here, a higher number, a "
	"later thisUpdate, no entry lost.  'setca publish' makes it public.",
    .examples =
	(const struct tc_example[]){
	    {"setca crl import root.crl", "the offline root's newest"},
	    {0},
	},
    .run = run_import,
};
