/* What the commands of setca share: the program's own options, an opened home, its output. */
#ifndef TOOLS_SETCA_SETCA_H
#define TOOLS_SETCA_SETCA_H

#include "ca/home/home.h"
#include "tools/common/main.h"
#include "tools/common/out.h"
#include "tools/common/term.h"

#include <setpki/text.h>

/* Options of every command. */
struct setca_globals {
	const char *home;
	bool json;
};

/* A command at work. */
struct setca {
	struct tc_run *run;
	struct ca_home *home; /* NULL when the command needs none */
	struct tc_pass *pass;
	struct tc_out *out;
	bool json;
};

/* --home, else $SETCA_HOME, else ./setca-home. */
const char *setca_home_dir(const struct tc_run *run);
/* Output only. */
enum setpki_code setca_begin(struct tc_run *run, struct setca *s);
/* Output and the home.  `pass_fd` as --passphrase-fd gives it (-1: not given).  Opening for writing settles what
 * writers that died left open, and says so. */
enum setpki_code setca_open(struct tc_run *run, enum ca_home_mode mode, int64_t pass_fd, struct setca *s);
/* The home alone, once setca_begin() and tc_pass_new() are done. */
enum setpki_code setca_open_home(struct setca *s, enum ca_home_mode mode);
/* Whom a plan that needs passphrases can ask; `ask` NULL: nobody. */
struct ca_passphrase setca_asker(const struct setca *s);
/* Says on standard error that the classic suite is weak, if that is the suite. */
void setca_warn_suite(enum setpki_suite suite);
/* The end of every command: writes the output if `rc` is OK, closes everything. @return the code to return */
enum setpki_code setca_end(struct setca *s, enum setpki_code rc);
/* The first error of the run, where the functions that fail put theirs. */
#define SETCA_ERR(s) (&(s)->run->err)

/* The option of every command that opens keys. */
#define SETCA_PASSPHRASE_FD(type)                                                                                      \
	{                                                                                                              \
		"passphrase-fd", TC_NUMBER, TC_AT(type, passphrase_fd), "N",                                           \
		    "read the passphrase of protected keys from descriptor N instead of the terminal; a second line "  \
		    "is for the next root's key",                                                                      \
		    NULL                                                                                               \
	}

/* --- helpers of several commands (helpers.c) --- */

/* A file's whole contents, handed to fn for each object in it. */
typedef enum setpki_code setca_object_fn(void *arg, const struct setpki_object *object, struct setpki_error *err);
enum setpki_code setca_each_object(const char *path, setca_object_fn *fn, void *arg, struct setpki_error *err);
/* Every object of the files that are the command's operands, in a home opened for writing: the import commands. */
enum setpki_code setca_import_files(struct tc_run *run, setca_object_fn *fn);
/* One object, field by field (setca.object/1); `keys` (may be NULL) open what is encrypted in it. */
enum setpki_code
setca_print_object(struct setca *s, const struct setpki_object *object, const struct setpki_walk_keys *keys);
/* The name of the CA with that number. */
enum setpki_code setca_ca_name(struct setca *s, ca_txn *t, uint16_t ca, char out[CA_NAME_MAX]);
/* The same in a transaction of its own, after the home was written to. */
enum setpki_code setca_ca_name_now(struct setca *s, uint16_t ca, char out[CA_NAME_MAX]);
/* Appends a PEM block. */
enum setpki_code setca_pem(const char *label, setpki_bytes der, struct sp_buf *out, struct setpki_error *err);
/* Writes `data` to a file (mode 0644 less the umask), or to standard output if `path` is NULL or "-". */
enum setpki_code setca_write(const char *path, setpki_bytes data, struct setpki_error *err);
/* "29d", "7h", "12m"; "over" when it lies behind `now`. */
const char *setca_runway(int64_t now, int64_t then, char out[32]);
/* A time in a table: the day for people ("2027-11-23"), all of it in JSON. */
const char *setca_day(const struct setca *s, int64_t t, char out[SETPKI_TIME_TEXT]);
/* How many names are compared for a suggestion; all of them are looked through. */
#define SETCA_KNOWN 256
/* NOTFOUND with a suggestion unless the policy in force has that CA; its record goes to `out` (ca_ca_record_free()). */
enum setpki_code setca_find_ca(struct setca *s, ca_txn *t, const char *name, struct ca_ca_record *out);
/* A serial number from the command line (hex). */
enum setpki_code setca_serial(const char *text, uint8_t out[32], size_t *n, struct setpki_error *err);

#endif
