#include "lib/x509/crl_index.h"

#include "lib/base/limits.h"
#include "lib/x509/crl_entry.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* A serial as a two's complement number of 160 bits - which tells any two serials apart - in three words that compare
 * as unsigned numbers; and where its entry begins. */
struct slot {
	uint64_t high, middle;
	uint32_t low, offset;
};
/* The smallest entry: SEQUENCE { INTEGER of one octet, UTCTime } */
#define ENTRY_MIN 20
#define HASH_PIECE (64u << 10)

struct sp_crl_index {
	size_t n;
	struct slot *slots;
};

/* Written out so that compilers make one load of it. */
static uint32_t
load32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t
load64(const uint8_t *p)
{
	return (uint64_t)load32(p) << 32 | load32(p + 4);
}

static void
make_slot(struct slot *s, setpki_bytes serial, uint32_t offset)
{
	const uint8_t *p = serial.p;
	uint8_t number[SP_SERIAL_MAX];

	s->offset = offset;
	if (serial.n == SP_SERIAL_LEN && p[0] < 0x80) { /* ours: without the way over memory */
		s->high = (uint64_t)p[0] << 32 | load32(p + 1);
		s->middle = load64(p + 5);
		s->low = load32(p + 13);
		return;
	}
	memset(number, p[0] >= 0x80 ? 0xff : 0, sizeof(number));
	memcpy(number + sizeof(number) - serial.n, p, serial.n);
	s->high = load64(number);
	s->middle = load64(number + 8);
	s->low = load32(number + 16);
}

static int
compare_slots(const struct slot *a, const struct slot *b)
{
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	if (a->middle != b->middle)
		return a->middle < b->middle ? -1 : 1;
	return (a->low > b->low) - (a->low < b->low);
}

static int
compare(const void *a, const void *b)
{
	return compare_slots(a, b);
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
fill(struct sp_crl *crl, struct slot *slots, struct hasher *h, bool *sorted, struct setpki_error *err)
{
	struct sp_der d = sp_der(crl->entries);
	struct slot *slot = slots;
	struct sp_crl_entry e;
	const uint8_t *at;

	*sorted = true;
	for (at = d.p; !sp_der_end(&d); at = d.p, slot++) {
		struct sp_crl_entry_more more = {0};
		uint32_t offset = (uint32_t)(at - crl->entries.p);

		if (!sp_crl_entry_read(&d, &e, &more))
			return sp_error_in(err,
			    sp_fail(err, SETPKI_E_PARSE, "RFC 5280 5.1.2.6", "not an entry in strict DER"), "entry %zu",
			    crl->count + 1);
		make_slot(slot, e.serial, offset);
		*sorted = *sorted && (slot == slots || compare_slots(slot - 1, slot) < 0);
		note(crl, &e, &more);
		if (!hash_to(h, d.p))
			return sp_fail_crypto(err, "hashing a CRL");
	}
	return SETPKI_E_OK;
}

static size_t
count_doubles(const struct sp_crl_index *index)
{
	size_t n = 0;

	for (size_t i = 1; i < index->n; i++)
		n += compare_slots(&index->slots[i - 1], &index->slots[i]) == 0;
	return n;
}

static enum setpki_code
build_slots(struct sp_crl *crl, struct hasher *h, struct setpki_error *err)
{
	size_t most = crl->entries.n / ENTRY_MIN;
	struct sp_crl_index *index = OPENSSL_zalloc(sizeof(*index));
	enum setpki_code rc;
	struct slot *fit;
	bool sorted;

	if (index == NULL || (most != 0 && (index->slots = OPENSSL_malloc(most * sizeof(struct slot))) == NULL)) {
		OPENSSL_free(index);
		return sp_fail_memory(err);
	}
	crl->index = index;
	if ((rc = fill(crl, index->slots, h, &sorted, err)) != SETPKI_E_OK)
		return rc;
	index->n = crl->count;
	if (!sorted) {
		qsort(index->slots, index->n, sizeof(struct slot), compare);
		crl->doubles = count_doubles(index);
	}
	if (index->n != 0 && (fit = OPENSSL_realloc(index->slots, index->n * sizeof(struct slot))) != NULL)
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

/* Written out, not bsearch(): the comparison is two words in nearly every step. */
setpki_bytes
sp_crl_index_find(const struct sp_crl_index *index, setpki_bytes entries, setpki_bytes serial)
{
	struct slot key;
	size_t lo = 0, hi;

	if (index == NULL || serial.n == 0 || serial.n > SP_SERIAL_MAX)
		return (setpki_bytes){NULL, 0};
	make_slot(&key, serial, 0);
	for (hi = index->n; lo < hi;) {
		size_t mid = lo + (hi - lo) / 2;

		if (compare_slots(&index->slots[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == index->n || compare_slots(&index->slots[lo], &key) != 0)
		return (setpki_bytes){NULL, 0};
	return sp_bytes(entries.p + index->slots[lo].offset, entries.n - index->slots[lo].offset);
}
