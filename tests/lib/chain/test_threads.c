/* Readers verify while a writer makes copies of the pool, adds to them and puts them in place (make VARIANT=tsan). */
#include "tests/support/gen.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
/* after the headers that it needs */
#include <cmocka.h>

#define READERS 4
#define ROUNDS 40

struct shared {
	struct gen_world w;
	pthread_mutex_t lock; /* over `current` alone */
	setpki_pool *current;
	atomic_bool stop;
	atomic_uint valid, refused, wrong;
};

static setpki_pool *
take(struct shared *s)
{
	setpki_pool *p;

	pthread_mutex_lock(&s->lock);
	p = setpki_pool_hold(s->current);
	pthread_mutex_unlock(&s->lock);
	return p;
}

static void
put(struct shared *s, setpki_pool *next)
{
	setpki_pool *old;

	pthread_mutex_lock(&s->lock);
	old = s->current;
	s->current = next;
	pthread_mutex_unlock(&s->lock);
	setpki_pool_free(old);
}

/* Once refused because it is revoked, never valid again. */
static void *
reader(void *arg)
{
	struct shared *s = arg;
	const struct setpki_chain_ask ask = {.at = GEN_NOW};
	struct setpki_chain_result res;
	bool revoked = false;
	setpki_pool *p;

	while (!atomic_load(&s->stop)) {
		p = take(s);
		if (setpki_chain_verify(p, s->w.c[GEN_LEAF].der, &ask, &res, NULL) != SETPKI_E_OK)
			atomic_fetch_add(&s->wrong, 1);
		else if (res.verdict == SETPKI_VALID && !revoked)
			atomic_fetch_add(&s->valid, 1);
		else if (res.verdict == SETPKI_REFUSED && strcmp(res.findings.v[0].rule->id, "chain.revoked") == 0) {
			revoked = true;
			atomic_fetch_add(&s->refused, 1);
		} else
			atomic_fetch_add(&s->wrong, 1);
		setpki_chain_result_free(&res);
		setpki_pool_free(p);
	}
	return NULL;
}

static void
wait_for(atomic_uint *count, unsigned more)
{
	unsigned until = atomic_load(count) + more;

	while (atomic_load(count) < until)
		sched_yield();
}

/* A copy with one more object. */
static void
swap_with(struct shared *s, enum setpki_object_type type, setpki_bytes der)
{
	const struct setpki_object o = {type, der};
	setpki_pool *next;

	assert_int_equal(setpki_pool_copy(s->current, &next, NULL), SETPKI_E_OK);
	assert_int_equal(setpki_pool_add(next, &o, "added", NULL), SETPKI_E_OK);
	put(s, next);
}

static void
readers_see_one_pool_or_the_next(void **state)
{
	struct gen_edit edits[GEN_EDITS] = {{.what = GEN_CRL_REVOKE, .slot = GEN_PCA, .other = GEN_LEAF},
	    {.what = GEN_CRL_NUMBER, .slot = GEN_PCA, .n = 6}};
	struct shared s = {.lock = PTHREAD_MUTEX_INITIALIZER};
	struct gen_world revoking;
	pthread_t threads[READERS];
	size_t i;

	(void)state;
	gen_make(&s.w, SETPKI_SUITE_MODERN, NULL);
	gen_make(&revoking, SETPKI_SUITE_MODERN, edits);
	s.current = gen_pool(&s.w);
	for (i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, reader, &s), 0);
	for (i = 0; i < ROUNDS; i++) {
		wait_for(&s.valid, 1);
		swap_with(&s, SETPKI_OBJECT_CERT, s.w.c[i % 2 == 0 ? GEN_FIRST : GEN_LEAF].der);
	}
	swap_with(&s, SETPKI_OBJECT_CRL, revoking.crl[GEN_PCA]);
	wait_for(&s.refused, 100);
	atomic_store(&s.stop, true);
	for (i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&s.wrong), 0);
	setpki_pool_free(s.current);
	gen_free(&s.w);
	gen_free(&revoking);
}

static void
a_copy_and_its_original_go_their_own_ways(void **state)
{
	struct gen_edit edits[GEN_EDITS] = {{.what = GEN_CRL_OMIT, .slot = GEN_PCA}};
	const struct setpki_chain_ask ask = {.at = GEN_NOW};
	struct setpki_chain_result res;
	struct gen_world w;
	struct setpki_object crl = {.type = SETPKI_OBJECT_CRL};
	setpki_pool *pool, *copy;

	(void)state;
	gen_make(&w, SETPKI_SUITE_MODERN, edits);
	pool = gen_pool(&w);
	assert_int_equal(setpki_pool_set_sequence(pool, "Testcard", 3, NULL), SETPKI_E_OK);
	assert_int_equal(setpki_pool_copy(pool, &copy, NULL), SETPKI_E_OK);
	assert_int_equal(setpki_pool_sequence(copy, "Testcard"), 3);
	crl.der = w.crl[GEN_PCA];
	assert_int_equal(setpki_pool_add(copy, &crl, NULL, NULL), SETPKI_E_OK);
	assert_int_equal(setpki_chain_verify(pool, w.c[GEN_LEAF].der, &ask, &res, NULL), SETPKI_E_OK);
	assert_int_equal(res.verdict, SETPKI_UNDECIDABLE);
	setpki_chain_result_free(&res);
	setpki_pool_free(pool);
	assert_int_equal(setpki_chain_verify(copy, w.c[GEN_LEAF].der, &ask, &res, NULL), SETPKI_E_OK);
	assert_int_equal(res.verdict, SETPKI_VALID);
	assert_int_equal(res.npath, 5);
	setpki_chain_result_free(&res);
	setpki_pool_free(copy);
	gen_free(&w);
}

/* The same chain for OpenSSL's verifier, copied with what it trusts. */
static void
a_copy_of_an_rfc5280_pool(void **state)
{
	static const enum gen_slot slots[] = {GEN_BRAND, GEN_GEO, GEN_PCA};
	struct gen_edit edits[GEN_EDITS] = {{.what = GEN_RELAX}};
	const struct setpki_chain_ask ask = {.at = GEN_NOW, .revocation = SETPKI_REQUIRE_CRL};
	struct setpki_object o = {.type = SETPKI_OBJECT_CRL};
	struct setpki_chain_result res;
	struct gen_world w;
	setpki_pool *pool, *copy;
	size_t i;

	(void)state;
	gen_make(&w, SETPKI_SUITE_MODERN, edits);
	assert_int_equal(setpki_pool_new_rfc5280(gen_ctx(), &pool, NULL), SETPKI_E_OK);
	assert_int_equal(setpki_pool_trust(pool, w.c[GEN_ROOT].der, NULL, NULL), SETPKI_E_OK);
	o.der = w.crl[GEN_ROOT];
	assert_int_equal(setpki_pool_add(pool, &o, NULL, NULL), SETPKI_E_OK);
	for (i = 0; i < 3; i++) {
		o = (struct setpki_object){SETPKI_OBJECT_CERT, w.c[slots[i]].der};
		assert_int_equal(setpki_pool_add(pool, &o, NULL, NULL), SETPKI_E_OK);
		o = (struct setpki_object){SETPKI_OBJECT_CRL, w.crl[slots[i]]};
		assert_int_equal(setpki_pool_add(pool, &o, NULL, NULL), SETPKI_E_OK);
	}
	assert_int_equal(setpki_pool_copy(pool, &copy, NULL), SETPKI_E_OK);
	setpki_pool_free(pool);
	assert_int_equal(setpki_chain_verify(copy, w.c[GEN_LEAF].der, &ask, &res, NULL), SETPKI_E_OK);
	assert_int_equal(res.verdict, SETPKI_VALID);
	assert_int_equal(res.npath, 5);
	assert_int_equal(res.valid_until, GEN_NOW + 6 * GEN_DAY);
	setpki_chain_result_free(&res);
	setpki_pool_free(copy);
	gen_free(&w);
}

static int
start(void **state)
{
	(void)state;
	gen_start();
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	gen_stop();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest t[] = {
	    cmocka_unit_test(readers_see_one_pool_or_the_next),
	    cmocka_unit_test(a_copy_and_its_original_go_their_own_ways),
	    cmocka_unit_test(a_copy_of_an_rfc5280_pool),
	};

	return cmocka_run_group_tests_name("chain_threads", t, start, stop);
}
