/* What a frame is read as is written the same again; what is in it is read or refused, and never beyond its end. */
#include "tests/fuzz/fuzz.h"

#include "ca/service/authority.h"
#include "ca/service/programs.h"
#include "ca/service/report.h"
#include "ca/service/spawn_inner.h"

static void
contents(const struct ca_frame *f)
{
	struct ca_answer_read answer;
	struct ca_report report;
	struct ca_check check;
	struct sp_buf again = {0};

	if (ca_answer_get(f->contents, &answer, NULL) == SETPKI_E_OK)
		FUZZ_MUST((answer.hint == CA_HINT_ANSWER) == (answer.body.n != 0) && answer.body.n < f->contents.n);
	if (ca_report_get(f->contents, &report, NULL) == SETPKI_E_OK) {
		ca_report_put(&report, &again);
		FUZZ_MUST(sp_bytes_eq(sp_buf_bytes(&again), f->contents));
	}
	(void)ca_programs_check(f->contents);
	(void)ca_programs_have(f->contents, "/bin/sh");
	sp_buf_reset(&again);
	if (ca_check_get(f->contents, &check, NULL) == SETPKI_E_OK) {
		ca_check_put(&check, &again);
		FUZZ_MUST(sp_bytes_eq(sp_buf_bytes(&again), f->contents));
	}
	sp_buf_free(&again);
}

void
fuzz_frame(const uint8_t *data, size_t size)
{
	setpki_bytes in = {data, size};
	struct sp_buf again = {0};
	struct ca_frame f;
	size_t used;

	if (ca_frame_next(in, ~0u, &f, &used, NULL) != SETPKI_E_OK || used == 0)
		return;
	ca_frame_put(&again, f.type, f.id, f.contents);
	FUZZ_MUST(used <= size && sp_bytes_eq(sp_buf_bytes(&again), sp_bytes(data, used)));
	sp_buf_free(&again);
	contents(&f);
}
