/* Frames that both sides of the spawner know. */
#ifndef CA_SERVICE_SPAWN_INNER_H
#define CA_SERVICE_SPAWN_INNER_H

#include "ca/service/spawn.h"
#include "ca/store/codec.h"

#include <sys/types.h>

/* Contents of a CHECK frame, appended; and read, borrowed.  PARSE. */
void ca_check_put(const struct ca_check *c, struct sp_buf *out);
SP_MUST_CHECK enum setpki_code ca_check_get(setpki_bytes contents, struct ca_check *out, struct setpki_error *err);
/* Contents of a VERDICT frame, appended. */
void ca_verdict_put(const struct ca_verdict *v, struct sp_buf *out);

/* A program at work.  Zeroed: none. */
struct ca_child {
	pid_t pid; /* and its process group */
	int pidfd, in, out;
	unsigned asker; /* whose it is */
	uint32_t id;
	int64_t deadline;
	struct sp_buf input; /* what it has not taken yet begins at `given` */
	size_t given;
	struct ca_verdict verdict;
};

/* Starts the program.  False (and nothing is left of it) if it cannot be. */
bool ca_child_start(struct ca_child *c, const struct ca_check *check);
/* Gives it what it takes, reads what there is; false: it wrote more than it may. */
bool ca_child_serve(struct ca_child *c, bool writable, bool readable);
/* Kills what is left of it and its group, waits for it, and fills the verdict; `end` is DONE only if it ended by
 * itself.
 */
void ca_child_end(struct ca_child *c, enum ca_check_end end);
void ca_child_free(struct ca_child *c);

#endif
