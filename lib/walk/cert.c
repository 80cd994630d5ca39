/* Certificates and requests, field by field under the names of set-protocol 5 and RFC 2986. */
#include "lib/walk/inner.h"
#include "lib/x509/csr.h"

void
sp_walk_cert(struct sp_walk *w, setpki_bytes der)
{
	struct sp_cert c;

	if ((w->rc = sp_cert_parse(der, &c, w->err)) != SETPKI_E_OK)
		return;
	sp_w_enter(w, "certificate", "Certificate");
	sp_w_text(w, "kind", setpki_kind_name(sp_cert_kind(&c)), NULL);
	sp_walk_head(w, c.der, c.tbs, c.suite);
	sp_w_number(w, "version", c.version);
	sp_w_hex(w, "serialNumber", c.serial, NULL);
	sp_w_name(w, "issuer", c.issuer);
	sp_w_enter(w, "validity", "Validity");
	sp_w_time(w, "notBefore", c.not_before);
	sp_w_time(w, "notAfter", c.not_after);
	sp_w_leave(w);
	sp_w_name(w, "subject", c.subject);
	sp_walk_key(w, "subjectPublicKeyInfo", &c.key);
	if (c.unique_ids)
		sp_w_bool(w, "uniqueIDs", true);
	sp_walk_extensions(w, "extensions", c.extensions);
	sp_walk_signature(w, c.sigalg, c.sig);
	sp_w_leave(w);
}

/* Attributes other than extensionRequest: their types alone. */
static void
walk_other_attributes(struct sp_walk *w, const struct sp_csr *csr)
{
	struct sp_der list = sp_der(csr->attributes), attribute;
	setpki_bytes type;

	if (csr->unknown_attributes == 0)
		return;
	sp_w_list(w, "otherAttributes", NULL);
	while (sp_der_enter(&list, SP_SEQUENCE, &attribute))
		if (sp_der_oid(&attribute, &type) && !sp_bytes_eq(type, sp_oid_extension_request))
			sp_w_oid(w, "item", type);
	sp_w_leave(w);
}

void
sp_walk_csr(struct sp_walk *w, setpki_bytes der)
{
	struct sp_csr csr;

	if ((w->rc = sp_csr_parse(der, &csr, w->err)) != SETPKI_E_OK)
		return;
	sp_w_enter(w, "request", "CertificationRequest");
	sp_walk_head(w, csr.der, csr.info, csr.suite);
	sp_w_number(w, "version", 0);
	sp_w_name(w, "subject", csr.subject);
	sp_walk_key(w, "subjectPKInfo", &csr.key);
	if (csr.extensions.n != 0)
		sp_walk_extensions(w, "extensionRequest", csr.extensions);
	walk_other_attributes(w, &csr);
	sp_walk_signature(w, csr.sigalg, csr.sig);
	sp_w_text(w, "proofOfPossession", sp_csr_verify(w->ctx, &csr, NULL) == SETPKI_E_OK ? "good" : "bad", NULL);
	sp_w_leave(w);
}
