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
	bool agreed; /* at the terminal */
};
enum setpki_code en_filled_make(struct en *en, struct en_filled *f);
void en_filled_free(struct en_filled *f);
/* Another time in step FORM: the same form, borrowed anew. */
void en_filled_bind(struct en *en, struct en_filled *f);
/* A copy, for OPENSSL_clear_free(EN_TEXT_MAX), in place of what is there; "" is no answer: NULL.  LIMIT; MEMORY. */
enum setpki_code en_filled_set(char **to, const char *text, struct setpki_error *err);

/* The account of --account-fd, if the CA asks for one. */
enum setpki_code en_account_from_fd(struct en *en, struct en_filled *f);
/* Answers the form; ARGUMENT: what is missing or will not do. */
enum setpki_code en_hand_over(struct en *en, struct en_filled *f);
/* Asks for everything at the terminal, or for what the CA found wrong, and answers the form. */
enum setpki_code en_form_ask(struct en *en);

/* The field's first label. */
const char *en_field_label(const struct setpki_field *field);

/* From the file of --answers: {"agree": true, "account": TEXT, "fields": {LABEL or name: TEXT}}.  ARGUMENT, with the
 * path of the member that is missing, unknown or wrong; PARSE. */
enum setpki_code en_answers_read(struct en *en, struct en_filled *f);
#endif
