/* Rules between a certificate and its issuer, and for issuers. */
#include "lib/chain/rules.h"

#include "lib/base/time.h"
#include "lib/x509/name.h"

#include <setpki/text.h>
#include <string.h>

/* Room for a name in a message. */
#define NAME_TEXT 120

bool
sp_rule_name(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	char issuer[NAME_TEXT], subject[NAME_TEXT];

	if (sp_bytes_eq(sp_at(c, d)->issuer, sp_at(c, d + 1)->subject))
		return true;
	return sp_broken(text, "issuer is %s, the CA certificate's subject %s",
	    sp_name_text(sp_at(c, d)->issuer, issuer, sizeof(issuer)),
	    sp_name_text(sp_at(c, d + 1)->subject, subject, sizeof(subject)));
}

static void
serial_text(setpki_bytes serial, char out[SETPKI_HEX_TEXT(SP_SERIAL_MAX)])
{
	if (serial.n > SP_SERIAL_MAX)
		serial.n = SP_SERIAL_MAX;
	setpki_hex_text(serial, out);
}

bool
sp_rule_aki(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	const struct sp_cert *cert = sp_at(c, d), *ca = sp_at(c, d + 1);
	char wants[SETPKI_HEX_TEXT(SP_SERIAL_MAX)], has[SETPKI_HEX_TEXT(SP_SERIAL_MAX)];

	if (!sp_cert_has(cert, SP_EXT_AKI))
		return true; /* chain.ext.missing says so */
	if (cert->aki_issuer.p == NULL || cert->aki_serial.p == NULL)
		return sp_broken(text, "issuer and serial number of the CA certificate are not both there");
	if (sp_bytes_eq(cert->aki_issuer, ca->issuer) && sp_bytes_eq(cert->aki_serial, ca->serial))
		return true;
	serial_text(cert->aki_serial, wants);
	serial_text(ca->serial, has);
	return sp_broken(text, "it names the CA certificate %s%s; the one at hand is %s", wants,
	    sp_bytes_eq(cert->aki_issuer, ca->issuer) ? "" : " of another superior", has);
}

bool
sp_rule_keyid(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	const struct sp_cert *cert = sp_at(c, d), *ca = sp_at(c, d + 1);

	if (!sp_cert_has(cert, SP_EXT_AKI))
		return true;
	if (c->suite == SETPKI_SUITE_CLASSIC)
		return cert->aki_keyid.p == NULL || sp_broken(text, "keyIdentifier is present, in suite classic");
	if (cert->aki_keyid.p == NULL)
		return sp_broken(text, "keyIdentifier is absent");
	if (ca->ski.p == NULL || sp_bytes_eq(cert->aki_keyid, ca->ski))
		return true;
	return sp_broken(text, "keyIdentifier is not the subjectKeyIdentifier of the CA certificate");
}

bool
sp_rule_signature(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	if (sp_check_cert_sig(c->run, c->path.v[d]->c, c->path.v[d + 1]->c))
		return true;
	return sp_broken(text, "the signature does not verify with the issuer's key");
}

bool
sp_rule_issued_period(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	const struct sp_cert *cert = sp_at(c, d), *ca = sp_at(c, d + 1);
	char at[SETPKI_TIME_TEXT], from[SETPKI_TIME_TEXT], to[SETPKI_TIME_TEXT];

	if (!sp_cert_has(ca, SP_EXT_PKUP) || sp_time_within(cert->not_before, ca->pkup_from, ca->pkup_to))
		return true;
	return sp_broken(text, "notBefore is %s; the issuer's key was in use from %s to %s",
	    setpki_time_text(cert->not_before, at), setpki_time_text(ca->pkup_from, from),
	    setpki_time_text(ca->pkup_to, to));
}

bool
sp_rule_outlives(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	const struct sp_cert *cert = sp_at(c, d), *ca = sp_at(c, d + 1);
	char end[SETPKI_TIME_TEXT], ca_end[SETPKI_TIME_TEXT];

	if ((ca->key_usage & SETPKI_KU_CRL_SIGN) == 0 || cert->not_after <= ca->not_after)
		return true;
	return sp_broken(text, "valid until %s, its CA, which signs the CRL, only until %s",
	    setpki_time_text(cert->not_after, end), setpki_time_text(ca->not_after, ca_end));
}

/* Who may issue whom is in the table of types; a root is issued by nobody else. */
bool
sp_rule_type(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	uint32_t type = sp_at(c, d)->type, above = sp_at(c, d + 1)->type, bit;
	char name[SP_TYPE_TEXT];

	for (bit = SETPKI_TYPE_CARD; bit <= SETPKI_TYPE_ACQ; bit <<= 1)
		if ((type & bit) != 0 && (bit == SETPKI_TYPE_RCA || (above & sp_type_issuers(bit)) == 0))
			return sp_broken(text, "type %s, issued by a CA of type %s", setpki_type_name(bit),
			    sp_type_text(above, name));
	return true;
}

bool
sp_rule_brand(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	const struct sp_pcert *cert = c->path.v[d]->c, *ca = c->path.v[d + 1]->c;

	if ((ca->cert.type & SETPKI_TYPE_RCA) != 0 || (ca->brand[0] != '\0' && strcmp(cert->brand, ca->brand) == 0))
		return true;
	return sp_broken(text, "O is \"%.100s\", the issuer's \"%.100s\"", cert->brand, ca->brand);
}

bool
sp_rule_certsign(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	return (sp_at(c, d)->key_usage & SETPKI_KU_CERT_SIGN) != 0 ||
	    sp_broken(text, "keyUsage has no keyCertSign, yet the certificate below names it as issuer");
}

bool
sp_rule_ca(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	return sp_at(c, d)->ca || sp_broken(text, "cA is FALSE, yet the certificate below names it as issuer");
}

bool
sp_rule_pathlen(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	int pathlen = sp_at(c, d)->pathlen;

	/* The lowest certificate is not counted: RFC 5280 4.2.1.9. */
	if (pathlen < 0 || d - 1 <= (size_t)pathlen)
		return true;
	return sp_broken(text, "pathLenConstraint is %d, and %zu CA certificates follow", pathlen, d - 1);
}

bool
sp_rule_pathlen_level(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	const struct sp_cert *ca = sp_at(c, d);
	int deep = sp_pathlen(ca->type, true), flat = sp_pathlen(ca->type, false);

	if (!ca->ca || deep < 0 || ca->pathlen == deep || ca->pathlen == flat)
		return true;
	if (ca->pathlen < 0)
		return sp_broken(text, "pathLenConstraint is absent; the CA's level asks for %d", deep);
	return sp_broken(text, "pathLenConstraint is %d; the CA's level asks for %d", ca->pathlen, deep);
}
