/* Hierarchies for tests: made with the library's builders in either suite, and broken in one place at a time by editing
 * what was built and signing it again. */
#ifndef TESTS_SUPPORT_GEN_H
#define TESTS_SUPPORT_GEN_H

#include "lib/x509/bci.h"
#include "lib/x509/build.h"
#include "lib/x509/crl.h"

#include <setpki/chain.h>

/* The certificates of a world, superiors first. */
enum gen_slot {
	GEN_NONE,
	GEN_FIRST, /* the root before GEN_ROOT: its hashedRootKey is the hash of GEN_ROOT's key */
	GEN_ROOT,
	GEN_BRAND,
	GEN_BRAND_CRL, /* a CRL-signing certificate of the brand CA */
	GEN_GEO,
	GEN_PCA,
	GEN_PCA_CRL, /* a CRL-signing certificate of the gateway CA */
	GEN_PCA_SIG, /* its message-signature certificate */
	GEN_CCA,     /* signs certificates alone */
	GEN_CCA_CRL, /* and this one its CRL, where it has one */
	GEN_LEAF,    /* gateway signature, issued by GEN_PCA */
	GEN_CARD,    /* cardholder signature, issued by GEN_CCA */
	GEN_NEXT,    /* the root after GEN_ROOT */
	GEN_SLOTS
};

/* One thing that is different from a good world. */
enum gen_what {
	GEN_END, /* of a list of edits */
	/* certificates: `slot` */
	GEN_OMIT,	  /* not given to the pool */
	GEN_EXT_DROP,	  /* extension `ext` */
	GEN_EXT_SET,	  /* contents of `ext` become `hex` */
	GEN_EXT_ADD,	  /* unknown extension 1.2.3.4, critical if n is 1 */
	GEN_EXT_CRITICAL, /* criticality of `ext` turned round */
	GEN_NOT_BEFORE,	  /* n, seconds relative to GEN_NOW; so for all times */
	GEN_NOT_AFTER,
	GEN_PKUP,	/* privateKeyUsagePeriod from n to m */
	GEN_SUBJECT_OF, /* the subject of slot `other` */
	GEN_ISSUER_OF,	/* as issuer the subject of slot `other` */
	GEN_BRAND_NAME, /* O becomes `text` */
	GEN_EXT_BIT, /* the last bit of `ext` turned: in AKI that of the serial number, in hashedRootKey of the hash */
	GEN_KEYID_AKI, /* AKI has another keyIdentifier (modern) */
	GEN_UNIQUE_ID,
	GEN_OUTER_ALG, /* another AlgorithmIdentifier beside the signature than within */
	GEN_OTHER_ALG, /* both of the other suite */
	GEN_SIG_BIT,   /* one bit of the signature turned */
	GEN_OTHER_KEY, /* a key of the other suite */
	/* CRLs: `slot` is the CA */
	GEN_CRL_OMIT,
	GEN_CRL_THIS,
	GEN_CRL_NEXT,
	GEN_CRL_NUMBER,
	GEN_CRL_REVOKE, /* lists slot `other` */
	GEN_CRL_SIGNER, /* signed by slot `other`, in the name of the CA */
	GEN_CRL_SIG_BIT,
	GEN_CRL_EXT_ADD,
	GEN_CRL_EXT_DROP, /* `ext` */
	GEN_CRL_OTHER_SUITE,
	/* the BCI */
	GEN_BCI_OMIT,
	GEN_BCI_FROM,
	GEN_BCI_TO,
	GEN_BCI_SEQUENCE,
	GEN_BCI_BRAND,	/* `text` */
	GEN_BCI_UNLIST, /* without the CRL of `slot` */
	GEN_BCI_LIST,	/* with a CRL of `slot`, number n */
	GEN_BCI_SIGNER, /* signed by `other` */
	GEN_BCI_SIG_BIT,
	GEN_BCI_EXT_ADD,
	GEN_BCI_OTHER_SUITE,
	/* trust and state */
	GEN_TRUST,	 /* `slot` instead of GEN_ROOT */
	GEN_TRUST_THUMB, /* GEN_ROOT by thumb */
	GEN_SEEN,	 /* sequence number n was seen before */
	GEN_RELAX	 /* certificateType and hashedRootKey not critical */
};

struct gen_edit {
	enum gen_what what;
	enum gen_slot slot, other;
	enum sp_ext ext;
	const char *hex, *text;
	int64_t n, m;
};

#define GEN_EDITS 4
#define GEN_NOW INT64_C(1780315200) /* 2026-06-01T12:00:00Z */
#define GEN_DAY INT64_C(86400)

struct gen_cert {
	EVP_PKEY *key; /* borrowed */
	setpki_bytes der;
	struct sp_cert cert;
};

struct gen_world {
	setpki_ctx *ctx;
	enum setpki_suite suite;
	const struct gen_edit *edits;		       /* up to GEN_EDITS, or GEN_END before */
	struct gen_cert c[GEN_SLOTS], good[GEN_SLOTS]; /* as edited, and before */
	setpki_bytes crl[GEN_SLOTS], bci;
};

/* Keys are made once for a program and suite.  gen_start() before the first world, gen_stop() at the end. */
void gen_start(void);
void gen_stop(void);
setpki_ctx *gen_ctx(void);

/* The keys of modern worlds made from now on. */
enum gen_keys { GEN_P256, GEN_RSA };
void gen_keys(enum gen_keys keys);
/* Builds all certificates, CRLs and the BCI; fails the test if it cannot. */
void gen_make(struct gen_world *w, enum setpki_suite suite, const struct gen_edit *edits);
void gen_free(struct gen_world *w);
/* The name of a slot in a good world, appended. */
void gen_name(enum setpki_suite suite, enum gen_slot slot, struct sp_buf *out);
/* A pool with everything in it that `edits` leave. */
setpki_pool *gen_pool(const struct gen_world *w);
/* Sign `tbs` as a certificate of this world with the key of `slot`: whole DER, OPENSSL_free(). */
setpki_bytes gen_sign(const struct gen_world *w, enum gen_slot slot, enum setpki_suite suite, setpki_bytes tbs);

#endif
