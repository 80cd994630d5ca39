/* What is given back holds nothing any more; what is secret stays locked in a process that was forked. */
#include "ca/service/memory.h"
#include "tests/support/check.h"
#include "tests/support/cli.h"

#include <event2/buffer.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECRET "4123458391742602"
#define ARENA 65536

static unsigned freed, leaks;

/* free() as ca/service/memory.c calls it. */
void __real_free(void *p);
void __wrap_free(void *p);
void
__wrap_free(void *p)
{
	size_t n = p != NULL ? malloc_usable_size(p) : 0;

	freed += n >= sizeof(SECRET);
	leaks += n != 0 && memmem(p, n, SECRET, sizeof(SECRET) - 1) != NULL;
	__real_free(p);
}

static int
begin(void **state)
{
	(void)state;
	freed = leaks = 0;
	return 0;
}

static void
nothing_is_left(unsigned blocks)
{
	assert_true(freed >= blocks);
	assert_int_equal(leaks, 0);
}

static char *
secret_block(size_t n)
{
	char *p = OPENSSL_malloc(n);

	assert_non_null(p);
	snprintf(p, n, "%s", SECRET);
	return p;
}

static void
what_libcrypto_frees(void **state)
{
	(void)state;
	OPENSSL_free(secret_block(100));
	OPENSSL_free(NULL);
	nothing_is_left(1);
}

static void
what_it_moves(void **state)
{
	char *p = secret_block(40);

	(void)state;
	assert_non_null(p = OPENSSL_realloc(p, 4000));
	assert_string_equal(p, SECRET);
	assert_non_null(p = OPENSSL_realloc(p, 20));
	assert_memory_equal(p, SECRET, sizeof(SECRET));
	assert_null(OPENSSL_realloc(p, 0));
	nothing_is_left(3);
}

/* Chains of a buffer, added to, joined and drained. */
static void
what_libevent_frees(void **state)
{
	struct evbuffer *b = evbuffer_new();

	(void)state;
	assert_non_null(b);
	for (int i = 0; i < 100; i++)
		assert_int_equal(evbuffer_add_printf(b, "%s %d;", SECRET, i), sizeof(SECRET) + (i < 10 ? 2 : 3));
	assert_non_null(evbuffer_pullup(b, -1));
	assert_int_equal(evbuffer_drain(b, evbuffer_get_length(b)), 0);
	evbuffer_free(b);
	nothing_is_left(2);
}

static long
locked(void)
{
	char *text = cli_slurp("/proc/self/status", NULL);
	const char *at = text != NULL ? strstr(text, "VmLck:") : NULL;
	long kb = at != NULL ? strtol(at + 6, NULL, 10) : -1;

	free(text);
	return kb;
}

/* The exit status of the child: whether anything was locked before, whether all of it is afterwards. */
static void
the_lock_of_secrets_after_a_fork(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (locked() < ARENA / 1024) {
		print_message("SKIPPED: memory cannot be locked here\n");
		skip();
	}
	assert_true((pid = fork()) >= 0);
	if (pid == 0)
		_exit((locked() != 0) << 1 | !(ca_memory_lock() && locked() >= ARENA / 1024));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(what_libcrypto_frees, begin),
	    cmocka_unit_test_setup(what_it_moves, begin),
	    cmocka_unit_test_setup(what_libevent_frees, begin),
	    cmocka_unit_test(the_lock_of_secrets_after_a_fork),
	};

	if (!ca_memory_cleanse() || CRYPTO_secure_malloc_init(ARENA, 32) == 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
