/* setca serve: setcad in this program's place. */
#include "tools/common/fail.h"
#include "tools/setca/commands.h"
#include "tools/setca/setca.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The daemon that was installed with this program: beside it, whatever PATH says. */
static enum setpki_code
daemon_path(char *out, size_t cap, struct setpki_error *err)
{
	ssize_t n = readlink("/proc/self/exe", out, cap - sizeof("setcad"));
	char *slash;

	if (n > 0)
		out[n] = '\0';
	if (n <= 0 || (slash = strrchr(out, '/')) == NULL)
		return tc_fail(err, SETPKI_E_IO, "cannot tell where this program is: start setcad itself");
	memcpy(slash + 1, "setcad", sizeof("setcad"));
	if (access(out, X_OK) != 0)
		return tc_fail(err, SETPKI_E_NOTFOUND, "%s: %s", out, strerror(errno));
	return SETPKI_E_OK;
}

static enum setpki_code
run_serve(struct tc_run *run)
{
	char path[4096], option[] = "--home";
	char **argv = calloc(run->noperands + 4, sizeof(*argv));
	size_t n = 0;
	enum setpki_code rc;

	if (argv == NULL)
		return tc_fail_memory(&run->err);
	if ((rc = daemon_path(path, sizeof(path), &run->err)) == SETPKI_E_OK) {
		argv[n++] = path;
		argv[n++] = option;
		argv[n++] = (char *)(uintptr_t)setca_home_dir(run);
		memcpy(argv + n, run->operands, run->noperands * sizeof(*argv));
		execv(path, argv);
		rc = tc_fail(&run->err, SETPKI_E_IO, "%s: %s", path, strerror(errno));
	}
	free(argv);
	return rc;
}

const struct tc_command setca_serve = {
    .name = "serve",
    .operands = "[-- OPTION...]",
    .max = -1,
    .summary = "run the registration service, setcad, on this home",
    .about = "Runs setcad, which lies beside this program, with the same home.  What stands behind -- is for it: "
	     "'setcad --help' says what there is.",
    .examples =
	(const struct tc_example[]){
	    {"setca serve", "until Ctrl-C"},
	    {"setca serve -- --listen 127.0.0.1:8257 --admin 127.0.0.1:8258", "with figures"},
	    {0},
	},
    .run = run_serve,
};
