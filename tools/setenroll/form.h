/* What the CA's form is answered with. */
#ifndef TOOLS_SETENROLL_FORM_H
#define TOOLS_SETENROLL_FORM_H

#include "tools/setenroll/setenroll.h"

/* Octets of the longest answer, and of the longest account. */
#define EN_TEXT_MAX 4096

/* Answers in the order of the form's fields, NULL where one stays empty.  en_filled_free() cleanses. */
struct en_filled {
	const struct setpki_form *form;
	const struct setpki_field *account_field; /* NULL: none is asked for */
	char **texts;
	size_t n; /* of them: the form goes when it is answered */
	char *account;
};
enum setpki_code en_filled_make(struct en *en, struct en_filled *f);
void en_filled_free(struct en_filled *f);
/* A copy, for OPENSSL_clear_free(EN_TEXT_MAX).  LIMIT; MEMORY. */
enum setpki_code en_filled_set(char **to, const char *text, struct setpki_error *err);

/* The field's first label. */
const char *en_field_label(const struct setpki_field *field);

/* From the file of --answers: {"agree": true, "account": TEXT, "fields": {LABEL or name: TEXT}}.  ARGUMENT, with the
 * path of the member that is missing, unknown or wrong; PARSE. */
enum setpki_code en_answers_read(struct en *en, struct en_filled *f);
#endif
