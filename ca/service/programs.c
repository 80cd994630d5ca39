#include "ca/service/programs.h"

#include "ca/store/codec.h"

#include <string.h>

/* One octet, so that contents without a path are some, and then the paths. */
#define BEGIN 0

static const char *
path_of(const struct ca_profile *profile)
{
	return profile->desk.present && profile->desk.program.present ? profile->desk.program.path : NULL;
}

void
ca_programs_put(const struct ca_policy *policy, struct sp_buf *out)
{
	size_t from = out->n;

	ca_put_u8(out, BEGIN);
	for (size_t i = 0; i < policy->ncas; i++)
		for (size_t role = 0; role < CA_ROLE_N; role++) {
			const char *path = path_of(&policy->cas[i].profiles[role]);

			if (path != NULL && !out->failed &&
			    !ca_programs_have(sp_bytes(out->p + from, out->n - from), path))
				ca_put_str(out, path);
		}
}

bool
ca_programs_check(setpki_bytes contents)
{
	struct ca_reader r = ca_reader(contents);

	(void)ca_get_u8(&r);
	while (!r.bad && r.p < r.end)
		r.bad = ca_get_str(&r) == NULL;
	return ca_get_end(&r);
}

bool
ca_programs_have(setpki_bytes contents, const char *path)
{
	struct ca_reader r = ca_reader(contents);

	(void)ca_get_u8(&r);
	while (!r.bad && r.p < r.end) {
		const char *one = ca_get_str(&r);

		if (one != NULL && strcmp(one, path) == 0)
			return true;
	}
	return false;
}
