/* Finding commands by their words. */
#include "tools/common/fail.h"
#include "tools/common/opt.h"

#include <setpki/text.h>
#include <string.h>

/* Whether the words at `words` begin with those of `name`; *used: how many that are. */
static bool
begins_with(const char *name, char *const *words, size_t n, size_t *used)
{
	size_t i, len;

	for (i = 0; i < n; i++) {
		len = strcspn(name, " ");
		if (strlen(words[i]) != len || strncmp(words[i], name, len) != 0)
			return false;
		if (name[len] == '\0') {
			*used = i + 1;
			return true;
		}
		name += len + 1;
	}
	return false;
}

const struct tc_command *
tc_find_command(const struct tc_program *program, char *const *words, size_t n, size_t *used)
{
	const struct tc_command *const *c, *best = NULL;
	size_t u;

	*used = 0;
	for (c = program->commands; *c != NULL; c++)
		if (begins_with((*c)->name, words, n, &u) && u > *used) {
			best = *c;
			*used = u;
		}
	return best;
}

bool
tc_is_group(const struct tc_program *program, const char *word)
{
	const struct tc_command *const *c;
	size_t len = strlen(word);

	for (c = program->commands; *c != NULL; c++)
		if (strncmp((*c)->name, word, len) == 0 && (*c)->name[len] == ' ')
			return true;
	return false;
}

/* The words that may stand in the place of the first (group NULL) or the second word, at most `cap`. */
static size_t
candidates(const struct tc_program *program, const char *group, char (*words)[32], size_t cap)
{
	const struct tc_command *const *c;
	size_t n = 0, skip = group == NULL ? 0 : strlen(group) + 1;

	for (c = program->commands; *c != NULL && n < cap; c++) {
		const char *name = (*c)->name;

		if (group != NULL && (strncmp(name, group, skip - 1) != 0 || name[skip - 1] != ' '))
			continue;
		snprintf(words[n++], sizeof(words[0]), "%.*s", (int)strcspn(name + skip, " "), name + skip);
	}
	if (group == NULL && n < cap)
		snprintf(words[n++], sizeof(words[0]), "help");
	return n;
}

enum setpki_code
tc_unknown_command(const struct tc_program *program, char *const *words, size_t n, struct setpki_error *err)
{
	bool in_group = tc_is_group(program, words[0]);
	const char *word = in_group ? words[n > 1 ? 1 : 0] : words[0], *near, *known[64];
	const char *group = in_group ? words[0] : "", *gap = in_group ? " " : "";
	char names[64][32];
	size_t i, count;

	if (in_group && n < 2)
		return tc_fail(err, SETPKI_E_ARGUMENT, "'%s' needs one of its commands: see '%s %s --help'", words[0],
		    program->name, words[0]);
	count = candidates(program, in_group ? words[0] : NULL, names, 64);
	for (i = 0; i < count; i++)
		known[i] = names[i];
	near = setpki_closest(word, known, count);
	if (near == NULL)
		return tc_fail(err, SETPKI_E_ARGUMENT, "there is no command '%s%s%.64s'; see '%s --help'", group, gap,
		    word, program->name);
	return tc_fail(err, SETPKI_E_ARGUMENT, "there is no command '%s%s%.64s'; did you mean '%s%s%s'?", group, gap,
	    word, group, gap, near);
}
