/* setenroll at a terminal: what is asked, what stays from the screen, and what is asked again. */
#include "tests/support/applicant.h"
#include "tests/support/check.h"
#include "tests/support/cli.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_MS 20000

/* What is typed once the screen shows a text. */
struct typed {
	const char *prompt, *text;
};

struct screen {
	int fd;
	pid_t pid;
	char text[16384];
	size_t n, seen; /* up to where prompts were found */
};

static void
start(struct screen *s, const char *line)
{
	memset(s, 0, sizeof(*s));
	assert_true((s->pid = forkpty(&s->fd, NULL, NULL, NULL)) >= 0);
	if (s->pid == 0) {
		execl("/bin/sh", "sh", "-c", line, (char *)NULL);
		_exit(127);
	}
}

/* More of the screen; false at its end. */
static bool
look(struct screen *s)
{
	struct pollfd p = {s->fd, POLLIN, 0};
	ssize_t got;

	if (poll(&p, 1, WAIT_MS) <= 0)
		fail_msg("nothing more came to the screen:\n%s", s->text);
	assert_true(s->n + 1 < sizeof(s->text));
	if ((got = read(s->fd, s->text + s->n, sizeof(s->text) - 1 - s->n)) <= 0)
		return false;
	s->n += (size_t)got;
	s->text[s->n] = '\0';
	return true;
}

static void
type(struct screen *s, const struct typed *t)
{
	const char *at;

	while ((at = strstr(s->text + s->seen, t->prompt)) == NULL)
		if (!look(s))
			fail_msg("'%s' was not asked:\n%s", t->prompt, s->text);
	s->seen = (size_t)(at - s->text) + strlen(t->prompt);
	assert_int_equal(dprintf(s->fd, "%s\n", t->text), (int)strlen(t->text) + 1);
}

static int
finish(struct screen *s)
{
	int st;

	while (look(s))
		;
	close(s->fd);
	assert_int_equal(waitpid(s->pid, &st, 0), s->pid);
	return WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
}

/* All of it typed: the exit status, and the screen in `s`. */
static int
run(struct screen *s, const char *line, const struct typed *typed, size_t n)
{
	start(s, line);
	for (size_t i = 0; i < n; i++)
		type(s, &typed[i]);
	return finish(s);
}

static void
everything_is_asked(void **state)
{
	static const struct typed typed[] = {
	    {"New passphrase for the keys in d: ", "of a wallet"}, {"The same again: ", "of a wallet"},
	    {"Card number: ", "4123x"},
	    {"not 1 to 19 digits.\r\nCard number: ", "4123 4500-0000 0008"}, /* as it is printed */
	    {"The rules apply.", ""},					     /* an empty line is no yes */
	};
	static const struct typed more[] = {
	    {"Passphrase for the keys in d: ", "of another"},
	    {"not the passphrase.\r\nPassphrase for the keys in d: ", "of a wallet"},
	    {"Do you agree to them? [y/N] ", "yes"},
	    {"Name on the card: ", ""}, /* asked until it will do; what is behind it once */
	    {"\"Name on the card\" has to be filled in", ""},
	    {"\"Name on the card\" has to be filled in", "Alice"},
	    {"Pass phrase [optional]: ", "sesame"},
	};
	struct applicant a;
	struct screen s;

	(void)state;
	applicant_begin(&a, "asked", &applicant_regs[1]);
	applicant_serve(&a, NULL);
	assert_int_equal(
	    run(&s, "setenroll cardholder --expiry 203012 --url $URL --brand " REG_BRAND_ID " --root root.cer --dir d",
		typed, NELEMS(typed)),
	    1);
	assert_non_null(strstr(s.text, "were not agreed to, and nothing was sent; 'setenroll status --dir d' goes on"));
	assert_null(strstr(s.text, APPLICANT_PAN));
	assert_null(strstr(s.text, "of a wallet"));
	assert_int_equal(run(&s, "setenroll status --dir d", more, NELEMS(more)), 0);
	assert_null(strstr(s.text, "sesame"));
	is_tidy("d", applicant_roles[CARD].files);
	cli_ok("openssl pkey -in d/signature.key -passin file:pass.txt -noout");
	applicant_end(&a);
}

/* What the CA found wrong, and nothing else, with its reason; all of it is where the person is. */
static void
what_the_ca_refuses_is_asked_again(void **state)
{
	static char why[] = "as on the card, please";
	static const struct setpki_failed_item failed[] = {{1, why}};
	static const struct typed typed[] = {
	    {"The rules apply.\r\n\r\nDo you agree to them? [y/N] ", "y"},
	    {"Name on the card: ", "Alyce"},
	    {"Pass phrase [optional]: ", "sesame"},
	    {"\"Name on the card\": as on the card, please\r\nName on the card: ", "Alice"},
	};
	struct applicant a;
	struct screen s;

	(void)state;
	applicant_begin(&a, "corrected", &applicant_regs[1]);
	a.desk.status = SETPKI_STATUS_FORM_MALFORMED;
	a.desk.failed = failed;
	a.desk.nfailed = 1;
	a.desk.then = SETPKI_STATUS_COMPLETE;
	applicant_serve(&a, NULL);
	assert_int_equal(run(&s, "setenroll " CARD_LINE COMMON "--root root.cer >out 2>err", typed, NELEMS(typed)), 0);
	assert_null(strstr(strstr(s.text, "as on the card, please"), "Pass phrase"));
	is_tidy("d", applicant_roles[CARD].files);
	cli_ok("test ! -s err && grep -q 'state  *done' out");
	has_posts(4);
	applicant_end(&a);
}

/* The merchant's account comes first. */
static void
the_account_is_asked(void **state)
{
	static const struct typed typed[] = {
	    {"Do you agree to them? [y/N] ", "y"},
	    {"Account: ", "12-34"},
	    {"Name on the card: ", "Bob"},
	    {"Pass phrase [optional]: ", ""},
	};
	struct applicant a;
	struct screen s;

	(void)state;
	applicant_begin(&a, "account", &applicant_regs[1]);
	a.desk.asks_account = true;
	applicant_serve(&a, NULL);
	assert_int_equal(
	    run(&s, "setenroll merchant --bin " REG_BIN " --merchant-id " REG_MERCHANT_ID " " COMMON "--root root.cer",
		typed, NELEMS(typed)),
	    0);
	is_tidy("d", applicant_roles[MERCHANT].files);
	applicant_end(&a);
}

/* It is no item of the form: what is wrong with it the CA says in a text of its own. */
static void
a_refused_account_is_asked_again(void **state)
{
	static const struct typed typed[] = {
	    {"Do you agree to them? [y/N] ", "y"},
	    {"Account: ", "12-34"},
	    {"Name on the card: ", "Bob"},
	    {"Pass phrase [optional]: ", ""},
	    {"account: not one of ours\r\nAccount: ", "56-78"},
	    {"Name on the card: ", "Bob"},
	    {"Pass phrase [optional]: ", ""},
	};
	struct applicant a;
	struct screen s;

	(void)state;
	applicant_begin(&a, "account-again", &applicant_regs[1]);
	a.desk.asks_account = true;
	a.desk.status = SETPKI_STATUS_FORM_MALFORMED;
	a.desk.message = "account: not one of ours";
	a.desk.then = SETPKI_STATUS_COMPLETE;
	applicant_serve(&a, NULL);
	assert_int_equal(
	    run(&s, "setenroll merchant --bin " REG_BIN " --merchant-id " REG_MERCHANT_ID " " COMMON "--root root.cer",
		typed, NELEMS(typed)),
	    0);
	is_tidy("d", applicant_roles[MERCHANT].files);
	applicant_end(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(everything_is_asked),
	    cmocka_unit_test(what_the_ca_refuses_is_asked_again),
	    cmocka_unit_test(the_account_is_asked),
	    cmocka_unit_test(a_refused_account_is_asked_again),
	};

	return cmocka_run_group_tests_name("cli/enroll_terminal", tests, applicant_setup, applicant_teardown);
}
