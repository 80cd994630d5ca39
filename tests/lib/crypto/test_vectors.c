/* Every operator in both suites, byte for byte, with fixed keys and randomness; and the same computed again by
 * tests/vectors/crypto/recompute.py, which shares no code with us.  tests/vectors/crypto/README.md says how the files
 * were made. */
#include "tests/support/check.h"
#include "tests/support/fixed.h"
#include "tests/support/parties.h"

#include "lib/crypto/account.h"
#include "lib/crypto/cipher.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/enc.h"
#include "lib/der/writer.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>

static setpki_ctx *ctx;
static struct t_suite suites[T_SUITES];
static char folder[512];

#define N20 "00112233445566778899aabbccddeeff01234567"
#define S20 "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3"
#define PAN "1210 34303030303031323334353637383939"
#define EXPIRY "1206 323033303132"

/* What the operators are over; written beside the vectors, so that the script has them too. */
static const struct input {
	const char *name, *hex;
} inputs[] = {
    {"t", "30210404aabbccdd02080123456789abcdef0c0f5661c3b220c3a920756e206a6f7921"},
    {"baggage", "3006 0404 62616767"},
    {"pan_data", "3046" PAN EXPIRY "0414" S20 "0414" N20},
    {"pan_only", "3028" PAN "0414" N20},
    {"acct_data",
	"30621a4a4163636f756e74202331323334353637202020202020202020202020202020202020202020202020202020202020"
	"20202020202020202020202020202020202020202020202020202020041400112233445566778899aabbccddeeff01234567"},
    {"cert1", "3003 020101"},
    {"cert2", "3003 020102"},
    {"crl", "3003 020103"},
    {"hmac_key", S20},
    {"back_key", "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"},
};

static setpki_bytes
in(const char *name)
{
	for (size_t i = 0; i < NELEMS(inputs); i++)
		if (strcmp(inputs[i].name, name) == 0)
			return t_hex(inputs[i].hex);
	fail_msg("no input %s", name);
	return sp_bytes(NULL, 0);
}

typedef void make_fn(const struct t_suite *s, struct sp_buf *out);

static void
make_h(const struct t_suite *s, struct sp_buf *out)
{
	uint8_t digest[32];

	t_ok(sp_hash(ctx, s->suite, in("t"), digest, NULL), NULL);
	sp_buf_add(out, digest, sp_suite(s->suite)->digest_len);
}

static void
make_hmac(const struct t_suite *s, struct sp_buf *out)
{
	uint8_t mac[32];

	t_ok(sp_hmac(ctx, s->suite, in("hmac_key"), in("t"), mac, NULL), NULL);
	sp_buf_add(out, mac, sp_suite(s->suite)->digest_len);
}

static void
make_dd(const struct t_suite *s, struct sp_buf *out)
{
	t_ok(sp_dd_put(ctx, s->suite, SP_CT_OI_DATA, in("t"), out, NULL), NULL);
}

static void
make_l(const struct t_suite *s, struct sp_buf *out)
{
	t_ok(sp_linkage_put(ctx, s->suite, in("t"), SP_CT_PAN_ONLY, in("pan_only"), out, NULL), NULL);
}

static void
sign(const struct t_suite *s, const struct setpki_party *signers, size_t n, bool beside, bool detached,
    struct sp_buf *out)
{
	setpki_bytes certs[] = {in("cert1"), in("cert2")}, crls[] = {in("crl")};
	struct sp_sign_ask ask = {
	    SP_CT_CERT_RES_DATA, in("t"), detached, signers, n, certs, crls, beside ? 2 : 0, beside ? 1 : 0};

	t_ok(sp_sdata_put(ctx, s->suite, &ask, out, NULL), NULL);
}

static void
make_s(const struct t_suite *s, struct sp_buf *out)
{
	sign(s, &s->alice, 1, true, false, out);
}

static void
make_s_rsa(const struct t_suite *s, struct sp_buf *out)
{
	sign(s, &s->bob, 1, false, false, out);
}

static void
make_s2(const struct t_suite *s, struct sp_buf *out)
{
	struct setpki_party both[] = {s->fresh, s->alice};

	sign(s, both, 2, false, false, out);
}

static void
make_so(const struct t_suite *s, struct sp_buf *out)
{
	sign(s, &s->bob, 1, false, true, out);
}

static void
make_ek(const struct t_suite *s, struct sp_buf *out)
{
	t_ok(sp_ek_put(ctx, s->suite, SP_CT_CERT_RES_TBE, in("back_key").p, in("t"), out, NULL), NULL);
}

static void
envelope(const struct t_suite *s, const struct sp_seal *seal, const char *p, struct sp_buf *out)
{
	struct setpki_error err = {0};

	t_ok(sp_envelope_put(ctx, s->suite, &s->carol, seal, in("t"), p != NULL ? in(p) : sp_bytes(NULL, 0), out, &err),
	    &err);
}

static void
make_e(const struct t_suite *s, struct sp_buf *out)
{
	envelope(s, &(struct sp_seal){SP_CT_CERT_REQ_TBE, SP_EXTRA_NONE, false, false}, NULL, out);
}

static void
make_eh(const struct t_suite *s, struct sp_buf *out)
{
	envelope(s, &(struct sp_seal){SP_CT_CERT_REQ_TBE, SP_EXTRA_NONE, false, true}, NULL, out);
}

static void
make_ex(const struct t_suite *s, struct sp_buf *out)
{
	envelope(s, &(struct sp_seal){SP_CT_PI_DUAL_SIGNED_TBE, SP_EXTRA_PAN_DATA, true, false}, "pan_data", out);
}

static void
make_exh(const struct t_suite *s, struct sp_buf *out)
{
	envelope(s, &(struct sp_seal){SP_CT_REG_FORM_REQ_TBE, SP_EXTRA_PAN_ONLY, true, true}, "pan_only", out);
}

static void
enc(const struct t_suite *s, const struct sp_enc_form *form, const char *p, const char *b, struct sp_buf *out)
{
	struct sp_enc_ask ask = {.to = &s->carol,
	    .signers = &s->fresh,
	    .nsigners = 1,
	    .t = in("t"),
	    .p = p != NULL ? in(p) : sp_bytes(NULL, 0),
	    .b = b != NULL ? in(b) : sp_bytes(NULL, 0)};
	struct setpki_error err = {0};

	t_ok(sp_enc_put(ctx, s->suite, form, &ask, out, &err), &err);
}

static void
make_enc(const struct t_suite *s, struct sp_buf *out)
{
	enc(s, &(struct sp_enc_form){SP_CT_CERT_REQ_DATA, SP_CT_CERT_REQ_TBE, SP_EXTRA_NONE, false, 0}, NULL, NULL,
	    out);
}

static void
make_encx(const struct t_suite *s, struct sp_buf *out)
{
	enc(s, &(struct sp_enc_form){SP_CT_CERT_REQ_TBS, SP_CT_CERT_REQ_TBEX, SP_EXTRA_PAN_DATA0, false, 0}, "pan_data",
	    NULL, out);
}

static void
make_encx_acct(const struct t_suite *s, struct sp_buf *out)
{
	enc(s, &(struct sp_enc_form){SP_CT_CERT_REQ_TBS, SP_CT_CERT_REQ_TBEX, SP_EXTRA_ACCT_DATA, false, 0},
	    "acct_data", NULL, out);
}

static void
make_encb(const struct t_suite *s, struct sp_buf *out)
{
	enc(s, &(struct sp_enc_form){SP_CT_PI_TBS, SP_CT_PI_DUAL_SIGNED_TBE, SP_EXTRA_NONE, true, SP_CT_OI_DATA}, NULL,
	    "baggage", out);
}

static void
make_encbx(const struct t_suite *s, struct sp_buf *out)
{
	enc(s, &(struct sp_enc_form){SP_CT_PI_TBS, SP_CT_PI_DUAL_SIGNED_TBE, SP_EXTRA_PAN_DATA, true, SP_CT_OI_DATA},
	    "pan_data", "baggage", out);
}

static void
make_enck(const struct t_suite *s, struct sp_buf *out)
{
	struct sp_sign_ask ask = {SP_CT_CERT_RES_DATA, in("t"), false, &s->alice, 1, NULL, NULL, 0, 0};

	t_ok(sp_enck_put(ctx, s->suite, SP_CT_CERT_RES_TBE, in("back_key").p, &ask, out, NULL), NULL);
}

static void
make_account(const struct t_suite *s, struct sp_buf *out)
{
	struct sp_account a;
	char name[SP_BLINDED_TEXT];

	t_ok(sp_account_parse("4000001234567899", "203012", &a, NULL), NULL);
	t_ok(sp_account_blind(ctx, s->suite, &a, in("hmac_key").p, name, NULL), NULL);
	sp_buf_add_str(out, name);
}

static const struct vector {
	const char *name;
	make_fn *make;
} vectors[] = {
    {"h", make_h},
    {"hmac", make_hmac},
    {"dd", make_dd},
    {"l", make_l},
    {"s", make_s},
    {"s-rsa", make_s_rsa},
    {"s2", make_s2},
    {"so", make_so},
    {"ek", make_ek},
    {"e", make_e},
    {"eh", make_eh},
    {"ex", make_ex},
    {"exh", make_exh},
    {"enc", make_enc},
    {"encx", make_encx},
    {"encx-acct", make_encx_acct},
    {"encb", make_encb},
    {"encbx", make_encbx},
    {"enck", make_enck},
    {"account", make_account},
};

static void
path_of(const char *suite, const char *name, char *out, size_t cap)
{
	assert_true((size_t)snprintf(out, cap, "%s/%s/%s", folder, suite, name) < cap);
}

/* The file's bytes; with SETPKI_WRITE_VECTORS set, they are made so first. */
static void
same_as_file(const char *suite, const char *name, setpki_bytes got)
{
	static uint8_t want[1 << 14];
	char path[1024];
	FILE *f;
	size_t n;

	path_of(suite, name, path, sizeof(path));
	if (getenv("SETPKI_WRITE_VECTORS") != NULL) {
		assert_non_null(f = fopen(path, "wb"));
		assert_int_equal(fwrite(got.p, 1, got.n, f), got.n);
		assert_int_equal(fclose(f), 0);
	}
	if ((f = fopen(path, "rb")) == NULL)
		fail_msg("%s is missing", path);
	n = fread(want, 1, sizeof(want), f);
	fclose(f);
	if (!sp_bytes_eq(got, sp_bytes(want, n)))
		print_error("%s:\n", path);
	t_bytes(got, sp_bytes(want, n));
}

static void
inputs_are_those_of_the_file(void **state)
{
	struct sp_buf text = {0};
	char hex[512];

	(void)state;
	for (size_t i = 0; i < NELEMS(inputs); i++)
		sp_buf_printf(&text, "%s %s\n", inputs[i].name, setpki_hex_text(t_hex(inputs[i].hex), hex));
	for (size_t i = 0; i < T_SUITES; i++)
		same_as_file(setpki_suite_name(suites[i].suite), "inputs.txt", sp_buf_bytes(&text));
	sp_buf_free(&text);
}

static void
operators_give_the_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++)
		for (size_t k = 0; k < NELEMS(vectors); k++) {
			struct sp_buf out = {0};

			fixed_rewind();
			vectors[k].make(&suites[i], &out);
			same_as_file(setpki_suite_name(suites[i].suite), vectors[k].name, sp_buf_bytes(&out));
			sp_buf_free(&out);
		}
}

static void
the_script_computes_the_same(void **state)
{
	char command[1200];

	(void)state;
	assert_true(
	    (size_t)snprintf(command, sizeof(command), "python3 '%s/recompute.py' >&2", folder) < sizeof(command));
	assert_int_equal(system(command), 0);
}

static EVP_PKEY *
load(const char *suite, const char *name)
{
	char path[1024], file[64];
	EVP_PKEY *key;
	FILE *f;

	snprintf(file, sizeof(file), "%s-%s.pem", suite, name);
	path_of("keys", file, path, sizeof(path));
	if ((f = fopen(path, "r")) == NULL)
		return NULL;
	key = PEM_read_PrivateKey_ex(f, NULL, NULL, NULL, sp_ctx_lib(ctx), NULL);
	fclose(f);
	return key;
}

/* Names and serials as recompute.py has them. */
static bool
parties(struct t_suite *s, enum setpki_suite suite)
{
	const char *name = setpki_suite_name(suite);

	*s = (struct t_suite){.suite = suite,
	    .alice = {t_hex("300c310a3008060355040313 0141"), t_hex("01aa00000000000000000000000000000a"), NULL, NULL},
	    .bob = {t_hex("300c310a3008060355040313 0142"), t_hex("01bb00000000000000000000000000000b"), NULL, NULL},
	    .carol = {t_hex("300c310a3008060355040313 0143"), t_hex("01cc00000000000000000000000000000c"), NULL, NULL}};
	s->alice.key = load(name, "alice");
	s->bob.key = load(name, "bob");
	s->carol.key = load(name, "carol");
	s->fresh.key = load(name, "fresh");
	return s->alice.key != NULL && s->bob.key != NULL && s->carol.key != NULL && s->fresh.key != NULL;
}

static int
start(void **state)
{
	const char *top = getenv("TEST_TOP");

	(void)state;
	snprintf(folder, sizeof(folder), "%s/tests/vectors/crypto", top != NULL ? top : ".");
	ctx = fixed_ctx();
	return parties(&suites[0], SETPKI_SUITE_CLASSIC) && parties(&suites[1], SETPKI_SUITE_MODERN) ? 0 : -1;
}

static int
done(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++) {
		EVP_PKEY_free(suites[i].alice.key);
		EVP_PKEY_free(suites[i].bob.key);
		EVP_PKEY_free(suites[i].carol.key);
		EVP_PKEY_free(suites[i].fresh.key);
	}
	fixed_stop();
	t_hex_free();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(inputs_are_those_of_the_file),
	    cmocka_unit_test(operators_give_the_vectors),
	    cmocka_unit_test(the_script_computes_the_same),
	};

	return cmocka_run_group_tests(tests, start, done);
}
