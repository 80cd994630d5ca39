/* Rules of CA keys: what the suite allows, which purposes go together, how they are protected. */
#include "ca/policy/rules.h"

#include <string.h>

/* set-protocol 12.1, "signature keys" and "key-exchange keys" */
static const struct allowed {
	enum setpki_suite suite;
	bool exchange;
	enum sp_keyalg alg;
	unsigned min, max;
} allowed[] = {
    {SETPKI_SUITE_MODERN, false, SP_KEY_P256, 256, 256},
    {SETPKI_SUITE_MODERN, false, SP_KEY_P384, 384, 384},
    {SETPKI_SUITE_MODERN, false, SP_KEY_RSA, 2048, 4096},
    {SETPKI_SUITE_MODERN, true, SP_KEY_RSA, 2048, 4096},
    {SETPKI_SUITE_CLASSIC, false, SP_KEY_RSA, 1024, 4096},
    {SETPKI_SUITE_CLASSIC, true, SP_KEY_RSA, 1024, 4096},
};

static const char *
what_is_allowed(enum setpki_suite suite, bool exchange)
{
	if (suite == SETPKI_SUITE_CLASSIC)
		return "RSA-1024 to RSA-4096";
	return exchange ? "RSA-2048 to RSA-4096" : "P-256, P-384, or RSA-2048 to RSA-4096";
}

enum setpki_code
ca_check_keytype(
    struct ca_check *c, enum setpki_suite suite, const struct ca_keytype *key, bool exchange, const struct ca_node *at)
{
	const struct allowed *a = NULL;
	char text[16];

	for (size_t i = 0; a == NULL && i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (allowed[i].suite == suite && allowed[i].exchange == exchange && allowed[i].alg == key->alg)
			a = &allowed[i];
	sp_keytype_text(key->alg, key->bits, text);
	if (a == NULL)
		return ca_refuse(c, at, "", "set-protocol 12.1", "%s is no key for %s in suite %s: write %s", text,
		    exchange ? "key exchange" : "signatures", setpki_suite_name(suite),
		    what_is_allowed(suite, exchange));
	if (key->bits < a->min || key->bits > a->max)
		return ca_refuse(c, at, "", "set-protocol 12.1", "%s is too %s for suite %s: write %s", text,
		    key->bits < a->min ? "short" : "long", setpki_suite_name(suite), what_is_allowed(suite, exchange));
	if (key->bits % 8 != 0)
		return ca_refuse(c, at, "", "set-protocol 12.1", "%s is no multiple of 8 bits: write %s", text,
		    what_is_allowed(suite, exchange));
	return SETPKI_E_OK;
}

static const struct ca_node *
key_node(const struct ca_policy_ca *ca, enum ca_purpose purpose, const char *key)
{
	return ca_node_get(ca_node_get(ca_node_get(ca->node, "keys"), ca_purpose_name(purpose)), key);
}

static enum setpki_code
suite_allows_keys(struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca)
{
	enum setpki_code rc = SETPKI_E_OK;

	for (int k = 0; rc == SETPKI_E_OK && k < CA_PURPOSE_N; k++)
		if (ca->keys[k].present)
			rc = ca_check_keytype(c, p->suite, &ca->keys[k].key, k == CA_PURPOSE_EXCHANGE,
			    key_node(ca, (enum ca_purpose)k, "type"));
	return rc;
}

static enum setpki_code
root_key_is_long(struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca)
{
	const struct ca_keyspec *k = &ca->keys[CA_PURPOSE_CERTSIGN];

	(void)p;
	if (ca->level != CA_LEVEL_ROOT || k->alg != SP_KEY_RSA || k->bits >= 2048)
		return SETPKI_E_OK;
	return ca_refuse(c, ca->node, "keys.certificate-signing.type", "set-protocol 12.1",
	    "RSA-%u is too short for a root: write RSA-2048 or more", k->bits);
}

static enum setpki_code
messages_need_both(struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca)
{
	bool sign = ca->keys[CA_PURPOSE_SIGN].present, exchange = ca->keys[CA_PURPOSE_EXCHANGE].present;

	(void)p;
	if (sign == exchange)
		return SETPKI_E_OK;
	return ca_refuse(c, ca->node, sign ? "keys.key-exchange" : "keys.message-signature", "set-protocol section 5",
	    "'%s' is missing beside '%s': registrations need both keys; declare it, or leave both out",
	    sign ? "key-exchange" : "message-signature", sign ? "message-signature" : "key-exchange");
}

static enum setpki_code
crl_key_has_crls(struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca)
{
	(void)p;
	if (!ca->keys[CA_PURPOSE_CRLSIGN].present || ca->crl.keeps)
		return SETPKI_E_OK;
	return ca_refuse(c, ca->node, "keys.crl-signing", NULL,
	    "unused: '%s' keeps no CRLs; give it a 'crl' schedule, or remove the key", ca->name);
}

static enum setpki_code
gateways_have_crls(struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca)
{
	(void)p;
	if (!ca->profiles[CA_ROLE_GATEWAY].present || ca->crl.keeps)
		return SETPKI_E_OK;
	return ca_refuse(c, ca->node, "crl", "set-protocol 12.14",
	    "'crl' is missing: a CA for gateways keeps CRLs, and every relying party asks for them");
}

static enum setpki_code
keys_are_protected(struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca)
{
	if (p->test)
		return SETPKI_E_OK;
	if (!ca->passphrase)
		return ca_refuse(c, ca->node, "keys.protection", NULL,
		    "unprotected keys are for test policies: write passphrase, or 'test: true' at the top");
	if (ca->level == CA_LEVEL_ROOT && !ca->next_key_passphrase)
		return ca_refuse(c, ca->node, "keys.next-root-protection", "set-protocol 12.15",
		    "the next root's key is kept under a passphrase of its own, test policies excepted");
	return SETPKI_E_OK;
}

ca_ca_rule *const ca_key_rules[] = {suite_allows_keys, root_key_is_long, messages_need_both, crl_key_has_crls,
    gateways_have_crls, keys_are_protected, NULL};
