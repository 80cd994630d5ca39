/* Policies printed, walked, explained and compared.  What the shipped ones come to is kept under tests/vectors/policy/,
 * the reference in docs/policy.md; "test_show --write" writes all of it anew: read the difference. */
#include "ca/policy/schema.h"
#include "ca/policy/show.h"
#include "tests/support/policy.h"

#include <stdio.h>
#include <stdlib.h>

static struct ca_policy *
shipped(const char *name)
{
	char path[128], *text;
	struct ca_policy *p;

	snprintf(path, sizeof(path), "policies/%s", name);
	text = t_file(path);
	p = t_policy_good(text);
	free(text);
	return p;
}

static char *
shown(const struct ca_policy *p)
{
	struct setpki_error err = {0};
	struct sp_buf b = {0};
	char *text;

	t_ok(ca_policy_show(p, &b, &err), &err);
	assert_non_null(text = malloc(b.n + 1));
	memcpy(text, b.p, b.n);
	text[b.n] = '\0';
	sp_buf_free(&b);
	return text;
}

/* --- kept texts -------------------------------------------------------------------------------------------- */

static void
put_show(struct sp_buf *out, const char *name)
{
	struct ca_policy *p = shipped(name);
	struct setpki_error err = {0};

	t_ok(ca_policy_show(p, out, &err), &err);
	ca_policy_free(p);
}

static void
put_explain(struct sp_buf *out, const char *name)
{
	struct ca_policy *p = shipped(name);
	struct setpki_error err = {0};
	struct ca_policy_fields f;

	for (size_t i = 0; i < p->ncas; i++) {
		sp_buf_printf(out, "%s%s\n", i > 0 ? "\n" : "", p->cas[i].name);
		t_ok(ca_policy_explain(p, p->cas[i].name, CA_ROLE_N, &f, &err), &err);
		for (size_t k = 0; k < f.n; k++)
			sp_buf_printf(
			    out, "  %s: %s = %s (%s)\n", f.v[k].certificate, f.v[k].field, f.v[k].value, f.v[k].from);
		ca_policy_fields_free(&f);
	}
	ca_policy_free(p);
}

static void
put_reference(struct sp_buf *out, const char *name)
{
	static const char mark[] = "<!-- From here on written by test_show --write. -->\n";
	char *page = t_file("docs/policy.md"), *end = strstr(page, mark);

	(void)name;
	assert_non_null(end);
	sp_buf_printf(out, "%.*s%s", (int)(end - page), page, mark);
	free(page);
	ca_policy_reference(out);
}

static struct kept {
	const char *name, *path;
	void (*put)(struct sp_buf *out, const char *policy);
	const char *policy;
} kept[] = {
    {"demo_shown", "tests/vectors/policy/demo.show.yaml", put_show, "demo.yaml"},
    {"production_shown", "tests/vectors/policy/production.show.yaml", put_show, "production.yaml"},
    {"classic_shown", "tests/vectors/policy/classic-1997.show.yaml", put_show, "classic-1997.yaml"},
    {"everything_shown", "tests/vectors/policy/whole.show.yaml", put_show, "../tests/vectors/policy/whole.yaml"},
    {"demo_explained", "tests/vectors/policy/demo.explain.txt", put_explain, "demo.yaml"},
    {"classic_explained", "tests/vectors/policy/classic-1997.explain.txt", put_explain, "classic-1997.yaml"},
    {"everything_explained", "tests/vectors/policy/whole.explain.txt", put_explain,
	"../tests/vectors/policy/whole.yaml"},
    {"the_reference_is_that_of_the_tables", "docs/policy.md", put_reference, NULL},
};

static void
is_as_kept(void **state)
{
	const struct kept *k = *state;
	struct sp_buf got = {0};
	char *want = t_file(k->path);

	k->put(&got, k->policy);
	sp_buf_add_byte(&got, '\0');
	assert_false(got.failed);
	assert_string_equal((const char *)got.p, want);
	sp_buf_free(&got);
	free(want);
}

static int
write_kept(void)
{
	int rc = 0;

	for (size_t i = 0; i < NELEMS(kept); i++) {
		struct sp_buf b = {0};
		FILE *f;

		kept[i].put(&b, kept[i].policy);
		if ((f = fopen(kept[i].path, "wb")) == NULL || fwrite(b.p, 1, b.n, f) != b.n || fclose(f) != 0)
			rc = 1;
		sp_buf_free(&b);
	}
	return rc;
}

/* --- shown, read again ------------------------------------------------------------------------------------ */

static void
check_same(const struct ca_policy *a, const struct ca_policy *b)
{
	struct setpki_error err = {0};
	struct ca_policy_changes c;

	t_ok(ca_policy_diff(a, b, &c, &err), &err);
	for (size_t i = 0; i < c.n; i++)
		print_error("%s: '%s' and '%s'\n", c.v[i].path, c.v[i].old, c.v[i].new);
	assert_int_equal(c.n, 0);
	ca_policy_changes_free(&c);
}

static void
check_round_trip(const struct ca_policy *p)
{
	char *once = shown(p), *twice, *end;
	struct ca_policy *again = t_policy_good(once);

	check_same(p, again);
	check_same(again, p);
	/* nothing is left to be filled in, so the notes are gone, and only they */
	twice = shown(again);
	assert_null(strstr(twice, "  # "));
	for (char *note; (note = strstr(once, "  # ")) != NULL;) {
		end = strchr(note, '\n');
		memmove(note, end, strlen(end) + 1);
	}
	assert_string_equal(once, twice);
	ca_policy_free(again);
	free(once);
	free(twice);
}

static void
what_is_shown_reads_as_the_same_policy(void **state)
{
	(void)state;
	for (size_t i = 0; t_shipped[i] != NULL; i++) {
		struct ca_policy *p = shipped(t_shipped[i]);

		check_round_trip(p);
		ca_policy_free(p);
	}
}

static void
texts_of_every_sort_survive(void **state)
{
	static const char *const texts[] = {"plain words", "\"quoted: \\\"inside\\\"\"", "\"- a dash\"", "\"# hash\"",
	    "\"a # b\"", "'it''s'", "\"back\\\\slash\"", "\"[list]\"", "\"{map}\"", "\"yes\"", "\"0x1f\"", "\"12:30\"",
	    "\"~\"", "\"*alias\"", "\"&anchor\"", "\"!tag\"", "\"%directive\"", "\"@at\"", "\"`tick`\"", "\"a: b\"",
	    "\"ends with:\"", "\"\xc3\xa9t\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac\"", "\"null\"", "\"1e5\"", "\",\"", "\"?\"",
	    "\"---\"", "\"...\"", "\"<<\"", "\"=\"", "\"/\"", "\"a/\"", "\"1.\"", "\"-1\"", "\".5\""};
	char *demo = t_file("policies/demo.yaml");

	(void)state;
	for (size_t i = 0; i < NELEMS(texts); i++) {
		char to[128], *text;
		struct ca_policy *p;

		snprintf(to, sizeof(to), "unit: %s\n            common-name: Demo Americas CA", texts[i]);
		text = t_replaced(demo, "unit: Demo Brand Americas\n            common-name: Demo Americas CA", to);
		p = t_policy_good(text);
		check_round_trip(p);
		ca_policy_free(p);
		free(text);
	}
	free(demo);
}

/* --- walked ------------------------------------------------------------------------------------------------- */

struct walk {
	int depth, fields, lists;
	bool suite, bins, number;
};

static void
on_enter(void *arg, const char *name, const char *type, bool list)
{
	struct walk *w = arg;

	assert_non_null(name);
	assert_null(type);
	w->depth++;
	w->lists += list;
}

static void
on_field(void *arg, const char *name, enum setpki_value value, const char *text, const char *note)
{
	struct walk *w = arg;

	w->fields++;
	if (strcmp(name, "suite") == 0)
		w->suite = w->depth == 0 && value == SETPKI_VALUE_TEXT && strcmp(text, "modern") == 0 && note == NULL;
	if (strcmp(text, "412345") == 0)
		w->bins = strcmp(name, "item") == 0 && value == SETPKI_VALUE_TEXT;
	if (strcmp(name, "path-length") == 0)
		w->number = value == SETPKI_VALUE_NUMBER && note != NULL && strcmp(note, "default") == 0;
	if (strcmp(name, "offline") == 0)
		assert_int_equal(value, SETPKI_VALUE_BOOL);
}

static void
on_leave(void *arg)
{
	struct walk *w = arg;

	assert_true(--w->depth >= 0);
}

static void
a_walk_tells_everything(void **state)
{
	struct walk w = {0};
	const struct setpki_visitor v = {on_enter, on_field, on_leave, &w};
	struct ca_policy *p = shipped("demo.yaml");

	(void)state;
	ca_policy_walk(p, &v);
	assert_int_equal(w.depth, 0);
	assert_true(w.suite && w.bins && w.number);
	assert_true(w.fields > 150 && w.lists > 15);
	ca_policy_free(p);
}

/* --- explained ------------------------------------------------------------------------------------------------ */

static void
a_role_alone_is_explained(void **state)
{
	struct ca_policy *p = shipped("production.yaml");
	struct setpki_error err = {0};
	struct ca_policy_fields f;

	(void)state;
	t_ok(ca_policy_explain(p, "meridian-issuing", CA_ROLE_MERCHANT, &f, &err), &err);
	assert_true(f.n > 20);
	for (size_t i = 0; i < f.n; i++)
		assert_int_equal(strncmp(f.v[i].certificate, "merchant ", 9), 0);
	ca_policy_fields_free(&f);
	assert_int_equal(f.n, 0);
	ca_policy_free(p);
}

static void
what_is_not_there_is_not_explained(void **state)
{
	struct ca_policy *p = shipped("demo.yaml");
	struct setpki_error err = {0};
	struct ca_policy_fields f;

	(void)state;
	t_code(ca_policy_explain(p, "gatway", CA_ROLE_N, &f, &err), SETPKI_E_NOTFOUND, &err);
	assert_string_equal(err.message, "the policy has no CA 'gatway': did you mean 'gateway'?");
	setpki_error_clear(&err);
	t_code(ca_policy_explain(p, "nothing-like-it", CA_ROLE_N, &f, &err), SETPKI_E_NOTFOUND, &err);
	assert_string_equal(err.message, "the policy has no CA 'nothing-like-it'");
	setpki_error_clear(&err);
	t_code(ca_policy_explain(p, "card", CA_ROLE_GATEWAY, &f, &err), SETPKI_E_NOTFOUND, &err);
	assert_string_equal(err.message, "'card' does not issue in the role gateway");
	ca_policy_free(p);
}

/* --- compared ---------------------------------------------------------------------------------------------------- */

static struct change {
	const char *name, *from, *to, *want[4];
} changes[] = {
    {"a_lifetime", "lifetime: 6y\n                  usage: 3y", "lifetime: 7y\n                  usage: 3y",
	{"changed card.keys.certificate-signing.lifetime 6y 7y 87 87: the CA's certificates made from now on (ca "
	 "renew, ca "
	 "roll); those it has stay as they are"}},
    {"what_is_inherited_is_told_once", "crl: http://set.example/crl/", "crl: http://other.example/crl/",
	{"changed policy.urls.crl http://set.example/crl/ http://other.example/crl/ 16 16: what is issued from now on, "
	 "by "
	 "and below the CA"}},
    {"a_default_that_is_said", "policy: demo", "policy: demo\nsuite: modern#", {NULL}},
    {"something_left_out", "                  longest: 3y\n", "",
	{"changed card.issues.cardholder.longest 3y 2y 104 0: certificates issued to end entities from now on"}},
    {"something_optional_left_out", "                    promotion: Demo Gold Card\n", "",
	{"removed card.issues.cardholder.subject.promotion Demo Gold Card  109 0: certificates issued to end entities "
	 "from "
	 "now on"}},
    {"a_list", "[P-256, P-384, RSA-2048]", "[P-384, P-256]",
	{"changed merchant.issues.merchant.keys.signature P-256, P-384, RSA-2048 P-384, P-256 147 147: certificates "
	 "issued "
	 "to end entities from now on"}},
    {"a_language", "          - language: de\n            text: Name wie auf der Karte",
	"          - language: de\n"
	"            text: Ihr Name",
	{"changed policy.forms.cardholder.fields.name.labels.de.text Name wie auf der Karte Ihr Name 222 222: "
	 "registrations begun from now on"}},
    {"a_field", "      - name: telephone", "      - name: phone",
	{"removed policy.forms.merchant.fields.telephone   262 0: registrations begun from now on",
	    "added policy.forms.merchant.fields.phone   0 262: registrations begun from now on"}},
    {"a_superior_under_another_name", "        - name: geo", "        - name: americas",
	{"removed geo   62 0: a home that has the CA keeps it, and refuses this policy",
	    "removed card   78 0: a home that has the CA keeps it, and refuses this policy",
	    "removed merchant   126 0: a home that has the CA keeps it, and refuses this policy",
	    "removed gateway   162 0: a home that has the CA keeps it, and refuses this policy"}},
    {"a_key_protected", "    protection: none\n    # The next", "    protection: passphrase\n    # The next",
	{"changed root.keys.protection none passphrase 30 30: keys made from now on (ca roll); those that exist stay "
	 "as "
	 "they are"}},
    {"a_schedule", "        every: 1d\n        valid: 2d", "        every: 1d\n        valid: 3d",
	{"changed brand.bci.valid 2d 3d 60 60: the BCI schedule, from the next BCI on"}},
    {"who_decides", "decide: [manual]\n                    approvals: 2", "decide: [accounts, manual]",
	{"changed gateway.issues.gateway.desk.decide manual accounts, manual 201 201: registrations decided from now "
	 "on",
	    "changed gateway.issues.gateway.desk.approvals 2 1 202 0: registrations decided from now on"}},
    {"no_desk_is_one_by_default",
	"                  form: merchant\n                  desk:\n                    decide: [accounts, manual]\n",
	"                  form: merchant\n",
	{"changed merchant.issues.merchant.desk.decide accounts, manual manual 161 0: registrations decided from now "
	 "on"}},
    {"a_route", "- name: silver\n                        bins: [\"412346\"]",
	"- name: silver\n                        bins: [\"412347\"]",
	{"changed card.issues.cardholder.desk.routes.silver.bins 412346 412347 118 118: registrations begun from now "
	 "on"}},
    {"a_crl_schedule", "                every: 1d\n                valid: 2d",
	"                every: 1d\n"
	"                valid: 3d",
	{"changed gateway.crl.valid 2d 3d 183 183: the CRL schedule, from the next CRL on"}},
};

static const char *
change_text(const struct ca_policy_change *c, char *out, size_t cap)
{
	static const char *const what[] = {
	    [CA_CHANGE_ADDED] = "added", [CA_CHANGE_REMOVED] = "removed", [CA_CHANGE_VALUE] = "changed"};

	snprintf(out, cap, "%s %s %s %s %d %d: %s", what[c->what], c->path, c->old, c->new, c->old_line, c->new_line,
	    c->effect);
	return out;
}

static void
is_told(void **state)
{
	const struct change *row = *state;
	char *old_text = t_file("policies/demo.yaml"), *new_text, got[1024];
	struct ca_policy *old = t_policy_good(old_text), *new;
	struct setpki_error err = {0};
	struct ca_policy_changes c;

	if (row->want[0] == NULL)
		new_text = t_replaced(old_text, "suite: modern\n", "");
	else
		new_text = t_replaced(old_text, row->from, row->to);
	new = t_policy_good(new_text);
	t_ok(ca_policy_diff(old, new, &c, &err), &err);
	for (size_t i = 0; i < NELEMS(row->want) && row->want[i] != NULL; i++) {
		assert_true(i < c.n);
		assert_string_equal(change_text(&c.v[i], got, sizeof(got)), row->want[i]);
	}
	if (row->want[0] == NULL || row->want[3] == NULL)
		assert_int_equal(c.n, (row->want[0] != NULL) + (row->want[1] != NULL) + (row->want[2] != NULL));
	ca_policy_changes_free(&c);
	ca_policy_free(old);
	ca_policy_free(new);
	free(old_text);
	free(new_text);
}

static void
another_suite_is_another_home(void **state)
{
	struct ca_policy *old = shipped("demo.yaml"), *new = shipped("classic-1997.yaml");
	struct setpki_error err = {0};
	struct ca_policy_changes c;
	char got[1024];

	(void)state;
	t_ok(ca_policy_diff(old, new, &c, &err), &err);
	assert_true(c.n > 40);
	assert_string_equal(change_text(&c.v[1], got, sizeof(got)),
	    "changed policy.suite modern classic 8 11: a home keeps its suite: only a new home can have this policy");
	ca_policy_changes_free(&c);
	ca_policy_free(old);
	ca_policy_free(new);
}

int
main(int argc, char **argv)
{
	struct CMUnitTest tests[6 + NELEMS(kept) + NELEMS(changes)] = {
	    cmocka_unit_test(what_is_shown_reads_as_the_same_policy),
	    cmocka_unit_test(texts_of_every_sort_survive),
	    cmocka_unit_test(a_walk_tells_everything),
	    cmocka_unit_test(a_role_alone_is_explained),
	    cmocka_unit_test(what_is_not_there_is_not_explained),
	    cmocka_unit_test(another_suite_is_another_home),
	};

	if (argc == 2 && strcmp(argv[1], "--write") == 0)
		return write_kept();
	for (size_t i = 0; i < NELEMS(kept); i++)
		tests[6 + i] = (struct CMUnitTest){kept[i].name, is_as_kept, NULL, NULL, &kept[i]};
	for (size_t i = 0; i < NELEMS(changes); i++)
		tests[6 + NELEMS(kept) + i] = (struct CMUnitTest){changes[i].name, is_told, NULL, NULL, &changes[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
