/* One line about any object. */
#include "lib/der/reader.h"
#include "lib/x509/bci.h"
#include "lib/x509/cert.h"
#include "lib/x509/crl.h"
#include "lib/x509/csr.h"
#include "lib/x509/name.h"

#include <inttypes.h>
#include <setpki/object.h>
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
	if (!good)
		snprintf(out, cap, "%s", setpki_object_name(o->type));
	return out;
}
