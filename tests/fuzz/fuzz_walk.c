/* Whatever a message holds, its walk enters and leaves in pairs, with keys and without, and tells no PAN. */
#include "tests/fuzz/fuzz.h"

#include <setpki/walk.h>

static unsigned depth;

static void
enter(void *arg, const char *name, const char *type, bool list)
{
	(void)arg;
	(void)type;
	(void)list;
	FUZZ_MUST(name != NULL);
	FUZZ_MUST(++depth < 100);
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
	(void)arg;
	FUZZ_MUST(depth-- > 0);
}

void
fuzz_walk(const uint8_t *data, size_t size)
{
	static const uint8_t back_key[32] = {1};
	const struct setpki_visitor v = {enter, field, leave, NULL};
	const struct setpki_walk_keys keys = {.back_key = {back_key, sizeof(back_key)}};
	const struct setpki_object o = {SETPKI_OBJECT_MESSAGE, {data, size}};

	for (int with = 0; with < 2; with++) {
		depth = 0;
		(void)!setpki_walk_with_keys(fuzz_ctx(), &o, SETPKI_SUITE_NONE, with ? &keys : NULL, &v, NULL);
		FUZZ_MUST(depth == 0);
	}
}
