/* Errors of libsetpki: one list of codes, and a record of the first cause. */
#ifndef SETPKI_ERROR_H
#define SETPKI_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/* X(name, text, exit status of a command that ends with it: see docs/architecture.md) */
#define SETPKI_ERRORS(X)                                                                                               \
	X(OK, "no error", 0)                                                                                           \
	X(PARSE, "malformed input", 1)                                                                                 \
	X(LIMIT, "a size limit was passed", 1)                                                                         \
	X(SUITE, "not of this suite", 1)                                                                               \
	X(RULE, "a rule of SET or X.509 is broken", 1)                                                                 \
	X(POLICY, "forbidden by the policy", 1)                                                                        \
	X(SIGNATURE, "a signature does not verify", 1)                                                                 \
	X(DECRYPT, "cannot be decrypted", 1)                                                                           \
	X(STATE, "not possible in the present state", 1)                                                               \
	X(CONFLICT, "already there", 1)                                                                                \
	X(ARGUMENT, "wrong argument", 2)                                                                               \
	X(NOTFOUND, "not found", 3)                                                                                    \
	X(PENDING, "waits for something from outside", 3)                                                              \
	X(CRYPTO, "libcrypto failed", 3)                                                                               \
	X(STORE, "the store failed", 3)                                                                                \
	X(IO, "input or output failed", 3)                                                                             \
	X(MEMORY, "out of memory", 3)

/** What went wrong, as a class; the record below says the rest. */
enum setpki_code {
#define X(name, text, status) SETPKI_E_##name,
	SETPKI_ERRORS(X)
#undef X
	    SETPKI_E_NCODES
};

/**
 * The first cause of a failure.  The caller allocates it, zeroed; the first failing function fills it, later ones add
 * only where it happened.  No field ever holds a PAN, key or passphrase.  Every function accepts NULL instead.
 */
struct setpki_error {
	enum setpki_code code;
	const char *file; /* of our source, static */
	int line;
	const char *spec;  /* document and section of the broken rule, static; NULL if there is none */
	char object[256];  /* what it is about, outermost first: "bundle.pem: request 2: subject"; may be empty */
	char message[512]; /* what was wrong, and what to do about it */
};

/** @return the fixed text of `code`, static, never NULL. */
const char *setpki_code_text(enum setpki_code code);

/** @return the name of `code` ("PARSE"), static, never NULL. */
const char *setpki_code_name(enum setpki_code code);

/** @return the exit status that a command ends with for `code`: 0, 1, 2 or 3. */
int setpki_code_exit(enum setpki_code code);

/** Forget what `err` holds, so that it can be used again. */
void setpki_error_clear(struct setpki_error *err);

#ifdef __cplusplus
}
#endif
#endif
