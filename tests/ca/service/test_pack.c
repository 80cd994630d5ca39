/* Packed public sets: what is in them is what lies in public/, and a reader survives whatever it is given. */
#include "ca/service/pack.h"
#include "tests/support/home.h"
#include "tests/support/scratch.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static char public_dir[512];
static uint8_t *packed;
static size_t npacked;

static int
make_home(void **state)
{
	struct ca_home *h = t_demo_home("home", T_NOW);

	(void)state;
	snprintf(public_dir, sizeof(public_dir), "%s", h->public_dir);
	ca_home_close(h);
	return 0;
}

static int
free_packed(void **state)
{
	(void)state;
	free(packed);
	return 0;
}

static struct ca_pack *
pack(void)
{
	struct setpki_error err = {0};
	struct ca_pack *p;
	struct stat st;
	int fd;

	t_ok(ca_pack_make(t_ctx(), public_dir, "brand", &fd, &err), &err);
	t_ok(ca_pack_open(fd, "brand", &p, &err), &err);
	assert_int_equal(fstat(fd, &st), 0);
	free(packed);
	npacked = (size_t)st.st_size;
	packed = malloc(npacked);
	assert_int_equal(pread(fd, packed, npacked, 0), npacked);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(fd, 0), -1);
	close(fd);
	return p;
}

static void
what_is_published(void **state)
{
	static const struct {
		const char *path, *media;
		int64_t until;
	} want[] = {
	    {"bci/brand.bci", "application/octet-stream", T_NOW + 2 * 86400},
	    {"crl/brand-1.crl", "application/pkix-crl", T_NOW + 14 * 86400},
	    {"crl/brand.crl", "application/pkix-crl", T_NOW + 14 * 86400},
	    {"crl/root.crl", "application/pkix-crl", T_NOW + 60 * 86400},
	    {"ca/card-1.cer", "application/pkix-cert", T_NOW + 2 * 86400},
	    {"set/brand.p7c", "application/pkcs7-mime", T_NOW + 2 * 86400},
	};
	struct ca_pack *p = pack();

	(void)state;
	assert_int_equal(p->nfiles, 16);
	for (size_t i = 0; i < NELEMS(want); i++) {
		const struct ca_pack_file *f = ca_pack_find(p, want[i].path);
		char path[1024];

		assert_non_null(f);
		assert_string_equal(f->media, want[i].media);
		assert_in_range(f->until, want[i].until - 1, want[i].until);
		snprintf(path, sizeof(path), "%s/brand/current/%s", public_dir, want[i].path);
		t_bytes(f->body, scratch_read(path));
		assert_int_equal(strlen(f->etag), 34);
	}
	assert_string_equal(ca_pack_find(p, "crl/root.crl")->etag, ca_pack_find(p, "crl/root-1.crl")->etag);
	assert_string_not_equal(ca_pack_find(p, "crl/root.crl")->etag, ca_pack_find(p, "crl/geo.crl")->etag);
	assert_null(ca_pack_find(p, "crl/nobody.crl"));
	assert_null(ca_pack_find(p, ""));
	ca_pack_drop(p);
}

static void
what_is_not_of_a_set_is_left_out(void **state)
{
	static const char *const others[] = {"crl/.hidden.crl", "crl/a b.crl", "crl/note.txt", "set/x.crl"};
	struct ca_pack *p;
	char path[1024];

	(void)state;
	for (size_t i = 0; i < NELEMS(others); i++) {
		snprintf(path, sizeof(path), "%s/brand/current/%s", public_dir, others[i]);
		scratch_write(path, sp_bytes_str("x"), 0644);
	}
	p = pack();
	assert_int_equal(p->nfiles, 16);
	ca_pack_drop(p);
}

static void
a_link_is_not_followed(void **state)
{
	char path[1024];
	struct setpki_error err = {0};
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/brand/current/crl/link.crl", public_dir);
	assert_int_equal(symlink("root.crl", path), 0);
	t_code(ca_pack_make(t_ctx(), public_dir, "brand", &fd, &err), SETPKI_E_IO, &err);
	assert_int_equal(fd, -1);
	assert_int_equal(unlink(path), 0);
}

static void
no_set(void **state)
{
	int fd;

	(void)state;
	t_code(ca_pack_make(t_ctx(), public_dir, "nobody", &fd, NULL), SETPKI_E_NOTFOUND, NULL);
}

/* --- a hostile file ----------------------------------------------------------------------------- */

static enum setpki_code
open_bytes(setpki_bytes b, int seals)
{
	int fd = memfd_create("hostile", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct ca_pack *p = NULL;
	enum setpki_code rc;
	unsigned sum = 0;

	assert_int_equal(write(fd, b.p, b.n), b.n);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	rc = ca_pack_open(fd, "brand", &p, NULL);
	close(fd);
	assert_int_equal(p != NULL, rc == SETPKI_E_OK);
	for (size_t i = 0; p != NULL && i < p->nfiles; i++)
		for (size_t k = 0; k < p->files[i].body.n; k++)
			sum += p->files[i].body.p[k];
	ca_pack_drop(p);
	return sum == 1 ? SETPKI_E_OK : rc;
}

#define SEALED (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static void
unsealed(void **state)
{
	(void)state;
	ca_pack_drop(pack());
	t_code(open_bytes(sp_bytes(packed, npacked), SEALED), SETPKI_E_OK, NULL);
	t_code(open_bytes(sp_bytes(packed, npacked), F_SEAL_SHRINK | F_SEAL_GROW), SETPKI_E_PARSE, NULL);
	t_code(open_bytes(sp_bytes(packed, npacked), F_SEAL_WRITE | F_SEAL_GROW), SETPKI_E_PARSE, NULL);
	t_code(open_bytes(sp_bytes(packed, npacked), 0), SETPKI_E_PARSE, NULL);
}

static void
cut_off(void **state)
{
	(void)state;
	ca_pack_drop(pack());
	for (size_t i = 0; i < npacked; i += i < 64 ? 1 : 509)
		assert_int_not_equal(open_bytes(sp_bytes(packed, i), SEALED), SETPKI_E_OK);
	for (size_t i = 1; i < 64; i++)
		assert_int_not_equal(open_bytes(sp_bytes(packed + i, npacked - i), SEALED), SETPKI_E_OK);
}

/* Each octet of the index turned into others: refused, or every file lies inside. */
static void
index_changed(void **state)
{
	static const uint8_t to[] = {0x00, 0x01, 0x7f, 0x80, 0xff, '/', '.'};
	size_t refused = 0;

	(void)state;
	ca_pack_drop(pack());
	for (size_t at = npacked - 16 * 62; at < npacked; at++) {
		uint8_t was = packed[at];

		for (size_t i = 0; i < NELEMS(to); i++) {
			packed[at] = to[i];
			refused += open_bytes(sp_bytes(packed, npacked), SEALED) != SETPKI_E_OK;
		}
		packed[at] = was;
	}
	assert_in_range(refused, 2000, 7 * 16 * 62);
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(what_is_published),
	    cmocka_unit_test(what_is_not_of_a_set_is_left_out),
	    cmocka_unit_test(a_link_is_not_followed),
	    cmocka_unit_test(no_set),
	    cmocka_unit_test(unsealed),
	    cmocka_unit_test(cut_off),
	    cmocka_unit_test(index_changed),
	};

	return cmocka_run_group_tests(all, make_home, free_packed);
}
