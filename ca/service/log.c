#include "ca/service/log.h"

#include <setpki/text.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VALUE_MAX 600u
/* Room that only the end of the line may use: a quotation mark, a brace, a newline. */
#define TAIL 4u

static const char *const levels[] = {"error", "warning", "info"};

/* All or nothing: a value that was cut in the middle of an escape would not be JSON. */
__attribute__((format(printf, 2, 3))) static void
add(struct ca_log_line *l, const char *fmt, ...)
{
	size_t room = sizeof(l->text) - TAIL - l->n;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->text + l->n, room, fmt, ap);
	va_end(ap);
	if (n > 0 && (size_t)n < room)
		l->n += (size_t)n;
}

/* Escapes for a quoted string, the same in logfmt and JSON; what is not UTF-8 or would steer a terminal becomes '?'. */
static void
escape(const char *from, char *out, size_t cap)
{
	bool printable = setpki_utf8_printable((setpki_bytes){(const uint8_t *)from, strlen(from)});
	size_t n = 0;

	for (; *from != '\0' && n + 3 < cap; from++) {
		unsigned char c = (unsigned char)*from;

		if (c == '"' || c == '\\')
			out[n++] = '\\';
		out[n++] = *from;
		if (c < 0x20 || c == 0x7f || (c >= 0x80 && !printable))
			out[n - 1] = '?';
	}
	/* Cut between characters. */
	while (printable && *from != '\0' && n > 0 && ((unsigned char)*from & 0xc0) == 0x80) {
		from--;
		n--;
	}
	out[n] = '\0';
}

/* logfmt needs no quotation marks around plain words. */
static bool
plain(const char *value)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/+*@%";

	return value[0] != '\0' && value[strspn(value, safe)] == '\0';
}

static void
member(struct ca_log_line *l, const char *key, const char *value, bool number)
{
	bool json = l->log->json;
	const char *quote = json ? (number ? "" : "\"") : (plain(value) ? "" : "\"");

	if (json)
		add(l, "%s\"%s\":%s%s%s", l->n > 1 ? "," : "", key, quote, value, quote);
	else
		add(l, "%s%s=%s%s%s", l->n > 0 ? " " : "", key, quote, value, quote);
}

static bool
in_number(char c)
{
	return (c >= '0' && c <= '9') || c == ' ' || c == '-';
}

void
ca_log_text(struct ca_log_line *l, const char *key, const char *value)
{
	char text[VALUE_MAX], masked[VALUE_MAX];
	size_t n;

	if (value == NULL)
		return;
	snprintf(masked, sizeof(masked), "%s", value);
	n = strlen(masked);
	/* Nor is a character cut in two: what is not UTF-8 would not be shown as such. */
	while (n > 0 && ((unsigned char)value[n] & 0xc0) == 0x80)
		masked[--n] = '\0';
	/* What a cut leaves of a long number, or of its groups, might be too short to be masked. */
	while (n > 0 && in_number(value[n]) && in_number(masked[n - 1]))
		masked[--n] = '\0';
	setpki_mask_pans(masked);
	escape(masked, text, sizeof(text));
	member(l, key, text, false);
}

void
ca_log_number(struct ca_log_line *l, const char *key, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	member(l, key, text, true);
}

void
ca_log_hex(struct ca_log_line *l, const char *key, setpki_bytes value)
{
	char text[SETPKI_HEX_TEXT(64)];

	if (value.n == 0)
		return;
	if (value.n > 64)
		value.n = 64;
	member(l, key, setpki_hex_text(value, text), false);
}

void
ca_log_time(struct ca_log_line *l, const char *key, int64_t value)
{
	char text[SETPKI_TIME_TEXT];

	member(l, key, setpki_time_text(value, text), false);
}

void
ca_log_begin(struct ca_log_line *l, const struct ca_log *log, enum ca_log_level level, const char *event)
{
	l->log = log;
	l->n = 0;
	if (log->json)
		l->text[l->n++] = '{';
	ca_log_time(l, "time", log->now(log->arg));
	member(l, "level", levels[level], false);
	member(l, "process", log->process, false);
	member(l, "event", event, false);
}

void
ca_log_end(struct ca_log_line *l)
{
	ssize_t n;

	if (l->log->json)
		l->text[l->n++] = '}';
	l->text[l->n++] = '\n';
	n = write(l->log->fd, l->text, l->n); /* a log that takes nothing is no reason to stop */
	(void)n;
}

void
ca_log_event(const struct ca_log *log, enum ca_log_level level, const char *event)
{
	struct ca_log_line l;

	ca_log_begin(&l, log, level, event);
	ca_log_end(&l);
}

void
ca_log_error(const struct ca_log *log, enum ca_log_level level, const char *event, const struct setpki_error *err)
{
	struct ca_log_line l;

	ca_log_begin(&l, log, level, event);
	ca_log_text(&l, "code", setpki_code_name(err->code));
	if (err->object[0] != '\0')
		ca_log_text(&l, "object", err->object);
	ca_log_text(&l, "error", err->message);
	ca_log_text(&l, "rule", err->spec);
	ca_log_end(&l);
}
