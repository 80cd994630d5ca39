/* The environment: opening it, its schema, the growth of its map. */
#include "ca/store/private.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

_Static_assert(sizeof(size_t) >= 8, "the store maps more than 32 bits can address");

#define MIB ((size_t)1 << 20)
#define GIB ((size_t)1 << 30)

/* Address space costs nothing; the slack is more than the largest single object (SP_CRL_MAX) needs. */
static const struct ca_store_plan product_plan = {
    .initial = 4 * GIB, .slack = GIB, .most = 1024 * GIB, .low_water = 64 * MIB};

const char *const ca_db_names[CA_DB_N] = {
#define X(symbol, name) name,
    CA_DATABASES(X)
#undef X
};

static const char schema_name[] = "schema";

enum setpki_code
ca_store_fail(const ca_store *s, int mdb_rc, const char *doing, struct setpki_error *err)
{
	switch (mdb_rc) {
	case MDB_MAP_FULL:
		return sp_fail(err, SETPKI_E_STORE, NULL,
		    "%s: %s: the map of %zu MiB is full; nothing was changed, the map grows with the next try", s->dir,
		    doing, s->map_size / MIB);
	case ENOSPC:
	case EDQUOT:
		return sp_fail(err, SETPKI_E_STORE, NULL,
		    "%s: %s: the disk is full; nothing was changed, make room on it", s->dir, doing);
	case EROFS:
		return sp_fail(err, SETPKI_E_STORE, NULL,
		    "%s: %s: %s; who reads writes there, too (lock.mdb): use a copy, or mount it for writing", s->dir,
		    doing, mdb_strerror(mdb_rc));
	case EACCES:
	case EPERM:
		return sp_fail(err, SETPKI_E_STORE, NULL, "%s: %s: %s; run as the user that owns the home", s->dir,
		    doing, mdb_strerror(mdb_rc));
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_PANIC:
		return sp_fail(err, SETPKI_E_STORE, NULL,
		    "%s: %s: %s; the file is damaged or not a store: put a backup in its place", s->dir, doing,
		    mdb_strerror(mdb_rc));
	default:
		return sp_fail(err, SETPKI_E_STORE, NULL, "%s: %s: %s", s->dir, doing, mdb_strerror(mdb_rc));
	}
}

/* --- the map ----------------------------------------------------------------------------------- */

static size_t
used_bytes(ca_store *s)
{
	MDB_envinfo info;
	MDB_stat stat;

	if (mdb_env_info(s->env, &info) != 0 || mdb_env_stat(s->env, &stat) != 0)
		return 0;
	s->map_size = info.me_mapsize;
	return (info.me_last_pgno + 1) * stat.ms_psize;
}

/* The size that the plan wants for this much data: doubled until the slack fits. */
static size_t
planned_size(const ca_store *s, size_t used)
{
	size_t size = s->map_size > s->plan.initial ? s->map_size : s->plan.initial;

	if (s->grow)
		size *= 2;
	while (size < used + s->plan.slack && size < s->plan.most)
		size *= 2;
	return size < s->plan.most ? size : s->plan.most;
}

enum setpki_code
ca_store_make_room(ca_store *s, struct setpki_error *err)
{
	size_t want;
	int rc;

	if (s->active != 0)
		return SETPKI_E_OK;
	want = planned_size(s, used_bytes(s));
	if (want > s->map_size) {
		if ((rc = mdb_env_set_mapsize(s->env, want)) != 0)
			return ca_store_fail(s, rc, "making the map larger", err);
		s->map_size = want;
	}
	s->grow = false;
	return SETPKI_E_OK;
}

enum setpki_code
ca_store_remap(ca_store *s, struct setpki_error *err)
{
	int rc;

	if (s->active != 0)
		return sp_fail(err, SETPKI_E_STORE, NULL,
		    "%s: another process made the store larger while a transaction was open here; try again", s->dir);
	if ((rc = mdb_env_set_mapsize(s->env, 0)) != 0)
		return ca_store_fail(s, rc, "taking over the larger map", err);
	used_bytes(s);
	return SETPKI_E_OK;
}

enum setpki_code
ca_store_headroom(ca_store *s, uint64_t *left, struct setpki_error *err)
{
	size_t used = used_bytes(s);
	uint64_t map = s->plan.most > used ? s->plan.most - used : 0, disk;
	struct statvfs fs;
	int fd;

	if (mdb_env_get_fd(s->env, &fd) != 0 || fstatvfs(fd, &fs) != 0)
		return ca_store_fail(s, errno, "asking for the free space", err);
	disk = (uint64_t)fs.f_bavail * fs.f_frsize;
	*left = map < disk ? map : disk;
	if (*left >= s->plan.low_water)
		return SETPKI_E_OK;
	return sp_fail(err, SETPKI_E_STATE, NULL,
	    "the store has room for %llu MiB more %s; below %llu MiB nothing is issued, while revocation and "
	    "publication go on: make room",
	    (unsigned long long)(*left / MIB), map < disk ? "in its map" : "on its disk",
	    (unsigned long long)(s->plan.low_water / MIB));
}

/* --- opening ----------------------------------------------------------------------------------- */

static enum setpki_code
make_folder(const char *dir, struct setpki_error *err)
{
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return sp_fail(err, SETPKI_E_IO, NULL, "%s: cannot make the folder: %s", dir, strerror(errno));
	return SETPKI_E_OK;
}

static enum setpki_code
check_there(const char *dir, struct setpki_error *err)
{
	char path[sizeof(((ca_store *)NULL)->dir) + 16];
	struct stat st;

	snprintf(path, sizeof(path), "%s/data.mdb", dir);
	if (stat(path, &st) == 0)
		return SETPKI_E_OK;
	return sp_fail(err, errno == ENOENT || errno == ENOTDIR ? SETPKI_E_NOTFOUND : SETPKI_E_STORE, NULL,
	    "%s: no store there (%s); setca init makes one", dir, strerror(errno));
}

/* A file that ends before its last page would stop the process with SIGBUS when that page is read. */
static enum setpki_code
check_length(ca_store *s, struct setpki_error *err)
{
	size_t used = used_bytes(s);
	struct stat st;
	int fd;

	if (mdb_env_get_fd(s->env, &fd) != 0 || fstat(fd, &st) != 0)
		return ca_store_fail(s, errno, "asking for its length", err);
	if ((size_t)st.st_size < used)
		return sp_fail(err, SETPKI_E_STORE, NULL,
		    "%s: data.mdb has %lld bytes, but %zu belong to it; it was cut off: put a backup in its place",
		    s->dir, (long long)st.st_size, used);
	return SETPKI_E_OK;
}

static enum setpki_code
check_schema(ca_store *s, MDB_txn *txn, bool create, struct setpki_error *err)
{
	MDB_val key = {sizeof(schema_name) - 1, (void *)(uintptr_t)schema_name}, value;
	struct sp_buf b = {0};
	struct ca_reader r;
	uint32_t version;
	int rc = mdb_get(txn, s->db[CA_DB_META], &key, &value);

	if (rc == 0) {
		r = ca_reader(sp_bytes(value.mv_data, value.mv_size));
		version = ca_get_u32(&r);
		if (ca_get_end(&r) && version == CA_SCHEMA)
			return SETPKI_E_OK;
		return sp_fail(err, SETPKI_E_STATE, NULL,
		    "%s: its schema is version %u, this program knows version %u; use the program that belongs to it",
		    s->dir, version, CA_SCHEMA);
	}
	if (rc != MDB_NOTFOUND)
		return ca_store_fail(s, rc, "reading the schema version", err);
	if (!create)
		return sp_fail(err, SETPKI_E_NOTFOUND, NULL, "%s: the store is empty; setca init fills it", s->dir);
	ca_put_u32(&b, CA_SCHEMA);
	value = (MDB_val){b.n, b.p};
	rc = b.failed ? ENOMEM : mdb_put(txn, s->db[CA_DB_META], &key, &value, 0);
	sp_buf_free(&b);
	return rc == 0 ? SETPKI_E_OK : ca_store_fail(s, rc, "writing the schema version", err);
}

/* `missing` is set for a database that came later and that this store has not got yet. */
static enum setpki_code
open_database(ca_store *s, MDB_txn *txn, size_t i, bool create, bool *missing, struct setpki_error *err)
{
	int rc = mdb_dbi_open(txn, ca_db_names[i], create ? MDB_CREATE : 0, &s->db[i]);

	if (rc == MDB_NOTFOUND && i >= CA_DB_LATER) {
		*missing = true;
		return SETPKI_E_OK;
	}
	if (rc == MDB_NOTFOUND)
		return sp_fail(err, i == CA_DB_META ? SETPKI_E_NOTFOUND : SETPKI_E_STORE, NULL,
		    "%s: it has no database \"%s\"; %s", s->dir, ca_db_names[i],
		    i == CA_DB_META ? "if it was never in use 'setca init' makes it, else put a backup in its place"
				    : "put a backup in its place");
	if (rc != 0)
		return ca_store_fail(s, rc, ca_db_names[i], err);
	return i == CA_DB_META ? check_schema(s, txn, create, err) : SETPKI_E_OK;
}

static enum setpki_code
open_from(ca_store *s, size_t first, bool create, bool *missing, struct setpki_error *err)
{
	enum setpki_code code = SETPKI_E_OK;
	MDB_txn *txn;
	size_t i;
	int rc;

	*missing = false;
	if ((rc = mdb_txn_begin(s->env, NULL, create ? 0 : MDB_RDONLY, &txn)) != 0)
		return ca_store_fail(s, rc, "opening", err);
	for (i = first; i < CA_DB_N && code == SETPKI_E_OK; i++)
		code = open_database(s, txn, i, create, missing, err);
	if (code != SETPKI_E_OK) {
		mdb_txn_abort(txn);
		return code;
	}
	if ((rc = mdb_txn_commit(txn)) != 0)
		return ca_store_fail(s, rc, "opening", err);
	return SETPKI_E_OK;
}

static enum setpki_code
open_databases(ca_store *s, bool create, struct setpki_error *err)
{
	bool missing;
	enum setpki_code rc = open_from(s, 0, create, &missing, err);

	if (rc == SETPKI_E_OK && missing)
		rc = open_from(s, CA_DB_LATER, true, &missing, err);
	return rc;
}

static enum setpki_code
open_env(ca_store *s, bool create, struct setpki_error *err)
{
	enum setpki_code code;
	int rc, dead;

	if ((rc = mdb_env_create(&s->env)) != 0)
		return ca_store_fail(s, rc, "opening", err);
	if ((rc = mdb_env_set_maxdbs(s->env, CA_DB_N)) != 0 ||
	    (rc = mdb_env_set_mapsize(s->env, s->plan.initial)) != 0 ||
	    (rc = mdb_env_open(s->env, s->dir, MDB_NOTLS, 0600)) != 0)
		return ca_store_fail(s, rc, "opening", err);
	if ((code = check_length(s, err)) != SETPKI_E_OK)
		return code;
	/* Readers that died keep old pages alive. */
	if ((rc = mdb_reader_check(s->env, &dead)) != 0)
		return ca_store_fail(s, rc, "looking for readers that are gone", err);
	if ((code = ca_store_make_room(s, err)) != SETPKI_E_OK)
		return code;
	return open_databases(s, create, err);
}

/* The files' names have to be durable too. */
static enum setpki_code
sync_folder(const char *dir, struct setpki_error *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

	if (fd < 0)
		return sp_fail(err, SETPKI_E_IO, NULL, "%s: %s", dir, strerror(errno));
	rc = fsync(fd);
	close(fd);
	if (rc != 0)
		return sp_fail(err, SETPKI_E_IO, NULL, "%s: cannot write the folder to disk: %s", dir, strerror(errno));
	return SETPKI_E_OK;
}

enum setpki_code
ca_store_open_planned(
    const char *dir, bool create, const struct ca_store_plan *plan, ca_store **out, struct setpki_error *err)
{
	enum setpki_code rc;
	ca_store *s;

	*out = NULL;
	if (strlen(dir) >= sizeof(s->dir))
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "%.40s...: the path of the store is too long", dir);
	if ((rc = create ? make_folder(dir, err) : check_there(dir, err)) != SETPKI_E_OK)
		return rc;
	if ((s = OPENSSL_zalloc(sizeof(*s))) == NULL)
		return sp_fail_memory(err);
	s->plan = *plan;
	s->pid = (long)getpid();
	memcpy(s->dir, dir, strlen(dir) + 1);
	if ((rc = open_env(s, create, err)) == SETPKI_E_OK && create)
		rc = sync_folder(dir, err);
	if (rc != SETPKI_E_OK) {
		ca_store_close(s);
		return rc;
	}
	*out = s;
	return SETPKI_E_OK;
}

enum setpki_code
ca_store_open(const char *dir, bool create, ca_store **out, struct setpki_error *err)
{
	return ca_store_open_planned(dir, create, &product_plan, out, err);
}

void
ca_store_close(ca_store *s)
{
	if (s == NULL)
		return;
	/* A child of the process that opened it only forgets it: the locks belong to the parent. */
	if (s->env != NULL && s->pid == (long)getpid())
		mdb_env_close(s->env);
	OPENSSL_free(s);
}
