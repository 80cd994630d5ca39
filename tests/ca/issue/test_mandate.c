/* Jobs that nobody should have decided so: built well, linted well, and not signed, for the key's table has no place
 * for them.  The serial number is burnt, and nothing is seen. */
#include "ca/issue/spec.h"
#include "lib/x509/name.h"
#include "tests/support/check.h"
#include "tests/support/home.h"

#include <stdio.h>

#define YEAR (INT64_C(365) * 86400)

static struct ca_home *home;
static struct setpki_error err;

static int
start(void **state)
{
	(void)state;
	home = t_demo_home("mandate", T_NOW);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	ca_home_close(home);
	return 0;
}

static const struct row {
	const char *name, *signer;
	enum setpki_kind kind;
	uint32_t type;
	const char *brand;
	int64_t from, lasts; /* from now */
	int pathlen;
	const char *says; /* NULL: it is issued */
} rows[] = {
    {"a gateway's, as the policy has it", "gateway", SETPKI_KIND_PGWY_SIG, SETPKI_TYPE_PGWY, "Demo", 0, 2 * YEAR, -1,
	NULL},
    {"an issuing CA's, as the policy has it", "geo", SETPKI_KIND_CA_CERTSIGN, SETPKI_TYPE_CCA, "Demo", 0, YEAR, 0,
	NULL},
    {"a gateway's by the cardholders' CA", "card", SETPKI_KIND_PGWY_SIG, SETPKI_TYPE_PGWY, "Demo", 0, YEAR, -1, "kind"},
    {"an exchange certificate of a kind that the profile has not", "card", SETPKI_KIND_PGWY_ENC, SETPKI_TYPE_PGWY,
	"Demo", 0, YEAR, -1, "kind"},
    {"a CA's by an issuing CA", "gateway", SETPKI_KIND_CA_CERTSIGN, SETPKI_TYPE_PCA, "Demo", 0, YEAR, 0, "kind"},
    {"a CA's message signature by an issuing CA", "card", SETPKI_KIND_CA_SIG, SETPKI_TYPE_CCA, "Demo", 0, YEAR, -1,
	"kind"},
    {"an issuing CA's by the root", "root", SETPKI_KIND_CA_CERTSIGN, SETPKI_TYPE_PCA, "Demo", 0, YEAR, 0, "role"},
    {"a gateway's by the geopolitical CA", "geo", SETPKI_KIND_PGWY_SIG, SETPKI_TYPE_PGWY, "Demo", 0, YEAR, -1, "kind"},
    {"another brand's", "gateway", SETPKI_KIND_PGWY_SIG, SETPKI_TYPE_PGWY, "Other", 0, YEAR, -1, "brand"},
    {"longer than the policy allows", "gateway", SETPKI_KIND_PGWY_SIG, SETPKI_TYPE_PGWY, "Demo", 0, 2 * YEAR + 1, -1,
	"longer than the policy"},
    {"longer than its issuer lives", "geo", SETPKI_KIND_CA_CERTSIGN, SETPKI_TYPE_CCA, "Demo", 0, 20 * YEAR, 0,
	"outlives"},
    {"an hour ago", "gateway", SETPKI_KIND_PGWY_SIG, SETPKI_TYPE_PGWY, "Demo", -3600, YEAR, -1, "before now"},
};

static void
count(uint64_t *certs)
{
	uint64_t n;
	ca_txn *t;

	*certs = 0;
	t_ok(ca_txn_begin(home->store, false, &t, &err), &err);
	for (size_t i = 0; i < home->policy->ncas; i++) {
		struct ca_ca_record ca = {0};

		t_ok(ca_ca_find(t, home->policy->cas[i].name, &ca, &err), &err);
		t_ok(ca_cert_count(t, ca.id, &n, &err), &err);
		*certs += n;
		ca_ca_record_free(&ca);
	}
	ca_txn_abort(t);
}

static void
fill(const struct row *r, const struct ca_signer *signer, struct ca_spec_urls *urls, struct ca_issue_job *job,
    struct sp_buf *subject, struct sp_buf *spki)
{
	const struct sp_name_parts parts = {.country = "US", .organization = r->brand, .common = "Somebody G7"};
	struct sp_cert_spec *s = &job->spec;

	t_spki(r->kind == SETPKI_KIND_PGWY_ENC ? SP_KEY_RSA : SP_KEY_P256, r->kind == SETPKI_KIND_PGWY_ENC ? 2048 : 256,
	    spki);
	t_ok(sp_name_build(home->policy->suite, &parts, subject, &err), &err);
	t_ok(ca_spec_begin(home->policy, signer->policy_index, signer->generation, urls, s, &err), &err);
	s->kind = r->kind;
	s->type = r->type;
	s->subject = sp_buf_bytes(subject);
	s->spki = sp_buf_bytes(spki);
	s->not_before = s->pkup_from = T_NOW + r->from;
	s->not_after = s->pkup_to = s->not_before + r->lasts - 1;
	s->pathlen = r->pathlen;
}

static void
signs(void **state)
{
	const struct row *r = *state;
	struct ca_issue_job job = {.out = {.ca = 0}};
	struct sp_buf subject = {0}, spki = {0};
	struct ca_spec_urls urls;
	struct ca_signer signer;
	uint64_t before, after;
	ca_store *store = home->store;
	struct ca_store_stat stat;

	t_ok(ca_signer_open(home, t_ca(home, r->signer), 0, CA_PURPOSE_CERTSIGN, &signer, &err), &err);
	fill(r, &signer, &urls, &job, &subject, &spki);
	count(&before);
	t_code(ca_issue_jobs(home, &signer, &job, 1, NULL, NULL, &err), r->says == NULL ? SETPKI_E_OK : SETPKI_E_RULE,
	    &err);
	if (r->says != NULL &&
	    (strstr(err.message, "the key does not sign this") == NULL || strstr(err.message, r->says) == NULL))
		fail_msg("\"%s\" does not say \"%s\"", err.message, r->says);
	count(&after);
	assert_int_equal(after, before + (r->says == NULL));
	t_ok(ca_store_stat(store, &stat, NULL), NULL);
	assert_int_equal(stat.intents, 0);
	setpki_error_clear(&err);
	ca_cert_record_free(&job.out);
	ca_signer_close(&signer);
	sp_buf_free(&subject);
	sp_buf_free(&spki);
}

int
main(void)
{
	struct CMUnitTest all[NELEMS(rows)];

	for (size_t n = 0; n < NELEMS(rows); n++)
		all[n] = (struct CMUnitTest){rows[n].name, signs, NULL, NULL, (void *)(uintptr_t)&rows[n]};
	return _cmocka_run_group_tests("ca/issue/mandate", all, NELEMS(rows), start, stop);
}
