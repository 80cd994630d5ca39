#include "tests/support/publish.h"

#include "lib/x509/crl.h"
#include "lib/x509/p7.h"
#include "tests/support/check.h"

#include <stdio.h>
#include <unistd.h>

void
t_gateway(struct ca_home *h, int64_t lifetime, uint8_t serial[17])
{
	struct setpki_error err = {0};
	struct sp_buf key = {0};
	struct ca_ee_request r = {.role = CA_ROLE_GATEWAY, .common_name = "Gateway 1", .lifetime = lifetime};
	struct ca_issue_job out[2];
	size_t n;

	t_spki(SP_KEY_P256, 256, &key);
	r.sig_spki = sp_buf_bytes(&key);
	t_ok(ca_issue_ee(h, &r, 1, false, NULL, out, &n, &err), &err);
	assert_int_equal(n, 1);
	assert_int_equal(out[0].out.serial.n, 17);
	memcpy(serial, out[0].out.serial.p, 17);
	ca_cert_record_free(&out[0].out);
	sp_buf_free(&key);
}

void
t_ca_serial(struct ca_home *h, const char *name, uint8_t serial[17])
{
	struct setpki_error err = {0};
	struct ca_ca_record ca;
	struct ca_cert_record cert;
	ca_txn *t;

	t_ok(ca_txn_begin(h->store, false, &t, &err), &err);
	t_ok(ca_ca_find(t, name, &ca, &err), &err);
	t_ok(ca_cert_get(t, ca.parent != 0 ? ca.parent : ca.id,
		 ca.generations[ca.ngenerations - 1].keys[CA_PURPOSE_CERTSIGN].seq, &cert, &err),
	    &err);
	memcpy(serial, cert.serial.p, 17);
	ca_cert_record_free(&cert);
	ca_ca_record_free(&ca);
	ca_txn_abort(t);
}

struct ca_revocation
t_revoke(struct ca_home *h, const uint8_t serial[17], int reason)
{
	struct ca_revocation v = {.serial = {serial, 17}, .reason = reason};
	struct setpki_error err = {0};

	t_ok(ca_revoke(h, &v, 1, &err), &err);
	return v;
}

static void
note(void *arg, const struct ca_publish_note *n)
{
	struct t_published *p = arg;
	size_t at = strlen(p->text);

	p->n[n->what]++;
	snprintf(p->text + at, sizeof(p->text) - at, "%s\n", n->text);
}

enum setpki_code
t_publish(struct ca_home *h, bool due, struct t_published *out, struct setpki_error *err)
{
	struct ca_publish_ask ask = {.due = due, .note = note, .arg = out};

	memset(out, 0, sizeof(*out));
	return ca_publish(h, &ask, err);
}

void
t_public(struct ca_home *h, const char *file, struct sp_buf *out)
{
	struct setpki_error err = {0};
	char path[1024];

	snprintf(path, sizeof(path), "%s/brand/current/%s", h->public_dir, file);
	t_ok(ca_file_read(path, 1 << 26, out, &err), &err);
}

bool
t_listed(struct ca_home *h, const char *ca, const uint8_t serial[17], int64_t *number)
{
	struct setpki_error err = {0};
	struct sp_buf der = {0};
	struct sp_crl crl;
	char file[80];
	bool listed;

	snprintf(file, sizeof(file), "crl/%s.crl", ca);
	t_public(h, file, &der);
	t_ok(sp_crl_parse(t_ctx(), sp_buf_bytes(&der), &crl, &err), &err);
	listed = sp_crl_lookup(&crl, sp_bytes(serial, 17), NULL, NULL);
	if (number != NULL)
		*number = crl.number_value;
	sp_crl_free(&crl);
	sp_buf_free(&der);
	return listed;
}

/* The key of the certificate in the bundle that an AKI names. */
static EVP_PKEY *
signer(const struct sp_p7 *set, setpki_bytes issuer, setpki_bytes serial)
{
	struct setpki_error err = {0};
	EVP_PKEY *key = NULL;
	struct sp_cert c;

	for (size_t i = 0; i < set->ncerts && key == NULL; i++) {
		t_ok(sp_cert_parse(set->certs[i], &c, &err), &err);
		if (sp_bytes_eq(c.issuer, issuer) && sp_bytes_eq(c.serial, serial))
			t_ok(sp_spki_pkey(t_ctx(), &c.key, &key, &err), &err);
	}
	assert_non_null(key);
	return key;
}

static void
check_crls(const struct sp_p7 *set, const struct sp_bci *bci)
{
	struct setpki_error err = {0};

	assert_int_equal(set->ncrls, bci->n);
	for (size_t i = 0; i < set->ncrls; i++) {
		struct sp_crl crl;
		size_t named = 0;
		EVP_PKEY *key;

		t_ok(sp_crl_parse(t_ctx(), set->crls[i], &crl, &err), &err);
		for (size_t k = 0; k < bci->n; k++)
			named += sp_bytes_eq(bci->entries[k].issuer, crl.issuer) &&
			    bci->entries[k].number == (uint64_t)crl.number_value;
		assert_int_equal(named, 1);
		key = signer(set, crl.aki_issuer, crl.aki_serial);
		t_ok(sp_crl_verify(t_ctx(), &crl, key, &err), &err);
		EVP_PKEY_free(key);
		sp_crl_free(&crl);
	}
}

uint64_t
t_check_public(struct ca_home *h)
{
	struct setpki_error err = {0};
	struct sp_buf p7c = {0}, file = {0};
	struct sp_p7 set;
	struct sp_bci bci;
	setpki_bytes der;
	EVP_PKEY *key;
	char path[1024], to[64] = "", want[32];
	uint64_t number;

	t_public(h, "set/brand.p7c", &p7c);
	t_ok(sp_p7_parse(sp_buf_bytes(&p7c), &set, &err), &err);
	t_ok(sp_p7_bci(&set, &der, &err), &err);
	t_public(h, "bci/brand.bci", &file);
	t_bytes(sp_buf_bytes(&file), der);
	t_ok(sp_bci_parse(der, &bci, &err), &err);
	key = signer(&set, bci.aki_issuer, bci.aki_serial);
	t_ok(sp_bci_verify(t_ctx(), &bci, key, &err), &err);
	EVP_PKEY_free(key);
	check_crls(&set, &bci);
	snprintf(path, sizeof(path), "%s/brand/current", h->public_dir);
	assert_true(readlink(path, to, sizeof(to) - 1) > 0);
	snprintf(want, sizeof(want), "%llu", (unsigned long long)bci.sequence);
	assert_string_equal(to, want);
	number = bci.sequence;
	sp_bci_free(&bci);
	sp_p7_free(&set);
	sp_buf_free(&p7c);
	sp_buf_free(&file);
	return number;
}
