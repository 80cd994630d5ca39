/* Texts, thumbs, idData, forms and challenges: lib/message/{texts,thumbs,forms,challenge}.c. */
#include "lib/message/challenge.h"
#include "lib/message/parts.h"
#include "tests/support/check.h"
#include "tests/support/gen.h"

#include <openssl/crypto.h>

/* --- texts ------------------------------------------------------------------------------------- */

static struct text_row {
	const char *name, *in;
	int type; /* of the string; 0: refused */
} texts[] = {
    {"ASCII is a VisibleString", "Name on the card", V_ASN1_VISIBLESTRING},
    {"an umlaut makes it a BMPString", "M\xc3\xbcller", V_ASN1_BMPSTRING},
    {"what lies outside the BMP is refused", "\xf0\x9f\x98\x80", 0},
    {"control characters are refused", "a\nb", 0},
    {"an empty text is refused", "", 0},
    {"a text that is too long is refused", "0123456789012345678901234567890123456789x", 0},
};

static void
text_row(void **state)
{
	const struct text_row *r = *state;
	ASN1_STRING *s = NULL;
	char *back, small[8];
	enum setpki_code rc = sp_text_set(&s, r->in, 40, "field", NULL);

	assert_int_equal(rc, r->type != 0 ? SETPKI_E_OK : SETPKI_E_ARGUMENT);
	if (rc == SETPKI_E_OK) {
		assert_int_equal(ASN1_STRING_type(s), r->type);
		assert_non_null(back = sp_text_get(s));
		assert_string_equal(back, r->in);
		OPENSSL_free(back);
		assert_int_equal(sp_text_copy(s, small, sizeof(small)), strlen(r->in) < sizeof(small));
	}
	ASN1_STRING_free(s);
}

/* --- idData ------------------------------------------------------------------------------------ */

static void
id_data_comes_back(void **state)
{
	static const struct setpki_id_data rows[] = {
	    {SETPKI_TYPE_MER, "412399", "4711"},
	    {SETPKI_TYPE_MER, "412399",
		"B\xc3\xbc"
		"cher"},
	    {SETPKI_TYPE_PGWY, "412399", "0815"},
	    {SETPKI_TYPE_PGWY, "412399", ""},
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct setpki_id_data back;
		SP_ID_DATA *f = NULL;
		struct sp_buf der = {0};

		t_ok(sp_id_data_set(&f, &rows[i], NULL), NULL);
		t_ok(sp_type_encode(&sp_type_id_data, f, &der, NULL), NULL);
		sp_id_data_get(f, &back);
		assert_int_equal(back.holder, rows[i].holder);
		assert_string_equal(back.bin, rows[i].bin);
		assert_string_equal(back.id, rows[i].id);
		sp_type_free(&sp_type_id_data, f);
		sp_buf_free(&der);
	}
	{
		struct setpki_id_data none;

		sp_id_data_get(NULL, &none);
		assert_int_equal(none.holder, 0);
	}
}

/* --- forms ------------------------------------------------------------------------------------- */

static char name_label[] = "Name", second_label[] = "Full name", pin_label[] = "Pass phrase", hint[] = "as on the card",
	    terms[] = "Be good.", logo[] = "https://set.example/l.png", reason[] = "Wrong bank",
	    url1[] = "http://a.example/", url2[] = "http://b.example/";
static char *two_labels[] = {name_label, second_label}, *one_label[] = {pin_label}, *urls[] = {url1, url2};

static const struct setpki_form *
form(void)
{
	static struct setpki_field fields[] = {
	    {.id = 0, .labels = two_labels, .nlabels = 2, .description = hint, .length = 60, .required = true},
	    {.id = -1, .labels = one_label, .nlabels = 1, .length = 128, .invisible = true},
	};
	static struct setpki_form f = {
	    .has_template = true, .id = 77, .terms = terms, .brand_logo = logo, .fields = fields, .nfields = 2};

	return &f;
}

static void
forms_come_back(void **state)
{
	struct setpki_form got;
	SP_FORM_OR_REFERRAL *f = NULL;

	(void)state;
	t_ok(sp_form_set(&f, form(), NULL), NULL);
	assert_int_equal(f->type, 0);
	t_ok(sp_form_get(f->value.form, &got, NULL), NULL);
	assert_true(got.has_template);
	assert_int_equal(got.id, 77);
	assert_string_equal(got.terms, terms);
	assert_string_equal(got.brand_logo, logo);
	assert_null(got.card_logo);
	assert_int_equal(got.nfields, 2);
	assert_int_equal(got.fields[0].id, 0);
	assert_int_equal(got.fields[0].nlabels, 2);
	assert_string_equal(got.fields[0].labels[1], second_label);
	assert_string_equal(got.fields[0].description, hint);
	assert_int_equal(got.fields[0].length, 60);
	assert_true(got.fields[0].required && !got.fields[0].invisible);
	assert_int_equal(got.fields[1].id, -1);
	assert_int_equal(got.fields[1].length, 128);
	assert_true(got.fields[1].invisible && !got.fields[1].required);
	setpki_form_free(&got);
	ASN1_item_free((ASN1_VALUE *)f, ASN1_ITEM_rptr(SP_FORM_OR_REFERRAL));
}

static void
a_form_may_be_terms_alone(void **state)
{
	struct setpki_form bare = {.terms = terms}, got;
	SP_FORM_OR_REFERRAL *f = NULL;

	(void)state;
	t_ok(sp_form_set(&f, &bare, NULL), NULL);
	assert_null(f->value.form->template);
	t_ok(sp_form_get(f->value.form, &got, NULL), NULL);
	assert_false(got.has_template);
	assert_int_equal(got.nfields, 0);
	setpki_form_free(&got);
	ASN1_item_free((ASN1_VALUE *)f, ASN1_ITEM_rptr(SP_FORM_OR_REFERRAL));
}

static void
referrals_come_back(void **state)
{
	struct setpki_referral r = {.reason = reason, .urls = urls, .nurls = 2}, got;
	SP_FORM_OR_REFERRAL *f = NULL;

	(void)state;
	t_ok(sp_referral_set(&f, &r, NULL), NULL);
	assert_int_equal(f->type, 1);
	t_ok(sp_referral_get(f->value.referral, &got, NULL), NULL);
	assert_string_equal(got.reason, reason);
	assert_int_equal(got.nurls, 2);
	assert_string_equal(got.urls[1], url2);
	setpki_referral_free(&got);
	ASN1_item_free((ASN1_VALUE *)f, ASN1_ITEM_rptr(SP_FORM_OR_REFERRAL));
}

/* --- thumbs ------------------------------------------------------------------------------------ */

static void
thumbs_name_objects_of_their_suite(void **state)
{
	struct gen_world w;
	SP_THUMBS *t = NULL, *copy;
	SP_CERT_THUMB *one = NULL;
	setpki_ctx *ctx = gen_ctx();
	static const enum gen_slot held[] = {GEN_ROOT, GEN_PCA};

	(void)state;
	gen_make(&w, SETPKI_SUITE_MODERN, NULL);
	for (size_t i = 0; i < NELEMS(held); i++)
		t_ok(sp_thumbs_add(ctx, w.suite, &t, SP_THUMB_CERTS, w.c[held[i]].der, NULL), NULL);
	t_ok(sp_thumbs_add(ctx, w.suite, &t, SP_THUMB_CRLS, w.crl[GEN_ROOT], NULL), NULL);
	t_ok(sp_thumbs_add(ctx, w.suite, &t, SP_THUMB_BCIS, w.bci, NULL), NULL);
	assert_true(sp_thumbs_have(ctx, w.suite, t, SP_THUMB_CERTS, w.c[GEN_ROOT].der));
	assert_true(sp_thumbs_have(ctx, w.suite, t, SP_THUMB_CRLS, w.crl[GEN_ROOT]));
	assert_true(sp_thumbs_have(ctx, w.suite, t, SP_THUMB_BCIS, w.bci));
	assert_false(sp_thumbs_have(ctx, w.suite, t, SP_THUMB_CERTS, w.c[GEN_BRAND].der));
	assert_false(sp_thumbs_have(ctx, w.suite, t, SP_THUMB_CERTS, w.crl[GEN_ROOT]));
	assert_false(sp_thumbs_have(ctx, SETPKI_SUITE_CLASSIC, t, SP_THUMB_CERTS, w.c[GEN_ROOT].der));
	assert_false(sp_thumbs_have(ctx, w.suite, NULL, SP_THUMB_CERTS, w.c[GEN_ROOT].der));

	t_ok(sp_thumbs_dup(t, &copy, NULL), NULL);
	assert_true(sp_thumbs_same(t, copy));
	t_ok(sp_thumbs_add(ctx, w.suite, &copy, SP_THUMB_CERTS, w.c[GEN_BRAND].der, NULL), NULL);
	assert_false(sp_thumbs_same(t, copy));
	assert_false(sp_thumbs_same(t, NULL));
	assert_true(sp_thumbs_same(NULL, NULL));

	t_ok(sp_cert_thumb_set(ctx, w.suite, &one, w.c[GEN_PCA].der, NULL), NULL);
	assert_true(sp_cert_thumb_is(ctx, w.suite, one, w.c[GEN_PCA].der));
	assert_false(sp_cert_thumb_is(ctx, w.suite, one, w.c[GEN_ROOT].der));
	assert_false(sp_cert_thumb_is(ctx, w.suite, NULL, w.c[GEN_PCA].der));
	t_code(sp_cert_thumb_set(ctx, w.suite, &one, t_hex("0500"), NULL), SETPKI_E_PARSE, NULL);

	/* what is too many is left out: the other side sends it once more, that is all */
	for (size_t i = 0; i < SP_THUMBS_MAX + 3; i++)
		t_ok(sp_thumbs_add(ctx, w.suite, &t, SP_THUMB_CERTS, w.c[GEN_ROOT].der, NULL), NULL);
	assert_int_equal(sk_SP_ELEMENT_num(t->certs), SP_THUMBS_MAX);

	ASN1_item_free((ASN1_VALUE *)one, ASN1_ITEM_rptr(SP_CERT_THUMB));
	sp_type_free(&sp_type_thumbs, t);
	sp_type_free(&sp_type_thumbs, copy);
	gen_free(&w);
}

/* --- challenges -------------------------------------------------------------------------------- */

static void
lid_ca_says_whose_and_when(void **state)
{
	uint8_t lid[SP_LID_CA_LEN];
	struct sp_lid_ca l;

	(void)state;
	t_ok(sp_lid_ca_make(gen_ctx(), 0x1234, 7, GEN_NOW + 59, lid, NULL), NULL);
	assert_true(sp_lid_ca_read(SP_BYTES(lid), &l));
	assert_int_equal(l.ca, 0x1234);
	assert_int_equal(l.key_id, 7);
	assert_int_equal(l.made_at, GEN_NOW);
	assert_true(sp_lid_ca_fresh(&l, GEN_NOW));
	assert_true(sp_lid_ca_fresh(&l, GEN_NOW + SP_CHALLENGE_S));
	assert_false(sp_lid_ca_fresh(&l, GEN_NOW + SP_CHALLENGE_S + 1));
	assert_false(sp_lid_ca_fresh(&l, GEN_NOW - 1));
	assert_false(sp_lid_ca_read(sp_bytes(lid, 19), &l));
	assert_false(sp_lid_ca_read(sp_bytes(NULL, 0), &l));
}

/* Each input of chall-CA counts. */
static void
chall_ca_covers_all_that_it_says(void **state)
{
	static const uint8_t key[32] = {1}, other[32] = {2}, lid[20] = {3}, longer[20] = {3, 4};
	static const struct {
		const uint8_t *key;
		uint16_t ca;
		setpki_bytes ee, lid_ca;
		enum setpki_request_type type;
	} rows[] = {
	    {key, 1, {lid, 5}, {lid, 20}, SETPKI_CARD_INITIAL_SIG},
	    {other, 1, {lid, 5}, {lid, 20}, SETPKI_CARD_INITIAL_SIG},
	    {key, 2, {lid, 5}, {lid, 20}, SETPKI_CARD_INITIAL_SIG},
	    {key, 1, {lid, 6}, {lid, 20}, SETPKI_CARD_INITIAL_SIG},
	    {key, 1, {lid, 5}, {longer, 20}, SETPKI_CARD_INITIAL_SIG},
	    {key, 1, {lid, 5}, {lid, 20}, SETPKI_CARD_RENEWAL_SIG},
	};
	uint8_t got[NELEMS(rows)][SETPKI_NONCE_LEN], again[SETPKI_NONCE_LEN];

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		t_ok(sp_chall_ca(
			 gen_ctx(), rows[i].key, rows[i].ca, rows[i].ee, rows[i].lid_ca, rows[i].type, got[i], NULL),
		    NULL);
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(got[i], got[k], SETPKI_NONCE_LEN);
	}
	t_ok(sp_chall_ca(gen_ctx(), key, 1, rows[0].ee, rows[0].lid_ca, rows[0].type, again, NULL), NULL);
	assert_memory_equal(again, got[0], SETPKI_NONCE_LEN);
}

/* --- rows of request types --------------------------------------------------------------------- */

static void
request_rows_agree_with_the_names(void **state)
{
	size_t rows = 0;

	(void)state;
	for (int i = 0; i < SP_REQUEST_TYPES; i++) {
		const struct setpki_request_row *r = setpki_request_row((enum setpki_request_type)i);

		assert_int_equal(r != NULL, sp_request_types[i] != NULL);
		if (r == NULL)
			continue;
		rows++;
		assert_string_equal(r->name, sp_request_types[i]);
		assert_int_equal(setpki_request_by_name(r->name), i);
		assert_true(r->sig || r->enc);
		assert_true(!r->renewal || r->by_certificate);
		assert_int_equal(r->signers, (r->sig ? 1 : 0) + (r->by_certificate ? 1 : 0));
	}
	assert_int_equal(rows, 14);
	assert_int_equal(setpki_request_by_name("cardInitialEnc"), SETPKI_REQUEST_NONE);
	assert_null(setpki_request_row(SETPKI_REQUEST_NONE));
	assert_string_equal(setpki_error_code_name(SETPKI_ERR_N), "none");
	assert_string_equal(setpki_status_name(SETPKI_STATUS_REJECTED_BY_ACQUIRER), "rejectedByAquirer");
	assert_string_equal(setpki_field_name(0), "fullName");
	assert_string_equal(setpki_field_name(12), "passPhrase");
	assert_null(setpki_field_name(-1));
	assert_null(setpki_field_name(13));
}

static int
start(void **state)
{
	(void)state;
	gen_start();
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	gen_stop();
	t_hex_free();
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest rest[] = {
	    cmocka_unit_test(id_data_comes_back),
	    cmocka_unit_test(forms_come_back),
	    cmocka_unit_test(a_form_may_be_terms_alone),
	    cmocka_unit_test(referrals_come_back),
	    cmocka_unit_test(thumbs_name_objects_of_their_suite),
	    cmocka_unit_test(lid_ca_says_whose_and_when),
	    cmocka_unit_test(chall_ca_covers_all_that_it_says),
	    cmocka_unit_test(request_rows_agree_with_the_names),
	};
	struct CMUnitTest tests[NELEMS(texts) + NELEMS(rest)];
	size_t n;

	for (n = 0; n < NELEMS(texts); n++)
		tests[n] = (struct CMUnitTest){texts[n].name, text_row, NULL, NULL, &texts[n]};
	memcpy(&tests[n], rest, sizeof(rest));
	return _cmocka_run_group_tests("parts", tests, n + NELEMS(rest), start, stop);
}
