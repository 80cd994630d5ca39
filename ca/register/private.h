/* What the files of ca/register share. */
#ifndef CA_REGISTER_PRIVATE_H
#define CA_REGISTER_PRIVATE_H

#include "ca/policy/form.h"
#include "ca/register/desk.h"
#include "ca/register/register.h"

/* --- CAs that answer (cas.c, beside.c) ---------------------------------------------------------- */

/* One generation of an issuing CA with its keys. */
struct ca_reg_generation {
	uint16_t ca, generation, parent;
	char name[CA_NAME_MAX];
	uint32_t type;
	int policy_index;
	bool newest; /* the one that first contacts are answered with, and that certifies */
	struct ca_generation_key keys[CA_PURPOSE_N];
	ca_key *opened[CA_PURPOSE_N]; /* SIGN and EXCHANGE */
	struct ca_signer signer;      /* newest: opened for certificates */
	/* One for each key-exchange certificate that may have been encrypted to, the present one first. */
	struct setpki_responder_ca *v;
	size_t n;
	setpki_bytes sign_cert, *exchange_certs; /* the objects are the register's */
	setpki_bytes *certs, *crls, bci;	 /* beside the answers, likewise */
	size_t ncerts, ncrls;
	int64_t good_until;
};

/* Objects that several generations send along, each once. */
struct ca_reg_objects {
	setpki_bytes *v;
	size_t n, cap;
};

/* --- forms (forms.c) ---------------------------------------------------------------------------- */

/* regFormID: one form in one language, as it is worded now. */
struct ca_reg_form {
	int64_t id;
	const struct ca_form *form;
	const char *language;
};

struct ca_deciding;

/* --- the register ------------------------------------------------------------------------------- */

#define CA_REG_CHALLENGES 2 /* the current one and the one before (set-protocol 12.6) */

struct ca_register {
	struct ca_home *h;
	struct ca_register_ask ask;
	struct setpki_responder_ops ops;
	struct ca_reg_generation *g;
	size_t ng;
	bool *here; /* by index of the policy: whether the keys of a CA live in this home; NULL: not known */
	struct ca_reg_objects objects;
	uint64_t log_size;  /* the audit log when `g` was made: it tells whether anything has changed since */
	int64_t good_until; /* the last second before something in `g` ends by itself */
	struct ca_reg_form *forms;
	size_t nforms;
	uint8_t sealing[32], pan_key[32];
	struct ca_reg_challenge {
		int64_t period; /* -1: not opened */
		uint8_t key[32];
	} challenges[CA_REG_CHALLENGES];
	int64_t tidied;		    /* the period in which old ones were removed last */
	uint64_t approved_from;	    /* where the next tick goes on with what was approved */
	int64_t complain_from;	    /* when the next warning about what waits is due */
	struct ca_reg_objects held; /* what was handed out to the sessions that are open; secret */
	struct ca_deciding *deciding[SP_DESK_TOGETHER_MAX]; /* what is to be recorded */
	size_t ndeciding;
	/* of the message that is being read */
	struct ca_register_message *message;
	bool waited;		 /* a program was asked: what is to be recorded waits no longer */
	uint8_t signing_key[32]; /* SHA-256 of the SubjectPublicKeyInfo that signed */
};

/* A copy that lives until the message is answered; { NULL, 0 } of what is empty.  MEMORY. */
SP_MUST_CHECK enum setpki_code
ca_reg_hold(struct ca_register *r, setpki_bytes from, setpki_bytes *out, struct setpki_error *err);
__attribute__((format(printf, 2, 3))) void ca_reg_warn(const struct ca_register *r, const char *fmt, ...);
/* The keyed hash that an account goes by: of the PAN, or (NULL) of a merchant's or gateway's BIN and id. */
SP_MUST_CHECK enum setpki_code ca_reg_account_hash(struct ca_register *r, const char *pan,
    const struct setpki_id_data *id, uint8_t hash[32], struct setpki_error *err);
/* Whether an account may be tried once more: LIMIT. */
SP_MUST_CHECK enum setpki_code
ca_reg_may_try(struct ca_register *r, const char *pan, const struct setpki_id_data *id, struct setpki_error *err);
/* Adds a copy to a list. */
SP_MUST_CHECK enum setpki_code
ca_reg_keep(struct ca_reg_objects *o, setpki_bytes from, setpki_bytes *out, struct setpki_error *err);
/* Adds a copy of an object unless it is there; *out is the one that is.  MEMORY. */
SP_MUST_CHECK enum setpki_code
ca_reg_object(struct ca_reg_objects *o, setpki_bytes der, setpki_bytes *out, struct setpki_error *err);
void ca_reg_objects_free(struct ca_reg_objects *o);

/* Makes r->g anew if the store, or the passing of time, has changed what it was made from. */
SP_MUST_CHECK enum setpki_code ca_reg_refresh(struct ca_register *r, struct setpki_error *err);
void ca_reg_generations_free(struct ca_register *r);
/* What goes beside the answers of a generation: certificates and CRLs. */
SP_MUST_CHECK enum setpki_code
ca_reg_beside(struct ca_register *r, ca_txn *t, struct ca_reg_generation *g, struct setpki_error *err);
/* The generation that a session works for. */
struct ca_reg_generation *ca_reg_of(struct ca_register *r, const struct setpki_responder_ca *ca);
/* The newest generation of a CA by number; NULL. */
struct ca_reg_generation *ca_reg_newest(struct ca_register *r, uint16_t ca);

/* Removes the keys of challenges that are too old. */
SP_MUST_CHECK enum setpki_code ca_reg_challenge_tidy(struct ca_register *r, struct setpki_error *err);

/* Records what waits in r->deciding, with its certificates; the messages have their codes then (commit.c). */
void ca_reg_carry_out(struct ca_register *r);

/* --- callbacks of the session -------------------------------------------------------------------- */

enum setpki_code ca_reg_first(void *arg, const char *brand, uint32_t ca_type, const char *bin,
    const struct setpki_responder_ca **out, struct setpki_error *err);
enum setpki_code ca_reg_recipient(void *arg, setpki_bytes issuer, setpki_bytes serial,
    const struct setpki_responder_ca **out, struct setpki_error *err);
enum setpki_code
ca_reg_number(void *arg, uint16_t number, const struct setpki_responder_ca **out, struct setpki_error *err);
enum setpki_code ca_reg_challenge_key(void *arg, uint8_t *id, uint8_t key[32], struct setpki_error *err);
enum setpki_code ca_reg_form(void *arg, const struct setpki_responder_ca *ca, const struct setpki_form_ask *ask,
    struct setpki_form_reply *out, struct setpki_error *err);
enum setpki_code ca_reg_cert(void *arg, const struct setpki_responder_ca *ca, setpki_bytes issuer, setpki_bytes serial,
    struct setpki_known_cert *out, struct setpki_error *err);
enum setpki_code ca_reg_cert_by_thumb(void *arg, const struct setpki_responder_ca *ca, setpki_bytes thumb,
    setpki_bytes holder_cert, struct setpki_known_cert *out, struct setpki_error *err);
enum setpki_code ca_reg_kept(void *arg, const uint8_t wrapper[32], setpki_bytes *answer, struct setpki_error *err);
enum setpki_code ca_reg_rrpid(void *arg, const uint8_t rrpid[SETPKI_NONCE_LEN], const uint8_t key[32],
    const uint8_t wrapper[32], struct setpki_error *err);
/* PENDING: it waits in r->deciding for ca_reg_carry_out(). */
enum setpki_code ca_reg_decide(
    void *arg, const struct setpki_cert_request *request, setpki_responder *session, struct setpki_error *err);
enum setpki_code
ca_reg_inquire(void *arg, const struct setpki_responder_ca *ca, const uint8_t lid_ca[SETPKI_LOCAL_ID_MAX],
    setpki_bytes lid_ee, size_t n, struct setpki_inquiry *out, struct setpki_error *err);

#endif
