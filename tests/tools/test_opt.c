/* tools/common/opt_*.c: parsing by tables, suggestions, help, manual, completions. */
#include "tools/common/opt.h"

#include <setpki/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct globals {
	const char *home;
	bool json;
};

struct args {
	bool yes;
	const char *out, *format;
	struct tc_list files;
	int64_t fd, at, until;
};

static const char *const formats[] = {"text", "json", NULL};

static const struct tc_opt globals[] = {
    {"home", TC_TEXT, TC_AT(struct globals, home), "DIR", "the home", NULL},
    {"json", TC_FLAG, TC_AT(struct globals, json), NULL, "as JSON", NULL},
    {0},
};

static const struct tc_opt opts[] = {
    {"yes", TC_FLAG, TC_AT(struct args, yes), NULL, "do not ask", NULL},
    {"out", TC_TEXT, TC_AT(struct args, out), "FILE", "where it goes", NULL},
    {"format", TC_CHOICE, TC_AT(struct args, format), "FORMAT", "how it looks", formats},
    {"file", TC_LIST, TC_AT(struct args, files), "FILE", "what goes in", NULL},
    {"passphrase-fd", TC_NUMBER, TC_AT(struct args, fd), "N", "descriptor", NULL},
    {"at", TC_TIME, TC_AT(struct args, at), "TIME", "when", NULL},
    {"until", TC_SPAN, TC_AT(struct args, until), "SPAN", "how long", NULL},
    {0},
};

static const struct tc_example examples[] = {{"prog make one", "makes one"}, {0}};

static const struct tc_command make = {.name = "make",
    .operands = "NAME [MORE]",
    .min = 1,
    .max = 2,
    .summary = "make something",
    .about = "Makes it.\n\nSlowly.",
    .opts = opts,
    .args_size = sizeof(struct args),
    .examples = examples};
static const struct tc_command set_list = {.name = "set list", .summary = "list sets"};
static const struct tc_command set_show = {
    .name = "set show", .operands = "SET...", .min = 1, .max = -1, .summary = "show sets"};
static const struct tc_command *const commands[] = {&make, &set_list, &set_show, NULL};
static const struct tc_group groups[] = {{"set", "sets of things"}, {0}};
static const struct tc_program program = {.name = "prog",
    .summary = "a program",
    .about = "It does things.",
    .globals = globals,
    .globals_size = sizeof(struct globals),
    .commands = commands,
    .groups = groups,
    .exit_status = "0 done."};

/* Splits a line at blanks; a word '' is empty. */
static int
split(char *line, char **argv)
{
	int n = 0;
	char *save = NULL, *w;

	argv[n++] = line;
	for (w = strtok_r(line, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save))
		argv[n++] = strcmp(w, "''") == 0 ? w + 2 : w;
	argv[n] = NULL;
	return n;
}

static enum setpki_code
parse(const struct tc_program *p, const char *text, char *line, struct tc_run *run)
{
	char *argv[32];
	int n;

	snprintf(line, 512, "%s", text);
	memset(run, 0, sizeof(*run));
	n = split(line, argv);
	return tc_parse(p, n, argv, run);
}

/* --- refusals --- */

struct refusal {
	const char *name, *line, *message;
};

static const struct refusal refusals[] = {
    {"no_command", "", "no command given"},
    {"only_global_options", "--json", "no command given"},
    {"unknown_command", "frobnicate", "there is no command 'frobnicate'; see 'prog --help'"},
    {"misspelt_command", "mkae x", "did you mean 'make'?"},
    {"abbreviated_command", "mak x", "did you mean 'make'?"},
    {"family_alone", "set", "'set' needs one of its commands"},
    {"misspelt_second_word", "set lits", "did you mean 'set list'?"},
    {"unknown_second_word", "set frobnicate", "there is no command 'set frobnicate'"},
    {"unknown_option", "make x --frobnicate", "there is no option '--frobnicate'; see 'prog make --help'"},
    {"misspelt_option", "make x --fromat=json", "did you mean '--format'?"},
    {"abbreviated_option", "make x --form json", "there is no option '--form'"},
    {"option_before_its_command", "--yes make x", "options of a command stand after it"},
    {"single_dash", "make x -yes", "options are words after two dashes"},
    {"value_missing", "make x --out", "--out needs a value: --out FILE"},
    {"value_empty", "make x --out=", "--out needs a value (FILE), not an empty one"},
    {"value_empty_word", "make x --out ''", "--out needs a value"},
    {"value_for_a_flag", "make x --yes=1", "--yes takes no value"},
    {"text_twice", "make x --out a --out b", "--out is given twice"},
    {"choice_twice", "make x --format json --format text", "--format is given twice"},
    {"number_twice", "make x --passphrase-fd 3 --passphrase-fd 4", "--passphrase-fd is given twice"},
    {"time_twice", "make x --at @1 --at @2", "--at is given twice"},
    {"span_twice", "make x --until 1d --until 2d", "--until is given twice"},
    {"choice_unknown", "make x --format xml", "it takes text or json"},
    {"choice_misspelt", "make x --format jsn", "did you mean 'json'?"},
    {"number_is_a_word", "make x --passphrase-fd three", "takes a number"},
    {"number_is_negative", "make x --passphrase-fd -1", "takes a number"},
    {"number_with_a_tail", "make x --passphrase-fd 3x", "takes a number"},
    {"number_too_large", "make x --passphrase-fd 99999999999999999999", "takes a number"},
    {"time_wrong", "make x --at yesterday", "--at"},
    {"span_wrong", "make x --until soon", "--until"},
    {"operand_missing", "make", "make needs NAME [MORE]"},
    {"operand_too_many", "make a b c", "what is 'c'?"},
    {"operand_where_none_is", "set list x", "set list takes no operand: what is 'x'?"},
};

static void
refuse_row(void **state)
{
	const struct refusal *r = *state;
	struct tc_run run;
	char line[512];

	assert_int_equal(parse(&program, r->line, line, &run), SETPKI_E_ARGUMENT);
	if (strstr(run.err.message, r->message) == NULL && strstr(run.err.object, r->message) == NULL)
		fail_msg("wanted '%s', got '%s: %s'", r->message, run.err.object, run.err.message);
	assert_int_equal(setpki_code_exit(run.err.code), 2);
	tc_run_free(&run);
}

/* --- acceptance --- */

static void
every_type_of_option(void **state)
{
	const struct args *a;
	const struct globals *g;
	struct tc_run run;
	char line[512];

	(void)state;
	assert_int_equal(
	    parse(&program,
		"--json make --yes one --out o --format=json --file f1 --file=f2 --passphrase-fd 0 two --at "
		"2026-11-23 --until 90d --home h",
		line, &run),
	    SETPKI_E_OK);
	a = run.args;
	g = run.globals;
	assert_ptr_equal(run.command, &make);
	assert_true(a->yes && g->json);
	assert_string_equal(a->out, "o");
	assert_string_equal(a->format, "json");
	assert_string_equal(g->home, "h");
	assert_int_equal(a->files.n, 2);
	assert_string_equal(a->files.v[0], "f1");
	assert_string_equal(a->files.v[1], "f2");
	assert_int_equal(a->fd, 0);
	assert_int_equal(a->at, 1795392000);
	assert_int_equal(a->until, 90 * 86400);
	assert_int_equal(run.noperands, 2);
	assert_string_equal(run.operands[0], "one");
	assert_string_equal(run.operands[1], "two");
	tc_run_free(&run);
}

static void
nothing_given(void **state)
{
	const struct args *a;
	struct tc_run run;
	char line[512];

	(void)state;
	assert_int_equal(parse(&program, "make x", line, &run), SETPKI_E_OK);
	a = run.args;
	assert_false(a->yes);
	assert_null(a->out);
	assert_null(a->format);
	assert_int_equal(a->files.n, 0);
	assert_int_equal(a->fd, -1);
	assert_true(a->at == INT64_MIN);
	assert_int_equal(a->until, 0);
	tc_run_free(&run);
}

static void
two_dashes_end_options(void **state)
{
	struct tc_run run;
	char line[512];

	(void)state;
	assert_int_equal(parse(&program, "set show -- --home --", line, &run), SETPKI_E_OK);
	assert_int_equal(run.noperands, 2);
	assert_string_equal(run.operands[0], "--home");
	assert_string_equal(run.operands[1], "--");
	tc_run_free(&run);
}

static void
a_single_dash_is_an_operand(void **state)
{
	struct tc_run run;
	char line[512];

	(void)state;
	assert_int_equal(parse(&program, "make -", line, &run), SETPKI_E_OK);
	assert_string_equal(run.operands[0], "-");
	tc_run_free(&run);
}

static void
help_wins_over_missing_operands(void **state)
{
	static const char *const lines[] = {"make --help", "make -h", "--help", "set --help", "set -h"};
	struct tc_run run;
	char line[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(parse(&program, lines[i], line, &run), SETPKI_E_OK);
		assert_true(run.help);
		tc_run_free(&run);
	}
}

static void
a_program_with_a_fallback(void **state)
{
	struct tc_program p = program;
	struct tc_run run;
	char line[512];

	(void)state;
	p.fallback = &make;
	assert_int_equal(parse(&p, "--yes x --json", line, &run), SETPKI_E_OK);
	assert_ptr_equal(run.command, &make);
	assert_string_equal(run.operands[0], "x");
	tc_run_free(&run);
	assert_int_equal(parse(&p, "set list", line, &run), SETPKI_E_OK);
	assert_ptr_equal(run.command, &set_list);
	tc_run_free(&run);
	assert_int_equal(parse(&p, "make x", line, &run), SETPKI_E_OK);
	assert_ptr_equal(run.command, &make);
	tc_run_free(&run);
}

/* --- what is printed --- */

static char *
printed(void (*fn)(FILE *to))
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	fn(f);
	fclose(f);
	return text;
}

static void
print_command(FILE *to)
{
	tc_help_command(&program, &make, to);
}

static void
print_program(FILE *to)
{
	tc_help_program(&program, to);
}

static void
print_man(FILE *to)
{
	tc_man(&program, to);
}

static void
print_completion(FILE *to)
{
	tc_completion(&program, to);
}

static void
assert_has(const char *text, const char *const *pieces)
{
	for (; *pieces != NULL; pieces++)
		if (strstr(text, *pieces) == NULL)
			fail_msg("'%s' is not in:\n%s", *pieces, text);
}

static void
help_of_a_command(void **state)
{
	char *text = printed(print_command), *line, *save = NULL;

	(void)state;
	assert_has(text,
	    (const char *const[]){"prog make - make something", "usage: prog make [OPTIONS] NAME [MORE]",
		"\nMakes it.\n\nSlowly.", "  --format FORMAT", "how it looks: text, json", "--passphrase-fd N",
		"Options of every command:", "  # makes one\n  prog make one\n", NULL});
	for (line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
		assert_true(strlen(line) <= 80);
	free(text);
}

static void
help_of_the_program(void **state)
{
	char *text = printed(print_program);

	(void)state;
	assert_has(text,
	    (const char *const[]){"prog - a program", "  make NAME [MORE]", "  set ...", "sets of things", "--home DIR",
		"0 done.", NULL});
	assert_null(strstr(text, "set list"));
	free(text);
}

static void
manual_and_completions(void **state)
{
	char *man = printed(print_man), *bash = printed(print_completion);

	(void)state;
	assert_has(man,
	    (const char *const[]){".TH PROG 1", ".SS \"prog make NAME [MORE]\"",
		"\\fB\\-\\-passphrase\\-fd\\fR \\fIN\\fR", "how it looks: text, json", "prog set list", NULL});
	assert_has(bash,
	    (const char *const[]){"make set help", "'set') words='list show '", "--format) ", "'text json '",
		"complete -o default -F _prog prog", NULL});
	free(man);
	free(bash);
}

#define NREFUSALS (sizeof(refusals) / sizeof(refusals[0]))

int
main(void)
{
	static const struct CMUnitTest more[] = {
	    cmocka_unit_test(every_type_of_option),
	    cmocka_unit_test(nothing_given),
	    cmocka_unit_test(two_dashes_end_options),
	    cmocka_unit_test(a_single_dash_is_an_operand),
	    cmocka_unit_test(help_wins_over_missing_operands),
	    cmocka_unit_test(a_program_with_a_fallback),
	    cmocka_unit_test(help_of_a_command),
	    cmocka_unit_test(help_of_the_program),
	    cmocka_unit_test(manual_and_completions),
	};
	struct CMUnitTest all[NREFUSALS + sizeof(more) / sizeof(more[0])];
	size_t i;

	for (i = 0; i < NREFUSALS; i++)
		all[i] = (struct CMUnitTest){refusals[i].name, refuse_row, NULL, NULL, (void *)(uintptr_t)&refusals[i]};
	memcpy(all + NREFUSALS, more, sizeof(more));
	return cmocka_run_group_tests_name("opt", all, NULL, NULL);
}
