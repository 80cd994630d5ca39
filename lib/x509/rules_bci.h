/* Findings of linting BrandCRLIdentifiers: X(id, severity, what must be, specification, applied to, what to do about
 * it). Sorted by id. */
#ifndef LIB_X509_RULES_BCI_H
#define LIB_X509_RULES_BCI_H

#define SP_RULES_BCI(X)

#endif
