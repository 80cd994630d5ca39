/* Answers in frames: their words and bytes, on both sides. */
#include "ca/service/authority.h"
#include "ca/store/codec.h"
#include "lib/base/limits.h"

#include <string.h>

void
ca_answer_free(struct ca_answer *answer)
{
	sp_buf_free(&answer->body);
	memset(answer, 0, sizeof(*answer));
}

void
ca_answer_put(const struct ca_answer *answer, struct sp_buf *out)
{
	ca_put_u8(out, (uint8_t)answer->hint);
	ca_put_str(out, answer->message);
	ca_put_str(out, answer->outcome);
	ca_put_bytes(out, answer->hint == CA_HINT_ANSWER ? sp_buf_bytes(&answer->body) : (setpki_bytes){NULL, 0});
	if (answer->body.failed) {
		sp_buf_free(out);
		out->failed = true;
	}
}

/* Words become labels of metrics and members of the log. */
static bool
is_word(const char *s)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
	size_t n = s != NULL ? strspn(s, safe) : 0;

	return n != 0 && n < SP_SERVICE_WORD_MAX && s[n] == '\0';
}

enum setpki_code
ca_answer_get(setpki_bytes contents, struct ca_answer_read *out, struct setpki_error *err)
{
	struct ca_reader r = ca_reader(contents);

	out->hint = (enum ca_hint)ca_get_enum(&r, CA_HINT_N);
	out->message = ca_get_str(&r);
	out->outcome = ca_get_str(&r);
	out->body = ca_get_bytes(&r);
	if (!ca_get_end(&r) || !is_word(out->message) || !is_word(out->outcome) ||
	    (out->hint == CA_HINT_ANSWER) != (out->body.n != 0))
		return sp_fail(err, SETPKI_E_PARSE, NULL, "an answer that cannot be read");
	return SETPKI_E_OK;
}
