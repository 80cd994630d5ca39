#include "lib/base/error.h"

#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name, *text;
	int status;
} codes[] = {
#define X(name, text, status) {#name, text, status},
    SETPKI_ERRORS(X)
#undef X
};

const char *
setpki_code_text(enum setpki_code code)
{
	return (unsigned)code < SETPKI_E_NCODES ? codes[code].text : "unknown error";
}

const char *
setpki_code_name(enum setpki_code code)
{
	return (unsigned)code < SETPKI_E_NCODES ? codes[code].name : "UNKNOWN";
}

int
setpki_code_exit(enum setpki_code code)
{
	return (unsigned)code < SETPKI_E_NCODES ? codes[code].status : 3;
}

void
setpki_error_clear(struct setpki_error *err)
{
	if (err != NULL)
		memset(err, 0, sizeof(*err));
}

enum setpki_code
sp_error_set(
    struct setpki_error *err, enum setpki_code code, const char *file, int line, const char *spec, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL || err->code != SETPKI_E_OK)
		return code;
	err->code = code;
	err->file = file;
	err->line = line;
	err->spec = spec;
	err->object[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(err->message, sizeof(err->message), fmt, ap);
	va_end(ap);
	return code;
}

enum setpki_code
sp_error_in(struct setpki_error *err, enum setpki_code code, const char *fmt, ...)
{
	char front[sizeof(err->object)], inner[sizeof(err->object)];
	va_list ap;

	if (err == NULL || err->code == SETPKI_E_OK)
		return code;
	va_start(ap, fmt);
	vsnprintf(front, sizeof(front), fmt, ap);
	va_end(ap);
	memcpy(inner, err->object, sizeof(inner));
	/* The outermost name is the one to keep whole when the path gets too long for the field. */
	if (snprintf(err->object, sizeof(err->object), inner[0] != '\0' ? "%s: %s" : "%s%s", front, inner) < 0)
		err->object[0] = '\0';
	return err->code;
}

enum setpki_code
sp_error_crypto(struct setpki_error *err, const char *file, int line, const char *what)
{
	unsigned long e = ERR_peek_last_error();
	const char *reason = e != 0 ? ERR_reason_error_string(e) : NULL;

	ERR_clear_error();
	return sp_error_set(err, SETPKI_E_CRYPTO, file, line, NULL, "%s: %s", what,
	    reason != NULL ? reason : "no reason given by libcrypto");
}
