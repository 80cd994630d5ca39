/* The registration desk: what an authority's side of registration (setpki/responder.h) asks for.  Keys and certificates
 * to answer with, forms, decisions, records (set-protocol 8, 12.5 to 12.12, 12.18, 12.19). */
#ifndef CA_REGISTER_REGISTER_H
#define CA_REGISTER_REGISTER_H

#include "ca/issue/issue.h"

#include <setpki/responder.h>

/* A home whose CAs answer; opaque.  One thread; the home's clock reading is set by each call. */
struct ca_register;

/* A program that is to decide (docs/policy.md, "Who decides"). */
struct ca_register_check {
	const char *path;
	int64_t timeout;	/* seconds */
	setpki_bytes question;	/* one JSON object for its standard input; secret */
	const uint8_t *request; /* 32 octets: what ca_register_checked() is told */
};

struct ca_register_ask {
	/* Runs a program.  OK: what it wrote is in `answer`; PENDING: it is at work still, and ca_register_checked() is
	 * told when it is done; anything else: it gave no answer.  NULL: there is nobody to run one. */
	enum setpki_code (*check)(
	    void *arg, const struct ca_register_check *check, struct sp_buf *answer, struct setpki_error *err);
	/* Whether one more form or certificate may be asked for with this account, named by octets that tell nothing of
	 * it: a limit on trying out numbers.  NULL: always. */
	bool (*may_try)(void *arg, const uint8_t account[8]);
	/* Whether one more Error may be signed now (set-protocol 12.18).  NULL: always. */
	bool (*may_err)(void *arg);
	/* Something that the operator has to know: one line, nothing in it from outside unmasked.  May be NULL. */
	void (*warn)(void *arg, const char *text);
	void *arg;
	const char *software; /* swIdent of answers */
};

/* Opens the keys of every issuing CA that answers registrations and asks for their passphrases; a CA whose keys are not
 * here or cannot be opened is left out, with a warning.  `h` is opened for writing and borrowed.  What waits and
 * does not open with the sealing secret is warned of, too.  STATE: no policy is in force; the secret of hashes is not
 * that of this store. */
SP_MUST_CHECK enum setpki_code ca_register_open(
    struct ca_home *h, const struct ca_register_ask *ask, struct ca_register **out, struct setpki_error *err);
void ca_register_close(struct ca_register *r); /* NULL is fine */

/* One message, and what becomes of it.  Zero-initialise all but the first two. */
struct ca_register_message {
	setpki_bytes wrapper; /* borrowed */
	uint32_t id;	      /* the caller's */
	struct setpki_der out;
	struct setpki_responder_note note;
	/* As setpki_responder_answer().  LIMIT: may_try() said no.  STORE: nothing was acknowledged, and the process
	 * has to end. */
	enum setpki_code rc;
	struct setpki_error err;
	bool again; /* another process was faster with this one: it is looked at anew */
};
/* Takes a finished message; `out` is its own. */
typedef void ca_register_done_fn(void *arg, struct ca_register_message *m);

/* Answers `n` messages, and calls `done` once for each, as soon as it is answered.  Those that are decided go into the
 * store together, SP_DESK_TOGETHER_MAX at a time: one commit for what is refused or pended, two for what is certified.
 * Where a program is asked, it and those before it are answered before the next one is read. */
void ca_register_answer_all(
    struct ca_register *r, struct ca_register_message *m, size_t n, int64_t now, ca_register_done_fn *done, void *arg);
/* The same for one. */
SP_MUST_CHECK enum setpki_code ca_register_answer(struct ca_register *r, setpki_bytes wrapper, int64_t now,
    struct setpki_der *out, struct setpki_responder_note *note, struct setpki_error *err);

/* What a program that was PENDING said in the end: `answer` { NULL, 0 }: nothing.  A request that is decided meanwhile,
 * or unknown, is left alone. */
SP_MUST_CHECK enum setpki_code ca_register_checked(
    struct ca_register *r, const uint8_t request[32], setpki_bytes answer, int64_t now, struct setpki_error *err);

/* Once a second or so: takes over what changed in the store, issues what was approved elsewhere, pends what waits for a
 * process that is gone, erases what is due.  A bounded piece of work each time. */
SP_MUST_CHECK enum setpki_code ca_register_tick(struct ca_register *r, int64_t now, struct setpki_error *err);

/* After the home took another policy. */
SP_MUST_CHECK enum setpki_code ca_register_reload(struct ca_register *r, int64_t now, struct setpki_error *err);

#endif
