/* One validation (sp_run), and one candidate path within it (sp_check). */
#ifndef LIB_CHAIN_CHECK_H
#define LIB_CHAIN_CHECK_H

#include "lib/chain/pool.h"
#include "lib/x509/lint.h"

/* How a path ends. */
enum sp_path_end {
	SP_END_TRUSTED,	  /* a root of the pool's trust */
	SP_END_SUCCEEDED, /* a root whose key's hash a trusted root carries */
	SP_END_UNTRUSTED, /* some other self-issued certificate */
	SP_END_MISSING,	  /* no issuer in the pool */
	SP_END_DEEP	  /* too many certificates */
};

struct sp_path {
	struct sp_node *v[SP_CHAIN_DEPTH_MAX]; /* leaf first */
	size_t n;
	enum sp_path_end end;
};

/* While what is used holds: from <= t < until, and which part ends first. */
struct sp_window {
	int64_t from, until;
	int64_t next;		    /* at this time something else in the pool may become the better choice */
	const struct sp_cert *cert; /* one of the three, or none */
	const struct sp_crl *crl;
	const struct sp_bci *bci;
};

struct sp_run {
	setpki_pool *pool;
	const struct setpki_chain_ask *ask;
	unsigned paths, sigs;	/* looked at and verified so far */
	struct sp_window roots; /* of roots that were accepted as successors on the way */
	bool limited;		/* something was left out because of SP_CHAIN_PATHS_MAX or SP_CHAIN_SIGS_MAX */
	struct setpki_error *err;
};

struct sp_check {
	struct sp_run *run;
	struct sp_path path;
	enum setpki_suite suite;		 /* of the path's root */
	struct sp_window window;		 /* of all that was used but the lowest certificate */
	struct sp_pbci *bci;			 /* the BCI that counted; or NULL */
	struct sp_pcrl *crl[SP_CHAIN_DEPTH_MAX]; /* the CRL of path.v[i], where one counted */
	struct sp_node *crl_signer[SP_CHAIN_DEPTH_MAX];
	struct setpki_findings findings;
	enum setpki_code rc; /* of the check itself: memory, libcrypto */
};

/* The largest text that a finding holds. */
#define SP_FINDING_TEXT 320

static inline const struct sp_cert *
sp_at(const struct sp_check *c, size_t depth)
{
	return &c->path.v[depth]->c->cert;
}

/* A finding about the certificate at `depth`, about a CRL or a BCI.  Failures go to c->rc. */
__attribute__((format(printf, 4, 5))) void
sp_found(struct sp_check *c, const char *id, size_t depth, const char *fmt, ...);
__attribute__((format(printf, 5, 6))) void
sp_found_node(struct sp_check *c, const char *id, int depth, const struct sp_node *n, const char *fmt, ...);
__attribute__((format(printf, 5, 6))) void
sp_found_crl(struct sp_check *c, const char *id, int depth, const struct sp_pcrl *crl, const char *fmt, ...);
__attribute__((format(printf, 4, 5))) void
sp_found_bci(struct sp_check *c, const char *id, const struct sp_pbci *bci, const char *fmt, ...);

/* Signatures, within the run's limit. */
bool sp_check_cert_sig(struct sp_run *run, struct sp_pcert *c, struct sp_pcert *issuer);
bool sp_check_crl_sig(struct sp_run *run, struct sp_pcrl *c, struct sp_pcert *issuer);
bool sp_check_bci_sig(struct sp_run *run, struct sp_pbci *b, struct sp_pcert *issuer);

/* Narrow the window. */
void sp_hold_cert(struct sp_window *w, const struct sp_cert *c);
void sp_hold_crl(struct sp_window *w, const struct sp_crl *c);
void sp_hold_bci(struct sp_window *w, const struct sp_bci *b);
/* All that `other` rests on as well. */
void sp_hold_window(struct sp_window *w, const struct sp_window *other);
/* Something that is not in force before `t` was passed over. */
void sp_hold_next(struct sp_window *w, int64_t t);

void sp_window_init(struct sp_window *w);
void sp_check_init(struct sp_check *c, struct sp_run *run);
void sp_check_free(struct sp_check *c);

/* rules.c: every rule of the table, for the certificates at depth `from` and above.  `leaf`: also what was asked. */
void sp_rules_run(struct sp_check *c, bool leaf);
/* Only what concerns the certificate at depth 0 and its link to its issuer; `leaf` as above. */
void sp_rules_lowest(struct sp_check *c, bool leaf);

/* path.c: the best path from `leaf`; `revocation` false: signatures and rules only (a signer's own chain).  The check
 * is initialised by the caller and freed by it. */
void sp_path_best(struct sp_run *run, struct sp_node *leaf, bool revocation, struct sp_check *best);

/* trust.c: whether a self-issued certificate may end a path. */
enum sp_path_end sp_root_end(struct sp_run *run, struct sp_node *root);
/* The root that carries the hash of this one's key, for the text of the finding. */
const struct sp_node *sp_root_predecessor(struct sp_run *run, const struct sp_node *root);

/* revoke.c: set-protocol 12.14. */
void sp_revocation(struct sp_check *c);
/* The certificate at depth 0 against the CRL that counts for it, and that CRL's signer against the certificate. */
void sp_revocation_lowest(struct sp_check *c);

#endif
