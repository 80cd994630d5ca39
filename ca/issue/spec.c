/* Parts of certificates that the policy fixes for each issuer. */
#include "ca/issue/spec.h"

#include "lib/x509/name.h"

#include <string.h>

enum setpki_code
ca_spec_ca_subject(const struct ca_policy *p, int ca, uint16_t generation, struct sp_buf *out, struct setpki_error *err)
{
	const struct ca_policy_ca *c = &p->cas[ca];
	struct sp_name_parts parts = {.country = c->country, .organization = c->organization, .unit = c->unit};
	char common[SP_NAME_MAX];
	int n = snprintf(common, sizeof(common), "%s G%u", c->id != NULL ? c->id : c->name, (unsigned)generation);

	if (n < 0 || (size_t)n >= sizeof(common))
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "the identifier of %s is too long for a name", c->name);
	parts.common = common;
	return sp_name_build(p->suite, &parts, out, err);
}

static enum setpki_code
url(char *out, size_t cap, const char *base, const char *name, uint16_t generation, const char *suffix,
    struct setpki_error *err)
{
	size_t len = strlen(base);
	const char *slash = len != 0 && base[len - 1] == '/' ? "" : "/";
	int n = snprintf(out, cap, "%s%s%s-%u.%s", base, slash, name, (unsigned)generation, suffix);

	if (n < 0 || (size_t)n >= cap)
		return sp_fail(
		    err, SETPKI_E_LIMIT, NULL, "the URL of the %s of %s passes %zu characters", suffix, name, cap - 1);
	return SETPKI_E_OK;
}

enum setpki_code
ca_spec_begin(const struct ca_policy *p, int issuer, uint16_t generation, struct ca_spec_urls *urls,
    struct sp_cert_spec *spec, struct setpki_error *err)
{
	const struct ca_policy_ca *c = &p->cas[issuer];
	enum setpki_code rc;

	memset(spec, 0, sizeof(*spec));
	spec->suite = p->suite;
	spec->relax_critical = p->relax_critical;
	spec->policy = ca_spec_policy_text(c);
	if (c->crl_url != NULL && c->crl.keeps) {
		if ((rc = url(urls->crl, sizeof(urls->crl), c->crl_url, c->name, generation, "crl", err)) !=
		    SETPKI_E_OK)
			return rc;
		spec->crl_url = urls->crl;
	}
	if (c->aia_url != NULL) {
		if ((rc = url(urls->aia, sizeof(urls->aia), c->aia_url, c->name, generation, "cer", err)) !=
		    SETPKI_E_OK)
			return rc;
		spec->aia_url = urls->aia;
	}
	return SETPKI_E_OK;
}

struct sp_policy_text
ca_spec_policy_text(const struct ca_policy_ca *ca)
{
	return (struct sp_policy_text){ca->statement, ca->policy_url, ca->policy_email};
}
