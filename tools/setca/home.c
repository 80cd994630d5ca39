/* Opening and closing what a command works with. */
#include "ca/issue/issue.h"
#include "tools/common/fail.h"
#include "tools/setca/setca.h"

#include <stdlib.h>
#include <string.h>

const char *
setca_home_dir(const struct tc_run *run)
{
	const struct setca_globals *g = run->globals;
	const char *dir = g->home;

	if (dir == NULL)
		dir = getenv("SETCA_HOME");
	return dir != NULL && dir[0] != '\0' ? dir : "setca-home";
}

enum setpki_code
setca_begin(struct tc_run *run, struct setca *s)
{
	const struct setca_globals *g = run->globals;

	memset(s, 0, sizeof(*s));
	s->run = run;
	s->json = g->json;
	s->out = tc_out_new(stdout, g->json);
	return s->out == NULL ? tc_fail_memory(&run->err) : SETPKI_E_OK;
}

/* What writers that died left open is settled before anything new is written (ca/issue/issue.h). */
static enum setpki_code
settle(struct setca *s)
{
	enum setpki_code rc;
	size_t n = 0;

	if ((rc = ca_issue_settle(s->home, &n, SETCA_ERR(s))) == SETPKI_E_OK && n > 0)
		fprintf(
		    stderr, "setca: settled what an interrupted run left: %zu serial%s burnt\n", n, n == 1 ? "" : "s");
	return rc;
}

struct ca_passphrase
setca_asker(const struct setca *s)
{
	struct ca_passphrase ask = {.ask = NULL};

	if (tc_pass_available(s->pass))
		ask = (struct ca_passphrase){tc_pass_ask, s->pass, tc_pass_wrong};
	return ask;
}

enum setpki_code
setca_open_home(struct setca *s, enum ca_home_mode mode)
{
	struct ca_passphrase ask = {tc_pass_ask, s->pass, tc_pass_wrong};
	enum setpki_code rc;

	rc = ca_home_open(s->run->ctx, setca_home_dir(s->run), mode, &ask, s->run->now, &s->home, SETCA_ERR(s));
	if (rc == SETPKI_E_OK && mode != CA_HOME_READ)
		rc = settle(s);
	return rc;
}

enum setpki_code
setca_open(struct tc_run *run, enum ca_home_mode mode, int64_t pass_fd, struct setca *s)
{
	enum setpki_code rc;

	if ((rc = setca_begin(run, s)) != SETPKI_E_OK ||
	    (rc = tc_pass_new(pass_fd, &s->pass, &run->err)) != SETPKI_E_OK ||
	    (rc = setca_open_home(s, mode)) != SETPKI_E_OK)
		return rc;
	if (mode != CA_HOME_READ && s->home->policy != NULL)
		setca_warn_suite(s->home->policy->suite);
	return rc;
}

/* Said once by every command that uses it (set-protocol 12.1). */
void
setca_warn_suite(enum setpki_suite suite)
{
	if (suite == SETPKI_SUITE_CLASSIC)
		fprintf(stderr,
		    "setca: warning: the classic suite uses SHA-1, DES and short RSA keys, which are too weak "
		    "to protect anything today\n");
}

enum setpki_code
setca_end(struct setca *s, enum setpki_code rc)
{
	if (s->out != NULL && rc == SETPKI_E_OK)
		rc = tc_out_close(s->out, SETCA_ERR(s));
	else
		tc_out_free(s->out);
	ca_home_close(s->home);
	tc_pass_free(s->pass);
	memset(s, 0, sizeof(*s));
	return rc;
}
