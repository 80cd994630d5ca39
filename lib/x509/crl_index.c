#include "lib/x509/crl_index.h"

#include "lib/base/limits.h"
#include "lib/x509/crl_entry.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* A slot: length and octets of the serial, zeros up to SP_SERIAL_MAX, so that memcmp() is sp_serial_cmp(); then where
 * the entry begins, four octets. */
#define KEY (1 + SP_SERIAL_MAX)
#define SLOT (KEY + 4)
/* The smallest entry: SEQUENCE { INTEGER of one octet, UTCTime } */
#define ENTRY_MIN 20
#define HASH_PIECE (64u << 10)

struct sp_crl_index {
	size_t n;
	uint8_t *slots;
};

static void
make_key(setpki_bytes serial, uint8_t key[KEY])
{
	key[0] = (uint8_t)serial.n;
	memcpy(key + 1, serial.p, serial.n);
	memset(key + 1 + serial.n, 0, SP_SERIAL_MAX - serial.n);
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, KEY);
}

/* Hashes the TBS from where the last call stopped up to `to`; all of it if `to` is its end. */
struct hasher {
	EVP_MD_CTX *md; /* NULL: no suite, nothing to hash */
	const uint8_t *at, *end;
};

static bool
hash_to(struct hasher *h, const uint8_t *to)
{
	if (h->md == NULL || (to != h->end && (size_t)(to - h->at) < HASH_PIECE))
		return true;
	if (EVP_DigestUpdate(h->md, h->at, (size_t)(to - h->at)) != 1)
		return false;
	h->at = to;
	return true;
}

static enum setpki_code
hash_begin(setpki_ctx *ctx, const struct sp_crl *crl, struct hasher *h, struct setpki_error *err)
{
	*h = (struct hasher){NULL, crl->tbs.p, crl->tbs.p + crl->tbs.n};
	if (crl->suite == SETPKI_SUITE_NONE)
		return SETPKI_E_OK;
	if ((h->md = EVP_MD_CTX_new()) == NULL || EVP_DigestInit_ex2(h->md, sp_ctx_md(ctx, crl->suite), NULL) != 1)
		return sp_fail_crypto(err, "hashing a CRL");
	return SETPKI_E_OK;
}

static enum setpki_code
hash_end(struct hasher *h, struct sp_crl *crl, struct setpki_error *err)
{
	if (!hash_to(h, h->end) || (h->md != NULL && EVP_DigestFinal_ex(h->md, crl->digest, NULL) != 1))
		return sp_fail_crypto(err, "hashing a CRL");
	return SETPKI_E_OK;
}

static void
note(struct sp_crl *crl, const struct sp_crl_entry *e, const struct sp_crl_entry_more *more)
{
	crl->count++;
	crl->reasons += e->reason >= 0;
	crl->unknown += more->unknown;
	if (crl->unknown_critical.n == 0)
		crl->unknown_critical = more->unknown_critical;
}

/* Fills the slots; *sorted: they are in strict order already, as in every CRL that we build. */
static enum setpki_code
fill(struct sp_crl *crl, uint8_t *slots, struct hasher *h, bool *sorted, struct setpki_error *err)
{
	struct sp_der d = sp_der(crl->entries);
	uint8_t *slot = slots;
	struct sp_crl_entry e;
	const uint8_t *at;

	*sorted = true;
	for (at = d.p; !sp_der_end(&d); at = d.p, slot += SLOT) {
		struct sp_crl_entry_more more = {0};
		uint32_t offset = (uint32_t)(at - crl->entries.p);

		if (!sp_crl_entry_read(&d, &e, &more))
			return sp_error_in(err,
			    sp_fail(err, SETPKI_E_PARSE, "RFC 5280 5.1.2.6", "not an entry in strict DER"), "entry %zu",
			    crl->count + 1);
		make_key(e.serial, slot);
		memcpy(slot + KEY, &offset, sizeof(offset));
		*sorted = *sorted && (slot == slots || memcmp(slot - SLOT, slot, KEY) < 0);
		note(crl, &e, &more);
		if (!hash_to(h, d.p))
			return sp_fail_crypto(err, "hashing a CRL");
	}
	return SETPKI_E_OK;
}

static enum setpki_code
build_slots(struct sp_crl *crl, struct hasher *h, struct setpki_error *err)
{
	size_t most = crl->entries.n / ENTRY_MIN;
	struct sp_crl_index *index = OPENSSL_zalloc(sizeof(*index));
	enum setpki_code rc;
	bool sorted;
	uint8_t *fit;

	if (index == NULL || (most != 0 && (index->slots = OPENSSL_malloc(most * SLOT)) == NULL)) {
		OPENSSL_free(index);
		return sp_fail_memory(err);
	}
	crl->index = index;
	if ((rc = fill(crl, index->slots, h, &sorted, err)) != SETPKI_E_OK)
		return rc;
	index->n = crl->count;
	if (!sorted)
		qsort(index->slots, index->n, SLOT, compare);
	if (index->n != 0 && (fit = OPENSSL_realloc(index->slots, index->n * SLOT)) != NULL)
		index->slots = fit;
	return SETPKI_E_OK;
}

enum setpki_code
sp_crl_index_build(setpki_ctx *ctx, struct sp_crl *crl, struct setpki_error *err)
{
	struct hasher h;
	enum setpki_code rc = hash_begin(ctx, crl, &h, err);

	if (rc == SETPKI_E_OK && (rc = build_slots(crl, &h, err)) == SETPKI_E_OK)
		rc = hash_end(&h, crl, err);
	EVP_MD_CTX_free(h.md);
	return rc;
}

void
sp_crl_index_free(struct sp_crl_index *index)
{
	if (index == NULL)
		return;
	OPENSSL_free(index->slots);
	OPENSSL_free(index);
}

setpki_bytes
sp_crl_index_find(const struct sp_crl_index *index, setpki_bytes entries, setpki_bytes serial)
{
	uint8_t key[KEY];
	const uint8_t *slot;
	uint32_t offset;

	if (index == NULL || index->n == 0 || serial.n == 0 || serial.n > SP_SERIAL_MAX)
		return (setpki_bytes){NULL, 0};
	make_key(serial, key);
	if ((slot = bsearch(key, index->slots, index->n, SLOT, compare)) == NULL)
		return (setpki_bytes){NULL, 0};
	memcpy(&offset, slot + KEY, sizeof(offset));
	return sp_bytes(entries.p + offset, entries.n - offset);
}
