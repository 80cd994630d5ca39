/* CertReqs that no honest party makes: altered before they are signed and sealed.  Each has its answer (set-protocol 8,
 * 12.6, 12.9, 12.19), and only those are recorded that passed the challenge. */
#include "lib/asn1/certreq.h"
#include "lib/message/enroll.h"
#include "tests/support/check.h"
#include "tests/support/enrollee.h"
#include "tests/support/home.h"

#include <openssl/crypto.h>

#define ASK(...) (&(const struct setpki_enroll_ask){__VA_ARGS__})

static struct t_registry r;
static struct t_enrollee p;
static struct setpki_error err;

/* --- altering ------------------------------------------------------------------------------------ */

static void (*alter)(SP_CERT_REQ_DATA *d);

enum setpki_code
__real_sp_type_encode(const struct sp_type *type, const void *object, struct sp_buf *out, struct setpki_error *e);
enum setpki_code
__wrap_sp_type_encode(const struct sp_type *type, const void *object, struct sp_buf *out, struct setpki_error *e);

enum setpki_code
__wrap_sp_type_encode(const struct sp_type *type, const void *object, struct sp_buf *out, struct setpki_error *e)
{
	if (type == &sp_type_cert_req_data && alter != NULL)
		alter((SP_CERT_REQ_DATA *)(uintptr_t)object);
	return __real_sp_type_encode(type, object, out, e);
}

static void
no_back_key(SP_CERT_REQ_DATA *d)
{
	ASN1_item_free((ASN1_VALUE *)d->back_key, ASN1_ITEM_rptr(SP_BACK_KEY));
	d->back_key = NULL;
}

static void
no_id_data(SP_CERT_REQ_DATA *d)
{
	ASN1_item_free((ASN1_VALUE *)d->id_data, ASN1_ITEM_rptr(SP_ID_DATA));
	d->id_data = NULL;
}

static void
no_lid_ca(SP_CERT_REQ_DATA *d)
{
	ASN1_OCTET_STRING_free(d->lid_ca);
	d->lid_ca = NULL;
}

static void
no_chall_ca(SP_CERT_REQ_DATA *d)
{
	ASN1_OCTET_STRING_free(d->chall_ca);
	d->chall_ca = NULL;
}

static void
wrong_chall_ca(SP_CERT_REQ_DATA *d)
{
	d->chall_ca->data[19] ^= 1;
}

static void
no_thumbs(SP_CERT_REQ_DATA *d)
{
	ASN1_item_free((ASN1_VALUE *)d->thumbs, ASN1_ITEM_rptr(SP_THUMBS));
	d->thumbs = NULL;
}

static void
no_form(SP_CERT_REQ_DATA *d)
{
	assert_int_equal(ASN1_INTEGER_set_int64(d->form_id, 0), 1);
}

static void
another_form(SP_CERT_REQ_DATA *d)
{
	assert_int_equal(ASN1_INTEGER_set_int64(d->form_id, 4711), 1);
}

static void
no_answers(SP_CERT_REQ_DATA *d)
{
	while (sk_SP_FORM_ITEM_num(d->form) > 0)
		ASN1_item_free((ASN1_VALUE *)sk_SP_FORM_ITEM_pop(d->form), ASN1_ITEM_rptr(SP_FORM_ITEM));
	sk_SP_FORM_ITEM_free(d->form);
	d->form = NULL;
}

/* --- each with its answer -------------------------------------------------------------------------- */

static const struct row {
	const char *name;
	enum setpki_request_type type;
	void (*alter)(SP_CERT_REQ_DATA *d);
	const char *expiry, *pan; /* in the envelope of the CertReq; NULL: as before */
	enum setpki_status status;
	enum setpki_error_code error;
} rows[] = {
    {"no back key", SETPKI_CARD_INITIAL_SIG, no_back_key, NULL, NULL, SETPKI_STATUS_UNABLE_TO_ENCRYPT, 0},
    {"a month that does not exist", SETPKI_CARD_INITIAL_SIG, NULL, "203013", NULL, SETPKI_STATUS_REJECTED_BY_ISSUER, 0},
    {"such a month, and no back key", SETPKI_CARD_INITIAL_SIG, no_back_key, "203013", NULL,
	SETPKI_STATUS_UNABLE_TO_ENCRYPT, 0},
    {"an expired card, and no back key", SETPKI_CARD_INITIAL_SIG, no_back_key, "202612", NULL,
	SETPKI_STATUS_UNABLE_TO_ENCRYPT, 0},
    {"no form where there is one", SETPKI_CARD_INITIAL_SIG, no_form, NULL, NULL, SETPKI_STATUS_INVALID_LANGUAGE, 0},
    {"a form that there is not", SETPKI_CARD_INITIAL_SIG, another_form, NULL, NULL, SETPKI_STATUS_INVALID_LANGUAGE, 0},
    {"another BIN than the form was for", SETPKI_CARD_INITIAL_SIG, NULL, NULL, "4999990000000006",
	SETPKI_STATUS_INVALID_BIN, 0},
    {"a BIN that is referred", SETPKI_CARD_INITIAL_SIG, NULL, NULL, "4123460000000007", SETPKI_STATUS_INVALID_BIN, 0},
    {"a number shorter than a BIN", SETPKI_CARD_INITIAL_SIG, NULL, NULL, "41234", SETPKI_STATUS_INVALID_BIN, 0},
    {"no answers to the form", SETPKI_CARD_INITIAL_SIG, no_answers, NULL, NULL, SETPKI_STATUS_FORM_MALFORMED, 0},
    {"a merchant without idData", SETPKI_MER_INITIAL_SIG, no_id_data, NULL, NULL, SETPKI_STATUS_INVALID_BIN, 0},
    {"no lid-CA", SETPKI_CARD_INITIAL_SIG, no_lid_ca, NULL, NULL, SETPKI_STATUS_NONE, SETPKI_ERR_UNKNOWN_LID},
    {"no chall-CA", SETPKI_CARD_INITIAL_SIG, no_chall_ca, NULL, NULL, SETPKI_STATUS_NONE,
	SETPKI_ERR_CHALLENGE_MISMATCH},
    {"a wrong chall-CA", SETPKI_CARD_INITIAL_SIG, wrong_chall_ca, NULL, NULL, SETPKI_STATUS_NONE,
	SETPKI_ERR_CHALLENGE_MISMATCH},
    {"no thumbs", SETPKI_CARD_INITIAL_SIG, no_thumbs, NULL, NULL, SETPKI_STATUS_NONE, SETPKI_ERR_THUMBS_MISMATCH},
};

static void
set_part(enum sp_part part, const char *text)
{
	if (text != NULL)
		t_ok(sp_part_set(&p.e->s, part, sp_bytes_str(text), &err), &err);
}

static bool
is_recorded(setpki_bytes wrapper)
{
	struct ca_request_record rec;
	struct ca_kept_record kept;
	uint8_t hash[32];
	bool recorded, is_kept;
	ca_txn *t;

	t_ok(sp_sha256(t_ctx(), wrapper, hash, &err), &err);
	t_ok(ca_txn_begin(r.home->store, false, &t, &err), &err);
	recorded = ca_request_by_wrapper(t, hash, &rec, NULL) == SETPKI_E_OK;
	is_kept = ca_kept_look(t, hash, &kept, NULL) == SETPKI_E_OK;
	ca_txn_abort(t);
	assert_int_equal(recorded, is_kept);
	if (recorded)
		assert_int_equal(rec.state, CA_REQUEST_REFUSED);
	ca_request_record_free(&rec);
	return recorded;
}

static void
has_its_answer(void **state)
{
	const struct row *row = *state;
	struct setpki_der answer;
	setpki_bytes request;

	t_enrollee_open(&p, &r, ASK(.type = row->type));
	while (setpki_enroll_step(p.e) == SETPKI_ENROLL_SEND)
		t_enrollee_post(&p);
	set_part(SP_PART_EXPIRY, row->expiry);
	set_part(SP_PART_PAN, row->pan);
	alter = row->alter;
	t_enrollee_until_cert_req(&p);
	alter = NULL;
	request = setpki_enroll_request(p.e);
	t_ok(ca_register_answer(r.reg, request, r.now, &answer, &r.note, &err), &err);
	setpki_der_free(&answer);
	assert_int_equal(r.note.status, row->status);
	assert_int_equal(r.note.error, row->error);
	assert_int_equal(is_recorded(request), row->error == SETPKI_ERR_NONE);
}

/* --- the program ----------------------------------------------------------------------------------- */

static int
start(void **state)
{
	(void)state;
	t_registry_start(&r, "asked", "policies/demo.yaml", NULL);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	t_registry_end(&r);
	return 0;
}

static int
close_party(void **state)
{
	(void)state;
	alter = NULL;
	t_enrollee_close(&p);
	memset(&err, 0, sizeof(err));
	return 0;
}

int
main(void)
{
	struct CMUnitTest tests[NELEMS(rows)];

	for (size_t i = 0; i < NELEMS(rows); i++)
		tests[i] =
		    (struct CMUnitTest){rows[i].name, has_its_answer, NULL, close_party, (void *)(uintptr_t)&rows[i]};
	return _cmocka_run_group_tests("register/asked", tests, NELEMS(rows), start, stop);
}
