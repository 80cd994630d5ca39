#include "tests/support/desk.h"

#include "lib/crypto/suite.h"
#include "lib/message/parts.h"
#include "tests/support/check.h"

#include <openssl/crypto.h>
#include <stdio.h>

static struct desk *
enter(void *arg, enum setpki_code *rc)
{
	struct desk *d = arg;

	d->calls++;
	*rc = d->fails != SETPKI_E_OK && d->calls == d->fails_at ? d->fails : SETPKI_E_OK;
	return d;
}

/* --- which CA ---------------------------------------------------------------------------------- */

static enum setpki_code
pick(struct desk *d, enum reg_slot slot, const struct setpki_responder_ca **out)
{
	for (size_t i = 0; i < DESK_CAS; i++) {
		if (d->slots[i] != slot)
			continue;
		*out = &d->cas[i];
		return SETPKI_E_OK;
	}
	return SETPKI_E_NOTFOUND;
}

static enum setpki_code
ca_first(void *arg, const char *brand, uint32_t ca_type, const char *bin, const struct setpki_responder_ca **out,
    struct setpki_error *err)
{
	enum setpki_code rc;
	struct desk *d = enter(arg, &rc);

	(void)err;
	(void)bin;
	if (rc != SETPKI_E_OK || (strcmp(brand, REG_BRAND_ID) != 0 && !d->any_brand))
		return rc != SETPKI_E_OK ? rc : SETPKI_E_NOTFOUND;
	return pick(d, ca_type == SETPKI_TYPE_CCA ? REG_CCA : ca_type == SETPKI_TYPE_MCA ? REG_MCA : REG_PCA, out);
}

static enum setpki_code
ca_recipient(void *arg, setpki_bytes issuer, setpki_bytes serial, const struct setpki_responder_ca **out,
    struct setpki_error *err)
{
	enum setpki_code rc;
	struct desk *d = enter(arg, &rc);

	(void)err;
	for (size_t i = 0; rc == SETPKI_E_OK && i < DESK_CAS; i++)
		if (sp_bytes_eq(d->cas[i].exchange.issuer, issuer) && sp_bytes_eq(d->cas[i].exchange.serial, serial)) {
			*out = &d->cas[i];
			return rc;
		}
	return rc != SETPKI_E_OK ? rc : SETPKI_E_NOTFOUND;
}

static enum setpki_code
ca_number(void *arg, uint16_t number, const struct setpki_responder_ca **out, struct setpki_error *err)
{
	static const enum reg_slot newest[] = {REG_CCA2, REG_MCA, REG_PCA, REG_CCB};
	enum setpki_code rc;
	struct desk *d = enter(arg, &rc);

	(void)err;
	if (rc != SETPKI_E_OK)
		return rc;
	return number >= 1 && number <= NELEMS(newest) ? pick(d, newest[number - 1], out) : SETPKI_E_NOTFOUND;
}

static enum setpki_code
challenge_key(void *arg, uint8_t *id, uint8_t key[32], struct setpki_error *err)
{
	enum setpki_code rc;
	struct desk *d = enter(arg, &rc);
	bool current = *id == 0 || *id == d->challenge_id;

	(void)err;
	if (rc != SETPKI_E_OK)
		return rc;
	if (!current && *id + 1 != d->challenge_id)
		return SETPKI_E_NOTFOUND;
	if (*id == 0)
		*id = d->challenge_id;
	memcpy(key, d->challenge[current ? 0 : 1], 32);
	return SETPKI_E_OK;
}

/* --- forms ------------------------------------------------------------------------------------- */

static char *
copy(const char *text)
{
	char *p = OPENSSL_strdup(text);

	assert_non_null(p);
	return p;
}

static void
field(struct setpki_field *f, int id, const char *label, bool required, bool invisible)
{
	*f = (struct setpki_field){.id = id, .length = 60, .required = required, .invisible = invisible, .nlabels = 1};
	f->labels = OPENSSL_zalloc(sizeof(*f->labels));
	assert_non_null(f->labels);
	f->labels[0] = copy(label);
}

/* One form in two languages: number 7 in German, 8 otherwise. */
static void
fill_form(const struct desk *d, const char *language, struct setpki_form *form)
{
	bool german = strncmp(language, "de", 2) == 0;

	form->terms = copy(german ? "Es gelten die Regeln." : "The rules apply.");
	form->has_template = !d->terms_alone;
	if (d->terms_alone)
		return;
	form->id = german ? 7 : 8;
	form->brand_logo = copy("https://set.example/brand.png");
	form->fields = OPENSSL_zalloc(2 * sizeof(*form->fields));
	assert_non_null(form->fields);
	form->nfields = 2;
	field(&form->fields[0], 0, german ? "Name auf der Karte" : "Name on the card", true, false);
	field(&form->fields[1], 12, german ? "Kennwort" : "Pass phrase", false, true);
}

static enum setpki_code
form(void *arg, const struct setpki_responder_ca *ca, const struct setpki_form_ask *ask, struct setpki_form_reply *out,
    struct setpki_error *err)
{
	enum setpki_code rc;
	struct desk *d = enter(arg, &rc);

	(void)err;
	(void)ca;
	if (rc != SETPKI_E_OK)
		return rc;
	if (ask->pan != NULL)
		snprintf(d->pan, sizeof(d->pan), "%s", ask->pan);
	out->refer = d->refer;
	if (d->refer) {
		out->referral.reason = copy("Your bank registers its own cards");
		out->referral.urls = OPENSSL_zalloc(sizeof(*out->referral.urls));
		assert_non_null(out->referral.urls);
		out->referral.nurls = 1;
		out->referral.urls[0] = copy("http://other.example/");
		return SETPKI_E_OK;
	}
	fill_form(d, ask->language, &out->form);
	out->asks_account = d->asks_account && ask->id != NULL;
	if (out->asks_account)
		field(&out->account, 11, "Account", true, false);
	return SETPKI_E_OK;
}

/* --- certificates that it issued --------------------------------------------------------------- */

void
desk_knows(struct desk *d, setpki_bytes der)
{
	assert_true(d->nknown < DESK_MAX);
	d->known[d->nknown].der = sp_bytes_dup(der);
	d->known[d->nknown++].revoked = false;
}

void
desk_revoke(struct desk *d, setpki_bytes der)
{
	for (size_t i = 0; i < d->nknown; i++)
		if (sp_bytes_eq(d->known[i].der, der))
			d->known[i].revoked = true;
}

static enum setpki_code
cert(void *arg, const struct setpki_responder_ca *ca, setpki_bytes issuer, setpki_bytes serial,
    struct setpki_known_cert *out, struct setpki_error *err)
{
	enum setpki_code rc;
	struct desk *d = enter(arg, &rc);

	(void)ca;
	for (size_t i = 0; rc == SETPKI_E_OK && i < d->nknown; i++) {
		struct sp_cert c;

		t_ok(sp_cert_parse(d->known[i].der, &c, err), err);
		if (!sp_bytes_eq(c.issuer, issuer) || !sp_bytes_eq(c.serial, serial))
			continue;
		*out = (struct setpki_known_cert){d->known[i].der, d->known[i].revoked};
		return rc;
	}
	return rc != SETPKI_E_OK ? rc : SETPKI_E_NOTFOUND;
}

static enum setpki_code
cert_by_thumb(void *arg, const struct setpki_responder_ca *ca, setpki_bytes thumb, setpki_bytes holder_cert,
    struct setpki_known_cert *out, struct setpki_error *err)
{
	enum setpki_code rc;
	struct desk *d = enter(arg, &rc);

	(void)holder_cert;
	for (size_t i = 0; rc == SETPKI_E_OK && i < d->nknown; i++) {
		uint8_t t[SP_DIGEST_MAX];

		t_ok(sp_thumb_of(d->reg->ctx, ca->suite, d->known[i].der, t, err), err);
		if (!sp_bytes_eq(thumb, sp_bytes(t, sp_suite(ca->suite)->digest_len)))
			continue;
		*out = (struct setpki_known_cert){d->known[i].der, d->known[i].revoked};
		return rc;
	}
	return rc != SETPKI_E_OK ? rc : SETPKI_E_NOTFOUND;
}

/* --- answers that were kept -------------------------------------------------------------------- */

static enum setpki_code
kept(void *arg, const uint8_t wrapper[32], setpki_bytes *answer, struct setpki_error *err)
{
	enum setpki_code rc;
	struct desk *d = enter(arg, &rc);

	(void)err;
	for (size_t i = 0; rc == SETPKI_E_OK && i < d->nrequests; i++)
		if (memcmp(d->requests[i].wrapper, wrapper, 32) == 0) {
			*answer = d->requests[i].answer;
			return rc;
		}
	return rc != SETPKI_E_OK ? rc : SETPKI_E_NOTFOUND;
}

static enum setpki_code
rrpid(void *arg, const uint8_t id[SETPKI_NONCE_LEN], const uint8_t key[32], const uint8_t wrapper[32],
    struct setpki_error *err)
{
	enum setpki_code rc;
	struct desk *d = enter(arg, &rc);

	(void)err;
	for (size_t i = 0; rc == SETPKI_E_OK && i < d->nrequests; i++) {
		const struct desk_request *q = &d->requests[i];

		if (memcmp(q->rrpid, id, SETPKI_NONCE_LEN) == 0 && memcmp(q->key, key, 32) == 0 &&
		    memcmp(q->wrapper, wrapper, 32) != 0)
			return SETPKI_E_CONFLICT;
	}
	return rc;
}

/* --- deciding ---------------------------------------------------------------------------------- */

static void
look(struct desk *d, const struct setpki_cert_request *q)
{
	size_t at = 0;

	d->decided++;
	snprintf(d->pan, sizeof(d->pan), "%s", q->pan != NULL ? q->pan : "");
	snprintf(d->account, sizeof(d->account), "%s", q->account != NULL ? q->account : "");
	memset(d->card_secret, 0, sizeof(d->card_secret));
	if (q->card_secret != NULL)
		memcpy(d->card_secret, q->card_secret, sizeof(d->card_secret));
	d->answers[0] = '\0';
	for (size_t i = 0; i < q->nanswers && at < sizeof(d->answers); i++)
		at += (size_t)snprintf(d->answers + at, sizeof(d->answers) - at, "%s%s=%s", i != 0 ? "; " : "",
		    q->answers[i].label, q->answers[i].value != NULL ? q->answers[i].value : "?");
}

static enum reg_slot
slot_of(const struct desk *d, const struct setpki_responder_ca *ca)
{
	return d->slots[ca - d->cas];
}

static void
remember(struct desk *d, const struct setpki_cert_request *q, struct desk_request *out)
{
	setpki_bytes first = q->sig_key;
	struct sp_cert old;

	memset(out, 0, sizeof(*out));
	out->row = q->row;
	out->ca = slot_of(d, q->ca);
	memcpy(out->wrapper, q->wrapper, 32);
	memcpy(out->rrpid, q->rrpid, sizeof(out->rrpid));
	memcpy(out->lid_ca, q->lid_ca, sizeof(out->lid_ca));
	out->lid_ee = sp_bytes_dup(q->lid_ee);
	out->sig_key = sp_bytes_dup(q->sig_key);
	out->enc_key = sp_bytes_dup(q->enc_key);
	out->old_cert = sp_bytes_dup(q->old_cert);
	if (first.n == 0) {
		t_ok(sp_cert_parse(q->old_cert, &old, NULL), NULL);
		first = old.key.whole;
	}
	t_ok(sp_sha256(d->reg->ctx, first, out->key, NULL), NULL);
	out->has_back_key = q->back_key.n != 0;
	if (out->has_back_key)
		memcpy(out->back_key, q->back_key.p, q->back_key.n);
	snprintf(out->merchant, sizeof(out->merchant), "%s", q->id.id);
	snprintf(out->bin, sizeof(out->bin), "%s", q->id.bin);
	if (q->pan != NULL) {
		uint8_t secret[SETPKI_SECRET_LEN];

		t_ok(sp_random(d->reg->ctx, out->nonce_cca, sizeof(out->nonce_cca), NULL), NULL);
		setpki_pan_secret(q->card_secret, out->nonce_cca, secret);
		t_ok(setpki_account_name(d->reg->ctx, d->reg->suite, q->pan, q->expiry, secret, out->name, NULL), NULL);
		OPENSSL_cleanse(secret, sizeof(secret));
	}
}

static void
issue(struct desk *d, struct desk_request *q)
{
	static const struct {
		uint32_t holder;
		enum setpki_kind sig, enc;
	} kinds[] = {{SETPKI_TYPE_CARD, SETPKI_KIND_CARD_SIG, SETPKI_KIND_NONE},
	    {SETPKI_TYPE_MER, SETPKI_KIND_MER_SIG, SETPKI_KIND_MER_ENC},
	    {SETPKI_TYPE_PGWY, SETPKI_KIND_PGWY_SIG, SETPKI_KIND_PGWY_ENC}};
	size_t k = 0;

	while (kinds[k].holder != q->row->holder)
		k++;
	for (int exchange = 0; exchange < 2; exchange++) {
		struct reg_issue ask = {.kind = exchange ? kinds[k].enc : kinds[k].sig,
		    .ca = q->ca,
		    .spki = exchange ? q->enc_key : q->sig_key,
		    .common = q->name[0] != '\0' ? q->name
			: k == 1		 ? "Corner Shop"
						 : "gateway 1",
		    .merchant = q->merchant[0] != '\0' ? q->merchant : NULL,
		    .bin = q->bin[0] != '\0' ? q->bin : NULL};

		if (ask.spki.n == 0)
			continue;
		q->certs[q->ncerts] = reg_issue(d->reg, &ask, NULL);
		desk_knows(d, q->certs[q->ncerts++]);
	}
}

static struct setpki_decision
decision_of(const struct desk *d, const struct desk_request *q)
{
	bool complete = q->status == SETPKI_STATUS_COMPLETE;

	return (struct setpki_decision){.status = q->status,
	    .message = d->message,
	    .ca_msg = d->ca_msg,
	    .failed = q->status == SETPKI_STATUS_FORM_MALFORMED ? d->failed : NULL,
	    .nfailed = q->status == SETPKI_STATUS_FORM_MALFORMED ? d->nfailed : 0,
	    .nonce_cca = complete && q->row->holder == SETPKI_TYPE_CARD ? q->nonce_cca : NULL,
	    .certs = q->certs,
	    .ncerts = complete ? q->ncerts : 0,
	    .back_key = q->has_back_key ? q->back_key : NULL};
}

static enum setpki_code
record(struct desk *d, const struct setpki_cert_request *request, setpki_responder *r, struct setpki_error *err)
{
	struct desk_request *q = &d->requests[d->nrequests];
	struct setpki_decision decision;
	setpki_bytes answer;
	enum setpki_code rc;

	assert_true(d->nrequests < DESK_MAX);
	remember(d, request, q);
	d->nrequests++;
	q->status = request->status != SETPKI_STATUS_NONE ? request->status : d->status;
	if (d->then != SETPKI_STATUS_NONE)
		d->status = d->then;
	if (q->status == SETPKI_STATUS_COMPLETE)
		issue(d, q);
	decision = decision_of(d, q);
	if (d->insists != SETPKI_STATUS_NONE)
		decision.status = d->insists;
	rc = setpki_responder_compose(r, &decision, &answer, err);
	if (rc == SETPKI_E_OK && d->composes_twice)
		rc = setpki_responder_compose(r, &decision, &answer, err);
	q->answer = sp_bytes_dup(answer);
	return rc;
}

static enum setpki_code
decide(void *arg, const struct setpki_cert_request *request, setpki_responder *r, struct setpki_error *err)
{
	enum setpki_code rc;
	struct desk *d = enter(arg, &rc);

	if (rc != SETPKI_E_OK)
		return rc;
	look(d, request);
	d->waiting = request;
	if (d->later)
		return SETPKI_E_PENDING;
	return d->forgets ? SETPKI_E_OK : record(d, request, r, err);
}

void
desk_decide(struct desk *d, enum setpki_status status)
{
	struct desk_request *q = &d->requests[d->nrequests - 1];

	q->status = status;
	if (status == SETPKI_STATUS_COMPLETE && q->ncerts == 0)
		issue(d, q);
}

static enum setpki_code
inquire(void *arg, const struct setpki_responder_ca *ca, const uint8_t lid_ca[SETPKI_LOCAL_ID_MAX], setpki_bytes lid_ee,
    size_t n, struct setpki_inquiry *out, struct setpki_error *err)
{
	enum setpki_code rc;
	struct desk *d = enter(arg, &rc);

	(void)err;
	(void)ca;
	for (size_t i = d->nrequests; rc == SETPKI_E_OK && i-- > 0;) {
		struct desk_request *q = &d->requests[i];

		if (memcmp(q->lid_ca, lid_ca, sizeof(q->lid_ca)) != 0 || !sp_bytes_eq(q->lid_ee, lid_ee) || n-- > 0)
			continue;
		*out = (struct setpki_inquiry){.row = q->row, .sig_key = q->sig_key, .old_cert = q->old_cert};
		out->decision = decision_of(d, q);
		return rc;
	}
	return rc != SETPKI_E_OK ? rc : SETPKI_E_NOTFOUND;
}

static bool
may_err(void *arg)
{
	return !((struct desk *)arg)->no_errors;
}

/* --- open and close ---------------------------------------------------------------------------- */

void
desk_refresh(struct desk *d)
{
	size_t n = reg_crls(d->reg, d->crls);

	for (size_t i = 0; i < DESK_CAS; i++) {
		d->cas[i].crls = d->crls;
		d->cas[i].ncrls = n;
		d->cas[i].bci = d->reg->bci;
	}
}

void
desk_open(struct desk *d, struct registry *reg)
{
	static const struct {
		enum reg_slot slot;
		uint16_t number;
		uint32_t type;
	} rows[DESK_CAS] = {{REG_CCA, 1, SETPKI_TYPE_CCA}, {REG_CCA2, 1, SETPKI_TYPE_CCA},
	    {REG_MCA, 2, SETPKI_TYPE_MCA}, {REG_PCA, 3, SETPKI_TYPE_PCA}, {REG_CCB, 4, SETPKI_TYPE_CCA}};

	memset(d, 0, sizeof(*d));
	d->reg = reg;
	d->status = SETPKI_STATUS_COMPLETE;
	d->challenge_id = 2;
	memset(d->challenge[0], 0x22, 32);
	memset(d->challenge[1], 0x11, 32);
	d->ops = (struct setpki_responder_ops){ca_first, ca_recipient, ca_number, challenge_key, form, cert,
	    cert_by_thumb, kept, rrpid, decide, inquire, may_err, d};
	for (size_t i = 0; i < DESK_CAS; i++) {
		struct setpki_responder_ca *ca = &d->cas[i];

		d->slots[i] = rows[i].slot;
		ca->number = rows[i].number;
		ca->type = rows[i].type;
		ca->suite = reg->suite;
		ca->sign = reg_party(reg, rows[i].slot + REG_SIG);
		ca->exchange = reg_party(reg, rows[i].slot + REG_ENC);
		ca->sign_cert = reg->c[rows[i].slot + REG_SIG].der;
		ca->exchange_cert = reg->c[rows[i].slot + REG_ENC].der;
		ca->ncerts = reg_chain(reg, rows[i].slot, d->certs[i]);
		ca->certs = d->certs[i];
	}
	desk_refresh(d);
}

void
desk_close(struct desk *d)
{
	for (size_t i = 0; i < d->nrequests; i++) {
		struct desk_request *q = &d->requests[i];
		setpki_bytes owned[] = {
		    q->lid_ee, q->sig_key, q->enc_key, q->old_cert, q->certs[0], q->certs[1], q->answer};

		for (size_t k = 0; k < NELEMS(owned); k++)
			reg_bytes_free(owned[k]);
	}
	for (size_t i = 0; i < d->nknown; i++)
		reg_bytes_free(d->known[i].der);
	OPENSSL_cleanse(d, sizeof(*d));
}

enum setpki_code
desk_answer(struct desk *d, setpki_bytes wrapper, int64_t now, struct setpki_der *out,
    struct setpki_responder_note *note, struct setpki_error *err)
{
	setpki_responder *later;
	enum setpki_code rc;

	d->calls = 0;
	if (!d->later)
		return setpki_responder_answer(
		    d->reg->ctx, d->reg->suite, &d->ops, wrapper, now, "test desk", out, note, err);
	rc = setpki_responder_begin(
	    d->reg->ctx, d->reg->suite, &d->ops, wrapper, now, "test desk", out, note, &later, err);
	assert_int_equal(later != NULL, rc == SETPKI_E_PENDING);
	if (later == NULL)
		return rc;
	assert_int_equal(out->n, 0);
	if (!d->forgets)
		t_ok(record(d, d->waiting, later, err), err);
	return setpki_responder_end(later, out, err);
}
