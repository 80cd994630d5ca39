#include "tests/support/front.h"

#include "ca/register/private.h"
#include "lib/crypto/enc.h"
#include "lib/x509/cert.h"
#include "tests/support/check.h"
#include "tests/support/home.h"
#include "tests/support/scratch.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

/* --- what is at hand ---------------------------------------------------------------------------- */

static EVP_PKEY *
held(EVP_PKEY *key)
{
	assert_int_equal(EVP_PKEY_up_ref(key), 1);
	return key;
}

/* The type that a holder's first certificates are asked for with. */
static enum setpki_request_type
initial(const struct setpki_request_row *row)
{
	bool both = row->renewal && row->enc;

	if (row->holder == SETPKI_TYPE_CARD)
		return SETPKI_CARD_INITIAL_SIG;
	if (row->holder == SETPKI_TYPE_MER)
		return both ? SETPKI_MER_INITIAL_BOTH : SETPKI_MER_INITIAL_SIG;
	return both ? SETPKI_PGWY_INITIAL_BOTH : SETPKI_PGWY_INITIAL_SIG;
}

/* Whoever renews says again who he is: the session of the certificate before does not tell. */
static void
renew(struct t_front *h, struct t_enrollee *p, struct t_enrollee *victim, enum setpki_request_type type)
{
	char text[24];
	bool card = setpki_request_row(type)->holder == SETPKI_TYPE_CARD;
	struct setpki_enroll_ask ask = {.type = type,
	    .old_cert = setpki_enroll_cert(victim->e, false),
	    .old_enc_cert = setpki_enroll_cert(victim->e, true),
	    .old_key = held(victim->ask.sig_key)};

	t_front_name(h, setpki_request_row(type), h->people, text);
	if (card)
		ask.pan = text;
	else
		ask.id = text;
	if (setpki_request_row(type)->enc)
		ask.enc_key = held(t_front_spare());
	t_front_party(h, p, &ask);
}

void
t_attack_take(struct t_attack *a)
{
	setpki_bytes key;

	t_forge_close(&a->f);
	t_forge_open(&a->f, &a->p);
	key = a->f.data != NULL && a->f.data->back_key != NULL ? sp_str(a->f.data->back_key->key) : sp_bytes(NULL, 0);
	assert_true(key.n <= sizeof(a->back_key));
	if (key.n != 0)
		memcpy(a->back_key, key.p, key.n);
}

void
t_attack_by(struct t_attack *a, enum setpki_request_type type)
{
	static struct sp_cert cert;
	struct t_enrollee *somebody = &a->h->somebody;
	struct setpki_error err = {0};

	t_enrollee_close(somebody);
	t_front_party(a->h, somebody, &(const struct setpki_enroll_ask){.type = type});
	assert_int_equal(t_enrollee_run(somebody), SETPKI_ENROLL_DONE);
	t_ok(sp_cert_parse(setpki_enroll_cert(somebody->e, false), &cert, &err), &err);
	a->f.signers[1] =
	    (struct setpki_party){.issuer = cert.issuer, .serial = cert.serial, .key = somebody->ask.sig_key};
}

static void
prepare(struct t_attack *a, enum setpki_request_type type)
{
	const struct setpki_request_row *row = setpki_request_row(type);
	struct setpki_enroll_ask ask = {.type = type};

	if (row->by_certificate) {
		ask.type = initial(row);
		t_front_party(a->h, &a->victim, &ask);
		assert_int_equal(t_enrollee_run(&a->victim), SETPKI_ENROLL_DONE);
		renew(a->h, &a->p, &a->victim, type);
	} else {
		ask.enc_key = row->enc ? held(t_front_spare()) : NULL;
		t_front_party(a->h, &a->p, &ask);
	}
	t_attack_take(a);
}

/* --- what it leaves behind ---------------------------------------------------------------------- */

static void
left_behind(struct t_attack *a, const struct t_attack_row *row, struct t_census *before)
{
	struct t_census after;

	t_census(a->h, &after);
	before->certs += row->issued;
	if (row->record != T_NO_RECORD)
		before->requests[row->record]++;
	assert_int_equal(after.certs, before->certs);
	assert_int_equal(after.intents, 0);
	for (int i = 0; i < CA_REQUEST_STATES; i++)
		assert_int_equal(after.requests[i], before->requests[i]);
}

/* --- the answer --------------------------------------------------------------------------------- */

/* The key of whichever CA signed. */
static EVP_PKEY *
key_of_ca(void *arg, size_t i, const struct sp_signer *who, setpki_bytes content)
{
	const struct t_front *h = arg;

	(void)i;
	(void)content;
	for (size_t k = 0; k < h->r.reg->ng; k++) {
		const struct setpki_party *p = &h->r.reg->g[k].v[0].sign;

		if (sp_bytes_eq(p->issuer, who->issuer) && sp_bytes_eq(p->serial, sp_signer_serial(who)))
			return p->key;
	}
	return NULL;
}

static void
is_error(struct t_attack *a, const struct sp_incoming *in, enum setpki_error_code code)
{
	const struct sp_verify_ask keys = {SP_CT_ERROR_TBS, NULL, key_of_ca, a->h};
	struct sp_error_got e = {0};
	struct setpki_error err = {0};
	bool first;

	t_ok(sp_error_read(in, &e, &err), &err);
	assert_int_equal(e.code, code);
	assert_true(sp_error_about(&e, sp_buf_bytes(&a->wrapper), in->rrpid));
	if (e.is_signed)
		t_ok(sp_sdata_verify_all(t_ctx(), a->h->r.home->policy->suite, &e.data, e.data.content, e.data.content,
			 &keys, &first, &err),
		    &err);
	sp_error_got_free(&e);
}

/* Opened with the back key that the attacker has put into the request, if there is one. */
static void
open_cert_res(struct t_attack *a, const SP_CERT_RES *res, struct sp_sdata *s)
{
	const struct sp_verify_ask keys = {SP_CT_CERT_RES_DATA, NULL, key_of_ca, a->h};
	enum setpki_suite suite = a->h->r.home->policy->suite;
	struct setpki_error err = {0};
	bool first;

	if (res->type == 0) {
		const uint8_t *key = a->f.data != NULL ? sp_str(a->f.data->back_key->key).p : a->back_key;

		t_ok(sp_enck_open(t_ctx(), suite, SP_CT_CERT_RES_TBE, key, &keys, sp_str(res->value.enck), s, &err),
		    &err);
		return;
	}
	t_ok(sp_sdata_read(sp_str(res->value.s), s, &err), &err);
	t_ok(sp_sdata_verify_all(t_ctx(), suite, s, s->content, s->content, &keys, &first, &err), &err);
}

/* What comes along are certificates of CAs, and the new ones. */
static void
count_ends(const struct sp_sdata *s, unsigned issued)
{
	struct setpki_error err = {0};
	struct sp_cert c;
	unsigned ends = 0;

	for (size_t i = 0; i < s->ncerts; i++) {
		t_ok(sp_cert_parse(sp_sdata_cert(s, i), &c, &err), &err);
		ends += (c.type & SETPKI_TYPE_CA) == 0;
	}
	assert_int_equal(ends, issued);
}

static void
is_cert_res(struct t_attack *a, const struct sp_incoming *in, const struct t_attack_row *row)
{
	void *res = NULL, *data = NULL;
	struct setpki_error err = {0};
	struct sp_sdata s = {0};
	const SP_CERT_STATUS *status;

	t_ok(sp_type_decode(&sp_type_cert_res, in->m.pdu, &res, &err), &err);
	open_cert_res(a, res, &s);
	t_ok(sp_type_decode(&sp_type_cert_res_data, s.content, &data, &err), &err);
	status = ((SP_CERT_RES_DATA *)data)->status;
	assert_int_equal(sp_int(status->code), row->status);
	assert_true(row->issued != 0 || (status->nonce_cca == NULL && ((SP_CERT_RES_DATA *)data)->certs == NULL));
	count_ends(&s, row->issued);
	sp_type_free(&sp_type_cert_res_data, data);
	sp_type_free(&sp_type_cert_res, res);
	sp_sdata_free(&s);
}

static void
is_answered(struct t_attack *a, const struct t_attack_row *row, const struct ca_answer_read *got)
{
	struct sp_fault fault = {0};
	struct sp_incoming in;

	assert_int_equal(got->hint, CA_HINT_ANSWER);
	assert_string_equal(got->outcome,
	    row->error != SETPKI_ERR_NONE ? setpki_error_code_name(row->error) : setpki_status_name(row->status));
	t_ok(sp_wire_read(got->body, T_NOW, &in, &fault), &fault.why);
	if (in.m.arm->number == SP_ARM_ERROR)
		is_error(a, &in, row->error);
	else
		is_cert_res(a, &in, row);
	sp_incoming_free(&in);
}

static void
is_logged(struct t_attack *a, size_t from, const char *text)
{
	setpki_bytes log = scratch_read(a->h->worker.log);
	char rrpid[SETPKI_HEX_TEXT(SETPKI_NONCE_LEN)];
	struct sp_fault fault = {0};
	struct sp_incoming in;

	log = sp_bytes(log.p + from, log.n - from);
	if (memmem(log.p, log.n, text, strlen(text)) == NULL)
		fail_msg("\"%s\" is not in the log: %.*s", text, (int)log.n, (const char *)log.p);
	(void)!sp_wire_read(sp_buf_bytes(&a->wrapper), T_NOW, &in, &fault);
	if (in.rrpid.n != 0) {
		setpki_hex_text(in.rrpid, rrpid);
		assert_non_null(memmem(log.p, log.n, rrpid, strlen(rrpid)));
	}
	sp_incoming_free(&in);
}

/* --- an attack ---------------------------------------------------------------------------------- */

static void
attack(void **state)
{
	struct t_front *h = &the_front;
	const struct t_attack_row *row = *state;
	struct t_attack a = {.h = h};
	struct ca_answer_read got;
	struct t_census before;
	size_t log;

	prepare(&a, row->type);
	if (row->alter != NULL)
		row->alter(&a);
	if (a.wrapper.n == 0)
		t_forge_put(&a.f, &a.wrapper);
	t_census(h, &before);
	log = scratch_read(h->worker.log).n;
	t_worker_ask(&h->worker, ++h->id, sp_buf_bytes(&a.wrapper));
	t_front_hear(h, &got);
	is_answered(&a, row, &got);
	left_behind(&a, row, &before);
	if (row->logged != NULL)
		is_logged(&a, log, row->logged);
	sp_buf_free(&a.wrapper);
	t_forge_close(&a.f);
	t_enrollee_close(&a.p);
	t_enrollee_close(&a.victim);
}

int
t_attack_run(const char *group, const struct t_attack_row *rows, size_t n, const struct CMUnitTest *more, size_t nmore)
{
	struct CMUnitTest *all = calloc(n + nmore, sizeof(*all));
	int rc;

	assert_non_null(all);
	for (size_t i = 0; i < n; i++)
		all[i] = (struct CMUnitTest){rows[i].name, attack, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	for (size_t i = 0; i < nmore; i++)
		all[n + i] = more[i];
	rc = _cmocka_run_group_tests(group, all, n + nmore, t_front_start, t_front_stop);
	free(all);
	t_hex_free();
	return rc;
}

static void
use_classic(struct t_front *h)
{
	static const char *const edits[] = {"decide: [manual]", "decide: [accounts, manual]", NULL};

	h->policy = "policies/classic-1997.yaml";
	h->edits = edits;
	h->brand = "Classic";
	h->cards = "card";
	h->bank = "41234500";
}

int
t_attack_run_classic(
    const char *group, const struct t_attack_row *rows, size_t n, t_attack_fn *const *first, size_t nfirst)
{
	struct t_attack_row *classic = calloc(n, sizeof(*classic));
	int rc;

	assert_non_null(classic);
	for (size_t i = 0; i < n; i++) {
		classic[i] = rows[i];
		for (size_t k = 0; k < nfirst; k++)
			if (rows[i].alter == first[k]) {
				classic[i].status = SETPKI_STATUS_DECRYPTION_ERROR;
				classic[i].logged = "status=decryptionError";
			}
	}
	use_classic(&the_front);
	rc = t_attack_run(group, classic, n, NULL, 0);
	free(classic);
	return rc;
}
