/* One certificate's way: intent, lint, sign, verify, compare, commit (docs/architecture.md).  Takes arrays. */
#ifndef CA_ISSUE_ISSUE_H
#define CA_ISSUE_ISSUE_H

#include "ca/audit/audit.h"
#include "ca/keys/mandate.h"
#include "lib/x509/build.h"

/* A CA generation, opened for signing: its record, its certificate-signing (or CRL-signing) certificate, its key. */
struct ca_signer {
	struct ca_ca_record ca;
	int policy_index; /* into h->policy->cas */
	uint16_t generation;
	enum ca_generation_state state;
	struct ca_generation_key key_record;
	enum ca_purpose purpose; /* CERTSIGN also stands in for CRLSIGN where the CA has no key of its own for that */
	struct ca_cert_record cert_record;
	struct sp_cert cert;		      /* parsed from cert_record.der; self-signed for a root */
	char retired_above[CA_NAME_MAX + 24]; /* "geo, generation 1": a superior that was revoked; empty: none */
	int64_t covers_to; /* end of what may be certified: of `cert`, or of the CRL-signing certificate (12.13) */
	ca_key *key;
	EVP_PKEY *public_key; /* what its signatures are verified with: the certificate's key, or a new root's own */
};

/* Opens the newest active generation (`generation` 0), or that one, active or closing: what a closing one may still
 * sign is the caller's rule.  A root that is being made: waiting, and without a certificate (cert.der.n == 0).
 * NOTFOUND: no such CA or generation; STATE: its keys live elsewhere, it waits for its certificate, or it is retired.
 */
SP_MUST_CHECK enum setpki_code ca_signer_open(struct ca_home *h, uint16_t ca, uint16_t generation,
    enum ca_purpose purpose, struct ca_signer *out, struct setpki_error *err);
/* The same in two halves: everything but the key (`key` and `public_key` NULL), so that what is not to be signed is
 * refused before anybody is asked for a passphrase; then the key.  ca_signer_close() after either. */
SP_MUST_CHECK enum setpki_code ca_signer_load(struct ca_home *h, uint16_t ca, uint16_t generation,
    enum ca_purpose purpose, struct ca_signer *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_signer_unlock(struct ca_home *h, struct ca_signer *s, struct setpki_error *err);
void ca_signer_close(struct ca_signer *s);
/* What its key may certify by its certificate and the policy in force, now; borrows from the signer. */
void ca_signer_mandate(const struct ca_home *h, const struct ca_signer *s, struct ca_mandate *out);

/* One certificate to be issued: everything decided.  spec.serial, spec.issuer and spec.signer_alg are filled by the
 * engine.  Two jobs may share a request if they are for different keys. */
struct ca_issue_job {
	struct sp_cert_spec spec; /* cleared when the engine is done: it borrows what the caller may free */
	uint8_t request[32];	  /* identity of the request (12.7) */
	uint8_t purpose;	  /* CA certificates */
	uint16_t subject_ca, subject_generation;
	bool renews_key;
	const char *holder; /* for by-holder; NULL: none */
	/* out */
	struct ca_cert_record out; /* ca_cert_record_free() */
	bool repeated;		   /* the request was answered before: `out` is what it got then */
};

/* Issues all of them or, on failure, none that is seen (serials are burnt).  `commit` (may be NULL) runs inside the
 * committing transaction, for what must change together with the certificates.  Jobs whose request was answered before
 * are filled from the store and marked `repeated`; `commit` sees them too, and does not run if all are.
 * RULE: lint refused (the serial is burnt); CONFLICT: the key is certified already; STATE: the intent was settled by
 * somebody else meanwhile, or the home is held (ca/issue/hold.h). */
typedef enum setpki_code
ca_issue_commit_fn(void *arg, ca_txn *t, struct ca_issue_job *jobs, size_t n, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_issue_jobs(struct ca_home *h, struct ca_signer *signer, struct ca_issue_job *jobs,
    size_t n, ca_issue_commit_fn *commit, void *arg, struct setpki_error *err);

/* Builds and lints without reserving, signing or writing anything: out.der is the TBS, under a serial that is not kept.
 * A loaded signer is enough. */
SP_MUST_CHECK enum setpki_code ca_issue_dry(
    struct ca_home *h, const struct ca_signer *signer, struct ca_issue_job *jobs, size_t n, struct setpki_error *err);

/* Settles the intents of writers that are gone: burns their serials, says so in the log.  Every command that opens a
 * home for writing calls it once, right after ca_home_open(). */
SP_MUST_CHECK enum setpki_code ca_issue_settle(struct ca_home *h, size_t *settled, struct setpki_error *err);

/* What an end entity asks for. */
struct ca_ee_request {
	const char *ca; /* name; NULL: the only CA with that role */
	enum ca_role role;
	setpki_bytes sig_spki, exch_spki;	 /* either may be empty */
	const char *common_name;		 /* merchant name, gateway id; cardholder: the blinded account */
	const struct sp_merchant_data *merchant; /* merchants */
	/* renewals of merchants and gateways: Name and MerchantData copied from the certificate before (set-protocol
	 * 12.10), in the place of what policy, common_name and `merchant` would make; empty: not copied */
	setpki_bytes subject, merchant_data;
	const char
	    *bin; /* cardholders: of the PAN; gateways: the acquirer's; NULL: not checked.  Merchants: in `merchant` */
	int64_t lifetime;      /* 0: the policy's default */
	int64_t not_after_max; /* cardholders: last second of the card; 0: no such limit */
	uint8_t request[32];
};

/* The identity of a request at the command line: SHA-256 over CA name, role and the request's own bytes (public keys,
 * common name, MerchantData, lifetime), length by length (architecture, "One certificate's way", 6).  Goes into
 * `request`; a cardholder's common name is drawn anew each time and left out. */
SP_MUST_CHECK enum setpki_code ca_ee_identity(
    setpki_ctx *ctx, const struct ca_ee_request *r, const char *ca, uint8_t out[32], struct setpki_error *err);

/* Why each field is as it is: filled for --explain. */
struct ca_explain {
	struct {
		char field[48], value[160], from[96];
	} v[40];
	size_t n;
};

/* Decides by policy (which line allowed or refused what), then issues; 1 or 2 certificates a request, signature before
 * key exchange; out has room for 2 * n.  Requests that stand together and go to one CA are issued together, all or
 * none.  A zero `request` is filled from ca_ee_identity().  `explain` (may be NULL) is filled for the first request.
 * `dry_run`: stops after lint, writes nothing, out[].out.der is the TBS.
 * POLICY with the rule and its line; CONFLICT: a key certified already; NOTFOUND, STATE: no CA that could do it now. */
SP_MUST_CHECK enum setpki_code ca_issue_ee(struct ca_home *h, const struct ca_ee_request *reqs, size_t n, bool dry_run,
    struct ca_explain *explain, struct ca_issue_job *out, size_t *nout, struct setpki_error *err);

/* One request, for an authority that holds its keys open: `signer` is opened for certificate signing, `commit` runs in
 * the committing transaction (see ca_issue_jobs(); not if the request was answered before).  req->ca is not looked at,
 * req->request is given.  As ca_issue_ee() else. */
SP_MUST_CHECK enum setpki_code
ca_issue_ee_with(struct ca_home *h, struct ca_signer *signer, const struct ca_ee_request *req, bool dry_run,
    ca_issue_commit_fn *commit, void *arg, struct ca_issue_job out[2], size_t *nout, struct setpki_error *err);
/* The same for several requests, all or none, in the two durable transactions of one.  `out` has room for 2 * n, in the
 * order of the requests; jobs of one that was answered before are marked `repeated`. */
SP_MUST_CHECK enum setpki_code
ca_issue_ee_together(struct ca_home *h, struct ca_signer *signer, const struct ca_ee_request *reqs, size_t n,
    ca_issue_commit_fn *commit, void *arg, struct ca_issue_job *out, size_t *nout, struct setpki_error *err);

#endif
