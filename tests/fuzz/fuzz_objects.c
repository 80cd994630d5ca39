/* Whatever a file holds: each object that is found in it lies where it was read from, has a line of text, and printing
 * and linting it ends with every structure closed that was opened. */
#include "tests/fuzz/fuzz.h"

#include <setpki/lint.h>
#include <setpki/object.h>
#include <setpki/walk.h>
#include <string.h>

static void
enter(void *arg, const char *name, const char *type, bool list)
{
	(void)type;
	(void)list;
	FUZZ_MUST(name != NULL);
	++*(size_t *)arg;
}

static void
field(void *arg, const char *name, enum setpki_value value, const char *text, const char *note)
{
	(void)arg;
	(void)value;
	(void)note;
	FUZZ_MUST(name != NULL && text != NULL);
}

static void
leave(void *arg)
{
	FUZZ_MUST(*(size_t *)arg > 0);
	--*(size_t *)arg;
}

static void
one_object(const struct setpki_object *o)
{
	size_t open = 0;
	const struct setpki_visitor visitor = {enter, field, leave, &open};
	struct setpki_findings findings = {0};
	char line[128];

	FUZZ_MUST(o->type == SETPKI_OBJECT_PRIVKEY || o->der.n > 0);
	FUZZ_MUST(strlen(setpki_object_text(fuzz_ctx(), o, line, sizeof(line))) > 0);
	if (setpki_walk(fuzz_ctx(), o, SETPKI_SUITE_NONE, &visitor, NULL) == SETPKI_E_OK)
		FUZZ_MUST(open == 0);
	(void)setpki_lint(fuzz_ctx(), o, SETPKI_SUITE_NONE, &findings, NULL);
	setpki_findings_free(&findings);
}

void
fuzz_objects(const uint8_t *data, size_t size)
{
	struct setpki_objects list = {0};
	size_t i;

	if (setpki_objects_read((setpki_bytes){data, size}, &list, NULL) == SETPKI_E_OK) {
		FUZZ_MUST(list.n > 0);
		for (i = 0; i < list.n; i++)
			one_object(&list.v[i]);
	}
	setpki_objects_free(&list);
}
