/* Walks of templates: every field of every type is told, and of secrets never the value. */
#include "tests/support/check.h"
#include "tests/support/fill.h"
#include "tests/support/lines.h"

#include "lib/asn1/arm.h"
#include "lib/asn1/payment.h"
#include "lib/walk/type.h"

static setpki_ctx *ctx;

static const struct sp_type *const types[] = {&sp_type_thumbs, &sp_type_cert_thumb, &sp_type_back_key, &sp_type_id_data,
    &sp_type_pan_data0, &sp_type_pan_data, &sp_type_pan_only, &sp_type_acct_data, &sp_type_acct_info,
    &sp_type_message_header, &sp_type_error_tbs, &sp_type_error, &sp_type_crl_notification_tbs,
    &sp_type_bci_distribution_tbs, &sp_type_card_c_init_req, &sp_type_card_c_init_res_tbs, &sp_type_me_aq_c_init_req,
    &sp_type_reg_form_req_data, &sp_type_reg_form_res_tbs, &sp_type_me_aq_c_init_res_tbs, &sp_type_cert_req_data,
    &sp_type_cert_req, &sp_type_cert_res_data, &sp_type_cert_res, &sp_type_cert_inq_req_tbs, &sp_type_signed_data,
    &sp_type_enveloped_data, &sp_type_encrypted_data, &sp_type_digested_data, &sp_type_linkage, &sp_type_signed_beside,
    &sp_type_with_baggage, &sp_type_oi_data, &sp_type_pi_head, &sp_type_pi_dual_signed, &sp_type_preq_dual_signed};

/* Every type that can be reached, each once. */
static const struct sp_type *all[128];
static size_t nall;

static void
collect(const struct sp_type *type)
{
	for (size_t i = 0; i < nall; i++)
		if (all[i] == type)
			return;
	assert_true(nall < NELEMS(all));
	all[nall++] = type;
	for (size_t i = 0; i < type->nrows; i++)
		if (type->rows[i].kind == SP_ROW_TYPE)
			collect(type->rows[i].type);
}

/* --- the tables --------------------------------------------------------------------------------------------------- */

static void
every_closed_row_has_an_opener(void **state)
{
	(void)state;
	for (size_t t = 0; t < nall; t++)
		for (size_t i = 0; i < all[t]->nrows; i++)
			if (all[t]->rows[i].kind == SP_ROW_DER && !sp_walk_opens(all[t]->rows[i].name))
				fail_msg("nothing opens %s.%s", all[t]->name, all[t]->rows[i].name);
	assert_false(sp_walk_opens("nothing"));
}

static bool
is_text(enum sp_row_kind kind)
{
	return kind == SP_ROW_OCTETS || kind == SP_ROW_TEXT || kind == SP_ROW_DIGITS || kind == SP_ROW_SETSTRING;
}

/* What is cleansed when it is freed is kept back when it is printed. */
static void
types_that_are_cleansed_have_secret_rows(void **state)
{
	size_t found = 0;

	(void)state;
	for (size_t t = 0; t < nall; t++) {
		const ASN1_AUX *aux = all[t]->item()->funcs;
		size_t texts = 0, secrets = 0;

		if (all[t]->choice || aux == NULL || aux->asn1_cb != sp_type_cleanse)
			continue;
		for (size_t i = 0; i < all[t]->nrows; i++) {
			texts += is_text(all[t]->rows[i].kind);
			secrets += all[t]->rows[i].told != SP_TOLD;
		}
		if (texts != 0 && secrets == 0)
			fail_msg("%s is secret, and no row of it is", all[t]->name);
		found += secrets;
	}
	assert_int_equal(found, 13);
}

/* --- every field -------------------------------------------------------------------------------------------------- */

static bool
is_secret(const char *name)
{
	for (size_t t = 0; t < nall; t++)
		for (size_t i = 0; i < all[t]->nrows; i++)
			if (all[t]->rows[i].told != SP_TOLD && strcmp(all[t]->rows[i].name, name) == 0)
				return true;
	return false;
}

static void
checked_field(void *arg, const char *name, enum setpki_value value, const char *text, const char *note)
{
	struct lines *l = arg;

	if (is_secret(name) && strstr(text, " secret)") == NULL && strcmp(text, "777777*********7777") != 0)
		fail_msg("%s is told: %s", name, text);
	lines_visitor(l).field(l, name, value, text, note);
}

/* Whether a line of its own begins with that name. */
static bool
has_line(const struct lines *l, const char *name)
{
	size_t n = strlen(name);
	const char *at = (const char *)l->text.p, *end = at + l->text.n;

	for (; (at = memmem(at, (size_t)(end - at), name, n)) != NULL; at += n)
		if ((at == (const char *)l->text.p || at[-1] == ' ' || at[-1] == '\n') && at + n < end &&
		    strchr(" [\n", at[n]) != NULL)
			return true;
	return false;
}

static void
tell_filled(const struct sp_type *type, int arm)
{
	struct t_fill how = {.size = T_FILL_MOST, .optional = true, .arm = arm};
	void *object = t_fill(type, &how);
	struct lines l = {0};
	struct setpki_visitor v = lines_visitor(&l);
	struct sp_walk w = {.v = &v, .ctx = ctx, .suite = SETPKI_SUITE_MODERN};

	v.field = checked_field;
	sp_walk_type(&w, "it", type, object);
	assert_int_equal(w.rc, SETPKI_E_OK);
	assert_int_equal(l.depth, 0);
	for (size_t i = 0; i < type->nrows; i++)
		if (!(type->choice && (int)i != arm) && !has_line(&l, type->rows[i].name))
			fail_msg("%s.%s is not told:\n%.*s", type->name, type->rows[i].name, (int)l.text.n,
			    (const char *)l.text.p);
	sp_buf_free(&l.text);
	sp_type_free(type, object);
}

static void
every_field_of_every_type_is_told(void **state)
{
	(void)state;
	for (size_t t = 0; t < nall; t++)
		for (int arm = 0; arm < (all[t]->choice ? (int)all[t]->nrows : 1); arm++)
			tell_filled(all[t], arm);
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static const struct pan {
	const char *digits, *told;
} pans[] = {
    {"", "(0 digits, secret)"},
    {"4123", "(4 digits, secret)"},
    {"412345000008", "(12 digits, secret)"},
    {"4123450000008", "412345***0008"},
    {"4123450000000008", "412345******0008"},
    {"4123450000000000008", "412345*********0008"},
    {"41234500000000000008", "(20 digits, secret)"},
};

static void
pans_are_told_as_ten_digits_at_most(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(pans); i++) {
		struct lines l = {0};
		struct setpki_visitor v = lines_visitor(&l);
		struct sp_walk w = {.v = &v, .ctx = ctx};
		struct sp_buf want = {0};

		sp_w_pan(&w, "pan", sp_bytes_str(pans[i].digits));
		sp_buf_printf(&want, "pan t %s\n", pans[i].told);
		t_bytes(sp_buf_bytes(&l.text), sp_buf_bytes(&want));
		sp_buf_free(&want);
		sp_buf_free(&l.text);
	}
}

static void
texts_from_outside_are_masked(void **state)
{
	static const uint8_t bmp[] = {0, '4', 0, '1', 0, '2', 0, '3', 0, '4', 0, '5', 0, '0', 0, '0', 0, '0', 0, '0', 0,
	    '0', 0, '0', 0, '0', 0, '0', 0, '0', 0, '8'};
	struct lines l = {0};
	struct setpki_visitor v = lines_visitor(&l);
	struct sp_walk w = {.v = &v, .ctx = ctx};

	(void)state;
	sp_w_outside(&w, "a", SP_VISIBLE, sp_bytes_str("card 4123450000000008, please"));
	sp_w_outside(&w, "b", SP_BMP, SP_BYTES(bmp));
	t_bytes(sp_buf_bytes(&l.text), sp_bytes_str("a t card 412345******0008, please\nb t 412345******0008\n"));
	sp_buf_free(&l.text);
}

/* --- messages that are wrong -------------------------------------------------------------------------------------- */

static void
put_header(struct sp_buf *out)
{
	struct t_fill how = {.size = T_FILL_LEAST, .optional = true};
	void *header = t_fill(&sp_type_message_header, &how);
	struct setpki_error err = {0};

	t_ok(sp_type_encode(&sp_type_message_header, header, out, &err), &err);
	sp_type_free(&sp_type_message_header, header);
}

static const struct wrong {
	const char *name, *message; /* the wrapper's [0], in hex */
	const char *told;	    /* what stands there in its place */
	enum setpki_code want;
} wrongs[] = {
    {"arm_that_does_not_exist", "a0 05 bf 28 02 05 00", "message t (7 octets)", SETPKI_E_PARSE},
    {"no_arm_at_all", "a0 02 05 00", "message t (4 octets)", SETPKI_E_PARSE},
    {"two_elements_in_an_arm", "a0 06 b6 04 05 00 05 00", "message t (8 octets)", SETPKI_E_PARSE},
    {"body_of_another_kind", "a0 04 b6 02 05 00", "message t (2 octets)", SETPKI_E_PARSE},
    {"payment_message", "a0 04 a0 02 30 00", "message t (2 octets)", SETPKI_E_OK},
    {"PReq_that_is_not_dual_signed", "a0 04 a2 02 30 00", "message t (2 octets)", SETPKI_E_OK},
};

static void
header_is_told_whatever_follows(void **state)
{
	const struct wrong *r = *state;
	struct sp_buf inner = {0}, der = {0};
	struct lines l = {0};
	struct setpki_visitor v = lines_visitor(&l);
	struct setpki_object o = {.type = SETPKI_OBJECT_MESSAGE};
	struct setpki_error err = {0};

	put_header(&inner);
	sp_buf_add_bytes(&inner, t_hex(r->message));
	assert_true(inner.n < 128);
	sp_buf_add_byte(&der, 0x30);
	sp_buf_add_byte(&der, (uint8_t)inner.n);
	sp_buf_add_bytes(&der, sp_buf_bytes(&inner));
	o.der = sp_buf_bytes(&der);
	t_code(setpki_walk(ctx, &o, SETPKI_SUITE_NONE, &v, &err), r->want, &err);
	assert_int_equal(l.depth, 0);
	assert_true(has_line(&l, "messageHeader") && has_line(&l, "swIdent"));
	if (memmem(l.text.p, l.text.n, r->told, strlen(r->told)) == NULL)
		fail_msg("'%s' is not told:\n%.*s", r->told, (int)l.text.n, (const char *)l.text.p);
	sp_buf_free(&inner);
	sp_buf_free(&der);
	sp_buf_free(&l.text);
}

static int
start(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(types); i++)
		collect(types[i]);
	return setpki_ctx_new(NULL, &ctx, NULL) == SETPKI_E_OK ? 0 : -1;
}

static int
stop(void **state)
{
	(void)state;
	setpki_ctx_free(ctx);
	t_hex_free();
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest fixed[] = {
	    cmocka_unit_test(every_closed_row_has_an_opener),
	    cmocka_unit_test(types_that_are_cleansed_have_secret_rows),
	    cmocka_unit_test(every_field_of_every_type_is_told),
	    cmocka_unit_test(pans_are_told_as_ten_digits_at_most),
	    cmocka_unit_test(texts_from_outside_are_masked),
	};
	struct CMUnitTest tests[NELEMS(fixed) + NELEMS(wrongs)];

	memcpy(tests, fixed, sizeof(fixed));
	for (size_t i = 0; i < NELEMS(wrongs); i++)
		tests[NELEMS(fixed) + i] = (struct CMUnitTest){
		    wrongs[i].name, header_is_told_whatever_follows, NULL, NULL, (void *)(uintptr_t)&wrongs[i]};
	return _cmocka_run_group_tests("walk/rows", tests, NELEMS(tests), start, stop);
}
