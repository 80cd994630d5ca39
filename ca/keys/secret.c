/* The home's symmetric keys: 32 random octets a file. */
#include "ca/keys/keys.h"

#include "ca/file/file.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char ending[] = ".secret";

static enum setpki_code
secret_make(setpki_ctx *ctx, const char *path, struct setpki_error *err)
{
	uint8_t secret[32];
	enum setpki_code rc = sp_random(ctx, secret, sizeof(secret), err);

	if (rc == SETPKI_E_OK)
		rc = ca_file_create(path, SP_BYTES(secret), 0600, err);
	OPENSSL_cleanse(secret, sizeof(secret));
	return rc;
}

static enum setpki_code
read_secret(const char *path, uint8_t out[32], struct setpki_error *err)
{
	struct sp_buf secret = {.secret = true};
	enum setpki_code rc = ca_file_read_secret(path, 32, &secret, err);

	if (rc == SETPKI_E_OK && secret.n != 32)
		rc = sp_fail(err, SETPKI_E_PARSE, NULL, "%s does not hold 32 octets", path);
	if (rc == SETPKI_E_OK)
		memcpy(out, secret.p, 32);
	sp_buf_free(&secret);
	return rc;
}

static enum setpki_code
secret_path(const char *dir, const char *name, struct sp_buf *out, struct setpki_error *err)
{
	sp_buf_printf(out, "%s/%s%s", dir, name, ending);
	sp_buf_add_byte(out, '\0');
	return out->failed ? sp_fail_memory(err) : SETPKI_E_OK;
}

enum setpki_code
ca_secret_look(const char *dir, const char *name, uint8_t out[32], struct setpki_error *err)
{
	struct sp_buf path = {0};
	enum setpki_code rc = secret_path(dir, name, &path, err);

	if (rc == SETPKI_E_OK)
		rc = read_secret((const char *)path.p, out, err);
	sp_buf_free(&path);
	return rc;
}

enum setpki_code
ca_secret_open(setpki_ctx *ctx, const char *dir, const char *name, uint8_t out[32], struct setpki_error *err)
{
	struct setpki_error absent = {0};
	struct sp_buf path = {0};
	enum setpki_code rc;

	if ((rc = secret_path(dir, name, &path, err)) != SETPKI_E_OK)
		return rc;
	if (access((const char *)path.p, F_OK) != 0 && errno == ENOENT)
		/* CONFLICT: another process made it in between, and its is the one */
		(void)secret_make(ctx, (const char *)path.p, &absent);
	rc = read_secret((const char *)path.p, out, err);
	sp_buf_free(&path);
	return rc;
}

/* The number that a file is named by, or -1. */
static long long
number_of(const char *file, const char *prefix)
{
	size_t n = strlen(prefix);
	const char *digits = file + n;
	char *end;

	if (strncmp(file, prefix, n) != 0 || digits[0] < '0' || digits[0] > '9')
		return -1;
	n = strspn(digits, "0123456789");
	return n <= 18 && strcmp(digits + n, ending) == 0 ? strtoll(digits, &end, 10) : -1;
}

enum setpki_code
ca_secret_prune(const char *dir, const char *prefix, long long from, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;
	struct dirent *e;
	DIR *d = opendir(dir);
	long long number;

	if (d == NULL)
		return sp_fail(err, SETPKI_E_IO, NULL, "%s: %s", dir, strerror(errno));
	while (rc == SETPKI_E_OK && (e = readdir(d)) != NULL) {
		number = number_of(e->d_name, prefix);
		if (number >= 0 && number < from && unlinkat(dirfd(d), e->d_name, 0) != 0 && errno != ENOENT)
			rc = sp_fail(err, SETPKI_E_IO, NULL, "%s/%s: %s", dir, e->d_name, strerror(errno));
	}
	closedir(d);
	return rc;
}
