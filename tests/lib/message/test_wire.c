/* General receive, and Errors both ways: lib/message/{wire,error}.c. */
#include "lib/der/writer.h"
#include "lib/message/wire.h"
#include "tests/support/check.h"
#include "tests/support/parties.h"

#define NOW INT64_C(1795521600)

static setpki_ctx *ctx;
static const uint8_t rrpid[20] = "request number one..", lid[3] = {1, 2, 3};

/* A CardCInitReq that says nothing but its brand. */
static void
pdu(struct sp_buf *out)
{
	size_t seq = sp_der_open(out, SP_SEQUENCE);

	sp_der_put_octets(out, SP_BYTES(rrpid));
	sp_der_put_octets(out, SP_BYTES(lid));
	sp_der_put_octets(out, SP_BYTES(rrpid));
	sp_der_put_str(out, SP_VISIBLE, "Demo");
	sp_der_close(out, seq);
}

static void
put(const struct sp_outgoing *o, struct sp_buf *out)
{
	struct sp_buf p = {0};

	pdu(&p);
	t_ok(sp_wire_put(o, sp_buf_bytes(&p), out, NULL), NULL);
	sp_buf_free(&p);
}

static struct sp_outgoing
plain(void)
{
	return (struct sp_outgoing){.now = NOW,
	    .rrpid = SP_BYTES(rrpid),
	    .lid_c = SP_BYTES(lid),
	    .software = "test",
	    .arm = SP_ARM_CARD_C_INIT_REQ};
}

static void
what_is_sent_is_received(void **state)
{
	struct sp_outgoing o = plain();
	struct sp_incoming in;
	struct sp_fault f = {0};
	struct sp_buf out = {0};

	(void)state;
	put(&o, &out);
	t_ok(sp_wire_read(sp_buf_bytes(&out), NOW, &in, &f), &f.why);
	assert_int_equal(in.m.arm->number, SP_ARM_CARD_C_INIT_REQ);
	assert_int_equal(in.date, NOW);
	t_bytes(in.rrpid, SP_BYTES(rrpid));
	t_bytes(in.lid_c, SP_BYTES(lid));
	assert_int_equal(in.lid_m.n, 0);
	sp_incoming_free(&in);
	sp_buf_free(&out);
}

/* What is changed in a good wrapper, and the Error that answers it. */
enum change { NOTHING, CUT, APPEND, VERSION, EXTENSION, EXTENSION_CRITICAL, BIG };

static struct row {
	const char *name;
	enum setpki_error_code code;
	enum change change;
	int64_t date, version;
	enum sp_arm_number arm;
	bool no_rrpid;
} rows[] = {
    {"good", SETPKI_ERR_NONE, NOTHING, 0, 0, 0, false},
    {"a quarter of an hour ahead", SETPKI_ERR_NONE, NOTHING, SP_DATE_FUTURE_S, 0, 0, false},
    {"more than that ahead", SETPKI_ERR_MESSAGE_TOO_NEW, NOTHING, SP_DATE_FUTURE_S + 1, 0, 0, false},
    {"a day behind", SETPKI_ERR_NONE, NOTHING, -SP_DATE_PAST_S, 0, 0, false},
    {"more than that behind", SETPKI_ERR_MESSAGE_TOO_OLD, NOTHING, -SP_DATE_PAST_S - 1, 0, 0, false},
    {"cut short", SETPKI_ERR_DECODING_FAILURE, CUT, 0, 0, 0, false},
    {"an octet too many", SETPKI_ERR_DECODING_FAILURE, APPEND, 0, 0, 0, false},
    {"version 0", SETPKI_ERR_VERSION_TOO_OLD, VERSION, 0, 0, 0, false},
    {"version 2", SETPKI_ERR_VERSION_TOO_NEW, VERSION, 0, 2, 0, false},
    {"an extension", SETPKI_ERR_NONE, EXTENSION, 0, 0, 0, false},
    {"a critical extension", SETPKI_ERR_UNRECOGNIZED_EXTENSION, EXTENSION_CRITICAL, 0, 0, 0, false},
    {"too big", SETPKI_ERR_MESSAGE_TOO_BIG, BIG, 0, 0, 0, false},
    {"a payment message", SETPKI_ERR_MESSAGE_NOT_SUPPORTED, NOTHING, 0, 0, (enum sp_arm_number)2, false},
    {"no rrpid", SETPKI_ERR_BAD_MESSAGE_HEADER, NOTHING, 0, 0, 0, true},
    {"an Error without rrpid", SETPKI_ERR_NONE, NOTHING, 0, 0, SP_ARM_ERROR, true},
};

/* The wrapper with an mwExtensions of one extension. */
static void
extend(struct sp_buf *wrapper, bool critical)
{
	void *object;
	SP_MESSAGE_WRAPPER *w;
	SP_MSG_EXTENSION *x = (SP_MSG_EXTENSION *)ASN1_item_new(ASN1_ITEM_rptr(SP_MSG_EXTENSION));

	t_ok(sp_type_decode(&sp_type_message_wrapper, sp_buf_bytes(wrapper), &object, NULL), NULL);
	w = object;
	assert_true(sp_obj_set(&x->id, t_hex("2a0304")));
	x->critical = critical ? 0xff : 0;
	assert_true(sp_str_set(&x->value, V_ASN1_OCTET_STRING, t_hex("0500")));
	w->extensions = sk_SP_MSG_EXTENSION_new_null();
	assert_true(sk_SP_MSG_EXTENSION_push(w->extensions, x) > 0);
	sp_buf_reset(wrapper);
	t_ok(sp_type_encode(&sp_type_message_wrapper, w, wrapper, NULL), NULL);
	sp_type_free(&sp_type_message_wrapper, object);
}

static void
change(const struct row *r, struct sp_buf *w)
{
	switch (r->change) {
	case CUT:
		w->n--;
		break;
	case APPEND:
		sp_buf_add_byte(w, 0);
		break;
	case VERSION: /* the first INTEGER in the header */
		assert_int_equal(w->p[4], SP_INTEGER);
		w->p[6] = (uint8_t)r->version;
		break;
	case EXTENSION:
	case EXTENSION_CRITICAL:
		extend(w, r->change == EXTENSION_CRITICAL);
		break;
	case BIG:
		assert_non_null(sp_buf_extend(w, SP_MESSAGE_MAX));
		break;
	case NOTHING:
		break;
	}
}

static void
receive_row(void **state)
{
	const struct row *r = *state;
	struct sp_outgoing o = plain();
	struct sp_incoming in;
	struct sp_fault f = {0};
	struct sp_buf out = {0};
	enum setpki_code rc;

	o.now += r->date;
	o.arm = r->arm != 0 ? r->arm : o.arm;
	if (r->no_rrpid)
		o.rrpid = sp_bytes(NULL, 0);
	put(&o, &out);
	change(r, &out);
	rc = sp_wire_read(sp_buf_bytes(&out), NOW, &in, &f);
	assert_string_equal(setpki_error_code_name(f.code), setpki_error_code_name(r->code));
	assert_int_equal(rc, r->code == SETPKI_ERR_NONE ? SETPKI_E_OK : SETPKI_E_RULE);
	assert_int_equal(f.noid != 0, r->code == SETPKI_ERR_UNRECOGNIZED_EXTENSION);
	sp_incoming_free(&in);
	sp_buf_free(&out);
}

/* --- Error ------------------------------------------------------------------------------------- */

/* An Error about `sent`, read again; the caller frees. */
static void
error_about(setpki_bytes sent, const struct setpki_party *signer, struct sp_buf *wrapper, struct sp_error_got *got)
{
	const struct sp_error_ask ask = {
	    .suite = SETPKI_SUITE_MODERN, .signer = signer, .now = NOW, .software = "test"};
	struct sp_incoming in, back;
	struct sp_fault f = {0};

	if (sp_wire_read(sent, NOW, &in, &f) == SETPKI_E_OK)
		assert_int_equal(sp_fault(&f, SETPKI_ERR_UNKNOWN_LID, "a test"), SETPKI_E_RULE);
	f.nthumb = 32;
	t_ok(sp_error_put(ctx, &ask, &in, &f, wrapper, NULL), NULL);
	t_ok(sp_wire_read(sp_buf_bytes(wrapper), NOW, &back, &(struct sp_fault){0}), NULL);
	t_ok(sp_error_read(&back, got, NULL), NULL);
	assert_int_equal(got->code, f.code);
	assert_int_equal(got->is_signed, signer != NULL);
	sp_incoming_free(&back);
	sp_incoming_free(&in);
}

static void
errors_are_about_one_message(void **state)
{
	const struct t_suite *modern = &t_suites(ctx)[1];
	struct sp_outgoing o = plain();
	struct sp_buf sent = {0}, wrapper = {0};
	struct sp_error_got e;
	static const uint8_t other[20] = "another request.....";

	(void)state;
	put(&o, &sent);
	for (size_t i = 0; i < 2; i++) {
		error_about(sp_buf_bytes(&sent), i == 0 ? NULL : &modern->alice, &wrapper, &e);
		assert_true(sp_error_about(&e, sp_buf_bytes(&sent), SP_BYTES(rrpid)));
		assert_false(sp_error_about(&e, sp_buf_bytes(&sent), SP_BYTES(other)));
		sp_error_got_free(&e);
		sp_buf_reset(&wrapper);
	}
	/* one that cannot be read is repeated, as far as 1 kB goes */
	for (size_t n = 1; n < 2000; n += 999) {
		uint8_t junk[2000] = {0x31};

		error_about(sp_bytes(junk, n), NULL, &wrapper, &e);
		assert_true(sp_error_about(&e, sp_bytes(junk, n), sp_bytes(NULL, 0)));
		assert_false(sp_error_about(&e, sp_buf_bytes(&sent), SP_BYTES(rrpid)));
		assert_true(wrapper.n < 1024 + 200);
		sp_error_got_free(&e);
		sp_buf_reset(&wrapper);
	}
	sp_buf_free(&sent);
	sp_buf_free(&wrapper);
}

static int
setup(void **state)
{
	(void)state;
	return setpki_ctx_new(NULL, &ctx, NULL) == SETPKI_E_OK ? 0 : -1;
}

static int
teardown(void **state)
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
	struct CMUnitTest tests[NELEMS(rows) + 2];
	size_t n;

	for (n = 0; n < NELEMS(rows); n++)
		tests[n] = (struct CMUnitTest){rows[n].name, receive_row, NULL, NULL, &rows[n]};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(what_is_sent_is_received);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(errors_are_about_one_message);
	return _cmocka_run_group_tests("wire", tests, n, setup, teardown);
}
