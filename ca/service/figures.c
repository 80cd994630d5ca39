/* What the front counts, in Prometheus' text form. */
#include "ca/service/front_inner.h"

#include <string.h>

/* Upper ends of the latency's buckets; the last one has none. */
static const unsigned bounds_ms[CA_FIGURE_BUCKETS - 1] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000};

void
ca_figures_status(struct ca_figures *g, unsigned status)
{
	size_t i;

	for (i = 0; i < g->ncodes && g->codes[i].status != status; i++)
		;
	if (i == CA_FIGURE_CODES)
		return;
	if (i == g->ncodes)
		g->codes[g->ncodes++].status = status;
	g->codes[i].n++;
}

/* The words are the authority's own, of a small stock; should they ever be more, the last pair stands for them. */
static void
count_words(struct ca_figures *g, const char *message, const char *outcome)
{
	size_t i;

	for (i = 0; i < g->nwords; i++)
		if (strcmp(g->words[i].message, message) == 0 && strcmp(g->words[i].outcome, outcome) == 0)
			break;
	if (i == CA_FIGURE_WORDS)
		i--;
	if (i == g->nwords) {
		bool last = i == CA_FIGURE_WORDS - 1;

		snprintf(g->words[i].message, SP_SERVICE_WORD_MAX, "%s", last ? "other" : message);
		snprintf(g->words[i].outcome, SP_SERVICE_WORD_MAX, "%s", last ? "other" : outcome);
		g->nwords++;
	}
	g->words[i].n++;
}

void
ca_figures_answer(struct ca_figures *g, const char *message, const char *outcome, int64_t ms)
{
	size_t i;

	count_words(g, message, outcome);
	for (i = 0; i < CA_FIGURE_BUCKETS - 1 && ms > bounds_ms[i]; i++)
		;
	g->buckets[i]++;
	g->count++;
	g->total_ms += ms > 0 ? (uint64_t)ms : 0;
}

/* --- writing ----------------------------------------------------------------------------------- */

static void
head(struct sp_buf *out, const char *name, const char *type, const char *help)
{
	sp_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
put_requests(const struct ca_figures *g, struct sp_buf *out)
{
	head(out, "setcad_requests_total", "counter", "Registration messages answered, by message and outcome.");
	for (size_t i = 0; i < g->nwords; i++)
		sp_buf_printf(out, "setcad_requests_total{message=\"%s\",outcome=\"%s\"} %llu\n", g->words[i].message,
		    g->words[i].outcome, (unsigned long long)g->words[i].n);
}

static void
put_latency(const struct ca_figures *g, struct sp_buf *out)
{
	static const char name[] = "setcad_request_seconds";
	unsigned long long sum = 0;

	head(out, name, "histogram", "From a whole message to the authority's answer.");
	for (size_t i = 0; i < CA_FIGURE_BUCKETS - 1; i++) {
		sum += g->buckets[i];
		sp_buf_printf(out, "%s_bucket{le=\"%g\"} %llu\n", name, bounds_ms[i] / 1000.0, sum);
	}
	sp_buf_printf(out, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %llu.%03llu\n%s_count %llu\n", name,
	    (unsigned long long)g->count, name, (unsigned long long)g->total_ms / 1000,
	    (unsigned long long)g->total_ms % 1000, name, (unsigned long long)g->count);
}

static void
put_http(const struct ca_figures *g, struct sp_buf *out)
{
	static const char *const why[] = {"full", "address", "descriptors"};

	head(out, "setcad_http_responses_total", "counter", "Answers, by HTTP status.");
	for (size_t i = 0; i < g->ncodes; i++)
		sp_buf_printf(out, "setcad_http_responses_total{code=\"%u\"} %llu\n", g->codes[i].status,
		    (unsigned long long)g->codes[i].n);
	head(out, "setcad_connections_refused_total", "counter", "Connections that were not taken, by limit.");
	for (size_t i = 0; i < sizeof(why) / sizeof(why[0]); i++)
		sp_buf_printf(out, "setcad_connections_refused_total{limit=\"%s\"} %llu\n", why[i],
		    (unsigned long long)g->refused[i]);
}

static void
put_gauge(struct sp_buf *out, const char *name, const char *help, uint64_t value)
{
	head(out, name, "gauge", help);
	sp_buf_printf(out, "%s %llu\n", name, (unsigned long long)value);
}

void
ca_figures_put(const struct ca_front *f, struct sp_buf *out)
{
	put_requests(&f->figures, out);
	put_latency(&f->figures, out);
	put_http(&f->figures, out);
	put_gauge(out, "setcad_connections", "Open connections.", f->nconns);
	put_gauge(out, "setcad_queue", "Messages that the authority has not answered yet.", f->nwaiting);
	put_gauge(out, "setcad_body_bytes", "Memory set aside for messages that are being read.", f->bodies);
	put_gauge(out, "setcad_report_age_seconds", "Since the publisher last reported what stands below.",
	    f->told_at != 0 ? (uint64_t)(ca_ticks() - f->told_at) / 1000 : 0);
	sp_buf_add_bytes(out, sp_buf_bytes(&f->figures_text));
}
