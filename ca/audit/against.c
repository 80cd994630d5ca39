/* The log against the store, both ways. */
#include "ca/audit/check.h"

#include "ca/home/hold.h"
#include "lib/base/limits.h"
#include "lib/x509/cert.h"

#include <setpki/text.h>
#include <string.h>

/* --- each leaf has its object ------------------------------------------------------------------ */

enum setpki_code
ca_check_disagree(struct setpki_error *err, const struct ca_audit_leaf *leaf, const char *what)
{
	char hex[SETPKI_HEX_TEXT(64)];
	bool short_one = leaf->serial.n != 0 && leaf->serial.n <= 64;

	return sp_fail(err, SETPKI_E_RULE, NULL, "audit log, leaf %llu (%s%s%s): %s", (unsigned long long)leaf->index,
	    ca_audit_event_text(leaf->event), short_one ? ", serial " : "",
	    short_one ? setpki_hex_text(leaf->serial, hex) : "", what);
}

/* A certificate of the CA that the leaf names, else the one with that serial; NOTFOUND without a word in `err`. */
static enum setpki_code
find_cert(struct ca_check *c, const struct ca_audit_leaf *leaf, struct ca_cert_record *rec, struct setpki_error *err)
{
	struct setpki_error e = {0};
	enum setpki_code rc;

	memset(rec, 0, sizeof(*rec));
	if (leaf->serial.n == 0)
		return SETPKI_E_NOTFOUND;
	rc = ca_cert_by_ca_serial(c->t, leaf->ca, leaf->serial, rec, &e);
	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(&e);
		rc = ca_cert_by_serial(c->t, leaf->serial, rec, &e);
	}
	if (rc != SETPKI_E_OK && rc != SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, e.spec, "%s", e.message);
	return rc;
}

/* What a record says beside its certificate's bytes is what lookups, CRLs and renewals go by. */
static enum setpki_code
check_record(
    struct ca_check *c, const struct ca_audit_leaf *leaf, const struct ca_cert_record *rec, struct setpki_error *err)
{
	struct sp_cert cert;
	uint8_t identity[32];
	enum setpki_code rc;

	if (sp_cert_parse(rec->der, &cert, NULL) != SETPKI_E_OK)
		return ca_check_disagree(err, leaf, "the certificate in the store cannot be read");
	if ((rc = sp_spki_identity(c->h->ctx, &cert.key, identity, err)) != SETPKI_E_OK)
		return rc;
	if (!sp_bytes_eq(cert.serial, rec->serial) || memcmp(identity, rec->key_identity, sizeof(identity)) != 0)
		return ca_check_disagree(
		    err, leaf, "its record in the store names another serial or key than the certificate");
	if (cert.not_before != rec->not_before || cert.not_after != rec->not_after ||
	    sp_cert_kind(&cert) != (enum setpki_kind)rec->kind)
		return ca_check_disagree(
		    err, leaf, "its record in the store gives another kind or validity than the certificate");
	return SETPKI_E_OK;
}

/* Each certificate is named by one leaf. */
static enum setpki_code
mark_named(
    struct ca_check *c, const struct ca_audit_leaf *leaf, const struct ca_cert_record *rec, struct setpki_error *err)
{
	switch (ca_seen_mark(&c->named, rec->ca, rec->seq)) {
	case CA_SEEN_NEW:
		return SETPKI_E_OK;
	case CA_SEEN_BEFORE:
		return ca_check_disagree(err, leaf, "an earlier leaf names the same certificate");
	default:
		return sp_fail_memory(err);
	}
}

static enum setpki_code
check_cert(struct ca_check *c, const struct ca_audit_leaf *leaf, struct setpki_error *err)
{
	struct ca_cert_record rec;
	uint8_t hash[32];
	enum setpki_code rc = find_cert(c, leaf, &rec, err);

	if (rc == SETPKI_E_NOTFOUND)
		return ca_check_disagree(err, leaf, "the store does not have that certificate");
	if (rc == SETPKI_E_OK)
		rc = sp_sha256(c->h->ctx, rec.der, hash, err);
	if (rc != SETPKI_E_OK)
		goto out;
	if (memcmp(hash, leaf->object, sizeof(hash)) != 0)
		rc = ca_check_disagree(err, leaf, "the certificate in the store is another one");
	else if (memcmp(rec.policy_hash, leaf->policy_hash, sizeof(rec.policy_hash)) != 0)
		rc = ca_check_disagree(err, leaf, "the certificate's record names another policy");
	else if ((rc = check_record(c, leaf, &rec, err)) == SETPKI_E_OK)
		rc = mark_named(c, leaf, &rec, err);
out:
	ca_cert_record_free(&rec);
	return rc;
}

static enum setpki_code
check_burnt(struct ca_check *c, const struct ca_audit_leaf *leaf, struct setpki_error *err)
{
	struct ca_cert_record rec;
	enum setpki_code rc = find_cert(c, leaf, &rec, err);

	if (rc == SETPKI_E_OK)
		rc = ca_check_disagree(err, leaf, "the store has a certificate with that serial all the same");
	ca_cert_record_free(&rec);
	return rc == SETPKI_E_NOTFOUND ? SETPKI_E_OK : rc;
}

/* What a revocation is remembered by: the digest of CA and serial. */
static enum setpki_code
revocation_digest(struct ca_check *c, uint16_t ca, setpki_bytes serial, uint8_t digest[32], struct setpki_error *err)
{
	struct sp_buf b = {0};
	enum setpki_code rc;

	sp_buf_add_byte(&b, (uint8_t)(ca >> 8));
	sp_buf_add_byte(&b, (uint8_t)ca);
	sp_buf_add_bytes(&b, serial);
	rc = b.failed ? sp_fail_memory(err) : sp_sha256(c->h->ctx, sp_buf_bytes(&b), digest, err);
	sp_buf_free(&b);
	return rc;
}

/* A revocation is dropped only when a CRL past the certificate's expiry has listed it (set-protocol 12.14). */
static enum setpki_code
check_dropped(struct ca_check *c, const struct ca_audit_leaf *leaf, struct setpki_error *err)
{
	struct ca_cert_record rec;
	enum setpki_code rc = find_cert(c, leaf, &rec, err);

	if (rc == SETPKI_E_NOTFOUND || (rc == SETPKI_E_OK && rec.not_after >= c->h->now))
		rc = ca_check_disagree(err, leaf, "the store has lost that revocation");
	ca_cert_record_free(&rec);
	return rc;
}

static enum setpki_code
check_revocation(struct ca_check *c, const struct ca_audit_leaf *leaf, struct setpki_error *err)
{
	struct ca_revoked_record rec;
	struct setpki_error e = {0};
	uint8_t digest[32];
	enum setpki_code rc;

	if (leaf->serial.n == 0 || leaf->serial.n > SP_SERIAL_MAX)
		return ca_check_disagree(err, leaf, "it names no certificate");
	if ((rc = revocation_digest(c, leaf->ca, leaf->serial, digest, err)) != SETPKI_E_OK)
		return rc;
	ca_digests_add(&c->revoked, digest);
	rc = ca_revoked_get(c->t, leaf->ca, leaf->serial, &rec, &e);
	if (rc == SETPKI_E_NOTFOUND)
		return check_dropped(c, leaf, err);
	return rc == SETPKI_E_OK ? rc : sp_fail(err, rc, e.spec, "%s", e.message);
}

static enum setpki_code
check_policy(struct ca_check *c, const struct ca_audit_leaf *leaf, struct setpki_error *err)
{
	setpki_bytes yaml;
	enum setpki_code rc = ca_home_policy_get(c->h, c->t, leaf->policy_hash, &yaml, NULL);

	if (rc == SETPKI_E_NOTFOUND)
		return ca_check_disagree(err, leaf, "the store does not have that policy");
	if (rc != SETPKI_E_OK)
		return ca_check_disagree(err, leaf, "the policy in the store is not the one with that hash");
	memcpy(c->policy, leaf->policy_hash, sizeof(c->policy));
	return SETPKI_E_OK;
}

enum setpki_code
ca_check_leaf(struct ca_check *c, const struct ca_audit_leaf *leaf, struct setpki_error *err)
{
	switch (leaf->event) {
	case CA_AUDIT_CERT_ISSUED:
	case CA_AUDIT_CERT_IMPORTED:
		return check_cert(c, leaf, err);
	case CA_AUDIT_SERIAL_BURNT:
		return check_burnt(c, leaf, err);
	case CA_AUDIT_REVOKED:
		return check_revocation(c, leaf, err);
	case CA_AUDIT_POLICY_APPLIED:
		return check_policy(c, leaf, err);
	case CA_AUDIT_CRL_ISSUED:
	case CA_AUDIT_CRL_IMPORTED:
	case CA_AUDIT_BCI_ISSUED:
		ca_digests_add(&c->lists, leaf->object);
		return SETPKI_E_OK;
	case CA_AUDIT_REQUEST_IN_PROGRESS:
	case CA_AUDIT_REQUEST_PENDED:
	case CA_AUDIT_REQUEST_APPROVED:
	case CA_AUDIT_REQUEST_COMPLETE:
	case CA_AUDIT_REQUEST_REJECTED:
	case CA_AUDIT_REQUEST_REFUSED:
	case CA_AUDIT_REQUEST_VOTE:
	case CA_AUDIT_REQUEST_ERASED:
		return ca_check_request(c, leaf, err);
	case CA_AUDIT_HELD:
	case CA_AUDIT_RELEASED:
		c->held = leaf->event == CA_AUDIT_HELD;
		return SETPKI_E_OK;
	default:
		return SETPKI_E_OK;
	}
}

/* --- everything in the store has its leaf ------------------------------------------------------ */

struct of_ca {
	struct ca_check *c;
	const struct ca_ca_record *ca;
};

static enum setpki_code
cert_is_named(void *arg, const struct ca_cert_record *rec, struct setpki_error *err)
{
	const struct of_ca *o = arg;
	char hex[SETPKI_HEX_TEXT(SP_SERIAL_MAX)];

	if (ca_seen_has(&o->c->named, rec->ca, rec->seq))
		return SETPKI_E_OK;
	return sp_fail(err, SETPKI_E_RULE, NULL, "certificate %s of %s is in the store, but not in the audit log",
	    setpki_hex_text(rec->serial, hex), o->ca->name);
}

static enum setpki_code
revocations_are_named(const struct of_ca *o, uint16_t generation, struct setpki_error *err)
{
	struct ca_revoked_record rec;
	ca_revoked_cursor *cursor;
	uint8_t digest[32];
	char hex[SETPKI_HEX_TEXT(SP_SERIAL_MAX)];
	enum setpki_code rc = ca_revoked_open(o->c->t, o->ca->id, generation, &cursor, err);

	if (rc != SETPKI_E_OK)
		return rc;
	while (rc == SETPKI_E_OK && ca_revoked_next(cursor, &rec)) {
		rc = revocation_digest(o->c, o->ca->id, rec.serial, digest, err);
		if (rc == SETPKI_E_OK && !ca_digests_has(&o->c->revoked, digest))
			rc = sp_fail(err, SETPKI_E_RULE, NULL,
			    "the revocation of %s by %s is in the store, but not in the audit log",
			    setpki_hex_text(rec.serial, hex), o->ca->name);
	}
	if (rc == SETPKI_E_OK)
		rc = ca_revoked_status(cursor, err);
	ca_revoked_close(cursor);
	return rc;
}

static enum setpki_code
list_is_named(const struct of_ca *o, setpki_bytes der, const char *what, struct setpki_error *err)
{
	uint8_t hash[32];
	enum setpki_code rc;

	if (der.n == 0)
		return SETPKI_E_OK;
	if ((rc = sp_sha256(o->c->h->ctx, der, hash, err)) != SETPKI_E_OK || ca_digests_has(&o->c->lists, hash))
		return rc;
	return sp_fail(
	    err, SETPKI_E_RULE, NULL, "the %s of %s is in the store, but not in the audit log", what, o->ca->name);
}

/* `rc` of a look into the store, where NOTFOUND is fine. */
static enum setpki_code
unless_absent(enum setpki_code rc, const struct setpki_error *e, struct setpki_error *err)
{
	if (rc == SETPKI_E_OK || rc == SETPKI_E_NOTFOUND)
		return SETPKI_E_OK;
	return sp_fail(err, rc, e->spec, "%s", e->message);
}

static enum setpki_code
lists_are_named(const struct of_ca *o, uint16_t generation, struct setpki_error *err)
{
	struct setpki_error e = {0};
	struct ca_crl_record crl;
	enum setpki_code rc = ca_crl_look(o->c->t, o->ca->id, generation, &crl, &e);

	return rc == SETPKI_E_OK ? list_is_named(o, crl.der, "CRL", err) : unless_absent(rc, &e, err);
}

static enum setpki_code
bci_is_named(const struct of_ca *o, struct setpki_error *err)
{
	struct setpki_error e = {0};
	struct ca_bci_record bci;
	enum setpki_code rc = ca_bci_get(o->c->t, o->ca->id, &bci, &e);

	if (rc != SETPKI_E_OK)
		return unless_absent(rc, &e, err);
	rc = list_is_named(o, bci.der, "BCI", err);
	ca_bci_record_free(&bci);
	return rc;
}

static enum setpki_code
check_ca(void *arg, const struct ca_ca_record *ca, struct setpki_error *err)
{
	struct of_ca o = {arg, ca};
	enum setpki_code rc = ca_cert_each(o.c->t, ca->id, 0, cert_is_named, &o, err);

	for (uint16_t i = 0; rc == SETPKI_E_OK && i < ca->ngenerations; i++)
		if ((rc = revocations_are_named(&o, ca->generations[i].number, err)) == SETPKI_E_OK)
			rc = lists_are_named(&o, ca->generations[i].number, err);
	return rc == SETPKI_E_OK ? bci_is_named(&o, err) : rc;
}

static enum setpki_code
check_policy_in_force(struct ca_check *c, struct setpki_error *err)
{
	static const uint8_t none[32];
	struct setpki_error e = {0};
	uint8_t hash[32];
	enum setpki_code rc = ca_home_policy_hash(c->t, hash, &e);

	if (rc == SETPKI_E_NOTFOUND)
		memcpy(hash, none, sizeof(hash));
	else if (rc != SETPKI_E_OK)
		return sp_fail(err, rc, e.spec, "%s", e.message);
	if (memcmp(hash, c->policy, sizeof(hash)) != 0)
		return sp_fail(err, SETPKI_E_RULE, NULL,
		    "the policy in force is not the one that the audit log says was put in force last");
	return SETPKI_E_OK;
}

static enum setpki_code
check_hold(struct ca_check *c, struct setpki_error *err)
{
	struct ca_hold hold;
	enum setpki_code rc = ca_home_hold_get(c->t, &hold, err);

	if (rc != SETPKI_E_OK || hold.held == c->held)
		return rc;
	return sp_fail(err, SETPKI_E_RULE, NULL, "the store says that issuing is%s held, the audit log that it is%s",
	    hold.held ? "" : " not", c->held ? "" : " not");
}

enum setpki_code
ca_check_store(struct ca_check *c, struct setpki_error *err)
{
	enum setpki_code rc;

	if (c->revoked.b.failed || c->lists.b.failed || c->requests.b.failed)
		return sp_fail_memory(err);
	ca_digests_sort(&c->revoked);
	ca_digests_sort(&c->lists);
	ca_digests_sort(&c->requests);
	if ((rc = check_policy_in_force(c, err)) != SETPKI_E_OK || (rc = check_hold(c, err)) != SETPKI_E_OK ||
	    (rc = ca_check_requests(c, err)) != SETPKI_E_OK)
		return rc;
	return ca_ca_each(c->t, check_ca, c, err);
}
