/* Enc, EncB, EncX, EncBX, EncK: round trips, and which of the two answers each fault gets (set-protocol 12.5). */
#include "tests/support/check.h"
#include "tests/support/parties.h"

#include "lib/crypto/cipher.h"
#include "lib/crypto/enc.h"
#include "lib/der/walk.h"

static setpki_ctx *ctx;
static const struct t_suite *suites;

#define N20 "00112233445566778899aabbccddeeff01234567"
static const char t_text[] = "3009 0404 aabbccdd 020105", baggage[] = "3003 020163";
static const char pan_data0[] = "3046 1210 34303030303031323334353637383939 1206 323033303132 0414" N20 "0414" N20;

static const struct form {
	const char *name;
	struct sp_enc_form form;
	const char *p, *b;
} forms[] = {
    {"Enc", {SP_CT_CERT_REQ_DATA, SP_CT_CERT_REQ_TBE, SP_EXTRA_NONE, false, 0}, "", ""},
    {"EncX", {SP_CT_CERT_REQ_TBS, SP_CT_CERT_REQ_TBEX, SP_EXTRA_PAN_DATA0, false, 0}, pan_data0, ""},
    {"EncB", {SP_CT_PI_TBS, SP_CT_PI_DUAL_SIGNED_TBE, SP_EXTRA_NONE, true, SP_CT_OI_DATA}, "", baggage},
    {"EncBX", {SP_CT_PI_TBS, SP_CT_PI_DUAL_SIGNED_TBE, SP_EXTRA_PAN_DATA0, true, SP_CT_OI_DATA}, pan_data0, baggage},
};

static void
seal(const struct t_suite *s, const struct form *f, const struct setpki_party *to, const struct setpki_party *signers,
    size_t n, struct sp_buf *out)
{
	setpki_bytes certs[] = {t_hex("3003 0201 01")};
	struct sp_enc_ask ask = {to, signers, n, t_hex(t_text), t_hex(f->p), t_hex(f->b), certs, NULL, 1, 0};
	struct setpki_error err = {0};

	t_ok(sp_enc_put(ctx, s->suite, &f->form, &ask, out, &err), &err);
	t_ok(sp_der_walk(sp_buf_bytes(out), &err), &err);
}

static size_t wanted;

static size_t
count(void *arg, setpki_bytes content)
{
	(void)arg;
	t_bytes(content, t_hex(t_text)); /* the callbacks see t, not the linkage */
	return wanted;
}

static enum setpki_code
unseal(struct t_suite *s, const struct form *f, setpki_bytes der, struct sp_enc_opened *o, struct setpki_error *err)
{
	struct sp_verify_ask keys = {f->form.tbs, count, t_key_of, s};

	return sp_enc_open(ctx, s->suite, &f->form, &s->carol, &keys, der, o, err);
}

static void
every_operator_round_trips(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++)
		for (size_t k = 0; k < NELEMS(forms); k++)
			for (wanted = 1; wanted <= 2; wanted++) {
				struct t_suite s = suites[i];
				struct setpki_party signers[] = {s.fresh, s.alice};
				struct sp_buf der = {0};
				struct sp_enc_opened o = {0};
				struct setpki_error err = {0};

				seal(&s, &forms[k], &s.carol, signers, wanted, &der);
				t_ok(unseal(&s, &forms[k], sp_buf_bytes(&der), &o, &err), &err);
				t_bytes(o.t, t_hex(t_text));
				t_bytes(o.p, t_hex(forms[k].p));
				t_bytes(o.b, t_hex(forms[k].b));
				assert_int_equal(o.beside.ncerts, 1);
				t_bytes(sp_sdata_cert(&o.beside, 0), t_hex("3003020101"));
				sp_enc_opened_free(&o);
				sp_buf_free(&der);
			}
}

static void
signature_faults_get_the_answer_of_the_suite(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++)
		for (size_t k = 0; k < NELEMS(forms); k++) {
			struct t_suite s = suites[i];
			bool modern = s.suite == SETPKI_SUITE_MODERN;
			struct setpki_party first_bad[] = {s.dave, s.alice}, second_bad[] = {s.fresh, s.dave};
			struct setpki_party lying[] = {
			    {.issuer = s.alice.issuer, .serial = s.alice.serial, .key = s.bob.key}};
			const struct {
				const char *name;
				const struct setpki_party *signers;
				size_t n, wanted;
				enum setpki_code want;
			} rows[] = {
			    {"unknown signer", first_bad, 1, 1, modern ? SETPKI_E_SIGNATURE : SETPKI_E_DECRYPT},
			    {"signed with another key", lying, 1, 1, modern ? SETPKI_E_SIGNATURE : SETPKI_E_DECRYPT},
			    {"first of two wrong", first_bad, 2, 2, modern ? SETPKI_E_SIGNATURE : SETPKI_E_DECRYPT},
			    {"second of two wrong", second_bad, 2, 2, SETPKI_E_SIGNATURE},
			    {"nobody signed", NULL, 0, 1, modern ? SETPKI_E_SIGNATURE : SETPKI_E_DECRYPT},
			    {"one missing", &s.fresh, 1, 2, SETPKI_E_SIGNATURE},
			};

			for (size_t r = 0; r < NELEMS(rows); r++) {
				struct sp_buf der = {0};
				struct sp_enc_opened o = {0};
				struct setpki_error err = {0};
				enum setpki_code rc;

				wanted = rows[r].wanted;
				seal(&s, &forms[k], &s.carol, rows[r].signers, rows[r].n, &der);
				rc = unseal(&s, &forms[k], sp_buf_bytes(&der), &o, &err);
				if (rc != rows[r].want || err.code != rows[r].want)
					fail_msg("%s, %s, %s: %s", forms[k].name, rows[r].name,
					    setpki_suite_name(s.suite), setpki_code_name(rc));
				if (rc == SETPKI_E_DECRYPT)
					assert_string_equal(err.message, "the envelope cannot be opened");
				/* the answer to a wrong signature needs what was signed (12.5) */
				assert_int_equal(o.t.p != NULL, rc == SETPKI_E_SIGNATURE);
				sp_enc_opened_free(&o);
				sp_buf_free(&der);
			}
		}
}

static void
forms_are_not_taken_for_one_another(void **state)
{
	(void)state;
	wanted = 1;
	for (size_t i = 0; i < T_SUITES; i++)
		for (size_t k = 0; k < NELEMS(forms); k++)
			for (size_t other = 0; other < NELEMS(forms); other++) {
				struct t_suite s = suites[i];
				struct sp_buf der = {0};
				struct sp_enc_opened o = {0};

				seal(&s, &forms[k], &s.carol, &s.alice, 1, &der);
				if ((unseal(&s, &forms[other], sp_buf_bytes(&der), &o, NULL) == SETPKI_E_OK) !=
				    (k == other))
					fail_msg("%s as %s", forms[k].name, forms[other].name);
				sp_enc_opened_free(&o);
				sp_buf_free(&der);
			}
}

/* SO inside Enc, S inside EncX, and a signature over t alone in EncX. */
static void
a_body_of_another_operator_is_refused(void **state)
{
	(void)state;
	wanted = 1;
	for (size_t i = 0; i < T_SUITES; i++) {
		struct t_suite s = suites[i];
		struct sp_sign_ask so = {SP_CT_CERT_REQ_DATA, t_hex(t_text), true, &s.alice, 1, NULL, NULL, 0, 0};
		struct sp_seal plain = {SP_CT_CERT_REQ_TBE, SP_EXTRA_NONE, false, false};
		struct sp_buf body = {0}, der = {0};
		struct sp_enc_opened o = {0};

		t_ok(sp_sdata_put(ctx, s.suite, &so, &body, NULL), NULL);
		t_ok(
		    sp_envelope_put(ctx, s.suite, &s.carol, &plain, sp_buf_bytes(&body), sp_bytes(NULL, 0), &der, NULL),
		    NULL);
		t_code(unseal(&s, &forms[0], sp_buf_bytes(&der), &o, NULL), SETPKI_E_DECRYPT, NULL);
		sp_buf_free(&body);
		sp_buf_free(&der);
	}
}

/* The signature of EncX covers p: moved to an envelope with another p it must not verify. */
static void
the_extra_part_is_bound_by_the_signature(void **state)
{
	(void)state;
	wanted = 1;
	for (size_t i = 0; i < T_SUITES; i++) {
		struct t_suite s = suites[i];
		struct sp_seal below = {SP_CT_CERT_REQ_TBEX, SP_EXTRA_PAN_DATA0, false, false};
		struct sp_buf der = {0}, moved = {0};
		struct sp_opened inside = {0};
		struct sp_enc_opened o = {0};
		char other[sizeof(pan_data0)];

		memcpy(other, pan_data0, sizeof(other));
		other[strlen(other) - 1] = '6'; /* exNonce */
		seal(&s, &forms[1], &s.carol, &s.alice, 1, &der);
		t_ok(sp_envelope_open(ctx, s.suite, &s.carol, &below, sp_buf_bytes(&der), &inside, NULL), NULL);
		t_ok(sp_envelope_put(ctx, s.suite, &s.carol, &below, inside.t, t_hex(other), &moved, NULL), NULL);
		t_code(unseal(&s, &forms[1], sp_buf_bytes(&moved), &o, NULL),
		    s.suite == SETPKI_SUITE_MODERN ? SETPKI_E_SIGNATURE : SETPKI_E_DECRYPT, NULL);
		sp_enc_opened_free(&o); /* SIGNATURE leaves what was read */
		sp_opened_free(&inside);
		sp_buf_free(&der);
		sp_buf_free(&moved);
	}
}

static void
baggage_cannot_be_swapped(void **state)
{
	(void)state;
	wanted = 1;
	for (size_t i = 0; i < T_SUITES; i++)
		for (size_t k = 2; k < NELEMS(forms); k++) {
			struct t_suite s = suites[i];
			struct sp_buf der = {0};
			struct sp_enc_opened o = {0};
			struct setpki_error err = {0};

			seal(&s, &forms[k], &s.carol, &s.alice, 1, &der);
			assert_int_equal(der.p[der.n - 1], 0x63);
			der.p[der.n - 1] = 0x64;
			t_code(unseal(&s, &forms[k], sp_buf_bytes(&der), &o, &err), SETPKI_E_DECRYPT, &err);
			der.n -= 5; /* dropped */
			t_code(unseal(&s, &forms[k], sp_buf_bytes(&der), &o, NULL), SETPKI_E_PARSE, NULL);
			sp_buf_free(&der);
		}
}

static void
no_octet_can_be_altered(void **state)
{
	(void)state;
	wanted = 1;
	for (size_t i = 0; i < T_SUITES; i++)
		for (size_t k = 0; k < 2; k++) {
			struct t_suite s = suites[i];
			struct sp_buf der = {0};

			seal(&s, &forms[k], &s.carol, &s.alice, 1, &der);
			for (size_t at = 0; at < der.n; at += 3) {
				struct sp_enc_opened o = {0};
				enum setpki_code rc;

				der.p[at] ^= 0x20;
				wanted = 99; /* whatever t says */
				rc = sp_enc_open(ctx, s.suite, &forms[k].form, &s.carol,
				    &(struct sp_verify_ask){forms[k].form.tbs, NULL, t_key_of, &s}, sp_buf_bytes(&der),
				    &o, NULL);
				/* In classic one certificate beside may change: no signature covers it, and there is no
				 * tag */
				if (rc == SETPKI_E_OK &&
				    (s.suite == SETPKI_SUITE_MODERN || !sp_bytes_eq(o.t, t_hex(t_text))))
					fail_msg("octet %zu of %s", at, forms[k].name);
				sp_enc_opened_free(&o);
				der.p[at] ^= 0x20;
			}
			sp_buf_free(&der);
		}
}

static void
enck_round_trips_and_refuses(void **state)
{
	static const uint8_t key[32] = {1, 2, 3, 4, 5, 6, 7, 8}, other[32] = {8, 7, 6, 5, 4, 3, 2, 1};

	(void)state;
	for (size_t i = 0; i < T_SUITES; i++) {
		struct t_suite s = suites[i];
		struct sp_sign_ask sign = {SP_CT_CERT_RES_DATA, t_hex(t_text), false, &s.alice, 1, NULL, NULL, 0, 0};
		struct sp_verify_ask keys = {SP_CT_CERT_RES_DATA, NULL, t_key_of, &s};
		struct sp_verify_ask wrong_type = {SP_CT_CERT_REQ_DATA, NULL, t_key_of, &s};
		struct sp_buf der = {0}, unsigned_der = {0};
		struct sp_sdata sd;
		struct setpki_error err = {0};

		t_ok(sp_enck_put(ctx, s.suite, SP_CT_CERT_RES_TBE, key, &sign, &der, &err), &err);
		t_ok(sp_enck_open(ctx, s.suite, SP_CT_CERT_RES_TBE, key, &keys, sp_buf_bytes(&der), &sd, &err), &err);
		t_bytes(sd.content, t_hex(t_text));
		sp_sdata_free(&sd);
		t_code(sp_enck_open(ctx, s.suite, SP_CT_CERT_RES_TBE, other, &keys, sp_buf_bytes(&der), &sd, NULL),
		    SETPKI_E_DECRYPT, NULL);
		t_code(sp_enck_open(ctx, s.suite, SP_CT_CERT_RES_TBE, key, &wrong_type, sp_buf_bytes(&der), &sd, NULL),
		    SETPKI_E_SIGNATURE, NULL);
		assert_null(sd.data);
		t_ok(sp_ek_put(ctx, s.suite, SP_CT_CERT_RES_TBE, key, t_hex(t_text), &unsigned_der, NULL), NULL);
		t_code(
		    sp_enck_open(ctx, s.suite, SP_CT_CERT_RES_TBE, key, &keys, sp_buf_bytes(&unsigned_der), &sd, NULL),
		    SETPKI_E_DECRYPT, NULL);
		sp_buf_free(&der);
		sp_buf_free(&unsigned_der);
	}
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
	    cmocka_unit_test(every_operator_round_trips),
	    cmocka_unit_test(signature_faults_get_the_answer_of_the_suite),
	    cmocka_unit_test(forms_are_not_taken_for_one_another),
	    cmocka_unit_test(a_body_of_another_operator_is_refused),
	    cmocka_unit_test(the_extra_part_is_bound_by_the_signature),
	    cmocka_unit_test(baggage_cannot_be_swapped),
	    cmocka_unit_test(no_octet_can_be_altered),
	    cmocka_unit_test(enck_round_trips_and_refuses),
	};

	return cmocka_run_group_tests(tests, start, done);
}
