/* setca init: a hierarchy from its policy. */
#include "ca/hierarchy/init.h"
#include "tools/common/fail.h"
#include "tools/common/files.h"
#include "tools/setca/commands.h"
#include "tools/setca/plan.h"

struct init_args {
	bool plan;
	const char *only;
	int64_t passphrase_fd;
};

/* The home if there is one; none, or one that an interrupted init left without its databases, is no error here. */
static enum setpki_code
open_existing(struct tc_run *run, struct ca_home **out)
{
	enum setpki_code rc = ca_home_open(run->ctx, setca_home_dir(run), CA_HOME_READ, NULL, run->now, out, &run->err);

	if (rc != SETPKI_E_NOTFOUND)
		return rc;
	setpki_error_clear(&run->err);
	return SETPKI_E_OK;
}

static enum setpki_code
read_policy(struct tc_run *run, struct ca_policy **out)
{
	struct tc_file file;
	enum setpki_code rc;

	if ((rc = tc_file_read(run->operands[0], &file, &run->err)) != SETPKI_E_OK)
		return rc;
	rc = ca_policy_read(run->ctx, file.bytes, run->operands[0], out, &run->err);
	tc_file_close(&file);
	return rc;
}

/* What is missing, shown before anything is made; passphrases that will be needed must be to be had. */
static enum setpki_code
preview(struct setca *s, const struct ca_policy *policy, const struct init_args *a)
{
	struct ca_passphrase ask = setca_asker(s);
	struct ca_plan plan = {0};
	struct ca_home *h = NULL;
	enum setpki_code rc;

	if ((rc = open_existing(s->run, &h)) == SETPKI_E_OK &&
	    (rc = ca_init_plan(h, policy, a->only, &plan, SETCA_ERR(s))) == SETPKI_E_OK) {
		setca_plan_show(s, &plan);
		if (!a->plan)
			rc = ca_plan_check_pass(&plan, &ask, SETCA_ERR(s));
	}
	ca_plan_free(&plan);
	ca_home_close(h);
	return rc;
}

/* Puts the policy in force and carries out what is missing. */
static enum setpki_code
carry_out(struct setca *s, struct ca_policy **policy, const struct init_args *a)
{
	struct ca_plan plan = {0};
	enum setpki_code rc;

	if ((rc = setca_open_home(s, CA_HOME_CREATE)) != SETPKI_E_OK ||
	    (rc = ca_init_begin(s->home, *policy, a->only, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	*policy = NULL; /* the home's from here on */
	if ((rc = ca_init_plan(s->home, s->home->policy, a->only, &plan, SETCA_ERR(s))) == SETPKI_E_OK)
		rc = setca_plan_run(s, &plan);
	ca_plan_free(&plan);
	return rc;
}

static enum setpki_code
run_init(struct tc_run *run)
{
	const struct init_args *a = run->args;
	struct ca_policy *policy = NULL;
	enum setpki_code rc;
	struct setca s;

	if ((rc = setca_begin(run, &s)) == SETPKI_E_OK &&
	    (rc = tc_pass_new(a->passphrase_fd, &s.pass, &run->err)) == SETPKI_E_OK &&
	    (rc = read_policy(run, &policy)) == SETPKI_E_OK) {
		setca_warn_suite(policy->suite);
		rc = preview(&s, policy, a);
		if (rc == SETPKI_E_OK && !a->plan)
			rc = carry_out(&s, &policy, a);
	}
	ca_policy_free(policy);
	return setca_end(&s, rc);
}

const struct tc_command setca_init = {
    .name = "init",
    .operands = "POLICY",
    .min = 1,
    .max = 1,
    .summary = "make the hierarchy that a policy describes",
    .about =
	"Prints the plan, then makes what is missing: keys, CA certificates, the first CRLs and the brand's list of "
	"them, and publishes.  Asks nothing but the passphrases of protected keys.  It may be interrupted and "
	"repeated; a finished home is left as it is.\n\n"
	"Where the policy says that a CA is offline, its keys are made on another machine with --only; init here "
	"makes everything below, writes the requests for it into a bundle, says what it waits for and ends with "
	"status 3.  'setca ca sign' there and 'setca ca install' here go on.",
    .opts =
	(const struct tc_opt[]){
	    {"plan", TC_FLAG, TC_AT(struct init_args, plan), NULL, "only print the plan; make nothing", NULL},
	    {"only", TC_TEXT, TC_AT(struct init_args, only), "CA",
		"make only this CA: for the machine that holds an offline CA", NULL},
	    SETCA_PASSPHRASE_FD(struct init_args),
	    {0},
	},
    .args_size = sizeof(struct init_args),
    .examples =
	(const struct tc_example[]){
	    {"setca init policies/demo.yaml", "a hierarchy to play with, in ./setca-home"},
	    {"setca init --plan policies/production.yaml", "what the other would make"},
	    {0},
	},
    .run = run_init,
};
