/* What the publisher tells the front each second: the time, whether all is well, and the authority's figures. */
#ifndef CA_SERVICE_REPORT_H
#define CA_SERVICE_REPORT_H

#include "lib/base/buf.h"
#include "lib/base/error.h"

struct ca_report {
	int64_t now;	      /* the clock: the front has none of its own */
	const char *trouble;  /* why this is not ready, one line; NULL: it is */
	setpki_bytes figures; /* for /metrics, in Prometheus' text form */
};

/* Contents of a REPORT frame, appended. */
void ca_report_put(const struct ca_report *s, struct sp_buf *out);
/* Borrowed from `contents`.  PARSE. */
SP_MUST_CHECK enum setpki_code ca_report_get(setpki_bytes contents, struct ca_report *out, struct setpki_error *err);

#endif
