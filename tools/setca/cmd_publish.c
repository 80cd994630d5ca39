/* setca publish. */
#include "ca/publish/publish.h"
#include "tools/setca/commands.h"
#include "tools/setca/setca.h"

struct publish_args {
	bool due;
	const char *brand;
	int64_t passphrase_fd;
};

static const struct tc_column columns[] = {
    {"what", NULL, SETPKI_VALUE_TEXT, false},
    {"ca", NULL, SETPKI_VALUE_TEXT, false},
    {"generation", NULL, SETPKI_VALUE_NUMBER, false},
    {"number", NULL, SETPKI_VALUE_NUMBER, false},
    {"until", NULL, SETPKI_VALUE_TIME, false},
    {"text", NULL, SETPKI_VALUE_TEXT, false},
    {0},
};

static void
note_json(struct setca *s, const struct ca_publish_note *n)
{
	static const char *const what[] = {"crl", "bci", "set", "current", "warning"};
	char generation[8], number[24], until[SETPKI_TIME_TEXT];

	snprintf(generation, sizeof(generation), "%u", n->generation);
	snprintf(number, sizeof(number), "%llu", (unsigned long long)n->number);
	tc_row(s->out,
	    (const char *const[]){what[n->what], n->ca[0] != '\0' ? n->ca : n->brand,
		n->generation != 0 ? generation : NULL, n->number != 0 ? number : NULL,
		n->until != 0 ? setpki_time_text(n->until, until) : NULL, n->text});
}

static void
note(void *arg, const struct ca_publish_note *n)
{
	struct setca *s = arg;

	if (n->what == CA_PUBLISH_WARNING)
		fprintf(stderr, "setca: warning: %s\n", n->text);
	if (s->json)
		note_json(s, n);
	else if (n->what != CA_PUBLISH_WARNING)
		printf("%s\n", n->text);
	fflush(stdout);
}

static enum setpki_code
run_publish(struct tc_run *run)
{
	const struct publish_args *a = run->args;
	struct ca_publish_ask ask = {.brand = a->brand, .due = a->due, .note = note};
	enum setpki_code rc;
	struct setca s;

	if ((rc = setca_open(run, CA_HOME_WRITE, a->passphrase_fd, &s)) == SETPKI_E_OK) {
		ask.arg = &s;
		if (s.json)
			tc_table(s.out, "setca.publish/1", columns);
		rc = ca_publish(s.home, &ask, &run->err);
		if (s.json)
			tc_table_end(s.out, NULL, NULL);
	}
	return setca_end(&s, rc);
}

const struct tc_command setca_publish = {
    .name = "publish",
    .summary = "make what is due and publish each brand's set",
    .about =
	"Makes the CRLs that are due or have new revocations, then the BCI that names them, passes all of it through "
	"the "
	"gate, and puts it in place as one set: a reader never sees a BCI that names a CRL it cannot fetch.  With "
	"--due "
	"only what the schedules and new revocations ask for: what a timer calls.  It may be interrupted and repeated.",
    .opts =
	(const struct tc_opt[]){
	    {"due", TC_FLAG, TC_AT(struct publish_args, due), NULL, "only what is due; nothing to do is fine", NULL},
	    {"brand", TC_TEXT, TC_AT(struct publish_args, brand), "CA", "only this brand", NULL},
	    SETCA_PASSPHRASE_FD(struct publish_args),
	    {0},
	},
    .args_size = sizeof(struct publish_args),
    .examples =
	(const struct tc_example[]){
	    {"setca publish", "a new set now"},
	    {"setca publish --due", "from a timer"},
	    {0},
	},
    .run = run_publish,
};
