#include "tools/common/secret.h"

#include "tools/common/fail.h"
#include "tools/common/files.h"
#include "tools/common/term.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <string.h>

/* The question begins with a capital. */
static enum setpki_code
ask(const char *what, char *out, size_t cap, size_t *n, struct setpki_error *err)
{
	char prompt[128];

	snprintf(prompt, sizeof(prompt), "%s: ", what);
	prompt[0] = (char)toupper((unsigned char)prompt[0]);
	return tc_ask_secret(prompt, out, cap, n, err);
}

enum setpki_code
tc_secret_line(
    int64_t fd, const char *option, const char *what, char *out, size_t cap, size_t *n, struct setpki_error *err)
{
	enum setpki_code rc;

	if (fd > INT32_MAX)
		return tc_fail(err, SETPKI_E_ARGUMENT, "--%s: there is no such descriptor", option);
	if (fd < 0 && !tc_can_ask())
		return tc_fail(err, SETPKI_E_ARGUMENT,
		    "the %s is asked for at a terminal, and there is none; give it with --%s N", what, option);
	rc = fd >= 0 ? tc_fd_line((int)fd, out, cap, n, err) : ask(what, out, cap, n, err);
	return rc == SETPKI_E_OK ? rc : tc_error_in(err, rc, "%s", what);
}

enum setpki_code
tc_card_number(int64_t fd, const char *option, char *out, size_t cap, size_t *n, struct setpki_error *err)
{
	enum setpki_code rc = tc_secret_line(fd, option, "card number", out, cap, n, err);
	size_t kept = 0;

	for (size_t i = 0; rc == SETPKI_E_OK && i < *n; i++)
		if (memchr(" -\r", out[i], 3) == NULL)
			out[kept++] = out[i];
	if (rc == SETPKI_E_OK) {
		OPENSSL_cleanse(out + kept, *n - kept);
		*n = kept;
	}
	return rc;
}
