/* SET's own extensions, and the SET qualifier of certificatePolicies (set-protocol 5). */
#include "lib/walk/inner.h"
#include "lib/x509/cert_ext.h"
#include "lib/x509/merchant.h"

/* DetachedDigest */
static void
walk_digest(struct sp_walk *w, const char *name, struct sp_der *d)
{
	setpki_bytes type, alg, digest;

	if (!sp_detached_digest(d, &type, &alg, &digest))
		return;
	sp_w_enter(w, name, "DigestedData");
	sp_w_algorithm(w, "digestAlgorithm", alg);
	sp_w_oid(w, "contentType", type);
	sp_w_hex(w, "digest", digest, NULL);
	sp_w_leave(w);
}

static void
walk_qualifier(struct sp_walk *w, const char *name, struct sp_der *d)
{
	struct sp_der seq;
	setpki_bytes s;
	uint8_t tag;

	sp_der_enter(d, SP_SEQUENCE, &seq);
	sp_w_enter(w, name, "SETQualifier");
	if (sp_der_peek(&seq) == SP_SEQUENCE)
		walk_digest(w, "policyDigest", &seq);
	tag = sp_der_peek(&seq);
	if ((tag == SP_VISIBLE || tag == SP_BMP) && sp_der_take(&seq, tag, &s))
		sp_w_string(w, "terseStatement", tag, s);
	if (sp_der_opt(&seq, SP_CTX(0), &s))
		sp_w_string(w, "policyURL", SP_VISIBLE, s);
	if (sp_der_opt(&seq, SP_CTX(1), &s))
		sp_w_string(w, "policyEmail", SP_VISIBLE, s);
	sp_w_leave(w);
}

static void
walk_additional(struct sp_walk *w, struct sp_der *d)
{
	char text[SP_TYPE_TEXT];
	struct sp_der seq;
	setpki_bytes oid;
	uint32_t added_by;

	sp_der_enter(d, SP_SEQUENCE, &seq);
	sp_w_enter(w, "item", "AdditionalPolicy");
	if (sp_der_peek(&seq) == SP_OID && sp_der_oid(&seq, &oid))
		sp_w_oid(w, "policyOID", oid);
	if (sp_der_peek(&seq) == SP_SEQUENCE)
		walk_qualifier(w, "policyQualifier", &seq);
	if (sp_der_named_bits(&seq, &added_by))
		sp_w_text(w, "policyAddedBy", sp_type_text(added_by, text), NULL);
	sp_w_leave(w);
}

static void
walk_set_qualifier(struct sp_walk *w, setpki_bytes whole)
{
	struct sp_der d = sp_der(whole), seq, more;

	sp_der_enter(&d, SP_SEQUENCE, &seq);
	sp_w_enter(w, "setQualifier", "SetPolicyQualifier");
	walk_qualifier(w, "rootQualifier", &seq);
	if (sp_der_enter_opt(&seq, SP_SEQUENCE, &more)) {
		sp_w_list(w, "additionalPolicies", NULL);
		while (sp_der_peek(&more) == SP_SEQUENCE)
			walk_additional(w, &more);
		sp_w_leave(w);
	}
	sp_w_leave(w);
}

static void
walk_policy(struct sp_walk *w, struct sp_der *info)
{
	struct sp_der qualifiers, q;
	struct sp_tlv t;
	setpki_bytes oid;

	if (sp_der_oid(info, &oid))
		sp_w_oid(w, "policyIdentifier", oid);
	if (!sp_der_enter_opt(info, SP_SEQUENCE, &qualifiers))
		return;
	while (sp_der_enter(&qualifiers, SP_SEQUENCE, &q)) {
		if (!sp_der_oid(&q, &oid) || !sp_der_any(&q, &t))
			return;
		if (sp_bytes_eq(oid, sp_oid_set_qualifier)) {
			walk_set_qualifier(w, t.whole);
		} else {
			sp_w_oid(w, "policyQualifierId", oid);
			sp_w_hex(w, "qualifier", t.whole, NULL);
		}
	}
}

void
sp_walk_policies(struct sp_walk *w, struct sp_der *d)
{
	struct sp_der list, info;

	sp_der_enter(d, SP_SEQUENCE, &list);
	sp_w_list(w, "policies", NULL);
	while (sp_der_enter(&list, SP_SEQUENCE, &info)) {
		sp_w_enter(w, "item", "PolicyInformation");
		walk_policy(w, &info);
		sp_w_leave(w);
	}
	sp_w_leave(w);
}

void
sp_walk_hashed_root(struct sp_walk *w, struct sp_der *d)
{
	struct sp_der seq;

	sp_der_enter(d, SP_SEQUENCE, &seq);
	walk_digest(w, "rootKeyThumbprint", &seq);
}

/* --- MerchantData ------------------------------------------------------------------------------------------------- */

static void
walk_mer_string(struct sp_walk *w, const char *name, const struct sp_mer_string *s)
{
	if (s->tag != 0)
		sp_w_string(w, name, s->tag, s->value);
}

static void
walk_mer_names(struct sp_walk *w, const struct sp_mer_names_view *n)
{
	sp_w_enter(w, "item", "MerNames");
	if (n->language.n != 0)
		sp_w_string(w, "language", SP_VISIBLE, n->language);
	walk_mer_string(w, "name", &n->name);
	walk_mer_string(w, "city", &n->city);
	walk_mer_string(w, "stateProvince", &n->state_province);
	walk_mer_string(w, "postalCode", &n->postal_code);
	walk_mer_string(w, "countryName", &n->country_name);
	sp_w_leave(w);
}

void
sp_walk_merchant_data(struct sp_walk *w, struct sp_der *d)
{
	struct sp_merchant_view m;
	struct sp_mer_names_view n;

	if (!sp_merchant_read(d, &m))
		return;
	sp_w_string(w, "merID", m.mer_id_tag, m.mer_id);
	sp_w_string(w, "merAcquirerBIN", SP_NUMERIC, m.bin);
	sp_w_list(w, "merNameSeq", NULL);
	while (sp_mer_names_next(&m.names, &n))
		walk_mer_names(w, &n);
	sp_w_leave(w);
	sp_w_number(w, "merCountry", m.country);
	sp_w_bool(w, "merAuthFlag", m.auth_flag);
}

/* --- lists of OIDs ------------------------------------------------------------------------------------------------ */

static void
walk_oids(struct sp_walk *w, const char *name, struct sp_der *d)
{
	struct sp_der list;
	setpki_bytes oid;

	sp_der_enter(d, SP_SEQUENCE, &list);
	sp_w_list(w, name, NULL);
	while (!sp_der_end(&list) && sp_der_oid(&list, &oid))
		sp_w_oid(w, "item", oid);
	sp_w_leave(w);
}

void
sp_walk_tunneling(struct sp_walk *w, struct sp_der *d)
{
	struct sp_der seq;
	bool tunneling;

	sp_der_enter(d, SP_SEQUENCE, &seq);
	sp_der_bool_default(&seq, true, &tunneling);
	sp_w_bool(w, "tunneling", tunneling);
	walk_oids(w, "tunnelAlgIDs", &seq);
}

void
sp_walk_set_extensions(struct sp_walk *w, struct sp_der *d)
{
	walk_oids(w, "oids", d);
}
