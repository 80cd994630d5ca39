/* Records <-> octets: everything comes back, and nothing else is read. */
#include "ca/store/private.h"
#include "tests/support/check.h"

#include <openssl/crypto.h>
#include <setpki/message.h>

static const uint8_t key_octets[CA_SERIAL_KEY + 4];

/* One row a record: encoding it, decoding what was encoded and encoding that again, from a key. */
struct form {
	const char *name;
	void (*encode)(size_t variant, struct ca_dbkey *key, struct sp_buf *out);
	bool (*again)(setpki_bytes key, setpki_bytes value, struct sp_buf *out);
	size_t variants;
};

static void
fill(void *p, size_t n, uint8_t v)
{
	memset(p, v, n);
}

static const char long_name[CA_NAME_MAX] = "0123456789012345678901234567890123456789012345678901234567890ab";

/* --- ca ---------------------------------------------------------------------------------------- */

static void
ca_encode(size_t variant, struct ca_dbkey *key, struct sp_buf *out)
{
	static struct ca_generation g[3];
	struct ca_ca_record r = {.id = 0xffff, .name = "root"};

	if (variant == 1) {
		r = (struct ca_ca_record){.id = 1,
		    .parent = 0xffff,
		    .brand = 0xfffe,
		    .type = UINT32_MAX,
		    .here = true,
		    .generation = 0xffff,
		    .ngenerations = 3,
		    .generations = g};
		memcpy(r.name, long_name, sizeof(r.name));
		for (size_t i = 0; i < NELEMS(g); i++) {
			g[i].number = (uint16_t)(0xfff0 + i);
			g[i].superior_generation = 0xffff;
			g[i].state = (enum ca_generation_state)(i + 1);
			fill(g[i].next_root_uri, sizeof(g[i].next_root_uri) - 1, 'n');
			for (size_t k = 0; k < CA_RECORD_PURPOSES; k++) {
				fill(g[i].keys[k].uri, sizeof(g[i].keys[k].uri) - 1, (uint8_t)('a' + k));
				fill(g[i].keys[k].identity, 32, (uint8_t)(0xf0 + k));
				g[i].keys[k].seq = UINT64_MAX - k;
			}
		}
	}
	ca_key_u16(key, r.id);
	ca_ca_encode(&r, out);
}

static bool
ca_again(setpki_bytes key, setpki_bytes value, struct sp_buf *out)
{
	struct ca_ca_record r;
	bool ok = ca_ca_decode(key, value, &r);

	if (ok)
		ca_ca_encode(&r, out);
	ca_ca_record_free(&r);
	return ok;
}

/* --- cert -------------------------------------------------------------------------------------- */

static void
cert_encode(size_t variant, struct ca_dbkey *key, struct sp_buf *out)
{
	static uint8_t der[SP_CERT_MAX], serial[SP_SERIAL_MAX];
	static char holder[CA_HOLDER_MAX + 1];
	struct ca_cert_record r = {.ca = 1, .seq = 1, .serial = {serial, 1}, .der = {der, 1}};

	if (variant == 1) {
		fill(der, sizeof(der), 0xff);
		fill(serial, sizeof(serial), 0x7f);
		fill(holder, sizeof(holder) - 1, 'h');
		r = (struct ca_cert_record){.ca = 0xffff,
		    .generation = 0xffff,
		    .seq = UINT64_MAX,
		    .kind = SETPKI_KIND_N - 1,
		    .purpose = CA_RECORD_PURPOSES - 1,
		    .subject_ca = 0xffff,
		    .subject_generation = 0xffff,
		    .renews_key = true,
		    .issued_at = INT64_MIN,
		    .not_before = INT64_MAX,
		    .not_after = -1,
		    .serial = SP_BYTES(serial),
		    .der = SP_BYTES(der),
		    .holder = holder};
		fill(r.key_identity, 32, 0xff);
		fill(r.request, 32, 0xfe);
		fill(r.policy_hash, 32, 0xfd);
	}
	ca_key_u16(key, r.ca);
	ca_key_u64(key, r.seq);
	ca_cert_encode(&r, out);
}

static bool
cert_again(setpki_bytes key, setpki_bytes value, struct sp_buf *out)
{
	struct ca_cert_record r;
	bool ok = ca_cert_decode(key, value, &r);

	if (ok)
		ca_cert_encode(&r, out);
	return ok;
}

/* --- intent ------------------------------------------------------------------------------------ */

static void
intent_encode(size_t variant, struct ca_dbkey *key, struct sp_buf *out)
{
	static uint8_t tbs[4096], serial[SP_SERIAL_MAX] = {1};
	struct ca_intent_record r = {.serial = {serial, 1}};

	if (variant == 1) {
		fill(serial, sizeof(serial), 0xff);
		r = (struct ca_intent_record){.serial = SP_BYTES(serial),
		    .tbs = SP_BYTES(tbs),
		    .ca = 0xffff,
		    .generation = 0xffff,
		    .writer = 0xffff,
		    .writer_epoch = UINT64_MAX,
		    .at = INT64_MAX};
		fill(r.key_identity, 32, 0xaa);
		fill(r.request, 32, 0xbb);
	}
	assert_int_equal(ca_key_serial(key, r.serial, NULL), SETPKI_E_OK);
	ca_intent_encode(&r, out);
}

static bool
intent_again(setpki_bytes key, setpki_bytes value, struct sp_buf *out)
{
	struct ca_intent_record r;
	bool ok = ca_intent_decode(key, value, &r);

	if (ok)
		ca_intent_encode(&r, out);
	return ok;
}

/* --- revoked ----------------------------------------------------------------------------------- */

static void
revoked_encode(size_t variant, struct ca_dbkey *key, struct sp_buf *out)
{
	static const uint8_t serial[SP_SERIAL_MAX] = {0x7f, 1};
	struct ca_revoked_record r = {.ca = 1, .generation = 1, .serial = {serial, 2}, .reason = -1};

	if (variant == 1)
		r = (struct ca_revoked_record){.ca = 0xffff,
		    .generation = 0xffff,
		    .serial = SP_BYTES(serial),
		    .at = INT64_MAX,
		    .not_after = INT64_MIN,
		    .reason = 10,
		    .listed_until = UINT64_MAX};
	ca_key_u16(key, r.ca);
	ca_key_u16(key, r.generation);
	assert_int_equal(ca_key_serial(key, r.serial, NULL), SETPKI_E_OK);
	ca_revoked_encode(&r, out);
}

static bool
revoked_again(setpki_bytes key, setpki_bytes value, struct sp_buf *out)
{
	struct ca_revoked_record r;
	bool ok = ca_revoked_decode(key, value, &r);

	if (ok)
		ca_revoked_encode(&r, out);
	return ok;
}

/* --- crl, bci ---------------------------------------------------------------------------------- */

static void
crl_encode(size_t variant, struct ca_dbkey *key, struct sp_buf *out)
{
	struct ca_crl_record r = {.ca = 1};

	if (variant == 1)
		r = (struct ca_crl_record){.ca = 0xffff,
		    .generation = 0xffff,
		    .number = UINT64_MAX,
		    .this_update = INT64_MIN,
		    .next_update = INT64_MAX,
		    .next_run = -1};
	ca_key_u16(key, r.ca);
	ca_key_u16(key, r.generation);
	ca_crl_encode(&r, out);
}

static bool
crl_again(setpki_bytes key, setpki_bytes value, struct sp_buf *out)
{
	struct ca_crl_record r;
	bool ok = ca_crl_decode(key, value, &r);

	if (ok)
		ca_crl_encode(&r, out);
	return ok;
}

static void
bci_encode(size_t variant, struct ca_dbkey *key, struct sp_buf *out)
{
	static const uint8_t der[3000];
	struct ca_bci_record r = {.brand = 1};

	if (variant == 1)
		r = (struct ca_bci_record){.brand = 0xffff,
		    .sequence = UINT64_MAX,
		    .not_before = INT64_MIN,
		    .not_after = INT64_MAX,
		    .next_run = 1,
		    .published = UINT64_MAX,
		    .der = SP_BYTES(der)};
	ca_key_u16(key, r.brand);
	ca_bci_encode(&r, out);
}

static bool
bci_again(setpki_bytes key, setpki_bytes value, struct sp_buf *out)
{
	struct ca_bci_record r;
	bool ok = ca_bci_decode(key, value, &r);

	if (ok)
		ca_bci_encode(&r, out);
	return ok;
}

/* --- account, holder --------------------------------------------------------------------------- */

static void
account_encode(size_t variant, struct ca_dbkey *key, struct sp_buf *out)
{
	struct ca_account_record r = {.ca = 1, .first_six = "000000", .last_four = "0000", .expiry = "203012"};

	if (variant == 1) {
		r = (struct ca_account_record){.ca = 0xffff,
		    .first_six = "999999",
		    .last_four = "9999",
		    .expiry = "999912",
		    .state = CA_ACCOUNT_BLOCKED,
		    .imported_at = INT64_MIN};
		fill(r.hash, 32, 0xff);
	}
	ca_key_u16(key, r.ca);
	ca_key_raw(key, r.hash, sizeof(r.hash));
	ca_account_encode(&r, out);
}

static bool
account_again(setpki_bytes key, setpki_bytes value, struct sp_buf *out)
{
	struct ca_account_record r;
	bool ok = ca_account_decode(key, value, &r);

	if (ok)
		ca_account_encode(&r, out);
	return ok;
}

static void
holder_encode(size_t variant, struct ca_dbkey *key, struct sp_buf *out)
{
	static struct sp_mer_names names[SP_MER_NAMES_MAX];
	struct ca_holder_record r = {.ca = 1, .role = 2, .bin = "412399", .name = "gw1"};

	if (variant == 1) {
		for (size_t i = 0; i < NELEMS(names); i++)
			names[i] = (struct sp_mer_names){i % 2 != 0 ? "en" : NULL, "Corner Books", "Springfield",
			    i % 3 != 0 ? "Ohio" : NULL, i % 5 != 0 ? "45501" : NULL, "USA"};
		r = (struct ca_holder_record){.ca = 0xffff,
		    .role = 0xff,
		    .bin = "999999",
		    .state = CA_ACCOUNT_BLOCKED,
		    .imported_at = INT64_MAX,
		    .names = names,
		    .nnames = NELEMS(names),
		    .country = 999,
		    .auth_flag = true};
		fill(r.id, sizeof(r.id) - 1, 'i');
	}
	ca_key_u16(key, r.ca);
	ca_key_u8(key, r.role);
	ca_key_raw(key, r.bin, SP_UB_BIN);
	ca_key_raw(key, r.id, strlen(r.id));
	ca_holder_encode(&r, out);
}

static bool
holder_again(setpki_bytes key, setpki_bytes value, struct sp_buf *out)
{
	struct ca_holder_record r;
	bool ok = ca_holder_decode(key, value, &r);

	if (ok)
		ca_holder_encode(&r, out);
	ca_holder_record_free(&r);
	return ok;
}

/* --- request, kept ----------------------------------------------------------------------------- */

static void
request_encode(size_t variant, struct ca_dbkey *key, struct sp_buf *out)
{
	static const uint8_t octets[SP_SPKI_MAX];
	struct ca_request_record r = {.number = 1, .ca = 1, .nlid_ee = 1, .type = SETPKI_MER_INITIAL_SIG};

	if (variant == 1) {
		r = (struct ca_request_record){.number = UINT64_MAX,
		    .ca = 0xffff,
		    .type = SETPKI_REQUEST_N - 1,
		    .state = CA_REQUEST_REFUSED,
		    .status = SETPKI_STATUS_N - 1,
		    .received_at = INT64_MIN,
		    .changed_at = INT64_MAX,
		    .nlid_ee = sizeof(r.lid_ee),
		    .sig_key = SP_BYTES(octets),
		    .enc_key = SP_BYTES(octets),
		    .sealed = SP_BYTES(octets),
		    .old_seq = UINT64_MAX,
		    .old_enc_seq = UINT64_MAX - 1,
		    .bin = "999999",
		    .first_six = "999999",
		    .last_four = "9999",
		    .expiry = "999912",
		    .nvotes = CA_REQUEST_VOTES,
		    .writer = 0xffff,
		    .writer_epoch = UINT64_MAX,
		    .erase_at = -1};
		fill(r.wrapper, sizeof(r.wrapper), 0xff);
		fill(r.lid_ca, sizeof(r.lid_ca), 0xfe);
		fill(r.lid_ee, sizeof(r.lid_ee), 0xfd);
		fill(r.account_hash, sizeof(r.account_hash), 0xfc);
		fill(r.language, sizeof(r.language) - 1, 'l');
		fill(r.id, sizeof(r.id) - 1, 'i');
		fill(r.name, sizeof(r.name) - 1, 'n');
		fill(r.decider, sizeof(r.decider) - 1, 'd');
		fill(r.message, sizeof(r.message) - 1, 'm');
		for (size_t i = 0; i < CA_REQUEST_VOTES; i++) {
			fill(r.votes[i].by, sizeof(r.votes[i].by) - 1, 'v');
			r.votes[i].at = INT64_MAX;
		}
	}
	ca_key_u64(key, r.number);
	ca_request_encode(&r, out);
}

static bool
request_again(setpki_bytes key, setpki_bytes value, struct sp_buf *out)
{
	struct ca_request_record r;
	bool ok = ca_request_decode(key, value, &r);

	if (ok)
		ca_request_encode(&r, out);
	return ok;
}

static void
kept_encode(size_t variant, struct ca_dbkey *key, struct sp_buf *out)
{
	static const uint8_t octets[3000];
	struct ca_kept_record r = {.expires = 1};

	if (variant == 1) {
		r = (struct ca_kept_record){.expires = INT64_MIN, .answer = SP_BYTES(octets)};
		fill(r.wrapper, sizeof(r.wrapper), 0xff);
		fill(r.rrpid, sizeof(r.rrpid), 0xfe);
		fill(r.key, sizeof(r.key), 0xfd);
	}
	ca_key_raw(key, r.wrapper, sizeof(r.wrapper));
	ca_kept_encode(&r, out);
}

static bool
kept_again(setpki_bytes key, setpki_bytes value, struct sp_buf *out)
{
	struct ca_kept_record r;
	bool ok = ca_kept_decode(key, value, &r);

	if (ok)
		ca_kept_encode(&r, out);
	return ok;
}

static const struct form forms[] = {
    {"ca", ca_encode, ca_again, 2},
    {"cert", cert_encode, cert_again, 2},
    {"intent", intent_encode, intent_again, 2},
    {"revoked", revoked_encode, revoked_again, 2},
    {"crl", crl_encode, crl_again, 2},
    {"bci", bci_encode, bci_again, 2},
    {"account", account_encode, account_again, 2},
    {"holder", holder_encode, holder_again, 2},
    {"request", request_encode, request_again, 2},
    {"kept", kept_encode, kept_again, 2},
};

/* --- the tests --------------------------------------------------------------------------------- */

static void
start(const struct form *f, size_t variant, struct ca_dbkey *key, struct sp_buf *value)
{
	ca_key_start(key);
	memset(value, 0, sizeof(*value));
	f->encode(variant, key, value);
	assert_false(value->failed);
}

static void
every_record_comes_back(void **state)
{
	struct ca_dbkey key;
	struct sp_buf value, again = {0};

	(void)state;
	for (const struct form *f = forms; f < forms + NELEMS(forms); f++)
		for (size_t v = 0; v < f->variants; v++) {
			start(f, v, &key, &value);
			if (!f->again(ca_key_bytes(&key), sp_buf_bytes(&value), &again))
				fail_msg("%s, variant %zu cannot be read back", f->name, v);
			t_bytes(sp_buf_bytes(&again), sp_buf_bytes(&value));
			sp_buf_free(&value);
			sp_buf_reset(&again);
		}
	sp_buf_free(&again);
}

/* In memory of exactly that size, so that the address sanitizer sees a read beyond it. */
static bool
reads(const struct form *f, const struct ca_dbkey *key, const uint8_t *p, size_t n)
{
	struct sp_buf again = {0};
	uint8_t *copy = n == 0 ? NULL : OPENSSL_memdup(p, n);
	bool ok = f->again(ca_key_bytes(key), sp_bytes(copy, n), &again);

	OPENSSL_free(copy);
	sp_buf_free(&again);
	return ok;
}

static void
truncated_and_longer_values_are_refused(void **state)
{
	struct ca_dbkey key;
	struct sp_buf value;

	(void)state;
	for (const struct form *f = forms; f < forms + NELEMS(forms); f++)
		for (size_t v = 0; v < f->variants; v++) {
			start(f, v, &key, &value);
			for (size_t n = 0; n < value.n; n += 1 + n / 64)
				if (reads(f, &key, value.p, n))
					fail_msg("%s, variant %zu: %zu of %zu octets are read", f->name, v, n, value.n);
			sp_buf_add_byte(&value, 0);
			if (reads(f, &key, value.p, value.n))
				fail_msg("%s, variant %zu: an octet too many is read", f->name, v);
			sp_buf_free(&value);
		}
}

static void
unknown_versions_are_refused(void **state)
{
	struct ca_dbkey key;
	struct sp_buf value;

	(void)state;
	for (const struct form *f = forms; f < forms + NELEMS(forms); f++) {
		start(f, 0, &key, &value);
		value.p[0]++;
		if (reads(f, &key, value.p, value.n))
			fail_msg("%s: an unknown version is read", f->name);
		sp_buf_free(&value);
	}
}

static void
keys_of_another_form_are_refused(void **state)
{
	struct ca_dbkey key, other;
	struct sp_buf value;

	(void)state;
	for (const struct form *f = forms; f < forms + NELEMS(forms); f++) {
		start(f, 0, &key, &value);
		for (size_t n = 0; n <= sizeof(key_octets); n++) {
			if (n == key.n)
				continue;
			ca_key_start(&other);
			ca_key_raw(&other, key_octets, n);
			if (reads(f, &other, value.p, value.n))
				fail_msg("%s: a key of %zu octets is read", f->name, n);
		}
		sp_buf_free(&value);
	}
}

/* Whatever octet is changed, decoding ends: refused, or read as something that encodes to the same octets. */
static void
changed_octets_never_mislead(void **state)
{
	struct ca_dbkey key;
	struct sp_buf value, again = {0};

	(void)state;
	for (const struct form *f = forms; f < forms + NELEMS(forms); f++) {
		start(f, 1, &key, &value);
		for (size_t i = 0; i < value.n && i < 600; i++) {
			value.p[i] ^= 0x80;
			sp_buf_reset(&again);
			if (f->again(ca_key_bytes(&key), sp_buf_bytes(&value), &again))
				t_bytes(sp_buf_bytes(&again), sp_buf_bytes(&value));
			value.p[i] ^= 0x80;
		}
		sp_buf_free(&value);
	}
	sp_buf_free(&again);
}

static void
digits_and_identifiers_are_checked(void **state)
{
	static const char *const keys[] = {"\x00\x01\x02"
					   "41239x",
	    "\x00\x01\x02"
	    "41239"};
	struct ca_account_record a;
	struct ca_holder_record h;
	struct ca_dbkey key, value_key;
	struct sp_buf value;

	(void)state;
	for (size_t i = 2; i < 18; i++) {
		start(&forms[6], 0, &key, &value);
		value.p[i] = 'x';
		assert_false(ca_account_decode(ca_key_bytes(&key), sp_buf_bytes(&value), &a));
		sp_buf_free(&value);
	}
	start(&forms[7], 0, &key, &value);
	for (size_t i = 0; i < NELEMS(keys); i++)
		assert_false(ca_holder_decode(sp_bytes(keys[i], 3 + strlen(keys[i] + 3)), sp_buf_bytes(&value), &h));
	/* a NUL within the identifier, and one that is too long */
	value_key = key;
	ca_key_raw(&value_key, "a\0b", 3);
	assert_false(ca_holder_decode(ca_key_bytes(&value_key), sp_buf_bytes(&value), &h));
	ca_key_start(&value_key);
	ca_key_raw(&value_key, key.p, key.n);
	memset(value_key.p + value_key.n, 'i', CA_HOLDER_ID_MAX + 1);
	value_key.n += CA_HOLDER_ID_MAX + 1;
	assert_false(ca_holder_decode(ca_key_bytes(&value_key), sp_buf_bytes(&value), &h));
	sp_buf_free(&value);
}

static void
serials_sort_by_value(void **state)
{
	static const struct {
		size_t n;
		uint8_t p[SP_SERIAL_MAX];
	} rows[] = {{1, {0}}, {1, {1}}, {1, {0x7f}}, {2, {0, 0x80}}, {2, {0, 0xff}}, {2, {1, 0}}, {2, {0x7f, 0xff}},
	    {17, {1}}, {17, {2}}, {20, {1}}, {20, {0x7f}}};
	struct ca_dbkey k[2];

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		ca_key_start(&k[i & 1]);
		assert_int_equal(ca_key_serial(&k[i & 1], sp_bytes(rows[i].p, rows[i].n), NULL), SETPKI_E_OK);
		assert_int_equal(k[i & 1].n, CA_SERIAL_KEY);
		if (i > 0 && sp_bytes_cmp(ca_key_bytes(&k[(i - 1) & 1]), ca_key_bytes(&k[i & 1])) >= 0)
			fail_msg("serial %zu does not sort after the one before it", i);
	}
	assert_int_equal(ca_key_serial(&k[0], sp_bytes(NULL, 0), NULL), SETPKI_E_ARGUMENT);
	assert_int_equal(ca_key_serial(&k[0], sp_bytes(rows[0].p, SP_SERIAL_MAX + 1), NULL), SETPKI_E_ARGUMENT);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_record_comes_back),
	    cmocka_unit_test(truncated_and_longer_values_are_refused),
	    cmocka_unit_test(unknown_versions_are_refused),
	    cmocka_unit_test(keys_of_another_form_are_refused),
	    cmocka_unit_test(changed_octets_never_mislead),
	    cmocka_unit_test(digits_and_identifiers_are_checked),
	    cmocka_unit_test(serials_sort_by_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
