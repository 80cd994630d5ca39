/* JSON, as much of it as a deciding program is spoken to in: one object out, one flat object of strings in. */
#ifndef CA_REGISTER_JSON_H
#define CA_REGISTER_JSON_H

#include "lib/base/buf.h"

/* Appends; commas and braces are kept right by `first`, which a new object or list begins with true. */
struct ca_json {
	struct sp_buf *out;
	bool first;
};
void ca_json_open(struct ca_json *j, const char *name, char bracket); /* '{' or '['; name NULL: in a list, or on top */
void ca_json_close(struct ca_json *j, char bracket);		      /* '}' or ']' */
void ca_json_text(struct ca_json *j, const char *name, const char *value); /* UTF-8; NULL: left out */
void ca_json_bool(struct ca_json *j, const char *name, bool value);
void ca_json_number(struct ca_json *j, const char *name, int64_t value);

/* The members of a flat object of strings: RFC 8259, every one of the `names` at most once and no others.  `values[i]`
 * is that of names[i] in OPENSSL_malloc memory, NULL if it is not there.  False, and nothing is handed out, for
 * anything else. */
bool ca_json_read(setpki_bytes in, const char *const *names, char **values, size_t n);
/* Cleanses and frees them: who was told a card number may repeat it. */
void ca_json_free(char **values, size_t n);

#endif
