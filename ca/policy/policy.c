/* A policy once it is read: finding one's way in it, and freeing it. */
#include "ca/policy/policy.h"

#include "ca/policy/schema.h"

#include <openssl/crypto.h>
#include <string.h>

int
ca_policy_find(const struct ca_policy *p, const char *name)
{
	for (size_t i = 0; i < p->ncas; i++)
		if (strcmp(p->cas[i].name, name) == 0)
			return (int)i;
	return -1;
}

int
ca_policy_line(const struct ca_policy *p, const char *path)
{
	size_t len = strcspn(path, ".");
	const struct ca_node *n = NULL;

	for (size_t i = 0; n == NULL && i < p->ncas; i++)
		if (strlen(p->cas[i].name) == len && memcmp(p->cas[i].name, path, len) == 0)
			n = p->cas[i].node;
	if (n == NULL && len == strlen("policy") && memcmp(path, "policy", len) == 0)
		n = p->document;
	if (n != NULL && path[len] != '\0')
		n = ca_node_at(n, path + len + 1);
	if (n == NULL || n->origin == CA_FROM_DEFAULT)
		return 0;
	return n->key_line;
}

const char *
ca_role_name(enum ca_role role)
{
	return (unsigned)role < CA_ROLE_N ? ca_role_words[role] : "unknown";
}

const char *
ca_decider_name(enum ca_decider d)
{
	return (unsigned)d < CA_DECIDE_N ? ca_decider_words[d] : "unknown";
}

const char *
ca_purpose_name(enum ca_purpose p)
{
	static const char *const names[] = {
	    [CA_PURPOSE_CERTSIGN] = "certificate-signing",
	    [CA_PURPOSE_CRLSIGN] = "crl-signing",
	    [CA_PURPOSE_SIGN] = "message-signature",
	    [CA_PURPOSE_EXCHANGE] = "key-exchange",
	};

	return (unsigned)p < CA_PURPOSE_N ? names[p] : "unknown";
}

/* set-protocol 12.12: one certificate for certificates and CRLs, unless a key for CRLs alone is declared; a CA that
 * keeps no CRLs signs none. */
enum setpki_kind
ca_policy_kind(const struct ca_policy_ca *ca, enum ca_purpose purpose)
{
	static const enum setpki_kind kinds[] = {
	    [CA_PURPOSE_CRLSIGN] = SETPKI_KIND_CA_CRLSIGN,
	    [CA_PURPOSE_SIGN] = SETPKI_KIND_CA_SIG,
	    [CA_PURPOSE_EXCHANGE] = SETPKI_KIND_CA_ENC,
	};

	if ((unsigned)purpose >= CA_PURPOSE_N || !ca->keys[purpose].present)
		return SETPKI_KIND_NONE;
	if (purpose != CA_PURPOSE_CERTSIGN)
		return kinds[purpose];
	if (ca->level == CA_LEVEL_ROOT)
		return SETPKI_KIND_ROOT;
	if (!ca->crl.keeps || ca->keys[CA_PURPOSE_CRLSIGN].present)
		return SETPKI_KIND_CA_CERTSIGN;
	return SETPKI_KIND_CA_SIGN;
}

bool
ca_profile_takes_bin(const struct ca_profile *profile, const char *bin)
{
	for (size_t i = 0; i < profile->nbins; i++)
		if (strncmp(profile->bins[i], bin, strlen(profile->bins[i])) == 0)
			return true;
	return profile->nbins == 0;
}

const struct ca_desk_route *
ca_desk_route(const struct ca_desk *desk, const char *bin)
{
	for (size_t i = 0; i < desk->nroutes; i++)
		for (size_t k = 0; k < desk->routes[i].nbins; k++)
			if (strncmp(desk->routes[i].bins[k], bin, SP_UB_BIN) == 0)
				return &desk->routes[i];
	return NULL;
}

int
ca_policy_first_contact(const struct ca_policy *p, int brand, enum ca_role role)
{
	int found = -1, marked = -1;
	size_t n = 0, nmarked = 0;

	for (size_t i = 0; i < p->ncas; i++) {
		const struct ca_profile *profile = &p->cas[i].profiles[role];

		if (!profile->present || (brand >= 0 && p->cas[i].brand != brand))
			continue;
		found = (int)i;
		n++;
		if (profile->first_contact) {
			marked = (int)i;
			nmarked++;
		}
	}
	if (nmarked > 0)
		return nmarked == 1 ? marked : -1;
	return n == 1 ? found : -1;
}

/* --- forms ------------------------------------------------------------------------------------------ */

const char *
ca_form_text_in(const struct ca_form_text *texts, size_t n, const char *language)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(texts[i].language, language) == 0)
			return texts[i].text;
	return NULL;
}

const char *
ca_form_field_id_name(int id)
{
	return id >= 0 && id <= 12 ? ca_field_id_words[id] : NULL;
}

/* --- freeing ---------------------------------------------------------------------------------------- */

static void
free_texts(struct ca_form_text *texts, size_t n)
{
	for (size_t i = 0; texts != NULL && i < n; i++) {
		OPENSSL_free(texts[i].language);
		OPENSSL_free(texts[i].text);
	}
	OPENSSL_free(texts);
}

static void
free_field(struct ca_form_field *field)
{
	OPENSSL_free(field->name);
	OPENSSL_free(field->pattern);
	free_texts(field->labels, field->nlabels);
	free_texts(field->hints, field->nhints);
}

static void
free_form(struct ca_form *form)
{
	for (size_t i = 0; form->fields != NULL && i < form->nfields; i++)
		free_field(&form->fields[i]);
	OPENSSL_free(form->fields);
	free_field(&form->account);
	OPENSSL_free(form->name);
	OPENSSL_free(form->brand_logo);
	OPENSSL_free(form->card_logo);
	free_texts(form->terms, form->nterms);
}

static void
free_desk(struct ca_desk *desk)
{
	for (size_t i = 0; desk->routes != NULL && i < desk->nroutes; i++) {
		struct ca_desk_route *route = &desk->routes[i];

		for (size_t k = 0; k < SP_DESK_ROUTE_BINS_MAX; k++)
			OPENSSL_free(route->bins[k]);
		for (size_t k = 0; k < SP_REFERRAL_URLS_MAX; k++)
			OPENSSL_free(route->referral.urls[k]);
		free_texts(route->referral.reasons, route->referral.nreasons);
		OPENSSL_free(route->name);
		OPENSSL_free(route->form_name);
	}
	OPENSSL_free(desk->routes);
	OPENSSL_free(desk->program.path);
}

static void
free_profile(struct ca_profile *profile)
{
	for (size_t i = 0; i < CA_PROFILE_BINS_MAX; i++)
		OPENSSL_free(profile->bins[i]);
	OPENSSL_free(profile->country);
	OPENSSL_free(profile->unit);
	OPENSSL_free(profile->unit2);
	OPENSSL_free(profile->form_name);
	free_desk(&profile->desk);
}

static void
free_ca(struct ca_policy_ca *ca)
{
	for (size_t r = 0; r < CA_ROLE_N; r++)
		free_profile(&ca->profiles[r]);
	OPENSSL_free(ca->name);
	OPENSSL_free(ca->country);
	OPENSSL_free(ca->organization);
	OPENSSL_free(ca->unit);
	OPENSSL_free(ca->id);
	OPENSSL_free(ca->brand_id);
	OPENSSL_free(ca->crl_url);
	OPENSSL_free(ca->aia_url);
	OPENSSL_free(ca->statement);
	OPENSSL_free(ca->policy_url);
	OPENSSL_free(ca->policy_email);
}

void
ca_policy_free(struct ca_policy *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; p->cas != NULL && i < p->ncas; i++)
		free_ca(&p->cas[i]);
	for (size_t i = 0; p->forms != NULL && i < p->nforms; i++)
		free_form(&p->forms[i]);
	OPENSSL_free(p->cas);
	OPENSSL_free(p->forms);
	OPENSSL_free(p->name);
	OPENSSL_free(p->source);
	OPENSSL_free(p->file);
	ca_node_free(p->document);
	OPENSSL_free(p);
}
