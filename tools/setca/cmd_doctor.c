/* setca doctor. */
#include "ca/hierarchy/health.h"
#include "tools/setca/commands.h"
#include "tools/setca/setca.h"

#include <string.h>

/* Findings that are wrong go before what could not be looked at. */
static const int statuses[CA_SEVERITY_N] = {
    [CA_SEVERITY_UNDECIDED] = 3, [CA_SEVERITY_WARNING] = 1, [CA_SEVERITY_ERROR] = 1};

static enum tc_colour
colour_of(enum ca_severity s)
{
	return s == CA_SEVERITY_ERROR ? TC_RED : s == CA_SEVERITY_WARNING ? TC_YELLOW : TC_DIM;
}

/* --- text --------------------------------------------------------------------------------------- */

static void
put_finding(const struct ca_finding *f)
{
	const struct ca_health_row *row = &ca_health_rows[f->id];

	printf("%s%-9s%s %s%s%s%s: %s\n", tc_colour(stdout, colour_of(row->severity)), ca_severity_name(row->severity),
	    tc_colour(stdout, TC_PLAIN), row->id, f->where[0] != '\0' ? " (" : "", f->where,
	    f->where[0] != '\0' ? ")" : "", f->text);
}

/* Findings of one sort stand together: what to do is said below the last of them. */
static void
put_findings(const struct ca_health *health)
{
	for (size_t i = 0; i < health->n; i++) {
		put_finding(&health->v[i]);
		if (i + 1 == health->n || health->v[i + 1].id != health->v[i].id)
			printf("          -> %s\n", ca_health_rows[health->v[i].id].advice);
	}
	if (health->n == 0)
		printf("Nothing is wrong.\n");
}

static const struct tc_column columns[] = {
    {"", "UNTIL", SETPKI_VALUE_TEXT, false},
    {"", "LEFT", SETPKI_VALUE_TEXT, true},
    {"", "WHAT", SETPKI_VALUE_TEXT, false},
    {"", "WHERE", SETPKI_VALUE_TEXT, false},
    {0},
};

static void
put_coming(struct setca *s, const struct ca_health *health)
{
	char until[SETPKI_TIME_TEXT], left[32];

	printf("\nWhat ends, and when:\n");
	tc_table(s->out, NULL, columns);
	for (size_t i = 0; i < health->ncoming; i++) {
		const struct ca_coming *c = &health->coming[i];

		tc_row(s->out,
		    (const char *const[]){setpki_time_text(c->until, until), setca_runway(s->run->now, c->until, left),
			c->what, c->where});
	}
	tc_table_end(s->out, NULL, "Nothing yet.");
	printf("\nThe store has room for %llu MiB more.\n", (unsigned long long)(health->headroom >> 20));
}

/* --- JSON --------------------------------------------------------------------------------------- */

static void
put_json(struct setca *s, const struct ca_health *health)
{
	tc_object(s->out, "setca.doctor/1", NULL);
	tc_text(s->out, "status", ca_severity_name(health->worst));
	tc_number(s->out, "headroom", health->headroom);
	tc_enter(s->out, "findings", true);
	for (size_t i = 0; i < health->n; i++) {
		const struct ca_finding *f = &health->v[i];

		tc_enter(s->out, "item", false);
		tc_text(s->out, "check", ca_health_rows[f->id].id);
		tc_text(s->out, "severity", ca_severity_name(ca_health_rows[f->id].severity));
		tc_text(s->out, "where", f->where[0] != '\0' ? f->where : NULL);
		tc_text(s->out, "text", f->text);
		tc_text(s->out, "advice", ca_health_rows[f->id].advice);
		tc_leave(s->out);
	}
	tc_leave(s->out);
	tc_enter(s->out, "coming", true);
	for (size_t i = 0; i < health->ncoming; i++) {
		const struct ca_coming *c = &health->coming[i];

		tc_enter(s->out, "item", false);
		tc_text(s->out, "what", c->what);
		tc_text(s->out, "where", c->where);
		tc_time(s->out, "until", c->until);
		tc_text(s->out, "severity", ca_severity_name(c->severity));
		tc_leave(s->out);
	}
	tc_leave(s->out);
	tc_object_end(s->out);
}

static enum setpki_code
run_doctor(struct tc_run *run)
{
	struct ca_health health = {0};
	enum setpki_code rc;
	struct setca s;

	if ((rc = setca_open(run, CA_HOME_READ, -1, &s)) == SETPKI_E_OK &&
	    (rc = ca_health_read(s.home, &health, &run->err)) == SETPKI_E_OK) {
		run->status = statuses[health.worst];
		if (s.json) {
			put_json(&s, &health);
		} else {
			put_findings(&health);
			put_coming(&s, &health);
		}
	}
	ca_health_free(&health);
	return setca_end(&s, rc);
}

const struct tc_command setca_doctor = {
    .name = "doctor",
    .summary = "what is wrong, what will be, and what to do about it",
    .about = "Looks at the CAs' certificates and signing periods (a warning 90 days before they end, an error 14 days "
	     "before), "
	     "CRLs and BCIs (a warning when the next one is late), the public sets, key files and rights, the room of "
	     "the store, "
	     "the clock, what interrupted commands left open, and whether issuing is held; then says what ends when.  "
	     "Changes "
	     "nothing.\n\n"
	     "Exit status: 0 when nothing is wrong, or there are only notes; 1 for warnings and errors; 3 when "
	     "something could "
	     "not be looked at and nothing else is wrong.",
    .examples =
	(const struct tc_example[]){
	    {"setca doctor", "for people"},
	    {"setca --json doctor", "for monitoring"},
	    {0},
	},
    .run = run_doctor,
};
