#include "lib/x509/cert_ext.h"

#include "lib/base/limits.h"
#include "lib/x509/merchant.h"
#include "lib/x509/name.h"
#include "lib/x509/string.h"

#include <limits.h>
#include <string.h>

bool
sp_ext_next(struct sp_der *list, struct sp_ext_item *item)
{
	struct sp_der ext;

	memset(item, 0, sizeof(*item));
	if (list->bad || sp_der_end(list) || !sp_der_enter(list, SP_SEQUENCE, &ext))
		return false;
	if (!sp_der_oid(&ext, &item->oid) || !sp_der_bool_default(&ext, false, &item->critical) ||
	    !sp_der_octets(&ext, &item->value) || !sp_der_end(&ext)) {
		list->bad = true;
		return false;
	}
	item->row = sp_ext_by_oid(item->oid);
	return true;
}

/* --- names of names (RFC 5280 4.2.1.6) ---------------------------------------------------------------------------- */

static bool
general_name_ok(const struct sp_tlv *t)
{
	struct sp_der inner = sp_der(t->value);
	struct setpki_error ignored = {0};
	setpki_bytes name;

	switch (t->tag) {
	case SP_CTX(1): /* rfc822Name, dNSName, uniformResourceIdentifier */
	case SP_CTX(2):
	case SP_CTX(6):
		return sp_der_string_ok(SP_IA5, t->value);
	case SP_CTXC(4): /* directoryName: EXPLICIT, for Name is a CHOICE */
		return sp_der_take_whole(&inner, SP_SEQUENCE, &name) && sp_der_end(&inner) &&
		    sp_name_check(name, &ignored) == SETPKI_E_OK;
	case SP_CTXC(0): /* otherName, x400Address, ediPartyName, iPAddress */
	case SP_CTXC(3):
	case SP_CTXC(5):
	case SP_CTX(7):
		return true;
	case SP_CTX(8):
		return sp_der_oid_ok(t->value);
	default:
		return false;
	}
}

bool
sp_general_names_read(struct sp_der *names, struct sp_tlv *sole)
{
	struct sp_tlv t;
	size_t n = 0;

	if (sole != NULL)
		memset(sole, 0, sizeof(*sole));
	while (sp_der_any(names, &t)) {
		if (!general_name_ok(&t))
			return false;
		if (sole != NULL && n++ == 0)
			*sole = t;
		else if (sole != NULL)
			memset(sole, 0, sizeof(*sole));
	}
	return sp_der_end(names) && (sole == NULL || n != 0);
}

bool
sp_aki_read(setpki_bytes value, setpki_bytes *issuer, setpki_bytes *serial, setpki_bytes *keyid)
{
	struct sp_der d = sp_der(value), seq, names;
	struct sp_tlv name;

	*issuer = (setpki_bytes){NULL, 0};
	if (!sp_der_enter(&d, SP_SEQUENCE, &seq) || !sp_der_end(&d))
		return false;
	sp_der_opt(&seq, SP_CTX(0), keyid);
	if (sp_der_enter_opt(&seq, SP_CTXC(1), &names)) {
		if (!sp_general_names_read(&names, &name))
			return false;
		if (name.tag == SP_CTXC(4))
			*issuer = name.value;
	}
	if (sp_der_opt(&seq, SP_CTX(2), serial) && !sp_der_integer_ok(*serial))
		return false;
	return sp_der_end(&seq);
}

/* --- certificatePolicies (set-protocol 5) ------------------------------------------------------------------------- */

bool
sp_detached_digest(struct sp_der *d, setpki_bytes *type, setpki_bytes *alg, setpki_bytes *digest)
{
	struct sp_der seq, info, content;
	int64_t version;

	if (!sp_der_enter(d, SP_SEQUENCE, &seq) || !sp_der_int(&seq, &version) || version != 0 ||
	    !sp_der_take_whole(&seq, SP_SEQUENCE, alg) || !sp_der_enter(&seq, SP_SEQUENCE, &info) ||
	    !sp_der_oid(&info, type))
		return false;
	/* a live root had [0] NULL here ([C: KT]); it is read, never written */
	if (sp_der_enter_opt(&info, SP_CTXC(0), &content) && (!sp_der_null(&content) || !sp_der_end(&content)))
		return false;
	return sp_der_end(&info) && sp_der_octets(&seq, digest) && digest->n != 0 && digest->n <= SP_DIGEST_MAX &&
	    sp_der_end(&seq);
}

static bool
optional_url(struct sp_der *d, uint8_t tag)
{
	setpki_bytes url;

	return !sp_der_opt(d, tag, &url) || (url.n != 0 && url.n <= SP_UB_URL && sp_der_string_ok(SP_VISIBLE, url));
}

/* SETQualifier */
static bool
qualifier_ok(struct sp_der *d)
{
	struct sp_der seq;
	setpki_bytes a, b, c;
	uint8_t tag;

	if (!sp_der_enter(d, SP_SEQUENCE, &seq))
		return false;
	if (sp_der_peek(&seq) == SP_SEQUENCE && !sp_detached_digest(&seq, &a, &b, &c))
		return false;
	tag = sp_der_peek(&seq);
	if ((tag == SP_VISIBLE || tag == SP_BMP) && !sp_setstring_take(&seq, SP_UB_TERSE_STATEMENT, &tag, &a))
		return false;
	return optional_url(&seq, SP_CTX(0)) && optional_url(&seq, SP_CTX(1)) && sp_der_end(&seq);
}

/* AdditionalPolicy */
static bool
additional_ok(struct sp_der *d)
{
	struct sp_der seq;
	setpki_bytes oid;
	uint32_t added_by;

	if (!sp_der_enter(d, SP_SEQUENCE, &seq))
		return false;
	if (sp_der_peek(&seq) == SP_OID && !sp_der_oid(&seq, &oid))
		return false;
	if (sp_der_peek(&seq) == SP_SEQUENCE && !qualifier_ok(&seq))
		return false;
	return sp_der_named_bits(&seq, &added_by) && sp_der_end(&seq);
}

bool
sp_set_qualifier_ok(setpki_bytes whole)
{
	struct sp_der d = sp_der(whole), seq, more;
	size_t n = 0;

	if (!sp_der_enter(&d, SP_SEQUENCE, &seq) || !sp_der_end(&d) || !qualifier_ok(&seq))
		return false;
	if (sp_der_enter_opt(&seq, SP_SEQUENCE, &more)) {
		while (!sp_der_end(&more))
			if (++n > 3 || !additional_ok(&more))
				return false;
		if (n == 0)
			return false;
	}
	return sp_der_end(&seq);
}

static bool
qualifiers_ok(struct sp_der *list)
{
	struct sp_der info;
	setpki_bytes id;
	struct sp_tlv qualifier;

	if (sp_der_end(list))
		return false;
	while (!sp_der_end(list)) {
		if (!sp_der_enter(list, SP_SEQUENCE, &info) || !sp_der_oid(&info, &id) ||
		    !sp_der_any(&info, &qualifier) || !sp_der_end(&info))
			return false;
		if (sp_bytes_eq(id, sp_oid_set_qualifier) && !sp_set_qualifier_ok(qualifier.whole))
			return false;
	}
	return true;
}

static bool
read_policies(struct sp_der *d, struct sp_cert *out)
{
	struct sp_der list, info, qualifiers;
	setpki_bytes oid;

	(void)out;
	if (!sp_der_enter(d, SP_SEQUENCE, &list) || sp_der_end(&list))
		return false;
	while (!sp_der_end(&list)) {
		if (!sp_der_enter(&list, SP_SEQUENCE, &info) || !sp_der_oid(&info, &oid))
			return false;
		if (sp_der_enter_opt(&info, SP_SEQUENCE, &qualifiers) && !qualifiers_ok(&qualifiers))
			return false;
		if (!sp_der_end(&info))
			return false;
	}
	return true;
}

/* --- X.509's other extensions ------------------------------------------------------------------------------------- */

static bool
read_ski(struct sp_der *d, struct sp_cert *out)
{
	return sp_der_octets(d, &out->ski) && out->ski.n != 0;
}

static bool
read_key_usage(struct sp_der *d, struct sp_cert *out)
{
	return sp_der_named_bits(d, &out->key_usage);
}

static bool
optional_gentime(struct sp_der *d, uint8_t tag, int64_t absent, int64_t *t)
{
	setpki_bytes value;

	*t = absent;
	return !sp_der_opt(d, tag, &value) || sp_der_time_value(SP_GENTIME, value, t);
}

static bool
read_pkup(struct sp_der *d, struct sp_cert *out)
{
	struct sp_der seq;

	return sp_der_enter(d, SP_SEQUENCE, &seq) && optional_gentime(&seq, SP_CTX(0), INT64_MIN, &out->pkup_from) &&
	    optional_gentime(&seq, SP_CTX(1), INT64_MAX, &out->pkup_to) && sp_der_end(&seq);
}

static bool
read_names(struct sp_der *d, struct sp_cert *out)
{
	struct sp_der seq;
	struct sp_tlv sole;

	(void)out;
	return sp_der_enter(d, SP_SEQUENCE, &seq) && sp_general_names_read(&seq, &sole);
}

static bool
read_basic(struct sp_der *d, struct sp_cert *out)
{
	struct sp_der seq;
	int64_t pathlen;

	out->pathlen = -1;
	if (!sp_der_enter(d, SP_SEQUENCE, &seq) || !sp_der_bool_default(&seq, false, &out->ca))
		return false;
	if (sp_der_peek(&seq) == SP_INTEGER) {
		if (!sp_der_int(&seq, &pathlen) || pathlen < 0 || pathlen > INT_MAX)
			return false;
		out->pathlen = (int)pathlen;
	}
	return sp_der_end(&seq);
}

static bool
distribution_point_ok(struct sp_der *d)
{
	struct sp_der point, name, full;
	setpki_bytes reasons;

	if (!sp_der_enter(d, SP_SEQUENCE, &point))
		return false;
	if (sp_der_enter_opt(&point, SP_CTXC(0), &name)) {
		if (sp_der_enter_opt(&name, SP_CTXC(0), &full)) {
			if (sp_der_end(&full) || !sp_general_names_read(&full, NULL))
				return false;
		} else if (!sp_der_enter(&name, SP_CTXC(1), &full)) { /* nameRelativeToCRLIssuer */
			return false;
		}
		if (!sp_der_end(&name))
			return false;
	}
	sp_der_opt(&point, SP_CTX(1), &reasons);
	if (sp_der_enter_opt(&point, SP_CTXC(2), &full) && !sp_general_names_read(&full, NULL))
		return false;
	return sp_der_end(&point);
}

static bool
read_crldp(struct sp_der *d, struct sp_cert *out)
{
	struct sp_der list;

	(void)out;
	if (!sp_der_enter(d, SP_SEQUENCE, &list) || sp_der_end(&list))
		return false;
	while (!sp_der_end(&list))
		if (!distribution_point_ok(&list))
			return false;
	return true;
}

static bool
read_aia(struct sp_der *d, struct sp_cert *out)
{
	struct sp_der list, access;
	setpki_bytes method;
	struct sp_tlv sole;

	(void)out;
	if (!sp_der_enter(d, SP_SEQUENCE, &list) || sp_der_end(&list))
		return false;
	while (!sp_der_end(&list))
		if (!sp_der_enter(&list, SP_SEQUENCE, &access) || !sp_der_oid(&access, &method) ||
		    !sp_general_names_read(&access, &sole) || sole.tag == 0)
			return false;
	return true;
}

static bool
read_crl_number(struct sp_der *d, struct sp_cert *out)
{
	setpki_bytes number;

	(void)out;
	return sp_der_uint(d, &number);
}

/* --- SET's own (set-protocol 5) ----------------------------------------------------------------------------------- */

static bool
read_hashed_root(struct sp_der *d, struct sp_cert *out)
{
	struct sp_der seq;
	setpki_bytes type;

	return sp_der_enter(d, SP_SEQUENCE, &seq) &&
	    sp_detached_digest(&seq, &type, &out->hashed_root_alg, &out->hashed_root) && sp_der_end(&seq) &&
	    sp_bytes_eq(type, sp_oid_root_thumb);
}

static bool
read_cert_type(struct sp_der *d, struct sp_cert *out)
{
	return sp_der_named_bits(d, &out->type);
}

static bool
read_merchant(struct sp_der *d, struct sp_cert *out)
{
	struct sp_merchant_view view;

	(void)out;
	return sp_merchant_read(d, &view);
}

static bool
read_card_cert_required(struct sp_der *d, struct sp_cert *out)
{
	bool required;

	(void)out;
	return sp_der_bool(d, &required);
}

static bool
oids_ok(struct sp_der *d)
{
	struct sp_der list;
	setpki_bytes oid;

	if (!sp_der_enter(d, SP_SEQUENCE, &list))
		return false;
	while (!sp_der_end(&list))
		if (!sp_der_oid(&list, &oid))
			return false;
	return true;
}

static bool
read_tunneling(struct sp_der *d, struct sp_cert *out)
{
	struct sp_der seq;
	bool tunneling;

	(void)out;
	return sp_der_enter(d, SP_SEQUENCE, &seq) && sp_der_bool_default(&seq, true, &tunneling) && oids_ok(&seq) &&
	    sp_der_end(&seq);
}

static bool
read_set_extensions(struct sp_der *d, struct sp_cert *out)
{
	(void)out;
	return oids_ok(d);
}

static bool (*const readers[SP_EXT_N])(struct sp_der *d, struct sp_cert *out) = {
    [SP_EXT_SKI] = read_ski,
    [SP_EXT_KEY_USAGE] = read_key_usage,
    [SP_EXT_PKUP] = read_pkup,
    [SP_EXT_POLICIES] = read_policies,
    [SP_EXT_SAN] = read_names,
    [SP_EXT_IAN] = read_names,
    [SP_EXT_BASIC] = read_basic,
    [SP_EXT_CRLDP] = read_crldp,
    [SP_EXT_AIA] = read_aia,
    [SP_EXT_CRL_NUMBER] = read_crl_number,
    [SP_EXT_HASHED_ROOT] = read_hashed_root,
    [SP_EXT_CERT_TYPE] = read_cert_type,
    [SP_EXT_MERCHANT_DATA] = read_merchant,
    [SP_EXT_CARD_CERT_REQUIRED] = read_card_cert_required,
    [SP_EXT_TUNNELING] = read_tunneling,
    [SP_EXT_SET_EXTENSIONS] = read_set_extensions,
};

bool
sp_ext_read(enum sp_ext ext, setpki_bytes value, struct sp_cert *out)
{
	struct sp_der d = sp_der(value);

	if (ext == SP_EXT_AKI)
		return sp_aki_read(value, &out->aki_issuer, &out->aki_serial, &out->aki_keyid);
	return readers[ext](&d, out) && sp_der_end(&d);
}
