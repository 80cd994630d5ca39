/* What a front that was taken over can make of a message of somebody who registers: CertReq or CertInqReq, taken apart,
 * altered anywhere, signed by whoever's key is at hand, and put together again. */
#ifndef TESTS_SUPPORT_FORGE_H
#define TESTS_SUPPORT_FORGE_H

#include "lib/asn1/certreq.h"
#include "lib/message/wire.h"
#include "tests/support/enrollee.h"

struct t_forgery {
	struct t_registry *r;
	const struct setpki_request_row *row;
	struct sp_incoming in; /* the message as it was */
	/* the header of what is made */
	enum sp_arm_number arm;
	int64_t date;
	uint8_t rrpid[SETPKI_NONCE_LEN];
	setpki_bytes lid_c, lid_m;
	/* CertReq: what is in it, whom it is for, its account in DER (empty: Enc) and its signatures (EncX) */
	SP_CERT_REQ_DATA *data;
	struct setpki_party to;
	struct sp_buf account;
	SP_SIGNED_DATA *so;
	/* CertInqReq */
	SP_CERT_INQ_REQ_TBS *inquiry;
	/* Who signs; nobody: an EncX keeps the signatures that it had, any other is not signed. */
	struct setpki_party signers[SP_SIGNERS_MAX];
	size_t nsigners;
};

/* Takes the message apart that the session has ready; with the register's own keys, for somebody who was told what is
 * in it.  Everything stays as it was until it is altered.  The session has to outlive it. */
void t_forge_open(struct t_forgery *f, struct t_enrollee *p);
void t_forge_close(struct t_forgery *f);
/* The message, made anew; appended. */
void t_forge_put(struct t_forgery *f, struct sp_buf *out);
/* A wrapper with this header around any PDU; appended. */
void t_forge_wrap(const struct t_forgery *f, setpki_bytes pdu, struct sp_buf *out);
/* The EnvelopedData of a CertReq or RegFormReq that was recorded; sp_type_free(). */
SP_ENVELOPED_DATA *t_forge_envelope(setpki_bytes wrapper, int64_t now);
/* A CertReq around an envelope: the arm EncX (`encx`) or Enc; appended. */
void t_forge_cert_req(const struct t_forgery *f, const SP_ENVELOPED_DATA *e, bool encx, struct sp_buf *out);

#endif
