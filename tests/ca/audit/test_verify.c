/* Whatever is changed in log or store behind the log's back, the check names it. */
#include "ca/audit/leaf.h"
#include "ca/store/private.h"
#include "tests/support/certs.h"
#include "tests/support/home.h"
#include "tests/support/scratch.h"

#include <openssl/crypto.h>

static struct setpki_error err;
static struct ca_home *home;
static ca_txn *t;
static struct ca_policy *policy;
static uint16_t root_ca, brand_ca;

/* --- a log in which everything occurs ---------------------------------------------------------- */

static void
append(enum ca_audit_event event, uint16_t ca, setpki_bytes serial, setpki_bytes object)
{
	struct ca_audit_leaf leaf = {.at = home->now, .event = event, .ca = ca, .serial = serial};

	memcpy(leaf.policy_hash, policy->hash, sizeof(leaf.policy_hash));
	if (object.n != 0)
		t_ok(sp_sha256(t_ctx(), object, leaf.object, &err), &err);
	t_ok(ca_audit_append(home, t, &leaf, &err), &err);
}

static uint16_t
add_ca(const char *name)
{
	static struct ca_generation g = {.number = 1, .state = CA_GEN_ACTIVE};
	struct ca_ca_record ca = {.generation = 1, .ngenerations = 1, .generations = &g};

	snprintf(ca.name, sizeof(ca.name), "%s", name);
	t_ok(ca_ca_put(t, &ca, &err), &err);
	append(CA_AUDIT_CA_ADDED, ca.id, sp_bytes(NULL, 0), sp_bytes(NULL, 0));
	return ca.id;
}

/* Serials: 01, zeros, then one octet. */
#define SERIAL(n)                                                                                                      \
	{                                                                                                              \
		1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, n                                                      \
	}
#define S "010000000000000000000000000000000"
static const uint8_t s1[17] = SERIAL(1), s2[17] = SERIAL(2), s3[17] = SERIAL(3), s4[17] = SERIAL(4),
		     burnt[17] = SERIAL(9);

/* A record and its certificate; both good until the next call. */
static struct ca_cert_record
certificate(uint16_t ca, const uint8_t serial[17])
{
	static struct sp_buf der;
	struct sp_cert cert;
	struct ca_cert_record r = {.ca = ca, .generation = 1, .kind = SETPKI_KIND_MER_SIG, .renews_key = true};

	sp_buf_reset(&der);
	certs_stored(serial, &der, &cert);
	r.serial = sp_bytes(serial, 17);
	r.der = cert.der;
	r.not_before = cert.not_before;
	r.not_after = cert.not_after;
	t_ok(sp_spki_identity(t_ctx(), &cert.key, r.key_identity, &err), &err);
	memcpy(r.policy_hash, policy->hash, sizeof(r.policy_hash));
	return r;
}

static void
issue(enum ca_audit_event event, uint16_t ca, const uint8_t serial[17])
{
	struct ca_cert_record r = certificate(ca, serial);

	t_ok(ca_cert_put(t, &r, &err), &err);
	append(event, ca, r.serial, r.der);
}

static void
revoke_one(uint16_t ca, const uint8_t serial[17])
{
	struct ca_revoked_record r = {.ca = ca, .generation = 1, .serial = {serial, 17}, .at = T_NOW, .reason = 1};

	t_ok(ca_revoked_put(t, &r, &err), &err);
	append(CA_AUDIT_REVOKED, ca, r.serial, sp_bytes(NULL, 0));
}

static void
begin(void)
{
	t_ok(ca_txn_begin(home->store, true, &t, &err), &err);
}

static void
commit(void)
{
	t_ok(ca_txn_commit(t, &err), &err);
	t = NULL;
}

static int
make_home(void **state)
{
	struct ca_crl_record crl = {.ca = 1, .generation = 1, .number = 1, .der = SP_BYTES("crl")};
	struct ca_bci_record bci = {.brand = 2, .sequence = 1, .der = SP_BYTES("bci")};

	certs_start(state);
	policy = t_policy("policies/demo.yaml", NULL);
	home = t_home_open(scratch_path("whole"), T_NOW);
	begin();
	t_ok(ca_home_policy_apply(home, t, policy, &err), &err);
	append(CA_AUDIT_POLICY_APPLIED, 0, sp_bytes(NULL, 0), sp_bytes(NULL, 0));
	root_ca = add_ca("root");
	brand_ca = add_ca("brand");
	issue(CA_AUDIT_CERT_ISSUED, root_ca, s1);
	issue(CA_AUDIT_CERT_ISSUED, brand_ca, s2);
	issue(CA_AUDIT_CERT_IMPORTED, root_ca, s3);
	issue(CA_AUDIT_CERT_ISSUED, root_ca, s4);
	append(CA_AUDIT_SERIAL_BURNT, root_ca, SP_BYTES(burnt), sp_bytes(NULL, 0));
	revoke_one(root_ca, s4);
	revoke_one(brand_ca, s2);
	t_ok(ca_crl_put(t, &crl, &err), &err);
	append(CA_AUDIT_CRL_ISSUED, 1, sp_bytes(NULL, 0), crl.der);
	t_ok(ca_bci_put(t, &bci, &err), &err);
	append(CA_AUDIT_BCI_ISSUED, 2, sp_bytes(NULL, 0), bci.der);
	commit();
	ca_home_close(home);
	return 0;
}

static int
free_policy(void **state)
{
	certs_stop(state);
	ca_policy_free(policy);
	return 0;
}

/* A copy of that home, open. */
static void
open_copy(unsigned n)
{
	static const char *const folders[] = {"", "/store", "/keys", "/public", "/run"};
	setpki_bytes data = scratch_read(scratch_path("whole/store/data.mdb"));

	for (size_t i = 0; i < NELEMS(folders); i++)
		t_ok(ca_folder_make(scratch_path("copy%u%s", n, folders[i]), &err), &err);
	scratch_write(scratch_path("copy%u/store/data.mdb", n), data, 0600);
	home = t_home_open(scratch_path("copy%u", n), T_NOW);
}

/* --- what is changed --------------------------------------------------------------------------- */

static struct ca_dbkey
key_of(const char *hex)
{
	setpki_bytes k = t_hex(hex);
	struct ca_dbkey key;

	ca_key_start(&key);
	ca_key_raw(&key, k.p, k.n);
	return key;
}

/* Flips one bit in the middle of a value. */
static void
flip(enum ca_db db, const char *hex)
{
	struct ca_dbkey k = key_of(hex);
	struct sp_buf b = {0};
	setpki_bytes v;

	t_ok(ca_db_get(t, db, &k, &v, &err), &err);
	sp_buf_add(&b, v.p, v.n);
	b.p[b.n / 2] ^= 1;
	t_ok(ca_db_put(t, db, &k, sp_buf_bytes(&b), 0, &err), &err);
	sp_buf_free(&b);
}

static void
drop(enum ca_db db, const char *hex)
{
	struct ca_dbkey k = key_of(hex);

	t_ok(ca_db_del(t, db, &k, &err), &err);
}

static void
nothing(void)
{
}

static void
flip_leaf(void)
{
	flip(CA_DB_AUDIT, "0000000000000005");
}

static void
drop_leaf(void)
{
	drop(CA_DB_AUDIT, "0000000000000005");
}

static void
drop_first_leaf(void)
{
	drop(CA_DB_AUDIT, "0000000000000000");
}

static void
drop_last_leaf(void)
{
	drop(CA_DB_AUDIT, "000000000000000b");
}

static void
flip_leaf_node(void)
{
	flip(CA_DB_AUDIT_NODE, "000000000000000500");
}

static void
flip_inner_node(void)
{
	flip(CA_DB_AUDIT_NODE, "000000000000000703");
}

static void
drop_node(void)
{
	drop(CA_DB_AUDIT_NODE, "000000000000000702");
}

static void
spoil_edge(void)
{
	setpki_bytes v;
	struct sp_buf b = {0};

	t_ok(ca_meta_get(t, "audit-edge", &v, &err), &err);
	sp_buf_add(&b, v.p, v.n);
	b.p[b.n - 1] ^= 1;
	t_ok(ca_meta_put(t, "audit-edge", sp_buf_bytes(&b), &err), &err);
	sp_buf_free(&b);
}

static void
shorten_edge(void)
{
	setpki_bytes v;

	t_ok(ca_meta_get(t, "audit-edge", &v, &err), &err);
	t_ok(ca_meta_put(t, "audit-edge", sp_bytes(v.p, v.n - 1), &err), &err);
}

static void
drop_edge(void)
{
	t_ok(ca_meta_del(t, "audit-edge", &err), &err);
}

/* Log and edge cut back together, as an attacker with the whole store would: what the store holds gives it away. */
static void
drop_the_log(void)
{
	static const char *const nodes[] = {"000000000000000000", "000000000000000100", "000000000000000101",
	    "000000000000000200", "000000000000000300", "000000000000000301", "000000000000000302",
	    "000000000000000400", "000000000000000500", "000000000000000501", "000000000000000600",
	    "000000000000000700", "000000000000000701", "000000000000000702", "000000000000000703",
	    "000000000000000800", "000000000000000900", "000000000000000901", "000000000000000a00",
	    "000000000000000b00", "000000000000000b01", "000000000000000b02"};
	char leaf[17];

	for (unsigned i = 0; i < 12; i++) {
		snprintf(leaf, sizeof(leaf), "%016x", i);
		drop(CA_DB_AUDIT, leaf);
	}
	for (size_t i = 0; i < NELEMS(nodes); i++)
		drop(CA_DB_AUDIT_NODE, nodes[i]);
	drop_edge();
}

static void
put_over(const struct ca_cert_record *r)
{
	struct ca_dbkey k = key_of("00010000000000000001");
	struct sp_buf b = {0};

	ca_cert_encode(r, &b);
	t_ok(ca_db_put(t, CA_DB_CERT, &k, sp_buf_bytes(&b), 0, &err), &err);
	sp_buf_free(&b);
}

static void
exchange_certificate(void)
{
	struct ca_cert_record r = certificate(root_ca, s1);
	struct sp_buf der = {0};

	sp_buf_add_bytes(&der, r.der);
	der.p[der.n - 1] ^= 1; /* in its signature */
	r.der = sp_buf_bytes(&der);
	put_over(&r);
	sp_buf_free(&der);
}

static void
exchange_policy_of_certificate(void)
{
	struct ca_cert_record r = certificate(root_ca, s1);

	r.policy_hash[0] ^= 1;
	put_over(&r);
}

static void
lengthen_life_in_record(void)
{
	struct ca_cert_record r = certificate(root_ca, s1);

	r.not_after++;
	put_over(&r);
}

static void
change_kind_in_record(void)
{
	struct ca_cert_record r = certificate(root_ca, s1);

	r.kind = SETPKI_KIND_MER_ENC;
	put_over(&r);
}

static void
change_key_in_record(void)
{
	struct ca_cert_record r = certificate(root_ca, s1);

	r.key_identity[31] ^= 1;
	put_over(&r);
}

static void
drop_certificate(void)
{
	drop(CA_DB_CERT, "00020000000000000001");
	drop(CA_DB_BY_SERIAL, "11" S "20000000002");
}

static void
drop_certificate_alone(void)
{
	drop(CA_DB_CERT, "00020000000000000001");
}

static void
add_certificate(void)
{
	static const uint8_t extra[17] = SERIAL(7);
	struct ca_cert_record r = certificate(brand_ca, extra);

	t_ok(ca_cert_put(t, &r, &err), &err);
}

static void
log_certificate_twice(void)
{
	struct ca_cert_record r = certificate(root_ca, s1);

	append(CA_AUDIT_CERT_ISSUED, root_ca, r.serial, r.der);
}

static void
use_burnt_serial(void)
{
	issue(CA_AUDIT_CERT_ISSUED, root_ca, burnt);
}

static void
add_revocation(void)
{
	struct ca_revoked_record r = {.ca = root_ca, .generation = 1, .serial = SP_BYTES(s1), .reason = -1};

	t_ok(ca_revoked_put(t, &r, &err), &err);
}

static void
move_revocation(void)
{
	struct ca_revoked_record r = {.ca = brand_ca, .generation = 1, .serial = SP_BYTES(s4), .reason = -1};

	t_ok(ca_revoked_put(t, &r, &err), &err);
}

static void
drop_revocation(void)
{
	t_ok(ca_revoked_del(t, root_ca, SP_BYTES(s4), &err), &err);
}

static void
drop_revocation_after_expiry(void)
{
	drop_revocation();
	home->now = INT64_C(4000000000); /* long after */
}

static void
change_crl(void)
{
	flip(CA_DB_CRL_BODY, "00010001");
}

static void
change_bci(void)
{
	struct ca_bci_record bci = {.brand = brand_ca, .sequence = 1, .der = SP_BYTES("bcj")};

	t_ok(ca_bci_put(t, &bci, &err), &err);
}

static const char *
policy_name(void)
{
	static char name[80];
	char hex[65];

	snprintf(name, sizeof(name), "policy:%s", setpki_hex_text(SP_BYTES(policy->hash), hex));
	return name;
}

static void
change_policy(void)
{
	t_ok(ca_meta_put(t, policy_name(), sp_bytes_str("policy: other\n"), &err), &err);
}

static void
drop_policy(void)
{
	t_ok(ca_meta_del(t, policy_name(), &err), &err);
}

static void
put_another_policy_in_force(void)
{
	t_ok(ca_meta_put(t, "policy", SP_BYTES("01234567890123456789012345678901" /* and its NUL */), &err), &err);
}

static void
forget_policy_in_force(void)
{
	t_ok(ca_meta_del(t, "policy", &err), &err);
}

static void
a_little_late(void)
{
	home->now -= 3600;
	append(CA_AUDIT_KEY_MADE, 0, sp_bytes(NULL, 0), sp_bytes(NULL, 0));
}

static void
far_too_late(void)
{
	home->now -= 2 * 86400;
	append(CA_AUDIT_KEY_MADE, 0, sp_bytes(NULL, 0), sp_bytes(NULL, 0));
}

/* --- registrations ----------------------------------------------------------------------------- */

static const uint8_t request_wrapper[32] = {0x77};

static void
append_request(enum ca_audit_event event)
{
	struct ca_audit_leaf leaf = {.at = home->now, .event = event, .ca = root_ca};

	memcpy(leaf.object, request_wrapper, sizeof(leaf.object));
	memcpy(leaf.policy_hash, policy->hash, sizeof(leaf.policy_hash));
	t_ok(ca_audit_append(home, t, &leaf, &err), &err);
}

static struct ca_request_record
add_request(enum ca_request_state state)
{
	struct ca_request_record r = {.ca = root_ca, .nlid_ee = 1, .state = state, .sealed = SP_BYTES("sealed")};

	memcpy(r.wrapper, request_wrapper, sizeof(r.wrapper));
	t_ok(ca_request_add(t, &r, &err), &err);
	return r;
}

static void
requests_and_leaves(void)
{
	struct ca_request_record r = add_request(CA_REQUEST_PENDED);

	append_request(CA_AUDIT_REQUEST_PENDED);
	append_request(CA_AUDIT_REQUEST_VOTE);
	r.state = CA_REQUEST_APPROVED;
	t_ok(ca_request_put(t, &r, &err), &err);
	append_request(CA_AUDIT_REQUEST_APPROVED);
	r.state = CA_REQUEST_COMPLETE;
	r.sealed.n = 0;
	t_ok(ca_request_put(t, &r, &err), &err);
	append_request(CA_AUDIT_REQUEST_COMPLETE);
	append_request(CA_AUDIT_REQUEST_ERASED);
}

static void
add_request_alone(void)
{
	(void)add_request(CA_REQUEST_PENDED);
}

static void
approve_request_alone(void)
{
	(void)add_request(CA_REQUEST_APPROVED);
	append_request(CA_AUDIT_REQUEST_PENDED);
}

static void
log_request_alone(void)
{
	append_request(CA_AUDIT_REQUEST_PENDED);
}

static void
set_request_back(void)
{
	(void)add_request(CA_REQUEST_PENDED);
	append_request(CA_AUDIT_REQUEST_PENDED);
	append_request(CA_AUDIT_REQUEST_REJECTED);
}

static void
move_request(void)
{
	struct ca_request_record r = add_request(CA_REQUEST_PENDED);

	r.ca = brand_ca;
	t_ok(ca_request_put(t, &r, &err), &err);
	append_request(CA_AUDIT_REQUEST_PENDED);
}

static void
keep_erased_secrets(void)
{
	(void)add_request(CA_REQUEST_REFUSED);
	append_request(CA_AUDIT_REQUEST_REFUSED);
	append_request(CA_AUDIT_REQUEST_ERASED);
}

static void
erase_secrets_alone(void)
{
	struct ca_request_record r = add_request(CA_REQUEST_REFUSED);

	append_request(CA_AUDIT_REQUEST_REFUSED);
	r.sealed.n = 0;
	t_ok(ca_request_put(t, &r, &err), &err);
}

static const struct {
	const char *name;
	void (*change)(void);
	enum setpki_code rc;
	const char *text;
} rows[] = {
    {"nothing", nothing, SETPKI_E_OK, NULL},
    {"a leaf changed", flip_leaf, SETPKI_E_RULE, "node 5 of level 0"},
    {"a leaf removed", drop_leaf, SETPKI_E_RULE, "leaf 5: it is missing"},
    {"the first leaf removed", drop_first_leaf, SETPKI_E_RULE, "leaf 0: it is missing"},
    {"the last leaf removed", drop_last_leaf, SETPKI_E_RULE, "11 leaves, its stored edge is that of 12"},
    {"the hash of a leaf changed", flip_leaf_node, SETPKI_E_RULE, "node 5 of level 0"},
    {"an inner node changed", flip_inner_node, SETPKI_E_RULE, "node 0 of level 3"},
    {"a node removed", drop_node, SETPKI_E_RULE, "node 1 of level 2 is missing"},
    {"the edge changed", spoil_edge, SETPKI_E_RULE, "level 3 of its stored edge"},
    {"the edge cut off", shorten_edge, SETPKI_E_STORE, "edge of the audit log is damaged"},
    {"the edge removed", drop_edge, SETPKI_E_RULE, "its stored edge is that of 0"},
    {"the whole log removed", drop_the_log, SETPKI_E_RULE, "policy in force"},
    {"a certificate under another policy", exchange_policy_of_certificate, SETPKI_E_RULE, "names another policy"},
    {"a certificate exchanged", exchange_certificate, SETPKI_E_RULE,
	"serial " S "1): the certificate in the store is another"},
    {"a record's validity changed", lengthen_life_in_record, SETPKI_E_RULE, "another kind or validity"},
    {"a record's kind changed", change_kind_in_record, SETPKI_E_RULE, "another kind or validity"},
    {"a record's key changed", change_key_in_record, SETPKI_E_RULE, "another serial or key"},
    {"a certificate removed", drop_certificate, SETPKI_E_RULE, "serial " S "2): the store does not have"},
    {"a certificate's body removed", drop_certificate_alone, SETPKI_E_STORE, "by-serial"},
    {"a certificate added", add_certificate, SETPKI_E_RULE, "certificate " S "7 of brand is in the store, but not"},
    {"a certificate logged twice", log_certificate_twice, SETPKI_E_RULE, "an earlier leaf names the same"},
    {"a burnt serial used", use_burnt_serial, SETPKI_E_RULE, "serial " S "9): the store has a certificate"},
    {"a revocation added", add_revocation, SETPKI_E_RULE, "revocation of " S "1 by root is in the store, but not"},
    {"a revocation under another CA", move_revocation, SETPKI_E_RULE, "revocation of " S "4 by brand"},
    {"a revocation removed", drop_revocation, SETPKI_E_RULE, "serial " S "4): the store has lost that revocation"},
    {"a revocation dropped after expiry", drop_revocation_after_expiry, SETPKI_E_OK, NULL},
    {"a CRL exchanged", change_crl, SETPKI_E_RULE, "the CRL of root is in the store, but not"},
    {"a BCI exchanged", change_bci, SETPKI_E_RULE, "the BCI of brand is in the store, but not"},
    {"a policy's bytes changed", change_policy, SETPKI_E_RULE, "not the one with that hash"},
    {"a policy removed", drop_policy, SETPKI_E_RULE, "does not have that policy"},
    {"another policy in force", put_another_policy_in_force, SETPKI_E_STORE, "which policy is in force"},
    {"no policy in force", forget_policy_in_force, SETPKI_E_RULE, "policy in force is not the one"},
    {"a request, as it should be", requests_and_leaves, SETPKI_E_OK, NULL},
    {"a request added", add_request_alone, SETPKI_E_RULE, "request 1 is pended in the store, but the audit log has no"},
    {"a request approved", approve_request_alone, SETPKI_E_RULE, "request 1 is approved in the store, but"},
    {"a request removed", log_request_alone, SETPKI_E_RULE, "does not have that request"},
    {"a rejected request pended again", set_request_back, SETPKI_E_RULE, "is one from before this"},
    {"a request under another CA", move_request, SETPKI_E_RULE, "another CA's"},
    {"erased secrets brought back", keep_erased_secrets, SETPKI_E_RULE, "has the request's secrets all the same"},
    {"secrets erased in silence", erase_secrets_alone, SETPKI_E_RULE, "no \"request's secrets erased\""},
    {"a leaf an hour older than the one before", a_little_late, SETPKI_E_OK, NULL},
    {"a leaf two days older", far_too_late, SETPKI_E_RULE, "leaf 12: it is more than a day older"},
};

static void
every_change_is_named(void **state)
{
	uint8_t root[32];
	uint64_t size;
	enum setpki_code rc;

	(void)state;
	for (unsigned i = 0; i < NELEMS(rows); i++) {
		open_copy(i);
		begin();
		rows[i].change();
		commit();
		rc = ca_audit_verify(home, &size, root, &err);
		if (rc != rows[i].rc || (rows[i].text != NULL && strstr(err.message, rows[i].text) == NULL))
			fail_msg("%s: %s \"%s\", expected %s \"%s\"", rows[i].name, setpki_code_name(rc), err.message,
			    setpki_code_name(rows[i].rc), rows[i].text != NULL ? rows[i].text : "");
		setpki_error_clear(&err);
		ca_home_close(home);
		t_hex_free();
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(every_change_is_named)};

	return cmocka_run_group_tests(tests, make_home, free_policy);
}
