/* One entry of revokedCertificates: shared by the index, the cursor and the lookup. */
#ifndef LIB_X509_CRL_ENTRY_H
#define LIB_X509_CRL_ENTRY_H

#include "lib/x509/crl.h"

/* What an entry carries beside serial, time and reason. */
struct sp_crl_entry_more {
	unsigned unknown;	       /* extensions other than reasonCode */
	setpki_bytes unknown_critical; /* OID contents of the first critical one */
};

/* Reads the next entry strictly; false when malformed (`d` is bad) or at the end. */
bool sp_crl_entry_read(struct sp_der *d, struct sp_crl_entry *e, struct sp_crl_entry_more *more);

#endif
