#include "lib/x509/ext.h"

#include "lib/base/limits.h"

#include <stdio.h>
#include <string.h>

/* --- extensions (set-protocol 5; criticality [C: ALV4], decided in 12.19) ----------------------------------------- */

#define OID(octets)                                                                                                    \
	{                                                                                                              \
		(const uint8_t *)(octets), sizeof(octets) - 1                                                          \
	}

const setpki_bytes sp_oid_policy_root = OID("\x67\x2a\x05\x00");
const setpki_bytes sp_oid_set_qualifier = OID("\x67\x2a\x07\x06");
const setpki_bytes sp_oid_root_thumb = OID("\x67\x2a\x03\x00\x00");
const setpki_bytes sp_oid_ca_issuers = OID("\x2b\x06\x01\x05\x05\x07\x30\x02");

/* id, name, OID, its contents; critical, relaxable, modern only; source */
static const struct sp_ext_row ext_rows[SP_EXT_N] = {
    {SP_EXT_AKI, "authorityKeyIdentifier", "2.5.29.35", OID("\x55\x1d\x23"), false, false, false,
	"set-protocol 5, 12.1; RFC 5280 4.2.1.1"},
    {SP_EXT_SKI, "subjectKeyIdentifier", "2.5.29.14", OID("\x55\x1d\x0e"), false, false, true,
	"set-protocol 12.1; RFC 5280 4.2.1.2; RFC 7093 2"},
    {SP_EXT_KEY_USAGE, "keyUsage", "2.5.29.15", OID("\x55\x1d\x0f"), true, false, false,
	"set-protocol 5; RFC 5280 4.2.1.3"},
    {SP_EXT_PKUP, "privateKeyUsagePeriod", "2.5.29.16", OID("\x55\x1d\x10"), false, false, false,
	"set-protocol 5, 12.13; RFC 3280 4.2.1.4"},
    {SP_EXT_POLICIES, "certificatePolicies", "2.5.29.32", OID("\x55\x1d\x20"), true, false, false,
	"set-protocol 5; RFC 5280 4.2.1.4"},
    {SP_EXT_SAN, "subjectAltName", "2.5.29.17", OID("\x55\x1d\x11"), false, false, false,
	"set-protocol 5; RFC 5280 4.2.1.6"},
    {SP_EXT_IAN, "issuerAltName", "2.5.29.18", OID("\x55\x1d\x12"), false, false, false,
	"set-protocol 5; RFC 5280 4.2.1.7"},
    {SP_EXT_BASIC, "basicConstraints", "2.5.29.19", OID("\x55\x1d\x13"), true, false, false,
	"set-protocol 5, 12.12; RFC 5280 4.2.1.9"},
    {SP_EXT_CRLDP, "cRLDistributionPoints", "2.5.29.31", OID("\x55\x1d\x1f"), false, false, true,
	"set-protocol 12.1; RFC 5280 4.2.1.13"},
    {SP_EXT_AIA, "authorityInfoAccess", "1.3.6.1.5.5.7.1.1", OID("\x2b\x06\x01\x05\x05\x07\x01\x01"), false, false,
	true, "set-protocol 12.1; RFC 5280 4.2.2.1"},
    {SP_EXT_CRL_NUMBER, "cRLNumber", "2.5.29.20", OID("\x55\x1d\x14"), false, false, false,
	"set-protocol 6; RFC 5280 5.2.3"},
    {SP_EXT_HASHED_ROOT, "hashedRootKey", "2.23.42.7.0", OID("\x67\x2a\x07\x00"), true, true, false,
	"set-protocol 5, 12.15, 12.19"},
    {SP_EXT_CERT_TYPE, "certificateType", "2.23.42.7.1", OID("\x67\x2a\x07\x01"), true, true, false,
	"set-protocol 5, 12.12, 12.19"},
    {SP_EXT_MERCHANT_DATA, "merchantData", "2.23.42.7.2", OID("\x67\x2a\x07\x02"), false, false, false,
	"set-protocol 5, 12.19"},
    {SP_EXT_CARD_CERT_REQUIRED, "cardCertRequired", "2.23.42.7.3", OID("\x67\x2a\x07\x03"), false, false, false,
	"set-protocol 5"},
    {SP_EXT_TUNNELING, "tunneling", "2.23.42.7.4", OID("\x67\x2a\x07\x04"), false, false, false,
	"set-protocol 5, 12.1"},
    {SP_EXT_SET_EXTENSIONS, "setExtensions", "2.23.42.7.5", OID("\x67\x2a\x07\x05"), false, false, false,
	"set-protocol 5"},
};

const struct sp_ext_row *
sp_ext_row(enum sp_ext id)
{
	return (unsigned)id < SP_EXT_N ? &ext_rows[id] : NULL;
}

const struct sp_ext_row *
sp_ext_by_oid(setpki_bytes oid)
{
	for (unsigned i = 0; oid.n != 0 && i < SP_EXT_N; i++) {
		setpki_bytes row = ext_rows[i].oid;

		/* the last octet tells most of them apart */
		if (row.n == oid.n && row.p[row.n - 1] == oid.p[oid.n - 1] && sp_bytes_eq(row, oid))
			return &ext_rows[i];
	}
	return NULL;
}

setpki_bytes
sp_tunnel_oid(enum setpki_suite suite)
{
	static const setpki_bytes des_cbc = OID("\x2b\x0e\x03\x02\x07");
	static const setpki_bytes aes256_gcm = OID("\x60\x86\x48\x01\x65\x03\x04\x01\x2e");

	switch (suite) {
	case SETPKI_SUITE_CLASSIC:
		return des_cbc;
	case SETPKI_SUITE_MODERN:
		return aes256_gcm;
	default:
		return (setpki_bytes){NULL, 0};
	}
}

/* --- kinds (the columns of the table in set-protocol 5) ----------------------------------------------------------- */

#define SIGN SETPKI_KU_DIGITAL_SIGNATURE
#define EXCHANGE (SETPKI_KU_KEY_ENCIPHERMENT | SETPKI_KU_DATA_ENCIPHERMENT)
#define CERTS SETPKI_KU_CERT_SIGN
#define CRLS SETPKI_KU_CRL_SIGN

/* What every certificate below the root has; what signs anything has a privateKeyUsagePeriod too. */
#define EVERY                                                                                                          \
	[SP_EXT_SKI] = SP_REQUIRED, [SP_EXT_KEY_USAGE] = SP_REQUIRED, [SP_EXT_POLICIES] = SP_REQUIRED,                 \
	[SP_EXT_SAN] = SP_OPTIONAL, [SP_EXT_IAN] = SP_OPTIONAL, [SP_EXT_BASIC] = SP_REQUIRED,                          \
	[SP_EXT_CERT_TYPE] = SP_REQUIRED
#define BELOW EVERY, [SP_EXT_AKI] = SP_REQUIRED, [SP_EXT_CRLDP] = SP_OPTIONAL, [SP_EXT_AIA] = SP_OPTIONAL
#define SIGNER BELOW, [SP_EXT_PKUP] = SP_REQUIRED

/* kind, name; certificateType: mask, exactly one; keyUsage; cA, self-signed, key exchange; extensions */
static const struct sp_kind_row kind_rows[SETPKI_KIND_N] = {
    [SETPKI_KIND_NONE] = {SETPKI_KIND_NONE, "unknown kind", 0, false, 0, false, false, false, {0}},
    [SETPKI_KIND_CARD_SIG] = {SETPKI_KIND_CARD_SIG, "cardholder signature", SETPKI_TYPE_CARD, true, SIGN, false, false,
	false, {SIGNER}},
    [SETPKI_KIND_MER_SIG] = {SETPKI_KIND_MER_SIG, "merchant signature", SETPKI_TYPE_MER, true, SIGN, false, false,
	false, {SIGNER, [SP_EXT_MERCHANT_DATA] = SP_REQUIRED}},
    [SETPKI_KIND_MER_ENC] = {SETPKI_KIND_MER_ENC, "merchant key exchange", SETPKI_TYPE_MER, true, EXCHANGE, false,
	false, true, {BELOW, [SP_EXT_MERCHANT_DATA] = SP_REQUIRED}},
    [SETPKI_KIND_PGWY_SIG] = {SETPKI_KIND_PGWY_SIG, "gateway signature", SETPKI_TYPE_PGWY, true, SIGN, false, false,
	false, {SIGNER}},
    [SETPKI_KIND_PGWY_ENC] = {SETPKI_KIND_PGWY_ENC, "gateway key exchange", SETPKI_TYPE_PGWY, true, EXCHANGE, false,
	false, true,
	{BELOW, [SP_EXT_CARD_CERT_REQUIRED] = SP_REQUIRED, [SP_EXT_TUNNELING] = SP_REQUIRED,
	    [SP_EXT_SET_EXTENSIONS] = SP_OPTIONAL}},
    [SETPKI_KIND_CA_SIG] = {SETPKI_KIND_CA_SIG, "CA message signature", SETPKI_TYPE_ISSUING, false, SIGN, false, false,
	false, {SIGNER}},
    /* tunneling: of a CCA only, see sp_ext_need() */
    [SETPKI_KIND_CA_ENC] = {SETPKI_KIND_CA_ENC, "CA key exchange", SETPKI_TYPE_ISSUING, false, EXCHANGE, false, false,
	true, {BELOW, [SP_EXT_TUNNELING] = SP_REQUIRED}},
    [SETPKI_KIND_CA_CERTSIGN] = {SETPKI_KIND_CA_CERTSIGN, "CA certificate signing", SETPKI_TYPE_ISSUING, false, CERTS,
	true, false, false, {SIGNER}},
    /* 12.12 separates them for issuing CAs; 12.13 knows a BCI signer without keyCertSign, so a brand CA's is read too
     */
    [SETPKI_KIND_CA_CRLSIGN] = {SETPKI_KIND_CA_CRLSIGN, "CA CRL signing", SETPKI_TYPE_CA & ~SETPKI_TYPE_RCA, false,
	CRLS, false, false, false, {SIGNER}},
    /* 12.12: brand and geopolitical CAs always, issuing CAs that do not separate them */
    [SETPKI_KIND_CA_SIGN] = {SETPKI_KIND_CA_SIGN, "CA certificate and CRL signing", SETPKI_TYPE_CA & ~SETPKI_TYPE_RCA,
	false, CERTS | CRLS, true, false, false, {SIGNER}},
    [SETPKI_KIND_ROOT] = {SETPKI_KIND_ROOT, "root", SETPKI_TYPE_RCA, true, CERTS | CRLS, true, true, false,
	{EVERY, [SP_EXT_PKUP] = SP_REQUIRED, [SP_EXT_HASHED_ROOT] = SP_REQUIRED}},
};

const struct sp_kind_row *
sp_kind_row(enum setpki_kind kind)
{
	return &kind_rows[(unsigned)kind < SETPKI_KIND_N ? kind : SETPKI_KIND_NONE];
}

const char *
setpki_kind_name(enum setpki_kind kind)
{
	return sp_kind_row(kind)->name;
}

enum sp_need
sp_ext_need(enum setpki_kind kind, enum sp_ext ext, enum setpki_suite suite, uint32_t type)
{
	const struct sp_ext_row *row = sp_ext_row(ext);
	enum sp_need need;

	if (row == NULL)
		return SP_FORBIDDEN;
	need = (enum sp_need)sp_kind_row(kind)->need[ext];
	if (kind == SETPKI_KIND_CA_ENC && ext == SP_EXT_TUNNELING && (type & SETPKI_TYPE_CCA) == 0)
		return SP_FORBIDDEN;
	if (row->modern_only && suite == SETPKI_SUITE_CLASSIC)
		return SP_FORBIDDEN;
	if (row->modern_only && suite == SETPKI_SUITE_NONE && need == SP_REQUIRED)
		return SP_OPTIONAL;
	return need;
}

/* --- certificateType ---------------------------------------------------------------------------------------------- */

/* certificateType bits of an issuer, by the bit of the certificate it issues (set-protocol 7 step 7) */
static const struct {
	uint32_t bit, issuers;
} types[] = {
    {SETPKI_TYPE_CARD, SETPKI_TYPE_CCA},
    {SETPKI_TYPE_MER, SETPKI_TYPE_MCA},
    {SETPKI_TYPE_PGWY, SETPKI_TYPE_PCA},
    {SETPKI_TYPE_CCA, SETPKI_TYPE_GCA | SETPKI_TYPE_BCA},
    {SETPKI_TYPE_MCA, SETPKI_TYPE_GCA | SETPKI_TYPE_BCA},
    {SETPKI_TYPE_PCA, SETPKI_TYPE_GCA | SETPKI_TYPE_BCA},
    {SETPKI_TYPE_GCA, SETPKI_TYPE_BCA},
    {SETPKI_TYPE_BCA, SETPKI_TYPE_RCA},
    {SETPKI_TYPE_RCA, SETPKI_TYPE_RCA},
};

bool
sp_type_ok(uint32_t type)
{
	bool one = type != 0 && (type & (type - 1)) == 0;

	if (type == 0 || (type & ~(SETPKI_TYPE_EE | SETPKI_TYPE_CA)) != 0)
		return false;
	return one || (type & ~SETPKI_TYPE_ISSUING) == 0;
}

uint32_t
sp_type_issuers(uint32_t bit)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].bit == bit)
			return types[i].issuers;
	return 0;
}

const char *
sp_type_text(uint32_t type, char out[SP_TYPE_TEXT])
{
	size_t n = 0;

	snprintf(out, SP_TYPE_TEXT, "none");
	for (uint32_t bit = 1; bit <= SETPKI_TYPE_ACQ; bit <<= 1)
		if ((type & bit) != 0)
			n += (size_t)snprintf(
			    out + n, SP_TYPE_TEXT - n, "%s%s", n != 0 ? "+" : "", setpki_type_name(bit));
	return out;
}

int
sp_pathlen(uint32_t type, bool geo_below)
{
	if ((type & SETPKI_TYPE_RCA) != 0)
		return 3;
	if ((type & SETPKI_TYPE_BCA) != 0)
		return geo_below ? 2 : 1;
	if ((type & SETPKI_TYPE_GCA) != 0)
		return 1;
	return (type & SETPKI_TYPE_ISSUING) != 0 ? 0 : -1;
}

/* --- values that builder and lint both judge ---------------------------------------------------------------------- */

bool
sp_root_key_ok(const struct sp_spki *k, enum setpki_suite suite)
{
	return suite != SETPKI_SUITE_CLASSIC || k->bits >= 2048;
}

bool
sp_url_ok(setpki_bytes url)
{
	static const char *const schemes[] = {"http://", "https://"};

	if (url.n > SP_UB_URL)
		return false;
	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] <= ' ' || url.p[i] > '~')
			return false;
	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(schemes[i]);

		if (url.n > n && memcmp(url.p, schemes[i], n) == 0)
			return true;
	}
	return false;
}
