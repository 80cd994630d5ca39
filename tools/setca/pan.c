/* A card number from a terminal or a descriptor, never from the command line. */
#include "tools/common/fail.h"
#include "tools/common/files.h"
#include "tools/setca/setca.h"

enum setpki_code
setca_read_pan(struct setca *s, int64_t fd, char *out, size_t cap)
{
	struct setpki_error *err = SETCA_ERR(s);
	enum setpki_code rc;
	size_t n;

	if (fd > INT32_MAX)
		return tc_fail(err, SETPKI_E_ARGUMENT, "--pan-fd: there is no such descriptor");
	if (fd >= 0)
		rc = tc_fd_line((int)fd, out, cap, &n, err);
	else if (!tc_can_ask())
		return tc_fail(err, SETPKI_E_ARGUMENT,
		    "the card number is asked for at a terminal, and there is none; give it with --pan-fd N");
	else
		rc = tc_ask_secret("Card number: ", out, cap, &n, err);
	return rc == SETPKI_E_OK ? rc : tc_error_in(err, rc, "card number");
}
