#include "ca/home/slot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static int
slot_open(const struct ca_home *h, uint16_t slot, int flags)
{
	char path[4096];

	if (snprintf(path, sizeof(path), "%s/slot-%u", h->run_dir, slot) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* flock() belongs to the open file, so it is let go when the process ends, however it ends. */
static bool
try_lock(int fd)
{
	int r;

	do {
		r = flock(fd, LOCK_EX | LOCK_NB);
	} while (r != 0 && errno == EINTR);
	return r == 0;
}

static uint64_t
read_epoch(int fd)
{
	uint64_t epoch = 0;

	return pread(fd, &epoch, sizeof(epoch), 0) == (ssize_t)sizeof(epoch) ? epoch : 0;
}

static enum setpki_code
use(struct ca_home *h, int fd, uint16_t slot, struct setpki_error *err)
{
	h->epoch = read_epoch(fd) + 1;
	if (pwrite(fd, &h->epoch, sizeof(h->epoch), 0) != (ssize_t)sizeof(h->epoch) || fsync(fd) != 0) {
		close(fd);
		return sp_fail(err, SETPKI_E_IO, NULL, "write %s/slot-%u: %s", h->run_dir, slot, strerror(errno));
	}
	h->slot_fd = fd;
	h->slot = slot;
	/* A new file's name must not be lost with the power: its epoch would begin anew. */
	return h->epoch == 1 ? ca_folder_sync(h->run_dir, err) : SETPKI_E_OK;
}

enum setpki_code
ca_slot_take(struct ca_home *h, struct setpki_error *err)
{
	for (uint16_t slot = 1; slot <= CA_SLOTS; slot++) {
		int fd = slot_open(h, slot, O_RDWR | O_CREAT);

		if (fd < 0)
			return sp_fail(
			    err, SETPKI_E_IO, NULL, "open %s/slot-%u: %s", h->run_dir, slot, strerror(errno));
		if (try_lock(fd))
			return use(h, fd, slot, err);
		close(fd);
	}
	return sp_fail(
	    err, SETPKI_E_STATE, NULL, "%d processes write to %s already: wait for one to end", CA_SLOTS, h->dir);
}

void
ca_slot_release(struct ca_home *h)
{
	if (h->slot_fd >= 0)
		close(h->slot_fd);
	h->slot_fd = -1;
}

bool
ca_home_writer_alive(const struct ca_home *h, uint16_t slot, uint64_t epoch)
{
	bool alive;
	int fd;

	if (h->slot_fd >= 0 && slot == h->slot)
		return epoch == h->epoch;
	fd = slot_open(h, slot, O_RDWR);
	if (fd < 0)
		return errno != ENOENT; /* cannot tell: take it for alive */
	/* A free slot's writer is gone; so is one whose slot has passed on to a later epoch. */
	alive = !try_lock(fd) && read_epoch(fd) <= epoch;
	close(fd);
	return alive;
}
