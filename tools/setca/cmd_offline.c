/* setca ca request, ca sign, ca install: the offline superior, by files (set-protocol 12.16). */
#include "ca/file/file.h"
#include "ca/hierarchy/init.h"
#include "ca/hierarchy/request.h"
#include "lib/x509/name.h"
#include "tools/common/fail.h"
#include "tools/common/files.h"
#include "tools/setca/commands.h"
#include "tools/setca/plan.h"

#include <openssl/crypto.h>
#include <string.h>

struct offline_args {
	const char *out, *root_thumb;
	bool yes;
	int64_t passphrase_fd;
};

/* --- request --- */

static enum setpki_code
run_request(struct tc_run *run)
{
	const struct offline_args *a = run->args;
	struct sp_buf pem = {0};
	enum setpki_code rc;
	struct setca s;
	size_t n;

	rc = setca_open(run, CA_HOME_WRITE, a->passphrase_fd, &s);
	if (rc == SETPKI_E_OK &&
	    (rc = ca_request_bundle(s.home, run->operands[0], &pem, &n, &run->err)) == SETPKI_E_OK &&
	    (rc = setca_write(a->out, sp_buf_bytes(&pem), &run->err)) == SETPKI_E_OK && a->out != NULL && !s.json)
		printf("%s: %zu request%s for %s\n", a->out, n, n == 1 ? "" : "s", run->operands[0]);
	sp_buf_free(&pem);
	return setca_end(&s, rc);
}

const struct tc_command setca_ca_request = {
    .name = "ca request",
    .operands = "SUPERIOR",
    .min = 1,
    .max = 1,
    .summary = "write again the bundle of requests for an offline superior",
    .about =
	"A bundle of PKCS#10 requests, one for each key that waits for a certificate of that superior, as PEM.  init "
	"writes the same bundle by itself; this is for when it was lost.",
    .opts =
	(const struct tc_opt[]){
	    {"out", TC_TEXT, TC_AT(struct offline_args, out), "FILE", "where the bundle goes; else standard output",
		NULL},
	    SETCA_PASSPHRASE_FD(struct offline_args),
	    {0},
	},
    .args_size = sizeof(struct offline_args),
    .examples =
	(const struct tc_example[]){
	    {"setca ca request root --out for-root.pem", "for the machine that holds the root"},
	    {0},
	},
    .run = run_request,
};

/* --- sign --- */

enum { CA, PURPOSE, KEY, FROM, UNTIL, SUBJECT, IDENTITY, VERDICT, COLUMNS };

static const struct tc_column columns[] = {
    [CA] = {"ca", "CA", SETPKI_VALUE_TEXT, false},
    [PURPOSE] = {"purpose", "PURPOSE", SETPKI_VALUE_TEXT, false},
    [KEY] = {"keyType", "KEY", SETPKI_VALUE_TEXT, false},
    [FROM] = {"notBefore", "FROM", SETPKI_VALUE_TEXT, false},
    [UNTIL] = {"notAfter", "UNTIL", SETPKI_VALUE_TEXT, false},
    [SUBJECT] = {"subject", "SUBJECT", SETPKI_VALUE_TEXT, false},
    [IDENTITY] = {"keyIdentity", NULL, SETPKI_VALUE_TEXT, false},
    [VERDICT] = {"verdict", "VERDICT", SETPKI_VALUE_TEXT, false},
    [COLUMNS] = {0},
};

static void
preview_row(struct setca *s, const struct ca_sign_item *i)
{
	char from[SETPKI_TIME_TEXT], until[SETPKI_TIME_TEXT], verdict[600];
	const char *cell[COLUMNS];

	if (i->verdict == SETPKI_E_OK)
		snprintf(verdict, sizeof(verdict), "%s",
		    i->repeated	    ? "signed before, the same again"
			: i->renews ? "would be renewed"
				    : "would be signed");
	else
		snprintf(verdict, sizeof(verdict), "refused: %s", i->reason);
	cell[CA] = i->ca >= 0 ? s->home->policy->cas[i->ca].name : "unknown";
	cell[PURPOSE] = ca_purpose_name(i->purpose);
	cell[KEY] = i->key_type;
	cell[FROM] = i->verdict == SETPKI_E_OK ? setca_day(s, i->not_before, from) : NULL;
	cell[UNTIL] = i->verdict == SETPKI_E_OK ? setca_day(s, i->not_after, until) : NULL;
	cell[SUBJECT] = i->subject;
	cell[IDENTITY] = i->key_identity;
	cell[VERDICT] = verdict;
	tc_row(s->out, cell);
}

static void
show_preview(struct setca *s, const struct ca_sign_preview *p)
{
	size_t i;

	tc_table(s->out, "setca.sign/1", columns);
	for (i = 0; i < p->n; i++)
		preview_row(s, &p->v[i]);
	tc_table_end(s->out, NULL, "The bundle holds no request.");
	fflush(stdout);
}

static enum setpki_code
sign_bundle(struct setca *s, setpki_bytes bundle, const struct offline_args *a)
{
	struct ca_sign_preview preview = {0};
	struct sp_buf p7 = {0};
	enum setpki_code rc;

	if ((rc = ca_sign_preview(s->home, bundle, &preview, SETCA_ERR(s))) != SETPKI_E_OK)
		goto out;
	show_preview(s, &preview);
	if (preview.refused == 0)
		rc = tc_confirm(a->yes, "Sign these requests?", SETCA_ERR(s));
	if (rc == SETPKI_E_OK && (rc = ca_sign_run(s->home, bundle, &p7, SETCA_ERR(s))) == SETPKI_E_OK &&
	    (rc = ca_file_write(a->out, sp_buf_bytes(&p7), 0644, SETCA_ERR(s))) == SETPKI_E_OK && !s->json)
		printf("%s: the answer; 'setca ca install' takes it where the requests came from\n", a->out);
out:
	sp_buf_free(&p7);
	ca_sign_preview_free(&preview);
	return rc;
}

static enum setpki_code
run_sign(struct tc_run *run)
{
	const struct offline_args *a = run->args;
	struct tc_file bundle = {0};
	enum setpki_code rc;
	struct setca s = {0};

	if (a->out == NULL)
		return tc_fail(&run->err, SETPKI_E_ARGUMENT, "ca sign needs --out FILE for the answer");
	rc = setca_open(run, CA_HOME_WRITE, a->passphrase_fd, &s);
	if (rc == SETPKI_E_OK && (rc = tc_file_read(run->operands[0], &bundle, &run->err)) == SETPKI_E_OK)
		rc = sign_bundle(&s, bundle.bytes, a);
	tc_file_close(&bundle);
	return setca_end(&s, rc);
}

const struct tc_command setca_ca_sign = {
    .name = "ca sign",
    .operands = "BUNDLE",
    .min = 1,
    .max = 1,
    .summary = "sign a bundle of requests, on the machine that holds the superior",
    .about =
	"Shows each request as this home's own policy judges it, asks, and signs all of them or none.  The answer is a "
	"PKCS#7 file with the new certificates, the superiors' and the superior's current CRL.",
    .opts =
	(const struct tc_opt[]){
	    {"out", TC_TEXT, TC_AT(struct offline_args, out), "FILE", "where the answer goes", NULL},
	    {"yes", TC_FLAG, TC_AT(struct offline_args, yes), NULL, "do not ask", NULL},
	    SETCA_PASSPHRASE_FD(struct offline_args),
	    {0},
	},
    .args_size = sizeof(struct offline_args),
    .examples =
	(const struct tc_example[]){
	    {"setca --home root-home ca sign for-root.pem --out answer.p7b --yes", "on the offline machine"},
	    {0},
	},
    .run = run_sign,
};

/* --- install --- */

struct confirm {
	struct setca *s;
	const struct offline_args *args;
};

/* A root that this home does not know is compared by its thumb, once. */
static enum setpki_code
confirm_root(void *arg, const struct sp_cert *root, const char *thumb, struct setpki_error *err)
{
	struct confirm *c = arg;
	char subject[256], question[512];

	if (c->args->root_thumb != NULL) {
		if (strcmp(c->args->root_thumb, thumb) == 0)
			return SETPKI_E_OK;
		return tc_fail(
		    err, SETPKI_E_RULE, "the answer's root has the thumb %s, not that of --root-thumb", thumb);
	}
	sp_name_text(root->subject, subject, sizeof(subject));
	if (!tc_can_ask())
		return tc_fail(err, SETPKI_E_ARGUMENT,
		    "the root %s is new here; compare its thumb %s with the one that 'setca tree' prints on its "
		    "machine, "
		    "and give it with --root-thumb",
		    subject, thumb);
	snprintf(question, sizeof(question),
	    "The root is new here:\n  %s\n  thumb %s\nIs this the thumb that 'setca tree' prints on its machine?",
	    subject, thumb);
	return tc_confirm(false, question, err);
}

/* After an answer was taken the plan is computed again and carried on. */
static enum setpki_code
go_on(struct setca *s)
{
	struct ca_plan plan = {0};
	enum setpki_code rc;

	if ((rc = ca_init_plan(s->home, s->home->policy, NULL, &plan, SETCA_ERR(s))) == SETPKI_E_OK && plan.n > 0) {
		setca_plan_show(s, &plan);
		rc = setca_plan_run(s, &plan);
	}
	ca_plan_free(&plan);
	return rc;
}

static void
report_taken(struct setca *s, const struct ca_install_result *got)
{
	if (!s->json) {
		printf("Taken: %zu certificate%s, %zu of superiors, %zu CRL%s.\n", got->certificates,
		    got->certificates == 1 ? "" : "s", got->superiors, got->crls, got->crls == 1 ? "" : "s");
		return;
	}
	tc_object(s->out, "setca.install/1", NULL);
	tc_number(s->out, "certificates", got->certificates);
	tc_number(s->out, "superiors", got->superiors);
	tc_number(s->out, "crls", got->crls);
	tc_object_end(s->out);
}

static enum setpki_code
install_answer(struct setca *s, setpki_bytes answer, const struct offline_args *a)
{
	struct confirm c = {s, a};
	struct ca_confirm_root ask = {confirm_root, &c};
	struct ca_install_result got = {0};
	enum setpki_code rc;

	if ((rc = ca_install(s->home, answer, &ask, &got, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	report_taken(s, &got);
	return go_on(s);
}

static enum setpki_code
run_install(struct tc_run *run)
{
	const struct offline_args *a = run->args;
	struct tc_file answer = {0};
	enum setpki_code rc;
	struct setca s = {0};

	rc = setca_open(run, CA_HOME_WRITE, a->passphrase_fd, &s);
	if (rc == SETPKI_E_OK && (rc = tc_file_read(run->operands[0], &answer, &run->err)) == SETPKI_E_OK)
		rc = install_answer(&s, answer.bytes, a);
	tc_file_close(&answer);
	return setca_end(&s, rc);
}

const struct tc_command setca_ca_install = {
    .name = "ca install",
    .operands = "ANSWER",
    .min = 1,
    .max = 1,
    .summary = "take the answer of an offline superior, and go on",
    .about =
	"Checks the certificates against the requests and the policy, takes all of them or none, and then makes what "
	"waited for them.  A root that is new here is shown by its thumb, and taken only when you say that it is "
	"the right one, or when --root-thumb does.",
    .opts =
	(const struct tc_opt[]){
	    {"root-thumb", TC_TEXT, TC_AT(struct offline_args, root_thumb), "HEX",
		"the thumb of the right root, as 'setca tree' prints it there", NULL},
	    SETCA_PASSPHRASE_FD(struct offline_args),
	    {0},
	},
    .args_size = sizeof(struct offline_args),
    .examples =
	(const struct tc_example[]){
	    {"setca ca install answer.p7b --root-thumb $THUMB", "the answer that came back from the root"},
	    {0},
	},
    .run = run_install,
};
