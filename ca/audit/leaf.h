/* The encoding of a leaf. */
#ifndef CA_AUDIT_LEAF_H
#define CA_AUDIT_LEAF_H

#include "ca/audit/audit.h"
#include "lib/crypto/merkle.h"

/* Appends the DER of a leaf. */
void ca_leaf_put(const struct ca_audit_leaf *leaf, struct sp_buf *out);
/* Reads it back; `serial` borrows from `der`, `detail` is copied into `text` (CA_LEAF_DETAIL octets).  STORE. */
#define CA_LEAF_DETAIL 512
SP_MUST_CHECK enum setpki_code
ca_leaf_get(setpki_bytes der, struct ca_audit_leaf *out, char text[CA_LEAF_DETAIL], struct setpki_error *err);

/* The right edge of the tree as the store has it; the empty tree when there is none yet. */
SP_MUST_CHECK enum setpki_code ca_audit_edge(ca_txn *t, struct sp_merkle *m, struct setpki_error *err);

#endif
