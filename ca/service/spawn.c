/* The authority's side, and the frames of both. */
#include "ca/service/spawn.h"

#include "ca/service/spawn_inner.h"
#include "lib/base/limits.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <string.h>

void
ca_verdict_free(struct ca_verdict *v)
{
	sp_buf_free(&v->output);
	memset(v, 0, sizeof(*v));
}

/* --- frames ------------------------------------------------------------------------------------ */

void
ca_check_put(const struct ca_check *c, struct sp_buf *out)
{
	ca_put_str(out, c->path);
	ca_put_u32(out, (uint32_t)c->seconds);
	sp_buf_add(out, c->tag, CA_CHECK_TAG);
	ca_put_bytes(out, c->input);
}

enum setpki_code
ca_check_get(setpki_bytes contents, struct ca_check *out, struct setpki_error *err)
{
	struct ca_reader r = ca_reader(contents);

	out->path = ca_get_str(&r);
	out->seconds = ca_get_u32(&r);
	out->tag = r.p;
	if (!r.bad && r.end - r.p >= CA_CHECK_TAG)
		r.p += CA_CHECK_TAG;
	else
		r.bad = true;
	out->input = ca_get_bytes(&r);
	if (!ca_get_end(&r) || out->path == NULL || out->path[0] != '/' || out->seconds < 1 ||
	    out->seconds > SP_CHECK_SECONDS_MAX)
		return sp_fail(err, SETPKI_E_PARSE, NULL, "a check that cannot be read");
	return SETPKI_E_OK;
}

void
ca_verdict_put(const struct ca_verdict *v, struct sp_buf *out)
{
	sp_buf_add(out, v->tag, sizeof(v->tag));
	ca_put_u8(out, (uint8_t)v->end);
	ca_put_u8(out, (uint8_t)v->status);
	ca_put_bytes(out, sp_buf_bytes(&v->output));
}

static enum setpki_code
verdict_get(setpki_bytes contents, struct ca_verdict *out, struct setpki_error *err)
{
	struct ca_reader r = ca_reader(contents);

	ca_get_raw(&r, out->tag, sizeof(out->tag));
	out->end = (enum ca_check_end)ca_get_enum(&r, CA_CHECK_END_N);
	out->status = ca_get_u8(&r);
	out->output.secret = true; /* whoever was told a card number may repeat it */
	sp_buf_add_bytes(&out->output, ca_get_bytes(&r));
	if (!ca_get_end(&r))
		return sp_fail(err, SETPKI_E_PARSE, NULL, "a verdict that cannot be read");
	return out->output.failed ? sp_fail_memory(err) : SETPKI_E_OK;
}

/* --- asking ------------------------------------------------------------------------------------ */

void
ca_spawn_open(struct ca_spawn *s, int fd)
{
	*s = (struct ca_spawn){.stream = {.fd = fd, .in = {.secret = true}}, .others = -1};
}

void
ca_spawn_close(struct ca_spawn *s)
{
	while (s->nkept > 0)
		ca_verdict_free(&s->kept[--s->nkept]);
	OPENSSL_free(s->kept);
	s->kept = NULL;
	ca_stream_free(&s->stream);
}

static enum setpki_code
send_check(struct ca_spawn *s, const struct ca_check *c, struct setpki_error *err)
{
	struct sp_buf contents = {.secret = true}, frame = {.secret = true};
	enum setpki_code rc;

	if (c->path[0] != '/' || strlen(c->path) > SP_CHECK_PATH_MAX)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "'%.100s' is not the absolute path of a program", c->path);
	if (c->seconds < 1 || c->seconds > SP_CHECK_SECONDS_MAX || c->input.n > SP_CHECK_INPUT_MAX)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "a check of %zu octets and %lld seconds", c->input.n,
		    (long long)c->seconds);
	ca_check_put(c, &contents);
	ca_frame_put(&frame, CA_FRAME_CHECK, ++s->id, sp_buf_bytes(&contents));
	rc = frame.failed ? sp_fail_memory(err) : ca_frame_send(s->stream.fd, sp_buf_bytes(&frame), err);
	sp_buf_free(&contents);
	sp_buf_free(&frame);
	return rc;
}

/* How long (ca_ticks()) a verdict is waited for: until `soon` whoever else waits, then until `late`. */
struct patience {
	int64_t soon, late;
};

/* Whether octets came. */
static bool
wait_readable(const struct ca_spawn *s, const struct patience *until)
{
	for (;;) {
		int64_t now = ca_ticks(), end = now < until->soon ? until->soon : until->late;
		struct pollfd p[] = {{s->stream.fd, POLLIN, 0}, {now < until->soon ? -1 : s->others, POLLIN, 0}};
		int n = poll(p, 2, end > now ? (int)(end - now) : 0);

		if (n > 0 || (n < 0 && errno != EINTR) || (n == 0 && end == until->late))
			return n > 0 && p[0].revents != 0;
	}
}

/* The next verdict of the stream. */
static enum setpki_code
read_verdict(
    struct ca_spawn *s, const struct patience *until, struct ca_verdict *out, bool *got, struct setpki_error *err)
{
	struct ca_frame f;
	bool end = false;
	enum setpki_code rc;

	for (;;) {
		if ((rc = ca_stream_take(&s->stream, CA_FRAME_BIT(CA_FRAME_VERDICT), &f, got, err)) != SETPKI_E_OK)
			return rc;
		if (*got) {
			rc = verdict_get(f.contents, out, err);
			ca_stream_drop(&s->stream);
			return rc;
		}
		if (!wait_readable(s, until))
			return SETPKI_E_OK;
		if ((rc = ca_stream_fill(&s->stream, &end, err)) != SETPKI_E_OK)
			return rc;
		if (end)
			return sp_fail(err, SETPKI_E_IO, NULL, "the process that runs checks is gone");
	}
}

static enum setpki_code
keep(struct ca_spawn *s, struct ca_verdict *v, struct setpki_error *err)
{
	struct ca_verdict *kept;

	if (s->nkept == SP_CHECKS_MAX)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "more verdicts than checks can be at work");
	if ((kept = OPENSSL_realloc(s->kept, (s->nkept + 1) * sizeof(*kept))) == NULL)
		return sp_fail_memory(err);
	s->kept = kept;
	kept[s->nkept++] = *v; /* moves */
	memset(v, 0, sizeof(*v));
	return SETPKI_E_OK;
}

enum setpki_code
ca_spawn_check(struct ca_spawn *s, const struct ca_check *check, int wait_ms, struct ca_verdict *out, bool *got,
    struct setpki_error *err)
{
	int64_t now = ca_ticks();
	const struct patience until = {
	    now + (wait_ms < SP_CHECK_WAIT_OTHERS_MS ? wait_ms : SP_CHECK_WAIT_OTHERS_MS), now + wait_ms};
	bool any = true;
	enum setpki_code rc = send_check(s, check, err);

	*got = false;
	while (rc == SETPKI_E_OK && any && !*got) {
		rc = read_verdict(s, &until, out, &any, err);
		*got = any && rc == SETPKI_E_OK && memcmp(out->tag, check->tag, CA_CHECK_TAG) == 0;
		if (rc == SETPKI_E_OK && any && !*got)
			rc = keep(s, out, err);
	}
	if (!*got)
		ca_verdict_free(out);
	return rc;
}

enum setpki_code
ca_spawn_next(struct ca_spawn *s, struct ca_verdict *out, bool *got, struct setpki_error *err)
{
	static const struct patience none = {0, 0};
	enum setpki_code rc;

	if (s->nkept > 0) {
		*out = s->kept[--s->nkept];
		*got = true;
		return SETPKI_E_OK;
	}
	rc = read_verdict(s, &none, out, got, err);
	if (rc != SETPKI_E_OK)
		ca_verdict_free(out);
	return rc;
}
