/* Extensions, each decoded: X.509's here, SET's in ext_set.c.  Their contents were read strictly before. */
#include "lib/der/oid.h"
#include "lib/walk/inner.h"
#include "lib/x509/cert_ext.h"
#include "lib/x509/name.h"

#include <string.h>

static const char *const key_usage_words[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
    "dataEncipherment", "keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly"};

/* --- names of names ----------------------------------------------------------------------------------------------- */

static void
walk_general_name(struct sp_walk *w, const struct sp_tlv *t)
{
	static const struct {
		uint8_t tag;
		const char *name;
	} text[] = {
	    {SP_CTX(1), "rfc822Name"},
	    {SP_CTX(2), "dNSName"},
	    {SP_CTX(6), "uniformResourceIdentifier"},
	};

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		if (t->tag == text[i].tag) {
			sp_w_string(w, text[i].name, SP_IA5, t->value);
			return;
		}
	if (t->tag == SP_CTXC(4))
		sp_w_name(w, "directoryName", t->value);
	else if (t->tag == SP_CTX(7))
		sp_w_hex(w, "iPAddress", t->value, NULL);
	else if (t->tag == SP_CTX(8))
		sp_w_oid(w, "registeredID", t->value);
	else
		sp_w_hex(w, "otherName", t->value, NULL);
}

static void
walk_general_names(struct sp_walk *w, const char *name, struct sp_der *d)
{
	struct sp_tlv t;

	sp_w_list(w, name, "GeneralNames");
	while (sp_der_any(d, &t))
		walk_general_name(w, &t);
	sp_w_leave(w);
}

/* --- one function an extension ------------------------------------------------------------------------------------ */

static void
walk_aki(struct sp_walk *w, struct sp_der *d)
{
	struct sp_der seq, names;
	setpki_bytes s;

	sp_der_enter(d, SP_SEQUENCE, &seq);
	if (sp_der_opt(&seq, SP_CTX(0), &s))
		sp_w_hex(w, "keyIdentifier", s, NULL);
	if (sp_der_enter_opt(&seq, SP_CTXC(1), &names))
		walk_general_names(w, "authorityCertIssuer", &names);
	if (sp_der_opt(&seq, SP_CTX(2), &s))
		sp_w_hex(w, "authorityCertSerialNumber", s, NULL);
}

static void
walk_ski(struct sp_walk *w, struct sp_der *d)
{
	setpki_bytes s;

	sp_der_octets(d, &s);
	sp_w_hex(w, "keyIdentifier", s, NULL);
}

static void
walk_key_usage(struct sp_walk *w, struct sp_der *d)
{
	uint32_t bits;

	sp_der_named_bits(d, &bits);
	sp_w_bits(w, "usage", bits, key_usage_words, sizeof(key_usage_words) / sizeof(key_usage_words[0]));
}

static void
walk_pkup(struct sp_walk *w, struct sp_der *d)
{
	struct sp_der seq;
	setpki_bytes s;
	int64_t t;

	sp_der_enter(d, SP_SEQUENCE, &seq);
	if (sp_der_opt(&seq, SP_CTX(0), &s) && sp_der_time_value(SP_GENTIME, s, &t))
		sp_w_time(w, "notBefore", t);
	if (sp_der_opt(&seq, SP_CTX(1), &s) && sp_der_time_value(SP_GENTIME, s, &t))
		sp_w_time(w, "notAfter", t);
}

static void
walk_alt_name(struct sp_walk *w, struct sp_der *d)
{
	struct sp_der seq;

	sp_der_enter(d, SP_SEQUENCE, &seq);
	walk_general_names(w, "names", &seq);
}

static void
walk_basic(struct sp_walk *w, struct sp_der *d)
{
	struct sp_der seq;
	int64_t pathlen;
	bool ca;

	sp_der_enter(d, SP_SEQUENCE, &seq);
	sp_der_bool_default(&seq, false, &ca);
	sp_w_bool(w, "cA", ca);
	if (sp_der_peek(&seq) == SP_INTEGER && sp_der_int(&seq, &pathlen))
		sp_w_number(w, "pathLenConstraint", pathlen);
}

static void
walk_crldp(struct sp_walk *w, struct sp_der *d)
{
	struct sp_der list, point, name, names;

	sp_der_enter(d, SP_SEQUENCE, &list);
	sp_w_list(w, "distributionPoints", NULL);
	while (sp_der_enter(&list, SP_SEQUENCE, &point)) {
		sp_w_enter(w, "item", "DistributionPoint");
		if (sp_der_enter_opt(&point, SP_CTXC(0), &name) && sp_der_enter_opt(&name, SP_CTXC(0), &names))
			walk_general_names(w, "fullName", &names);
		sp_w_leave(w);
	}
	sp_w_leave(w);
}

static void
walk_aia(struct sp_walk *w, struct sp_der *d)
{
	struct sp_der list, access;
	setpki_bytes method;
	struct sp_tlv location;

	sp_der_enter(d, SP_SEQUENCE, &list);
	sp_w_list(w, "accessDescriptions", NULL);
	while (sp_der_enter(&list, SP_SEQUENCE, &access)) {
		sp_w_enter(w, "item", "AccessDescription");
		if (sp_der_oid(&access, &method) && sp_der_any(&access, &location)) {
			sp_w_oid(w, "accessMethod", method);
			walk_general_name(w, &location);
		}
		sp_w_leave(w);
	}
	sp_w_leave(w);
}

static void
walk_crl_number(struct sp_walk *w, struct sp_der *d)
{
	struct sp_der again = *d;
	setpki_bytes magnitude;
	int64_t v;

	if (sp_der_int(d, &v))
		sp_w_number(w, "number", v);
	else if (sp_der_uint(&again, &magnitude))
		sp_w_hex(w, "number", magnitude, "larger than 2^63");
}

static void
walk_type(struct sp_walk *w, struct sp_der *d)
{
	char text[SP_TYPE_TEXT];
	uint32_t bits;

	sp_der_named_bits(d, &bits);
	sp_w_text(w, "type", sp_type_text(bits, text), NULL);
}

static void
walk_card_cert_required(struct sp_walk *w, struct sp_der *d)
{
	bool v;

	sp_der_bool(d, &v);
	sp_w_bool(w, "required", v);
}

/* --- the list ----------------------------------------------------------------------------------------------------- */

static void (*const walks[SP_EXT_N])(struct sp_walk *, struct sp_der *) = {
    [SP_EXT_AKI] = walk_aki,
    [SP_EXT_SKI] = walk_ski,
    [SP_EXT_KEY_USAGE] = walk_key_usage,
    [SP_EXT_PKUP] = walk_pkup,
    [SP_EXT_POLICIES] = sp_walk_policies,
    [SP_EXT_SAN] = walk_alt_name,
    [SP_EXT_IAN] = walk_alt_name,
    [SP_EXT_BASIC] = walk_basic,
    [SP_EXT_CRLDP] = walk_crldp,
    [SP_EXT_AIA] = walk_aia,
    [SP_EXT_CRL_NUMBER] = walk_crl_number,
    [SP_EXT_HASHED_ROOT] = sp_walk_hashed_root,
    [SP_EXT_CERT_TYPE] = walk_type,
    [SP_EXT_MERCHANT_DATA] = sp_walk_merchant_data,
    [SP_EXT_CARD_CERT_REQUIRED] = walk_card_cert_required,
    [SP_EXT_TUNNELING] = sp_walk_tunneling,
    [SP_EXT_SET_EXTENSIONS] = sp_walk_set_extensions,
};

void
sp_walk_extensions(struct sp_walk *w, const char *name, setpki_bytes list)
{
	struct sp_der d = sp_der(list), value;
	struct sp_ext_item e;
	char oid[SP_OID_TEXT];

	sp_w_enter(w, name, "Extensions");
	while (sp_ext_next(&d, &e)) {
		sp_oid_text(e.oid, oid);
		sp_w_enter(w, e.row != NULL ? e.row->name : oid, e.row != NULL ? oid : "unknown");
		sp_w_bool(w, "critical", e.critical);
		value = sp_der(e.value);
		if (e.row != NULL)
			walks[e.row->id](w, &value);
		else
			sp_w_hex(w, "extnValue", e.value, NULL);
		sp_w_leave(w);
	}
	sp_w_leave(w);
}
