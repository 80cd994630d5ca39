/* Every type of lib/asn1: its rows are its template, what is written is read, and each bound of each row is one. */
#include "tests/support/check.h"
#include "tests/support/fill.h"

#include "lib/asn1/arm.h"
#include "lib/asn1/certreq.h"
#include "lib/asn1/payment.h"
#include "lib/der/walk.h"
#include "lib/der/writer.h"

static const struct sp_type *const types[] = {&sp_type_thumbs, &sp_type_cert_thumb, &sp_type_back_key, &sp_type_id_data,
    &sp_type_pan_data0, &sp_type_pan_only, &sp_type_acct_data, &sp_type_acct_info, &sp_type_message_header,
    &sp_type_message_wrapper, &sp_type_error_tbs, &sp_type_error, &sp_type_crl_notification_tbs,
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

static void
rows_are_the_templates(void **state)
{
	(void)state;
	for (size_t t = 0; t < nall; t++) {
		const ASN1_ITEM *it = all[t]->item();
		long extra = all[t]->nrows == 0 ? 0 : it->tcount - (long)all[t]->nrows;

		/* SignerInfo: the attributes are judged whole, by lib/crypto */
		if (extra != 0 && strcmp(all[t]->name, "SignerInfo") != 0)
			fail_msg("%s has %ld parts and %zu rows", all[t]->name, it->tcount, all[t]->nrows);
		assert_int_equal(all[t]->choice, it->itype == ASN1_ITYPE_CHOICE);
		for (size_t i = 0, k = 0; i < all[t]->nrows; i++, k++) {
			while (extra != 0 && it->templates[k].offset != all[t]->rows[i].offset)
				k++;
			if (it->templates[k].offset != all[t]->rows[i].offset)
				fail_msg("%s.%s is not at its place", all[t]->name, all[t]->rows[i].name);
			assert_int_equal(all[t]->rows[i].most != 0, (it->templates[k].flags & ASN1_TFLG_SK_MASK) != 0);
		}
	}
}

static void
comes_back(const struct sp_type *type, struct t_fill *how)
{
	void *object = t_fill(type, how), *again = NULL;
	struct sp_buf der = {0}, der2 = {0};
	struct setpki_error err = {0};

	assert_non_null(object);
	if (sp_type_encode(type, object, &der, &err) != SETPKI_E_OK ||
	    sp_type_decode(type, sp_buf_bytes(&der), &again, &err) != SETPKI_E_OK)
		fail_msg("%s: %s: %s", type->name, err.object, err.message);
	t_ok(sp_type_encode(type, again, &der2, &err), &err);
	t_bytes(sp_buf_bytes(&der2), sp_buf_bytes(&der));
	sp_type_free(type, object);
	sp_type_free(type, again);
	sp_buf_free(&der);
	sp_buf_free(&der2);
}

static void
what_is_written_is_read(void **state)
{
	(void)state;
	for (size_t t = 0; t < nall; t++)
		for (unsigned bits = 0; bits < 16; bits++) {
			struct t_fill how = {.size = bits & 1 ? T_FILL_MOST : T_FILL_LEAST,
			    .optional = (bits & 2) != 0,
			    .bmp = (bits & 4) != 0,
			    .arm = (bits & 8) != 0};

			comes_back(all[t], &how);
		}
}

/* One row wrong in an otherwise good object: not written, and not read when somebody else wrote it. */
static void
refused(const struct sp_type *type, const struct sp_row *r, struct t_fill *how, const char *what)
{
	void *object = t_fill(type, how), *again = NULL;
	struct sp_buf out = {0};
	struct setpki_error err = {0};
	unsigned char *der = NULL;
	int n;

	assert_non_null(object);
	assert_true(how->hit);
	if (sp_type_encode(type, object, &out, NULL) != SETPKI_E_ARGUMENT)
		fail_msg("%s.%s %s was written", type->name, r->name, what);
	assert_int_equal(out.n, 0);
	n = ASN1_item_i2d(object, &der, type->item());
	assert_true(n > 0);
	if (sp_type_decode(type, sp_bytes(der, (size_t)n), &again, &err) == SETPKI_E_OK)
		fail_msg("%s.%s %s was read", type->name, r->name, what);
	assert_null(again);
	if (err.code == SETPKI_E_PARSE && strstr(err.message, r->name) == NULL)
		fail_msg("%s.%s %s: %s", type->name, r->name, what, err.message);
	OPENSSL_free(der);
	sp_buf_free(&out);
	sp_type_free(type, object);
}

static void
beyond(const struct sp_type *type, size_t row, int64_t n, bool members, const char *what)
{
	struct t_fill how = {.size = T_FILL_LEAST,
	    .optional = true,
	    .arm = type->choice ? (int)row : 0,
	    .wrong_type = type,
	    .wrong_row = row,
	    .wrong = n,
	    .wrong_members = members};

	refused(type, &type->rows[row], &how, what);
}

#define TOO_LONG_TO_TRY 25000

static void
each_bound_is_one(void **state)
{
	size_t tried = 0;

	(void)state;
	for (size_t t = 0; t < nall; t++)
		for (size_t i = 0; i < all[t]->nrows; i++) {
			const struct sp_row *r = &all[t]->rows[i];
			bool number = r->kind == SP_ROW_INT || r->kind == SP_ROW_ENUM;
			bool sized = r->kind == SP_ROW_OCTETS || r->kind == SP_ROW_TEXT || r->kind == SP_ROW_DIGITS ||
			    r->kind == SP_ROW_SETSTRING;
			/* an INTEGER of a serial is checked as octets */
			bool serial = strcmp(r->name, "serialNumber") == 0;

			if ((number || (sized && r->min > 0)) && !serial && ++tried)
				beyond(all[t], i, r->min - 1, false, "below its bound");
			if (((number && r->max < INT64_MAX) || (sized && r->max < TOO_LONG_TO_TRY)) && !serial &&
			    ++tried)
				beyond(all[t], i, r->max + 1, false, "above its bound");
			if (r->most != 0 && r->least > 0 && ++tried)
				beyond(all[t], i, (int64_t)r->least - 1, true, "with too few members");
			if (r->most != 0 && r->most < 1000 && ++tried)
				beyond(all[t], i, (int64_t)r->most + 1, true, "with too many members");
		}
	assert_true(tried > 150);
}

static void
reserved_numbers_are_refused(void **state)
{
	size_t tried = 0;

	(void)state;
	for (size_t t = 0; t < nall; t++)
		for (size_t i = 0; i < all[t]->nrows; i++) {
			const struct sp_row *r = &all[t]->rows[i];

			for (int64_t v = r->min; r->kind == SP_ROW_ENUM && v <= r->max; v++)
				if (r->names[v] == NULL && ++tried)
					beyond(all[t], i, v, false, "with a reserved number");
		}
	assert_true(tried > 10);
}

static void
digits_are_digits(void **state)
{
	void *object;
	struct setpki_error err = {0};
	/* AcquirerID below [1]: a NumericString may have blanks, a BIN may not */
	setpki_bytes der = t_hex("a108 1206 343030203030");

	(void)state;
	t_code(sp_type_decode(&sp_type_id_data, der, &object, &err), SETPKI_E_PARSE, &err);
	assert_non_null(strstr(err.message, "not digits"));
}

/* A closed element longer than its row allows: an AlgorithmIdentifier of 129 bytes. */
static void
closed_elements_have_bounds(void **state)
{
	struct t_fill how = {.size = T_FILL_LEAST};
	SP_CERT_THUMB *thumb = t_fill(&sp_type_cert_thumb, &how);
	struct sp_buf alg = {0}, out = {0};
	static const uint8_t zeros[128];
	size_t seq = sp_der_open(&alg, SP_SEQUENCE);

	(void)state;
	sp_der_put_octets(&alg, sp_bytes(zeros, 124));
	sp_der_close(&alg, seq);
	assert_int_equal(alg.n, 128);
	assert_true(sp_str_set(&thumb->alg, V_ASN1_SEQUENCE, sp_buf_bytes(&alg)));
	t_ok(sp_type_encode(&sp_type_cert_thumb, thumb, &out, NULL), NULL);
	sp_buf_reset(&alg);
	seq = sp_der_open(&alg, SP_SEQUENCE);
	sp_der_put_octets(&alg, sp_bytes(zeros, 125));
	sp_der_close(&alg, seq);
	assert_true(sp_str_set(&thumb->alg, V_ASN1_SEQUENCE, sp_buf_bytes(&alg)));
	t_code(sp_type_encode(&sp_type_cert_thumb, thumb, &out, NULL), SETPKI_E_ARGUMENT, NULL);
	sp_type_free(&sp_type_cert_thumb, thumb);
	sp_buf_free(&alg);
	sp_buf_free(&out);
}

static void
one_key_at_least(void **state)
{
	struct t_fill how = {.optional = false};
	SP_CERT_REQ_DATA *d = t_fill(&sp_type_cert_req_data, &how);
	struct sp_buf out = {0};
	struct setpki_error err = {0};

	(void)state;
	ASN1_STRING_free(d->keys->sig);
	d->keys->sig = NULL;
	t_code(sp_type_encode(&sp_type_cert_req_data, d, &out, &err), SETPKI_E_ARGUMENT, &err);
	assert_non_null(strstr(err.message, "PublicKeySorE has none of its parts"));
	sp_type_free(&sp_type_cert_req_data, d);
	sp_buf_free(&out);
}

/* Tags of the parts in their order, all OPTIONAL ones present, from set-protocol section 2, 3, 4, 10 and 12.19. */
static const struct {
	const struct sp_type *type;
	const char *tags;
	int arm;
} tags[] = {
    {&sp_type_thumbs, "30 a0 a1 a2", 0},
    {&sp_type_cert_thumb, "30 04", 0},
    {&sp_type_back_key, "30 04", 0},
    {&sp_type_pan_data0, "12 12 04 04", 0},
    {&sp_type_pan_only, "12 04", 0},
    {&sp_type_acct_data, "1a 04", 0},
    {&sp_type_message_header, "02 18 a0 81 1a", 0},
    {&sp_type_message_wrapper, "30 a0 a1", 0},
    {&sp_type_error_tbs, "0a 04 80 a1 a2", 0},
    {&sp_type_crl_notification_tbs, "18 30", 0},
    {&sp_type_bci_distribution_tbs, "18 30", 0},
    {&sp_type_card_c_init_req, "04 04 04 1a a0", 0},
    {&sp_type_card_c_init_res_tbs, "04 04 04 04 a0 a1 a2", 0},
    {&sp_type_me_aq_c_init_req, "04 04 04 0a a0 1a 1a a0", 0},
    {&sp_type_me_aq_c_init_req, "04 04 04 0a a1 1a 1a a0", 1},
    {&sp_type_reg_form_req_data, "04 04 04 80 0a 1a a1", 0},
    {&sp_type_reg_form_res_tbs, "04 04 04 80 04 a1 0a a0 a2 a3", 0},
    {&sp_type_reg_form_res_tbs, "04 04 04 80 04 a1 0a a1 a2 a3", 1},
    {&sp_type_me_aq_c_init_res_tbs, "04 04 04 80 04 0a a0 a1 a2 a3 a4", 0},
    {&sp_type_cert_req_data, "04 04 04 80 81 0a 18 a2 02 a3 a4 30 a5 a6", 0},
    {&sp_type_cert_res_data, "04 04 04 04 30 a0 a1 a2", 0},
    {&sp_type_cert_inq_req_tbs, "04 04 04 04", 0},
    {&sp_type_signed_data, "02 30 30 a2 a3 30", 0},
    {&sp_type_enveloped_data, "02 30 30", 0},
    {&sp_type_encrypted_data, "02 30", 0},
    {&sp_type_digested_data, "02 30 30 04", 0},
    {&sp_type_linkage, "30 30", 0},
    {&sp_type_signed_beside, "30 30", 0},
    {&sp_type_with_baggage, "30 30", 0},
    {&sp_type_oi_data, "30 04 04 30 04 04 1a 12", 0},
    {&sp_type_pi_head, "30 30 1a 04 1a", 0},
    {&sp_type_pi_dual_signed, "30 30", 0},
    {&sp_type_preq_dual_signed, "30 30", 0},
    /* choices: the tag of the arm itself */
    {&sp_type_id_data, "a0", 0},
    {&sp_type_id_data, "a1", 1},
    {&sp_type_acct_info, "a0", 0},
    {&sp_type_acct_info, "a1", 1},
    {&sp_type_error, "a0", 0},
    {&sp_type_error, "a1", 1},
    {&sp_type_cert_req, "a0", 0},
    {&sp_type_cert_req, "a1", 1},
    {&sp_type_cert_res, "a0", 0},
    {&sp_type_cert_res, "a1", 1},
};

static void
tags_are_those_of_the_document(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(types); i++) {
		bool found = false;

		for (size_t k = 0; k < NELEMS(tags); k++)
			found |= tags[k].type == types[i];
		if (!found)
			fail_msg("%s has no row of tags", types[i]->name);
	}
	for (size_t i = 0; i < NELEMS(tags); i++) {
		struct t_fill how = {.optional = true, .arm = tags[i].arm};
		void *object = t_fill(tags[i].type, &how);
		struct sp_buf der = {0}, seen = {0};
		struct setpki_error err = {0};
		struct sp_der d, inner;
		struct sp_tlv t;

		t_ok(sp_type_encode(tags[i].type, object, &der, &err), &err);
		d = inner = sp_der(sp_buf_bytes(&der));
		if (!tags[i].type->choice)
			assert_true(sp_der_enter(&d, SP_SEQUENCE, &inner));
		while (sp_der_any(&inner, &t))
			sp_buf_add_byte(&seen, t.tag);
		if (!sp_bytes_eq(sp_buf_bytes(&seen), t_hex(tags[i].tags)))
			print_error("%s:\n", tags[i].type->name);
		t_bytes(sp_buf_bytes(&seen), t_hex(tags[i].tags));
		sp_type_free(tags[i].type, object);
		sp_buf_free(&der);
		sp_buf_free(&seen);
	}
}

static bool
optional(const struct sp_type *type, size_t part)
{
	return (type->item()->templates[part].flags & ASN1_TFLG_OPTIONAL) != 0;
}

/* Each element dropped, doubled, swapped with the next one, made BER, given another tag: refused. */
static void
mutate(const struct sp_type *type, setpki_bytes der)
{
	struct sp_der d = sp_der(der), seq;
	struct sp_tlv parts[16];
	size_t n = 0;

	if (type->choice || !sp_der_enter(&d, SP_SEQUENCE, &seq))
		return;
	while (n < NELEMS(parts) && sp_der_any(&seq, &parts[n]))
		n++;
	for (size_t at = 0; at < n; at++)
		for (int how = 0; how < 4; how++) {
			struct sp_buf b = {0};
			size_t mark = sp_der_open(&b, SP_SEQUENCE);
			bool may = false;
			void *object;

			for (size_t i = 0; i < n; i++) {
				size_t from = how == 2 && at + 1 < n ? (i == at ? at + 1 : i == at + 1 ? at : i) : i;

				if (how == 0 && i == at)
					continue;
				sp_buf_add_bytes(&b, parts[from].whole);
				if (how == 1 && i == at)
					sp_buf_add_bytes(&b, parts[from].whole);
				if (how == 3 && i == at)
					b.p[b.n - parts[from].whole.n] = SP_CTX(30);
			}
			sp_der_close(&b, mark);
			/* what the document leaves open: an OPTIONAL part dropped (or one before it of the same type),
			 * two of one type swapped */
			may |= how == 0 && optional(type, at);
			may |= how == 0 && at + 1 < n && parts[at].tag == parts[at + 1].tag && optional(type, at + 1);
			may |= how == 2 && (at + 1 == n || parts[at].tag == parts[at + 1].tag);
			if (sp_type_decode(type, sp_buf_bytes(&b), &object, NULL) == SETPKI_E_OK && !may)
				fail_msg("%s part %zu, mutation %d was read", type->name, at + 1, how);
			sp_type_free(type, object);
			sp_buf_free(&b);
		}
}

static void
parts_dropped_doubled_swapped_or_of_another_tag(void **state)
{
	(void)state;
	for (size_t t = 0; t < nall; t++) {
		struct t_fill how = {.size = T_FILL_LEAST, .optional = true};
		void *object = t_fill(all[t], &how);
		struct sp_buf der = {0};
		struct setpki_error err = {0};

		t_ok(sp_type_encode(all[t], object, &der, &err), &err);
		mutate(all[t], sp_buf_bytes(&der));
		/* something after the end; too long; not DER */
		sp_type_free(all[t], object);
		sp_buf_add_byte(&der, 0);
		t_code(sp_type_decode(all[t], sp_buf_bytes(&der), &object, NULL), SETPKI_E_PARSE, NULL);
		t_code(sp_type_decode(all[t], sp_bytes(der.p, all[t]->max + 1), &object, NULL), SETPKI_E_LIMIT, NULL);
		sp_buf_free(&der);
	}
}

static void
defaults_are_not_read_when_written(void **state)
{
	static const struct {
		const char *name;
		const struct sp_type *type;
		const char *der;
	} rows[] = {
	    {"revision 0 in a MessageHeader", &sp_type_message_header,
		"301a 020101 020100 180f 32303236313132333132303030305a 1a0161"},
	    {"revision 1 in a MessageHeader", &sp_type_message_header,
		"301a 020101 020101 180f 32303236313132333132303030305a 1a0161"},
	    {"critical FALSE", &sp_type_message_wrapper,
		"302f 3017 020101 180f 32303236313132333132303030305a 1a0161 a004 a002 0500 a10e 300c 06022a03 010100 "
		"0403 616263"},
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		void *object;

		t_ok(sp_der_walk(t_hex(rows[i].der), NULL), NULL);
		if (sp_type_decode(rows[i].type, t_hex(rows[i].der), &object, NULL) != SETPKI_E_PARSE)
			fail_msg("%s", rows[i].name);
	}
}

static void
every_arm_has_its_tag(void **state)
{
	struct t_fill how = {.optional = true};
	SP_MESSAGE_HEADER *header = t_fill(&sp_type_message_header, &how);

	(void)state;
	for (unsigned n = 0; n <= 1000; n++) {
		const struct sp_arm *arm = sp_arm(n);
		struct sp_buf der = {0};
		struct sp_message m;
		struct setpki_error err = {0};

		assert_int_equal(arm != NULL, n <= 31 || n == 999);
		t_ok(sp_message_put(header, (enum sp_arm_number)n, t_hex("3000"), &der, &err), &err);
		t_ok(sp_der_walk(sp_buf_bytes(&der), &err), &err);
		if (arm == NULL) {
			t_code(sp_message_read(sp_buf_bytes(&der), &m, NULL), SETPKI_E_PARSE, NULL);
		} else {
			t_ok(sp_message_read(sp_buf_bytes(&der), &m, &err), &err);
			assert_int_equal(m.arm->number, n);
			assert_int_equal(m.arm->type != NULL, n >= 22);
			t_bytes(m.pdu, t_hex("3000"));
			sp_message_free(&m);
		}
		if (n == 999) /* [999]: BF 87 67 */
			assert_non_null(memmem(der.p, der.n, "\xa0\x06\xbf\x87\x67\x02\x30\x00", 8));
		sp_buf_free(&der);
	}
	sp_type_free(&sp_type_message_header, header);
}

static void
secrets_are_cleansed(void **state)
{
	struct t_fill how = {.optional = true};
	ASN1_OCTET_STRING *nonce;
	uint8_t *data;
	SP_PAN_DATA0 *p = t_fill(&sp_type_pan_data0, &how);
	ASN1_VALUE *value = (ASN1_VALUE *)p;

	(void)state;
	nonce = p->card_secret;
	data = nonce->data;
	assert_int_equal(data[0], 'x');
	assert_int_equal(sp_type_cleanse(ASN1_OP_FREE_PRE, &value, ASN1_ITEM_rptr(SP_PAN_DATA0), NULL), 1);
	for (int i = 0; i < nonce->length; i++)
		assert_int_equal(data[i], 0);
	assert_int_equal(p->pan->data[0], 0);
	sp_type_free(&sp_type_pan_data0, p);
}

static int
start(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(types); i++)
		collect(types[i]);
	return 0;
}

static int
done(void **state)
{
	(void)state;
	t_hex_free();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_are_the_templates),
	    cmocka_unit_test(what_is_written_is_read),
	    cmocka_unit_test(each_bound_is_one),
	    cmocka_unit_test(reserved_numbers_are_refused),
	    cmocka_unit_test(digits_are_digits),
	    cmocka_unit_test(closed_elements_have_bounds),
	    cmocka_unit_test(one_key_at_least),
	    cmocka_unit_test(tags_are_those_of_the_document),
	    cmocka_unit_test(parts_dropped_doubled_swapped_or_of_another_tag),
	    cmocka_unit_test(defaults_are_not_read_when_written),
	    cmocka_unit_test(every_arm_has_its_tag),
	    cmocka_unit_test(secrets_are_cleansed),
	};

	return cmocka_run_group_tests(tests, start, done);
}
