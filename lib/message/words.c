/* The names and rows of lib/setpki/message.h. */
#include "lib/asn1/certreq.h"
#include "lib/asn1/message.h"

#include <setpki/message.h>
#include <string.h>

_Static_assert(SETPKI_ERR_N == SP_ERROR_CODES, "one enumerator for each ErrorCode");
_Static_assert(SETPKI_STATUS_N == SP_STATUS_CODES, "one enumerator for each CertStatusCode");
_Static_assert(SETPKI_REQUEST_N == SP_REQUEST_TYPES, "one enumerator for each RequestType");

const char *
setpki_error_code_name(enum setpki_error_code code)
{
	return code > SETPKI_ERR_NONE && code < SETPKI_ERR_N ? sp_error_codes[code] : "none";
}

const char *
setpki_status_name(enum setpki_status status)
{
	return status > SETPKI_STATUS_NONE && status < SETPKI_STATUS_N ? sp_status_codes[status] : "none";
}

const char *
setpki_field_name(int id)
{
	/* 2.23.42.2.n */
	static const char *const names[] = {"fullName", "givenName", "familyName", "birthFamilyName", "placeName",
	    "identificationNumber", "month", "date", "address", "telephone", "amount", "accountNumber", "passPhrase"};

	return id >= 0 && (size_t)id < sizeof(names) / sizeof(names[0]) ? names[id] : NULL;
}

#define CARD SETPKI_TYPE_CARD, SETPKI_TYPE_CCA
#define MER SETPKI_TYPE_MER, SETPKI_TYPE_MCA
#define PGWY SETPKI_TYPE_PGWY, SETPKI_TYPE_PCA

/* Who signs (set-protocol 8): a new signature key for itself; in a renewal the certificate that is renewed as well;
 * where only a key-exchange certificate is asked for, the existing signature certificate alone.  Names:
 * sp_request_types. */
static const struct setpki_request_row rows[] = {
    {SETPKI_CARD_INITIAL_SIG, "cardInitialSig", CARD, true, false, false, false, 1},
    {SETPKI_MER_INITIAL_SIG, "merInitialSig", MER, true, false, false, false, 1},
    {SETPKI_MER_INITIAL_ENC, "merInitialEnc", MER, false, true, false, true, 1},
    {SETPKI_MER_INITIAL_BOTH, "merInitialBoth", MER, true, true, false, false, 1},
    {SETPKI_PGWY_INITIAL_SIG, "pgwyInitialSig", PGWY, true, false, false, false, 1},
    {SETPKI_PGWY_INITIAL_ENC, "pgwyInitialEnc", PGWY, false, true, false, true, 1},
    {SETPKI_PGWY_INITIAL_BOTH, "pgwyInitialBoth", PGWY, true, true, false, false, 1},
    {SETPKI_CARD_RENEWAL_SIG, "cardRenewalSig", CARD, true, false, true, true, 2},
    {SETPKI_MER_RENEWAL_SIG, "merRenewalSig", MER, true, false, true, true, 2},
    {SETPKI_MER_RENEWAL_ENC, "merRenewalEnc", MER, false, true, true, true, 1},
    {SETPKI_MER_RENEWAL_BOTH, "merRenewalBoth", MER, true, true, true, true, 2},
    {SETPKI_PGWY_RENEWAL_SIG, "pgwyRenewalSig", PGWY, true, false, true, true, 2},
    {SETPKI_PGWY_RENEWAL_ENC, "pgwyRenewalEnc", PGWY, false, true, true, true, 1},
    {SETPKI_PGWY_RENEWAL_BOTH, "pgwyRenewalBoth", PGWY, true, true, true, true, 2},
};
#define NROWS (sizeof(rows) / sizeof(rows[0]))

const struct setpki_request_row *
setpki_request_row(enum setpki_request_type type)
{
	for (size_t i = 0; i < NROWS; i++)
		if (rows[i].type == type)
			return &rows[i];
	return NULL;
}

enum setpki_request_type
setpki_request_by_name(const char *name)
{
	for (size_t i = 0; i < NROWS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].type;
	return SETPKI_REQUEST_NONE;
}
