/* The public set of a brand: a folder named by its BCI's number, complete before it gets that name, and one link. */
#include "ca/publish/private.h"
#include "lib/x509/p7.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SETS_KEPT 3 /* the current one, and those that a slow reader may still be reading */

/* The set is public: web servers read it as it is. */
static const unsigned folder_mode = 0755, file_mode = 0644;

struct set {
	struct ca_home *h;
	ca_txn *t;
	const char *brand;
	const struct ca_bci_record *bci;
	const struct ca_bci_members *members;
	char dir[3072]; /* public/<brand> */
	char aside[3200];
	setpki_bytes *certs; /* owned copies */
	size_t ncerts, cap;
	setpki_bytes *crls; /* owned copies */
	size_t ncrls;
	bool written;
};

static enum setpki_code
fail_io(struct setpki_error *err, const char *what, const char *path)
{
	return sp_fail(err, SETPKI_E_IO, NULL, "%s %s: %s", what, path, strerror(errno));
}

static enum setpki_code
make_folder(const char *path, struct setpki_error *err)
{
	enum setpki_code rc = ca_folder_make(path, err);

	if (rc == SETPKI_E_OK && chmod(path, (mode_t)folder_mode) != 0)
		rc = fail_io(err, "chmod", path);
	return rc;
}

/* --- what is in it ----------------------------------------------------------------------------- */

static enum setpki_code
write_object(const struct set *s, const char *folder, const char *name, const char *ending, setpki_bytes der,
    struct setpki_error *err)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/%s/%s.%s", s->aside, folder, name, ending);

	if (n < 0 || (size_t)n >= sizeof(path))
		return sp_fail(err, SETPKI_E_IO, NULL, "the path of the home is too long");
	return ca_file_write(path, der, file_mode, err);
}

/* Under its generation's name, and under the CA's if it is the newest. */
static enum setpki_code
write_crl(struct set *s, const struct ca_bci_member *m, struct setpki_error *err)
{
	struct ca_crl_record crl;
	char name[CA_NAME_MAX + 16];
	bool newest = true;
	enum setpki_code rc = ca_crl_get(s->t, m->ca, m->generation, &crl, err);

	if (rc != SETPKI_E_OK)
		return rc;
	for (size_t i = 0; i < s->members->n; i++)
		if (s->members->v[i].ca == m->ca && s->members->v[i].generation > m->generation)
			newest = false;
	snprintf(name, sizeof(name), "%s-%u", m->name, m->generation);
	if (crl.number != m->number)
		rc = sp_fail(err, SETPKI_E_STATE, "set-protocol 12.14",
		    "the CRL of %s moved on while its set was written: repeat 'setca publish'", m->name);
	if (rc == SETPKI_E_OK)
		rc = write_object(s, "crl", name, "crl", crl.der, err);
	if (rc == SETPKI_E_OK && newest)
		rc = write_object(s, "crl", m->name, "crl", crl.der, err);
	if (rc == SETPKI_E_OK) {
		s->crls[s->ncrls++] = crl.der; /* moves */
		return rc;
	}
	ca_crl_record_free(&crl);
	return rc;
}

static enum setpki_code
add_cert(struct set *s, setpki_bytes der, struct setpki_error *err)
{
	setpki_bytes copy;

	if (s->ncerts == s->cap) {
		size_t cap = s->cap == 0 ? 16 : 2 * s->cap;
		setpki_bytes *v = OPENSSL_realloc(s->certs, cap * sizeof(*v));

		if (v == NULL)
			return sp_fail_memory(err);
		s->certs = v;
		s->cap = cap;
	}
	copy = sp_bytes_dup(der);
	if (copy.p == NULL)
		return sp_fail_memory(err);
	s->certs[s->ncerts++] = copy;
	return SETPKI_E_OK;
}

/* In order of issue: a renewed certificate follows the one before it, and takes its place under ca/. */
static enum setpki_code
take_cert(void *arg, const struct ca_cert_record *rec, const char *ca, struct setpki_error *err)
{
	struct set *s = arg;
	char name[CA_NAME_MAX + 16];
	enum setpki_code rc = add_cert(s, rec->der, err);

	snprintf(name, sizeof(name), "%s-%u", ca, rec->subject_generation);
	if (rc == SETPKI_E_OK && rec->purpose == CA_PURPOSE_CERTSIGN)
		rc = write_object(s, "ca", name, "cer", rec->der, err);
	return rc;
}

static enum setpki_code
write_bundle(struct set *s, struct setpki_error *err)
{
	struct sp_buf der = {0};
	enum setpki_code rc =
	    sp_p7_build(s->certs, s->ncerts, s->crls, s->ncrls, s->bci->der, s->bci->not_before, &der, err);

	if (rc == SETPKI_E_OK)
		rc = write_object(s, "set", s->brand, "p7c", sp_buf_bytes(&der), err);
	sp_buf_free(&der);
	return rc;
}

static enum setpki_code
fill(struct set *s, struct setpki_error *err)
{
	static const char *const folders[] = {"", "/crl", "/bci", "/ca", "/set"};
	char path[4096];
	enum setpki_code rc = SETPKI_E_OK;

	for (size_t i = 0; rc == SETPKI_E_OK && i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", s->aside, folders[i]);
		rc = make_folder(path, err);
	}
	s->crls = OPENSSL_zalloc((s->members->n + 1) * sizeof(*s->crls));
	if (rc == SETPKI_E_OK && s->crls == NULL)
		rc = sp_fail_memory(err);
	for (size_t i = 0; rc == SETPKI_E_OK && i < s->members->n; i++)
		rc = write_crl(s, &s->members->v[i], err);
	if (rc == SETPKI_E_OK)
		rc = write_object(s, "bci", s->brand, "bci", s->bci->der, err);
	if (rc == SETPKI_E_OK)
		rc = ca_set_each_cert(s->h, s->t, s->bci->brand, take_cert, s, err);
	return rc == SETPKI_E_OK ? write_bundle(s, err) : rc;
}

/* --- folders and the link ---------------------------------------------------------------------- */

/* Removes a set or what is left of one; only ever a folder below public/<brand>. */
static void
remove_tree(const char *path)
{
	char inner[4096];
	struct dirent *e;
	DIR *d = opendir(path);

	if (d == NULL) {
		unlink(path);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (snprintf(inner, sizeof(inner), "%s/%s", path, e->d_name) >= (int)sizeof(inner))
			continue;
		if (e->d_type == DT_DIR)
			remove_tree(inner);
		else
			unlink(inner);
	}
	closedir(d);
	rmdir(path);
}

/* The number that a folder of public/<brand> is named by; 0: another name. */
static uint64_t
set_number(const char *name)
{
	char *end;
	unsigned long long n;

	if (name[0] < '1' || name[0] > '9')
		return 0;
	errno = 0;
	n = strtoull(name, &end, 10);
	return errno == 0 && *end == '\0' ? n : 0;
}

uint64_t
ca_set_current(const struct ca_home *h, const char *brand)
{
	char path[4096], to[64];
	ssize_t n;

	if (snprintf(path, sizeof(path), "%s/%s/current", h->public_dir, brand) >= (int)sizeof(path))
		return 0;
	n = readlink(path, to, sizeof(to) - 1);
	if (n <= 0)
		return 0;
	to[n] = '\0';
	return set_number(to);
}

/* Old sets, and what interrupted publications left. */
static void
prune(const struct set *s)
{
	char path[4096];
	struct dirent *e;
	DIR *d = opendir(s->dir);

	while (d != NULL && (e = readdir(d)) != NULL) {
		uint64_t n = set_number(e->d_name);
		bool left = strstr(e->d_name, ".new") != NULL;

		if (!left && (n == 0 || n + SETS_KEPT > s->bci->sequence))
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", s->dir, e->d_name) < (int)sizeof(path))
			remove_tree(path);
	}
	if (d != NULL)
		closedir(d);
}

static enum setpki_code
build_folder(struct set *s, const char *final, struct setpki_error *err)
{
	enum setpki_code rc;

	remove_tree(s->aside);
	remove_tree(final);
	rc = fill(s, err);
	if (rc == SETPKI_E_OK)
		rc = ca_folder_sync(s->aside, err);
	if (rc == SETPKI_E_OK && rename(s->aside, final) != 0)
		rc = fail_io(err, "rename to", final);
	return rc == SETPKI_E_OK ? ca_folder_sync(s->dir, err) : rc;
}

/* The one rename that makes a set public. */
static enum setpki_code
switch_link(const struct set *s, struct setpki_error *err)
{
	char link[4096], aside[4096], to[32];

	snprintf(to, sizeof(to), "%llu", (unsigned long long)s->bci->sequence);
	if (snprintf(link, sizeof(link), "%s/current", s->dir) >= (int)sizeof(link) ||
	    snprintf(aside, sizeof(aside), "%s/current.new", s->dir) >= (int)sizeof(aside))
		return sp_fail(err, SETPKI_E_IO, NULL, "the path of the home is too long");
	unlink(aside);
	if (symlink(to, aside) != 0 || rename(aside, link) != 0)
		return fail_io(err, "switch", link);
	return ca_folder_sync(s->dir, err);
}

static enum setpki_code
publish(struct set *s, struct setpki_error *err)
{
	unsigned long long number = s->bci->sequence;
	char final[3200];
	struct stat st;
	enum setpki_code rc = make_folder(s->h->public_dir, err);

	if (snprintf(s->dir, sizeof(s->dir), "%s/%s", s->h->public_dir, s->brand) >= (int)sizeof(s->dir))
		return sp_fail(err, SETPKI_E_IO, NULL, "the path of the home is too long");
	snprintf(s->aside, sizeof(s->aside), "%s/%llu.new", s->dir, number);
	snprintf(final, sizeof(final), "%s/%llu", s->dir, number);
	if (rc == SETPKI_E_OK)
		rc = make_folder(s->dir, err);
	/* What is current stays as it is, it was complete when it became that.  Another folder of this number is from a
	 * publication that was interrupted, and certificates may have come since. */
	s->written = ca_set_current(s->h, s->brand) != s->bci->sequence || stat(final, &st) != 0;
	if (rc == SETPKI_E_OK && s->written)
		rc = build_folder(s, final, err);
	if (rc == SETPKI_E_OK)
		rc = switch_link(s, err);
	if (rc == SETPKI_E_OK)
		prune(s);
	return rc;
}

static void
free_list(setpki_bytes *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		void *p;

		memcpy(&p, &v[i].p, sizeof(p));
		OPENSSL_free(p);
	}
	OPENSSL_free(v);
}

enum setpki_code
ca_set_publish(struct ca_home *h, const char *brand, const struct ca_bci_record *bci,
    const struct ca_bci_members *members, bool *written, struct setpki_error *err)
{
	struct set s = {.h = h, .brand = brand, .bci = bci, .members = members};
	enum setpki_code rc = ca_txn_begin(h->store, false, &s.t, err);

	if (rc != SETPKI_E_OK)
		return rc;
	rc = publish(&s, err);
	*written = s.written;
	ca_txn_abort(s.t);
	free_list(s.certs, s.ncerts);
	free_list(s.crls, s.ncrls);
	return rc == SETPKI_E_OK ? rc : sp_error_in(err, rc, "public set of %s", brand);
}
