/* Rules at the two ends of a path: what was asked of the lowest certificate, and where the path ends. */
#include "lib/chain/rules.h"

#include "lib/base/time.h"
#include "lib/x509/name.h"

#include <setpki/text.h>
#include <string.h>

bool
sp_rule_ask_type(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	uint32_t want = c->run->ask->type;
	char type[SP_TYPE_TEXT], wanted[SP_TYPE_TEXT];

	return (sp_at(c, d)->type & want) == want ||
	    sp_broken(text, "certificateType is %s, asked for was %s", sp_type_text(sp_at(c, d)->type, type),
		sp_type_text(want, wanted));
}

bool
sp_rule_ask_kind(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	enum setpki_kind want = c->run->ask->kind, kind = c->path.v[d]->c->kind;

	if (want == SETPKI_KIND_NONE || want == kind)
		return true;
	return sp_broken(
	    text, "it is a %s certificate, asked for was a %s one", setpki_kind_name(kind), setpki_kind_name(want));
}

bool
sp_rule_ask_brand(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	const char *want = c->run->ask->brand;
	char brand[SP_BRAND_TEXT];

	if (want == NULL || (sp_at(c, d)->type & SETPKI_TYPE_RCA) != 0)
		return true;
	sp_brand_cut(sp_bytes_str(want), brand);
	if (brand[0] != '\0' && strcmp(brand, c->path.v[d]->c->brand) == 0)
		return true;
	return sp_broken(text, "the brand is \"%.100s\", asked for was \"%.100s\"", c->path.v[d]->c->brand, want);
}

static bool
signs_message(const struct setpki_chain_ask *ask)
{
	return ask->signed_at != 0 || ask->signer_for.p != NULL;
}

bool
sp_rule_message(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	return !signs_message(c->run->ask) || (sp_at(c, d)->key_usage & SETPKI_KU_DIGITAL_SIGNATURE) != 0 ||
	    sp_broken(text, "keyUsage has no digitalSignature, yet it signed a message");
}

bool
sp_rule_signed_period(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	const struct sp_cert *cert = sp_at(c, d);
	int64_t at = c->run->ask->signed_at;
	char when[SETPKI_TIME_TEXT], from[SETPKI_TIME_TEXT], to[SETPKI_TIME_TEXT];

	if (at == 0 || !sp_cert_has(cert, SP_EXT_PKUP) || sp_time_within(at, cert->pkup_from, cert->pkup_to))
		return true;
	return sp_broken(text, "the message was signed on %s; the key was in use from %s to %s",
	    setpki_time_text(at, when), setpki_time_text(cert->pkup_from, from), setpki_time_text(cert->pkup_to, to));
}

/* 12.12: X's DN, X's type bits and X's superior. */
bool
sp_rule_signer_ca(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	const struct sp_cert *cert = sp_at(c, d);
	char type[SP_TYPE_TEXT], ca_type[SP_TYPE_TEXT];
	struct setpki_error why = {0};
	struct sp_cert ca;

	if (c->run->ask->signer_for.p == NULL)
		return true;
	if (sp_cert_parse(c->run->ask->signer_for, &ca, &why) != SETPKI_E_OK)
		return sp_broken(text, "the CA's certificate cannot be read: %.200s", why.message);
	if (!sp_bytes_eq(cert->subject, ca.subject))
		return sp_broken(text, "its subject is not the CA's name");
	if (cert->type != ca.type || (cert->type & SETPKI_TYPE_CA) == 0)
		return sp_broken(text, "its certificateType is %s, the CA's %s", sp_type_text(cert->type, type),
		    sp_type_text(ca.type, ca_type));
	if (!sp_bytes_eq(cert->issuer, ca.issuer))
		return sp_broken(text, "it was issued by another superior than the CA");
	return true;
}

/* A CA certificate in the pool counts when a CA of this path really signed it. */
static bool
issued_in_path(struct sp_check *c, struct sp_node *ca)
{
	size_t i;

	if ((ca->c->cert.type & SETPKI_TYPE_CA) == 0)
		return false;
	for (i = 1; i < c->path.n; i++)
		if (sp_bytes_eq(ca->c->cert.issuer, sp_at(c, i)->subject) &&
		    sp_check_cert_sig(c->run, ca->c, c->path.v[i]->c))
			return true;
	return false;
}

bool
sp_rule_subject_ca(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	setpki_bytes subject = sp_at(c, d)->subject;
	size_t i, from, to;

	if ((sp_at(c, d)->type & SETPKI_TYPE_EE) == 0)
		return true;
	for (i = 1; i < c->path.n; i++)
		if (sp_bytes_eq(subject, sp_at(c, i)->subject))
			return sp_broken(text, "its subject is that of the CA at depth %zu", i);
	sp_pool_by_subject(c->run->pool, subject, &from, &to);
	for (i = from; i < to; i++)
		if (issued_in_path(c, c->run->pool->by_subject.v[i]))
			return sp_broken(text, "its subject is that of a CA of this hierarchy");
	return true;
}

bool
sp_rule_end_missing(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	char name[160];

	if (c->path.end != SP_END_MISSING)
		return true;
	return sp_broken(
	    text, "no certificate of its issuer %s is at hand", sp_name_text(sp_at(c, d)->issuer, name, sizeof(name)));
}

bool
sp_rule_end_deep(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	(void)d;
	return c->path.end != SP_END_DEEP ||
	    sp_broken(text, "%zu certificates and no root yet, or a circle", c->path.n);
}

bool
sp_rule_end_trusted(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	char thumb[SETPKI_HEX_TEXT(SP_DIGEST_MAX)] = "none";
	const struct sp_pcert *root = c->path.v[d]->c;

	if (c->path.end != SP_END_UNTRUSTED)
		return true;
	if (root->thumb_len > 0)
		setpki_hex_text(sp_bytes(root->thumb, root->thumb_len), thumb);
	return sp_broken(text,
	    "it is not among the trusted roots, and none of them carries the hash of its key; its thumb is %s", thumb);
}

bool
sp_rule_end_succeeded(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	const struct sp_node *before;
	char name[200] = "a trusted root";

	if (c->path.end != SP_END_SUCCEEDED)
		return true;
	if ((before = sp_root_predecessor(c->run, c->path.v[d])) != NULL)
		sp_name_text(before->c->cert.subject, name, sizeof(name));
	return sp_broken(text, "accepted because hashedRootKey of %s is the hash of its key", name);
}

static bool
ends_at_root(const struct sp_check *c)
{
	return c->path.end == SP_END_TRUSTED || c->path.end == SP_END_SUCCEEDED || c->path.end == SP_END_UNTRUSTED;
}

bool
sp_rule_root_kind(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	enum setpki_kind kind = c->path.v[d]->c->kind;

	if (!ends_at_root(c) || kind == SETPKI_KIND_ROOT)
		return true;
	return sp_broken(text, "the chain ends at a self-issued certificate of kind \"%s\"", setpki_kind_name(kind));
}

bool
sp_rule_root_signature(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	struct sp_node *root = c->path.v[d];

	/* Bytes that are trusted as they stand need no signature; a thumb does not cover it. */
	if (!ends_at_root(c) || root->trusted || sp_check_cert_sig(c->run, root->c, root->c))
		return true;
	return sp_broken(text, "the root's signature does not verify with its own key");
}

bool
sp_rule_suite_asked(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	enum setpki_suite want = c->run->ask->suite == SETPKI_SUITE_NONE ? SETPKI_SUITE_MODERN : c->run->ask->suite;

	if (!ends_at_root(c) || sp_at(c, d)->suite == want)
		return true;
	return sp_broken(text, "the root is of suite %s, asked for was %s", setpki_suite_name(sp_at(c, d)->suite),
	    setpki_suite_name(want));
}
