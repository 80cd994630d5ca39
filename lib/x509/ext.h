/* Extensions as rows, kinds as rows, and which extension which kind carries (set-protocol sections 5 and 12).  Building
 * (build_*.c), linting (lint_*.c), the chain rules, printing, docs/ and the tests all walk these rows. */
#ifndef LIB_X509_EXT_H
#define LIB_X509_EXT_H

#include "lib/crypto/suite.h"

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
/* The pathLen that 12.12 asks of a certificate-signing certificate; -1 where there is none.  `below` for a brand CA:
 * whether it has a geopolitical level. */
int sp_pathlen(uint32_t type, bool geo_below);

#endif
