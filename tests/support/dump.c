#include "tests/support/dump.h"

#include "ca/store/codec.h"
#include "tests/support/check.h"

static void
dump_database(ca_txn *t, enum ca_db db, struct sp_buf *out)
{
	struct setpki_error err = {0};
	struct ca_dbkey from;
	struct ca_scan scan;
	setpki_bytes key, value;

	sp_buf_reset(out);
	ca_key_start(&from);
	t_ok(ca_scan_open(t, db, &from, 0, &scan, &err), &err);
	for (;;) {
		t_ok(ca_scan_next(&scan, &key, &value, &err), &err);
		if (key.n == 0)
			break;
		ca_put_bytes(out, key);
		ca_put_bytes(out, value);
	}
	ca_scan_close(&scan);
	assert_false(out->failed);
}

void
t_dump_take(const char *store, struct t_dump *d)
{
	struct setpki_error err = {0};
	ca_store *s;
	ca_txn *t;

	t_ok(ca_store_open(store, false, &s, &err), &err);
	t_ok(ca_txn_begin(s, false, &t, &err), &err);
	for (size_t i = 0; i < CA_DB_N; i++)
		dump_database(t, (enum ca_db)i, &d->db[i]);
	ca_txn_abort(t);
	t_ok(ca_store_changes(s, &d->writes, &err), &err);
	ca_store_close(s);
}

void
t_dump_same(const struct t_dump *before, const struct t_dump *after)
{
	for (size_t i = 0; i < CA_DB_N; i++)
		if (!sp_bytes_eq(sp_buf_bytes(&before->db[i]), sp_buf_bytes(&after->db[i])))
			fail_msg("the database \"%s\" had %zu octets and has %zu, or others", ca_db_names[i],
			    before->db[i].n, after->db[i].n);
	assert_true(before->writes == after->writes);
}

void
t_dump_free(struct t_dump *d)
{
	for (size_t i = 0; i < CA_DB_N; i++)
		sp_buf_free(&d->db[i]);
}
