/* Records of the registration desk <-> octets.  What decodes is exactly what an encoder writes. */
#include "ca/store/private.h"

#include <openssl/crypto.h>
#include <string.h>

#define RECORD_VERSION 1

/* `n` digits and a NUL. */
static void
get_digits(struct ca_reader *r, char *out, size_t n)
{
	ca_get_raw(r, (uint8_t *)out, n);
	out[n] = '\0';
	if (strspn(out, "0123456789") != n)
		r->bad = true;
}

/* --- account ----------------------------------------------------------------------------------- */

void
ca_account_encode(const struct ca_account_record *r, struct sp_buf *out)
{
	ca_put_u8(out, RECORD_VERSION);
	ca_put_u8(out, (uint8_t)r->state);
	sp_buf_add(out, r->first_six, 6);
	sp_buf_add(out, r->last_four, 4);
	sp_buf_add(out, r->expiry, 6);
	ca_put_i64(out, r->imported_at);
}

bool
ca_account_decode(setpki_bytes key, setpki_bytes value, struct ca_account_record *out)
{
	struct ca_reader k = ca_reader(key), r = ca_reader(value);
	bool known = ca_get_u8(&r) == RECORD_VERSION;

	memset(out, 0, sizeof(*out));
	out->ca = ca_get_u16(&k);
	ca_get_raw(&k, out->hash, sizeof(out->hash));
	out->state = (enum ca_account_state)ca_get_enum(&r, CA_ACCOUNT_BLOCKED + 1);
	get_digits(&r, out->first_six, 6);
	get_digits(&r, out->last_four, 4);
	get_digits(&r, out->expiry, 6);
	out->imported_at = ca_get_i64(&r);
	return known && ca_get_end(&k) && ca_get_end(&r);
}

/* --- holder ------------------------------------------------------------------------------------ */

static void
put_names(struct sp_buf *out, const struct sp_mer_names *n)
{
	ca_put_str(out, n->language);
	ca_put_str(out, n->name);
	ca_put_str(out, n->city);
	ca_put_str(out, n->state_province);
	ca_put_str(out, n->postal_code);
	ca_put_str(out, n->country_name);
}

static void
get_names(struct ca_reader *r, struct sp_mer_names *n)
{
	n->language = ca_get_str(r);
	n->name = ca_get_str(r);
	n->city = ca_get_str(r);
	n->state_province = ca_get_str(r);
	n->postal_code = ca_get_str(r);
	n->country_name = ca_get_str(r);
}

void
ca_holder_encode(const struct ca_holder_record *r, struct sp_buf *out)
{
	ca_put_u8(out, RECORD_VERSION);
	ca_put_u8(out, (uint8_t)r->state);
	ca_put_i64(out, r->imported_at);
	ca_put_u16(out, r->country);
	ca_put_u8(out, r->auth_flag);
	ca_put_str(out, r->name);
	ca_put_u8(out, (uint8_t)r->nnames);
	for (size_t i = 0; i < r->nnames; i++)
		put_names(out, &r->names[i]);
}

/* What follows the role: six digits, then the identifier to the end of the key. */
static void
get_bin_and_id(struct ca_reader *k, struct ca_holder_record *out)
{
	size_t n;

	get_digits(k, out->bin, SP_UB_BIN);
	n = (size_t)(k->end - k->p);
	if (n > CA_HOLDER_ID_MAX || (n != 0 && memchr(k->p, 0, n) != NULL))
		k->bad = true;
	else
		ca_get_raw(k, (uint8_t *)out->id, n);
}

bool
ca_holder_decode(setpki_bytes key, setpki_bytes value, struct ca_holder_record *out)
{
	struct ca_reader k = ca_reader(key), r = ca_reader(value);
	bool known = ca_get_u8(&r) == RECORD_VERSION;

	memset(out, 0, sizeof(*out));
	out->ca = ca_get_u16(&k);
	out->role = ca_get_u8(&k);
	get_bin_and_id(&k, out);
	out->state = (enum ca_account_state)ca_get_enum(&r, CA_ACCOUNT_BLOCKED + 1);
	out->imported_at = ca_get_i64(&r);
	out->country = ca_get_u16(&r);
	out->auth_flag = ca_get_bool(&r);
	out->name = ca_get_str(&r);
	out->nnames = ca_get_enum(&r, SP_MER_NAMES_MAX + 1);
	if (!known || !ca_get_end(&k) || r.bad)
		return false;
	if (out->nnames != 0 && (out->names = OPENSSL_zalloc(out->nnames * sizeof(*out->names))) == NULL)
		return false;
	for (size_t i = 0; i < out->nnames; i++)
		get_names(&r, &out->names[i]);
	if (ca_get_end(&r))
		return true;
	ca_holder_record_free(out);
	return false;
}

void
ca_holder_record_free(struct ca_holder_record *r)
{
	if (r == NULL)
		return;
	OPENSSL_free(r->names);
	ca_bytes_free(&r->memory);
	memset(r, 0, sizeof(*r));
}
