/* Which programs the spawner runs: those that the policy in force names, as the main process tells it.  An authority
 * can ask for no other, whatever became of it. */
#ifndef CA_SERVICE_PROGRAMS_H
#define CA_SERVICE_PROGRAMS_H

#include "ca/policy/policy.h"
#include "lib/base/buf.h"

/* Contents of a PROGRAMS frame, appended: the paths of a policy's deciding programs, each once. */
void ca_programs_put(const struct ca_policy *policy, struct sp_buf *out);
/* Whether such contents can be read. */
bool ca_programs_check(setpki_bytes contents);
/* Whether they name this path. */
bool ca_programs_have(setpki_bytes contents, const char *path);

#endif
