/* ca install: a superior's answer, checked against what was asked for and taken whole. */
#include "ca/hierarchy/install.h"

#include "ca/publish/publish.h"
#include "lib/x509/crl.h"
#include "lib/x509/lint.h"
#include "lib/x509/name.h"

#include <openssl/crypto.h>
#include <setpki/text.h>
#include <string.h>
#include <unistd.h>

/* --- reading the answer ------------------------------------------------------------------------ */

static void
installing_close(struct ca_installing *in)
{
	OPENSSL_free(in->v);
	setpki_objects_free(&in->objects);
	ca_state_free(&in->s);
}

static enum setpki_code
installing_open(struct ca_installing *in, setpki_bytes answer, struct setpki_error *err)
{
	enum setpki_code rc;
	size_t i;

	if (in->h->policy == NULL)
		return sp_fail(err, SETPKI_E_STATE, NULL, "no policy is in force here; run init first");
	if ((rc = ca_state_read(in->h, in->h->policy, NULL, &in->s, err)) != SETPKI_E_OK ||
	    (rc = setpki_objects_read(answer, &in->objects, err)) != SETPKI_E_OK)
		return rc;
	if ((in->v = OPENSSL_zalloc((in->objects.n + 1) * sizeof(*in->v))) == NULL)
		return sp_fail_memory(err);
	for (i = 0; i < in->objects.n; i++) {
		if (in->objects.v[i].type == SETPKI_OBJECT_CRL)
			continue;
		if (in->objects.v[i].type != SETPKI_OBJECT_CERT)
			return sp_fail(err, SETPKI_E_PARSE, "set-protocol 12.16",
			    "object %zu is a %s; an answer has certificates and CRLs", i + 1,
			    setpki_object_name(in->objects.v[i].type));
		if ((rc = sp_cert_parse(in->objects.v[i].der, &in->v[in->n++].cert, err)) != SETPKI_E_OK)
			return sp_error_in(err, rc, "certificate %zu", in->n);
	}
	return SETPKI_E_OK;
}

/* --- whose certificate it is ------------------------------------------------------------------- */
static enum setpki_code
find_subject(struct ca_installing *in, struct ca_incoming *c, struct setpki_error *err)
{
	enum setpki_code rc;
	char text[256];

	rc = ca_spec_by_subject(in->h->policy, c->cert.subject, &c->ca, &c->generation, err);
	if (rc == SETPKI_E_OK && c->ca < 0)
		rc = sp_fail(err, SETPKI_E_POLICY, "set-protocol 12.12", "no CA of the policy has the name %s",
		    sp_name_text(c->cert.subject, text, sizeof(text)));
	return rc;
}

static enum setpki_code
find_purpose(struct ca_installing *in, struct ca_incoming *c, struct setpki_error *err)
{
	const struct ca_policy_ca *pc = &in->h->policy->cas[c->ca];
	enum setpki_kind kind = sp_cert_kind(&c->cert);
	int p;

	for (p = 0; p < CA_PURPOSE_N; p++)
		if (pc->keys[p].present && ca_policy_kind(pc, (enum ca_purpose)p) == kind) {
			c->purpose = (enum ca_purpose)p;
			return SETPKI_E_OK;
		}
	return sp_fail(err, SETPKI_E_POLICY, "set-protocol 12.12", "a %s certificate of %s is not in the policy",
	    setpki_kind_name(kind), pc->name);
}

/* Whether this very certificate is here already. */
static enum setpki_code
find_known(struct ca_installing *in, ca_txn *t, struct ca_incoming *c, struct setpki_error *err)
{
	struct ca_cert_record rec = {0};
	enum setpki_code rc = ca_cert_by_serial(t, c->cert.serial, &rec, err);

	(void)in;
	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		return SETPKI_E_OK;
	}
	if (rc == SETPKI_E_OK && !(c->known = sp_bytes_eq(rec.der, c->cert.der)))
		rc = sp_fail(err, SETPKI_E_CONFLICT, "RFC 5280 4.1.2.2",
		    "another certificate with the same serial number is here already");
	ca_cert_record_free(&rec);
	return rc;
}

/* --- checks ------------------------------------------------------------------------------------ */

static enum setpki_code
check_lint(struct ca_installing *in, struct ca_incoming *c, struct setpki_error *err)
{
	struct setpki_findings f = {0};
	enum setpki_code rc;

	rc = sp_lint_cert(in->h->ctx, c->cert.der, in->h->policy->suite, &f, err);
	if (rc == SETPKI_E_OK)
		rc = ca_spec_refuse(&f, err);
	setpki_findings_free(&f);
	return rc;
}

static enum setpki_code
check_fields(struct ca_installing *in, struct ca_incoming *c, struct setpki_error *err)
{
	const struct ca_policy_ca *pc = &in->h->policy->cas[c->ca];
	const struct ca_keyspec *k = &pc->keys[c->purpose];
	char a[SETPKI_TIME_TEXT], b[SETPKI_TIME_TEXT];

	if (c->cert.type != pc->type || (c->cert.ca && c->cert.pathlen != pc->pathlen))
		return sp_fail(err, SETPKI_E_POLICY, "set-protocol 12.12",
		    "its certificateType or pathLen is not what the policy gives %s", pc->name);
	if (c->cert.key.alg != k->alg || c->cert.key.bits != k->bits)
		return sp_fail(err, SETPKI_E_POLICY, NULL, "its key is %s; the policy asks for %s",
		    sp_keytype_text(c->cert.key.alg, c->cert.key.bits, a), sp_keytype_text(k->alg, k->bits, b));
	if (!sp_time_within(in->h->now, c->cert.not_before, c->cert.not_after))
		return sp_fail(err, SETPKI_E_STATE, "RFC 5280 4.1.2.5",
		    "it is valid from %s to %s, and that is not now", setpki_time_text(c->cert.not_before, a),
		    setpki_time_text(c->cert.not_after, b));
	if (c->cert.not_after > sp_time_last(c->cert.not_before, k->lifetime))
		return sp_fail(err, SETPKI_E_POLICY, NULL, "it is valid until %s, longer than the policy's %s",
		    setpki_time_text(c->cert.not_after, a), setpki_span_text(k->lifetime, b));
	return check_lint(in, c, err);
}

/* A certificate for a CA whose keys are here must be for a key that was made for it; one for a CA elsewhere is taken as
 * that CA's if its superior vouches for it. */
static enum setpki_code
check_key(struct ca_installing *in, struct ca_incoming *c, struct setpki_error *err)
{
	const struct ca_ca_record *rec = &in->s.v[c->ca];
	const struct ca_generation *g = ca_state_generation(rec, c->generation);
	enum setpki_code rc;

	if ((rc = sp_spki_identity(in->h->ctx, &c->cert.key, c->identity, err)) != SETPKI_E_OK)
		return rc;
	if (!in->s.known[c->ca])
		return sp_fail(err, SETPKI_E_STATE, NULL, "%s is new in the policy; run init first", rec->name);
	if (g != NULL && memcmp(g->keys[c->purpose].identity, c->identity, sizeof(c->identity)) == 0) {
		c->replaces = g->keys[c->purpose].seq;
		return SETPKI_E_OK;
	}
	if (rec->here)
		return sp_fail(err, SETPKI_E_POLICY, "set-protocol 12.16",
		    "its key is not the %s key of %s, generation %u, that this home made and asked for",
		    ca_purpose_name(c->purpose), rec->name, c->generation);
	if (g != NULL && c->purpose == CA_PURPOSE_CERTSIGN && g->keys[c->purpose].seq != 0)
		return sp_fail(err, SETPKI_E_CONFLICT, "set-protocol 12.12",
		    "generation %u of %s is known here with another key", c->generation, rec->name);
	return SETPKI_E_OK;
}

/* --- who signed it ----------------------------------------------------------------------------- */

static enum setpki_code
verify_by(struct ca_installing *in, const struct ca_incoming *c, const struct sp_cert *issuer, struct setpki_error *err)
{
	EVP_PKEY *key = NULL;
	enum setpki_code rc = sp_spki_pkey(in->h->ctx, &issuer->key, &key, err);

	if (rc == SETPKI_E_OK)
		rc = sp_cert_verify(in->h->ctx, &c->cert, key, err);
	EVP_PKEY_free(key);
	return rc;
}

/* The superior's certificate in the store, if its generation has this name. */
static enum setpki_code
verify_by_stored(
    struct ca_installing *in, ca_txn *t, struct ca_incoming *c, int parent, bool *found, struct setpki_error *err)
{
	const struct ca_ca_record *up = &in->s.v[parent];
	struct ca_cert_record rec = {0};
	struct sp_cert cert;
	enum setpki_code rc = SETPKI_E_OK;
	uint64_t seq;
	size_t i;

	for (i = 0; i < up->ngenerations && !*found && rc == SETPKI_E_OK; i++) {
		if ((seq = up->generations[i].keys[CA_PURPOSE_CERTSIGN].seq) == 0)
			continue;
		if ((rc = ca_cert_get(t, up->parent != 0 ? up->parent : up->id, seq, &rec, err)) == SETPKI_E_OK &&
		    (rc = sp_cert_parse(rec.der, &cert, err)) == SETPKI_E_OK &&
		    sp_bytes_eq(cert.subject, c->cert.issuer)) {
			*found = true;
			c->issuer_generation = up->generations[i].number;
			rc = verify_by(in, c, &cert, err);
		}
		ca_cert_record_free(&rec);
		memset(&rec, 0, sizeof(rec));
	}
	return rc;
}

static enum setpki_code
verify_by_superior(struct ca_installing *in, ca_txn *t, struct ca_incoming *c, struct setpki_error *err)
{
	int parent = in->h->policy->cas[c->ca].parent;
	bool found = false;
	enum setpki_code rc;
	char name[256];
	size_t i;

	for (i = 0; i < in->n; i++) {
		if (in->v[i].ca != parent || in->v[i].purpose != CA_PURPOSE_CERTSIGN || !in->v[i].accepted ||
		    !sp_bytes_eq(in->v[i].cert.subject, c->cert.issuer))
			continue;
		c->issuer_generation = in->v[i].generation;
		return verify_by(in, c, &in->v[i].cert, err);
	}
	if ((rc = verify_by_stored(in, t, c, parent, &found, err)) == SETPKI_E_OK && !found)
		rc = sp_fail(err, SETPKI_E_NOTFOUND, "set-protocol 12.16",
		    "the certificate of its issuer %s is neither here nor in the answer",
		    sp_name_text(c->cert.issuer, name, sizeof(name)));
	return rc;
}

/* --- roots ------------------------------------------------------------------------------------- */

/* Whether a root that is trusted here announced this key in its hashedRootKey (set-protocol 12.15). */
static enum setpki_code
succeeds(struct ca_installing *in, ca_txn *t, const struct ca_incoming *c, bool *yes, struct setpki_error *err)
{
	const struct ca_ca_record *root = &in->s.v[c->ca];
	const struct sp_suite *suite = sp_suite(in->h->policy->suite);
	struct ca_cert_record rec = {0};
	struct sp_cert old;
	uint8_t digest[32];
	enum setpki_code rc;
	uint64_t seq;
	size_t i;

	if ((rc = sp_hash(in->h->ctx, in->h->policy->suite, c->cert.key.whole, digest, err)) != SETPKI_E_OK)
		return rc;
	for (i = 0; i < root->ngenerations && !*yes && rc == SETPKI_E_OK; i++) {
		if ((seq = root->generations[i].keys[CA_PURPOSE_CERTSIGN].seq) == 0)
			continue;
		if ((rc = ca_cert_get(t, root->id, seq, &rec, err)) == SETPKI_E_OK &&
		    (rc = sp_cert_parse(rec.der, &old, err)) == SETPKI_E_OK)
			*yes = sp_bytes_eq(old.hashed_root, sp_bytes(digest, suite->digest_len));
		ca_cert_record_free(&rec);
		memset(&rec, 0, sizeof(rec));
	}
	return rc;
}

static enum setpki_code
accept_root(struct ca_installing *in, ca_txn *t, struct ca_incoming *c, struct setpki_error *err)
{
	const struct ca_confirm_root *ask = in->confirm;
	char hex[SETPKI_HEX_TEXT(32)];
	uint8_t thumb[32];
	bool announced = false;
	enum setpki_code rc;
	size_t n;

	if (!sp_bytes_eq(c->cert.subject, c->cert.issuer))
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 12.15", "a root certifies itself; this one does not");
	c->issuer_generation = c->generation;
	if ((rc = verify_by(in, c, &c->cert, err)) != SETPKI_E_OK ||
	    (rc = succeeds(in, t, c, &announced, err)) != SETPKI_E_OK || announced ||
	    (rc = sp_cert_thumb(in->h->ctx, &c->cert, thumb, &n, err)) != SETPKI_E_OK)
		return rc;
	setpki_hex_text(sp_bytes(thumb, n), hex);
	if (ask == NULL || ask->fn == NULL)
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 12.15",
		    "the root is new here; compare its thumb with the one that setca tree shows on the root's machine, "
		    "and "
		    "confirm it: %s",
		    hex);
	return ask->fn(ask->arg, &c->cert, hex, err);
}

/* --- one after the other, from the root down --------------------------------------------------- */

static enum setpki_code
accept(struct ca_installing *in, ca_txn *t, struct ca_incoming *c, struct setpki_error *err)
{
	enum setpki_code rc;

	if (c->known) {
		c->accepted = true;
		return SETPKI_E_OK;
	}
	if ((rc = check_fields(in, c, err)) != SETPKI_E_OK || (rc = check_key(in, c, err)) != SETPKI_E_OK)
		return rc;
	rc = in->h->policy->cas[c->ca].parent < 0 ? accept_root(in, t, c, err) : verify_by_superior(in, t, c, err);
	c->accepted = rc == SETPKI_E_OK;
	return rc;
}

static enum setpki_code
look_at_all(struct ca_installing *in, ca_txn *t, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;
	struct ca_incoming *c;
	char text[256];
	size_t i, ca;

	for (i = 0; i < in->n && rc == SETPKI_E_OK; i++) {
		c = &in->v[i];
		if ((rc = find_subject(in, c, err)) != SETPKI_E_OK || (rc = find_purpose(in, c, err)) != SETPKI_E_OK ||
		    (rc = find_known(in, t, c, err)) != SETPKI_E_OK)
			return sp_error_in(err, rc, "%s", sp_cert_text(&c->cert, text, sizeof(text)));
	}
	for (ca = 0; ca < in->h->policy->ncas; ca++)
		for (i = 0; i < in->n && rc == SETPKI_E_OK; i++)
			if (in->v[i].ca == (int)ca && (rc = accept(in, t, &in->v[i], err)) != SETPKI_E_OK)
				rc = sp_error_in(err, rc, "%s", sp_cert_text(&in->v[i].cert, text, sizeof(text)));
	return rc;
}

/* --- CRLs -------------------------------------------------------------------------------------- */

/* Whether this certificate's key signed the CRL; `*named`: it is at least of its issuer. */
static enum setpki_code
signed_by(const struct ca_installing *in, const struct sp_cert *cert, const struct sp_crl *crl, bool *named,
    bool *verifies, struct setpki_error *err)
{
	EVP_PKEY *key = NULL;
	enum setpki_code rc;

	if (!sp_bytes_eq(cert->subject, crl->issuer) || (cert->key_usage & SETPKI_KU_CRL_SIGN) == 0)
		return SETPKI_E_OK;
	*named = true;
	if ((rc = sp_spki_pkey(in->h->ctx, &cert->key, &key, err)) == SETPKI_E_OK)
		*verifies = sp_crl_verify(in->h->ctx, crl, key, NULL) == SETPKI_E_OK;
	EVP_PKEY_free(key);
	return rc;
}

static enum setpki_code
look_at_crl(const struct ca_installing *in, setpki_bytes der, struct setpki_error *err)
{
	bool named = false, verifies = false;
	struct sp_crl crl;
	enum setpki_code rc = sp_crl_parse(in->h->ctx, der, &crl, err);
	size_t i;

	if (rc != SETPKI_E_OK)
		return rc;
	for (i = 0; i < in->n && !verifies && rc == SETPKI_E_OK; i++)
		rc = signed_by(in, &in->v[i].cert, &crl, &named, &verifies, err);
	if (rc == SETPKI_E_OK && named && !verifies)
		rc = sp_fail(err, SETPKI_E_SIGNATURE, "set-protocol 12.16",
		    "it does not verify with its issuer's key: fetch the answer again");
	sp_crl_free(&crl);
	return rc;
}

/* Before anything is taken; the gate looks at what depends on the CRLs that are here. */
static enum setpki_code
look_at_crls(const struct ca_installing *in, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;
	size_t i;

	for (i = 0; i < in->objects.n && rc == SETPKI_E_OK; i++)
		if (in->objects.v[i].type == SETPKI_OBJECT_CRL)
			rc = look_at_crl(in, in->objects.v[i].der, err);
	return rc == SETPKI_E_OK ? rc : sp_error_in(err, rc, "the superior's CRL");
}

static enum setpki_code
take_crls(struct ca_installing *in, size_t *crls, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;
	bool taken;
	size_t i;

	for (i = 0; i < in->objects.n && rc == SETPKI_E_OK; i++) {
		if (in->objects.v[i].type != SETPKI_OBJECT_CRL)
			continue;
		rc = ca_crl_import_newer(in->h, in->objects.v[i].der, &taken, err);
		*crls += taken;
	}
	return rc == SETPKI_E_OK ? rc : sp_error_in(err, rc, "the superior's CRL");
}

static enum setpki_code
install(struct ca_installing *in, setpki_bytes answer, struct ca_install_result *out, struct setpki_error *err)
{
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = installing_open(in, answer, err)) != SETPKI_E_OK ||
	    (rc = ca_txn_begin(in->h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = look_at_all(in, t, err);
	ca_txn_abort(t);
	if (rc == SETPKI_E_OK)
		rc = look_at_crls(in, err);
	if (rc == SETPKI_E_OK && (rc = ca_installing_take(in, out, err)) == SETPKI_E_OK)
		rc = take_crls(in, &out->crls, err);
	return rc;
}

enum setpki_code
ca_install(struct ca_home *h, setpki_bytes answer, const struct ca_confirm_root *confirm, struct ca_install_result *out,
    struct setpki_error *err)
{
	struct ca_installing in = {.h = h, .confirm = confirm};
	enum setpki_code rc;
	int lock;

	memset(out, 0, sizeof(*out));
	if ((rc = ca_home_lock(h, "hierarchy", false, &lock, err)) != SETPKI_E_OK)
		return rc;
	rc = install(&in, answer, out, err);
	installing_close(&in);
	close(lock);
	return rc;
}
