/* Parsing a command line by its tables. */
#include "tools/common/fail.h"
#include "tools/common/opt.h"

#include <errno.h>
#include <setpki/text.h>
#include <stdlib.h>
#include <string.h>

/* One pass over argv.  Options are looked up in the command's table, then in the program's. */
struct parser {
	const struct tc_program *program;
	struct tc_run *run;
	char **argv;
	int argc, at;
	struct setpki_error *err;
};

size_t
tc_opt_count(const struct tc_opt *opts)
{
	size_t n = 0;

	while (opts != NULL && opts[n].name != NULL)
		n++;
	return n;
}

/* The values that mean "not given". */
static void *
fresh_struct(const struct tc_opt *opts, size_t size)
{
	unsigned char *s = calloc(1, size + 1);
	int64_t none;
	size_t i;

	for (i = 0; s != NULL && i < tc_opt_count(opts); i++) {
		if (opts[i].type != TC_NUMBER && opts[i].type != TC_TIME)
			continue;
		none = opts[i].type == TC_NUMBER ? -1 : INT64_MIN;
		memcpy(s + opts[i].offset, &none, sizeof(none));
	}
	return s;
}

static void
free_lists(const struct tc_opt *opts, void *s)
{
	size_t i;

	for (i = 0; s != NULL && i < tc_opt_count(opts); i++)
		if (opts[i].type == TC_LIST)
			free(((struct tc_list *)(void *)((unsigned char *)s + opts[i].offset))->v);
	free(s);
}

void
tc_run_free(struct tc_run *run)
{
	if (run->program == NULL)
		return;
	free_lists(run->program->globals, run->globals);
	if (run->command != NULL)
		free_lists(run->command->opts, run->args);
	free(run->operands);
	run->globals = run->args = NULL;
	run->operands = NULL;
}

static const struct tc_opt *
lookup(const struct tc_opt *opts, const char *name, size_t len)
{
	size_t i, n = tc_opt_count(opts);

	for (i = 0; i < n; i++)
		if (strlen(opts[i].name) == len && strncmp(opts[i].name, name, len) == 0)
			return &opts[i];
	return NULL;
}

static enum setpki_code
unknown_option(struct parser *p, const char *name, size_t len)
{
	const struct tc_opt *tables[2] = {p->run->command != NULL ? p->run->command->opts : NULL, p->program->globals};
	const char *known[96], *near, *where = p->run->command != NULL ? p->run->command->name : "";
	char word[64];
	size_t i, t, n = 0;

	for (t = 0; t < 2; t++)
		for (i = 0; i < tc_opt_count(tables[t]) && n < 94; i++)
			known[n++] = tables[t][i].name;
	known[n++] = "help";
	known[n++] = "version";
	snprintf(word, sizeof(word), "%.*s", (int)len, name);
	near = setpki_closest(word, known, n);
	if (near != NULL)
		return tc_fail(
		    p->err, SETPKI_E_ARGUMENT, "there is no option '--%s'; did you mean '--%s'?", word, near);
	if (p->run->command == NULL && p->program->commands[0] != NULL)
		return tc_fail(p->err, SETPKI_E_ARGUMENT,
		    "there is no option '--%s' before the command; options of a command stand after it", word);
	return tc_fail(p->err, SETPKI_E_ARGUMENT, "there is no option '--%s'; see '%s%s%s --help'", word,
	    p->program->name, where[0] != '\0' ? " " : "", where);
}

static enum setpki_code
put_number(const struct tc_opt *o, const char *value, int64_t *to, struct setpki_error *err)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0)
		return tc_fail(err, SETPKI_E_ARGUMENT, "--%s takes a number, not '%.64s'", o->name, value);
	*to = n;
	return SETPKI_E_OK;
}

static enum setpki_code
put_choice(const struct tc_opt *o, const char *value, const char **to, struct setpki_error *err)
{
	char all[256] = "";
	const char *near;
	size_t i, n;

	for (n = 0; o->words[n] != NULL; n++)
		if (strcmp(o->words[n], value) == 0) {
			*to = value;
			return SETPKI_E_OK;
		}
	if ((near = setpki_closest(value, o->words, n)) != NULL)
		return tc_fail(
		    err, SETPKI_E_ARGUMENT, "--%s knows no '%.64s'; did you mean '%s'?", o->name, value, near);
	for (i = 0; i < n; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s",
		    i == 0	    ? ""
			: i + 1 < n ? ", "
				    : " or ",
		    o->words[i]);
	return tc_fail(err, SETPKI_E_ARGUMENT, "--%s knows no '%.64s': it takes %s", o->name, value, all);
}

static enum setpki_code
put_list(struct tc_list *list, const char *value, struct setpki_error *err)
{
	const char **more = realloc(list->v, (list->n + 1) * sizeof(*more));

	if (more == NULL)
		return tc_fail_memory(err);
	list->v = more;
	list->v[list->n++] = value;
	return SETPKI_E_OK;
}

static enum setpki_code
put_once(const struct tc_opt *o, const char *value, const char **to, struct setpki_error *err)
{
	if (*to != NULL)
		return tc_fail(err, SETPKI_E_ARGUMENT, "--%s is given twice", o->name);
	if (o->type == TC_CHOICE)
		return put_choice(o, value, to, err);
	*to = value;
	return SETPKI_E_OK;
}

static enum setpki_code
put_int(const struct tc_opt *o, const char *value, int64_t *to, struct setpki_error *err)
{
	int64_t none = o->type == TC_NUMBER ? -1 : o->type == TC_TIME ? INT64_MIN : 0;
	enum setpki_code rc;

	if (*to != none)
		return tc_fail(err, SETPKI_E_ARGUMENT, "--%s is given twice", o->name);
	if (o->type == TC_NUMBER)
		return put_number(o, value, to, err);
	rc = o->type == TC_TIME ? setpki_time_parse(value, to, err) : setpki_span_parse(value, to, err);
	return rc == SETPKI_E_OK ? rc : tc_error_in(err, rc, "--%s", o->name);
}

static enum setpki_code
put_value(const struct tc_opt *o, void *s, const char *value, struct setpki_error *err)
{
	void *to = (unsigned char *)s + o->offset;

	if (value[0] == '\0')
		return tc_fail(err, SETPKI_E_ARGUMENT, "--%s needs a value (%s), not an empty one", o->name, o->value);
	switch (o->type) {
	case TC_LIST:
		return put_list(to, value, err);
	case TC_TEXT:
	case TC_CHOICE:
		return put_once(o, value, to, err);
	default:
		return put_int(o, value, to, err);
	}
}

/* argv[at] is an option: takes it and, where it has one, its value. */
static enum setpki_code
take_option(struct parser *p)
{
	const char *word = p->argv[p->at++], *name = word + 2, *value = strchr(word, '=');
	size_t len = value != NULL ? (size_t)(value - name) : strlen(name);
	const struct tc_opt *o = NULL;
	void *s = p->run->args;

	if (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0) {
		p->run->help = true;
		return SETPKI_E_OK;
	}
	if (strcmp(word, "--version") == 0) {
		p->run->version = true;
		return SETPKI_E_OK;
	}
	if (word[1] != '-')
		return tc_fail(
		    p->err, SETPKI_E_ARGUMENT, "there is no option '%.64s': options are words after two dashes", word);
	if (p->run->command != NULL)
		o = lookup(p->run->command->opts, name, len);
	if (o == NULL && (o = lookup(p->program->globals, name, len)) != NULL)
		s = p->run->globals;
	if (o == NULL)
		return unknown_option(p, name, len);
	if (o->type == TC_FLAG) {
		if (value != NULL)
			return tc_fail(p->err, SETPKI_E_ARGUMENT, "--%s takes no value", o->name);
		*(bool *)(void *)((unsigned char *)s + o->offset) = true;
		return SETPKI_E_OK;
	}
	if (value == NULL && p->at >= p->argc)
		return tc_fail(p->err, SETPKI_E_ARGUMENT, "--%s needs a value: --%s %s", o->name, o->name, o->value);
	return put_value(o, s, value != NULL ? value + 1 : p->argv[p->at++], p->err);
}

static bool
is_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0';
}

static enum setpki_code
choose(struct parser *p, const struct tc_command *command)
{
	p->run->command = command;
	p->run->args = fresh_struct(command->opts, command->args_size);
	return p->run->args == NULL ? tc_fail_memory(p->err) : SETPKI_E_OK;
}

/* "ca --help": help about a family of commands. */
static bool
asks_about_group(const struct parser *p)
{
	return p->at + 1 < p->argc && tc_is_group(p->program, p->argv[p->at]) &&
	    (strcmp(p->argv[p->at + 1], "--help") == 0 || strcmp(p->argv[p->at + 1], "-h") == 0);
}

/* Options of the program, then the command's words. */
static enum setpki_code
take_command(struct parser *p)
{
	enum setpki_code rc = SETPKI_E_OK;
	const struct tc_command *c;
	size_t used;

	while (rc == SETPKI_E_OK && p->at < p->argc && is_option(p->argv[p->at]) && p->program->fallback == NULL)
		rc = take_option(p);
	if (rc != SETPKI_E_OK || p->run->help || (p->run->version && p->at >= p->argc))
		return rc;
	if (p->at < p->argc && strcmp(p->argv[p->at], "help") == 0) {
		p->run->help_at = p->at;
		return SETPKI_E_OK;
	}
	if (asks_about_group(p)) {
		p->run->operands[p->run->noperands++] = p->argv[p->at];
		p->run->help = true;
		return SETPKI_E_OK;
	}
	c = p->at < p->argc ? tc_find_command(p->program, p->argv + p->at, (size_t)(p->argc - p->at), &used) : NULL;
	if (c != NULL)
		p->at += (int)used;
	else if ((c = p->program->fallback) == NULL) {
		if (p->at >= p->argc)
			return tc_fail(
			    p->err, SETPKI_E_ARGUMENT, "no command given; see '%s --help'", p->program->name);
		return tc_unknown_command(p->program, p->argv + p->at, (size_t)(p->argc - p->at), p->err);
	}
	return choose(p, c);
}

static enum setpki_code
take_rest(struct parser *p)
{
	enum setpki_code rc = SETPKI_E_OK;
	bool only_operands = false;

	while (rc == SETPKI_E_OK && p->at < p->argc) {
		char *word = p->argv[p->at];

		if (!only_operands && strcmp(word, "--") == 0) {
			only_operands = true;
			p->at++;
		} else if (!only_operands && is_option(word)) {
			rc = take_option(p);
		} else {
			p->run->operands[p->run->noperands++] = word;
			p->at++;
		}
	}
	return rc;
}

static enum setpki_code
count_operands(const struct parser *p)
{
	const struct tc_command *c = p->run->command;
	size_t n = p->run->noperands;

	if (p->run->help || p->run->version)
		return SETPKI_E_OK;
	if (n < (size_t)c->min)
		return tc_fail(p->err, SETPKI_E_ARGUMENT, "%s needs %s", c->name, c->operands);
	if (c->max == 0 && n > 0)
		return tc_fail(
		    p->err, SETPKI_E_ARGUMENT, "%s takes no operand: what is '%.64s'?", c->name, p->run->operands[0]);
	if (c->max >= 0 && n > (size_t)c->max)
		return tc_fail(p->err, SETPKI_E_ARGUMENT, "%s takes only %s: what is '%.64s'?", c->name, c->operands,
		    p->run->operands[c->max]);
	return SETPKI_E_OK;
}

enum setpki_code
tc_parse(const struct tc_program *program, int argc, char **argv, struct tc_run *run)
{
	struct parser p = {program, run, argv, argc, 1, &run->err};
	enum setpki_code rc;

	run->program = program;
	run->globals = fresh_struct(program->globals, program->globals_size);
	run->operands = calloc((size_t)argc + 1, sizeof(*run->operands));
	if (run->globals == NULL || run->operands == NULL)
		return tc_fail_memory(&run->err);
	if ((rc = take_command(&p)) != SETPKI_E_OK || run->command == NULL || (rc = take_rest(&p)) != SETPKI_E_OK)
		return rc;
	return count_operands(&p);
}
