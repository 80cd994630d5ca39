/* The gate: which CRLs come into the store, ours and another home's; imports that are refused before it. */
#include "ca/publish/gate.h"
#include "lib/x509/name.h"
#include "tests/support/check.h"
#include "tests/support/publish.h"

#include <stdio.h>

#define DAY INT64_C(86400)
#define NOW (T_NOW + 10 * DAY)

static struct ca_home *h;
static struct ca_signer geo, brand;
static uint8_t known[17]; /* a certificate that geo issued: the gateway CA's */
static int64_t known_end;

static int
start(void **state)
{
	struct setpki_error err = {0};
	struct ca_cert_record rec;
	ca_txn *t;

	(void)state;
	h = t_demo_home("gate", T_NOW);
	t_ok(ca_signer_open(h, t_ca(h, "geo"), 0, CA_PURPOSE_CRLSIGN, &geo, &err), &err);
	t_ok(ca_signer_open(h, t_ca(h, "brand"), 0, CA_PURPOSE_CRLSIGN, &brand, &err), &err);
	t_ca_serial(h, "gateway", known);
	t_ok(ca_txn_begin(h->store, false, &t, &err), &err);
	t_ok(ca_cert_by_serial(t, SP_BYTES(known), &rec, &err), &err);
	known_end = rec.not_after;
	ca_cert_record_free(&rec);
	ca_txn_abort(t);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	ca_signer_close(&geo);
	ca_signer_close(&brand);
	ca_home_close(h);
	return 0;
}

/* --- CRLs of any contents ---------------------------------------------------------------------- */

enum entry { NONE, KNOWN, STRANGER };

struct source {
	enum entry entry;
	bool done;
};

static const uint8_t stranger[17] = {1, 9, 9};

static bool
next(void *arg, struct sp_crl_entry *e)
{
	struct source *s = arg;

	if (s->done || s->entry == NONE)
		return false;
	s->done = true;
	*e = (struct sp_crl_entry){s->entry == KNOWN ? SP_BYTES(known) : SP_BYTES(stranger), T_NOW, -1};
	return true;
}

static void
again(void *arg)
{
	((struct source *)arg)->done = false;
}

static enum setpki_code
sign(void *arg, const uint8_t *digest, struct sp_buf *sig, struct setpki_error *err)
{
	return ca_key_sign_digest(arg, SETPKI_SUITE_MODERN, digest, sig, err);
}

static enum setpki_code
keep(void *arg, setpki_bytes piece, struct setpki_error *err)
{
	(void)err;
	sp_buf_add_bytes(arg, piece);
	return SETPKI_E_OK;
}

struct made {
	uint64_t number;
	int64_t from, to;
	enum entry entry;
};

static void
make(const struct made *m, const struct sp_cert *cert, ca_key *key, struct sp_buf *out)
{
	struct source entries = {m->entry, false};
	struct sp_crl_source source = {next, again, &entries};
	struct sp_crl_spec spec = {SETPKI_SUITE_MODERN, cert, m->from, m->to, m->number};
	struct setpki_error err = {0};

	t_ok(sp_crl_build(t_ctx(), &spec, &source, sign, key, keep, out, &err), &err);
}

/* --- the gate itself ---------------------------------------------------------------------------- */

enum trick { HONEST, OTHER_KEY, OTHER_CA };

static const struct row {
	const char *name;
	struct made before, next; /* times relative to NOW; before.number 0: there is none */
	bool ours;
	enum trick trick;
	int64_t now; /* instead of NOW; 0 */
	enum setpki_code want;
} rows[] = {
    {"the_first_of_ours", {0}, {1, 0, DAY, NONE}, true, HONEST, 0, SETPKI_E_OK},
    {"the_first_import_at_any_number", {0}, {40, 0, DAY, NONE}, false, HONEST, 0, SETPKI_E_OK},
    {"our_next", {1, -DAY, 0, NONE}, {2, 0, DAY, KNOWN}, true, HONEST, 0, SETPKI_E_OK},
    {"an_import_may_leave_numbers_out", {1, -DAY, 0, NONE}, {7, 0, DAY, NONE}, false, HONEST, 0, SETPKI_E_OK},
    {"thisUpdate_may_stay", {1, -DAY, DAY, NONE}, {2, -DAY, DAY, NONE}, true, HONEST, 0, SETPKI_E_OK},
    {"ours_must_not_leave_numbers_out", {1, -DAY, 0, NONE}, {3, 0, DAY, NONE}, true, HONEST, 0, SETPKI_E_RULE},
    {"our_first_is_number_1", {0}, {2, 0, DAY, NONE}, true, HONEST, 0, SETPKI_E_RULE},
    {"the_same_number", {4, -DAY, 0, NONE}, {4, 0, DAY, NONE}, false, HONEST, 0, SETPKI_E_RULE},
    {"a_lower_number", {4, -DAY, 0, NONE}, {3, 0, DAY, NONE}, false, HONEST, 0, SETPKI_E_RULE},
    {"thisUpdate_back", {1, -DAY, DAY, NONE}, {2, -DAY - 1, DAY, NONE}, true, HONEST, 0, SETPKI_E_RULE},
    {"thisUpdate_to_come", {1, -DAY, DAY, NONE}, {2, 1, DAY, NONE}, false, HONEST, 0, SETPKI_E_RULE},
    {"nextUpdate_reached", {1, -DAY, DAY, NONE}, {2, -DAY, 0, NONE}, false, HONEST, 0, SETPKI_E_RULE},
    {"signed_with_another_key", {0}, {1, 0, DAY, NONE}, false, OTHER_KEY, 0, SETPKI_E_SIGNATURE},
    {"of_another_issuer", {0}, {1, 0, DAY, NONE}, false, OTHER_CA, 0, SETPKI_E_RULE},
    {"an_entry_is_lost", {1, -DAY, DAY, KNOWN}, {2, 0, DAY, NONE}, true, HONEST, 0, SETPKI_E_RULE},
    {"an_entry_is_lost_in_an_import", {1, -DAY, DAY, KNOWN}, {2, 0, DAY, STRANGER}, false, HONEST, 0, SETPKI_E_RULE},
    {"an_unknown_entry_is_lost", {1, -DAY, DAY, STRANGER}, {2, 0, DAY, KNOWN}, false, HONEST, 0, SETPKI_E_RULE},
    {"an_unknown_entry_goes_after_the_longest_life", {1, -DAY, DAY, STRANGER}, {2, 0, DAY, NONE}, false, HONEST,
	T_NOW + 20 * 365 * DAY, SETPKI_E_OK},
};

static void
passes_or_not(void **state)
{
	const struct row *r = *state;
	struct ca_crl_record before = {.number = r->before.number};
	struct ca_gate gate = {.h = h,
	    .signer = &geo.cert,
	    .policy = &h->policy->cas[geo.policy_index],
	    .ca = geo.ca.id,
	    .generation = 1,
	    .ours = r->ours,
	    .before = &before};
	struct made m = r->before;
	struct setpki_error err = {0};
	struct sp_buf old = {0}, der = {0};
	struct sp_crl crl;

	h->now = r->now != 0 ? r->now : NOW;
	if (m.number != 0) {
		m.from += h->now;
		m.to += h->now;
		make(&m, &geo.cert, geo.key, &old);
		before.der = sp_buf_bytes(&old);
		before.this_update = m.from;
	}
	m = r->next;
	m.from += h->now;
	m.to += h->now;
	make(&m, r->trick == OTHER_CA ? &brand.cert : &geo.cert, r->trick != HONEST ? brand.key : geo.key, &der);
	t_ok(sp_crl_parse(t_ctx(), sp_buf_bytes(&der), &crl, &err), &err);
	t_ok(ca_txn_begin(h->store, false, &gate.t, &err), &err);
	t_code(ca_gate_crl(&gate, &crl, &err), r->want, &err);
	assert_true(r->want == SETPKI_E_OK || err.message[0] != '\0');
	ca_txn_abort(gate.t);
	sp_crl_free(&crl);
	sp_buf_free(&old);
	sp_buf_free(&der);
	h->now = NOW;
}

/* Dropped only after it stood on one CRL past the certificate's expiry (12.14): the CRL before has to be such a one. */
static void
an_expired_entry_goes_after_one_more_crl(void **state)
{
	static const struct {
		int64_t before; /* thisUpdate of the CRL before, relative to the certificate's end */
		enum setpki_code want;
	} cases[] = {{-1, SETPKI_E_RULE}, {0, SETPKI_E_RULE}, {1, SETPKI_E_OK}};

	(void)state;
	for (size_t i = 0; i < NELEMS(cases); i++) {
		struct made old = {1, known_end + cases[i].before, known_end + DAY, KNOWN};
		struct made m = {2, known_end + 2, known_end + DAY, NONE};
		struct ca_crl_record before = {.number = 1, .this_update = old.from};
		struct ca_gate gate = {.h = h,
		    .signer = &geo.cert,
		    .policy = &h->policy->cas[geo.policy_index],
		    .ca = geo.ca.id,
		    .generation = 1,
		    .ours = true,
		    .before = &before};
		struct setpki_error err = {0};
		struct sp_buf a = {0}, b = {0};
		struct sp_crl crl;

		h->now = known_end + 2;
		make(&old, &geo.cert, geo.key, &a);
		make(&m, &geo.cert, geo.key, &b);
		before.der = sp_buf_bytes(&a);
		t_ok(sp_crl_parse(t_ctx(), sp_buf_bytes(&b), &crl, &err), &err);
		t_ok(ca_txn_begin(h->store, false, &gate.t, &err), &err);
		t_code(ca_gate_crl(&gate, &crl, &err), cases[i].want, &err);
		ca_txn_abort(gate.t);
		sp_crl_free(&crl);
		sp_buf_free(&a);
		sp_buf_free(&b);
	}
	h->now = NOW;
}

/* --- imports that do not come as far ------------------------------------------------------------ */

static void
imports_of_our_own_are_refused(void **state)
{
	struct made m = {5, NOW, NOW + DAY, NONE};
	struct setpki_error err = {0};
	struct sp_buf der = {0};
	bool same = true;

	(void)state;
	make(&m, &geo.cert, geo.key, &der);
	t_code(ca_crl_import(h, sp_buf_bytes(&der), NULL, &same, &err), SETPKI_E_STATE, &err);
	assert_false(same);
	sp_buf_free(&der);
	setpki_error_clear(&err);
	t_public(h, "bci/brand.bci", &der);
	t_code(ca_bci_import(h, sp_buf_bytes(&der), NULL, NULL, &err), SETPKI_E_STATE, &err);
	sp_buf_free(&der);
}

static void
imports_of_strangers_and_rubbish_are_refused(void **state)
{
	struct made m = {5, NOW, NOW + DAY, NONE};
	struct sp_cert other = geo.cert;
	struct setpki_error err = {0};
	struct sp_buf der = {0}, name = {0};
	const struct sp_name_parts parts = {"US", "Demo", NULL, NULL, "Nobody G1"};

	(void)state;
	t_ok(sp_name_build(SETPKI_SUITE_MODERN, &parts, &name, &err), &err);
	other.subject = sp_buf_bytes(&name);
	make(&m, &other, geo.key, &der);
	t_code(ca_crl_import(h, sp_buf_bytes(&der), NULL, NULL, &err), SETPKI_E_NOTFOUND, &err);
	setpki_error_clear(&err);
	t_code(ca_crl_import(h, sp_bytes(der.p, der.n - 1), NULL, NULL, &err), SETPKI_E_PARSE, &err);
	setpki_error_clear(&err);
	t_code(ca_bci_import(h, sp_buf_bytes(&der), NULL, NULL, &err), SETPKI_E_PARSE, &err);
	sp_buf_free(&der);
	sp_buf_free(&name);
}

int
main(void)
{
	struct CMUnitTest tests[NELEMS(rows) + 3];
	size_t n = 0;

	for (size_t i = 0; i < NELEMS(rows); i++)
		tests[n++] = (struct CMUnitTest){rows[i].name, passes_or_not, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(an_expired_entry_goes_after_one_more_crl);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(imports_of_our_own_are_refused);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(imports_of_strangers_and_rubbish_are_refused);
	return _cmocka_run_group_tests("gate", tests, n, start, stop);
}
