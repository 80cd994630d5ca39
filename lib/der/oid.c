#include "lib/der/oid.h"

#include "lib/der/reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* X.690 8.19.4: the first subidentifier holds two arcs. */
static int
put_arc(char *out, size_t cap, uint64_t arc, bool first)
{
	uint64_t top = arc < 80 ? arc / 40 : 2;

	if (first)
		return snprintf(out, cap, "%" PRIu64 ".%" PRIu64, top, arc - 40 * top);
	return snprintf(out, cap, ".%" PRIu64, arc);
}

const char *
sp_oid_text(setpki_bytes s, char out[SP_OID_TEXT])
{
	bool first = true, fits = true;
	uint64_t arc = 0;
	size_t at = 0;
	int n;

	if (!sp_der_oid_ok(s)) {
		snprintf(out, SP_OID_TEXT, "(malformed OID)");
		return out;
	}
	for (size_t i = 0; i < s.n && fits; i++) {
		fits = arc <= UINT64_MAX >> 7;
		arc = arc << 7 | (s.p[i] & 0x7fu);
		if ((s.p[i] & 0x80) != 0 || !fits)
			continue;
		n = put_arc(out + at, SP_OID_TEXT - at, arc, first);
		fits = n > 0 && (size_t)n < SP_OID_TEXT - at;
		at += fits ? (size_t)n : 0;
		first = false;
		arc = 0;
	}
	if (!fits)
		snprintf(out + (at < SP_OID_TEXT - 4 ? at : SP_OID_TEXT - 4), 4, "...");
	return out;
}
