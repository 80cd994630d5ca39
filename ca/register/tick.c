/* What happens between messages: verdicts that come late, what others approved, what is to be erased. */
#include "ca/register/asking.h"
#include "ca/register/decide.h"
#include "ca/register/state.h"

#include <openssl/crypto.h>
#include <unistd.h>

#define AT_ONCE 64	    /* requests that one tick sees to, */
#define ERASE_AT_ONCE 4096  /* and things that it erases: as many as a busy second brings */
#define COMPLAIN_EVERY 3600 /* seconds between warnings of what cannot be issued yet */
#define LOCK "registration" /* run/: one process of the authority does this at a time */

/* Numbers of requests, collected by a walk, so that nothing is changed under it. */
struct numbers {
	uint64_t v[AT_ONCE];
	size_t n;
};

/* --- changing one request ----------------------------------------------------------------------- */

/* Puts a request that is in progress into another state, as long as it is. */
static enum setpki_code
settle_in(struct ca_register *r, ca_txn *t, struct ca_request_record *rec, enum ca_request_state state,
    enum setpki_status status, struct setpki_error *err)
{
	struct ca_ca_record ca;
	const struct ca_desk *desk;
	enum setpki_code rc;

	if ((rc = ca_ca_get(t, rec->ca, &ca, err)) != SETPKI_E_OK)
		return rc;
	desk = ca_desk_of(r->h, ca.name, rec);
	ca_ca_record_free(&ca);
	ca_desk_set(r->h, rec, state, status, desk != NULL ? desk->keep : SP_DESK_KEEP_MIN_S);
	return ca_desk_put(r->h, t, rec, err);
}

/* --- verdicts ----------------------------------------------------------------------------------- */

static const enum ca_request_state leads_to[] = {
    [CA_VERDICT_ACCEPT] = CA_REQUEST_APPROVED,
    [CA_VERDICT_REJECT] = CA_REQUEST_REJECTED,
    [CA_VERDICT_PEND] = CA_REQUEST_PENDED,
};

/* A merchant or gateway that is accepted and not in the list is left to persons, as when the program answers at once.
 */
static enum ca_verdict
unless_unlisted(struct ca_register *r, const struct ca_request_record *rec, enum ca_verdict verdict)
{
	struct setpki_error why = {0};

	if (verdict != CA_VERDICT_ACCEPT || ca_desk_try(r->h, rec->number, NULL, &why) != SETPKI_E_NOTFOUND)
		return verdict;
	ca_reg_warn(r, "a request was accepted and cannot be issued yet; it is pended: %s", why.message);
	return CA_VERDICT_PEND;
}

/* For persons; parts that do not open keep nobody from deciding. */
static enum setpki_code
note_cause(struct ca_register *r, struct ca_request_record *rec, const char *cause, struct setpki_error *err)
{
	enum setpki_code rc = ca_desk_cause(r->h->ctx, r->sealing, rec, cause, err);

	if (rc != SETPKI_E_NOTFOUND && rc != SETPKI_E_STATE)
		return rc;
	setpki_error_clear(err);
	return SETPKI_E_OK;
}

static enum setpki_code
take_verdict(struct ca_register *r, ca_txn *t, const uint8_t request[32], setpki_bytes answer, uint64_t *approved,
    struct setpki_error *err)
{
	static const enum setpki_status told[] = {
	    [CA_VERDICT_ACCEPT] = SETPKI_STATUS_IN_PROGRESS, [CA_VERDICT_PEND] = SETPKI_STATUS_PENDED};
	const struct setpki_request_row *row;
	struct ca_request_record rec;
	enum ca_verdict verdict;
	const char *says;
	enum setpki_code rc = ca_request_by_wrapper(t, request, &rec, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (rec.state == CA_REQUEST_IN_PROGRESS) {
		row = setpki_request_row((enum setpki_request_type)rec.type);
		verdict = ca_reg_read_verdict(r, answer, row != NULL ? ca_reg_role(row->holder) : CA_ROLE_N, &rec);
		says = ca_reg_program_says(verdict, answer.n != 0);
		verdict = unless_unlisted(r, &rec, verdict);
		if (verdict == CA_VERDICT_PEND)
			rec.decider[0] = '\0';
		if ((rc = note_cause(r, &rec, says, err)) == SETPKI_E_OK)
			rc = settle_in(r, t, &rec, leads_to[verdict],
			    verdict == CA_VERDICT_REJECT ? (enum setpki_status)rec.status : told[verdict], err);
		if (verdict == CA_VERDICT_ACCEPT)
			*approved = rec.number;
	}
	ca_request_record_free(&rec);
	return rc;
}

/* A failure that ends the process, and not only this attempt. */
static bool
grave(enum setpki_code rc)
{
	return rc == SETPKI_E_STORE || rc == SETPKI_E_MEMORY;
}

/* Every refusal is told once; what waits, because of a hold, a list or a key, is told once in a while. */
static void
complain(struct ca_register *r, uint64_t number, enum setpki_code rc, const struct setpki_error *why)
{
	if (!ca_asking_refused(rc)) {
		if (r->h->now < r->complain_from)
			return;
		r->complain_from = r->h->now + COMPLAIN_EVERY;
	}
	ca_reg_warn(r, "request %llu was approved and cannot be issued: %s", (unsigned long long)number, why->message);
}

/* Issues one; whoever cannot be issued now is looked at again later, and whoever never can is told so. */
static enum setpki_code
issue_one(struct ca_register *r, uint64_t number, uint16_t ca, struct setpki_error *err)
{
	struct ca_reg_generation *g = ca_reg_newest(r, ca);
	struct setpki_error why = {0};
	enum setpki_code rc;

	if (g == NULL)
		return SETPKI_E_OK; /* its keys are not here */
	rc = ca_desk_issue(r->h, number, &g->signer, NULL, NULL, &why);
	if (grave(rc))
		return sp_fail(err, rc, why.spec, "%s", why.message);
	if (rc != SETPKI_E_OK)
		complain(r, number, rc, &why);
	return SETPKI_E_OK;
}

enum setpki_code
ca_register_checked(
    struct ca_register *r, const uint8_t request[32], setpki_bytes answer, int64_t now, struct setpki_error *err)
{
	struct ca_request_record rec;
	uint64_t approved = 0;
	uint16_t ca = 0;
	ca_txn *t;
	enum setpki_code rc;

	r->h->now = now;
	if ((rc = ca_reg_refresh(r, err)) != SETPKI_E_OK ||
	    (rc = ca_txn_begin(r->h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = take_verdict(r, t, request, answer, &approved, err)) == SETPKI_E_OK && approved != 0 &&
	    (rc = ca_request_get(t, approved, &rec, err)) == SETPKI_E_OK) {
		ca = rec.ca;
		ca_request_record_free(&rec);
	}
	if (rc == SETPKI_E_OK)
		rc = ca_txn_commit(t, err);
	else
		ca_txn_abort(t);
	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		return SETPKI_E_OK;
	}
	return rc == SETPKI_E_OK && approved != 0 ? issue_one(r, approved, ca, err) : rc;
}

/* --- what was approved elsewhere ---------------------------------------------------------------- */

struct approved {
	struct numbers numbers;
	uint16_t ca[AT_ONCE];
};

static enum setpki_code
note_approved(void *arg, const struct ca_request_record *rec, struct setpki_error *err)
{
	struct approved *a = arg;

	(void)err;
	a->ca[a->numbers.n] = rec->ca;
	a->numbers.v[a->numbers.n++] = rec->number;
	return a->numbers.n == AT_ONCE ? SETPKI_E_STATE : SETPKI_E_OK;
}

static enum setpki_code
issue_approved(struct ca_register *r, struct setpki_error *err)
{
	struct approved a = {.numbers = {.n = 0}};
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = ca_txn_begin(r->h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_request_each(t, CA_REQUEST_APPROVED, r->approved_from, note_approved, &a, err);
	ca_txn_abort(t);
	for (size_t i = 0; rc == SETPKI_E_OK && i < a.numbers.n; i++)
		rc = issue_one(r, a.numbers.v[i], a.ca[i], err);
	/* those that could not be issued do not keep the others from it */
	r->approved_from = a.numbers.n == AT_ONCE ? a.numbers.v[AT_ONCE - 1] + 1 : 0;
	return rc;
}

/* --- checks that nobody waits for any more ------------------------------------------------------ */

struct orphans {
	struct ca_register *r;
	struct numbers numbers;
};

/* Its process is gone, or has waited for much longer than any program may run. */
static enum setpki_code
note_orphan(void *arg, const struct ca_request_record *rec, struct setpki_error *err)
{
	struct orphans *o = arg;

	(void)err;
	if (ca_home_writer_alive(o->r->h, rec->writer, rec->writer_epoch) &&
	    o->r->h->now < rec->changed_at + 2 * SP_DESK_PROGRAM_MAX_S)
		return SETPKI_E_OK;
	o->numbers.v[o->numbers.n++] = rec->number;
	return o->numbers.n == AT_ONCE ? SETPKI_E_STATE : SETPKI_E_OK;
}

static enum setpki_code
pend_one(struct ca_register *r, ca_txn *t, uint64_t number, struct setpki_error *err)
{
	struct ca_request_record rec;
	enum setpki_code rc = ca_request_get(t, number, &rec, err);

	if (rc == SETPKI_E_OK && rec.state == CA_REQUEST_IN_PROGRESS) {
		rec.decider[0] = '\0';
		rc = settle_in(r, t, &rec, CA_REQUEST_PENDED, SETPKI_STATUS_PENDED, err);
	}
	ca_request_record_free(&rec);
	return rc;
}

static enum setpki_code
pend_orphans(struct ca_register *r, struct setpki_error *err)
{
	struct orphans o = {.r = r};
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = ca_txn_begin(r->h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_request_each(t, CA_REQUEST_IN_PROGRESS, 0, note_orphan, &o, err);
	ca_txn_abort(t);
	if (rc != SETPKI_E_OK || o.numbers.n == 0 || (rc = ca_txn_begin(r->h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	for (size_t i = 0; rc == SETPKI_E_OK && i < o.numbers.n; i++)
		rc = pend_one(r, t, o.numbers.v[i], err);
	if (rc == SETPKI_E_OK)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

/* --- erasing ------------------------------------------------------------------------------------ */

static enum setpki_code
erase_sealed(struct ca_register *r, ca_txn *t, uint64_t number, struct setpki_error *err)
{
	struct ca_request_record rec;
	enum setpki_code rc;

	if ((rc = ca_request_get(t, number, &rec, err)) != SETPKI_E_OK)
		return rc;
	OPENSSL_free((void *)(uintptr_t)rec.sealed.p);
	rec.sealed = (setpki_bytes){NULL, 0};
	rec.erase_at = 0;
	if ((rc = ca_request_put(t, &rec, err)) == SETPKI_E_OK)
		rc = ca_desk_audit(r->h, t, &rec, CA_AUDIT_REQUEST_ERASED, err);
	ca_request_record_free(&rec);
	return rc;
}

static enum setpki_code
erase_one(struct ca_register *r, ca_txn *t, const struct ca_due *due, struct setpki_error *err)
{
	struct setpki_error why = {0};
	enum setpki_code rc =
	    due->number == 0 ? ca_kept_del(t, due->wrapper, &why) : erase_sealed(r, t, due->number, &why);

	if (rc == SETPKI_E_NOTFOUND) /* else nothing behind it would ever be erased */
		return ca_due_dangles(t, due, err);
	return rc == SETPKI_E_OK ? rc : sp_fail(err, rc, why.spec, "%s", why.message);
}

/* Up to ERASE_AT_ONCE of what is due; *any: there was something. */
static enum setpki_code
erase_some(struct ca_register *r, ca_txn *t, bool *any, struct setpki_error *err)
{
	struct setpki_error none = {0};
	struct ca_due due;
	enum setpki_code rc = SETPKI_E_OK;

	for (size_t i = 0; rc == SETPKI_E_OK && i < ERASE_AT_ONCE; i++) {
		rc = ca_due_first(t, r->h->now, &due, &none);
		if (rc == SETPKI_E_NOTFOUND)
			return SETPKI_E_OK;
		if (rc != SETPKI_E_OK)
			return sp_fail(err, rc, none.spec, "%s", none.message);
		*any = true;
		rc = erase_one(r, t, &due, err);
	}
	return rc;
}

static enum setpki_code
erase_due(struct ca_register *r, struct setpki_error *err)
{
	bool any = false;
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = ca_txn_begin(r->h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = erase_some(r, t, &any, err)) == SETPKI_E_OK && any)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

static enum setpki_code
there_is_one(void *arg, const struct ca_request_record *rec, struct setpki_error *err)
{
	(void)rec;
	(void)err;
	*(bool *)arg = true;
	return SETPKI_E_STATE;
}

/* Whether there is anything to be seen to: mostly there is not, and then nothing is locked or written. */
static enum setpki_code
look(struct ca_register *r, bool *any, struct setpki_error *err)
{
	static const enum ca_request_state waiting[] = {CA_REQUEST_IN_PROGRESS, CA_REQUEST_APPROVED};
	struct ca_due due;
	ca_txn *t;
	enum setpki_code rc;

	*any = false;
	if ((rc = ca_txn_begin(r->h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	*any = ca_due_first(t, r->h->now, &due, NULL) != SETPKI_E_NOTFOUND;
	for (size_t i = 0; rc == SETPKI_E_OK && !*any && i < sizeof(waiting) / sizeof(waiting[0]); i++)
		rc = ca_request_each(t, waiting[i], 0, there_is_one, any, err);
	ca_txn_abort(t);
	return rc;
}

/* --- the tick ----------------------------------------------------------------------------------- */

enum setpki_code
ca_register_tick(struct ca_register *r, int64_t now, struct setpki_error *err)
{
	bool any;
	int lock;
	enum setpki_code rc;

	r->h->now = now;
	if ((rc = ca_reg_refresh(r, err)) != SETPKI_E_OK || (rc = ca_reg_challenge_tidy(r, err)) != SETPKI_E_OK ||
	    (rc = look(r, &any, err)) != SETPKI_E_OK || !any)
		return rc;
	if (ca_home_lock(r->h, LOCK, false, &lock, NULL) != SETPKI_E_OK)
		return SETPKI_E_OK; /* another process is at it */
	if ((rc = pend_orphans(r, err)) == SETPKI_E_OK && (rc = issue_approved(r, err)) == SETPKI_E_OK)
		rc = erase_due(r, err);
	close(lock);
	return rc;
}
