/* A file, or standard input, read piece by piece, whatever its length; what was read is cleansed, for it may hold card
 * numbers. */
#ifndef TOOLS_COMMON_INPUT_H
#define TOOLS_COMMON_INPUT_H

#include <setpki/error.h>
#include <stddef.h>
#include <stdint.h>

struct tc_input {
	int fd;
	const char *name; /* for messages: borrowed */
	char buf[16384];
	size_t n, at;  /* octets in `buf`, and how many were given out */
	uint32_t line; /* of the last one that tc_input_line() gave, from 1 */
};

/* "-" is standard input; `path` is borrowed until tc_input_close().  NOTFOUND, IO. */
enum setpki_code tc_input_open(const char *path, struct tc_input *in, struct setpki_error *err);
void tc_input_close(struct tc_input *in);
/* The first octet that is no blank or line end, which is not taken; '\0' at the end.  IO. */
enum setpki_code tc_input_peek(struct tc_input *in, char *first, struct setpki_error *err);
/* The next line without its end (LF or CR LF), NUL-terminated.  NOTFOUND, without a word in `err`, at the end; LIMIT:
 * longer than cap - 1 octets; PARSE: it has a NUL; IO.  Messages name the file and the line. */
enum setpki_code tc_input_line(struct tc_input *in, char *out, size_t cap, struct setpki_error *err);
/* Up to `n` octets as they come; *got 0 at the end.  IO. */
enum setpki_code tc_input_read(struct tc_input *in, void *out, size_t n, size_t *got, struct setpki_error *err);

#endif
