/* The seam between the daemon and the protocol.  An authority process opens the home for itself and answers one
 * MessageWrapper after the other; everything before it (HTTP, limits, queues) knows no SET, and nothing behind it knows
 * HTTP. */
#ifndef CA_SERVICE_AUTHORITY_H
#define CA_SERVICE_AUTHORITY_H

#include "ca/home/home.h"
#include "ca/service/log.h"

struct ca_authority; /* opaque */

/* What an authority is made of; borrowed as long as it lives. */
struct ca_authority_ask {
	setpki_ctx *ctx;
	const char *home;
	struct ca_passphrase pass;
	const struct ca_log *log; /* details of what was refused go there, under the RRPID; they never travel */
	int spawner;		  /* runs account checks: ca/service/spawn.h; taken; -1: none */
	int64_t now;
};

/* How HTTP carries an answer. */
enum ca_hint {
	CA_HINT_ANSWER,	   /* 200 with the body */
	CA_HINT_SILENT,	   /* 204: an Error is never answered (set-protocol 12.18) */
	CA_HINT_TOO_MANY,  /* 429: more Errors were asked for than are signed (set-protocol 12.18) */
	CA_HINT_TOO_OFTEN, /* 429: more was asked for with one account than SP_ACCOUNT_TRIES */
	CA_HINT_BUSY,	   /* 503: not now, and not for a reason that SET has a word for */
	CA_HINT_N
};

/* The answer to one wrapper.  Zero-initialise; ca_answer_free(). */
struct ca_answer {
	enum ca_hint hint;
	const char *message; /* of the request, as SET calls it: "CertReq"; static */
	const char *outcome; /* name of the Error or of the status, "challengeMismatch", "requestPended"; "answered" for
			      * what has neither; "tooOften" as the hint; static */
	struct sp_buf body;  /* HINT_ANSWER: the whole MessageWrapper; else empty */
};

/* Opens the home, takes the policy in force, opens what it needs of keys.  As ca_home_open(); STATE before init. */
SP_MUST_CHECK enum setpki_code
ca_authority_open(const struct ca_authority_ask *ask, struct ca_authority **out, struct setpki_error *err);
void ca_authority_close(struct ca_authority *a); /* NULL is fine */

/* Takes an answer, which is its own: ca_answer_free().  `rc` is OK, or the answer is none: it failed, see `why`. */
typedef void ca_authority_done_fn(
    void *arg, uint32_t id, struct ca_answer *answer, enum setpki_code rc, const struct setpki_error *why);

/* One request.  `wrapper` is whatever the front sent, 1 to SP_MESSAGE_MAX octets: nothing about it is known. */
struct ca_authority_request {
	uint32_t id;
	setpki_bytes wrapper; /* borrowed */
};

/* Answers `n` requests, SP_DESK_TOGETHER_MAX at most; `done` hears of each as soon as it is answered.  What is wrong
 * with a request is an answer, not a failure.  Failures: STORE (store or audit log: the process has to end, nothing was
 * acknowledged); anything else is to be logged, and the client told to come again (CA_HINT_BUSY). */
void ca_authority_answer(struct ca_authority *a, const struct ca_authority_request *requests, size_t n, int64_t now,
    ca_authority_done_fn *done, void *arg);
void ca_answer_free(struct ca_answer *answer);
/* `fd` is readable while requests wait: then no check program is waited for longer than SP_CHECK_WAIT_OTHERS_MS, and
 * its request is in progress.  Borrowed. */
void ca_authority_waiting(struct ca_authority *a, int fd);

/* SIGHUP: takes the policy in force from the store; the old one stays if it cannot be read. */
SP_MUST_CHECK enum setpki_code ca_authority_reload(struct ca_authority *a, int64_t now, struct setpki_error *err);

/* What check programs said that were started earlier (the spawner's descriptor is readable).  Failures as above. */
SP_MUST_CHECK enum setpki_code ca_authority_checked(struct ca_authority *a, int64_t now, struct setpki_error *err);

/* About once a second, between requests: what changed in the store beside it.  Failures as above. */
SP_MUST_CHECK enum setpki_code ca_authority_tick(struct ca_authority *a, int64_t now, struct setpki_error *err);

/* --- answers in frames -------------------------------------------------------------------------- */

/* Contents of an ANSWER frame, appended. */
void ca_answer_put(const struct ca_answer *answer, struct sp_buf *out);

/* The same as the front reads it; message and outcome are words of letters, digits and '-', at most
 * SP_SERVICE_WORD_MAX - 1; the body is borrowed and is there exactly if the hint is CA_HINT_ANSWER.  PARSE. */
struct ca_answer_read {
	enum ca_hint hint;
	const char *message, *outcome; /* borrowed */
	setpki_bytes body;
};
SP_MUST_CHECK enum setpki_code
ca_answer_get(setpki_bytes contents, struct ca_answer_read *out, struct setpki_error *err);

#endif
