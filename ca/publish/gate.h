/* What every CRL passes before it is stored (docs/architecture.md: "Publication is one atomic set per brand"). */
#ifndef CA_PUBLISH_GATE_H
#define CA_PUBLISH_GATE_H

#include "ca/publish/publish.h"

struct ca_gate {
	struct ca_home *h;
	ca_txn *t;
	const struct sp_cert *signer;	   /* the certificate of the CA's CRL-signing key */
	const struct ca_policy_ca *policy; /* the CA in the policy */
	uint16_t ca, generation;
	bool ours;			    /* made here: its number is exactly one up */
	const struct ca_crl_record *before; /* number 0: there is none */
};

/* RULE, SIGNATURE, PARSE: refused, with the rule.  `crl` was parsed. */
SP_MUST_CHECK enum setpki_code ca_gate_crl(const struct ca_gate *g, const struct sp_crl *crl, struct setpki_error *err);

#endif
