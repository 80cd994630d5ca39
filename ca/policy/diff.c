/* Two policies side by side: what changes, and what comes of it. */
#include "ca/policy/schema.h"
#include "ca/policy/show.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

struct diff {
	struct ca_policy_changes *out;
	bool failed;
};

static const char *const effects[] = {
    [CA_EFFECT_NONE] = "nothing that is issued changes",
    [CA_EFFECT_HOME] = "a home keeps its suite: only a new home can have this policy",
    [CA_EFFECT_NAME] = "names of CAs are what homes know them by",
    [CA_EFFECT_CA] = "the CA's certificates made from now on (ca renew, ca roll); those it has stay as they are",
    [CA_EFFECT_KEY] = "keys made from now on (ca roll); those that exist stay as they are",
    [CA_EFFECT_ISSUED] = "what is issued from now on, by and below the CA",
    [CA_EFFECT_EE] = "certificates issued to end entities from now on",
    [CA_EFFECT_CRL] = "the CRL schedule, from the next CRL on",
    [CA_EFFECT_BCI] = "the BCI schedule, from the next BCI on",
    [CA_EFFECT_FORM] = "registrations begun from now on",
    [CA_EFFECT_DESK] = "registrations decided from now on",
};

/* --- noting changes -------------------------------------------------------------------------------------- */

static void
value_text(const struct ca_node *n, char *out, size_t cap)
{
	size_t used = 0;

	out[0] = '\0';
	if (n != NULL && n->type == CA_NODE_SCALAR)
		snprintf(out, cap, "%s", n->text);
	if (n == NULL || n->type != CA_NODE_LIST || n->row->type != CA_V_LIST)
		return;
	for (const struct ca_node *e = n->first; e != NULL && used < cap; e = e->next)
		used += (size_t)snprintf(out + used, cap - used, "%s%s", e->index > 1 ? ", " : "", e->text);
}

static int
line_of(const struct ca_node *n)
{
	return n == NULL || n->origin == CA_FROM_DEFAULT ? 0 : n->key_line;
}

static struct ca_policy_change *
grow(struct diff *d)
{
	struct ca_policy_changes *c = d->out;
	size_t cap = c->cap != 0 ? 2 * c->cap : 16;
	struct ca_policy_change *v;

	if (c->n == c->cap) {
		if ((v = OPENSSL_realloc(c->v, cap * sizeof(*v))) == NULL) {
			d->failed = true;
			return NULL;
		}
		c->v = v;
		c->cap = cap;
	}
	return memset(&c->v[c->n++], 0, sizeof(*c->v));
}

static void
note(struct diff *d, const struct ca_node *old, const struct ca_node *new, const char *effect)
{
	struct ca_policy_change *c = grow(d);

	if (c == NULL)
		return;
	c->what = old == NULL ? CA_CHANGE_ADDED : new == NULL ? CA_CHANGE_REMOVED : CA_CHANGE_VALUE;
	ca_node_short_path(old != NULL ? old : new, c->path, sizeof(c->path));
	value_text(old, c->old, sizeof(c->old));
	value_text(new, c->new, sizeof(c->new));
	c->old_line = line_of(old);
	c->new_line = line_of(new);
	c->effect = effect;
}

/* A CA that comes or goes takes those below it along; each is told. */
static void
note_cas(struct diff *d, const struct ca_node *n, bool added)
{
	if (ca_node_is_ca(n))
		note(d, added ? NULL : n, added ? n : NULL,
		    added ? "a new CA: setca init makes its keys and certificates"
			  : "a home that has the CA keeps it, and refuses this policy");
	for (const struct ca_node *c = n->first; c != NULL; c = c->next)
		note_cas(d, c, added);
}

/* --- comparing -------------------------------------------------------------------------------------------- */

static void diff_maps(struct diff *d, const struct ca_node *old, const struct ca_node *new);

static const struct ca_node *
find_label(const struct ca_node *list, const char *label)
{
	const char *other;

	for (const struct ca_node *e = list != NULL ? list->first : NULL; e != NULL; e = e->next)
		if ((other = ca_node_label(e)) != NULL && strcmp(other, label) == 0)
			return e;
	return NULL;
}

static void
note_element(struct diff *d, const struct ca_row *row, const struct ca_node *old, const struct ca_node *new)
{
	const struct ca_node *n = old != NULL ? old : new;

	if (ca_node_is_ca(n))
		note_cas(d, n, old == NULL);
	else
		note(d, old, new, effects[row->effect]);
}

static void
diff_elements(struct diff *d, const struct ca_row *row, const struct ca_node *old, const struct ca_node *new)
{
	const struct ca_node *other;

	for (const struct ca_node *e = old != NULL ? old->first : NULL; e != NULL; e = e->next) {
		if ((other = find_label(new, ca_node_label(e))) != NULL)
			diff_maps(d, e, other);
		else
			note_element(d, row, e, NULL);
	}
	for (const struct ca_node *e = new != NULL ? new->first : NULL; e != NULL; e = e->next)
		if (find_label(old, ca_node_label(e)) == NULL)
			note_element(d, row, NULL, e);
}

static void
diff_values(struct diff *d, const struct ca_row *row, const struct ca_node *old, const struct ca_node *new)
{
	char a[1024], b[1024];

	/* what both inherit is told where it is said */
	if (old != NULL && new != NULL && old->origin == CA_FROM_ABOVE &&new->origin == CA_FROM_ABOVE)
		return;
	if (row->type == CA_V_MAPS) {
		diff_elements(d, row, old, new);
		return;
	}
	if (old != NULL && new != NULL && row->type == CA_V_MAP) {
		diff_maps(d, old, new);
		return;
	}
	value_text(old, a, sizeof(a));
	value_text(new, b, sizeof(b));
	if (old == NULL || new == NULL || strcmp(a, b) != 0 || (old->text != NULL && strcmp(old->text, new->text) != 0))
		note(d, old, new, effects[row->effect]);
}

static void
diff_maps(struct diff *d, const struct ca_node *old, const struct ca_node *new)
{
	for (size_t i = 0; i < old->table->n; i++) {
		const struct ca_row *row = &old->table->rows[i];
		const struct ca_node *a = ca_node_get(old, row->key), *b = ca_node_get(new, row->key);

		if (a != NULL || b != NULL)
			diff_values(d, row, a, b);
	}
}

enum setpki_code
ca_policy_diff(
    const struct ca_policy *old, const struct ca_policy *new, struct ca_policy_changes *out, struct setpki_error *err)
{
	struct diff d = {.out = out};

	memset(out, 0, sizeof(*out));
	diff_maps(&d, old->document, new->document);
	if (!d.failed)
		return SETPKI_E_OK;
	ca_policy_changes_free(out);
	return sp_fail_memory(err);
}

void
ca_policy_changes_free(struct ca_policy_changes *c)
{
	OPENSSL_free(c->v);
	memset(c, 0, sizeof(*c));
}
