/* Walks: what is told of each object, compared with files under tests/lib/walk/golden/.  What differs from run to run
 * (keys, signatures, digests) stands there as its length. */
#include "lib/crypto/sign.h"
#include "tests/support/certs_edit.h"
#include "tests/support/check.h"
#include "tests/support/lines.h"
#include "tests/support/lists.h"

#include <setpki/walk.h>
#include <stdio.h>

/* --- objects
 * ----------------------------------------------------------------------------------------------------------- */

static void
root_cert(enum setpki_suite suite, struct sp_buf *out)
{
	sp_buf_add_bytes(out, certs_root(suite)->der);
}

static void
merchant_cert(enum setpki_suite suite, struct sp_buf *out)
{
	struct certs_case c;

	certs_case(&c, suite, SETPKI_KIND_MER_SIG);
	certs_make(&c, out);
	certs_case_free(&c);
}

static void
gateway_cert(enum setpki_suite suite, struct sp_buf *out)
{
	static const uint8_t extension[] = {0x67, 0x2a, 0x01, 0x04};
	struct certs_case c;

	certs_case(&c, suite, SETPKI_KIND_PGWY_ENC);
	c.spec.policy = (struct sp_policy_text){"Liability is limited", "http://ca.example/policy", "ca@ca.example"};
	c.spec.crl_url = "http://ca.example/crl/gateway-1.crl";
	c.spec.aia_url = "http://ca.example/ca/gateway-1.cer";
	c.oids[0] = SP_BYTES(extension);
	c.spec.set_extensions = c.oids;
	c.spec.nset_extensions = 1;
	certs_make(&c, out);
	certs_case_free(&c);
}

/* A policy with everything that a SetPolicyQualifier may hold and one of somebody else's, and a name of each sort. */
#define POLICIES                                                                                                       \
	"3081bf30819d0604672a05003081943081910604672a0706308188306b302b020100300906052b0e03021a0500300506032a"         \
	"03040414000102030405060708090a0b0c0d0e0f101112131a144c696162696c697479206973206c696d6974656480126874"         \
	"74703a2f2f612e6578616d706c652f7081126d61696c746f3a7040612e6578616d706c653019301106032a030530061a044d"         \
	"6f726503020204300403020001301d06032a03063016301406082b060105050702011608687474703a2f2f78"
#define ALT_NAMES                                                                                                      \
	"305b0603551d1104543052810b6140622e6578616d706c658209622e6578616d706c65a40e300c310a300806035504031301"         \
	"788611687474703a2f2f622e6578616d706c652f87047f00000188032a0304a00a06032a0304a0030c016f"
static void
qualified_cert(enum setpki_suite suite, struct sp_buf *out)
{
	static const struct certs_edit edits[CERTS_EDITS] = {
	    {CERTS_EXT_SET, SP_EXT_POLICIES, POLICIES}, {CERTS_EXT_ADD, SP_EXT_SAN, ALT_NAMES}, {.piece = CERTS_END}};
	struct certs_case c;
	struct sp_buf whole = {0}, tbs = {0};
	struct setpki_error err = {0};
	struct sp_cert cert;

	certs_case(&c, suite, SETPKI_KIND_MER_SIG);
	certs_make(&c, &whole);
	t_ok(sp_cert_parse(sp_buf_bytes(&whole), &cert, &err), &err);
	certs_edit_tbs(cert.tbs, edits, &tbs);
	certs_sign(suite, certs_key(suite, CERTS_KEY_CA), sp_buf_bytes(&tbs), out);
	sp_buf_free(&whole);
	sp_buf_free(&tbs);
	certs_case_free(&c);
	t_hex_free();
}

static void
crl(enum setpki_suite suite, struct sp_buf *out)
{
	lists_crl(suite, 3, out);
}

static void
empty_crl(enum setpki_suite suite, struct sp_buf *out)
{
	lists_crl(suite, 0, out);
}

static void
rsa_key(enum setpki_suite suite, struct sp_buf *out)
{
	struct setpki_error err = {0};

	t_ok(sp_spki_from_pkey(certs_key(suite, CERTS_KEY_EXCHANGE), out, &err), &err);
}

static const struct row {
	const char *name; /* of the test, and of the file */
	enum setpki_object_type type;
	enum setpki_suite suite;
	void (*make)(enum setpki_suite suite, struct sp_buf *out);
} rows[] = {
    {"root_modern", SETPKI_OBJECT_CERT, SETPKI_SUITE_MODERN, root_cert},
    {"root_classic", SETPKI_OBJECT_CERT, SETPKI_SUITE_CLASSIC, root_cert},
    {"merchant_classic", SETPKI_OBJECT_CERT, SETPKI_SUITE_CLASSIC, merchant_cert},
    {"gateway_exchange_modern", SETPKI_OBJECT_CERT, SETPKI_SUITE_MODERN, gateway_cert},
    {"qualified_classic", SETPKI_OBJECT_CERT, SETPKI_SUITE_CLASSIC, qualified_cert},
    {"crl_modern", SETPKI_OBJECT_CRL, SETPKI_SUITE_MODERN, crl},
    {"crl_classic", SETPKI_OBJECT_CRL, SETPKI_SUITE_CLASSIC, crl},
    {"crl_empty", SETPKI_OBJECT_CRL, SETPKI_SUITE_MODERN, empty_crl},
    {"bci_modern", SETPKI_OBJECT_BCI, SETPKI_SUITE_MODERN, lists_bci},
    {"bci_classic", SETPKI_OBJECT_BCI, SETPKI_SUITE_CLASSIC, lists_bci},
    {"request_modern", SETPKI_OBJECT_CSR, SETPKI_SUITE_MODERN, lists_csr},
    {"public_key_rsa", SETPKI_OBJECT_PUBKEY, SETPKI_SUITE_MODERN, rsa_key},
};

static void
tells(void **state)
{
	const struct row *r = *state;
	struct setpki_object object = {.type = r->type};
	struct lines l = {0};
	struct setpki_visitor v = lines_visitor(&l);
	struct setpki_error err = {0};
	struct sp_buf der = {0};

	r->make(r->suite, &der);
	object.der = sp_buf_bytes(&der);
	t_ok(setpki_walk(certs_ctx(), &object, SETPKI_SUITE_NONE, &v, &err), &err);
	assert_int_equal(l.depth, 0);
	lines_golden(r->name, &l);
	sp_buf_free(&der);
	sp_buf_free(&l.text);
}

/* --- refusals
 * ---------------------------------------------------------------------------------------------------------- */

static void
tells_nothing_of_keys_and_rubbish(void **state)
{
	static const uint8_t rubbish[] = {0x30, 0x03, 0x02, 0x01, 0x00};
	struct lines l = {0};
	struct setpki_visitor v = lines_visitor(&l);

	(void)state;
	for (int type = SETPKI_OBJECT_UNKNOWN; type <= SETPKI_OBJECT_MESSAGE + 1; type++) {
		bool shown =
		    type >= SETPKI_OBJECT_CERT && type <= SETPKI_OBJECT_MESSAGE && type != SETPKI_OBJECT_PRIVKEY;
		struct setpki_object object = {(enum setpki_object_type)type, SP_BYTES(rubbish)};
		struct setpki_error err = {0};

		t_code(setpki_walk(certs_ctx(), &object, SETPKI_SUITE_NONE, &v, &err),
		    shown ? SETPKI_E_PARSE : SETPKI_E_ARGUMENT, &err);
		assert_int_equal(l.text.n, 0);
	}
}

/* A mutant is refused or told: never a crash, never an unbalanced structure. */
static void
walks_of_mutants_are_balanced(void **state)
{
	const struct row *r = *state;
	struct lines l = {0};
	struct setpki_visitor v = lines_visitor(&l);
	struct sp_buf der = {0};

	r->make(r->suite, &der);
	for (size_t at = 0; at < der.n; at++)
		for (unsigned bit = 0; bit < 8; bit += 3) {
			struct setpki_object object = {r->type, sp_buf_bytes(&der)};

			der.p[at] ^= (uint8_t)(1u << bit);
			if (setpki_walk(certs_ctx(), &object, SETPKI_SUITE_NONE, &v, NULL) == SETPKI_E_OK)
				assert_int_equal(l.depth, 0);
			l.depth = 0;
			sp_buf_reset(&l.text);
			der.p[at] ^= (uint8_t)(1u << bit);
		}
	assert_true(l.most < 12);
	sp_buf_free(&der);
	sp_buf_free(&l.text);
}

int
main(void)
{
	struct CMUnitTest tests[2 * NELEMS(rows) + 1];
	char names[NELEMS(rows)][64];
	size_t n = 0;

	for (size_t i = 0; i < NELEMS(rows); i++) {
		snprintf(names[i], sizeof(names[i]), "mutants_of_%s", rows[i].name);
		tests[n++] = (struct CMUnitTest){rows[i].name, tells, NULL, NULL, (void *)(uintptr_t)&rows[i]};
		tests[n++] = (struct CMUnitTest){
		    names[i], walks_of_mutants_are_balanced, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	}
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(tells_nothing_of_keys_and_rubbish);
	return _cmocka_run_group_tests("walk", tests, n, certs_start, certs_stop);
}
