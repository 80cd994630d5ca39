/* The hierarchy of tests/support/registry.h is a good one: whoever registers in it may rely on that. */
#include "tests/support/registry.h"

#include "tests/support/check.h"

static setpki_ctx *ctx;
static struct registry rooms[2];

static int
start(void **state)
{
	struct setpki_error err = {0};

	(void)state;
	t_ok(setpki_ctx_new(NULL, &ctx, &err), &err);
	reg_make(&rooms[0], ctx, SETPKI_SUITE_CLASSIC);
	reg_make(&rooms[1], ctx, SETPKI_SUITE_MODERN);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	for (size_t s = 0; s < NELEMS(rooms); s++)
		reg_free(&rooms[s]);
	reg_stop();
	setpki_ctx_free(ctx);
	return 0;
}

static enum setpki_verdict
verdict(const struct registry *r, setpki_pool *pool, setpki_bytes der, enum setpki_kind kind, uint32_t type)
{
	const struct setpki_chain_ask ask = {
	    .at = REG_NOW, .type = type, .kind = kind, .brand = REG_BRAND_ID, .suite = r->suite};
	struct setpki_chain_result result = {0};
	struct setpki_error err = {0};
	enum setpki_verdict v;

	t_ok(setpki_chain_verify(pool, der, &ask, &result, &err), &err);
	v = result.verdict;
	setpki_chain_result_free(&result);
	return v;
}

static void
test_every_ca(void **state)
{
	(void)state;
	for (size_t s = 0; s < NELEMS(rooms); s++)
		for (int root = REG_FIRST; root <= REG_ROOT; root++) {
			const struct registry *r = &rooms[s];
			setpki_pool *pool = reg_pool_full(r, (enum reg_slot)root);

			for (size_t i = REG_BRAND; i < REG_SLOTS; i++)
				assert_int_equal(
				    verdict(r, pool, r->c[i].der, SETPKI_KIND_NONE, r->c[i].cert.type), SETPKI_VALID);
			setpki_pool_free(pool);
		}
}

static void
test_end_entities(void **state)
{
	static const struct reg_issue asks[] = {
	    {.kind = SETPKI_KIND_CARD_SIG, .ca = REG_CCA2, .common = "k3Gd0a="},
	    {.kind = SETPKI_KIND_MER_SIG, .ca = REG_MCA, .common = "Corner Shop"},
	    {.kind = SETPKI_KIND_MER_ENC, .ca = REG_MCA, .common = "Corner Shop"},
	    {.kind = SETPKI_KIND_PGWY_SIG, .ca = REG_PCA, .common = "Gateway 1"},
	    {.kind = SETPKI_KIND_PGWY_ENC, .ca = REG_PCA, .common = "Gateway 1"},
	};

	(void)state;
	for (size_t s = 0; s < NELEMS(rooms); s++) {
		setpki_pool *pool = reg_pool_full(&rooms[s], REG_ROOT);

		for (size_t i = 0; i < NELEMS(asks); i++) {
			struct reg_issue ask = asks[i];
			struct sp_cert cert;
			setpki_bytes der;

			ask.key = reg_new_key(
			    ctx, rooms[s].suite, ask.kind == SETPKI_KIND_MER_ENC || ask.kind == SETPKI_KIND_PGWY_ENC);
			der = reg_issue(&rooms[s], &ask, &cert);
			assert_int_equal(verdict(&rooms[s], pool, der, ask.kind, cert.type), SETPKI_VALID);
			reg_bytes_free(der);
			EVP_PKEY_free(ask.key);
		}
		setpki_pool_free(pool);
	}
}

static void
test_revoked_signer(void **state)
{
	(void)state;
	for (size_t s = 0; s < NELEMS(rooms); s++) {
		struct registry r;
		setpki_pool *pool;

		reg_make(&r, ctx, rooms[s].suite);
		reg_revoke(&r, REG_GEO, REG_MCA_SIG);
		pool = reg_pool_full(&r, REG_ROOT);
		assert_int_equal(
		    verdict(&r, pool, r.c[REG_MCA_SIG].der, SETPKI_KIND_CA_SIG, SETPKI_TYPE_MCA), SETPKI_REFUSED);
		assert_int_equal(
		    verdict(&r, pool, r.c[REG_PCA_SIG].der, SETPKI_KIND_CA_SIG, SETPKI_TYPE_PCA), SETPKI_VALID);
		setpki_pool_free(pool);
		reg_free(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_ca),
	    cmocka_unit_test(test_end_entities),
	    cmocka_unit_test(test_revoked_signer),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
