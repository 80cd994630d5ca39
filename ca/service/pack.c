/* The reader's side. */
#include "ca/service/pack.h"

#include "ca/service/pack_inner.h"
#include "ca/store/codec.h"
#include "lib/base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <setpki/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define FILE_LEAST 42 /* octets of one file's place in the index, at least */

const struct ca_pack_folder ca_pack_folders[CA_PACK_FOLDERS] = {
    {"bci", ".bci", "application/octet-stream"}, /* first: it says until when the others are good */
    {"crl", ".crl", "application/pkix-crl"},
    {"ca", ".cer", "application/pkix-cert"},
    {"set", ".p7c", "application/pkcs7-mime"},
};

/* "NAME.ending", where a name is what the policy allows for a CA, and "-generation". */
static bool
is_name(const char *s, const char *ending)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t n = strspn(s, safe);

	return n != 0 && strcmp(s + n, ending) == 0;
}

const struct ca_pack_folder *
ca_pack_folder(const char *path)
{
	for (size_t i = 0; i < CA_PACK_FOLDERS; i++) {
		const struct ca_pack_folder *f = &ca_pack_folders[i];
		size_t n = strlen(f->name);

		if (strncmp(path, f->name, n) == 0 && path[n] == '/' && is_name(path + n + 1, f->ending))
			return f;
	}
	return NULL;
}

/* --- reading the index --------------------------------------------------------------------------- */

static enum setpki_code
map_file(int fd, struct ca_pack *p, struct setpki_error *err)
{
	int seals = fcntl(fd, F_GET_SEALS);
	off_t size = lseek(fd, 0, SEEK_END); /* the front may not ask by fstat() */

	if (seals < 0 || (seals & SEALS) != SEALS)
		return sp_fail(err, SETPKI_E_PARSE, NULL, "a set that is not in a sealed memory file");
	if (size <= CA_PACK_TAIL)
		return sp_fail(err, SETPKI_E_PARSE, NULL, "a set that cannot be read");
	p->map_n = (size_t)size;
	p->map = mmap(NULL, p->map_n, PROT_READ, MAP_SHARED, fd, 0);
	if (p->map == MAP_FAILED) {
		p->map = NULL;
		return sp_fail(err, SETPKI_E_IO, NULL, "mmap of a set: %s", strerror(errno));
	}
	return SETPKI_E_OK;
}

static bool
read_file(struct ca_reader *r, setpki_bytes data, struct ca_pack_file *f)
{
	uint8_t digest[CA_PACK_DIGEST];
	char hex[SETPKI_HEX_TEXT(CA_PACK_DIGEST)];
	const struct ca_pack_folder *folder;
	uint64_t at, n;

	f->path = ca_get_str(r);
	f->until = ca_get_i64(r);
	ca_get_raw(r, digest, sizeof(digest));
	at = ca_get_u64(r);
	n = ca_get_u64(r);
	if (r->bad || f->path == NULL || (folder = ca_pack_folder(f->path)) == NULL || at > data.n || n > data.n - at)
		return false;
	f->media = folder->media;
	f->body = sp_bytes(data.p + at, (size_t)n);
	snprintf(f->etag, sizeof(f->etag), "\"%s\"", setpki_hex_text(SP_BYTES(digest), hex));
	return true;
}

static enum setpki_code
read_index(struct ca_pack *p, struct setpki_error *err)
{
	setpki_bytes all = sp_bytes(p->map, p->map_n - CA_PACK_TAIL);
	struct ca_reader r = ca_reader(sp_bytes(all.p + all.n, CA_PACK_TAIL));
	uint64_t n = ca_get_u64(&r), count;

	if (n > all.n || n > SP_SERVICE_SET_INDEX_MAX)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "a set whose index is too long");
	r = ca_reader(sp_bytes(all.p + (all.n - n), (size_t)n));
	count = ca_get_u32(&r);
	if (count > SP_SERVICE_SET_FILES_MAX || count > n / FILE_LEAST)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "a set of too many files");
	if ((p->files = OPENSSL_zalloc((size_t)(count + 1) * sizeof(*p->files))) == NULL)
		return sp_fail_memory(err);
	for (; p->nfiles < count; p->nfiles++) {
		struct ca_pack_file *f = &p->files[p->nfiles];

		if (!read_file(&r, sp_bytes(all.p, all.n - (size_t)n), f) ||
		    (p->nfiles != 0 && strcmp(f[-1].path, f->path) >= 0))
			return sp_fail(err, SETPKI_E_PARSE, NULL, "a set whose index cannot be read");
	}
	return ca_get_end(&r) ? SETPKI_E_OK : sp_fail(err, SETPKI_E_PARSE, NULL, "a set with more than its index");
}

enum setpki_code
ca_pack_open(int fd, const char *brand, struct ca_pack **out, struct setpki_error *err)
{
	struct ca_pack *p = OPENSSL_zalloc(sizeof(*p));
	enum setpki_code rc;

	*out = NULL;
	if (p == NULL)
		return sp_fail_memory(err);
	p->users = 1;
	snprintf(p->brand, sizeof(p->brand), "%s", brand);
	rc = map_file(fd, p, err);
	if (rc == SETPKI_E_OK)
		rc = read_index(p, err);
	if (rc != SETPKI_E_OK) {
		ca_pack_drop(p);
		return rc;
	}
	*out = p;
	return SETPKI_E_OK;
}

void
ca_pack_drop(struct ca_pack *p)
{
	if (p == NULL || --p->users != 0)
		return;
	if (p->map != NULL)
		munmap(p->map, p->map_n);
	OPENSSL_free(p->files);
	OPENSSL_free(p);
}

static int
compare(const void *path, const void *file)
{
	return strcmp(path, ((const struct ca_pack_file *)file)->path);
}

const struct ca_pack_file *
ca_pack_find(const struct ca_pack *p, const char *path)
{
	return bsearch(path, p->files, p->nfiles, sizeof(*p->files), compare);
}
