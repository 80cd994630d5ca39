/* Forms and referrals: in which language, under which id (set-protocol 8, 12.19). */
#include "ca/register/route.h"

#include <openssl/crypto.h>
#include <string.h>
#include <strings.h>

/* --- language ---------------------------------------------------------------------------------- */

/* The next shorter range: the last subtag goes, and a single letter before it too (RFC 4647 3.4). */
static size_t
shorten(const char *range, size_t n)
{
	while (n > 0 && range[n - 1] != '-')
		n--;
	if (n > 0)
		n--;
	if (n >= 2 && range[n - 2] == '-')
		n -= 2;
	return n;
}

const struct ca_form_text *
ca_reg_text(const struct ca_form_text *texts, size_t n, const char *language)
{
	for (size_t len = strlen(language); len > 0; len = shorten(language, len))
		for (size_t i = 0; i < n; i++)
			if (strlen(texts[i].language) == len && strncasecmp(texts[i].language, language, len) == 0)
				return &texts[i];
	return n != 0 ? &texts[0] : NULL;
}

/* --- which form -------------------------------------------------------------------------------- */

const struct ca_form *
ca_reg_form_for(const struct ca_profile *profile, const char *bin, const struct ca_referral **referral)
{
	const struct ca_desk_route *route = bin != NULL ? ca_desk_route(&profile->desk, bin) : NULL;

	*referral = NULL;
	if (route != NULL) {
		*referral = route->referral.present ? &route->referral : NULL;
		return route->form;
	}
	return bin == NULL || ca_profile_takes_bin(profile, bin) ? profile->form : NULL;
}

/* --- ids --------------------------------------------------------------------------------------- */

static void
put_text(struct sp_buf *b, const char *text)
{
	sp_buf_printf(b, "%zu:%s,", text != NULL ? strlen(text) : 0, text != NULL ? text : "");
}

static void
put_field(struct sp_buf *b, const struct ca_form_field *f, const char *language)
{
	put_text(b, ca_form_text_in(f->labels, f->nlabels, language));
	put_text(b, ca_form_text_in(f->hints, f->nhints, language));
	put_text(b, f->pattern);
	sp_buf_printf(b, "%d,%d,%d,%d,", f->id, f->required, f->invisible, f->length);
}

/* A form in one language, word by word: whoever filled in something else filled in another form. */
static void
put_form(struct sp_buf *b, const struct ca_form *form, const char *language)
{
	put_text(b, form->name);
	put_text(b, language);
	put_text(b, ca_form_text_in(form->terms, form->nterms, language));
	for (size_t i = 0; i < form->nfields; i++)
		put_field(b, &form->fields[i], language);
	if (form->account.present) {
		put_text(b, "account");
		put_field(b, &form->account, language);
	}
}

/* 63 bits of its digest, never 0. */
static enum setpki_code
form_id(const struct ca_register *r, const struct ca_form *form, const char *language, int64_t *out,
    struct setpki_error *err)
{
	struct sp_buf b = {0};
	uint8_t digest[32];
	uint64_t v = 0;
	enum setpki_code rc;

	put_form(&b, form, language);
	rc = b.failed ? sp_fail_memory(err) : sp_sha256(r->h->ctx, sp_buf_bytes(&b), digest, err);
	for (int i = 0; rc == SETPKI_E_OK && i < 8; i++)
		v = v << 8 | digest[i];
	*out = (int64_t)(v >> 1 != 0 ? v >> 1 : 1);
	sp_buf_free(&b);
	return rc;
}

enum setpki_code
ca_reg_forms_make(struct ca_register *r, struct setpki_error *err)
{
	const struct ca_policy *p = r->h->policy;
	struct ca_reg_form *v;
	size_t n = 0;
	enum setpki_code rc = SETPKI_E_OK;

	for (size_t i = 0; i < p->nforms; i++)
		n += p->forms[i].nterms;
	if ((v = OPENSSL_zalloc((n + 1) * sizeof(*v))) == NULL)
		return sp_fail_memory(err);
	n = 0;
	for (size_t i = 0; i < p->nforms; i++)
		for (size_t k = 0; rc == SETPKI_E_OK && k < p->forms[i].nterms; k++, n++) {
			v[n].form = &p->forms[i];
			v[n].language = p->forms[i].terms[k].language;
			rc = form_id(r, v[n].form, v[n].language, &v[n].id, err);
		}
	if (rc != SETPKI_E_OK) {
		OPENSSL_free(v);
		return rc;
	}
	OPENSSL_free(r->forms);
	r->forms = v;
	r->nforms = n;
	return rc;
}

const struct ca_reg_form *
ca_reg_form_by_id(const struct ca_register *r, int64_t id)
{
	for (size_t i = 0; i < r->nforms; i++)
		if (r->forms[i].id == id)
			return &r->forms[i];
	return NULL;
}

static int64_t
id_of(const struct ca_register *r, const struct ca_form *form, const char *language)
{
	for (size_t i = 0; i < r->nforms; i++)
		if (r->forms[i].form == form && strcmp(r->forms[i].language, language) == 0)
			return r->forms[i].id;
	return 0;
}

/* --- as the session takes them ----------------------------------------------------------------- */

/* A copy, or NULL of NULL; false when out of memory. */
static bool
copy(char **to, const char *from)
{
	*to = from != NULL ? OPENSSL_strdup(from) : NULL;
	return from == NULL || *to != NULL;
}

static bool
copy_field(struct setpki_field *to, const struct ca_form_field *from, const char *language)
{
	*to = (struct setpki_field){
	    .id = from->id, .length = (unsigned)from->length, .required = from->required, .invisible = from->invisible};
	if ((to->labels = OPENSSL_zalloc(sizeof(*to->labels))) == NULL)
		return false;
	to->nlabels = 1;
	return copy(&to->labels[0], ca_form_text_in(from->labels, from->nlabels, language)) &&
	    copy(&to->description, ca_form_text_in(from->hints, from->nhints, language));
}

static bool
copy_form(
    const struct ca_register *r, const struct ca_form *form, const struct ca_form_text *terms, struct setpki_form *out)
{
	bool ok = copy(&out->terms, terms->text);

	if (form->nfields != 0) {
		out->has_template = true;
		out->id = id_of(r, form, terms->language);
		ok = ok && copy(&out->brand_logo, form->brand_logo) && copy(&out->card_logo, form->card_logo);
		out->fields = OPENSSL_zalloc(form->nfields * sizeof(*out->fields));
		ok = ok && out->fields != NULL;
	}
	for (size_t i = 0; ok && i < form->nfields; i++) {
		out->nfields = i + 1;
		ok = copy_field(&out->fields[i], &form->fields[i], terms->language);
	}
	return ok;
}

static enum setpki_code
put_reply_form(const struct ca_register *r, const struct ca_form *form, const char *language,
    struct setpki_form_reply *out, struct setpki_error *err)
{
	const struct ca_form_text *terms = ca_reg_text(form->terms, form->nterms, language);
	bool ok = copy_form(r, form, terms, &out->form);

	out->asks_account = form->account.present;
	if (ok && out->asks_account)
		ok = copy_field(&out->account, &form->account, terms->language);
	return ok ? SETPKI_E_OK : sp_fail_memory(err);
}

/* Without one in the policy those are sent away whose BIN nobody here serves. */
static enum setpki_code
put_referral(
    const struct ca_referral *from, const char *language, struct setpki_referral *out, struct setpki_error *err)
{
	static const char nobody[] = "This certificate authority does not register these accounts.";
	const struct ca_form_text *reason = from != NULL ? ca_reg_text(from->reasons, from->nreasons, language) : NULL;
	bool ok = copy(&out->reason, reason != NULL ? reason->text : from == NULL ? nobody : NULL);

	if (ok && from != NULL) {
		out->urls = OPENSSL_zalloc((from->nurls + 1) * sizeof(*out->urls));
		ok = out->urls != NULL;
	}
	for (size_t i = 0; ok && from != NULL && i < from->nurls; i++) {
		ok = copy(&out->urls[i], from->urls[i]);
		out->nurls = i + (size_t)ok;
	}
	return ok ? SETPKI_E_OK : sp_fail_memory(err);
}

enum setpki_code
ca_reg_form(void *arg, const struct setpki_responder_ca *ca, const struct setpki_form_ask *ask,
    struct setpki_form_reply *out, struct setpki_error *err)
{
	struct ca_register *r = arg;
	const struct ca_reg_generation *g = ca_reg_of(r, ca);
	const struct setpki_request_row *row = setpki_request_row(ask->type);
	const struct ca_profile *profile =
	    g != NULL && row != NULL ? ca_reg_profile(r, g, ca_reg_role(row->holder)) : NULL;
	const struct ca_referral *referral = NULL;
	const struct ca_form *form = NULL;
	const char *bin = ask->pan != NULL ? ask->pan : ask->id != NULL ? ask->id->bin : NULL;
	enum setpki_code rc = ca_reg_may_try(r, ask->pan, ask->id, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (profile != NULL && (bin == NULL || strlen(bin) >= SP_UB_BIN))
		form = ca_reg_form_for(profile, bin, &referral);
	out->refer = form == NULL;
	if (form != NULL)
		return put_reply_form(r, form, ask->language, out, err);
	return put_referral(referral, ask->language, &out->referral, err);
}
