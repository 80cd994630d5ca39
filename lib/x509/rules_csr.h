/* Findings of linting PKCS#10 requests: X(id, severity, what must be, specification, applied to, what to do about it).
 * Sorted by id. */
#ifndef LIB_X509_RULES_CSR_H
#define LIB_X509_RULES_CSR_H

#define SP_RULES_CSR(X)

#endif
