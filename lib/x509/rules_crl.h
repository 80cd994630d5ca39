/* Findings of linting CRLs: X(id, severity, what must be, specification, applied to, what to do about it).
 * Sorted by id. */
#ifndef LIB_X509_RULES_CRL_H
#define LIB_X509_RULES_CRL_H

#define SP_RULES_CRL(X)

#endif
