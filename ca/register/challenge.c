/* The keys of chall-CA: one for each week, the one before it still accepted (set-protocol 12.6).  They lie with the
 * other keys, so that registrations go on over a restart, and in every process of the authority alike. */
#include "ca/register/private.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

static int64_t
period_of(int64_t now)
{
	return now / SP_CHALLENGE_KEY_S;
}

static uint8_t
id_of(int64_t period)
{
	return (uint8_t)(1 + period % 255);
}

static const char prefix[] = "challenge-";

static const char *
name_of(int64_t period, char out[32])
{
	snprintf(out, 32, "%s%lld", prefix, (long long)period);
	return out;
}

/* The slot of a period, opened; the current key is made by whoever needs it first, the one before only if it was. */
static enum setpki_code
slot_of(struct ca_register *r, int64_t period, bool make, struct ca_reg_challenge **out, struct setpki_error *err)
{
	struct ca_reg_challenge *c = &r->challenges[period % CA_REG_CHALLENGES];
	char name[32];
	enum setpki_code rc;

	*out = c;
	if (c->period == period)
		return SETPKI_E_OK;
	OPENSSL_cleanse(c, sizeof(*c));
	c->period = -1;
	rc = make ? ca_secret_open(r->h->ctx, r->h->keys_dir, name_of(period, name), c->key, err)
		  : ca_secret_look(r->h->keys_dir, name_of(period, name), c->key, err);
	if (rc == SETPKI_E_OK)
		c->period = period;
	return rc;
}

enum setpki_code
ca_reg_challenge_key(void *arg, uint8_t *id, uint8_t key[32], struct setpki_error *err)
{
	struct ca_register *r = arg;
	struct ca_reg_challenge *c;
	int64_t period = period_of(r->h->now);
	enum setpki_code rc;

	if (*id != 0 && *id != id_of(period)) {
		if (*id != id_of(period - 1))
			return sp_fail(
			    err, SETPKI_E_NOTFOUND, "set-protocol 12.6", "the key of this challenge is gone");
		rc = slot_of(r, period - 1, false, &c, err);
	} else {
		rc = slot_of(r, period, true, &c, err);
	}
	if (rc != SETPKI_E_OK)
		return rc;
	*id = id_of(c->period);
	memcpy(key, c->key, sizeof(c->key));
	return SETPKI_E_OK;
}

/* What nobody can come with any more is removed, once a period. */
enum setpki_code
ca_reg_challenge_tidy(struct ca_register *r, struct setpki_error *err)
{
	int64_t period = period_of(r->h->now);

	if (r->tidied == period)
		return SETPKI_E_OK;
	r->tidied = period;
	return ca_secret_prune(r->h->keys_dir, prefix, period + 1 - CA_REG_CHALLENGES, err);
}
