#include "tests/support/forge.h"

#include "ca/register/private.h"
#include "lib/crypto/enc_inner.h"
#include "lib/der/writer.h"
#include "lib/message/parts.h"
#include "lib/x509/cert.h"
#include "tests/support/check.h"
#include "tests/support/home.h"

static enum setpki_suite
suite(const struct t_forgery *f)
{
	return f->r->home->policy->suite;
}

static void
encode(const struct sp_type *type, const void *object, struct sp_buf *out)
{
	struct setpki_error err = {0};

	t_ok(sp_type_encode(type, object, out, &err), &err);
}

static void *
decode(const struct sp_type *type, setpki_bytes der)
{
	struct setpki_error err = {0};
	void *object = NULL;

	t_ok(sp_type_decode(type, der, &object, &err), &err);
	return object;
}

/* --- taking apart ------------------------------------------------------------------------------- */

static const struct sp_enc_form *
form_of(const struct t_forgery *f, bool encx)
{
	return sp_cert_req_form(encx, f->row->holder);
}

/* Only the key block and the cipher: nothing that a signature has to do with. */
static void
open_envelope(struct t_forgery *f, setpki_bytes enveloped, bool encx)
{
	const struct setpki_responder_ca *ca;
	struct sp_opened opened = {0};
	struct sp_buf issuer = {0};
	struct setpki_error err = {0};
	struct sp_signer who;
	struct sp_seal seal;

	t_ok(sp_envelope_recipient(enveloped, &who, &issuer, &err), &err);
	t_ok(ca_reg_recipient(f->r->reg, who.issuer, sp_signer_serial(&who), &ca, &err), &err);
	f->to = ca->exchange;
	sp_enc_seal_of(form_of(f, encx), &seal);
	t_ok(sp_envelope_open(t_ctx(), suite(f), &ca->exchange, &seal, enveloped, &opened, &err), &err);
	if (encx) {
		SP_SIGNED_BESIDE *b = decode(&sp_type_signed_beside, opened.t);

		f->data = decode(&sp_type_cert_req_data, sp_str(b->t));
		f->so = b->so;
		b->so = NULL;
		sp_type_free(&sp_type_signed_beside, b);
	} else {
		struct sp_sdata s = {0};

		t_ok(sp_sdata_read(opened.t, &s, &err), &err);
		f->data = decode(&sp_type_cert_req_data, s.content);
		sp_sdata_free(&s);
	}
	sp_buf_add_bytes(&f->account, sp_buf_bytes(&opened.p));
	sp_opened_free(&opened);
	sp_buf_free(&issuer);
}

static void
open_inquiry(struct t_forgery *f)
{
	struct setpki_error err = {0};
	struct sp_sdata s = {0};

	t_ok(sp_sdata_read(f->in.m.pdu, &s, &err), &err);
	f->inquiry = decode(&sp_type_cert_inq_req_tbs, s.content);
	sp_sdata_free(&s);
}

static void
take_signers(struct t_forgery *f, const struct t_enrollee *p)
{
	struct sp_cert old;
	struct setpki_error err = {0};

	if (f->row->sig)
		f->signers[f->nsigners++] = (struct setpki_party){.key = p->ask.sig_key};
	if (!f->row->by_certificate)
		return;
	t_ok(sp_cert_parse(p->ask.old_cert, &old, &err), &err);
	f->signers[f->nsigners++] =
	    (struct setpki_party){.issuer = old.issuer, .serial = old.serial, .key = p->ask.old_key};
}

void
t_forge_open(struct t_forgery *f, struct t_enrollee *p)
{
	struct sp_fault fault = {0};

	memset(f, 0, sizeof(*f));
	f->r = p->r;
	f->row = setpki_request_row(p->ask.type);
	t_ok(sp_wire_read(setpki_enroll_request(p->e), f->r->now, &f->in, &fault), &fault.why);
	f->arm = (enum sp_arm_number)f->in.m.arm->number;
	f->date = f->in.date;
	memcpy(f->rrpid, f->in.rrpid.p, sizeof(f->rrpid));
	f->lid_c = f->in.lid_c;
	f->lid_m = f->in.lid_m;
	take_signers(f, p);
	if (f->arm == SP_ARM_CERT_REQ) {
		SP_CERT_REQ *q = decode(&sp_type_cert_req, f->in.m.pdu);

		open_envelope(f, sp_str(q->type == 0 ? q->value.encx : q->value.enc), q->type == 0);
		sp_type_free(&sp_type_cert_req, q);
	} else {
		assert_int_equal(f->arm, SP_ARM_CERT_INQ_REQ);
		open_inquiry(f);
	}
}

void
t_forge_close(struct t_forgery *f)
{
	sp_type_free(&sp_type_cert_req_data, f->data);
	sp_type_free(&sp_type_cert_inq_req_tbs, f->inquiry);
	sp_type_free(&sp_type_signed_data, f->so);
	sp_buf_free(&f->account);
	sp_incoming_free(&f->in);
	memset(f, 0, sizeof(*f));
}

/* --- putting together --------------------------------------------------------------------------- */

void
t_forge_wrap(const struct t_forgery *f, setpki_bytes pdu, struct sp_buf *out)
{
	struct sp_outgoing o = {.now = f->date,
	    .rrpid = SP_BYTES(f->rrpid),
	    .lid_c = f->lid_c,
	    .lid_m = f->lid_m,
	    .software = "a front of its own mind",
	    .arm = f->arm};
	struct setpki_error err = {0};

	t_ok(sp_wire_put(&o, pdu, out, &err), &err);
}

/* { t, SO } with the signatures that there were. */
static void
put_kept(struct t_forgery *f, const struct sp_enc_form *form, setpki_bytes t, struct sp_buf *out)
{
	SP_SIGNED_BESIDE *b = sp_type_new(&sp_type_signed_beside);
	struct sp_buf body = {0};
	struct setpki_error err = {0};
	struct sp_seal seal;

	assert_true(sp_str_set(&b->t, V_ASN1_SEQUENCE, t));
	sp_type_free(&sp_type_signed_data, b->so);
	b->so = f->so;
	encode(&sp_type_signed_beside, b, &body);
	b->so = NULL;
	sp_type_free(&sp_type_signed_beside, b);
	sp_enc_seal_of(form, &seal);
	t_ok(sp_envelope_put(
		 t_ctx(), suite(f), &f->to, &seal, sp_buf_bytes(&body), sp_buf_bytes(&f->account), out, &err),
	    &err);
	sp_buf_free(&body);
}

static void
put_cert_req(struct t_forgery *f, struct sp_buf *pdu)
{
	bool encx = f->account.n != 0;
	const struct sp_enc_form *form = form_of(f, encx);
	struct sp_enc_ask ask = {
	    .to = &f->to, .signers = f->signers, .nsigners = f->nsigners, .p = sp_buf_bytes(&f->account)};
	size_t tagged = sp_der_open(pdu, encx ? SP_CTXC(0) : SP_CTXC(1));
	struct setpki_error err = {0};
	struct sp_buf t = {0};

	encode(&sp_type_cert_req_data, f->data, &t);
	ask.t = sp_buf_bytes(&t);
	if (f->nsigners == 0 && f->so != NULL)
		put_kept(f, form, ask.t, pdu);
	else
		t_ok(sp_enc_put(t_ctx(), suite(f), form, &ask, pdu, &err), &err);
	sp_der_close(pdu, tagged);
	sp_buf_free(&t);
}

static void
put_inquiry(struct t_forgery *f, struct sp_buf *pdu)
{
	struct sp_sign_ask sign = {.type = SP_CT_CERT_INQ_REQ_TBS, .signers = f->signers, .nsigners = f->nsigners};
	struct setpki_error err = {0};
	struct sp_buf tbs = {0};

	encode(&sp_type_cert_inq_req_tbs, f->inquiry, &tbs);
	sign.content = sp_buf_bytes(&tbs);
	t_ok(sp_sdata_put(t_ctx(), suite(f), &sign, pdu, &err), &err);
	sp_buf_free(&tbs);
}

void
t_forge_put(struct t_forgery *f, struct sp_buf *out)
{
	struct sp_buf pdu = {0};

	if (f->data != NULL)
		put_cert_req(f, &pdu);
	else
		put_inquiry(f, &pdu);
	t_forge_wrap(f, sp_buf_bytes(&pdu), out);
	sp_buf_free(&pdu);
}

/* --- envelopes ---------------------------------------------------------------------------------- */

SP_ENVELOPED_DATA *
t_forge_envelope(setpki_bytes wrapper, int64_t now)
{
	struct sp_fault fault = {0};
	SP_ENVELOPED_DATA *e;
	struct sp_incoming in;
	SP_CERT_REQ *q;

	t_ok(sp_wire_read(wrapper, now, &in, &fault), &fault.why);
	if (in.m.arm->number == SP_ARM_REG_FORM_REQ) {
		e = decode(&sp_type_enveloped_data, in.m.pdu);
	} else {
		q = decode(&sp_type_cert_req, in.m.pdu);
		e = decode(&sp_type_enveloped_data, sp_str(q->type == 0 ? q->value.encx : q->value.enc));
		sp_type_free(&sp_type_cert_req, q);
	}
	sp_incoming_free(&in);
	return e;
}

void
t_forge_cert_req(const struct t_forgery *f, const SP_ENVELOPED_DATA *e, bool encx, struct sp_buf *out)
{
	struct sp_buf pdu = {0};
	size_t tagged = sp_der_open(&pdu, encx ? SP_CTXC(0) : SP_CTXC(1));

	encode(&sp_type_enveloped_data, e, &pdu);
	sp_der_close(&pdu, tagged);
	t_forge_wrap(f, sp_buf_bytes(&pdu), out);
	sp_buf_free(&pdu);
}
