#include "ca/service/frame.h"

#include "ca/store/codec.h"
#include "lib/base/limits.h"

/* The bounds of the contents of each type. */
static const struct row {
	const char *name;
	size_t min, max;
} rows[CA_FRAME_N] = {
    [CA_FRAME_REQUEST] = {"request", 1, SP_MESSAGE_MAX},
    [CA_FRAME_ANSWER] = {"answer", 1, SP_MESSAGE_MAX + (size_t)4 * SP_SERVICE_WORD_MAX},
    [CA_FRAME_SET] = {"set", 1, (size_t)2 * SP_SERVICE_WORD_MAX},
    [CA_FRAME_REPORT] = {"report", 1, SP_SERVICE_STATS_MAX + (size_t)2 * SP_SERVICE_WORD_MAX},
    [CA_FRAME_CHECK] = {"check", 1, SP_CHECK_INPUT_MAX + SP_CHECK_PATH_MAX + SP_SERVICE_WORD_MAX},
    [CA_FRAME_VERDICT] = {"verdict", 1, SP_CHECK_OUTPUT_MAX + SP_SERVICE_WORD_MAX},
    [CA_FRAME_PROGRAMS] = {"programs", 1, SP_POLICY_MAX}, /* they stand in a policy */
};

void
ca_frame_put(struct sp_buf *out, enum ca_frame_type type, uint32_t id, setpki_bytes contents)
{
	if (contents.n < rows[type].min || contents.n > rows[type].max) {
		sp_buf_free(out);
		out->failed = true;
		return;
	}
	ca_put_u32(out, (uint32_t)contents.n);
	ca_put_u8(out, (uint8_t)type);
	ca_put_u32(out, id);
	sp_buf_add_bytes(out, contents);
}

enum setpki_code
ca_frame_next(setpki_bytes in, unsigned types, struct ca_frame *out, size_t *used, struct setpki_error *err)
{
	struct ca_reader r = ca_reader(in);
	unsigned type;
	size_t n;

	*used = 0;
	if (in.n < CA_FRAME_HEAD)
		return SETPKI_E_OK;
	n = ca_get_u32(&r);
	type = ca_get_u8(&r);
	if (type == 0 || type >= CA_FRAME_N || (types & CA_FRAME_BIT(type)) == 0)
		return sp_fail(err, SETPKI_E_PARSE, NULL, "a frame of type %u, which has no place here", type);
	if (n < rows[type].min || n > rows[type].max)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "a %s frame of %zu octets: %zu to %zu are allowed",
		    rows[type].name, n, rows[type].min, rows[type].max);
	if (in.n - CA_FRAME_HEAD < n)
		return SETPKI_E_OK;
	out->type = (enum ca_frame_type)type;
	out->id = ca_get_u32(&r);
	out->contents = sp_bytes(in.p + CA_FRAME_HEAD, n);
	*used = CA_FRAME_HEAD + n;
	return SETPKI_E_OK;
}
