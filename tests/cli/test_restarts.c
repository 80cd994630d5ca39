/* setcad is ended, or killed as a whole or in one of its processes, between any two messages of a registration: each
 * comes to its end, what was acknowledged holds, and nothing is there twice. */
#include "tests/support/check.h"
#include "tests/support/cli.h"
#include "tests/support/struck.h"

#include <stdio.h>
#include <unistd.h>

struct row {
	const struct struck_suite *suite;
	const struct struck_role *role;
	const struct struck_way *way;
	char name[96];
};

static unsigned certs; /* that end entities have got */

static void
interrupt(const struct struck_way *way)
{
	struck_strike(way);
	struck_start_after(way);
}

/* The answer to a CertReq is kept; any other is made anew (set-protocol 12.7). */
static void
exchange(struct t_enrollee *p, const struct struck_way *way, bool kept)
{
	struct setpki_der before, answer;

	interrupt(way);
	t_enrollee_fetch(p, &answer);
	if (kept) {
		before = answer;
		interrupt(way);
		t_enrollee_fetch(p, &answer);
		t_bytes(sp_bytes(answer.p, answer.n), sp_bytes(before.p, before.n));
		setpki_der_free(&before);
	}
	t_enrollee_take(p, &answer);
}

static void
approve(const struct struck_way *way)
{
	cli_ok("setca request approve " STRUCK_NUMBERS " --by anna");
	interrupt(way);
	cli_ok("setca request approve " STRUCK_NUMBERS " --by bert");
}

/* A request that waits is asked about before and after it is approved, until it is issued. */
static void
inquire(struct t_enrollee *p, const struct struck_way *way, unsigned times)
{
	struct setpki_error err = {0};

	if (times == 1)
		approve(way);
	if (times > 1)
		usleep(20000);
	t_ok(setpki_enroll_inquire(p->e, p->r->now, &err), &err);
}

static void
register_with(struct t_enrollee *p, const struct struck_way *way)
{
	bool kept = false;

	for (unsigned inquiries = 0; inquiries < 200;)
		switch (setpki_enroll_step(p->e)) {
		case SETPKI_ENROLL_SEND:
			exchange(p, way, kept);
			kept = false;
			break;
		case SETPKI_ENROLL_FORM:
			t_enrollee_fill(p);
			kept = true;
			break;
		case SETPKI_ENROLL_WAIT:
			inquire(p, way, inquiries++);
			break;
		case SETPKI_ENROLL_DONE:
			return;
		default:
			fail_msg("it ended with status %d", (int)t_enrollee_status(p));
		}
	fail_msg("it was never issued");
}

static void
between_any_two_messages(void **state)
{
	const struct row *row = *state;
	struct t_enrollee p, q;

	struck_open(&p, row->role);
	register_with(&p, row->way);
	t_enrollee_renew(&q, &p, row->role->renewal, &(const struct setpki_enroll_ask){.id = row->role->id});
	register_with(&q, row->way);
	assert_false(sp_bytes_eq(setpki_enroll_cert(p.e, false), setpki_enroll_cert(q.e, false)));
	certs += 2 * row->role->certs;
	t_enrollee_close(&q);
	t_enrollee_close(&p);
}

/* --- all of them -------------------------------------------------------------------------------- */

static void
a_home(void **state)
{
	certs = 0;
	struck_home(((const struct row *)*state)->suite);
}

static void
nothing_is_lost_or_there_twice(void **state)
{
	(void)state;
	struck_end(certs);
}

#define ROWS (STRUCK_SUITES * (STRUCK_ROLES * STRUCK_WAYS + 2))

static struct row rows[ROWS];
static struct CMUnitTest tests[ROWS];
static size_t n;

static void
add(CMUnitTestFunction run, const struct struck_suite *s, const struct struck_role *role, const struct struck_way *way,
    const char *what)
{
	struct row *row = &rows[n];

	*row = (struct row){s, role, way, ""};
	snprintf(row->name, sizeof(row->name), "%s: %s%s%s", s->name, role != NULL ? role->name : "",
	    role != NULL ? ", " : "", what);
	tests[n++] = (struct CMUnitTest){row->name, run, NULL, NULL, row};
}

int
main(void)
{
	for (size_t s = 0; s < STRUCK_SUITES; s++) {
		add(a_home, &struck_suites[s], NULL, NULL, "a home and its lists");
		for (size_t i = 0; i < STRUCK_ROLES * STRUCK_WAYS; i++)
			add(between_any_two_messages, &struck_suites[s], &struck_roles[i / STRUCK_WAYS],
			    &struck_ways[i % STRUCK_WAYS], struck_ways[i % STRUCK_WAYS].name);
		add(nothing_is_lost_or_there_twice, &struck_suites[s], NULL, NULL,
		    "nothing is lost, nothing is there twice");
	}
	return _cmocka_run_group_tests("cli/restarts", tests, n, NULL, NULL);
}
