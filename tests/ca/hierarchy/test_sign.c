/* ca sign and ca install against what nobody asked for: crafted requests, crafted answers. */
#include "ca/hierarchy/request.h"
#include "ca/issue/spec.h"
#include "lib/x509/csr.h"
#include "lib/x509/p7.h"
#include "tests/support/check.h"
#include "tests/support/home.h"

#include <openssl/crypto.h>
#include <setpki/object.h>
#include <stdio.h>

static const char *const offline_root[] = {"  name: root\n", "  name: root\n  offline: true\n", NULL};

static struct ca_home *off;
static EVP_PKEY *p384, *p256, *other;

static struct ca_home *
offline_home(const char *name)
{
	struct setpki_error err = {0};
	struct ca_home *h = t_home_open(t_scratch(name), T_NOW);

	t_ok(t_init(h, t_policy("policies/demo.yaml", offline_root), "root", NULL, &err), &err);
	return h;
}

static int
start(void **state)
{
	struct setpki_error err = {0};

	(void)state;
	off = offline_home("off");
	t_ok(sp_keygen(t_ctx(), SP_KEY_P384, 384, &p384, &err), &err);
	t_ok(sp_keygen(t_ctx(), SP_KEY_P256, 256, &p256, &err), &err);
	t_ok(sp_keygen(t_ctx(), SP_KEY_P384, 384, &other, &err), &err);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	EVP_PKEY_free(p384);
	EVP_PKEY_free(p256);
	EVP_PKEY_free(other);
	ca_home_close(off);
	return 0;
}

/* --- requests ---------------------------------------------------------------------------------- */

/* A request for the brand CA's first generation that would be signed, but for what a row changes. */
struct row {
	const char *name;
	const char *ca; /* whose name it carries */
	uint16_t generation;
	enum setpki_kind kind;
	uint32_t type;
	int pathlen;
	EVP_PKEY **key;
	bool bend; /* the last octet of its signature */
	enum setpki_code want;
	const char *says;
};

#define GOOD "brand", 1, SETPKI_KIND_CA_SIGN, SETPKI_TYPE_BCA, 2
static struct row rows[] = {
    {"good", GOOD, &p384, false, SETPKI_E_OK, ""},
    {"broken_signature", GOOD, &p384, true, SETPKI_E_SIGNATURE, ""},
    {"another_key_type", GOOD, &p256, false, SETPKI_E_POLICY, "its key is P-256; the policy asks for P-384"},
    {"generation_that_does_not_follow", "brand", 3, SETPKI_KIND_CA_SIGN, SETPKI_TYPE_BCA, 2, &p384, false,
	SETPKI_E_POLICY, "generation 3 does not follow generation 1"},
    {"another_certificate_type", "brand", 1, SETPKI_KIND_CA_SIGN, SETPKI_TYPE_GCA, 2, &p384, false, SETPKI_E_POLICY,
	"another certificateType"},
    {"longer_path", "brand", 1, SETPKI_KIND_CA_SIGN, SETPKI_TYPE_BCA, 3, &p384, false, SETPKI_E_POLICY,
	"it asks for pathLen 3; the policy gives brand 2"},
    {"the_root_itself", "root", 1, SETPKI_KIND_CA_SIGN, SETPKI_TYPE_BCA, 2, &p384, false, SETPKI_E_POLICY,
	"a root certifies itself"},
    {"superior_elsewhere", "card", 1, SETPKI_KIND_CA_CERTSIGN, SETPKI_TYPE_CCA, 0, &p256, false, SETPKI_E_STATE,
	"its superior geo has its keys in another home"},
};

static void
craft(const struct row *row, struct sp_buf *der)
{
	struct setpki_error err = {0};
	struct sp_buf subject = {0};
	struct sp_csr_spec spec = {.suite = SETPKI_SUITE_MODERN,
	    .kind = row->kind,
	    .type = row->type,
	    .key = *row->key,
	    .pathlen = row->pathlen,
	    .pkup_from = T_NOW,
	    .pkup_to = T_NOW + 1000};

	t_ok(ca_spec_ca_subject(off->policy, ca_policy_find(off->policy, row->ca), row->generation, &subject, &err),
	    &err);
	spec.subject = sp_buf_bytes(&subject);
	t_ok(sp_csr_build(t_ctx(), &spec, der, &err), &err);
	if (row->bend)
		der->p[der->n - 1] ^= 1;
	sp_buf_free(&subject);
}

static void
judged(void **state)
{
	const struct row *row = *state;
	struct setpki_error err = {0};
	struct ca_sign_preview p;
	struct sp_buf der = {0};

	craft(row, &der);
	t_ok(ca_sign_preview(off, sp_buf_bytes(&der), &p, &err), &err);
	assert_int_equal(p.n, 1);
	assert_int_equal(p.v[0].verdict, row->want);
	assert_int_equal(p.refused, row->want != SETPKI_E_OK);
	if (strstr(p.v[0].reason, row->says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", p.v[0].reason, row->says);
	ca_sign_preview_free(&p);
	sp_buf_free(&der);
}

/* A generation has one certificate-signing key: once one is certified, another one needs another generation. */
static void
second_key_of_a_generation(void **state)
{
	struct setpki_error err = {0};
	struct row row = rows[0];
	struct ca_sign_preview p;
	struct sp_buf der = {0}, p7 = {0};

	(void)state;
	craft(&row, &der);
	t_ok(ca_sign_run(off, sp_buf_bytes(&der), &p7, &err), &err);
	sp_buf_free(&p7);
	sp_buf_free(&der);
	row.key = &other;
	craft(&row, &der);
	t_ok(ca_sign_preview(off, sp_buf_bytes(&der), &p, &err), &err);
	assert_int_equal(p.v[0].verdict, SETPKI_E_CONFLICT);
	assert_non_null(strstr(p.v[0].reason, "another key is another generation"));
	ca_sign_preview_free(&p);
	sp_buf_free(&der);
	/* and its key is not certified for anything else */
	row.key = &p384;
	row.generation = 2;
	craft(&row, &der);
	t_ok(ca_sign_preview(off, sp_buf_bytes(&der), &p, &err), &err);
	assert_int_equal(p.v[0].verdict, SETPKI_E_CONFLICT);
	assert_non_null(strstr(p.v[0].reason, "certified already"));
	ca_sign_preview_free(&p);
	sp_buf_free(&der);
}

/* --- answers ----------------------------------------------------------------------------------- */

static enum setpki_code
confirm(void *arg, const struct sp_cert *root, const char *thumb, struct setpki_error *err)
{
	(void)arg;
	(void)root;
	(void)thumb;
	(void)err;
	return SETPKI_E_OK;
}

/* A home that waits, and the answer of an offline home whose policy has these edits. */
static struct ca_home *
waiting_home(const char *name, const char *const *edits, struct sp_buf *answer)
{
	struct setpki_error err = {0};
	struct ca_home *on = t_home_open(t_scratch(name), T_NOW), *h;
	struct sp_buf pem = {0};
	char off_name[64];
	size_t n;

	t_code(t_init(on, t_policy("policies/demo.yaml", offline_root), NULL, NULL, &err), SETPKI_E_PENDING, &err);
	setpki_error_clear(&err);
	snprintf(off_name, sizeof(off_name), "%s-off", name);
	h = t_home_open(t_scratch(off_name), T_NOW);
	t_ok(t_init(h, t_policy("policies/demo.yaml", edits), "root", NULL, &err), &err);
	t_ok(ca_request_bundle(on, "root", &pem, &n, &err), &err);
	t_ok(ca_sign_run(h, sp_buf_bytes(&pem), answer, &err), &err);
	ca_home_close(h);
	sp_buf_free(&pem);
	return on;
}

static void
refused(struct ca_home *on, setpki_bytes answer, enum setpki_code want, const char *says)
{
	struct setpki_error err = {0};
	struct ca_confirm_root yes = {confirm, NULL};
	struct ca_install_result r;
	struct ca_ca_record rec = {0};
	ca_txn *t;

	t_code(ca_install(on, answer, &yes, &r, &err), want, &err);
	if (strstr(err.message, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.message, says);
	t_ok(ca_txn_begin(on->store, false, &t, NULL), NULL);
	t_ok(ca_ca_find(t, "brand", &rec, NULL), NULL);
	assert_int_equal(rec.generations[0].state, CA_GEN_WAITING);
	ca_ca_record_free(&rec);
	t_ok(ca_ca_find(t, "root", &rec, NULL), NULL);
	assert_int_equal(rec.generations[0].keys[CA_PURPOSE_CERTSIGN].seq, 0);
	ca_ca_record_free(&rec);
	ca_txn_abort(t);
}

static void
longer_than_asked(void **state)
{
	static const char *const edits[] = {"  name: root\n", "  name: root\n  offline: true\n", "lifetime: 10y",
	    "lifetime: 11y", "lifetime: 9y", "lifetime: 10y", NULL};
	struct sp_buf answer = {0};
	struct ca_home *on = waiting_home("longer", edits, &answer);

	(void)state;
	refused(on, sp_buf_bytes(&answer), SETPKI_E_POLICY, "longer than the policy's");
	sp_buf_free(&answer);
	ca_home_close(on);
}

static void
crafted_answers(void **state)
{
	struct setpki_error err = {0};
	struct sp_buf answer = {0}, p7 = {0};
	struct ca_home *on = waiting_home("crafted", offline_root, &answer);
	struct setpki_objects o = {0};
	struct sp_cert cert;
	setpki_bytes brand = {NULL, 0}, root = {NULL, 0}, none = {NULL, 0};
	uint8_t *bent;
	size_t i;

	(void)state;
	t_ok(setpki_objects_read(sp_buf_bytes(&answer), &o, &err), &err);
	for (i = 0; i < o.n; i++) {
		if (o.v[i].type != SETPKI_OBJECT_CERT)
			continue;
		t_ok(sp_cert_parse(o.v[i].der, &cert, &err), &err);
		*(sp_cert_kind(&cert) == SETPKI_KIND_ROOT ? &root : &brand) = o.v[i].der;
	}
	/* the new certificate alone */
	t_ok(sp_p7_build(&brand, 1, NULL, 0, none, T_NOW, &p7, &err), &err);
	refused(on, sp_buf_bytes(&p7), SETPKI_E_NOTFOUND, "neither here nor in the answer");
	/* with a signature that is not the root's */
	bent = OPENSSL_memdup(brand.p, brand.n);
	bent[brand.n - 1] ^= 1;
	sp_buf_reset(&p7);
	t_ok(sp_p7_build((setpki_bytes[]){{bent, brand.n}, root}, 2, NULL, 0, none, T_NOW, &p7, &err), &err);
	refused(on, sp_buf_bytes(&p7), SETPKI_E_SIGNATURE, "");
	OPENSSL_free(bent);
	/* a root whose own signature is broken */
	bent = OPENSSL_memdup(root.p, root.n);
	bent[root.n - 1] ^= 1;
	sp_buf_reset(&p7);
	t_ok(sp_p7_build((setpki_bytes[]){brand, {bent, root.n}}, 2, NULL, 0, none, T_NOW, &p7, &err), &err);
	refused(on, sp_buf_bytes(&p7), SETPKI_E_RULE, "cert.signature");
	OPENSSL_free(bent);
	refused(on, sp_bytes_str("nothing"), SETPKI_E_PARSE, "");
	setpki_objects_free(&o);
	sp_buf_free(&p7);
	sp_buf_free(&answer);
	ca_home_close(on);
}

/* Once the root is known, an answer under another root of the same name is refused, whoever confirms it. */
static void
impostor_root(void **state)
{
	struct setpki_error err = {0};
	struct ca_confirm_root yes = {confirm, NULL};
	struct ca_install_result r;
	struct sp_buf answer = {0}, pem = {0}, p7 = {0};
	struct ca_home *on = waiting_home("impostor", offline_root, &answer), *h = offline_home("impostor-root");
	size_t n;

	(void)state;
	t_ok(ca_request_bundle(on, "root", &pem, &n, &err), &err);
	t_ok(ca_sign_run(h, sp_buf_bytes(&pem), &p7, &err), &err);
	t_ok(ca_install(on, sp_buf_bytes(&answer), &yes, &r, &err), &err);
	t_code(ca_install(on, sp_buf_bytes(&p7), &yes, &r, &err), SETPKI_E_CONFLICT, &err);
	assert_non_null(strstr(err.message, "known here with another key"));
	sp_buf_free(&answer);
	sp_buf_free(&pem);
	sp_buf_free(&p7);
	ca_home_close(h);
	ca_home_close(on);
}

int
main(void)
{
	struct CMUnitTest tests[NELEMS(rows) + 4];
	size_t n = 0, i;

	for (i = 0; i < NELEMS(rows); i++)
		tests[n++] = (struct CMUnitTest){rows[i].name, judged, NULL, NULL, &rows[i]};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(second_key_of_a_generation);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(longer_than_asked);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(crafted_answers);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(impostor_root);
	return _cmocka_run_group_tests("hierarchy/sign", tests, n, start, stop);
}
