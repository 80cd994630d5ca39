/* What came of it, for people and for programs: setenroll.registration/1. */
#include "tools/common/fail.h"
#include "tools/setenroll/form.h"

#include <setpki/text.h>
#include <setpki/walk.h>
#include <string.h>

#define SCHEMA "setenroll.registration/1"

static void
begin(struct en *en, const char *state)
{
	const char *role = en_role_of(en->row->holder)->name, *brand = en_state_text(en->state, "brand");
	char title[300], safe[300];

	snprintf(title, sizeof(title), "%s of %.200s: %s", role, brand, state);
	tc_object(en->out, SCHEMA, tc_printable(title, safe, sizeof(safe)));
	tc_text(en->out, "state", state);
	tc_text(en->out, "role", role);
	tc_text(en->out, "brand", brand);
	tc_text(en->out, "request", en->row->name);
	tc_text(en->out, "suite", en_state_text(en->state, "suite"));
	tc_text(en->out, "url", en_state_text(en->state, "url"));
}

static void
put_list(struct tc_out *o, const char *name, char *const *v, size_t n)
{
	tc_enter(o, name, true);
	for (size_t i = 0; i < n; i++)
		tc_text(o, "item", v[i]);
	tc_leave(o);
}

/* --- certificates ------------------------------------------------------------------------------ */

/* Copies the few fields that matter out of the walk of a whole certificate. */
struct copier {
	struct tc_out *o;
	unsigned depth;
	bool validity, usage; /* inside it, or inside privateKeyUsagePeriod */
	char *until;	      /* the earliest end of either so far; SETPKI_TIME_TEXT */
};

static void
keep_earliest(char *until, const char *time)
{
	if (until[0] == '\0' || strcmp(time, until) < 0)
		snprintf(until, SETPKI_TIME_TEXT, "%s", time);
}

static void
enter(void *arg, const char *name, const char *type, bool list)
{
	struct copier *c = arg;

	(void)type;
	(void)list;
	c->depth++;
	c->validity = c->depth == 2 && strcmp(name, "validity") == 0;
	c->usage = c->depth == 3 && strcmp(name, "privateKeyUsagePeriod") == 0;
}

static void
field(void *arg, const char *name, enum setpki_value value, const char *text, const char *note)
{
	static const char *const wanted[] = {"kind", "serialNumber", "issuer", "subject"};
	struct copier *c = arg;
	bool copy = c->depth == 2 && c->validity;

	(void)value;
	(void)note;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		copy |= c->depth == 1 && strcmp(name, wanted[i]) == 0;
	if ((c->validity || c->usage) && strcmp(name, "notAfter") == 0)
		keep_earliest(c->until, text);
	if (copy)
		tc_text(c->o, name, text);
}

static void
leave(void *arg)
{
	((struct copier *)arg)->depth--;
}

static enum setpki_code
put_cert(struct en *en, enum en_file file, char *until)
{
	struct copier c = {.o = en->out, .until = until};
	struct setpki_visitor v = {enter, field, leave, &c};
	struct setpki_objects objects = {0};
	struct setpki_der pem;
	enum setpki_code rc;

	if (!en_file_there(en->dir, file))
		return SETPKI_E_OK;
	if ((rc = en_file_read(en->dir, file, &pem, EN_ERR(en))) != SETPKI_E_OK)
		return rc;
	if ((rc = setpki_objects_read(EN_BYTES(pem), &objects, EN_ERR(en))) == SETPKI_E_OK) {
		tc_enter(en->out, "certificate", false);
		rc = setpki_walk(en->run->ctx, &objects.v[0], SETPKI_SUITE_NONE, &v, EN_ERR(en));
		tc_textf(en->out, "file", "%s/%s", en->a->dir, en_file_name(file));
		tc_leave(en->out);
	}
	setpki_objects_free(&objects);
	setpki_der_free(&pem);
	return rc == SETPKI_E_OK ? rc : tc_error_in(EN_ERR(en), rc, "%s", en_file_name(file));
}

static void
put_words(struct en *en)
{
	struct setpki_enroll_result r;

	if (en->e == NULL)
		return;
	setpki_enroll_result(en->e, &r);
	if (r.message != NULL)
		tc_text(en->out, "message", r.message);
	if (r.ca_msg.text != NULL)
		tc_text(en->out, "greeting", r.ca_msg.text);
}

enum setpki_code
en_report_done(struct en *en)
{
	char until[SETPKI_TIME_TEXT] = "";
	json_t *state;
	enum setpki_code rc = en_state_read(en->dir, &state, EN_ERR(en));

	if (rc != SETPKI_E_OK)
		return rc;
	json_decref(en->state);
	en->state = state;
	en->row = en_state_row(state);
	if (!json_is_true(json_object_get(state, "complete"))) /* put aside after an Error */
		return tc_fail(EN_ERR(en), SETPKI_E_NOTFOUND, "%s holds keys of a request that came to nothing (%s)",
		    en->a->dir, en->row->name);
	begin(en, "done");
	put_words(en);
	tc_enter(en->out, "certificates", true);
	if ((rc = put_cert(en, EN_SIG_CERT, until)) == SETPKI_E_OK)
		rc = put_cert(en, EN_ENC_CERT, until);
	tc_leave(en->out);
	/* the present signature key signs for the next certificates as long as it may be used */
	tc_text(en->out, "renewUntil", until);
	tc_textf(en->out, "next", "setenroll renew --dir %s", en->a->dir);
	tc_object_end(en->out);
	return rc;
}

/* --- what is not done -------------------------------------------------------------------------- */

static void
put_field(struct tc_out *o, const char *what, const struct setpki_field *f)
{
	tc_enter(o, what, false);
	tc_text(o, "label", en_field_label(f));
	if (setpki_field_name(f->id) != NULL)
		tc_text(o, "name", setpki_field_name(f->id));
	if (f->description != NULL)
		tc_text(o, "description", f->description);
	tc_number(o, "length", f->length);
	tc_bool(o, "required", f->required);
	tc_bool(o, "invisible", f->invisible);
	tc_leave(o);
}

static int
report_form(struct en *en)
{
	const struct setpki_form *form = setpki_enroll_form(en->e);
	const struct setpki_field *account = setpki_enroll_account_field(en->e);

	begin(en, "form");
	tc_text(en->out, "terms", form->terms);
	tc_enter(en->out, "fields", true);
	for (size_t i = 0; i < form->nfields; i++)
		put_field(en->out, "field", &form->fields[i]);
	tc_leave(en->out);
	if (account != NULL)
		put_field(en->out, "account", account);
	fprintf(stderr,
	    "setenroll: the CA's form has to be answered, and there is no terminal to ask at; go on with 'setenroll "
	    "status --dir %s --answers FILE'\n",
	    en->a->dir);
	return 3;
}

static int
report_wait(struct en *en)
{
	struct setpki_enroll_result r;

	begin(en, "waiting");
	setpki_enroll_result(en->e, &r);
	tc_text(en->out, "status", setpki_status_name(r.status));
	put_words(en);
	fprintf(
	    stderr, "setenroll: the CA has not decided yet; ask again with 'setenroll status --dir %s'\n", en->a->dir);
	return 3;
}

static int
report_referral(struct en *en)
{
	const struct setpki_referral *r = setpki_enroll_referral(en->e);

	begin(en, "referred");
	tc_text(en->out, "reason", r->reason);
	put_list(en->out, "urls", r->urls, r->nurls);
	fprintf(stderr, "setenroll: this CA does not register you%s\n", r->nurls > 0 ? "; it names another one" : "");
	return 1;
}

static int
report_refusal(struct en *en)
{
	const json_t *labels = json_object_get(en->state, "labels");
	struct setpki_enroll_result r;

	begin(en, "refused");
	setpki_enroll_result(en->e, &r);
	tc_text(en->out, "status", setpki_status_name(r.status));
	put_words(en);
	tc_enter(en->out, "failed", true);
	for (size_t i = 0; i < r.nfailed; i++) {
		unsigned item = r.failed[i].item;

		tc_enter(en->out, "item", false);
		tc_number(en->out, "number", item);
		tc_text(en->out, "label", json_string_value(json_array_get(labels, item > 0 ? item - 1 : SIZE_MAX)));
		tc_text(en->out, "reason", r.failed[i].reason);
		tc_leave(en->out);
	}
	tc_leave(en->out);
	fprintf(stderr, "setenroll: the CA refused the request: %s\n", setpki_status_name(r.status));
	if (en_form_malformed(en))
		fprintf(stderr, "  'setenroll status --dir %s --answers FILE' answers its form anew\n", en->a->dir);
	return 1;
}

static int
report_failure(struct en *en)
{
	const char *name = setpki_error_code_name(setpki_enroll_error(en->e));

	begin(en, "failed");
	tc_text(en->out, "error", name);
	fprintf(stderr, "setenroll: the CA could not take the request: %s\n", name);
	return 1;
}

int
en_report_step(struct en *en)
{
	static int (*const reports[])(struct en *) = {[SETPKI_ENROLL_FORM] = report_form,
	    [SETPKI_ENROLL_WAIT] = report_wait,
	    [SETPKI_ENROLL_REFERRED] = report_referral,
	    [SETPKI_ENROLL_REFUSED] = report_refusal,
	    [SETPKI_ENROLL_FAILED] = report_failure};
	int status = reports[setpki_enroll_step(en->e)](en);

	tc_object_end(en->out);
	return status;
}

void
en_report_under_way(struct en *en)
{
	const char *what = en_state_text(en->state, "waitsFor");
	bool form = what != NULL && strcmp(what, "form") == 0;

	begin(en, "under way");
	tc_text(en->out, "waitsFor", what != NULL ? what : "answer");
	tc_textf(en->out, "next", "setenroll status --dir %s%s", en->a->dir, form ? " --answers FILE" : "");
	tc_object_end(en->out);
}
