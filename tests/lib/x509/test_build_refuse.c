/* Building certificates: what no certificate of a kind can be is refused, with the field and what to do. */
#include "lib/base/limits.h"
#include "lib/base/time.h"
#include "tests/support/certs.h"
#include "tests/support/check.h"

/* --- what is changed in a good spec ------------------------------------------------------------------------------- */

#define CHANGE(name) static void name(struct certs_case *c)

CHANGE(no_suite)
{
	c->spec.suite = SETPKI_SUITE_NONE;
}
CHANGE(no_kind)
{
	c->spec.kind = SETPKI_KIND_NONE;
}
CHANGE(wrong_type)
{
	c->spec.type = SETPKI_TYPE_MER;
}
CHANGE(two_types)
{
	c->spec.type = SETPKI_TYPE_PGWY | SETPKI_TYPE_MER;
}
CHANGE(no_type)
{
	c->spec.type = 0;
}
CHANGE(gca_with_cca)
{
	c->spec.type = SETPKI_TYPE_GCA | SETPKI_TYPE_CCA;
}
CHANGE(relax)
{
	c->spec.relax_critical = true;
}
CHANGE(no_issuer)
{
	c->spec.issuer = NULL;
}
CHANGE(root_with_issuer)
{
	c->spec.issuer = certs_root(c->spec.suite);
}
CHANGE(other_suite_issuer)
{
	c->spec.issuer =
	    certs_issuing(c->spec.suite == SETPKI_SUITE_MODERN ? SETPKI_SUITE_CLASSIC : SETPKI_SUITE_MODERN);
}
CHANGE(issuer_that_signs_no_certificates)
{
	static struct sp_cert issuer;

	issuer = *certs_issuing(c->spec.suite);
	issuer.key_usage = SETPKI_KU_CRL_SIGN;
	c->spec.issuer = &issuer;
}
CHANGE(issuer_that_is_no_ca)
{
	static struct sp_cert issuer;

	issuer = *certs_issuing(c->spec.suite);
	issuer.ca = false;
	c->spec.issuer = &issuer;
}
CHANGE(signer_of_another_type)
{
	c->spec.signer_alg = SP_KEY_P384;
}
CHANGE(short_serial)
{
	c->spec.serial.n = 16;
}
CHANGE(serial_not_01)
{
	c->serial[0] = 0x02;
}
CHANGE(no_subject)
{
	c->spec.subject = t_hex("3000");
}
CHANGE(malformed_subject)
{
	c->spec.subject = t_hex("30023100");
}
CHANGE(subject_of_the_issuer)
{
	c->spec.subject = c->spec.issuer->subject;
}
CHANGE(ends_before_it_begins)
{
	c->spec.not_after = c->spec.not_before - 1;
}
CHANGE(ends_after_2049)
{
	c->spec.not_after = INT64_C(2524608000);
}
CHANGE(ends_after_9999)
{
	c->spec.not_after = SP_TIME_MAX + 1;
}
CHANGE(begins_before_1950)
{
	c->spec.not_before = INT64_C(-631152001);
}
CHANGE(period_before_validity)
{
	c->spec.pkup_from = c->spec.not_before - 1;
}
CHANGE(period_after_validity)
{
	c->spec.pkup_to = c->spec.not_after + 1;
}
CHANGE(period_backwards)
{
	c->spec.pkup_from = c->spec.pkup_to + 1;
}
CHANGE(period_shorter)
{
	c->spec.pkup_to--;
}
CHANGE(ec_key_exchange)
{
	c->spec.spki = certs_issuing(SETPKI_SUITE_MODERN)->key.whole;
}
CHANGE(not_a_key)
{
	c->spec.spki = t_hex("3000");
}
CHANGE(short_root_key)
{
	struct setpki_error err = {0};

	sp_buf_reset(&c->spki);
	t_ok(sp_spki_from_pkey(certs_key(SETPKI_SUITE_CLASSIC, CERTS_KEY_SUBJECT), &c->spki, &err), &err);
	c->spec.spki = sp_buf_bytes(&c->spki);
}
CHANGE(pathlen_of_another_level)
{
	c->spec.pathlen = 1;
}
CHANGE(no_pathlen)
{
	c->spec.pathlen = -1;
}
CHANGE(long_statement)
{
	static char text[SP_UB_TERSE_STATEMENT + 2];

	memset(text, 'x', SP_UB_TERSE_STATEMENT + 1);
	c->spec.policy.statement = text;
}
CHANGE(empty_policy_url)
{
	c->spec.policy.url = "";
}
CHANGE(policy_email_not_ascii)
{
	c->spec.policy.email = "\xc3\xa9@example";
}
CHANGE(no_next_root)
{
	c->spec.next_root_spki = (setpki_bytes){NULL, 0};
}
CHANGE(next_root_is_this_root)
{
	c->spec.next_root_spki = c->spec.spki;
}
CHANGE(next_root_of_no_key)
{
	c->spec.next_root_spki = t_hex("3000");
}
CHANGE(no_merchant_data)
{
	c->spec.merchant_data = (setpki_bytes){NULL, 0};
}
CHANGE(malformed_merchant_data)
{
	c->spec.merchant_data = t_hex("3000");
}
CHANGE(malformed_set_extension)
{
	c->oids[0] = t_hex("80");
	c->spec.set_extensions = c->oids;
	c->spec.nset_extensions = 1;
}
CHANGE(ftp_address)
{
	c->spec.crl_url = "ftp://ca.example/a.crl";
}
CHANGE(address_with_blank)
{
	c->spec.aia_url = "http://ca.example/a b";
}

/* --- and what is said then ---------------------------------------------------------------------------------------- */

static const struct refusal {
	const char *name;
	enum setpki_suite suite;
	enum setpki_kind kind;
	void (*change)(struct certs_case *c);
	enum setpki_code code;
	const char *object, *says;
} refusals[] = {
#define M SETPKI_SUITE_MODERN
#define C SETPKI_SUITE_CLASSIC
#define K(k) SETPKI_KIND_##k
#define E(e) SETPKI_E_##e
    {"refuses_no_suite", M, K(PGWY_SIG), no_suite, E(ARGUMENT), "kind", "no suite"},
    {"refuses_no_kind", M, K(PGWY_SIG), no_kind, E(ARGUMENT), "kind", "no kind"},
    {"refuses_a_type_of_another_kind", M, K(PGWY_SIG), wrong_type, E(RULE), "kind", "merchant"},
    {"refuses_two_end_entity_types", M, K(PGWY_SIG), two_types, E(RULE), "kind", "merchant+gateway"},
    {"refuses_no_type", M, K(PGWY_SIG), no_type, E(RULE), "kind", "type none"},
    {"refuses_gca_with_cca", M, K(CA_SIGN), gca_with_cca, E(RULE), "kind", "cca+gca"},
    {"refuses_relaxed_criticality_in_classic", C, K(ROOT), relax, E(SUITE), "kind", "stay critical"},
    {"refuses_no_issuer", M, K(PGWY_SIG), no_issuer, E(ARGUMENT), "issuer", "needs its issuer"},
    {"refuses_a_root_with_issuer", M, K(ROOT), root_with_issuer, E(ARGUMENT), "issuer", "its own issuer"},
    {"refuses_an_issuer_of_the_other_suite", M, K(PGWY_SIG), other_suite_issuer, E(SUITE), "issuer", "one suite"},
    {"refuses_an_issuer_without_keyCertSign", M, K(PGWY_SIG), issuer_that_signs_no_certificates, E(RULE), "issuer",
	"signing certificates"},
    {"refuses_an_issuer_without_cA", M, K(PGWY_SIG), issuer_that_is_no_ca, E(RULE), "issuer", "signing certificates"},
    {"refuses_a_signer_of_another_key_type", M, K(PGWY_SIG), signer_of_another_type, E(ARGUMENT), "issuer", "type"},
    {"refuses_a_roots_signer_of_another_key_type", M, K(ROOT), signer_of_another_type, E(ARGUMENT),
	"subjectPublicKeyInfo", "root's own type"},
    {"refuses_a_short_serial", M, K(PGWY_SIG), short_serial, E(RULE), "serialNumber", "16 octets"},
    {"refuses_a_serial_without_01", M, K(PGWY_SIG), serial_not_01, E(RULE), "serialNumber", "0x01"},
    {"refuses_an_empty_subject", M, K(PGWY_SIG), no_subject, E(RULE), "subject", "empty"},
    {"refuses_a_malformed_subject", M, K(PGWY_SIG), malformed_subject, E(PARSE), "subject", "Name"},
    {"refuses_the_issuers_name", M, K(PGWY_SIG), subject_of_the_issuer, E(RULE), "subject", "issuing CA's own"},
    {"refuses_an_end_before_the_beginning", M, K(PGWY_SIG), ends_before_it_begins, E(RULE), "validity", "is after"},
    {"refuses_2050_in_classic", C, K(ROOT), ends_after_2049, E(RULE), "validity", "ends with 2049"},
    {"refuses_10000", M, K(ROOT), ends_after_9999, E(RULE), "validity", "1950 to 9999"},
    {"refuses_1949", M, K(ROOT), begins_before_1950, E(RULE), "validity", "1950 to 9999"},
    {"refuses_a_period_before_the_validity", M, K(PGWY_SIG), period_before_validity, E(RULE), "privateKeyUsagePeriod",
	"within the validity"},
    {"refuses_a_period_after_the_validity", M, K(CA_SIGN), period_after_validity, E(RULE), "privateKeyUsagePeriod",
	"within the validity"},
    {"refuses_a_period_backwards", M, K(CARD_SIG), period_backwards, E(RULE), "privateKeyUsagePeriod", "in this order"},
    {"refuses_a_crl_signers_shorter_period", M, K(CA_CRLSIGN), period_shorter, E(RULE), "privateKeyUsagePeriod",
	"equals its validity"},
    {"refuses_key_exchange_with_ec", M, K(PGWY_ENC), ec_key_exchange, E(SUITE), "subjectPublicKeyInfo", ""},
    {"refuses_ec_in_classic", C, K(CARD_SIG), ec_key_exchange, E(SUITE), "subjectPublicKeyInfo", ""},
    {"refuses_what_is_no_key", M, K(PGWY_SIG), not_a_key, E(PARSE), "subjectPublicKeyInfo", ""},
    {"refuses_a_classic_root_of_1024_bits", C, K(ROOT), short_root_key, E(SUITE), "subjectPublicKeyInfo",
	"at least 2048"},
    {"refuses_pathlen_1_of_a_root", M, K(ROOT), pathlen_of_another_level, E(RULE), "basicConstraints", "pathLen 1"},
    {"refuses_pathlen_1_of_an_issuing_ca", M, K(CA_CERTSIGN), pathlen_of_another_level, E(RULE), "basicConstraints",
	"cca"},
    {"refuses_no_pathlen", M, K(CA_SIGN), no_pathlen, E(RULE), "basicConstraints", "pathLen -1"},
    {"refuses_a_statement_of_2049_characters", M, K(PGWY_SIG), long_statement, E(ARGUMENT), "certificatePolicies",
	"2049 characters"},
    {"refuses_an_empty_policy_url", M, K(PGWY_SIG), empty_policy_url, E(ARGUMENT), "certificatePolicies", "policyURL"},
    {"refuses_a_policy_email_outside_ascii", M, K(PGWY_SIG), policy_email_not_ascii, E(ARGUMENT), "certificatePolicies",
	"policyEmail"},
    {"refuses_a_root_without_successor", M, K(ROOT), no_next_root, E(RULE), "extensions", "hashedRootKey"},
    {"refuses_a_root_that_succeeds_itself", M, K(ROOT), next_root_is_this_root, E(RULE), "hashedRootKey", "own"},
    {"refuses_a_successor_that_is_no_key", M, K(ROOT), next_root_of_no_key, E(PARSE), "hashedRootKey", ""},
    {"refuses_a_merchant_without_data", M, K(MER_ENC), no_merchant_data, E(RULE), "extensions", "merchantData"},
    {"refuses_malformed_merchant_data", M, K(MER_SIG), malformed_merchant_data, E(ARGUMENT), "extensions",
	"MerchantDataSyntax"},
    {"refuses_a_malformed_oid_in_setExtensions", M, K(PGWY_ENC), malformed_set_extension, E(ARGUMENT), "extensions",
	"number 1"},
    {"refuses_an_ftp_address", M, K(PGWY_SIG), ftp_address, E(ARGUMENT), "extensions", "the CRL's address"},
    {"refuses_an_address_with_a_blank", M, K(PGWY_SIG), address_with_blank, E(ARGUMENT), "extensions",
	"the issuer's address"},
#undef M
#undef C
#undef K
#undef E
};

static void
is_refused(void **state)
{
	struct refusal *r = *state;
	struct setpki_error err = {0};
	struct sp_buf tbs = {0};
	struct certs_case c;

	certs_case(&c, r->suite, r->kind);
	r->change(&c);
	sp_buf_add_byte(&tbs, 0x7e);
	t_code(sp_cert_build(certs_ctx(), &c.spec, &tbs, &err), r->code, &err);
	assert_string_equal(err.object, r->object);
	if (strstr(err.message, r->says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.message, r->says);
	assert_int_equal(tbs.n, 1); /* nothing was appended */
	t_hex_free();
	sp_buf_free(&tbs);
	certs_case_free(&c);
}

int
main(void)
{
	static struct CMUnitTest tests[NELEMS(refusals)];

	for (size_t i = 0; i < NELEMS(refusals); i++)
		tests[i] =
		    (struct CMUnitTest){refusals[i].name, is_refused, NULL, NULL, (void *)(uintptr_t)&refusals[i]};
	return _cmocka_run_group_tests("build_refuse", tests, NELEMS(tests), certs_start, certs_stop);
}
