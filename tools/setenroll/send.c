/* The step SEND: the same bytes until an answer comes that can be believed (set-protocol 12.7, 12.18). */
#include "tools/common/clock.h"
#include "tools/common/fail.h"
#include "tools/setenroll/http.h"
#include "tools/setenroll/setenroll.h"

#include <errno.h>
#include <time.h>

#define SOFTWARE "setenroll/" SETPKI_VERSION

/* For a message with all its repetitions, where --timeout does not say; before the first repetition, and the most. */
#define TIMEOUT_S 60
#define BACKOFF_MIN_MS 250
#define BACKOFF_MAX_MS 8000
/* For telling the CA what was wrong with its answer. */
#define COMPLAINT_MS 5000

/* Spans are measured by a clock that nobody sets; the time of day is tc_clock_now()'s. */
int64_t
en_moment(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return 1000 * (int64_t)t.tv_sec + t.tv_nsec / 1000000;
}

void
en_nap(int64_t milliseconds)
{
	struct timespec t = {milliseconds / 1000, 1000000 * (milliseconds % 1000)};

	while (nanosleep(&t, &t) != 0 && errno == EINTR)
		;
}

/* Best effort: whether it arrives changes nothing. */
static void
complain(struct en *en, struct en_http h)
{
	struct setpki_der message = {NULL, 0}, answer = {NULL, 0};
	struct setpki_error ignored = {0};

	h.timeout = COMPLAINT_MS;
	if (setpki_enroll_complain(en->e, tc_clock_now(), &message, &ignored) == SETPKI_E_OK)
		(void)en_http_post(&h, EN_BYTES(message), &answer, &ignored);
	setpki_der_free(&message);
	setpki_der_free(&answer);
}

/* An answer that cannot be believed is not asked for again: whoever gave it gives it the next time. */
static enum setpki_code
take_answer(struct en *en, struct en_http *h, setpki_bytes answer)
{
	struct setpki_error *err = EN_ERR(en);
	enum setpki_code rc;

	if (answer.n == 0)
		return tc_fail(err, SETPKI_E_IO, "%s: the server has no answer", h->url);
	rc = setpki_enroll_response(en->e, answer, tc_clock_now(), err);
	h->again = rc == SETPKI_E_NOTFOUND;
	if (rc == SETPKI_E_OK || h->again)
		return rc;
	if (rc != SETPKI_E_CRYPTO && rc != SETPKI_E_MEMORY)
		complain(en, *h);
	return tc_error_in(err, rc, "the CA's answer");
}

static enum setpki_code
try_once(struct en *en, struct en_http *h)
{
	struct setpki_der answer;
	enum setpki_code rc = en_http_post(h, setpki_enroll_request(en->e), &answer, EN_ERR(en));

	if (rc == SETPKI_E_OK)
		rc = take_answer(en, h, EN_BYTES(answer));
	setpki_der_free(&answer);
	return rc;
}

enum setpki_code
en_send(struct en *en)
{
	int64_t most = 1000 * (en->a->timeout > 0 ? en->a->timeout : TIMEOUT_S), end = en_moment() + most;
	int64_t pause = BACKOFF_MIN_MS, wait;
	struct en_http h = {.url = en_state_text(en->state, "url"), .software = SOFTWARE};
	enum setpki_code rc;

	for (;;) {
		h.timeout = end - en_moment();
		if ((rc = try_once(en, &h)) == SETPKI_E_OK || !h.again)
			return rc;
		wait = h.retry_after > pause ? h.retry_after : pause;
		if (en_moment() + wait >= end)
			return rc;
		setpki_error_clear(EN_ERR(en));
		en_nap(wait);
		pause = 2 * pause < BACKOFF_MAX_MS ? 2 * pause : BACKOFF_MAX_MS;
	}
}
