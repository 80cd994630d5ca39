/* Requests of end entities composed by hand, part by part, so that a test can alter any of them before it is signed and
 * sealed.  The session of lib/message/enroll.h makes the same without being asked how. */
#ifndef TESTS_SUPPORT_ASK_H
#define TESTS_SUPPORT_ASK_H

#include "lib/asn1/certreq.h"
#include "lib/message/wire.h"
#include "tests/support/desk.h"

#define ASK_PAN "4123450000000008"
#define ASK_EXPIRY "203012"

/* One end entity on its way. */
struct ask {
	struct desk *desk;
	enum setpki_request_type type;
	const struct setpki_request_row *row;
	enum reg_slot ca; /* its CA */
	EVP_PKEY *sig_key, *enc_key;
	setpki_bytes sig_spki, enc_spki; /* owned */
	struct sp_cert old, old_enc;	 /* renewals: existing certificates; point into what desk_knows() */
	EVP_PKEY *old_key;
	uint8_t rrpid[20], lid_ee[20], chall[20], back_key[32], card_secret[20];
	uint8_t lid_ca[20], chall_ca[20];
	int64_t now;

	/* what a test may change before the message is made; NULL: as it should be */
	void (*alter)(struct ask *a, void *tbs, void *arg); /* the template of the body */
	void *arg;
	const uint8_t *wrapper_rrpid;	    /* 20 octets */
	bool no_lid, lid_elsewhere;	    /* the wrapper's lid is missing, or in the other field */
	const struct setpki_party *signers; /* instead of the right ones */
	size_t nsigners;
	bool unsigned_;		       /* no SignerInfo at all */
	const struct setpki_party *to; /* another recipient */
	bool enc;		       /* Enc where EncX belongs */
	bool no_account;	       /* a merchant without AcctData: Enc */
};

/* Draws ids and makes the keys that the type calls for; a renewal gets certificates that the desk knows. */
void ask_open(struct ask *a, struct desk *desk, enum setpki_request_type type);
void ask_close(struct ask *a);

/* Each appends the whole wrapper. */
void ask_init(struct ask *a, struct sp_buf *out);    /* CardCInitReq or Me-AqCInitReq */
void ask_form(struct ask *a, struct sp_buf *out);    /* RegFormReq */
void ask_cert(struct ask *a, struct sp_buf *out);    /* CertReq */
void ask_inquiry(struct ask *a, struct sp_buf *out); /* CertInqReq */
/* The same by number. */
enum ask_message { ASK_INIT, ASK_FORM, ASK_CERT, ASK_INQUIRY, ASK_MESSAGES };
void ask_make(struct ask *a, enum ask_message message, struct sp_buf *out);
/* Makes and posts the CertReq that an inquiry asks for, and draws another rrpid. */
void ask_first(struct ask *a);
/* lid-CA and chall-CA as the CA would have given them out at a->now. */
void ask_challenge(struct ask *a);

/* An answer, opened (signatures are verified with the desk's keys).  ask_got_free(). */
struct ask_got {
	struct sp_incoming in;
	enum sp_arm_number arm;
	struct sp_sdata data; /* of signed answers */
	void *tbs, *pdu;      /* templates */
	bool encrypted;
	struct sp_error_got error;
};
void ask_read(struct ask *a, const struct setpki_der *answer, struct ask_got *got);
void ask_got_free(struct ask_got *g);
/* Posts `request` to the desk and reads the answer. */
void ask_post(struct ask *a, const struct sp_buf *request, struct ask_got *got, struct setpki_responder_note *note);

#endif
