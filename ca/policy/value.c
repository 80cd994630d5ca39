/* Values: is it one, and into the struct with it. */
#include "ca/policy/schema.h"
#include "lib/base/limits.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <setpki/text.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

#define refuse(err, ...) sp_fail((err), SETPKI_E_POLICY, NULL, __VA_ARGS__)

struct value {
	const struct ca_row *row;
	const char *text;
	bool quoted;
};

bool
ca_word_ok(const char *text)
{
	size_t n = strlen(text);

	return n > 0 && n < 64 && strspn(text, LOWER UPPER DIGITS "-") == n;
}

int
ca_word_index(const char *const *words, const char *text)
{
	for (int i = 0; words[i] != NULL; i++)
		if (words[i][0] != '\0' && strcmp(words[i], text) == 0)
			return i;
	return -1;
}

/* --- one check a type ------------------------------------------------------------------------- */

/* Names become parts of file names and URLs. */
static enum setpki_code
check_name(const struct value *v, struct setpki_error *err)
{
	size_t n = strlen(v->text);

	if (n == 0 || n > SP_POLICY_NAME_MAX || strspn(v->text, LOWER DIGITS "-") != n)
		return refuse(
		    err, "'%.60s' is not a name: write 1 to %u of a-z, 0-9 and '-'", v->text, SP_POLICY_NAME_MAX);
	if (!islower((unsigned char)v->text[0]) || v->text[n - 1] == '-')
		return refuse(err, "'%s' is not a name: begin with a letter, and end with a letter or digit", v->text);
	return SETPKI_E_OK;
}

static size_t
characters(const char *utf8)
{
	size_t n = 0;

	for (; *utf8 != '\0'; utf8++)
		n += (*utf8 & 0xc0) != 0x80;
	return n;
}

static enum setpki_code
check_text(const struct value *v, struct setpki_error *err)
{
	size_t n = characters(v->text);

	if (n == 0)
		return refuse(err, "empty: write 1 to %lld characters", (long long)v->row->max);
	if (n > (size_t)v->row->max)
		return refuse(err, "%zu characters: at most %lld fit here", n, (long long)v->row->max);
	if (!setpki_utf8_printable(sp_bytes_str(v->text)))
		return refuse(err, "a line break or another control character: write the text on one line");
	if (v->text[0] == ' ' || v->text[strlen(v->text) - 1] == ' ')
		return refuse(err, "a blank at the beginning or end: it would be part of what is certified");
	return SETPKI_E_OK;
}

static enum setpki_code
check_country(const struct value *v, struct setpki_error *err)
{
	if (strlen(v->text) != 2 || strspn(v->text, UPPER) != 2)
		return refuse(
		    err, "'%.20s' is not a country: write two capital letters of ISO 3166, such as US", v->text);
	return SETPKI_E_OK;
}

static enum setpki_code
check_brand(const struct value *v, struct setpki_error *err)
{
	const char *colon = strchr(v->text, ':');
	enum setpki_code rc = check_text(v, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (colon != NULL && (colon == v->text || colon[1] == '\0' || strchr(colon + 1, ':') != NULL))
		return refuse(err, "'%s' is not a BrandID: write \"Brand\" or \"Brand:Product\"", v->text);
	return SETPKI_E_OK;
}

static enum setpki_code
check_language(const struct value *v, struct setpki_error *err)
{
	size_t n = strlen(v->text);
	const char *p = v->text;

	for (; n <= SP_UB_LANGUAGE; p++) {
		size_t part = strspn(p, p == v->text ? LOWER UPPER : LOWER UPPER DIGITS);

		if (part < 1 || part > 8)
			break;
		p += part;
		if (*p == '\0')
			return SETPKI_E_OK;
		if (*p != '-')
			break;
	}
	return refuse(err, "'%.40s' is not a language: write an RFC 1766 tag, such as en or pt-BR", v->text);
}

static enum setpki_code
check_url(const struct value *v, struct setpki_error *err)
{
	bool base = v->row->type == CA_V_BASE_URL;
	size_t n = strlen(v->text), most = base ? SP_UB_URL - SP_POLICY_NAME_MAX - 16 : SP_UB_URL;
	const char *host = strstr(v->text, "://");

	if ((strncmp(v->text, "http://", 7) != 0 && strncmp(v->text, "https://", 8) != 0) ||
	    strpbrk(host + 3, " \"<>\\^`{|}"))
		return refuse(err, "'%.80s' is not a URL: write http://HOST/PATH or https://HOST/PATH", v->text);
	if (!isalnum((unsigned char)host[3]) && host[3] != '[')
		return refuse(err, "'%.80s' names no host: write http://HOST/PATH", v->text);
	if (n > most)
		return refuse(err, "a URL of %zu characters: at most %zu fit here", n, most);
	for (const char *p = v->text; *p != '\0'; p++)
		if ((unsigned char)*p >= 0x80)
			return refuse(err, "a URL with characters outside ASCII: write them as %%XX");
	if (base && (v->text[n - 1] != '/' || strpbrk(v->text, "?#") != NULL))
		return refuse(err, "'%.80s' is not a folder: file names are appended, so end it with '/'", v->text);
	return SETPKI_E_OK;
}

static enum setpki_code
check_email(const struct value *v, struct setpki_error *err)
{
	const char *at = strchr(v->text, '@');
	size_t n = strlen(v->text);

	if (at == NULL || at == v->text || strspn(at + 1, LOWER UPPER DIGITS "-.") != strlen(at + 1) || at[1] == '\0' ||
	    strspn(v->text, LOWER UPPER DIGITS "!#$%&'*+-/=?^_`{|}~.") != (size_t)(at - v->text) || n > SP_UB_URL)
		return refuse(err, "'%.80s' is not an e-mail address: write NAME@HOST", v->text);
	return SETPKI_E_OK;
}

static enum setpki_code
check_bin(const struct value *v, struct setpki_error *err)
{
	/* never echoed: a card number put here by mistake would be */
	if (strlen(v->text) != SP_UB_BIN || strspn(v->text, DIGITS) != SP_UB_BIN)
		return refuse(err, "not a BIN: write the first six digits, in quotes");
	return SETPKI_E_OK;
}

static enum setpki_code
check_pattern(const struct value *v, struct setpki_error *err)
{
	enum setpki_code rc = check_text(v, err);
	char room[CA_PATTERN_FAULT];
	const char *fault;

	if (rc != SETPKI_E_OK || (fault = ca_pattern_fault(v->text, room)) == NULL)
		return rc;
	return refuse(err, "%s", fault);
}

static enum setpki_code
check_path(const struct value *v, struct setpki_error *err)
{
	enum setpki_code rc = check_text(v, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (v->text[0] != '/' || v->text[strlen(v->text) - 1] == '/')
		return refuse(err, "'%.80s' is not the absolute path of a file: write /FOLDER/FILE", v->text);
	return SETPKI_E_OK;
}

static enum setpki_code
check_bool(const struct value *v, struct setpki_error *err)
{
	if (strcmp(v->text, "true") == 0 || strcmp(v->text, "false") == 0)
		return v->quoted ? refuse(err, "a text: write %s without quotes", v->text) : SETPKI_E_OK;
	return refuse(err, "'%.40s' is neither true nor false", v->text);
}

static enum setpki_code
check_number(const struct value *v, struct setpki_error *err)
{
	size_t n = strlen(v->text);
	long number = n > 0 && n <= 9 && strspn(v->text, DIGITS) == n ? strtol(v->text, NULL, 10) : -1;

	if (number < v->row->min || number > v->row->max)
		return refuse(err, "'%.40s' is not a number from %lld to %lld", v->text, (long long)v->row->min,
		    (long long)v->row->max);
	return SETPKI_E_OK;
}

static enum setpki_code
check_span(const struct value *v, struct setpki_error *err)
{
	char low[SETPKI_TIME_TEXT], high[SETPKI_TIME_TEXT];
	int64_t span;

	if (setpki_span_parse(v->text, &span, NULL) != SETPKI_E_OK)
		return refuse(
		    err, "'%.40s' is not a time span: write a number and s, m, h, d, w or y, such as 90d", v->text);
	if (span < v->row->min || span > v->row->max)
		return refuse(err, "%s is out of bounds: from %s to %s", v->text, setpki_span_text(v->row->min, low),
		    setpki_span_text(v->row->max, high));
	return SETPKI_E_OK;
}

static size_t
list_words(const char *const *words, struct sp_buf *list)
{
	size_t n = 0, start = list->n;

	for (; words[n] != NULL; n++)
		if (words[n][0] != '\0')
			sp_buf_printf(list, "%s%s", list->n > start ? ", " : "", words[n]);
	return n;
}

static enum setpki_code
not_a_word(const char *text, const char *const *words, struct setpki_error *err)
{
	struct sp_buf list = {0};
	size_t n = list_words(words, &list);
	const char *close;

	close = setpki_closest(text, words, n);
	refuse(err, "'%.40s' is none of: %.*s%s%s%s", text, (int)list.n, (const char *)list.p,
	    close != NULL ? "; did you mean '" : "", close != NULL ? close : "", close != NULL ? "'?" : "");
	sp_buf_free(&list);
	return SETPKI_E_POLICY;
}

static const char *const protection_words[] = {"none", "passphrase", NULL};

static enum setpki_code
check_word(const struct value *v, struct setpki_error *err)
{
	const char *const *words = v->row->type == CA_V_PROTECT ? protection_words : v->row->words;

	return ca_word_index(words, v->text) >= 0 ? SETPKI_E_OK : not_a_word(v->text, words, err);
}

/* Whether the suite allows it, and for what, is for rules_keys.c. */
static enum setpki_code
check_keytype(const struct value *v, struct setpki_error *err)
{
	struct ca_keytype k;

	if (sp_keytype_parse(v->text, &k.alg, &k.bits))
		return SETPKI_E_OK;
	return refuse(err, "'%.40s' is not a key type: write P-256, P-384 or RSA-BITS, such as RSA-2048", v->text);
}

/* --- the table of types ----------------------------------------------------------------------- */

static bool
set_string(const struct ca_row *row, const char *text, void *to)
{
	(void)row;
	return (*(char **)to = OPENSSL_strdup(text)) != NULL;
}

static bool
set_bool(const struct ca_row *row, const char *text, void *to)
{
	(void)row;
	*(bool *)to = strcmp(text, "true") == 0 || strcmp(text, "passphrase") == 0;
	return true;
}

static bool
set_number(const struct ca_row *row, const char *text, void *to)
{
	(void)row;
	*(int *)to = (int)strtol(text, NULL, 10);
	return true;
}

static bool
set_span(const struct ca_row *row, const char *text, void *to)
{
	(void)row;
	return setpki_span_parse(text, to, NULL) == SETPKI_E_OK;
}

static bool
set_word(const struct ca_row *row, const char *text, void *to)
{
	int i = ca_word_index(row->words, text);

	memcpy(to, &i, sizeof(i));
	return true;
}

static bool
set_keytype(const struct ca_row *row, const char *text, void *to)
{
	struct ca_keytype *k = to;

	(void)row;
	return sp_keytype_parse(text, &k->alg, &k->bits);
}

static const struct {
	const char *name, *example;
	enum setpki_code (*check)(const struct value *v, struct setpki_error *err);
	bool (*set)(const struct ca_row *row, const char *text, void *to);
	size_t size; /* of an element in an array of them */
} types[] = {
    [CA_V_MAP] = {"mapping", NULL, NULL, NULL, 0},
    [CA_V_MAPS] = {"list of mappings", NULL, NULL, NULL, 0},
    [CA_V_LIST] = {"list", NULL, NULL, NULL, 0},
    [CA_V_NAME] = {"name", "such as card", check_name, set_string, sizeof(char *)},
    [CA_V_TEXT] = {"text", "such as Demo Bank", check_text, set_string, sizeof(char *)},
    [CA_V_COUNTRY] = {"country", "such as US", check_country, set_string, sizeof(char *)},
    [CA_V_BRAND] = {"BrandID", "such as Demo", check_brand, set_string, sizeof(char *)},
    [CA_V_LANGUAGE] = {"language", "such as en", check_language, set_string, sizeof(char *)},
    [CA_V_URL] = {"URL", "such as https://set.example/policy", check_url, set_string, sizeof(char *)},
    [CA_V_BASE_URL] = {"URL of a folder", "such as http://set.example/crl/", check_url, set_string, sizeof(char *)},
    [CA_V_EMAIL] = {"e-mail address", "such as policy@set.example", check_email, set_string, sizeof(char *)},
    [CA_V_BIN] = {"BIN", "such as \"412345\"", check_bin, set_string, sizeof(char *)},
    [CA_V_PATTERN] = {"pattern", "such as [0-9]+", check_pattern, set_string, sizeof(char *)},
    [CA_V_PATH] = {"absolute path", "such as /usr/local/lib/setca/decide", check_path, set_string, sizeof(char *)},
    [CA_V_BOOL] = {"true or false", NULL, check_bool, set_bool, sizeof(bool)},
    [CA_V_NUMBER] = {"number", NULL, check_number, set_number, sizeof(int)},
    [CA_V_SPAN] = {"time span", "such as 90d", check_span, set_span, sizeof(int64_t)},
    [CA_V_WORD] = {"word", NULL, check_word, set_word, sizeof(int)},
    [CA_V_PROTECT] = {"none or passphrase", NULL, check_word, set_bool, sizeof(bool)},
    [CA_V_KEYTYPE] = {"key type", "such as P-256", check_keytype, set_keytype, sizeof(struct ca_keytype)},
};

static enum ca_value
scalar_type(const struct ca_row *row)
{
	return row->type == CA_V_LIST ? row->of : row->type;
}

const char *
ca_value_name(enum ca_value type)
{
	return types[type].name;
}

size_t
ca_value_size(enum ca_value type)
{
	return types[type].size;
}

void
ca_value_hint(const struct ca_row *row, struct sp_buf *out)
{
	enum ca_value type = scalar_type(row);

	if (type == CA_V_WORD) {
		sp_buf_add_str(out, "one of ");
		list_words(row->words, out);
		return;
	}
	sp_buf_add_str(out, types[type].name);
	if (types[type].example != NULL)
		sp_buf_printf(out, ", %s", types[type].example);
	if (type == CA_V_NUMBER)
		sp_buf_printf(out, " from %lld to %lld", (long long)row->min, (long long)row->max);
}

bool
ca_value_is_string(const struct ca_row *row)
{
	return types[scalar_type(row)].set == set_string;
}

/* YAML 1.1's and 1.2's words for booleans and nothing, and numbers. */
bool
ca_value_is_typed(const char *text)
{
	static const char *const words[] = {"y", "n", "yes", "no", "true", "false", "on", "off", "null", "~"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(text, words[i]) == 0)
			return true;
	return text[0] != '\0' && strspn(text, DIGITS "+-.eExX_:abcdefABCDEF") == strlen(text) &&
	    (isdigit((unsigned char)text[0]) || (strchr("+-.", text[0]) != NULL && isdigit((unsigned char)text[1])));
}

enum setpki_code
ca_value_check(const struct ca_row *row, const struct ca_node *scalar, struct setpki_error *err)
{
	struct value v = {.row = row, .text = scalar->text, .quoted = scalar->quoted};
	enum ca_value type = scalar_type(row);
	enum setpki_code rc = types[type].check(&v, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (ca_value_is_string(row) && !v.quoted && ca_value_is_typed(v.text))
		return refuse(
		    err, "for YAML this is a number, a boolean or nothing, not a text: put it in double quotes");
	if (type == CA_V_NUMBER && v.quoted)
		return refuse(err, "a text: write %s without quotes", v.text);
	return SETPKI_E_OK;
}

bool
ca_value_set(const struct ca_row *row, const char *text, void *to)
{
	return types[scalar_type(row)].set(row, text, to);
}
