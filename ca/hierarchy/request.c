/* Requests to an offline superior: PKCS#10s of the keys that wait for it (set-protocol 12.16). */
#include "ca/hierarchy/request.h"

#include "ca/hierarchy/run.h"
#include "ca/issue/spec.h"
#include "lib/base/time.h"
#include "lib/x509/csr.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>

#define PEM_LINE 48 /* octets of one line of 64 characters */

/* One key's request on its way. */
struct asking {
	struct ca_home *h;
	int ca;
	const struct ca_ca_record *rec;
	const struct ca_generation *g;
	enum ca_purpose purpose;
};

static void
put_pem(struct sp_buf *out, setpki_bytes der)
{
	unsigned char line[2 * PEM_LINE];
	size_t i, n;

	sp_buf_add_str(out, "-----BEGIN CERTIFICATE REQUEST-----\n");
	for (i = 0; i < der.n; i += n) {
		n = der.n - i < PEM_LINE ? der.n - i : PEM_LINE;
		sp_buf_printf(out, "%.*s\n", EVP_EncodeBlock(line, der.p + i, (int)n), (char *)line);
	}
	sp_buf_add_str(out, "-----END CERTIFICATE REQUEST-----\n");
}

static enum setpki_code
sign_request(const struct asking *a, ca_key *key, setpki_bytes subject, struct sp_buf *der, struct setpki_error *err)
{
	const struct ca_policy *p = a->h->policy;
	const struct ca_policy_ca *c = &p->cas[a->ca];
	struct sp_csr_spec spec = {.suite = p->suite,
	    .kind = ca_policy_kind(c, a->purpose),
	    .type = c->type,
	    .subject = subject,
	    .spki = ca_key_spki(key)->whole,
	    .pathlen = c->pathlen,
	    .pkup_from = a->h->now,
	    .pkup_to = sp_time_last(a->h->now, c->keys[a->purpose].usage)};
	struct sp_buf info = {0}, sig = {0};
	enum setpki_code rc;

	if ((rc = sp_csr_info(a->h->ctx, &spec, &info, err)) == SETPKI_E_OK &&
	    (rc = ca_key_sign(key, p->suite, sp_buf_bytes(&info), &sig, err)) == SETPKI_E_OK)
		sp_signed_put(der, sp_buf_bytes(&info), sp_sigalg(p->suite, ca_key_spki(key)->alg), sp_buf_bytes(&sig));
	sp_buf_free(&info);
	sp_buf_free(&sig);
	return rc == SETPKI_E_OK && der->failed ? sp_fail_memory(err) : rc;
}

static enum setpki_code
ask_for(const struct asking *a, struct sp_buf *pem, struct setpki_error *err)
{
	struct sp_buf subject = {0}, der = {0};
	ca_key *key = NULL;
	char what[128];
	enum setpki_code rc;

	snprintf(what, sizeof(what), "%s, %s, generation %u", a->rec->name, ca_purpose_name(a->purpose), a->g->number);
	if ((rc = ca_spec_ca_subject(a->h->policy, a->ca, a->g->number, &subject, err)) == SETPKI_E_OK &&
	    (rc = ca_key_open(a->h->ctx, a->h->keys_dir, a->g->keys[a->purpose].uri, &a->h->pass, what, &key, err)) ==
		SETPKI_E_OK &&
	    (rc = sign_request(a, key, sp_buf_bytes(&subject), &der, err)) == SETPKI_E_OK) {
		sp_buf_printf(pem, "# %s\n", what);
		put_pem(pem, sp_buf_bytes(&der));
	}
	ca_key_free(key);
	sp_buf_free(&subject);
	sp_buf_free(&der);
	return rc == SETPKI_E_OK ? rc : sp_error_in(err, rc, "%s", what);
}

/* Every key of one CA that has no certificate, or is to be renewed. */
static enum setpki_code
ask_for_ca(struct ca_home *h, const struct ca_state *s, int ca, struct sp_buf *pem, size_t *n, struct setpki_error *err)
{
	struct asking a = {.h = h, .ca = ca, .rec = &s->v[ca]};
	bool renew = false;
	enum setpki_code rc = SETPKI_E_OK;
	size_t i;
	int p;

	for (i = 0; i < a.rec->ngenerations; i++) {
		a.g = &a.rec->generations[i];
		if (a.g->state != CA_GEN_WAITING && a.g->state != CA_GEN_ACTIVE)
			continue;
		for (p = 0; p < CA_PURPOSE_N && rc == SETPKI_E_OK; p++) {
			if (a.g->keys[p].uri[0] == '\0')
				continue;
			a.purpose = (enum ca_purpose)p;
			if (a.g->keys[p].seq != 0 &&
			    (rc = ca_state_renewal(h, a.rec->id, a.g->number, a.purpose, &renew, err)) != SETPKI_E_OK)
				return rc;
			if (a.g->keys[p].seq != 0 && !renew)
				continue;
			if ((rc = ask_for(&a, pem, err)) == SETPKI_E_OK)
				++*n;
		}
	}
	return rc;
}

enum setpki_code
ca_request_bundle(struct ca_home *h, const char *superior, struct sp_buf *pem, size_t *n, struct setpki_error *err)
{
	struct ca_state s;
	enum setpki_code rc;
	size_t i;
	int up;

	*n = 0;
	if (h->policy == NULL)
		return sp_fail(err, SETPKI_E_STATE, NULL, "no policy is in force here; run init first");
	if ((up = ca_spec_find(h->policy, superior, err)) < 0)
		return SETPKI_E_NOTFOUND;
	if ((rc = ca_state_read(h, h->policy, NULL, &s, err)) != SETPKI_E_OK)
		return rc;
	for (i = 0; i < h->policy->ncas && rc == SETPKI_E_OK && !s.v[up].here; i++)
		if (h->policy->cas[i].parent == up && s.known[i] && s.v[i].here)
			rc = ask_for_ca(h, &s, (int)i, pem, n, err);
	ca_state_free(&s);
	if (rc == SETPKI_E_OK && *n == 0)
		rc = sp_fail(err, SETPKI_E_STATE, NULL, "nothing here waits for %s", superior);
	return rc == SETPKI_E_OK && pem->failed ? sp_fail_memory(err) : rc;
}

/* --- the bundles of a run ---------------------------------------------------------------------- */

static enum setpki_code
write_bundle(struct ca_run *r, const char *superior, struct setpki_error *err)
{
	struct sp_buf pem = {0};
	char dir[512];
	enum setpki_code rc;
	size_t n = 0, slot = r->waiting->n;
	int len;

	if (slot == sizeof(r->waiting->v) / sizeof(r->waiting->v[0]))
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "too many superiors to wait for");
	if ((rc = ca_request_bundle(r->h, superior, &pem, &n, err)) != SETPKI_E_OK)
		goto out;
	snprintf(dir, sizeof(dir), "%s/requests", r->h->dir);
	len = snprintf(r->waiting->v[slot].path, sizeof(r->waiting->v[slot].path), "%s/%s.pem", dir, superior);
	if (len < 0 || (size_t)len >= sizeof(r->waiting->v[slot].path)) {
		rc = sp_fail(err, SETPKI_E_LIMIT, NULL, "the path of the home is too long");
		goto out;
	}
	(void)mkdir(dir, 0700); /* there already, or ca_file_write() says what is wrong */
	if ((rc = ca_file_write(r->waiting->v[slot].path, sp_buf_bytes(&pem), 0644, err)) != SETPKI_E_OK)
		goto out;
	snprintf(r->waiting->v[slot].superior, sizeof(r->waiting->v[slot].superior), "%s", superior);
	r->waiting->v[slot].requests = n;
	r->waiting->n++;
out:
	sp_buf_free(&pem);
	return rc;
}

enum setpki_code
ca_run_bundles(struct ca_run *r, struct setpki_error *err)
{
	const struct ca_policy *p = r->plan->policy;
	enum setpki_code rc = SETPKI_E_OK;
	size_t i;

	for (i = 0; i < p->ncas && i < sizeof(r->awaited) / sizeof(r->awaited[0]) && rc == SETPKI_E_OK; i++)
		if (r->awaited[i])
			rc = write_bundle(r, p->cas[i].name, err);
	return rc;
}
