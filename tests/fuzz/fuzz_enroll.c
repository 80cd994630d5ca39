/* The session of an end entity.  The first octet says which step it is at, and how the rest comes in: as a whole
 * answer, or as what the CA signs, whatever it is.  No answer ends in certificates that were not asked for and issued;
 * one that is refused changes nothing. */
#include "tests/fuzz/fuzz.h"

#include "lib/crypto/signed.h"
#include "lib/der/writer.h"
#include "lib/message/wire.h"
#include "tests/support/wallet.h"

#define STEPS 4 /* before CardCInitRes, RegFormRes, CertRes; before Me-AqCInitRes */

static struct registry reg;
static struct desk desk;
static struct wallet wallets[STEPS];
static struct setpki_der saved[STEPS];

static void
begin(void)
{
	if (saved[STEPS - 1].p != NULL)
		return;
	reg_make(&reg, fuzz_ctx(), SETPKI_SUITE_MODERN);
	desk_open(&desk, &reg);
	for (size_t i = 0; i < STEPS; i++) {
		wallet_open(&wallets[i], &desk, i == 3 ? SETPKI_MER_INITIAL_BOTH : SETPKI_CARD_INITIAL_SIG);
		for (size_t k = 0; k < i && i < 3; k++)
			wallet_post(&wallets[i]);
		if (i == 2)
			wallet_fill(&wallets[i]);
		wallet_save(&wallets[i], &saved[i]);
	}
}

/* Signed by the CA that the step waits for. */
static bool
sign(size_t step, setpki_bytes content, struct sp_buf *wrapper)
{
	static const struct {
		enum sp_arm_number arm;
		enum sp_content content;
		enum reg_slot ca;
	} rows[STEPS] = {{SP_ARM_CARD_C_INIT_RES, SP_CT_CARD_C_INIT_RES_TBS, REG_CCA},
	    {SP_ARM_REG_FORM_RES, SP_CT_REG_FORM_RES_TBS, REG_CCA}, {SP_ARM_CERT_RES, SP_CT_CERT_RES_DATA, REG_CCA},
	    {SP_ARM_ME_AQ_C_INIT_RES, SP_CT_ME_AQ_C_INIT_RES_TBS, REG_MCA}};
	struct setpki_party ca = reg_party(&reg, rows[step].ca + REG_SIG);
	setpki_bytes certs[REG_CHAIN_MAX];
	struct sp_sign_ask ask = {
	    .type = rows[step].content, .content = content, .signers = &ca, .nsigners = 1, .certs = certs};
	struct sp_outgoing o = {.now = REG_NOW, .software = "fuzzer", .arm = rows[step].arm};
	struct sp_incoming in;
	struct sp_buf pdu = {0};
	size_t tagged = 0;
	bool ok;

	FUZZ_MUST(
	    sp_wire_read(setpki_enroll_request(wallets[step].e), REG_NOW, &in, &(struct sp_fault){0}) == SETPKI_E_OK);
	o.rrpid = in.rrpid;
	o.lid_c = in.lid_c;
	o.lid_m = in.lid_m;
	ask.ncerts = reg_chain(&reg, rows[step].ca, certs);
	if (rows[step].arm == SP_ARM_CERT_RES)
		tagged = sp_der_open(&pdu, SP_CTXC(1));
	ok = sp_sdata_put(fuzz_ctx(), SETPKI_SUITE_MODERN, &ask, &pdu, NULL) == SETPKI_E_OK;
	if (rows[step].arm == SP_ARM_CERT_RES)
		sp_der_close(&pdu, tagged);
	ok = ok && sp_wire_put(&o, sp_buf_bytes(&pdu), wrapper, NULL) == SETPKI_E_OK;
	sp_buf_free(&pdu);
	sp_incoming_free(&in);
	return ok;
}

static void
take(size_t step, setpki_bytes answer)
{
	struct wallet *w = &wallets[step];
	struct sp_buf before = {0};
	enum setpki_code rc;

	sp_buf_add_bytes(&before, setpki_enroll_request(w->e));
	rc = setpki_enroll_response(w->e, answer, REG_NOW, NULL);
	FUZZ_MUST(setpki_enroll_step(w->e) != SETPKI_ENROLL_DONE);
	if (rc != SETPKI_E_OK) {
		FUZZ_MUST(setpki_enroll_step(w->e) == SETPKI_ENROLL_SEND);
		FUZZ_MUST(sp_bytes_eq(setpki_enroll_request(w->e), sp_buf_bytes(&before)));
	} else {
		wallet_load(w, &saved[step]);
	}
	sp_buf_free(&before);
}

void
fuzz_enroll(const uint8_t *data, size_t size)
{
	struct sp_buf wrapper = {0};
	setpki_bytes rest;
	size_t step;

	if (size < 2)
		return;
	begin();
	rest = (setpki_bytes){data + 1, size - 1};
	step = data[0] % STEPS;
	if ((data[0] & 0x80) == 0)
		take(step, rest);
	else if (sign(step, rest, &wrapper))
		take(step, sp_buf_bytes(&wrapper));
	sp_buf_free(&wrapper);
}
