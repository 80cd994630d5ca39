/* General receive, and the wrapper around what is sent. */
#include "lib/message/wire.h"

#include <stdarg.h>
#include <string.h>

enum setpki_code
sp_fault(struct sp_fault *f, enum setpki_error_code code, const char *fmt, ...)
{
	char text[320];
	va_list ap;

	if (f->code != SETPKI_ERR_NONE)
		return SETPKI_E_RULE;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	f->code = code;
	if (f->why.code == SETPKI_E_OK)
		return sp_fail(&f->why, SETPKI_E_RULE, "set-protocol 8", "%s", text);
	return SETPKI_E_RULE;
}

/* --- receive ----------------------------------------------------------------------------------- */

static enum setpki_code
check_version(const struct sp_incoming *in, struct sp_fault *f)
{
	int64_t version = sp_int(in->m.wrapper->header->version);

	if (version < 1)
		return sp_fault(f, SETPKI_ERR_VERSION_TOO_OLD, "message of version %lld", (long long)version);
	if (version > 1)
		return sp_fault(f, SETPKI_ERR_VERSION_TOO_NEW, "message of version %lld", (long long)version);
	return SETPKI_E_OK;
}

/* None is known, so a critical one is one too many. */
static enum setpki_code
check_extensions(const struct sp_incoming *in, struct sp_fault *f)
{
	const STACK_OF(SP_MSG_EXTENSION) *sk = in->m.wrapper->extensions;

	for (int i = 0; sk != NULL && i < sk_SP_MSG_EXTENSION_num(sk); i++) {
		const SP_MSG_EXTENSION *x = sk_SP_MSG_EXTENSION_value(sk, i);
		setpki_bytes oid = sp_obj(x->id);

		if (!x->critical)
			continue;
		if (oid.n <= sizeof(f->oid) && f->code == SETPKI_ERR_NONE) {
			memcpy(f->oid, oid.p, oid.n);
			f->noid = oid.n;
		}
		return sp_fault(f, SETPKI_ERR_UNRECOGNIZED_EXTENSION, "a critical message extension that is not known");
	}
	return SETPKI_E_OK;
}

static enum setpki_code
check_date(const struct sp_incoming *in, int64_t now, struct sp_fault *f)
{
	if (in->date > now + SP_DATE_FUTURE_S)
		return sp_fault(f, SETPKI_ERR_MESSAGE_TOO_NEW, "the message is dated %lld s ahead of our clock",
		    (long long)(in->date - now));
	if (in->date < now - SP_DATE_PAST_S)
		return sp_fault(f, SETPKI_ERR_MESSAGE_TOO_OLD, "the message is dated %lld s behind our clock",
		    (long long)(now - in->date));
	return SETPKI_E_OK;
}

static enum setpki_code
check_header(const struct sp_incoming *in, struct sp_fault *f)
{
	if (in->m.arm->type == NULL)
		return sp_fault(f, SETPKI_ERR_MESSAGE_NOT_SUPPORTED, "%s is a payment message", in->m.arm->name);
	if (in->rrpid.n == 0 && in->m.arm->number != SP_ARM_ERROR)
		return sp_fault(f, SETPKI_ERR_BAD_MESSAGE_HEADER, "the wrapper of %s has no rrpid", in->m.arm->name);
	return SETPKI_E_OK;
}

static void
take_header(struct sp_incoming *in)
{
	const SP_MESSAGE_HEADER *h = in->m.wrapper->header;

	in->has_header = true;
	in->date = sp_time(h->date);
	in->rrpid = sp_str(h->rrpid);
	if (h->ids != NULL) {
		in->lid_c = sp_str(h->ids->lid_c);
		in->lid_m = sp_str(h->ids->lid_m);
	}
}

enum setpki_code
sp_wire_read(setpki_bytes wrapper, int64_t now, struct sp_incoming *out, struct sp_fault *f)
{
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	out->wrapper = wrapper;
	if (wrapper.n > SP_MESSAGE_MAX)
		return sp_fault(
		    f, SETPKI_ERR_MESSAGE_TOO_BIG, "%zu bytes; a message has at most %u", wrapper.n, SP_MESSAGE_MAX);
	if ((rc = sp_message_read(wrapper, &out->m, &f->why)) == SETPKI_E_MEMORY)
		return rc;
	if (rc != SETPKI_E_OK)
		return sp_fault(f, SETPKI_ERR_DECODING_FAILURE, "not a MessageWrapper");
	take_header(out);
	if ((rc = check_version(out, f)) == SETPKI_E_OK && (rc = check_extensions(out, f)) == SETPKI_E_OK &&
	    (rc = check_date(out, now, f)) == SETPKI_E_OK)
		rc = check_header(out, f);
	return rc;
}

void
sp_incoming_free(struct sp_incoming *in)
{
	if (in->m.wrapper != NULL)
		sp_message_free(&in->m);
	memset(in, 0, sizeof(*in));
}

/* --- send -------------------------------------------------------------------------------------- */

static bool
set_ids(SP_MESSAGE_HEADER *h, const struct sp_outgoing *o)
{
	if (o->lid_c.n == 0 && o->lid_m.n == 0)
		return true;
	if ((h->ids = (SP_MESSAGE_IDS *)ASN1_item_new(ASN1_ITEM_rptr(SP_MESSAGE_IDS))) == NULL)
		return false;
	return (o->lid_c.n == 0 || sp_str_set(&h->ids->lid_c, V_ASN1_OCTET_STRING, o->lid_c)) &&
	    (o->lid_m.n == 0 || sp_str_set(&h->ids->lid_m, V_ASN1_OCTET_STRING, o->lid_m));
}

enum setpki_code
sp_wire_put(const struct sp_outgoing *o, setpki_bytes pdu, struct sp_buf *out, struct setpki_error *err)
{
	SP_MESSAGE_HEADER *h = sp_type_new(&sp_type_message_header);
	enum setpki_code rc;

	if (h != NULL && sp_int_set(&h->version, 1) && sp_time_set(&h->date, o->now) && set_ids(h, o) &&
	    (o->rrpid.n == 0 || sp_str_set(&h->rrpid, V_ASN1_OCTET_STRING, o->rrpid)) &&
	    sp_str_set(&h->software, V_ASN1_VISIBLESTRING, sp_bytes_str(o->software)))
		rc = sp_message_put(h, o->arm, pdu, out, err);
	else
		rc = sp_fail_memory(err);
	sp_type_free(&sp_type_message_header, h);
	return rc;
}
