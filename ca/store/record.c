/* Records <-> octets.  What decodes is exactly what an encoder writes. */
#include "ca/store/private.h"

#include <openssl/crypto.h>
#include <string.h>

#define RECORD_VERSION 1
#define NO_REASON 255

/* --- memory ------------------------------------------------------------------------------------ */

bool
ca_bytes_own(setpki_bytes *b)
{
	bool some = b->n != 0;

	*b = sp_bytes_dup(*b);
	return !some || b->p != NULL;
}

void
ca_bytes_free(setpki_bytes *b)
{
	OPENSSL_free((void *)(uintptr_t)b->p);
	*b = (setpki_bytes){NULL, 0};
}

void
ca_ca_record_free(struct ca_ca_record *r)
{
	if (r == NULL)
		return;
	OPENSSL_free(r->generations);
	memset(r, 0, sizeof(*r));
}

void
ca_cert_record_free(struct ca_cert_record *r)
{
	if (r == NULL)
		return;
	ca_bytes_free(&r->serial);
	ca_bytes_free(&r->der);
	OPENSSL_free(r->holder);
	memset(r, 0, sizeof(*r));
}

void
ca_intent_record_free(struct ca_intent_record *r)
{
	if (r == NULL)
		return;
	ca_bytes_free(&r->serial);
	ca_bytes_free(&r->tbs);
	memset(r, 0, sizeof(*r));
}

void
ca_crl_record_free(struct ca_crl_record *r)
{
	if (r == NULL)
		return;
	ca_bytes_free(&r->der);
	memset(r, 0, sizeof(*r));
}

void
ca_bci_record_free(struct ca_bci_record *r)
{
	if (r == NULL)
		return;
	ca_bytes_free(&r->der);
	memset(r, 0, sizeof(*r));
}

/* --- ca ---------------------------------------------------------------------------------------- */

static void
generation_encode(const struct ca_generation *g, struct sp_buf *out)
{
	size_t i;

	ca_put_u16(out, g->number);
	ca_put_u16(out, g->superior_generation);
	ca_put_u8(out, (uint8_t)g->state);
	for (i = 0; i < CA_RECORD_PURPOSES; i++) {
		sp_buf_add(out, g->keys[i].identity, sizeof(g->keys[i].identity));
		ca_put_u64(out, g->keys[i].seq);
		ca_put_str(out, g->keys[i].uri);
	}
	ca_put_str(out, g->next_root_uri);
}

static void
generation_decode(struct ca_reader *r, struct ca_generation *g)
{
	size_t i;

	g->number = ca_get_u16(r);
	g->superior_generation = ca_get_u16(r);
	g->state = (enum ca_generation_state)ca_get_enum(r, CA_GEN_RETIRED + 1);
	for (i = 0; i < CA_RECORD_PURPOSES; i++) {
		ca_get_raw(r, g->keys[i].identity, sizeof(g->keys[i].identity));
		g->keys[i].seq = ca_get_u64(r);
		ca_get_text(r, g->keys[i].uri, sizeof(g->keys[i].uri));
	}
	ca_get_text(r, g->next_root_uri, sizeof(g->next_root_uri));
}

void
ca_ca_encode(const struct ca_ca_record *r, struct sp_buf *out)
{
	size_t i;

	ca_put_u8(out, RECORD_VERSION);
	ca_put_u16(out, r->parent);
	ca_put_u16(out, r->brand);
	ca_put_u32(out, r->type);
	ca_put_u8(out, r->here);
	ca_put_u16(out, r->generation);
	ca_put_str(out, r->name);
	ca_put_u16(out, r->ngenerations);
	for (i = 0; i < r->ngenerations; i++)
		generation_encode(&r->generations[i], out);
}

bool
ca_ca_decode(setpki_bytes key, setpki_bytes value, struct ca_ca_record *out)
{
	struct ca_reader k = ca_reader(key), r = ca_reader(value);
	bool known = ca_get_u8(&r) == RECORD_VERSION;
	size_t i;

	memset(out, 0, sizeof(*out));
	out->id = ca_get_u16(&k);
	out->parent = ca_get_u16(&r);
	out->brand = ca_get_u16(&r);
	out->type = ca_get_u32(&r);
	out->here = ca_get_bool(&r);
	out->generation = ca_get_u16(&r);
	ca_get_text(&r, out->name, sizeof(out->name));
	out->ngenerations = ca_get_u16(&r);
	if (r.bad || !ca_get_end(&k) || !known || out->ngenerations > CA_GENERATIONS_MAX)
		return false;
	if (out->ngenerations != 0 &&
	    (out->generations = OPENSSL_zalloc(out->ngenerations * sizeof(*out->generations))) == NULL)
		return false;
	for (i = 0; i < out->ngenerations; i++)
		generation_decode(&r, &out->generations[i]);
	if (!ca_get_end(&r))
		ca_ca_record_free(out);
	return !r.bad && r.p == r.end;
}

/* --- cert -------------------------------------------------------------------------------------- */

void
ca_cert_encode(const struct ca_cert_record *r, struct sp_buf *out)
{
	ca_put_u8(out, RECORD_VERSION);
	ca_put_u16(out, r->generation);
	ca_put_u8(out, r->kind);
	ca_put_u8(out, r->purpose);
	ca_put_u16(out, r->subject_ca);
	ca_put_u16(out, r->subject_generation);
	ca_put_u8(out, r->renews_key);
	ca_put_i64(out, r->issued_at);
	ca_put_i64(out, r->not_before);
	ca_put_i64(out, r->not_after);
	sp_buf_add(out, r->key_identity, sizeof(r->key_identity));
	sp_buf_add(out, r->request, sizeof(r->request));
	sp_buf_add(out, r->policy_hash, sizeof(r->policy_hash));
	ca_put_bytes(out, r->serial);
	ca_put_str(out, r->holder);
	ca_put_bytes(out, r->der);
}

bool
ca_cert_decode(setpki_bytes key, setpki_bytes value, struct ca_cert_record *out)
{
	struct ca_reader k = ca_reader(key), r = ca_reader(value);
	bool known = ca_get_u8(&r) == RECORD_VERSION;

	memset(out, 0, sizeof(*out));
	out->ca = ca_get_u16(&k);
	out->seq = ca_get_u64(&k);
	out->generation = ca_get_u16(&r);
	out->kind = ca_get_enum(&r, SETPKI_KIND_N);
	out->purpose = ca_get_enum(&r, CA_RECORD_PURPOSES);
	out->subject_ca = ca_get_u16(&r);
	out->subject_generation = ca_get_u16(&r);
	out->renews_key = ca_get_bool(&r);
	out->issued_at = ca_get_i64(&r);
	out->not_before = ca_get_i64(&r);
	out->not_after = ca_get_i64(&r);
	ca_get_raw(&r, out->key_identity, sizeof(out->key_identity));
	ca_get_raw(&r, out->request, sizeof(out->request));
	ca_get_raw(&r, out->policy_hash, sizeof(out->policy_hash));
	out->serial = ca_get_bytes(&r);
	out->holder = (char *)(uintptr_t)ca_get_str(&r);
	out->der = ca_get_bytes(&r);
	return known && ca_get_end(&k) && ca_get_end(&r) && out->serial.n != 0 && out->serial.n <= SP_SERIAL_MAX;
}

/* --- intent ------------------------------------------------------------------------------------ */

void
ca_intent_encode(const struct ca_intent_record *r, struct sp_buf *out)
{
	ca_put_u8(out, RECORD_VERSION);
	ca_put_u16(out, r->ca);
	ca_put_u16(out, r->generation);
	ca_put_u16(out, r->writer);
	ca_put_u64(out, r->writer_epoch);
	ca_put_i64(out, r->at);
	sp_buf_add(out, r->key_identity, sizeof(r->key_identity));
	sp_buf_add(out, r->request, sizeof(r->request));
	ca_put_bytes(out, r->serial);
	ca_put_bytes(out, r->tbs);
}

/* Whether a key ends with this serial, in the form that ca_key_serial() writes. */
static bool
key_has_serial(struct ca_reader *k, setpki_bytes serial)
{
	struct ca_dbkey want;
	bool ok;

	ca_key_start(&want);
	ok = ca_key_serial(&want, serial, NULL) == SETPKI_E_OK && (size_t)(k->end - k->p) == want.n &&
	    memcmp(k->p, want.p, want.n) == 0;
	k->p = k->end;
	return ok;
}

bool
ca_intent_decode(setpki_bytes key, setpki_bytes value, struct ca_intent_record *out)
{
	struct ca_reader k = ca_reader(key), r = ca_reader(value);
	bool known = ca_get_u8(&r) == RECORD_VERSION;

	memset(out, 0, sizeof(*out));
	out->ca = ca_get_u16(&r);
	out->generation = ca_get_u16(&r);
	out->writer = ca_get_u16(&r);
	out->writer_epoch = ca_get_u64(&r);
	out->at = ca_get_i64(&r);
	ca_get_raw(&r, out->key_identity, sizeof(out->key_identity));
	ca_get_raw(&r, out->request, sizeof(out->request));
	out->serial = ca_get_bytes(&r);
	out->tbs = ca_get_bytes(&r);
	return known && key_has_serial(&k, out->serial) && ca_get_end(&r);
}

/* --- revoked ----------------------------------------------------------------------------------- */

void
ca_revoked_encode(const struct ca_revoked_record *r, struct sp_buf *out)
{
	ca_put_u8(out, RECORD_VERSION);
	ca_put_i64(out, r->at);
	ca_put_i64(out, r->not_after);
	ca_put_u64(out, r->listed_until);
	ca_put_u8(out, r->reason < 0 ? NO_REASON : (uint8_t)r->reason);
}

bool
ca_revoked_decode(setpki_bytes key, setpki_bytes value, struct ca_revoked_record *out)
{
	struct ca_reader k = ca_reader(key), r = ca_reader(value);
	bool known = ca_get_u8(&r) == RECORD_VERSION;
	size_t n;

	memset(out, 0, sizeof(*out));
	out->at = ca_get_i64(&r);
	out->not_after = ca_get_i64(&r);
	out->listed_until = ca_get_u64(&r);
	out->reason = ca_get_u8(&r);
	if (out->reason == NO_REASON)
		out->reason = -1;
	else if (out->reason > CA_REASON_MAX)
		return false;
	out->ca = ca_get_u16(&k);
	out->generation = ca_get_u16(&k);
	n = ca_get_u8(&k);
	if (k.bad || n > (size_t)(k.end - k.p))
		return false;
	out->serial = sp_bytes(k.p, n);
	k.p--; /* the serial's length is part of its form */
	return known && key_has_serial(&k, out->serial) && ca_get_end(&r);
}

/* --- crl, bci ---------------------------------------------------------------------------------- */

void
ca_crl_encode(const struct ca_crl_record *r, struct sp_buf *out)
{
	ca_put_u8(out, RECORD_VERSION);
	ca_put_u64(out, r->number);
	ca_put_i64(out, r->this_update);
	ca_put_i64(out, r->next_update);
	ca_put_i64(out, r->next_run);
}

bool
ca_crl_decode(setpki_bytes key, setpki_bytes value, struct ca_crl_record *out)
{
	struct ca_reader k = ca_reader(key), r = ca_reader(value);
	bool known = ca_get_u8(&r) == RECORD_VERSION;

	memset(out, 0, sizeof(*out));
	out->ca = ca_get_u16(&k);
	out->generation = ca_get_u16(&k);
	out->number = ca_get_u64(&r);
	out->this_update = ca_get_i64(&r);
	out->next_update = ca_get_i64(&r);
	out->next_run = ca_get_i64(&r);
	return known && ca_get_end(&k) && ca_get_end(&r);
}

void
ca_bci_encode(const struct ca_bci_record *r, struct sp_buf *out)
{
	ca_put_u8(out, RECORD_VERSION);
	ca_put_u64(out, r->sequence);
	ca_put_i64(out, r->not_before);
	ca_put_i64(out, r->not_after);
	ca_put_i64(out, r->next_run);
	ca_put_u64(out, r->published);
	ca_put_bytes(out, r->der);
}

bool
ca_bci_decode(setpki_bytes key, setpki_bytes value, struct ca_bci_record *out)
{
	struct ca_reader k = ca_reader(key), r = ca_reader(value);
	bool known = ca_get_u8(&r) == RECORD_VERSION;

	memset(out, 0, sizeof(*out));
	out->brand = ca_get_u16(&k);
	out->sequence = ca_get_u64(&r);
	out->not_before = ca_get_i64(&r);
	out->not_after = ca_get_i64(&r);
	out->next_run = ca_get_i64(&r);
	out->published = ca_get_u64(&r);
	out->der = ca_get_bytes(&r);
	return known && ca_get_end(&k) && ca_get_end(&r);
}
