/* Forms that were filled in: each fault of an answer has its item and its words. */
#include "ca/register/decide.h"
#include "tests/support/check.h"

/* --- a form -------------------------------------------------------------------------------------- */

static char en[] = "en", name[] = "Name", birthday[] = "Birthday", phone[] = "Telephone",
	    pattern[] = "[0-9]{4}-[0-9]{2}", either[] = "a|ab|abc", city[] = "City",
	    letters[] = "[[:upper:]][\xc3\xb6\xc3\xbc\xc3\xa9]{1,3}|.{3}";
static struct ca_form_text name_text = {en, name}, birthday_text = {en, birthday}, phone_text = {en, phone},
			   city_text = {en, city};
static struct ca_form_field fields[] = {
    {.name = name, .labels = &name_text, .nlabels = 1, .required = true, .length = 5},
    {.name = birthday, .labels = &birthday_text, .nlabels = 1, .length = 20, .pattern = pattern},
    {.name = phone, .labels = &phone_text, .nlabels = 1, .length = 20, .pattern = either},
    {.name = city, .labels = &city_text, .nlabels = 1, .length = 20, .pattern = letters},
};
static const struct ca_form form = {.fields = fields, .nfields = NELEMS(fields)};

/* --- answers --------------------------------------------------------------------------------------- */

#define OCTETS "\1" /* stands for an answer that came as octets */

static const struct row {
	const char *text;	   /* what is refused, and why */
	const char *answers[4][2]; /* label and value */
	const char *want;	   /* "item: reason; ..." */
} rows[] = {
    {"all is well", {{name, "Alice"}, {birthday, "1970-01"}, {phone, "abc"}}, ""},
    {"what need not be is missing", {{name, "Alice"}}, ""},
    {"in another order", {{phone, "ab"}, {name, "Alice"}}, ""},
    {"empty where it may be", {{name, "Alice"}, {birthday, ""}}, ""},
    {"nothing at all", {{NULL}}, "1: has to be filled in; "},
    {"empty where it may not be", {{name, ""}}, "1: has to be filled in; "},
    {"too long", {{name, "Alicia"}}, "1: longer than 5 characters; "},
    {"characters, not octets", {{name, "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"}}, ""},
    {"the pattern in the middle", {{name, "A"}, {birthday, "x1970-01"}}, "2: not in the form that is asked for; "},
    {"the pattern at the beginning", {{name, "A"}, {birthday, "1970-01-31"}}, "2: not in the form that is asked for; "},
    {"the longest alternative", {{name, "A"}, {phone, "abcd"}}, "3: not in the form that is asked for; "},
    {"letters beyond ASCII", {{name, "A"}, {city, "\xc3\x96r\xc3\xb6"}}, ""},
    {"a set of them", {{name, "A"}, {city, "\xc3\x96\xc3\xb6\xc3\xbc\xc3\xa9"}}, ""},
    {"any three characters", {{name, "A"}, {city, "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"}}, ""},
    {"one such character is not three", {{name, "A"}, {city, "\xe2\x82\xac"}},
	"4: not in the form that is asked for; "},
    {"answered twice", {{name, "A"}, {name, "A"}}, "1: answered more than once; "},
    {"octets", {{name, OCTETS}}, "1: not a text; "},
    {"an unknown question", {{name, "A"}, {"Amount", "1"}}, "2: not a question of this form; "},
    {"several faults", {{"Amount", "1"}, {birthday, "x"}},
	"1: has to be filled in; 2: not in the form that is asked for; 1: not a question of this form; "},
    {"a label in capitals", {{"NAME", "A"}}, "1: has to be filled in; 1: not a question of this form; "},
};

static void
answers_are_checked(void **state)
{
	struct ca_desk_parts parts;
	struct sp_buf got = {0};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct setpki_form_answer answers[4] = {{0}};
		struct setpki_cert_request q = {.answers = answers};

		for (; q.nanswers < 4 && rows[i].answers[q.nanswers][0] != NULL; q.nanswers++) {
			const char *value = rows[i].answers[q.nanswers][1];

			answers[q.nanswers].label = rows[i].answers[q.nanswers][0];
			answers[q.nanswers].value = strcmp(value, OCTETS) != 0 ? value : NULL;
		}
		memset(&parts, 0, sizeof(parts));
		sp_buf_reset(&got);
		t_ok(ca_reg_check_form(&form, "en", &q, &parts, NULL), NULL);
		for (size_t k = 0; k < parts.nfailed; k++)
			sp_buf_printf(&got, "%u: %s; ", parts.failed[k].item, parts.failed[k].reason);
		if (!sp_bytes_eq(sp_buf_bytes(&got), sp_bytes_str(rows[i].want)))
			fail_msg("%s: \"%.*s\", expected \"%s\"", rows[i].text, (int)got.n, (const char *)got.p,
			    rows[i].want);
		ca_desk_parts_free(&parts);
	}
	sp_buf_free(&got);
}

/* More faults than an answer has room for. */
static void
faults_have_an_end(void **state)
{
	struct setpki_form_answer answers[200];
	struct setpki_cert_request q = {.answers = answers, .nanswers = NELEMS(answers)};
	struct ca_desk_parts parts = {0};

	(void)state;
	for (size_t i = 0; i < NELEMS(answers); i++)
		answers[i] = (struct setpki_form_answer){.label = "Amount", .value = "1"};
	t_ok(ca_reg_check_form(&form, "en", &q, &parts, NULL), NULL);
	assert_int_equal(parts.nfailed, CA_DESK_ANSWERS_MAX);
	assert_int_equal(parts.failed[CA_DESK_ANSWERS_MAX - 1].item, SP_UB_FORM_FIELDS - 1);
	ca_desk_parts_free(&parts);
}

/* --- language -------------------------------------------------------------------------------------- */

static void
texts_are_looked_up(void **state)
{
	static char de[] = "de", de_ch[] = "de-CH", pt_br[] = "pt-BR";
	static const struct ca_form_text texts[] = {{en, NULL}, {de, NULL}, {de_ch, NULL}, {pt_br, NULL}};
	static const struct {
		const char *asked, *got;
	} wanted[] = {{"de", "de"}, {"DE", "de"}, {"de-ch", "de-CH"}, {"de-CH-1996", "de-CH"}, {"de-AT", "de"},
	    {"de-a-extend", "de"}, {"pt", "en"}, {"pt-BR", "pt-BR"}, {"pt-br-x-y", "pt-BR"}, {"d", "en"}, {"", "en"},
	    {"*", "en"}, {"-", "en"}, {"deu", "en"}};

	(void)state;
	for (size_t i = 0; i < NELEMS(wanted); i++)
		assert_string_equal(ca_reg_text(texts, NELEMS(texts), wanted[i].asked)->language, wanted[i].got);
	assert_null(ca_reg_text(NULL, 0, "en"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_are_checked),
	    cmocka_unit_test(faults_have_an_end),
	    cmocka_unit_test(texts_are_looked_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
