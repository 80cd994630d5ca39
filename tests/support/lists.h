/* CRLs, BCIs and requests over the CAs of tests/support/certs.h. */
#ifndef TESTS_SUPPORT_LISTS_H
#define TESTS_SUPPORT_LISTS_H

#include "lib/x509/bci.h"
#include "lib/x509/crl.h"
#include "lib/x509/csr.h"
#include "tests/support/certs.h"

/* Serial number `n`: 17 octets, 01 and then the number. */
void lists_serial(uint64_t n, uint8_t out[17]);
/* A CRL of the brand CA: number 7, from CERTS_NOW for 30 days; entries have serials 1 .. n, dates a second apart,
 * reasons 1, 2, 3, 4, none and so on.  The test fails if it cannot be built. */
void lists_crl(enum setpki_suite suite, size_t n, struct sp_buf *out);
/* Its TBS altered by the caller and signed again by the brand CA. */
void lists_resign(enum setpki_suite suite, setpki_bytes tbs, struct sp_buf *out);
/* A BCI of the brand CA: sequence 3, from CERTS_NOW for a day, naming the CRLs 5 of the root and 7 of the brand CA. */
void lists_bci(enum setpki_suite suite, struct sp_buf *out);
/* A request for a brand CA. */
void lists_csr(enum setpki_suite suite, struct sp_buf *out);
/* Appends what is written to it: for sp_crl_build(). */
enum setpki_code lists_write(void *buf, setpki_bytes piece, struct setpki_error *err);
/* Signs with the EVP_PKEY of a suite's CA: the argument points to the suite. */
enum setpki_code lists_sign(void *suite, const uint8_t *digest, struct sp_buf *sig, struct setpki_error *err);
/* Replaces the only occurrence of `from` in `in`, which must be as long as `to`; the test fails if there is not exactly
 * one. */
void lists_patch(struct sp_buf *in, setpki_bytes from, setpki_bytes to);

#endif
