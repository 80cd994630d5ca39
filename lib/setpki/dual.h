/* The dual signature (set-protocol section 10, 12.17): one signature over order and payment, of which the merchant sees
 * the order and a digest of the payment, and the gateway the payment and a digest of the order. */
#ifndef SETPKI_DUAL_H
#define SETPKI_DUAL_H

#include <setpki/account.h>
#include <setpki/party.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is bought and paid.  Everything is borrowed for the call. */
struct setpki_purchase {
	setpki_bytes order; /* the order as cardholder and merchant agreed on it; never travels, only its digest does */
	uint32_t currency;  /* ISO 4217 number, 1..999 */
	int64_t amount;	    /* in units of 10^exponent */
	int exponent;	    /* -9..9; -2 for cents */
	setpki_bytes lid_c; /* 1..20 octets, the cardholder's reference */
	setpki_bytes lid_m; /* the merchant's, or empty */
	setpki_bytes xid;   /* 20 octets, of the transaction */
	setpki_bytes rrpid; /* 20 octets, of this request */
	setpki_bytes chall_c; /* 20 octets */
	setpki_bytes chall_m; /* 20 octets, or empty */
	int64_t date;	      /* seconds since the epoch */
	const char *language; /* "en" */
	const char *brand;    /* BrandID */
	const char *bin;      /* first six digits of the PAN: all of it that the merchant learns */
	const char *merchant; /* MerchantID */
	const char *software; /* the wallet's name */
};

/** The card.  Secret. */
struct setpki_card {
	const char *pan, *expiry; /* 1..19 digits, YYYYMM */
	uint8_t card_secret[SETPKI_SECRET_LEN], pan_secret[SETPKI_SECRET_LEN];
};

/**
 * Wallet: sign order and payment together, and encrypt the payment to the gateway.  exNonce and odSalt are drawn here.
 * @param wallet   the cardholder's signature key, with issuer and serial of its certificate
 * @param gateway  the gateway's key-exchange key (RSA), public
 * @param certs    travel beside the signature: the cardholder's chain
 * @param out      success: PReqDualSigned, for the merchant
 * @return SETPKI_E_OK; SETPKI_E_ARGUMENT or PARSE (a field outside its bounds; the PAN is never repeated);
 *         SETPKI_E_SUITE (a key); CRYPTO; MEMORY
 */
enum setpki_code setpki_dual_sign(setpki_ctx *ctx, enum setpki_suite suite, const struct setpki_party *wallet,
    const struct setpki_party *gateway, const struct setpki_purchase *purchase, const struct setpki_card *card,
    const setpki_bytes *certs, size_t ncerts, struct setpki_der *out, struct setpki_error *err);

/**
 * Finds the public key that a signature is to be checked with: of the certificate with this issuer and serial number,
 * which the callback has validated (setpki/chain.h; kind: cardholder signature).  @return borrowed, or NULL
 */
typedef struct evp_pkey_st *
setpki_dual_key_fn(void *arg, setpki_bytes issuer, setpki_bytes serial, const setpki_bytes *certs, size_t ncerts);

/** What the merchant learns.  Zero-initialised; setpki_dual_order_free().  A text that is a BMPString reads "?". */
struct setpki_dual_order {
	char brand[44], bin[8], language[36];
	uint8_t xid[20], rrpid[20], chall_c[20];
	setpki_bytes lid_c, lid_m, chall_m; /* point into `mem` */
	int64_t date;
	setpki_bytes payment;  /* PIDualSigned: goes to the gateway as it is; points into `mem` */
	uint8_t oi_digest[32]; /* digest of OIData: goes to the gateway beside it */
	size_t oi_digest_len;
	struct setpki_der mem;
};

/**
 * Merchant: check a PReqDualSigned.  The signature covers this OIData and the payment's digest; the order digest in it
 * is that of `order`, `currency`, `amount` and `exponent`.
 * @return SETPKI_E_OK; SETPKI_E_PARSE; SETPKI_E_SUITE; SETPKI_E_SIGNATURE (the signature; or another order, amount or
 *         payment than the one that was signed)
 */
enum setpki_code setpki_dual_merchant(setpki_ctx *ctx, enum setpki_suite suite, setpki_bytes preq, setpki_bytes order,
    uint32_t currency, int64_t amount, int exponent, setpki_dual_key_fn *key, void *arg, struct setpki_dual_order *out,
    struct setpki_error *err);
void setpki_dual_order_free(struct setpki_dual_order *o);

/** What the gateway learns.  Zero-initialised; setpki_dual_payment_free() cleanses it.  A BMPString reads "?". */
struct setpki_dual_payment {
	char pan[20], expiry[8], merchant[32], software[260], language[36];
	uint8_t pan_secret[SETPKI_SECRET_LEN];
	uint8_t xid[20];
	uint32_t currency;
	int64_t amount;
	int exponent;
	uint8_t hod[32], trans_stain[32]; /* digest of the order; HMAC of xid under CardSecret */
	size_t digest_len;
	int64_t date;
};

/**
 * Gateway: open and check a PIDualSigned.
 * @param gateway    its key-exchange key, private
 * @param oi_digest  the digest of OIData that the merchant sent beside it
 * @return SETPKI_E_OK; SETPKI_E_PARSE, SETPKI_E_SUITE, SETPKI_E_NOTFOUND (for another gateway); SETPKI_E_DECRYPT;
 *         SETPKI_E_SIGNATURE (the signature; or an order other than the merchant's)
 */
enum setpki_code setpki_dual_gateway(setpki_ctx *ctx, enum setpki_suite suite, const struct setpki_party *gateway,
    setpki_bytes payment, setpki_bytes oi_digest, setpki_dual_key_fn *key, void *arg, struct setpki_dual_payment *out,
    struct setpki_error *err);
void setpki_dual_payment_free(struct setpki_dual_payment *p);

#ifdef __cplusplus
}
#endif
#endif
