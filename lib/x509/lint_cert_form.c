/* The form of a certificate: algorithms, serial number, validity, names, key. */
#include "lib/base/limits.h"
#include "lib/crypto/sign.h"
#include "lib/der/reader.h"
#include "lib/x509/lint_inner.h"
#include "lib/x509/name.h"
#include "lib/x509/string.h"

#include <setpki/text.h>
#include <string.h>

static void
check_algorithm(struct sp_lint *l)
{
	const struct sp_cert *c = &l->cert;

	if (c->sigalg.n != 0 && !sp_bytes_eq(c->sigalg, c->inner_sigalg))
		sp_lint_add(l, "cert.algorithm.match", "the two AlgorithmIdentifiers differ");
	if (c->suite == SETPKI_SUITE_NONE)
		sp_lint_add(l, "cert.algorithm.suite", "the signature algorithm is of neither suite");
	else if (c->suite != l->suite)
		sp_lint_add(l, "cert.algorithm.suite", "the signature algorithm is of the %s suite, not of %s",
		    setpki_suite_name(c->suite), setpki_suite_name(l->suite));
}

static void
check_serial(struct sp_lint *l)
{
	setpki_bytes serial = l->cert.serial;
	char hex[SETPKI_HEX_TEXT(SP_SERIAL_MAX)];

	if (serial.n != SP_SERIAL_LEN || serial.p[0] != 0x01)
		sp_lint_add(l, "cert.serial", "it has %zu octets: %s", serial.n, setpki_hex_text(serial, hex));
}

static void
check_time(struct sp_lint *l, const char *which, int64_t t, uint8_t tag)
{
	/* what UTCTime can say, it has to say (RFC 5280 4.1.2.5); 1950-01-01 to 2049-12-31 */
	bool fits = t >= INT64_C(-631152000) && t <= INT64_C(2524607999);
	char text[SETPKI_TIME_TEXT];

	if (tag == SP_GENTIME && (fits || l->suite == SETPKI_SUITE_CLASSIC))
		sp_lint_add(l, "cert.time.form", "%s %s is a GeneralizedTime", which, setpki_time_text(t, text));
}

static void
check_validity(struct sp_lint *l)
{
	const struct sp_cert *c = &l->cert;
	char from[SETPKI_TIME_TEXT], to[SETPKI_TIME_TEXT];

	check_time(l, "notBefore", c->not_before, c->not_before_tag);
	check_time(l, "notAfter", c->not_after, c->not_after_tag);
	if (c->not_before > c->not_after)
		sp_lint_add(l, "cert.time.order", "notBefore %s, notAfter %s", setpki_time_text(c->not_before, from),
		    setpki_time_text(c->not_after, to));
	if (c->unique_ids)
		sp_lint_add(l, "cert.uniqueid", "a unique identifier is there");
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static bool
country_ok(const struct sp_ava *a)
{
	return a->tag == SP_PRINTABLE && a->value.n == 2 && a->value.p[0] >= 'A' && a->value.p[0] <= 'Z' &&
	    a->value.p[1] >= 'A' && a->value.p[1] <= 'Z';
}

/* What is wrong with the form, NULL if nothing is.  `last` is the attribute before, `units` how many OU so far. */
static const char *
form_fault(const struct sp_ava *a, int rdn_before, int last, int units)
{
	size_t chars = sp_string_chars(a->tag, a->value);

	if (a->attr < 0)
		return "an attribute other than C, O, OU and CN";
	if (a->rdn == rdn_before)
		return "two attributes in one RDN";
	if (a->attr < last || (a->attr == last && a->attr != SP_ATTR_OU))
		return "attributes out of order, or twice";
	if (a->attr == SP_ATTR_OU && units >= 2)
		return "more than two OU";
	if (a->attr == SP_ATTR_C && !country_ok(a))
		return "a C that is not two capital letters";
	if (chars == 0 || chars > SP_UB_NAME_PART)
		return "an empty or over-long attribute";
	return NULL;
}

static void
check_name_form(struct sp_lint *l, const char *which, setpki_bytes name)
{
	const char *fault = NULL;
	struct sp_name_iter it;
	struct sp_ava a;
	int last = -1, rdn = -1, units = 0;
	bool organization = false;

	sp_name_iter(name, &it);
	while (fault == NULL && sp_name_next(&it, &a)) {
		fault = form_fault(&a, rdn, last, units);
		units += a.attr == SP_ATTR_OU;
		organization |= a.attr == SP_ATTR_O;
		last = a.attr;
		rdn = a.rdn;
	}
	if (fault == NULL && !organization)
		fault = "no O, which names the brand";
	if (fault != NULL)
		sp_lint_add(l, "cert.name.form", "%s has %s", which, fault);
}

static uint8_t
wanted_tag(enum setpki_suite suite, setpki_bytes utf8)
{
	if (sp_der_string_ok(SP_PRINTABLE, utf8))
		return SP_PRINTABLE;
	return suite == SETPKI_SUITE_CLASSIC ? SP_BMP : SP_UTF8;
}

static void
check_name_strings(struct sp_lint *l, const char *which, setpki_bytes name)
{
	struct sp_name_iter it;
	struct sp_ava a;
	bool ok = true;

	sp_name_iter(name, &it);
	while (ok && sp_name_next(&it, &a)) {
		struct sp_buf text = {0};

		ok = sp_string_utf8(a.tag, a.value, &text) && a.tag == wanted_tag(l->suite, sp_buf_bytes(&text));
		if (text.failed) {
			l->rc = sp_fail_memory(l->err);
			return;
		}
		sp_buf_free(&text);
	}
	if (!ok)
		sp_lint_add(l, "cert.name.string", "attribute %d of %s has another string type", it.index + 1, which);
}

static void
check_names(struct sp_lint *l)
{
	check_name_form(l, "issuer", l->cert.issuer);
	check_name_form(l, "subject", l->cert.subject);
	check_name_strings(l, "issuer", l->cert.issuer);
	check_name_strings(l, "subject", l->cert.subject);
}

void
sp_lint_form(struct sp_lint *l)
{
	check_algorithm(l);
	check_serial(l);
	check_validity(l);
	check_names(l);
}
