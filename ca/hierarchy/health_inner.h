/* What the checks of a home's health share. */
#ifndef CA_HIERARCHY_HEALTH_INNER_H
#define CA_HIERARCHY_HEALTH_INNER_H

#include "ca/hierarchy/health.h"
#include "ca/hierarchy/state.h"

/* A check under way. */
struct ca_examination {
	struct ca_home *h;
	ca_txn *t;
	struct ca_state state;
	struct ca_health *out;
	bool failed; /* out of memory */
};

/* One check: adds what it finds.  An error is a check that could not be made. */
typedef enum setpki_code ca_health_check(struct ca_examination *x, struct setpki_error *err);

/* health_cas.c */
ca_health_check ca_health_certificates, ca_health_records, ca_health_keys, ca_health_clock;
/* health_lists.c */
ca_health_check ca_health_crls, ca_health_bcis, ca_health_publication;
/* health_home.c */
ca_health_check ca_health_store, ca_health_permissions, ca_health_secret, ca_health_intents, ca_health_hold,
    ca_health_requests;

/* Adds a finding; `where` may be NULL. */
__attribute__((format(printf, 4, 5))) void
ca_health_add(struct ca_examination *x, enum ca_health_id id, const char *where, const char *fmt, ...);
/* Adds something that ends, with what its end comes to: the finding `id`, or CA_HEALTH_N for nothing yet. */
void
ca_health_coming(struct ca_examination *x, const char *what, const char *where, int64_t until, enum ca_health_id id);
/* "gateway, generation 1"; `out` has CA_NAME_MAX + 32 octets. */
const char *ca_health_where(const char *ca, uint16_t generation, char *out);

#endif
