/* The public set: what is in it, when a new one comes, and what stops it. */
#include "ca/hierarchy/roll.h"
#include "lib/x509/p7.h"
#include "tests/support/check.h"
#include "tests/support/publish.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY INT64_C(86400)

static struct ca_home *h;

static int
start(void **state)
{
	(void)state;
	h = t_demo_home("set", T_NOW);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	ca_home_close(h);
	return 0;
}

static void
publish(bool due, struct t_published *p)
{
	struct setpki_error err = {0};

	t_ok(t_publish(h, due, p, &err), &err);
}

static void
exists(const char *file, bool want)
{
	char path[1024];
	struct stat st;

	snprintf(path, sizeof(path), "%s/brand/current/%s", h->public_dir, file);
	if ((stat(path, &st) == 0) != want)
		fail_msg("%s is %sthere", file, want ? "not " : "");
}

/* --- what is in it ----------------------------------------------------------------------------- */

static void
init_leaves_a_whole_set(void **state)
{
	static const char *const files[] = {"crl/root-1.crl", "crl/root.crl", "crl/brand-1.crl", "crl/brand.crl",
	    "crl/geo-1.crl", "crl/geo.crl", "crl/gateway-1.crl", "crl/gateway.crl", "bci/brand.bci", "ca/root-1.cer",
	    "ca/brand-1.cer", "ca/geo-1.cer", "ca/card-1.cer", "ca/merchant-1.cer", "ca/gateway-1.cer",
	    "set/brand.p7c"};
	struct sp_buf p7c = {0}, named = {0}, newest = {0};
	struct setpki_error err = {0};
	struct sp_p7 set;

	(void)state;
	assert_int_equal(t_check_public(h), 1);
	for (size_t i = 0; i < NELEMS(files); i++)
		exists(files[i], true);
	exists("crl/card.crl", false);
	t_public(h, "set/brand.p7c", &p7c);
	t_ok(sp_p7_parse(sp_buf_bytes(&p7c), &set, &err), &err);
	/* one each for root, brand and geo; three each for the issuing CAs */
	assert_int_equal(set.ncerts, 3 + 3 * 3);
	assert_int_equal(set.ncrls, 4);
	sp_p7_free(&set);
	t_public(h, "crl/gateway-1.crl", &named);
	t_public(h, "crl/gateway.crl", &newest);
	t_bytes(sp_buf_bytes(&named), sp_buf_bytes(&newest));
	sp_buf_free(&p7c);
	sp_buf_free(&named);
	sp_buf_free(&newest);
}

/* --- when a new one comes ---------------------------------------------------------------------- */

static void
nothing_is_due_at_first(void **state)
{
	struct t_published p;

	(void)state;
	publish(true, &p);
	assert_int_equal(p.n[CA_PUBLISH_CURRENT], 1);
	assert_int_equal(p.n[CA_PUBLISH_CRL] + p.n[CA_PUBLISH_BCI] + p.n[CA_PUBLISH_SET], 0);
	assert_int_equal(t_check_public(h), 1);
}

static void
a_revocation_is_due_at_once(void **state)
{
	struct setpki_error err = {0};
	struct t_published p;
	uint8_t serial[17];
	int64_t before, after, next;

	(void)state;
	t_gateway(h, 0, serial);
	assert_false(t_listed(h, "gateway", serial, &before));
	t_ok(ca_publish_next(h, &next, &err), &err);
	assert_true(next > h->now);
	t_revoke(h, serial, 1);
	t_ok(ca_publish_next(h, &next, &err), &err);
	assert_true(next <= h->now);
	publish(true, &p);
	assert_int_equal(p.n[CA_PUBLISH_CRL], 1);
	assert_int_equal(p.n[CA_PUBLISH_BCI], 1);
	assert_int_equal(p.n[CA_PUBLISH_SET], 1);
	assert_true(t_listed(h, "gateway", serial, &after));
	assert_int_equal(after, before + 1);
	assert_int_equal(t_check_public(h), 2);
	publish(true, &p);
	assert_int_equal(p.n[CA_PUBLISH_CURRENT], 1);
}

static void
without_due_there_is_always_a_new_set(void **state)
{
	struct t_published p;
	uint64_t before = t_check_public(h);

	(void)state;
	publish(false, &p);
	assert_int_equal(p.n[CA_PUBLISH_CRL], 0);
	assert_int_equal(p.n[CA_PUBLISH_SET], 1);
	assert_int_equal(t_check_public(h), before + 1);
}

/* In the demo the BCI and the gateway CA's CRL come daily, those of brand and geo weekly, the root's each 30 days. */
static void
schedules_are_kept(void **state)
{
	static const struct {
		int64_t after;
		unsigned crls, sets;
	} rows[] = {
	    {DAY - 1, 0, 0}, {DAY, 1, 1}, {DAY + 1, 0, 0}, {7 * DAY - 1, 1, 1}, {7 * DAY, 2, 1}, {30 * DAY, 4, 1}};
	uint64_t number = t_check_public(h);

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct t_published p;

		h->now = T_NOW + rows[i].after;
		publish(true, &p);
		if (p.n[CA_PUBLISH_CRL] != rows[i].crls || p.n[CA_PUBLISH_SET] != rows[i].sets)
			fail_msg("row %zu:\n%s", i, p.text);
		number += rows[i].sets;
		assert_int_equal(t_check_public(h), number);
	}
}

/* A certificate that comes without any CRL changing is in no set yet: a new one is due. */
static void
another_ca_certificate_is_due(void **state)
{
	struct setpki_error err = {0};
	struct ca_plan plan;
	struct t_published p;
	uint64_t number = t_check_public(h);
	struct sp_buf p7c = {0};
	struct sp_p7 set;

	(void)state;
	t_ok(ca_renew_plan(h, "card", CA_PURPOSE_SIGN, &plan, &err), &err);
	plan.n = 1; /* the certificate, and no publication after it */
	t_ok(ca_plan_run(h, &plan, NULL, NULL, &err), &err);
	ca_plan_free(&plan);
	assert_int_equal(t_check_public(h), number);
	publish(true, &p);
	assert_int_equal(p.n[CA_PUBLISH_CRL], 0);
	assert_int_equal(p.n[CA_PUBLISH_SET], 1);
	assert_int_equal(t_check_public(h), number + 1);
	t_public(h, "set/brand.p7c", &p7c);
	t_ok(sp_p7_parse(sp_buf_bytes(&p7c), &set, &err), &err);
	assert_int_equal(set.ncerts, 3 + 3 * 3 + 1);
	sp_p7_free(&set);
	sp_buf_free(&p7c);
	publish(true, &p);
	assert_int_equal(p.n[CA_PUBLISH_CURRENT], 1);
}

static size_t
folders(void)
{
	char path[1024];
	struct dirent *e;
	size_t n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "%s/brand", h->public_dir);
	assert_non_null(d = opendir(path));
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.' && strcmp(e->d_name, "current") != 0;
	closedir(d);
	return n;
}

static void
old_sets_and_leftovers_go(void **state)
{
	struct t_published p;
	char path[1024];

	(void)state;
	snprintf(path, sizeof(path), "%s/brand/77.new", h->public_dir);
	assert_int_equal(mkdir(path, 0755), 0);
	for (int i = 0; i < 5; i++)
		publish(false, &p);
	assert_true(folders() <= 4);
	assert_true(folders() >= 2); /* a slow reader may still be at the one before */
}

static void
a_lost_folder_is_written_again(void **state)
{
	struct t_published p;
	uint64_t number = t_check_public(h);
	char path[1024], away[1024];

	(void)state;
	snprintf(path, sizeof(path), "%s/brand", h->public_dir);
	snprintf(away, sizeof(away), "%s/away", h->dir);
	assert_int_equal(rename(path, away), 0);
	publish(true, &p);
	assert_int_equal(p.n[CA_PUBLISH_SET], 1);
	assert_int_equal(t_check_public(h), number);
}

/* --- revoked CAs ------------------------------------------------------------------------------- */

static void
a_revoked_ca_leaves_the_bci_and_stays_in_the_set(void **state)
{
	struct sp_buf der = {0}, p7c = {0};
	struct setpki_error err = {0};
	struct t_published p;
	struct sp_bci bci;
	struct sp_p7 set;
	uint8_t serial[17];
	size_t found = 0;

	(void)state;
	t_ca_serial(h, "gateway", serial);
	assert_true(t_revoke(h, serial, 2).retires);
	publish(true, &p);
	t_check_public(h);
	assert_true(t_listed(h, "geo", serial, NULL));
	t_public(h, "bci/brand.bci", &der);
	t_ok(sp_bci_parse(sp_buf_bytes(&der), &bci, &err), &err);
	assert_int_equal(bci.n, 3);
	exists("crl/gateway.crl", false);
	t_public(h, "set/brand.p7c", &p7c);
	t_ok(sp_p7_parse(sp_buf_bytes(&p7c), &set, &err), &err);
	for (size_t i = 0; i < set.ncerts; i++) {
		struct sp_cert c;

		t_ok(sp_cert_parse(set.certs[i], &c, &err), &err);
		found += sp_bytes_eq(c.serial, SP_BYTES(serial));
	}
	assert_int_equal(found, 1);
	sp_bci_free(&bci);
	sp_p7_free(&set);
	sp_buf_free(&der);
	sp_buf_free(&p7c);
	t_code(ca_crl_issue(h, t_ca(h, "gateway"), 1, NULL, &err), SETPKI_E_STATE, &err);
}

/* --- what stops it ----------------------------------------------------------------------------- */

static void
crls_of_a_ca_that_keeps_none(void **state)
{
	struct setpki_error err = {0};

	(void)state;
	t_code(ca_crl_issue(h, t_ca(h, "card"), 0, NULL, &err), SETPKI_E_STATE, &err);
}

static void
an_unknown_brand(void **state)
{
	struct ca_publish_ask ask = {.brand = "geo"};
	struct setpki_error err = {0};

	(void)state;
	t_code(ca_publish(h, &ask, &err), SETPKI_E_NOTFOUND, &err);
}

static void
a_clock_that_went_back(void **state)
{
	struct setpki_error err = {0};
	struct t_published p;
	uint64_t number = t_check_public(h);
	int64_t now = h->now;

	(void)state;
	h->now = T_NOW - DAY;
	t_code(t_publish(h, false, &p, &err), SETPKI_E_STATE, &err);
	setpki_error_clear(&err);
	t_code(ca_crl_issue(h, t_ca(h, "brand"), 0, NULL, &err), SETPKI_E_STATE, &err);
	h->now = now;
	assert_int_equal(t_check_public(h), number);
}

/* A store from a backup knows fewer sets than are public: no number is given out a second time. */
static void
a_store_from_a_backup(void **state)
{
	struct setpki_error err = {0};
	struct ca_crl_list crls;
	struct t_published p;
	char path[1024];

	(void)state;
	snprintf(path, sizeof(path), "%s/brand/current", h->public_dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("4000", path), 0);
	h->now += 40 * DAY;
	t_code(t_publish(h, true, &p, &err), SETPKI_E_STATE, &err);
	assert_int_equal(p.n[CA_PUBLISH_CRL] + p.n[CA_PUBLISH_BCI] + p.n[CA_PUBLISH_SET], 0);
	setpki_error_clear(&err);
	t_ok(ca_crl_list_read(h, &crls, &err), &err);
	for (size_t i = 0; i < crls.n; i++)
		assert_true(crls.v[i].this_update < h->now);
	ca_crl_list_free(&crls);
	assert_int_equal(unlink(path), 0);
	publish(true, &p);
	assert_int_equal(p.n[CA_PUBLISH_SET], 1);
	t_check_public(h);
}

static void
the_log_agrees(void **state)
{
	struct setpki_error err = {0};
	uint64_t size;
	uint8_t root[32];

	(void)state;
	t_ok(ca_audit_verify(h, &size, root, &err), &err);
}

int
main(void)
{
	/* in this order: each goes on where the one before stopped */
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(init_leaves_a_whole_set),
	    cmocka_unit_test(nothing_is_due_at_first),
	    cmocka_unit_test(a_revocation_is_due_at_once),
	    cmocka_unit_test(without_due_there_is_always_a_new_set),
	    cmocka_unit_test(schedules_are_kept),
	    cmocka_unit_test(another_ca_certificate_is_due),
	    cmocka_unit_test(old_sets_and_leftovers_go),
	    cmocka_unit_test(a_lost_folder_is_written_again),
	    cmocka_unit_test(crls_of_a_ca_that_keeps_none),
	    cmocka_unit_test(an_unknown_brand),
	    cmocka_unit_test(a_clock_that_went_back),
	    cmocka_unit_test(a_revoked_ca_leaves_the_bci_and_stays_in_the_set),
	    cmocka_unit_test(a_store_from_a_backup),
	    cmocka_unit_test(the_log_agrees),
	};

	return _cmocka_run_group_tests("set", tests, NELEMS(tests), start, stop);
}
