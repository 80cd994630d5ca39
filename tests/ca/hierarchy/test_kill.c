/* kill -9 at random moments of init, and of issuing, revoking and publishing: repeat, and all is well. */
#include "ca/publish/publish.h"
#include "lib/x509/crl.h"
#include "tests/support/home.h"
#include "tests/support/kill.h"
#include "tests/support/scratch.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <unistd.h>

#define KEYS 13
#define INIT_ROUNDS 3
#define TRIES 6
#define ROUNDS 10

static struct kill_page *page;
static char dir[512];

/* What the child has seen become durable, and tells its parent. */
enum {
	ISSUED,
	REVOKED,
	PUBLISHED,
	LISTED,
	NOW /* the child's clock, seconds after T_NOW */,
	ENOUGH /* publications, then it ends; 0: never */
};

/* In a child nothing may return into the parent's tests: failures are reported through the page. */
static void
must(enum setpki_code rc, const struct setpki_error *err)
{
	if (rc != SETPKI_E_OK)
		kill_report(page, err);
}

static struct ca_home *
open_in_child(struct setpki_error *err)
{
	struct ca_home *h;

	must(ca_home_open(t_ctx(), dir, CA_HOME_CREATE, NULL, T_NOW + (int64_t)page->value[NOW], &h, err), err);
	must(ca_issue_settle(h, NULL, err), err);
	return h;
}

/* --- init -------------------------------------------------------------------------------------- */

static void
init_once(void *arg)
{
	struct setpki_error err = {0};
	struct ca_home *h;

	page->ready = true;
	h = open_in_child(&err);
	must(t_init(h, arg, NULL, NULL, &err), &err);
	ca_home_close(h);
}

static void
nothing_to_do(struct ca_home *h)
{
	struct setpki_error err = {0};
	struct ca_plan plan;
	uint8_t root[32];
	uint64_t size;

	t_ok(ca_init_plan(h, h->policy, NULL, &plan, &err), &err);
	assert_int_equal(plan.n, 0);
	ca_plan_free(&plan);
	t_ok(ca_audit_verify(h, &size, root, &err), &err);
	/* the keys of demo.yaml and the next root's, and nothing else */
	assert_int_equal(scratch_count(h->keys_dir), KEYS);
}

static void
init_is_killed_and_repeated(void **state)
{
	struct setpki_error err = {0};
	struct ca_policy *policy;
	struct ca_home *h;
	bool ended = false;
	unsigned kills = 0;

	(void)state;
	for (unsigned i = 0; i < INIT_ROUNDS; i++) {
		snprintf(dir, sizeof(dir), "%s", scratch_path("init%u", i));
		/* each try gets further; the keys that are there are not made again */
		for (unsigned tries = 0; tries < TRIES; tries++) {
			policy = t_policy("policies/demo.yaml", NULL);
			ended = kill_after(init_once, policy, 17000 * i + 20000 * tries, page);
			ca_policy_free(policy);
			if (ended)
				break;
			kills++;
		}
		h = t_home_open(dir, T_NOW);
		if (!ended)
			t_ok(t_init(h, t_policy("policies/demo.yaml", NULL), NULL, NULL, &err), &err);
		nothing_to_do(h);
		ca_home_close(h);
	}
	assert_true(kills >= INIT_ROUNDS);
}

/* --- issue, revoke, publish -------------------------------------------------------------------- */

static void
issue_in_child(struct ca_home *h, struct ca_cert_record *out, struct setpki_error *err)
{
	struct ca_ee_request r = {.role = CA_ROLE_GATEWAY, .common_name = "G"};
	struct ca_issue_job job[2];
	struct sp_buf spki = {0};
	EVP_PKEY *key;
	size_t n;

	must(sp_keygen(t_ctx(), SP_KEY_P256, 256, &key, err), err);
	must(sp_spki_from_pkey(key, &spki, err), err);
	r.sig_spki = sp_buf_bytes(&spki);
	must(ca_issue_ee(h, &r, 1, false, NULL, job, &n, err), err);
	*out = job[0].out;
	EVP_PKEY_free(key);
	sp_buf_free(&spki);
}

static void
work_for_ever(void *arg)
{
	struct setpki_error err = {0};
	struct ca_publish_ask ask = {.due = true};
	struct ca_revocation revocation;
	struct ca_cert_record cert;
	struct ca_home *h = open_in_child(&err);

	(void)arg;
	page->ready = true;
	while (page->value[ENOUGH] == 0 || page->value[PUBLISHED] < page->value[ENOUGH]) {
		for (int i = 0; i < 2; i++) {
			issue_in_child(h, &cert, &err);
			page->value[ISSUED]++;
			revocation = (struct ca_revocation){.serial = cert.serial, .reason = -1};
			must(ca_revoke(h, &revocation, 1, &err), &err);
			page->value[REVOKED]++;
			ca_cert_record_free(&cert);
		}
		must(ca_publish(h, &ask, &err), &err);
		page->value[LISTED] = page->value[REVOKED];
		page->value[PUBLISHED]++;
		page->value[NOW]++;
		h->now++;
	}
	ca_home_close(h);
}

static enum setpki_code
count_cert(void *arg, const struct ca_cert_record *rec, struct setpki_error *err)
{
	(void)rec;
	(void)err;
	++*(uint64_t *)arg;
	return SETPKI_E_OK;
}

static void
count(struct ca_home *h, uint64_t *certs, uint64_t *revoked)
{
	struct setpki_error err = {0};
	struct ca_revoked_record rec;
	ca_revoked_cursor *c;
	uint16_t gateway = t_ca(h, "gateway");
	ca_txn *t;

	*certs = *revoked = 0;
	t_ok(ca_txn_begin(h->store, false, &t, &err), &err);
	t_ok(ca_cert_each(t, gateway, 0, count_cert, certs, &err), &err);
	t_ok(ca_revoked_open(t, gateway, 1, &c, &err), &err);
	while (ca_revoked_next(c, &rec))
		++*revoked;
	t_ok(ca_revoked_status(c, &err), &err);
	ca_revoked_close(c);
	ca_txn_abort(t);
}

/* The public set is whole at every moment: `current` leads to a folder, and the gateway CA's CRL in it lists at least
 * what was there when it was published. */
static size_t
published_entries(void)
{
	struct setpki_error err = {0};
	struct sp_crl crl;
	setpki_bytes der = scratch_read(scratch_path("work/public/brand/current/crl/gateway-1.crl"));
	size_t n;

	t_ok(sp_crl_parse(t_ctx(), der, &crl, &err), &err);
	n = crl.count;
	sp_crl_free(&crl);
	return n;
}

static void
check_after_kill(void)
{
	struct setpki_error err = {0};
	struct ca_publish_ask ask = {.due = true};
	struct ca_home *h;
	uint64_t certs, revoked, size;
	uint8_t root[32];

	assert_true(published_entries() >= page->value[LISTED]);
	h = t_home_open(dir, T_NOW + (int64_t)(page->value[NOW] += 10));
	count(h, &certs, &revoked);
	assert_in_range(certs, page->value[ISSUED], page->value[ISSUED] + 1);
	assert_in_range(revoked, page->value[REVOKED], page->value[REVOKED] + 1);
	t_ok(ca_publish(h, &ask, &err), &err);
	assert_int_equal(published_entries(), revoked);
	t_ok(ca_audit_verify(h, &size, root, &err), &err);
	nothing_to_do(h);
	ca_home_close(h);
	page->value[NOW]++;
	page->value[ISSUED] = certs;
	page->value[REVOKED] = page->value[LISTED] = revoked;
}

static void
work_is_killed_and_goes_on(void **state)
{
	struct ca_home *h = t_demo_home("work", T_NOW);

	(void)state;
	snprintf(dir, sizeof(dir), "%s", h->dir);
	ca_home_close(h);
	memset(page, 0, sizeof(*page));
	for (unsigned i = 0; i < ROUNDS; i++) {
		assert_false(kill_after(work_for_ever, NULL, 200 + (i * 7919 % ROUNDS) * 4000, page));
		check_after_kill();
	}
	/* and one that is left in peace */
	page->value[ENOUGH] = page->value[PUBLISHED] + 1;
	assert_true(kill_after(work_for_ever, NULL, 30000000, page));
	check_after_kill();
}

static int
start(void **state)
{
	(void)state;
	page = kill_page();
	(void)t_ctx();
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(init_is_killed_and_repeated),
	    cmocka_unit_test(work_is_killed_and_goes_on),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
