/* Errors of the tools. */
#include "tools/common/fail.h"

#include <setpki/text.h>
#include <stdarg.h>
#include <string.h>

enum setpki_code
tc_error_set(struct setpki_error *err, enum setpki_code code, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL || err->code != SETPKI_E_OK)
		return code;
	memset(err, 0, sizeof(*err));
	err->code = code;
	err->file = file;
	err->line = line;
	va_start(ap, fmt);
	vsnprintf(err->message, sizeof(err->message), fmt, ap);
	va_end(ap);
	return code;
}

enum setpki_code
tc_error_in(struct setpki_error *err, enum setpki_code code, const char *fmt, ...)
{
	char inner[sizeof(err->object)];
	va_list ap;
	size_t n;

	if (err == NULL)
		return code;
	memcpy(inner, err->object, sizeof(inner));
	va_start(ap, fmt);
	vsnprintf(err->object, sizeof(err->object), fmt, ap);
	va_end(ap);
	n = strlen(err->object);
	if (inner[0] != '\0')
		snprintf(err->object + n, sizeof(err->object) - n, ": %s", inner);
	return code;
}

enum setpki_code
tc_error_hint(struct setpki_error *err, enum setpki_code code, const char *fmt, ...)
{
	size_t n = strlen(err->message), cap = sizeof(err->message);
	va_list ap;

	n += (size_t)snprintf(err->message + n, cap - n, "; ");
	va_start(ap, fmt);
	if (n < cap)
		vsnprintf(err->message + n, cap - n, fmt, ap);
	va_end(ap);
	return code;
}

int
tc_error_print(const char *program, const struct setpki_error *err, FILE *to)
{
	char text[sizeof(err->object) + sizeof(err->message) + 4];

	snprintf(text, sizeof(text), "%s%s%s", err->object, err->object[0] != '\0' ? ": " : "",
	    err->message[0] != '\0' ? err->message : setpki_code_text(err->code));
	setpki_mask_pans(text);
	fprintf(to, "%s: %s\n", program, text);
	if (err->spec != NULL)
		fprintf(to, "  rule: %s\n", err->spec);
	return setpki_code_exit(err->code);
}
