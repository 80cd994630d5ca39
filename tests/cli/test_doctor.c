/* setca doctor, by its clock and its exit status, for people and for monitoring. */
#include "tests/support/check.h"
#include "tests/support/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
make_home(void **state)
{
	(void)state;
	cli_enter("doctor");
	cli_ok("setca init policies/demo.yaml");
	return 0;
}

/* What is set up before, and taken back after; the time; the finding and the exit status. */
static const struct row {
	const char *name, *before, *after, *time, *check;
	int status;
} rows[] = {
    {"well", "true", "true", "2026-11-23T12:00:00Z", NULL, 0},
    {"notes_alone", "true", "true", "2026-11-24T12:00:00Z", "note      publication-due: ", 0},
    {"a_late_list", "true", "true", "2026-11-25T00:00:01Z", "warning   crl-runs-out (gateway, generation 1): ", 1},
    {"a_list_that_ran_out", "true", "true", "2026-11-25T12:00:00Z",
	"error     crl-expired (gateway, generation 1): ", 1},
    {"a_bci_that_ran_out", "true", "true", "2026-11-25T12:00:01Z", "error     bci-expired (brand): ", 1},
    {"a_period_that_ends", "true", "true", "2027-09-01T00:00:00Z",
	"warning   signing-period-ends (root, generation 1): ", 1},
    {"a_period_that_is_over", "true", "true", "2027-12-01T00:00:00Z",
	"error     signing-period-over (root, generation 1): ", 1},
    {"a_certificate_that_ends", "true", "true", "2029-09-01T00:00:00Z",
	"warning   certificate-expires (card, generation 1): ", 1},
    {"a_certificate_that_is_over", "true", "true", "2029-12-01T00:00:00Z",
	"error     certificate-expired (card, generation 1): ", 1},
    {"a_clock_that_went_back", "true", "true", "2026-11-22T12:00:00Z", "error     clock-behind: ", 1},
    {"a_hold", "setca hold", "setca release", "2026-11-23T12:00:00Z", "warning   issuing-held: ", 1},
    {"rights_of_others", "chmod 644 setca-home/keys/root-1-certificate-signing.key",
	"chmod 600 setca-home/keys/root-1-certificate-signing.key", "2026-11-23T12:00:00Z",
	"error     permissions (setca-home/keys/root-1-certificate-signing.key): ", 1},
    {"a_key_that_is_gone", "mv setca-home/keys/card-1-key-exchange.key away",
	"mv away setca-home/keys/card-1-key-exchange.key", "2026-11-23T12:00:00Z",
	"error     key-missing (card, generation 1): ", 1},
    {"a_set_that_is_gone", "mv setca-home/public/brand/current away", "mv away setca-home/public/brand/current",
	"2026-11-23T12:00:00Z", "warning   public-set-behind (brand): ", 1},
    {"a_store_from_a_backup", "mv setca-home/public/brand/current away; ln -s 7 setca-home/public/brand/current",
	"rm setca-home/public/brand/current; mv away setca-home/public/brand/current", "2026-11-23T12:00:00Z",
	"error     store-behind (brand): ", 1},
    {"what_cannot_be_looked_at", "mv setca-home/run away", "mv away setca-home/run", "2026-11-23T12:00:00Z",
	"undecided undecided (permissions): ", 3},
    {"what_is_wrong_beside_it", "mv setca-home/run away; mv setca-home/keys/card-1-key-exchange.key gone",
	"mv away setca-home/run; mv gone setca-home/keys/card-1-key-exchange.key", "2026-11-23T12:00:00Z",
	"error     key-missing (card, generation 1): ", 1},
};

static void
row_is_told(void **state)
{
	const struct row *r = *state;
	char *text;

	cli_clock("2026-11-23T12:00:00Z");
	cli_ok("%s", r->before);
	cli_clock(r->time);
	text = cli_expect(r->status, "setca doctor");
	if (r->check != NULL && strstr(text, r->check) == NULL)
		fail_msg("\"%s\" is not in:\n%s", r->check, text);
	if (r->check == NULL)
		assert_memory_equal(text, "Nothing is wrong.\n", 18);
	free(text);
	free(cli_expect(r->status, "setca --json doctor"));
	cli_clock("2026-11-23T12:00:00Z");
	cli_ok("%s", r->after);
}

/* What differs from machine to machine is put out. */
#define ROOM "sed -E 's/(room for|\"headroom\":) ?[0-9]+/\\1 ROOM/'"

static void
prints(void **state)
{
	char *text;

	(void)state;
	text = cli_expect(0, "setca doctor | " ROOM);
	cli_golden("doctor", text);
	free(text);
	cli_clock("2027-11-20T00:00:00Z");
	text = cli_expect(0, "setca doctor | " ROOM);
	cli_golden("doctor-later", text);
	free(text);
	text = cli_expect(0, "setca --json doctor | " ROOM);
	cli_golden("doctor-json", text);
	free(text);
	cli_clock("2026-11-23T12:00:00Z");
}

static void
nothing_is_changed(void **state)
{
	(void)state;
	cli_ok("find setca-home -type f ! -name lock.mdb | sort | xargs sha256sum >before && setca doctor && "
	       "find setca-home -type f ! -name lock.mdb | sort | xargs sha256sum | diff before -");
}

static void
no_home_is_status_3(void **state)
{
	(void)state;
	cli_refused(3, "setca init POLICY", "setca --home nowhere doctor");
}

int
main(void)
{
	struct CMUnitTest all[NELEMS(rows) + 3];
	size_t n = 0;

	all[n++] = (struct CMUnitTest)cmocka_unit_test(prints);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(nothing_is_changed);
	for (size_t i = 0; i < NELEMS(rows); i++)
		all[n++] = (struct CMUnitTest){rows[i].name, row_is_told, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	all[n++] = (struct CMUnitTest)cmocka_unit_test(no_home_is_status_3);
	return _cmocka_run_group_tests("doctor", all, n, make_home, NULL);
}
