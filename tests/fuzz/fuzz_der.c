/* What the walk accepts the reader reads, and writing it again gives the same bytes. */
#include "tests/fuzz/fuzz.h"

#include "lib/der/walk.h"
#include "lib/der/writer.h"

static void
copy(struct sp_der *d, struct sp_buf *out)
{
	struct sp_tlv t;

	while (sp_der_any(d, &t)) {
		if (t.number >= 31) { /* the writer knows single-byte tags only */
			sp_buf_add_bytes(out, t.whole);
		} else if ((t.tag & 0x20) != 0) {
			struct sp_der inner = sp_der(t.value);
			size_t mark = sp_der_open(out, t.tag);

			copy(&inner, out);
			sp_der_close(out, mark);
		} else {
			sp_der_put(out, t.tag, t.value);
		}
	}
	FUZZ_MUST(!d->bad);
}

void
fuzz_der(const uint8_t *data, size_t size)
{
	setpki_bytes in = {data, size};
	struct sp_der d = sp_der(in);
	struct sp_buf out = {0};

	if (sp_der_walk(in, NULL) != SETPKI_E_OK)
		return;
	copy(&d, &out);
	FUZZ_MUST(sp_bytes_eq(sp_buf_bytes(&out), in));
	sp_buf_free(&out);
}
