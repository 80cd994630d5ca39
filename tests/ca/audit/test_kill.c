/* kill -9 at random moments of a process that does what issuing does to store and log: nothing that was acknowledged is
 * lost, nothing is there twice, the log agrees. */
#include "ca/audit/audit.h"
#include "tests/support/certs.h"
#include "tests/support/home.h"
#include "tests/support/kill.h"
#include "tests/support/scratch.h"

#include <openssl/crypto.h>

#define ROUNDS 40

static struct ca_home *home;

/* What the child has been told is durable; shared with the parent. */
static struct kill_page *page;

static setpki_bytes
serial_of(uint64_t n, uint8_t out[17])
{
	memset(out, 0, 17);
	out[0] = 1;
	for (size_t i = 0; i < 8; i++)
		out[16 - i] = (uint8_t)(n >> 8 * i);
	return sp_bytes(out, 17);
}

static enum setpki_code
open_intent(struct ca_home *h, uint64_t n, struct setpki_error *err)
{
	uint8_t serial[17];
	struct ca_intent_record rec = {.serial = serial_of(n, serial),
	    .tbs = SP_BYTES("tbs"),
	    .ca = 1,
	    .writer = h->slot,
	    .writer_epoch = h->epoch};
	ca_txn *t;
	enum setpki_code rc = ca_txn_begin(h->store, true, &t, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if ((rc = ca_intent_put(t, &rec, err)) == SETPKI_E_OK)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

static enum setpki_code
finish_in(struct ca_home *h, ca_txn *t, uint64_t n, struct setpki_error *err)
{
	struct sp_buf der = {0};
	struct sp_cert cert;
	uint8_t serial[17];
	struct ca_cert_record rec = {
	    .ca = 1, .kind = SETPKI_KIND_MER_SIG, .serial = serial_of(n, serial), .renews_key = true};
	struct ca_audit_leaf leaf = {.at = h->now, .event = CA_AUDIT_CERT_ISSUED, .ca = 1, .serial = rec.serial};
	enum setpki_code rc;

	certs_stored(serial, &der, &cert);
	rec.der = cert.der;
	rec.not_before = cert.not_before;
	rec.not_after = cert.not_after;
	if ((rc = sp_spki_identity(h->ctx, &cert.key, rec.key_identity, err)) == SETPKI_E_OK &&
	    (rc = ca_intent_del(t, rec.serial, err)) == SETPKI_E_OK &&
	    (rc = ca_cert_put(t, &rec, err)) == SETPKI_E_OK &&
	    (rc = sp_sha256(h->ctx, rec.der, leaf.object, err)) == SETPKI_E_OK)
		rc = ca_audit_append(h, t, &leaf, err);
	sp_buf_free(&der);
	return rc;
}

static enum setpki_code
finish(struct ca_home *h, uint64_t n, struct setpki_error *err)
{
	ca_txn *t;
	enum setpki_code rc = ca_txn_begin(h->store, true, &t, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if ((rc = finish_in(h, t, n, err)) == SETPKI_E_OK)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

static enum setpki_code
count_cert(void *arg, const struct ca_cert_record *rec, struct setpki_error *err)
{
	(void)err;
	assert_int_equal(rec->seq, ++*(uint64_t *)arg);
	return SETPKI_E_OK;
}

static enum setpki_code
count_intent(void *arg, const struct ca_intent_record *rec, struct setpki_error *err)
{
	(void)rec;
	(void)err;
	++*(uint64_t *)arg;
	return SETPKI_E_OK;
}

static uint64_t
certificates(struct ca_home *h, struct setpki_error *err)
{
	uint64_t n = 0;
	ca_txn *t;

	t_ok(ca_txn_begin(h->store, false, &t, err), err);
	t_ok(ca_cert_each(t, 1, 0, count_cert, &n, err), err);
	ca_txn_abort(t);
	return n;
}

/* In the child: never returns of its own will. */
static void
issue_for_ever(void *arg)
{
	struct setpki_error err = {0};
	struct ca_home *h = t_home_open(arg, T_NOW);
	uint64_t n;

	page->ready = true;
	for (n = page->value[0];; n++) {
		if (open_intent(h, n, &err) != SETPKI_E_OK || finish(h, n, &err) != SETPKI_E_OK)
			kill_report(page, &err);
		page->value[1]++; /* acknowledged */
	}
}

static void
nothing_acknowledged_is_lost(void **state)
{
	struct setpki_error err = {0};
	struct ca_ca_record ca = {.name = "ca"};
	const char *dir = scratch_path("home");
	uint8_t root[32];
	uint64_t size, certs = 0, open;
	ca_txn *t;

	(void)state;
	page = kill_page();
	home = t_home_open(dir, T_NOW);
	t_ok(ca_txn_begin(home->store, true, &t, &err), &err);
	t_ok(ca_ca_put(t, &ca, &err), &err);
	t_ok(ca_txn_commit(t, &err), &err);
	ca_home_close(home);
	for (unsigned round = 0; round < ROUNDS; round++) {
		page->value[0] = UINT64_C(1) + ((uint64_t)round << 32); /* serials of this round */
		kill_after(issue_for_ever, (void *)(uintptr_t)dir, 500 + (round * 7919 % 40) * 250, page);
		home = t_home_open(dir, T_NOW); /* settles what was open */
		certs = certificates(home, &err);
		/* all that were acknowledged, and at most one a round that was durable but not acknowledged */
		assert_in_range(certs, page->value[1], page->value[1] + round + 1);
		open = 0;
		t_ok(ca_txn_begin(home->store, false, &t, &err), &err);
		t_ok(ca_intent_each(t, count_intent, &open, &err), &err);
		ca_txn_abort(t);
		assert_int_equal(open, 0);
		t_ok(ca_audit_verify(home, &size, root, &err), &err);
		assert_in_range(size, certs, certs + round + 1); /* and a leaf for each serial burnt */
		ca_home_close(home);
	}
	assert_true(certs > ROUNDS);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_acknowledged_is_lost)};

	return cmocka_run_group_tests(tests, certs_start, certs_stop);
}
