/* What verify.c and lint.c share. */
#ifndef TOOLS_COMMON_VERIFY_INNER_H
#define TOOLS_COMMON_VERIFY_INNER_H

#include "tools/common/opt.h"
#include "tools/common/report.h"

extern const char *const tc_suite_words[];

/* Takes a file apart, or each file of a folder, and hands over those that hold something `wanted`.  A file that is
 * named must: ARGUMENT, with the words of `what`.  In a folder, files that are neither DER nor PEM and those of
 * other contents are passed over; none at all is ARGUMENT too. */
typedef enum setpki_code
tc_objects_fn(void *arg, const char *path, const struct setpki_objects *objects, struct setpki_error *err);
typedef bool tc_wanted_fn(enum setpki_object_type type);
enum setpki_code tc_objects_each(
    struct tc_run *run, const char *path, tc_wanted_fn *wanted, const char *what, tc_objects_fn *fn, void *arg);

/* Baseline, output, exit status. */
enum setpki_code tc_report_finish(struct tc_report *r, const char *baseline, const char *format, struct tc_run *run);
/* Said once by every command that uses the classic suite (set-protocol 12.1). */
void tc_warn_classic(const struct tc_run *run);

#endif
