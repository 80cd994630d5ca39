/* What the front counts, as Prometheus reads it. */
#include "ca/service/front_inner.h"
#include "tests/support/check.h"

#include <stdio.h>

static struct ca_front f;

static int
clear(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	return 0;
}

static void
shows(const char *line)
{
	struct sp_buf out = {0};
	char text[256];

	ca_figures_put(&f, &out);
	sp_buf_add_byte(&out, '\0');
	snprintf(text, sizeof(text), "\n%s\n", line);
	if (strstr((const char *)out.p, text) == NULL)
		fail_msg("there is no '%s' in\n%s", line, (const char *)out.p);
	sp_buf_free(&out);
}

/* The buckets add up, each ends with its bound, and the sum keeps its milliseconds however long it grows. */
static void
latency(void **state)
{
	static const int64_t ms[] = {0, 1, 2, 1000, 1001, 6000};

	(void)state;
	for (size_t i = 0; i < NELEMS(ms); i++)
		ca_figures_answer(&f.figures, "CertReq", "answered", ms[i]);
	shows("setcad_request_seconds_bucket{le=\"0.001\"} 2");
	shows("setcad_request_seconds_bucket{le=\"0.002\"} 3");
	shows("setcad_request_seconds_bucket{le=\"0.5\"} 3");
	shows("setcad_request_seconds_bucket{le=\"1\"} 4");
	shows("setcad_request_seconds_bucket{le=\"5\"} 5");
	shows("setcad_request_seconds_bucket{le=\"+Inf\"} 6");
	shows("setcad_request_seconds_count 6");
	shows("setcad_request_seconds_sum 8.004");
	ca_figures_answer(&f.figures, "CertReq", "answered", INT64_C(1234567890123));
	shows("setcad_request_seconds_sum 1234567898.127");
}

/* Words beyond the room for them are counted together. */
static void
more_words_than_there_is_room_for(void **state)
{
	char word[32];

	(void)state;
	for (int i = 0; i < CA_FIGURE_WORDS + 10; i++) {
		snprintf(word, sizeof(word), "w%d", i);
		ca_figures_answer(&f.figures, "CertReq", word, 1);
	}
	shows("setcad_requests_total{message=\"CertReq\",outcome=\"w0\"} 1");
	shows("setcad_requests_total{message=\"other\",outcome=\"other\"} 11");
	assert_int_equal(f.figures.count, CA_FIGURE_WORDS + 10);
}

static void
statuses(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		ca_figures_status(&f.figures, 503);
	ca_figures_status(&f.figures, 200);
	shows("setcad_http_responses_total{code=\"503\"} 3");
	shows("setcad_http_responses_total{code=\"200\"} 1");
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test_setup(latency, clear),
	    cmocka_unit_test_setup(more_words_than_there_is_room_for, clear),
	    cmocka_unit_test_setup(statuses, clear),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
