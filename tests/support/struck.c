#include "tests/support/struck.h"

#include "tests/support/check.h"
#include "tests/support/cli.h"

#include <signal.h>
#include <stdlib.h>

#define PROCESSES 5 /* beside the main one */

const struct struck_suite struck_suites[STRUCK_SUITES] = {
    {"modern", "policies/demo.yaml", "Demo", SETPKI_SUITE_MODERN},
    {"classic", "policies/classic-1997.yaml", "Classic", SETPKI_SUITE_CLASSIC},
};

const struct struck_role struck_roles[STRUCK_ROLES] = {
    {"cardholder", SETPKI_CARD_INITIAL_SIG, SETPKI_CARD_RENEWAL_SIG, NULL, 1, false},
    {"merchant", SETPKI_MER_INITIAL_BOTH, SETPKI_MER_RENEWAL_BOTH, "4711", 2, false},
    {"gateway", SETPKI_PGWY_INITIAL_BOTH, SETPKI_PGWY_RENEWAL_BOTH, "17", 2, true},
};

const struct struck_way struck_ways[STRUCK_WAYS] = {
    {"killed as a whole", -2, SIGKILL, 128 + SIGKILL},
    {"front killed", 0, SIGKILL, 3},
    {"worker 1 killed", 2, SIGKILL, 3},
    {"worker 2 killed", 3, SIGKILL, 3},
    {"ended", -1, SIGTERM, 0},
    {"main process killed", -1, SIGKILL, 128 + SIGKILL},
    {"spawner killed", 1, SIGKILL, 3},
    {"publisher killed", 4, SIGKILL, 3},
};

struct t_daemon struck_daemon;
struct t_registry struck_registry;

void
struck_start(void)
{
	t_daemon_start(&struck_daemon, "--rate 0");
	struck_registry.http = struck_daemon.http;
}

void
struck_strike(const struct struck_way *way)
{
	const struct t_daemon *d = &struck_daemon;
	pid_t pids[PROCESSES], one = way->child < 0 ? d->pid : t_daemon_child(d, (unsigned)way->child);

	for (unsigned i = 0; way->child == -2 && i < PROCESSES; i++)
		pids[i] = t_daemon_child(d, i);
	assert_true(one > 0);
	assert_int_equal(kill(one, way->sig), 0);
	for (unsigned i = 0; way->child == -2 && i < PROCESSES; i++)
		if (pids[i] > 0) /* it may just begin */
			kill(pids[i], way->sig);
}

void
struck_start_after(const struct struck_way *way)
{
	if (way->status == 128 + SIGKILL)
		t_daemon_kill(&struck_daemon);
	else
		assert_int_equal(t_daemon_end(&struck_daemon, 0), way->status);
	struck_start();
}

void
struck_home(const struct struck_suite *s)
{
	struct setpki_error err = {0};
	int64_t now;

	cli_enter(s->name);
	cli_ok("setca init %s", s->policy);
	cli_ok("echo " T_PAN "," T_EXPIRY " | setca account import - --ca card");
	cli_ok("echo '[{\"bin\":\"412399\",\"merchant-id\":\"4711\",\"names\":[{\"name\":\"Corner Books\","
	       "\"city\":\"Springfield\",\"country-name\":\"USA\"}]}]' | setca account import - --ca merchant");
	cli_ok("echo '[{\"bin\":\"412399\",\"id\":\"17\",\"name\":\"gw17\"}]' | setca account import - --ca gateway");
	t_ok(setpki_time_parse(CLI_NOW, &now, &err), &err);
	t_registry_remote(&struck_registry, s->suite, s->brand, "setca-home/public/brand/current/ca/root-1.cer", now);
	struck_start();
}

static unsigned
count_certs(const char *ca)
{
	char *text = cli_expect(0, "setca --json cert list --ca %s --limit 1000 | grep -o '\"serial\"' | wc -l", ca);
	unsigned n = (unsigned)strtoul(text, NULL, 10);

	free(text);
	return n;
}

void
struck_end(unsigned certs)
{
	assert_int_equal(t_daemon_end(&struck_daemon, SIGTERM), 0);
	t_registry_stop(&struck_registry);
	assert_int_equal(count_certs("card") + count_certs("merchant") + count_certs("gateway"), certs);
	cli_ok("setca audit verify");
	cli_ok("setca --json doctor >doctor.json; ! grep intents doctor.json");
	cli_ok("! grep -h level=error setcad-*.log | grep code= | grep -v code=IO");
}

void
struck_open(struct t_enrollee *p, const struct struck_role *role)
{
	t_enrollee_open(p, &struck_registry, &(const struct setpki_enroll_ask){.type = role->first, .id = role->id});
}
