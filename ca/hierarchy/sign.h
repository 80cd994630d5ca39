/* What the two halves of ca sign share: the judgement of a bundle (sign.c), and the answer to it (answer.c). */
#ifndef CA_HIERARCHY_SIGN_H
#define CA_HIERARCHY_SIGN_H

#include "ca/hierarchy/certify.h"
#include "ca/hierarchy/request.h"
#include "lib/x509/csr.h"

#include <setpki/object.h>

#define CA_SIGN_REQUESTS_MAX 256 /* of one bundle */

/* One request under judgement. */
struct ca_judged {
	struct ca_sign_item item;
	struct sp_csr csr;
	struct ca_certify c;
};

struct ca_signing {
	struct ca_home *h;
	struct ca_state s;
	struct setpki_objects objects;
	struct ca_judged *v;
	size_t n;
	bool have_signer;
	struct ca_signer signer; /* loaded with the first request that names its superior */
};

/* Reads a bundle.  On failure, too, ca_signing_close(). */
SP_MUST_CHECK enum setpki_code
ca_signing_open(struct ca_home *h, setpki_bytes bundle, struct ca_signing *sg, struct setpki_error *err);
void ca_signing_close(struct ca_signing *sg);
/* Fills the item of each request and the certificate it would get.  Refusing one does not end the judgement of the
 * others; a failing store does. */
SP_MUST_CHECK enum setpki_code ca_signing_judge(struct ca_signing *sg, size_t *refused, struct setpki_error *err);

#endif
