/* Faults on purpose.  A test program that is linked with --wrap (WRAP_<program> in the Makefile) asks fault_now() in
 * each of its __wrap_ functions whether this call is to fail. */
#ifndef TESTS_SUPPORT_FAULT_H
#define TESTS_SUPPORT_FAULT_H

#include <stdbool.h>

/* Let the n-th wrapped call from here fail; 0: none. */
void fault_at(unsigned n);
/* Counts this call; true if it is the one. */
bool fault_now(void);
/* Whether it has been reached. */
bool fault_fired(void);

#endif
