/* Whatever a type of lib/asn1 reads it writes again, byte for byte; the first octet of an input says which type. */
#include "tests/fuzz/fuzz.h"

#include "lib/asn1/arm.h"
#include "lib/asn1/certreq.h"
#include "lib/asn1/payment.h"
#include "lib/crypto/signed.h"

static const struct sp_type *const types[] = {&sp_type_message_wrapper, &sp_type_signed_data, &sp_type_enveloped_data,
    &sp_type_encrypted_data, &sp_type_card_c_init_req, &sp_type_card_c_init_res_tbs, &sp_type_me_aq_c_init_req,
    &sp_type_me_aq_c_init_res_tbs, &sp_type_reg_form_req_data, &sp_type_reg_form_res_tbs, &sp_type_cert_req_data,
    &sp_type_cert_req, &sp_type_cert_res_data, &sp_type_cert_res, &sp_type_cert_inq_req_tbs, &sp_type_error_tbs,
    &sp_type_error, &sp_type_crl_notification_tbs, &sp_type_bci_distribution_tbs, &sp_type_linkage,
    &sp_type_signed_beside, &sp_type_with_baggage, &sp_type_oi_data, &sp_type_pi_head, &sp_type_pi_dual_signed,
    &sp_type_preq_dual_signed};
#define NTYPES (sizeof(types) / sizeof(types[0]))

static void
read_message(setpki_bytes in)
{
	struct sp_message m;

	if (sp_message_read(in, &m, NULL) != SETPKI_E_OK)
		return;
	FUZZ_MUST(m.arm != NULL && m.pdu.n >= 2);
	FUZZ_MUST(m.pdu.n < in.n);
	sp_message_free(&m);
}

static void
read_signed(setpki_bytes in)
{
	struct sp_sdata s;
	struct sp_signer who;

	if (sp_sdata_read(in, &s, NULL) != SETPKI_E_OK)
		return;
	FUZZ_MUST(s.nsigners <= SP_SIGNERS_MAX);
	for (size_t i = 0; i < s.nsigners; i++) {
		sp_sdata_signer(&s, i, &who);
		FUZZ_MUST(who.nserial <= SP_SERIAL_MAX);
	}
	sp_sdata_free(&s);
}

void
fuzz_asn1(const uint8_t *data, size_t size)
{
	setpki_bytes in;
	const struct sp_type *type;
	struct sp_buf again = {0};
	void *object;

	if (size < 2)
		return;
	in = (setpki_bytes){data + 1, size - 1};
	type = types[data[0] % NTYPES];
	if (sp_type_decode(type, in, &object, NULL) == SETPKI_E_OK) {
		FUZZ_MUST(sp_type_encode(type, object, &again, NULL) == SETPKI_E_OK);
		FUZZ_MUST(sp_bytes_eq(sp_buf_bytes(&again), in));
		sp_buf_free(&again);
		sp_type_free(type, object);
	}
	read_message(in);
	read_signed(in);
}
