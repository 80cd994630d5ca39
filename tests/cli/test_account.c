/* setca account: files of cards, of merchants and gateways; all of a file or nothing; no number is kept or repeated. */
#include "tests/support/check.h"
#include "tests/support/cli.h"

#include <stdio.h>
#include <stdlib.h>

#define PAN "4123450987654321"

static const char cards[] = "# of the bank\n" PAN ",203012\n\n 4123450000000016 , 203101 , blocked # lost\r\n"
			    "4123460000000007,202812,active\n";

static const char merchants[] =
    "[{\"bin\": \"412399\", \"merchant-id\": \"4711\", \"names\": [{\"language\": \"en\", \"name\": \"Corner Books\", "
    "\"city\": \"Springfield\", \"state\": \"Ohio\", \"postal-code\": \"45501\", \"country-name\": \"USA\"}], "
    "\"country\": 840, \"authorization\": true, \"state\": \"active\"},\n"
    " {\"bin\": \"412399\", \"merchant-id\": \"4712\", \"state\": \"blocked\", \"names\": [{\"name\": \"Corner "
    "Cakes\", "
    "\"city\": \"Springfield\", \"country-name\": \"USA\"}], \"authorization\": false}]\n";

static const char gateways[] =
    "[{\"bin\": \"412399\", \"id\": \"17\", \"name\": \"gw1\"}, {\"bin\": \"412399\", \"name\": \"gw2\"}]";

static void
write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int
make_home(void **state)
{
	(void)state;
	cli_enter("account");
	cli_ok("setca init policies/demo.yaml");
	write_file("cards.txt", cards);
	write_file("merchants.json", merchants);
	write_file("gateways.json", gateways);
	write_file("pan.txt", PAN "\n");
	return 0;
}

/* --- in order: what is printed ------------------------------------------------------------------- */

static const struct row {
	const char *name, *line;
} rows[] = {
    {"account-import", "setca account import cards.txt --ca card"},
    {"account-import-again", "setca account import - <cards.txt"},
    {"account-import-merchants", "setca account import merchants.json --ca merchant"},
    {"account-import-json", "setca --json account import gateways.json"},
    {"account-list", "setca account list | LC_ALL=C sort"},
    {"account-list-json", "setca --json account list --ca gateway"},
    {"account-list-next",
	"setca account list --limit 2 --after c4.ffffffffffffffffffffffffffffffffffffffffffffffff"
	"ffffffffffffffff"},
    {"account-remove", "setca account remove --pan-fd 3 --yes 3<pan.txt"},
    {"account-remove-json", "setca --json account remove --ca merchant --bin 412399 --id 4711 --yes"},
    {"account-remove-gateway", "setca account remove --role gateway --bin 412399 --yes"},
    {"account-remove-all", "setca account remove --all --ca card --yes"},
    {"account-list-left", "setca account list"},
    {"account-log", "setca audit log --limit 1000 | grep accounts | sed 's/^ *[0-9]* *//'"},
};

static void
row_prints(void **state)
{
	const struct row *r = *state;
	char *text = cli_expect(0, "%s", r->line);

	assert_null(strstr(text, PAN));
	cli_golden(r->name, text);
	free(text);
}

/* Page by page the list is the whole list. */
static void
pages_make_up_the_list(void **state)
{
	(void)state;
	cli_ok("setca account import cards.txt && setca account import merchants.json && "
	       "setca account import gateways.json");
	cli_ok("setca account list | sed 1d | tr -s ' ' >whole; : >pages; after=; while :; do "
	       "setca account list --limit 1 $after | sed 1d >page; grep -v '^more' page | tr -s ' ' >>pages; "
	       "after=$(sed -n 's/^more: //p' page); test -n \"$after\" || break; done; test $(wc -l <whole) = 7; "
	       "diff whole pages");
}

/* --- refusals ------------------------------------------------------------------------------------- */

static const struct bad {
	const char *name, *file, *says;
	int status;
} bad[] = {
    {"a_card_without_expiry", PAN "\n", "line 1: a card's line is PAN,YYYYMM", 1},
    {"a_bad_card_among_good_ones", "4123450000000024,203012\n" PAN "1234,203012\n4123450000000032,203012\n",
	"line 2: the PAN is not 1 to 19 digits", 1},
    {"columns_the_other_way", "203012," PAN "\n", "line 1: not a card number of 13 to 19 digits", 1},
    {"an_unknown_state", PAN ",203012,lost\n", "line 1: behind the expiry stands active, blocked, or nothing", 1},
    {"a_card_for_a_state", PAN ",203012," PAN "\n", "line 1: behind the expiry", 1},
    {"a_column_too_many", PAN ",203012,active,\n", "line 1: behind the expiry", 1},
    {"a_month_13", PAN ",203013\n", "line 1: the card expiry is not YYYYMM", 1},
    {"another_bin", "\n\n4123470987654321,203012\n", "line 3: card does not take cards that begin with 412347", 1},
    {"a_line_too_long", "# " PAN PAN PAN PAN PAN "\n", "line 1: longer than any that belongs here", 1},
    {"a_card_twice", PAN ",203012\n4123450000000024,203012\n" PAN ",203101\n", "lines 1 and 3", 1},
    {"no_json", "[{\"bin\": \"412399\",", "not JSON", 1},
    {"text_behind_json", "[] []", "not JSON", 1},
    {"one_object_alone", "{\"bin\": \"412399\", \"name\": \"x\"}", "a list of at most", 1},
    {"a_member_twice", "[{\"bin\": \"412399\", \"bin\": \"412399\", \"name\": \"x\"}]", "not JSON", 1},
    {"a_list_of_numbers", "[4711]", "[0]: not an object", 1},
    {"an_unknown_member", "[{\"bin\": \"412399\", \"name\": \"x\", \"nmae\": \"y\"}]",
	"[0]: nmae: unknown member; did you mean 'name'?", 1},
    {"an_unknown_member_far_from_all", "[{\"bin\": \"412399\", \"name\": \"x\", \"opinion\": 1}]",
	"[0]: opinion: unknown member", 1},
    {"a_missing_member", "[{\"bin\": \"412399\"}]", "[0]: 'name' is missing", 1},
    {"a_number_for_a_text", "[{\"bin\": 412399, \"name\": \"x\"}]", "[0]: bin: a text is wanted", 1},
    {"an_unknown_member_of_a_name",
	"[{\"bin\": \"412399\", \"merchant-id\": \"1\", \"names\": [{\"name\": \"x\", \"town\": \"y\"}]}]",
	"[0]: names: [0]: town: unknown member", 1},
    {"no_names", "[{\"bin\": \"412399\", \"merchant-id\": \"1\", \"names\": []}]", "[0]: names: 0 entries", 1},
    {"a_country_without_a_number",
	"[{\"bin\": \"412399\", \"merchant-id\": \"1\", \"names\": [], \"country\": \"US\"}]",
	"[0]: country: a number is wanted", 1},
    {"a_country_of_4_digits", "[{\"bin\": \"412399\", \"merchant-id\": \"1\", \"names\": [], \"country\": 8400}]",
	"[0]: country: ISO 3166", 1},
    {"a_flag_that_is_none", "[{\"bin\": \"412399\", \"merchant-id\": \"1\", \"names\": [], \"authorization\": 1}]",
	"[0]: authorization: true or false is wanted", 1},
    {"a_holder_in_no_state", "[{\"bin\": \"412399\", \"name\": \"x\", \"state\": \"lost\"}]",
	"[0]: state: active or blocked", 1},
    {"a_bin_too_long", "[{\"bin\": \"4123990\", \"name\": \"x\"}]", "[0]: bin: at most 6 octets", 1},
    {"a_foreign_bin", "[{\"bin\": \"412300\", \"name\": \"x\"}]", "412300 is not one of those that gateway serves", 1},
    {"a_merchant_among_gateways",
	"[{\"bin\": \"412399\", \"name\": \"x\"}, {\"bin\": \"412399\", \"merchant-id\": \"1\", \"names\": [{\"name\": "
	"\"x\", \"city\": \"y\", \"country-name\": \"z\"}]}]",
	"[1]: gateway does not certify merchants", 1},
    {"a_gateway_among_merchants",
	"[{\"bin\": \"412399\", \"merchant-id\": \"1\", \"names\": [{\"name\": \"x\", \"city\": \"y\", "
	"\"country-name\": \"z\"}]}, {\"bin\": \"412399\", \"name\": \"x\"}]",
	"what has no merchant-id is taken for a gateway", 1},
    {"a_name_too_long",
	"[{\"bin\": \"412399\", \"merchant-id\": \"1\", \"names\": [{\"name\": \"a name of far too many letters\", "
	"\"city\": \"y\", \"country-name\": \"z\"}]}]",
	"SET allows 25", 2},
    {"a_gateway_twice", "[{\"bin\": \"412399\", \"name\": \"x\"}, {\"bin\": \"412399\", \"name\": \"y\"}]",
	"[0] and [1] are the same gateway", 1},
};

static void
file_is_refused(void **state)
{
	const struct bad *b = *state;
	struct cli_result r;

	write_file("bad", b->file);
	cli_ok("setca audit log --limit 10000 >before; setca account list --limit 1000 >list");
	cli_run(&r, "setca account import bad");
	if (r.status != b->status || strstr(r.err, b->says) == NULL)
		fail_msg("status %d: %s", r.status, r.err);
	assert_null(strstr(r.err, PAN));
	cli_free(&r);
	cli_ok("setca audit log --limit 10000 | diff before -; setca account list --limit 1000 | diff list -");
}

/* --- what stays ------------------------------------------------------------------------------------ */

static void
no_number_is_kept(void **state)
{
	(void)state;
	cli_ok("setca account import cards.txt");
	free(cli_expect(1, "grep -rlae '" PAN "' setca-home"));
	free(cli_expect(1, "printf '" PAN "' | od -An -tx1 | tr -d ' \\n' >../hex; grep -rlaf ../hex setca-home"));
	cli_ok("test $(stat -c %%a setca-home/keys/pan-hash.secret) = 600");
	cli_ok("setca audit verify");
}

static void
an_empty_file_changes_nothing(void **state)
{
	char *text = cli_expect(0, "printf '# none\\n' | setca account import - && echo '[]' | setca account import -");

	(void)state;
	assert_string_equal(text, "card: 0 added, 0 changed, 0 as before\ngateway: 0 added, 0 changed, 0 as before\n");
	free(text);
}

#define NROWS NELEMS(rows)
#define NBAD NELEMS(bad)

int
main(void)
{
	struct CMUnitTest all[NROWS + NBAD + 3];
	size_t n = 0;

	for (size_t i = 0; i < NROWS; i++)
		all[n++] = (struct CMUnitTest){rows[i].name, row_prints, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	all[n++] = (struct CMUnitTest)cmocka_unit_test(pages_make_up_the_list);
	for (size_t i = 0; i < NBAD; i++)
		all[n++] = (struct CMUnitTest){bad[i].name, file_is_refused, NULL, NULL, (void *)(uintptr_t)&bad[i]};
	all[n++] = (struct CMUnitTest)cmocka_unit_test(no_number_is_kept);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(an_empty_file_changes_nothing);
	return _cmocka_run_group_tests("account", all, n, make_home, NULL);
}
