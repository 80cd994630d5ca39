/* Help, from the tables. */
#include "tools/common/opt.h"

#include <setpki/text.h>
#include <string.h>

#define WIDTH 80

/* Writes one paragraph (up to an empty line or the end), broken at blanks; returns what follows it. */
static const char *
wrap_paragraph(const char *text, int indent, int first, FILE *to)
{
	int column = first;
	bool start = true;
	size_t len;

	while (*text != '\0' && strncmp(text, "\n\n", 2) != 0) {
		text += strspn(text, " ");
		if (*text == '\n') {
			if (text[1] == '\n')
				break;
			text++;
			continue;
		}
		len = strcspn(text, " \n");
		if (!start && column + 1 + (int)len > WIDTH) {
			fprintf(to, "\n%*s", indent, "");
			column = indent;
			start = true;
		}
		fprintf(to, "%s%.*s", start ? "" : " ", (int)len, text);
		column += (int)len + (start ? 0 : 1);
		start = false;
		text += len;
	}
	fputc('\n', to);
	return text + strspn(text, "\n");
}

static void
wrap(const char *text, int indent, FILE *to)
{
	while (text != NULL && *text != '\0') {
		fprintf(to, "%*s", indent, "");
		text = wrap_paragraph(text, indent, indent, to);
		if (*text != '\0')
			fputc('\n', to);
	}
}

/* "  --passphrase-fd N" and its sentence, in two columns or below one another. */
static void
option_row(const char *name, const char *value, const char *help, int column, FILE *to)
{
	int n = fprintf(to, "  --%s%s%s", name, value != NULL ? " " : "", value != NULL ? value : "");

	if (n + 2 > column) {
		fputc('\n', to);
		n = 0;
	}
	fprintf(to, "%*s", column - n, "");
	wrap_paragraph(help, column, column, to);
}

static int
option_column(const struct tc_opt *opts, int column)
{
	size_t i, n;

	for (i = 0; i < tc_opt_count(opts); i++) {
		n = strlen(opts[i].name) + (opts[i].value != NULL ? strlen(opts[i].value) + 1 : 0) + 6;
		if ((int)n > column && n <= 30)
			column = (int)n;
	}
	return column;
}

/* The sentence of an option, with the words it takes. */
static const char *
option_help(const struct tc_opt *o, char *out, size_t cap)
{
	size_t i;

	snprintf(out, cap, "%s", o->help);
	if (o->type != TC_CHOICE)
		return out;
	for (i = 0; o->words[i] != NULL; i++)
		snprintf(out + strlen(out), cap - strlen(out), "%s%s", i == 0 ? ": " : ", ", o->words[i]);
	return out;
}

static void
option_rows(const struct tc_opt *opts, int column, FILE *to)
{
	char text[512];
	size_t i;

	for (i = 0; i < tc_opt_count(opts); i++)
		option_row(opts[i].name, opts[i].value, option_help(&opts[i], text, sizeof(text)), column, to);
}

static const char *
program_options(const struct tc_program *p)
{
	return tc_opt_count(p->globals) > 0 ? " [OPTIONS]" : "";
}

void
tc_usage(const struct tc_program *program, const struct tc_command *command, FILE *to)
{
	if (command == NULL) {
		fprintf(to, "usage: %s%s COMMAND\n", program->name, program_options(program));
		return;
	}
	if (command == program->fallback)
		fprintf(to, "usage: %s [%s]", program->name, command->name);
	else
		fprintf(to, "usage: %s %s", program->name, command->name);
	fprintf(to, "%s%s%s\n", tc_opt_count(command->opts) > 0 ? " [OPTIONS]" : "",
	    command->operands != NULL ? " " : "", command->operands != NULL ? command->operands : "");
}

static void
command_row(const char *name, const char *operands, const char *summary, int column, FILE *to)
{
	int n = fprintf(to, "  %s%s%s", name, operands != NULL ? " " : "", operands != NULL ? operands : "");

	if (n + 2 > column) {
		fputc('\n', to);
		n = 0;
	}
	fprintf(to, "%*s", column - n, "");
	wrap_paragraph(summary, column, column, to);
}

/* The commands of one group, or (group "") those that stand alone. */
static void
command_rows(const struct tc_program *p, const char *group, FILE *to)
{
	const struct tc_command *const *c;
	size_t len = strlen(group);

	for (c = p->commands; *c != NULL; c++) {
		const char *name = (*c)->name, *blank = strchr(name, ' ');

		if (len == 0 ? blank != NULL : (strncmp(name, group, len) != 0 || name[len] != ' '))
			continue;
		command_row(name, (*c)->operands, (*c)->summary, 26, to);
	}
}

void
tc_help_group(const struct tc_program *program, const char *group, FILE *to)
{
	const struct tc_group *g;

	for (g = program->groups; g != NULL && g->name != NULL; g++)
		if (strcmp(g->name, group) == 0)
			fprintf(to, "%s %s - %s\n\n", program->name, g->name, g->summary);
	command_rows(program, group, to);
	fprintf(to, "\n'%s %s COMMAND --help' tells more about each, with examples.\n", program->name, group);
}

/* In the order of the table: commands alone as they come, a family as one line. */
static void
command_index(const struct tc_program *p, FILE *to)
{
	const struct tc_command *const *c;
	const struct tc_group *g;
	char last[32] = "", word[32];

	for (c = p->commands; *c != NULL; c++) {
		if (strchr((*c)->name, ' ') == NULL) {
			command_row((*c)->name, (*c)->operands, (*c)->summary, 26, to);
			continue;
		}
		snprintf(word, sizeof(word), "%.*s", (int)strcspn((*c)->name, " "), (*c)->name);
		if (strcmp(word, last) == 0)
			continue;
		memcpy(last, word, sizeof(last));
		for (g = p->groups; g != NULL && g->name != NULL; g++)
			if (strcmp(g->name, word) == 0)
				command_row(word, "...", g->summary, 26, to);
	}
	command_row("help", "[COMMAND]",
	    "this help; --man prints the manual page, --completion the completions of bash", 26, to);
}

void
tc_help_program(const struct tc_program *program, FILE *to)
{
	fprintf(to, "%s - %s\n\n", program->name, program->summary);
	tc_usage(program, program->fallback, to);
	fputc('\n', to);
	wrap(program->about, 0, to);
	fprintf(to, "\nCommands:\n");
	command_index(program, to);
	if (program->fallback != NULL) {
		fprintf(to, "\nOptions of %s:\n", program->fallback->name);
		option_rows(program->fallback->opts, option_column(program->fallback->opts, 12), to);
	}
	fprintf(to, "\nOptions%s:\n", program->fallback != NULL ? "" : " of every command");
	option_rows(program->globals, 18, to);
	option_row("help", NULL, "what a command does, with its options and an example", 18, to);
	option_row("version", NULL, "the version of this program", 18, to);
	if (program->exit_status != NULL) {
		fprintf(to, "\nExit status:\n");
		wrap(program->exit_status, 2, to);
	}
}

void
tc_help_command(const struct tc_program *program, const struct tc_command *command, FILE *to)
{
	const struct tc_example *e;
	int column = option_column(command->opts, option_column(program->globals, 12));

	fprintf(to, "%s %s - %s\n\n", program->name, command->name, command->summary);
	tc_usage(program, command, to);
	if (command->about != NULL) {
		fputc('\n', to);
		wrap(command->about, 0, to);
	}
	if (tc_opt_count(command->opts) > 0) {
		fprintf(to, "\nOptions:\n");
		option_rows(command->opts, column, to);
	}
	if (tc_opt_count(program->globals) > 0) {
		fprintf(to, "\nOptions of every command:\n");
		option_rows(program->globals, column, to);
	}
	if (command->examples == NULL)
		return;
	fprintf(to, "\nExamples:\n");
	for (e = command->examples; e->line != NULL; e++)
		fprintf(to, "  # %s\n  %s\n", e->what, e->line);
}
