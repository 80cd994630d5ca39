/* Certificates of the store, for the cert, revoke and issue commands. */
#ifndef TOOLS_SETCA_CERT_H
#define TOOLS_SETCA_CERT_H

#include "tools/setca/setca.h"

struct setca_cert_state {
	const char *text; /* "valid", "expired", "revoked" or "not yet valid", as of now */
	int64_t revoked_at;
	int reason; /* -1: none */
};
enum setpki_code
setca_cert_state(struct setca *s, ca_txn *t, const struct ca_cert_record *rec, struct setca_cert_state *out);
/* A record as an object that is open: CA, kind, holder, serial, times, state. */
enum setpki_code setca_cert_fields(struct setca *s, ca_txn *t, const struct ca_cert_record *rec);
/* The record of a certificate by its serial number in hex.  NOTFOUND. */
enum setpki_code setca_cert_by_serial(struct setca *s, ca_txn *t, const char *serial, struct ca_cert_record *out);
/* The record that belongs to what a file holds: a certificate (by serial), a key or request (by its public key). */
enum setpki_code setca_cert_by_file(struct setca *s, ca_txn *t, const char *path, struct ca_cert_record *out);

#endif
