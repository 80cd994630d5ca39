#include "tests/support/store.h"

#include "tests/support/check.h"
#include "tests/support/scratch.h"

void
t_store_open(ca_store **store, ca_txn **t)
{
	struct setpki_error err = {0};

	t_ok(ca_store_open(scratch_dir(), true, store, &err), &err);
	t_ok(ca_txn_begin(*store, true, t, &err), &err);
}

void
t_store_next(ca_store *store, ca_txn **t, bool write)
{
	struct setpki_error err = {0};

	t_ok(ca_txn_commit(*t, &err), &err);
	t_ok(ca_txn_begin(store, write, t, &err), &err);
}

void
t_store_close(ca_store **store, ca_txn **t)
{
	ca_txn_abort(*t);
	ca_store_close(*store);
	*t = NULL;
	*store = NULL;
}
