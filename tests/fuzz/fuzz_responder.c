/* The CA's session.  The first octet says how the rest comes in: as a whole wrapper, or as what an attacker with a key
 * of its own may choose freely: the data of a RegFormReq or CertReq, encrypted to the CA and signed with that key.
 * Without a chall-CA that the CA gave out, nobody is asked to decide; every answer can be read. */
#include "tests/fuzz/fuzz.h"

#include "lib/crypto/enc.h"
#include "lib/der/writer.h"
#include "lib/message/wire.h"
#include "tests/support/desk.h"

static struct registry reg[2];
static struct desk desk[2];
static EVP_PKEY *attacker[2];

static void
begin(void)
{
	static const enum setpki_suite suites[] = {SETPKI_SUITE_CLASSIC, SETPKI_SUITE_MODERN};

	if (attacker[1] != NULL)
		return;
	for (size_t i = 0; i < 2; i++) {
		reg_make(&reg[i], fuzz_ctx(), suites[i]);
		desk_open(&desk[i], &reg[i]);
		attacker[i] = reg_new_key(fuzz_ctx(), suites[i], false);
	}
}

static void
post(size_t i, setpki_bytes wrapper)
{
	struct setpki_responder_note note;
	struct setpki_der out;
	struct sp_message m;

	FUZZ_MUST(desk_answer(&desk[i], wrapper, REG_NOW, &out, &note, NULL) == SETPKI_E_OK);
	FUZZ_MUST(desk[i].decided == 0);
	FUZZ_MUST(note.silent == (out.n == 0));
	if (out.n != 0) {
		FUZZ_MUST(sp_message_read(sp_bytes(out.p, out.n), &m, NULL) == SETPKI_E_OK);
		sp_message_free(&m);
	}
	setpki_der_free(&out);
}

/* A card's account, which the attacker may well have. */
static void
account(bool form, struct sp_buf *p)
{
	static const uint8_t nonce[20] = {1};
	size_t seq = sp_der_open(p, SP_SEQUENCE);

	sp_der_put_str(p, SP_NUMERIC, "4123450000000008");
	if (!form) {
		sp_der_put_str(p, SP_NUMERIC, "203012");
		sp_der_put_octets(p, SP_BYTES(nonce));
	}
	sp_der_put_octets(p, SP_BYTES(nonce));
	sp_der_close(p, seq);
}

static bool
seal(size_t i, bool form, setpki_bytes t, struct sp_buf *pdu)
{
	static const struct sp_seal exh = {SP_CT_REG_FORM_REQ_TBE, SP_EXTRA_PAN_ONLY, true, true};
	static const struct sp_enc_form encx = {
	    .tbs = SP_CT_CERT_REQ_TBS, .tbe = SP_CT_CERT_REQ_TBEX, .extra = SP_EXTRA_PAN_DATA0};
	struct setpki_party to = reg_party(&reg[i], REG_CCA_ENC), me = {.key = attacker[i]};
	struct sp_enc_ask ask = {.to = &to, .signers = &me, .nsigners = 1, .t = t};
	struct sp_buf p = {0};
	size_t tagged;
	bool ok;

	account(form, &p);
	ask.p = sp_buf_bytes(&p);
	if (form) {
		ok = sp_envelope_put(fuzz_ctx(), reg[i].suite, &to, &exh, t, ask.p, pdu, NULL) == SETPKI_E_OK;
	} else {
		tagged = sp_der_open(pdu, SP_CTXC(0));
		ok = sp_enc_put(fuzz_ctx(), reg[i].suite, &encx, &ask, pdu, NULL) == SETPKI_E_OK;
		sp_der_close(pdu, tagged);
	}
	sp_buf_free(&p);
	return ok;
}

static void
post_sealed(size_t i, bool form, setpki_bytes t)
{
	static const uint8_t id[20] = {7};
	struct sp_outgoing o = {.now = REG_NOW,
	    .rrpid = SP_BYTES(id),
	    .lid_c = SP_BYTES(id),
	    .software = "fuzzer",
	    .arm = form ? SP_ARM_REG_FORM_REQ : SP_ARM_CERT_REQ};
	struct sp_buf pdu = {0}, wrapper = {0};

	if (seal(i, form, t, &pdu) && sp_wire_put(&o, sp_buf_bytes(&pdu), &wrapper, NULL) == SETPKI_E_OK)
		post(i, sp_buf_bytes(&wrapper));
	sp_buf_free(&pdu);
	sp_buf_free(&wrapper);
}

void
fuzz_responder(const uint8_t *data, size_t size)
{
	setpki_bytes rest;
	size_t i;

	if (size < 2)
		return;
	begin();
	rest = (setpki_bytes){data + 1, size - 1};
	i = data[0] & 1;
	if ((data[0] >> 1 & 3) == 0)
		post(i, rest);
	else
		post_sealed(i, (data[0] >> 1 & 3) == 1, rest);
}
