/* What both ends do with every message: general receive (set-protocol 8), the wrapper around an answer, and Error
 * (set-protocol 2, 12.18). */
#ifndef LIB_MESSAGE_WIRE_H
#define LIB_MESSAGE_WIRE_H

#include "lib/asn1/arm.h"
#include "lib/crypto/signed.h"

#include <setpki/message.h>

/* Why a message is not processed: the Error that SET has for it, and the cause in words, which never travel. */
struct sp_fault {
	enum setpki_error_code code;
	uint8_t oid[64]; /* contents octets of the critical extension that is not known */
	size_t noid;
	uint8_t thumb[SP_DIGEST_MAX]; /* of the certificate at fault */
	size_t nthumb;
	struct setpki_error why;
};

/* Fills a fault with its first cause, and returns RULE, so that `return sp_fault(f, SETPKI_ERR_..., "why")` reads well.
 */
__attribute__((format(printf, 3, 4))) enum setpki_code
sp_fault(struct sp_fault *f, enum setpki_error_code code, const char *fmt, ...);

/* A message that was received. */
struct sp_incoming {
	struct sp_message m; /* form checked; the PDU is not read further */
	setpki_bytes wrapper;
	int64_t date;
	setpki_bytes rrpid;	   /* 20 octets; empty in an Error that has none */
	setpki_bytes lid_c, lid_m; /* empty: absent */
	bool has_header;	   /* even of a message that is refused: `m.wrapper->header` can be told of */
};

/*
 * General receive: size, form, version, extensions, date window, arm, header.  All the same for both ends.
 * RULE: refused, and `fault` says how; `out` still holds what could be read.  Other codes: MEMORY.
 * messageTooBig, decodingFailure, versionTooOld, versionTooNew, unrecognizedExtension, messageTooOld, messageTooNew,
 * messageNotSupported (an arm that is not of certificate management), badMessageHeader (no rrpid).
 */
SP_MUST_CHECK enum setpki_code
sp_wire_read(setpki_bytes wrapper, int64_t now, struct sp_incoming *out, struct sp_fault *fault);
void sp_incoming_free(struct sp_incoming *in);

/* The header of what is sent. */
struct sp_outgoing {
	int64_t now;
	setpki_bytes rrpid;	   /* empty: none */
	setpki_bytes lid_c, lid_m; /* empty: absent */
	const char *software;
	enum sp_arm_number arm;
};
/* Appends the MessageWrapper. */
SP_MUST_CHECK enum setpki_code
sp_wire_put(const struct sp_outgoing *o, setpki_bytes pdu, struct sp_buf *out, struct setpki_error *err);

/* Appends the MessageWrapper of an Error about `in`: signed by `signer` with these certificates beside, or unsigned
 * (NULL). errorMsg is the header where there is one, else the first 1 kB of the wrapper. */
struct sp_error_ask {
	enum setpki_suite suite; /* of the signature and of errorThumb */
	const struct setpki_party *signer;
	const setpki_bytes *certs;
	size_t ncerts;
	int64_t now;
	const char *software;
};
SP_MUST_CHECK enum setpki_code sp_error_put(setpki_ctx *ctx, const struct sp_error_ask *ask,
    const struct sp_incoming *in, const struct sp_fault *fault, struct sp_buf *out, struct setpki_error *err);

/* An Error that was received.  Zero-initialised; sp_error_got_free(). */
struct sp_error_got {
	SP_ERROR_TBS *tbs;
	bool is_signed;
	struct sp_sdata data; /* signed: to be verified by the caller */
	void *pdu, *owned;
	enum setpki_error_code code;
};
SP_MUST_CHECK enum setpki_code
sp_error_read(const struct sp_incoming *in, struct sp_error_got *out, struct setpki_error *err);
/* Whether it is about the request `sent` (12.18): its RRPID in the header that it repeats, or a prefix of its bytes
 * that has the RRPID in it. */
bool sp_error_about(const struct sp_error_got *e, setpki_bytes sent, setpki_bytes rrpid);
void sp_error_got_free(struct sp_error_got *e);

#endif
