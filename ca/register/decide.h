/* A CertReq at the desk: checked, put before those who decide, recorded, answered (set-protocol 8, 12.7 to 12.11). */
#ifndef CA_REGISTER_DECIDE_H
#define CA_REGISTER_DECIDE_H

#include "ca/register/route.h"

/* What somebody who was asked says. */
enum ca_verdict {
	CA_VERDICT_NONE, /* the next one is asked */
	CA_VERDICT_ACCEPT,
	CA_VERDICT_REJECT, /* with a status, and perhaps a message */
	CA_VERDICT_PEND,   /* persons decide */
	CA_VERDICT_WAIT	   /* it will say later */
};

struct ca_deciding {
	struct ca_register *r;
	const struct setpki_cert_request *q;
	setpki_responder *session;
	struct ca_reg_generation *g; /* the generation that the message came to */
	enum ca_role role;
	const struct ca_profile *profile; /* NULL: the CA does not register in this role */
	ca_txn *t;			  /* reads; NULL: closed, so that nothing waits for us */
	struct ca_request_record rec;	  /* its byte strings are borrowed, but for what is sealed */
	struct ca_desk_parts parts;
	struct ca_register_message *message;
	uint8_t signing_key[32]; /* SHA-256 of the SubjectPublicKeyInfo that signed */
	bool composed;		 /* the session was asked for the answer: there is no second one */
	bool tried, done;	 /* together with others; at all: message->rc says how it went */
	char why[320];		 /* it is refused: for the CA's own log, and its persons */
	char said[320];		 /* by those who were asked and did not decide: for persons */
};

/* A step of checking: OK, and d->rec.status says whether it was refused; anything else ends the answer. */
typedef enum setpki_code ca_deciding_fn(struct ca_deciding *d, struct setpki_error *err);

/* Opens the transaction that reads, if it is closed; closes it. */
SP_MUST_CHECK enum setpki_code ca_deciding_read(struct ca_deciding *d, struct setpki_error *err);
void ca_deciding_read_no_more(struct ca_deciding *d);

/* Puts the record into a state: ca_desk_set(). */
void ca_deciding_enter(struct ca_deciding *d, enum ca_request_state state, enum setpki_status status);
void ca_deciding_free(struct ca_deciding *d);

/* Refuses: always OK. */
__attribute__((format(printf, 3, 4))) enum setpki_code
ca_deciding_refuse(struct ca_deciding *d, enum setpki_status status, const char *fmt, ...);

/* Adds what one of those who were asked said without deciding. */
__attribute__((format(printf, 2, 3))) void ca_deciding_says(struct ca_deciding *d, const char *fmt, ...);

/* The record and the parts to be sealed, as far as the message fills them (record.c). */
ca_deciding_fn ca_deciding_fill;
/* The checks in their order (rules.c, renew.c). */
ca_deciding_fn ca_deciding_language, ca_deciding_bin, ca_deciding_form, ca_deciding_card, ca_deciding_renewal,
    ca_deciding_keys, ca_deciding_policy;

/* The form of those who come with the BIN of this request; NULL: the CA does not serve it. */
const struct ca_form *ca_deciding_form_of(const struct ca_deciding *d);
/* Each field of a form; what is wrong goes to p->failed (check.c). */
SP_MUST_CHECK enum setpki_code ca_reg_check_form(const struct ca_form *form, const char *language,
    const struct setpki_cert_request *q, struct ca_desk_parts *p, struct setpki_error *err);
/* What is wrong with the account that a form asks for (NULL or "": none was given), in `room` or static; NULL: nothing,
 * or the form asks for none. */
#define CA_REG_FAULT 64
const char *ca_reg_check_account(const struct ca_form *form, const char *account, char room[CA_REG_FAULT]);

/* --- who decides -------------------------------------------------------------------------------- */

/* The list of accounts (listed.c). */
SP_MUST_CHECK enum setpki_code
ca_reg_ask_accounts(struct ca_deciding *d, enum ca_verdict *out, struct setpki_error *err);
/* The program (program.c). */
SP_MUST_CHECK enum setpki_code
ca_reg_ask_program(struct ca_deciding *d, enum ca_verdict *out, struct setpki_error *err);
/* What it says, here or later: status and message go into the record.  What cannot be understood pends. */
enum ca_verdict
ca_reg_read_verdict(const struct ca_register *r, setpki_bytes answer, enum ca_role role, struct ca_request_record *rec);
/* Its verdict in words for persons; static. */
const char *ca_reg_program_says(enum ca_verdict verdict, bool answered);
/* Whether a text can be sent as eeMessage. */
bool ca_reg_message_fits(const char *text);
/* The refusal that the kind of a holder calls for. */
enum setpki_status ca_reg_rejected(enum ca_role role);

#endif
