/* The CRLs and the BCI of a registry. */
#include "lib/crypto/sign.h"
#include "lib/x509/bci.h"
#include "lib/x509/crl.h"
#include "tests/support/check.h"
#include "tests/support/registry_inner.h"

static const enum reg_slot issuers[REG_CRLS] = {REG_ROOT, REG_BRAND, REG_GEO, REG_PCA};

size_t
reg_crls(const struct registry *r, setpki_bytes out[REG_CRLS])
{
	for (size_t i = 0; i < REG_CRLS; i++)
		out[i] = r->crl[issuers[i]];
	return REG_CRLS;
}

/* One CRL being built. */
struct job {
	const struct registry *r;
	enum reg_slot issuer;
	size_t at;
	struct sp_buf der;
};

static bool
next_entry(void *arg, struct sp_crl_entry *e)
{
	struct job *j = arg;

	while (j->at < REG_SLOTS && j->r->revoked[j->at] != j->issuer)
		j->at++;
	if (j->at == REG_SLOTS)
		return false;
	*e = (struct sp_crl_entry){j->r->c[j->at++].cert.serial, REG_NOW - 2 * REG_DAY, -1};
	return true;
}

static void
rewind_entries(void *arg)
{
	((struct job *)arg)->at = REG_FIRST;
}

static enum setpki_code
sign_crl(void *arg, const uint8_t *digest, struct sp_buf *sig, struct setpki_error *err)
{
	const struct job *j = arg;

	return sp_sign_digest(j->r->ctx, j->r->suite, j->r->c[j->issuer].key, digest, sig, err);
}

static enum setpki_code
write_crl(void *arg, setpki_bytes piece, struct setpki_error *err)
{
	(void)err;
	sp_buf_add_bytes(&((struct job *)arg)->der, piece);
	return SETPKI_E_OK;
}

static void
make_crl(struct registry *r, enum reg_slot issuer)
{
	struct job job = {.r = r, .issuer = issuer};
	const struct sp_crl_source source = {next_entry, rewind_entries, &job};
	const struct sp_crl_spec spec = {.suite = r->suite,
	    .signer = &r->c[issuer].cert,
	    .this_update = REG_NOW - REG_DAY,
	    .next_update = REG_NOW + 40 * REG_DAY,
	    .number = ++r->number[issuer]};
	struct setpki_error err = {0};

	t_ok(sp_crl_build(r->ctx, &spec, &source, sign_crl, &job, write_crl, &job, &err), &err);
	reg_bytes_free(r->crl[issuer]);
	r->crl[issuer] = reg_finish(&job.der);
}

static void
make_bci(struct registry *r)
{
	struct sp_bci_entry entries[REG_CRLS];
	const struct sp_bci_spec spec = {.suite = r->suite,
	    .signer = &r->c[REG_BRAND].cert,
	    .sequence = r->sequence++,
	    .brand_id = REG_BRAND_ID,
	    .not_before = REG_NOW - REG_DAY,
	    .not_after = REG_NOW + 30 * REG_DAY - 1,
	    .entries = entries,
	    .n = REG_CRLS};
	struct setpki_error err = {0};
	struct sp_buf tbs = {0};

	for (size_t i = 0; i < REG_CRLS; i++)
		entries[i] = (struct sp_bci_entry){r->c[issuers[i]].cert.subject, r->number[issuers[i]]};
	t_ok(sp_bci_build(&spec, &tbs, &err), &err);
	reg_bytes_free(r->bci);
	r->bci = reg_seal(r, r->c[REG_BRAND].key, sp_buf_bytes(&tbs));
	sp_buf_free(&tbs);
}

void
reg_make_lists(struct registry *r)
{
	for (size_t i = 0; i < REG_CRLS; i++)
		make_crl(r, issuers[i]);
	make_bci(r);
}

void
reg_revoke(struct registry *r, enum reg_slot issuer, enum reg_slot revoked)
{
	r->revoked[revoked] = issuer;
	make_crl(r, issuer);
	make_bci(r);
}
