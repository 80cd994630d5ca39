/* What each command prints when all is well, kept as golden files (tests/vectors/cli/), text and JSON. */
#include "tests/support/check.h"
#include "tests/support/cli.h"

#include <stdio.h>
#include <stdlib.h>

/* In order: later rows see what earlier ones did. */
static const struct row {
	const char *name, *line;
} rows[] = {
    {"help", "setca --help"},
    {"help-group", "setca ca --help"},
    {"help-command", "setca issue gateway --help"},
    {"version", "setca --version"},
    {"policy-check", "setca policy check policies/demo.yaml policies/production.yaml policies/classic-1997.yaml"},
    {"policy-check-json", "setca --json policy check policies/demo.yaml"},
    {"policy-explain-file", "setca policy explain geo --policy policies/demo.yaml"},
    {"init-plan", "setca init policies/demo.yaml --plan"},
    {"init", "setca init policies/demo.yaml"},
    {"init-again", "setca init policies/demo.yaml"},
    {"init-plan-json", "setca --json init policies/demo.yaml --plan"},
    {"tree", "setca tree"},
    {"tree-json", "setca --json tree"},
    {"ca-list", "setca ca list"},
    {"ca-show", "setca ca show gateway"},
    {"ca-show-json", "setca --json ca show brand"},
    {"issue-gateway", "setca issue gateway --name gw1 --out gw1"},
    {"issue-gateway-again", "setca issue gateway --name gw1 --out gw1"},
    {"issue-gateway-dry", "setca issue gateway --name gw2 --out gw2 --dry-run"},
    {"issue-merchant",
	"setca issue merchant --name 'Corner Books' --merchant-id 4711 --city Springfield --country-name USA --out "
	"books "
	"--explain"},
    {"cert-list", "setca cert list --ca gateway"},
    {"cert-list-paged", "setca cert list --limit 3"},
    {"cert-list-next", "setca cert list --limit 3 --after 3.2"},
    {"cert-list-json", "setca --json cert list --ca merchant"},
    {"cert-find", "setca cert find --holder gw1"},
    {"revoke", "setca revoke --file gw1/signature.cer --reason keyCompromise --yes"},
    {"revoke-again", "setca revoke --file gw1/signature.cer --yes"},
    {"revoke-no-crl", "setca --json revoke --file books/exchange.cer --yes"},
    {"crl-list-pending", "setca crl list"},
    {"publish", "setca publish"},
    {"publish-due", "setca publish --due"},
    {"publish-json", "setca --json publish"},
    {"crl-list", "setca crl list"},
    {"crl-list-json", "setca --json crl list"},
    {"crl-show", "setca crl show gateway"},
    {"crl-build", "setca crl build geo"},
    {"bci-list", "setca bci list"},
    {"bci-show", "setca bci show"},
    {"bci-show-json", "setca --json bci show brand"},
    {"bci-build", "setca bci build"},
    {"cert-list-revoked", "setca cert list --state revoked"},
    {"show-root", "setca show setca-home/public/brand/current/ca/root-1.cer"},
    {"show-request-json", "setca --json show request.csr"},
    {"policy-diff", "setca policy diff changed.yaml"},
    {"policy-apply", "setca policy apply changed.yaml --yes"},
    {"policy-apply-again", "setca policy apply changed.yaml --yes"},
    {"policy-show-json", "setca --json policy show"},
    {"audit-log", "setca audit log --limit 12"},
    {"audit-verify", "setca audit verify"},
    {"verify-revoked", "setca verify gw1/signature.cer; test $? = 1"},
    {"verify", "setca verify gw1/exchange.cer books/signature.cer"},
    {"lint", "setca lint gw1/exchange.cer"},
};

/* A fixed request, so that even its key and signature are the same in each run. */
static const char request[] = "-----BEGIN CERTIFICATE REQUEST-----\n"
			      "MIHmMIGMAgEAMCoxCzAJBgNVBAYTAlVTMQ0wCwYDVQQKDAREZW1vMQwwCgYDVQQD\n"
			      "DANndzMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARttTtJA36V3XgNmF+SsA3o\n"
			      "40d3p0aFd54u8lWN6atUdyg1jCSch1YcQcEzKKuA1vk14+Y7WpE3jLDDBJ02DmXx\n"
			      "oAAwCgYIKoZIzj0EAwIDSQAwRgIhAIwVbJx53arStxMiQHm07yN12ow/BkAP9wo+\n"
			      "UHVGkIzdAiEAq5Y+xtnjc/07BaovQsCYB0tNvwqj/8NPLTae/jPodyU=\n"
			      "-----END CERTIFICATE REQUEST-----\n";

static int
enter(void **state)
{
	FILE *f;

	(void)state;
	cli_enter("commands");
	cli_ok("sed 's/valid: 60d/valid: 61d/' policies/demo.yaml >changed.yaml");
	if ((f = fopen("request.csr", "w")) == NULL || fputs(request, f) < 0 || fclose(f) != 0)
		return -1;
	return 0;
}

static void
row_prints(void **state)
{
	const struct row *r = *state;
	char *text = cli_expect(0, "%s", r->line);

	cli_golden(r->name, text);
	free(text);
}

/* Each line of JSON output is one object with a schema. */
static void
json_has_schemas(void **state)
{
	(void)state;
	cli_ok("setca --json tree >j; setca --json cert list >>j; setca --json publish >>j; setca --json audit verify "
	       ">>j; "
	       "setca --json show gw1/signature.cer >>j; setca --json policy show >>j; "
	       "python3 -c 'import json,sys\nfor l in open(\"j\"): assert "
	       "json.loads(l)[\"schema\"].startswith(\"setca.\")'");
}

/* policy show prints a policy that means the same. */
static void
shown_policies_can_be_used(void **state)
{
	(void)state;
	cli_ok("for p in demo production classic-1997; do setca policy show policies/$p.yaml >shown.yaml && "
	       "setca policy diff policies/$p.yaml shown.yaml >diff.txt && cat diff.txt && "
	       "grep -q 'No difference' diff.txt || exit 1; done");
}

static void
colour_is_for_terminals(void **state)
{
	char *text = cli_expect(0, "setca tree");

	(void)state;
	assert_null(strchr(text, '\033'));
	free(text);
}

/* A disk that takes nothing is no success. */
static void
full_disk_is_a_failure(void **state)
{
	(void)state;
	cli_refused(3, "standard output", "setca tree >/dev/full");
	cli_refused(3, "", "setca --json tree >/dev/full");
}

int
main(void)
{
	struct CMUnitTest all[NELEMS(rows) + 4];
	size_t i, n = NELEMS(rows);

	for (i = 0; i < n; i++)
		all[i] = (struct CMUnitTest){rows[i].name, row_prints, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	all[n++] = (struct CMUnitTest){"json_has_schemas", json_has_schemas, NULL, NULL, NULL};
	all[n++] = (struct CMUnitTest){"shown_policies_can_be_used", shown_policies_can_be_used, NULL, NULL, NULL};
	all[n++] = (struct CMUnitTest){"colour_is_for_terminals", colour_is_for_terminals, NULL, NULL, NULL};
	all[n++] = (struct CMUnitTest){"full_disk_is_a_failure", full_disk_is_a_failure, NULL, NULL, NULL};
	return _cmocka_run_group_tests("commands", all, n, enter, NULL);
}
