/* The whole store of a home that others may have open, to be compared with what it is later. */
#ifndef TESTS_SUPPORT_DUMP_H
#define TESTS_SUPPORT_DUMP_H

#include "ca/store/private.h"

/* Every key and value of each database, and how often the store was written to. */
struct t_dump {
	struct sp_buf db[CA_DB_N];
	uint64_t writes;
};

/* Zero-initialised, or dumped to before. */
void t_dump_take(const char *store, struct t_dump *d);
/* Fails the test with the name of the first database that differs. */
void t_dump_same(const struct t_dump *before, const struct t_dump *after);
void t_dump_free(struct t_dump *d);

#endif
