/* Renewing a CA's certificates (same key) and rolling it to a new generation (set-protocol 12.11, 12.12).  Both give a
 * plan to show, which ca_plan_run() carries out.  After an interruption a roll is planned from where it stopped; a
 * renewal is planned anew, which at worst gives a key one more certificate. */
#ifndef CA_HIERARCHY_ROLL_H
#define CA_HIERARCHY_ROLL_H

#include "ca/hierarchy/plan.h"

/* New certificates for the keys of the CA's newest active generation, all purposes or (`purpose` < CA_PURPOSE_N) one.
 * STATE when its superior's generation no longer signs: then the CA has to roll (12.11). */
SP_MUST_CHECK enum setpki_code ca_renew_plan(
    struct ca_home *h, const char *ca, enum ca_purpose purpose, struct ca_plan *out, struct setpki_error *err);

/* A new generation under a DN of its own; when its certificate is there the one before closes: it issues no more, and
 * publishes until its last certificate has expired.  A root takes the key made for that (its hash is in hashedRootKey)
 * and makes the next one. */
SP_MUST_CHECK enum setpki_code
ca_roll_plan(struct ca_home *h, const char *ca, struct ca_plan *out, struct setpki_error *err);

#endif
