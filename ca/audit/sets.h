/* What a check of the log remembers of it: which certificates were named, and digests to be asked for. */
#ifndef CA_AUDIT_SETS_H
#define CA_AUDIT_SETS_H

#include "lib/base/buf.h"

/* Digests: filled, sorted once, then asked.  Zero-initialise; failure (memory) shows in the buffer. */
struct ca_digests {
	struct sp_buf b;
};

void ca_digests_add(struct ca_digests *s, const uint8_t digest[32]);
void ca_digests_sort(struct ca_digests *s);
bool ca_digests_has(const struct ca_digests *s, const uint8_t digest[32]);
void ca_digests_free(struct ca_digests *s);

/* Sequence numbers by CA, one bit each.  Zero-initialise. */
struct ca_seen {
	struct ca_seen_ca {
		uint16_t ca;
		struct sp_buf bits;
	} * v;
	size_t n;
};

enum ca_seen_answer { CA_SEEN_NEW, CA_SEEN_BEFORE, CA_SEEN_NO_MEMORY };

/* Marks a certificate.  Sequence numbers come from the store, which counts them up from 1. */
enum ca_seen_answer ca_seen_mark(struct ca_seen *s, uint16_t ca, uint64_t seq);
bool ca_seen_has(const struct ca_seen *s, uint16_t ca, uint64_t seq);
void ca_seen_free(struct ca_seen *s);

#endif
