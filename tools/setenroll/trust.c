/* Whom to trust, and what is known of the hierarchy. */
#include "tools/common/fail.h"
#include "tools/common/files.h"
#include "tools/setenroll/setenroll.h"

#include <openssl/pem.h>
#include <setpki/text.h>
#include <string.h>

enum setpki_code
en_pem_add(BIO *to, const struct setpki_object *object, struct setpki_error *err)
{
	const char *label = setpki_object_label(object->type);

	if (label == NULL || object->der.n > EN_FILE_MAX ||
	    PEM_write_bio(to, label, "", object->der.p, (long)object->der.n) <= 0)
		return tc_fail_memory(err);
	return SETPKI_E_OK;
}

static enum setpki_code
add_objects(struct en *en, setpki_bytes in, bool trust, const char *origin)
{
	struct setpki_objects objects = {0};
	enum setpki_code rc = setpki_objects_read(in, &objects, EN_ERR(en));
	size_t trusted = 0;

	for (size_t i = 0; i < objects.n && rc == SETPKI_E_OK; i++)
		if (!trust)
			rc = setpki_pool_add(en->pool, &objects.v[i], origin, EN_ERR(en));
		else if (objects.v[i].type == SETPKI_OBJECT_CERT && ++trusted != 0)
			rc = setpki_pool_trust(en->pool, objects.v[i].der, origin, EN_ERR(en));
	if (rc == SETPKI_E_OK && trust && trusted == 0)
		rc = tc_fail(EN_ERR(en), SETPKI_E_ARGUMENT, "holds no certificate to trust");
	setpki_objects_free(&objects);
	return rc == SETPKI_E_OK ? rc : tc_error_in(EN_ERR(en), rc, "%s", origin);
}

/* A file of one of our folders, if it is there. */
static enum setpki_code
add_file(struct en *en, int folder, enum en_file file)
{
	struct setpki_der pem;
	enum setpki_code rc;

	if (folder < 0 || !en_file_there(folder, file))
		return SETPKI_E_OK;
	if ((rc = en_file_read(folder, file, &pem, EN_ERR(en))) == SETPKI_E_OK)
		rc = add_objects(en, EN_BYTES(pem), file == EN_ROOTS, en_file_name(file));
	setpki_der_free(&pem);
	return rc;
}

static enum setpki_code
add_options(struct en *en)
{
	const char *hex = en_state_text(en->state, "rootThumb");
	struct tc_file file = {0};
	uint8_t thumb[32];
	enum setpki_code rc = SETPKI_E_OK;
	size_t n;

	if (hex != NULL) {
		if ((rc = setpki_hex_parse(hex, thumb, sizeof(thumb), &n, EN_ERR(en))) == SETPKI_E_OK)
			rc = setpki_pool_trust_thumb(en->pool, (setpki_bytes){thumb, n}, EN_ERR(en));
		return rc == SETPKI_E_OK ? rc : tc_error_in(EN_ERR(en), rc, "--root-thumb");
	}
	if (en->a->root == NULL)
		return SETPKI_E_OK;
	if ((rc = tc_file_read(en->a->root, &file, EN_ERR(en))) == SETPKI_E_OK)
		rc = add_objects(en, file.bytes, true, en->a->root);
	tc_file_close(&file);
	return rc;
}

enum setpki_code
en_pool_make(struct en *en)
{
	enum setpki_code rc = setpki_pool_new(en->run->ctx, &en->pool, EN_ERR(en));
	bool named = en->a->root != NULL || en->a->root_thumb != NULL;

	if (rc == SETPKI_E_OK && (rc = add_options(en)) == SETPKI_E_OK &&
	    (rc = add_file(en, en->dir, EN_ROOTS)) == SETPKI_E_OK &&
	    (named || (rc = add_file(en, en->session, EN_ROOTS)) == SETPKI_E_OK) &&
	    (rc = add_file(en, en->dir, EN_CHAIN)) == SETPKI_E_OK)
		rc = setpki_pool_set_sequence(
		    en->pool, en_state_text(en->state, "brand"), en_state_number(en->state, "bciSequence"), EN_ERR(en));
	return rc;
}

/* The certificates alone, whatever else the file may hold. */
static enum setpki_code
copy_roots(struct en *en, setpki_bytes in, BIO *to)
{
	struct setpki_objects objects = {0};
	enum setpki_code rc = setpki_objects_read(in, &objects, EN_ERR(en));

	for (size_t i = 0; i < objects.n && rc == SETPKI_E_OK; i++)
		if (objects.v[i].type == SETPKI_OBJECT_CERT)
			rc = en_pem_add(to, &objects.v[i], EN_ERR(en));
	setpki_objects_free(&objects);
	return rc;
}

static enum setpki_code
write_roots(struct en *en)
{
	BIO *to = BIO_new(BIO_s_mem());
	struct tc_file file = {0};
	enum setpki_code rc;
	char *pem;
	long n;

	if (to == NULL)
		return tc_fail_memory(EN_ERR(en));
	if ((rc = tc_file_read(en->a->root, &file, EN_ERR(en))) == SETPKI_E_OK &&
	    (rc = copy_roots(en, file.bytes, to)) == SETPKI_E_OK && (n = BIO_get_mem_data(to, &pem)) >= 0)
		rc = en_file_update(en->session, EN_ROOTS, (setpki_bytes){(const uint8_t *)pem, (size_t)n}, EN_ERR(en));
	tc_file_close(&file);
	BIO_free(to);
	return rc;
}

enum setpki_code
en_trust_write(struct en *en)
{
	if (en->a->root != NULL)
		return write_roots(en);
	return en->a->root_thumb != NULL ? en_file_remove(en->session, EN_ROOTS, EN_ERR(en)) : SETPKI_E_OK;
}
