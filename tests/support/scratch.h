/* Files and folders of a test, below TEST_SCRATCH (tests/run makes and removes it). */
#ifndef TESTS_SUPPORT_SCRATCH_H
#define TESTS_SUPPORT_SCRATCH_H

#include "tests/support/check.h"

/* A path below the scratch folder; lives until sixteen more have been asked for. */
__attribute__((format(printf, 1, 2))) const char *scratch_path(const char *fmt, ...);
/* A folder (0700) that was not there before: numbered, each call gives a new one; its path lives as long as the
 * program.
 */
const char *scratch_dir(void);
/* Writes, reads (into memory that lives until the next read) and changes files; a failure fails the test. */
void scratch_write(const char *path, setpki_bytes contents, unsigned mode);
setpki_bytes scratch_read(const char *path);
bool scratch_exists(const char *path);
/* How many entries a folder has, "." and ".." apart. */
size_t scratch_count(const char *dir);

#endif
