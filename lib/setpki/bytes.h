/* Borrowed byte strings: the currency of libsetpki's interfaces. */
#ifndef SETPKI_BYTES_H
#define SETPKI_BYTES_H

#include <stddef.h>
#include <stdint.h>

/**
 * `n` bytes at `p`, owned by somebody else.  Functions that take one borrow it for the call; functions that give one
 * say whose memory it points into.  { NULL, 0 } is the empty string and stands for "absent" where absence is allowed.
 */
typedef struct setpki_bytes {
	const uint8_t *p;
	size_t n;
} setpki_bytes;

#endif
