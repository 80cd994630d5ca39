/* Good certificates of every kind and suite, for tests of lib/x509: a spec that can be built, changed, built again. */
#ifndef TESTS_SUPPORT_CERTS_H
#define TESTS_SUPPORT_CERTS_H

#include "lib/x509/build.h"
#include "lib/x509/name.h"

#define CERTS_NOW INT64_C(1798761600) /* 2027-01-01T00:00:00Z */
#define CERTS_DAY INT64_C(86400)

/* A spec with the memory behind it. */
struct certs_case {
	struct sp_cert_spec spec;
	EVP_PKEY *signer; /* borrowed */
	struct sp_buf subject, spki, next_spki, merchant;
	uint8_t serial[17];
	setpki_bytes oids[2];
};

/* Keys and the CAs of both suites, once for a program; cmocka group setup and teardown. */
int certs_start(void **state);
int certs_stop(void **state);
setpki_ctx *certs_ctx(void);

enum certs_key { CERTS_KEY_CA, CERTS_KEY_SUBJECT, CERTS_KEY_EXCHANGE, CERTS_KEY_NEXT, CERTS_KEYS };
EVP_PKEY *certs_key(enum setpki_suite suite, enum certs_key which);
/* The root, brand CA and combined cca+mca+pca of a suite, parsed. */
const struct sp_cert *certs_root(enum setpki_suite suite);
const struct sp_cert *certs_brand(enum setpki_suite suite);
const struct sp_cert *certs_issuing(enum setpki_suite suite);

/* A spec of this kind with everything required, nothing optional. */
void certs_case(struct certs_case *c, enum setpki_suite suite, enum setpki_kind kind);
void certs_case_free(struct certs_case *c);
/* Another name for the subject. */
void certs_subject(struct certs_case *c, const struct sp_name_parts *parts);
/* Build, sign, check; the test fails if it cannot.  `out` is the whole certificate. */
void certs_make(struct certs_case *c, struct sp_buf *out);
/* A modern merchant's certificate with this serial (17 octets, the first 01), whose signature is that of another
 * serial: for what stores certificates and does not verify them. */
void certs_stored(const uint8_t serial[17], struct sp_buf *out, struct sp_cert *parsed);
/* Sign a TBS with that key in the suite. */
void certs_sign(enum setpki_suite suite, EVP_PKEY *key, setpki_bytes tbs, struct sp_buf *out);

#endif
