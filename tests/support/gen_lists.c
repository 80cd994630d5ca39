/* The CRLs and the BCI of a world. */
#include "lib/crypto/sign.h"
#include "tests/support/gen_edit.h"
#include "tests/support/gen_inner.h"

#include <setjmp.h>
#include <stdarg.h>
/* after the headers that it needs */
#include <cmocka.h>

const enum gen_slot gen_crl_issuers[GEN_CRLS] = {GEN_ROOT, GEN_BRAND, GEN_GEO, GEN_PCA};

/* --- CRLs -------------------------------------------------------------------------------------------------- */

struct entries {
	struct sp_crl_entry e;
	bool have, told;
};

static bool
next_entry(void *arg, struct sp_crl_entry *e)
{
	struct entries *s = arg;

	if (!s->have || s->told)
		return false;
	s->told = true;
	*e = s->e;
	return true;
}

static void
rewind_entries(void *arg)
{
	((struct entries *)arg)->told = false;
}

struct crl_job {
	enum setpki_suite suite;
	EVP_PKEY *key;
	struct sp_buf der;
};

static enum setpki_code
sign_crl(void *arg, const uint8_t *digest, struct sp_buf *sig, struct setpki_error *err)
{
	const struct crl_job *j = arg;

	return gen_sign_digest(j->suite, j->key, digest, sig, err);
}

static enum setpki_code
write_crl(void *arg, setpki_bytes piece, struct setpki_error *err)
{
	(void)err;
	sp_buf_add_bytes(&((struct crl_job *)arg)->der, piece);
	return SETPKI_E_OK;
}

static int64_t
number(const struct gen_world *w, enum gen_what what, enum gen_slot slot, int64_t good)
{
	const struct gen_edit *e = gen_edit_of(w, what, slot);

	return e == NULL ? good : e->n;
}

/* Rewrites the TBS of a CRL, or turns a bit of its signature. */
static void
edit_crl(const struct gen_world *w, enum gen_slot slot, struct crl_job *j)
{
	const struct gen_edit *add = gen_edit_of(w, GEN_CRL_EXT_ADD, slot),
			      *drop = gen_edit_of(w, GEN_CRL_EXT_DROP, slot);
	struct sp_buf tbs = {0};
	setpki_bytes der;
	struct sp_crl crl;

	if (gen_edit_of(w, GEN_CRL_SIG_BIT, slot) != NULL)
		j->der.p[j->der.n - 1] ^= 1;
	if (add == NULL && drop == NULL)
		return;
	assert_int_equal(sp_crl_parse(gen_ctx(), sp_buf_bytes(&j->der), &crl, NULL), SETPKI_E_OK);
	gen_edit_crl(crl.tbs, add != NULL ? add : drop, &tbs);
	der = gen_seal(sp_buf_bytes(&tbs), crl.sigalg, j->key, j->suite, false);
	sp_buf_reset(&j->der);
	sp_buf_add_bytes(&j->der, der);
	sp_crl_free(&crl);
	sp_buf_free(&tbs);
	gen_free_bytes(der);
}

void
gen_make_crl(struct gen_world *w, enum gen_slot slot)
{
	const struct gen_edit *revoke = gen_edit_of(w, GEN_CRL_REVOKE, slot),
			      *by = gen_edit_of(w, GEN_CRL_SIGNER, slot);
	enum gen_slot signer = by == NULL ? slot : by->other;
	struct crl_job job = {
	    .suite = gen_edit_of(w, GEN_CRL_OTHER_SUITE, slot) != NULL ? gen_other_suite(w) : w->suite,
	    .key = w->c[signer].key};
	struct sp_cert as = w->c[signer].cert;
	struct sp_crl_spec spec = {.suite = job.suite,
	    .signer = &as,
	    .this_update = GEN_NOW + number(w, GEN_CRL_THIS, slot, -GEN_DAY),
	    .next_update = GEN_NOW + number(w, GEN_CRL_NEXT, slot, 6 * GEN_DAY),
	    .number = (uint64_t)number(w, GEN_CRL_NUMBER, slot, 5)};
	struct entries entries = {.have = revoke != NULL};
	struct sp_crl_source source = {next_entry, rewind_entries, &entries};
	struct setpki_error err = {0};

	as.subject = w->c[slot].cert.subject;
	as.key_usage |= SETPKI_KU_CRL_SIGN; /* the builder would refuse what the test is about */
	if (revoke != NULL)
		entries.e = (struct sp_crl_entry){
		    w->c[revoke->other].cert.serial, GEN_NOW - 2 * GEN_DAY, w->suite == SETPKI_SUITE_MODERN ? 1 : -1};
	if (sp_crl_build(gen_ctx(), &spec, &source, sign_crl, &job, write_crl, &job, &err) != SETPKI_E_OK)
		gen_fails("CRL", &err);
	edit_crl(w, slot, &job);
	w->crl[slot] = gen_finish(&job.der);
}

/* --- the BCI ----------------------------------------------------------------------------------------------- */

static size_t
list_crls(const struct gen_world *w, struct sp_bci_entry *entries)
{
	const struct gen_edit *more = gen_edit_of(w, GEN_BCI_LIST, GEN_CCA);
	size_t i, n = 0;

	for (i = 0; i < GEN_CRLS; i++)
		if (gen_edit_of(w, GEN_BCI_UNLIST, gen_crl_issuers[i]) == NULL)
			entries[n++] = (struct sp_bci_entry){w->c[gen_crl_issuers[i]].cert.subject,
			    (uint64_t)number(w, GEN_BCI_LIST, gen_crl_issuers[i], 5)};
	if (more != NULL)
		entries[n++] = (struct sp_bci_entry){w->c[GEN_CCA].cert.subject, (uint64_t)more->n};
	return n;
}

void
gen_make_bci(struct gen_world *w)
{
	const struct gen_edit *by = gen_edit_of(w, GEN_BCI_SIGNER, GEN_NONE),
			      *brand = gen_edit_of(w, GEN_BCI_BRAND, GEN_NONE),
			      *add = gen_edit_of(w, GEN_BCI_EXT_ADD, GEN_NONE);
	enum gen_slot signer = by == NULL ? GEN_BRAND : by->other;
	enum setpki_suite suite = gen_edit_of(w, GEN_BCI_OTHER_SUITE, GEN_NONE) != NULL ? gen_other_suite(w) : w->suite;
	struct sp_bci_entry entries[GEN_CRLS + 1];
	struct sp_cert as = w->c[signer].cert;
	struct sp_bci_spec spec = {.suite = suite,
	    .signer = &as,
	    .sequence = (uint64_t)number(w, GEN_BCI_SEQUENCE, GEN_NONE, 7),
	    .brand_id = brand == NULL ? "Testcard" : brand->text,
	    .not_before = GEN_NOW + number(w, GEN_BCI_FROM, GEN_NONE, -GEN_DAY),
	    .not_after = GEN_NOW + number(w, GEN_BCI_TO, GEN_NONE, 2 * GEN_DAY) - 1,
	    .entries = entries,
	    .n = list_crls(w, entries)};
	struct sp_buf tbs = {0}, edited = {0};
	struct setpki_error err = {0};

	as.key_usage |= SETPKI_KU_CRL_SIGN;
	as.type |= SETPKI_TYPE_BCA;
	if (sp_bci_build(&spec, &tbs, &err) != SETPKI_E_OK)
		gen_fails("BCI", &err);
	if (add != NULL)
		gen_edit_bci(sp_buf_bytes(&tbs), add, &edited);
	w->bci = gen_seal(sp_buf_bytes(add != NULL ? &edited : &tbs), sp_sigalg(suite, gen_key_alg(w->suite)),
	    w->c[signer].key, suite, gen_edit_of(w, GEN_BCI_SIG_BIT, GEN_NONE) != NULL);
	sp_buf_free(&tbs);
	sp_buf_free(&edited);
}
