/* The key block and E, EH, EX, EXH: every form round trips, everything else fails in one way. */
#include "tests/support/check.h"
#include "tests/support/parties.h"

#include "lib/crypto/cipher.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/envelope.h"
#include "lib/crypto/signed_inner.h"
#include "lib/der/walk.h"
#include "lib/der/writer.h"

#include <openssl/rsa.h>

static setpki_ctx *ctx;
static const struct t_suite *suites;

#define N20 "00112233445566778899aabbccddeeff01234567"
#define PAN16 "1210 34303030303031323334353637383939"
#define PAN19 "1213 34303030303031323334353637383930313233"
#define PAN1 "1201 34"
#define EXPIRY "1206 323033303132"
#define ID74                                                                                                           \
	"1a4a 4d65726368616e7420234d3120202020202020202020202020202020202020202020202020"                              \
	"20202020202020202020202020202020202020202020202020202020202020202020202020"

/* The extra parts as DER: SEQUENCEs of these. */
static const struct extra {
	enum sp_extra extra;
	const char *parts, *x;
} extras[] = {
    {SP_EXTRA_NONE, NULL, ""},
    {SP_EXTRA_PAN_DATA, PAN16 EXPIRY "0414" N20 "0414" N20,
	"34303030303031323334353637383939ffffff323033303132" N20 N20},
    {SP_EXTRA_PAN_DATA0, PAN19 EXPIRY "0414" N20 "0414" N20,
	"34303030303031323334353637383930313233323033303132" N20 N20},
    {SP_EXTRA_PAN_TOKEN, PAN16 EXPIRY "0414" N20, "34303030303031323334353637383939ffffff323033303132" N20},
    {SP_EXTRA_PAN_ONLY, PAN1 "0414" N20, "34ffffffffffffffffffffffffffffffffffff" N20},
    {SP_EXTRA_ACCT_DATA, ID74 "0414" N20, NULL},
};

static setpki_bytes
extra_der(const struct extra *e)
{
	struct sp_buf b = {0};
	setpki_bytes kept;
	char hex[1024];
	size_t seq;

	if (e->parts == NULL)
		return sp_bytes(NULL, 0);
	seq = sp_der_open(&b, SP_SEQUENCE);
	sp_buf_add_bytes(&b, t_hex(e->parts));
	sp_der_close(&b, seq);
	assert_true(b.n < sizeof(hex) / 2);
	kept = t_hex(setpki_hex_text(sp_buf_bytes(&b), hex));
	sp_buf_free(&b);
	return kept;
}

static void
extras_are_packed_as_stated_and_come_back(void **state)
{
	static const size_t lengths[SP_EXTRA_N] = {0, 65, 65, 45, 39, 94};

	(void)state;
	for (size_t i = 0; i < NELEMS(extras); i++) {
		uint8_t x[SP_X_MAX];
		struct sp_buf der = {0};
		struct setpki_error err = {0};
		size_t n = sp_extra_len(extras[i].extra);

		assert_int_equal(n, lengths[i]);
		t_ok(sp_extra_pack(extras[i].extra, extra_der(&extras[i]), x, &err), &err);
		if (extras[i].x != NULL)
			t_bytes(sp_bytes(x, n), t_hex(extras[i].x));
		assert_int_equal(sp_extra_unpack(extras[i].extra, x, &der), 1);
		t_bytes(sp_buf_bytes(&der), extra_der(&extras[i]));
		sp_buf_free(&der);
	}
}

static void
malformed_extras_are_not_packed(void **state)
{
	static const struct {
		const char *name;
		enum sp_extra extra;
		const char *der;
	} rows[] = {
	    {"something where nothing belongs", SP_EXTRA_NONE, "0500"},
	    {"nothing where something belongs", SP_EXTRA_PAN_ONLY, ""},
	    {"empty PAN", SP_EXTRA_PAN_ONLY, "3018 1200 0414" N20},
	    {"PAN of 20 digits", SP_EXTRA_PAN_ONLY, "302c 1214 3430303030303132333435363738393031323334 0414" N20},
	    {"blank in the PAN", SP_EXTRA_PAN_ONLY, "3019 1201 20 0414" N20},
	    {"PAN of another type", SP_EXTRA_PAN_ONLY, "3019 1301 34 0414" N20},
	    {"nonce of 19", SP_EXTRA_PAN_ONLY, "3018 1201 34 0413 00112233445566778899aabbccddeeff012345"},
	    {"a further field", SP_EXTRA_PAN_ONLY, "301b 1201 34 0414" N20 "0500"},
	    {"a field missing", SP_EXTRA_PAN_TOKEN, "3019 1201 34 0414" N20},
	    {"AcctIdentification of 1", SP_EXTRA_ACCT_DATA, "3019 1a01 34 0414" N20},
	    {"trailing data", SP_EXTRA_PAN_ONLY, "3019 1201 34 0414" N20 "00"},
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		uint8_t x[SP_X_MAX];
		struct setpki_error err = {0};

		if (sp_extra_pack(rows[i].extra, t_hex(rows[i].der), x, &err) != SETPKI_E_ARGUMENT)
			fail_msg("%s", rows[i].name);
	}
}

static void
malformed_x_is_not_unpacked(void **state)
{
	static const struct {
		const char *name, *pan;
	} rows[] = {
	    {"no digit", "ffffffffffffffffffffffffffffffffffffff"},
	    {"a digit after the filling", "34ff34ffffffffffffffffffffffffffffffff"},
	    {"a blank", "3420ffffffffffffffffffffffffffffffffff"},
	    {"filled with zeros", "34000000000000000000000000000000000000"},
	    {"a letter", "41ffffffffffffffffffffffffffffffffffff"},
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		uint8_t x[SP_X_MAX] = {0};
		struct sp_buf der = {0};

		memcpy(x, t_hex(rows[i].pan).p, 19);
		if (sp_extra_unpack(SP_EXTRA_PAN_ONLY, x, &der) != 0)
			fail_msg("%s", rows[i].name);
		sp_buf_free(&der);
	}
}

/* DB in the clear, by the other half of RSA and nothing of ours: padding off, MGF1 undone by libcrypto's OAEP. */
static void
modern_blocks_are_plain_oaep(void **state)
{
	const struct t_suite *s = &suites[1];
	struct sp_keyblock b = {.extra = SP_EXTRA_PAN_ONLY, .has_hd = true};
	struct sp_buf sealed = {0};
	uint8_t db[512];
	size_t n = sizeof(db);
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(s->carol.key, NULL);

	(void)state;
	memset(b.key, 0x11, 32);
	memset(b.hd, 0x22, 32);
	memset(b.x, 0x33, 39);
	t_ok(sp_keyblock_seal(ctx, s->suite, s->carol.key, &b, &sealed, NULL), NULL);
	assert_int_equal(EVP_PKEY_decrypt_init(c), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_OAEP_PADDING), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(c, EVP_sha256()), 1);
	assert_int_equal(EVP_PKEY_decrypt(c, db, &n, sealed.p, sealed.n), 1);
	assert_int_equal(n, 9 + 32 + 32 + 39);
	t_bytes(sp_bytes(db, 9), t_hex("03 04 00000000000000"));
	for (size_t i = 9; i < n; i++)
		assert_int_equal(db[i], i < 41 ? 0x11 : i < 73 ? 0x22 : 0x33);
	EVP_PKEY_CTX_free(c);
	sp_buf_free(&sealed);
}

static void
blocks_round_trip_in_every_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++)
		for (int extra = 0; extra < SP_EXTRA_N; extra++)
			for (int hd = 0; hd < 2; hd++) {
				const struct t_suite *s = &suites[i];
				struct sp_keyblock in = {.extra = (enum sp_extra)extra, .has_hd = hd != 0}, out = in;
				struct sp_buf sealed = {0};
				struct setpki_error err = {0};
				bool fits = !(s->suite == SETPKI_SUITE_CLASSIC && extra == SP_EXTRA_ACCT_DATA && hd);
				enum setpki_code rc;

				memset(in.key, 0x11, sp_suite(s->suite)->key_len);
				memset(in.hd, hd ? 0x22 : 0, sp_suite(s->suite)->digest_len);
				memset(in.x, 0x33, sp_extra_len(in.extra));
				rc = sp_keyblock_seal(ctx, s->suite, s->carol.key, &in, &sealed, &err);
				t_code(rc, fits ? SETPKI_E_OK : SETPKI_E_SUITE, &err); /* 8 + 20 + 94 > 102 */
				if (fits) {
					assert_int_equal(sealed.n, EVP_PKEY_get_size(s->carol.key));
					assert_int_equal(
					    sp_keyblock_open(ctx, s->suite, s->carol.key, sp_buf_bytes(&sealed), &out),
					    1);
					assert_memory_equal(&in, &out, sizeof(in));
				}
				sp_buf_free(&sealed);
			}
}

/* The classic block built here by hand, with one part altered, and encrypted with RSA alone. */
static void
classic_block(EVP_PKEY *to, const uint8_t *db, size_t n, bool bad_mask, uint8_t first, struct sp_buf *out)
{
	uint8_t r[128] = {first}, sealed[128], hash[20];
	uint8_t salt[16] = {9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 6}, in[20], mask[20];
	size_t len = sizeof(sealed);
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(to, NULL);

	memcpy(r + 1, db, n);
	for (uint8_t i = 0; i < 6; i++) {
		memcpy(in, salt, 16);
		memcpy(in + 16, (uint8_t[]){0, 0, 0, i}, 4);
		assert_int_equal(EVP_Digest(in, 20, mask, NULL, EVP_sha1(), NULL), 1);
		for (size_t k = 0; k < 20 && i * 20u + k < 111; k++)
			r[1 + i * 20u + k] ^= mask[k];
	}
	assert_int_equal(EVP_Digest(r + 1, 111, hash, NULL, EVP_sha1(), NULL), 1);
	for (size_t k = 0; k < 16; k++)
		r[112 + k] = salt[k] ^ hash[4 + k];
	r[127] ^= bad_mask;
	assert_int_equal(EVP_PKEY_encrypt_init(c), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(c, RSA_NO_PADDING), 1);
	assert_int_equal(EVP_PKEY_encrypt(c, sealed, &len, r, sizeof(r)), 1);
	sp_buf_add(out, sealed, len);
	EVP_PKEY_CTX_free(c);
}

static void
classic_blocks_are_read_by_their_layout(void **state)
{
	static const struct {
		const char *name;
		size_t at; /* octet of DB that is altered; 0xff: none */
		uint8_t to;
		bool bad_mask;
		uint8_t first;
		bool ok;
	} rows[] = {
	    {"as it must be", 0xff, 0, false, 0x01, true},
	    {"I is not checked", 0xff, 0, false, 0x00, true},
	    {"BT", 0, 0x02, false, 0x01, false},
	    {"BC", 1, 0x05, false, 0x01, false},
	    {"V, first", 2, 0x01, false, 0x01, false},
	    {"V, last", 8, 0x80, false, 0x01, false},
	    {"filling, first", 9 + 8 + 39, 0x01, false, 0x01, false},
	    {"filling, last", 110, 0x01, false, 0x01, false},
	    {"a mask that does not fit", 0xff, 0, true, 0x01, false},
	};
	EVP_PKEY *key = suites[0].carol.key;

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		uint8_t db[111] = {0x03, 0x04};
		struct sp_keyblock b = {.extra = SP_EXTRA_PAN_ONLY};
		struct sp_buf sealed = {0};

		memset(db + 9, 0x44, 8 + 39);
		if (rows[i].at != 0xff)
			db[rows[i].at] = rows[i].to;
		classic_block(key, db, sizeof(db), rows[i].bad_mask, rows[i].first, &sealed);
		if (sp_keyblock_open(ctx, SETPKI_SUITE_CLASSIC, key, sp_buf_bytes(&sealed), &b) != rows[i].ok)
			fail_msg("%s", rows[i].name);
		assert_int_equal(memcmp(b.key, db + 9, 8) == 0, rows[i].ok);
		assert_int_equal(b.x[0], rows[i].ok ? 0x44 : 0);
		sp_buf_free(&sealed);
	}
}

static const struct form {
	const char *name;
	struct sp_seal seal;
	size_t extra; /* index in extras */
} forms[] = {
    {"E", {SP_CT_CERT_REQ_TBE, SP_EXTRA_NONE, false, false}, 0},
    {"EH", {SP_CT_CERT_REQ_TBE, SP_EXTRA_NONE, false, true}, 0},
    {"EX", {SP_CT_PI_DUAL_SIGNED_TBE, SP_EXTRA_PAN_DATA, true, false}, 1},
    {"EX, PANToken", {SP_CT_PI_DUAL_SIGNED_TBE, SP_EXTRA_PAN_TOKEN, true, false}, 3},
    {"EXH", {SP_CT_REG_FORM_REQ_TBE, SP_EXTRA_PAN_ONLY, true, true}, 4},
    {"below EncX, cardholder", {SP_CT_CERT_REQ_TBEX, SP_EXTRA_PAN_DATA0, false, false}, 2},
    {"below EncX, merchant", {SP_CT_CERT_REQ_TBEX, SP_EXTRA_ACCT_DATA, false, false}, 5},
};

static const char text[] = "3009 0404 aabbccdd 020105";

static void
seal(const struct t_suite *s, const struct form *f, struct sp_buf *out)
{
	struct setpki_error err = {0};

	t_ok(sp_envelope_put(ctx, s->suite, &s->carol, &f->seal, t_hex(text), extra_der(&extras[f->extra]), out, &err),
	    &err);
	t_ok(sp_der_walk(sp_buf_bytes(out), &err), &err);
}

static void
envelopes_round_trip(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++)
		for (size_t k = 0; k < NELEMS(forms); k++) {
			const struct t_suite *s = &suites[i];
			struct sp_buf der = {0}, issuer = {0};
			struct sp_opened o = {0};
			struct sp_signer to;
			struct setpki_error err = {0};

			seal(s, &forms[k], &der);
			t_ok(sp_envelope_open(ctx, s->suite, &s->carol, &forms[k].seal, sp_buf_bytes(&der), &o, &err),
			    &err);
			t_bytes(o.t, t_hex(text));
			t_bytes(sp_buf_bytes(&o.p), extra_der(&extras[forms[k].extra]));
			t_ok(sp_envelope_recipient(sp_buf_bytes(&der), &to, &issuer, &err), &err);
			t_bytes(to.issuer, s->carol.issuer);
			t_bytes(sp_signer_serial(&to), s->carol.serial);
			sp_opened_free(&o);
			sp_buf_free(&der);
			sp_buf_free(&issuer);
		}
}

static void
the_outside_is_judged_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++) {
		const struct t_suite *s = &suites[i];
		struct sp_seal other_type = forms[0].seal;
		struct sp_buf der = {0};
		struct sp_opened o = {0};

		other_type.type = SP_CT_CERT_REQ_TBEX;
		seal(s, &forms[0], &der);
		t_code(sp_envelope_open(ctx, s->suite, &s->dave, &forms[0].seal, sp_buf_bytes(&der), &o, NULL),
		    SETPKI_E_NOTFOUND, NULL);
		t_code(sp_envelope_open(ctx, s->suite, &s->carol, &other_type, sp_buf_bytes(&der), &o, NULL),
		    SETPKI_E_PARSE, NULL);
		t_code(
		    sp_envelope_open(ctx, suites[1 - i].suite, &s->carol, &forms[0].seal, sp_buf_bytes(&der), &o, NULL),
		    SETPKI_E_SUITE, NULL);
		t_code(sp_envelope_open(ctx, s->suite, &s->carol, &forms[0].seal, sp_bytes(der.p, der.n - 1), &o, NULL),
		    SETPKI_E_PARSE, NULL);
		t_code(
		    sp_envelope_open(ctx, SETPKI_SUITE_NONE, &s->carol, &forms[0].seal, sp_buf_bytes(&der), &o, NULL),
		    SETPKI_E_SUITE, NULL);
		sp_opened_free(&o);
		sp_buf_free(&der);
	}
}

/* An envelope whose inside is what a forger chose: block and body as given, everything encrypted properly. */
static void
forge(const struct t_suite *s, const struct sp_keyblock *b, enum sp_content type, setpki_bytes body, struct sp_buf *out)
{
	struct sp_buf sealed = {0};
	size_t seq, list, one;

	t_ok(sp_keyblock_seal(ctx, s->suite, s->carol.key, b, &sealed, NULL), NULL);
	seq = sp_der_open(out, SP_SEQUENCE);
	sp_der_put_int(out, 1);
	list = sp_der_open(out, SP_SEQUENCE);
	one = sp_der_open(out, SP_SEQUENCE);
	sp_der_put_int(out, 0);
	sp_party_put(out, &s->carol);
	sp_buf_add_bytes(out, sp_keyblock_alg(s->suite));
	sp_der_put_octets(out, sp_buf_bytes(&sealed));
	sp_der_close(out, one);
	sp_der_close(out, list);
	t_ok(sp_encrypted_put(ctx, s->suite, type, b->key, body, out, NULL), NULL);
	sp_der_close(out, seq);
	sp_buf_free(&sealed);
}

static void
every_inner_fault_gives_the_same_answer(void **state)
{
	static const char *const names[] = {"as it must be", "another HD", "another block content",
	    "DD of another part", "DD of another content type", "body is not DER", "body is not a linkage",
	    "malformed PAN", "no HD", "body without DD"};

	(void)state;
	for (size_t i = 0; i < T_SUITES; i++)
		for (size_t how = 0; how < NELEMS(names); how++) {
			const struct t_suite *s = &suites[i];
			const struct form *f = &forms[4]; /* EXH with PANOnly */
			setpki_bytes t = t_hex(text), p = extra_der(&extras[4]);
			struct sp_keyblock b = {.extra = SP_EXTRA_PAN_ONLY, .has_hd = how != 8};
			struct sp_buf body = {0}, der = {0};
			struct sp_opened o = {0};
			struct setpki_error err = {0};
			enum setpki_code rc;

			memset(b.key, 0x77, sizeof(b.key));
			t_ok(sp_hash(ctx, s->suite, how == 1 ? p : t, b.hd, NULL), NULL);
			t_ok(sp_extra_pack(b.extra, p, b.x, NULL), NULL);
			if (how == 2)
				b.extra = SP_EXTRA_PAN_TOKEN;
			if (how == 7)
				b.x[18] = '4';
			t_ok(sp_linkage_put(ctx, s->suite, t, how == 4 ? SP_CT_PAN_DATA : SP_CT_PAN_ONLY,
				 how == 3 ? t : p, &body, NULL),
			    NULL);
			if (how == 5)
				body.p[2] = 0x80;
			if (how == 6) {
				sp_buf_reset(&body);
				sp_buf_add_bytes(&body, t);
			} else if (how == 9) {
				sp_buf_reset(&body);
				sp_der_put(&body, SP_SEQUENCE, t);
			}
			forge(s, &b, f->seal.type, sp_buf_bytes(&body), &der);
			rc = sp_envelope_open(ctx, s->suite, &s->carol, &f->seal, sp_buf_bytes(&der), &o, &err);
			if (rc != (how == 0 ? SETPKI_E_OK : SETPKI_E_DECRYPT))
				fail_msg("%s, %s: %s", names[how], setpki_suite_name(s->suite), setpki_code_name(rc));
			if (how != 0) {
				assert_string_equal(err.message, "the envelope cannot be opened");
				assert_string_equal(err.object, "");
				assert_int_equal(o.t.n + o.body.n + o.p.n, 0);
			}
			sp_opened_free(&o);
			sp_buf_free(&body);
			sp_buf_free(&der);
		}
}

/* Each octet altered: refused, or (classic has no tag, and an E in it is bound by the signature inside alone) other
 * contents. */
static void
altered_envelopes(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++) {
		const struct t_suite *s = &suites[i];
		const struct form *f = &forms[4];
		struct sp_buf der = {0};

		seal(s, f, &der);
		for (size_t at = 0; at < der.n; at++) {
			struct sp_opened o = {0};

			der.p[at] ^= 0x10;
			if (sp_envelope_open(ctx, s->suite, &s->carol, &f->seal, sp_buf_bytes(&der), &o, NULL) ==
			    SETPKI_E_OK)
				fail_msg("octet %zu, %s", at, setpki_suite_name(s->suite));
			sp_opened_free(&o);
			der.p[at] ^= 0x10;
		}
		sp_buf_free(&der);
	}
}

static void
parts_without_a_content_type_are_not_linked(void **state)
{
	struct sp_seal seal = {SP_CT_CERT_REQ_TBEX, SP_EXTRA_PAN_DATA0, true, false};
	struct sp_buf out = {0};

	(void)state;
	t_code(sp_envelope_put(
		   ctx, SETPKI_SUITE_MODERN, &suites[1].carol, &seal, t_hex(text), extra_der(&extras[2]), &out, NULL),
	    SETPKI_E_ARGUMENT, NULL);
	t_code(sp_envelope_put(
		   ctx, SETPKI_SUITE_MODERN, &suites[1].alice, &forms[0].seal, t_hex(text), t_hex(""), &out, NULL),
	    SETPKI_E_SUITE, NULL); /* an EC key */
	sp_buf_free(&out);
}

static int
start(void **state)
{
	(void)state;
	return setpki_ctx_new(NULL, &ctx, NULL) == SETPKI_E_OK && (suites = t_suites(ctx)) != NULL ? 0 : -1;
}

static int
done(void **state)
{
	(void)state;
	t_suites_free();
	setpki_ctx_free(ctx);
	t_hex_free();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(extras_are_packed_as_stated_and_come_back),
	    cmocka_unit_test(malformed_extras_are_not_packed),
	    cmocka_unit_test(malformed_x_is_not_unpacked),
	    cmocka_unit_test(modern_blocks_are_plain_oaep),
	    cmocka_unit_test(blocks_round_trip_in_every_form),
	    cmocka_unit_test(classic_blocks_are_read_by_their_layout),
	    cmocka_unit_test(envelopes_round_trip),
	    cmocka_unit_test(the_outside_is_judged_first),
	    cmocka_unit_test(every_inner_fault_gives_the_same_answer),
	    cmocka_unit_test(altered_envelopes),
	    cmocka_unit_test(parts_without_a_content_type_are_not_linked),
	};

	return cmocka_run_group_tests(tests, start, done);
}
