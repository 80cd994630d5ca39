#include "tests/ca/register/faults.h"

#include "ca/audit/audit.h"
#include "lib/crypto/suite.h"
#include "tests/support/fault.h"

enum faults faults_kind;
unsigned faults_commits;

static bool
strikes(enum faults f)
{
	return faults_kind == f && fault_now();
}

enum setpki_code __real_ca_txn_begin(ca_store *s, bool write, ca_txn **out, struct setpki_error *err);
enum setpki_code __wrap_ca_txn_begin(ca_store *s, bool write, ca_txn **out, struct setpki_error *err);
enum setpki_code __real_ca_txn_commit(ca_txn *t, struct setpki_error *err);
enum setpki_code __wrap_ca_txn_commit(ca_txn *t, struct setpki_error *err);
enum setpki_code __real_sp_sign(setpki_ctx *ctx, enum setpki_suite suite, EVP_PKEY *key, setpki_bytes tbs,
    struct sp_buf *sig, struct setpki_error *err);
enum setpki_code __wrap_sp_sign(setpki_ctx *ctx, enum setpki_suite suite, EVP_PKEY *key, setpki_bytes tbs,
    struct sp_buf *sig, struct setpki_error *err);
enum setpki_code
__real_ca_audit_append(struct ca_home *h, ca_txn *t, struct ca_audit_leaf *leaf, struct setpki_error *err);
enum setpki_code
__wrap_ca_audit_append(struct ca_home *h, ca_txn *t, struct ca_audit_leaf *leaf, struct setpki_error *err);

enum setpki_code
__wrap_ca_txn_begin(ca_store *s, bool write, ca_txn **out, struct setpki_error *err)
{
	if (strikes(FAULT_BEGIN))
		return sp_fail(err, SETPKI_E_STORE, NULL, "injected: begin");
	return __real_ca_txn_begin(s, write, out, err);
}

enum setpki_code
__wrap_ca_txn_commit(ca_txn *t, struct setpki_error *err)
{
	enum setpki_code rc;

	faults_commits++;
	if (strikes(FAULT_COMMIT)) {
		ca_txn_abort(t);
		return sp_fail(err, SETPKI_E_STORE, NULL, "injected: commit");
	}
	rc = __real_ca_txn_commit(t, err);
	if (rc == SETPKI_E_OK && strikes(FAULT_AFTER_COMMIT))
		return sp_fail(err, SETPKI_E_STORE, NULL, "injected: the process ended when it was durable");
	return rc;
}

enum setpki_code
__wrap_sp_sign(setpki_ctx *ctx, enum setpki_suite suite, EVP_PKEY *key, setpki_bytes tbs, struct sp_buf *sig,
    struct setpki_error *err)
{
	if (strikes(FAULT_SIGN))
		return sp_fail(err, SETPKI_E_CRYPTO, NULL, "injected: sign");
	return __real_sp_sign(ctx, suite, key, tbs, sig, err);
}

enum setpki_code
__wrap_ca_audit_append(struct ca_home *h, ca_txn *t, struct ca_audit_leaf *leaf, struct setpki_error *err)
{
	if (strikes(FAULT_AUDIT))
		return sp_fail(err, SETPKI_E_STORE, NULL, "injected: audit");
	return __real_ca_audit_append(h, t, leaf, err);
}
