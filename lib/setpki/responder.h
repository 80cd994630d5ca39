/* Registration from the side of a CA: a whole MessageWrapper in, the finished bytes of the answer out.  No I/O, no
 * store: keys, decisions and records are asked for through callbacks (set-protocol 8, 12.3 to 12.10, 12.16, 12.18). */
#ifndef SETPKI_RESPONDER_H
#define SETPKI_RESPONDER_H

#include <setpki/chain.h>
#include <setpki/message.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One generation of an issuing CA with its message keys.  Borrowed until the answer is finished. */
struct setpki_responder_ca {
	uint16_t number; /* of the CA in its home, one over all its generations (set-protocol 12.6) */
	uint32_t type;	 /* certificateType bits */
	enum setpki_suite suite;
	struct setpki_party sign, exchange; /* message signature; key exchange */
	setpki_bytes sign_cert, exchange_cert;
	/* What a party needs to check us with, signer first: our certificates, those of our superiors up to the root,
	 * of CRL and BCI signers; CRLs; the brand's BCI.  What the other side lists in its thumbs is not sent again. */
	const setpki_bytes *certs, *crls;
	size_t ncerts, ncrls;
	setpki_bytes bci; /* empty: none */
};

/** A certificate that the CA issued, in any of its generations. */
struct setpki_known_cert {
	setpki_bytes der;
	bool revoked;
};

/** What is asked of the desk when a form is wanted. */
struct setpki_form_ask {
	enum setpki_request_type type;
	const char *language;
	const char *pan;		 /* RegFormReq: the PAN, secret; NULL else */
	const struct setpki_id_data *id; /* Me-AqCInitReq; NULL else */
};
/** Its answer: a form, or a referral (`refer`).  Zeroed when it is asked for; the session frees what is in it, all of
 * it OPENSSL_malloc memory. */
struct setpki_form_reply {
	bool refer;
	struct setpki_form form;
	struct setpki_referral referral;
	bool asks_account;	     /* Me-AqCInitReq: `account` is sent along as acctDataField */
	struct setpki_field account; /* the field that asks a merchant or gateway for its account */
};

/** One answer of a form; borrowed. */
struct setpki_form_answer {
	const char *label; /* the first of fieldName, UTF-8 */
	const char *value; /* UTF-8; NULL if it came as octets */
	setpki_bytes octets;
};

/** A CertReq whose envelope, signatures and challenge have been checked.  Borrowed for the call; parts are secret. */
struct setpki_cert_request {
	const struct setpki_responder_ca *ca;
	const struct setpki_request_row *row;
	uint8_t wrapper[32]; /* SHA-256 of the MessageWrapper: the identity of the request (set-protocol 12.7) */
	uint8_t rrpid[SETPKI_NONCE_LEN], lid_ca[SETPKI_LOCAL_ID_MAX];
	setpki_bytes lid_ee;
	int64_t date; /* requestDate */
	struct setpki_id_data id;
	int64_t form_id;
	const struct setpki_form_answer *answers;
	size_t nanswers;
	setpki_bytes sig_key, enc_key;	     /* SubjectPublicKeyInfo; empty: not asked for */
	setpki_bytes old_cert, old_enc_cert; /* the certificate that signed; the one that eeThumb names */
	setpki_bytes back_key;		     /* secret; empty: none */
	const char *pan, *expiry;	     /* cardholders; secret */
	const uint8_t *card_secret;	     /* 20 octets, cardholders; secret */
	const char *account;		     /* AcctIdentification without its blanks; NULL: none */
	/* What the session itself has come to (invalidBIN, unableToEncryptCertRes); NONE: the desk decides.  The desk
	 * records and composes it all the same. */
	enum setpki_status status;
};

/** What was decided. */
struct setpki_decision {
	enum setpki_status status;
	const char *message; /* eeMessage; NULL */
	const struct setpki_failed_item *failed;
	size_t nfailed;
	const struct setpki_ca_msg *ca_msg; /* NULL: none */
	const uint8_t *nonce_cca;	    /* 20 octets with COMPLETE for a cardholder; NULL else */
	const setpki_bytes *certs;	    /* the new certificates */
	size_t ncerts;
	const uint8_t *back_key; /* of the suite's length; NULL: none known.  For inquiries, and ignored in a decision
				  * on a CertReq, whose own key counts */
};

/** What an inquiry found. */
struct setpki_inquiry {
	const struct setpki_request_row *row;
	setpki_bytes sig_key;  /* SubjectPublicKeyInfo of the request's new signature key; empty: none */
	setpki_bytes old_cert; /* the certificate that signed it; empty: none */
	struct setpki_decision decision;
};

/** One message being answered.  Opaque. */
typedef struct setpki_responder setpki_responder;

/**
 * What the session asks of its surroundings.  All get `arg`.  Every code other than those named ends the answer, and is
 * what setpki_responder_answer() returns: the store failed, memory ran out.  What they hand out is borrowed until the
 * answer is finished.
 */
struct setpki_responder_ops {
	/** The CA that answers a first contact: of this brand and CA type; `bin` (may be NULL) picks among several.
	 * NOTFOUND. */
	enum setpki_code (*ca_first)(void *arg, const char *brand, uint32_t ca_type, const char *bin,
	    const struct setpki_responder_ca **out, struct setpki_error *err);
	/** The generation whose key-exchange certificate has this issuer and serial, current or replaced, as long as it
	 * may finish registrations (set-protocol 12.12).  NOTFOUND. */
	enum setpki_code (*ca_recipient)(void *arg, setpki_bytes issuer, setpki_bytes serial,
	    const struct setpki_responder_ca **out, struct setpki_error *err);
	/** The newest generation of the CA with that number.  NOTFOUND. */
	enum setpki_code (*ca_number)(
	    void *arg, uint16_t number, const struct setpki_responder_ca **out, struct setpki_error *err);
	/** The key of challenges: `*id` 0 asks for the current one and gets its id (1..255); else that one, NOTFOUND if
	 * it is not the current or the previous one. */
	enum setpki_code (*challenge_key)(void *arg, uint8_t *id, uint8_t key[32], struct setpki_error *err);
	/** Form or referral; never refuses: who cannot be served is referred. */
	enum setpki_code (*form)(void *arg, const struct setpki_responder_ca *ca, const struct setpki_form_ask *ask,
	    struct setpki_form_reply *out, struct setpki_error *err);
	/** A certificate of an end entity by issuer and serial, or by SET thumb, that this CA issued.  NOTFOUND. */
	enum setpki_code (*cert)(void *arg, const struct setpki_responder_ca *ca, setpki_bytes issuer,
	    setpki_bytes serial, struct setpki_known_cert *out, struct setpki_error *err);
	enum setpki_code (*cert_by_thumb)(void *arg, const struct setpki_responder_ca *ca, setpki_bytes thumb,
	    setpki_bytes holder_cert, struct setpki_known_cert *out, struct setpki_error *err);
	/** The answer that was kept for this wrapper (set-protocol 12.7).  NOTFOUND. */
	enum setpki_code (*kept)(void *arg, const uint8_t wrapper[32], setpki_bytes *answer, struct setpki_error *err);
	/** Whether this RRPID was used with this signing key by another wrapper: CONFLICT; OK if not.  `key` is
	 * SHA-256 of the SubjectPublicKeyInfo of the first SignerInfo's key. */
	enum setpki_code (*rrpid)(void *arg, const uint8_t rrpid[SETPKI_NONCE_LEN], const uint8_t key[32],
	    const uint8_t wrapper[32], struct setpki_error *err);
	/**
	 * Decide, and record request and answer in one transaction: within it, once everything else is certain, call
	 * setpki_responder_compose() for the bytes to keep.  It must be called exactly once.  PENDING, for
	 * setpki_responder_begin() alone: it will be called later; what is borrowed here lives until
	 * setpki_responder_end().
	 */
	enum setpki_code (*decide)(
	    void *arg, const struct setpki_cert_request *request, setpki_responder *r, struct setpki_error *err);
	/** The state of a request: of the `n`-th under these identifiers, the newest first (0).  Identifiers are no
	 * secrets, so the session asks on as long as the inquiry is not signed with the keys of the one it got.
	 * NOTFOUND (also when its sealed parts are erased: set-protocol 12.8). */
	enum setpki_code (*inquire)(void *arg, const struct setpki_responder_ca *ca,
	    const uint8_t lid_ca[SETPKI_LOCAL_ID_MAX], setpki_bytes lid_ee, size_t n, struct setpki_inquiry *out,
	    struct setpki_error *err);
	/** Whether an Error may be signed now: they are rate-limited before that (set-protocol 12.18).  NULL: always.
	 */
	bool (*may_err)(void *arg);
	void *arg;
};

/** What became of a message, for logs and counters; all static or copied. */
struct setpki_responder_note {
	const char *message;		 /* "CertReq"; "?" if it was none */
	enum setpki_error_code error;	 /* of the Error that answers it */
	enum setpki_status status;	 /* of the CertRes that answers it */
	bool repeated;			 /* a kept answer */
	bool silent;			 /* nothing is answered: it was an Error (set-protocol 12.18) */
	bool too_many;			 /* nothing is answered: one more Error than may be signed */
	uint8_t rrpid[SETPKI_NONCE_LEN]; /* zeros: none could be read */
	uint16_t ca;			 /* 0: none could be told */
	char detail[320]; /* why it was refused, or what an Error says, for the CA's own log; never travels */
};

/**
 * Answer one message.
 * @param wrapper  what came, of any size: more than a MessageWrapper may have is messageTooBig
 * @param now      seconds since the epoch
 * @param software swIdent of the answer
 * @param out      success: the MessageWrapper to send back, or empty if note->silent or too_many
 * @return SETPKI_E_OK, also where the answer is an Error or a refusal; else what a callback or libcrypto failed with:
 * then there is no answer
 */
enum setpki_code setpki_responder_answer(setpki_ctx *ctx, enum setpki_suite suite,
    const struct setpki_responder_ops *ops, setpki_bytes wrapper, int64_t now, const char *software,
    struct setpki_der *out, struct setpki_responder_note *note, struct setpki_error *err);

/**
 * The same for a desk that decides several requests together, so that one transaction records them all.
 * @param wrapper  and `ops`, `software` and `note` stay where they are until setpki_responder_end()
 * @param later    SETPKI_E_PENDING: the session, for setpki_responder_compose() and setpki_responder_end(); else NULL
 * @return as setpki_responder_answer(); SETPKI_E_PENDING: `decide` said so
 */
enum setpki_code setpki_responder_begin(setpki_ctx *ctx, enum setpki_suite suite,
    const struct setpki_responder_ops *ops, setpki_bytes wrapper, int64_t now, const char *software,
    struct setpki_der *out, struct setpki_responder_note *note, setpki_responder **later, struct setpki_error *err);
/** The answer that was composed, and the end of the session, in any case. @return STATE: none was composed */
enum setpki_code setpki_responder_end(setpki_responder *r, struct setpki_der *out, struct setpki_error *err);

/** Once `decide` was asked: compose, sign and encrypt the CertRes.  @param answer borrowed from the session: what is to
 * be kept */
enum setpki_code setpki_responder_compose(
    setpki_responder *r, const struct setpki_decision *decision, setpki_bytes *answer, struct setpki_error *err);

#ifdef __cplusplus
}
#endif
#endif
