/* The databases: what goes in comes out, in order, once; what is damaged is named. */
#include "tests/support/check.h"
#include "tests/support/store.h"

#include <openssl/crypto.h>
#include <stdio.h>

static ca_store *store;
static ca_txn *t;
static struct setpki_error err;

/* Each test has a store of its own and an open writing transaction. */
static int
setup(void **state)
{
	(void)state;
	memset(&err, 0, sizeof(err));
	t_store_open(&store, &t);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	t_store_close(&store, &t);
	return 0;
}

/* --- meta -------------------------------------------------------------------------------------- */

static enum setpki_code
append_names(void *arg, setpki_bytes name, setpki_bytes value, struct setpki_error *e)
{
	struct sp_buf *out = arg;

	(void)e;
	sp_buf_printf(out, "%.*s=%.*s ", (int)name.n, (const char *)name.p, (int)value.n, (const char *)value.p);
	return SETPKI_E_OK;
}

static void
meta_values(void **state)
{
	static const char long_name[CA_KEY_MAX + 2] = {[0 ... CA_KEY_MAX] = 'x'};
	struct sp_buf list = {0};
	setpki_bytes v;

	(void)state;
	t_refused(ca_meta_get(t, "a", &v, &err), SETPKI_E_NOTFOUND, "no \"a\"", &err);
	t_ok(ca_meta_put(t, "p:2", SP_BYTES("two"), &err), &err);
	t_ok(ca_meta_put(t, "p:1", sp_bytes_str("one"), &err), &err);
	t_ok(ca_meta_put(t, "p:2", sp_bytes_str("zwei"), &err), &err);
	t_ok(ca_meta_put(t, "q", sp_bytes_str("other"), &err), &err);
	t_store_next(store, &t, true);
	t_ok(ca_meta_get(t, "p:2", &v, &err), &err);
	t_bytes(v, sp_bytes_str("zwei"));
	t_ok(ca_meta_each(t, "p:", append_names, &list, &err), &err);
	t_bytes(sp_buf_bytes(&list), sp_bytes_str("p:1=one p:2=zwei "));
	sp_buf_free(&list);
	t_ok(ca_meta_del(t, "p:2", &err), &err);
	t_refused(ca_meta_del(t, "p:2", &err), SETPKI_E_NOTFOUND, "p:2", &err);
	t_refused(ca_meta_put(t, "", v, &err), SETPKI_E_ARGUMENT, "0 octets", &err);
	t_refused(ca_meta_put(t, long_name, v, &err), SETPKI_E_ARGUMENT, "512 octets", &err);
}

/* --- ca ---------------------------------------------------------------------------------------- */

static uint16_t
put_ca(const char *name)
{
	struct ca_ca_record ca = {.here = true};

	snprintf(ca.name, sizeof(ca.name), "%s", name);
	t_ok(ca_ca_put(t, &ca, &err), &err);
	return ca.id;
}

static enum setpki_code
append_ca(void *arg, const struct ca_ca_record *ca, struct setpki_error *e)
{
	(void)e;
	sp_buf_printf(arg, "%u=%s ", ca->id, ca->name);
	return SETPKI_E_OK;
}

static void
cas_are_numbered_and_found(void **state)
{
	struct ca_generation g = {.number = 7, .state = CA_GEN_CLOSING};
	struct ca_ca_record ca = {0};
	struct sp_buf list = {0};

	(void)state;
	assert_int_equal(put_ca("root"), 1);
	assert_int_equal(put_ca("brand"), 2);
	t_ok(ca_ca_find(t, "brand", &ca, &err), &err);
	ca.ngenerations = 1;
	ca.generations = &g;
	t_ok(ca_ca_put(t, &ca, &err), &err);
	t_store_next(store, &t, true);
	t_ok(ca_ca_get(t, 2, &ca, &err), &err);
	assert_int_equal(ca.id, 2);
	assert_string_equal(ca.name, "brand");
	assert_int_equal(ca.generations[0].number, 7);
	assert_int_equal(ca.generations[0].state, CA_GEN_CLOSING);
	ca_ca_record_free(&ca);
	t_ok(ca_ca_each(t, append_ca, &list, &err), &err);
	t_bytes(sp_buf_bytes(&list), sp_bytes_str("1=root 2=brand "));
	sp_buf_free(&list);
	t_refused(ca_ca_get(t, 3, &ca, &err), SETPKI_E_NOTFOUND, "number 3", &err);
	t_refused(ca_ca_find(t, "gone", &ca, &err), SETPKI_E_NOTFOUND, "gone", &err);
	snprintf(ca.name, sizeof(ca.name), "root");
	t_refused(ca_ca_put(t, &ca, &err), SETPKI_E_CONFLICT, "number 1", &err);
	ca.name[0] = '\0';
	t_refused(ca_ca_put(t, &ca, &err), SETPKI_E_ARGUMENT, "name", &err);
	memset(ca.name, 'n', sizeof(ca.name));
	t_refused(ca_ca_put(t, &ca, &err), SETPKI_E_ARGUMENT, "name", &err);
}

/* --- cert -------------------------------------------------------------------------------------- */

struct row {
	uint16_t ca;
	uint8_t serial, key, request;
	const char *holder;
	bool renews;
};

static struct ca_cert_record
record(const struct row *row, uint8_t serial[SP_SERIAL_LEN])
{
	static uint8_t der[1200];
	struct ca_cert_record r = {.ca = row->ca,
	    .generation = 1,
	    .kind = SETPKI_KIND_MER_SIG,
	    .issued_at = row->serial,
	    .renews_key = row->renews,
	    .serial = {serial, SP_SERIAL_LEN},
	    .der = SP_BYTES(der),
	    .holder = (char *)(uintptr_t)row->holder};

	memset(serial, row->serial, SP_SERIAL_LEN);
	serial[0] = 1;
	memset(r.key_identity, row->key, sizeof(r.key_identity));
	memset(r.request, row->request, sizeof(r.request));
	return r;
}

static enum setpki_code
put_cert(const struct row *row, uint64_t *seq)
{
	uint8_t serial[SP_SERIAL_LEN];
	struct ca_cert_record r = record(row, serial);
	enum setpki_code rc = ca_cert_put(t, &r, &err);

	*seq = r.seq;
	return rc;
}

static enum setpki_code
append_cert(void *arg, const struct ca_cert_record *rec, struct setpki_error *e)
{
	(void)e;
	sp_buf_printf(arg, "%u.%llu ", rec->ca, (unsigned long long)rec->seq);
	return SETPKI_E_OK;
}

static void
listed(struct sp_buf *list, const char *want)
{
	t_bytes(sp_buf_bytes(list), sp_bytes_str(want));
	sp_buf_free(list);
}

/* CA 2 gets certificates before and after CA 1 and 3: numbers count per CA, wherever the CA stands. */
static const struct row rows[] = {
    {2, 0x10, 0x01, 0xa0, "Alice", false},
    {3, 0x11, 0x02, 0xa0, "Alice", false},
    {1, 0x12, 0x03, 0, NULL, false},
    {2, 0x13, 0x04, 0xa1, "Alice B", false},
    {2, 0x14, 0x05, 0xa0, "Alice", false},
    {3, 0x15, 0x06, 0, "", false},
};

static void
put_rows(void)
{
	static const uint64_t seqs[] = {1, 1, 1, 2, 3, 2};
	struct row row;
	uint64_t seq;

	for (size_t i = 0; i < NELEMS(rows); i++) {
		row = rows[i];
		if (row.holder != NULL && row.holder[0] == '\0')
			row.holder = NULL;
		t_ok(put_cert(&row, &seq), &err);
		assert_int_equal(seq, seqs[i]);
	}
}

static void
certificates_are_found_by_everything(void **state)
{
	uint8_t serial[SP_SERIAL_LEN], identity[32];
	struct ca_cert_record want, got;

	(void)state;
	put_rows();
	for (int again = 0; again < 2; again++) {
		for (size_t i = 0; i < NELEMS(rows); i++) {
			want = record(&rows[i], serial);
			t_ok(ca_cert_by_serial(t, SP_BYTES(serial), &got, &err), &err);
			assert_int_equal(got.ca, rows[i].ca);
			assert_int_equal(got.issued_at, rows[i].serial);
			t_bytes(got.der, want.der);
			ca_cert_record_free(&got);
			t_ok(ca_cert_by_ca_serial(t, rows[i].ca, SP_BYTES(serial), &got, &err), &err);
			ca_cert_record_free(&got);
			t_refused(ca_cert_by_ca_serial(t, 9, SP_BYTES(serial), &got, &err), SETPKI_E_NOTFOUND,
			    "CA number 9", &err);
			memset(identity, rows[i].key, sizeof(identity));
			t_ok(ca_cert_by_key(t, identity, &got, &err), &err);
			t_bytes(got.serial, SP_BYTES(serial));
			ca_cert_record_free(&got);
		}
		t_store_next(store, &t, false);
	}
	t_ok(ca_cert_get(t, 2, 3, &got, &err), &err);
	assert_string_equal(got.holder, "Alice");
	ca_cert_record_free(&got);
	t_refused(ca_cert_get(t, 2, 4, &got, &err), SETPKI_E_NOTFOUND, "number 4", &err);
	memset(identity, 0x77, sizeof(identity));
	t_refused(ca_cert_by_key(t, identity, &got, &err), SETPKI_E_NOTFOUND, "key", &err);
	t_refused(ca_cert_by_serial(t, SP_BYTES("\1\2"), &got, &err), SETPKI_E_NOTFOUND, "serial", &err);
}

static void
walks_are_in_order_and_complete(void **state)
{
	struct sp_buf list = {0};
	uint8_t request[32];

	(void)state;
	put_rows();
	for (int again = 0; again < 2; again++) {
		t_ok(ca_cert_by_holder(t, "Alice", append_cert, &list, &err), &err);
		listed(&list, "2.1 2.3 3.1 ");
		t_ok(ca_cert_by_holder(t, "Alice B", append_cert, &list, &err), &err);
		listed(&list, "2.2 ");
		t_ok(ca_cert_by_holder(t, "Alic", append_cert, &list, &err), &err);
		listed(&list, "");
		memset(request, 0xa0, sizeof(request));
		t_ok(ca_cert_by_request(t, request, append_cert, &list, &err), &err);
		listed(&list, "2.1 2.3 3.1 ");
		memset(request, 0xa2, sizeof(request));
		t_refused(ca_cert_by_request(t, request, append_cert, &list, &err), SETPKI_E_NOTFOUND, "request", &err);
		memset(request, 0, sizeof(request));
		t_refused(ca_cert_by_request(t, request, append_cert, &list, &err), SETPKI_E_NOTFOUND, "request", &err);
		t_ok(ca_cert_each(t, 2, 0, append_cert, &list, &err), &err);
		listed(&list, "2.1 2.2 2.3 ");
		t_ok(ca_cert_each(t, 2, 3, append_cert, &list, &err), &err);
		listed(&list, "2.3 ");
		t_ok(ca_cert_each(t, 2, 4, append_cert, &list, &err), &err);
		t_ok(ca_cert_each(t, 4, 0, append_cert, &list, &err), &err);
		listed(&list, "");
		t_store_next(store, &t, false);
	}
}

static enum setpki_code
stop_at_two(void *arg, const struct ca_cert_record *rec, struct setpki_error *e)
{
	(void)e;
	++*(int *)arg;
	return rec->seq == 2 ? SETPKI_E_STATE : SETPKI_E_OK;
}

static enum setpki_code
fail_at_once(void *arg, const struct ca_cert_record *rec, struct setpki_error *e)
{
	(void)arg;
	(void)rec;
	return sp_fail(e, SETPKI_E_POLICY, NULL, "enough");
}

static void
a_walk_stops_when_told(void **state)
{
	int shown = 0;

	(void)state;
	put_rows();
	t_ok(ca_cert_each(t, 2, 0, stop_at_two, &shown, &err), &err);
	assert_int_equal(shown, 2);
	t_refused(ca_cert_each(t, 2, 0, fail_at_once, NULL, &err), SETPKI_E_POLICY, "enough", &err);
	t_refused(ca_cert_by_holder(t, "Alice", fail_at_once, NULL, &err), SETPKI_E_POLICY, "enough", &err);
}

static void
certificates_that_conflict_are_refused(void **state)
{
	static const struct {
		struct row row;
		enum setpki_code rc;
		const char *text;
	} refusals[] = {
	    {{2, 0x10, 0x41, 0, NULL, false}, SETPKI_E_CONFLICT, "serial"},
	    {{2, 0x20, 0x01, 0, NULL, false}, SETPKI_E_CONFLICT, "public key"},
	    {{3, 0x20, 0x01, 0, NULL, false}, SETPKI_E_CONFLICT, "public key"},
	    {{2, 0x10, 0x01, 0, NULL, true}, SETPKI_E_CONFLICT, "serial"},
	    {{0, 0x20, 0x41, 0, NULL, false}, SETPKI_E_ARGUMENT, "needs its CA"},
	    {{2, 0x20, 0x41, 0, "", false}, SETPKI_E_ARGUMENT, "holder"},
	};
	struct sp_buf list = {0};
	uint64_t seq;

	(void)state;
	put_rows();
	for (size_t i = 0; i < NELEMS(refusals); i++)
		t_refused(put_cert(&refusals[i].row, &seq), refusals[i].rc, refusals[i].text, &err);
	/* nothing was written by any of them: the transaction commits, and holds what it held */
	t_store_next(store, &t, true);
	t_ok(ca_cert_each(t, 2, 0, append_cert, &list, &err), &err);
	listed(&list, "2.1 2.2 2.3 ");
}

static void
a_renewed_key_leads_to_the_newest(void **state)
{
	static const struct row renewal = {2, 0x30, 0x01, 0, NULL, true}, foreign = {4, 0x10, 0x09, 0, NULL, false};
	struct ca_cert_record got;
	uint8_t identity[32], serial[SP_SERIAL_LEN];
	uint64_t seq;

	(void)state;
	put_rows();
	t_ok(put_cert(&renewal, &seq), &err);
	assert_int_equal(seq, 4);
	memset(identity, 0x01, sizeof(identity));
	t_ok(ca_cert_by_key(t, identity, &got, &err), &err);
	assert_int_equal(got.seq, 4);
	ca_cert_record_free(&got);
	/* the serial of a certificate of CA 2, drawn by another CA too */
	t_ok(put_cert(&foreign, &seq), &err);
	record(&foreign, serial);
	t_ok(ca_cert_by_ca_serial(t, 4, SP_BYTES(serial), &got, &err), &err);
	assert_int_equal(got.ca, 4);
	ca_cert_record_free(&got);
	t_ok(ca_cert_by_ca_serial(t, 2, SP_BYTES(serial), &got, &err), &err);
	assert_int_equal(got.ca, 2);
	ca_cert_record_free(&got);
}

static void
sizes_have_their_limits(void **state)
{
	uint8_t serial[SP_SERIAL_LEN];
	struct ca_cert_record r = record(&rows[0], serial);
	char holder[CA_HOLDER_MAX + 2];
	uint8_t *big = OPENSSL_zalloc(SP_CERT_MAX + 1);

	(void)state;
	r.der = sp_bytes(big, SP_CERT_MAX + 1);
	t_refused(ca_cert_put(t, &r, &err), SETPKI_E_LIMIT, "16385", &err);
	r.der.n = 0;
	t_refused(ca_cert_put(t, &r, &err), SETPKI_E_LIMIT, "0 bytes", &err);
	r.der.n = SP_CERT_MAX;
	memset(holder, 'h', sizeof(holder));
	holder[CA_HOLDER_MAX + 1] = '\0';
	r.holder = holder;
	t_refused(ca_cert_put(t, &r, &err), SETPKI_E_ARGUMENT, "401", &err);
	holder[CA_HOLDER_MAX] = '\0';
	t_ok(ca_cert_put(t, &r, &err), &err);
	ca_txn_abort(t);
	t_ok(ca_txn_begin(store, false, &t, &err), &err);
	t_refused(ca_cert_put(t, &r, &err), SETPKI_E_STATE, "only reads", &err);
	OPENSSL_free(big);
}

/* --- intent ------------------------------------------------------------------------------------ */

static enum setpki_code
delete_each(void *arg, const struct ca_intent_record *rec, struct setpki_error *e)
{
	++*(int *)arg;
	return ca_intent_del(t, rec->serial, e);
}

static void
intents_open_and_end(void **state)
{
	struct ca_intent_record rec = {.ca = 1, .writer = 5, .writer_epoch = 9, .tbs = SP_BYTES("to be signed")}, got;
	uint8_t serial[SP_SERIAL_LEN] = {1};
	int deleted = 0;

	(void)state;
	rec.serial = SP_BYTES(serial);
	for (int i = 0; i < 5; i++) {
		serial[1] = (uint8_t)i;
		t_ok(ca_intent_put(t, &rec, &err), &err);
	}
	t_refused(ca_intent_put(t, &rec, &err), SETPKI_E_CONFLICT, "already", &err);
	t_store_next(store, &t, true);
	t_ok(ca_intent_get(t, rec.serial, &got, &err), &err);
	assert_int_equal(got.writer, 5);
	assert_int_equal(got.writer_epoch, 9);
	t_bytes(got.tbs, rec.tbs);
	ca_intent_record_free(&got);
	t_ok(ca_intent_del(t, rec.serial, &err), &err);
	t_refused(ca_intent_get(t, rec.serial, &got, &err), SETPKI_E_NOTFOUND, "intent", &err);
	t_refused(ca_intent_del(t, rec.serial, &err), SETPKI_E_NOTFOUND, "intent", &err);
	/* a walk that deletes what it is shown meets each one */
	t_ok(ca_intent_each(t, delete_each, &deleted, &err), &err);
	assert_int_equal(deleted, 4);
}

/* --- revoked ----------------------------------------------------------------------------------- */

static struct ca_revoked_record
revocation(uint16_t ca, uint16_t generation, uint8_t serial[2], uint8_t value)
{
	serial[0] = 1;
	serial[1] = value;
	return (struct ca_revoked_record){.ca = ca,
	    .generation = generation,
	    .serial = {serial, 2},
	    .at = 1000 + value,
	    .not_after = 9000,
	    .reason = value % 3 == 0 ? -1 : 1};
}

static void
revocations_come_in_crl_order(void **state)
{
	static const uint8_t order[] = {7, 3, 200, 5, 0, 128};
	struct ca_revoked_record rec;
	ca_revoked_cursor *c;
	uint8_t serial[2], last = 0;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < NELEMS(order); i++) {
		rec = revocation(2, (uint16_t)(1 + i % 2), serial, order[i]);
		t_ok(ca_revoked_put(t, &rec, &err), &err);
	}
	t_store_next(store, &t, false);
	t_ok(ca_revoked_open(t, 2, 1, &c, &err), &err);
	for (int pass = 0; pass < 2; pass++) {
		for (n = 0; ca_revoked_next(c, &rec); n++) {
			assert_int_equal(rec.serial.n, 2);
			assert_true(n == 0 || rec.serial.p[1] > last);
			last = rec.serial.p[1];
			assert_int_equal(rec.at, 1000 + last);
			assert_int_equal(rec.reason, last % 3 == 0 ? -1 : 1);
		}
		assert_int_equal(n, 3);
		t_ok(ca_revoked_status(c, &err), &err);
		ca_revoked_rewind(c);
	}
	ca_revoked_close(c);
	t_ok(ca_revoked_open(t, 3, 1, &c, &err), &err);
	assert_false(ca_revoked_next(c, &rec));
	t_ok(ca_revoked_status(c, &err), &err);
	ca_revoked_close(c);
}

static void
revocations_are_found_under_any_generation(void **state)
{
	uint8_t serial[2];
	struct ca_revoked_record rec = revocation(2, 700, serial, 9), got;

	(void)state;
	t_ok(ca_revoked_put(t, &rec, &err), &err);
	rec.generation = 1;
	t_refused(ca_revoked_put(t, &rec, &err), SETPKI_E_CONFLICT, "already", &err);
	t_ok(ca_revoked_get(t, 2, rec.serial, &got, &err), &err);
	assert_int_equal(got.generation, 700);
	t_refused(ca_revoked_get(t, 3, rec.serial, &got, &err), SETPKI_E_NOTFOUND, "not revoked", &err);
	t_refused(ca_revoked_update(t, &rec, &err), SETPKI_E_NOTFOUND, "not revoked", &err);
	rec.generation = 700;
	rec.listed_until = 77;
	t_ok(ca_revoked_update(t, &rec, &err), &err);
	t_ok(ca_revoked_get(t, 2, rec.serial, &got, &err), &err);
	assert_int_equal(got.listed_until, 77);
	rec.reason = 11;
	t_refused(ca_revoked_update(t, &rec, &err), SETPKI_E_ARGUMENT, "11", &err);
	t_ok(ca_revoked_del(t, 2, rec.serial, &err), &err);
	t_refused(ca_revoked_del(t, 2, rec.serial, &err), SETPKI_E_NOTFOUND, "not revoked", &err);
}

/* --- crl, bci ---------------------------------------------------------------------------------- */

static void
lists_replace_each_other(void **state)
{
	size_t n = 200000;
	uint8_t *der = OPENSSL_zalloc(n);
	struct ca_crl_record crl = {.ca = 2, .generation = 3, .number = 1, .next_run = 5, .der = {der, n}}, got;
	struct ca_bci_record bci = {.brand = 2, .sequence = 8, .published = 7, .der = {der, 900}}, gotb;

	(void)state;
	der[n - 1] = 1;
	t_ok(ca_crl_put(t, &crl, &err), &err);
	t_ok(ca_bci_put(t, &bci, &err), &err);
	t_store_next(store, &t, true);
	t_ok(ca_crl_get(t, 2, 3, &got, &err), &err);
	t_bytes(got.der, crl.der);
	assert_int_equal(got.next_run, 5);
	ca_crl_record_free(&got);
	t_ok(ca_crl_look(t, 2, 3, &got, &err), &err);
	t_bytes(got.der, crl.der);
	crl.number = 2;
	crl.der.n = 0;
	t_ok(ca_crl_put(t, &crl, &err), &err);
	t_ok(ca_crl_get(t, 2, 3, &got, &err), &err);
	assert_int_equal(got.number, 2);
	assert_null(got.der.p);
	ca_crl_record_free(&got);
	t_ok(ca_bci_get(t, 2, &gotb, &err), &err);
	assert_int_equal(gotb.published, 7);
	t_bytes(gotb.der, bci.der);
	ca_bci_record_free(&gotb);
	t_refused(ca_crl_get(t, 2, 4, &got, &err), SETPKI_E_NOTFOUND, "generation 4", &err);
	t_refused(ca_bci_get(t, 3, &gotb, &err), SETPKI_E_NOTFOUND, "number 3", &err);
	bci.der.n = SP_BCI_MAX + 1;
	t_refused(ca_bci_put(t, &bci, &err), SETPKI_E_LIMIT, "BCI", &err);
	crl.der.n = (size_t)SP_CRL_MAX + 1;
	t_refused(ca_crl_put(t, &crl, &err), SETPKI_E_LIMIT, "CRL", &err);
	OPENSSL_free(der);
}

/* --- audit ------------------------------------------------------------------------------------- */

static enum setpki_code
count_leaf(void *arg, uint64_t index, setpki_bytes leaf, struct setpki_error *e)
{
	uint64_t *next = arg;

	(void)e;
	assert_int_equal(index, *next);
	assert_int_equal(leaf.n, 8);
	++*next;
	return SETPKI_E_OK;
}

static void
log_entries_are_appended_once(void **state)
{
	uint8_t hash[32] = {1}, got[32];
	setpki_bytes leaf;

	(void)state;
	for (uint64_t i = 0; i < 20; i++) {
		t_ok(ca_audit_put(t, i, SP_BYTES("leaf ..."), &err), &err);
		for (unsigned level = 0; (i + 1) % (1u << level) == 0 && level < 5; level++)
			t_ok(ca_audit_node_put(t, level, i >> level, hash, &err), &err);
	}
	t_store_next(store, &t, true);
	t_ok(ca_audit_node_get(t, 4, 0, got, &err), &err);
	t_ok(ca_audit_node_get(t, 0, 19, got, &err), &err);
	t_ok(ca_audit_node_get(t, 2, 4, got, &err), &err);
	t_refused(ca_audit_node_get(t, 3, 2, got, &err), SETPKI_E_NOTFOUND, "node 2 on level 3", &err);
	t_refused(ca_audit_node_get(t, 64, 0, got, &err), SETPKI_E_ARGUMENT, "level 64", &err);
	t_refused(ca_audit_node_get(t, 2, UINT64_MAX / 2, got, &err), SETPKI_E_ARGUMENT, "level 2", &err);
	t_refused(ca_audit_node_put(t, 2, 4, hash, &err), SETPKI_E_CONFLICT, "already", &err);
	t_refused(ca_audit_put(t, 5, SP_BYTES("x"), &err), SETPKI_E_CONFLICT, "already", &err);
	t_refused(ca_audit_get(t, 20, &leaf, &err), SETPKI_E_NOTFOUND, "leaf 20", &err);
	t_ok(ca_audit_get(t, 19, &leaf, &err), &err);
}

static void
leaves_are_walked_in_order(void **state)
{
	uint64_t next = 3;

	(void)state;
	for (uint64_t i = 0; i < 300; i++)
		t_ok(ca_audit_put(t, i, SP_BYTES("leaf..."), &err), &err);
	t_ok(ca_audit_each_leaf(t, 3, count_leaf, &next, &err), &err);
	assert_int_equal(next, 300);
}

/* --- damage ------------------------------------------------------------------------------------ */

/* Each row spoils one value; the read that meets it names database and key. */
static enum setpki_code
read_ca(void)
{
	struct ca_ca_record r;

	return ca_ca_get(t, 1, &r, &err);
}

static enum setpki_code
walk_cas(void)
{
	struct sp_buf list = {0};
	enum setpki_code rc = ca_ca_each(t, append_ca, &list, &err);

	sp_buf_free(&list);
	return rc;
}

static enum setpki_code
read_cert(void)
{
	struct ca_cert_record r;

	return ca_cert_get(t, 2, 1, &r, &err);
}

static enum setpki_code
walk_certs(void)
{
	int n = 0;

	return ca_cert_each(t, 2, 0, stop_at_two, &n, &err);
}

static enum setpki_code
find_serial(void)
{
	uint8_t serial[SP_SERIAL_LEN];
	struct ca_cert_record r;

	record(&rows[0], serial);
	return ca_cert_by_serial(t, SP_BYTES(serial), &r, &err);
}

static enum setpki_code
find_key(void)
{
	uint8_t identity[32];
	struct ca_cert_record r;

	memset(identity, rows[0].key, sizeof(identity));
	return ca_cert_by_key(t, identity, &r, &err);
}

static enum setpki_code
read_intents(void)
{
	int n = 0;

	return ca_intent_each(t, delete_each, &n, &err);
}

static enum setpki_code
read_revoked(void)
{
	struct ca_revoked_record r;
	uint8_t serial[2];

	r = revocation(2, 1, serial, 9);
	return ca_revoked_get(t, 2, r.serial, &r, &err);
}

static enum setpki_code
walk_revoked(void)
{
	struct ca_revoked_record r;
	ca_revoked_cursor *c;
	enum setpki_code rc;

	t_ok(ca_revoked_open(t, 2, 1, &c, &err), &err);
	assert_false(ca_revoked_next(c, &r));
	rc = ca_revoked_status(c, &err);
	assert_false(ca_revoked_next(c, &r));
	ca_revoked_close(c);
	return rc;
}

static enum setpki_code
read_crl(void)
{
	struct ca_crl_record r;

	return ca_crl_get(t, 2, 3, &r, &err);
}

static enum setpki_code
read_bci(void)
{
	struct ca_bci_record r;

	return ca_bci_get(t, 2, &r, &err);
}

static enum setpki_code
read_node(void)
{
	uint8_t hash[32];

	return ca_audit_node_get(t, 0, 0, hash, &err);
}

static void
fill_all(void)
{
	uint8_t serial[2];
	struct ca_revoked_record rec = revocation(2, 1, serial, 9);
	struct ca_intent_record intent = {.serial = rec.serial};
	struct ca_crl_record crl = {.ca = 2, .generation = 3};
	struct ca_bci_record bci = {.brand = 2};
	static const uint8_t hash[32];

	put_ca("root");
	put_rows();
	t_ok(ca_revoked_put(t, &rec, &err), &err);
	t_ok(ca_intent_put(t, &intent, &err), &err);
	t_ok(ca_crl_put(t, &crl, &err), &err);
	t_ok(ca_bci_put(t, &bci, &err), &err);
	t_ok(ca_audit_node_put(t, 0, 0, hash, &err), &err);
}

static void
damage_is_named(void **state)
{
	static const struct {
		enum ca_db db;
		const char *key;
		enum setpki_code (*read)(void);
	} spoilt[] = {
	    {CA_DB_CA, "0001", read_ca},
	    {CA_DB_CA, "0001", walk_cas},
	    {CA_DB_CERT, "00020000000000000001", read_cert},
	    {CA_DB_CERT, "00020000000000000001", walk_certs},
	    {CA_DB_CERT, "00020000000000000001", find_serial},
	    {CA_DB_BY_SERIAL, "1101101010101010101010101010101010100000000002", find_serial},
	    {CA_DB_BY_KEY, "0101010101010101010101010101010101010101010101010101010101010101", find_key},
	    {CA_DB_INTENT, "020109000000000000000000000000000000000000", read_intents},
	    {CA_DB_REVOKED, "00020001020109000000000000000000000000000000000000", read_revoked},
	    {CA_DB_REVOKED, "00020001020109000000000000000000000000000000000000", walk_revoked},
	    {CA_DB_CRL, "00020003", read_crl},
	    {CA_DB_BCI, "0002", read_bci},
	    {CA_DB_AUDIT_NODE, "000000000000000000", read_node},
	};
	struct ca_dbkey k;
	setpki_bytes key, was;
	struct sp_buf half = {0};

	(void)state;
	fill_all();
	for (size_t i = 0; i < NELEMS(spoilt); i++) {
		key = t_hex(spoilt[i].key);
		ca_key_start(&k);
		ca_key_raw(&k, key.p, key.n);
		t_ok(ca_db_get(t, spoilt[i].db, &k, &was, &err), &err);
		sp_buf_add(&half, was.p, was.n / 2);
		t_store_next(store, &t, true); /* a transaction that met damage cannot be committed */
		t_ok(ca_db_put(t, spoilt[i].db, &k, sp_buf_bytes(&half), 0, &err), &err);
		assert_int_equal(spoilt[i].read(), SETPKI_E_STORE);
		if (strstr(err.message, ca_db_names[spoilt[i].db]) == NULL ||
		    strstr(err.message, spoilt[i].key) == NULL)
			fail_msg("row %zu: \"%s\" names neither database nor key", i, err.message);
		setpki_error_clear(&err);
		t_code(ca_txn_commit(t, &err), SETPKI_E_STORE, &err);
		setpki_error_clear(&err);
		t_ok(ca_txn_begin(store, true, &t, &err), &err);
		sp_buf_free(&half);
	}
	t_hex_free();
}

/* An index that leads nowhere, or to another certificate. */
static void
indexes_that_mislead_are_named(void **state)
{
	struct ca_dbkey k, other;
	setpki_bytes key = t_hex("1101101010101010101010101010101010100000000002");

	(void)state;
	put_rows();
	ca_key_start(&k);
	ca_key_raw(&k, key.p, key.n);
	ca_key_start(&other);
	ca_key_u64(&other, 99);
	t_ok(ca_db_put(t, CA_DB_BY_SERIAL, &k, ca_key_bytes(&other), 0, &err), &err);
	t_refused(find_serial(), SETPKI_E_STORE, "not there", &err);
	ca_key_start(&other);
	ca_key_u64(&other, 2);
	t_ok(ca_db_put(t, CA_DB_BY_SERIAL, &k, ca_key_bytes(&other), 0, &err), &err);
	t_refused(find_serial(), SETPKI_E_STORE, "another serial", &err);
	ca_key_start(&k);
	ca_key_raw(&k, "\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1", 32);
	ca_key_start(&other);
	ca_key_u16(&other, 2);
	ca_key_u64(&other, 2);
	t_ok(ca_db_put(t, CA_DB_BY_KEY, &k, ca_key_bytes(&other), 0, &err), &err);
	t_refused(find_key(), SETPKI_E_STORE, "another key", &err);
	t_hex_free();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(meta_values),
	    TEST(cas_are_numbered_and_found),
	    TEST(certificates_are_found_by_everything),
	    TEST(walks_are_in_order_and_complete),
	    TEST(a_walk_stops_when_told),
	    TEST(certificates_that_conflict_are_refused),
	    TEST(a_renewed_key_leads_to_the_newest),
	    TEST(sizes_have_their_limits),
	    TEST(intents_open_and_end),
	    TEST(revocations_come_in_crl_order),
	    TEST(revocations_are_found_under_any_generation),
	    TEST(lists_replace_each_other),
	    TEST(log_entries_are_appended_once),
	    TEST(leaves_are_walked_in_order),
	    TEST(damage_is_named),
	    TEST(indexes_that_mislead_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
