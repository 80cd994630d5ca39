#include "lib/x509/merchant.h"

#include "lib/base/limits.h"
#include "lib/der/writer.h"
#include "lib/x509/string.h"

#include <string.h>

#define SPEC "set-protocol 5, MerchantDataSyntax"

/* --- building ----------------------------------------------------------------------------------------------------- */

/* [n] EXPLICIT SETString; NULL is left out. */
static enum setpki_code
put_field(struct sp_buf *out, unsigned n, const char *text, size_t max, const char *field, struct setpki_error *err)
{
	enum setpki_code rc;
	size_t mark;

	if (text == NULL)
		return SETPKI_E_OK;
	mark = sp_der_open(out, SP_CTXC(n));
	rc = sp_setstring_put(out, text, max, field, err);
	sp_der_close(out, mark);
	return rc;
}

static enum setpki_code
put_names(struct sp_buf *out, const struct sp_mer_names *n, struct setpki_error *err)
{
	const struct {
		const char *text, *field;
		size_t max;
		bool required;
	} fields[] = {
	    {n->name, "merchant name", SP_UB_MER_NAME, true},
	    {n->city, "city", SP_UB_CITY_NAME, true},
	    {n->state_province, "state or province", SP_UB_STATE_PROVINCE, false},
	    {n->postal_code, "postal code", SP_UB_POSTAL_CODE, false},
	    {n->country_name, "country name", SP_UB_COUNTRY_NAME, true},
	};
	enum setpki_code rc = SETPKI_E_OK;
	size_t seq = sp_der_open(out, SP_SEQUENCE);

	if (n->language != NULL) {
		if (!sp_text_fits(SP_VISIBLE, n->language, SP_UB_LANGUAGE))
			return sp_fail(err, SETPKI_E_ARGUMENT, SPEC,
			    "language must be a tag of RFC 1766, 1 to %u ASCII characters", SP_UB_LANGUAGE);
		sp_der_put(out, SP_CTX(0), sp_bytes_str(n->language));
	}
	for (unsigned i = 0; rc == SETPKI_E_OK && i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (fields[i].required && fields[i].text == NULL)
			return sp_fail(err, SETPKI_E_ARGUMENT, SPEC, "%s is missing", fields[i].field);
		rc = put_field(out, i + 1, fields[i].text, fields[i].max, fields[i].field, err);
	}
	sp_der_close(out, seq);
	return rc;
}

static enum setpki_code
put_all_names(struct sp_buf *out, const struct sp_merchant_data *m, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;
	size_t seq = sp_der_open(out, SP_SEQUENCE);

	for (size_t i = 0; i < m->nnames; i++)
		if ((rc = put_names(out, &m->names[i], err)) != SETPKI_E_OK)
			return sp_error_in(err, rc, "merchant names %zu", i + 1);
	sp_der_close(out, seq);
	return rc;
}

static enum setpki_code
check(const struct sp_merchant_data *m, struct setpki_error *err)
{
	if (m->mer_id == NULL)
		return sp_fail(err, SETPKI_E_ARGUMENT, SPEC, "merchant identifier is missing");
	if (m->bin == NULL || strlen(m->bin) != SP_UB_BIN || strspn(m->bin, "0123456789") != SP_UB_BIN)
		return sp_fail(err, SETPKI_E_ARGUMENT, SPEC, "acquirer BIN must be %u digits", SP_UB_BIN);
	if (m->nnames == 0 || m->nnames > SP_MER_NAMES_MAX)
		return sp_fail(err, SETPKI_E_ARGUMENT, SPEC, "%zu sets of merchant names; there must be 1 to %d",
		    m->nnames, SP_MER_NAMES_MAX);
	if (m->country < 1 || m->country > 999)
		return sp_fail(
		    err, SETPKI_E_ARGUMENT, SPEC, "country %d is not an ISO 3166 numeric code (1 to 999)", m->country);
	return SETPKI_E_OK;
}

enum setpki_code
sp_merchant_build(const struct sp_merchant_data *m, struct sp_buf *out, struct setpki_error *err)
{
	size_t before = out->n, seq;
	enum setpki_code rc = check(m, err);

	if (rc != SETPKI_E_OK)
		return rc;
	seq = sp_der_open(out, SP_SEQUENCE);
	rc = sp_setstring_put(out, m->mer_id, SP_UB_MERCHANT_ID, "merchant identifier", err);
	if (rc == SETPKI_E_OK) {
		sp_der_put(out, SP_NUMERIC, sp_bytes_str(m->bin));
		rc = put_all_names(out, m, err);
	}
	if (rc != SETPKI_E_OK) {
		out->n = out->failed ? 0 : before;
		return rc;
	}
	sp_der_put_int(out, m->country);
	if (!m->auth_flag) /* DEFAULT TRUE */
		sp_der_put_bool(out, false);
	sp_der_close(out, seq);
	return out->failed ? sp_fail_memory(err) : SETPKI_E_OK;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static bool
take_field(struct sp_der *d, unsigned n, size_t max, bool required, struct sp_mer_string *out)
{
	struct sp_der inner;

	*out = (struct sp_mer_string){0};
	if (!sp_der_enter_opt(d, SP_CTXC(n), &inner))
		return !required && !d->bad;
	return sp_setstring_take(&inner, max, &out->tag, &out->value) && sp_der_end(&inner);
}

static bool
take_names(struct sp_der *names, struct sp_mer_names_view *out)
{
	struct sp_der seq;

	if (!sp_der_enter(names, SP_SEQUENCE, &seq))
		return false;
	if (sp_der_opt(&seq, SP_CTX(0), &out->language) &&
	    (out->language.n == 0 || out->language.n > SP_UB_LANGUAGE || !sp_der_string_ok(SP_VISIBLE, out->language)))
		return false;
	return take_field(&seq, 1, SP_UB_MER_NAME, true, &out->name) &&
	    take_field(&seq, 2, SP_UB_CITY_NAME, true, &out->city) &&
	    take_field(&seq, 3, SP_UB_STATE_PROVINCE, false, &out->state_province) &&
	    take_field(&seq, 4, SP_UB_POSTAL_CODE, false, &out->postal_code) &&
	    take_field(&seq, 5, SP_UB_COUNTRY_NAME, true, &out->country_name) && sp_der_end(&seq);
}

bool
sp_mer_names_next(struct sp_der *names, struct sp_mer_names_view *out)
{
	return !sp_der_end(names) && take_names(names, out);
}

static bool
digits(setpki_bytes s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

bool
sp_merchant_read(struct sp_der *d, struct sp_merchant_view *out)
{
	struct sp_mer_names_view names;
	struct sp_der seq, walk;
	int64_t country;

	memset(out, 0, sizeof(*out));
	if (!sp_der_enter(d, SP_SEQUENCE, &seq) ||
	    !sp_setstring_take(&seq, SP_UB_MERCHANT_ID, &out->mer_id_tag, &out->mer_id) ||
	    !sp_text_take(&seq, SP_NUMERIC, SP_UB_BIN, &out->bin) || out->bin.n != SP_UB_BIN || !digits(out->bin) ||
	    !sp_der_enter(&seq, SP_SEQUENCE, &out->names))
		return false;
	for (walk = out->names; !sp_der_end(&walk); out->nnames++)
		if (out->nnames == SP_MER_NAMES_MAX || !take_names(&walk, &names))
			return false;
	if (out->nnames == 0 || !sp_der_int(&seq, &country) || country < 1 || country > 999)
		return false;
	out->country = (int)country;
	return sp_der_bool_default(&seq, true, &out->auth_flag) && sp_der_end(&seq);
}
