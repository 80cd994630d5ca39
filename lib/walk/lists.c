/* CRLs and BCIs, field by field under the names of set-protocol 6 and 2. */
#include "lib/walk/inner.h"
#include "lib/x509/bci.h"
#include "lib/x509/crl.h"

static enum setpki_code
walk_entry(void *arg, setpki_bytes serial, int64_t revoked_at, int reason, struct setpki_error *err)
{
	struct sp_walk *w = arg;

	(void)err;
	sp_w_enter(w, "item", NULL);
	sp_w_hex(w, "userCertificate", serial, NULL);
	sp_w_time(w, "revocationDate", revoked_at);
	if (reason >= 0)
		sp_w_text(w, "reasonCode", sp_reason_name(reason), NULL);
	sp_w_leave(w);
	return w->rc;
}

static void
walk_crl_fields(struct sp_walk *w, const struct sp_crl *crl)
{
	sp_w_enter(w, "crl", "CertificateRevocationList");
	sp_walk_head(w, crl->der, crl->tbs, crl->suite);
	sp_w_number(w, "version", 2);
	sp_w_name(w, "issuer", crl->issuer);
	sp_w_time(w, "thisUpdate", crl->this_update);
	if (crl->next_update != INT64_MIN)
		sp_w_time(w, "nextUpdate", crl->next_update);
	sp_w_number(w, "entries", (int64_t)crl->count);
	if (crl->count != 0) {
		sp_w_list(w, "revokedCertificates", NULL);
		w->rc = sp_crl_each(crl, walk_entry, w, w->err);
		sp_w_leave(w);
	}
	if (crl->extensions.n != 0)
		sp_walk_extensions(w, "crlExtensions", crl->extensions);
	sp_walk_signature(w, crl->sigalg, crl->sig);
	sp_w_leave(w);
}

void
sp_walk_crl(struct sp_walk *w, setpki_bytes der)
{
	struct sp_crl crl;

	if ((w->rc = sp_crl_parse(w->ctx, der, &crl, w->err)) != SETPKI_E_OK)
		return;
	walk_crl_fields(w, &crl);
	sp_crl_free(&crl);
}

static void
walk_bci_fields(struct sp_walk *w, const struct sp_bci *bci)
{
	sp_w_enter(w, "bci", "BrandCRLIdentifier");
	sp_walk_head(w, bci->der, bci->tbs, bci->suite);
	sp_w_number(w, "version", 0);
	sp_w_number(w, "sequenceNum", (int64_t)bci->sequence);
	sp_w_string(w, "brandID", bci->brand_id_tag, bci->brand_id);
	sp_w_time(w, "notBefore", bci->not_before);
	sp_w_time(w, "notAfter", bci->not_after);
	sp_w_list(w, "crlIdentifierSeq", "CRLIdentifierSeq");
	for (size_t i = 0; i < bci->n; i++) {
		sp_w_enter(w, "item", "CRLIdentifier");
		sp_w_name(w, "issuerName", bci->entries[i].issuer);
		sp_w_number(w, "crlNumber", (int64_t)bci->entries[i].number);
		sp_w_leave(w);
	}
	sp_w_leave(w);
	if (bci->extensions.n != 0)
		sp_walk_extensions(w, "bCRLExtensions", bci->extensions);
	sp_walk_signature(w, bci->sigalg, bci->sig);
	sp_w_leave(w);
}

void
sp_walk_bci(struct sp_walk *w, setpki_bytes der)
{
	struct sp_bci bci;

	if ((w->rc = sp_bci_parse(der, &bci, w->err)) != SETPKI_E_OK)
		return;
	walk_bci_fields(w, &bci);
	sp_bci_free(&bci);
}
