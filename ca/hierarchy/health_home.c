/* The home itself: room, rights, secrets, what was left open, whether it is held. */
#include "ca/hierarchy/health_inner.h"
#include "ca/home/hold.h"
#include "ca/home/pan.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)

/* Less room than this is worth a word; the store itself says below how much nothing is issued. */
#define STORE_LOW (1024 * MIB)

enum setpki_code
ca_health_store(struct ca_examination *x, struct setpki_error *err)
{
	struct setpki_error full = {0};
	enum setpki_code rc = ca_store_headroom(x->h->store, &x->out->headroom, &full);

	if (rc == SETPKI_E_STATE)
		ca_health_add(x, CA_HEALTH_STORE_FULL, NULL, "%s", full.message);
	else if (rc != SETPKI_E_OK)
		return sp_fail(err, rc, full.spec, "%s", full.message);
	else if (x->out->headroom < STORE_LOW)
		ca_health_add(x, CA_HEALTH_STORE_LOW, NULL, "the store has room for %llu MiB more",
		    (unsigned long long)(x->out->headroom / MIB));
	return SETPKI_E_OK;
}

/* --- rights -------------------------------------------------------------------------------------- */

/* What others may not have: everything, or for what they are to read only writing. */
#define NOTHING_FOR_OTHERS 077u
#define NO_WRITING 022u

static enum setpki_code
check_rights(struct ca_examination *x, const char *path, unsigned never, struct setpki_error *err)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return sp_fail(err, SETPKI_E_IO, NULL, "look at %s: %s", path, strerror(errno));
	if (S_ISLNK(st.st_mode))
		ca_health_add(x, CA_HEALTH_PERMISSIONS, path, "a link stands where the file itself is wanted");
	else if (st.st_uid != geteuid())
		ca_health_add(x, CA_HEALTH_PERMISSIONS, path, "it belongs to user %u, and this runs as %u",
		    (unsigned)st.st_uid, (unsigned)geteuid());
	else if ((st.st_mode & never) != 0)
		ca_health_add(x, CA_HEALTH_PERMISSIONS, path, "others have rights to it: its mode is %04o",
		    (unsigned)st.st_mode & 07777);
	return SETPKI_E_OK;
}

static enum setpki_code
check_file_in(struct ca_examination *x, const char *folder, const char *name, unsigned never, struct setpki_error *err)
{
	char *path = ca_path(folder, name);
	enum setpki_code rc = path != NULL ? check_rights(x, path, never, err) : sp_fail_memory(err);

	OPENSSL_free(path);
	return rc;
}

static enum setpki_code
check_files(struct ca_examination *x, const char *folder, struct setpki_error *err)
{
	DIR *d = opendir(folder);
	enum setpki_code rc = SETPKI_E_OK;
	const struct dirent *e;

	if (d == NULL)
		return sp_fail(err, SETPKI_E_IO, NULL, "open %s: %s", folder, strerror(errno));
	while (rc == SETPKI_E_OK && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			rc = check_file_in(x, folder, e->d_name, NOTHING_FOR_OTHERS, err);
	closedir(d);
	return rc;
}

/* The home and public/ may be opened, so that a web server reads the sets. */
enum setpki_code
ca_health_permissions(struct ca_examination *x, struct setpki_error *err)
{
	enum setpki_code rc;

	if ((rc = check_rights(x, x->h->dir, NO_WRITING, err)) != SETPKI_E_OK ||
	    (rc = check_rights(x, x->h->public_dir, NO_WRITING, err)) != SETPKI_E_OK ||
	    (rc = check_rights(x, x->h->run_dir, NOTHING_FOR_OTHERS, err)) != SETPKI_E_OK ||
	    (rc = check_rights(x, x->h->keys_dir, NOTHING_FOR_OTHERS, err)) != SETPKI_E_OK ||
	    (rc = check_file_in(x, x->h->dir, "store", NOTHING_FOR_OTHERS, err)) != SETPKI_E_OK ||
	    (rc = check_file_in(x, x->h->dir, "store/data.mdb", NOTHING_FOR_OTHERS, err)) != SETPKI_E_OK)
		return rc;
	return check_files(x, x->h->keys_dir, err);
}

enum setpki_code
ca_health_secret(struct ca_examination *x, struct setpki_error *err)
{
	struct setpki_error other = {0};
	enum setpki_code rc = ca_pan_key_check(x->h, x->t, &other);

	if (rc == SETPKI_E_STATE)
		ca_health_add(x, CA_HEALTH_SECRET_CHANGED, NULL, "%s", other.message);
	else if (rc != SETPKI_E_OK)
		return sp_fail(err, rc, other.spec, "%s", other.message);
	return SETPKI_E_OK;
}

/* --- what was left open -------------------------------------------------------------------------- */

struct intents {
	struct ca_examination *x;
	size_t open, left;
};

static enum setpki_code
count_intent(void *arg, const struct ca_intent_record *rec, struct setpki_error *err)
{
	struct intents *n = arg;

	(void)err;
	if (ca_home_writer_alive(n->x->h, rec->writer, rec->writer_epoch))
		n->open++;
	else
		n->left++;
	return SETPKI_E_OK;
}

enum setpki_code
ca_health_intents(struct ca_examination *x, struct setpki_error *err)
{
	struct intents n = {.x = x};
	enum setpki_code rc = ca_intent_each(x->t, count_intent, &n, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (n.open > 0)
		ca_health_add(x, CA_HEALTH_INTENTS_OPEN, NULL, "certificates that are being signed now: %zu", n.open);
	if (n.left > 0)
		ca_health_add(x, CA_HEALTH_INTENTS_LEFT, NULL,
		    "certificates whose writer ended before they were signed: %zu", n.left);
	return SETPKI_E_OK;
}

enum setpki_code
ca_health_hold(struct ca_examination *x, struct setpki_error *err)
{
	struct ca_hold hold;
	char since[SETPKI_TIME_TEXT];
	enum setpki_code rc = ca_home_hold_get(x->t, &hold, err);

	if (rc == SETPKI_E_OK && hold.held)
		ca_health_add(x, CA_HEALTH_HELD, NULL, "nothing is issued since %s%s%s",
		    setpki_time_text(hold.since, since), hold.reason[0] != '\0' ? ": " : "", hold.reason);
	return rc;
}

/* What waits at the registration desk. */
enum setpki_code
ca_health_requests(struct ca_examination *x, struct setpki_error *err)
{
	static const struct {
		enum ca_request_state state;
		enum ca_health_id id;
		const char *what;
	} rows[] = {
	    {CA_REQUEST_PENDED, CA_HEALTH_REQUESTS_PENDED, "registrations that wait for persons"},
	    {CA_REQUEST_APPROVED, CA_HEALTH_REQUESTS_APPROVED,
		"registrations that were approved and are not issued yet"},
	};
	uint64_t n;
	enum setpki_code rc = SETPKI_E_OK;

	for (size_t i = 0; rc == SETPKI_E_OK && i < sizeof(rows) / sizeof(rows[0]); i++) {
		rc = ca_request_count(x->t, rows[i].state, &n, err);
		if (rc == SETPKI_E_OK && n != 0)
			ca_health_add(x, rows[i].id, NULL, "%s: %llu", rows[i].what, (unsigned long long)n);
	}
	return rc;
}
