/* Fills any type of lib/asn1 from its own rows, so that one test reaches every field of every type. */
#ifndef TESTS_SUPPORT_FILL_H
#define TESTS_SUPPORT_FILL_H

#include "lib/asn1/type.h"

enum t_fill_size { T_FILL_LEAST, T_FILL_MOST };

struct t_fill {
	enum t_fill_size size;
	bool optional; /* the OPTIONAL parts too */
	bool bmp;      /* SETStrings as BMPString */
	int arm;       /* of each CHOICE, as far as it has so many */
	/* One row made wrong: `wrong_row` of the type `wrong_type` gets this many octets, this number, this many
	 * members. */
	const struct sp_type *wrong_type;
	size_t wrong_row;
	int64_t wrong;
	bool wrong_members;
	bool hit; /* the wrong row was reached */
};

/* A new object (sp_type_free()); NULL when out of memory. */
void *t_fill(const struct sp_type *type, struct t_fill *how);

#endif
