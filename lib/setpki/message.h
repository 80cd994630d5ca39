/* The words of registration: request types, statuses, error codes, forms (SET Book 3, SetMessage and SetCertMsgs;
 * set-protocol 2 and 3). */
#ifndef SETPKI_MESSAGE_H
#define SETPKI_MESSAGE_H

#include <setpki/party.h>

#ifdef __cplusplus
extern "C" {
#endif

/** ErrorCode (set-protocol 2); the numbers are those of the ENUMERATED. */
enum setpki_error_code {
	SETPKI_ERR_NONE,
	SETPKI_ERR_UNSPECIFIED_FAILURE,
	SETPKI_ERR_MESSAGE_NOT_SUPPORTED,
	SETPKI_ERR_DECODING_FAILURE,
	SETPKI_ERR_INVALID_CERTIFICATE,
	SETPKI_ERR_EXPIRED_CERTIFICATE,
	SETPKI_ERR_REVOKED_CERTIFICATE,
	SETPKI_ERR_MISSING_CERTIFICATE,
	SETPKI_ERR_SIGNATURE_FAILURE,
	SETPKI_ERR_BAD_MESSAGE_HEADER,
	SETPKI_ERR_WRAPPER_MSG_MISMATCH,
	SETPKI_ERR_VERSION_TOO_OLD,
	SETPKI_ERR_VERSION_TOO_NEW,
	SETPKI_ERR_UNRECOGNIZED_EXTENSION,
	SETPKI_ERR_MESSAGE_TOO_BIG,
	SETPKI_ERR_SIGNATURE_REQUIRED,
	SETPKI_ERR_MESSAGE_TOO_OLD,
	SETPKI_ERR_MESSAGE_TOO_NEW,
	SETPKI_ERR_THUMBS_MISMATCH,
	SETPKI_ERR_UNKNOWN_RRPID,
	SETPKI_ERR_UNKNOWN_XID, /* not on the certificate side (set-protocol 12.18) */
	SETPKI_ERR_UNKNOWN_LID,
	SETPKI_ERR_CHALLENGE_MISMATCH,
	SETPKI_ERR_N
};
/** @return SET's name, "challengeMismatch"; "none" for 0 and numbers that stand for nothing. */
const char *setpki_error_code_name(enum setpki_error_code code);

/** CertStatusCode (set-protocol 3, 12.9). */
enum setpki_status {
	SETPKI_STATUS_NONE,
	SETPKI_STATUS_COMPLETE, /* requestComplete */
	SETPKI_STATUS_INVALID_LANGUAGE,
	SETPKI_STATUS_INVALID_BIN,
	SETPKI_STATUS_SIG_VALIDATION_FAIL,
	SETPKI_STATUS_DECRYPTION_ERROR,
	SETPKI_STATUS_IN_PROGRESS, /* requestInProgress: an automatic check has not answered yet */
	SETPKI_STATUS_REJECTED_BY_ISSUER,
	SETPKI_STATUS_PENDED, /* requestPended: a person decides */
	SETPKI_STATUS_REJECTED_BY_ACQUIRER,
	SETPKI_STATUS_FORM_MALFORMED, /* regFormAnswerMalformed */
	SETPKI_STATUS_REJECTED_BY_CA,
	SETPKI_STATUS_UNABLE_TO_ENCRYPT, /* unableToEncryptCertRes */
	SETPKI_STATUS_N
};
/** @return SET's name, "requestPended"; "none" for 0 and numbers that stand for nothing. */
const char *setpki_status_name(enum setpki_status status);

/** RequestType (set-protocol 3); the numbers are those of the ENUMERATED, reserved ones are left out. */
enum setpki_request_type {
	SETPKI_REQUEST_NONE = 0,
	SETPKI_CARD_INITIAL_SIG = 1,
	SETPKI_MER_INITIAL_SIG = 4,
	SETPKI_MER_INITIAL_ENC = 5,
	SETPKI_MER_INITIAL_BOTH = 6,
	SETPKI_PGWY_INITIAL_SIG = 7,
	SETPKI_PGWY_INITIAL_ENC = 8,
	SETPKI_PGWY_INITIAL_BOTH = 9,
	SETPKI_CARD_RENEWAL_SIG = 10,
	SETPKI_MER_RENEWAL_SIG = 13,
	SETPKI_MER_RENEWAL_ENC = 14,
	SETPKI_MER_RENEWAL_BOTH = 15,
	SETPKI_PGWY_RENEWAL_SIG = 16,
	SETPKI_PGWY_RENEWAL_ENC = 17,
	SETPKI_PGWY_RENEWAL_BOTH = 18,
	SETPKI_REQUEST_N
};

/** What a request type comes to: one row of the table. */
struct setpki_request_row {
	enum setpki_request_type type;
	const char *name; /* "merRenewalBoth" */
	uint32_t holder;  /* SETPKI_TYPE_CARD, SETPKI_TYPE_MER or SETPKI_TYPE_PGWY */
	uint32_t ca;	  /* SETPKI_TYPE_CCA, SETPKI_TYPE_MCA or SETPKI_TYPE_PCA: who answers it */
	bool sig, enc;	  /* the certificates asked for */
	bool renewal;
	bool by_certificate; /* an existing signature certificate signs (renewals, and Enc; set-protocol 8, 12.10) */
	unsigned signers;    /* SignerInfos of CertReq and CertInqReq */
};
/** @return the row, static; NULL for a reserved or unknown number. */
const struct setpki_request_row *setpki_request_row(enum setpki_request_type type);
/** @return the type of that name, SETPKI_REQUEST_NONE if there is none. */
enum setpki_request_type setpki_request_by_name(const char *name);

/** Octets of RRPID, challenges and nonces; of the longest local identifier. */
#define SETPKI_NONCE_LEN 20
#define SETPKI_LOCAL_ID_MAX 20

/** One question of a registration form (SET Book 3, RegField).  Texts are UTF-8. */
struct setpki_field {
	int id;	       /* last arc of 2.23.42.2.n (0 fullName ... 12 passPhrase); -1: none */
	char **labels; /* FieldName: one or more, in the language of the form */
	size_t nlabels;
	char *description;	  /* NULL: none */
	unsigned length;	  /* the most characters of an answer */
	bool required, invisible; /* invisible: typed without echo */
};

/** A form in one language (RegFormData).  Zero-initialised; setpki_form_free(). */
struct setpki_form {
	bool has_template;	      /* RegTemplate is there; without one only `terms` count */
	int64_t id;		      /* regFormID: this form in this language; 0: no template was sent */
	char *terms;		      /* PolicyText, to be agreed to */
	char *brand_logo, *card_logo; /* URLs; NULL */
	struct setpki_field *fields;
	size_t nfields;
};
void setpki_form_free(struct setpki_form *form); /* NULL is fine */
/** @return the name of what a field asks for, "fullName" for id 0; NULL for -1 and numbers that stand for nothing. */
const char *setpki_field_name(int id);
/** Whether a text (UTF-8; NULL or "": left empty) can be the answer to a question of a form, for whoever asks them one
 * by one: not empty where it is required, not too long, plain text.  What the CA wants beyond that only the CA knows.
 * @return SETPKI_E_OK; SETPKI_E_ARGUMENT (what is wrong with it; the text is not repeated) */
enum setpki_code setpki_field_check(const struct setpki_field *field, const char *answer, struct setpki_error *err);

/** Where else to go (ReferralData).  Zero-initialised; setpki_referral_free(). */
struct setpki_referral {
	char *reason; /* NULL: none */
	char **urls;  /* in order of preference */
	size_t nurls;
};
void setpki_referral_free(struct setpki_referral *referral); /* NULL is fine */

/** Why one answer of a form was refused (FailedItem). */
struct setpki_failed_item {
	unsigned item; /* from 1: of the question in the form; of an answer to none its own number */
	char *reason;
};

/** What comes along with a certificate for its holder (CAMsg).  All may be NULL or 0. */
struct setpki_ca_msg {
	char *card_logo, *brand_logo, *text;
	int currency; /* ISO 4217 number */
};

/** The idData of merchants and gateways (IDData): `bin` of the acquirer, and for a merchant its MerchantID, for a
 * gateway the acquirer's business id or an empty text. */
struct setpki_id_data {
	uint32_t holder; /* SETPKI_TYPE_MER or SETPKI_TYPE_PGWY; 0: absent */
	char bin[7];
	char id[4 * 30 + 1]; /* UTF-8 of up to 30 characters; gateways: up to 32 digits */
};

#ifdef __cplusplus
}
#endif
#endif
