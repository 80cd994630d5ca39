/* Whole registrations, byte for byte, with fixed keys, randomness and times; and the same taken apart and computed
 * again by tests/vectors/message/recompute.py, which shares no code with us.  tests/vectors/message/README.md says how
 * the files were made. */
#include "lib/asn1/arm.h"
#include "lib/crypto/suite.h"
#include "tests/support/check.h"
#include "tests/support/fixed.h"
#include "tests/support/wallet.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOLDER_KEYS 4 /* of end entities, behind those of the CAs: signature, key exchange, and once more */

static char folder[512];
static EVP_PKEY *holder_keys[2][HOLDER_KEYS];
static struct registry regs[2];

static bool
writing(void)
{
	return getenv("SETPKI_WRITE_VECTORS") != NULL;
}

static FILE *
open_file(const char *mode, const char *path)
{
	FILE *f = fopen(path, mode);

	if (f == NULL)
		fail_msg("%s cannot be opened", path);
	return f;
}

/* --- keys ---------------------------------------------------------------------------------------- */

/* Made once, of the types that the registry would draw. */
static void
make_keys(const char *path, enum setpki_suite suite)
{
	FILE *f = open_file("w", path);
	setpki_ctx *ctx = NULL;
	struct registry reg;

	t_ok(setpki_ctx_new(NULL, &ctx, NULL), NULL);
	reg_make(&reg, ctx, suite);
	for (int i = REG_NONE + 1; i < REG_SLOTS; i++)
		assert_int_equal(PEM_write_PrivateKey(f, reg.c[i].key, NULL, NULL, 0, NULL, NULL), 1);
	for (int i = 0; i < HOLDER_KEYS; i++) {
		EVP_PKEY *k = reg_new_key(ctx, suite, i % 2 != 0);

		assert_int_equal(PEM_write_PrivateKey(f, k, NULL, NULL, 0, NULL, NULL), 1);
		EVP_PKEY_free(k);
	}
	fclose(f);
	reg_free(&reg);
	reg_stop();
	setpki_ctx_free(ctx);
}

static EVP_PKEY *
next_key(FILE *f)
{
	EVP_PKEY *k = PEM_read_PrivateKey_ex(f, NULL, NULL, NULL, sp_ctx_lib(fixed_ctx()), NULL);

	assert_non_null(k);
	return k;
}

static void
load_keys(size_t at, enum setpki_suite suite)
{
	char path[600];
	FILE *f;

	snprintf(path, sizeof(path), "%s/keys-%s.pem", folder, setpki_suite_name(suite));
	if (writing() && access(path, R_OK) != 0)
		make_keys(path, suite);
	f = open_file("r", path);
	for (int i = REG_NONE + 1; i < REG_SLOTS; i++) {
		EVP_PKEY *k = next_key(f);

		reg_key_set(suite, (enum reg_slot)i, k);
		EVP_PKEY_free(k);
	}
	for (int i = 0; i < HOLDER_KEYS; i++)
		holder_keys[at][i] = next_key(f);
	fclose(f);
}

/* --- files --------------------------------------------------------------------------------------- */

static void
same_as_file(const char *dir, const char *name, setpki_bytes got)
{
	uint8_t *want;
	char path[700];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s/%s", folder, dir, name);
	if (writing()) {
		f = open_file("wb", path);
		assert_int_equal(fwrite(got.p, 1, got.n, f), got.n);
		fclose(f);
	}
	want = malloc(got.n + 1);
	assert_non_null(want);
	f = open_file("rb", path);
	n = fread(want, 1, got.n + 1, f);
	fclose(f);
	if (!sp_bytes_eq(got, sp_bytes(want, n)))
		fail_msg("%s differs", path);
	free(want);
}

static void
put_message(const char *dir, size_t number, setpki_bytes wrapper)
{
	struct sp_message m;
	char name[64];

	t_ok(sp_message_read(wrapper, &m, NULL), NULL);
	snprintf(name, sizeof(name), "%02zu-%s.der", number, m.arm->name);
	sp_message_free(&m);
	same_as_file(dir, name, wrapper);
}

/* What the script has to know beside the messages. */
static void
put_inputs(const char *dir, const struct wallet *w, enum setpki_status status)
{
	const struct desk *d = w->desk;
	struct sp_buf text = {0};
	char hex[65];

	sp_buf_printf(&text, "brand %s\n", w->ask.brand);
	if (w->ask.pan != NULL)
		sp_buf_printf(&text, "pan %s\nexpiry %s\n", w->ask.pan, w->ask.expiry);
	sp_buf_printf(&text, "challenge-key %s\n", setpki_hex_text(SP_BYTES(d->challenge[0]), hex));
	sp_buf_printf(&text, "ca-number %d\n", w->ask.pan != NULL ? 1 : w->ask.id != NULL ? 2 : 3);
	sp_buf_printf(&text, "status %d\n", (int)status);
	same_as_file(dir, "inputs.txt", sp_buf_bytes(&text));
	sp_buf_free(&text);
}

static void
put_exchange_key(const char *dir, EVP_PKEY *key)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *p;
	long n;

	assert_int_equal(PEM_write_bio_PrivateKey_traditional(b, key, NULL, NULL, 0, NULL, NULL), 1);
	n = BIO_get_mem_data(b, &p);
	same_as_file(dir, "exchange.pem", sp_bytes(p, (size_t)n));
	BIO_free(b);
}

/* --- registrations ------------------------------------------------------------------------------- */

static struct row {
	const char *name;
	enum setpki_request_type type;
	enum reg_slot ca;
	const char *account;
	enum setpki_status end;
	size_t keys[3]; /* of the holder, in the order in which it takes them; HOLDER_KEYS: no more */
} rows[] = {
    {"cardholder", SETPKI_CARD_INITIAL_SIG, REG_CCA, NULL, SETPKI_STATUS_COMPLETE, {0, HOLDER_KEYS, 0}},
    {"merchant", SETPKI_MER_INITIAL_BOTH, REG_MCA, "account 0815", SETPKI_STATUS_COMPLETE, {0, 1, HOLDER_KEYS}},
    {"gateway-renewal", SETPKI_PGWY_RENEWAL_ENC, REG_PCA, NULL, SETPKI_STATUS_COMPLETE, {1, 2, 3}},
    {"merchant-refused", SETPKI_MER_INITIAL_SIG, REG_MCA, "account 0815", SETPKI_STATUS_REJECTED_BY_ACQUIRER,
	{0, HOLDER_KEYS, 0}},
};

static void
post(const char *dir, struct wallet *w, size_t *number)
{
	struct setpki_der answer;

	put_message(dir, ++*number, setpki_enroll_request(w->e));
	wallet_fetch(w, &answer);
	put_message(dir, ++*number, sp_bytes(answer.p, answer.n));
	t_ok(setpki_enroll_response(w->e, sp_bytes(answer.p, answer.n), w->now, NULL), NULL);
	setpki_der_free(&answer);
}

static void
go_on(const struct row *r, const char *dir, struct wallet *w, size_t *number)
{
	for (;;) {
		enum setpki_enroll_step step = setpki_enroll_step(w->e);

		if (step == SETPKI_ENROLL_SEND) {
			post(dir, w, number);
		} else if (step == SETPKI_ENROLL_FORM) {
			if (r->account != NULL)
				t_ok(setpki_enroll_account(w->e, r->account, NULL), NULL);
			wallet_fill(w);
		} else {
			return;
		}
	}
}

/* Pended, inquired after, and then decided. */
static void
record(const struct row *r, size_t at)
{
	struct desk d;
	struct wallet w;
	char dir[128], path[700];
	size_t number = 0;

	snprintf(dir, sizeof(dir), "%s/%s", setpki_suite_name(regs[at].suite), r->name);
	snprintf(path, sizeof(path), "%s/%s", folder, setpki_suite_name(regs[at].suite));
	if (writing()) {
		mkdir(path, 0755);
		snprintf(path, sizeof(path), "%s/%s", folder, dir);
		mkdir(path, 0755);
	}
	fixed_rewind();
	for (size_t i = 0; i < NELEMS(r->keys) && r->keys[i] != HOLDER_KEYS; i++)
		reg_new_key_give(holder_keys[at][r->keys[i]]);
	desk_open(&d, &regs[at]);
	d.status = SETPKI_STATUS_PENDED;
	wallet_open(&w, &d, r->type);
	if (w.old_cert.n != 0)
		same_as_file(dir, "old.cer", w.old_cert);
	go_on(r, dir, &w, &number);
	assert_int_equal(setpki_enroll_step(w.e), SETPKI_ENROLL_WAIT);
	desk_decide(&d, r->end);
	t_ok(setpki_enroll_inquire(w.e, w.now, NULL), NULL);
	go_on(r, dir, &w, &number);
	put_inputs(dir, &w, r->end);
	put_exchange_key(dir, regs[at].c[r->ca + REG_ENC].key);
	wallet_close(&w);
	desk_close(&d);
}

static void
registration_gives_the_vectors(void **state)
{
	for (size_t at = 0; at < 2; at++)
		record(*state, at);
}

static void
the_script_computes_the_same(void **state)
{
	char command[700];

	(void)state;
	assert_true(
	    (size_t)snprintf(command, sizeof(command), "python3 '%s/recompute.py' >&2", folder) < sizeof(command));
	assert_int_equal(system(command), 0);
}

static int
start(void **state)
{
	const char *top = getenv("TEST_TOP");

	(void)state;
	snprintf(folder, sizeof(folder), "%s/tests/vectors/message", top != NULL ? top : ".");
	for (size_t at = 0; at < 2; at++) {
		enum setpki_suite suite = at == 0 ? SETPKI_SUITE_CLASSIC : SETPKI_SUITE_MODERN;

		load_keys(at, suite);
		fixed_rewind();
		reg_make(&regs[at], fixed_ctx(), suite);
	}
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	for (size_t at = 0; at < 2; at++) {
		reg_free(&regs[at]);
		for (int i = 0; i < HOLDER_KEYS; i++)
			EVP_PKEY_free(holder_keys[at][i]);
	}
	reg_stop();
	fixed_stop();
	t_hex_free();
	return 0;
}

int
main(void)
{
	struct CMUnitTest tests[NELEMS(rows) + 1];
	size_t n;

	for (n = 0; n < NELEMS(rows); n++)
		tests[n] = (struct CMUnitTest){rows[n].name, registration_gives_the_vectors, NULL, NULL, &rows[n]};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(the_script_computes_the_same);
	return _cmocka_run_group_tests("transcripts", tests, n, start, stop);
}
