#include "ca/service/report.h"

#include "ca/store/codec.h"

#include <string.h>

void
ca_report_put(const struct ca_report *s, struct sp_buf *out)
{
	ca_put_i64(out, s->now);
	ca_put_str(out, s->trouble);
	ca_put_bytes(out, s->figures);
}

enum setpki_code
ca_report_get(setpki_bytes contents, struct ca_report *out, struct setpki_error *err)
{
	struct ca_reader r = ca_reader(contents);

	out->now = ca_get_i64(&r);
	out->trouble = ca_get_str(&r);
	out->figures = ca_get_bytes(&r);
	if (!ca_get_end(&r))
		return sp_fail(err, SETPKI_E_PARSE, NULL, "a report that cannot be read");
	return SETPKI_E_OK;
}
