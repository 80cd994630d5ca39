/* Looking for card numbers and other secrets where they must not be: in octets, files, folders, memory of processes. */
#ifndef TESTS_SUPPORT_HUNT_H
#define TESTS_SUPPORT_HUNT_H

#include "tests/support/check.h"

#include <sys/types.h>

struct hunt; /* opaque: what is looked for */

struct hunt *hunt_new(void);
void hunt_free(struct hunt *h);

/* A card number, 13 to 19 digits, in every form that it may be found in: nine of its digits in a row (first six and
 * last four may be shown, and what is left of a freed block may be a part) as text, with up to three blanks, hyphens or
 * NULs between two of them (so BMPString and UTF-16 too) and as hex of text; thirteen of them packed as BCD, at either
 * half of an octet; twelve as base64. */
void hunt_for_pan(struct hunt *h, const char *pan);
/* Octets as they are, at least 8 of them; copied. */
void hunt_for(struct hunt *h, const char *name, setpki_bytes octets);

/* Whether finds are not printed, for whoever tries again: in the beginning they are. */
void hunt_quietly(struct hunt *h, bool quiet);
/* How often anything of it is there; each is printed with the place.  `where` is what the place is called. */
size_t hunt_in(const struct hunt *h, const char *where, const void *p, size_t n);
/* The same in a file; in all regular files below a folder, whose names are looked at too: *files of them. */
size_t hunt_in_file(const struct hunt *h, const char *path);
size_t hunt_in_tree(const struct hunt *h, const char *dir, size_t *files);
/* The same in all that a process may have written to in its memory: *octets of it.  False, with the reason in errno: it
 * cannot be read.  `but_secure`: not in memory that is left out of core files, which is OpenSSL's for secrets. */
bool hunt_in_process(const struct hunt *h, const char *name, pid_t pid, bool but_secure, size_t *found, size_t *octets);

#endif
