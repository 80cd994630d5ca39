/* From bytes to a policy: tree, checks, struct. */
#include "ca/policy/schema.h"

#include <openssl/crypto.h>
#include <setpki/text.h>

/* One complaint is enough, and the first one says most. */
static enum setpki_code
check_document(struct ca_check *c, struct ca_node *root)
{
	enum setpki_code rc = ca_check_keys(c, root);

	if (rc == SETPKI_E_OK)
		rc = ca_check_values(c, root);
	if (rc == SETPKI_E_OK)
		rc = ca_check_missing(c, root);
	if (rc == SETPKI_E_OK)
		rc = ca_check_labels(c, root);
	return rc;
}

static enum setpki_code
keep_source(setpki_ctx *ctx, setpki_bytes yaml, const char *file, struct ca_policy *p, struct setpki_error *err)
{
	p->source_len = yaml.n;
	p->source = OPENSSL_memdup(yaml.p, yaml.n);
	p->file = OPENSSL_strdup(file);
	if (p->source == NULL || p->file == NULL)
		return sp_fail_memory(err);
	return sp_sha256(ctx, yaml, p->hash, err);
}

static enum setpki_code
make(struct ca_check *c, struct ca_policy *p)
{
	enum setpki_code rc = check_document(c, p->document);

	if (rc == SETPKI_E_OK)
		rc = ca_complete(c, p->document);
	if (rc == SETPKI_E_OK)
		rc = ca_fill(c, p->document, p);
	if (rc == SETPKI_E_OK)
		rc = ca_check_rules(c, p);
	return rc;
}

enum setpki_code
ca_policy_read(setpki_ctx *ctx, setpki_bytes yaml, const char *file, struct ca_policy **out, struct setpki_error *err)
{
	struct ca_policy *p = OPENSSL_zalloc(sizeof(*p));
	struct setpki_error own = {0};
	struct ca_check c = {.file = file, .err = err != NULL ? err : &own};
	enum setpki_code rc;

	*out = NULL;
	if (p == NULL)
		return sp_fail_memory(err);
	rc = ca_yaml_read(yaml, file, &p->document, c.err);
	if (rc == SETPKI_E_OK)
		rc = keep_source(ctx, yaml, file, p, c.err);
	if (rc == SETPKI_E_OK)
		rc = make(&c, p);
	if (rc == SETPKI_E_OK) {
		*out = p;
		return rc;
	}
	/* what stands in the file is repeated, and somebody may have put a card number there */
	setpki_mask_pans(c.err->object);
	setpki_mask_pans(c.err->message);
	ca_policy_free(p);
	return rc;
}
