/* The folder of one end entity: what lies in it, and how files get there and out again.  Everything is written aside,
 * flushed and given its name, and never takes the place of something else. */
#ifndef TOOLS_SETENROLL_FOLDER_H
#define TOOLS_SETENROLL_FOLDER_H

#include <setpki/party.h>

/* The files of a finished registration.  While one is under way they gather in the folder EN_SESSION, and move up
 * together; those they take the place of go to a folder of their own. */
enum en_file {
	EN_SIG_KEY,
	EN_ENC_KEY,
	EN_SIG_CERT,
	EN_ENC_CERT,
	EN_CHAIN, /* the CAs above, the last one the root; CRLs and BCI */
	EN_PAN_SECRET,
	EN_ROOTS, /* trusted */
	EN_STATE, /* the last one to move: with it the rest is there */
	EN_FILES,
	/* only in EN_SESSION */
	EN_SEAL = EN_FILES, /* the key of the next */
	EN_SEALED,	    /* setpki_enroll_save() */
	EN_ALL_FILES
};
const char *en_file_name(enum en_file file);

#define EN_SESSION "session"
/* Ceiling of one file. */
#define EN_FILE_MAX ((size_t)8 << 20)

/* Opens a folder (mode 0700, the user's own) and keeps every other process from doing so.
 * @param at    descriptor of the folder that `path` starts from, or AT_FDCWD
 * @param make  makes it if it is not there
 * @param fd    close() it; -1 on failure
 * @return OK; NOTFOUND; RULE (it can be used by others, or is theirs); STATE (another process has it); IO */
enum setpki_code en_folder_open(int at, const char *path, bool make, int *fd, struct setpki_error *err);
/* Removes a folder and what it may hold of the table above; anything else in it keeps it there.  IO. */
enum setpki_code en_folder_remove(int at, const char *path, struct setpki_error *err);

/* Whether it is there. */
bool en_file_there(int folder, enum en_file file);
/* A file of the user alone, whole.  setpki_der_free().  NOTFOUND, RULE (others can read it, a link), LIMIT, IO. */
enum setpki_code en_file_read(int folder, enum en_file file, struct setpki_der *out, struct setpki_error *err);
/* A new file.  CONFLICT: one is there. */
enum setpki_code en_file_create(int folder, enum en_file file, setpki_bytes contents, struct setpki_error *err);
/* The same, but what was there is its own earlier state. */
enum setpki_code en_file_update(int folder, enum en_file file, setpki_bytes contents, struct setpki_error *err);
/* Removes a file, if it is there.  IO. */
enum setpki_code en_file_remove(int folder, enum en_file file, struct setpki_error *err);
/* Moves a file, if `from` has it, to `to`.  What is in its way goes to the folder called `old` in `to`, or is CONFLICT
 * where that is NULL.  A second call completes what a first one that was interrupted began. */
enum setpki_code en_file_move(int from, int to, const char *old, enum en_file file, struct setpki_error *err);

#endif
