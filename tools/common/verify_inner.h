/* What verify.c and lint.c share. */
#ifndef TOOLS_COMMON_VERIFY_INNER_H
#define TOOLS_COMMON_VERIFY_INNER_H

#include "tools/common/opt.h"
#include "tools/common/report.h"

extern const char *const tc_suite_words[];

/* Baseline, output, exit status. */
enum setpki_code tc_report_finish(struct tc_report *r, const char *baseline, const char *format, struct tc_run *run);
/* Said once by every command that uses the classic suite (set-protocol 12.1). */
void tc_warn_classic(const struct tc_run *run);

#endif
