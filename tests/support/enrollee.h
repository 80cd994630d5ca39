/* End entities that register at a real home: sessions of setpki/enroll.h that talk to ca/register without a network, or
 * to a setcad. */
#ifndef TESTS_SUPPORT_ENROLLEE_H
#define TESTS_SUPPORT_ENROLLEE_H

#include "ca/register/register.h"

#include <setpki/enroll.h>

/* A home whose CAs answer. */
struct t_registry {
	struct ca_home *home; /* NULL: setcad's */
	struct ca_register *reg;
	const char *http; /* of t_registry_remote(): where setcad listens */
	const char *brand;
	enum setpki_suite suite;
	setpki_bytes root; /* owned */
	int64_t now;
	/* the program that is asked to decide: what it says, and what it was asked last */
	const char *verdict;	     /* what it writes; NULL: nothing */
	enum setpki_code verdict_rc; /* OK; PENDING: it answers later; another: it cannot be run */
	char question[4096];
	uint8_t asked[32];
	unsigned checks;
	void (*during)(struct t_registry *r); /* what happens while it is at work; NULL: nothing */
	char warning[640];		      /* the last one */
	/* Takes a message to whoever answers it, in place of `reg`: tests/support/front.h. */
	void (*carry)(void *arg, setpki_bytes wrapper, struct setpki_der *answer);
	void *carrier;
	unsigned warnings;
	struct setpki_responder_note note; /* of the last message */
};
/* A new home with a policy of the repository and its hierarchy; opens the register over it. */
void t_registry_start(struct t_registry *r, const char *name, const char *policy, const char *const *edits);
/* Opens the register over a home that is there. */
void t_registry_open(struct t_registry *r, const char *dir, int64_t now);
/* CAs that a setcad answers for; its home is left alone.  `brand` is borrowed, `root` a file with the root's
 * certificate; `http` has to be set before anything is posted. */
void t_registry_remote(struct t_registry *r, enum setpki_suite suite, const char *brand, const char *root, int64_t now);
/* The process ended and another one starts. */
void t_registry_restart(struct t_registry *r);
void t_registry_stop(struct t_registry *r);
/* The end of a test program: the log holds together. */
void t_registry_end(struct t_registry *r);

/* One end entity.  Zeroed fields of `ask` are filled with what the demo policy takes; keys are made. */
struct t_enrollee {
	struct t_registry *r;
	struct setpki_enroll_ask ask;
	setpki_enroll *e;
	setpki_pool *pool;
	const char *answers[8]; /* to the fields of the form, in their order */
	size_t posts;
	setpki_bytes sent; /* the last request, owned */
};
void t_enrollee_open(struct t_enrollee *p, struct t_registry *r, const struct setpki_enroll_ask *ask);
/* Renews what `old` got. */
void t_enrollee_renew(
    struct t_enrollee *p, struct t_enrollee *old, enum setpki_request_type type, const struct setpki_enroll_ask *ask);
void t_enrollee_close(struct t_enrollee *p);
/* The answer to the present request, as it comes; setpki_der_free(). */
void t_enrollee_fetch(struct t_enrollee *p, struct setpki_der *out);
/* Gives an answer to the session, and frees it. */
void t_enrollee_take(struct t_enrollee *p, struct setpki_der *answer);
/* Posts the present request; what the CA answers goes to the session. */
void t_enrollee_post(struct t_enrollee *p);
/* Answers the form. */
void t_enrollee_fill(struct t_enrollee *p);
/* Goes on until the session waits or ends. */
enum setpki_enroll_step t_enrollee_run(struct t_enrollee *p);
/* Until the CertReq is ready to be posted, which is left to the test. */
void t_enrollee_until_cert_req(struct t_enrollee *p);
/* Inquires once. */
enum setpki_enroll_step t_enrollee_inquire(struct t_enrollee *p);
/* What is recorded of the request that was posted last; ca_request_record_free(). */
struct ca_request_record t_enrollee_request(const struct t_enrollee *p);
/* The status that the last CertRes gave. */
enum setpki_status t_enrollee_status(const struct t_enrollee *p);

#define T_PAN "4123450000000008" /* of a BIN that policies/demo.yaml serves */
#define T_EXPIRY "203012"

/* Puts a card into the account list of the CA "card", a merchant or gateway into that of theirs. */
void t_list_card(struct ca_home *h, const char *pan, const char *expiry, bool blocked);
void t_list_card_of(struct ca_home *h, const char *ca, const char *pan, const char *expiry, bool blocked);
void t_list_merchant(struct ca_home *h, const char *id, const char *name, bool blocked);
void t_list_gateway(struct ca_home *h, const char *id, const char *name, bool blocked);

#endif
