/* Private keys in files: made, opened, protected, refused. */
#include "ca/keys/file_key.h"
#include "lib/crypto/signed_inner.h"
#include "lib/crypto/suite.h"
#include "tests/support/home.h"
#include "tests/support/scratch.h"

#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

static struct setpki_error err;

/* Answers with `text`; counts what it was asked. */
struct answer {
	const char *text;
	unsigned asked, confirmed;
	char what[128];
};

static enum setpki_code
ask(void *arg, const char *what, bool confirm, char *out, size_t cap, size_t *n, struct setpki_error *e)
{
	struct answer *a = arg;

	a->asked++;
	a->confirmed += confirm;
	snprintf(a->what, sizeof(a->what), "%s", what);
	if (a->text == NULL)
		return sp_fail(e, SETPKI_E_STATE, NULL, "nobody is there");
	*n = strlen(a->text);
	assert_true(*n <= cap);
	memcpy(out, a->text, *n);
	return SETPKI_E_OK;
}

static int
clear(void **state)
{
	(void)state;
	memset(&err, 0, sizeof(err));
	return 0;
}

static const char *
in(const char *dir, const char *name)
{
	return scratch_path("%s/%s", strrchr(dir, '/') + 1, name);
}

/* "<before><name><after>", good until the next call. */
static const char *
text(const char *before, const char *name, const char *after)
{
	static char out[64];

	snprintf(out, sizeof(out), "%s%s%s", before, name, after);
	return out;
}

static void
make(const char *dir, const char *name, enum sp_keyalg alg, unsigned bits, const struct ca_passphrase *pass,
    ca_key **key)
{
	char *uri;

	t_ok(ca_key_make(t_ctx(), dir, name, alg, bits, pass, "test", key, &uri, &err), &err);
	assert_string_equal(uri, text("file:", name, ".key"));
	OPENSSL_free(uri);
}

static void
signs_and_verifies(ca_key *key, enum setpki_suite suite)
{
	static const uint8_t tbs[] = "what is to be signed";
	uint8_t digest[32];
	struct sp_buf sig = {0};
	EVP_PKEY *pub;

	t_ok(sp_spki_pkey(t_ctx(), ca_key_spki(key), &pub, &err), &err);
	t_ok(ca_key_sign(key, suite, SP_BYTES(tbs), &sig, &err), &err);
	t_ok(sp_verify(t_ctx(), suite, pub, SP_BYTES(tbs), sp_buf_bytes(&sig), &err), &err);
	sp_buf_reset(&sig);
	t_ok(sp_hash(t_ctx(), suite, SP_BYTES(tbs), digest, &err), &err);
	t_ok(ca_key_sign_digest(key, suite, digest, &sig, &err), &err);
	t_ok(sp_verify(t_ctx(), suite, pub, SP_BYTES(tbs), sp_buf_bytes(&sig), &err), &err);
	sp_buf_free(&sig);
	EVP_PKEY_free(pub);
}

static void
keys_of_each_kind_come_back(void **state)
{
	static const struct {
		const char *name;
		enum sp_keyalg alg;
		unsigned bits;
		enum setpki_suite suite;
		const char *pass;
	} rows[] = {
	    {"p256", SP_KEY_P256, 256, SETPKI_SUITE_MODERN, NULL},
	    {"p384", SP_KEY_P384, 384, SETPKI_SUITE_MODERN, "correct horse"},
	    {"rsa", SP_KEY_RSA, 2048, SETPKI_SUITE_MODERN, NULL},
	    {"rsa-classic", SP_KEY_RSA, 1024, SETPKI_SUITE_CLASSIC, "p"},
	};
	const char *dir = scratch_dir();
	struct answer a = {0};
	struct ca_passphrase pass = {.ask = ask, .arg = &a};
	struct stat st;
	ca_key *key, *again;

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		a = (struct answer){.text = rows[i].pass};
		make(dir, rows[i].name, rows[i].alg, rows[i].bits, rows[i].pass ? &pass : NULL, &key);
		assert_int_equal(a.asked, rows[i].pass != NULL);
		assert_int_equal(a.confirmed, rows[i].pass != NULL);
		assert_int_equal(stat(in(dir, text("", rows[i].name, ".key")), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		t_ok(ca_key_open(t_ctx(), dir, text("file:", rows[i].name, ".key"), &pass, "test", &again, &err), &err);
		assert_int_equal(a.asked, rows[i].pass != NULL ? 2 : 0);
		assert_int_equal(ca_key_spki(again)->alg, rows[i].alg);
		t_bytes(ca_key_spki(again)->whole, ca_key_spki(key)->whole);
		signs_and_verifies(again, rows[i].suite);
		ca_key_free(key);
		ca_key_free(again);
	}
	assert_int_equal(scratch_count(dir), NELEMS(rows));
}

static bool
has_another(void *arg)
{
	((struct answer *)arg)->text = "right";
	return true;
}

static bool
has_none(void *arg)
{
	(void)arg;
	return false;
}

static int wrong_asked;

static bool
has_the_same(void *arg)
{
	(void)arg;
	wrong_asked++;
	return true;
}

static void
protected_keys_ask_and_tell_wrong_from_absent(void **state)
{
	const char *dir = scratch_dir();
	struct answer a = {.text = "right"};
	struct ca_passphrase pass = {.ask = ask, .arg = &a}, nobody = {.ask = NULL};
	setpki_bytes pem;
	ca_key *key;
	char *uri;

	(void)state;
	make(dir, "k", SP_KEY_P256, 256, &pass, &key);
	ca_key_free(key);
	pem = scratch_read(in(dir, "k.key"));
	assert_non_null(memmem(pem.p, pem.n, "BEGIN ENCRYPTED PRIVATE KEY", 27));
	assert_null(memmem(pem.p, pem.n, "right", 5));
	a.text = "wrong";
	t_refused(ca_key_open(t_ctx(), dir, "file:k.key", &pass, "root, generation 1", &key, &err), SETPKI_E_DECRYPT,
	    "root, generation 1", &err);
	assert_null(key);
	assert_string_equal(a.what, "root, generation 1");
	a.text = "";
	t_refused(ca_key_open(t_ctx(), dir, "file:k.key", &pass, "x", &key, &err), SETPKI_E_DECRYPT, "wrong passphrase",
	    &err);
	a.text = NULL;
	t_refused(ca_key_open(t_ctx(), dir, "file:k.key", &pass, "x", &key, &err), SETPKI_E_STATE, "nobody", &err);
	t_refused(ca_key_open(t_ctx(), dir, "file:k.key", &nobody, "x", &key, &err), SETPKI_E_STATE,
	    "nobody can be asked", &err);
	t_refused(ca_key_open(t_ctx(), dir, "file:k.key", NULL, "x", &key, &err), SETPKI_E_STATE, "nobody can be asked",
	    &err);
	a.text = "right";
	t_ok(ca_key_open(t_ctx(), dir, "file:k.key", &pass, "x", &key, &err), &err);
	ca_key_free(key);
	/* another one may be had, a few times */
	a.text = "wrong";
	pass.wrong = has_another;
	t_ok(ca_key_open(t_ctx(), dir, "file:k.key", &pass, "x", &key, &err), &err);
	ca_key_free(key);
	a.text = "wrong";
	pass.wrong = has_none;
	t_refused(ca_key_open(t_ctx(), dir, "file:k.key", &pass, "x", &key, &err), SETPKI_E_DECRYPT, "wrong passphrase",
	    &err);
	pass.wrong = has_the_same;
	wrong_asked = 0;
	t_refused(ca_key_open(t_ctx(), dir, "file:k.key", &pass, "x", &key, &err), SETPKI_E_DECRYPT, "wrong passphrase",
	    &err);
	assert_int_equal(wrong_asked, 2);
	/* nobody to ask for the new passphrase: no key is left behind */
	a.text = NULL;
	t_refused(ca_key_make(t_ctx(), dir, "new", SP_KEY_P256, 256, &pass, "x", &key, &uri, &err), SETPKI_E_STATE,
	    "nobody", &err);
	assert_null(uri);
	assert_int_equal(scratch_count(dir), 1);
}

static void
keys_are_never_written_over(void **state)
{
	const char *dir = scratch_dir();
	EVP_PKEY *pkey;
	ca_key *key, *two;
	char *uri;

	(void)state;
	make(dir, "k", SP_KEY_P256, 256, NULL, &key);
	t_refused(ca_key_make(t_ctx(), dir, "k", SP_KEY_P256, 256, NULL, "test", &two, &uri, &err), SETPKI_E_CONFLICT,
	    "k.key", &err);
	assert_null(two);
	t_ok(ca_key_open(t_ctx(), dir, "file:k.key", NULL, "test", &two, &err), &err);
	t_bytes(ca_key_spki(two)->whole, ca_key_spki(key)->whole);
	t_ok(sp_keygen(t_ctx(), SP_KEY_P256, 256, &pkey, &err), &err);
	t_refused(ca_key_write_new(t_ctx(), in(dir, "k.key"), pkey, NULL, &err), SETPKI_E_CONFLICT, "k.key", &err);
	t_ok(ca_key_write_new(t_ctx(), in(dir, "new.pem"), pkey, NULL, &err), &err);
	EVP_PKEY_free(pkey);
	ca_key_free(key);
	ca_key_free(two);
}

/* What lies at k.key, instead of a key that can be used. */
static void
bad_files_are_refused(void **state)
{
	static const char pkcs1[] = "-----BEGIN RSA PRIVATE KEY-----\nMAA=\n-----END RSA PRIVATE KEY-----\n";
	static const char empty[] = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
	static const char enc[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n";
	static const struct {
		const char *contents;
		enum setpki_code rc;
		const char *text;
	} rows[] = {
	    {"", SETPKI_E_PARSE, "no PEM"},
	    {"hello\n", SETPKI_E_PARSE, "no PEM"},
	    {pkcs1, SETPKI_E_PARSE, "RSA PRIVATE KEY"},
	    {empty, SETPKI_E_PARSE, "damaged private key"},
	    {enc, SETPKI_E_PARSE, "damaged encrypted"},
	};
	const char *dir = scratch_dir(), *path = in(dir, "k.key");
	struct sp_buf big = {0};
	ca_key *key;

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		scratch_write(path, sp_bytes_str(rows[i].contents), 0600);
		t_refused(
		    ca_key_open(t_ctx(), dir, "file:k.key", NULL, "x", &key, &err), rows[i].rc, rows[i].text, &err);
		assert_null(key);
	}
	memset(sp_buf_extend(&big, 20000), 'x', 20000);
	scratch_write(path, sp_buf_bytes(&big), 0600);
	sp_buf_free(&big);
	t_refused(ca_key_open(t_ctx(), dir, "file:k.key", NULL, "x", &key, &err), SETPKI_E_LIMIT, "k.key", &err);
	t_refused(
	    ca_key_open(t_ctx(), dir, "file:none.key", NULL, "x", &key, &err), SETPKI_E_NOTFOUND, "none.key", &err);
	t_refused(ca_key_open(t_ctx(), dir, "pkcs11:x", NULL, "x", &key, &err), SETPKI_E_ARGUMENT, "pkcs11:x", &err);
	t_refused(
	    ca_key_open(t_ctx(), dir, "file:../k.key", NULL, "x", &key, &err), SETPKI_E_ARGUMENT, "../k.key", &err);
}

static void
cut_off_and_open_files_are_refused(void **state)
{
	const char *dir = scratch_dir(), *path = in(dir, "k.key");
	struct sp_buf pem = {0};
	setpki_bytes whole;
	ca_key *key;

	(void)state;
	make(dir, "k", SP_KEY_P384, 384, NULL, &key);
	ca_key_free(key);
	whole = scratch_read(path);
	sp_buf_add(&pem, whole.p, whole.n);
	for (size_t n = 0; n + 2 < pem.n; n += 7) {
		scratch_write(path, sp_bytes(pem.p, n), 0600);
		t_refused(ca_key_open(t_ctx(), dir, "file:k.key", NULL, "x", &key, &err), SETPKI_E_PARSE, "", &err);
	}
	scratch_write(path, sp_buf_bytes(&pem), 0640);
	t_refused(ca_key_open(t_ctx(), dir, "file:k.key", NULL, "x", &key, &err), SETPKI_E_RULE, "chmod 600", &err);
	scratch_write(in(dir, "real"), sp_buf_bytes(&pem), 0600);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(in(dir, "real"), path), 0);
	t_refused(ca_key_open(t_ctx(), dir, "file:k.key", NULL, "x", &key, &err), SETPKI_E_RULE, "is a link", &err);
	sp_buf_free(&pem);
}

/* The form that the documentation promises, read by OpenSSL alone. */
static void
protection_is_scrypt_and_aes(void **state)
{
	const char *dir = scratch_dir();
	struct answer a = {.text = "pw"};
	struct ca_passphrase pass = {.ask = ask, .arg = &a};
	const X509_ALGOR *alg;
	const ASN1_OCTET_STRING *enc;
	PBE2PARAM *p2;
	X509_SIG *sig;
	ca_key *key;
	FILE *f;

	(void)state;
	make(dir, "k", SP_KEY_P256, 256, &pass, &key);
	ca_key_free(key);
	f = fopen(in(dir, "k.key"), "r");
	sig = PEM_read_PKCS8(f, NULL, NULL, NULL);
	fclose(f);
	assert_non_null(sig);
	X509_SIG_get0(sig, &alg, &enc);
	assert_int_equal(OBJ_obj2nid(alg->algorithm), NID_pbes2);
	p2 = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), alg->parameter);
	assert_non_null(p2);
	assert_int_equal(OBJ_obj2nid(p2->keyfunc->algorithm), NID_id_scrypt);
	assert_int_equal(OBJ_obj2nid(p2->encryption->algorithm), NID_aes_256_cbc);
	PBE2PARAM_free(p2);
	X509_SIG_free(sig);
}

static void
secrets_are_made_once(void **state)
{
	const char *dir = scratch_dir(), *path = in(dir, "mac.secret");
	uint8_t a[32], b[32];
	struct stat st;

	(void)state;
	t_ok(ca_secret_open(t_ctx(), dir, "mac", a, &err), &err);
	t_ok(ca_secret_open(t_ctx(), dir, "mac", b, &err), &err);
	assert_memory_equal(a, b, sizeof(a));
	t_ok(ca_secret_open(t_ctx(), dir, "pan", b, &err), &err);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	scratch_write(path, SP_BYTES("short"), 0600);
	t_refused(ca_secret_open(t_ctx(), dir, "mac", b, &err), SETPKI_E_PARSE, "32 octets", &err);
	scratch_write(path, SP_BYTES(a), 0644);
	t_refused(ca_secret_open(t_ctx(), dir, "mac", b, &err), SETPKI_E_RULE, "chmod 600", &err);
	t_refused(ca_secret_open(t_ctx(), scratch_path("nowhere"), "mac", b, &err), SETPKI_E_NOTFOUND, "nowhere", &err);
}

static void
old_secrets_are_pruned(void **state)
{
	static const char *const names[] = {"c-8", "c-9", "c-10", "c-", "c-x", "c-8x", "d-1", "c-9999999999999999999"};
	const char *dir = scratch_dir();
	uint8_t a[32], b[32];

	(void)state;
	t_refused(ca_secret_look(dir, "c-8", b, &err), SETPKI_E_NOTFOUND, "c-8.secret", &err);
	assert_int_equal(scratch_count(dir), 0);
	for (size_t i = 0; i < NELEMS(names); i++)
		t_ok(ca_secret_open(t_ctx(), dir, names[i], a, &err), &err);
	t_ok(ca_secret_prune(dir, "c-", 10, &err), &err);
	assert_int_equal(scratch_count(dir), NELEMS(names) - 2);
	t_refused(ca_secret_look(dir, "c-9", b, &err), SETPKI_E_NOTFOUND, "c-9.secret", &err);
	t_ok(ca_secret_look(dir, "c-9999999999999999999", b, &err), &err);
	assert_memory_equal(a, b, sizeof(a));
	t_ok(ca_secret_look(dir, "c-10", b, &err), &err);
	t_refused(ca_secret_prune(scratch_path("nowhere"), "c-", 10, &err), SETPKI_E_IO, "nowhere", &err);
}

/* What the operators of the library do with a key that they cannot see. */
static void
a_party_signs_and_opens(void **state)
{
	static const uint8_t digest[32] = {7};
	const char *dir = scratch_dir();
	struct sp_keyblock sealed = {.extra = SP_EXTRA_PAN_ONLY, .has_hd = true, .key = {1}, .hd = {2}, .x = {3}};
	struct sp_keyblock got = {.extra = SP_EXTRA_PAN_ONLY, .has_hd = true};
	struct sp_buf block = {0}, sig = {0}, attributes = {0};
	struct setpki_party me;
	BIGNUM *private = NULL;
	ca_key *key;

	(void)state;
	memset(sealed.x + 1, '1', 18);
	make(dir, "k", SP_KEY_RSA, 2048, NULL, &key);
	ca_key_party(key, &me);
	assert_int_equal(EVP_PKEY_get_bn_param(me.key, "d", &private), 0);
	sp_signed_attributes(&attributes, SP_CT_CERT_RES_DATA, SP_BYTES(digest));
	t_ok(sp_party_sign(t_ctx(), SETPKI_SUITE_MODERN, &me, sp_buf_bytes(&attributes), &sig, &err), &err);
	t_ok(
	    sp_verify(t_ctx(), SETPKI_SUITE_MODERN, me.key, sp_buf_bytes(&attributes), sp_buf_bytes(&sig), &err), &err);
	attributes.p[attributes.n - 36] ^= 1; /* what it signs are messages of a CA alone */
	t_code(sp_party_sign(t_ctx(), SETPKI_SUITE_MODERN, &me, sp_buf_bytes(&attributes), &sig, &err), SETPKI_E_RULE,
	    &err);
	setpki_error_clear(&err);
	t_ok(sp_keyblock_seal(t_ctx(), SETPKI_SUITE_MODERN, me.key, &sealed, &block, &err), &err);
	assert_int_equal(sp_party_open(t_ctx(), SETPKI_SUITE_MODERN, &me, sp_buf_bytes(&block), &got), 1);
	assert_memory_equal(got.key, sealed.key, sizeof(got.key));
	assert_memory_equal(got.hd, sealed.hd, sizeof(got.hd));
	assert_memory_equal(got.x, sealed.x, sp_extra_len(SP_EXTRA_PAN_ONLY));
	block.p[block.n - 1] ^= 1;
	assert_int_equal(sp_party_open(t_ctx(), SETPKI_SUITE_MODERN, &me, sp_buf_bytes(&block), &got), 0);
	assert_memory_not_equal(got.key, sealed.key, sizeof(got.key));
	sp_buf_free(&attributes);
	sp_buf_free(&block);
	sp_buf_free(&sig);
	ca_key_free(key);
}

#define TEST(f) cmocka_unit_test_setup(f, clear)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(keys_of_each_kind_come_back),
	    TEST(protected_keys_ask_and_tell_wrong_from_absent),
	    TEST(keys_are_never_written_over),
	    TEST(bad_files_are_refused),
	    TEST(cut_off_and_open_files_are_refused),
	    TEST(protection_is_scrypt_and_aes),
	    TEST(secrets_are_made_once),
	    TEST(old_secrets_are_pruned),
	    TEST(a_party_signs_and_opens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
