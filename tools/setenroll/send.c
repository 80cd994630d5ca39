/* The step SEND: the same bytes until an answer comes that can be believed (set-protocol 12.7, 12.18). */
#include "tools/common/clock.h"
#include "tools/common/fail.h"
#include "tools/setenroll/http.h"
#include "tools/setenroll/setenroll.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#define SOFTWARE "setenroll/" SETPKI_VERSION

/* For a message with all its repetitions, where --timeout does not say; before the first repetition, and the most. */
#define TIMEOUT_S 60
#define BACKOFF_MIN_MS 250
#define BACKOFF_MAX_MS 8000
/* An unsigned Error is what a CA says that knows neither the brand nor the account: that does not pass. */
#define UNSIGNED_MOST 3
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

static enum setpki_code
give_up(struct en *en, enum setpki_code rc)
{
	if (rc != SETPKI_E_NOTFOUND)
		return rc;
	return tc_error_hint(EN_ERR(en), rc, "does this CA know the brand '%.60s'%s?",
	    en_state_text(en->state, "brand"), en_state_text(en->state, "bin") != NULL ? " and the BIN" : "");
}

/* Whoever sits there wants to know why nothing happens. */
static void
tell_again(const struct setpki_error *err, int64_t left)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "setenroll: %s; trying again for %llds\n", err->message, (long long)(left / 1000));
}

enum setpki_code
en_send(struct en *en)
{
	int64_t most = 1000 * (en->a->timeout > 0 ? en->a->timeout : TIMEOUT_S), end = en_moment() + most;
	int64_t pause = BACKOFF_MIN_MS, wait;
	struct en_http h = {.url = en_state_text(en->state, "url"), .software = SOFTWARE};
	enum setpki_code rc;
	int unsigned_errors = 0;

	for (int tries = 0;; tries++) {
		h.timeout = end - en_moment();
		if ((rc = try_once(en, &h)) == SETPKI_E_OK || !h.again)
			return rc;
		unsigned_errors += rc == SETPKI_E_NOTFOUND;
		wait = h.retry_after > pause ? h.retry_after : pause;
		if (unsigned_errors == UNSIGNED_MOST || en_moment() + wait >= end)
			return give_up(en, rc);
		if (tries == 0)
			tell_again(EN_ERR(en), end - en_moment());
		setpki_error_clear(EN_ERR(en));
		en_nap(wait);
		pause = 2 * pause < BACKOFF_MAX_MS ? 2 * pause : BACKOFF_MAX_MS;
	}
}
