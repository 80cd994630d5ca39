#include "tests/support/lines.h"

#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>

static void
indent(struct lines *l)
{
	sp_buf_printf(&l->text, "%*s", (int)(2 * l->depth), "");
}

static void
enter(void *arg, const char *name, const char *type, bool list)
{
	struct lines *l = arg;

	indent(l);
	sp_buf_printf(
	    &l->text, "%s%s%s%s\n", name, list ? "[]" : "", type != NULL ? " : " : "", type != NULL ? type : "");
	if (++l->depth > l->most)
		l->most = l->depth;
}

/* Serials, OIDs and small values as they are; what is random by its length. */
static bool
steady(const char *name, size_t digits)
{
	return strstr(name, "erial") != NULL || strcmp(name, "userCertificate") == 0 || digits < 20;
}

/* A cardholder's common name is another one each time: base64, which ends with '='. */
static void
add_text(struct lines *l, const char *text)
{
	const char *cn = l->loose ? strstr(text, "CN=") : NULL, *end = cn != NULL ? strchr(cn, ',') : NULL;

	if (end == NULL || end[-1] != '=') {
		sp_buf_add_str(&l->text, text);
		return;
	}
	sp_buf_add(&l->text, text, (size_t)(cn - text));
	sp_buf_printf(&l->text, "CN=<account>%s", end);
}

static void
field(void *arg, const char *name, enum setpki_value value, const char *text, const char *note)
{
	static const char marks[] = "tnb@x";
	struct lines *l = arg;

	indent(l);
	sp_buf_printf(&l->text, "%s %c ", name, marks[value]);
	if (value == SETPKI_VALUE_HEX && strcmp(name, "signature") == 0)
		sp_buf_printf(&l->text, "<signature>");
	else if (value == SETPKI_VALUE_HEX && !steady(name, strlen(text)) && l->loose)
		sp_buf_printf(&l->text, "<octets>");
	else if (value == SETPKI_VALUE_HEX && !steady(name, strlen(text)))
		sp_buf_printf(&l->text, "<%zu octets>", strlen(text) / 2);
	else if (l->loose && text[0] == '(' && strstr(text, "secret") == NULL)
		sp_buf_printf(&l->text, "(octets)");
	else
		add_text(l, text);
	sp_buf_printf(
	    &l->text, "%s%s%s\n", note != NULL ? " (" : "", note != NULL ? note : "", note != NULL ? ")" : "");
}

static void
leave(void *arg)
{
	struct lines *l = arg;

	assert_true(l->depth > 0);
	l->depth--;
}

struct setpki_visitor
lines_visitor(struct lines *l)
{
	return (struct setpki_visitor){enter, field, leave, l};
}

/* --- golden files -------------------------------------------------------------------------------- */

static void
path_of(const char *name, char *path, size_t cap)
{
	const char *top = getenv("TEST_TOP");

	snprintf(path, cap, "%s/tests/lib/walk/golden/%s.txt", top != NULL ? top : ".", name);
}

static void
read_golden(const char *name, struct sp_buf *out)
{
	char path[512];
	FILE *f;
	int c;

	path_of(name, path, sizeof(path));
	if ((f = fopen(path, "r")) == NULL)
		return;
	while ((c = fgetc(f)) != EOF)
		sp_buf_add_byte(out, (uint8_t)c);
	fclose(f);
}

static void
keep(const char *name, setpki_bytes text)
{
	const char *scratch = getenv("TEST_SCRATCH");
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.txt", scratch != NULL ? scratch : "/tmp", name);
	if (getenv("UPDATE_GOLDEN") != NULL)
		path_of(name, path, sizeof(path));
	if ((f = fopen(path, "w")) == NULL)
		return;
	fwrite(text.p, 1, text.n, f);
	fclose(f);
	print_error("%s: what was told now stands in %s\n", name, path);
}

void
lines_golden(const char *name, const struct lines *l)
{
	struct sp_buf golden = {0};

	read_golden(name, &golden);
	if (!sp_bytes_eq(sp_buf_bytes(&l->text), sp_buf_bytes(&golden))) {
		keep(name, sp_buf_bytes(&l->text));
		fail_msg("tests/lib/walk/golden/%s.txt differs", name);
	}
	sp_buf_free(&golden);
}
