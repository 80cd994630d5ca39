/* Showing and carrying out plans (ca/hierarchy/plan.h), for init, ca renew, ca roll and ca install. */
#ifndef TOOLS_SETCA_PLAN_H
#define TOOLS_SETCA_PLAN_H

#include "ca/hierarchy/plan.h"
#include "tools/setca/setca.h"

/* The plan on standard output. */
void setca_plan_show(struct setca *s, const struct ca_plan *plan);
/* Carries it out with a progress bar and says what came of it; where an offline superior has to answer, says what to do
 * and sets the exit status to 3. */
enum setpki_code setca_plan_run(struct setca *s, const struct ca_plan *plan);

#endif
