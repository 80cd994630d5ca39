/* Reading policy files, for init and the policy commands. */
#ifndef TOOLS_SETCA_POLICY_H
#define TOOLS_SETCA_POLICY_H

#include "ca/policy/policy.h"
#include "tools/setca/setca.h"

/* Reads and checks one; the caller frees with ca_policy_free(). */
enum setpki_code setca_policy_file(struct tc_run *run, const char *path, struct ca_policy **out);

#endif
