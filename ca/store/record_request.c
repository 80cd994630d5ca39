/* Records of registrations and their answers <-> octets.  What decodes is exactly what an encoder writes. */
#include "ca/store/private.h"

#include <setpki/message.h>
#include <string.h>

#define RECORD_VERSION 1

void
ca_request_record_free(struct ca_request_record *r)
{
	if (r == NULL)
		return;
	ca_bytes_free(&r->sig_key);
	ca_bytes_free(&r->enc_key);
	ca_bytes_free(&r->sealed);
	memset(r, 0, sizeof(*r));
}

/* --- states ------------------------------------------------------------------------------------ */

#define TO(state) (1u << CA_REQUEST_##state)

static const struct {
	const char *name;
	unsigned next;
} states[CA_REQUEST_STATES] = {
    [CA_REQUEST_IN_PROGRESS] = {"in progress", TO(PENDED) | TO(APPROVED) | TO(COMPLETE) | TO(REJECTED) | TO(REFUSED)},
    [CA_REQUEST_PENDED] = {"pended", TO(APPROVED) | TO(REJECTED)},
    [CA_REQUEST_APPROVED] = {"approved", TO(COMPLETE) | TO(REJECTED) | TO(REFUSED)},
    [CA_REQUEST_COMPLETE] = {"complete", 0},
    [CA_REQUEST_REJECTED] = {"rejected", 0},
    [CA_REQUEST_REFUSED] = {"refused", 0},
};

bool
ca_request_may_become(enum ca_request_state from, enum ca_request_state to, bool led)
{
	if (from == to || (states[from].next & 1u << to) != 0)
		return true;
	for (unsigned mid = 0; led && mid < CA_REQUEST_STATES; mid++)
		if ((states[from].next & 1u << mid) != 0 && ca_request_may_become((enum ca_request_state)mid, to, true))
			return true;
	return false;
}

const char *
ca_request_state_name(enum ca_request_state state)
{
	return state < CA_REQUEST_STATES ? states[state].name : "unknown";
}

/* --- request ----------------------------------------------------------------------------------- */

static void
put_asked(const struct ca_request_record *r, struct sp_buf *out)
{
	sp_buf_add(out, r->wrapper, sizeof(r->wrapper));
	ca_put_u16(out, r->ca);
	ca_put_u8(out, r->type);
	ca_put_i64(out, r->received_at);
	sp_buf_add(out, r->lid_ca, sizeof(r->lid_ca));
	ca_put_bytes(out, sp_bytes(r->lid_ee, r->nlid_ee));
	ca_put_str(out, r->language);
	ca_put_str(out, r->bin);
	ca_put_str(out, r->id);
	ca_put_bytes(out, r->sig_key);
	ca_put_bytes(out, r->enc_key);
	ca_put_u64(out, r->old_seq);
	ca_put_u64(out, r->old_enc_seq);
	ca_put_str(out, r->name);
	sp_buf_add(out, r->account_hash, sizeof(r->account_hash));
	ca_put_str(out, r->first_six);
	ca_put_str(out, r->last_four);
	ca_put_str(out, r->expiry);
}

static void
put_decided(const struct ca_request_record *r, struct sp_buf *out)
{
	ca_put_u8(out, (uint8_t)r->state);
	ca_put_u8(out, r->status);
	ca_put_i64(out, r->changed_at);
	ca_put_str(out, r->decider);
	ca_put_u8(out, r->nvotes);
	for (size_t i = 0; i < r->nvotes; i++) {
		ca_put_str(out, r->votes[i].by);
		ca_put_i64(out, r->votes[i].at);
	}
	ca_put_str(out, r->message);
	ca_put_u16(out, r->writer);
	ca_put_u64(out, r->writer_epoch);
	ca_put_i64(out, r->erase_at);
	ca_put_bytes(out, r->sealed);
}

void
ca_request_encode(const struct ca_request_record *r, struct sp_buf *out)
{
	ca_put_u8(out, RECORD_VERSION);
	put_asked(r, out);
	put_decided(r, out);
}

static void
get_lid_ee(struct ca_reader *r, struct ca_request_record *out)
{
	setpki_bytes lid = ca_get_bytes(r);

	if (lid.n == 0 || lid.n > sizeof(out->lid_ee)) {
		r->bad = true;
		return;
	}
	memcpy(out->lid_ee, lid.p, lid.n);
	out->nlid_ee = (uint8_t)lid.n;
}

static void
get_asked(struct ca_reader *r, struct ca_request_record *out)
{
	ca_get_raw(r, out->wrapper, sizeof(out->wrapper));
	out->ca = ca_get_u16(r);
	out->type = ca_get_enum(r, SETPKI_REQUEST_N);
	out->received_at = ca_get_i64(r);
	ca_get_raw(r, out->lid_ca, sizeof(out->lid_ca));
	get_lid_ee(r, out);
	ca_get_text(r, out->language, sizeof(out->language));
	ca_get_text(r, out->bin, sizeof(out->bin));
	ca_get_text(r, out->id, sizeof(out->id));
	out->sig_key = ca_get_bytes(r);
	out->enc_key = ca_get_bytes(r);
	out->old_seq = ca_get_u64(r);
	out->old_enc_seq = ca_get_u64(r);
	ca_get_text(r, out->name, sizeof(out->name));
	ca_get_raw(r, out->account_hash, sizeof(out->account_hash));
	ca_get_text(r, out->first_six, sizeof(out->first_six));
	ca_get_text(r, out->last_four, sizeof(out->last_four));
	ca_get_text(r, out->expiry, sizeof(out->expiry));
}

static void
get_decided(struct ca_reader *r, struct ca_request_record *out)
{
	out->state = (enum ca_request_state)ca_get_enum(r, CA_REQUEST_STATES);
	out->status = ca_get_enum(r, SETPKI_STATUS_N);
	out->changed_at = ca_get_i64(r);
	ca_get_text(r, out->decider, sizeof(out->decider));
	out->nvotes = ca_get_enum(r, CA_REQUEST_VOTES + 1);
	for (size_t i = 0; i < out->nvotes; i++) {
		ca_get_text(r, out->votes[i].by, sizeof(out->votes[i].by));
		out->votes[i].at = ca_get_i64(r);
	}
	ca_get_text(r, out->message, sizeof(out->message));
	out->writer = ca_get_u16(r);
	out->writer_epoch = ca_get_u64(r);
	out->erase_at = ca_get_i64(r);
	out->sealed = ca_get_bytes(r);
}

bool
ca_request_decode(setpki_bytes key, setpki_bytes value, struct ca_request_record *out)
{
	struct ca_reader k = ca_reader(key), r = ca_reader(value);
	bool known = ca_get_u8(&r) == RECORD_VERSION;

	memset(out, 0, sizeof(*out));
	out->number = ca_get_u64(&k);
	get_asked(&r, out);
	get_decided(&r, out);
	return known && ca_get_end(&k) && ca_get_end(&r);
}

/* --- kept ------------------------------------------------------------------------------------ */

void
ca_kept_encode(const struct ca_kept_record *r, struct sp_buf *out)
{
	ca_put_u8(out, RECORD_VERSION);
	sp_buf_add(out, r->rrpid, sizeof(r->rrpid));
	sp_buf_add(out, r->key, sizeof(r->key));
	ca_put_i64(out, r->expires);
	ca_put_bytes(out, r->answer);
}

bool
ca_kept_decode(setpki_bytes key, setpki_bytes value, struct ca_kept_record *out)
{
	struct ca_reader k = ca_reader(key), r = ca_reader(value);
	bool known = ca_get_u8(&r) == RECORD_VERSION;

	memset(out, 0, sizeof(*out));
	ca_get_raw(&k, out->wrapper, sizeof(out->wrapper));
	ca_get_raw(&r, out->rrpid, sizeof(out->rrpid));
	ca_get_raw(&r, out->key, sizeof(out->key));
	out->expires = ca_get_i64(&r);
	out->answer = ca_get_bytes(&r);
	return known && ca_get_end(&k) && ca_get_end(&r);
}
