/* The session of an end entity from the inside.  Everything that it has to remember is a row of one table of parts;
 * copying, saving and restoring walk it.  What comes from outside is worked on in a copy of the state, which takes the
 * place of the old one when all is well: so a wrong answer changes nothing. */
#ifndef LIB_MESSAGE_ENROLL_H
#define LIB_MESSAGE_ENROLL_H

#include "lib/crypto/account.h"
#include "lib/crypto/enc.h"
#include "lib/der/reader.h"
#include "lib/message/parts.h"
#include "lib/message/wire.h"
#include "lib/x509/cert.h"

#include <setpki/enroll.h>

/* --- state ------------------------------------------------------------------------------------- */

enum sp_part {
	/* what was asked for: texts, and DER */
	SP_PART_BRAND,
	SP_PART_LANGUAGE,
	SP_PART_SOFTWARE,
	SP_PART_PAN,
	SP_PART_EXPIRY,
	SP_PART_BIN,
	SP_PART_ID,
	SP_PART_ACCOUNT,
	SP_PART_SIG_SPKI, /* SubjectPublicKeyInfo of the new keys */
	SP_PART_ENC_SPKI,
	SP_PART_OLD_CERT,
	SP_PART_OLD_ENC,
	/* of this registration, and of the request on its way */
	SP_PART_LID_EE,
	SP_PART_RRPID,
	SP_PART_CHALL,
	SP_PART_THUMBS, /* Thumbs, as sent: the answer repeats them */
	SP_PART_REQUEST,
	/* of the CA */
	SP_PART_LID_CA,
	SP_PART_CHALL_CA,
	SP_PART_CA_SIG, /* its certificates: of the message signer that answered first, and for key exchange */
	SP_PART_CA_ENC,
	SP_PART_OBJECTS, /* what it sent along: sp_object_next() */
	SP_PART_FORM,	 /* RegFormResTBS or Me-AqCInitResTBS */
	/* of the CertReq and its answer */
	SP_PART_CARD_SECRET,
	SP_PART_BACK_KEY,
	SP_PART_RESULT, /* CertResData */
	SP_PART_NEW_SIG,
	SP_PART_NEW_ENC,
	SP_PART_PAN_SECRET,
	SP_PARTS
};

struct sp_part_row {
	const char *name;
	size_t min, max; /* octets where it is there */
	bool secret;
	bool passing; /* not needed any more once the session has ended */
};
extern const struct sp_part_row sp_part_rows[SP_PARTS];

struct sp_enroll_state {
	enum setpki_enroll_step step;
	enum sp_arm_number arm;	      /* the request on its way, or the last one that was answered */
	struct sp_buf part[SP_PARTS]; /* a NUL stands behind each, so that texts can be used as such */
};

void sp_state_free(struct sp_enroll_state *s);
SP_MUST_CHECK enum setpki_code
sp_state_copy(const struct sp_enroll_state *from, struct sp_enroll_state *to, struct setpki_error *err);
/* MEMORY. */
SP_MUST_CHECK enum setpki_code
sp_part_set(struct sp_enroll_state *s, enum sp_part part, setpki_bytes v, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
sp_part_random(setpki_ctx *ctx, struct sp_enroll_state *s, enum sp_part part, size_t n, struct setpki_error *err);
void sp_part_drop(struct sp_enroll_state *s, enum sp_part part);
setpki_bytes sp_part(const struct sp_enroll_state *s, enum sp_part part);
const char *sp_part_text(const struct sp_enroll_state *s, enum sp_part part); /* "" where it is absent */
/* The session ends: what it no longer needs is cleansed. */
void sp_state_end(struct sp_enroll_state *s, enum setpki_enroll_step step);

/* SP_PART_OBJECTS: certificates, CRLs and BCIs, each under a tag that is its type. */
bool sp_object_next(struct sp_der *d, struct setpki_object *out);
/* Appends what is not there yet; what goes beyond the limits is left out. */
void sp_object_add(struct sp_buf *objects, const struct setpki_object *o);

/* --- session ----------------------------------------------------------------------------------- */

/* What the getters show, made from the state. */
struct sp_enroll_view {
	struct setpki_form form;
	struct setpki_field account;
	struct setpki_referral referral;
	struct setpki_enroll_result result;
	bool has_account;
};

struct setpki_enroll {
	setpki_ctx *ctx;
	enum setpki_suite suite;
	const struct setpki_request_row *row;
	EVP_PKEY *sig_key, *enc_key, *old_key; /* held */
	setpki_pool *pool;		       /* held */
	enum setpki_revocation revocation;
	struct sp_enroll_state s;
	struct sp_enroll_view view;
	/* of the last answer, if it was refused */
	struct sp_fault fault;
	struct sp_buf wrong; /* the answer itself */
	enum setpki_error_code error;
};

/* MEMORY, PARSE (of a saved state that is not one). */
SP_MUST_CHECK enum setpki_code sp_view_make(
    const setpki_enroll *e, const struct sp_enroll_state *s, struct sp_enroll_view *out, struct setpki_error *err);
void sp_view_free(struct sp_enroll_view *v);

/* An empty session of this suite and type with what `ask` gives to hold.  ARGUMENT. */
SP_MUST_CHECK enum setpki_code sp_enroll_make(setpki_ctx *ctx, enum setpki_suite suite, enum setpki_request_type type,
    const struct setpki_enroll_ask *ask, setpki_enroll **out, struct setpki_error *err);
/* The same over a state that was saved, which it takes over: its keys and certificates are the ones that `ask` has to
 * give again. */
SP_MUST_CHECK enum setpki_code sp_enroll_again(setpki_ctx *ctx, enum setpki_suite suite, enum setpki_request_type type,
    struct sp_enroll_state *s, const struct setpki_enroll_ask *ask, setpki_enroll **out, struct setpki_error *err);
/* The keys of `ask` for this request type: held, and their public halves into the state - or, where these are there
 * already, compared.  ARGUMENT, SUITE. */
SP_MUST_CHECK enum setpki_code
sp_enroll_keys(setpki_enroll *e, const struct setpki_enroll_ask *ask, struct setpki_error *err);
/* Checked texts of `ask` into the state. */
SP_MUST_CHECK enum setpki_code
sp_enroll_texts(setpki_enroll *e, const struct setpki_enroll_ask *ask, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
sp_enroll_set_account(struct sp_enroll_state *s, const char *account, struct setpki_error *err);

/* --- requests ---------------------------------------------------------------------------------- */

/* Each makes the next request of `s`: a new RRPID and challenge, SP_PART_REQUEST, arm and step. */
SP_MUST_CHECK enum setpki_code
sp_ask_first(const setpki_enroll *e, struct sp_enroll_state *s, int64_t now, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
sp_ask_form(const setpki_enroll *e, struct sp_enroll_state *s, int64_t now, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code sp_ask_cert(const setpki_enroll *e, struct sp_enroll_state *s,
    const char *const *answers, int64_t now, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
sp_ask_inquiry(const setpki_enroll *e, struct sp_enroll_state *s, int64_t now, struct setpki_error *err);

/* What the requests share.  A pair begins with a fresh RRPID and challenge, and the thumbs of what we hold. */
SP_MUST_CHECK enum setpki_code
sp_pair_begin(const setpki_enroll *e, struct sp_enroll_state *s, bool thumbs, struct setpki_error *err);
bool sp_pair_put(const struct sp_enroll_state *s, ASN1_OCTET_STRING **rrpid, ASN1_OCTET_STRING **lid_ee,
    ASN1_OCTET_STRING **challenge);
/* A copy of SP_PART_THUMBS for the template; NULL if there are none. */
SP_MUST_CHECK enum setpki_code
sp_pair_thumbs(const struct sp_enroll_state *s, SP_THUMBS **field, struct setpki_error *err);
bool sp_pair_lid_ca(const struct sp_enroll_state *s, ASN1_OCTET_STRING **field); /* if we know one */
SP_MUST_CHECK enum setpki_code sp_pair_end(const setpki_enroll *e, struct sp_enroll_state *s, enum sp_arm_number arm,
    setpki_bytes pdu, int64_t now, struct setpki_error *err);
/* The party of a certificate of the state with its public key, or with `key`.  *own: EVP_PKEY_free(). */
SP_MUST_CHECK enum setpki_code sp_party_of(const setpki_enroll *e, const struct sp_enroll_state *s, enum sp_part cert,
    struct setpki_party *out, struct sp_cert *parsed, EVP_PKEY **own, struct setpki_error *err);
/* Who signs CertReq and CertInqReq: the new key, then the existing certificate, as the request type has it. */
SP_MUST_CHECK enum setpki_code sp_enroll_signers(const setpki_enroll *e, const struct sp_enroll_state *s,
    struct setpki_party signers[SP_SIGNERS_MAX], size_t *n, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
sp_enroll_id(const setpki_enroll *e, const struct sp_enroll_state *s, SP_ID_DATA **field, struct setpki_error *err);

/* --- answers ----------------------------------------------------------------------------------- */

/* An answer being checked. */
struct sp_answer {
	const setpki_enroll *e;
	int64_t now;
	struct sp_enroll_state next; /* what becomes of the session if all is well */
	struct sp_incoming in;
	struct sp_sdata data;  /* what the CA signed */
	void *pdu, *tbs;       /* templates: CertRes or Error; the content of `data` */
	setpki_bytes bci;      /* in it; empty: none */
	bool encrypted;	       /* it came under the back key */
	setpki_pool *pool;     /* the session's, and all that came along */
	struct sp_cert signer; /* of the message; points into `data` or the state of the session */
	EVP_PKEY *signer_key;
	struct sp_fault *fault;
};

/* A fault with a code of its own: returns `code`. */
__attribute__((format(printf, 4, 5))) enum setpki_code
sp_refuse(struct sp_fault *f, enum setpki_code code, enum setpki_error_code error, const char *fmt, ...);
/* After a failure that stands in f->why already: its ErrorCode, unless it says nothing about the answer (MEMORY,
 * CRYPTO). */
enum setpki_code sp_refused(struct sp_fault *f, enum setpki_code rc, enum setpki_error_code error);

/* Any certificate that came along or that the session holds, by what `is` says of it; empty: none. */
typedef bool sp_cert_is(const struct sp_answer *a, const void *arg, setpki_bytes der);
setpki_bytes sp_answer_find(const struct sp_answer *a, sp_cert_is *is, const void *arg);
bool sp_is_thumb(const struct sp_answer *a, const void *thumb, setpki_bytes der); /* SP_CERT_THUMB */

/* Reads `der`, or decrypts it first under the back key (`enck`), and verifies its one SignerInfo with the key of a
 * certificate that names itself; believes nothing else of it.  SIGNATURE (signatureFailure), RULE (missingCertificate),
 * DECRYPT, PARSE, SUITE. */
SP_MUST_CHECK enum setpki_code
sp_answer_open(struct sp_answer *a, setpki_bytes der, bool enck, enum sp_content content, const struct sp_type *type);
/* A pool of all that can be used: the caller's, what the session holds, what came along. */
SP_MUST_CHECK enum setpki_code sp_answer_pool(struct sp_answer *a);
/* A certificate and its chain, now.  POLICY, PENDING. */
struct sp_chain_wish {
	enum setpki_kind kind;
	uint32_t type;
	int64_t signed_at;
};
SP_MUST_CHECK enum setpki_code sp_answer_chain(struct sp_answer *a, setpki_bytes der, const struct sp_chain_wish *wish);
/* The signer is a CA of the kind that answers this request: and, but for first contacts, the one that answered before.
 * POLICY, PENDING, RULE. */
SP_MUST_CHECK enum setpki_code sp_answer_signer(struct sp_answer *a);
/* Whether both are certificates of one CA, in any generation (set-protocol 12.12). */
bool sp_same_ca(const struct sp_cert *a, const struct sp_cert *b);
/* The key-exchange certificate that a CA names, into the state; `thumb` NULL: the one that is known stays. */
SP_MUST_CHECK enum setpki_code sp_answer_exchange(struct sp_answer *a, const SP_CERT_THUMB *thumb);
/* What came along, into the state. */
SP_MUST_CHECK enum setpki_code sp_answer_keep(struct sp_answer *a);

/* What an answer repeats; absent: empty. */
struct sp_echo {
	const ASN1_OCTET_STRING *rrpid, *lid_ee, *challenge;
	const SP_THUMBS *thumbs;
	const ASN1_ENUMERATED *type; /* requestType; NULL: none there */
};
SP_MUST_CHECK enum setpki_code sp_answer_rrpid(struct sp_answer *a, const ASN1_OCTET_STRING *body);
SP_MUST_CHECK enum setpki_code sp_answer_echo(struct sp_answer *a, const struct sp_echo *echo);

/* The PDUs. */
SP_MUST_CHECK enum setpki_code sp_take_card_init(struct sp_answer *a);
SP_MUST_CHECK enum setpki_code sp_take_me_aq_init(struct sp_answer *a);
SP_MUST_CHECK enum setpki_code sp_take_form(struct sp_answer *a);
SP_MUST_CHECK enum setpki_code sp_take_cert_res(struct sp_answer *a);
SP_MUST_CHECK enum setpki_code sp_take_certs(struct sp_answer *a, const SP_CERT_RES_DATA *res);
SP_MUST_CHECK enum setpki_code sp_take_error(struct sp_answer *a);

#endif
