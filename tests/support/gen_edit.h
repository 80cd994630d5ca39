/* Editing of built objects: the part of tests/support/gen.h that knows their encoding. */
#ifndef TESTS_SUPPORT_GEN_EDIT_H
#define TESTS_SUPPORT_GEN_EDIT_H

#include "tests/support/gen.h"

/* Rewrites the Extensions (contents of the SEQUENCE) as one edit says. */
void gen_edit_extensions(setpki_bytes extensions, const struct gen_edit *e, struct sp_buf *out);
/* Rewrites a TBSCertificate as one edit says; edits of other things copy it. */
void gen_edit_tbs(const struct gen_world *w, setpki_bytes tbs, const struct gen_edit *e, struct sp_buf *out);
/* A TBSCertList and an UnsignedBrandCRLIdentifier: extensions only. */
void gen_edit_crl(setpki_bytes tbs, const struct gen_edit *e, struct sp_buf *out);
void gen_edit_bci(setpki_bytes tbs, const struct gen_edit *e, struct sp_buf *out);

#endif
