/* The search of tests/support/hunt.h finds what was planted: what finds nothing shows nothing else. */
#include "tests/support/check.h"
#include "tests/support/cli.h"
#include "tests/support/hunt.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PLANTED "4123459073618254"

static const struct form {
	const char *name, *text; /* of /bin/sh's printf */
	bool there;
} forms[] = {
    {"digits", "card " PLANTED ".", true},
    {"digits in groups", "4123 4590 7361 8254", true},
    {"digits with hyphens", "4123-4590-7361-8254", true},
    {"a part of it", "x345907361y", true},
    {"BMPString", "\\0004\\0001\\0002\\0003\\0004\\0005\\0009\\0000\\0007\\0003\\0006\\0001\\0008\\0002\\0005\\0004",
	true},
    {"UTF-16, little-endian",
	"4\\0001\\0002\\0003\\0004\\0005\\0009\\0000\\0007\\0003\\0006\\0001\\0008\\0002\\0005\\0004\\000", true},
    {"NumericString", "\\022\\020" PLANTED, true},
    {"BCD", "xx\\101\\043\\105\\220\\163\\141\\202\\124xx", true},
    {"BCD, the other half first", "xx\\004\\022\\064\\131\\007\\066\\030\\045\\117", true},
    {"hex of text", "34313233343539303733363138323534", true},
    {"base64", "NDEyMzQ1OTA3MzYxODI1NA==", true},
    {"base64 behind one octet", "eDQxMjM0NTkwNzM2MTgyNTQ=", true},
    {"base64 behind two", "eHg0MTIzNDU5MDczNjE4MjU0", true},
    {"masked", "412345******8254", false},
    {"first six and last four", "412345 8254 412345 8254", false},
    {"another one", "4123459073618255 has seven of the digits in the middle: 0736182", true},
    {"another one altogether", "4000001234567899", false},
};

static void
the_search_finds_it(void **state)
{
	const struct form *f = *state;
	struct hunt *h = hunt_new();
	size_t files;

	hunt_for_pan(h, PLANTED);
	hunt_quietly(h, true);
	cli_enter("planted");
	cli_ok("mkdir -p a/b && printf '%s' >a/b/file", f->text);
	assert_int_equal(hunt_in_tree(h, ".", &files) != 0, f->there);
	assert_true(files >= 1);
	cli_ok("rm a/b/file");
	assert_int_equal(hunt_in_tree(h, ".", &files), 0);
	hunt_free(h);
}

/* A process that reads a line into its memory once it is told to. */
static void
the_search_finds_it_in_memory(void **state)
{
	struct hunt *h = hunt_new();
	size_t found, octets;
	int to[2], from[2];
	char c;
	pid_t pid;

	(void)state;
	hunt_for_pan(h, PLANTED);
	hunt_quietly(h, true);
	cli_enter("planted");
	cli_ok("echo 4123 4590 7361 8254 >line");
	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		if (dup2(to[0], 0) < 0 || dup2(from[1], 1) < 0)
			_exit(126);
		execl("/bin/sh", "sh", "-c", "echo; read x; read y <line; echo; read x", (char *)NULL);
		_exit(127);
	}
	assert_int_equal(read(from[0], &c, 1), 1);
	if (!hunt_in_process(h, "a shell", pid, false, &found, &octets)) {
		print_message("SKIPPED: the memory of a child cannot be read here: %s\n", strerror(errno));
		skip();
	}
	assert_int_equal(found, 0);
	assert_true(octets > 65536);
	assert_int_equal(write(to[1], "\n", 1), 1);
	assert_int_equal(read(from[0], &c, 1), 1);
	assert_true(hunt_in_process(h, "a shell", pid, false, &found, &octets));
	assert_true(found != 0);
	close(to[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(to[0]);
	close(from[0]);
	close(from[1]);
	hunt_free(h);
}

int
main(void)
{
	struct CMUnitTest tests[NELEMS(forms) + 1];
	size_t n;

	for (n = 0; n < NELEMS(forms); n++)
		tests[n] =
		    (struct CMUnitTest){forms[n].name, the_search_finds_it, NULL, NULL, (void *)(uintptr_t)&forms[n]};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(the_search_finds_it_in_memory);
	return _cmocka_run_group_tests("cli/hunt", tests, n, NULL, NULL);
}
