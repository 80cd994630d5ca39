/* Making the list of CAs that answer. */
#ifndef CA_REGISTER_CAS_H
#define CA_REGISTER_CAS_H

#include "ca/register/private.h"

/* A list in the making. */
struct ca_reading {
	struct ca_register *r;
	ca_txn *t;
	struct ca_reg_generation *v;
	size_t n;
	bool *here; /* of the register, in the making */
};

/* Every generation that may answer by what the store has now; their keys are closed yet. */
SP_MUST_CHECK enum setpki_code ca_reading_store(struct ca_reading *w, struct setpki_error *err);
/* Opens their keys, or takes those over that are open in the register; who cannot be opened leaves the list, with a
 * warning. */
SP_MUST_CHECK enum setpki_code ca_reading_open(struct ca_reading *w, struct setpki_error *err);
/* Frees what one holds. */
void ca_reading_drop(struct ca_reg_generation *g);

#endif
