/* Findings, signatures and time bounds of one check. */
#include "lib/chain/check.h"

#include "lib/x509/name.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
sp_window_init(struct sp_window *w)
{
	*w = (struct sp_window){.from = INT64_MIN, .until = INT64_MAX, .next = INT64_MAX};
}

void
sp_check_init(struct sp_check *c, struct sp_run *run)
{
	memset(c, 0, sizeof(*c));
	c->run = run;
	sp_window_init(&c->window);
}

void
sp_check_free(struct sp_check *c)
{
	setpki_findings_free(&c->findings);
}

static void
add(struct sp_check *c, const char *id, int depth, const char *object, const char *text)
{
	enum setpki_code rc = sp_finding_add(&c->findings, id, depth, object, "%s", text);

	if (c->rc == SETPKI_E_OK && rc != SETPKI_E_OK)
		c->rc = sp_fail(c->run->err, rc, NULL, "cannot keep the finding %s", id);
}

void
sp_found(struct sp_check *c, const char *id, size_t depth, const char *fmt, ...)
{
	char object[256], text[SP_FINDING_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sp_cert_text(sp_at(c, depth), object, sizeof(object));
	add(c, id, (int)depth, object, text);
}

void
sp_found_node(struct sp_check *c, const char *id, int depth, const struct sp_node *n, const char *fmt, ...)
{
	char object[256], text[SP_FINDING_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sp_cert_text(&n->c->cert, object, sizeof(object));
	add(c, id, depth, object, text);
}

void
sp_found_crl(struct sp_check *c, const char *id, int depth, const struct sp_pcrl *crl, const char *fmt, ...)
{
	char object[256], name[160], text[SP_FINDING_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sp_name_text(crl->crl.issuer, name, sizeof(name));
	snprintf(object, sizeof(object), "CRL %" PRId64 " of %s%s%s", crl->crl.number_value, name,
	    crl->origin == NULL ? "" : ", from ", crl->origin == NULL ? "" : crl->origin);
	add(c, id, depth, object, text);
}

void
sp_found_bci(struct sp_check *c, const char *id, const struct sp_pbci *bci, const char *fmt, ...)
{
	char object[256], text[SP_FINDING_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(object, sizeof(object), "BCI %" PRIu64 " of %s%s%s", bci->bci.sequence, bci->brand,
	    bci->origin == NULL ? "" : ", from ", bci->origin == NULL ? "" : bci->origin);
	add(c, id, -1, object, text);
}

/* Whether one more signature may be verified. */
static bool
afford(struct sp_run *run)
{
	if (run->sigs < SP_CHAIN_SIGS_MAX)
		return true;
	run->limited = true;
	return false;
}

bool
sp_check_cert_sig(struct sp_run *run, struct sp_pcert *c, struct sp_pcert *issuer)
{
	return afford(run) && sp_cert_signed_by(run->pool->ctx, c, issuer, &run->sigs);
}

bool
sp_check_crl_sig(struct sp_run *run, struct sp_pcrl *c, struct sp_pcert *issuer)
{
	return afford(run) && sp_crl_signed_by(run->pool->ctx, c, issuer, &run->sigs);
}

bool
sp_check_bci_sig(struct sp_run *run, struct sp_pbci *b, struct sp_pcert *issuer)
{
	return afford(run) && sp_bci_signed_by(run->pool->ctx, b, issuer, &run->sigs);
}

/* Returns whether `until` is the new end. */
static bool
narrow(struct sp_window *w, int64_t from, int64_t until)
{
	if (from > w->from)
		w->from = from;
	if (until >= w->until)
		return false;
	w->until = until;
	w->cert = NULL;
	w->crl = NULL;
	w->bci = NULL;
	return true;
}

void
sp_hold_cert(struct sp_window *w, const struct sp_cert *c)
{
	if (narrow(w, c->not_before, c->not_after + 1))
		w->cert = c;
}

void
sp_hold_crl(struct sp_window *w, const struct sp_crl *c)
{
	if (narrow(w, c->this_update, c->next_update))
		w->crl = c;
}

void
sp_hold_bci(struct sp_window *w, const struct sp_bci *b)
{
	if (narrow(w, b->not_before, b->not_after + 1))
		w->bci = b;
}

void
sp_hold_window(struct sp_window *w, const struct sp_window *other)
{
	if (narrow(w, other->from, other->until)) {
		w->cert = other->cert;
		w->crl = other->crl;
		w->bci = other->bci;
	}
	sp_hold_next(w, other->next);
}

void
sp_hold_next(struct sp_window *w, int64_t t)
{
	if (t < w->next)
		w->next = t;
}
