/* Frames over descriptors: a stream of them, read without ever waiting for what may not come, and single ones that take
 * a descriptor along. */
#ifndef CA_SERVICE_STREAM_H
#define CA_SERVICE_STREAM_H

#include "ca/service/frame.h"

/* Octets that were read and not yet taken.  Zero-initialise but for `fd` (and in.secret, where there may be secrets in
 * frames: what was taken is cleansed then); ca_stream_free() closes it. */
struct ca_stream {
	int fd;
	struct sp_buf in;
	size_t taken;	 /* of `in`, to be dropped with the next reading */
	int64_t partial; /* when (ca_ticks()) the frame that is not all there began; 0: none */
};

/* How long the rest of a frame may take to come, and an answer to be taken, in milliseconds. */
#define CA_FRAME_STALL_MS 5000

/* Reads once.  *end: the other side has closed, and nothing was left over.  PARSE: it closed in the middle of a frame;
 * IO; LIMIT: more than one frame's worth is waiting to be taken. */
SP_MUST_CHECK enum setpki_code ca_stream_fill(struct ca_stream *s, bool *end, struct setpki_error *err);
/* The next frame, borrowed until the next ca_stream_fill(); *got false: read more.  As ca_frame_next(). */
SP_MUST_CHECK enum setpki_code
ca_stream_take(struct ca_stream *s, unsigned types, struct ca_frame *out, bool *got, struct setpki_error *err);
/* The frames got so far are done with and dropped now, before anything is read again: for whoever then waits. */
void ca_stream_drop(struct ca_stream *s);
/* How many milliseconds from `now` (ca_ticks()) the rest of a frame may yet take; -1: none is waited for; 0: it is too
 * late, "endless". */
int ca_stream_patience(const struct ca_stream *s, int64_t now);
void ca_stream_free(struct ca_stream *s);

/* Sends all of `b`, within CA_FRAME_STALL_MS.  IO: the other side is gone, or takes nothing, or too slowly. */
SP_MUST_CHECK enum setpki_code ca_frame_send(int fd, setpki_bytes b, struct setpki_error *err);

/* Whether the other side has closed: why sending failed. */
bool ca_frame_closed(int fd);

/* One frame with a descriptor (-1: none) over a pair of SOCK_SEQPACKET.  IO; *busy: the other side does not take any
 * at present, nothing was sent. */
SP_MUST_CHECK enum setpki_code
ca_frame_send_with(int fd, const struct sp_buf *frame, int with, bool *busy, struct setpki_error *err);
/* The frame that comes next, in `room`; *with: the descriptor that came along, the caller's (-1: none).  *end: closed;
 * *got false: there is none now.  As ca_frame_next(); IO. */
SP_MUST_CHECK enum setpki_code ca_frame_receive_with(int fd, unsigned types, struct sp_buf *room, struct ca_frame *out,
    int *with, bool *got, bool *end, struct setpki_error *err);

/* Milliseconds on a clock that never jumps: for durations, never for dates. */
int64_t ca_ticks(void);

#endif
