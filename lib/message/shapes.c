/* What the messages of both ends are made of: kinds of certificates, and what is encrypted how (lib/message/parts.h).
 */
#include "lib/message/parts.h"

enum setpki_kind
sp_holder_kind(uint32_t holder, bool exchange)
{
	if (holder == SETPKI_TYPE_CARD)
		return exchange ? SETPKI_KIND_NONE : SETPKI_KIND_CARD_SIG;
	if (holder == SETPKI_TYPE_MER)
		return exchange ? SETPKI_KIND_MER_ENC : SETPKI_KIND_MER_SIG;
	return exchange ? SETPKI_KIND_PGWY_ENC : SETPKI_KIND_PGWY_SIG;
}

const struct sp_seal sp_form_req_seal = {SP_CT_REG_FORM_REQ_TBE, SP_EXTRA_PAN_ONLY, true, true};

const struct sp_enc_form *
sp_cert_req_form(bool encx, uint32_t holder)
{
	static const struct sp_enc_form enc = {
	    .tbs = SP_CT_CERT_REQ_DATA, .tbe = SP_CT_CERT_REQ_TBE, .extra = SP_EXTRA_NONE};
	static const struct sp_enc_form card = {
	    .tbs = SP_CT_CERT_REQ_TBS, .tbe = SP_CT_CERT_REQ_TBEX, .extra = SP_EXTRA_PAN_DATA0};
	static const struct sp_enc_form account = {
	    .tbs = SP_CT_CERT_REQ_TBS, .tbe = SP_CT_CERT_REQ_TBEX, .extra = SP_EXTRA_ACCT_DATA};

	if (!encx)
		return &enc;
	return holder == SETPKI_TYPE_CARD ? &card : &account;
}
