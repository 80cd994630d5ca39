/* Merchants and gateways of an import. */
#include "ca/register/accounts_inner.h"
#include "lib/base/limits.h"
#include "lib/x509/name.h"

#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

/* --- what could be certified ------------------------------------------------------------------------ */

static enum setpki_code
check_merchant(const struct ca_profile *p, const struct ca_holder_record *rec, struct setpki_error *err)
{
	struct sp_merchant_data m = {.mer_id = rec->id,
	    .bin = rec->bin,
	    .names = rec->names,
	    .nnames = rec->nnames,
	    .country = rec->country,
	    .auth_flag = rec->auth_flag};
	struct sp_buf der = {0};
	enum setpki_code rc = sp_merchant_build(&m, &der, err);

	sp_buf_free(&der);
	if (rc != SETPKI_E_OK)
		return rc;
	if (p->mer_country != 0 && rec->country != p->mer_country)
		return sp_fail(err, SETPKI_E_POLICY, NULL, "country %03d: the policy allows %03d alone", rec->country,
		    p->mer_country);
	if (rec->auth_flag && !p->auth_flag)
		return sp_fail(err, SETPKI_E_POLICY, NULL, "authorization: the policy allows none");
	return SETPKI_E_OK;
}

static enum setpki_code
check_gateway(const struct ca_accounts *a, const struct ca_profile *p, const struct ca_holder_record *rec,
    struct setpki_error *err)
{
	struct sp_name_parts parts = {
	    .country = p->country, .organization = a->ca->organization, .unit = p->unit, .common = rec->name};
	struct sp_buf name = {0};
	enum setpki_code rc;

	if (strlen(rec->id) > SP_UB_ACQ_BUSINESS_ID || strspn(rec->id, DIGITS) != strlen(rec->id))
		return sp_fail(err, SETPKI_E_ARGUMENT, "SET Book 3, AcquirerBusinessID", "id: at most %u digits",
		    SP_UB_ACQ_BUSINESS_ID);
	if (rec->name == NULL || rec->name[0] == '\0')
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "name: a gateway needs one, its commonName");
	rc = sp_name_build(a->h->policy->suite, &parts, &name, err);
	sp_buf_free(&name);
	return rc == SETPKI_E_OK ? rc : sp_error_in(err, rc, "name");
}

static enum setpki_code
check_holder(const struct ca_accounts *a, const struct ca_holder_record *rec, struct setpki_error *err)
{
	const struct ca_profile *p = &a->ca->profiles[rec->role];

	if (!p->present)
		return sp_fail(err, SETPKI_E_POLICY, NULL, "%s does not certify %ss by the policy", a->ca->name,
		    ca_role_name((enum ca_role)rec->role));
	if (strlen(rec->bin) != SP_UB_BIN || strspn(rec->bin, DIGITS) != SP_UB_BIN)
		return sp_fail(err, SETPKI_E_ARGUMENT, "SET Book 3, BIN", "bin: six digits");
	if (!ca_profile_takes_bin(p, rec->bin))
		return sp_fail(
		    err, SETPKI_E_POLICY, NULL, "bin: %s is not one of those that %s serves", rec->bin, a->ca->name);
	return rec->role == CA_ROLE_MERCHANT ? check_merchant(p, rec, err) : check_gateway(a, p, rec, err);
}

enum setpki_code
ca_accounts_holder(struct ca_accounts *a, const struct ca_holder_record *rec, uint32_t place, struct setpki_error *err)
{
	void *array = a->holders;
	enum setpki_code rc;

	if (rec->role != CA_ROLE_MERCHANT && rec->role != CA_ROLE_GATEWAY)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "neither a merchant nor a gateway");
	if ((rc = check_holder(a, rec, err)) != SETPKI_E_OK ||
	    (rc = ca_accounts_grow(&array, a->nholders, &a->cap_holders, sizeof(*a->holders), SP_HOLDERS_MAX, err)) !=
		SETPKI_E_OK)
		return rc;
	a->holders = array;
	a->holders[a->nholders++] = (struct ca_accounts_holder){rec, place};
	return SETPKI_E_OK;
}

/* --- twice, and the same as before ------------------------------------------------------------------- */

static int
compare_keys(const struct ca_holder_record *a, const struct ca_holder_record *b)
{
	int d = a->role - b->role;

	if (d == 0)
		d = strcmp(a->bin, b->bin);
	return d != 0 ? d : strcmp(a->id, b->id);
}

static int
compare(const void *x, const void *y)
{
	const struct ca_accounts_holder *a = x, *b = y;
	int d = compare_keys(a->rec, b->rec);

	return d != 0 ? d : a->place < b->place ? -1 : a->place > b->place;
}

enum setpki_code
ca_accounts_sort_holders(struct ca_accounts *a, struct ca_accounts_result *out, struct setpki_error *err)
{
	if (a->nholders > 1)
		qsort(a->holders, a->nholders, sizeof(*a->holders), compare);
	for (size_t i = 1; i < a->nholders; i++) {
		if (compare_keys(a->holders[i - 1].rec, a->holders[i].rec) != 0)
			continue;
		out->before = a->holders[i - 1].place;
		out->again = a->holders[i].place;
		return sp_fail(err, SETPKI_E_CONFLICT, NULL,
		    "[%zu] and [%zu] are the same %s; nothing was changed: leave one of them", out->before, out->again,
		    ca_role_name((enum ca_role)a->holders[i].rec->role));
	}
	return SETPKI_E_OK;
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same_names(const struct sp_mer_names *a, const struct sp_mer_names *b)
{
	return same_text(a->language, b->language) && same_text(a->name, b->name) && same_text(a->city, b->city) &&
	    same_text(a->state_province, b->state_province) && same_text(a->postal_code, b->postal_code) &&
	    same_text(a->country_name, b->country_name);
}

static bool
is_same(const struct ca_holder_record *a, const struct ca_holder_record *b)
{
	if (a->state != b->state || !same_text(a->name, b->name) || a->country != b->country ||
	    a->auth_flag != b->auth_flag || a->nnames != b->nnames)
		return false;
	for (size_t i = 0; i < a->nnames; i++)
		if (!same_names(&a->names[i], &b->names[i]))
			return false;
	return true;
}

enum setpki_code
ca_accounts_put_holder(
    struct ca_accounts *a, ca_txn *t, size_t i, struct ca_accounts_result *out, struct setpki_error *err)
{
	struct ca_holder_record rec = *a->holders[i].rec, old;
	struct setpki_error absent = {0};
	enum setpki_code rc;
	bool same;

	rec.ca = a->id;
	rec.imported_at = a->h->now;
	rc = ca_holder_get(t, rec.ca, rec.role, rec.bin, rec.id, &old, &absent);
	if (rc != SETPKI_E_OK && rc != SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, absent.spec, "%s", absent.message);
	same = rc == SETPKI_E_OK && is_same(&rec, &old);
	ca_holder_record_free(&old);
	if (same) {
		out->same++;
		return SETPKI_E_OK;
	}
	out->added += rc == SETPKI_E_NOTFOUND;
	out->changed += rc == SETPKI_E_OK;
	return ca_holder_put(t, &rec, err);
}
