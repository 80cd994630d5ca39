/* The table of findings, and the list of checks. */
#include "ca/hierarchy/health.h"

#include "ca/hierarchy/health_inner.h"

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct ca_health_row ca_health_rows[CA_HEALTH_N] = {
#define X(name, id, severity, advice) {id, CA_SEVERITY_##severity, advice},
    CA_HEALTH_ROWS(X)
#undef X
};

const char *
ca_severity_name(enum ca_severity s)
{
	static const char *const names[CA_SEVERITY_N] = {"fine", "note", "undecided", "warning", "error"};

	return (unsigned)s < CA_SEVERITY_N ? names[s] : "unknown";
}

/* --- adding ------------------------------------------------------------------------------------ */

/* Room for one more; NULL when out of memory. */
static void *
grow(struct ca_examination *x, void *array, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap != 0 ? 2 * *cap : 16;
	void *p;

	if (n < *cap)
		return array;
	if ((p = OPENSSL_realloc(array, more * size)) == NULL) {
		x->failed = true;
		return NULL;
	}
	*cap = more;
	return p;
}

void
ca_health_add(struct ca_examination *x, enum ca_health_id id, const char *where, const char *fmt, ...)
{
	struct ca_health *out = x->out;
	struct ca_finding *f;
	va_list ap;
	void *p = grow(x, out->v, out->n, &out->cap, sizeof(*out->v));

	if (p == NULL)
		return;
	out->v = p;
	f = memset(&out->v[out->n++], 0, sizeof(*f));
	f->id = id;
	snprintf(f->where, sizeof(f->where), "%s", where != NULL ? where : "");
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	if (ca_health_rows[id].severity > out->worst)
		out->worst = ca_health_rows[id].severity;
}

void
ca_health_coming(struct ca_examination *x, const char *what, const char *where, int64_t until, enum ca_health_id id)
{
	struct ca_health *out = x->out;
	struct ca_coming *c;
	void *p = grow(x, out->coming, out->ncoming, &out->cap_coming, sizeof(*out->coming));

	if (p == NULL)
		return;
	out->coming = p;
	c = memset(&out->coming[out->ncoming++], 0, sizeof(*c));
	c->what = what;
	snprintf(c->where, sizeof(c->where), "%s", where);
	c->until = until;
	c->severity = id < CA_HEALTH_N ? ca_health_rows[id].severity : CA_SEVERITY_FINE;
}

const char *
ca_health_where(const char *ca, uint16_t generation, char *out)
{
	snprintf(out, CA_NAME_MAX + 32, "%s, generation %u", ca, generation);
	return out;
}

/* --- in order ---------------------------------------------------------------------------------- */

static int
compare_findings(const void *a, const void *b)
{
	const struct ca_finding *x = a, *y = b;
	int worse = (int)ca_health_rows[y->id].severity - (int)ca_health_rows[x->id].severity;

	if (worse == 0)
		worse = (int)x->id - (int)y->id;
	return worse != 0 ? worse : strcmp(x->where, y->where);
}

static int
compare_coming(const void *a, const void *b)
{
	const struct ca_coming *x = a, *y = b;
	int d = x->until < y->until ? -1 : x->until > y->until;

	if (d == 0)
		d = strcmp(x->where, y->where);
	return d != 0 ? d : strcmp(x->what, y->what);
}

/* Each check has its name, for when it cannot be made. */
static const struct {
	const char *name;
	ca_health_check *run;
} checks[] = {
    {"certificates", ca_health_certificates},
    {"CAs", ca_health_records},
    {"key files", ca_health_keys},
    {"clock", ca_health_clock},
    {"CRLs", ca_health_crls},
    {"BCIs", ca_health_bcis},
    {"publication", ca_health_publication},
    {"store", ca_health_store},
    {"permissions", ca_health_permissions},
    {"account secret", ca_health_secret},
    {"intents", ca_health_intents},
    {"hold", ca_health_hold},
    {"requests", ca_health_requests},
};

static void
run_checks(struct ca_examination *x)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		struct setpki_error why = {0};

		if (checks[i].run(x, &why) != SETPKI_E_OK)
			ca_health_add(x, CA_HEALTH_UNDECIDED, checks[i].name, "%s", why.message);
	}
}

enum setpki_code
ca_health_read(struct ca_home *h, struct ca_health *out, struct setpki_error *err)
{
	struct ca_examination x = {.h = h, .out = out};
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	if (h->policy == NULL)
		return sp_fail(err, SETPKI_E_STATE, NULL, "no policy is in force here; run init first");
	if ((rc = ca_txn_begin(h->store, false, &x.t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_state_read_in(x.t, h->policy, NULL, &x.state, err)) == SETPKI_E_OK)
		run_checks(&x);
	ca_state_free(&x.state);
	ca_txn_abort(x.t);
	if (rc == SETPKI_E_OK && x.failed)
		rc = sp_fail_memory(err);
	if (rc != SETPKI_E_OK) {
		ca_health_free(out);
		return rc;
	}
	if (out->n > 1)
		qsort(out->v, out->n, sizeof(*out->v), compare_findings);
	if (out->ncoming > 1)
		qsort(out->coming, out->ncoming, sizeof(*out->coming), compare_coming);
	return SETPKI_E_OK;
}

void
ca_health_free(struct ca_health *health)
{
	OPENSSL_free(health->v);
	OPENSSL_free(health->coming);
	memset(health, 0, sizeof(*health));
}
