/* CRLs that are due, then each brand's BCI and set. */
#include "ca/publish/private.h"

#include <setpki/text.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct run {
	struct ca_home *h;
	const struct ca_publish_ask *ask;
	enum setpki_code first; /* of the CAs whose CRL could not be made */
	struct setpki_error first_error;
};

static void
tell(const struct run *r, const struct ca_publish_note *note)
{
	if (r->ask->note != NULL)
		r->ask->note(r->ask->arg, note);
}

static void
set_text(char *to, size_t cap, const char *text)
{
	snprintf(to, cap, "%s", text);
}

static void
keep_first(struct run *r, enum setpki_code rc, const struct setpki_error *err)
{
	if (r->first != SETPKI_E_OK)
		return;
	r->first = rc;
	r->first_error = *err;
}

/* --- CRLs -------------------------------------------------------------------------------------- */

static void
make_crl(struct run *r, const struct ca_crl_status *s)
{
	struct ca_publish_note note = {.what = CA_PUBLISH_CRL, .generation = s->generation};
	struct setpki_error err = {0};
	struct ca_crl_record made;
	enum setpki_code rc = ca_crl_issue_locked(r->h, s->ca, s->generation, &made, &err);

	set_text(note.ca, sizeof(note.ca), s->name);
	if (rc == SETPKI_E_OK) {
		note.number = made.number;
		note.until = made.next_update;
		snprintf(note.text, sizeof(note.text), "CRL %llu of %s, generation %u", (unsigned long long)made.number,
		    s->name, s->generation);
	} else {
		note.what = CA_PUBLISH_WARNING;
		snprintf(note.text, sizeof(note.text), "no new CRL of %s: %.240s", s->name, err.message);
		keep_first(r, rc, &err);
	}
	tell(r, &note);
}

/* Another home's CRL in the last quarter of its life: somebody has to bring the next one. */
static void
warn_of_end(const struct run *r, const struct ca_crl_status *s)
{
	struct ca_publish_note note = {
	    .what = CA_PUBLISH_WARNING, .generation = s->generation, .number = s->number, .until = s->next_update};
	char until[SETPKI_TIME_TEXT];

	if (s->here || !s->publishes || s->number == 0 ||
	    s->next_update - r->h->now > (s->next_update - s->this_update) / 4)
		return;
	set_text(note.ca, sizeof(note.ca), s->name);
	snprintf(note.text, sizeof(note.text),
	    "the CRL of %s %s at %s: bring the next one from its home with 'setca crl import'", s->name,
	    s->next_update <= r->h->now ? "ran out" : "runs out", setpki_time_text(s->next_update, until));
	tell(r, &note);
}

static enum setpki_code
make_crls(struct run *r, struct setpki_error *err)
{
	struct ca_crl_list list;
	enum setpki_code rc = ca_crl_list_read(r->h, &list, err);

	if (rc != SETPKI_E_OK)
		return rc;
	for (size_t i = 0; i < list.n; i++)
		if (list.v[i].due)
			make_crl(r, &list.v[i]);
		else
			warn_of_end(r, &list.v[i]);
	ca_crl_list_free(&list);
	return SETPKI_E_OK;
}

/* --- BCI and set ------------------------------------------------------------------------------- */

static enum setpki_code
bci_names(const struct ca_bci_record *rec, const struct ca_bci_members *members, bool *same, struct setpki_error *err)
{
	struct sp_bci bci;
	enum setpki_code rc;

	*same = false;
	if (rec->der.n == 0)
		return SETPKI_E_OK;
	rc = sp_bci_parse(rec->der, &bci, err);
	if (rc != SETPKI_E_OK)
		return sp_error_in(err, rc, "BCI in the store");
	*same = ca_bci_members_match(members, &bci);
	sp_bci_free(&bci);
	return SETPKI_E_OK;
}

static enum setpki_code
renew_bci(struct run *r, const struct ca_ca_record *brand, const struct ca_bci_members *members,
    struct ca_bci_record *rec, struct setpki_error *err)
{
	struct ca_publish_note note = {.what = CA_PUBLISH_BCI};
	enum setpki_code rc;

	ca_bci_record_free(rec);
	rc = ca_bci_issue_locked(r->h, brand->id, members, rec, err);
	if (rc != SETPKI_E_OK)
		return rc;
	set_text(note.brand, sizeof(note.brand), brand->name);
	note.number = rec->sequence;
	note.until = rec->not_after;
	snprintf(note.text, sizeof(note.text), "BCI %llu of %s, naming %zu CRLs", (unsigned long long)rec->sequence,
	    brand->name, members->n);
	tell(r, &note);
	return SETPKI_E_OK;
}

/* What the store remembers of the certificates in the public set: "set:<brand>". */
static enum setpki_code
certificates_changed(struct run *r, uint16_t brand, bool *changed, struct setpki_error *err)
{
	uint8_t now[32];
	setpki_bytes then;
	char name[32];
	ca_txn *t;
	enum setpki_code rc = ca_set_certificates(r->h, brand, now, err);

	*changed = true;
	if (rc != SETPKI_E_OK || (rc = ca_txn_begin(r->h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	snprintf(name, sizeof(name), "set:%u", brand);
	if (ca_meta_get(t, name, &then, NULL) == SETPKI_E_OK)
		*changed = !sp_bytes_eq(then, SP_BYTES(now));
	ca_txn_abort(t);
	return SETPKI_E_OK;
}

/* `certificates`: those in the set; zeros, which no set has, when it is not known who wrote it. */
static enum setpki_code
mark_published(struct run *r, const struct ca_ca_record *brand, struct ca_bci_record *rec,
    const uint8_t certificates[32], struct setpki_error *err)
{
	char detail[128], name[32];
	ca_txn *t;
	enum setpki_code rc = ca_txn_begin(r->h->store, true, &t, err);

	if (rc != SETPKI_E_OK)
		return rc;
	rec->published = rec->sequence;
	snprintf(detail, sizeof(detail), "%s, number %llu", brand->name, (unsigned long long)rec->sequence);
	snprintf(name, sizeof(name), "set:%u", brand->id);
	rc = ca_bci_put(t, rec, err);
	if (rc == SETPKI_E_OK)
		rc = ca_meta_put(t, name, sp_bytes(certificates, 32), err);
	if (rc == SETPKI_E_OK)
		rc = ca_publish_audit(r->h, t, CA_AUDIT_PUBLISHED, brand->id, rec->der, detail, err);
	if (rc == SETPKI_E_OK)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

static enum setpki_code
write_set(struct run *r, const struct ca_ca_record *brand, const struct ca_bci_members *members,
    struct ca_bci_record *rec, struct setpki_error *err)
{
	uint8_t certificates[32];
	bool written = false;
	enum setpki_code rc = ca_set_certificates(r->h, brand->id, certificates, err);

	if (rc == SETPKI_E_OK)
		rc = ca_set_publish(r->h, brand->name, rec, members, &written, err);
	if (!written)
		memset(certificates, 0, sizeof(certificates));
	return rc == SETPKI_E_OK ? mark_published(r, brand, rec, certificates, err) : rc;
}

static enum setpki_code
publish_set(struct run *r, const struct ca_ca_record *brand, const struct ca_bci_members *members,
    struct ca_bci_record *rec, struct setpki_error *err)
{
	struct ca_publish_note note = {.what = CA_PUBLISH_SET, .number = rec->sequence, .until = rec->not_after};
	unsigned long long number = rec->sequence;
	enum setpki_code rc = SETPKI_E_OK;

	set_text(note.brand, sizeof(note.brand), brand->name);
	if (ca_set_current(r->h, brand->name) == rec->sequence && rec->published == rec->sequence) {
		note.what = CA_PUBLISH_CURRENT;
		snprintf(note.text, sizeof(note.text), "public/%s is current, set %llu", brand->name, number);
	} else {
		rc = write_set(r, brand, members, rec, err);
		snprintf(note.text, sizeof(note.text), "public/%s, set %llu", brand->name, number);
	}
	if (rc == SETPKI_E_OK)
		tell(r, &note);
	return rc;
}

/* Whether the brand needs a new BCI: it was asked for, it is time, it does not name the CRLs that there are (`same`
 * false), or the public set lacks a certificate, which only a set of another number can get. */
static enum setpki_code
needs_bci(struct run *r, const struct ca_ca_record *brand, const struct ca_bci_record *rec, bool same, bool *needs,
    struct setpki_error *err)
{
	*needs = !r->ask->due || !same || rec->next_run <= r->h->now;
	if (*needs || rec->published != rec->sequence)
		return SETPKI_E_OK;
	return certificates_changed(r, brand->id, needs, err);
}

static enum setpki_code
with_members(struct run *r, const struct ca_ca_record *brand, const struct ca_bci_members *members,
    struct ca_bci_record *rec, struct setpki_error *err)
{
	struct ca_publish_note note = {.what = CA_PUBLISH_WARNING};
	bool same, needs = false;
	enum setpki_code rc = bci_names(rec, members, &same, err);

	if (rc == SETPKI_E_OK && brand->here)
		rc = needs_bci(r, brand, rec, same, &needs, err);
	if (rc != SETPKI_E_OK)
		return rc;
	if (needs) {
		rc = renew_bci(r, brand, members, rec, err);
	} else if (!brand->here && !same) {
		set_text(note.brand, sizeof(note.brand), brand->name);
		snprintf(note.text, sizeof(note.text),
		    "the BCI of %s does not name the CRLs that are here: bring the next one with 'setca bci import'",
		    brand->name);
		tell(r, &note);
		return SETPKI_E_OK;
	}
	return rc == SETPKI_E_OK ? publish_set(r, brand, members, rec, err) : rc;
}

/* The BCI in the store; zeroed if there is none. */
static enum setpki_code
read_bci(struct run *r, uint16_t brand, struct ca_bci_record *rec, struct setpki_error *err)
{
	ca_txn *t;
	enum setpki_code rc = ca_txn_begin(r->h->store, false, &t, err);

	if (rc != SETPKI_E_OK)
		return rc;
	rc = ca_bci_get(t, brand, rec, NULL);
	ca_txn_abort(t);
	if (rc == SETPKI_E_OK)
		return rc;
	memset(rec, 0, sizeof(*rec));
	return rc == SETPKI_E_NOTFOUND ? SETPKI_E_OK : sp_fail(err, rc, NULL, "the BCIs in the store cannot be read");
}

static enum setpki_code
publish_brand(struct run *r, const struct ca_ca_record *brand, struct setpki_error *err)
{
	struct ca_bci_record rec;
	struct ca_bci_members members;
	enum setpki_code rc = read_bci(r, brand->id, &rec, err);

	if (rc != SETPKI_E_OK)
		return rc;
	rc = ca_bci_members_read(r->h, brand->id, &members, err);
	if (rc == SETPKI_E_OK) {
		rc = with_members(r, brand, &members, &rec, err);
		ca_bci_members_free(&members);
	}
	ca_bci_record_free(&rec);
	return rc == SETPKI_E_OK ? rc : sp_error_in(err, rc, "%s", brand->name);
}

/* A brand that cannot be published does not hold up the others. */
static enum setpki_code
try_brand(struct run *r, const struct ca_ca_record *brand, struct setpki_error *err)
{
	struct ca_publish_note note = {.what = CA_PUBLISH_WARNING};
	struct setpki_error why = {0};
	enum setpki_code rc = publish_brand(r, brand, &why);

	(void)err;
	if (rc == SETPKI_E_OK)
		return rc;
	set_text(note.brand, sizeof(note.brand), brand->name);
	snprintf(note.text, sizeof(note.text), "%s is not published: %.200s", brand->name, why.message);
	tell(r, &note);
	keep_first(r, rc, &why);
	return SETPKI_E_OK;
}

/* A store that was restored from a backup would give numbers out a second time, for other contents. */
static enum setpki_code
check_restored(struct run *r, const struct ca_ca_record *brand, struct setpki_error *err)
{
	unsigned long long current = ca_set_current(r->h, brand->name), known;
	struct ca_bci_record rec;
	enum setpki_code rc = read_bci(r, brand->id, &rec, err);

	if (rc != SETPKI_E_OK)
		return rc;
	known = rec.sequence;
	ca_bci_record_free(&rec);
	if (current <= known)
		return SETPKI_E_OK;
	return sp_fail(err, SETPKI_E_STATE, "set-protocol 12.14",
	    "public/%s holds set %llu, but the store knows %llu as the last: was the store restored from a backup? "
	    "Restore a newer one: numbers must not be used twice",
	    brand->name, current, known);
}

typedef enum setpki_code brand_fn(struct run *r, const struct ca_ca_record *brand, struct setpki_error *err);

static enum setpki_code
one_brand(struct run *r, const char *name, brand_fn *fn, bool *found, struct setpki_error *err)
{
	struct ca_ca_record brand;
	ca_txn *t;
	enum setpki_code rc = ca_txn_begin(r->h->store, false, &t, err);

	if (rc != SETPKI_E_OK)
		return rc;
	rc = ca_ca_find(t, name, &brand, NULL);
	ca_txn_abort(t);
	if (rc == SETPKI_E_NOTFOUND)
		return SETPKI_E_OK;
	if (rc != SETPKI_E_OK)
		return sp_fail(err, rc, NULL, "the CAs in the store cannot be read");
	*found = true;
	/* a home that only holds the root has the brand by name, and no generation of it */
	if (brand.here || brand.ngenerations != 0)
		rc = fn(r, &brand, err);
	ca_ca_record_free(&brand);
	return rc;
}

static enum setpki_code
each_brand(struct run *r, brand_fn *fn, struct setpki_error *err)
{
	const struct ca_policy *p = r->h->policy;
	enum setpki_code rc = SETPKI_E_OK;
	bool found = false;

	for (size_t i = 0; rc == SETPKI_E_OK && i < p->ncas; i++)
		if (p->cas[i].level == CA_LEVEL_BRAND &&
		    (r->ask->brand == NULL || strcmp(r->ask->brand, p->cas[i].name) == 0))
			rc = one_brand(r, p->cas[i].name, fn, &found, err);
	if (rc == SETPKI_E_OK && r->ask->brand != NULL && !found)
		rc = sp_fail(err, SETPKI_E_NOTFOUND, NULL, "'%s' is no brand CA of this home", r->ask->brand);
	return rc;
}

enum setpki_code
ca_publish(struct ca_home *h, const struct ca_publish_ask *ask, struct setpki_error *err)
{
	struct run r = {.h = h, .ask = ask};
	int lock;
	enum setpki_code rc = ca_home_lock(h, CA_PUBLISH_LOCK, true, &lock, err);

	if (rc != SETPKI_E_OK)
		return rc;
	rc = each_brand(&r, check_restored, err);
	if (rc == SETPKI_E_OK)
		rc = make_crls(&r, err);
	if (rc == SETPKI_E_OK)
		rc = each_brand(&r, try_brand, err);
	close(lock);
	if (rc == SETPKI_E_OK && r.first != SETPKI_E_OK) {
		if (err != NULL)
			*err = r.first_error;
		rc = r.first;
	}
	return rc;
}

enum setpki_code
ca_publish_next(struct ca_home *h, int64_t *at, struct setpki_error *err)
{
	struct ca_crl_list list;
	struct ca_bci_record bci;
	ca_txn *t;
	enum setpki_code rc = ca_crl_list_read(h, &list, err);

	*at = INT64_MAX;
	if (rc != SETPKI_E_OK)
		return rc;
	for (size_t i = 0; i < list.n; i++) {
		int64_t next = list.v[i].due ? h->now : list.v[i].next_run;

		if (list.v[i].here && list.v[i].publishes && next < *at)
			*at = next;
	}
	ca_crl_list_free(&list);
	if ((rc = ca_txn_begin(h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	for (size_t i = 0; i < h->policy->ncas; i++) {
		struct ca_ca_record ca;

		if (h->policy->cas[i].level != CA_LEVEL_BRAND ||
		    ca_ca_find(t, h->policy->cas[i].name, &ca, NULL) != SETPKI_E_OK)
			continue;
		if (ca.here && ca_bci_get(t, ca.id, &bci, NULL) == SETPKI_E_OK) {
			int64_t next = bci.published != bci.sequence ? h->now : bci.next_run;

			if (next < *at)
				*at = next;
			ca_bci_record_free(&bci);
		}
		ca_ca_record_free(&ca);
	}
	ca_txn_abort(t);
	return SETPKI_E_OK;
}
