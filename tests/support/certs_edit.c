#include "tests/support/certs_edit.h"

#include "lib/der/writer.h"
#include "lib/x509/cert_ext.h"
#include "tests/support/check.h"

static const struct certs_edit *
find(const struct certs_edit *edits, enum certs_piece piece)
{
	for (size_t i = 0; i < CERTS_EDITS && edits[i].piece != CERTS_END; i++)
		if (edits[i].piece == piece)
			return &edits[i];
	return NULL;
}

static void
put_extension(struct sp_buf *out, const struct sp_ext_item *e, setpki_bytes value, bool critical)
{
	size_t seq = sp_der_open(out, SP_SEQUENCE);

	sp_der_put_oid(out, e->oid);
	if (critical)
		sp_der_put_bool(out, true);
	sp_der_put_octets(out, value);
	sp_der_close(out, seq);
}

/* One extension after every edit of it. */
static void
edit_extension(struct sp_buf *out, const struct sp_ext_item *e, const struct certs_edit *edits)
{
	setpki_bytes value = e->value;
	bool critical = e->critical, drop = false, twice = false;

	for (size_t i = 0; i < CERTS_EDITS && edits[i].piece != CERTS_END; i++) {
		if (e->row == NULL || e->row->id != edits[i].ext)
			continue;
		drop |= edits[i].piece == CERTS_EXT_DROP;
		twice |= edits[i].piece == CERTS_EXT_TWICE;
		if (edits[i].piece == CERTS_EXT_SET)
			value = t_hex(edits[i].hex);
		if (edits[i].piece == CERTS_EXT_FLIP)
			critical = !critical;
	}
	if (!drop)
		put_extension(out, e, value, critical);
	if (twice)
		put_extension(out, e, value, critical);
}

static void
edit_extensions(struct sp_buf *out, setpki_bytes whole, const struct certs_edit *edits)
{
	struct sp_der d = sp_der(whole), wrap, list;
	size_t outer = sp_der_open(out, SP_CTXC(3)), seq = sp_der_open(out, SP_SEQUENCE);
	struct sp_ext_item e;

	assert_true(sp_der_enter(&d, SP_CTXC(3), &wrap) && sp_der_enter(&wrap, SP_SEQUENCE, &list));
	while (sp_ext_next(&list, &e))
		edit_extension(out, &e, edits);
	for (size_t i = 0; i < CERTS_EDITS && edits[i].piece != CERTS_END; i++)
		if (edits[i].piece == CERTS_EXT_ADD)
			sp_buf_add_bytes(out, t_hex(edits[i].hex));
	sp_der_close(out, seq);
	sp_der_close(out, outer);
}

void
certs_edit_tbs(setpki_bytes tbs, const struct certs_edit *edits, struct sp_buf *out)
{
	struct sp_der d = sp_der(tbs), t;
	size_t seq = sp_der_open(out, SP_SEQUENCE);
	struct sp_tlv piece;

	assert_true(sp_der_enter(&d, SP_SEQUENCE, &t));
	for (int p = CERTS_VERSION; p <= CERTS_EXTENSIONS; p++) {
		const struct certs_edit *e = find(edits, (enum certs_piece)p);

		assert_true(sp_der_any(&t, &piece));
		if (e != NULL)
			sp_buf_add_bytes(out, t_hex(e->hex));
		else if (p == CERTS_EXTENSIONS)
			edit_extensions(out, piece.whole, edits);
		else
			sp_buf_add_bytes(out, piece.whole);
	}
	sp_der_close(out, seq);
	assert_false(out->failed);
}
