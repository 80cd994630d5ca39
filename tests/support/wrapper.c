#include "tests/support/wrapper.h"

#include "lib/base/limits.h"
#include "lib/message/wire.h"
#include "tests/support/check.h"

#include <stdlib.h>

void
t_wrapper(unsigned arm, uint8_t n, int64_t date, size_t size, struct sp_buf *out)
{
	uint8_t rrpid[SP_NONCE_LEN] = {n}, *pdu = calloc(1, size + 4);
	struct sp_outgoing o = {
	    .now = date, .rrpid = SP_BYTES(rrpid), .software = "test", .arm = (enum sp_arm_number)arm};
	struct setpki_error err = {0};

	assert_non_null(pdu);
	assert_in_range(size, 256, 65535);
	pdu[0] = 4;
	pdu[1] = 0x82;
	pdu[2] = (uint8_t)(size >> 8);
	pdu[3] = (uint8_t)size;
	t_ok(sp_wire_put(&o, sp_bytes(pdu, size + 4), out, &err), &err);
	free(pdu);
}

void
t_is_error(setpki_bytes answer, setpki_bytes request, int64_t now, enum setpki_error_code code)
{
	struct sp_fault fault = {0};
	struct sp_error_got e = {0};
	struct setpki_error err = {0};
	struct sp_incoming in;

	t_ok(sp_wire_read(answer, now, &in, &fault), &fault.why);
	t_ok(sp_error_read(&in, &e, &err), &err);
	assert_false(e.is_signed);
	assert_int_equal(e.code, code);
	assert_true(sp_error_about(&e, request, in.rrpid));
	sp_error_got_free(&e);
	sp_incoming_free(&in);
}
