/* The step DONE: what was got is written into the session's folder, and then moves up with the rest. */
#include "tools/common/clock.h"
#include "tools/common/fail.h"
#include "tools/setenroll/setenroll.h"

#include <openssl/crypto.h>
#include <setpki/text.h>
#include <stdlib.h>
#include <string.h>

static enum setpki_code
write_bio(struct en *en, enum en_file file, BIO *from)
{
	char *p;
	long n = BIO_get_mem_data(from, &p);

	return en_file_update(en->session, file, (setpki_bytes){(const uint8_t *)p, n > 0 ? (size_t)n : 0}, EN_ERR(en));
}

static enum setpki_code
write_cert(struct en *en, bool exchange)
{
	struct setpki_object o = {SETPKI_OBJECT_CERT, setpki_enroll_cert(en->e, exchange)};
	BIO *to = BIO_new(BIO_s_mem());
	enum setpki_code rc = to != NULL ? SETPKI_E_OK : tc_fail_memory(EN_ERR(en));

	if (rc == SETPKI_E_OK && o.der.n != 0 && (rc = en_pem_add(to, &o, EN_ERR(en))) == SETPKI_E_OK)
		rc = write_bio(en, exchange ? EN_ENC_CERT : EN_SIG_CERT, to);
	BIO_free(to);
	return rc;
}

/* Everything that came along, for a payment's other side and for the next registration. */
static enum setpki_code
write_chain(struct en *en)
{
	size_t n = setpki_enroll_objects(en->e, NULL, 0);
	struct setpki_object *v = calloc(n + 1, sizeof(*v));
	BIO *to = BIO_new(BIO_s_mem());
	enum setpki_code rc = v != NULL && to != NULL ? SETPKI_E_OK : tc_fail_memory(EN_ERR(en));

	if (rc == SETPKI_E_OK)
		n = setpki_enroll_objects(en->e, v, n);
	for (size_t i = 0; rc == SETPKI_E_OK && i < n; i++)
		if ((rc = en_pem_add(to, &v[i], EN_ERR(en))) == SETPKI_E_OK)
			rc = setpki_pool_add(en->pool, &v[i], NULL, EN_ERR(en));
	if (rc == SETPKI_E_OK)
		rc = write_bio(en, EN_CHAIN, to);
	BIO_free(to);
	free(v);
	return rc;
}

/* PANSecret in hex, as `setca issue cardholder` leaves it. */
static enum setpki_code
write_pan_secret(struct en *en)
{
	uint8_t card[SETPKI_SECRET_LEN], pan[SETPKI_SECRET_LEN];
	char hex[SETPKI_HEX_TEXT(SETPKI_SECRET_LEN) + 1];
	enum setpki_code rc;

	if (en->row->holder != SETPKI_TYPE_CARD)
		return SETPKI_E_OK;
	if ((rc = setpki_enroll_secrets(en->e, card, pan, EN_ERR(en))) == SETPKI_E_OK) {
		setpki_hex_text((setpki_bytes){pan, sizeof(pan)}, hex);
		hex[2 * sizeof(pan)] = '\n';
		rc = en_file_update(
		    en->session, EN_PAN_SECRET, (setpki_bytes){(const uint8_t *)hex, 2 * sizeof(pan) + 1}, EN_ERR(en));
	}
	OPENSSL_cleanse(card, sizeof(card));
	OPENSSL_cleanse(pan, sizeof(pan));
	OPENSSL_cleanse(hex, sizeof(hex));
	return rc;
}

/* --- roots ------------------------------------------------------------------------------------- */

/* The roots trusted so far, into `to`; whether `root` is one of them. */
static enum setpki_code
copy_roots(struct en *en, setpki_bytes root, BIO *to, bool *known)
{
	int folder = en_file_there(en->session, EN_ROOTS) ? en->session : en->dir;
	struct setpki_objects objects = {0};
	struct setpki_der pem;
	enum setpki_code rc;

	*known = false;
	if (!en_file_there(folder, EN_ROOTS))
		return SETPKI_E_OK;
	if ((rc = en_file_read(folder, EN_ROOTS, &pem, EN_ERR(en))) != SETPKI_E_OK)
		return rc;
	rc = setpki_objects_read(EN_BYTES(pem), &objects, EN_ERR(en));
	for (size_t i = 0; i < objects.n && rc == SETPKI_E_OK; i++) {
		setpki_bytes der = objects.v[i].der;

		*known |= der.n == root.n && memcmp(der.p, root.p, root.n) == 0;
		rc = en_pem_add(to, &objects.v[i], EN_ERR(en));
	}
	setpki_objects_free(&objects);
	setpki_der_free(&pem);
	return rc;
}

/* The root of the chain was trusted by its thumb, or succeeded one that is: from now on it is byte for byte. */
static enum setpki_code
write_roots(struct en *en, setpki_bytes root)
{
	struct setpki_object o = {SETPKI_OBJECT_CERT, root};
	BIO *to = BIO_new(BIO_s_mem());
	enum setpki_code rc;
	bool known = false;

	if (to == NULL)
		return tc_fail_memory(EN_ERR(en));
	if ((rc = copy_roots(en, root, to, &known)) == SETPKI_E_OK && !known)
		rc = en_pem_add(to, &o, EN_ERR(en));
	if (rc == SETPKI_E_OK)
		rc = write_bio(en, EN_ROOTS, to);
	BIO_free(to);
	return rc;
}

/* The session has checked the chain; once more it is built for its root and for the BCI's number.  In one that is
 * written down days later a CRL may have run out meanwhile: then the roots stay as they are. */
static enum setpki_code
learn(struct en *en)
{
	setpki_bytes leaf = setpki_enroll_cert(en->e, !en->row->sig);
	struct setpki_chain_ask ask = {.at = tc_clock_now(),
	    .brand = en_state_text(en->state, "brand"),
	    .suite = setpki_suite_by_name(en_state_text(en->state, "suite")),
	    .revocation = SETPKI_IF_PRESENT};
	struct setpki_chain_result result = {0};
	enum setpki_code rc = setpki_chain_verify(en->pool, leaf, &ask, &result, EN_ERR(en));
	uint64_t sequence = setpki_pool_sequence(en->pool, ask.brand);

	if (rc == SETPKI_E_OK && result.verdict == SETPKI_VALID && result.npath > 0)
		rc = write_roots(en, result.path[result.npath - 1]);
	if (rc == SETPKI_E_OK && sequence != 0 &&
	    json_object_set_new(en->state, "bciSequence", json_integer((json_int_t)sequence)) != 0)
		rc = tc_fail_memory(EN_ERR(en));
	setpki_chain_result_free(&result);
	return rc;
}

/* --- all of it --------------------------------------------------------------------------------- */

enum setpki_code
en_result_write(struct en *en)
{
	enum setpki_code rc;

	if ((rc = write_cert(en, false)) != SETPKI_E_OK || (rc = write_cert(en, true)) != SETPKI_E_OK ||
	    (rc = write_pan_secret(en)) != SETPKI_E_OK || (rc = write_chain(en)) != SETPKI_E_OK ||
	    (rc = learn(en)) != SETPKI_E_OK)
		return rc;
	json_object_del(en->state, "labels");
	json_object_del(en->state, "waitsFor");
	if (json_object_set_new(en->state, "complete", json_true()) != 0)
		return tc_fail_memory(EN_ERR(en));
	return en_state_write(en, true);
}

enum setpki_code
en_result_move(struct en *en)
{
	uint64_t n = en_state_number(en->state, "old");
	enum setpki_code rc = SETPKI_E_OK;
	char old[32];

	snprintf(old, sizeof(old), "old-%llu", (unsigned long long)n);
	for (int i = 0; i < EN_FILES && rc == SETPKI_E_OK; i++)
		rc = en_file_move(en->session, en->dir, n != 0 ? old : NULL, (enum en_file)i, EN_ERR(en));
	return rc;
}
