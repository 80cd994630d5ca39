/* BCIs into the store: ours, and another home's. */
#include "ca/publish/private.h"
#include "lib/x509/name.h"

#include <setpki/text.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What was just built is read again before it is stored: signature, and the very CRLs that it was to name. */
static enum setpki_code
check_built(struct ca_home *h, const struct ca_signer *signer, const struct ca_bci_members *members,
    const struct ca_bci_record *rec, struct setpki_error *err)
{
	struct sp_bci bci;
	enum setpki_code rc = sp_bci_parse(rec->der, &bci, err);

	if (rc != SETPKI_E_OK)
		return rc;
	rc = sp_bci_verify(h->ctx, &bci, signer->public_key, err);
	if (rc == SETPKI_E_OK && !ca_bci_members_match(members, &bci))
		rc = sp_fail(err, SETPKI_E_RULE, "set-protocol 12.14", "the BCI does not name the CRLs of the brand");
	sp_bci_free(&bci);
	return rc;
}

static enum setpki_code
store_bci(struct ca_home *h, ca_txn *t, const struct ca_bci_record *rec, const char *brand, struct setpki_error *err)
{
	char detail[128];
	enum setpki_code rc = ca_bci_put(t, rec, err);

	snprintf(detail, sizeof(detail), "%s, number %llu", brand, (unsigned long long)rec->sequence);
	return rc == SETPKI_E_OK ? ca_publish_audit(h, t, CA_AUDIT_BCI_ISSUED, rec->brand, rec->der, detail, err) : rc;
}

static enum setpki_code
commit_bci(struct ca_home *h, const struct ca_bci_record *rec, const char *brand, struct setpki_error *err)
{
	ca_txn *t;
	enum setpki_code rc = ca_txn_begin(h->store, true, &t, err);

	if (rc != SETPKI_E_OK)
		return rc;
	rc = store_bci(h, t, rec, brand, err);
	if (rc == SETPKI_E_OK)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

enum setpki_code
ca_bci_issue_locked(struct ca_home *h, uint16_t brand, const struct ca_bci_members *members, struct ca_bci_record *out,
    struct setpki_error *err)
{
	struct ca_signer signer;
	struct ca_bci_record rec = {0};
	enum setpki_code rc = ca_signer_open(h, brand, 0, CA_PURPOSE_CRLSIGN, &signer, err);

	if (rc != SETPKI_E_OK)
		return rc;
	rc = ca_bci_build(h, &signer, members, &rec, err);
	if (rc == SETPKI_E_OK)
		rc = check_built(h, &signer, members, &rec, err);
	if (rc == SETPKI_E_OK)
		rc = commit_bci(h, &rec, signer.ca.name, err);
	ca_signer_close(&signer);
	if (rc == SETPKI_E_OK && out != NULL)
		*out = rec;
	else
		ca_bci_record_free(&rec);
	return rc;
}

enum setpki_code
ca_bci_issue(struct ca_home *h, uint16_t brand, struct ca_bci_record *out, struct setpki_error *err)
{
	struct ca_bci_members members;
	int lock;
	enum setpki_code rc = ca_home_lock(h, CA_PUBLISH_LOCK, true, &lock, err);

	if (rc != SETPKI_E_OK)
		return rc;
	rc = ca_bci_members_read(h, brand, &members, err);
	if (rc == SETPKI_E_OK) {
		rc = ca_bci_issue_locked(h, brand, &members, out, err);
		ca_bci_members_free(&members);
	}
	close(lock);
	return rc;
}

/* --- import ------------------------------------------------------------------------------------ */

/* The brand CA of this home whose newest generation signed a BCI. */
struct search {
	struct ca_home *h;
	ca_txn *t;
	const struct sp_bci *bci;
	uint16_t brand;
	bool here;
	char name[CA_NAME_MAX];
	struct ca_cert_record cert;
	struct ca_bci_record rec; /* what the store gets */
};

static enum setpki_code
look_at(void *arg, const struct ca_ca_record *ca, struct setpki_error *err)
{
	struct search *s = arg;
	struct ca_cert_record rec;
	struct sp_cert cert;
	enum setpki_code rc;

	if ((ca->type & SETPKI_TYPE_BCA) == 0 || s->brand != 0)
		return SETPKI_E_OK;
	rc = ca_generation_cert(s->t, ca->id, ca->generation, CA_PURPOSE_CERTSIGN, &rec, NULL);
	if (rc != SETPKI_E_OK)
		return rc == SETPKI_E_NOTFOUND ? SETPKI_E_OK : sp_fail(err, rc, NULL, "the store cannot be read");
	rc = sp_cert_parse(rec.der, &cert, err);
	if (rc == SETPKI_E_OK && sp_bytes_eq(cert.issuer, s->bci->aki_issuer) &&
	    sp_bytes_eq(cert.serial, s->bci->aki_serial)) {
		s->cert = rec;
		s->brand = ca->id;
		s->here = ca->here;
		memcpy(s->name, ca->name, sizeof(s->name));
		return SETPKI_E_OK;
	}
	ca_cert_record_free(&rec);
	return rc;
}

/* It is of the brand that its signer is the CA of, and of this hierarchy's suite. */
static enum setpki_code
check_brand(const struct search *s, struct setpki_error *err)
{
	int i = ca_policy_find(s->h->policy, s->name);
	struct sp_buf brand = {0};
	enum setpki_code rc = SETPKI_E_OK;

	if (i < 0)
		return sp_fail(err, SETPKI_E_STATE, NULL, "%s is not in the policy in force any more", s->name);
	if (s->bci->suite != s->h->policy->suite)
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1", "the BCI is of the %s suite",
		    setpki_suite_name(s->bci->suite));
	sp_bci_brand(s->bci, &brand);
	if (brand.failed)
		rc = sp_fail_memory(err);
	else if (!sp_bytes_eq(sp_buf_bytes(&brand), sp_bytes_str(s->h->policy->cas[i].brand_id)))
		rc = sp_fail(err, SETPKI_E_RULE, "set-protocol 12.14",
		    "the BCI is of the brand '%.*s'; %s is the CA of '%s'", (int)brand.n, (const char *)brand.p,
		    s->name, s->h->policy->cas[i].brand_id);
	sp_buf_free(&brand);
	return rc;
}

static enum setpki_code
check_import(struct search *s, const struct ca_bci_record *before, struct setpki_error *err)
{
	EVP_PKEY *key = NULL;
	struct sp_cert cert;
	enum setpki_code rc = sp_cert_parse(s->cert.der, &cert, err);

	if (rc == SETPKI_E_OK)
		rc = sp_spki_pkey(s->h->ctx, &cert.key, &key, err);
	if (rc == SETPKI_E_OK)
		rc = sp_bci_verify(s->h->ctx, s->bci, key, err);
	EVP_PKEY_free(key);
	if (rc != SETPKI_E_OK || (rc = check_brand(s, err)) != SETPKI_E_OK)
		return rc;
	if (s->bci->sequence <= before->sequence)
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 12.14", "BCI number %llu: number %llu is here already",
		    (unsigned long long)s->bci->sequence, (unsigned long long)before->sequence);
	if (s->bci->not_before < before->not_before)
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 12.14",
		    "the BCI's notBefore is before that of BCI number %llu", (unsigned long long)before->sequence);
	if (s->bci->not_before > s->h->now || s->bci->not_after < s->h->now)
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 12.14",
		    "the BCI is not current: now is outside notBefore to notAfter (is the clock right?)");
	return SETPKI_E_OK;
}

static enum setpki_code
import_in(struct search *s, bool *same, struct setpki_error *err)
{
	struct ca_bci_record before = {0};
	enum setpki_code rc = ca_ca_each(s->t, look_at, s, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (s->brand == 0)
		return sp_fail(err, SETPKI_E_NOTFOUND, NULL, "the BCI is signed by no brand CA of this home");
	if (s->here)
		return sp_fail(err, SETPKI_E_STATE, NULL,
		    "the keys of %s live in this home: 'setca publish' makes its BCI", s->name);
	rc = ca_bci_get(s->t, s->brand, &before, NULL);
	if (rc != SETPKI_E_OK && rc != SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, NULL, "the BCIs in the store cannot be read");
	rc = SETPKI_E_OK;
	*same = sp_bytes_eq(before.der, s->bci->der);
	s->rec.brand = s->brand;
	s->rec.published = before.published;
	if (!*same && (rc = check_import(s, &before, err)) == SETPKI_E_OK)
		rc = store_bci(s->h, s->t, &s->rec, s->name, err);
	ca_bci_record_free(&before);
	return rc;
}

static enum setpki_code
import(void *arg, ca_txn *t, bool *same, struct setpki_error *err)
{
	struct search *s = arg;
	enum setpki_code rc;

	s->t = t;
	rc = import_in(s, same, err);
	ca_cert_record_free(&s->cert);
	return rc;
}

enum setpki_code
ca_bci_import(struct ca_home *h, setpki_bytes der, struct ca_bci_record *out, bool *same, struct setpki_error *err)
{
	struct search s = {.h = h};
	struct sp_bci bci;
	enum setpki_code rc = sp_bci_parse(der, &bci, err);

	if (rc != SETPKI_E_OK)
		return rc;
	s.bci = &bci;
	s.rec.sequence = bci.sequence;
	s.rec.not_before = bci.not_before;
	s.rec.not_after = bci.not_after;
	s.rec.next_run = INT64_MAX; /* its own home makes the next one */
	s.rec.der = der;
	rc = ca_import_run(h, import, &s, same, err);
	sp_bci_free(&bci);
	s.rec.der = sp_bytes(NULL, 0);
	if (rc == SETPKI_E_OK && out != NULL)
		*out = s.rec;
	return rc;
}
