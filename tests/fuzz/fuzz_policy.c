/* Whatever the file holds, reading a policy ends with a policy or with a refusal that says where; and a policy that is
 * shown reads as the same policy. */
#include "tests/fuzz/fuzz.h"

#include "ca/policy/show.h"
#include "lib/base/limits.h"

static void
shown_and_read_again(const struct ca_policy *policy)
{
	struct ca_policy_changes changes = {0};
	struct ca_policy *again = NULL;
	struct sp_buf text = {0};

	FUZZ_MUST(ca_policy_show(policy, &text, NULL) == SETPKI_E_OK);
	if (text.n <= SP_POLICY_MAX) {
		FUZZ_MUST(ca_policy_read(fuzz_ctx(), sp_buf_bytes(&text), "again.yaml", &again, NULL) == SETPKI_E_OK);
		FUZZ_MUST(ca_policy_diff(policy, again, &changes, NULL) == SETPKI_E_OK && changes.n == 0);
	}
	ca_policy_changes_free(&changes);
	ca_policy_free(again);
	sp_buf_free(&text);
}

void
fuzz_policy(const uint8_t *data, size_t size)
{
	setpki_bytes in = {data, size};
	struct setpki_error err = {0};
	struct ca_policy *policy = NULL;
	enum setpki_code rc = ca_policy_read(fuzz_ctx(), in, "fuzz.yaml", &policy, &err);

	if (rc == SETPKI_E_OK) {
		FUZZ_MUST(policy != NULL && policy->ncas >= 1);
		shown_and_read_again(policy);
		ca_policy_free(policy);
	} else {
		FUZZ_MUST(policy == NULL && err.code == rc && err.message[0] != '\0');
	}
}
