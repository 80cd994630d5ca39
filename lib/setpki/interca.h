/* What CAs send each other about their lists: CRLNotification, its answer, and BCIDistribution (set-protocol 12.16).
 * They travel as files, signed and bare: no MessageWrapper is around them. */
#ifndef SETPKI_INTERCA_H
#define SETPKI_INTERCA_H

#include <setpki/chain.h>
#include <setpki/party.h>

#ifdef __cplusplus
extern "C" {
#endif

enum setpki_notice_type {
	SETPKI_CRL_NOTIFICATION,     /* "this is my CRL now"; it travels along */
	SETPKI_CRL_NOTIFICATION_RES, /* "I have it" */
	SETPKI_BCI_DISTRIBUTION	     /* "this is the brand's list of CRLs now"; they travel along */
};

/** What is sent.  Everything is borrowed for the call. */
struct setpki_notice_ask {
	enum setpki_notice_type type;
	enum setpki_suite suite;
	int64_t date;			   /* seconds since the epoch */
	setpki_bytes about;		   /* DER of the CRL or BCI; a CRL that is notified is one of `crls` */
	const struct setpki_party *signer; /* with the CA's CRL-signing key */
	const setpki_bytes *certs, *crls;  /* beside the signature: the signer's chain, its own certificate too */
	size_t ncerts, ncrls;
};

/**
 * Compose.  @param out  success: the SignedData
 * @return SETPKI_E_OK; ARGUMENT (`about` is not what the type calls for, or is missing among the CRLs); PARSE (it
 *         cannot be read); SUITE (a key of the other suite); LIMIT; CRYPTO; MEMORY
 */
enum setpki_code setpki_notice_put(
    setpki_ctx *ctx, const struct setpki_notice_ask *ask, struct setpki_der *out, struct setpki_error *err);

/** How one is checked. */
struct setpki_notice_check {
	enum setpki_notice_type type; /* the one that is expected */
	enum setpki_suite suite;
	int64_t now;
	setpki_pool *pool; /* trusted roots, and what is known already; not changed */
	enum setpki_revocation revocation;
	setpki_bytes about; /* of an answer: the CRL that was notified */
};

/** One that was received.  Zero-initialised; setpki_notice_free(). */
struct setpki_notice {
	int64_t date;
	struct setpki_object signer; /* the certificate that signed: valid, of a CA, with cRLSign */
	struct setpki_object about;  /* the CRL or BCI; nothing in an answer */
	/* All that came along: certificates, CRLs, and the BCI.  What setpki_pool_add() makes of them is another
	 * matter: each is signed by its issuer, not by the sender. */
	struct setpki_object *objects;
	size_t nobjects;
	void *held; /* what the others point into */
};

/**
 * Check one: form, signature, the signer's chain and cRLSign, the date, that a CRL that is notified came along and is
 * the sender's own, and that an answer is about ours.
 * @return SETPKI_E_OK; PARSE or LIMIT (form); SIGNATURE; RULE (which rule does not hold); POLICY (the signer's chain
 *         is refused) or PENDING (nothing is known that decides it); STATE (no trusted root); CRYPTO; MEMORY
 */
enum setpki_code setpki_notice_read(setpki_ctx *ctx, const struct setpki_notice_check *check, setpki_bytes der,
    struct setpki_notice *out, struct setpki_error *err);
void setpki_notice_free(struct setpki_notice *n); /* NULL is fine */

#ifdef __cplusplus
}
#endif
#endif
