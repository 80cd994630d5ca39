/* Which CA answers (architecture, "setcad"): by brand, kind and BIN, by the recipient of an envelope, by number. */
#include "ca/register/private.h"

#include "ca/register/route.h"
#include "lib/x509/cert.h"

#include <string.h>

static const struct {
	uint32_t holder, ca;
	enum ca_role role;
} roles[] = {
    {SETPKI_TYPE_CARD, SETPKI_TYPE_CCA, CA_ROLE_CARDHOLDER},
    {SETPKI_TYPE_MER, SETPKI_TYPE_MCA, CA_ROLE_MERCHANT},
    {SETPKI_TYPE_PGWY, SETPKI_TYPE_PCA, CA_ROLE_GATEWAY},
};

enum ca_role
ca_reg_role(uint32_t type)
{
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (type == roles[i].holder || type == roles[i].ca)
			return roles[i].role;
	return CA_ROLE_N;
}

const struct ca_profile *
ca_reg_profile(const struct ca_register *r, const struct ca_reg_generation *g, enum ca_role role)
{
	const struct ca_profile *p;

	if (g->policy_index < 0 || role >= CA_ROLE_N)
		return NULL;
	p = &r->h->policy->cas[g->policy_index].profiles[role];
	return p->present && p->desk.present ? p : NULL;
}

/* "Brand" and "Brand:Product" are one brand (set-protocol 7, step 8). */
static bool
same_brand(const char *a, const char *b)
{
	size_t n = strcspn(a, ":");

	return n == strcspn(b, ":") && strncmp(a, b, n) == 0;
}

static bool
registers(const struct ca_policy *p, size_t ca, enum ca_role role, const char *brand)
{
	const struct ca_profile *profile = &p->cas[ca].profiles[role];

	return profile->present && profile->desk.present && p->cas[ca].brand_id != NULL &&
	    same_brand(p->cas[ca].brand_id, brand);
}

/* How well a CA suits a first contact: it serves the BIN; it was told where to send those who come with it; it serves
 * this product alone, where one is asked for; it is the one that the policy marks. */
static unsigned
suits(const struct ca_policy_ca *ca, enum ca_role role, const char *brand, const char *bin)
{
	const struct ca_profile *profile = &ca->profiles[role];
	const struct ca_referral *elsewhere;
	unsigned n = 0;

	if (bin != NULL && (profile->nbins != 0 || ca_desk_route(&profile->desk, bin) != NULL)) {
		if (ca_reg_form_for(profile, bin, &elsewhere) != NULL)
			n += 8;
		else if (elsewhere != NULL)
			n += 4;
	}
	if (strcmp(ca->brand_id, brand) == 0)
		n += 2;
	return n + profile->first_contact;
}

/* The CA of the policy that a first contact goes to: its index, or -1.  Those of another home have a desk there. */
static int
first_contact(const struct ca_register *r, enum ca_role role, const char *brand, const char *bin)
{
	const struct ca_policy *p = r->h->policy;
	int best = -1, marked = -1;
	unsigned most = 0, equal = 0;

	for (size_t i = 0; i < p->ncas; i++) {
		unsigned n;

		if (r->here == NULL || !r->here[i] || !registers(p, i, role, brand))
			continue;
		if (p->cas[i].profiles[role].first_contact)
			marked = (int)i;
		n = suits(&p->cas[i], role, brand, bin);
		if (best >= 0 && n == most)
			equal++;
		if (best >= 0 && n <= most)
			continue;
		best = (int)i;
		most = n;
		equal = 1;
	}
	return equal > 1 ? marked : best;
}

static enum setpki_code
none(struct setpki_error *err)
{
	return sp_fail(err, SETPKI_E_NOTFOUND, NULL, "no CA here answers this");
}

enum setpki_code
ca_reg_first(void *arg, const char *brand, uint32_t ca_type, const char *bin, const struct setpki_responder_ca **out,
    struct setpki_error *err)
{
	struct ca_register *r = arg;
	enum ca_role role = ca_reg_role(ca_type);
	int ca = role < CA_ROLE_N ? first_contact(r, role, brand, bin) : -1;

	for (size_t i = 0; ca >= 0 && i < r->ng; i++)
		if (r->g[i].policy_index == ca && r->g[i].newest) {
			*out = &r->g[i].v[0];
			return SETPKI_E_OK;
		}
	return none(err);
}

enum setpki_code
ca_reg_recipient(void *arg, setpki_bytes issuer, setpki_bytes serial, const struct setpki_responder_ca **out,
    struct setpki_error *err)
{
	struct ca_register *r = arg;

	for (size_t i = 0; i < r->ng; i++)
		for (size_t k = 0; k < r->g[i].n; k++) {
			const struct setpki_party *p = &r->g[i].v[k].exchange;

			if (!sp_bytes_eq(p->issuer, issuer) || !sp_bytes_eq(p->serial, serial))
				continue;
			*out = &r->g[i].v[k];
			return SETPKI_E_OK;
		}
	return none(err);
}

enum setpki_code
ca_reg_number(void *arg, uint16_t number, const struct setpki_responder_ca **out, struct setpki_error *err)
{
	struct ca_reg_generation *g = ca_reg_newest(arg, number);

	if (g == NULL)
		return none(err);
	*out = &g->v[0];
	return SETPKI_E_OK;
}
