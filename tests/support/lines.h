/* A reader of walks (setpki/walk.h) that writes plain lines, and their comparison with files under
 * tests/lib/walk/golden/. */
#ifndef TESTS_SUPPORT_LINES_H
#define TESTS_SUPPORT_LINES_H

#include "lib/base/buf.h"

#include <setpki/walk.h>

/* Zero-initialise; sp_buf_free(&l.text). */
struct lines {
	struct sp_buf text;
	size_t depth, most;
	bool loose; /* lengths are left out where they differ from run to run: of signatures, and of what holds one */
};

/* What is random stands there as its length, a signature as a word. */
struct setpki_visitor lines_visitor(struct lines *l);
/* The text is that of golden/NAME.txt; if not, it is written to the scratch folder (to the golden file itself with
 * UPDATE_GOLDEN=1), and the test fails. */
void lines_golden(const char *name, const struct lines *l);

#endif
