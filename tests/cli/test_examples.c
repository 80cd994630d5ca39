/* Every example that help and the manual show is run, in a folder where what it names is there. */
#include "tests/support/check.h"
#include "tests/support/cli.h"
#include "tests/support/enrollee.h"

#include <stdio.h>
#include <stdlib.h>

#define EXAMPLES_MAX 160

/* What some examples need beside a demo home with the gateway gw1, run before them in their folder; and those that end
 * with another status than 0. */
static const struct {
	const char *begins, *setup;
	int status;
} setups[] = {
    {"setca init --plan policies/production.yaml", "rm -rf setca-home", 0},
    {"setca init policies/demo.yaml", "rm -rf setca-home", 0},
    {"setca ca request", "rm -rf setca-home && cp -r ../offline/* .", 0},
    {"setca --home root-home", "rm -rf setca-home && cp -r ../offline/* .", 0},
    {"setca ca install",
	"rm -rf setca-home && cp -r ../offline/* . && setca --home root-home ca sign for-root.pem --out "
	"answer.p7b --yes",
	0},
    {"setca crl import",
	"rm -rf setca-home && cp -r ../offline/* . && setca --home root-home ca sign for-root.pem --out answer.p7b "
	"--yes && "
	"setca ca install answer.p7b --root-thumb $THUMB && setca --home root-home crl build root && "
	"setca --home root-home crl export root --out root.crl",
	0},
    {"setca bci import",
	"rm -rf setca-home && sed -e 's/^  name: root/&\\n  offline: true/' -e 's/^    - name: brand/&\\n      "
	"offline: true/' "
	"policies/demo.yaml >p.yaml && setca --home b init p.yaml --only root && setca --home b init p.yaml --only "
	"brand && "
	"(setca init p.yaml || true) && setca --home b ca sign setca-home/requests/brand.pem --out a.p7b --yes && "
	"setca ca install a.p7b --root-thumb $(setca --home b tree | tail -n 1) && "
	"setca --home b bci export brand --out brand.bci",
	0},
    {"setca account remove --pan-fd", "setca account import cards.txt", 0},
    {"setca account remove --ca merchant", "setca account import merchants.json", 0},
    {"setca release", "setca hold", 0},
    {"setca show --key",
	"umask 077; v=$TEST_TOP/tests/vectors/message/modern/cardholder; cp $v/05-CertReq.der certreq.set && openssl "
	"pkcs8 "
	"-topk8 -nocrypt -in $v/exchange.pem -out card-exchange.key",
	0},
    /* a gateway's request waits for two persons */
    {"setenroll gateway", "true", 3},
    {"setenroll status", "true", 3},
    /* the demo's CRLs run out sooner, which is what it is there to say */
    {"setverify --root root.pem --bci brand.p7c --until 30d", "true", 1},
};

static char *examples[EXAMPLES_MAX];
static size_t nexamples;

/* Takes roff's escapes out again, in place. */
static void
unescape(char *line)
{
	char *to = line;

	for (; *line != '\0'; line++) {
		if (*line != '\\') {
			*to++ = *line;
			continue;
		}
		line++;
		if (*line == 'e')
			*to++ = '\\';
		else if (*line != '&')
			*to++ = *line;
	}
	*to = '\0';
}

/* Examples stand alone between .RS and .RE. */
static void
collect(const char *program)
{
	char *man = cli_expect(0, "%s help --man", program), *at = man, *end;

	while ((at = strstr(at, "\n.RS\n")) != NULL && nexamples < EXAMPLES_MAX) {
		at += 5;
		assert_non_null(end = strchr(at, '\n'));
		examples[nexamples] = strndup(at, (size_t)(end - at));
		unescape(examples[nexamples++]);
		at = end;
	}
	free(man);
}

/* A cardholder's request that waits in the home. */
static void
make_request(void)
{
	struct t_registry r;
	struct t_enrollee p;
	int64_t now;

	assert_int_equal(setpki_time_parse(CLI_NOW, &now, NULL), SETPKI_E_OK);
	t_registry_open(&r, "setca-home", now);
	t_enrollee_open(&p, &r, &(const struct setpki_enroll_ask){.type = SETPKI_CARD_INITIAL_SIG});
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	t_enrollee_close(&p);
	t_registry_stop(&r);
}

/* A folder with a demo home, a gateway and a request that waits; one with an offline root and a home that waits for it.
 */
static void
make_templates(void)
{
	cli_enter("template");
	cli_ok("setca init policies/demo.yaml && setca issue gateway --name gw1 --out gw1 && "
	       "printf '4123450000000008\\n' >pan.txt && cp gw1/signature.cer gateway.pem && mkdir certs && cp "
	       "gw1/*.cer certs && "
	       "sed 's/$/,203012/' pan.txt >cards.txt && echo '[{\"bin\":\"412399\",\"merchant-id\":\"4711\","
	       "\"names\":[{\"name\":\"Corner Books\",\"city\":\"Springfield\",\"country-name\":\"USA\"}]}]' "
	       ">merchants.json && "
	       "echo '{\"agree\":true,\"fields\":{\"fullName\":\"Alice\",\"date\":\"1970-01-31\"}}' >card.json && "
	       "echo '{\"agree\":true,\"fields\":{\"fullName\":\"Bob\"}}' >shop.json && echo secret >passphrase.txt && "
	       "echo '{\"agree\":true,\"fields\":{\"Operator on duty\":\"Carol\"}}' >gw.json && "
	       "cp setca-home/public/brand/current/set/brand.p7c . && cp setca-home/public/brand/current/ca/root-1.cer "
	       "root.pem && "
	       "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout gw2.key -subj /CN=gw2 -out "
	       "gw2.csr "
	       "2>/dev/null");
	make_request();
	cli_enter("offline");
	cli_ok("sed '0,/  name: root/s//  name: root\\n  offline: true/' policies/demo.yaml >offline.yaml && "
	       "setca --home root-home init offline.yaml --only root && { setca init offline.yaml; test $? = 3; } && "
	       "setca ca request root --out for-root.pem && rm policies clock");
	cli_enter("template");
}

static void
set_variables(void)
{
	char *serial = cli_expect(0,
	    "setca --json cert find --file gw1/signature.cer | grep -o '\"serial\":\"[0-9a-f]*\"' | "
	    "cut -d '\"' -f 4 | tr -d '\\n'");
	char *thumb = cli_expect(0,
	    "setca --home ../offline/root-home --json tree | grep -o '\"thumb\":\"[0-9a-f]*\"' | cut -d '\"' -f 4 | tr "
	    "-d '\\n'");

	setenv("SERIAL", serial, 1);
	setenv("THUMB", thumb, 1);
	free(serial);
	free(thumb);
}

/* One that stays: until it is ready, then it is told to end.  Another one may be at its port for a while. */
static void
daemon_works(const char *line)
{
	cli_ok("for i in $(seq 60); do %s 2>log & p=$!; "
	       "until grep -q event=ready log; do kill -0 $p 2>/dev/null || break; sleep 0.05; done; "
	       "kill $p 2>/dev/null; wait $p; status=$?; "
	       "grep -q 'cannot listen' log || { cat log >&2; exit $status; }; sleep 1; done; exit 1",
	    line);
}

/* One that registers: while the home is served, with accounts to find, and with what it names there already. */
static void
registration_works(const char *line, int status)
{
	static const char *const before[][2] = {
	    {"setenroll renew", "setenroll merchant"},
	    {"setenroll show", "setenroll merchant"},
	    {"setenroll status", "setenroll gateway"},
	};
	const char *first = NULL;
	char *out;

	for (size_t i = 0; i < NELEMS(before); i++)
		for (size_t k = 0; k < nexamples && strncmp(line, before[i][0], strlen(before[i][0])) == 0; k++)
			if (strncmp(examples[k], before[i][1], strlen(before[i][1])) == 0)
				first = examples[k];
	out = cli_expect(status,
	    "setca account import cards.txt >&2 && setca account import merchants.json >&2; "
	    "for i in $(seq 60); do setcad --listen 127.0.0.1:8257 2>log & p=$!; "
	    "until grep -q event=ready log; do kill -0 $p 2>/dev/null || break; sleep 0.05; done; "
	    "grep -q 'cannot listen' log || break; wait $p; sleep 1; done; "
	    "%s >&2; %s; status=$?; kill $p; wait $p; exit $status",
	    first != NULL ? first : "true", line);
	free(out);
}

static bool
stays(const char *line)
{
	return strncmp(line, "setcad", 6) == 0 || strncmp(line, "setca serve", 11) == 0;
}

static void
example_works(void **state)
{
	const char *line = *state;
	char name[32];
	int status = 0;
	size_t i;

	for (i = 0; i < nexamples && examples[i] != line; i++)
		;
	snprintf(name, sizeof(name), "example-%zu", i);
	cli_enter(name);
	cli_ok("cp -r ../template/* . 2>/dev/null; true");
	for (i = 0; i < NELEMS(setups); i++)
		if (strncmp(line, setups[i].begins, strlen(setups[i].begins)) == 0) {
			cli_ok("%s", setups[i].setup);
			status = setups[i].status;
		}
	if (stays(line))
		daemon_works(line);
	else if (strncmp(line, "setenroll", 9) == 0)
		registration_works(line, status);
	else
		free(cli_expect(status, "%s", line));
}

static void
there_are_many(void **state)
{
	(void)state;
	assert_in_range(nexamples, 30, EXAMPLES_MAX - 1);
}

int
main(void)
{
	struct CMUnitTest all[EXAMPLES_MAX + 1];
	size_t i;

	make_templates();
	set_variables();
	collect("setca");
	collect("setverify");
	collect("setcad");
	collect("setenroll");
	for (i = 0; i < nexamples; i++)
		all[i] = (struct CMUnitTest){examples[i], example_works, NULL, NULL, examples[i]};
	all[nexamples] = (struct CMUnitTest){"there_are_many", there_are_many, NULL, NULL, NULL};
	return _cmocka_run_group_tests("examples", all, nexamples + 1, NULL, NULL);
}
