/* Every call of LMDB and of the allocator fails once, in each operation: the error is told, nothing crashes, nothing
 * is changed, and the store works on. */
#include "ca/store/private.h"
#include "tests/support/fault.h"
#include "tests/support/scratch.h"

#include <errno.h>
#include <openssl/crypto.h>

/* --- the calls that fail ----------------------------------------------------------------------- */

int __real_mdb_txn_begin(MDB_env *env, MDB_txn *parent, unsigned flags, MDB_txn **txn);
int __wrap_mdb_txn_begin(MDB_env *env, MDB_txn *parent, unsigned flags, MDB_txn **txn);
int
__wrap_mdb_txn_begin(MDB_env *env, MDB_txn *parent, unsigned flags, MDB_txn **txn)
{
	return fault_now() ? EIO : __real_mdb_txn_begin(env, parent, flags, txn);
}

int __real_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn);
int
__wrap_mdb_txn_commit(MDB_txn *txn)
{
	if (!fault_now())
		return __real_mdb_txn_commit(txn);
	mdb_txn_abort(txn); /* it is gone either way */
	return EIO;
}

int __real_mdb_get(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data);
int __wrap_mdb_get(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data);
int
__wrap_mdb_get(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data)
{
	return fault_now() ? MDB_CORRUPTED : __real_mdb_get(txn, dbi, key, data);
}

int __real_mdb_put(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data, unsigned flags);
int __wrap_mdb_put(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data, unsigned flags);
int
__wrap_mdb_put(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data, unsigned flags)
{
	return fault_now() ? ENOSPC : __real_mdb_put(txn, dbi, key, data, flags);
}

int __real_mdb_del(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data);
int __wrap_mdb_del(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data);
int
__wrap_mdb_del(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data)
{
	return fault_now() ? MDB_MAP_FULL : __real_mdb_del(txn, dbi, key, data);
}

int __real_mdb_cursor_open(MDB_txn *txn, MDB_dbi dbi, MDB_cursor **cursor);
int __wrap_mdb_cursor_open(MDB_txn *txn, MDB_dbi dbi, MDB_cursor **cursor);
int
__wrap_mdb_cursor_open(MDB_txn *txn, MDB_dbi dbi, MDB_cursor **cursor)
{
	return fault_now() ? ENOMEM : __real_mdb_cursor_open(txn, dbi, cursor);
}

int __real_mdb_cursor_get(MDB_cursor *cursor, MDB_val *key, MDB_val *data, MDB_cursor_op op);
int __wrap_mdb_cursor_get(MDB_cursor *cursor, MDB_val *key, MDB_val *data, MDB_cursor_op op);
int
__wrap_mdb_cursor_get(MDB_cursor *cursor, MDB_val *key, MDB_val *data, MDB_cursor_op op)
{
	return fault_now() ? EIO : __real_mdb_cursor_get(cursor, key, data, op);
}

void *__real_CRYPTO_zalloc(size_t n, const char *file, int line);
void *__wrap_CRYPTO_zalloc(size_t n, const char *file, int line);
void *
__wrap_CRYPTO_zalloc(size_t n, const char *file, int line)
{
	return fault_now() ? NULL : __real_CRYPTO_zalloc(n, file, line);
}

void *__real_CRYPTO_realloc(void *p, size_t n, const char *file, int line);
void *__wrap_CRYPTO_realloc(void *p, size_t n, const char *file, int line);
void *
__wrap_CRYPTO_realloc(void *p, size_t n, const char *file, int line)
{
	return fault_now() ? NULL : __real_CRYPTO_realloc(p, n, file, line);
}

void *__real_CRYPTO_memdup(const void *p, size_t n, const char *file, int line);
void *__wrap_CRYPTO_memdup(const void *p, size_t n, const char *file, int line);
void *
__wrap_CRYPTO_memdup(const void *p, size_t n, const char *file, int line)
{
	return fault_now() ? NULL : __real_CRYPTO_memdup(p, n, file, line);
}

char *__real_CRYPTO_strdup(const char *s, const char *file, int line);
char *__wrap_CRYPTO_strdup(const char *s, const char *file, int line);
char *
__wrap_CRYPTO_strdup(const char *s, const char *file, int line)
{
	return fault_now() ? NULL : __real_CRYPTO_strdup(s, file, line);
}

/* --- operations -------------------------------------------------------------------------------- */

static ca_store *store;
static uint8_t serials[4] = {1, 1, 1, 1};
static char holder[] = "Holder";

static struct ca_cert_record
certificate(uint8_t n)
{
	static uint8_t der[900];
	struct ca_cert_record r = {
	    .ca = 1, .kind = SETPKI_KIND_CARD_SIG, .serial = {serials, 3}, .der = SP_BYTES(der), .holder = holder};

	serials[2] = n;
	memset(r.key_identity, n, sizeof(r.key_identity));
	memset(r.request, n, sizeof(r.request));
	return r;
}

static struct sp_mer_names names = {NULL, "Corner Books", "Springfield", NULL, NULL, "USA"};
static const struct ca_holder_record merchant = {
    .ca = 1, .role = 1, .bin = "412399", .id = "4711", .names = &names, .nnames = 1, .country = 840};

/* What the registration desk knows; the second ones are taken away again. */
static enum setpki_code
write_desk(ca_txn *t, uint8_t n, struct setpki_error *err)
{
	struct ca_account_record account = {.ca = 1, .first_six = "412345", .last_four = "0008", .expiry = "203012"};
	struct ca_holder_record other = merchant;
	enum setpki_code rc;

	account.state = n % 2 != 0 ? CA_ACCOUNT_BLOCKED : CA_ACCOUNT_ACTIVE;
	if ((rc = ca_account_put(t, &account, err)) != SETPKI_E_OK)
		return rc;
	account.hash[0] = 1;
	other.id[0] = (char)('a' + n % 20);
	if ((rc = ca_account_put(t, &account, err)) != SETPKI_E_OK ||
	    (rc = ca_account_del(t, 1, account.hash, err)) != SETPKI_E_OK ||
	    (rc = ca_holder_put(t, &merchant, err)) != SETPKI_E_OK ||
	    (rc = ca_holder_put(t, &other, err)) != SETPKI_E_OK)
		return rc;
	return ca_holder_del(t, 1, other.role, other.bin, other.id, err);
}

/* A registration: recorded, answered, decided; the answer before it is erased. */
static enum setpki_code
write_request(ca_txn *t, uint8_t n, struct setpki_error *err)
{
	struct ca_request_record r = {.ca = 1, .wrapper = {n}, .nlid_ee = 1, .state = CA_REQUEST_PENDED};
	struct ca_kept_record kept = {.wrapper = {n}, .rrpid = {n}, .expires = n};
	struct ca_due due;
	enum setpki_code rc;

	if ((rc = ca_request_add(t, &r, err)) != SETPKI_E_OK || (rc = ca_kept_put(t, &kept, err)) != SETPKI_E_OK)
		return rc;
	r.state = CA_REQUEST_REJECTED;
	r.erase_at = 1000 + n;
	if ((rc = ca_request_put(t, &r, err)) != SETPKI_E_OK || n == 1)
		return rc;
	if ((rc = ca_due_first(t, n, &due, err)) == SETPKI_E_OK)
		rc = ca_kept_del(t, due.wrapper, err);
	return rc;
}

/* What a certificate's commit does, and more: everything that writes. */
static enum setpki_code
write_in(ca_txn *t, uint8_t n, struct setpki_error *err)
{
	static const uint8_t hash[32];
	struct ca_cert_record cert = certificate(n);
	struct ca_ca_record ca = {.name = "ca"};
	struct ca_intent_record intent = {.serial = cert.serial, .tbs = cert.der};
	struct ca_revoked_record revoked = {.ca = 1, .generation = 1, .serial = cert.serial, .reason = -1};
	struct ca_crl_record crl = {.ca = 1, .generation = 1, .number = n, .der = cert.der};
	struct ca_bci_record bci = {.brand = 1, .sequence = n, .der = cert.der};
	enum setpki_code rc;

	ca.name[2] = (char)('a' + n);
	if ((rc = ca_ca_put(t, &ca, err)) != SETPKI_E_OK || (rc = ca_intent_put(t, &intent, err)) != SETPKI_E_OK ||
	    (rc = ca_cert_put(t, &cert, err)) != SETPKI_E_OK ||
	    (rc = ca_intent_del(t, cert.serial, err)) != SETPKI_E_OK ||
	    (rc = ca_revoked_put(t, &revoked, err)) != SETPKI_E_OK ||
	    (rc = ca_revoked_update(t, &revoked, err)) != SETPKI_E_OK ||
	    (rc = ca_crl_put(t, &crl, err)) != SETPKI_E_OK || (rc = ca_bci_put(t, &bci, err)) != SETPKI_E_OK ||
	    (rc = ca_audit_put(t, n - 1u, cert.der, err)) != SETPKI_E_OK ||
	    (rc = ca_audit_node_put(t, 0, n - 1u, hash, err)) != SETPKI_E_OK)
		return rc;
	crl.der.n = 0;
	if ((rc = ca_crl_put(t, &crl, err)) != SETPKI_E_OK || (rc = write_desk(t, n, err)) != SETPKI_E_OK ||
	    (rc = write_request(t, n, err)) != SETPKI_E_OK)
		return rc;
	return ca_meta_put(t, "last", cert.serial, err);
}

static enum setpki_code
write_all(uint8_t n, struct setpki_error *err)
{
	ca_txn *t;
	enum setpki_code rc = ca_txn_begin(store, true, &t, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if ((rc = write_in(t, n, err)) == SETPKI_E_OK)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

/* A caller that goes on after an error: the commit refuses what is half done. */
static enum setpki_code
write_stubbornly(uint8_t n, struct setpki_error *err)
{
	struct setpki_error first = {0};
	ca_txn *t;
	enum setpki_code rc = ca_txn_begin(store, true, &t, err), rc2;

	if (rc != SETPKI_E_OK)
		return rc;
	rc = write_in(t, n, &first);
	rc2 = ca_txn_commit(t, err);
	/* an allocation that failed before anything was written leaves nothing half done */
	if (rc != SETPKI_E_OK && rc2 == SETPKI_E_OK && rc != SETPKI_E_MEMORY)
		fail_msg("committed after \"%s\"", first.message);
	if (rc2 == SETPKI_E_OK && rc != SETPKI_E_OK)
		*err = first;
	return rc2 != SETPKI_E_OK ? rc2 : rc;
}

static enum setpki_code
see_cert(void *arg, const struct ca_cert_record *rec, struct setpki_error *err)
{
	(void)arg;
	(void)err;
	assert_int_equal(rec->der.n, 900);
	return SETPKI_E_OK;
}

static enum setpki_code
see_ca(void *arg, const struct ca_ca_record *rec, struct setpki_error *err)
{
	(void)arg;
	(void)err;
	assert_int_equal(rec->name[0], 'c');
	return SETPKI_E_OK;
}

static enum setpki_code
read_certs(ca_txn *t, struct setpki_error *err)
{
	struct ca_cert_record want = certificate(1), got;
	enum setpki_code rc;

	if ((rc = ca_cert_by_serial(t, want.serial, &got, err)) != SETPKI_E_OK)
		return rc;
	ca_cert_record_free(&got);
	if ((rc = ca_cert_by_ca_serial(t, 1, want.serial, &got, err)) != SETPKI_E_OK)
		return rc;
	ca_cert_record_free(&got);
	if ((rc = ca_cert_by_key(t, want.key_identity, &got, err)) != SETPKI_E_OK)
		return rc;
	ca_cert_record_free(&got);
	if ((rc = ca_cert_by_request(t, want.request, see_cert, NULL, err)) != SETPKI_E_OK ||
	    (rc = ca_cert_by_holder(t, holder, see_cert, NULL, err)) != SETPKI_E_OK)
		return rc;
	return ca_cert_each(t, 1, 0, see_cert, NULL, err);
}

static enum setpki_code
read_lists(ca_txn *t, struct setpki_error *err)
{
	struct ca_cert_record cert = certificate(1);
	struct ca_revoked_record revoked;
	struct ca_crl_record crl;
	struct ca_bci_record bci;
	ca_revoked_cursor *c;
	uint8_t hash[32];
	enum setpki_code rc;
	size_t n = 0;

	if ((rc = ca_revoked_get(t, 1, cert.serial, &revoked, err)) != SETPKI_E_OK ||
	    (rc = ca_revoked_open(t, 1, 1, &c, err)) != SETPKI_E_OK)
		return rc;
	while (ca_revoked_next(c, &revoked))
		n++;
	if ((rc = ca_revoked_status(c, err)) == SETPKI_E_OK)
		assert_true(n != 0); /* an error is never taken for the end */
	ca_revoked_close(c);
	if (rc != SETPKI_E_OK || (rc = ca_crl_get(t, 1, 1, &crl, err)) != SETPKI_E_OK)
		return rc;
	ca_crl_record_free(&crl);
	if ((rc = ca_bci_get(t, 1, &bci, err)) != SETPKI_E_OK)
		return rc;
	ca_bci_record_free(&bci);
	return ca_audit_node_get(t, 0, 0, hash, err);
}

static enum setpki_code
see_account(void *arg, const struct ca_account_record *rec, struct setpki_error *err)
{
	(void)err;
	assert_string_equal(rec->expiry, "203012");
	++*(size_t *)arg;
	return SETPKI_E_OK;
}

static enum setpki_code
see_holder(void *arg, const struct ca_holder_record *rec, struct setpki_error *err)
{
	(void)err;
	assert_string_equal(rec->names[0].city, "Springfield");
	++*(size_t *)arg;
	return SETPKI_E_OK;
}

static enum setpki_code
read_desk(ca_txn *t, struct setpki_error *err)
{
	static const uint8_t hash[32];
	struct ca_account_record account;
	struct ca_holder_record got;
	size_t n = 0;
	enum setpki_code rc;

	if ((rc = ca_account_get(t, 1, hash, &account, err)) != SETPKI_E_OK ||
	    (rc = ca_holder_get(t, 1, merchant.role, merchant.bin, merchant.id, &got, err)) != SETPKI_E_OK)
		return rc;
	assert_string_equal(got.names[0].name, "Corner Books");
	ca_holder_record_free(&got);
	if ((rc = ca_account_each(t, 1, NULL, see_account, &n, err)) == SETPKI_E_OK)
		rc = ca_holder_each(t, 1, NULL, see_holder, &n, err);
	if (rc == SETPKI_E_OK)
		assert_int_equal(n, 2); /* an error is never taken for the end */
	return rc;
}

static enum setpki_code
see_request(void *arg, const struct ca_request_record *rec, struct setpki_error *err)
{
	(void)err;
	assert_int_equal(rec->state, CA_REQUEST_REJECTED);
	++*(size_t *)arg;
	return SETPKI_E_OK;
}

static enum setpki_code
read_requests(ca_txn *t, struct setpki_error *err)
{
	static const uint8_t lid_ca[CA_LID_CA], wrapper[32] = {1};
	struct ca_request_record r;
	uint64_t count = 0;
	size_t n = 0, by_lid = 0;
	enum setpki_code rc;

	if ((rc = ca_request_by_wrapper(t, wrapper, &r, err)) != SETPKI_E_OK)
		return rc;
	ca_request_record_free(&r);
	if ((rc = ca_request_each(t, CA_REQUEST_STATES, 0, see_request, &n, err)) == SETPKI_E_OK &&
	    (rc = ca_request_each(t, CA_REQUEST_REJECTED, 0, see_request, &n, err)) == SETPKI_E_OK &&
	    (rc = ca_request_by_lid(t, lid_ca, see_request, &by_lid, err)) == SETPKI_E_OK)
		rc = ca_request_count(t, CA_REQUEST_REJECTED, &count, err);
	if (rc == SETPKI_E_OK) {
		assert_true(count != 0 && n == 2 * count && by_lid == count);
	}
	return rc;
}

static enum setpki_code
read_from(uint8_t n, bool write, struct setpki_error *err)
{
	struct ca_ca_record ca;
	ca_txn *t;
	enum setpki_code rc = ca_txn_begin(store, write, &t, err);

	(void)n;
	if (rc != SETPKI_E_OK)
		return rc;
	if ((rc = read_certs(t, err)) == SETPKI_E_OK && (rc = read_lists(t, err)) == SETPKI_E_OK &&
	    (rc = read_desk(t, err)) == SETPKI_E_OK && (rc = read_requests(t, err)) == SETPKI_E_OK &&
	    (rc = ca_ca_each(t, see_ca, NULL, err)) == SETPKI_E_OK &&
	    (rc = ca_ca_find(t, "cab", &ca, err)) == SETPKI_E_OK)
		ca_ca_record_free(&ca);
	ca_txn_abort(t);
	return rc;
}

static enum setpki_code
read_all(uint8_t n, struct setpki_error *err)
{
	return read_from(n, false, err);
}

static enum setpki_code
read_while_writing(uint8_t n, struct setpki_error *err)
{
	return read_from(n, true, err);
}

/* --- the walk over all faults ------------------------------------------------------------------ */

/* Every key and value of every database. */
static void
dump(struct sp_buf *out)
{
	MDB_cursor *c;
	MDB_txn *txn;
	MDB_val k, v;

	sp_buf_reset(out);
	assert_int_equal(__real_mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn), 0);
	for (size_t i = 0; i < CA_DB_N; i++) {
		assert_int_equal(__real_mdb_cursor_open(txn, store->db[i], &c), 0);
		while (__real_mdb_cursor_get(c, &k, &v, MDB_NEXT) == 0) {
			sp_buf_add(out, k.mv_data, k.mv_size);
			sp_buf_add(out, v.mv_data, v.mv_size);
		}
		mdb_cursor_close(c);
	}
	mdb_txn_abort(txn);
	assert_false(out->failed);
}

static void
told(enum setpki_code rc, const struct setpki_error *err, unsigned at)
{
	if (rc != SETPKI_E_STORE && rc != SETPKI_E_MEMORY)
		fail_msg("fault %u ends as %s: %s", at, setpki_code_name(rc), err->message);
	if (err->code != rc || err->message[0] == '\0')
		fail_msg("fault %u: no words about it", at);
}

/* Faults 1, 2, 3 ... until the operation gets past all of them. */
static unsigned
walk(enum setpki_code (*op)(uint8_t n, struct setpki_error *err), uint8_t n)
{
	struct sp_buf before = {0}, after = {0};
	struct setpki_error err;
	enum setpki_code rc;
	unsigned at = 0;

	dump(&before);
	do {
		memset(&err, 0, sizeof(err));
		fault_at(++at);
		rc = op(n, &err);
		if (!fault_fired())
			break;
		fault_at(0);
		told(rc, &err, at);
		assert_int_equal(store->active, 0);
		dump(&after);
		if (!sp_bytes_eq(sp_buf_bytes(&before), sp_buf_bytes(&after)))
			fail_msg("fault %u changed the store", at);
	} while (at < 2000);
	fault_at(0);
	t_ok(rc, &err);
	sp_buf_free(&before);
	sp_buf_free(&after);
	return at;
}

static int
open_store(void **state)
{
	struct setpki_error err = {0};

	(void)state;
	t_ok(ca_store_open(scratch_dir(), true, &store, &err), &err);
	t_ok(write_all(1, &err), &err);
	return 0;
}

static int
close_store(void **state)
{
	(void)state;
	ca_store_close(store);
	return 0;
}

static void
writing(void **state)
{
	(void)state;
	assert_true(walk(write_all, 2) > 40);
}

static void
writing_on_after_an_error(void **state)
{
	(void)state;
	/* what a failed allocation leaves out may be committed by a caller that does not care; LMDB's failures not */
	struct setpki_error err = {0};

	for (unsigned at = 1; at < 200; at++) {
		memset(&err, 0, sizeof(err));
		fault_at(at);
		(void)write_stubbornly((uint8_t)(10 + at), &err);
		if (!fault_fired())
			break;
	}
	fault_at(0);
	t_ok(read_all(0, &err), &err);
}

static void
reading(void **state)
{
	(void)state;
	assert_true(walk(read_all, 0) > 30);
	assert_true(walk(read_while_writing, 0) > 30);
}

static enum setpki_code
open_again(uint8_t n, struct setpki_error *err)
{
	static const char *dir;
	ca_store *s;
	enum setpki_code rc;

	(void)n;
	if (dir == NULL)
		dir = strdup(scratch_dir());
	if ((rc = ca_store_open(dir, true, &s, err)) == SETPKI_E_OK)
		ca_store_close(s);
	return rc;
}

static void
opening(void **state)
{
	(void)state;
	assert_true(walk(open_again, 0) > 4);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writing),
	    cmocka_unit_test(writing_on_after_an_error),
	    cmocka_unit_test(reading),
	    cmocka_unit_test(opening),
	};

	return cmocka_run_group_tests(tests, open_store, close_store);
}
