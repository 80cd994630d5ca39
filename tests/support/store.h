/* A store of its own for each test of ca/store, with one transaction open. */
#ifndef TESTS_SUPPORT_STORE_H
#define TESTS_SUPPORT_STORE_H

#include "ca/store/private.h"

/* A new store in a folder of its own, and a transaction that writes. */
void t_store_open(ca_store **store, ca_txn **t);
/* Commits what was written and goes on in a transaction that reads or writes. */
void t_store_next(ca_store *store, ca_txn **t, bool write);
/* Drops what was not committed. */
void t_store_close(ca_store **store, ca_txn **t);

#endif
