/* Rows of what CAs send each other (lib/setpki/interca.h). */
#ifndef LIB_MESSAGE_INTERCA_H
#define LIB_MESSAGE_INTERCA_H

#include "lib/asn1/message.h"
#include "lib/crypto/content.h"

#include <setpki/interca.h>

struct sp_notice_row {
	const char *name;
	enum sp_content content;
	const struct sp_type *type;
	enum setpki_object_type about;
	bool along; /* the CRL travels beside */
};
/* NULL for a number that is no type. */
const struct sp_notice_row *sp_notice_row(enum setpki_notice_type type);

#endif
