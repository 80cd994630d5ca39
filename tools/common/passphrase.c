/* Passphrases: one piece of code for every command and every source. */
#include "tools/common/fail.h"
#include "tools/common/files.h"
#include "tools/common/term.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct tc_pass {
	bool given;	     /* from a descriptor or credential, in one or two lines: */
	char *pass, *second; /* for every key; for the next root's, if there is one.  Secure memory */
	size_t n, nsecond;
	char *typed; /* at the terminal, for another key before; secure memory */
	size_t ntyped;
};

static enum setpki_code
read_given(struct tc_pass *p, int fd, const char *source, struct setpki_error *err)
{
	struct setpki_error none = {0};
	enum setpki_code rc;

	if ((p->pass = OPENSSL_secure_zalloc(TC_PASS_MAX)) == NULL)
		return tc_fail_memory(err);
	if ((rc = tc_fd_line(fd, p->pass, TC_PASS_MAX, &p->n, err)) != SETPKI_E_OK)
		return tc_error_in(err, rc, "%s", source);
	if (p->n == 0)
		return tc_fail(err, SETPKI_E_ARGUMENT, "%s: the passphrase is empty", source);
	p->given = true;
	if ((p->second = OPENSSL_secure_zalloc(TC_PASS_MAX)) == NULL)
		return tc_fail_memory(err);
	if ((rc = tc_fd_line(fd, p->second, TC_PASS_MAX, &p->nsecond, &none)) != SETPKI_E_OK && rc != SETPKI_E_NOTFOUND)
		return tc_fail(err, rc, "%s: second line: %s", source, none.message);
	return SETPKI_E_OK;
}

/* systemd puts credentials into a folder of the service (systemd.exec, LoadCredential=). */
static enum setpki_code
read_credential(struct tc_pass *p, struct setpki_error *err)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	enum setpki_code rc;
	char path[4096];
	int fd;

	if (folder == NULL || (size_t)snprintf(path, sizeof(path), "%s/passphrase", folder) >= sizeof(path))
		return SETPKI_E_OK;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return errno == ENOENT
		    ? SETPKI_E_OK
		    : tc_fail(err, SETPKI_E_IO, "systemd credential 'passphrase': %s", strerror(errno));
	rc = read_given(p, fd, "systemd credential 'passphrase'", err);
	close(fd);
	return rc;
}

enum setpki_code
tc_pass_new(int64_t fd, struct tc_pass **out, struct setpki_error *err)
{
	struct tc_pass *p = calloc(1, sizeof(*p));
	enum setpki_code rc;

	*out = NULL;
	if (p == NULL)
		return tc_fail_memory(err);
	if (fd > INT32_MAX)
		rc = tc_fail(err, SETPKI_E_ARGUMENT, "--passphrase-fd: there is no such descriptor");
	else if (fd >= 0)
		rc = read_given(p, (int)fd, "--passphrase-fd", err);
	else
		rc = read_credential(p, err);
	if (rc == SETPKI_E_OK)
		*out = p;
	else
		tc_pass_free(p);
	return rc;
}

void
tc_pass_free(struct tc_pass *p)
{
	if (p == NULL)
		return;
	OPENSSL_secure_clear_free(p->pass, TC_PASS_MAX);
	OPENSSL_secure_clear_free(p->second, TC_PASS_MAX);
	OPENSSL_secure_clear_free(p->typed, TC_PASS_MAX);
	free(p);
}

bool
tc_pass_wrong(void *arg)
{
	struct tc_pass *p = arg;

	if (p->given || !tc_can_ask())
		return false;
	p->ntyped = 0;
	tc_tell("This is not the passphrase.");
	return true;
}

bool
tc_pass_available(const struct tc_pass *p)
{
	return p->given || tc_can_ask();
}

static enum setpki_code
give(const char *pass, size_t len, char *out, size_t cap, size_t *n, struct setpki_error *err)
{
	if (len >= cap)
		return tc_fail(err, SETPKI_E_LIMIT, "the passphrase is longer than %zu octets", cap - 1);
	memcpy(out, pass, len);
	out[len] = '\0';
	*n = len;
	return SETPKI_E_OK;
}

/* --- at the terminal --------------------------------------------------------------------------- */

/* Once, or twice for a new one: *agree says whether both were the same. */
static enum setpki_code
type_once(const char *prompt, bool confirm, char *out, size_t cap, size_t *n, bool *agree, struct setpki_error *err)
{
	char *again;
	enum setpki_code rc = tc_ask_secret(prompt, out, cap, n, err);
	size_t m;

	*agree = true;
	if (rc != SETPKI_E_OK || !confirm || *n == 0)
		return rc;
	if ((again = OPENSSL_secure_zalloc(TC_PASS_MAX)) == NULL)
		return tc_fail_memory(err);
	if ((rc = tc_ask_secret("The same again: ", again, TC_PASS_MAX, &m, err)) == SETPKI_E_OK)
		*agree = m == *n && CRYPTO_memcmp(again, out, m) == 0;
	OPENSSL_secure_clear_free(again, TC_PASS_MAX);
	return rc;
}

/* For the next key; the next root's is not offered to others, nor others' to it. */
static void
keep_typed(struct tc_pass *p, const char *pass, size_t n)
{
	if (p->typed == NULL && (p->typed = OPENSSL_secure_zalloc(TC_PASS_MAX)) == NULL)
		return;
	if (n < TC_PASS_MAX) {
		memcpy(p->typed, pass, n);
		p->ntyped = n;
	}
}

/* Until something was typed, and both agree; three tries. */
static enum setpki_code
ask_terminal(
    struct tc_pass *p, const char *what, bool confirm, char *out, size_t cap, size_t *n, struct setpki_error *err)
{
	bool second = strstr(what, TC_PASS_SECOND) != NULL, offer = p->ntyped > 0 && !second, agree;
	enum setpki_code rc;
	char prompt[320];

	snprintf(prompt, sizeof(prompt), "%s for %s%s: ", confirm ? "New passphrase" : "Passphrase", what,
	    offer ? " (Enter: the one before)" : "");
	for (int tries = 0; tries < 3; tries++) {
		if ((rc = type_once(prompt, confirm, out, cap, n, &agree, err)) != SETPKI_E_OK)
			return rc;
		if (*n == 0 && offer)
			return give(p->typed, p->ntyped, out, cap, n, err);
		if (*n > 0 && agree) {
			if (!second)
				keep_typed(p, out, *n);
			return SETPKI_E_OK;
		}
		tc_tell(*n == 0 ? "A passphrase cannot be empty." : "The two differ.");
	}
	return tc_fail(err, SETPKI_E_STATE, "no passphrase for %s", what);
}

enum setpki_code
tc_pass_ask(void *arg, const char *what, bool confirm, char *out, size_t cap, size_t *n, struct setpki_error *err)
{
	struct tc_pass *p = arg;

	if (p->given && p->nsecond > 0 && strstr(what, TC_PASS_SECOND) != NULL)
		return give(p->second, p->nsecond, out, cap, n, err);
	if (p->given)
		return give(p->pass, p->n, out, cap, n, err);
	if (!tc_can_ask())
		return tc_fail(err, SETPKI_E_ARGUMENT,
		    "the passphrase for %s is needed, and there is no terminal to ask at; give it with "
		    "--passphrase-fd N or as the systemd credential 'passphrase'",
		    what);
	return ask_terminal(p, what, confirm, out, cap, n, err);
}
