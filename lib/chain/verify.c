/* setpki_chain_verify(): one call, from the leaf's bytes to a verdict. */
#include "lib/chain/check.h"

#include "lib/chain/prefix.h"
#include "lib/chain/rfc5280.h"

#include "lib/x509/name.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <setpki/chain.h>
#include <stdio.h>
#include <string.h>

static enum setpki_verdict
verdict(const struct setpki_findings *f)
{
	switch (setpki_findings_worst(f)) {
	case SETPKI_ERROR:
		return SETPKI_REFUSED;
	case SETPKI_UNDECIDED:
		return SETPKI_UNDECIDABLE;
	default:
		return SETPKI_VALID;
	}
}

static void
until(const struct sp_window *w, struct setpki_chain_result *out)
{
	struct sp_buf brand = {0};
	char name[200];

	out->valid_until = w->until;
	if (w->cert != NULL)
		sp_cert_text(w->cert, out->until_object, sizeof(out->until_object));
	else if (w->crl != NULL)
		snprintf(out->until_object, sizeof(out->until_object), "CRL %" PRId64 " of %s", w->crl->number_value,
		    sp_name_text(w->crl->issuer, name, sizeof(name)));
	if (w->bci != NULL) {
		sp_bci_brand(w->bci, &brand);
		snprintf(out->until_object, sizeof(out->until_object), "BCI %" PRIu64 " of %.*s", w->bci->sequence,
		    (int)brand.n, (const char *)brand.p);
		sp_buf_free(&brand);
	}
}

/* Moves the outcome of the best path into the answer. */
static enum setpki_code
answer(struct sp_check *c, setpki_bytes leaf, struct setpki_chain_result *out)
{
	size_t i;

	if (c->run->limited && setpki_findings_worst(&c->findings) >= SETPKI_UNDECIDED)
		sp_found(c, "chain.limit", 0, "stopped after %u paths and %u signatures", c->run->paths, c->run->sigs);
	if (c->rc != SETPKI_E_OK)
		return c->rc;
	if ((out->path = OPENSSL_zalloc(c->path.n * sizeof(*out->path))) == NULL)
		return sp_fail_memory(c->run->err);
	for (i = 0; i < c->path.n; i++)
		out->path[i] = i == 0 ? leaf : sp_at(c, i)->der;
	out->npath = c->path.n;
	out->verdict = verdict(&c->findings);
	out->findings = c->findings;
	c->findings = (struct setpki_findings){0};
	sp_hold_cert(&c->window, sp_at(c, 0));
	if (out->verdict == SETPKI_VALID)
		until(&c->window, out);
	return SETPKI_E_OK;
}

enum setpki_code
setpki_chain_verify(setpki_pool *pool, setpki_bytes leaf, const struct setpki_chain_ask *ask,
    struct setpki_chain_result *out, struct setpki_error *err)
{
	struct sp_run run = {.pool = pool, .ask = ask, .err = err};
	struct sp_pcert cert;
	struct sp_node node = {.c = &cert};
	struct sp_check best;
	enum setpki_code rc;

	*out = (struct setpki_chain_result){.verdict = SETPKI_UNDECIDABLE};
	if (!sp_pool_has_trust(pool))
		return sp_fail(err, SETPKI_E_STATE, "set-protocol 7 step 11",
		    "no root is trusted: give the root certificate, or its thumb");
	if (pool->rfc5280 != NULL) {
		if ((rc = sp_rfc5280_verify(pool, leaf, ask, out, err)) != SETPKI_E_OK)
			setpki_chain_result_free(out);
		return rc;
	}
	if ((rc = sp_pcert_open(pool->ctx, leaf, &cert, err)) != SETPKI_E_OK)
		return rc;
	sp_window_init(&run.roots);
	sp_check_init(&best, &run);
	if (!sp_prefix_use(&run, &node, &best)) {
		sp_path_best(&run, &node, true, &best);
		sp_hold_window(&best.window, &run.roots);
		if (best.rc == SETPKI_E_OK)
			sp_prefix_keep(&best);
	}
	rc = answer(&best, leaf, out);
	sp_check_free(&best);
	sp_pcert_close(&cert);
	if (rc != SETPKI_E_OK)
		setpki_chain_result_free(out);
	return rc;
}

void
setpki_chain_result_free(struct setpki_chain_result *r)
{
	setpki_findings_free(&r->findings);
	OPENSSL_free(r->path);
	*r = (struct setpki_chain_result){.verdict = SETPKI_UNDECIDABLE};
}

const struct setpki_finding *
setpki_chain_reason(const struct setpki_chain_result *r)
{
	enum setpki_severity worst = r->verdict == SETPKI_REFUSED ? SETPKI_ERROR : SETPKI_UNDECIDED;

	for (size_t i = 0; r->verdict != SETPKI_VALID && i < r->findings.n; i++)
		if (r->findings.v[i].rule->severity == worst)
			return &r->findings.v[i];
	return NULL;
}
