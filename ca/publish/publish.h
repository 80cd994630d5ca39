/* From built to public: the gate that each CRL and BCI passes before it is stored, and the atomic public set of a
 * brand.  Whoever calls one of these holds run/publish.lock meanwhile (they take it themselves, and wait for it). */
#ifndef CA_PUBLISH_PUBLISH_H
#define CA_PUBLISH_PUBLISH_H

#include "ca/revoke/bci.h"

/* Makes the next CRL of a CA generation (by number; `generation` 0: the newest that signs), passes it through the gate
 * and stores it with its schedule, in one audited transaction.  It becomes public with the next ca_publish().  `out`
 * (may be NULL): what it is now; out->der stays { NULL, 0 }.
 * STATE: the CA keeps no CRLs by its policy, its keys live elsewhere, or it is retired, revoked or expired. */
SP_MUST_CHECK enum setpki_code
ca_crl_issue(struct ca_home *h, uint16_t ca, uint16_t generation, struct ca_crl_record *out, struct setpki_error *err);

/* Takes the next CRL of a CA whose keys live in another home through the gate: issuer and signature are those of a
 * generation known here, the number is higher, thisUpdate not back, no entry lost before its certificate expired.
 * `same` (may be NULL): this very CRL was taken before, and nothing was written.
 * NOTFOUND: of no CA of this home; STATE: its keys live here; RULE, SIGNATURE, PARSE: refused. */
SP_MUST_CHECK enum setpki_code
ca_crl_import(struct ca_home *h, setpki_bytes der, struct ca_crl_record *out, bool *same, struct setpki_error *err);

/* The same for a CRL that comes along with other things and may have been overtaken: one with a lower number than that
 * which is here is left aside.  *taken: it was stored. */
SP_MUST_CHECK enum setpki_code
ca_crl_import_newer(struct ca_home *h, setpki_bytes der, bool *taken, struct setpki_error *err);

/* The same for a brand's BCI: ours, over what is stored now; or another home's. */
SP_MUST_CHECK enum setpki_code
ca_bci_issue(struct ca_home *h, uint16_t brand, struct ca_bci_record *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_bci_import(struct ca_home *h, setpki_bytes der, struct ca_bci_record *out, bool *same, struct setpki_error *err);

/* What a publication does, step by step. */
enum ca_publish_what {
	CA_PUBLISH_CRL,	    /* a CRL was made */
	CA_PUBLISH_BCI,	    /* a BCI was made */
	CA_PUBLISH_SET,	    /* a set was published */
	CA_PUBLISH_CURRENT, /* the public set is what it should be: nothing to do */
	CA_PUBLISH_WARNING  /* something needs the operator; `text` says what, and what to do */
};

struct ca_publish_note {
	enum ca_publish_what what;
	char brand[CA_NAME_MAX]; /* BCI, SET, CURRENT */
	char ca[CA_NAME_MAX];	 /* CRL */
	uint16_t generation;
	uint64_t number; /* of the CRL or BCI */
	int64_t until;	 /* nextUpdate or notAfter */
	char text[320];	 /* one line for people */
};

struct ca_publish_ask {
	const char *brand; /* name of a brand CA; NULL: every brand */
	bool due; /* only what the stored schedules or new revocations ask for; else every set gets a new BCI */
	void (*note)(void *arg, const struct ca_publish_note *note); /* may be NULL */
	void *arg;
};

/*
 * Makes the CRLs that are due (of CAs whose keys are here), then for each brand, where something changed or is due (or
 * always, unless ask->due), the BCI that names them, then the set in public/<brand>/<BCI number>/ and one rename of
 * public/<brand>/current.  Each step is durable before the next; interrupted anywhere and repeated, it goes on where it
 * stopped.  A CA whose CRL cannot be made (no passphrase) does not hold up the others: it is noted, and its error is
 * the result in the end.
 * NOTFOUND: no such brand; STATE: a CRL that the BCI has to name is missing, or public/ holds a newer set than the
 * store knows (a store restored from a backup).
 */
SP_MUST_CHECK enum setpki_code
ca_publish(struct ca_home *h, const struct ca_publish_ask *ask, struct setpki_error *err);

/* When ca_publish() with `due` has something to do next: h->now or before means now; INT64_MAX: never. */
SP_MUST_CHECK enum setpki_code ca_publish_next(struct ca_home *h, int64_t *at, struct setpki_error *err);

/* The number of the current public set of a brand; 0: none. */
uint64_t ca_set_current(const struct ca_home *h, const char *brand);

#endif
