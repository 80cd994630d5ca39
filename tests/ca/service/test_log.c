/* The log: escapes, masking, lines that are too long. */
#include "ca/service/log.h"
#include "tests/support/check.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int64_t
now(void *arg)
{
	(void)arg;
	return INT64_C(1798761600);
}

static int fds[2];
static char line[8192];

static struct ca_log
log_of(bool json)
{
	return (struct ca_log){.fd = fds[1], .json = json, .process = "front", .now = now};
}

static const char *
written(void)
{
	ssize_t n = read(fds[0], line, sizeof(line) - 1);

	assert_true(n > 0);
	line[n] = '\0';
	return line;
}

static const struct row {
	const char *name, *value, *logfmt, *json;
} rows[] = {
    {"plain", "127.0.0.1:8080", "v=127.0.0.1:8080", "\"v\":\"127.0.0.1:8080\""},
    {"empty", "", "v=\"\"", "\"v\":\"\""},
    {"with a blank", "a b", "v=\"a b\"", "\"v\":\"a b\""},
    {"what would end the value", "a\" level=info", "v=\"a\\\" level=info\"", "\"v\":\"a\\\" level=info\""},
    {"a backslash at the end", "a\\", "v=\"a\\\\\"", "\"v\":\"a\\\\\""},
    {"what would begin a line", "a\nb\r\x1b[31m", "v=\"a?b??[31m\"", "\"v\":\"a?b??[31m\""},
    {"UTF-8", "caf\xc3\xa9", "v=\"caf\xc3\xa9\"", "\"v\":\"caf\xc3\xa9\""},
    {"what is no UTF-8", "caf\xe9", "v=\"caf?\"", "\"v\":\"caf?\""},
    {"a card number", "/4123450000000008", "v=/412345******0008", "\"v\":\"/412345******0008\""},
    {"no card number", "123456789012", "v=123456789012", "\"v\":\"123456789012\""},
};

static void
value(void **state)
{
	const struct row *r = *state;
	char want[256];

	for (int json = 0; json < 2; json++) {
		struct ca_log log = log_of(json);
		struct ca_log_line l;

		ca_log_begin(&l, &log, CA_LOG_WARNING, "something happened");
		ca_log_text(&l, "v", r->value);
		ca_log_end(&l);
		snprintf(want, sizeof(want),
		    json ? "{\"time\":\"2027-01-01T00:00:00Z\",\"level\":\"warning\",\"process\":\"front\","
			   "\"event\":\"something happened\",%s}\n"
			 : "time=2027-01-01T00:00:00Z level=warning process=front event=\"something happened\" %s\n",
		    json ? r->json : r->logfmt);
		assert_string_equal(written(), want);
	}
}

/* Whatever does not fit, a line stays one line and one JSON text, and no more of a card number is there. */
static void
too_long(void **state)
{
	char text[4096];

	(void)state;
	for (int i = 0; i < 4; i++) {
		bool json = i % 2 == 1;
		const char *pan = i < 2 ? "4123450000000008" : "4123 4500-0000 0008";
		struct ca_log log = log_of(json);
		struct ca_log_line l;
		json_t *j;

		memset(text, 'a', sizeof(text));
		text[sizeof(text) - 1] = '\0';
		memcpy(text + 585, pan, strlen(pan));
		ca_log_begin(&l, &log, CA_LOG_INFO, "long");
		for (int k = 0; k < 20; k++)
			ca_log_text(&l, "v", text);
		ca_log_number(&l, "n", -5);
		ca_log_end(&l);
		assert_non_null(strstr(written(), "aaaa"));
		assert_null(strstr(line, "4123450"));
		assert_null(strstr(line, "4123 4"));
		assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
		assert_true(strlen(line) < 4096);
		j = json_loads(line, 0, NULL);
		assert_int_equal(j != NULL, json);
		json_decref(j);
	}
}

/* A text is cut between its characters, and keeps those before, wherever they end. */
static void
too_long_for_ascii(void **state)
{
	static const char e[] = "\xc3\xa9"; /* e acute */
	char text[2048];

	(void)state;
	for (size_t from = 0; from < 2; from++) {
		struct ca_log log = log_of(false);
		struct ca_log_line l;

		memset(text, 0, sizeof(text));
		memset(text, 'a', from);
		for (size_t i = from; i + 2 < sizeof(text); i += 2)
			memcpy(text + i, e, 2);
		ca_log_begin(&l, &log, CA_LOG_INFO, "long");
		ca_log_text(&l, "v", text);
		ca_log_end(&l);
		assert_non_null(strstr(written(), "\xc3\xa9\xc3\xa9"));
		assert_null(strchr(line, '?'));
		assert_true(setpki_utf8_printable(sp_bytes(line, strlen(line) - 1)));
	}
}

static void
members(void **state)
{
	struct ca_log log = log_of(false);
	struct setpki_error err = {0};
	struct ca_log_line l;

	(void)state;
	ca_log_begin(&l, &log, CA_LOG_INFO, "x");
	ca_log_number(&l, "n", INT64_MIN);
	ca_log_hex(&l, "rrpid", t_hex("00ff"));
	ca_log_hex(&l, "none", t_hex(""));
	ca_log_text(&l, "none", NULL);
	ca_log_time(&l, "until", 0);
	ca_log_end(&l);
	assert_string_equal(written(),
	    "time=2027-01-01T00:00:00Z level=info process=front event=x n=-9223372036854775808 "
	    "rrpid=00ff until=1970-01-01T00:00:00Z\n");
	(void)sp_fail(&err, SETPKI_E_STORE, "set-protocol 8", "the disk is full");
	ca_log_error(&log, CA_LOG_ERROR, "ends", &err);
	assert_string_equal(written(),
	    "time=2027-01-01T00:00:00Z level=error process=front event=ends code=STORE "
	    "error=\"the disk is full\" rule=\"set-protocol 8\"\n");
}

int
main(void)
{
	struct CMUnitTest all[NELEMS(rows) + 3];
	size_t n = 0;
	int rc;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return 1;
	for (; n < NELEMS(rows); n++)
		all[n] = (struct CMUnitTest){rows[n].name, value, NULL, NULL, (void *)(uintptr_t)&rows[n]};
	all[n++] = (struct CMUnitTest)cmocka_unit_test(too_long);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(too_long_for_ascii);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(members);
	rc = _cmocka_run_group_tests("ca/service/log", all, n, NULL, NULL);
	t_hex_free();
	return rc;
}
