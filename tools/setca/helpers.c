/* Small things that several commands need. */
#include "ca/file/file.h"
#include "tools/common/fail.h"
#include "tools/common/files.h"
#include "tools/setca/setca.h"

#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#define PEM_LINE 48 /* octets, 64 characters */

enum setpki_code
setca_each_object(const char *path, setca_object_fn *fn, void *arg, struct setpki_error *err)
{
	struct setpki_objects objects = {0};
	struct tc_file file;
	enum setpki_code rc;
	size_t i;

	if ((rc = tc_file_read(path, &file, err)) != SETPKI_E_OK)
		return rc;
	rc = setpki_objects_read(file.bytes, &objects, err);
	for (i = 0; rc == SETPKI_E_OK && i < objects.n; i++)
		rc = fn(arg, &objects.v[i], err);
	setpki_objects_free(&objects);
	tc_file_close(&file);
	return rc == SETPKI_E_OK ? rc : tc_error_in(err, rc, "%s", path);
}

enum setpki_code
setca_import_files(struct tc_run *run, setca_object_fn *fn)
{
	enum setpki_code rc;
	struct setca s;
	size_t i;

	rc = setca_open(run, CA_HOME_WRITE, -1, &s);
	for (i = 0; i < run->noperands && rc == SETPKI_E_OK; i++)
		rc = setca_each_object(run->operands[i], fn, &s, &run->err);
	return setca_end(&s, rc);
}

enum setpki_code
setca_print_object(struct setca *s, const struct setpki_object *object, const struct setpki_walk_keys *keys)
{
	struct setpki_visitor v = tc_out_visitor(s->out);
	enum setpki_code rc;

	tc_object(s->out, "setca.object/1", NULL);
	rc = setpki_walk_with_keys(s->run->ctx, object, SETPKI_SUITE_NONE, keys, &v, SETCA_ERR(s));
	tc_object_end(s->out);
	return rc;
}

enum setpki_code
setca_ca_name(struct setca *s, ca_txn *t, uint16_t number, char out[CA_NAME_MAX])
{
	struct ca_ca_record ca = {0};
	enum setpki_code rc;

	if ((rc = ca_ca_get(t, number, &ca, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	memcpy(out, ca.name, CA_NAME_MAX);
	ca_ca_record_free(&ca);
	return SETPKI_E_OK;
}

enum setpki_code
setca_ca_name_now(struct setca *s, uint16_t number, char out[CA_NAME_MAX])
{
	enum setpki_code rc;
	ca_txn *t;

	if ((rc = ca_txn_begin(s->home->store, false, &t, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	rc = setca_ca_name(s, t, number, out);
	ca_txn_abort(t);
	return rc;
}

enum setpki_code
setca_pem(const char *label, setpki_bytes der, struct sp_buf *out, struct setpki_error *err)
{
	unsigned char line[2 * PEM_LINE];
	size_t at, n;

	sp_buf_printf(out, "-----BEGIN %s-----\n", label);
	for (at = 0; at < der.n; at += n) {
		n = der.n - at < PEM_LINE ? der.n - at : PEM_LINE;
		EVP_EncodeBlock(line, der.p + at, (int)n);
		sp_buf_printf(out, "%s\n", (const char *)line);
	}
	sp_buf_printf(out, "-----END %s-----\n", label);
	return out->failed ? tc_fail_memory(err) : SETPKI_E_OK;
}

enum setpki_code
setca_write(const char *path, setpki_bytes data, struct setpki_error *err)
{
	if (path != NULL && strcmp(path, "-") != 0)
		return ca_file_write(path, data, 0644, err);
	if (fwrite(data.p, 1, data.n, stdout) != data.n)
		return tc_fail(err, SETPKI_E_IO, "standard output cannot be written");
	return SETPKI_E_OK;
}

const char *
setca_runway(int64_t now, int64_t then, char out[32])
{
	int64_t left = then - now;

	if (left <= 0)
		snprintf(out, 32, "over");
	else if (left >= 2 * 86400)
		snprintf(out, 32, "%lldd", (long long)(left / 86400));
	else if (left >= 2 * 3600)
		snprintf(out, 32, "%lldh", (long long)(left / 3600));
	else
		snprintf(out, 32, "%lldm", (long long)(left / 60));
	return out;
}

const char *
setca_day(const struct setca *s, int64_t t, char out[SETPKI_TIME_TEXT])
{
	char *at;

	setpki_time_text(t, out);
	if (!s->json && (at = strchr(out, 'T')) != NULL)
		*at = '\0';
	return out;
}

enum setpki_code
setca_find_ca(struct setca *s, ca_txn *t, const char *name, struct ca_ca_record *out)
{
	const struct ca_policy *p = s->home->policy;
	const char *known[SETCA_KNOWN], *near;
	size_t i, n = 0;

	for (i = 0; p != NULL && i < p->ncas; i++) {
		if (strcmp(p->cas[i].name, name) == 0)
			return ca_ca_find(t, name, out, SETCA_ERR(s));
		if (n < SETCA_KNOWN)
			known[n++] = p->cas[i].name;
	}
	if ((near = setpki_closest(name, known, n)) != NULL)
		return tc_fail(
		    SETCA_ERR(s), SETPKI_E_NOTFOUND, "there is no CA '%.64s'; did you mean '%s'?", name, near);
	return tc_fail(SETCA_ERR(s), SETPKI_E_NOTFOUND, "there is no CA '%.64s'; 'setca ca list' names them", name);
}

enum setpki_code
setca_serial(const char *text, uint8_t out[32], size_t *n, struct setpki_error *err)
{
	enum setpki_code rc = setpki_hex_parse(text, out, 32, n, err);

	return rc == SETPKI_E_OK ? rc : tc_error_in(err, rc, "serial number '%.64s'", text);
}
