/* Command lines as tables.  One row per option, one row per command: parsing, --help, the manual page and the
 * completions all walk the same rows, and so do the tests. */
#ifndef TOOLS_COMMON_OPT_H
#define TOOLS_COMMON_OPT_H

#include <setpki/context.h>
#include <setpki/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What an option takes, and the type of the member of the command's argument struct that it fills. */
enum tc_opt_type {
	TC_FLAG,   /* bool */
	TC_TEXT,   /* const char *; NULL: not given */
	TC_LIST,   /* struct tc_list; may be given several times */
	TC_NUMBER, /* int64_t, >= 0; -1: not given */
	TC_TIME,   /* int64_t, seconds since the epoch; INT64_MIN: not given */
	TC_SPAN,   /* int64_t, seconds; 0: not given */
	TC_CHOICE  /* const char *, one of `words`; NULL: not given */
};

struct tc_list {
	const char **v;
	size_t n;
};

struct tc_opt {
	const char *name; /* without the dashes */
	enum tc_opt_type type;
	size_t offset;		  /* offsetof() the member */
	const char *value;	  /* what help calls the value: "FILE"; NULL for flags */
	const char *help;	  /* one sentence, no full stop */
	const char *const *words; /* TC_CHOICE: the allowed ones, NULL at the end */
};

/* Where an option's value goes: TC_AT(struct init_args, only). */
#define TC_AT(type, member) offsetof(type, member)

/* A command line that help shows and that the tests run (tests/cli/test_examples.c), and what it is for. */
struct tc_example {
	const char *line, *what;
};

struct tc_run;

struct tc_command {
	const char *name;		   /* "init", "ca list" */
	const char *operands;		   /* for the usage line: "POLICY", "CERT..."; NULL: takes none */
	int min, max;			   /* how many operands; max -1: any number */
	const char *summary;		   /* half a line, no full stop */
	const char *about;		   /* paragraphs, separated by empty lines */
	const struct tc_opt *opts;	   /* ends with a row whose name is NULL; NULL: none */
	size_t args_size;		   /* of the argument struct; 0 with no options */
	const struct tc_example *examples; /* ends with a row whose line is NULL */
	/* OK: the exit status is run->status.  Anything else: run->err says why, and main prints it. */
	enum setpki_code (*run)(struct tc_run *run);
};

/* A family of commands ("ca", "cert"), for help. */
struct tc_group {
	const char *name, *summary;
};

struct tc_program {
	const char *name, *summary, *about;
	const struct tc_opt *globals; /* options of every command, accepted before it and after it */
	size_t globals_size;
	const struct tc_command *const *commands; /* in the order of help; NULL at the end */
	const struct tc_group *groups;		  /* ends with a row whose name is NULL; NULL: none */
	const struct tc_command *fallback;	  /* the command when none is named; NULL: one must be */
	const char *exit_status;		  /* paragraph for the manual */
};

/* One parsed command line, and what a command works with. */
struct tc_run {
	const struct tc_program *program;
	const struct tc_command *command; /* NULL: only help or the version was asked for */
	void *globals, *args;		  /* the structs that the options filled */
	char **operands;		  /* borrowed from argv */
	size_t noperands;
	bool help, version; /* --help, --version was given */
	int help_at;	    /* argv index of the word "help" in the command's place; 0: none */
	setpki_ctx *ctx;
	int64_t now; /* the clock, read once */
	int status;  /* exit status of a command that returned OK */
	struct setpki_error err;
};

/* Parses argv[1..].  On success fills run->command, globals, args, operands, help.  ARGUMENT with what is wrong and,
 * where one is close, the word that was meant.  Nothing is abbreviated; "--" ends options; options may stand before
 * and after operands.  tc_run_free() in any case. */
enum setpki_code tc_parse(const struct tc_program *program, int argc, char **argv, struct tc_run *run);
void tc_run_free(struct tc_run *run);

/* The command of these words, the longest match; *used: how many words it took; NULL if none. */
const struct tc_command *tc_find_command(const struct tc_program *program, char *const *words, size_t n, size_t *used);
/* Whether `word` begins the name of several commands ("ca"). */
bool tc_is_group(const struct tc_program *program, const char *word);
/* ARGUMENT: "unknown command", with the one that was meant if one is close. */
enum setpki_code
tc_unknown_command(const struct tc_program *program, char *const *words, size_t n, struct setpki_error *err);

/* Help for people, 80 columns: the program, a group of commands, one command. */
void tc_help_program(const struct tc_program *program, FILE *to);
void tc_help_group(const struct tc_program *program, const char *group, FILE *to);
void tc_help_command(const struct tc_program *program, const struct tc_command *command, FILE *to);
/* One line for the end of a usage error. */
void tc_usage(const struct tc_program *program, const struct tc_command *command, FILE *to);
/* The manual page (roff, man macros) and a bash completion script. */
void tc_man(const struct tc_program *program, FILE *to);
void tc_completion(const struct tc_program *program, FILE *to);

/* How many rows a table that ends with a NULL name has. */
size_t tc_opt_count(const struct tc_opt *opts);

#endif
