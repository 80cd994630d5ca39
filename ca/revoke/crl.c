/* Building the next CRL of a generation, streamed from the store into a file of its own. */
#include "ca/revoke/crl.h"

#include "ca/revoke/covered.h"
#include "lib/base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE 65536

/* --- where the entries come from --------------------------------------------------------------- */

struct entries {
	ca_revoked_cursor *cursor;
	struct ca_revoked_record rec;
	size_t n;
};

static bool
next_entry(void *arg, struct sp_crl_entry *e)
{
	struct entries *s = arg;

	while (ca_revoked_next(s->cursor, &s->rec)) {
		/* It stood on a CRL past the certificate's expiry: it may go (set-protocol 12.14). */
		if (s->rec.listed_until != 0)
			continue;
		*e = (struct sp_crl_entry){s->rec.serial, s->rec.at, s->rec.reason};
		s->n++;
		return true;
	}
	return false;
}

static void
rewind_entries(void *arg)
{
	struct entries *s = arg;

	ca_revoked_rewind(s->cursor);
	s->n = 0;
}

/* --- where the bytes go ------------------------------------------------------------------------ */

struct sink {
	int fd;
	size_t n, total;
	uint8_t buffer[PIECE];
};

static enum setpki_code
flush(struct sink *s, struct setpki_error *err)
{
	size_t done = 0;

	while (done < s->n) {
		ssize_t n = write(s->fd, s->buffer + done, s->n - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return sp_fail(err, SETPKI_E_IO, NULL, "write a CRL below run/: %s", strerror(errno));
		done += (size_t)n;
	}
	s->n = 0;
	return SETPKI_E_OK;
}

static enum setpki_code
write_piece(void *arg, setpki_bytes piece, struct setpki_error *err)
{
	struct sink *s = arg;
	enum setpki_code rc = SETPKI_E_OK;

	while (rc == SETPKI_E_OK && piece.n > 0) {
		size_t n = piece.n < PIECE - s->n ? piece.n : PIECE - s->n;

		memcpy(s->buffer + s->n, piece.p, n);
		s->n += n;
		s->total += n;
		piece = sp_bytes(piece.p + n, piece.n - n);
		if (s->n == PIECE)
			rc = flush(s, err);
	}
	return rc;
}

struct signing {
	ca_key *key;
	enum setpki_suite suite;
};

static enum setpki_code
sign(void *arg, const uint8_t *digest, struct sp_buf *sig, struct setpki_error *err)
{
	const struct signing *s = arg;

	return ca_key_sign_digest(s->key, s->suite, digest, sig, err);
}

/* A file without a name: it is gone with the process, however that ends. */
static int
nameless_file(const struct ca_home *h)
{
	char path[4096];
	int fd;

	if (snprintf(path, sizeof(path), "%s/crl-%ld", h->run_dir, (long)getpid()) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		unlink(path);
	return fd;
}

/* --- building ---------------------------------------------------------------------------------- */

/* Number, times and schedule; the number goes up by one (RFC 5280 5.2.3). */
static enum setpki_code
plan(struct ca_home *h, ca_txn *t, const struct ca_signer *signer, struct ca_crl_record *rec, struct setpki_error *err)
{
	const struct ca_crl_schedule *schedule = &h->policy->cas[signer->policy_index].crl;
	struct ca_crl_record before = {0};
	enum setpki_code rc = ca_crl_get(t, signer->ca.id, signer->generation, &before, NULL);

	if (rc != SETPKI_E_OK && rc != SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, NULL, "the CRLs in the store cannot be read");
	rc = SETPKI_E_OK;
	if (before.number != 0 && before.this_update > h->now)
		rc = sp_fail(err, SETPKI_E_STATE, "set-protocol 12.14",
		    "the clock is behind the CRL before: set it right (a CRL never goes back in time)");
	rec->ca = signer->ca.id;
	rec->generation = signer->generation;
	rec->number = before.number + 1;
	rec->this_update = h->now;
	rec->next_update = h->now + schedule->valid;
	rec->next_run = h->now + schedule->every;
	ca_crl_record_free(&before);
	return rc;
}

static enum setpki_code
map_file(struct sink *s, struct ca_crl_built *out, struct setpki_error *err)
{
	out->map = mmap(NULL, s->total, PROT_READ, MAP_PRIVATE, s->fd, 0);
	if (out->map == MAP_FAILED) {
		out->map = NULL;
		return sp_fail(err, SETPKI_E_IO, NULL, "map a CRL of %zu bytes: %s", s->total, strerror(errno));
	}
	out->map_len = s->total;
	out->record.der = sp_bytes(out->map, s->total);
	return SETPKI_E_OK;
}

static enum setpki_code
build(struct ca_home *h, ca_txn *t, struct ca_signer *signer, struct sink *sink, struct ca_crl_built *out,
    struct setpki_error *err)
{
	struct entries entries = {0};
	struct signing key = {signer->key, h->policy->suite};
	struct sp_crl_source source = {next_entry, rewind_entries, &entries};
	struct sp_crl_spec spec = {.suite = h->policy->suite, .signer = &signer->cert};
	uint64_t covered;
	enum setpki_code rc = plan(h, t, signer, &out->record, err);

	if (rc == SETPKI_E_OK)
		rc = ca_revocations_read(t, signer->ca.id, signer->generation, &out->revocations, &covered, err);
	if (rc == SETPKI_E_OK)
		rc = ca_revoked_open(t, signer->ca.id, signer->generation, &entries.cursor, err);
	if (rc != SETPKI_E_OK)
		return rc;
	spec.this_update = out->record.this_update;
	spec.next_update = out->record.next_update;
	spec.number = out->record.number;
	rc = sp_crl_build(h->ctx, &spec, &source, sign, &key, write_piece, sink, err);
	ca_revoked_close(entries.cursor);
	out->entries = entries.n;
	return rc == SETPKI_E_OK ? flush(sink, err) : rc;
}

enum setpki_code
ca_crl_build(struct ca_home *h, struct ca_signer *signer, struct ca_crl_built *out, struct setpki_error *err)
{
	struct sink *sink = OPENSSL_zalloc(sizeof(*sink));
	ca_txn *t = NULL;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	if (sink == NULL)
		return sp_fail_memory(err);
	sink->fd = nameless_file(h);
	if (sink->fd < 0)
		rc = sp_fail(err, SETPKI_E_IO, NULL, "make a file in %s: %s", h->run_dir, strerror(errno));
	else
		rc = ca_txn_begin(h->store, false, &t, err);
	if (rc == SETPKI_E_OK)
		rc = build(h, t, signer, sink, out, err);
	ca_txn_abort(t);
	if (rc == SETPKI_E_OK)
		rc = map_file(sink, out, err);
	if (sink->fd >= 0)
		close(sink->fd);
	OPENSSL_free(sink);
	if (rc != SETPKI_E_OK)
		rc = sp_error_in(err, rc, "CRL of %s", signer->ca.name);
	return rc;
}

void
ca_crl_built_free(struct ca_crl_built *b)
{
	if (b->map != NULL)
		munmap(b->map, b->map_len);
	memset(b, 0, sizeof(*b));
}

/* --- after it is stored ------------------------------------------------------------------------ */

/* The serials that stood on this CRL past their certificate's expiry, one after the other, each behind its length. */
static enum setpki_code
collect_expired(ca_txn *t, const struct ca_crl_record *stored, const struct sp_crl *crl, struct sp_buf *out,
    struct setpki_error *err)
{
	struct ca_revoked_record rec;
	ca_revoked_cursor *cursor;
	enum setpki_code rc = ca_revoked_open(t, stored->ca, stored->generation, &cursor, err);

	if (rc != SETPKI_E_OK)
		return rc;
	while (ca_revoked_next(cursor, &rec))
		/* what was revoked while the CRL was made is not on it */
		if (rec.listed_until == 0 && rec.not_after < crl->this_update &&
		    sp_crl_lookup(crl, rec.serial, NULL, NULL)) {
			sp_buf_add_byte(out, (uint8_t)rec.serial.n);
			sp_buf_add_bytes(out, rec.serial);
		}
	ca_revoked_close(cursor);
	return out->failed ? sp_fail_memory(err) : SETPKI_E_OK;
}

static enum setpki_code
mark_expired(ca_txn *t, const struct ca_crl_record *crl, setpki_bytes serial, struct setpki_error *err)
{
	struct ca_revoked_record rec;
	enum setpki_code rc = ca_revoked_get(t, crl->ca, serial, &rec, err);

	if (rc == SETPKI_E_OK)
		rc = ca_revoked_del(t, crl->ca, serial, err);
	if (rc != SETPKI_E_OK)
		return rc;
	rec.serial = serial;
	rec.listed_until = (uint64_t)crl->this_update;
	return ca_revoked_put(t, &rec, err);
}

enum setpki_code
ca_crl_covered(ca_txn *t, const struct ca_crl_built *b, const struct sp_crl *crl, struct setpki_error *err)
{
	struct sp_buf expired = {0};
	enum setpki_code rc = ca_revocations_cover(t, b->record.ca, b->record.generation, b->revocations, err);

	if (rc == SETPKI_E_OK)
		rc = collect_expired(t, &b->record, crl, &expired, err);
	for (size_t at = 0; rc == SETPKI_E_OK && at < expired.n; at += 1u + expired.p[at])
		rc = mark_expired(t, &b->record, sp_bytes(expired.p + at + 1, expired.p[at]), err);
	sp_buf_free(&expired);
	return rc;
}
