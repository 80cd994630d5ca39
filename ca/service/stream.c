#include "ca/service/stream.h"

#include "lib/base/limits.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define READ_AT_ONCE 65536u
/* More than this is never waiting: the longest frame, and what one reading may bring beyond it. */
#define WAITING_MAX (SP_MESSAGE_MAX + 4096u + READ_AT_ONCE)

int64_t
ca_ticks(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- a stream ---------------------------------------------------------------------------------- */

void
ca_stream_drop(struct ca_stream *s)
{
	if (s->taken == 0)
		return;
	memmove(s->in.p, s->in.p + s->taken, s->in.n - s->taken);
	s->in.n -= s->taken;
	if (s->in.secret)
		OPENSSL_cleanse(s->in.p + s->in.n, s->taken);
	s->taken = 0;
}

enum setpki_code
ca_stream_fill(struct ca_stream *s, bool *end, struct setpki_error *err)
{
	uint8_t *to;
	ssize_t n;

	*end = false;
	ca_stream_drop(s);
	if (s->in.n > WAITING_MAX)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "%zu octets are waiting already", s->in.n);
	if ((to = sp_buf_extend(&s->in, READ_AT_ONCE)) == NULL)
		return sp_fail_memory(err);
	do {
		n = read(s->fd, to, READ_AT_ONCE);
	} while (n < 0 && errno == EINTR);
	s->in.n -= READ_AT_ONCE - (n > 0 ? (size_t)n : 0);
	if (n < 0 && errno != EAGAIN && errno != ECONNRESET)
		return sp_fail(err, SETPKI_E_IO, NULL, "reading a frame: %s", strerror(errno));
	*end = n == 0 || (n < 0 && errno == ECONNRESET);
	if (*end && s->in.n != 0)
		return sp_fail(err, SETPKI_E_PARSE, NULL, "it ended in the middle of a frame");
	return SETPKI_E_OK;
}

enum setpki_code
ca_stream_take(struct ca_stream *s, unsigned types, struct ca_frame *out, bool *got, struct setpki_error *err)
{
	setpki_bytes rest = sp_bytes(s->in.p + s->taken, s->in.n - s->taken);
	size_t used = 0;
	enum setpki_code rc = SETPKI_E_OK;

	if (rest.n != 0)
		rc = ca_frame_next(rest, types, out, &used, err);
	*got = used != 0;
	s->taken += used;
	if (used != 0 || rest.n == 0)
		s->partial = 0;
	else if (s->partial == 0)
		s->partial = ca_ticks();
	return rc;
}

int
ca_stream_patience(const struct ca_stream *s, int64_t now)
{
	int64_t left = s->partial + CA_FRAME_STALL_MS - now;

	if (s->partial == 0)
		return -1;
	return left > 0 ? (int)left : 0;
}

void
ca_stream_free(struct ca_stream *s)
{
	if (s->fd >= 0)
		close(s->fd);
	sp_buf_free(&s->in);
	*s = (struct ca_stream){.fd = -1};
}

/* --- sending ----------------------------------------------------------------------------------- */

static enum setpki_code
wait_writable(int fd, int64_t until, struct setpki_error *err)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int64_t left;
	int n;

	do {
		left = until - ca_ticks();
		n = left > 0 ? poll(&p, 1, (int)left) : 0;
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		return SETPKI_E_OK;
	return sp_fail(
	    err, SETPKI_E_IO, NULL, "sending a frame: %s", n == 0 ? "the other side takes nothing" : strerror(errno));
}

enum setpki_code
ca_frame_send(int fd, setpki_bytes b, struct setpki_error *err)
{
	int64_t until = ca_ticks() + CA_FRAME_STALL_MS;
	enum setpki_code rc = SETPKI_E_OK;

	while (b.n != 0 && rc == SETPKI_E_OK) {
		ssize_t n = send(fd, b.p, b.n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0)
			b = sp_bytes(b.p + n, b.n - (size_t)n);
		else if (errno == EAGAIN)
			rc = wait_writable(fd, until, err);
		else if (errno != EINTR)
			rc = sp_fail(err, SETPKI_E_IO, NULL, "sending a frame: %s", strerror(errno));
	}
	return rc;
}

bool
ca_frame_closed(int fd)
{
	struct pollfd p = {fd, 0, 0};

	return poll(&p, 1, 0) == 1 && (p.revents & POLLHUP) != 0;
}

/* --- with a descriptor ------------------------------------------------------------------------- */

/* Room for one, aligned as the kernel wants it. */
union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

enum setpki_code
ca_frame_send_with(int fd, const struct sp_buf *frame, int with, bool *busy, struct setpki_error *err)
{
	union control control = {0};
	struct iovec v = {frame->p, frame->n};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
	ssize_t n;

	*busy = false;
	if (frame->failed)
		return sp_fail_memory(err);
	if (with >= 0) {
		m.msg_control = control.room;
		m.msg_controllen = sizeof(control.room);
		control.head = (struct cmsghdr){
		    .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(&control.head), &with, sizeof(with));
	}
	do {
		n = sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	*busy = n < 0 && errno == EAGAIN;
	if (n < 0 && !*busy)
		return sp_fail(err, SETPKI_E_IO, NULL, "sending a frame: %s", strerror(errno));
	return SETPKI_E_OK;
}

/* A pair of SOCK_SEQPACKET says its end by a message of no octets. */
static enum setpki_code
take_message(const struct msghdr *m, ssize_t n, struct sp_buf *room, int *with, struct setpki_error *err)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(m);

	if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(with, CMSG_DATA(c), sizeof(*with));
	room->n = (size_t)n;
	if ((m->msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "a frame longer than any may be");
	return SETPKI_E_OK;
}

enum setpki_code
ca_frame_receive_with(int fd, unsigned types, struct sp_buf *room, struct ca_frame *out, int *with, bool *got,
    bool *end, struct setpki_error *err)
{
	union control control = {0};
	struct iovec v;
	struct msghdr m = {
	    .msg_iov = &v, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control.room)};
	size_t used = 0;
	ssize_t n;
	enum setpki_code rc;

	*with = -1;
	*got = *end = false;
	sp_buf_reset(room);
	v.iov_len = SP_SERVICE_STATS_MAX + 1024;
	if ((v.iov_base = sp_buf_extend(room, v.iov_len)) == NULL)
		return sp_fail_memory(err);
	do {
		n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return SETPKI_E_OK;
	if (n < 0)
		return sp_fail(err, SETPKI_E_IO, NULL, "reading a frame: %s", strerror(errno));
	*end = n == 0;
	if ((rc = take_message(&m, n, room, with, err)) == SETPKI_E_OK)
		rc = ca_frame_next(sp_buf_bytes(room), types, out, &used, err);
	*got = used != 0 && used == room->n;
	if (rc == SETPKI_E_OK && !*got && !*end)
		rc = sp_fail(err, SETPKI_E_PARSE, NULL, "a message that is not one frame");
	if (!*got && *with >= 0) {
		close(*with);
		*with = -1;
	}
	return rc;
}
