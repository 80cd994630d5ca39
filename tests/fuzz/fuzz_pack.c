/* A packed set: refused, or every file lies inside it and is found again by its path. */
#include "tests/fuzz/fuzz.h"

#include "ca/service/pack.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

void
fuzz_pack(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct ca_pack *p = NULL;
	unsigned sum = 0;

	FUZZ_MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	FUZZ_MUST(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0);
	if (ca_pack_open(fd, "brand", &p, NULL) == SETPKI_E_OK)
		for (size_t i = 0; i < p->nfiles; i++) {
			FUZZ_MUST(ca_pack_find(p, p->files[i].path) == &p->files[i]);
			for (size_t k = 0; k < p->files[i].body.n; k++)
				sum += p->files[i].body.p[k];
		}
	FUZZ_MUST(sum < ~0u);
	ca_pack_drop(p);
	close(fd);
}
