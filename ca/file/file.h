/* Files that must never be seen half written. */
#ifndef CA_FILE_FILE_H
#define CA_FILE_FILE_H

#include "lib/base/buf.h"
#include "lib/base/error.h"

/* Written aside, flushed, renamed, folder flushed: a reader sees the old contents or the new.  IO. */
SP_MUST_CHECK enum setpki_code
ca_file_write(const char *path, setpki_bytes contents, unsigned mode, struct setpki_error *err);
/* The same for a file that must not be there yet: CONFLICT if it is, and it is left alone. */
SP_MUST_CHECK enum setpki_code
ca_file_create(const char *path, setpki_bytes contents, unsigned mode, struct setpki_error *err);
/* Appends the contents to `out`.  NOTFOUND, IO, LIMIT (more than `max` octets). */
SP_MUST_CHECK enum setpki_code ca_file_read(const char *path, size_t max, struct sp_buf *out, struct setpki_error *err);
/* The same for a secret: refuses links, other owners' files and any permission for group or others.  RULE. */
SP_MUST_CHECK enum setpki_code
ca_file_read_secret(const char *path, size_t max, struct sp_buf *out, struct setpki_error *err);
/* A folder of mode 0700, if it is not there; OK if it is.  IO. */
SP_MUST_CHECK enum setpki_code ca_folder_make(const char *path, struct setpki_error *err);
/* Removes what the writers above left unfinished in a folder when their process ended: it may be a private key.  IO. */
SP_MUST_CHECK enum setpki_code ca_folder_sweep(const char *path, struct setpki_error *err);
/* Flushes a folder's entries.  IO. */
SP_MUST_CHECK enum setpki_code ca_folder_sync(const char *path, struct setpki_error *err);
/* Removes what writers that were killed left beside their files: of keys it may be a whole private key.  What cannot be
 * removed stays. */
void ca_folder_tidy(const char *path);
/* "a/b" in new memory (OPENSSL_free); NULL when out of memory. */
char *ca_path(const char *folder, const char *name);

#endif
