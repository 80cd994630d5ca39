/* setca verify, lint: setverify's own code, with the home's roots and public set where no option says otherwise. */
#include "tools/common/verify.h"

#include "tools/common/fail.h"
#include "tools/common/files.h"
#include "tools/setca/commands.h"
#include "tools/setca/setca.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What is added to, and from where. */
struct filler {
	struct setca *s;
	setpki_pool *pool;
};

/* --- the home's roots --- */

static enum setpki_code
trust_root(void *arg, const struct ca_cert_record *rec, struct setpki_error *err)
{
	struct filler *f = arg;

	if (rec->kind != SETPKI_KIND_ROOT)
		return SETPKI_E_OK;
	return setpki_pool_trust(f->pool, rec->der, "the home's root", err);
}

/* The CAs that have no superior. */
struct roots {
	uint16_t v[16];
	size_t n;
};

static enum setpki_code
note_root(void *arg, const struct ca_ca_record *ca, struct setpki_error *err)
{
	struct roots *r = arg;

	(void)err;
	if (ca->parent == 0 && r->n < 16)
		r->v[r->n++] = ca->id;
	return SETPKI_E_OK;
}

static enum setpki_code
trust_home(struct filler *f, struct setpki_error *err)
{
	struct roots roots = {.n = 0};
	enum setpki_code rc;
	ca_txn *t;
	size_t i;

	if ((rc = ca_txn_begin(f->s->home->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_ca_each(t, note_root, &roots, err);
	for (i = 0; i < roots.n && rc == SETPKI_E_OK; i++)
		rc = ca_cert_each(t, roots.v[i], 0, trust_root, f, err);
	ca_txn_abort(t);
	return rc;
}

/* --- the public set --- */

static enum setpki_code
add_file(void *arg, const char *path, struct setpki_error *err)
{
	struct setpki_objects objects = {0};
	struct filler *f = arg;
	struct tc_file file;
	enum setpki_code rc;
	size_t i;

	if ((rc = tc_file_read(path, &file, err)) != SETPKI_E_OK)
		return rc;
	rc = setpki_objects_read(file.bytes, &objects, err);
	for (i = 0; i < objects.n && rc == SETPKI_E_OK; i++)
		rc = setpki_pool_add(f->pool, &objects.v[i], path, err);
	setpki_objects_free(&objects);
	tc_file_close(&file);
	return rc == SETPKI_E_OK ? rc : tc_error_in(err, rc, "%s", path);
}

/* public/<brand>/current/set of every brand; what is not published yet is not there, and the verdict says so. */
static enum setpki_code
add_published(struct filler *f, struct setpki_error *err)
{
	const char *dir = f->s->home->public_dir;
	enum setpki_code rc = SETPKI_E_OK;
	struct dirent *d;
	char path[4096];
	struct stat st;
	DIR *folder = opendir(dir);

	if (folder == NULL)
		return SETPKI_E_OK;
	while (rc == SETPKI_E_OK && (d = readdir(folder)) != NULL) {
		if (d->d_name[0] == '.' ||
		    (size_t)snprintf(path, sizeof(path), "%s/%s/current/set", dir, d->d_name) >= sizeof(path) ||
		    stat(path, &st) != 0)
			continue;
		rc = tc_path_each(path, add_file, f, err);
	}
	closedir(folder);
	return rc;
}

static enum setpki_code
fill(void *arg, setpki_pool *pool, bool roots, struct setpki_error *err)
{
	struct filler f = {arg, pool};
	enum setpki_code rc = SETPKI_E_OK;

	if (roots)
		rc = trust_home(&f, err);
	return rc == SETPKI_E_OK ? add_published(&f, err) : rc;
}

/* --- the commands --- */

/* --json is --format json. */
static void
take_json(struct tc_run *run, const char **format)
{
	const struct setca_globals *g = run->globals;

	if (g->json && *format == NULL)
		*format = "json";
}

static enum setpki_code
run_verify(struct tc_run *run)
{
	struct tc_verify_args *a = run->args;
	struct tc_verify_defaults defaults = {.fill = fill};
	enum setpki_code rc;
	struct setca s;

	take_json(run, &a->format);
	if ((rc = setca_open(run, CA_HOME_READ, -1, &s)) == SETPKI_E_OK) {
		defaults.arg = &s;
		if (s.home->policy != NULL)
			defaults.suite = s.home->policy->suite;
		rc = tc_verify_run(run, &defaults);
	}
	return setca_end(&s, rc);
}

static enum setpki_code
run_lint(struct tc_run *run)
{
	struct tc_lint_args *a = run->args;

	take_json(run, &a->format);
	return tc_lint_run(run);
}

const struct tc_command setca_verify = {
    .name = "verify",
    .operands = "CERT...",
    .min = 1,
    .max = -1,
    .summary = "check chains, with the home's roots and published set",
    .about = tc_verify_about,
    .opts = tc_verify_opts,
    .args_size = sizeof(struct tc_verify_args),
    .examples =
	(const struct tc_example[]){
	    {"setca verify gw1/signature.cer", "by the home's root, BCI and CRLs"},
	    {0},
	},
    .run = run_verify,
};

const struct tc_command setca_lint = {
    .name = "lint",
    .operands = "FILE...",
    .min = 0, /* none with --explain */
    .max = -1,
    .summary = "check single objects against SET's tables",
    .about = tc_lint_about,
    .opts = tc_lint_opts,
    .args_size = sizeof(struct tc_lint_args),
    .examples =
	(const struct tc_example[]){
	    {"setca lint gw1/signature.cer", "form, suite, extensions"},
	    {"setca lint --explain chain.revoked", "what a finding means"},
	    {0},
	},
    .run = run_lint,
};
