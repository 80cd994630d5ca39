#include "ca/register/json.h"

#include <openssl/crypto.h>
#include <setpki/text.h>
#include <string.h>

/* --- writing ----------------------------------------------------------------------------------- */

static void
put_string(struct sp_buf *out, const char *s)
{
	sp_buf_add_byte(out, '"');
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < 0x20 || c == 0x7f)
			sp_buf_printf(out, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			sp_buf_printf(out, "\\%c", c);
		else
			sp_buf_add_byte(out, c);
	}
	sp_buf_add_byte(out, '"');
}

static void
put_name(struct ca_json *j, const char *name)
{
	if (!j->first)
		sp_buf_add_byte(j->out, ',');
	j->first = false;
	if (name == NULL)
		return;
	put_string(j->out, name);
	sp_buf_add_byte(j->out, ':');
}

void
ca_json_open(struct ca_json *j, const char *name, char bracket)
{
	put_name(j, name);
	sp_buf_add_byte(j->out, (uint8_t)bracket);
	j->first = true;
}

void
ca_json_close(struct ca_json *j, char bracket)
{
	sp_buf_add_byte(j->out, (uint8_t)bracket);
	j->first = false;
}

void
ca_json_text(struct ca_json *j, const char *name, const char *value)
{
	if (value == NULL)
		return;
	put_name(j, name);
	put_string(j->out, value);
}

void
ca_json_bool(struct ca_json *j, const char *name, bool value)
{
	put_name(j, name);
	sp_buf_add_str(j->out, value ? "true" : "false");
}

void
ca_json_number(struct ca_json *j, const char *name, int64_t value)
{
	put_name(j, name);
	sp_buf_printf(j->out, "%lld", (long long)value);
}

/* --- reading ----------------------------------------------------------------------------------- */

struct text {
	const char *p, *end;
	bool bad;
};

static void
skip_blanks(struct text *t)
{
	while (t->p < t->end && (*t->p == ' ' || *t->p == '\t' || *t->p == '\n' || *t->p == '\r'))
		t->p++;
}

/* The next character, blanks skipped, if it is this one. */
static bool
take(struct text *t, char c)
{
	skip_blanks(t);
	if (t->p == t->end || *t->p != c)
		return false;
	t->p++;
	return true;
}

static unsigned
take_hex(struct text *t)
{
	unsigned v = 0;

	for (int i = 0; i < 4; i++, t->p++) {
		const char *digits = "0123456789abcdef0123456789ABCDEF", *at;

		if (t->p == t->end || *t->p == '\0' || (at = strchr(digits, *t->p)) == NULL) {
			t->bad = true;
			return 0;
		}
		v = v << 4 | ((unsigned)(at - digits) & 15);
	}
	return v;
}

static void
put_utf8(struct sp_buf *out, unsigned c)
{
	if (c < 0x80) {
		sp_buf_add_byte(out, (uint8_t)c);
		return;
	}
	if (c < 0x800) {
		sp_buf_add_byte(out, (uint8_t)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			sp_buf_add_byte(out, (uint8_t)(0xe0 | c >> 12));
		} else {
			sp_buf_add_byte(out, (uint8_t)(0xf0 | c >> 18));
			sp_buf_add_byte(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
		}
		sp_buf_add_byte(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
	}
	sp_buf_add_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
}

/* After \u: one unit, or two that make a pair. */
static void
take_unicode(struct text *t, struct sp_buf *out)
{
	unsigned c = take_hex(t), low;

	if (c >= 0xd800 && c < 0xdc00 && t->end - t->p >= 6 && t->p[0] == '\\' && t->p[1] == 'u') {
		t->p += 2;
		low = take_hex(t);
		if (low < 0xdc00 || low > 0xdfff)
			t->bad = true;
		c = 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff));
	} else if (c >= 0xd800 && c < 0xe000) {
		t->bad = true;
	}
	put_utf8(out, c);
}

static void
take_escape(struct text *t, struct sp_buf *out)
{
	static const char escapes[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *at;

	if (t->p < t->end && *t->p == 'u') {
		t->p++;
		take_unicode(t, out);
	} else if (t->p < t->end && *t->p != '\0' && (at = strchr(escapes, *t->p)) != NULL) {
		t->p++;
		sp_buf_add_byte(out, (uint8_t)meant[at - escapes]);
	} else {
		t->bad = true;
	}
}

/* A string without NUL, appended with one at its end. */
static bool
take_string(struct text *t, struct sp_buf *out)
{
	if (!take(t, '"'))
		return false;
	while (!t->bad && t->p < t->end && *t->p != '"') {
		unsigned char c = (unsigned char)*t->p++;

		if (c == '\\')
			take_escape(t, out);
		else if (c < 0x20)
			t->bad = true;
		else
			sp_buf_add_byte(out, c);
	}
	if (t->bad || t->p == t->end || out->failed || (out->n != 0 && memchr(out->p, 0, out->n) != NULL))
		return false;
	t->p++;
	sp_buf_add_byte(out, '\0');
	return !out->failed;
}

static bool
take_member(struct text *t, const char *const *names, char **values, size_t n)
{
	struct sp_buf name = {.secret = true}, value = {.secret = true};
	bool ok = take_string(t, &name) && take(t, ':') && take_string(t, &value);
	size_t i = 0, len;

	while (ok && i < n && strcmp(names[i], (const char *)name.p) != 0)
		i++;
	ok = ok && i < n && values[i] == NULL && setpki_utf8_printable(sp_bytes(value.p, value.n - 1));
	if (ok) {
		values[i] = (char *)sp_buf_take(&value, &len);
		ok = values[i] != NULL;
	}
	sp_buf_free(&name);
	sp_buf_free(&value);
	return ok;
}

void
ca_json_free(char **values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (values[i] != NULL)
			OPENSSL_clear_free(values[i], strlen(values[i]) + 1);
		values[i] = NULL;
	}
}

bool
ca_json_read(setpki_bytes in, const char *const *names, char **values, size_t n)
{
	struct text t = {(const char *)in.p, (const char *)in.p + in.n, false};
	bool ok;

	memset(values, 0, n * sizeof(*values));
	ok = in.n != 0 && take(&t, '{');
	if (ok && !take(&t, '}')) {
		do
			ok = take_member(&t, names, values, n);
		while (ok && take(&t, ','));
		ok = ok && take(&t, '}');
	}
	skip_blanks(&t);
	if (ok && t.p == t.end)
		return true;
	ca_json_free(values, n);
	return false;
}
