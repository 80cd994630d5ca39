#include "lib/crypto/content.h"

/* By number (set-protocol section 1; 15 by elimination). */
static const char *const names[SP_CONTENT_LAST + 1] = {"PANData", "PANToken", "PANOnly", "OIData", "PI", "PIData",
    "PIDataUnsigned", "HODInput", "AuthResBaggage", "AuthRevReqBaggage", "AuthRevResBaggage", "CapTokenSeq",
    "PInitResData", "PI-TBS", "PResData", "InqReqData", "AuthReqTBS", "AuthResTBS", "AuthResTBSX", "AuthTokenTBS",
    "CapTokenData", "CapTokenTBS", "AcqCardCodeMsg", "AuthRevReqTBS", "AuthRevResData", "AuthRevResTBS", "CapReqTBS",
    "CapReqTBSX", "CapResData", "CapRevReqTBS", "CapRevReqTBSX", "CapRevResData", "CredReqTBS", "CredReqTBSX",
    "CredResData", "CredRevReqTBS", "CredRevReqTBSX", "CredRevResData", "PCertReqData", "PCertResTBS",
    "BatchAdminReqData", "BatchAdminResData", "CardCInitResTBS", "MeAqCInitResTBS", "RegFormResTBS", "CertReqData",
    "CertReqTBS", "CertResData", "CertInqReqTBS", "ErrorTBS", "PIDualSignedTBE", "PIUnsignedTBE", "AuthReqTBE",
    "AuthResTBE", "AuthResTBEX", "AuthTokenTBE", "CapTokenTBE", "CapTokenTBEX", "AcqCardCodeMsgTBE", "AuthRevReqTBE",
    "AuthRevResTBE", "AuthRevResTBEB", "CapReqTBE", "CapReqTBEX", "CapResTBE", "CapRevReqTBE", "CapRevReqTBEX",
    "CapRevResTBE", "CredReqTBE", "CredReqTBEX", "CredResTBE", "CredRevReqTBE", "CredRevReqTBEX", "CredRevResTBE",
    "BatchAdminReqTBE", "BatchAdminResTBE", "RegFormReqTBE", "CertReqTBE", "CertReqTBEX", "CertResTBE",
    "CRLNotificationTBS", "CRLNotificationResTBS", "BCIDistributionTBS"};

int
sp_content_number(setpki_bytes oid)
{
	if (oid.n != SP_CONTENT_OID_LEN || oid.p[0] != 0x67 || oid.p[1] != 0x2a || oid.p[2] != 0 ||
	    oid.p[3] > SP_CONTENT_LAST)
		return -1;
	return oid.p[3];
}

const char *
sp_content_name(int number)
{
	return number >= 0 && number <= SP_CONTENT_LAST ? names[number] : NULL;
}
