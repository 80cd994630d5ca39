/* The log's registrations against the store's, both ways. */
#include "ca/audit/check.h"

#include <string.h>

/* What an event of a registration is remembered by. */
static enum setpki_code
event_digest(const struct ca_check *c, const uint8_t wrapper[32], enum ca_audit_event event, uint8_t out[32],
    struct setpki_error *err)
{
	uint8_t both[33];

	memcpy(both, wrapper, 32);
	both[32] = (uint8_t)event;
	return sp_sha256(c->h->ctx, SP_BYTES(both), out, err);
}

/* What the store says of a registration can have come of what the leaf tells. */
static enum setpki_code
check_record(const struct ca_request_record *rec, const struct ca_audit_leaf *leaf, struct setpki_error *err)
{
	enum ca_request_state then = CA_REQUEST_IN_PROGRESS;

	if (rec->ca != leaf->ca)
		return ca_check_disagree(err, leaf, "the request in the store is another CA's");
	while (then < CA_REQUEST_STATES && ca_audit_request_event(then) != leaf->event)
		then++;
	if (then < CA_REQUEST_STATES && !ca_request_may_become(then, rec->state, true))
		return ca_check_disagree(err, leaf, "the request's state in the store is one from before this");
	if (leaf->event == CA_AUDIT_REQUEST_ERASED && rec->sealed.n != 0)
		return ca_check_disagree(err, leaf, "the store has the request's secrets all the same");
	return SETPKI_E_OK;
}

enum setpki_code
ca_check_request(struct ca_check *c, const struct ca_audit_leaf *leaf, struct setpki_error *err)
{
	struct ca_request_record rec;
	struct setpki_error e = {0};
	uint8_t digest[32];
	enum setpki_code rc = ca_request_by_wrapper(c->t, leaf->object, &rec, &e);

	if (rc == SETPKI_E_NOTFOUND)
		return ca_check_disagree(err, leaf, "the store does not have that request");
	if (rc != SETPKI_E_OK)
		return sp_fail(err, rc, e.spec, "%s", e.message);
	rc = check_record(&rec, leaf, err);
	ca_request_record_free(&rec);
	if (rc == SETPKI_E_OK && (rc = event_digest(c, leaf->object, leaf->event, digest, err)) == SETPKI_E_OK)
		ca_digests_add(&c->requests, digest);
	return rc;
}

static enum setpki_code
must_be_named(
    const struct ca_check *c, const struct ca_request_record *rec, enum ca_audit_event event, struct setpki_error *err)
{
	uint8_t digest[32];
	enum setpki_code rc = event_digest(c, rec->wrapper, event, digest, err);

	if (rc != SETPKI_E_OK || ca_digests_has(&c->requests, digest))
		return rc;
	return sp_fail(err, SETPKI_E_RULE, NULL, "request %llu is %s in the store, but the audit log has no \"%s\"",
	    (unsigned long long)rec->number, ca_request_state_name(rec->state), ca_audit_event_text(event));
}

static enum setpki_code
request_is_named(void *arg, const struct ca_request_record *rec, struct setpki_error *err)
{
	enum setpki_code rc = must_be_named(arg, rec, ca_audit_request_event(rec->state), err);

	if (rc == SETPKI_E_OK && rec->sealed.n == 0)
		rc = must_be_named(arg, rec, CA_AUDIT_REQUEST_ERASED, err);
	return rc;
}

enum setpki_code
ca_check_requests(struct ca_check *c, struct setpki_error *err)
{
	return ca_request_each(c->t, CA_REQUEST_STATES, 0, request_is_named, c, err);
}
