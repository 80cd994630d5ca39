/* The offline superior (set-protocol 12.16): requests out by file, certificates back by file. */
#ifndef CA_HIERARCHY_REQUEST_H
#define CA_HIERARCHY_REQUEST_H

#include "ca/hierarchy/plan.h"

/* --- ca request: on the home that waits ------------------------------------------------------ */

/* Appends the bundle for one superior (by name): PEM PKCS#10s, one a key, made by the keys themselves, so passphrases
 * may be asked for.  `n`: how many; STATE if nothing waits for that superior. */
SP_MUST_CHECK enum setpki_code
ca_request_bundle(struct ca_home *h, const char *superior, struct sp_buf *pem, size_t *n, struct setpki_error *err);

/* --- ca sign: on the home that holds the superior's key -------------------------------------- */

/* One request of a bundle, judged by the policy of the home that is to sign it. */
struct ca_sign_item {
	int ca;	      /* index into policy->cas of the CA that asks; -1: none of this policy */
	int superior; /* the CA that would sign; -1 */
	uint16_t generation;
	enum ca_purpose purpose;
	enum setpki_kind kind;
	char subject[256];
	char key_type[16];
	char key_identity[65];
	int64_t not_before, not_after, pkup_from, pkup_to; /* as they would be; pkup only where the kind carries one */
	int pathlen;					   /* -1: none */
	bool renews;		  /* the same key, certified before by the same superior generation */
	bool repeated;		  /* this very request was signed before: it gets the same certificate */
	enum setpki_code verdict; /* OK, or why it is refused: */
	char reason[512];
};

struct ca_sign_preview {
	struct ca_sign_item *v;
	size_t n, refused;
};

/* What ca_sign_run() would do.  Signs and writes nothing.  OK also when items are refused. */
SP_MUST_CHECK enum setpki_code
ca_sign_preview(struct ca_home *h, setpki_bytes bundle, struct ca_sign_preview *out, struct setpki_error *err);
void ca_sign_preview_free(struct ca_sign_preview *p);
/* Signs the bundle, all of it or nothing, and appends the answer: a degenerate PKCS#7 (1.5 form) with the new
 * certificates, the superiors' and the superiors' current CRLs.  The first refused item fails it (POLICY ...). */
SP_MUST_CHECK enum setpki_code
ca_sign_run(struct ca_home *h, setpki_bytes bundle, struct sp_buf *p7, struct setpki_error *err);

/* --- ca install: on the home that waits, again ------------------------------------------------ */

/* Asked about a root that this home does not know yet: `thumb` is its SET thumb in hex.  OK: the operator compared and
 * accepts it; anything else refuses the answer. */
struct ca_confirm_root {
	enum setpki_code (*fn)(void *arg, const struct sp_cert *root, const char *thumb, struct setpki_error *err);
	void *arg;
};

struct ca_install_result {
	size_t certificates; /* newly taken, of CAs whose keys are here */
	size_t superiors;    /* of CAs elsewhere */
	size_t crls;
};

/* Checks an answer (each certificate: form, signature, chain to a root that is known or confirmed, key and fields as
 * requested, the policy's) and takes all of it or nothing; then the superiors' CRLs through the gate of ca/publish.
 * What was taken before is passed over, so it may be repeated.  Afterwards compute and run the plan again. */
SP_MUST_CHECK enum setpki_code ca_install(struct ca_home *h, setpki_bytes answer, const struct ca_confirm_root *confirm,
    struct ca_install_result *out, struct setpki_error *err);

#endif
