/* Messages: any template of lib/asn1 is told from its own rows, what stands closed in them is opened. */
#ifndef LIB_WALK_TYPE_H
#define LIB_WALK_TYPE_H

#include "lib/asn1/certreq.h"
#include "lib/crypto/signed.h"
#include "lib/walk/inner.h"

/* An object of any type: a structure under `name` with a field for each row. */
void sp_walk_type(struct sp_walk *w, const char *name, const struct sp_type *type, void *object);
/* Its rows alone; `i` is one of them. */
void sp_walk_rows(struct sp_walk *w, const struct sp_type *type, void *object);
void sp_walk_row(struct sp_walk *w, const struct sp_type *type, size_t i, void *object);
/* The same from DER; a fault if it cannot be decoded.  `fresh` (may be NULL) gets publicKeyS of a CertReqData. */
void
sp_walk_der(struct sp_walk *w, const char *name, const struct sp_type *type, setpki_bytes der, struct sp_buf *fresh);

/* What a SP_ROW_DER row of that name holds (closed.c).  `name`: what it is told under. */
void sp_walk_closed(struct sp_walk *w, const char *row, const char *name, setpki_bytes der);
/* Whether there is a way to open such a row. */
bool sp_walk_opens(const char *row);
/* A certificate, CRL or BCI that travels in a message: one line, SHA-256 and thumb. */
void sp_walk_carried(struct sp_walk *w, const char *name, enum setpki_object_type type, setpki_bytes der);

/* S or SO (signed.c).  `covered`: what SO was made over; empty: the content, or not known.  `fresh`:
 * SubjectPublicKeyInfo with which a key that is not certified yet signed; empty: as the content says. */
void
sp_walk_signed(struct sp_walk *w, const char *name, SP_SIGNED_DATA *data, setpki_bytes covered, setpki_bytes fresh);

/* Types that need more than their rows; each is a function for the table in type.c. */
void sp_walk_signed_data(struct sp_walk *w, const char *name, void *object);
void sp_walk_content_info(struct sp_walk *w, const char *name, void *object);
void sp_walk_signer_info(struct sp_walk *w, const char *name, void *object);
void sp_walk_issuer_serial(struct sp_walk *w, const char *name, void *object);
void sp_walk_enveloped(struct sp_walk *w, const char *name, void *object);
void sp_walk_encrypted(struct sp_walk *w, const char *name, void *object);
void sp_walk_linkage(struct sp_walk *w, const char *name, void *object);

#endif
