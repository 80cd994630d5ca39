/* Parts of certificates that the policy fixes for each issuer. */
#include "ca/issue/spec.h"

#include "lib/x509/name.h"

#include <setpki/text.h>
#include <string.h>

const struct ca_role_kinds ca_role_kinds[CA_ROLE_N] = {
    [CA_ROLE_CARDHOLDER] = {SETPKI_KIND_CARD_SIG, SETPKI_KIND_NONE, SETPKI_TYPE_CARD},
    [CA_ROLE_MERCHANT] = {SETPKI_KIND_MER_SIG, SETPKI_KIND_MER_ENC, SETPKI_TYPE_MER},
    [CA_ROLE_GATEWAY] = {SETPKI_KIND_PGWY_SIG, SETPKI_KIND_PGWY_ENC, SETPKI_TYPE_PGWY},
};

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

/* --- finding CAs ------------------------------------------------------------------------------- */

int
ca_spec_find(const struct ca_policy *p, const char *name, struct setpki_error *err)
{
	const char *known[64], *close;
	size_t i, n = 0;
	int ca = ca_policy_find(p, name);

	if (ca >= 0)
		return ca;
	for (i = 0; i < p->ncas && n < sizeof(known) / sizeof(known[0]); i++)
		known[n++] = p->cas[i].name;
	close = setpki_closest(name, known, n);
	(void)sp_fail(err, SETPKI_E_NOTFOUND, NULL, "the policy has no CA called %s%s%s%s", name,
	    close != NULL ? "; did you mean " : "", close != NULL ? close : "", close != NULL ? "?" : "");
	return -1;
}

/* Whether it is the name of some generation of this CA, and of which. */
static enum setpki_code
names_ca(
    const struct ca_policy *p, int ca, setpki_bytes subject, uint16_t *generation, bool *yes, struct setpki_error *err)
{
	struct sp_buf name = {0};
	unsigned number = 0;
	enum setpki_code rc;

	*yes = false;
	if ((rc = ca_spec_ca_subject(p, ca, 1, &name, err)) != SETPKI_E_OK ||
	    !sp_name_same_ca(subject, sp_buf_bytes(&name), &number, NULL) || number > UINT16_MAX)
		goto out;
	sp_buf_reset(&name);
	if ((rc = ca_spec_ca_subject(p, ca, (uint16_t)number, &name, err)) == SETPKI_E_OK)
		*yes = sp_bytes_eq(subject, sp_buf_bytes(&name));
	*generation = (uint16_t)number;
out:
	sp_buf_free(&name);
	return rc;
}

enum setpki_code
ca_spec_by_subject(
    const struct ca_policy *p, setpki_bytes subject, int *ca, uint16_t *generation, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;
	bool yes = false;
	size_t i;

	*ca = -1;
	for (i = 0; i < p->ncas && rc == SETPKI_E_OK && *ca < 0; i++)
		if ((rc = names_ca(p, (int)i, subject, generation, &yes, err)) == SETPKI_E_OK && yes)
			*ca = (int)i;
	return rc;
}

enum setpki_code
ca_spec_refuse(const struct setpki_findings *f, struct setpki_error *err)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (f->v[i].rule->severity == SETPKI_ERROR)
			return sp_fail(
			    err, SETPKI_E_RULE, f->v[i].rule->spec, "%s: %s", f->v[i].rule->id, f->v[i].text);
	return SETPKI_E_OK;
}
