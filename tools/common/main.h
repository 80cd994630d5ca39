/* The frame of every program: hardening, parsing, help, the clock, the context, errors, exit status. */
#ifndef TOOLS_COMMON_MAIN_H
#define TOOLS_COMMON_MAIN_H

#include "tools/common/opt.h"

/*
 * The whole of main().  Sets umask 077, forbids core files and ptrace, parses, and answers --help, --version and `help`
 * without touching OpenSSL; else sets up secure memory and a context, reads the clock once, runs the command, prints
 * its error, checks that standard output took everything.
 * @return the exit status: 0 done; 1 refused or invalid; 2 wrong usage; 3 could not be decided or done
 */
int tc_main(const struct tc_program *program, int argc, char **argv);

#endif
