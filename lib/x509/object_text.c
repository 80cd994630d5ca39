/* One line about any object. */
#include "lib/asn1/arm.h"
#include "lib/crypto/signed.h"
#include "lib/der/reader.h"
#include "lib/x509/bci.h"
#include "lib/x509/cert.h"
#include "lib/x509/crl.h"
#include "lib/x509/csr.h"
#include "lib/x509/name.h"

#include <inttypes.h>
#include <setpki/object.h>
#include <setpki/text.h>
#include <stdio.h>

static bool
bci_text(setpki_bytes der, char *out, size_t cap)
{
	struct sp_bci bci = {0};
	struct sp_buf brand = {0};
	bool good = sp_bci_parse(der, &bci, NULL) == SETPKI_E_OK;

	if (good) {
		sp_bci_brand(&bci, &brand);
		snprintf(out, cap, "BCI %" PRIu64 " of %.*s", bci.sequence, (int)brand.n, (const char *)brand.p);
	}
	sp_buf_free(&brand);
	sp_bci_free(&bci);
	return good;
}

static bool
crl_text(setpki_bytes der, char *out, size_t cap)
{
	struct sp_crl crl;
	char name[200];
	bool good = sp_crl_frame(der, &crl, NULL) == SETPKI_E_OK;

	if (good)
		snprintf(
		    out, cap, "CRL %" PRId64 " of %s", crl.number_value, sp_name_text(crl.issuer, name, sizeof(name)));
	return good;
}

static bool
csr_text(setpki_bytes der, char *out, size_t cap)
{
	struct sp_csr csr = {0};
	char name[200];
	bool good = sp_csr_parse(der, &csr, NULL) == SETPKI_E_OK;

	if (good)
		snprintf(out, cap, "request of %s", sp_name_text(csr.subject, name, sizeof(name)));
	return good;
}

/* A certificate of X.509 that is none of SET's: its subject all the same. */
static bool
foreign_cert_text(setpki_bytes der, char *out, size_t cap)
{
	struct sp_der d = sp_der(der), cert, tbs, skip;
	setpki_bytes value, subject;
	char name[200];

	if (!sp_der_enter(&d, SP_SEQUENCE, &cert) || !sp_der_enter(&cert, SP_SEQUENCE, &tbs))
		return false;
	(void)sp_der_enter_opt(&tbs, SP_CTXC(0), &skip);
	if (!sp_der_integer(&tbs, &value) || !sp_der_take(&tbs, SP_SEQUENCE, &value) ||
	    !sp_der_take(&tbs, SP_SEQUENCE, &value) || !sp_der_take(&tbs, SP_SEQUENCE, &value) ||
	    !sp_der_take_whole(&tbs, SP_SEQUENCE, &subject))
		return false;
	snprintf(out, cap, "certificate %s", sp_name_text(subject, name, sizeof(name)));
	return true;
}

static bool
cert_text(setpki_bytes der, char *out, size_t cap)
{
	struct sp_cert cert;
	bool good = sp_cert_parse(der, &cert, NULL) == SETPKI_E_OK;

	if (good)
		sp_cert_text(&cert, out, cap);
	return good;
}

static bool
wrapper_text(setpki_bytes der, char *out, size_t cap)
{
	char date[SETPKI_TIME_TEXT], rrpid[SETPKI_HEX_TEXT(SP_NONCE_LEN)] = "none";
	struct sp_message m;

	if (sp_message_read(der, &m, NULL) != SETPKI_E_OK)
		return false;
	setpki_time_text(sp_time(m.wrapper->header->date), date);
	if (m.wrapper->header->rrpid != NULL)
		setpki_hex_text(sp_str(m.wrapper->header->rrpid), rrpid);
	snprintf(out, cap, "%s of %s, rrpid %s", m.arm->name, date, rrpid);
	sp_message_free(&m);
	return true;
}

/* What CAs send each other has its date first (set-protocol 12.16). */
static bool
signed_text(setpki_bytes der, char *out, size_t cap)
{
	char date[SETPKI_TIME_TEXT];
	struct sp_der d, seq;
	struct sp_sdata s;
	const char *name;
	int64_t t;
	bool good;

	if (sp_sdata_read(der, &s, NULL) != SETPKI_E_OK)
		return false;
	d = sp_der(s.content);
	name = sp_content_name(sp_content_number(sp_obj(s.data->content->type)));
	good = name != NULL && sp_der_enter(&d, SP_SEQUENCE, &seq) && sp_der_time(&seq, &t, NULL);
	if (good)
		snprintf(out, cap, "signed %s of %s", name, setpki_time_text(t, date));
	sp_sdata_free(&s);
	return good;
}

const char *
setpki_object_text(setpki_ctx *ctx, const struct setpki_object *o, char *out, size_t cap)
{
	bool good = false;

	(void)ctx;
	if (o->type == SETPKI_OBJECT_CERT)
		good = cert_text(o->der, out, cap) || foreign_cert_text(o->der, out, cap);
	else if (o->type == SETPKI_OBJECT_CRL)
		good = crl_text(o->der, out, cap);
	else if (o->type == SETPKI_OBJECT_BCI)
		good = bci_text(o->der, out, cap);
	else if (o->type == SETPKI_OBJECT_CSR)
		good = csr_text(o->der, out, cap);
	else if (o->type == SETPKI_OBJECT_MESSAGE)
		good = wrapper_text(o->der, out, cap) || signed_text(o->der, out, cap);
	if (!good)
		snprintf(out, cap, "%s", setpki_object_name(o->type));
	return out;
}
