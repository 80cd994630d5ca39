/* One certificate's way: intent, lint, sign, verify, compare, commit (docs/architecture.md).  Takes arrays. */
#ifndef CA_ISSUE_ISSUE_H
#define CA_ISSUE_ISSUE_H

#include "ca/audit/audit.h"
#include "lib/x509/build.h"

/* A CA generation, opened for signing: its record, its certificate-signing (or CRL-signing) certificate, its key. */
struct ca_signer {
	struct ca_ca_record ca;
	uint16_t generation;
	struct ca_cert_record cert_record;
	struct sp_cert cert; /* parsed from cert_record.der; self-signed for a root */
	ca_key *key;
};

/* Opens the newest generation that may sign (`generation` 0), or that one.  Root: the certificate may be missing when
 * it is being made (cert.der.n == 0). */
SP_MUST_CHECK enum setpki_code ca_signer_open(struct ca_home *h, uint16_t ca, uint16_t generation,
    enum ca_purpose purpose, struct ca_signer *out, struct setpki_error *err);
void ca_signer_close(struct ca_signer *s);

/* One certificate to be issued: everything decided.  spec.serial, spec.issuer and spec.signer_alg are filled by the
 * engine. */
struct ca_issue_job {
	struct sp_cert_spec spec;
	uint8_t request[32]; /* identity of the request (12.7) */
	uint8_t purpose;     /* CA certificates */
	uint16_t subject_ca, subject_generation;
	bool renews_key;
	const char *holder; /* for by-holder; NULL: none */
	/* out */
	struct ca_cert_record out; /* ca_cert_record_free() */
	bool repeated;		   /* the request was answered before: `out` is what it got then */
};

/* Issues all of them or, on failure, none that is seen (serials are burnt).  `commit` (may be NULL) runs inside the
 * committing transaction, for what must change together with the certificates. */
typedef enum setpki_code
ca_issue_commit_fn(void *arg, ca_txn *t, struct ca_issue_job *jobs, size_t n, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_issue_jobs(struct ca_home *h, struct ca_signer *signer, struct ca_issue_job *jobs,
    size_t n, ca_issue_commit_fn *commit, void *arg, struct setpki_error *err);

/* Settles the intents of writers that are gone: burns their serials, says so in the log. */
SP_MUST_CHECK enum setpki_code ca_issue_settle(struct ca_home *h, size_t *settled, struct setpki_error *err);

/* What an end entity asks for. */
struct ca_ee_request {
	const char *ca; /* name; NULL: the only issuing CA with that role */
	enum ca_role role;
	setpki_bytes sig_spki, exch_spki;	 /* either may be empty */
	const char *common_name;		 /* merchant name, gateway id; cardholder: the blinded account */
	const struct sp_merchant_data *merchant; /* merchants */
	int64_t lifetime;			 /* 0: the policy's default */
	int64_t not_after_max;			 /* cardholders: last second of the card; 0: no such limit */
	uint8_t request[32];
};

/* Why each field is as it is: filled for --explain. */
struct ca_explain {
	struct {
		char field[48], value[160], from[96];
	} v[40];
	size_t n;
};

/* Decides by policy (which line allowed or refused what), then issues; 1 or 2 certificates a request.  `dry_run`: stops
 * after lint, writes nothing, out[].der is the TBS. */
SP_MUST_CHECK enum setpki_code ca_issue_ee(struct ca_home *h, const struct ca_ee_request *reqs, size_t n, bool dry_run,
    struct ca_explain *explain, struct ca_issue_job *out, size_t *nout, struct setpki_error *err);

#endif
