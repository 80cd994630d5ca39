/* What the files of the responder share (setpki/responder.h): one message on its way to its answer. */
#ifndef LIB_MESSAGE_RESPOND_H
#define LIB_MESSAGE_RESPOND_H

#include "lib/asn1/certreq.h"
#include "lib/crypto/enc.h"
#include "lib/message/challenge.h"
#include "lib/message/parts.h"
#include "lib/message/wire.h"

#include <setpki/responder.h>

struct sp_asked;

struct setpki_responder {
	setpki_ctx *ctx;
	enum setpki_suite suite;
	const struct setpki_responder_ops *ops;
	int64_t now;
	const char *software;
	struct setpki_responder_note *note;
	struct sp_incoming in;
	struct sp_fault fault;
	void *pdu;			      /* as its arm's type reads it; NULL: it could not be read */
	const struct setpki_responder_ca *ca; /* who answers; NULL: cannot be told */
	const SP_THUMBS *thumbs;	      /* of the request, once they may be believed; NULL: none */
	struct sp_asked *asked;		      /* a CertReq; owned */
	struct sp_buf out;		      /* the answer */
};

/*
 * One message that a CA answers.  `find` tells from the clear part which CA that is (r->ca); `answer` fills r->out.
 * Both return OK; RULE with r->fault filled (sp_fault()): an Error answers; any other failure ends it without one.
 */
struct sp_respond_row {
	enum sp_arm_number arm;
	enum setpki_code (*find)(struct setpki_responder *r, struct setpki_error *err);
	enum setpki_code (*answer)(struct setpki_responder *r, struct setpki_error *err);
};

enum setpki_code sp_find_card_init(struct setpki_responder *r, struct setpki_error *err);
enum setpki_code sp_answer_card_init(struct setpki_responder *r, struct setpki_error *err);
enum setpki_code sp_find_me_aq_init(struct setpki_responder *r, struct setpki_error *err);
enum setpki_code sp_answer_me_aq_init(struct setpki_responder *r, struct setpki_error *err);
enum setpki_code sp_find_form(struct setpki_responder *r, struct setpki_error *err);
enum setpki_code sp_answer_form(struct setpki_responder *r, struct setpki_error *err);
enum setpki_code sp_find_cert_req(struct setpki_responder *r, struct setpki_error *err);
enum setpki_code sp_answer_cert_req(struct setpki_responder *r, struct setpki_error *err);
enum setpki_code sp_find_inquiry(struct setpki_responder *r, struct setpki_error *err);
enum setpki_code sp_answer_inquiry(struct setpki_responder *r, struct setpki_error *err);

/* --- checks (respond_check.c) ------------------------------------------------------------------- */

/* All of `der`; what is not of this type is decodingFailure. */
SP_MUST_CHECK enum setpki_code
sp_respond_decode(struct setpki_responder *r, const struct sp_type *type, setpki_bytes der, void **out);
/* r->ca by a callback's answer: what is NOTFOUND there is `code` here. */
SP_MUST_CHECK enum setpki_code sp_respond_found(
    struct setpki_responder *r, enum setpki_code rc, enum setpki_error_code code, struct setpki_error *err);
/* r->ca by the recipient of an EnvelopedData. */
SP_MUST_CHECK enum setpki_code
sp_respond_recipient(struct setpki_responder *r, setpki_bytes enveloped, struct setpki_error *err);
/* rrpid and lid-EE of the body against the wrapper (set-protocol 8, 12.6): another rrpid is `code`, and lid-EE must be
 * the lid-C of a cardholder, the lid-M of the others, with no other lid beside it. */
SP_MUST_CHECK enum setpki_code sp_respond_ids(struct setpki_responder *r, const ASN1_STRING *rrpid,
    enum setpki_error_code code, const ASN1_STRING *lid_ee, uint32_t holder);
/* Thumbs of this suite, each of its length; becomes r->thumbs.  NULL is fine. */
SP_MUST_CHECK enum setpki_code sp_respond_thumbs(struct setpki_responder *r, const SP_THUMBS *thumbs);
/* The row of a request type, if this CA answers it. */
SP_MUST_CHECK enum setpki_code
sp_respond_type(struct setpki_responder *r, const ASN1_ENUMERATED *type, const struct setpki_request_row **row);

/* --- lid-CA and chall-CA (respond_check.c) ------------------------------------------------------ */

/* The lid-CA of an answer: the one that came back if it is this CA's and counts still, else a new one. */
SP_MUST_CHECK enum setpki_code sp_respond_lid_ca(
    struct setpki_responder *r, setpki_bytes echoed, uint8_t lid_ca[SP_LID_CA_LEN], struct setpki_error *err);
/* chall-CA over it; NOTFOUND when the key is gone. */
SP_MUST_CHECK enum setpki_code sp_respond_chall_ca(struct setpki_responder *r, setpki_bytes lid_ca, setpki_bytes lid_ee,
    enum setpki_request_type type, uint8_t chall_ca[SETPKI_NONCE_LEN], struct setpki_error *err);

/* --- composing (respond_put.c) ------------------------------------------------------------------ */

/* What goes beside signed data: `n` new certificates, then what the CA sends along and r->thumbs does not list. */
struct sp_beside {
	setpki_bytes *certs, *crls;
	size_t ncerts, ncrls;
};
SP_MUST_CHECK enum setpki_code sp_beside_make(
    struct setpki_responder *r, const setpki_bytes *certs, size_t n, struct sp_beside *out, struct setpki_error *err);
void sp_beside_free(struct sp_beside *b);

/* The fields that every signed answer ends with: caeThumb, where `cae` is not NULL; the BCI, if it is not listed; the
 * thumbs, as they came. */
SP_MUST_CHECK enum setpki_code sp_respond_tail(
    struct setpki_responder *r, SP_CERT_THUMB **cae, ASN1_STRING **bci, SP_THUMBS **thumbs, struct setpki_error *err);
/* Encodes the TBS, signs it, puts it into a wrapper: r->out. */
SP_MUST_CHECK enum setpki_code sp_respond_signed(struct setpki_responder *r, enum sp_content content,
    const struct sp_type *type, const void *tbs, enum sp_arm_number arm, struct setpki_error *err);
/* A wrapper around the PDU: r->out. */
SP_MUST_CHECK enum setpki_code
sp_respond_wrap(struct setpki_responder *r, enum sp_arm_number arm, setpki_bytes pdu, struct setpki_error *err);
/* Asks the desk for a form, and fills the field; acctDataField too, where `account` is not NULL. */
SP_MUST_CHECK enum setpki_code sp_respond_form(struct setpki_responder *r, const struct setpki_form_ask *ask,
    SP_FORM_OR_REFERRAL **form, SP_REG_FIELD **account, struct setpki_error *err);

/* --- CertRes (respond_cert_res.c) --------------------------------------------------------------- */

/* What a CertRes answers. */
struct sp_cert_res_to {
	enum sp_arm_number arm;
	setpki_bytes lid_ee, chall_ee3, lid_ca;
	const uint8_t *back_key;	      /* NULL: none, so it is signed alone */
	const struct setpki_request_row *row; /* NULL: not known (decryptionError) */
};
/* STATE: `decision` is none that may be composed. */
SP_MUST_CHECK enum setpki_code sp_cert_res_put(struct setpki_responder *r, const struct sp_cert_res_to *to,
    const struct setpki_decision *decision, struct setpki_error *err);

/* --- who signed (respond_signers.c) ------------------------------------------------------------- */

/* Finds the keys of a CertReq's SignerInfos from its CertReqData, which is not trusted yet (set-protocol 8, 12.5). */
struct sp_signers {
	struct setpki_responder *r;
	SP_CERT_REQ_DATA *data; /* NULL: it was none */
	const struct setpki_request_row *row;
	struct setpki_known_cert old; /* the existing certificate; empty: none, or not known */
	setpki_bytes first;	      /* SubjectPublicKeyInfo of the first SignerInfo's key */
	EVP_PKEY *keys[SP_SIGNERS_MAX];
	bool missing; /* a key was not found: whatever verifies, it does not count */
	enum setpki_code rc;
	struct setpki_error err; /* of a callback that failed */
};
size_t sp_signers_count(void *arg, setpki_bytes content);
EVP_PKEY *sp_signers_key(void *arg, size_t i, const struct sp_signer *who, setpki_bytes content);
void sp_signers_free(struct sp_signers *s);
/* A new EVP_PKEY for a key that signs in this suite; NULL if it does not. */
EVP_PKEY *sp_signing_key(struct setpki_responder *r, setpki_bytes spki);

/* --- CertReq (respond_cert_req.c, respond_request.c, respond_renew.c) ---------------------------- */

struct sp_asked {
	struct sp_enc_opened opened; /* secret */
	struct sp_signers signers;
	struct setpki_known_cert old_enc;
	struct sp_cert_res_to to;
	struct setpki_cert_request request;
	struct setpki_form_answer *answers; /* owned, with their texts; secret */
	/* cardholders: secret */
	char pan[SP_UB_PAN + 1], expiry[7];
	uint8_t card_secret[SP_NONCE_LEN];
	char account[SP_ACCT_ID_LEN + 1];
	bool deciding, composed; /* the desk has been asked; it has answered */
};
void sp_asked_free(struct sp_asked *a);
/* r->asked is done with; nothing, if there is none. */
void sp_asked_end(struct setpki_responder *r);
/* The back key, if it is one of the suite; a->to.back_key. */
void sp_asked_back_key(struct setpki_responder *r, struct sp_asked *a);
/* The certificate that signed, and the one that eeThumb names (set-protocol 12.10). */
SP_MUST_CHECK enum setpki_code
sp_asked_renewal(struct setpki_responder *r, struct sp_asked *a, struct setpki_error *err);
/* a->request, for the desk. */
SP_MUST_CHECK enum setpki_code
sp_asked_request(struct setpki_responder *r, struct sp_asked *a, struct setpki_error *err);

#endif
