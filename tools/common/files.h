/* Reading files and folders that the command line names. */
#ifndef TOOLS_COMMON_FILES_H
#define TOOLS_COMMON_FILES_H

#include <setpki/bytes.h>
#include <setpki/error.h>
#include <stdbool.h>

/* Ceiling of what is read from one file or from standard input: 512 MiB, that of a CRL. */
#define TC_FILE_MAX ((size_t)512 << 20)

/* The contents of a file, in memory or mapped.  Zero-initialise; tc_file_close(). */
struct tc_file {
	setpki_bytes bytes;
	void *mapped;
	size_t mapped_n;
};

/* Reads a whole file; "-" is standard input.  NOTFOUND, IO, LIMIT; an empty file is PARSE. */
enum setpki_code tc_file_read(const char *path, struct tc_file *out, struct setpki_error *err);
void tc_file_close(struct tc_file *f);

/* Calls fn for a file, or for each regular file of a folder (one level, sorted by name, names with a leading dot passed
 * over).  Stops at the first failure.  `path` lives for the call. */
typedef enum setpki_code tc_path_fn(void *arg, const char *path, struct setpki_error *err);
enum setpki_code tc_path_each(const char *path, tc_path_fn *fn, void *arg, struct setpki_error *err);

/* Reads one line (at most cap - 1 octets, without its newline) from a descriptor, octet by octet, so that nothing
 * beyond it is taken.  IO; LIMIT if it is longer; NOTFOUND at the end of the input. */
enum setpki_code tc_fd_line(int fd, char *out, size_t cap, size_t *n, struct setpki_error *err);

#endif
