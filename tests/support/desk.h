/* A CA that remembers in memory: the callbacks of setpki/responder.h over tests/support/registry.h, as honest as they
 * come, and told by the test what to decide. */
#ifndef TESTS_SUPPORT_DESK_H
#define TESTS_SUPPORT_DESK_H

#include "tests/support/registry.h"

#include <setpki/account.h>
#include <setpki/responder.h>

#define DESK_CAS 5
#define DESK_MAX 64 /* of everything that it remembers */

/* One CertReq that was decided. */
struct desk_request {
	const struct setpki_request_row *row;
	uint8_t wrapper[32], rrpid[SETPKI_NONCE_LEN], key[32];
	uint8_t lid_ca[SETPKI_LOCAL_ID_MAX];
	setpki_bytes lid_ee, sig_key, enc_key, old_cert; /* owned */
	uint8_t back_key[32], nonce_cca[SETPKI_NONCE_LEN];
	bool has_back_key;
	char name[SETPKI_ACCOUNT_NAME];
	char merchant[128], bin[7];
	enum reg_slot ca;
	enum setpki_status status;
	setpki_bytes certs[2]; /* owned */
	size_t ncerts;
	setpki_bytes answer; /* kept; owned */
};

struct desk {
	struct registry *reg;
	struct setpki_responder_ops ops;
	struct setpki_responder_ca cas[DESK_CAS];
	enum reg_slot slots[DESK_CAS];
	setpki_bytes certs[DESK_CAS][REG_CHAIN_MAX], crls[REG_CRLS];
	uint8_t challenge[2][32]; /* current and previous */
	uint8_t challenge_id;	  /* of the current one */

	/* what it is told */
	enum setpki_status status; /* of decisions; COMPLETE unless told otherwise */
	enum setpki_status then;   /* of all after the first; NONE: the same */
	const char *message;
	const struct setpki_ca_msg *ca_msg;
	const struct setpki_failed_item *failed;
	size_t nfailed;
	bool refer;	   /* sends everybody elsewhere */
	bool asks_account; /* acctDataField */
	bool terms_alone;  /* forms without a template */
	bool forgets;	   /* decides without composing */
	bool composes_twice;
	bool later;		    /* composes when the session has let go of the message */
	enum setpki_status insists; /* whatever the request comes to; NONE: it does not */
	bool no_errors;		    /* no Error may be signed */
	bool any_brand;		    /* answers whatever brand it is asked for */
	enum setpki_code fails;	    /* what the callback number `fails_at` (from 1) returns; OK: none */
	size_t fails_at, calls;

	/* what it remembers */
	struct desk_request requests[DESK_MAX];
	size_t nrequests;
	struct {
		setpki_bytes der; /* owned */
		bool revoked;
	} known[DESK_MAX];
	size_t nknown;
	/* what it saw last */
	size_t decided;
	char pan[20], account[80], answers[256];
	uint8_t card_secret[SETPKI_NONCE_LEN];
	const struct setpki_cert_request *waiting; /* what it has yet to compose; borrowed */
};

/* Takes the CAs of a registry, which outlives it.  The CA of REG_CCA has number 1 in both generations, REG_MCA 2,
 * REG_PCA 3, REG_CCB 4. */
void desk_open(struct desk *d, struct registry *reg);
void desk_close(struct desk *d);
/* The lists that are sent along are those of the registry now: after reg_revoke(). */
void desk_refresh(struct desk *d);
/* setpki_responder_answer(), or begin and end, with its callbacks; `out` for setpki_der_free(). */
enum setpki_code desk_answer(struct desk *d, setpki_bytes wrapper, int64_t now, struct setpki_der *out,
    struct setpki_responder_note *note, struct setpki_error *err);
/* A certificate that the CA has issued before (copied). */
void desk_knows(struct desk *d, setpki_bytes der);
void desk_revoke(struct desk *d, setpki_bytes der);
/* The last request, which was pended, is decided now. */
void desk_decide(struct desk *d, enum setpki_status status);

#endif
