/* Frames: what the processes of setcad say to one another over their socket pairs.  A frame is the length of its
 * contents (4 octets, big-endian), its type (1), a number that its answer repeats (4), and the contents.  Each type has
 * a row of bounds.  Whoever reads one trusts nothing in it: the authority takes the front for an enemy. */
#ifndef CA_SERVICE_FRAME_H
#define CA_SERVICE_FRAME_H

#include "lib/base/buf.h"
#include "lib/base/error.h"

enum ca_frame_type {
	CA_FRAME_REQUEST = 1, /* front to authority: a whole MessageWrapper */
	CA_FRAME_ANSWER,      /* authority to front: what ca/service/authority.h makes of it */
	CA_FRAME_SET,	      /* publisher to front: a brand's public set; the memory file goes with it */
	CA_FRAME_REPORT,      /* publisher to front, each second: ca/service/report.h */
	CA_FRAME_CHECK,	      /* authority to spawner: run a program */
	CA_FRAME_VERDICT,     /* spawner to authority: what came of it */
	CA_FRAME_PROGRAMS,    /* main to spawner: ca/service/programs.h */
	CA_FRAME_N
};
#define CA_FRAME_HEAD 9u
/* A set of types, for those who read. */
#define CA_FRAME_BIT(type) (1u << (type))

struct ca_frame {
	enum ca_frame_type type;
	uint32_t id;
	setpki_bytes contents; /* borrowed from where it was read */
};

/* Appends a frame.  The buffer fails if the contents are outside the bounds of the type: we do not send what nobody
 * would take. */
void ca_frame_put(struct sp_buf *out, enum ca_frame_type type, uint32_t id, setpki_bytes contents);

/* The frame that `in` begins with, if it is all there: *used says how many octets it has, 0: read more.
 * PARSE: no type, or none of `types`; LIMIT: shorter or longer than its type may be.  Both are known from the head
 * alone, so nothing is waited for or kept of a frame that will be refused. */
SP_MUST_CHECK enum setpki_code
ca_frame_next(setpki_bytes in, unsigned types, struct ca_frame *out, size_t *used, struct setpki_error *err);

#endif
