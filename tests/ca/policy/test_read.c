/* The shipped policies as structures, and what the other rooms ask them. */
#include "ca/policy/form.h"
#include "lib/x509/ext.h"
#include "tests/support/policy.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

#define DAY INT64_C(86400)
#define YEAR (365 * DAY)

static char *demo_text;
static struct ca_policy *demo, *production, *classic, *whole;

static struct ca_policy *
read_good(const char *path, char **keep)
{
	char *text = t_file(path);
	struct ca_policy *p = t_policy_good(text);

	if (keep != NULL)
		*keep = text;
	else
		free(text);
	return p;
}

static int
start(void **state)
{
	(void)state;
	demo = read_good("policies/demo.yaml", &demo_text);
	production = read_good("policies/production.yaml", NULL);
	classic = read_good("policies/classic-1997.yaml", NULL);
	whole = read_good("tests/vectors/policy/whole.yaml", NULL);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	ca_policy_free(demo);
	ca_policy_free(production);
	ca_policy_free(classic);
	ca_policy_free(whole);
	free(demo_text);
	return 0;
}

static const struct ca_policy_ca *
ca(const struct ca_policy *p, const char *name)
{
	int i = ca_policy_find(p, name);

	assert_true(i >= 0);
	return &p->cas[i];
}

/* --- the demo ------------------------------------------------------------------------------------------ */

static void
the_demo_as_a_whole(void **state)
{
	uint8_t hash[32];

	(void)state;
	assert_string_equal(demo->name, "demo");
	assert_int_equal(demo->suite, SETPKI_SUITE_MODERN);
	assert_true(demo->test);
	assert_true(demo->relax_critical);
	assert_int_equal(demo->source_len, strlen(demo_text));
	assert_memory_equal(demo->source, demo_text, demo->source_len);
	SHA256((const uint8_t *)demo_text, strlen(demo_text), hash);
	assert_memory_equal(demo->hash, hash, sizeof(hash));
}

static const struct shape {
	const char *name;
	enum ca_level level;
	uint32_t type;
	int parent, brand, pathlen;
	bool crl;
	const char *organization, *unit, *id;
} shapes[] = {
    {"root", CA_LEVEL_ROOT, SETPKI_TYPE_RCA, -1, -1, 3, true, "SET Root", NULL, "Demo Root"},
    {"brand", CA_LEVEL_BRAND, SETPKI_TYPE_BCA, 0, 1, 2, true, "Demo", "Demo Brand", "Demo Brand CA"},
    {"geo", CA_LEVEL_GEO, SETPKI_TYPE_GCA, 1, 1, 1, true, "Demo", "Demo Brand Americas", "Demo Americas CA"},
    {"card", CA_LEVEL_ISSUER, SETPKI_TYPE_CCA, 2, 1, 0, false, "Demo", "Demo Bank", "Demo Cardholder CA"},
    {"merchant", CA_LEVEL_ISSUER, SETPKI_TYPE_MCA, 2, 1, 0, false, "Demo", "Demo Acquirer", "Demo Merchant CA"},
    {"gateway", CA_LEVEL_ISSUER, SETPKI_TYPE_PCA, 2, 1, 0, true, "Demo", "Demo Acquirer", "Demo Gateway CA"},
};

static void
the_demo_has_six_cas_top_down(void **state)
{
	(void)state;
	assert_int_equal(demo->ncas, NELEMS(shapes));
	for (size_t i = 0; i < NELEMS(shapes); i++) {
		const struct ca_policy_ca *c = &demo->cas[i];
		const struct shape *s = &shapes[i];

		assert_string_equal(c->name, s->name);
		assert_int_equal(c->level, s->level);
		assert_int_equal(c->type, s->type);
		assert_int_equal(c->parent, s->parent);
		assert_int_equal(c->brand, s->brand);
		assert_int_equal(c->pathlen, s->pathlen);
		assert_int_equal(c->crl.keeps, s->crl);
		assert_string_equal(c->country, "US");
		assert_string_equal(c->organization, s->organization);
		assert_string_equal(c->unit != NULL ? c->unit : "", s->unit != NULL ? s->unit : "");
		assert_string_equal(c->id, s->id);
		assert_false(c->passphrase || c->offline || c->next_key_passphrase);
		assert_string_equal(c->crl_url, "http://set.example/crl/");
		assert_string_equal(c->aia_url, "http://set.example/ca/");
		assert_string_equal(c->policy_email, "policy@set.example");
	}
}

static void
keys_and_periods(void **state)
{
	const struct ca_policy_ca *card = ca(demo, "card"), *brand = ca(demo, "brand");

	(void)state;
	assert_true(card->keys[CA_PURPOSE_CERTSIGN].present);
	assert_int_equal(card->keys[CA_PURPOSE_CERTSIGN].alg, SP_KEY_P256);
	assert_int_equal(card->keys[CA_PURPOSE_CERTSIGN].lifetime, 6 * YEAR);
	assert_int_equal(card->keys[CA_PURPOSE_CERTSIGN].usage, 3 * YEAR);
	assert_false(card->keys[CA_PURPOSE_CRLSIGN].present);
	assert_int_equal(card->keys[CA_PURPOSE_SIGN].usage, 2 * YEAR);
	assert_int_equal(card->keys[CA_PURPOSE_EXCHANGE].alg, SP_KEY_RSA);
	assert_int_equal(card->keys[CA_PURPOSE_EXCHANGE].bits, 2048);
	/* no period of its own: the key serves as long as its certificate */
	assert_int_equal(card->keys[CA_PURPOSE_EXCHANGE].usage, 3 * YEAR);
	assert_int_equal(ca(whole, "desk")->keys[CA_PURPOSE_CRLSIGN].usage, 5 * YEAR);
	assert_int_equal(brand->crl.every, 7 * DAY);
	assert_int_equal(brand->crl.valid, 14 * DAY);
	assert_int_equal(brand->bci_every, DAY);
	assert_int_equal(brand->bci_valid, 2 * DAY);
}

static void
profiles(void **state)
{
	const struct ca_profile *card = &ca(demo, "card")->profiles[CA_ROLE_CARDHOLDER];
	const struct ca_profile *merchant = &ca(demo, "merchant")->profiles[CA_ROLE_MERCHANT];
	const struct ca_profile *gateway = &ca(demo, "gateway")->profiles[CA_ROLE_GATEWAY];

	(void)state;
	assert_true(card->present && card->signature && !card->exchange);
	assert_int_equal(card->nsig_keys, 2);
	assert_int_equal(card->sig_keys[0].alg, SP_KEY_P256);
	assert_int_equal(card->sig_keys[1].bits, 2048);
	assert_int_equal(card->lifetime, 2 * YEAR);
	assert_int_equal(card->lifetime_max, 3 * YEAR);
	assert_int_equal(card->usage, YEAR);
	assert_string_equal(card->unit2, "Demo Gold Card");
	assert_string_equal(card->form->name, "cardholder");
	assert_false(ca(demo, "card")->profiles[CA_ROLE_MERCHANT].present);
	assert_true(merchant->signature && merchant->exchange && merchant->auth_flag);
	assert_int_equal(merchant->mer_country, 840);
	assert_int_equal(merchant->nbins, 1);
	assert_string_equal(merchant->bins[0], "412399");
	assert_null(merchant->unit2);
	assert_true(gateway->card_cert_required);
	assert_false(whole->cas[ca_policy_find(whole, "desk")].profiles[CA_ROLE_MERCHANT].auth_flag);
}

static void
forms(void **state)
{
	const struct ca_form *f = &demo->forms[0];

	(void)state;
	assert_int_equal(demo->nforms, 3);
	assert_int_equal(f->nterms, 2);
	assert_string_equal(f->terms[0].language, "en");
	assert_string_equal(f->brand_logo, "https://set.example/brand.png");
	assert_int_equal(f->nfields, 3);
	assert_string_equal(f->fields[1].name, "birthday");
	assert_string_equal(ca_form_field_id_name(f->fields[1].id), "date");
	assert_string_equal(ca_form_text_in(f->fields[1].labels, f->fields[1].nlabels, "de"), "Geburtsdatum");
	assert_null(ca_form_text_in(f->fields[1].labels, f->fields[1].nlabels, "fr"));
	assert_int_equal(f->fields[1].nhints, 2);
	assert_true(f->fields[1].required && !f->fields[1].invisible);
	assert_string_equal(f->fields[1].pattern, "[0-9]{4}-[0-9]{2}-[0-9]{2}");
	assert_int_equal(f->fields[1].length, 10);
	assert_true(!f->fields[2].required && f->fields[2].invisible);
	assert_null(f->fields[2].pattern);
	/* the id is left out */
	assert_int_equal(demo->forms[2].fields[0].id, -1);
	assert_null(ca_form_field_id_name(-1));
	assert_null(ca_form_field_id_name(13));
}

static void
accounts(void **state)
{
	const struct ca_form_field *all = &whole->forms[1].account, *some = &production->forms[1].account;

	(void)state;
	assert_false(demo->forms[1].account.present);
	assert_true(all->present && all->required && all->invisible);
	assert_null(all->name);
	assert_string_equal(ca_form_field_id_name(all->id), "account-number");
	assert_string_equal(ca_form_text_in(all->labels, all->nlabels, "no"), "Kontoen din");
	assert_string_equal(ca_form_text_in(all->hints, all->nhints, "en"), "From your contract");
	assert_int_equal(all->length, 12);
	assert_string_equal(all->pattern, "[0-9-]+");
	/* what is left out */
	assert_true(some->present && some->required && !some->invisible);
	assert_int_equal(some->id, -1);
	assert_int_equal(some->length, 34);
}

static void
desks(void **state)
{
	const struct ca_desk *card = &ca(demo, "card")->profiles[CA_ROLE_CARDHOLDER].desk;
	const struct ca_desk *gateway = &ca(demo, "gateway")->profiles[CA_ROLE_GATEWAY].desk;
	const struct ca_desk *all = &ca(whole, "desk")->profiles[CA_ROLE_CARDHOLDER].desk;
	const struct ca_desk *plain = &ca(whole, "desk")->profiles[CA_ROLE_MERCHANT].desk;

	(void)state;
	assert_int_equal(card->ndecide, 2);
	assert_int_equal(card->decide[0], CA_DECIDE_ACCOUNTS);
	assert_int_equal(card->decide[1], CA_DECIDE_MANUAL);
	assert_int_equal(gateway->approvals, 2);
	assert_int_equal(all->ndecide, 3);
	assert_true(all->program.present && all->program.pan);
	assert_string_equal(all->program.path, "/usr/local/lib/setca/decide");
	assert_int_equal(all->program.timeout, 10);
	assert_int_equal(all->keep, 60 * DAY);
	/* nothing is said of it */
	assert_true(plain->present && !plain->program.present);
	assert_int_equal(plain->ndecide, 1);
	assert_int_equal(plain->decide[0], CA_DECIDE_MANUAL);
	assert_int_equal(plain->approvals, 1);
	assert_int_equal(plain->keep, 30 * DAY);
	/* nobody registers there */
	assert_false(ca(whole, "desk")->profiles[CA_ROLE_GATEWAY].desk.present);
	assert_string_equal(ca_decider_name(CA_DECIDE_PROGRAM), "program");
	assert_string_equal(ca_decider_name(CA_DECIDE_N), "unknown");
}

static void
routes(void **state)
{
	const struct ca_desk *desk = &ca(whole, "desk")->profiles[CA_ROLE_CARDHOLDER].desk;
	const struct ca_desk_route *same = ca_desk_route(desk, "4000011234567890");
	const struct ca_desk_route *elsewhere = ca_desk_route(desk, "400010");

	(void)state;
	assert_ptr_equal(same, &desk->routes[0]);
	assert_ptr_equal(same->form, &whole->forms[0]);
	assert_false(same->referral.present);
	assert_string_equal(elsewhere->name, "elsewhere");
	assert_null(elsewhere->form);
	assert_true(elsewhere->referral.present);
	assert_int_equal(elsewhere->referral.nurls, 2);
	assert_string_equal(elsewhere->referral.urls[1], "https://other.example/");
	assert_string_equal(ca_form_text_in(elsewhere->referral.reasons, elsewhere->referral.nreasons, "no"),
	    "Sp\xc3\xb8r South Bank.");
	assert_null(ca_desk_route(desk, "400002"));
	assert_null(ca_desk_route(desk, "40000"));
	assert_null(ca_desk_route(&ca(demo, "gateway")->profiles[CA_ROLE_GATEWAY].desk, "412399"));
}

/* --- the others ------------------------------------------------------------------------------------------ */

static void
production_is_offline_and_protected(void **state)
{
	(void)state;
	assert_false(production->test);
	assert_true(production->cas[0].offline && production->cas[0].next_key_passphrase);
	for (size_t i = 0; i < production->ncas; i++)
		assert_true(production->cas[i].passphrase);
	assert_int_equal(ca(production, "atlas-americas-acquirer")->type, SETPKI_TYPE_MCA | SETPKI_TYPE_PCA);
	assert_int_equal(ca(production, "meridian-issuing")->type, SETPKI_TYPE_ISSUING);
	assert_int_equal(ca(production, "meridian")->pathlen, 1);
	assert_string_equal(ca(production, "meridian-issuing")->organization, "Meridian:Business");
	assert_string_equal(ca(production, "meridian-issuing")->crl_url, "http://pki.meridian.example/crl/");
	assert_string_equal(ca(production, "meridian")->crl_url, "http://pki.cards.example/crl/");
}

static void
classic_is_classic(void **state)
{
	(void)state;
	assert_int_equal(classic->suite, SETPKI_SUITE_CLASSIC);
	assert_int_equal(classic->cas[0].keys[CA_PURPOSE_CERTSIGN].bits, 2048);
	assert_int_equal(ca(classic, "gateway")->keys[CA_PURPOSE_EXCHANGE].bits, 1024);
	assert_null(classic->cas[0].crl_url);
	assert_false(classic->relax_critical);
}

/* --- what is asked of a policy ------------------------------------------------------------------------------ */

static void
kinds_of_certificates(void **state)
{
	static const struct {
		const char *ca;
		enum setpki_kind kinds[CA_PURPOSE_N];
	} rows[] = {
	    {"wide", {SETPKI_KIND_CA_SIGN, SETPKI_KIND_NONE, SETPKI_KIND_NONE, SETPKI_KIND_NONE}},
	    {"root", {SETPKI_KIND_ROOT, SETPKI_KIND_NONE, SETPKI_KIND_NONE, SETPKI_KIND_NONE}},
	    {"desk", {SETPKI_KIND_CA_CERTSIGN, SETPKI_KIND_CA_CRLSIGN, SETPKI_KIND_CA_SIG, SETPKI_KIND_CA_ENC}},
	    /* keeps no CRLs */
	    {"slim-cards", {SETPKI_KIND_CA_CERTSIGN, SETPKI_KIND_NONE, SETPKI_KIND_NONE, SETPKI_KIND_NONE}},
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++)
		for (int k = 0; k <= CA_PURPOSE_N; k++)
			assert_int_equal(ca_policy_kind(ca(whole, rows[i].ca), (enum ca_purpose)k),
			    k < CA_PURPOSE_N ? rows[i].kinds[k] : SETPKI_KIND_NONE);
	assert_int_equal(ca_policy_kind(ca(demo, "gateway"), CA_PURPOSE_CERTSIGN), SETPKI_KIND_CA_SIGN);
}

/* The pathLen of every CA is the one that the rule table gives. */
static void
path_lengths_are_those_of_the_rules(void **state)
{
	const struct ca_policy *all[] = {demo, production, classic, whole};

	(void)state;
	for (size_t p = 0; p < NELEMS(all); p++)
		for (size_t i = 0; i < all[p]->ncas; i++) {
			bool geo = i + 1 < all[p]->ncas && all[p]->cas[i + 1].level == CA_LEVEL_GEO;

			assert_int_equal(all[p]->cas[i].pathlen, sp_pathlen(all[p]->cas[i].type, geo));
		}
}

static void
words(void **state)
{
	(void)state;
	assert_string_equal(ca_role_name(CA_ROLE_GATEWAY), "gateway");
	assert_string_equal(ca_role_name(CA_ROLE_N), "unknown");
	assert_string_equal(ca_purpose_name(CA_PURPOSE_EXCHANGE), "key-exchange");
	assert_string_equal(ca_purpose_name(CA_PURPOSE_N), "unknown");
	assert_int_equal(ca_policy_find(demo, "geo"), 2);
	assert_int_equal(ca_policy_find(demo, "Geo"), -1);
}

static void
lines(void **state)
{
	static const struct {
		const char *path, *line;
	} rows[] = {
	    {"policy.suite", "suite: modern"},
	    {"policy.relaxed-criticality", "relaxed-criticality: true"},
	    {"root", "root:"},
	    {"brand", "- name: brand"},
	    {"brand.keys.certificate-signing.lifetime", "lifetime: 9y"},
	    {"card.issues.cardholder.longest", "longest: 3y"},
	    {"card.issues.1.subject.promotion", "promotion: Demo Gold Card"},
	    {"gateway.issues.gateway.gateway.cardholder-certificate-required", "cardholder-certificate-required: true"},
	    {"policy.forms.cardholder.fields.birthday.hints.de.text", "text: Jahr-Monat-Tag, etwa 1970-01-31"},
	    /* said further up */
	    {"card.urls.crl", "crl: http://set.example/crl/"},
	    {"geo.brand-id", "brand-id: Demo"},
	    /* defaults, and nothing at all */
	    {"card.path-length", NULL},
	    {"card.offline", NULL},
	    {"card.crl.every", NULL},
	    {"nobody.keys", NULL},
	    {"card..keys", NULL},
	    {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		int line = ca_policy_line(demo, rows[i].path);
		const char *at = demo_text;

		if (rows[i].line == NULL) {
			assert_int_equal(line, 0);
			continue;
		}
		assert_true(line > 0);
		for (int k = 1; k < line; k++)
			at = strchr(at, '\n') + 1;
		at += strspn(at, " ");
		assert_int_equal(strncmp(at, rows[i].line, strlen(rows[i].line)), 0);
		assert_int_equal(at[strlen(rows[i].line)], '\n');
	}
}

static void
who_answers_first(void **state)
{
	int atlas = ca_policy_find(production, "atlas"), meridian = ca_policy_find(production, "meridian");

	(void)state;
	assert_int_equal(ca_policy_first_contact(production, atlas, CA_ROLE_CARDHOLDER),
	    ca_policy_find(production, "atlas-europe-card"));
	assert_int_equal(ca_policy_first_contact(production, meridian, CA_ROLE_CARDHOLDER),
	    ca_policy_find(production, "meridian-issuing"));
	assert_int_equal(ca_policy_first_contact(production, atlas, CA_ROLE_GATEWAY),
	    ca_policy_find(production, "atlas-americas-acquirer"));
	/* two brands, none of which is asked for */
	assert_int_equal(ca_policy_first_contact(production, -1, CA_ROLE_GATEWAY), -1);
	assert_int_equal(ca_policy_first_contact(demo, -1, CA_ROLE_GATEWAY), ca_policy_find(demo, "gateway"));
	assert_int_equal(ca_policy_first_contact(whole, ca_policy_find(whole, "slim"), CA_ROLE_GATEWAY), -1);
}

static void
bins(void **state)
{
	const struct ca_profile *card = &ca(demo, "card")->profiles[CA_ROLE_CARDHOLDER];
	const struct ca_profile *any = &ca(whole, "slim-cards")->profiles[CA_ROLE_CARDHOLDER];

	(void)state;
	assert_true(ca_profile_takes_bin(card, "412345"));
	assert_true(ca_profile_takes_bin(card, "4123460000000000"));
	assert_false(ca_profile_takes_bin(card, "412347"));
	assert_false(ca_profile_takes_bin(card, "41234"));
	assert_true(ca_profile_takes_bin(any, "999999"));
}

static void
freeing_nothing_is_fine(void **state)
{
	struct ca_policy *p;

	(void)state;
	ca_policy_free(NULL);
	/* without a record of the error, too */
	assert_int_equal(t_policy_text("suite: x\n", 9, &p, NULL), SETPKI_E_POLICY);
	assert_null(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_demo_as_a_whole),
	    cmocka_unit_test(the_demo_has_six_cas_top_down),
	    cmocka_unit_test(keys_and_periods),
	    cmocka_unit_test(profiles),
	    cmocka_unit_test(forms),
	    cmocka_unit_test(accounts),
	    cmocka_unit_test(desks),
	    cmocka_unit_test(routes),
	    cmocka_unit_test(production_is_offline_and_protected),
	    cmocka_unit_test(classic_is_classic),
	    cmocka_unit_test(kinds_of_certificates),
	    cmocka_unit_test(path_lengths_are_those_of_the_rules),
	    cmocka_unit_test(words),
	    cmocka_unit_test(lines),
	    cmocka_unit_test(who_answers_first),
	    cmocka_unit_test(bins),
	    cmocka_unit_test(freeing_nothing_is_fine),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
