#include "ca/home/home.h"

#include "ca/home/slot.h"
#include "lib/base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <setpki/text.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define META_INSTANCE "instance"

void
ca_home_close(struct ca_home *h)
{
	if (h == NULL)
		return;
	ca_policy_free(h->policy);
	ca_store_close(h->store);
	ca_slot_release(h);
	OPENSSL_free(h->dir);
	OPENSSL_free(h->keys_dir);
	OPENSSL_free(h->public_dir);
	OPENSSL_free(h->run_dir);
	OPENSSL_free(h);
}

static enum setpki_code
name_folders(struct ca_home *h, const char *dir, struct setpki_error *err)
{
	h->dir = OPENSSL_strdup(dir);
	h->keys_dir = ca_path(dir, "keys");
	h->public_dir = ca_path(dir, "public");
	h->run_dir = ca_path(dir, "run");
	if (h->dir == NULL || h->keys_dir == NULL || h->public_dir == NULL || h->run_dir == NULL)
		return sp_fail_memory(err);
	return SETPKI_E_OK;
}

static enum setpki_code
make_folders(const struct ca_home *h, const char *store_dir, struct setpki_error *err)
{
	const char *folders[] = {h->dir, h->keys_dir, h->public_dir, h->run_dir, store_dir};
	enum setpki_code rc = SETPKI_E_OK;

	for (size_t i = 0; rc == SETPKI_E_OK && i < sizeof(folders) / sizeof(folders[0]); i++)
		rc = ca_folder_make(folders[i], err);
	return rc;
}

/* The policy in force; NULL before init. */
static enum setpki_code
load_policy(struct ca_home *h, struct ca_policy **out, struct setpki_error *err)
{
	struct setpki_error e = {0};
	setpki_bytes yaml;
	uint8_t hash[32];
	ca_txn *t;
	enum setpki_code rc = ca_txn_begin(h->store, false, &t, err);

	*out = NULL;
	if (rc != SETPKI_E_OK)
		return rc;
	rc = ca_home_policy_hash(t, hash, &e);
	if (rc == SETPKI_E_NOTFOUND) {
		ca_txn_abort(t);
		return SETPKI_E_OK; /* before init */
	}
	if (rc == SETPKI_E_OK)
		rc = ca_home_policy_get(h, t, hash, &yaml, &e);
	if (rc == SETPKI_E_OK)
		rc = ca_policy_read(h->ctx, yaml, "policy in force", out, &e);
	ca_txn_abort(t);
	if (rc != SETPKI_E_OK && err != NULL && err->code == SETPKI_E_OK)
		*err = e;
	return rc;
}

enum setpki_code
ca_home_policy_reload(struct ca_home *h, bool *changed, struct setpki_error *err)
{
	struct ca_policy *policy;
	enum setpki_code rc = load_policy(h, &policy, err);

	*changed = false;
	if (rc != SETPKI_E_OK || policy == NULL)
		return rc;
	*changed = h->policy == NULL || memcmp(h->policy->hash, policy->hash, sizeof(policy->hash)) != 0;
	if (*changed) {
		ca_policy_free(h->policy);
		h->policy = policy;
	} else {
		ca_policy_free(policy);
	}
	return rc;
}

/* Drawn once, by whoever makes the home. */
static enum setpki_code
draw_instance(struct ca_home *h, struct setpki_error *err)
{
	uint8_t instance[CA_HOME_INSTANCE];
	ca_txn *t;
	enum setpki_code rc = ca_txn_begin(h->store, true, &t, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (ca_home_instance(t, instance, NULL) == SETPKI_E_OK) {
		ca_txn_abort(t);
		return SETPKI_E_OK;
	}
	if ((rc = sp_random(h->ctx, instance, sizeof(instance), err)) == SETPKI_E_OK &&
	    (rc = ca_meta_put(t, META_INSTANCE, SP_BYTES(instance), err)) == SETPKI_E_OK)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

/* Whether there is a home, with its store, that this user may have.  What another user (root, say) writes into it its
 * owner could not use; reading does no harm. */
static enum setpki_code
check_there(const char *dir, const char *store_dir, enum ca_home_mode mode, struct setpki_error *err)
{
	struct stat st;

	if (stat(store_dir, &st) != 0 && errno != ENOENT && errno != ENOTDIR)
		return sp_fail(err, SETPKI_E_IO, NULL,
		    "the home %s cannot be entered: %s; run as the user that owns it", dir, strerror(errno));
	if (access(store_dir, F_OK) != 0)
		return sp_fail(err, SETPKI_E_NOTFOUND, NULL,
		    "no home at %s: make one with 'setca init POLICY', or name another with --home DIR", dir);
	if (mode != CA_HOME_READ && st.st_uid != geteuid())
		return sp_fail(err, SETPKI_E_RULE, NULL,
		    "the home %s belongs to the user with number %ld: run as that user (sudo -u '#%ld' ...)", dir,
		    (long)st.st_uid, (long)st.st_uid);
	return SETPKI_E_OK;
}

static enum setpki_code
open_store(struct ca_home *h, enum ca_home_mode mode, struct setpki_error *err)
{
	char *store_dir = ca_path(h->dir, "store");
	enum setpki_code rc;

	if (store_dir == NULL)
		return sp_fail_memory(err);
	rc = mode == CA_HOME_CREATE ? make_folders(h, store_dir, err) : SETPKI_E_OK;
	if (rc == SETPKI_E_OK)
		rc = check_there(h->dir, store_dir, mode, err);
	if (rc == SETPKI_E_OK)
		rc = ca_store_open(store_dir, mode == CA_HOME_CREATE, &h->store, err);
	OPENSSL_free(store_dir);
	return rc;
}

enum setpki_code
ca_home_open(setpki_ctx *ctx, const char *dir, enum ca_home_mode mode, const struct ca_passphrase *pass, int64_t now,
    struct ca_home **out, struct setpki_error *err)
{
	struct ca_home *h = OPENSSL_zalloc(sizeof(*h));
	enum setpki_code rc;

	*out = NULL;
	if (h == NULL)
		return sp_fail_memory(err);
	h->ctx = ctx;
	h->now = now;
	h->slot_fd = -1;
	if (pass != NULL)
		h->pass = *pass;
	rc = name_folders(h, dir, err);
	if (rc == SETPKI_E_OK)
		rc = open_store(h, mode, err);
	if (rc == SETPKI_E_OK && mode == CA_HOME_CREATE)
		rc = draw_instance(h, err);
	if (rc == SETPKI_E_OK)
		rc = load_policy(h, &h->policy, err);
	if (rc == SETPKI_E_OK && mode != CA_HOME_READ && (rc = ca_slot_take(h, err)) == SETPKI_E_OK)
		ca_folder_tidy(h->keys_dir);
	if (rc != SETPKI_E_OK) {
		ca_home_close(h);
		return rc;
	}
	*out = h;
	return SETPKI_E_OK;
}

enum setpki_code
ca_home_instance(ca_txn *t, uint8_t out[CA_HOME_INSTANCE], struct setpki_error *err)
{
	setpki_bytes v;
	enum setpki_code rc = ca_meta_get(t, META_INSTANCE, &v, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (v.n != CA_HOME_INSTANCE)
		return sp_fail(err, SETPKI_E_STORE, NULL,
		    "the store's \"" META_INSTANCE "\" has %zu octets instead of %d; put a backup in its place", v.n,
		    CA_HOME_INSTANCE);
	memcpy(out, v.p, CA_HOME_INSTANCE);
	return SETPKI_E_OK;
}

static void
read_pid(int fd, char out[16])
{
	ssize_t n = pread(fd, out, 15, 0);

	if (n < 0)
		n = 0;
	out[n] = '\0';
	out[strspn(out, "0123456789")] = '\0';
	if (out[0] == '\0')
		memcpy(out, "unknown", sizeof("unknown"));
}

static enum setpki_code
lock(const char *run_dir, const char *name, bool wait, int *fd, struct setpki_error *err)
{
	char path[4096], pid[16];
	int r;

	*fd = -1;
	if (snprintf(path, sizeof(path), "%s/%s.lock", run_dir, name) >= (int)sizeof(path))
		return sp_fail(err, SETPKI_E_IO, NULL, "the path of the home is too long");
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0)
		return sp_fail(err, SETPKI_E_IO, NULL, "open %s: %s", path, strerror(errno));
	do {
		r = flock(*fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB);
	} while (r != 0 && errno == EINTR);
	if (r != 0) {
		read_pid(*fd, pid);
		close(*fd);
		*fd = -1;
		return sp_fail(err, SETPKI_E_STATE, NULL, "process %s holds %s: wait for it or stop it", pid, path);
	}
	r = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (ftruncate(*fd, 0) != 0 || pwrite(*fd, pid, (size_t)r, 0) != r) {
		close(*fd);
		*fd = -1;
		return sp_fail(err, SETPKI_E_IO, NULL, "write %s: %s", path, strerror(errno));
	}
	return SETPKI_E_OK;
}

enum setpki_code
ca_home_lock(const struct ca_home *h, const char *name, bool wait, int *fd, struct setpki_error *err)
{
	return lock(h->run_dir, name, wait, fd, err);
}

enum setpki_code
ca_home_lock_unopened(const char *dir, const char *name, int *fd, struct setpki_error *err)
{
	char *store = ca_path(dir, "store"), *run = ca_path(dir, "run");
	enum setpki_code rc;

	*fd = -1;
	if (store == NULL || run == NULL)
		rc = sp_fail_memory(err);
	else if ((rc = check_there(dir, store, CA_HOME_WRITE, err)) == SETPKI_E_OK)
		rc = lock(run, name, false, fd, err);
	OPENSSL_free(store);
	OPENSSL_free(run);
	return rc;
}
