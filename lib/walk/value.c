/* The text form of every kind of value. */
#include "lib/walk/inner.h"

#include "lib/base/limits.h"
#include "lib/crypto/content.h"
#include "lib/der/oid.h"
#include "lib/x509/name.h"
#include "lib/x509/string.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <setpki/text.h>
#include <stdio.h>
#include <string.h>

#define NAME_TEXT 4096
#define PAN_SHOWN 13 /* digits of the shortest PAN of which ten are shown */

/* --- words for object identifiers --------------------------------------------------------------------------------- */

/* Beside the extensions, which have their own table. */
static const struct {
	const char *dotted, *name;
} words[] = {
    {"1.2.840.113549.1.1.1", "rsaEncryption"},
    {"1.2.840.113549.1.1.5", "sha1WithRSAEncryption"},
    {"1.2.840.113549.1.1.6", "rsaOAEPEncryptionSET"},
    {"1.2.840.113549.1.1.7", "id-RSAES-OAEP"},
    {"1.2.840.113549.1.1.11", "sha256WithRSAEncryption"},
    {"1.2.840.113549.1.9.3", "contentType"},
    {"1.2.840.113549.1.9.4", "messageDigest"},
    {"1.2.840.10045.2.1", "id-ecPublicKey"},
    {"1.2.840.10045.4.3.2", "ecdsa-with-SHA256"},
    {"1.3.14.3.2.26", "id-sha1"},
    {"1.3.14.3.2.7", "des-cbc"},
    {"2.16.840.1.101.3.4.2.1", "id-sha256"},
    {"2.16.840.1.101.3.4.1.46", "id-aes256-GCM"},
    {"2.23.42.2.0", "fullName"},
    {"2.23.42.2.1", "givenName"},
    {"2.23.42.2.2", "familyName"},
    {"2.23.42.2.3", "birthFamilyName"},
    {"2.23.42.2.4", "placeName"},
    {"2.23.42.2.5", "identificationNumber"},
    {"2.23.42.2.6", "month"},
    {"2.23.42.2.7", "date"},
    {"2.23.42.2.8", "address"},
    {"2.23.42.2.9", "telephone"},
    {"2.23.42.2.10", "amount"},
    {"2.23.42.2.11", "accountNumber"},
    {"2.23.42.2.12", "passPhrase"},
    {"2.23.42.3.0.0", "id-set-rootKeyThumb"},
    {"2.23.42.5.0", "id-set-policy-root"},
    {"2.23.42.7.6", "id-set-setQualifier"},
    {"1.3.6.1.5.5.7.48.2", "id-ad-caIssuers"},
    {"1.3.6.1.5.5.7.48.1", "id-ad-ocsp"},
};

static const char *
word_for(const char *dotted)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].dotted, dotted) == 0)
			return words[i].name;
	return NULL;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

void
sp_w_enter(struct sp_walk *w, const char *name, const char *type)
{
	if (w->rc == SETPKI_E_OK)
		w->v->enter(w->v->arg, name, type, false);
}

void
sp_w_list(struct sp_walk *w, const char *name, const char *type)
{
	if (w->rc == SETPKI_E_OK)
		w->v->enter(w->v->arg, name, type, true);
}

void
sp_w_leave(struct sp_walk *w)
{
	if (w->rc == SETPKI_E_OK)
		w->v->leave(w->v->arg);
}

static void
field(struct sp_walk *w, const char *name, enum setpki_value value, const char *text, const char *note)
{
	if (w->rc == SETPKI_E_OK)
		w->v->field(w->v->arg, name, value, text, note);
}

void
sp_w_text(struct sp_walk *w, const char *name, const char *text, const char *note)
{
	field(w, name, SETPKI_VALUE_TEXT, text, note);
}

void
sp_w_number(struct sp_walk *w, const char *name, int64_t v)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, v);
	field(w, name, SETPKI_VALUE_NUMBER, text, NULL);
}

void
sp_w_bool(struct sp_walk *w, const char *name, bool v)
{
	field(w, name, SETPKI_VALUE_BOOL, v ? "true" : "false", NULL);
}

void
sp_w_time(struct sp_walk *w, const char *name, int64_t t)
{
	char text[SETPKI_TIME_TEXT];

	field(w, name, SETPKI_VALUE_TIME, setpki_time_text(t, text), NULL);
}

void
sp_w_hex(struct sp_walk *w, const char *name, setpki_bytes s, const char *note)
{
	char small[SETPKI_HEX_TEXT(64)], *text = small;

	if (s.n > 64 && (text = OPENSSL_malloc(SETPKI_HEX_TEXT(s.n))) == NULL) {
		if (w->rc == SETPKI_E_OK)
			w->rc = sp_fail_memory(w->err);
		return;
	}
	field(w, name, SETPKI_VALUE_HEX, setpki_hex_text(s, text), note);
	if (text != small)
		OPENSSL_free(text);
}

static void
string(struct sp_walk *w, const char *name, uint8_t tag, setpki_bytes value, bool mask)
{
	struct sp_buf text = {.secret = mask};

	if (sp_string_utf8(tag, value, &text)) {
		sp_buf_add_byte(&text, '\0');
		if (!text.failed && mask)
			setpki_mask_pans((char *)text.p);
		if (!text.failed)
			field(w, name, SETPKI_VALUE_TEXT, (const char *)text.p, NULL);
	} else {
		sp_w_hex(w, name, value, "not a character string");
	}
	if (text.failed && w->rc == SETPKI_E_OK)
		w->rc = sp_fail_memory(w->err);
	sp_buf_free(&text);
}

void
sp_w_string(struct sp_walk *w, const char *name, uint8_t tag, setpki_bytes value)
{
	string(w, name, tag, value, false);
}

void
sp_w_outside(struct sp_walk *w, const char *name, uint8_t tag, setpki_bytes value)
{
	string(w, name, tag, value, true);
}

void
sp_w_pan(struct sp_walk *w, const char *name, setpki_bytes digits)
{
	char text[SP_UB_PAN + 1];

	if (digits.n < PAN_SHOWN || digits.n > SP_UB_PAN) {
		sp_w_length(w, name, digits.n, "digits, secret", NULL);
		return;
	}
	memset(text, '*', digits.n);
	memcpy(text, digits.p, 6);
	memcpy(text + digits.n - 4, digits.p + digits.n - 4, 4);
	text[digits.n] = '\0';
	field(w, name, SETPKI_VALUE_TEXT, text, NULL);
}

void
sp_w_length(struct sp_walk *w, const char *name, size_t n, const char *what, const char *note)
{
	char text[64];

	snprintf(text, sizeof(text), "(%zu %s)", n, what);
	field(w, name, SETPKI_VALUE_TEXT, text, note);
}

void
sp_w_fault(struct sp_walk *w, const char *name, size_t n, enum setpki_code rc, const struct setpki_error *why)
{
	sp_w_length(w, name, n, "octets", why->message);
	if (w->fault != SETPKI_E_OK)
		return;
	w->fault = rc;
	if (w->err != NULL && w->err->code == SETPKI_E_OK)
		*w->err = *why;
}

void
sp_w_name(struct sp_walk *w, const char *name, setpki_bytes whole_name)
{
	char text[NAME_TEXT];

	field(w, name, SETPKI_VALUE_TEXT, sp_name_text(whole_name, text, sizeof(text)), NULL);
}

void
sp_w_oid(struct sp_walk *w, const char *name, setpki_bytes oid)
{
	const struct sp_ext_row *row = sp_ext_by_oid(oid);
	const char *word, *content = sp_content_name(sp_content_number(oid));
	char dotted[SP_OID_TEXT], text[64];

	sp_oid_text(oid, dotted);
	word = row != NULL ? row->name : word_for(dotted);
	if (content != NULL) {
		snprintf(text, sizeof(text), "id-set-content-%s", content);
		word = text;
	}
	field(w, name, SETPKI_VALUE_TEXT, word != NULL ? word : dotted, word != NULL ? dotted : NULL);
}

void
sp_w_algorithm(struct sp_walk *w, const char *name, setpki_bytes whole_alg)
{
	struct sp_der d = sp_der(whole_alg), seq;
	setpki_bytes oid;

	if (sp_der_enter(&d, SP_SEQUENCE, &seq) && sp_der_oid(&seq, &oid))
		sp_w_oid(w, name, oid);
}

void
sp_w_bits(struct sp_walk *w, const char *name, uint32_t bits, const char *const *bit_words, size_t n)
{
	char text[256] = "";
	size_t at = 0;

	for (unsigned i = 0; i < 32 && at < sizeof(text); i++) {
		const char *comma = at != 0 ? ", " : "";

		if ((bits >> i & 1) == 0)
			continue;
		if (i < n)
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", comma, bit_words[i]);
		else
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%sbit %u", comma, i);
	}
	field(w, name, SETPKI_VALUE_TEXT, at != 0 ? text : "none", NULL);
}
