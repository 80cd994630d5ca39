/* The manual page, from the tables: roff with the man macros. */
#include "tools/common/opt.h"

#include <string.h>

/* Text as roff takes it; an empty line becomes a new paragraph.  `at_start`: at the beginning of an output line. */
static void
put(const char *text, FILE *to)
{
	bool start = true;

	for (; text != NULL && *text != '\0'; text++) {
		if (text[0] == '\n' && text[1] == '\n') {
			fputs("\n.PP\n", to);
			text++;
			start = true;
			continue;
		}
		if (start && (*text == '.' || *text == '\''))
			fputs("\\&", to);
		if (*text == '\\')
			fputs("\\e", to);
		else if (*text == '-')
			fputs("\\-", to);
		else
			fputc(*text, to);
		start = *text == '\n';
	}
}

static void
put_line(const char *text, FILE *to)
{
	put(text, to);
	fputc('\n', to);
}

static void
upper(const char *text, FILE *to)
{
	for (; *text != '\0'; text++)
		fputc(*text >= 'a' && *text <= 'z' ? *text - 'a' + 'A' : *text, to);
}

static void
options(const struct tc_opt *opts, FILE *to)
{
	size_t i, w;

	for (i = 0; i < tc_opt_count(opts); i++) {
		fputs(".TP\n\\fB\\-\\-", to);
		put(opts[i].name, to);
		fputs("\\fR", to);
		if (opts[i].value != NULL) {
			fputs(" \\fI", to);
			put(opts[i].value, to);
			fputs("\\fR", to);
		}
		fputc('\n', to);
		put(opts[i].help, to);
		for (w = 0; opts[i].type == TC_CHOICE && opts[i].words[w] != NULL; w++) {
			fputs(w == 0 ? ": " : ", ", to);
			put(opts[i].words[w], to);
		}
		fputs(opts[i].type == TC_LIST ? " (may be repeated).\n" : ".\n", to);
	}
}

static void
command(const struct tc_program *p, const struct tc_command *c, FILE *to)
{
	const struct tc_example *e;

	fputs(".SS \"", to);
	put(p->name, to);
	fputc(' ', to);
	put(c->name, to);
	if (c->operands != NULL) {
		fputc(' ', to);
		put(c->operands, to);
	}
	fputs("\"\n", to);
	put(c->summary, to);
	fputs(".\n", to);
	if (c->about != NULL) {
		fputs(".PP\n", to);
		put_line(c->about, to);
	}
	options(c->opts, to);
	for (e = c->examples; e != NULL && e->line != NULL; e++) {
		fputs(".PP\nExample: ", to);
		put(e->what, to);
		fputs("\n.PP\n.nf\n.RS\n", to);
		put_line(e->line, to);
		fputs(".RE\n.fi\n", to);
	}
}

void
tc_man(const struct tc_program *program, FILE *to)
{
	const struct tc_command *const *c;

	fputs(".TH ", to);
	upper(program->name, to);
	fprintf(to, " 1 \"\" \"setca %s\" \"User Commands\"\n.SH NAME\n", SETPKI_VERSION);
	put(program->name, to);
	fputs(" \\- ", to);
	put_line(program->summary, to);
	fprintf(to, ".SH SYNOPSIS\n.B %s\n%s\n", program->name,
	    program->fallback != NULL ? "[COMMAND] [OPTIONS] [OPERANDS]" : "[OPTIONS] COMMAND [OPTIONS] [OPERANDS]");
	fputs(".SH DESCRIPTION\n", to);
	put_line(program->about, to);
	fputs(".SH OPTIONS OF EVERY COMMAND\n", to);
	options(program->globals, to);
	fputs(".TP\n\\fB\\-\\-help\\fR\nWhat a command does, with its options and an example.\n", to);
	fputs(".TP\n\\fB\\-\\-version\\fR\nThe version of this program.\n.SH COMMANDS\n", to);
	for (c = program->commands; *c != NULL; c++)
		command(program, *c, to);
	if (program->exit_status != NULL) {
		fputs(".SH EXIT STATUS\n", to);
		put_line(program->exit_status, to);
	}
}
