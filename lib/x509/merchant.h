/* MerchantData (SET Book 3, MerchantDataSyntax): the merchant's names, country and acquirer in its certificates. */
#ifndef LIB_X509_MERCHANT_H
#define LIB_X509_MERCHANT_H

#include "lib/crypto/suite.h"

#define SP_MER_NAMES_MAX 32

struct sp_mer_names {
	const char *language; /* NULL: absent */
	const char *name, *city, *state_province, *postal_code,
	    *country_name; /* UTF-8; state and postal code may be NULL */
};

struct sp_merchant_data {
	const char *mer_id; /* 1..30 */
	const char *bin;    /* 6 digits */
	const struct sp_mer_names *names;
	size_t nnames;	/* 1..32 */
	int country;	/* ISO 3166 numeric, 1..999 */
	bool auth_flag; /* DEFAULT TRUE */
};

/* Appends MerchantDataSyntax (the extnValue contents).  ARGUMENT with the field that is wrong. */
SP_MUST_CHECK enum setpki_code
sp_merchant_build(const struct sp_merchant_data *m, struct sp_buf *out, struct setpki_error *err);

#endif
