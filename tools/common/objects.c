/* Files and folders of certificates, CRLs and the like, one by one. */
#include "tools/common/fail.h"
#include "tools/common/files.h"
#include "tools/common/verify_inner.h"

#include <string.h>

struct job {
	struct tc_run *run;
	const char *named; /* what the command line says */
	tc_wanted_fn *wanted;
	const char *what;
	tc_objects_fn *fn;
	void *arg;
	size_t files;
};

static bool
holds_wanted(const struct setpki_objects *objects, tc_wanted_fn *wanted)
{
	size_t i;

	for (i = 0; i < objects->n; i++)
		if (wanted(objects->v[i].type))
			return true;
	return false;
}

/* A file that begins like DER or has a PEM block is meant to be read; any other may lie in a folder as it likes. */
static bool
meant(setpki_bytes s)
{
	static const char begin[] = "-----BEGIN ";

	return s.n > 0 && (s.p[0] == 0x30 || memmem(s.p, s.n, begin, sizeof(begin) - 1) != NULL);
}

static enum setpki_code
one_file(void *arg, const char *path, struct setpki_error *err)
{
	struct job *j = arg;
	bool named = strcmp(path, j->named) == 0;
	struct setpki_objects objects = {0};
	struct tc_file file = {0};
	enum setpki_code rc;

	if ((rc = tc_file_read(path, &file, err)) != SETPKI_E_OK ||
	    (rc = setpki_objects_read(file.bytes, &objects, err)) != SETPKI_E_OK) {
		if (rc == SETPKI_E_PARSE && !named && !meant(file.bytes)) {
			setpki_error_clear(err);
			rc = SETPKI_E_OK;
		}
	} else if (holds_wanted(&objects, j->wanted)) {
		j->files++;
		rc = j->fn(j->arg, path, &objects, err);
	} else if (named) {
		rc = tc_fail(err, SETPKI_E_ARGUMENT, "holds no %s", j->what);
	}
	setpki_objects_free(&objects);
	tc_file_close(&file);
	return rc == SETPKI_E_OK ? rc : tc_error_in(err, rc, "%s", path);
}

enum setpki_code
tc_objects_each(
    struct tc_run *run, const char *path, tc_wanted_fn *wanted, const char *what, tc_objects_fn *fn, void *arg)
{
	struct job j = {.run = run, .named = path, .wanted = wanted, .what = what, .fn = fn, .arg = arg};
	enum setpki_code rc = tc_path_each(path, one_file, &j, &run->err);

	if (rc == SETPKI_E_OK && j.files == 0)
		rc = tc_fail(&run->err, SETPKI_E_ARGUMENT, "%s: no file in it holds a %s", path, what);
	return rc;
}
