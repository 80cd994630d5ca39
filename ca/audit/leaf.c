#include "ca/audit/leaf.h"

#include "lib/der/writer.h"

#include <setpki/text.h>
#include <string.h>

#define LEAF_VERSION 1

static const struct {
	const char *name, *text;
} events[] = {
#define X(name, text) {#name, text},
    CA_AUDIT_EVENTS(X)
#undef X
};

const char *
ca_audit_event_text(enum ca_audit_event e)
{
	return (unsigned)e < CA_AUDIT_N ? events[e].text : "unknown event";
}

const char *
ca_audit_event_name(enum ca_audit_event e)
{
	return (unsigned)e < CA_AUDIT_N ? events[e].name : "UNKNOWN";
}

enum ca_audit_event
ca_audit_request_event(enum ca_request_state state)
{
	static const enum ca_audit_event by_state[CA_REQUEST_STATES] = {
	    [CA_REQUEST_IN_PROGRESS] = CA_AUDIT_REQUEST_IN_PROGRESS,
	    [CA_REQUEST_PENDED] = CA_AUDIT_REQUEST_PENDED,
	    [CA_REQUEST_APPROVED] = CA_AUDIT_REQUEST_APPROVED,
	    [CA_REQUEST_COMPLETE] = CA_AUDIT_REQUEST_COMPLETE,
	    [CA_REQUEST_REJECTED] = CA_AUDIT_REQUEST_REJECTED,
	    [CA_REQUEST_REFUSED] = CA_AUDIT_REQUEST_REFUSED,
	};

	return by_state[state];
}

void
ca_leaf_put(const struct ca_audit_leaf *leaf, struct sp_buf *out)
{
	static const uint8_t none[32];
	size_t seq = sp_der_open(out, SP_SEQUENCE);

	sp_der_put_int(out, LEAF_VERSION);
	sp_der_put_int(out, (int64_t)leaf->index);
	sp_der_put_gentime(out, leaf->at);
	sp_der_put_enum(out, leaf->event);
	sp_der_put_octets(out, SP_BYTES(leaf->policy_hash));
	sp_der_put_int(out, leaf->ca);
	if (leaf->serial.n != 0)
		sp_der_put(out, SP_CTX(0), leaf->serial);
	if (memcmp(leaf->object, none, sizeof(none)) != 0)
		sp_der_put(out, SP_CTX(1), SP_BYTES(leaf->object));
	if (leaf->detail != NULL)
		sp_der_put(out, SP_CTX(2), sp_bytes_str(leaf->detail));
	sp_der_close(out, seq);
}

static bool
get_fixed(struct sp_der *d, struct ca_audit_leaf *out)
{
	int64_t version, index, event, ca;
	setpki_bytes policy;

	if (!sp_der_int(d, &version) || version != LEAF_VERSION || !sp_der_int(d, &index) || index < 0 ||
	    !sp_der_time(d, &out->at, NULL) || !sp_der_enum(d, &event) || event < 0 || event >= CA_AUDIT_N ||
	    !sp_der_octets(d, &policy) || policy.n != 32 || !sp_der_int(d, &ca) || ca < 0 || ca > UINT16_MAX)
		return false;
	out->index = (uint64_t)index;
	out->event = (enum ca_audit_event)event;
	out->ca = (uint16_t)ca;
	memcpy(out->policy_hash, policy.p, 32);
	return true;
}

static bool
get_optional(struct sp_der *d, struct ca_audit_leaf *out, char text[CA_LEAF_DETAIL])
{
	setpki_bytes object, detail;

	sp_der_opt(d, SP_CTX(0), &out->serial);
	if (sp_der_opt(d, SP_CTX(1), &object)) {
		if (object.n != 32)
			return false;
		memcpy(out->object, object.p, 32);
	}
	if (sp_der_opt(d, SP_CTX(2), &detail)) {
		if (detail.n >= CA_LEAF_DETAIL || !setpki_utf8_printable(detail))
			return false;
		if (detail.n != 0)
			memcpy(text, detail.p, detail.n);
		text[detail.n] = '\0';
		out->detail = text;
	}
	return sp_der_end(d);
}

enum setpki_code
ca_leaf_get(setpki_bytes der, struct ca_audit_leaf *out, char text[CA_LEAF_DETAIL], struct setpki_error *err)
{
	struct sp_der d = sp_der(der), seq;

	memset(out, 0, sizeof(*out));
	if (!sp_der_enter(&d, SP_SEQUENCE, &seq) || !sp_der_end(&d) || !get_fixed(&seq, out) ||
	    !get_optional(&seq, out, text))
		return sp_fail(
		    err, SETPKI_E_STORE, NULL, "a leaf of the audit log is damaged: restore the store from a backup");
	return SETPKI_E_OK;
}
