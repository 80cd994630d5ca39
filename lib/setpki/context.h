/* What the library needs of OpenSSL, made once and passed to whatever computes. */
#ifndef SETPKI_CONTEXT_H
#define SETPKI_CONTEXT_H

#include <setpki/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Fetched algorithms over one OSSL_LIB_CTX.  Opaque; threads may share it. */
typedef struct setpki_ctx setpki_ctx;

/**
 * @param libctx  an OSSL_LIB_CTX that outlives the context, or NULL for OpenSSL's default one; randomness comes from
 *                its RAND, so tests may give one whose RAND is deterministic
 * @param out     success: a new context, CALLER frees with setpki_ctx_free(); failure: NULL
 * @return SETPKI_E_OK; SETPKI_E_CRYPTO (an algorithm cannot be fetched); SETPKI_E_MEMORY
 */
enum setpki_code setpki_ctx_new(void *libctx, setpki_ctx **out, struct setpki_error *err);

/** Frees the context; NULL is fine. */
void setpki_ctx_free(setpki_ctx *ctx);

#ifdef __cplusplus
}
#endif
#endif
