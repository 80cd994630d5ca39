/* What the files of the registry share among themselves. */
#ifndef TESTS_SUPPORT_REGISTRY_INNER_H
#define TESTS_SUPPORT_REGISTRY_INNER_H

#include "tests/support/registry.h"

/* Takes the contents of a buffer; reg_bytes_free(). */
setpki_bytes reg_finish(struct sp_buf *b);
/* SIGNED{} with this key. */
setpki_bytes reg_seal(const struct registry *r, EVP_PKEY *key, setpki_bytes tbs);
/* All CRLs and the BCI, anew. */
void reg_make_lists(struct registry *r);

#endif
