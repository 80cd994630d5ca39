/* Extensions as rows, kinds as rows, and which extension which kind carries (set-protocol sections 5 and 12).  Building
 * (build_*.c), linting (lint_*.c), the chain rules, printing, docs/ and the tests all walk these rows. */
#ifndef LIB_X509_EXT_H
#define LIB_X509_EXT_H

#include "lib/crypto/pubkey.h"

enum sp_ext {
	SP_EXT_AKI,
	SP_EXT_SKI,
	SP_EXT_KEY_USAGE,
	SP_EXT_PKUP,
	SP_EXT_POLICIES,
	SP_EXT_SAN,
	SP_EXT_IAN,
	SP_EXT_BASIC,
	SP_EXT_CRLDP,
	SP_EXT_AIA,
	SP_EXT_CRL_NUMBER,
	SP_EXT_HASHED_ROOT,
	SP_EXT_CERT_TYPE,
	SP_EXT_MERCHANT_DATA,
	SP_EXT_CARD_CERT_REQUIRED,
	SP_EXT_TUNNELING,
	SP_EXT_SET_EXTENSIONS,
	SP_EXT_N
};

struct sp_ext_row {
	enum sp_ext id;
	const char *name;   /* SET's or X.509's name: "hashedRootKey" */
	const char *dotted; /* "2.23.42.7.0" */
	setpki_bytes oid;   /* contents octets */
	bool critical;	    /* the default; certificateType and hashedRootKey may be relaxed (12.19) */
	bool relaxable;
	bool modern_only; /* not in classic (12.1 "extra extensions", SKI) */
	const char *spec;
};

enum sp_need { SP_FORBIDDEN, SP_OPTIONAL, SP_REQUIRED };

struct sp_kind_row {
	enum setpki_kind kind;
	const char *name;
	uint32_t type_mask;		/* certificateType bits it may carry */
	bool one_type;			/* exactly one bit */
	uint32_t key_usage;		/* exactly these bits */
	bool ca, self_signed, exchange; /* basicConstraints.cA; key-exchange key */
	uint8_t need[SP_EXT_N];		/* enum sp_need, CRL-only rows SP_FORBIDDEN */
};

const struct sp_ext_row *sp_ext_row(enum sp_ext id);
const struct sp_ext_row *sp_ext_by_oid(setpki_bytes oid); /* NULL: unknown */
const struct sp_kind_row *sp_kind_row(enum setpki_kind kind);
/* Tunneling is required in a CCA's key-exchange certificate only, and SKI in modern only: the cell of the table after
 * suite and type are taken into account. */
enum sp_need sp_ext_need(enum setpki_kind kind, enum sp_ext ext, enum setpki_suite suite, uint32_t type);
/* Whether certificateType is a combination that exists: one end entity, one of rca, bca and gca, or some of cca, mca
 * and pca (set-protocol 5, 12.12). */
bool sp_type_ok(uint32_t type);
/* The certificateType bits of which an issuer of a certificate with this one bit must have one (set-protocol 7 step 7);
 * a root is issued by itself. */
uint32_t sp_type_issuers(uint32_t bit);
/* "cca+mca": the words of certificateType bits; "none" for 0. */
#define SP_TYPE_TEXT 80
const char *sp_type_text(uint32_t type, char out[SP_TYPE_TEXT]);
/* A root's own key: RSA of at least 2048 bits in classic too (12.1); anything that the suite allows in modern. */
bool sp_root_key_ok(const struct sp_spki *k, enum setpki_suite suite);
/* An http or https URL as cRLDistributionPoints and authorityInfoAccess hold it: ASCII without blanks, at most
 * SP_UB_URL. */
bool sp_url_ok(setpki_bytes url);
/* The one algorithm that Tunneling names in a suite (12.1): OID contents; { NULL, 0 } for SETPKI_SUITE_NONE. */
setpki_bytes sp_tunnel_oid(enum setpki_suite suite);
/* Object identifiers that stand inside extensions: contents octets. */
extern const setpki_bytes sp_oid_policy_root;	/* id-set-policy-root, 2.23.42.5.0 */
extern const setpki_bytes sp_oid_set_qualifier; /* id-set-setQualifier, 2.23.42.7.6 */
extern const setpki_bytes sp_oid_root_thumb;	/* id-set-rootKeyThumb, 2.23.42.3.0.0 */
extern const setpki_bytes sp_oid_ca_issuers;	/* id-ad-caIssuers, 1.3.6.1.5.5.7.48.2 */
/* The pathLen that 12.12 asks of a certificate-signing certificate; -1 where there is none.  `below` for a brand CA:
 * whether it has a geopolitical level. */
int sp_pathlen(uint32_t type, bool geo_below);

#endif
