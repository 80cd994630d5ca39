/* What becomes of CAs: certificates and signing periods that end, keys that are gone, records without a policy. */
#include "ca/audit/audit.h"
#include "ca/hierarchy/health_inner.h"
#include "lib/x509/cert.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define DAY INT64_C(86400)

/* How near an end is: past, within `soon`, within `later`. */
static const struct term {
	const char *verb, *past;
	enum ca_health_id over, near, far;
	int64_t soon, later;
} certificate_term = {"expires at", "expired at", CA_HEALTH_CERT_EXPIRED, CA_HEALTH_CERT_SOON, CA_HEALTH_CERT_LATER,
    14 * DAY, 90 * DAY},
  signing_term = {"signs until", "signed until", CA_HEALTH_SIGNING_OVER, CA_HEALTH_SIGNING_SOON,
      CA_HEALTH_SIGNING_LATER, 14 * DAY, 90 * DAY};

static enum ca_health_id
how_near(const struct term *term, int64_t left)
{
	if (left < 0)
		return term->over;
	if (left < term->soon)
		return term->near;
	return left < term->later ? term->far : CA_HEALTH_N;
}

/* `what` ends at `until`, its last second included. */
static void
note_end(struct ca_examination *x, const struct term *term, const char *what, const char *where, int64_t until)
{
	int64_t left = until - x->h->now;
	enum ca_health_id id = how_near(term, left);
	char time[SETPKI_TIME_TEXT];

	ca_health_coming(x, what, where, until, id);
	if (id < CA_HEALTH_N)
		ca_health_add(x, id, where, "the %s %s %s", what, left < 0 ? term->past : term->verb,
		    setpki_time_text(until, time));
}

static const char *const certificate_names[CA_PURPOSE_N] = {"certificate-signing certificate",
    "CRL-signing certificate", "message-signature certificate", "key-exchange certificate"};
static const char *const key_names[CA_PURPOSE_N] = {
    "certificate-signing key", "CRL-signing key", "message-signature key", "key-exchange key"};

/* A period that ends with the certificate is not told twice. */
static enum setpki_code
check_certificate(struct ca_examination *x, const struct ca_cert_record *rec, int purpose, const char *where,
    struct setpki_error *err)
{
	struct sp_cert cert;
	char time[SETPKI_TIME_TEXT];
	enum setpki_code rc = sp_cert_parse(rec->der, &cert, err);

	if (rc != SETPKI_E_OK)
		return rc;
	note_end(x, &certificate_term, certificate_names[purpose], where, cert.not_after);
	if (sp_cert_has(&cert, SP_EXT_PKUP) && cert.pkup_to < cert.not_after)
		note_end(x, &signing_term, key_names[purpose], where, cert.pkup_to);
	if (cert.not_before > x->h->now + SP_CLOCK_SLACK_S)
		ca_health_add(x, CA_HEALTH_CLOCK_BEHIND, where, "its %s is valid from %s on, and now it is earlier",
		    certificate_names[purpose], setpki_time_text(cert.not_before, time));
	return SETPKI_E_OK;
}

static enum setpki_code
check_generation(
    struct ca_examination *x, const struct ca_ca_record *ca, const struct ca_generation *g, struct setpki_error *err)
{
	char where[CA_NAME_MAX + 32];
	enum setpki_code rc = SETPKI_E_OK;

	ca_health_where(ca->name, g->number, where);
	for (int p = 0; rc == SETPKI_E_OK && p < CA_PURPOSE_N; p++) {
		struct ca_cert_record rec;

		if (g->keys[p].seq == 0)
			continue;
		rc = ca_cert_get(x->t, ca->parent != 0 ? ca->parent : ca->id, g->keys[p].seq, &rec, err);
		if (rc == SETPKI_E_OK)
			rc = check_certificate(x, &rec, p, where, err);
		ca_cert_record_free(&rec);
	}
	return rc;
}

/* A generation that closes ends after the last certificate that it issued, by its policy. */
enum setpki_code
ca_health_certificates(struct ca_examination *x, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;

	for (size_t i = 0; i < x->state.policy->ncas; i++) {
		const struct ca_ca_record *ca = &x->state.v[i];

		for (size_t k = 0; rc == SETPKI_E_OK && x->state.known[i] && k < ca->ngenerations; k++)
			if (ca->generations[k].state == CA_GEN_ACTIVE)
				rc = check_generation(x, ca, &ca->generations[k], err);
	}
	return rc;
}

/* --- records ------------------------------------------------------------------------------------- */

static enum setpki_code
find_unknown(void *arg, const struct ca_ca_record *ca, struct setpki_error *err)
{
	struct ca_examination *x = arg;

	(void)err;
	if (ca_policy_find(x->h->policy, ca->name) < 0)
		ca_health_add(x, CA_HEALTH_CA_UNKNOWN, ca->name, "the store has this CA, the policy in force has not");
	return SETPKI_E_OK;
}

static void
note_waiting(struct ca_examination *x, const struct ca_ca_record *ca)
{
	char where[CA_NAME_MAX + 32];

	for (size_t k = 0; k < ca->ngenerations; k++)
		if (ca->generations[k].state == CA_GEN_WAITING)
			ca_health_add(x, CA_HEALTH_CA_WAITING,
			    ca_health_where(ca->name, ca->generations[k].number, where),
			    "it has not all its keys and certificates yet");
}

enum setpki_code
ca_health_records(struct ca_examination *x, struct setpki_error *err)
{
	for (size_t i = 0; i < x->state.policy->ncas; i++)
		if (x->state.v[i].here)
			note_waiting(x, &x->state.v[i]);
	return ca_ca_each(x->t, find_unknown, x, err);
}

/* --- keys ------------------------------------------------------------------------------------------ */

static enum setpki_code
check_key_file(struct ca_examination *x, const char *uri, const char *what, const char *where, struct setpki_error *err)
{
	char *path;
	struct stat st;

	if (strncmp(uri, "file:", 5) != 0)
		return SETPKI_E_OK;
	if ((path = ca_path(x->h->keys_dir, uri + 5)) == NULL)
		return sp_fail_memory(err);
	if (lstat(path, &st) != 0)
		ca_health_add(x, CA_HEALTH_KEY_MISSING, where, "the file of its %s is not there: %s", what, path);
	OPENSSL_free(path);
	return SETPKI_E_OK;
}

static enum setpki_code
check_key_files(
    struct ca_examination *x, const struct ca_ca_record *ca, const struct ca_generation *g, struct setpki_error *err)
{
	char where[CA_NAME_MAX + 32];
	enum setpki_code rc;

	ca_health_where(ca->name, g->number, where);
	rc = check_key_file(x, g->next_root_uri, "next root's key", where, err);
	for (int p = 0; rc == SETPKI_E_OK && p < CA_PURPOSE_N; p++)
		rc = check_key_file(x, g->keys[p].uri, key_names[p], where, err);
	return rc;
}

enum setpki_code
ca_health_keys(struct ca_examination *x, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;

	for (size_t i = 0; i < x->state.policy->ncas; i++) {
		const struct ca_ca_record *ca = &x->state.v[i];

		for (size_t k = 0; rc == SETPKI_E_OK && x->state.known[i] && ca->here && k < ca->ngenerations; k++)
			if (ca->generations[k].state != CA_GEN_RETIRED)
				rc = check_key_files(x, ca, &ca->generations[k], err);
	}
	return rc;
}

/* --- the clock --------------------------------------------------------------------------------------- */

static enum setpki_code
note_last(void *arg, const struct ca_audit_leaf *leaf, struct setpki_error *err)
{
	(void)err;
	*(int64_t *)arg = leaf->at;
	return SETPKI_E_OK;
}

enum setpki_code
ca_health_clock(struct ca_examination *x, struct setpki_error *err)
{
	int64_t last = INT64_MIN;
	char time[SETPKI_TIME_TEXT];
	uint8_t root[32];
	uint64_t size;
	enum setpki_code rc = ca_audit_head(x->h, x->t, &size, root, err);

	if (rc == SETPKI_E_OK && size > 0)
		rc = ca_audit_each(x->h, x->t, size - 1, note_last, &last, err);
	/* commands read the clock when they start: a leaf may be a little younger than the clock of this one */
	if (rc == SETPKI_E_OK && size > 0 && last > x->h->now + SP_CLOCK_SLACK_S)
		ca_health_add(x, CA_HEALTH_CLOCK_BEHIND, NULL,
		    "the last entry of the audit log is of %s, and now it is earlier", setpki_time_text(last, time));
	return rc;
}
