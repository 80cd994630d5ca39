/* Cards from a file: PAN,YYYYMM or PAN,YYYYMM,STATE, a line each; what stands behind '#' is for people. */
#include "lib/base/limits.h"
#include "tools/common/fail.h"
#include "tools/setca/account.h"

#include <openssl/crypto.h>
#include <string.h>

const char *const setca_account_states[] = {"active", "blocked", NULL};

bool
setca_account_state(const char *word, enum ca_account_state *out)
{
	for (size_t i = 0; setca_account_states[i] != NULL; i++)
		if (strcmp(setca_account_states[i], word) == 0) {
			*out = (enum ca_account_state)i;
			return true;
		}
	return false;
}

/* The text up to the next comma, without the blanks around it; *rest NULL at the end of the line. */
static char *
next_field(char **rest)
{
	char *field = *rest + strspn(*rest, " \t"), *end;
	size_t n = strcspn(field, ",");

	*rest = field[n] == ',' ? field + n + 1 : NULL;
	for (end = field + n; end > field && strchr(" \t", end[-1]) != NULL; end--)
		;
	*end = '\0';
	return field;
}

static enum setpki_code
take_line(struct ca_accounts *a, char *line, uint32_t number, struct setpki_error *err)
{
	enum ca_account_state state = CA_ACCOUNT_ACTIVE;
	char *rest = line, *pan = next_field(&rest), *expiry, *word = NULL;

	if (rest == NULL)
		return tc_fail(err, SETPKI_E_PARSE, "a card's line is PAN,YYYYMM or PAN,YYYYMM,STATE");
	expiry = next_field(&rest);
	if (rest != NULL)
		word = next_field(&rest);
	/* what stands there instead may be a card number: it is not repeated */
	if (rest != NULL || (word != NULL && !setca_account_state(word, &state)))
		return tc_fail(err, SETPKI_E_PARSE, "behind the expiry stands active, blocked, or nothing");
	return ca_accounts_card(a, pan, expiry, state, number, err);
}

static enum setpki_code
take_lines(struct setca *s, struct tc_input *in, struct ca_accounts *a)
{
	char line[SP_ACCOUNT_LINE_MAX + 1];
	enum setpki_code rc;

	while ((rc = tc_input_line(in, line, sizeof(line), SETCA_ERR(s))) == SETPKI_E_OK) {
		line[strcspn(line, "#")] = '\0';
		if (line[strspn(line, " \t")] == '\0')
			continue;
		if ((rc = take_line(a, line, in->line, SETCA_ERR(s))) != SETPKI_E_OK) {
			rc = tc_error_in(SETCA_ERR(s), rc, "%s: line %u", in->name, in->line);
			break;
		}
	}
	OPENSSL_cleanse(line, sizeof(line));
	return rc == SETPKI_E_NOTFOUND ? SETPKI_E_OK : rc;
}

enum setpki_code
setca_import_cards(struct setca *s, struct tc_input *in, const char *ca, char *name, struct ca_accounts_result *out)
{
	struct ca_accounts *a = NULL;
	enum setpki_code rc;

	if ((rc = ca_accounts_begin(s->home, ca, CA_ROLE_CARDHOLDER, &a, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	snprintf(name, CA_NAME_MAX, "%s", ca_accounts_ca(a));
	if ((rc = take_lines(s, in, a)) == SETPKI_E_OK &&
	    (rc = ca_accounts_commit(a, out, SETCA_ERR(s))) != SETPKI_E_OK)
		rc = tc_error_in(SETCA_ERR(s), rc, "%s", in->name);
	ca_accounts_free(a);
	return rc;
}
