/* Commands that list: so many rows, and from where the next time goes on. */
#ifndef TOOLS_SETCA_LIST_H
#define TOOLS_SETCA_LIST_H

#include "tools/setca/setca.h"

/* Room for a place that --after takes, NUL included. */
#define SETCA_PLACE_MAX 320

/* A listing at work. */
struct setca_list {
	struct setca *s;
	ca_txn *t;
	uint64_t limit, shown;
	bool more;		    /* there is more than was asked for */
	char last[SETCA_PLACE_MAX]; /* the place of the last row */
};

struct setca_list_table {
	const char *schema;
	const struct tc_column *columns;
	const char *none; /* said to people where there is no row */
};

/* Opens the home for reading, has `walk` put the rows, and says what --after takes for more.
 * @param limit  as --limit gives it: -1: a hundred; 0: ARGUMENT
 * @param l      zeroed; of `arg` */
enum setpki_code setca_list(struct tc_run *run, int64_t limit, const struct setca_list_table *table,
    struct setca_list *l, enum setpki_code (*walk)(void *arg), void *arg);
/* Counts a row if there is room for it; false: the walk ends, with STATE. */
bool setca_list_room(struct setca_list *l);
/* What --after does not take; ARGUMENT. */
enum setpki_code setca_list_bad_place(const char *text, struct setpki_error *err);

#endif
