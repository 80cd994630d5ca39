/* The tree into the struct. */
#include "ca/policy/schema.h"
#include "lib/base/limits.h"

#include <openssl/crypto.h>
#include <string.h>

struct ca_fill {
	struct ca_check *check;
	struct ca_policy *policy;
	size_t room; /* of policy->cas */
};

static enum setpki_code fill_map(struct ca_fill *f, const struct ca_node *map, void *base);

static void *
at(void *base, size_t offset)
{
	return (uint8_t *)base + offset;
}

/* --- where mappings go ------------------------------------------------------------------------------ */

static const uint32_t level_types[] = {
    [CA_LEVEL_ROOT] = SETPKI_TYPE_RCA, [CA_LEVEL_BRAND] = SETPKI_TYPE_BCA, [CA_LEVEL_GEO] = SETPKI_TYPE_GCA};
static const uint32_t role_types[] = {
    [CA_ROLE_CARDHOLDER] = SETPKI_TYPE_CCA, [CA_ROLE_MERCHANT] = SETPKI_TYPE_MCA, [CA_ROLE_GATEWAY] = SETPKI_TYPE_PCA};

void *
ca_fill_ca(struct ca_fill *f, const struct ca_row *row, void *base, const struct ca_node *n)
{
	struct ca_policy *p = f->policy;
	struct ca_policy_ca *ca;

	if (p->ncas == f->room)
		return NULL;
	ca = &p->cas[p->ncas];
	ca->level = (enum ca_level)row->tag;
	ca->parent = ca->brand = -1;
	if (ca->level != CA_LEVEL_ROOT)
		ca->parent = (int)((struct ca_policy_ca *)base - p->cas);
	if (ca->level == CA_LEVEL_BRAND)
		ca->brand = (int)p->ncas;
	else if (ca->level > CA_LEVEL_BRAND)
		ca->brand = p->cas[ca->parent].brand;
	else
		ca->organization = OPENSSL_strdup("SET Root"); /* set-protocol section 5 */
	if (ca->level != CA_LEVEL_ISSUER)
		ca->type = level_types[ca->level];
	ca->node = n;
	p->ncas++;
	return ca;
}

void *
ca_fill_profile(struct ca_fill *f, const struct ca_row *row, void *base, const struct ca_node *n)
{
	struct ca_policy_ca *ca = base;
	const struct ca_node *role = ca_node_get(n, "role");
	struct ca_profile *profile = &ca->profiles[ca_word_index(ca_role_words, role->text)];

	(void)f;
	(void)row;
	ca->type |= role_types[profile - ca->profiles];
	profile->node = n;
	return profile;
}

/* --- values ----------------------------------------------------------------------------------------- */

static enum setpki_code
fill_list(struct ca_fill *f, const struct ca_node *n, void *base)
{
	const struct ca_row *row = n->row;
	size_t i = 0, step = ca_value_size(row->of);

	for (const struct ca_node *e = n->first; e != NULL; e = e->next, i++)
		if (!ca_value_set(row, e->text, at(base, row->at + i * step)))
			return sp_fail_memory(f->check->err);
	memcpy(at(base, row->count_at), &i, sizeof(i));
	return SETPKI_E_OK;
}

/* A list of mappings that is an array in the struct. */
static enum setpki_code
fill_array(struct ca_fill *f, const struct ca_node *n, void *base)
{
	const struct ca_row *row = n->row;
	size_t count = n->last->index;
	void *array = OPENSSL_zalloc(count * row->size);
	enum setpki_code rc = SETPKI_E_OK;

	if (array == NULL)
		return sp_fail_memory(f->check->err);
	memcpy(at(base, row->at), &array, sizeof(array));
	memcpy(at(base, row->count_at), &count, sizeof(count));
	for (const struct ca_node *e = n->first; rc == SETPKI_E_OK && e != NULL; e = e->next) {
		void *element = at(array, (e->index - 1) * row->size);

		if (row->init != NULL)
			row->init(element, e);
		rc = fill_map(f, e, element);
	}
	return rc;
}

static enum setpki_code
fill_mapping(struct ca_fill *f, const struct ca_row *row, const struct ca_node *map, void *base)
{
	void *to = row->at != CA_NOWHERE ? at(base, row->at) : base;

	if (row->element != NULL)
		to = row->element(f, row, base, map);
	return to != NULL ? fill_map(f, map, to) : sp_fail_memory(f->check->err);
}

static enum setpki_code
fill_value(struct ca_fill *f, const struct ca_node *n, void *base)
{
	enum setpki_code rc = SETPKI_E_OK;
	const struct ca_row *row = n->row;

	if (row->above)
		return SETPKI_E_OK;
	if (row->type == CA_V_MAP)
		return fill_mapping(f, row, n, base);
	if (row->type == CA_V_LIST)
		return fill_list(f, n, base);
	if (row->type == CA_V_MAPS && row->size != 0)
		return fill_array(f, n, base);
	if (row->type == CA_V_MAPS) {
		for (const struct ca_node *e = n->first; rc == SETPKI_E_OK && e != NULL; e = e->next)
			rc = fill_mapping(f, row, e, base);
		return rc;
	}
	return ca_value_set(row, n->text, at(base, row->at)) ? SETPKI_E_OK : sp_fail_memory(f->check->err);
}

/* In the order of the table, not of the file: what CAs below take over has to be there. */
static enum setpki_code
fill_map(struct ca_fill *f, const struct ca_node *map, void *base)
{
	enum setpki_code rc = SETPKI_E_OK;

	if (map->table->present != CA_NOWHERE)
		*(bool *)at(base, map->table->present) = true;
	for (size_t i = 0; rc == SETPKI_E_OK && i < map->table->n; i++) {
		const struct ca_node *n = ca_node_get(map, map->table->rows[i].key);

		if (n != NULL)
			rc = fill_value(f, n, base);
	}
	return rc;
}

static size_t
count_cas(const struct ca_node *n)
{
	size_t count = n->table != NULL && ca_row_find(n->table, "path-length") != NULL;

	for (const struct ca_node *c = n->first; c != NULL; c = c->next)
		count += count_cas(c);
	return count;
}

static const struct ca_form *
find_form(const struct ca_policy *p, const char *name)
{
	for (size_t i = 0; name != NULL && i < p->nforms; i++)
		if (strcmp(p->forms[i].name, name) == 0)
			return &p->forms[i];
	return NULL;
}

static void
derive_profiles(const struct ca_policy *p, struct ca_policy_ca *ca)
{
	for (size_t r = 0; r < CA_ROLE_N; r++) {
		struct ca_profile *profile = &ca->profiles[r];

		profile->role = (enum ca_role)r;
		profile->signature = profile->nsig_keys > 0;
		profile->exchange = profile->nexch_keys > 0;
		profile->form = find_form(p, profile->form_name);
		for (size_t i = 0; i < profile->desk.nroutes; i++)
			profile->desk.routes[i].form = find_form(p, profile->desk.routes[i].form_name);
	}
}

/* What follows from other values. */
static enum setpki_code
derive(struct ca_fill *f)
{
	for (struct ca_policy_ca *ca = f->policy->cas; ca < f->policy->cas + f->policy->ncas; ca++) {
		if (ca->organization == NULL && (ca->organization = OPENSSL_strdup(ca->brand_id)) == NULL)
			return sp_fail_memory(f->check->err);
		for (size_t k = 0; k < CA_PURPOSE_N; k++)
			if (ca->keys[k].present && ca->keys[k].usage == 0)
				ca->keys[k].usage = ca->keys[k].lifetime;
		derive_profiles(f->policy, ca);
	}
	return SETPKI_E_OK;
}

enum setpki_code
ca_fill(struct ca_check *c, const struct ca_node *root, struct ca_policy *p)
{
	struct ca_fill f = {.check = c, .policy = p, .room = count_cas(root)};
	enum setpki_code rc;

	if ((p->cas = OPENSSL_zalloc(f.room * sizeof(*p->cas))) == NULL)
		return sp_fail_memory(c->err);
	rc = fill_map(&f, root, p);
	return rc == SETPKI_E_OK ? derive(&f) : rc;
}
