/* init: the plan as text, the hierarchy that it makes, and what interruptions at any call leave. */
#include "tests/support/home.h"

#include "ca/hierarchy/state.h"
#include "ca/hierarchy/tree.h"
#include "tests/support/check.h"

#include <dirent.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- faults ------------------------------------------------------------------------------------ */

enum fault { FAULT_NONE, FAULT_BEFORE_COMMIT, FAULT_AFTER_COMMIT, FAULT_AFTER_KEY, FAULT_FILE };

static enum fault fault;
static unsigned fault_n; /* the n-th call of the kind is where the process ends */

static bool
strikes(enum fault f)
{
	return fault == f && fault_n > 0 && --fault_n == 0;
}

enum setpki_code __real_ca_txn_commit(ca_txn *t, struct setpki_error *err);
enum setpki_code __wrap_ca_txn_commit(ca_txn *t, struct setpki_error *err);
enum setpki_code __real_ca_file_write(const char *path, setpki_bytes contents, unsigned mode, struct setpki_error *err);
enum setpki_code __wrap_ca_file_write(const char *path, setpki_bytes contents, unsigned mode, struct setpki_error *err);
enum setpki_code
__real_ca_key_make(setpki_ctx *ctx, const char *dir, const char *name, enum sp_keyalg alg, unsigned bits,
    const struct ca_passphrase *pass, const char *what, ca_key **out, char **uri, struct setpki_error *err);
enum setpki_code
__wrap_ca_key_make(setpki_ctx *ctx, const char *dir, const char *name, enum sp_keyalg alg, unsigned bits,
    const struct ca_passphrase *pass, const char *what, ca_key **out, char **uri, struct setpki_error *err);

enum setpki_code
__wrap_ca_txn_commit(ca_txn *t, struct setpki_error *err)
{
	enum setpki_code rc;

	if (strikes(FAULT_BEFORE_COMMIT)) {
		ca_txn_abort(t);
		return sp_fail(err, SETPKI_E_STORE, NULL, "injected: before commit");
	}
	rc = __real_ca_txn_commit(t, err);
	if (rc == SETPKI_E_OK && strikes(FAULT_AFTER_COMMIT))
		return sp_fail(err, SETPKI_E_STORE, NULL, "injected: after commit");
	return rc;
}

enum setpki_code
__wrap_ca_file_write(const char *path, setpki_bytes contents, unsigned mode, struct setpki_error *err)
{
	if (strikes(FAULT_FILE))
		return sp_fail(err, SETPKI_E_IO, NULL, "injected: file");
	return __real_ca_file_write(path, contents, mode, err);
}

enum setpki_code
__wrap_ca_key_make(setpki_ctx *ctx, const char *dir, const char *name, enum sp_keyalg alg, unsigned bits,
    const struct ca_passphrase *pass, const char *what, ca_key **out, char **uri, struct setpki_error *err)
{
	enum setpki_code rc = __real_ca_key_make(ctx, dir, name, alg, bits, pass, what, out, uri, err);

	if (rc != SETPKI_E_OK || !strikes(FAULT_AFTER_KEY))
		return rc;
	ca_key_free(*out);
	OPENSSL_free(*uri);
	*out = NULL;
	*uri = NULL;
	return sp_fail(err, SETPKI_E_IO, NULL, "injected: after the key file");
}

/* --- what is there ----------------------------------------------------------------------------- */

static size_t
count_files(const char *dir, const char *suffix)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	size_t n = 0, len, tail = strlen(suffix);

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		len = strlen(e->d_name);
		n += len > tail && strcmp(e->d_name + len - tail, suffix) == 0;
	}
	closedir(d);
	return n;
}

static void
check_demo(struct ca_home *h)
{
	struct setpki_error err = {0};
	struct ca_tree tree;
	struct ca_plan plan;
	uint64_t size;
	uint8_t root[32];
	char path[1200];
	size_t i;

	t_ok(ca_tree_read(h, &tree, &err), &err);
	assert_int_equal(tree.n, 6);
	for (i = 0; i < tree.n; i++) {
		assert_int_equal(tree.v[i].ngenerations, 1);
		assert_int_equal(tree.v[i].generations[0].state, CA_GEN_ACTIVE);
		assert_true(tree.v[i].generations[0].keys[CA_PURPOSE_CERTSIGN].certified);
		assert_int_equal(tree.v[i].generations[0].crl_number != 0, tree.v[i].generations[0].keeps_crl);
	}
	assert_int_equal(tree.v[2].generations[0].live, 9); /* geo: three issuing CAs, three certificates each */
	assert_int_equal(tree.v[1].bci_sequence != 0, 1);
	ca_tree_free(&tree);
	assert_int_equal(count_files(h->keys_dir, ".key"), 13);
	t_ok(ca_audit_verify(h, &size, root, &err), &err);
	snprintf(path, sizeof(path), "%s/brand/current/set/brand.p7c", h->public_dir);
	assert_int_equal(access(path, R_OK), 0);
	t_ok(ca_init_plan(h, h->policy, NULL, &plan, &err), &err);
	assert_int_equal(plan.n, 0);
	ca_plan_free(&plan);
}

/* --- tests ------------------------------------------------------------------------------------- */

static const char golden[] = "root, generation 1\n"
			     "  make the certificate-signing key (P-384)\n"
			     "  make the next root's key (P-384), in a file of its own\n"
			     "  certify its certificate-signing key, by itself, for 10y\n"
			     "\n"
			     "brand, generation 1\n"
			     "  make the certificate-signing key (P-384)\n"
			     "  certify its certificate-signing key, by root, for 9y\n"
			     "\n"
			     "geo, generation 1\n"
			     "  make the certificate-signing key (P-256)\n"
			     "  certify its certificate-signing key, by brand, for 8y\n"
			     "\n"
			     "card, generation 1\n"
			     "  make the certificate-signing key (P-256)\n"
			     "  make the message-signature key (P-256)\n"
			     "  make the key-exchange key (RSA-2048)\n"
			     "  certify its certificate-signing key, by geo, for 6y\n"
			     "  certify its message-signature key, by geo, for 3y\n"
			     "  certify its key-exchange key, by geo, for 3y\n"
			     "\n"
			     "merchant, generation 1\n"
			     "  make the certificate-signing key (P-256)\n"
			     "  make the message-signature key (P-256)\n"
			     "  make the key-exchange key (RSA-2048)\n"
			     "  certify its certificate-signing key, by geo, for 6y\n"
			     "  certify its message-signature key, by geo, for 3y\n"
			     "  certify its key-exchange key, by geo, for 3y\n"
			     "\n"
			     "gateway, generation 1\n"
			     "  make the certificate-signing key (P-256)\n"
			     "  make the message-signature key (P-256)\n"
			     "  make the key-exchange key (RSA-2048)\n"
			     "  certify its certificate-signing key, by geo, for 6y\n"
			     "  certify its message-signature key, by geo, for 3y\n"
			     "  certify its key-exchange key, by geo, for 3y\n"
			     "\n"
			     "root, generation 1\n"
			     "  sign its first CRL, good for 60d\n"
			     "\n"
			     "brand, generation 1\n"
			     "  sign its first CRL, good for 14d\n"
			     "\n"
			     "geo, generation 1\n"
			     "  sign its first CRL, good for 14d\n"
			     "\n"
			     "gateway, generation 1\n"
			     "  sign its first CRL, good for 2d\n"
			     "\n"
			     "brand, generation 1\n"
			     "  sign the brand's list of CRLs (BCI), good for 2d\n"
			     "  publish the set of Demo\n";

static void
check_text(const struct ca_plan *plan, const char *want)
{
	struct sp_buf text = {0};

	ca_plan_text(plan, &text);
	sp_buf_add_byte(&text, 0);
	assert_string_equal((char *)text.p, want);
	sp_buf_free(&text);
}

static void
plan_text(void **state)
{
	struct setpki_error err = {0};
	struct ca_policy *p = t_policy("policies/demo.yaml", NULL);
	struct ca_plan plan;

	(void)state;
	t_ok(ca_init_plan(NULL, p, NULL, &plan, &err), &err);
	check_text(&plan, golden);
	assert_false(plan.asks);
	ca_plan_free(&plan);
	ca_policy_free(p);
}

static void
only_one_text(void **state)
{
	struct setpki_error err = {0};
	struct ca_policy *p = t_policy("policies/demo.yaml", NULL);
	struct ca_plan plan;

	(void)state;
	t_ok(ca_init_plan(NULL, p, "root", &plan, &err), &err);
	check_text(&plan,
	    "root, generation 1\n"
	    "  make the certificate-signing key (P-384)\n"
	    "  make the next root's key (P-384), in a file of its own\n"
	    "  certify its certificate-signing key, by itself, for 10y\n"
	    "  sign its first CRL, good for 60d\n");
	ca_plan_free(&plan);
	t_code(ca_init_plan(NULL, p, "rot", &plan, &err), SETPKI_E_NOTFOUND, &err);
	assert_non_null(strstr(err.message, "did you mean root?"));
	ca_policy_free(p);
}

static void
count_progress(void *arg, const struct ca_step *step, size_t done, size_t total)
{
	size_t *seen = arg;

	assert_int_equal(done, *seen);
	assert_int_equal(step == NULL, done == total);
	++*seen;
}

static void
demo_is_made(void **state)
{
	struct setpki_error err = {0};
	struct ca_home *h = t_home_open(t_scratch("made"), T_NOW);
	struct ca_plan plan;
	size_t steps = 0;
	struct ca_progress progress = {count_progress, &steps};

	(void)state;
	t_ok(ca_init_begin(h, t_policy("policies/demo.yaml", NULL), NULL, &err), &err);
	t_ok(ca_init_plan(h, h->policy, NULL, &plan, &err), &err);
	check_text(&plan, golden);
	t_ok(ca_plan_run(h, &plan, &progress, NULL, &err), &err);
	assert_int_equal(steps, plan.n + 1);
	/* the same plan once more: all of it is there */
	t_ok(ca_plan_run(h, &plan, NULL, NULL, &err), &err);
	ca_plan_free(&plan);
	check_demo(h);
	ca_home_close(h);
}

static void
another_policy_is_refused(void **state)
{
	static const char *const edits[] = {"policy: demo", "policy: other", NULL};
	struct setpki_error err = {0};
	struct ca_home *h = t_home_open(t_scratch("made"), T_NOW);

	(void)state;
	t_code(t_init(h, t_policy("policies/demo.yaml", edits), NULL, NULL, &err), SETPKI_E_CONFLICT, &err);
	assert_non_null(strstr(err.message, "policy apply"));
	check_demo(h);
	ca_home_close(h);
}

/* The process ends at the `n`-th call of one kind, again and again, each run getting a little further. */
static void
interrupted(const char *name, enum fault f, unsigned n)
{
	struct setpki_error err = {0};
	struct ca_home *h;
	unsigned runs;
	bool done = false;
	char dir[1024];

	snprintf(dir, sizeof(dir), "%s", t_scratch(name));
	for (runs = 0; !done; runs++) {
		assert_true(runs < 120);
		h = t_home_open(dir, T_NOW);
		fault = f;
		fault_n = n;
		setpki_error_clear(&err);
		done = t_init(h, t_policy("policies/demo.yaml", NULL), NULL, NULL, &err) == SETPKI_E_OK;
		fault = FAULT_NONE;
		if (done)
			check_demo(h);
		ca_home_close(h);
	}
	assert_true(runs > 2);
}

static void
ends_before_each_commit(void **state)
{
	(void)state;
	/* one to begin, two for a batch of certificates: with the fourth each run gets somewhere */
	interrupted("before-commit", FAULT_BEFORE_COMMIT, 4);
}

static void
ends_after_each_commit(void **state)
{
	(void)state;
	interrupted("after-commit", FAULT_AFTER_COMMIT, 3);
}

static void
ends_after_each_key_file(void **state)
{
	(void)state;
	interrupted("after-key", FAULT_AFTER_KEY, 1);
}

/* A key file that does not belong to anything is neither taken over nor in the way. */
static void
strange_key_file_stays(void **state)
{
	struct setpki_error err = {0};
	struct ca_home *h = t_home_open(t_scratch("strange"), T_NOW);
	struct sp_buf back = {0};
	char path[1200];

	(void)state;
	snprintf(path, sizeof(path), "%s/brand-1-certificate-signing.key", h->keys_dir);
	t_ok(ca_file_write(path, sp_bytes_str("nothing of ours\n"), 0600, &err), &err);
	t_ok(t_init(h, t_policy("policies/demo.yaml", NULL), NULL, NULL, &err), &err);
	t_ok(ca_file_read(path, 100, &back, &err), &err);
	assert_int_equal(back.n, 16);
	assert_int_equal(count_files(h->keys_dir, ".key"), 14);
	sp_buf_free(&back);
	ca_home_close(h);
}

/* Half-written key files of processes that were killed go, those of a live one stay. */
static void
half_written_keys_go(void **state)
{
	struct setpki_error err = {0};
	struct ca_home *h = t_home_open(t_scratch("half"), T_NOW);
	char dead[1200], alive[1200];
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	snprintf(dead, sizeof(dead), "%s/root-1-certificate-signing.key.new-%ld", h->keys_dir, (long)pid);
	snprintf(alive, sizeof(alive), "%s/root-1-certificate-signing.key.new-%ld", h->keys_dir, (long)getppid());
	t_ok(ca_file_write(dead, sp_bytes_str("half"), 0600, &err), &err);
	t_ok(ca_file_write(alive, sp_bytes_str("half"), 0600, &err), &err);
	t_ok(t_init(h, t_policy("policies/demo.yaml", NULL), NULL, NULL, &err), &err);
	assert_int_not_equal(access(dead, F_OK), 0);
	assert_int_equal(access(alive, F_OK), 0);
	ca_home_close(h);
}

/* A CA that a later policy adds is planned and made; what was there stays. */
static void
policy_grows(void **state)
{
	static const char *const edits[] = {"            - name: merchant\n",
	    "            - name: merchant2\n"
	    "              subject:\n"
	    "                country: CA\n"
	    "                unit: Demo Acquirer Two\n"
	    "                common-name: Demo Merchant CA Two\n"
	    "              keys:\n"
	    "                protection: none\n"
	    "                certificate-signing:\n"
	    "                  type: P-256\n"
	    "                  lifetime: 6y\n"
	    "                  usage: 3y\n"
	    "                message-signature:\n"
	    "                  type: P-256\n"
	    "                  lifetime: 3y\n"
	    "                  usage: 2y\n"
	    "                key-exchange:\n"
	    "                  type: RSA-2048\n"
	    "                  lifetime: 3y\n"
	    "              issues:\n"
	    "                - role: merchant\n"
	    "                  first-contact: true\n"
	    "                  keys:\n"
	    "                    signature: [P-256]\n"
	    "                  lifetime: 1y\n"
	    "                  usage: 1y\n"
	    "                  subject:\n"
	    "                    country: CA\n"
	    "                    unit: Demo Acquirer Two\n"
	    "                  bins: [\"412398\"]\n"
	    "                  merchant:\n"
	    "                    country: 124\n"
	    "            - name: merchant\n",
	    NULL};
	struct setpki_error err = {0};
	struct ca_home *h = t_demo_home("grows", T_NOW);
	struct ca_policy *old = h->policy, *new = t_policy("policies/demo.yaml", edits);
	struct ca_plan plan;
	struct ca_tree tree;
	ca_txn *t;

	(void)state;
	t_ok(ca_txn_begin(h->store, true, &t, &err), &err);
	t_ok(ca_home_policy_apply(h, t, new, &err), &err);
	h->policy = new;
	t_ok(ca_state_audit(h, t, CA_AUDIT_POLICY_APPLIED, 0, &err, "%s", new->name), &err);
	t_ok(ca_txn_commit(t, &err), &err);
	ca_policy_free(old);

	t_ok(ca_init_plan(h, h->policy, NULL, &plan, &err), &err);
	check_text(&plan,
	    "merchant2, generation 1\n"
	    "  make the certificate-signing key (P-256)\n"
	    "  make the message-signature key (P-256)\n"
	    "  make the key-exchange key (RSA-2048)\n"
	    "  certify its certificate-signing key, by geo, for 6y\n"
	    "  certify its message-signature key, by geo, for 3y\n"
	    "  certify its key-exchange key, by geo, for 3y\n"
	    "\n"
	    "brand, generation 1\n"
	    "  sign the brand's list of CRLs (BCI), good for 2d\n"
	    "  publish the set of Demo\n");
	ca_plan_free(&plan);
	t_ok(t_init(h, t_policy("policies/demo.yaml", edits), NULL, NULL, &err), &err);
	t_ok(ca_tree_read(h, &tree, &err), &err);
	assert_int_equal(tree.n, 7);
	assert_string_equal(tree.v[4].name, "merchant2");
	assert_int_equal(tree.v[4].generations[0].state, CA_GEN_ACTIVE);
	assert_int_equal(tree.v[4].id, 7);
	assert_int_equal(tree.v[5].id, 5);
	ca_tree_free(&tree);
	ca_home_close(h);
}

/* Two at once: the second one is told who is at work. */
static void
another_run_is_at_work(void **state)
{
	struct setpki_error err = {0};
	struct ca_home *h = t_home_open(t_scratch("busy"), T_NOW);
	int lock;

	(void)state;
	t_ok(ca_home_lock(h, "hierarchy", false, &lock, &err), &err);
	t_code(t_init(h, t_policy("policies/demo.yaml", NULL), NULL, NULL, &err), SETPKI_E_STATE, &err);
	assert_non_null(strstr(err.message, "process "));
	assert_int_equal(count_files(h->keys_dir, ".key"), 0);
	close(lock);
	ca_home_close(h);
}

/* --- passphrases ------------------------------------------------------------------------------- */

static void
nobody_to_ask(void **state)
{
	static const char *const edits[] = {"\n    protection: none", "\n    protection: passphrase", NULL};
	struct setpki_error err = {0};
	struct ca_policy *p = t_policy("policies/demo.yaml", edits);
	struct ca_passphrase mute = {.ask = NULL};
	struct ca_plan plan;
	struct ca_home *h;

	(void)state;
	t_ok(ca_init_plan(NULL, p, NULL, &plan, &err), &err);
	assert_true(plan.asks);
	t_code(ca_plan_check_pass(&plan, &mute, &err), SETPKI_E_ARGUMENT, &err);
	assert_int_equal(setpki_code_exit(err.code), 2);
	setpki_error_clear(&err);
	t_code(ca_plan_check_pass(&plan, NULL, &err), SETPKI_E_ARGUMENT, &err);
	setpki_error_clear(&err);
	ca_plan_free(&plan);
	h = t_home_open(t_scratch("mute"), T_NOW);
	h->pass.ask = NULL;
	t_code(t_init(h, p, NULL, NULL, &err), SETPKI_E_ARGUMENT, &err);
	assert_int_equal(count_files(h->keys_dir, ".key"), 0);
	ca_home_close(h);
}

static size_t asked;

static enum setpki_code
count_asking(void *arg, const char *what, bool confirm, char *out, size_t cap, size_t *n, struct setpki_error *err)
{
	(void)arg;
	(void)confirm;
	(void)err;
	asked++;
	*n = (size_t)snprintf(out, cap, "passphrase for %s", what);
	return SETPKI_E_OK;
}

/* The root's key signs itself, the brand and a CRL in one run: its passphrase is typed once. */
static void
each_passphrase_once(void **state)
{
	static const char *const edits[] = {"\n    protection: none", "\n    protection: passphrase", NULL};
	struct setpki_error err = {0};
	struct ca_home *h = t_home_open(t_scratch("once"), T_NOW);

	(void)state;
	asked = 0;
	h->pass.ask = count_asking;
	t_ok(t_init(h, t_policy("policies/demo.yaml", edits), NULL, NULL, &err), &err);
	assert_int_equal(asked, 1);
	assert_ptr_equal(h->pass.ask, count_asking);
	ca_home_close(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plan_text),
	    cmocka_unit_test(only_one_text),
	    cmocka_unit_test(demo_is_made),
	    cmocka_unit_test(another_policy_is_refused),
	    cmocka_unit_test(ends_before_each_commit),
	    cmocka_unit_test(ends_after_each_commit),
	    cmocka_unit_test(ends_after_each_key_file),
	    cmocka_unit_test(strange_key_file_stays),
	    cmocka_unit_test(half_written_keys_go),
	    cmocka_unit_test(policy_grows),
	    cmocka_unit_test(another_run_is_at_work),
	    cmocka_unit_test(nobody_to_ask),
	    cmocka_unit_test(each_passphrase_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
