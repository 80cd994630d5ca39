/* MerchantData (SET Book 3, MerchantDataSyntax): the merchant's names, country and acquirer in its certificates. */
#ifndef LIB_X509_MERCHANT_H
#define LIB_X509_MERCHANT_H

#include "lib/crypto/suite.h"
#include "lib/der/reader.h"

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

/* MerchantDataSyntax as it was read: borrowed contents octets. */
struct sp_merchant_view {
	uint8_t mer_id_tag; /* SP_VISIBLE or SP_BMP */
	setpki_bytes mer_id, bin;
	struct sp_der names; /* for sp_mer_names_next() */
	size_t nnames;
	int country;
	bool auth_flag;
};
/* One MerNames: SETStrings by tag and contents; an absent one has tag 0. */
struct sp_mer_string {
	uint8_t tag;
	setpki_bytes value;
};
struct sp_mer_names_view {
	setpki_bytes language; /* VisibleString; { NULL, 0 }: absent */
	struct sp_mer_string name, city, state_province, postal_code, country_name;
};
/* Reads one, with every bound of set-protocol 5; false: malformed (`d` may or may not be bad). */
bool sp_merchant_read(struct sp_der *d, struct sp_merchant_view *out);
/* The next names of a view's `names` (a copy of it); false at the end. */
bool sp_mer_names_next(struct sp_der *names, struct sp_mer_names_view *out);

#endif
