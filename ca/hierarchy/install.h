/* What the halves of ca install share: the checks (install.c), and taking what passed them (take.c). */
#ifndef CA_HIERARCHY_INSTALL_H
#define CA_HIERARCHY_INSTALL_H

#include "ca/hierarchy/certify.h"
#include "ca/hierarchy/request.h"
#include "lib/base/time.h"

#include <setpki/object.h>

/* One certificate of an answer. */
struct ca_incoming {
	struct sp_cert cert;
	int ca; /* index into the policy of the CA it is for */
	uint16_t generation, issuer_generation;
	enum ca_purpose purpose;
	uint8_t identity[32]; /* of its key */
	uint64_t replaces;    /* a renewal: the certificate before */
	bool known;	      /* this very certificate is here already */
	bool accepted;
};

struct ca_installing {
	struct ca_home *h;
	const struct ca_confirm_root *confirm;
	struct ca_state s;
	struct setpki_objects objects;
	struct ca_incoming *v; /* the certificates */
	size_t n;
};

/* Stores the accepted certificates in one audited transaction, superiors first. */
SP_MUST_CHECK enum setpki_code
ca_installing_take(struct ca_installing *in, struct ca_install_result *out, struct setpki_error *err);

#endif
