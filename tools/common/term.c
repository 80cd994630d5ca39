/* Questions at the terminal. */
#include "tools/common/term.h"

#include "tools/common/fail.h"
#include "tools/common/files.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static int
open_terminal(void)
{
	return open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
}

bool
tc_can_ask(void)
{
	int fd = open_terminal();

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* --- echo off, and on again whatever happens --- */

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
#define NENDING (sizeof(ending) / sizeof(ending[0]))

/* What a signal handler needs: one question is asked at a time. */
static struct {
	int fd;
	struct termios before;
	struct sigaction old[NENDING];
} hidden;

/* A signal that ends the process leaves the terminal as it was (tcsetattr() is async-signal-safe). */
static void
restore_and_die(int sig)
{
	tcsetattr(hidden.fd, TCSAFLUSH, &hidden.before);
	raise(sig); /* SA_RESETHAND: the default action now */
}

static bool
hide(int fd)
{
	struct sigaction sa = {.sa_handler = restore_and_die, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};
	struct termios quiet;
	size_t i;

	if (tcgetattr(fd, &hidden.before) != 0)
		return false;
	hidden.fd = fd;
	for (i = 0; i < NENDING; i++)
		sigaction(ending[i], &sa, &hidden.old[i]);
	quiet = hidden.before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	return tcsetattr(fd, TCSAFLUSH, &quiet) == 0;
}

static void
unhide(void)
{
	size_t i;

	tcsetattr(hidden.fd, TCSAFLUSH, &hidden.before);
	for (i = 0; i < NENDING; i++)
		sigaction(ending[i], &hidden.old[i], NULL);
}

/* What is typed has no descriptor for whoever types it. */
static enum setpki_code
answered(enum setpki_code rc, const struct setpki_error *why, struct setpki_error *err)
{
	if (rc == SETPKI_E_NOTFOUND)
		return tc_fail(err, SETPKI_E_STATE, "no answer was typed");
	if (rc == SETPKI_E_LIMIT)
		return tc_fail(err, rc, "what was typed is too long");
	return rc == SETPKI_E_OK ? rc : tc_fail(err, rc, "the terminal: %s", why->message);
}

/* Asks and reads one line; echo off around it if `secret`. */
static enum setpki_code
ask(const char *prompt, bool secret, char *out, size_t cap, size_t *n, struct setpki_error *err)
{
	struct setpki_error why = {0};
	enum setpki_code rc;
	int fd = open_terminal();

	if (fd < 0)
		return tc_fail(err, SETPKI_E_STATE, "there is no terminal to ask at: %s", prompt);
	if (secret && !hide(fd)) {
		close(fd);
		return tc_fail(err, SETPKI_E_STATE, "the terminal cannot hide what is typed");
	}
	tc_progress_end();
	dprintf(fd, "%s", prompt);
	rc = tc_fd_line(fd, out, cap, n, &why);
	if (secret || rc == SETPKI_E_NOTFOUND)
		dprintf(fd, "\n");
	if (secret)
		unhide();
	close(fd);
	return answered(rc, &why, err);
}

void
tc_tell(const char *fmt, ...)
{
	int fd = open_terminal();
	va_list ap;

	if (fd < 0)
		return;
	tc_progress_end();
	va_start(ap, fmt);
	vdprintf(fd, fmt, ap);
	va_end(ap);
	dprintf(fd, "\n");
	close(fd);
}

enum setpki_code
tc_ask_line(const char *prompt, char *out, size_t cap, struct setpki_error *err)
{
	size_t n;

	return ask(prompt, false, out, cap, &n, err);
}

enum setpki_code
tc_ask_secret(const char *prompt, char *out, size_t cap, size_t *n, struct setpki_error *err)
{
	return ask(prompt, true, out, cap, n, err);
}

enum setpki_code
tc_confirm(bool yes, const char *question, struct setpki_error *err)
{
	enum setpki_code rc;
	char prompt[512], answer[16];

	if (yes)
		return SETPKI_E_OK;
	if (!tc_can_ask())
		return tc_fail(err, SETPKI_E_ARGUMENT,
		    "there is no terminal to ask at, and nothing was changed; --yes says yes beforehand");
	snprintf(prompt, sizeof(prompt), "%s [y/N] ", question);
	if ((rc = tc_ask_line(prompt, answer, sizeof(answer), err)) != SETPKI_E_OK)
		return rc;
	if (strcmp(answer, "y") == 0 || strcmp(answer, "yes") == 0)
		return SETPKI_E_OK;
	return tc_fail(err, SETPKI_E_STATE, "not confirmed: nothing was changed");
}

const char *
tc_colour(FILE *to, enum tc_colour colour)
{
	static const char *const escape[] = {"\033[0m", "\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[33m"};
	const char *none = getenv("NO_COLOR");

	if ((none != NULL && none[0] != '\0') || !isatty(fileno(to)))
		return "";
	return escape[colour];
}
