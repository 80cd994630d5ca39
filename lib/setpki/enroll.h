/* Registration from the side of a cardholder, merchant or gateway: a session without I/O.  Bytes go out, bytes come in;
 * what comes out in the end is certificates or a typed refusal (set-protocol 3, 8, 12.3 to 12.10, 12.18). */
#ifndef SETPKI_ENROLL_H
#define SETPKI_ENROLL_H

#include <setpki/account.h>
#include <setpki/chain.h>
#include <setpki/message.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One registration.  Opaque; one owner; not shared between threads. */
typedef struct setpki_enroll setpki_enroll;

/** What a session waits for. */
enum setpki_enroll_step {
	SETPKI_ENROLL_SEND, /* setpki_enroll_request() has bytes to post; their answer goes to setpki_enroll_response()
			     */
	SETPKI_ENROLL_FORM, /* setpki_enroll_form() has questions; answers go to setpki_enroll_answer() */
	SETPKI_ENROLL_WAIT, /* not decided yet: later call setpki_enroll_inquire(), then SEND */
	SETPKI_ENROLL_DONE, /* setpki_enroll_cert() has the certificates */
	SETPKI_ENROLL_REFERRED, /* setpki_enroll_referral() says where to go; ended */
	SETPKI_ENROLL_REFUSED,	/* setpki_enroll_result() says why; ended, but see setpki_enroll_correct() */
	SETPKI_ENROLL_FAILED	/* the CA answered with a signed Error (setpki_enroll_error()); ended */
};

/** What is asked for.  Everything is copied or held, except where it says "borrowed". */
struct setpki_enroll_ask {
	enum setpki_suite suite;
	enum setpki_request_type type;
	const char *brand;    /* BrandID, "Brand" or "Brand:Product" */
	const char *language; /* RFC 1766 tag, "en" */
	const char *software; /* swIdent, "example wallet 1.0" */
	/* cardholder: 13 to 19 digits by custom, 1 to 19 by SET; YYYYMM */
	const char *pan, *expiry;
	/* merchant and gateway: the acquirer's BIN; the MerchantID, or the acquirer's business id or NULL */
	const char *bin, *id;
	/* merchant and gateway: AcctIdentification, at most 74 characters; NULL: none yet, see setpki_enroll_account()
	 */
	const char *account;
	/* new key pairs, private; each there if the request type asks for that certificate.  Held. */
	struct evp_pkey_st *sig_key, *enc_key;
	/* renewals, and Enc: the existing signature certificate (DER) and its private key (held) */
	setpki_bytes old_cert;
	struct evp_pkey_st *old_key;
	/* renewal of a key-exchange certificate: that certificate (DER) */
	setpki_bytes old_enc_cert;
	/* roots that are trusted, and whatever is known; held, never changed: the session works on a copy */
	setpki_pool *pool;
	enum setpki_revocation revocation; /* how CA certificates are checked; SETPKI_REQUIRE_BCI if in doubt */
};

/**
 * Begin: the first request is ready afterwards (step SEND).
 * @param now  seconds since the epoch; so in all functions here.  The library never reads the clock
 * @param out  success: a new session, CALLER frees with setpki_enroll_free(); failure: NULL
 * @return SETPKI_E_OK; SETPKI_E_ARGUMENT (which field of `ask` is wrong or missing); SETPKI_E_PARSE (PAN or expiry;
 * never repeated); SETPKI_E_SUITE (a key that the suite does not allow); CRYPTO; MEMORY
 */
enum setpki_code setpki_enroll_new(
    setpki_ctx *ctx, const struct setpki_enroll_ask *ask, int64_t now, setpki_enroll **out, struct setpki_error *err);
/** Frees the session and cleanses its secrets; NULL is fine. */
void setpki_enroll_free(setpki_enroll *e);
enum setpki_enroll_step setpki_enroll_step(const setpki_enroll *e);

/** The MessageWrapper to post in step SEND, borrowed until the next call; the same bytes each time, which is how a
 * request is repeated safely (set-protocol 12.7).  { NULL, 0 } in any other step. */
setpki_bytes setpki_enroll_request(const setpki_enroll *e);

/**
 * Take the answer to the request.
 * @return SETPKI_E_OK: the session went on; see setpki_enroll_step().
 *         Otherwise the answer is not one that may be believed: nothing has changed, the step is still SEND, and the
 * request may be sent again.  PARSE, LIMIT, SUITE, SIGNATURE, DECRYPT, RULE (a check of set-protocol 8 or 12.9), POLICY
 *         (the CA's chain is refused: `err` names the finding), PENDING (the chain cannot be decided: a CRL is
 * missing), STATE (not in step SEND); NOTFOUND (an unsigned Error: a transport fault, set-protocol 12.18).
 *         setpki_enroll_error() then gives the ErrorCode that SET has for it; with NOTFOUND the one that the unsigned
 *         Error tells of, for which nobody vouches.  CRYPTO and MEMORY say nothing about the answer.
 */
enum setpki_code setpki_enroll_response(setpki_enroll *e, setpki_bytes response, int64_t now, struct setpki_error *err);
/** The ErrorCode of the last answer: what was wrong with it, or in step FAILED what the CA said of our request. */
enum setpki_error_code setpki_enroll_error(const setpki_enroll *e);
/** An Error message (a MessageWrapper) that tells the CA what was wrong with its last answer, after
 * setpki_enroll_response() failed; signed with the existing certificate where the request type has one, else unsigned.
 * @return SETPKI_E_OK; STATE: nothing was wrong, or it was an Error itself, which nobody answers (set-protocol 12.18)
 */
enum setpki_code
setpki_enroll_complain(const setpki_enroll *e, int64_t now, struct setpki_der *out, struct setpki_error *err);

/** The form in step FORM, borrowed from the session; NULL in any other step.  setpki_enroll_answer() ends that step,
 * and what was borrowed with it: whoever wants its labels afterwards, for what setpki_enroll_result() says of single
 * answers, copies them before. */
const struct setpki_form *setpki_enroll_form(const setpki_enroll *e);
/** Merchants and gateways: the field that asks for the account (acctDataField); NULL if there is none. */
const struct setpki_field *setpki_enroll_account_field(const setpki_enroll *e);
/** In step FORM of a merchant or gateway: the account that goes along, instead of the one in `ask`; NULL: none.
 * @return SETPKI_E_OK; SETPKI_E_STATE; SETPKI_E_ARGUMENT (too long or not ASCII) */
enum setpki_code setpki_enroll_account(setpki_enroll *e, const char *account, struct setpki_error *err);
/**
 * Answer the form: one text (UTF-8) for each of its fields, NULL where one that is not required stays empty.  A form
 * without fields takes n = 0.  The CertReq is ready afterwards.
 * @return SETPKI_E_OK; SETPKI_E_STATE; SETPKI_E_ARGUMENT (which field is missing, too long or not text, the account
 * too: ask again)
 */
enum setpki_code
setpki_enroll_answer(setpki_enroll *e, const char *const *answers, size_t n, int64_t now, struct setpki_error *err);

/**
 * In step REFUSED with the status regFormAnswerMalformed: back to step FORM, for the same form.  setpki_enroll_result()
 * goes on telling which answers were wrong until the next answer of the CA comes.  Not later than 24 hours after the
 * form came, when the CA's challenge runs out (set-protocol 12.6).
 * @return SETPKI_E_OK; SETPKI_E_STATE (another step or status); MEMORY
 */
enum setpki_code setpki_enroll_correct(setpki_enroll *e, struct setpki_error *err);

/** In step WAIT: make the inquiry; SEND follows. @return SETPKI_E_OK; SETPKI_E_STATE; CRYPTO; MEMORY */
enum setpki_code setpki_enroll_inquire(setpki_enroll *e, int64_t now, struct setpki_error *err);

/** Step REFERRED; NULL else. */
const struct setpki_referral *setpki_enroll_referral(const setpki_enroll *e);

/** What the last CertRes said; all borrowed from the session. */
struct setpki_enroll_result {
	enum setpki_status status; /* NONE before the first CertRes */
	const char *message;	   /* eeMessage; NULL */
	struct setpki_ca_msg ca_msg;
	const struct setpki_failed_item *failed;
	size_t nfailed;
};
void setpki_enroll_result(const setpki_enroll *e, struct setpki_enroll_result *out);

/** Step DONE: the new signature or key-exchange certificate, DER, borrowed; { NULL, 0 } if there is none. */
setpki_bytes setpki_enroll_cert(const setpki_enroll *e, bool key_exchange);
/** Everything that came along: certificates of the chain, CRLs and BCI; borrowed. @return how many there are */
size_t setpki_enroll_objects(const setpki_enroll *e, struct setpki_object *out, size_t cap);
/** Step DONE of a cardholder: CardSecret and PANSecret, which payments need.  Secret: cleanse them. @return
 * SETPKI_E_STATE before, or for a merchant or gateway */
enum setpki_code setpki_enroll_secrets(const setpki_enroll *e, uint8_t card_secret[SETPKI_SECRET_LEN],
    uint8_t pan_secret[SETPKI_SECRET_LEN], struct setpki_error *err);

/**
 * Save the whole session, to go on in another process.  All of it is sealed with AES-256-GCM under `key`; private keys
 * are not in it.
 * @param key  32 octets, the caller's secret
 */
enum setpki_code
setpki_enroll_save(const setpki_enroll *e, const uint8_t key[32], struct setpki_der *out, struct setpki_error *err);
/**
 * Go on with a saved session.  `ask` gives again what is not saved: the keys, pool and revocation; its other fields are
 * not looked at.
 * @return SETPKI_E_OK; DECRYPT (another key, or altered); PARSE (of another version); ARGUMENT (a key that is missing
 * or not the one of the session)
 */
enum setpki_code setpki_enroll_restore(setpki_ctx *ctx, setpki_bytes saved, const uint8_t key[32],
    const struct setpki_enroll_ask *ask, setpki_enroll **out, struct setpki_error *err);

#ifdef __cplusplus
}
#endif
#endif
