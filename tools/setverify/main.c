/* setverify: chains and single objects, checked without a home, a policy or a network. */
#include "tools/common/main.h"
#include "tools/common/verify.h"

static enum setpki_code
run_verify(struct tc_run *run)
{
	return tc_verify_run(run, NULL);
}

static const struct tc_example verify_examples[] = {
    {"setverify --root root.pem --bci brand.p7c gateway.pem", "a gateway's certificate, with what the brand publishes"},
    {"setverify --root root.pem --bci brand.p7c --until 30d --format junit certs/",
	"in a pipeline: also what will have run out in 30 days"},
    {0},
};

static const struct tc_example lint_examples[] = {
    {"setverify lint gateway.pem", "the form of one certificate"},
    {"setverify lint --explain chain.revoked", "what a finding means"},
    {0},
};

static const struct tc_command verify = {
    .name = "verify",
    .operands = "CERT...",
    .min = 1,
    .max = -1,
    .summary = "check certificates against trusted roots",
    .about = tc_verify_about,
    .opts = tc_verify_opts,
    .args_size = sizeof(struct tc_verify_args),
    .examples = verify_examples,
    .run = run_verify,
};

static const struct tc_command lint = {
    .name = "lint",
    .operands = "FILE...",
    .min = 0,
    .max = -1,
    .summary = "check single objects by themselves",
    .about = tc_lint_about,
    .opts = tc_lint_opts,
    .args_size = sizeof(struct tc_lint_args),
    .examples = lint_examples,
    .run = tc_lint_run,
};

static const struct tc_command *const commands[] = {&verify, &lint, NULL};

static const struct tc_program program = {
    .name = "setverify",
    .summary = "check certificate chains of SET and X.509",
    .about = tc_verify_about,
    .commands = commands,
    .fallback = &verify,
    .exit_status = "0: everything is valid, or accepted by the baseline.  1: something is refused.  2: wrong usage.  "
		   "3: something could not be decided, because a root, an issuer, a CRL or the BCI is missing.",
};

int
main(int argc, char **argv)
{
	return tc_main(&program, argc, argv);
}
