#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>

static void *kept[4096];
static size_t nkept;

setpki_bytes
t_hex(const char *text)
{
	size_t n = 0, digits = 0;
	char *plain = malloc(strlen(text) + 1);
	uint8_t *out = malloc(strlen(text) / 2 + 1);
	struct setpki_error err = {0};

	if (plain == NULL || out == NULL || nkept == NELEMS(kept))
		fail_msg("no memory for the bytes of a test");
	for (const char *p = text; *p != '\0'; p++)
		if (*p != ' ')
			plain[digits++] = *p;
	plain[digits] = '\0';
	if (setpki_hex_parse(plain, out, digits / 2, &n, &err) != SETPKI_E_OK)
		fail_msg("hex of a test: %s", err.message);
	free(plain);
	kept[nkept++] = out;
	return sp_bytes(out, n);
}

void
t_hex_free(void)
{
	while (nkept > 0)
		free(kept[--nkept]);
}

void
t_code_at(enum setpki_code rc, enum setpki_code want, const struct setpki_error *err, const char *file, int line)
{
	if (rc == want)
		return;
	print_error("%s:%d: %s, expected %s", file, line, setpki_code_name(rc), setpki_code_name(want));
	if (err != NULL && err->code != SETPKI_E_OK)
		print_error(": %s: %s (%s:%d)", err->object, err->message, err->file, err->line);
	print_error("\n");
	_fail(file, line);
}

static void
print_bytes(const char *label, setpki_bytes s)
{
	print_error("  %s ", label);
	for (size_t i = 0; i < s.n; i++)
		print_error("%02x", s.p[i]);
	print_error(" (%zu)\n", s.n);
}

void
t_refused_at(
    enum setpki_code rc, enum setpki_code want, const char *text, struct setpki_error *err, const char *file, int line)
{
	t_code_at(rc, want, err, file, line);
	if (strstr(err->message, text) == NULL) {
		print_error("%s:%d: \"%s\" does not say \"%s\"\n", file, line, err->message, text);
		_fail(file, line);
	}
	setpki_error_clear(err);
}

void
t_bytes_at(setpki_bytes got, setpki_bytes want, const char *file, int line)
{
	if (sp_bytes_eq(got, want))
		return;
	print_error("%s:%d: bytes differ\n", file, line);
	print_bytes("got", got);
	print_bytes("want", want);
	_fail(file, line);
}
