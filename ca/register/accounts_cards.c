/* Cards of an import. */
#include "ca/home/pan.h"
#include "ca/register/accounts_inner.h"
#include "lib/base/limits.h"
#include "lib/crypto/account.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

/* Fewer digits could not be told apart from the six and four of them that are shown. */
#define PAN_MIN 13

static enum setpki_code
check_card(const struct ca_accounts *a, const char *pan, const char *expiry, struct setpki_error *err)
{
	struct sp_account account;
	char bin[SP_UB_BIN + 1];
	enum setpki_code rc;

	if (strlen(pan) < PAN_MIN)
		return sp_fail(err, SETPKI_E_PARSE, NULL, "not a card number of %d to %u digits", PAN_MIN, SP_UB_PAN);
	rc = sp_account_parse(pan, expiry, &account, err);
	OPENSSL_cleanse(&account, sizeof(account));
	snprintf(bin, sizeof(bin), "%.6s", pan);
	if (rc == SETPKI_E_OK && !ca_profile_takes_bin(&a->ca->profiles[CA_ROLE_CARDHOLDER], bin))
		rc = sp_fail(err, SETPKI_E_POLICY, NULL,
		    "%s does not take cards that begin with %s: add it to the bins of its policy first", a->ca->name,
		    bin);
	return rc;
}

enum setpki_code
ca_accounts_card(struct ca_accounts *a, const char *pan, const char *expiry, enum ca_account_state state,
    uint32_t place, struct setpki_error *err)
{
	void *array = a->cards;
	struct ca_accounts_card *c;
	enum setpki_code rc;

	if ((rc = check_card(a, pan, expiry, err)) != SETPKI_E_OK ||
	    (rc = ca_accounts_grow(&array, a->ncards, &a->cap_cards, sizeof(*c), SP_ACCOUNTS_MAX, err)) != SETPKI_E_OK)
		return rc;
	a->cards = array;
	c = &a->cards[a->ncards];
	memset(c, 0, sizeof(*c));
	c->place = place;
	c->rec.ca = a->id;
	c->rec.state = state;
	c->rec.imported_at = a->h->now;
	memcpy(c->rec.first_six, pan, 6);
	memcpy(c->rec.last_four, pan + strlen(pan) - 4, 4);
	memcpy(c->rec.expiry, expiry, 6);
	rc = ca_pan_hash(a->h->ctx, a->key, pan, c->rec.hash, err);
	a->ncards += rc == SETPKI_E_OK;
	return rc;
}

/* Those of one card stand in the order of the file. */
static int
compare(const void *x, const void *y)
{
	const struct ca_accounts_card *a = x, *b = y;
	int d = memcmp(a->rec.hash, b->rec.hash, sizeof(a->rec.hash));

	return d != 0 ? d : a->place < b->place ? -1 : a->place > b->place;
}

/* Sorted, too, LMDB writes its pages one after the other. */
enum setpki_code
ca_accounts_sort_cards(struct ca_accounts *a, struct ca_accounts_result *out, struct setpki_error *err)
{
	if (a->ncards > 1)
		qsort(a->cards, a->ncards, sizeof(*a->cards), compare);
	for (size_t i = 1; i < a->ncards; i++) {
		if (memcmp(a->cards[i - 1].rec.hash, a->cards[i].rec.hash, sizeof(a->cards[i].rec.hash)) != 0)
			continue;
		out->before = a->cards[i - 1].place;
		out->again = a->cards[i].place;
		return sp_fail(err, SETPKI_E_CONFLICT, NULL,
		    "the same card stands in lines %zu and %zu; nothing was changed: leave one of them", out->before,
		    out->again);
	}
	return SETPKI_E_OK;
}

static bool
is_same(const struct ca_account_record *a, const struct ca_account_record *b)
{
	return a->state == b->state && strcmp(a->expiry, b->expiry) == 0 && strcmp(a->first_six, b->first_six) == 0 &&
	    strcmp(a->last_four, b->last_four) == 0;
}

enum setpki_code
ca_accounts_put_card(
    struct ca_accounts *a, ca_txn *t, size_t i, struct ca_accounts_result *out, struct setpki_error *err)
{
	const struct ca_account_record *rec = &a->cards[i].rec;
	struct setpki_error absent = {0};
	struct ca_account_record old;
	enum setpki_code rc = ca_account_get(t, rec->ca, rec->hash, &old, &absent);

	if (rc != SETPKI_E_OK && rc != SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, absent.spec, "%s", absent.message);
	if (rc == SETPKI_E_OK && is_same(rec, &old)) {
		out->same++;
		return SETPKI_E_OK;
	}
	out->added += rc == SETPKI_E_NOTFOUND;
	out->changed += rc == SETPKI_E_OK;
	return ca_account_put(t, rec, err);
}
