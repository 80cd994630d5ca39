/* A home of each suite with what is in its lists, and a setcad on it that is ended or killed in every way there is. */
#ifndef TESTS_SUPPORT_STRUCK_H
#define TESTS_SUPPORT_STRUCK_H

#include "tests/support/daemon.h"
#include "tests/support/enrollee.h"

#define STRUCK_SUITES 2
#define STRUCK_ROLES 3
#define STRUCK_WAYS 8
#define STRUCK_ABRUPT 4 /* of them, the first ones: they can cut an answer off */

struct struck_suite {
	const char *name, *policy, *brand;
	enum setpki_suite suite;
};

struct struck_role {
	const char *name;
	enum setpki_request_type first, renewal;
	const char *id;
	unsigned certs;	 /* that each of the two brings */
	bool by_persons; /* two have to approve */
};

struct struck_way {
	const char *name;
	int child; /* as t_daemon_child() counts; -1: the main process; -2: all of them at once */
	int sig, status;
};

extern const struct struck_suite struck_suites[STRUCK_SUITES];
extern const struct struck_role struck_roles[STRUCK_ROLES];
extern const struct struck_way struck_ways[STRUCK_WAYS];

/* The present one. */
extern struct t_daemon struck_daemon;
extern struct t_registry struck_registry;

/* Enters a folder with a new home whose lists accept each role with its `id`, and starts a daemon. */
void struck_home(const struct struck_suite *s);
void struck_start(void);
/* Sends the signal; waits for the end that it makes, and starts another one. */
void struck_strike(const struct struck_way *way);
void struck_start_after(const struct struck_way *way);
/* In this order, for struck_home(): ends the daemon and looks at what is left.  As many certificates as end entities
 * have got, a whole log, nothing half done; the folder's logs tell of no failure but that processes missed each other.
 */
void struck_end(unsigned certs);

/* One that may begin. */
void struck_open(struct t_enrollee *p, const struct struck_role *role);

/* For the shell: the numbers of the requests that wait for persons. */
#define STRUCK_NUMBERS "$(setca request list --limit 1000 | sed -n 's/^ *\\([0-9]*\\) .*/\\1/p')"

#endif
