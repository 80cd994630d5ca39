/* A fuzz target is one function; libFuzzer drives it (make fuzz), and tests/fuzz/test_corpus.c runs the kept inputs
 * through every one of them in the ordinary test runs. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <setpki/context.h>
#include <stddef.h>
#include <stdint.h>

/* X(name): tests/fuzz/fuzz_<name>.c defines fuzz_<name>(); tests/fuzz/corpus/<name>/ holds its inputs. */
#define FUZZ_TARGETS(X)                                                                                                \
	X(asn1)                                                                                                        \
	X(bci)                                                                                                         \
	X(cert)                                                                                                        \
	X(chain)                                                                                                       \
	X(crl)                                                                                                         \
	X(csr)                                                                                                         \
	X(der)                                                                                                         \
	X(enroll)                                                                                                      \
	X(frame)                                                                                                       \
	X(http)                                                                                                        \
	X(objects)                                                                                                     \
	X(p7)                                                                                                          \
	X(pack)                                                                                                        \
	X(policy)                                                                                                      \
	X(responder)                                                                                                   \
	X(show)

#define X(name) void fuzz_##name(const uint8_t *data, size_t size);
FUZZ_TARGETS(X)
#undef X

/* A context for the whole run. */
setpki_ctx *fuzz_ctx(void);

/* A property does not hold: say which and stop. */
#define FUZZ_MUST(property)                                                                                            \
	do {                                                                                                           \
		if (!(property))                                                                                       \
			__builtin_trap();                                                                              \
	} while (0)

#endif
