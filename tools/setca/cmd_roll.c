/* setca ca renew, ca roll: a CA's new certificates, and its next generation. */
#include "ca/hierarchy/roll.h"
#include "tools/common/fail.h"
#include "tools/setca/commands.h"
#include "tools/setca/plan.h"

#include <string.h>

struct roll_args {
	bool plan, yes;
	const char *purpose;
	int64_t passphrase_fd;
};

static enum ca_purpose
purpose_by_name(const char *name)
{
	int p;

	for (p = 0; name != NULL && p < CA_PURPOSE_N; p++)
		if (strcmp(ca_purpose_name((enum ca_purpose)p), name) == 0)
			return (enum ca_purpose)p;
	return CA_PURPOSE_N;
}

/* Shows the plan, asks, carries it out. */
static enum setpki_code
show_and_run(struct setca *s, const struct ca_plan *plan, const struct roll_args *a, const char *question)
{
	struct ca_passphrase ask = setca_asker(s);
	enum setpki_code rc;

	setca_plan_show(s, plan);
	if (a->plan || plan->n == 0)
		return SETPKI_E_OK;
	if ((rc = ca_plan_check_pass(plan, &ask, SETCA_ERR(s))) != SETPKI_E_OK ||
	    (rc = tc_confirm(a->yes, question, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	return setca_plan_run(s, plan);
}

static enum setpki_code
run_renew(struct tc_run *run)
{
	const struct roll_args *a = run->args;
	struct ca_plan plan = {0};
	enum setpki_code rc;
	struct setca s;

	rc = setca_open(run, a->plan ? CA_HOME_READ : CA_HOME_WRITE, a->passphrase_fd, &s);
	if (rc == SETPKI_E_OK &&
	    (rc = ca_renew_plan(s.home, run->operands[0], purpose_by_name(a->purpose), &plan, &run->err)) ==
		SETPKI_E_OK)
		rc = show_and_run(&s, &plan, a, "Renew these certificates?");
	ca_plan_free(&plan);
	return setca_end(&s, rc);
}

static enum setpki_code
run_roll(struct tc_run *run)
{
	const struct roll_args *a = run->args;
	struct ca_plan plan = {0};
	enum setpki_code rc;
	struct setca s;

	rc = setca_open(run, a->plan ? CA_HOME_READ : CA_HOME_WRITE, a->passphrase_fd, &s);
	if (rc == SETPKI_E_OK && (rc = ca_roll_plan(s.home, run->operands[0], &plan, &run->err)) == SETPKI_E_OK)
		rc = show_and_run(&s, &plan, a, "Begin this generation?  The one before it will issue no more.");
	ca_plan_free(&plan);
	return setca_end(&s, rc);
}

static const char *const purposes[] = {"certificate-signing", "crl-signing", "message-signature", "key-exchange", NULL};

const struct tc_command setca_ca_renew = {
    .name = "ca renew",
    .operands = "CA",
    .min = 1,
    .max = 1,
    .summary = "new certificates for the keys that a CA has",
    .about =
	"Shows the plan, asks, and has the superior certify the same keys of the CA's newest generation again.  When "
	"the superior's generation no longer signs, the CA has to roll instead.",
    .opts =
	(const struct tc_opt[]){
	    {"plan", TC_FLAG, TC_AT(struct roll_args, plan), NULL, "only print the plan", NULL},
	    {"purpose", TC_CHOICE, TC_AT(struct roll_args, purpose), "PURPOSE", "only the key for this purpose",
		purposes},
	    {"yes", TC_FLAG, TC_AT(struct roll_args, yes), NULL, "do not ask", NULL},
	    SETCA_PASSPHRASE_FD(struct roll_args),
	    {0},
	},
    .args_size = sizeof(struct roll_args),
    .examples =
	(const struct tc_example[]){
	    {"setca ca renew gateway --plan", "what would be renewed"},
	    {"setca ca renew gateway --yes", "and do it"},
	    {0},
	},
    .run = run_renew,
};

const struct tc_command setca_ca_roll = {
    .name = "ca roll",
    .operands = "CA",
    .min = 1,
    .max = 1,
    .summary = "begin a CA's next generation, with new keys",
    .about =
	"Shows the plan, asks, makes new keys and has them certified under a name of their own.  The generation "
	"before issues no more, and publishes its CRL until its last certificate has expired.  A root takes the key "
	"whose hash its certificate carries, so that relying parties follow, and makes the next one.",
    .opts =
	(const struct tc_opt[]){
	    {"plan", TC_FLAG, TC_AT(struct roll_args, plan), NULL, "only print the plan", NULL},
	    {"yes", TC_FLAG, TC_AT(struct roll_args, yes), NULL, "do not ask", NULL},
	    SETCA_PASSPHRASE_FD(struct roll_args),
	    {0},
	},
    .args_size = sizeof(struct roll_args),
    .examples =
	(const struct tc_example[]){
	    {"setca ca roll merchant --yes", "new keys for the merchant CA"},
	    {0},
	},
    .run = run_roll,
};
