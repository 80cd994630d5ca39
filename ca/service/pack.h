/* A brand's public set in one sealed memory file.  The publisher packs it and hands the descriptor to the front, which
 * maps it: so the front serves from memory, opens no file, sees a set whole or not at all, and nobody can change or
 * shorten what it serves.  The file is the contents one after the other, an index, and the index's length. */
#ifndef CA_SERVICE_PACK_H
#define CA_SERVICE_PACK_H

#include "lib/base/buf.h"
#include "lib/base/error.h"

#include <setpki/context.h>

#define CA_PACK_NAME 64 /* room for the name of a brand, and of an ETag */

/* Packs public/<brand>/current.  *fd is the caller's to close.  NOTFOUND: no set is published; IO, LIMIT, PARSE. */
SP_MUST_CHECK enum setpki_code
ca_pack_make(setpki_ctx *ctx, const char *public_dir, const char *brand, int *fd, struct setpki_error *err);

/* One file of a set. */
struct ca_pack_file {
	const char *path;	 /* "crl/brand-1.crl", as below / */
	const char *media;	 /* static */
	char etag[CA_PACK_NAME]; /* from its contents, with its quotation marks */
	int64_t until;		 /* nextUpdate of a CRL, else notAfter of the BCI: when it will have been replaced */
	setpki_bytes body;
};

/* A set that was read. */
struct ca_pack {
	char brand[CA_PACK_NAME];
	struct ca_pack_file *files; /* sorted by path */
	size_t nfiles;
	unsigned users; /* ca_pack_drop() by the last one frees it */
	void *map;
	size_t map_n;
};

/* Maps the file and reads its index; nothing in it is trusted, an unsealed one is refused.  `fd` stays the caller's.
 * One user, the caller.  PARSE, LIMIT, IO. */
SP_MUST_CHECK enum setpki_code ca_pack_open(int fd, const char *brand, struct ca_pack **out, struct setpki_error *err);
void ca_pack_drop(struct ca_pack *p); /* NULL is fine */
/* NULL if it has none of that path. */
const struct ca_pack_file *ca_pack_find(const struct ca_pack *p, const char *path);

#endif
