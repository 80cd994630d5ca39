/* Completions for bash, from the tables. */
#include "tools/common/opt.h"

#include <string.h>

/* The second words of a family of commands, and each first word once. */
static void
first_words(const struct tc_program *p, FILE *to)
{
	const struct tc_command *const *c;
	char last[32] = "", word[32];

	for (c = p->commands; *c != NULL; c++) {
		snprintf(word, sizeof(word), "%.*s", (int)strcspn((*c)->name, " "), (*c)->name);
		if (strcmp(word, last) != 0)
			fprintf(to, "%s ", word);
		memcpy(last, word, sizeof(last));
	}
	fputs("help", to);
}

static void
options(const struct tc_opt *opts, FILE *to)
{
	size_t i;

	for (i = 0; i < tc_opt_count(opts); i++)
		fprintf(to, "--%s ", opts[i].name);
}

static void
families(const struct tc_program *p, FILE *to)
{
	const struct tc_command *const *c;
	const struct tc_group *g;

	for (g = p->groups; g != NULL && g->name != NULL; g++) {
		fprintf(to, "\t'%s') words='", g->name);
		for (c = p->commands; *c != NULL; c++)
			if (strncmp((*c)->name, g->name, strlen(g->name)) == 0 && (*c)->name[strlen(g->name)] == ' ')
				fprintf(to, "%s ", (*c)->name + strlen(g->name) + 1);
		fputs("' ;;\n", to);
	}
}

/* Values of options that take one of some words: "--format json". */
static void
choices(const struct tc_opt *opts, FILE *to)
{
	size_t i, w;

	for (i = 0; i < tc_opt_count(opts); i++) {
		if (opts[i].type != TC_CHOICE)
			continue;
		fprintf(to, "\t--%s) COMPREPLY=($(compgen -W '", opts[i].name);
		for (w = 0; opts[i].words[w] != NULL; w++)
			fprintf(to, "%s ", opts[i].words[w]);
		fputs("' -- \"$cur\")); return ;;\n", to);
	}
}

void
tc_completion(const struct tc_program *program, FILE *to)
{
	const struct tc_command *const *c;

	fprintf(to, "# bash completion of %s, made by: %s help --completion\n", program->name, program->name);
	fprintf(to, "_%s()\n{\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at= words= w\n",
	    program->name);
	fputs("\tcase $prev in\n", to);
	for (c = program->commands; *c != NULL; c++)
		choices((*c)->opts, to);
	fputs("\tesac\n\tfor w in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n", to);
	fputs("\t\tcase $w in -*) ;; *) at=\"${at:+$at }$w\" ;; esac\n\tdone\n\tcase $at in\n\t'') words='", to);
	first_words(program, to);
	fputc(' ', to);
	options(program->fallback != NULL ? program->fallback->opts : NULL, to);
	options(program->globals, to);
	fputs("--help --version' ;;\n", to);
	families(program, to);
	for (c = program->commands; *c != NULL; c++) {
		fprintf(to, "\t'%s'|'%s '*) words='", (*c)->name, (*c)->name);
		options((*c)->opts, to);
		options(program->globals, to);
		fputs("--help' ;;\n", to);
	}
	fputs("\tesac\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n", to);
	fprintf(to, "complete -o default -F _%s %s\n", program->name, program->name);
}
