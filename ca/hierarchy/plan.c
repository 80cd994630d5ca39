/* Plans as data and as text. */
#include "ca/hierarchy/missing.h"

#include <openssl/crypto.h>
#include <setpki/text.h>
#include <string.h>

void
ca_plan_free(struct ca_plan *plan)
{
	OPENSSL_free(plan->v);
	memset(plan, 0, sizeof(*plan));
}

static enum setpki_code
grow(struct ca_plan *plan, struct setpki_error *err)
{
	size_t cap = plan->cap ? 2 * plan->cap : 32;
	struct ca_step *v;

	if (plan->n < plan->cap)
		return SETPKI_E_OK;
	if ((v = OPENSSL_realloc(plan->v, cap * sizeof(*v))) == NULL)
		return sp_fail_memory(err);
	plan->v = v;
	plan->cap = cap;
	return SETPKI_E_OK;
}

/* --- the text of each type of step ------------------------------------------------------------- */

static const char *
key_phrase(const struct ca_policy_ca *c, enum ca_purpose purpose, bool protected, char out[64])
{
	char type[16];

	snprintf(out, 64, "%s%s", sp_keytype_text(c->keys[purpose].alg, c->keys[purpose].bits, type),
	    protected ? ", under a passphrase" : "");
	return out;
}

typedef void text_fn(const struct ca_policy *p, const struct ca_step *s, char *out, size_t cap);

static void
text_generation(const struct ca_policy *p, const struct ca_step *s, char *out, size_t cap)
{
	(void)p;
	snprintf(out, cap, "begin generation %u, under a name of its own", s->generation);
}

static void
text_key(const struct ca_policy *p, const struct ca_step *s, char *out, size_t cap)
{
	const struct ca_policy_ca *c = &p->cas[s->ca];
	char phrase[64];

	snprintf(out, cap, "make the %s key (%s)", ca_purpose_name(s->purpose),
	    key_phrase(c, s->purpose, c->passphrase, phrase));
}

static void
text_next_key(const struct ca_policy *p, const struct ca_step *s, char *out, size_t cap)
{
	const struct ca_policy_ca *c = &p->cas[s->ca];
	char phrase[64];

	snprintf(out, cap, "make the next root's key (%s), in a file of its own",
	    key_phrase(c, CA_PURPOSE_CERTSIGN, c->next_key_passphrase, phrase));
}

static void
text_cert(const struct ca_policy *p, const struct ca_step *s, char *out, size_t cap)
{
	const struct ca_policy_ca *c = &p->cas[s->ca];
	char span[SETPKI_TIME_TEXT];

	snprintf(out, cap, "%s its %s key, by %s, for %s", s->type == CA_STEP_RENEW ? "certify again" : "certify",
	    ca_purpose_name(s->purpose), c->parent < 0 ? "itself" : p->cas[c->parent].name,
	    setpki_span_text(c->keys[s->purpose].lifetime, span));
}

static void
text_request(const struct ca_policy *p, const struct ca_step *s, char *out, size_t cap)
{
	snprintf(out, cap, "request a certificate for its %s key from %s, and wait for the answer",
	    ca_purpose_name(s->purpose), p->cas[p->cas[s->ca].parent].name);
}

static void
text_crl(const struct ca_policy *p, const struct ca_step *s, char *out, size_t cap)
{
	char span[SETPKI_TIME_TEXT];

	snprintf(out, cap, "sign its first CRL, good for %s", setpki_span_text(p->cas[s->ca].crl.valid, span));
}

static void
text_bci(const struct ca_policy *p, const struct ca_step *s, char *out, size_t cap)
{
	char span[SETPKI_TIME_TEXT];

	snprintf(out, cap, "sign the brand's list of CRLs (BCI), good for %s",
	    setpki_span_text(p->cas[s->ca].bci_valid, span));
}

static void
text_publish(const struct ca_policy *p, const struct ca_step *s, char *out, size_t cap)
{
	snprintf(out, cap, "publish the set of %s", p->cas[s->ca].brand_id);
}

static text_fn *const texts[] = {
    [CA_STEP_GENERATION] = text_generation,
    [CA_STEP_KEY] = text_key,
    [CA_STEP_NEXT_KEY] = text_next_key,
    [CA_STEP_CERT] = text_cert,
    [CA_STEP_RENEW] = text_cert,
    [CA_STEP_REQUEST] = text_request,
    [CA_STEP_CRL] = text_crl,
    [CA_STEP_BCI] = text_bci,
    [CA_STEP_PUBLISH] = text_publish,
};

/* Whether carrying out a step opens or makes a key under a passphrase. */
static bool
step_asks(const struct ca_policy *p, const struct ca_step *s)
{
	const struct ca_policy_ca *c = &p->cas[s->ca];

	switch (s->type) {
	case CA_STEP_NEXT_KEY:
		return c->next_key_passphrase;
	case CA_STEP_CERT:
	case CA_STEP_RENEW:
		return c->parent < 0 ? c->passphrase || (s->generation > 1 && c->next_key_passphrase)
				     : p->cas[c->parent].passphrase;
	case CA_STEP_GENERATION:
	case CA_STEP_PUBLISH:
		return false;
	default:
		return c->passphrase;
	}
}

enum setpki_code
ca_plan_add(struct ca_plan *plan, const struct ca_state *s, enum ca_step_type type, int ca, uint16_t generation,
    enum ca_purpose purpose, struct setpki_error *err)
{
	struct ca_step *step;
	enum setpki_code rc;

	if ((rc = grow(plan, err)) != SETPKI_E_OK)
		return rc;
	plan->policy = s->policy;
	step = &plan->v[plan->n++];
	*step = (struct ca_step){.type = type, .ca = ca, .generation = generation, .purpose = purpose};
	texts[type](s->policy, step, step->text, sizeof(step->text));
	plan->asks = plan->asks || step_asks(s->policy, step);
	return SETPKI_E_OK;
}

void
ca_plan_text(const struct ca_plan *plan, struct sp_buf *out)
{
	const struct ca_step *s, *before = NULL;
	size_t i;

	if (plan->n == 0)
		sp_buf_add_str(out, "Nothing to do.\n");
	for (i = 0; i < plan->n; i++, before = s) {
		s = &plan->v[i];
		if (before == NULL || before->ca != s->ca || before->generation != s->generation)
			sp_buf_printf(
			    out, "%s%s, generation %u\n", i ? "\n" : "", plan->policy->cas[s->ca].name, s->generation);
		sp_buf_printf(out, "  %s\n", s->text);
	}
}

enum setpki_code
ca_plan_check_pass(const struct ca_plan *plan, const struct ca_passphrase *pass, struct setpki_error *err)
{
	if (!plan->asks || (pass != NULL && pass->ask != NULL))
		return SETPKI_E_OK;
	return sp_fail(err, SETPKI_E_ARGUMENT, NULL,
	    "the plan needs a passphrase and there is nobody to ask: run it at a terminal, or give --passphrase-fd; "
	    "nothing was made");
}
