/* Whatever the file holds, reading a policy ends with a policy or with a refusal that says where. */
#include "tests/fuzz/fuzz.h"

#include "ca/policy/policy.h"

void
fuzz_policy(const uint8_t *data, size_t size)
{
	setpki_bytes in = {data, size};
	struct setpki_error err = {0};
	struct ca_policy *policy = NULL;
	enum setpki_code rc = ca_policy_read(fuzz_ctx(), in, "fuzz.yaml", &policy, &err);

	if (rc == SETPKI_E_OK) {
		FUZZ_MUST(policy != NULL && policy->ncas >= 1);
		ca_policy_free(policy);
	} else {
		FUZZ_MUST(policy == NULL && err.code == rc && err.message[0] != '\0');
	}
}
