/* The frame of every import: lock, one transaction, nothing written for what is here already. */
#include "ca/publish/private.h"

#include <unistd.h>

static enum setpki_code
run_locked(struct ca_home *h, ca_import_fn *import, void *arg, bool *same, struct setpki_error *err)
{
	ca_txn *t;
	enum setpki_code rc = ca_txn_begin(h->store, true, &t, err);

	if (rc != SETPKI_E_OK)
		return rc;
	rc = import(arg, t, same, err);
	if (rc == SETPKI_E_OK && !*same)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

enum setpki_code
ca_import_run(struct ca_home *h, ca_import_fn *import, void *arg, bool *same, struct setpki_error *err)
{
	bool unasked;
	int lock;
	enum setpki_code rc = ca_home_lock(h, CA_PUBLISH_LOCK, true, &lock, err);

	if (same == NULL)
		same = &unasked;
	*same = false;
	if (rc != SETPKI_E_OK)
		return rc;
	rc = run_locked(h, import, arg, same, err);
	close(lock);
	return rc;
}
