/* What writer and reader of packed sets share. */
#ifndef CA_SERVICE_PACK_INNER_H
#define CA_SERVICE_PACK_INNER_H

#include <stddef.h>

/* The folders of a set (ca/publish/set.c), and what is in them. */
struct ca_pack_folder {
	const char *name, *ending, *media;
};
#define CA_PACK_FOLDERS 4
extern const struct ca_pack_folder ca_pack_folders[CA_PACK_FOLDERS];
/* The one that "crl/brand-1.crl" lies in; NULL for what cannot be in a set. */
const struct ca_pack_folder *ca_pack_folder(const char *path);

#define CA_PACK_DIGEST 16 /* octets of SHA-256 that an ETag shows */
#define CA_PACK_TAIL 8	  /* octets of the index's length, at the very end */

#endif
