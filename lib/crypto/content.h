/* Content types of SET: 2.23.42.0.n (set-protocol section 1).  A signed thing carries its TBS or Data number, an
 * encrypted thing its TBE or TBEX number. */
#ifndef LIB_CRYPTO_CONTENT_H
#define LIB_CRYPTO_CONTENT_H

#include <setpki/bytes.h>

enum sp_content {
	SP_CT_PAN_DATA = 0,
	SP_CT_PAN_TOKEN = 1,
	SP_CT_PAN_ONLY = 2,
	SP_CT_OI_DATA = 3,
	SP_CT_PI_DATA = 5,
	SP_CT_HOD_INPUT = 7,
	SP_CT_PI_TBS = 13,
	SP_CT_CARD_C_INIT_RES_TBS = 42,
	SP_CT_ME_AQ_C_INIT_RES_TBS = 43,
	SP_CT_REG_FORM_RES_TBS = 44,
	SP_CT_CERT_REQ_DATA = 45,
	SP_CT_CERT_REQ_TBS = 46,
	SP_CT_CERT_RES_DATA = 47,
	SP_CT_CERT_INQ_REQ_TBS = 48,
	SP_CT_ERROR_TBS = 49,
	SP_CT_PI_DUAL_SIGNED_TBE = 50,
	SP_CT_REG_FORM_REQ_TBE = 76,
	SP_CT_CERT_REQ_TBE = 77,
	SP_CT_CERT_REQ_TBEX = 78,
	SP_CT_CERT_RES_TBE = 79,
	SP_CT_CRL_NOTIFICATION_TBS = 80,
	SP_CT_CRL_NOTIFICATION_RES_TBS = 81,
	SP_CT_BCI_DISTRIBUTION_TBS = 82
};
#define SP_CONTENT_LAST 82

/* Contents octets of the OID. */
#define SP_CONTENT_OID_LEN 4
#define SP_CONTENT_OID(n) ((setpki_bytes){(const uint8_t[]){0x67, 0x2a, 0x00, (uint8_t)(n)}, SP_CONTENT_OID_LEN})
/* The number of a content type of SET from contents octets; -1 for any other OID. */
int sp_content_number(setpki_bytes oid);
/* SET's name of that number, "CertReqData"; NULL if it is none. */
const char *sp_content_name(int number);

#endif
