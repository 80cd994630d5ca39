/* setcad: the registration service. */
#include "tools/common/main.h"
#include "ca/service/daemon.h"
#include "ca/service/listen.h"
#include "ca/service/memory.h"
#include "tools/common/clock.h"
#include "tools/common/fail.h"
#include "tools/common/term.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTEN_DEFAULT "127.0.0.1:8257"

struct setcad_args {
	const char *home, *admin, *log, *port_file;
	struct tc_list listen;
	int64_t workers, connections, per_address, rate, burst, queue, body;
	int64_t head, body_time, idle, answer, drain;
	int64_t passphrase_fd;
	struct tc_pass *pass; /* not an option: what passphrase_fd comes to */
};

/* What an option may say, and what it is when it says nothing. */
struct bound {
	const char *name;
	size_t from;		  /* member of the arguments */
	int64_t unset, otherwise; /* its value when it was not given, and what is taken then */
	int64_t least, most;
	size_t to; /* member of the limits, an unsigned */
};

#define NUMBER(name, member, otherwise, least, most, to)                                                               \
	{                                                                                                              \
		name, TC_AT(struct setcad_args, member), -1, otherwise, least, most,                                   \
		    offsetof(struct ca_front_limits, to)                                                               \
	}
#define SPAN(name, member, otherwise, to)                                                                              \
	{                                                                                                              \
		name, TC_AT(struct setcad_args, member), 0, otherwise, 1, 3600, offsetof(struct ca_front_limits, to)   \
	}

static const struct bound bounds[] = {
    NUMBER("connections", connections, 1024, 1, SP_SERVICE_CONNECTIONS_MAX, connections),
    NUMBER("per-address", per_address, 64, 1, SP_SERVICE_CONNECTIONS_MAX, per_address),
    NUMBER("rate", rate, 20, 0, 100000, rate),
    NUMBER("burst", burst, 100, 1, 100000, burst),
    NUMBER("queue", queue, 256, 1, SP_SERVICE_QUEUE_MAX, queue),
    SPAN("header-timeout", head, 10, head_s),
    SPAN("body-timeout", body_time, 30, body_s),
    SPAN("idle-timeout", idle, 30, idle_s),
    SPAN("answer-timeout", answer, 60, answer_s),
    SPAN("drain", drain, 10, drain_s),
};

static enum setpki_code
in_bounds(const char *name, int64_t value, int64_t least, int64_t most, struct setpki_error *err)
{
	if (value >= least && value <= most)
		return SETPKI_E_OK;
	return tc_fail(err, SETPKI_E_ARGUMENT, "--%s: %lld is not within %lld and %lld", name, (long long)value,
	    (long long)least, (long long)most);
}

static enum setpki_code
read_limits(const struct setcad_args *a, struct ca_front_limits *l, struct setpki_error *err)
{
	int64_t body = a->body < 0 ? (int64_t)SP_MESSAGE_MAX : a->body;
	enum setpki_code rc = in_bounds("max-message", body, 1024, SP_MESSAGE_MAX, err);

	l->body = (size_t)body;
	for (size_t i = 0; rc == SETPKI_E_OK && i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		const struct bound *b = &bounds[i];
		unsigned to;
		int64_t v;

		memcpy(&v, (const char *)a + b->from, sizeof(v));
		if (v == b->unset)
			v = b->otherwise;
		rc = in_bounds(b->name, v, b->least, b->most, err);
		to = (unsigned)v;
		memcpy((char *)l + b->to, &to, sizeof(to));
	}
	return rc;
}

static enum setpki_code
passphrase(void *arg, struct ca_passphrase *out, struct setpki_error *err)
{
	struct setcad_args *a = arg;
	enum setpki_code rc = tc_pass_new(a->passphrase_fd, &a->pass, err);

	if (rc == SETPKI_E_OK)
		*out = (struct ca_passphrase){tc_pass_ask, a->pass, tc_pass_wrong};
	return rc;
}

/* It is read only after the processes that must not know it were made, when its number may be another descriptor's. */
static enum setpki_code
check_descriptor(int64_t fd, struct setpki_error *err)
{
	if (fd < 0 || (fd <= INT32_MAX && fcntl((int)fd, F_GETFD) >= 0))
		return SETPKI_E_OK;
	return tc_fail(err, SETPKI_E_ARGUMENT, "--passphrase-fd: descriptor %lld is not open", (long long)fd);
}

/* Wrong usage is told of before the home is looked at. */
static enum setpki_code
check_addresses(const struct setcad_args *a, struct setpki_error *err)
{
	enum setpki_code rc = a->admin != NULL ? ca_listen_check(a->admin, true, err) : SETPKI_E_OK;

	for (size_t i = 0; i < a->listen.n && rc == SETPKI_E_OK; i++)
		rc = ca_listen_check(a->listen.v[i], false, err);
	return rc;
}

static const char *
home_dir(const struct setcad_args *a)
{
	const char *dir = a->home != NULL ? a->home : getenv("SETCA_HOME");

	return dir != NULL && dir[0] != '\0' ? dir : "setca-home";
}

static enum setpki_code
run_serve(struct tc_run *run)
{
	struct setcad_args *a = run->args;
	struct ca_daemon_ask ask = {.ctx = run->ctx,
	    .home = home_dir(a),
	    .clock = tc_clock_now,
	    .passphrase = passphrase,
	    .arg = a,
	    .listen = a->listen.v,
	    .nlisten = a->listen.n,
	    .listen_default = LISTEN_DEFAULT,
	    .admin = a->admin,
	    .port_file = a->port_file,
	    .json = a->log != NULL && strcmp(a->log, "json") == 0};
	int64_t workers = a->workers < 0 ? 2 : a->workers;
	enum setpki_code rc;

	if ((rc = in_bounds("workers", workers, 1, SP_SERVICE_WORKERS_MAX, &run->err)) != SETPKI_E_OK ||
	    (rc = read_limits(a, &ask.limits, &run->err)) != SETPKI_E_OK ||
	    (rc = check_addresses(a, &run->err)) != SETPKI_E_OK ||
	    (rc = check_descriptor(a->passphrase_fd, &run->err)) != SETPKI_E_OK)
		return rc;
	ask.workers = (unsigned)workers;
	rc = ca_daemon_run(&ask, &run->status, &run->err);
	tc_pass_free(a->pass);
	return rc;
}

static const char *const log_words[] = {"logfmt", "json", NULL};

#define OPTION(name, type, member, value, help)                                                                        \
	{                                                                                                              \
		name, type, TC_AT(struct setcad_args, member), value, help, NULL                                       \
	}

static const struct tc_opt opts[] = {
    OPTION("home", TC_TEXT, home, "DIR", "the folder of the installation; else $SETCA_HOME, else ./setca-home"),
    OPTION("listen", TC_LIST, listen, "ADDRESS",
	"where registrations and published files are served: ADDR:PORT, [ADDR]:PORT (port 0: any that is free) or "
	"unix:PATH; may be repeated; " LISTEN_DEFAULT " where neither this nor systemd says"),
    OPTION("admin", TC_TEXT, admin, "ADDRESS",
	"where /healthz, /readyz and /metrics are served: a loopback address or unix:PATH; without it nowhere"),
    {"log", TC_CHOICE, TC_AT(struct setcad_args, log), "FORMAT", "one line an event; logfmt without this option",
	log_words},
    OPTION("workers", TC_NUMBER, workers, "N", "processes that answer; 2 without this option"),
    OPTION("connections", TC_NUMBER, connections, "N", "connections at once (1024)"),
    OPTION("per-address", TC_NUMBER, per_address, "N", "of them from one address (64)"),
    OPTION("rate", TC_NUMBER, rate, "N", "messages a second from one address (20); 0: as many as come"),
    OPTION("burst", TC_NUMBER, burst, "N", "messages at once from one address (100)"),
    OPTION("queue", TC_NUMBER, queue, "N", "messages that may wait to be answered (256)"),
    OPTION("max-message", TC_NUMBER, body, "BYTES", "the longest message that is taken (1048576)"),
    OPTION("header-timeout", TC_SPAN, head, "SPAN", "for a request's headers to come (10s)"),
    OPTION("body-timeout", TC_SPAN, body_time, "SPAN", "and for its body (30s)"),
    OPTION("idle-timeout", TC_SPAN, idle, "SPAN", "between two requests of a connection (30s)"),
    OPTION("answer-timeout", TC_SPAN, answer, "SPAN", "for a message to be answered (60s)"),
    OPTION("drain", TC_SPAN, drain, "SPAN", "for what is in flight when it is told to end (10s)"),
    OPTION("port-file", TC_TEXT, port_file, "FILE",
	"write the addresses there once it is ready, one a line, those of --admin behind the word admin"),
    OPTION("passphrase-fd", TC_NUMBER, passphrase_fd, "N",
	"read the passphrase of protected keys from descriptor N; else the systemd credential 'passphrase', else the "
	"terminal"),
    {0},
};

static const struct tc_example examples[] = {
    {"setcad --home setca-home --admin 127.0.0.1:8258", "serve a home; end it with SIGTERM or Ctrl-C"},
    {0},
};

#define ABOUT                                                                                                          \
	"Answers registration messages (POST /, application/set-registration) for the CAs of a home, publishes CRLs "  \
	"and BCIs when they are due, and serves the published files: /crl/CA-GENERATION.crl, /crl/CA.crl, "            \
	"/bci/BRAND.bci, /ca/CA-GENERATION.cer and /set/BRAND.p7c.\n\n"                                                \
	"It stays in the foreground and logs to standard error.  SIGTERM lets it finish what is in flight, SIGHUP "    \
	"takes the policy in force anew.  It speaks sd_notify and takes sockets from systemd (one named \"admin\" as " \
	"admin address).  The process that faces the network holds no key, no store and no secret.\n\n"                \
	"setca may be used beside it at any time: what it approves or revokes takes effect within a second."

static const struct tc_command serve = {
    .name = "serve",
    .summary = "serve a home",
    .about = ABOUT,
    .opts = opts,
    .args_size = sizeof(struct setcad_args),
    .examples = examples,
    .run = run_serve,
};

static const struct tc_command *const commands[] = {&serve, NULL};

static const struct tc_program program = {
    .name = "setcad",
    .summary = "the registration service of a SET certificate authority",
    .about = ABOUT,
    .commands = commands,
    .fallback = &serve,
    .exit_status =
	"0: it was told to end, and did.  1: another one serves this home, or the home is not ready for it.  "
	"2: wrong usage.  3: something it needs is missing, or failed while it ran.",
};

int
main(int argc, char **argv)
{
	if (!ca_memory_cleanse()) {
		fprintf(stderr,
		    "setcad: memory cannot be cleansed: something that was loaded with it (LD_PRELOAD?) has used "
		    "libcrypto before\n");
		return 3;
	}
	return tc_main(&program, argc, argv);
}
