/* The writer's side: reading what public/<brand>/current holds. */
#include "ca/service/pack.h"
#include "ca/service/pack_inner.h"
#include "ca/store/codec.h"
#include "lib/base/limits.h"
#include "lib/crypto/suite.h"
#include "lib/x509/bci.h"
#include "lib/x509/crl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct entry {
	char path[264];
	int64_t until;
	uint8_t digest[32];
	uint64_t at, n;
};

struct packing {
	setpki_ctx *ctx;
	int dir; /* the set's folder */
	int out; /* the memory file */
	uint64_t written;
	int64_t bci_until;
	struct entry *v;
	size_t n, cap;
};

static enum setpki_code
write_all(struct packing *p, setpki_bytes b, struct setpki_error *err)
{
	while (b.n != 0) {
		ssize_t n = write(p->out, b.p, b.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return sp_fail(err, SETPKI_E_IO, NULL, "writing a set to memory: %s", strerror(errno));
		b = sp_bytes(b.p + n, b.n - (size_t)n);
		p->written += (uint64_t)n;
	}
	return SETPKI_E_OK;
}

static struct entry *
append(struct packing *p)
{
	if (p->n == p->cap) {
		size_t cap = p->cap == 0 ? 64 : 2 * p->cap;
		struct entry *v = OPENSSL_realloc(p->v, cap * sizeof(*v));

		if (v == NULL)
			return NULL;
		p->v = v;
		p->cap = cap;
	}
	memset(&p->v[p->n], 0, sizeof(p->v[0]));
	return &p->v[p->n++];
}

/* --- one file ---------------------------------------------------------------------------------- */

static enum setpki_code
good_until(
    struct packing *p, const struct ca_pack_folder *folder, setpki_bytes der, int64_t *until, struct setpki_error *err)
{
	struct sp_crl crl;
	struct sp_bci bci;
	enum setpki_code rc = SETPKI_E_OK;

	*until = p->bci_until;
	if (strcmp(folder->name, "crl") == 0 && (rc = sp_crl_frame(der, &crl, err)) == SETPKI_E_OK)
		*until = crl.next_update;
	if (strcmp(folder->name, "bci") == 0 && (rc = sp_bci_parse(der, &bci, err)) == SETPKI_E_OK) {
		*until = p->bci_until = bci.not_after;
		sp_bci_free(&bci);
	}
	return rc;
}

static enum setpki_code
add_contents(struct packing *p, const struct ca_pack_folder *folder, const char *name, setpki_bytes der,
    struct setpki_error *err)
{
	struct entry *e = append(p);
	enum setpki_code rc;

	if (e == NULL)
		return sp_fail_memory(err);
	snprintf(e->path, sizeof(e->path), "%s/%s", folder->name, name);
	e->at = p->written;
	e->n = der.n;
	if ((rc = good_until(p, folder, der, &e->until, err)) == SETPKI_E_OK &&
	    (rc = sp_sha256(p->ctx, der, e->digest, err)) == SETPKI_E_OK)
		rc = write_all(p, der, err);
	return rc == SETPKI_E_OK ? rc : sp_error_in(err, rc, "%s", e->path);
}

static enum setpki_code
add_file(struct packing *p, int dir, const struct ca_pack_folder *folder, const char *name, struct setpki_error *err)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	void *map = MAP_FAILED;
	struct stat st = {0};
	enum setpki_code rc;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		rc = sp_fail(err, SETPKI_E_IO, NULL, "%s/%s cannot be read", folder->name, name);
	else
		rc = add_contents(p, folder, name, sp_bytes(map, (size_t)st.st_size), err);
	if (map != MAP_FAILED)
		munmap(map, (size_t)st.st_size);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* What does not have the name of a file of the set is not of the set. */
static enum setpki_code
add_folder(struct packing *p, const struct ca_pack_folder *folder, struct setpki_error *err)
{
	int fd = openat(p->dir, folder->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	enum setpki_code rc = SETPKI_E_OK;
	const struct dirent *e;
	char path[264];

	if (d == NULL) {
		if (fd >= 0)
			close(fd);
		return sp_fail(err, SETPKI_E_IO, NULL, "the folder %s cannot be read", folder->name);
	}
	while (rc == SETPKI_E_OK && (e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", folder->name, e->d_name);
		if (ca_pack_folder(path) == NULL)
			continue;
		if (p->n == SP_SERVICE_SET_FILES_MAX)
			rc = sp_fail(err, SETPKI_E_LIMIT, NULL, "more than %u files", SP_SERVICE_SET_FILES_MAX);
		else
			rc = add_file(p, fd, folder, e->d_name, err);
	}
	closedir(d);
	return rc;
}

/* --- the whole --------------------------------------------------------------------------------- */

static int
by_path(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

static enum setpki_code
write_index(struct packing *p, struct setpki_error *err)
{
	struct sp_buf index = {0};
	enum setpki_code rc;

	qsort(p->v, p->n, sizeof(*p->v), by_path);
	ca_put_u32(&index, (uint32_t)p->n);
	for (size_t i = 0; i < p->n; i++) {
		const struct entry *e = &p->v[i];

		ca_put_str(&index, e->path);
		ca_put_i64(&index, e->until);
		sp_buf_add(&index, e->digest, CA_PACK_DIGEST);
		ca_put_u64(&index, e->at);
		ca_put_u64(&index, e->n);
	}
	ca_put_u64(&index, index.n);
	rc = index.failed ? sp_fail_memory(err) : write_all(p, sp_buf_bytes(&index), err);
	sp_buf_free(&index);
	return rc;
}

static enum setpki_code
pack(struct packing *p, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;

	for (size_t i = 0; rc == SETPKI_E_OK && i < CA_PACK_FOLDERS; i++)
		rc = add_folder(p, &ca_pack_folders[i], err);
	if (rc == SETPKI_E_OK)
		rc = write_index(p, err);
	if (rc == SETPKI_E_OK &&
	    fcntl(p->out, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
		rc = sp_fail(err, SETPKI_E_IO, NULL, "sealing a set: %s", strerror(errno));
	return rc;
}

enum setpki_code
ca_pack_make(setpki_ctx *ctx, const char *public_dir, const char *brand, int *fd, struct setpki_error *err)
{
	struct packing p = {.ctx = ctx, .dir = -1, .out = -1};
	char path[4096];
	enum setpki_code rc;

	*fd = -1;
	if (snprintf(path, sizeof(path), "%s/%s/current", public_dir, brand) >= (int)sizeof(path))
		return sp_fail(err, SETPKI_E_IO, NULL, "the path of the home is too long");
	p.dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p.dir < 0)
		return sp_fail(
		    err, errno == ENOENT ? SETPKI_E_NOTFOUND : SETPKI_E_IO, NULL, "%s: %s", path, strerror(errno));
	p.out = memfd_create("set", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (p.out < 0)
		rc = sp_fail(err, SETPKI_E_IO, NULL, "memfd_create: %s", strerror(errno));
	else
		rc = pack(&p, err);
	close(p.dir);
	OPENSSL_free(p.v);
	if (rc == SETPKI_E_OK)
		*fd = p.out;
	else if (p.out >= 0)
		close(p.out);
	return rc == SETPKI_E_OK ? rc : sp_error_in(err, rc, "public set of %s", brand);
}
