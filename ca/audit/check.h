/* A check of the log under way. */
#ifndef CA_AUDIT_CHECK_H
#define CA_AUDIT_CHECK_H

#include "ca/audit/leaf.h"
#include "ca/audit/sets.h"

struct ca_check {
	struct ca_home *h;
	ca_txn *t;
	struct sp_merkle tree;		  /* rebuilt from the leaves */
	int64_t last_at;		  /* latest time in the log so far */
	uint8_t policy[32];		  /* the one that was put in force last */
	struct ca_seen named;		  /* certificates that leaves name */
	struct ca_digests revoked, lists; /* revocations; CRLs and BCIs that leaves name */
	bool held;			  /* issuing, by the last leaf that speaks of it */
	struct ca_digests requests;	  /* registrations, each with an event that a leaf tells of it */
};

/* A leaf against the store: what it speaks of is there, and is what it says.  Remembers what it named. */
SP_MUST_CHECK enum setpki_code
ca_check_leaf(struct ca_check *c, const struct ca_audit_leaf *leaf, struct setpki_error *err);
/* The store against the leaves: nothing is there that no leaf speaks of.  After the last leaf. */
SP_MUST_CHECK enum setpki_code ca_check_store(struct ca_check *c, struct setpki_error *err);

/* The same for registrations (requests.c).  `disagree` of against.c: RULE, in words. */
SP_MUST_CHECK enum setpki_code
ca_check_request(struct ca_check *c, const struct ca_audit_leaf *leaf, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_check_requests(struct ca_check *c, struct setpki_error *err);
enum setpki_code ca_check_disagree(struct setpki_error *err, const struct ca_audit_leaf *leaf, const char *what);

#endif
