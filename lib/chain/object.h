/* What a pool holds: certificates, CRLs and BCIs, read once, counted, shared by the pools that a snapshot makes.  After
 * they are made only two things in them change, each once and without a lock: the EVP_PKEY of a certificate, and the
 * memory of the key under which the object's signature verified (a fact that time does not change). */
#ifndef LIB_CHAIN_OBJECT_H
#define LIB_CHAIN_OBJECT_H

#include "lib/base/limits.h"
#include "lib/x509/bci.h"
#include "lib/x509/crl.h"

#include <stdatomic.h>

#define SP_HASH_LEN 32
/* A brand's name in UTF-8 (BMPString of SP_UB_BRAND_ID: at most three octets a character), and NUL */
#define SP_BRAND_TEXT (3 * SP_UB_BRAND_ID + 1)

/* "This signature verifies under the key with that hash": written once, read by any thread. */
struct sp_memo {
	atomic_int state;
	uint8_t key[SP_HASH_LEN];
};

struct sp_pcert {
	atomic_uint refs;
	struct sp_cert cert;
	enum setpki_kind kind;
	uint8_t hash[SP_HASH_LEN];     /* SHA-256 of the whole DER */
	uint8_t key_hash[SP_HASH_LEN]; /* SHA-256 of the SubjectPublicKeyInfo */
	uint8_t thumb[SP_DIGEST_MAX];  /* of self-issued certificates of a suite */
	size_t thumb_len;	       /* 0: none */
	char brand[SP_BRAND_TEXT];     /* O of the subject, up to ":"; "" if there is none or it is too long */
	_Atomic(EVP_PKEY *) pkey;
	struct sp_memo memo;
	char *origin;	  /* or NULL */
	setpki_bytes own; /* memory of the DER; { NULL, 0 } if borrowed */
};

struct sp_pcrl {
	atomic_uint refs;
	struct sp_crl crl;
	struct sp_memo memo;
	char *origin;
	setpki_bytes own;
};

struct sp_pbci {
	atomic_uint refs;
	struct sp_bci bci;
	char brand[SP_BRAND_TEXT];
	struct sp_memo memo;
	char *origin;
	setpki_bytes own;
};

/* Fill `c` from borrowed bytes, without hashes: a leaf on the stack.  sp_pcert_close() when done. */
SP_MUST_CHECK enum setpki_code
sp_pcert_open(setpki_ctx *ctx, setpki_bytes der, struct sp_pcert *c, struct setpki_error *err);
void sp_pcert_close(struct sp_pcert *c);

/* New objects with one reference.  `borrow`: the bytes outlive the object, else they are copied. */
SP_MUST_CHECK enum setpki_code
sp_pcert_new(setpki_ctx *ctx, setpki_bytes der, const char *origin, struct sp_pcert **out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code sp_pcrl_new(
    setpki_ctx *ctx, setpki_bytes der, bool borrow, const char *origin, struct sp_pcrl **out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
sp_pbci_new(setpki_bytes der, const char *origin, struct sp_pbci **out, struct setpki_error *err);
void sp_pcert_drop(struct sp_pcert *c);
void sp_pcrl_drop(struct sp_pcrl *c);
void sp_pbci_drop(struct sp_pbci *b);

/* The public key, made at first use; borrowed.  MEMORY, or whatever is wrong with the key. */
SP_MUST_CHECK enum setpki_code
sp_pcert_pkey(setpki_ctx *ctx, struct sp_pcert *c, EVP_PKEY **out, struct setpki_error *err);

/* Whether the object's signature verifies under the key of `issuer`; remembered.  `*did` counts the verifications that
 * were really done. */
bool sp_cert_signed_by(setpki_ctx *ctx, struct sp_pcert *c, struct sp_pcert *issuer, unsigned *did);
bool sp_crl_signed_by(setpki_ctx *ctx, struct sp_pcrl *c, struct sp_pcert *issuer, unsigned *did);
bool sp_bci_signed_by(setpki_ctx *ctx, struct sp_pbci *b, struct sp_pcert *issuer, unsigned *did);

/* Issuer and subject are the same name, and no authorityKeyIdentifier names another certificate: a root, or what claims
 * to be one. */
bool sp_self_issued(const struct sp_cert *c);
/* The brand of a BrandID or of an O attribute: what stands before ":".  "" if it does not fit. */
void sp_brand_cut(setpki_bytes text, char out[SP_BRAND_TEXT]);

#endif
