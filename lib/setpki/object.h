/* Files of certificates, CRLs, BCIs, requests and messages: told apart by content, not by name. */
#ifndef SETPKI_OBJECT_H
#define SETPKI_OBJECT_H

#include <setpki/bytes.h>
#include <setpki/context.h>
#include <setpki/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum setpki_object_type {
	SETPKI_OBJECT_UNKNOWN,
	SETPKI_OBJECT_CERT,
	SETPKI_OBJECT_CRL,
	SETPKI_OBJECT_BCI,
	SETPKI_OBJECT_CSR,
	SETPKI_OBJECT_PUBKEY,  /* SubjectPublicKeyInfo */
	SETPKI_OBJECT_MESSAGE, /* MessageWrapper, or what CAs send each other: a SignedData in the form of PKCS#7 1.6 */
	SETPKI_OBJECT_PRIVKEY  /* recognised, never opened */
};

/** One DER object found in a file. */
struct setpki_object {
	enum setpki_object_type type;
	setpki_bytes der; /* points into the list's own memory, or into the caller's input if that was DER; of a private
			   * key in PEM nothing is decoded: { NULL, 0 } */
};

/** Objects of one file, in their order.  Zero-initialised; setpki_objects_free(). */
struct setpki_objects {
	struct setpki_object *v;
	size_t n, cap;
	void *mem; /* decoded PEM */
};

/**
 * Take apart the contents of a file: one DER object, PEM (one or more blocks), or a PKCS#7 bundle in either form
 * (its certificates, CRLs and, in a published brand set, its BCI).
 * @param in  borrowed, and must outlive `out`
 * @return SETPKI_E_OK with at least one object; SETPKI_E_PARSE (which block, why); SETPKI_E_LIMIT; SETPKI_E_MEMORY
 */
enum setpki_code setpki_objects_read(setpki_bytes in, struct setpki_objects *out, struct setpki_error *err);
void setpki_objects_free(struct setpki_objects *o);

/** @return "certificate", "CRL", "BCI", "request", "public key", "SET message", "private key", "unknown object". */
const char *setpki_object_name(enum setpki_object_type type);

/** One line about an object, for messages: "gateway signature C=US, O=..., serial 01ab..", "CRL 7 of C=US, O=...", "BCI
 * 3 of Democard", "CertReq of 2026-11-23T12:00:00Z, rrpid 7a01..".  Always NUL-terminated; an object that cannot be
 * read gives its type alone. @return out */
const char *setpki_object_text(setpki_ctx *ctx, const struct setpki_object *object, char *out, size_t cap);

/** @return the PEM label that such an object is written under ("X509 CRL"), static; NULL for SETPKI_OBJECT_UNKNOWN. */
const char *setpki_object_label(enum setpki_object_type type);

#ifdef __cplusplus
}
#endif
#endif
