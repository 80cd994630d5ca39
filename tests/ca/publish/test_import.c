/* Lists from another home: the offline root's CRLs, and what they do to the CAs here. */
#include "ca/hierarchy/request.h"
#include "tests/support/check.h"
#include "tests/support/publish.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY INT64_C(86400)

static const char *const offline_root[] = {"  name: root\n", "  name: root\n  offline: true\n", NULL};

static struct ca_home *off, *on;

static enum setpki_code
confirm(void *arg, const struct sp_cert *root, const char *thumb, struct setpki_error *err)
{
	(void)arg;
	(void)root;
	(void)thumb;
	(void)err;
	return SETPKI_E_OK;
}

/* The root in a home of its own, the rest in another one, made to the end. */
static int
start(void **state)
{
	const struct ca_confirm_root yes = {confirm, NULL};
	struct setpki_error err = {0};
	struct ca_waiting waiting;
	struct ca_install_result r;
	struct sp_buf bundle = {0}, answer = {0};
	struct ca_plan plan;

	(void)state;
	off = t_home_open(t_scratch("off"), T_NOW);
	on = t_home_open(t_scratch("on"), T_NOW);
	t_ok(t_init(off, t_policy("policies/demo.yaml", offline_root), "root", NULL, &err), &err);
	t_code(t_init(on, t_policy("policies/demo.yaml", offline_root), NULL, &waiting, &err), SETPKI_E_PENDING, &err);
	setpki_error_clear(&err);
	t_ok(ca_file_read(waiting.v[0].path, 1 << 20, &bundle, &err), &err);
	t_ok(ca_sign_run(off, sp_buf_bytes(&bundle), &answer, &err), &err);
	t_ok(ca_install(on, sp_buf_bytes(&answer), &yes, &r, &err), &err);
	t_ok(ca_init_plan(on, on->policy, NULL, &plan, &err), &err);
	t_ok(ca_plan_run(on, &plan, NULL, NULL, &err), &err);
	ca_plan_free(&plan);
	sp_buf_free(&bundle);
	sp_buf_free(&answer);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	ca_home_close(on);
	ca_home_close(off);
	return 0;
}

static void
set_clock(int64_t now)
{
	on->now = now;
	off->now = now;
}

/* The root's next CRL, as it would travel; ca_crl_record_free(). */
static struct ca_crl_record
next_root_crl(void)
{
	struct setpki_error err = {0};
	struct ca_crl_record rec;

	t_ok(ca_crl_issue(off, t_ca(off, "root"), 0, NULL, &err), &err);
	t_ok(ca_crl_read(off, "root", 0, &rec, &err), &err);
	return rec;
}

static void
the_set_is_whole(void **state)
{
	(void)state;
	t_check_public(on);
}

static void
the_next_crl_comes_in_and_becomes_public(void **state)
{
	struct ca_crl_record older, rec, out;
	struct setpki_error err = {0};
	struct t_published p;
	uint64_t number = t_check_public(on);
	bool same = true;

	(void)state;
	set_clock(T_NOW + DAY);
	older = next_root_crl();
	rec = next_root_crl();
	t_ok(ca_crl_import(on, rec.der, &out, &same, &err), &err);
	assert_false(same);
	assert_int_equal(out.number, rec.number);
	assert_null(out.der.p);
	t_ok(ca_crl_import(on, rec.der, NULL, &same, &err), &err);
	assert_true(same);
	t_code(ca_crl_import(on, older.der, NULL, NULL, &err), SETPKI_E_RULE, &err);
	setpki_error_clear(&err);
	t_code(ca_crl_issue(on, t_ca(on, "root"), 0, NULL, &err), SETPKI_E_STATE, &err); /* its keys are not here */
	setpki_error_clear(&err);
	t_ok(t_publish(on, true, &p, &err), &err);
	assert_int_equal(p.n[CA_PUBLISH_SET], 1);
	assert_true(t_check_public(on) > number);
	ca_crl_record_free(&older);
	ca_crl_record_free(&rec);
}

static void
altered_on_the_way(void **state)
{
	struct setpki_error err = {0};
	struct ca_crl_record rec = next_root_crl();
	struct sp_buf der = {0};

	(void)state;
	sp_buf_add_bytes(&der, rec.der);
	der.p[der.n - 1] ^= 1;
	t_code(ca_crl_import(on, sp_buf_bytes(&der), NULL, NULL, &err), SETPKI_E_SIGNATURE, &err);
	sp_buf_free(&der);
	ca_crl_record_free(&rec);
}

/* In the last quarter of its life somebody has to bring the next one: said by each publication. */
static void
its_end_is_announced(void **state)
{
	struct setpki_error err = {0};
	struct t_published p;

	(void)state;
	set_clock(T_NOW + 2 * DAY);
	t_ok(t_publish(on, true, &p, &err), &err);
	assert_int_equal(p.n[CA_PUBLISH_WARNING], 0);
	set_clock(T_NOW + 55 * DAY);
	t_ok(t_publish(on, true, &p, &err), &err);
	assert_int_equal(p.n[CA_PUBLISH_WARNING], 1);
	assert_non_null(strstr(p.text, "runs out"));
	set_clock(T_NOW + 65 * DAY);
	t_ok(t_publish(on, true, &p, &err), &err);
	assert_non_null(strstr(p.text, "ran out"));
}

/* The root revokes the brand: with its CRL the brand stops here, too, and what is public stays. */
static void
a_revoked_brand_signs_nothing_more(void **state)
{
	struct setpki_error err = {0};
	struct ca_crl_record rec;
	struct ca_signer signer;
	struct t_published p;
	uint64_t number = t_check_public(on);
	uint8_t serial[17];

	(void)state;
	t_ca_serial(on, "brand", serial);
	t_revoke(off, serial, 2);
	rec = next_root_crl();
	t_ok(ca_crl_import(on, rec.der, NULL, NULL, &err), &err);
	t_code(ca_signer_load(on, t_ca(on, "brand"), 1, CA_PURPOSE_CERTSIGN, &signer, &err), SETPKI_E_STATE, &err);
	setpki_error_clear(&err);
	t_code(t_publish(on, true, &p, &err), SETPKI_E_STATE, &err);
	assert_true(p.n[CA_PUBLISH_WARNING] > 0);
	assert_int_equal(t_check_public(on), number);
	ca_crl_record_free(&rec);
}

/* --- another home's BCI ------------------------------------------------------------------------- */

/* A home like `from`, in which the brand's keys are said to live elsewhere. */
static struct ca_home *
home_without_the_brand(struct ca_home *from)
{
	struct setpki_error err = {0};
	struct ca_ca_record brand;
	char dir[512], command[1200];
	struct ca_home *h;
	ca_txn *t;

	snprintf(dir, sizeof(dir), "%s", t_scratch("elsewhere"));
	snprintf(command, sizeof(command), "cp -a '%s' '%s'", from->dir, dir);
	assert_int_equal(system(command), 0);
	h = t_home_open(dir, from->now);
	t_ok(ca_txn_begin(h->store, true, &t, &err), &err);
	t_ok(ca_ca_find(t, "brand", &brand, &err), &err);
	brand.here = false;
	t_ok(ca_ca_put(t, &brand, &err), &err);
	t_ok(ca_txn_commit(t, &err), &err);
	ca_ca_record_free(&brand);
	return h;
}

/* A BCI that the brand CA did sign, with this brand, number and time. */
static void
sign_bci(struct ca_home *own, const char *brand, uint64_t sequence, int64_t from, struct sp_buf *out)
{
	struct setpki_error err = {0};
	struct ca_signer signer;
	struct sp_bci_spec spec = {
	    .suite = SETPKI_SUITE_MODERN, .sequence = sequence, .brand_id = brand, .not_before = from};
	struct sp_buf tbs = {0}, sig = {0};

	t_ok(ca_signer_open(own, t_ca(own, "brand"), 0, CA_PURPOSE_CRLSIGN, &signer, &err), &err);
	spec.signer = &signer.cert;
	spec.not_after = from + DAY;
	t_ok(sp_bci_build(&spec, &tbs, &err), &err);
	t_ok(ca_key_sign(signer.key, SETPKI_SUITE_MODERN, sp_buf_bytes(&tbs), &sig, &err), &err);
	sp_signed_put(out, sp_buf_bytes(&tbs), sp_sigalg(SETPKI_SUITE_MODERN, signer.cert.key.alg), sp_buf_bytes(&sig));
	ca_signer_close(&signer);
	sp_buf_free(&tbs);
	sp_buf_free(&sig);
}

static void
refuse_bcis(struct ca_home *own, struct ca_home *h)
{
	static const struct {
		const char *brand;
		uint64_t sequence;
		int64_t from;
	} rows[] = {{"Other", 2, 60}, {"Demo", 1, 60}, {"Demo", 2, -1}, {"Demo", 2, 61}, {"Demo", 2, -DAY}};

	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct setpki_error err = {0};
		struct sp_buf der = {0};

		sign_bci(own, rows[i].brand, rows[i].sequence, T_NOW + rows[i].from, &der);
		t_code(ca_bci_import(h, sp_buf_bytes(&der), NULL, NULL, &err), SETPKI_E_RULE, &err);
		sp_buf_free(&der);
	}
}

static void
the_next_bci_comes_in_and_becomes_public(void **state)
{
	struct setpki_error err = {0};
	struct ca_home *own = t_demo_home("own", T_NOW), *h = home_without_the_brand(own);
	struct ca_bci_record older, rec, out;
	struct sp_buf der = {0};
	struct t_published p;
	bool same = true;

	(void)state;
	own->now = h->now = T_NOW + 60;
	refuse_bcis(own, h);
	t_ok(t_publish(own, false, &p, &err), &err);
	t_ok(ca_bci_read(own, NULL, &older, &err), &err);
	t_ok(t_publish(own, false, &p, &err), &err);
	t_ok(ca_bci_read(own, "brand", &rec, &err), &err);
	sp_buf_add_bytes(&der, rec.der);
	der.p[der.n - 1] ^= 1;
	t_code(ca_bci_import(h, sp_buf_bytes(&der), NULL, NULL, &err), SETPKI_E_SIGNATURE, &err);
	setpki_error_clear(&err);
	t_ok(ca_bci_import(h, rec.der, &out, &same, &err), &err);
	assert_false(same);
	assert_int_equal(out.sequence, 3);
	t_ok(ca_bci_import(h, rec.der, NULL, &same, &err), &err);
	assert_true(same);
	t_code(ca_bci_import(h, older.der, NULL, NULL, &err), SETPKI_E_RULE, &err);
	setpki_error_clear(&err);
	assert_int_equal(t_check_public(h), 1);
	t_ok(t_publish(h, true, &p, &err), &err);
	assert_int_equal(p.n[CA_PUBLISH_BCI], 0);
	assert_int_equal(t_check_public(h), 3);
	/* a CRL that the BCI does not name yet waits for the next one */
	t_ok(ca_crl_issue(h, t_ca(h, "geo"), 0, NULL, &err), &err);
	t_ok(t_publish(h, true, &p, &err), &err);
	assert_int_equal(p.n[CA_PUBLISH_WARNING], 1);
	assert_int_equal(t_check_public(h), 3);
	h->now = T_NOW + 30 * DAY;
	t_code(ca_bci_import(h, older.der, NULL, NULL, &err), SETPKI_E_RULE, &err);
	sp_buf_free(&der);
	ca_bci_record_free(&older);
	ca_bci_record_free(&rec);
	ca_home_close(own);
	ca_home_close(h);
}

static void
the_logs_agree(void **state)
{
	struct setpki_error err = {0};
	uint64_t size;
	uint8_t root[32];

	(void)state;
	t_ok(ca_audit_verify(on, &size, root, &err), &err);
	t_ok(ca_audit_verify(off, &size, root, &err), &err);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_set_is_whole),
	    cmocka_unit_test(the_next_crl_comes_in_and_becomes_public),
	    cmocka_unit_test(altered_on_the_way),
	    cmocka_unit_test(its_end_is_announced),
	    cmocka_unit_test(a_revoked_brand_signs_nothing_more),
	    cmocka_unit_test(the_next_bci_comes_in_and_becomes_public),
	    cmocka_unit_test(the_logs_agree),
	};

	return _cmocka_run_group_tests("import", tests, NELEMS(tests), start, stop);
}
