/* How things stand: the figures that only the store knows, and why it is not well. */
#include "ca/revoke/covered.h"
#include "ca/service/publisher_inner.h"
#include "ca/service/report.h"
#include "ca/service/stream.h"
#include "lib/base/limits.h"

#include <setpki/text.h>
#include <stdarg.h>
#include <stdio.h>

struct reporting {
	struct ca_publisher *p;
	ca_txn *t; /* reads */
	struct ca_crl_list crls;
	struct sp_buf out;
	char trouble[600]; /* the first that was found; empty: none */
};

__attribute__((format(printf, 2, 3))) static void
trouble(struct reporting *r, const char *fmt, ...)
{
	va_list ap;

	if (r->trouble[0] != '\0')
		return;
	va_start(ap, fmt);
	vsnprintf(r->trouble, sizeof(r->trouble), fmt, ap);
	va_end(ap);
}

static void
head(struct reporting *r, const char *name, const char *type, const char *help)
{
	sp_buf_printf(&r->out, "# HELP setcad_%s %s\n# TYPE setcad_%s %s\n", name, help, name, type);
}

static void
figure(struct reporting *r, const char *name, const char *type, const char *help, uint64_t value)
{
	head(r, name, type, help);
	sp_buf_printf(&r->out, "setcad_%s %llu\n", name, (unsigned long long)value);
}

/* --- the store --------------------------------------------------------------------------------- */

static enum setpki_code
put_store(struct reporting *r, struct setpki_error *err)
{
	struct ca_store_stat s;
	enum setpki_code rc = ca_store_stat(r->p->h->store, &s, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (s.low)
		trouble(r, "the store has room for %llu MiB more: nothing is issued below its low-water mark",
		    (unsigned long long)(s.left >> 20));
	figure(r, "store_headroom_bytes", "gauge", "Room that the store has yet, in its map and on the disk.", s.left);
	figure(r, "store_used_bytes", "gauge", "Bytes of the store.", s.used);
	figure(r, "store_writes_total", "counter", "Transactions that wrote, since the store was made.", s.changes);
	figure(r, "store_readers", "gauge", "Open read transactions.", s.readers);
	figure(r, "store_oldest_reader", "gauge", "Writes that the oldest reader is behind.", s.oldest);
	figure(r, "open_intents", "gauge", "Serial numbers reserved and not yet issued.", s.intents);
	return SETPKI_E_OK;
}

/* --- CAs --------------------------------------------------------------------------------------- */

static enum setpki_code
put_issued(void *arg, const struct ca_ca_record *ca, struct setpki_error *err)
{
	struct reporting *r = arg;
	uint64_t n;
	enum setpki_code rc = ca_cert_count(r->t, ca->id, &n, err);

	if (rc == SETPKI_E_OK)
		sp_buf_printf(
		    &r->out, "setcad_certificates_issued_total{ca=\"%s\"} %llu\n", ca->name, (unsigned long long)n);
	return rc;
}

static enum setpki_code
put_revoked(void *arg, const struct ca_ca_record *ca, struct setpki_error *err)
{
	struct reporting *r = arg;
	uint64_t n = 0, recorded, covered;
	enum setpki_code rc = SETPKI_E_OK;

	for (uint16_t i = 0; rc == SETPKI_E_OK && i < ca->ngenerations; i++)
		if ((rc = ca_revocations_read(r->t, ca->id, ca->generations[i].number, &recorded, &covered, err)) ==
		    SETPKI_E_OK)
			n += recorded;
	if (rc == SETPKI_E_OK)
		sp_buf_printf(
		    &r->out, "setcad_certificates_revoked_total{ca=\"%s\"} %llu\n", ca->name, (unsigned long long)n);
	return rc;
}

static enum setpki_code
put_cas(struct reporting *r, struct setpki_error *err)
{
	enum setpki_code rc;

	head(r, "certificates_issued_total", "counter", "Certificates that a CA issued.");
	if ((rc = ca_ca_each(r->t, put_issued, r, err)) != SETPKI_E_OK)
		return rc;
	head(r, "certificates_revoked_total", "counter", "Revocations that were recorded for the CRLs of a CA.");
	return ca_ca_each(r->t, put_revoked, r, err);
}

/* --- the registration desk ---------------------------------------------------------------------- */

static enum setpki_code
put_requests(struct reporting *r, struct setpki_error *err)
{
	static const struct {
		enum ca_request_state state;
		const char *label;
	} rows[] = {
	    {CA_REQUEST_IN_PROGRESS, "in_progress"}, {CA_REQUEST_PENDED, "pended"}, {CA_REQUEST_APPROVED, "approved"}};
	enum setpki_code rc = SETPKI_E_OK;
	uint64_t n;

	head(r, "registrations_waiting", "gauge", "Registrations that are not decided or not issued yet.");
	for (size_t i = 0; rc == SETPKI_E_OK && i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((rc = ca_request_count(r->t, rows[i].state, &n, err)) == SETPKI_E_OK)
			sp_buf_printf(&r->out, "setcad_registrations_waiting{state=\"%s\"} %llu\n", rows[i].label,
			    (unsigned long long)n);
	return rc;
}

/* --- CRLs and BCIs ----------------------------------------------------------------------------- */

static void
put_crl(struct reporting *r, const char *name, const struct ca_crl_status *s, int64_t value)
{
	sp_buf_printf(
	    &r->out, "setcad_%s{ca=\"%s\",generation=\"%u\"} %lld\n", name, s->name, s->generation, (long long)value);
}

/* What was dated while the clock was ahead. */
static void
check_date(struct reporting *r, const char *what, const char *of, int64_t from)
{
	char time[SETPKI_TIME_TEXT];

	if (from > r->p->h->now + SP_CLOCK_SLACK_S)
		trouble(r, "the %s of %s is of %s, and now it is earlier: is the clock right?", what, of,
		    setpki_time_text(from, time));
}

static void
put_crls(struct reporting *r)
{
	int64_t now = r->p->h->now;
	const struct ca_crl_list *l = &r->crls;

	head(r, "crl_age_seconds", "gauge", "Since the thisUpdate of a CA's CRL.");
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].publishes && l->v[i].number != 0)
			put_crl(r, "crl_age_seconds", &l->v[i], now - l->v[i].this_update);
	head(r, "crl_runway_seconds", "gauge", "Until the nextUpdate of a CA's CRL; negative: it has run out.");
	for (size_t i = 0; i < l->n; i++) {
		if (!l->v[i].publishes || l->v[i].number == 0)
			continue;
		put_crl(r, "crl_runway_seconds", &l->v[i], l->v[i].next_update - now);
		check_date(r, "CRL", l->v[i].name, l->v[i].this_update);
		if (l->v[i].next_update <= now)
			trouble(r, "the CRL of %s, generation %u, has run out", l->v[i].name, l->v[i].generation);
	}
}

static void
put_bci(struct reporting *r, const char *name)
{
	struct ca_bci_record bci;
	struct ca_ca_record ca;

	if (ca_ca_find(r->t, name, &ca, NULL) != SETPKI_E_OK)
		return;
	if (ca_bci_get(r->t, ca.id, &bci, NULL) == SETPKI_E_OK) {
		sp_buf_printf(&r->out, "setcad_bci_runway_seconds{brand=\"%s\"} %lld\n", name,
		    (long long)(bci.not_after - r->p->h->now));
		check_date(r, "BCI", name, bci.not_before);
		if (bci.not_after < r->p->h->now)
			trouble(r, "the BCI of %s has run out", name);
		ca_bci_record_free(&bci);
	}
	ca_ca_record_free(&ca);
}

static void
put_bcis(struct reporting *r)
{
	const struct ca_policy *policy = r->p->h->policy;

	head(r, "bci_runway_seconds", "gauge", "Until the notAfter of a brand's BCI; negative: it has run out.");
	for (size_t i = 0; i < policy->ncas; i++)
		if (policy->cas[i].level == CA_LEVEL_BRAND)
			put_bci(r, policy->cas[i].name);
}

/* One transaction for what belongs together. */
static enum setpki_code
put_records(struct reporting *r, struct setpki_error *err)
{
	enum setpki_code rc = ca_txn_begin(r->p->h->store, false, &r->t, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if ((rc = put_cas(r, err)) == SETPKI_E_OK && (rc = put_requests(r, err)) == SETPKI_E_OK)
		put_bcis(r);
	ca_txn_abort(r->t);
	return rc;
}

/* --- the report --------------------------------------------------------------------------------- */

static enum setpki_code
send_report(struct reporting *r, struct setpki_error *err)
{
	struct ca_report report = {.now = r->p->h->now, .trouble = r->trouble[0] != '\0' ? r->trouble : NULL};
	struct sp_buf contents = {0}, frame = {0};
	bool busy;
	enum setpki_code rc;

	/* More CAs than a report holds: better none of their figures than half a line. */
	if (!r->out.failed && r->out.n <= SP_SERVICE_STATS_MAX)
		report.figures = sp_buf_bytes(&r->out);
	ca_report_put(&report, &contents);
	ca_frame_put(&frame, CA_FRAME_REPORT, 0, sp_buf_bytes(&contents));
	rc = ca_frame_send_with(r->p->ask->front, &frame, -1, &busy, err);
	sp_buf_free(&contents);
	sp_buf_free(&frame);
	return rc;
}

enum setpki_code
ca_publisher_report(struct ca_publisher *p, struct setpki_error *err)
{
	struct reporting r = {.p = p};
	enum setpki_code rc = ca_crl_list_read(p->h, &r.crls, err);

	if (p->ask->no_key)
		trouble(&r, "no key could be opened: is the passphrase right? The log says more ('key not opened')");
	if (p->failure[0] != '\0')
		trouble(&r, "publication failed: %s", p->failure);
	figure(&r, "publication_failures_total", "counter", "Publications that failed and were tried again.",
	    p->nfailures);
	if (rc == SETPKI_E_OK)
		put_crls(&r);
	if (rc == SETPKI_E_OK && (rc = put_store(&r, err)) == SETPKI_E_OK && (rc = put_records(&r, err)) == SETPKI_E_OK)
		rc = send_report(&r, err);
	ca_crl_list_free(&r.crls);
	sp_buf_free(&r.out);
	return rc;
}
