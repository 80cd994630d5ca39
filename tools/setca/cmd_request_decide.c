/* setca request approve, reject. */
#include "tools/common/fail.h"
#include "tools/setca/commands.h"
#include "tools/setca/request.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

/* --by, else the name of whoever is logged in. */
static enum setpki_code
who(const char *by, char out[CA_PERSON_MAX + 1], struct setpki_error *err)
{
	const struct passwd *pw;

	if (by == NULL && (pw = getpwuid(getuid())) != NULL)
		by = pw->pw_name;
	if (by == NULL)
		return tc_fail(err, SETPKI_E_ARGUMENT, "your login has no name; say who decides with --by");
	if (snprintf(out, CA_PERSON_MAX + 1, "%s", by) > CA_PERSON_MAX)
		return tc_fail(err, SETPKI_E_ARGUMENT, "--by: a name of at most %d octets", CA_PERSON_MAX);
	return SETPKI_E_OK;
}

/* Does something to each request that is named. */
typedef enum setpki_code decide_fn(struct setca *s, uint64_t number, const char *by, const void *args);

static enum setpki_code
each(struct setca *s, const char *by_option, decide_fn *fn, const void *args)
{
	char by[CA_PERSON_MAX + 1];
	uint64_t number;
	enum setpki_code rc = who(by_option, by, SETCA_ERR(s));

	for (size_t i = 0; rc == SETPKI_E_OK && i < s->run->noperands; i++)
		if ((rc = setca_request_number(s->run->operands[i], &number, SETCA_ERR(s))) == SETPKI_E_OK)
			rc = fn(s, number, by, args);
	return rc;
}

/* --- approve --- */

struct approve_args {
	const char *by;
	int64_t passphrase_fd;
};

/* Whether a daemon serves this home: it holds the keys, and sees the approval within a second. */
static bool
daemon_serves(struct setca *s)
{
	struct setpki_error err = {0};
	int lock;

	if (ca_home_lock(s->home, "setcad", false, &lock, &err) != SETPKI_E_OK)
		return err.code == SETPKI_E_STATE;
	close(lock);
	return false;
}

static void
tell(struct setca *s, const struct ca_request_record *rec, size_t issued, const char *why)
{
	unsigned long long number = rec->number;
	int needed = 1;

	if (rec->state == CA_REQUEST_COMPLETE && issued != 0)
		printf(
		    "request %llu: approved and issued: %zu certificate%s\n", number, issued, issued == 1 ? "" : "s");
	else if (rec->state == CA_REQUEST_COMPLETE)
		printf("request %llu: approved and issued\n", number);
	else if (rec->state == CA_REQUEST_PENDED && ca_desk_approvals(s->home, rec, &needed, NULL) == SETPKI_E_OK)
		printf("request %llu: approved by %s; %d of %d\n", number, rec->decider, rec->nvotes, needed);
	else
		printf("request %llu: %s; %s\n", number, ca_request_state_name(rec->state), why);
}

/* Issues what is approved, if nobody else will and the keys open here; `why` says what comes next if not. */
static enum setpki_code
try_issue(struct setca *s, struct ca_request_record *rec, size_t *issued, char why[160])
{
	struct ca_request_record now;
	struct setpki_error err = {0};
	enum setpki_code rc;

	snprintf(why, 160, "setcad issues it");
	if (rec->state != CA_REQUEST_APPROVED || daemon_serves(s))
		return SETPKI_E_OK;
	rc = ca_desk_issue(s->home, rec->number, NULL, issued, &now, &err);
	if (now.number != 0) {
		ca_request_record_free(rec);
		*rec = now;
	}
	if (rc == SETPKI_E_STORE || (rc != SETPKI_E_OK && rec->state == CA_REQUEST_REFUSED))
		return tc_fail(SETCA_ERR(s), rc, "request %llu: %s", (unsigned long long)rec->number, err.message);
	snprintf(why, 160, "issued by whoever holds the keys (not here: %.100s)", err.message);
	return SETPKI_E_OK;
}

static enum setpki_code
approve(struct setca *s, uint64_t number, const char *by, const void *args)
{
	struct ca_request_record rec;
	char why[160];
	size_t issued = 0;
	enum setpki_code rc;

	(void)args;
	if ((rc = ca_desk_approve(s->home, number, by, &rec, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	if ((rc = try_issue(s, &rec, &issued, why)) == SETPKI_E_OK) {
		if (s->json)
			rc = setca_request_put(s, &rec);
		else
			tell(s, &rec, issued, why);
	}
	ca_request_record_free(&rec);
	return rc;
}

static enum setpki_code
run_approve(struct tc_run *run)
{
	const struct approve_args *a = run->args;
	enum setpki_code rc;
	struct setca s = {0};

	if ((rc = setca_open(run, CA_HOME_WRITE, a->passphrase_fd, &s)) == SETPKI_E_OK)
		rc = each(&s, a->by, approve, a);
	return setca_end(&s, rc);
}

const struct tc_command setca_request_approve = {
    .name = "request approve",
    .operands = "NUMBER...",
    .min = 1,
    .max = -1,
    .summary = "approve registrations that wait",
    .about =
	"Records the approval; where the policy asks for two persons, two different names have to approve.  A setcad "
	"that serves this home issues within a second what is approved; without one this command issues it itself, if "
	"the CA's key opens here, and else it waits for whoever holds the key.  What could not be issued, such as a "
	"merchant who is not in the account list, is not approved.\n\n"
	"Who approves is taken at his word: whoever may write to the home may do all this.",
    .opts =
	(const struct tc_opt[]){
	    {"by", TC_TEXT, TC_AT(struct approve_args, by), "NAME", "who approves it (the login name)", NULL},
	    SETCA_PASSPHRASE_FD(struct approve_args),
	    {0},
	},
    .args_size = sizeof(struct approve_args),
    .examples =
	(const struct tc_example[]){
	    {"setca request approve 1 --by anna", "the first one"},
	    {0},
	},
    .run = run_approve,
};

/* --- reject --- */

struct reject_args {
	const char *by, *status, *message;
};

static enum setpki_code
reject(struct setca *s, uint64_t number, const char *by, const void *args)
{
	const struct reject_args *a = args;
	enum setpki_status status = a->status != NULL ? ca_desk_rejection(a->status) : SETPKI_STATUS_NONE;
	struct ca_request_record rec;
	enum setpki_code rc;

	if ((rc = ca_desk_reject(s->home, number, by, status, a->message, &rec, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	if (s->json)
		rc = setca_request_put(s, &rec);
	else
		printf("request %llu: %s: %s\n", (unsigned long long)number, ca_request_state_name(rec.state),
		    setpki_status_name((enum setpki_status)rec.status));
	ca_request_record_free(&rec);
	return rc;
}

static enum setpki_code
run_reject(struct tc_run *run)
{
	const struct reject_args *a = run->args;
	enum setpki_code rc;
	struct setca s = {0};

	if ((rc = setca_open(run, CA_HOME_WRITE, -1, &s)) == SETPKI_E_OK)
		rc = each(&s, a->by, reject, a);
	return setca_end(&s, rc);
}

static const char *const rejections[] = {"rejectedByIssuer", "rejectedByAquirer", "rejectedByCA", NULL};

const struct tc_command setca_request_reject = {
    .name = "request reject",
    .operands = "NUMBER...",
    .min = 1,
    .max = -1,
    .summary = "reject registrations that wait",
    .about = "The holder is told with the next inquiry.  What was approved and is not issued yet can be rejected too.",
    .opts =
	(const struct tc_opt[]){
	    {"status", TC_CHOICE, TC_AT(struct reject_args, status), "STATUS",
		"what the answer says; left out: rejectedByIssuer for cards, rejectedByAquirer (spelt so) for the "
		"others",
		rejections},
	    {"message", TC_TEXT, TC_AT(struct reject_args, message), "TEXT",
		"what the holder is told, at most 128 characters", NULL},
	    {"by", TC_TEXT, TC_AT(struct reject_args, by), "NAME", "who rejects it (the login name)", NULL},
	    {0},
	},
    .args_size = sizeof(struct reject_args),
    .examples =
	(const struct tc_example[]){
	    {"setca request reject 1 --message 'Please call us.'", "with a word to the holder"},
	    {0},
	},
    .run = run_reject,
};
