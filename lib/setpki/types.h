/* The words of SET's certificates: suites, roles, kinds of certificate. */
#ifndef SETPKI_TYPES_H
#define SETPKI_TYPES_H

#include <setpki/bytes.h>
#include <setpki/error.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Which algorithms: what SET 1.0 says, or what is secure today.  Never mixed within a chain (set-protocol 12.1). */
enum setpki_suite { SETPKI_SUITE_NONE, SETPKI_SUITE_CLASSIC, SETPKI_SUITE_MODERN };

/** @return "classic", "modern" or "unknown". */
const char *setpki_suite_name(enum setpki_suite suite);
/** @return the suite of that name, SETPKI_SUITE_NONE if there is none. */
enum setpki_suite setpki_suite_by_name(const char *name);

/** Bits of certificateType (SET Book 3, CertificateTypeSyntax); bit n of the BIT STRING is 1 << n. */
#define SETPKI_TYPE_CARD (1u << 0)
#define SETPKI_TYPE_MER (1u << 1)
#define SETPKI_TYPE_PGWY (1u << 2)
#define SETPKI_TYPE_CCA (1u << 3)
#define SETPKI_TYPE_MCA (1u << 4)
#define SETPKI_TYPE_PCA (1u << 5)
#define SETPKI_TYPE_GCA (1u << 6)
#define SETPKI_TYPE_BCA (1u << 7)
#define SETPKI_TYPE_RCA (1u << 8)
#define SETPKI_TYPE_ACQ (1u << 9)
#define SETPKI_TYPE_EE (SETPKI_TYPE_CARD | SETPKI_TYPE_MER | SETPKI_TYPE_PGWY)
#define SETPKI_TYPE_ISSUING (SETPKI_TYPE_CCA | SETPKI_TYPE_MCA | SETPKI_TYPE_PCA)
#define SETPKI_TYPE_CA (SETPKI_TYPE_ISSUING | SETPKI_TYPE_GCA | SETPKI_TYPE_BCA | SETPKI_TYPE_RCA)

/** Bits of keyUsage (RFC 5280 4.2.1.3); bit n of the BIT STRING is 1 << n. */
#define SETPKI_KU_DIGITAL_SIGNATURE (1u << 0)
#define SETPKI_KU_KEY_ENCIPHERMENT (1u << 2)
#define SETPKI_KU_DATA_ENCIPHERMENT (1u << 3)
#define SETPKI_KU_CERT_SIGN (1u << 5)
#define SETPKI_KU_CRL_SIGN (1u << 6)

/** The kinds of certificate: one for each column of the rule table (set-protocol section 5, 12.12). */
enum setpki_kind {
	SETPKI_KIND_NONE,
	SETPKI_KIND_CARD_SIG,
	SETPKI_KIND_MER_SIG,
	SETPKI_KIND_MER_ENC,
	SETPKI_KIND_PGWY_SIG,
	SETPKI_KIND_PGWY_ENC,
	SETPKI_KIND_CA_SIG,	 /* message signature */
	SETPKI_KIND_CA_ENC,	 /* key exchange */
	SETPKI_KIND_CA_CERTSIGN, /* certificate signing alone */
	SETPKI_KIND_CA_CRLSIGN,	 /* CRL signing alone */
	SETPKI_KIND_CA_SIGN,	 /* certificate and CRL signing in one key */
	SETPKI_KIND_ROOT,	 /* self-signed; certificate and CRL signing */
	SETPKI_KIND_N
};

/** @return "cardholder signature", "root" ...; never NULL. */
const char *setpki_kind_name(enum setpki_kind kind);

/** @return the word for one bit of certificateType: "cardholder", "merchant", "gateway", "cca" ... "rca", "acq"; NULL
 * if `bit` is not one of them. */
const char *setpki_type_name(uint32_t bit);
/** @return the bit for that word ("gateway", and SET's own "card", "mer", "pgwy"); 0 if there is none. */
uint32_t setpki_type_by_name(const char *name);

#ifdef __cplusplus
}
#endif
#endif
