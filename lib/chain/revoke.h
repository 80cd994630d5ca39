/* Revocation, set-protocol 12.14: which CRLs and which BCI count. */
#ifndef LIB_CHAIN_REVOKE_H
#define LIB_CHAIN_REVOKE_H

#include "lib/chain/check.h"

/* One CRL that is looked for. */
struct sp_crl_need {
	struct sp_node *issuer;	     /* the CA whose CRL it is */
	int depth;		     /* where findings about it stand; -1: beside the path */
	struct sp_path superior;     /* from the CA's superior up to the root; of a root: itself */
	const struct sp_pcrl *above; /* the superior's CRL, which would list a CRL signer; NULL: none at hand */
	int64_t number;		     /* the least that CRLNumber may be (the BCI's); -1: no bound */
	bool required;
};

struct sp_crl_found {
	struct sp_pcrl *crl; /* NULL: none whose signature verifies */
	struct sp_node *signer;
};

/* 12.14 (d), and (a) without a bound: finds the CRL and adds what is wrong with it.  What is found but faulty is given
 * all the same, so that a certificate that it lists is reported as revoked. */
void sp_crl_find(struct sp_check *c, const struct sp_crl_need *need, struct sp_crl_found *out);
/* chain.crl.number, for a CRL that was found before the BCI was read. */
void sp_crl_number(struct sp_check *c, int depth, const struct sp_pcrl *crl, int64_t least);

/* 12.14 (a) to (c): finds the brand's BCI and sets c->bci; where its signer's root is the path's, *root gets that
 * root's CRL and *root_done becomes true. */
void sp_bci_find(struct sp_check *c, const char *brand, struct sp_crl_found *root, bool *root_done);
/* The number that the BCI gives for this issuer; -1 if it does not list it. */
int64_t sp_bci_number(const struct sp_pbci *b, setpki_bytes issuer);

/* The path from `depth` up. */
struct sp_path sp_path_from(const struct sp_path *p, size_t depth);

#endif
