/* setca hold, release. */
#include "ca/issue/hold.h"
#include "tools/setca/commands.h"
#include "tools/setca/setca.h"

struct hold_args {
	const char *reason;
};

static void
report_json(struct setca *s, const struct ca_hold *hold, bool held)
{
	tc_object(s->out, "setca.hold/1", NULL);
	tc_bool(s->out, "held", held);
	tc_time(s->out, "since", hold->since);
	tc_text(s->out, "reason", hold->reason[0] != '\0' ? hold->reason : NULL);
	tc_object_end(s->out);
}

static enum setpki_code
run_hold(struct tc_run *run)
{
	const struct hold_args *a = run->args;
	struct ca_hold hold;
	enum setpki_code rc;
	struct setca s;

	if ((rc = setca_open(run, CA_HOME_WRITE, -1, &s)) == SETPKI_E_OK &&
	    (rc = ca_hold(s.home, a->reason, &hold, &run->err)) == SETPKI_E_OK) {
		if (s.json)
			report_json(&s, &hold, true);
		else
			printf("Held: nothing is issued until 'setca release'.  Revoking and publishing go on.\n");
	}
	return setca_end(&s, rc);
}

static enum setpki_code
run_release(struct tc_run *run)
{
	char since[SETPKI_TIME_TEXT];
	struct ca_hold was;
	enum setpki_code rc;
	struct setca s;

	if ((rc = setca_open(run, CA_HOME_WRITE, -1, &s)) == SETPKI_E_OK &&
	    (rc = ca_release(s.home, &was, &run->err)) == SETPKI_E_OK) {
		if (s.json)
			report_json(&s, &was, false);
		else
			printf("Released: it was held since %s%s%s.\n", setpki_time_text(was.since, since),
			    was.reason[0] != '\0' ? ": " : "", was.reason);
	}
	return setca_end(&s, rc);
}

const struct tc_command setca_hold = {
    .name = "hold",
    .summary = "stop issuing, at once",
    .about =
	"From now on nothing is issued in this home, to cardholders, merchants and gateways or to CAs, whoever asks, "
	"until 'setca release'.  Revoking and publishing go on; who was answered before gets the same answer again.  "
	"What is being signed at this moment is not issued any more.",
    .opts =
	(const struct tc_opt[]){
	    {"reason", TC_TEXT, TC_AT(struct hold_args, reason), "TEXT", "why, for those who meet it, and for the log",
		NULL},
	    {0},
	},
    .args_size = sizeof(struct hold_args),
    .examples =
	(const struct tc_example[]){
	    {"setca hold --reason 'a key may be lost'", "while it is looked into"},
	    {0},
	},
    .run = run_hold,
};

const struct tc_command setca_release = {
    .name = "release",
    .summary = "resume issuing after 'setca hold'",
    .about = "What was refused meanwhile is not taken up by itself: ask again.",
    .examples =
	(const struct tc_example[]){
	    {"setca release", "issuing goes on"},
	    {0},
	},
    .run = run_release,
};
