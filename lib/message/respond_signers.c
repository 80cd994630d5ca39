/* The keys of a CertReq's SignerInfos, found from what they sign (set-protocol 8, 12.5, 12.10). */
#include "lib/message/respond.h"

#include "lib/x509/cert.h"

static EVP_PKEY *
key_of(struct setpki_responder *r, const struct sp_spki *k)
{
	EVP_PKEY *key = NULL;

	if (sp_spki_check(k, r->suite, false, NULL) != SETPKI_E_OK ||
	    sp_spki_pkey(r->ctx, k, &key, NULL) != SETPKI_E_OK)
		return NULL;
	return key;
}

EVP_PKEY *
sp_signing_key(struct setpki_responder *r, setpki_bytes spki)
{
	struct sp_spki k;

	return sp_spki_parse(spki, &k, NULL) == SETPKI_E_OK ? key_of(r, &k) : NULL;
}

/* The key that is to be certified. */
static EVP_PKEY *
new_key(struct sp_signers *s, const struct sp_signer *who, setpki_bytes *spki)
{
	*spki = sp_str(s->data->keys->sig);
	return who->uncertified && spki->n != 0 ? sp_signing_key(s->r, *spki) : NULL;
}

/* The key of a certificate that this CA issued; whether that one is still good is not judged here. */
static EVP_PKEY *
old_key(struct sp_signers *s, const struct sp_signer *who, setpki_bytes *spki)
{
	const struct setpki_responder_ops *ops = s->r->ops;
	struct setpki_error err = {0};
	struct sp_cert c;
	enum setpki_code rc;

	if (who->uncertified || who->nserial == 0)
		return NULL;
	rc = ops->cert(ops->arg, s->r->ca, who->issuer, sp_signer_serial(who), &s->old, &err);
	if (rc != SETPKI_E_OK) {
		s->old = (struct setpki_known_cert){0};
		if (rc != SETPKI_E_NOTFOUND && s->rc == SETPKI_E_OK) {
			s->rc = rc;
			s->err = err;
		}
		return NULL;
	}
	if (sp_cert_parse(s->old.der, &c, NULL) != SETPKI_E_OK)
		return NULL;
	*spki = c.key.whole;
	return key_of(s->r, &c.key);
}

size_t
sp_signers_count(void *arg, setpki_bytes content)
{
	struct sp_signers *s = arg;
	void *data = NULL;

	if (sp_type_decode(&sp_type_cert_req_data, content, &data, NULL) != SETPKI_E_OK)
		return 1;
	s->data = data;
	s->row = setpki_request_row((enum setpki_request_type)sp_int(s->data->request_type));
	return s->row != NULL ? s->row->signers : 1;
}

/* Where there is no key, the CA's own one stands in: the work is that of a signature that does not verify. */
EVP_PKEY *
sp_signers_key(void *arg, size_t i, const struct sp_signer *who, setpki_bytes content)
{
	struct sp_signers *s = arg;
	setpki_bytes spki = {NULL, 0};

	(void)content;
	if (i < SP_SIGNERS_MAX && s->data != NULL && s->row != NULL && i < s->row->signers && s->keys[i] == NULL)
		s->keys[i] = i == 0 && s->row->sig ? new_key(s, who, &spki) : old_key(s, who, &spki);
	if (i >= SP_SIGNERS_MAX || s->keys[i] == NULL) {
		s->missing = true;
		return s->r->ca->exchange.key;
	}
	if (i == 0)
		s->first = spki;
	return s->keys[i];
}

void
sp_signers_free(struct sp_signers *s)
{
	for (size_t i = 0; i < SP_SIGNERS_MAX; i++)
		EVP_PKEY_free(s->keys[i]);
	sp_type_free(&sp_type_cert_req_data, s->data);
	*s = (struct sp_signers){0};
}
