/* A front that was taken over: it stands between people who register and a real authority process, sees all that they
 * send, and sends what it likes. */
#ifndef TESTS_SUPPORT_FRONT_H
#define TESTS_SUPPORT_FRONT_H

#include "ca/service/authority.h"
#include "tests/support/forge.h"
#include "tests/support/worker.h"

struct t_front {
	struct t_worker worker;
	struct t_registry r; /* the same home in this process: what the worker has done to it is looked up here */
	uint32_t id;	     /* of the last frame */
	unsigned people;     /* who have been made up so far, so that each is somebody else */
	/* whose home it is; zeros: of policies/demo.yaml, in which lists decide for all three roles */
	const char *policy, *const *edits; /* as t_policy() takes them */
	const char *brand, *cards;	   /* the brand and its cardholder CA */
	const char *bank;		   /* the eight digits with which its card numbers begin */
	EVP_PKEY *own;			   /* a key of the attacker's, for signatures */
	struct t_enrollee somebody;	   /* who has registered last, beside those of an attack; may be replaced */
};

/* Setup: a home, and a worker on it.  Teardown: the worker ends well; the audit log holds; the worker's log has no card
 * number in it. */
extern struct t_front the_front;
int t_front_start(void **state);
int t_front_stop(void **state);

/* One message of the attacker's. */
struct t_attack {
	struct t_front *h;
	struct t_enrollee victim; /* has certificates; of types that an existing certificate signs */
	struct t_enrollee p;	  /* the session whose message is at hand */
	struct t_forgery f;	  /* and that message, taken apart: a CertReq that has not been sent */
	uint8_t back_key[32];	  /* of a->p, once its CertReq was taken apart */
	struct sp_buf wrapper;	  /* what is sent; empty: t_forge_put() */
};

#define T_NO_RECORD (-1)
typedef void t_attack_fn(struct t_attack *a);

/* Short names for rows. */
#define CARD SETPKI_CARD_INITIAL_SIG
#define CARD_R SETPKI_CARD_RENEWAL_SIG
#define MER SETPKI_MER_INITIAL_SIG
#define MER_R SETPKI_MER_RENEWAL_SIG
#define MER_RE SETPKI_MER_RENEWAL_ENC
#define PGWY SETPKI_PGWY_INITIAL_SIG
#define PGWY_R SETPKI_PGWY_RENEWAL_SIG

/* What it is, and what the worker makes of it. */
struct t_attack_row {
	const char *name;
	enum setpki_request_type type; /* of `p` */
	t_attack_fn *alter;
	enum setpki_error_code error; /* of the Error that answers it; or */
	enum setpki_status status;    /* of the CertRes */
	int record;		      /* enum ca_request_state of the one request that it leaves in the store */
	const char *logged;	      /* in the line of the log */
	unsigned issued;	      /* certificates; 0 for whatever is hostile */
};
/* What a row is answered with, recorded as, and logged with, for those that occur often. */
#define T_FINE SETPKI_ERR_NONE, SETPKI_STATUS_COMPLETE, CA_REQUEST_COMPLETE, NULL
#define T_FORGED SETPKI_ERR_NONE, SETPKI_STATUS_SIG_VALIDATION_FAIL, T_NO_RECORD, "status=sigValidationFail"
#define T_SEALED SETPKI_ERR_NONE, SETPKI_STATUS_DECRYPTION_ERROR, T_NO_RECORD, "cause=\"the envelope cannot be opened\""
#define T_REFUSED(status) SETPKI_ERR_NONE, SETPKI_STATUS_##status, CA_REQUEST_REFUSED
#define T_ERROR(error) SETPKI_ERR_##error, SETPKI_STATUS_NONE, T_NO_RECORD

/* Takes the message apart that a->p has ready now, in the place of the one before. */
void t_attack_take(struct t_attack *a);
/* The second signer is somebody else, who has got a certificate with this type. */
void t_attack_by(struct t_attack *a, enum setpki_request_type type);
/* A group with a test for each row, which sends it and looks at everything, and more tests.  Returns what main does. */
int
t_attack_run(const char *group, const struct t_attack_row *rows, size_t n, const struct CMUnitTest *more, size_t nmore);
/* The same rows in the classic suite, in which the first SignerInfo is part of the one failure (set-protocol 12.5):
 * what the functions in `first` make is answered with decryptionError there. */
int t_attack_run_classic(
    const char *group, const struct t_attack_row *rows, size_t n, t_attack_fn *const *first, size_t nfirst);

/* Somebody in the lists, who wants what the type says: a session with its CertReq ready (or, by type, none yet).  The
 * fields of `ask` that are given stay. */
void t_front_party(struct t_front *h, struct t_enrollee *p, const struct setpki_enroll_ask *ask);
/* A key-exchange key that is never certified; borrowed. */
EVP_PKEY *t_front_spare(void);
/* The card number, or the identifier, of the n-th of the people. */
void t_front_name(const struct t_front *h, const struct setpki_request_row *row, unsigned n, char out[24]);
/* The answer to the last frame, borrowed until the next one. */
void t_front_hear(struct t_front *h, struct ca_answer_read *a);
/* A message, and the answer to it (OPENSSL_free memory). */
void t_front_post(struct t_front *h, setpki_bytes wrapper, struct setpki_der *answer);
/* What is in the store that could be of use to an attacker. */
struct t_census {
	uint64_t certs, intents, requests[CA_REQUEST_STATES];
};
void t_census(struct t_front *h, struct t_census *out);
/* The responder of a CA ("card"), and its keys. */
const struct setpki_responder_ca *t_front_ca(struct t_front *h, const char *name);

#endif
