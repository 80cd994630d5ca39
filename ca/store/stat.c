/* How the store stands: for figures and for those who wait for a change. */
#include "ca/store/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum setpki_code
ca_store_changes(ca_store *s, uint64_t *out, struct setpki_error *err)
{
	MDB_envinfo info;
	int rc = mdb_env_info(s->env, &info);

	*out = 0;
	if (rc != 0)
		return ca_store_fail(s, rc, "asking for its state", err);
	*out = info.me_last_txnid;
	return SETPKI_E_OK;
}

/* LMDB tells of readers only in lines of text: process, thread, and the transaction that it reads, or "-". */
static int
on_reader(const char *line, void *arg)
{
	struct ca_store_stat *out = arg;
	const char *last = strrchr(line, ' ');
	unsigned long long txn;
	char *end;

	if (last == NULL || last[1] < '0' || last[1] > '9')
		return 0;
	txn = strtoull(last + 1, &end, 10);
	if (*end != '\n')
		return 0;
	out->readers++;
	if (txn < out->changes && out->changes - txn > out->oldest)
		out->oldest = out->changes - txn;
	return 0;
}

static enum setpki_code
count_intents(ca_store *s, uint64_t *n, struct setpki_error *err)
{
	MDB_stat stat;
	ca_txn *t;
	int rc;
	enum setpki_code code = ca_txn_begin(s, false, &t, err);

	if (code != SETPKI_E_OK)
		return code;
	if ((rc = mdb_stat(t->txn, s->db[CA_DB_INTENT], &stat)) != 0)
		code = ca_db_fail(t, CA_DB_INTENT, rc, "counting", err);
	else
		*n = stat.ms_entries;
	ca_txn_abort(t);
	return code;
}

enum setpki_code
ca_store_stat(ca_store *s, struct ca_store_stat *out, struct setpki_error *err)
{
	MDB_envinfo info;
	MDB_stat stat;
	int rc;
	enum setpki_code code;

	memset(out, 0, sizeof(*out));
	if ((rc = mdb_env_info(s->env, &info)) != 0 || (rc = mdb_env_stat(s->env, &stat)) != 0)
		return ca_store_fail(s, rc, "asking for its state", err);
	out->used = (info.me_last_pgno + 1) * stat.ms_psize;
	out->mapped = info.me_mapsize;
	out->changes = info.me_last_txnid;
	if ((rc = mdb_reader_list(s->env, on_reader, out)) < 0)
		return ca_store_fail(s, rc, "listing its readers", err);
	code = ca_store_headroom(s, &out->left, NULL);
	out->low = code == SETPKI_E_STATE;
	if (code != SETPKI_E_OK && !out->low)
		return sp_fail(err, code, NULL, "%s: the free space cannot be told", s->dir);
	return count_intents(s, &out->intents, err);
}
