/* Reading piece by piece. */
#include "tools/common/input.h"

#include "tools/common/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>
#include <unistd.h>

enum setpki_code
tc_input_open(const char *path, struct tc_input *in, struct setpki_error *err)
{
	memset(in, 0, sizeof(*in));
	in->name = strcmp(path, "-") == 0 ? "standard input" : path;
	in->fd = in->name != path ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (in->fd >= 0)
		return SETPKI_E_OK;
	return tc_fail(err, errno == ENOENT ? SETPKI_E_NOTFOUND : SETPKI_E_IO, "%s: %s", path,
	    errno == ENOENT ? "there is no such file" : strerror(errno));
}

void
tc_input_close(struct tc_input *in)
{
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	OPENSSL_cleanse(in->buf, sizeof(in->buf));
	in->fd = -1;
	in->n = in->at = 0;
}

/* More octets, once all are given out; none at the end. */
static enum setpki_code
fill(struct tc_input *in, struct setpki_error *err)
{
	ssize_t got;

	if (in->at < in->n)
		return SETPKI_E_OK;
	do {
		got = read(in->fd, in->buf, sizeof(in->buf));
	} while (got < 0 && errno == EINTR);
	in->at = 0;
	in->n = got > 0 ? (size_t)got : 0;
	if (got >= 0)
		return SETPKI_E_OK;
	return tc_fail(err, SETPKI_E_IO, "%s: cannot be read: %s", in->name, strerror(errno));
}

enum setpki_code
tc_input_peek(struct tc_input *in, char *first, struct setpki_error *err)
{
	enum setpki_code rc;

	*first = '\0';
	while ((rc = fill(in, err)) == SETPKI_E_OK && in->n > 0) {
		if (strchr(" \t\r\n", in->buf[in->at]) == NULL) {
			*first = in->buf[in->at];
			break;
		}
		in->line += in->buf[in->at++] == '\n';
	}
	return rc;
}

static enum setpki_code
bad_line(struct tc_input *in, enum setpki_code code, const char *what, struct setpki_error *err)
{
	return tc_fail(err, code, "%s: line %u: %s", in->name, in->line, what);
}

enum setpki_code
tc_input_line(struct tc_input *in, char *out, size_t cap, struct setpki_error *err)
{
	enum setpki_code rc;
	size_t n = 0;
	char c = '\0';

	if ((rc = fill(in, err)) != SETPKI_E_OK || in->n == 0)
		return rc == SETPKI_E_OK ? SETPKI_E_NOTFOUND : rc;
	in->line++;
	while ((rc = fill(in, err)) == SETPKI_E_OK && in->n > 0 && (c = in->buf[in->at++]) != '\n') {
		if (c == '\0')
			return bad_line(in, SETPKI_E_PARSE, "not a text file", err);
		if (n + 1 >= cap)
			return bad_line(in, SETPKI_E_LIMIT, "longer than any that belongs here", err);
		out[n++] = c;
	}
	if (n > 0 && out[n - 1] == '\r')
		n--;
	out[n] = '\0';
	return rc;
}

enum setpki_code
tc_input_read(struct tc_input *in, void *out, size_t n, size_t *got, struct setpki_error *err)
{
	enum setpki_code rc = fill(in, err);

	*got = in->n - in->at < n ? in->n - in->at : n;
	memcpy(out, in->buf + in->at, *got);
	in->at += *got;
	return rc;
}
