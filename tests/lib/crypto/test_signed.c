/* S and SO: made, read, verified, and each part altered. */
#include "tests/support/check.h"
#include "tests/support/parties.h"

#include "lib/crypto/digest.h"
#include "lib/der/walk.h"
#include "lib/der/writer.h"

static setpki_ctx *ctx;
static const struct t_suite *suites;

static const char content_hex[] = "300a 0404 01020304 0402 0506";

static void
put(const struct t_suite *s, const struct setpki_party *signers, size_t n, bool detached, struct sp_buf *out)
{
	setpki_bytes certs[] = {t_hex("3003 0201 01"), t_hex("3003 0201 02")}, crls[] = {t_hex("3003 0201 03")};
	struct sp_sign_ask ask = {
	    SP_CT_CERT_RES_DATA, t_hex(content_hex), detached, signers, n, certs, crls, NELEMS(certs), NELEMS(crls)};
	struct setpki_error err = {0};

	t_ok(sp_sdata_put(ctx, s->suite, &ask, out, &err), &err);
	t_ok(sp_der_walk(sp_buf_bytes(out), &err), &err);
}

static void
one_signer_verifies_and_what_is_beside_is_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++) {
		const struct t_suite *s = &suites[i];
		struct sp_buf der = {0};
		struct sp_sdata sd;
		struct sp_signer who;
		struct setpki_error err = {0};

		put(s, &s->alice, 1, false, &der);
		t_ok(sp_sdata_read(sp_buf_bytes(&der), &sd, &err), &err);
		t_bytes(sd.content, t_hex(content_hex));
		assert_int_equal(sd.nsigners, 1);
		sp_sdata_signer(&sd, 0, &who);
		t_bytes(who.issuer, s->alice.issuer);
		t_bytes(sp_signer_serial(&who), s->alice.serial);
		assert_false(who.uncertified);
		assert_int_equal(sd.ncerts, 2);
		t_bytes(sp_sdata_cert(&sd, 1), t_hex("3003020102"));
		assert_int_equal(sd.ncrls, 1);
		t_bytes(sp_sdata_crl(&sd, 0), t_hex("3003020103"));
		assert_null(sp_sdata_cert(&sd, 2).p);
		t_ok(sp_sdata_verify(ctx, s->suite, &sd, 0, SP_CT_CERT_RES_DATA, sd.content, s->alice.key, &err), &err);
		sp_sdata_free(&sd);
		sp_buf_free(&der);
	}
}

static void
what_must_not_verify(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++) {
		const struct t_suite *s = &suites[i], *other = &suites[1 - i];
		struct sp_buf der = {0};
		struct sp_sdata sd;
		const struct {
			const char *name;
			enum setpki_suite suite;
			size_t index;
			enum sp_content type;
			setpki_bytes content;
			EVP_PKEY *key;
			const char *says;
		} rows[] = {
		    {"another key", s->suite, 0, SP_CT_CERT_RES_DATA, t_hex(content_hex), s->fresh.key, "verify"},
		    {"a key of another algorithm", s->suite, 0, SP_CT_CERT_RES_DATA, t_hex(content_hex),
			other->alice.key, NULL},
		    {"another content", s->suite, 0, SP_CT_CERT_RES_DATA, t_hex("3000"), s->alice.key, "attributes"},
		    {"no content", s->suite, 0, SP_CT_CERT_RES_DATA, t_hex(""), s->alice.key, "attributes"},
		    {"another content type", s->suite, 0, SP_CT_CERT_REQ_DATA, t_hex(content_hex), s->alice.key,
			"another type"},
		    {"another suite", other->suite, 0, SP_CT_CERT_RES_DATA, t_hex(content_hex), s->alice.key,
			"digest algorithm"},
		    {"a second SignerInfo that is not there", s->suite, 1, SP_CT_CERT_RES_DATA, t_hex(content_hex),
			s->alice.key, "missing"},
		    {"an unknown signer", s->suite, 0, SP_CT_CERT_RES_DATA, t_hex(content_hex), NULL, "not known"},
		    {"no suite", SETPKI_SUITE_NONE, 0, SP_CT_CERT_RES_DATA, t_hex(content_hex), s->alice.key, NULL},
		};

		put(s, &s->alice, 1, false, &der);
		t_ok(sp_sdata_read(sp_buf_bytes(&der), &sd, NULL), NULL);
		for (size_t r = 0; r < NELEMS(rows); r++) {
			struct setpki_error err = {0};

			if (sp_sdata_verify(ctx, rows[r].suite, &sd, rows[r].index, rows[r].type, rows[r].content,
				rows[r].key, &err) != SETPKI_E_SIGNATURE)
				fail_msg("%s: %s", rows[r].name, setpki_code_name(err.code));
			if (rows[r].says != NULL && strstr(err.message, rows[r].says) == NULL)
				fail_msg("%s says: %s", rows[r].name, err.message);
		}
		sp_sdata_free(&sd);
		sp_buf_free(&der);
	}
}

static void
a_signature_beside_takes_its_content_from_the_caller(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++) {
		const struct t_suite *s = &suites[i];
		struct sp_buf der = {0};
		struct sp_sdata sd;

		put(s, &s->bob, 1, true, &der);
		t_ok(sp_sdata_read(sp_buf_bytes(&der), &sd, NULL), NULL);
		assert_int_equal(sd.content.n, 0);
		t_ok(sp_sdata_verify(ctx, s->suite, &sd, 0, SP_CT_CERT_RES_DATA, t_hex(content_hex), s->bob.key, NULL),
		    NULL);
		t_code(sp_sdata_verify(ctx, s->suite, &sd, 0, SP_CT_CERT_RES_DATA, sd.content, s->bob.key, NULL),
		    SETPKI_E_SIGNATURE, NULL);
		sp_sdata_free(&sd);
		sp_buf_free(&der);
	}
}

static size_t wanted;

static size_t
count(void *arg, setpki_bytes content)
{
	(void)arg;
	(void)content;
	return wanted;
}

static void
exactly_the_signers_called_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++) {
		struct t_suite s = suites[i];
		struct setpki_party both[] = {s.fresh, s.alice}, stranger[] = {s.fresh, s.carol},
				    late[] = {s.carol, s.alice};
		const struct {
			const char *name;
			const struct setpki_party *signers;
			size_t n, wanted;
			enum setpki_code want;
			bool first_ok;
		} rows[] = {
		    {"one of one", &s.alice, 1, 1, SETPKI_E_OK, true},
		    {"a key not certified yet", &s.fresh, 1, 1, SETPKI_E_OK, true},
		    {"two of two", both, 2, 2, SETPKI_E_OK, true},
		    {"two of one", both, 2, 1, SETPKI_E_SIGNATURE, true},
		    {"one of two", &s.fresh, 1, 2, SETPKI_E_SIGNATURE, true},
		    {"none of one", NULL, 0, 1, SETPKI_E_SIGNATURE, false},
		    {"the second unknown", stranger, 2, 2, SETPKI_E_SIGNATURE, true},
		    {"the first unknown", late, 2, 2, SETPKI_E_SIGNATURE, false},
		};

		for (size_t r = 0; r < NELEMS(rows); r++) {
			struct sp_verify_ask ask = {SP_CT_CERT_RES_DATA, count, t_key_of, &s};
			struct sp_buf der = {0};
			struct sp_sdata sd;
			bool first_ok;

			wanted = rows[r].wanted;
			put(&s, rows[r].signers, rows[r].n, false, &der);
			t_ok(sp_sdata_read(sp_buf_bytes(&der), &sd, NULL), NULL);
			if (sp_sdata_verify_all(ctx, s.suite, &sd, sd.content, sd.content, &ask, &first_ok, NULL) !=
				rows[r].want ||
			    first_ok != rows[r].first_ok)
				fail_msg("%s, %s", rows[r].name, setpki_suite_name(s.suite));
			sp_sdata_free(&sd);
			sp_buf_free(&der);
		}
	}
}

static void
three_signers_and_no_suite_are_refused(void **state)
{
	struct setpki_party three[] = {suites[1].alice, suites[1].bob, suites[1].alice};
	struct sp_sign_ask ask = {SP_CT_ERROR_TBS, t_hex("3000"), false, three, 3, NULL, NULL, 0, 0};
	struct sp_buf out = {0};

	(void)state;
	t_code(sp_sdata_put(ctx, SETPKI_SUITE_MODERN, &ask, &out, NULL), SETPKI_E_ARGUMENT, NULL);
	ask.nsigners = 1;
	t_code(sp_sdata_put(ctx, SETPKI_SUITE_NONE, &ask, &out, NULL), SETPKI_E_ARGUMENT, NULL);
	t_code(sp_sdata_put(ctx, SETPKI_SUITE_CLASSIC, &ask, &out, NULL), SETPKI_E_SUITE, NULL);
	sp_buf_free(&out);
}

/* Each bit of a whole SignedData turned: refused by form, or the signature fails, or the bit was beside the signed
 * part.
 */
static void
turned_bits(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++) {
		struct t_suite s = suites[i];
		struct sp_buf der = {0};
		size_t unsigned_bits = 0;

		put(&s, &s.bob, 1, false, &der);
		for (size_t at = 0; at < der.n; at++) {
			struct sp_verify_ask ask = {SP_CT_CERT_RES_DATA, NULL, t_key_of, &s};
			struct sp_sdata sd = {0};
			bool first_ok;

			der.p[at] ^= 0x01;
			if (sp_sdata_read(sp_buf_bytes(&der), &sd, NULL) == SETPKI_E_OK &&
			    sp_sdata_verify_all(ctx, s.suite, &sd, sd.content, sd.content, &ask, &first_ok, NULL) ==
				SETPKI_E_OK) {
				t_bytes(sd.content, t_hex(content_hex));
				unsigned_bits++;
			}
			sp_sdata_free(&sd);
			der.p[at] ^= 0x01;
		}
		/* certificates and CRLs are not covered: tag, length-consistent parts and value of three elements */
		assert_in_range(unsigned_bits, 3, 12);
		sp_buf_free(&der);
	}
}

/* SignerInfos with other attributes, made with a good signature over them. */
static void
forged(const struct t_suite *s, int how, struct sp_buf *out)
{
	static const char *const type = "3013 06092a864886f70d010903 3106 0604 672a002f";
	setpki_bytes content = t_hex(content_hex);
	const struct sp_suite *row = sp_suite(s->suite);
	struct sp_buf digest_attr = {0}, attrs = {0}, sig = {0};
	uint8_t digest[32];
	size_t m1, m2, seq, list, tagged;

	t_ok(sp_hash(ctx, s->suite, content, digest, NULL), NULL);
	m1 = sp_der_open(&digest_attr, SP_SEQUENCE);
	sp_der_put_oid(&digest_attr, t_hex("2a864886f70d010904"));
	m2 = sp_der_open(&digest_attr, SP_SET);
	sp_der_put_octets(&digest_attr, sp_bytes(digest, row->digest_len));
	if (how == 4) { /* two values */
		digest[0] = 0xff;
		sp_der_put_octets(&digest_attr, sp_bytes(digest, row->digest_len));
	}
	sp_der_close(&digest_attr, m2);
	sp_der_close(&digest_attr, m1);
	m1 = sp_der_open(&attrs, SP_SEQUENCE);
	if (how != 1 && how != 2) /* 1: swapped; 2: no content type */
		sp_buf_add_bytes(&attrs, t_hex(type));
	sp_buf_add_bytes(&attrs, sp_buf_bytes(&digest_attr));
	if (how == 1)
		sp_buf_add_bytes(&attrs, t_hex(type));
	if (how == 3) /* signingTime too */
		sp_buf_add_bytes(&attrs, t_hex("301c 06092a864886f70d010905 310f 170d3236313132333132303030305a"));
	sp_der_close(&attrs, m1);
	t_ok(sp_sign(ctx, s->suite, s->bob.key, sp_buf_bytes(&attrs), &sig, NULL), NULL);

	seq = sp_der_open(out, SP_SEQUENCE);
	sp_der_put_int(out, 2);
	list = sp_der_open(out, SP_SEQUENCE);
	sp_buf_add_bytes(out, row->digest_alg);
	sp_der_close(out, list);
	m1 = sp_der_open(out, SP_SEQUENCE);
	sp_der_put_oid(out, SP_CONTENT_OID(SP_CT_CERT_RES_DATA));
	tagged = sp_der_open(out, SP_CTXC(0));
	sp_buf_add_bytes(out, content);
	sp_der_close(out, tagged);
	sp_der_close(out, m1);
	list = sp_der_open(out, SP_SEQUENCE);
	m1 = sp_der_open(out, SP_SEQUENCE);
	sp_der_put_int(out, how == 6 ? 1 : 2);
	m2 = sp_der_open(out, SP_SEQUENCE);
	sp_buf_add_bytes(out, s->bob.issuer);
	sp_der_put(out, SP_INTEGER, s->bob.serial);
	sp_der_close(out, m2);
	sp_buf_add_bytes(out, row->digest_alg);
	if (how != 7) {
		tagged = sp_der_open(out, SP_CTXC(2));
		sp_buf_add_bytes(out, sp_buf_bytes(&attrs));
		sp_der_close(out, tagged);
	}
	sp_buf_add_bytes(out, t_hex("300d 06092a864886f70d010101 0500"));
	sp_der_put_octets(out, sp_buf_bytes(&sig));
	if (how == 5) { /* an unauthenticated attribute */
		tagged = sp_der_open(out, SP_CTXC(3));
		sp_buf_add_bytes(out, t_hex("3008 0602 2a03 3102 0500"));
		sp_der_close(out, tagged);
	}
	sp_der_close(out, m1);
	sp_der_close(out, list);
	sp_der_close(out, seq);
	sp_buf_free(&digest_attr);
	sp_buf_free(&attrs);
	sp_buf_free(&sig);
}

static void
other_attributes_are_refused_though_signed(void **state)
{
	static const char *const names[] = {"as it must be", "swapped", "no content type", "a third one", "two values",
	    "an unauthenticated one", "version 1", "no attributes"};

	(void)state;
	for (size_t i = 0; i < T_SUITES; i++)
		for (int how = 0; how < (int)NELEMS(names); how++) {
			const struct t_suite *s = &suites[i];
			struct sp_buf der = {0};
			struct sp_sdata sd = {0};
			enum setpki_code rc;

			forged(s, how, &der);
			rc = sp_sdata_read(sp_buf_bytes(&der), &sd, NULL);
			if (rc == SETPKI_E_OK)
				rc = sp_sdata_verify(
				    ctx, s->suite, &sd, 0, SP_CT_CERT_RES_DATA, sd.content, s->bob.key, NULL);
			if ((rc == SETPKI_E_OK) != (how == 0))
				fail_msg("%s: %s", names[how], setpki_code_name(rc));
			sp_sdata_free(&sd);
			sp_buf_free(&der);
		}
}

static void
digests_and_linkage(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++) {
		enum setpki_suite suite = suites[i].suite, other = suites[1 - i].suite;
		setpki_bytes t = t_hex(content_hex);
		struct sp_buf dd = {0}, link = {0};
		void *object;

		t_ok(sp_dd_put(ctx, suite, SP_CT_PAN_ONLY, t, &dd, NULL), NULL);
		t_ok(sp_type_decode(&sp_type_digested_data, sp_buf_bytes(&dd), &object, NULL), NULL);
		t_ok(sp_dd_check(ctx, suite, SP_CT_PAN_ONLY, t, object, NULL), NULL);
		t_code(sp_dd_check(ctx, suite, SP_CT_PAN_ONLY, t_hex("3000"), object, NULL), SETPKI_E_SIGNATURE, NULL);
		t_code(sp_dd_check(ctx, suite, SP_CT_OI_DATA, t, object, NULL), SETPKI_E_PARSE, NULL);
		t_code(sp_dd_check(ctx, other, SP_CT_PAN_ONLY, t, object, NULL), SETPKI_E_SUITE, NULL);
		sp_type_free(&sp_type_digested_data, object);
		t_ok(sp_linkage_put(ctx, suite, t, SP_CT_PAN_ONLY, t_hex("3000"), &link, NULL), NULL);
		t_ok(sp_type_decode(&sp_type_linkage, sp_buf_bytes(&link), &object, NULL), NULL);
		t_bytes(sp_str(((SP_LINKAGE *)object)->t1), t);
		t_ok(sp_dd_check(ctx, suite, SP_CT_PAN_ONLY, t_hex("3000"), ((SP_LINKAGE *)object)->dd, NULL), NULL);
		sp_type_free(&sp_type_linkage, object);
		sp_buf_free(&dd);
		sp_buf_free(&link);
		t_code(sp_dd_put(ctx, SETPKI_SUITE_NONE, SP_CT_PAN_ONLY, t, &dd, NULL), SETPKI_E_SUITE, NULL);
	}
}

/* RFC 2202 case 2 and RFC 4231 case 2. */
static void
hmac_of_the_rfcs(void **state)
{
	uint8_t mac[32];

	(void)state;
	t_ok(sp_hmac(ctx, SETPKI_SUITE_CLASSIC, sp_bytes_str("Jefe"), sp_bytes_str("what do ya want for nothing?"), mac,
		 NULL),
	    NULL);
	t_bytes(sp_bytes(mac, 20), t_hex("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
	t_ok(sp_hmac(ctx, SETPKI_SUITE_MODERN, sp_bytes_str("Jefe"), sp_bytes_str("what do ya want for nothing?"), mac,
		 NULL),
	    NULL);
	t_bytes(sp_bytes(mac, 32), t_hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
	t_code(sp_hmac(ctx, SETPKI_SUITE_NONE, t_hex("00"), t_hex("00"), mac, NULL), SETPKI_E_SUITE, NULL);
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
	    cmocka_unit_test(one_signer_verifies_and_what_is_beside_is_there),
	    cmocka_unit_test(what_must_not_verify),
	    cmocka_unit_test(a_signature_beside_takes_its_content_from_the_caller),
	    cmocka_unit_test(exactly_the_signers_called_for),
	    cmocka_unit_test(three_signers_and_no_suite_are_refused),
	    cmocka_unit_test(turned_bits),
	    cmocka_unit_test(other_attributes_are_refused_though_signed),
	    cmocka_unit_test(digests_and_linkage),
	    cmocka_unit_test(hmac_of_the_rfcs),
	};

	return cmocka_run_group_tests(tests, start, done);
}
