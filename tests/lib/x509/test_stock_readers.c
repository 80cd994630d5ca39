/* Stock readers read what we build: openssl, GnuTLS's certtool and dumpasn1, each where it is installed. */
#include "tests/support/certs.h"
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>

static bool
installed(const char *program)
{
	char command[128];

	snprintf(command, sizeof(command), "command -v %s >/dev/null 2>&1", program);
	return system(command) == 0;
}

static void
write_file(const char *path, setpki_bytes der)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(der.p, 1, der.n, f), der.n);
	assert_int_equal(fclose(f), 0);
}

/* Runs `command`, with %s for the file, on a certificate of every kind and suite; each has to end with status 0. */
static void
all_are_read(const char *program, const char *command)
{
	const char *scratch = getenv("TEST_SCRATCH");
	char path[512], line[1024];

	if (!installed(program))
		skip();
	snprintf(path, sizeof(path), "%s/one.der", scratch != NULL ? scratch : "/tmp");
	for (int suite = SETPKI_SUITE_CLASSIC; suite <= SETPKI_SUITE_MODERN; suite++)
		for (int k = 1; k < SETPKI_KIND_N; k++) {
			struct sp_buf der = {0};
			struct certs_case c;

			certs_case(&c, (enum setpki_suite)suite, (enum setpki_kind)k);
			c.spec.policy.statement = "Statement";
			certs_make(&c, &der);
			write_file(path, sp_buf_bytes(&der));
			snprintf(line, sizeof(line), "file='%s'; %s", path, command);
			if (system(line) != 0)
				fail_msg("%s cannot read a %s certificate of the %s suite", program,
				    setpki_kind_name((enum setpki_kind)k), setpki_suite_name((enum setpki_suite)suite));
			sp_buf_free(&der);
			certs_case_free(&c);
		}
	remove(path);
}

static void
openssl_prints_them(void **state)
{
	(void)state;
	all_are_read("openssl", "openssl x509 -inform der -in \"$file\" -noout -text >/dev/null 2>&1");
}

static void
certtool_prints_them(void **state)
{
	(void)state;
	all_are_read("certtool", "certtool --certificate-info --inder --infile \"$file\" >/dev/null 2>&1");
}

static void
dumpasn1_finds_no_error(void **state)
{
	(void)state;
	all_are_read("dumpasn1", "dumpasn1 \"$file\" 2>&1 | grep -q '^0 warnings, 0 errors'");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(openssl_prints_them),
	    cmocka_unit_test(certtool_prints_them),
	    cmocka_unit_test(dumpasn1_finds_no_error),
	};

	return cmocka_run_group_tests(tests, certs_start, certs_stop);
}
