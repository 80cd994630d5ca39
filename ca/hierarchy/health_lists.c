/* How long CRLs and BCIs still hold, and whether the public sets are those of the store. */
#include "ca/hierarchy/health_inner.h"
#include "ca/publish/publish.h"

#include <stdio.h>

/* A schedule leaves `valid` - `every` between the next list and the end of this one.  Once less than half of that is
 * left, nobody has made the next one in time. */
static bool
is_late(int64_t left, int64_t every, int64_t valid)
{
	return left < (valid - every) / 2;
}

struct list_words {
	const char *what;
	enum ca_health_id over, late;
};

/* `until`: the first second in which it does not hold any more. */
static void
check_runway(struct ca_examination *x, const struct list_words *w, const char *where, uint64_t number, int64_t until,
    int64_t every, int64_t valid)
{
	int64_t left = until - x->h->now;
	enum ca_health_id id = left <= 0 ? w->over : is_late(left, every, valid) ? w->late : CA_HEALTH_N;
	char time[SETPKI_TIME_TEXT];

	ca_health_coming(x, w->what, where, until, id);
	if (id < CA_HEALTH_N)
		ca_health_add(x, id, where, "%s %llu %s %s", w->what, (unsigned long long)number,
		    left <= 0 ? "ran out at" : "has no successor yet, and runs out at", setpki_time_text(until, time));
}

/* What was dated while the clock was ahead nobody takes until then, and no successor may be dated before it. */
static void
check_date(struct ca_examination *x, const char *what, const char *where, uint64_t number, int64_t from)
{
	char time[SETPKI_TIME_TEXT];

	if (from > x->h->now + SP_CLOCK_SLACK_S)
		ca_health_add(x, CA_HEALTH_CLOCK_BEHIND, where, "%s %llu is of %s, and now it is earlier", what,
		    (unsigned long long)number, setpki_time_text(from, time));
}

static void
check_crl(struct ca_examination *x, const struct ca_crl_status *crl)
{
	static const struct list_words words = {"CRL", CA_HEALTH_CRL_OVER, CA_HEALTH_CRL_LATE};
	int i = ca_policy_find(x->h->policy, crl->name);
	char where[CA_NAME_MAX + 32];

	if (!crl->publishes || i < 0)
		return;
	ca_health_where(crl->name, crl->generation, where);
	if (crl->number == 0) {
		ca_health_add(x, CA_HEALTH_CRL_MISSING, where, "it keeps CRLs, and has none");
		return;
	}
	check_date(x, words.what, where, crl->number, crl->this_update);
	check_runway(x, &words, where, crl->number, crl->next_update, x->h->policy->cas[i].crl.every,
	    x->h->policy->cas[i].crl.valid);
}

enum setpki_code
ca_health_crls(struct ca_examination *x, struct setpki_error *err)
{
	struct ca_crl_list list;
	enum setpki_code rc = ca_crl_list_read(x->h, &list, err);

	if (rc != SETPKI_E_OK)
		return rc;
	for (size_t i = 0; i < list.n; i++)
		check_crl(x, &list.v[i]);
	ca_crl_list_free(&list);
	return SETPKI_E_OK;
}

/* --- BCIs ------------------------------------------------------------------------------------------ */

static void
check_bci(struct ca_examination *x, const struct ca_policy_ca *brand, const struct ca_bci_record *bci, bool here)
{
	static const struct list_words words = {"BCI", CA_HEALTH_BCI_OVER, CA_HEALTH_BCI_LATE};
	uint64_t current = ca_set_current(x->h, brand->name);

	check_date(x, words.what, brand->name, bci->sequence, bci->not_before);
	/* notAfter is its last second */
	check_runway(x, &words, brand->name, bci->sequence, bci->not_after + 1, brand->bci_every, brand->bci_valid);
	if (here && current > bci->sequence)
		ca_health_add(x, CA_HEALTH_STORE_BEHIND, brand->name,
		    "public/ holds set %llu, and the store knows %llu as the last", (unsigned long long)current,
		    (unsigned long long)bci->sequence);
	else if (here && (bci->published != bci->sequence || current != bci->sequence))
		ca_health_add(x, CA_HEALTH_SET_BEHIND, brand->name,
		    "the store's BCI is number %llu, the one in public/ number %llu", (unsigned long long)bci->sequence,
		    (unsigned long long)current);
}

enum setpki_code
ca_health_bcis(struct ca_examination *x, struct setpki_error *err)
{
	for (size_t i = 0; i < x->h->policy->ncas; i++) {
		const struct ca_policy_ca *brand = &x->h->policy->cas[i];
		struct setpki_error absent = {0};
		struct ca_bci_record bci;
		enum setpki_code rc;

		if (brand->level != CA_LEVEL_BRAND || !x->state.known[i])
			continue;
		rc = ca_bci_get(x->t, x->state.v[i].id, &bci, &absent);
		if (rc == SETPKI_E_OK)
			check_bci(x, brand, &bci, x->state.v[i].here);
		else if (rc == SETPKI_E_NOTFOUND && x->state.v[i].here)
			ca_health_add(x, CA_HEALTH_BCI_MISSING, brand->name, "the brand has no BCI");
		else if (rc != SETPKI_E_NOTFOUND)
			return sp_fail(err, rc, absent.spec, "%s", absent.message);
		ca_bci_record_free(&bci);
	}
	return SETPKI_E_OK;
}

enum setpki_code
ca_health_publication(struct ca_examination *x, struct setpki_error *err)
{
	int64_t at;
	enum setpki_code rc = ca_publish_next(x->h, &at, err);

	if (rc == SETPKI_E_OK && at <= x->h->now)
		ca_health_add(x, CA_HEALTH_PUBLISH_DUE, NULL, "a CRL or BCI is due, or a revocation is not on one yet");
	return rc;
}
