#include "tests/support/mutate.h"

#include "lib/der/writer.h"
#include "tests/support/check.h"

#include <stdlib.h>

/* --- what is random ------------------------------------------------------------------------------ */

struct t_random
t_random_begin(uint64_t otherwise)
{
	const char *text = getenv("TEST_SEED");
	struct t_random r = {text != NULL ? strtoull(text, NULL, 0) : otherwise};

	print_message("seed: TEST_SEED=%llu\n", (unsigned long long)r.state);
	return r;
}

/* splitmix64 */
static uint64_t
next(struct t_random *r)
{
	uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

size_t
t_random_below(struct t_random *r, size_t n)
{
	return (size_t)(next(r) % n);
}

/* --- elements ------------------------------------------------------------------------------------ */

#define CONSTRUCTED 0x20

/* The elements of `der`, at every depth, in the order in which they begin: how many there are, and `*at` the one of
 * number `want`. */
static size_t
elements(setpki_bytes der, size_t want, struct sp_tlv *at)
{
	struct sp_der d = sp_der(der);
	struct sp_tlv t;
	size_t n = 0;

	while (sp_der_any(&d, &t)) {
		if (n++ == want)
			*at = t;
		if ((t.tag & CONSTRUCTED) != 0)
			n += elements(t.value, want >= n ? want - n : SIZE_MAX, at);
	}
	return n;
}

static struct sp_tlv
any_element(struct t_random *r, setpki_bytes der)
{
	struct sp_tlv t = {0}, ignored;
	size_t n = elements(der, SIZE_MAX, &ignored);

	assert_true(n != 0);
	(void)elements(der, t_random_below(r, n), &t);
	return t;
}

/* --- octets, whatever they mean ------------------------------------------------------------------ */

static void
other_octets(struct t_random *r, uint8_t *p, size_t n)
{
	for (size_t i = 0, most = 1 + t_random_below(r, 4); n != 0 && i < most; i++)
		p[t_random_below(r, n)] ^= (uint8_t)(1 + t_random_below(r, 255));
}

static void
change_header(struct t_random *r, setpki_bytes der, bool length, struct sp_buf *out)
{
	struct sp_tlv t = any_element(r, der);
	size_t from = (size_t)(t.whole.p - der.p), header = t.whole.n - t.value.n;
	size_t start = out->n;

	sp_buf_add_bytes(out, der);
	if (length)
		other_octets(r, out->p + start + from + 1, header - 1);
	else
		other_octets(r, out->p + start + from, 1);
}

static void
double_octets(struct t_random *r, setpki_bytes der, struct sp_buf *out)
{
	struct sp_tlv t = any_element(r, der);
	size_t end = (size_t)(t.whole.p - der.p) + t.whole.n;

	sp_buf_add(out, der.p, end);
	sp_buf_add_bytes(out, t.whole);
	sp_buf_add(out, der.p + end, der.n - end);
}

/* --- elements, with the lengths around them ------------------------------------------------------- */

struct edit {
	struct t_random *r;
	enum t_mutation how;
	setpki_bytes piece, other; /* within the message; the message that pieces come from */
};

static void
put_piece(const struct edit *e, const struct sp_tlv *t, struct sp_buf *out)
{
	size_t mark = out->n;

	switch (e->how) {
	case T_PIECE_DOUBLED:
		sp_buf_add_bytes(out, t->whole);
		sp_buf_add_bytes(out, t->whole);
		break;
	case T_PIECE_FOREIGN:
		sp_buf_add_bytes(out, any_element(e->r, e->other).whole);
		break;
	case T_PIECE_OCTETS:
		sp_buf_add_bytes(out, t->whole);
		other_octets(e->r, out->p + mark + (t->whole.n - t->value.n), t->value.n);
		break;
	case T_PIECE_EMPTY:
		sp_der_put(out, t->tag, (setpki_bytes){NULL, 0});
		break;
	default: /* dropped */
		break;
	}
}

static void
put_elements(const struct edit *e, setpki_bytes der, struct sp_buf *out)
{
	struct sp_der d = sp_der(der);
	struct sp_tlv t;
	size_t mark;

	while (sp_der_any(&d, &t)) {
		bool within = e->piece.p > t.whole.p && e->piece.p < t.whole.p + t.whole.n;

		if (t.whole.p == e->piece.p) {
			put_piece(e, &t, out);
		} else if (within) {
			mark = sp_der_open(out, t.tag);
			put_elements(e, t.value, out);
			sp_der_close(out, mark);
		} else {
			sp_buf_add_bytes(out, t.whole);
		}
	}
}

static setpki_bytes
any_piece(struct t_random *r, enum t_mutation how, setpki_bytes der)
{
	struct sp_tlv t = any_element(r, der);

	while (how == T_PIECE_OCTETS && ((t.tag & CONSTRUCTED) != 0 || t.value.n == 0))
		t = any_element(r, der);
	return t.whole;
}

/* --- all of them --------------------------------------------------------------------------------- */

const char *const t_mutation_names[T_MUTATIONS] = {"whole", "truncated", "longer", "other octets", "another length",
    "another tag", "doubled", "a piece doubled", "a piece dropped", "a foreign piece", "a piece with other octets",
    "a piece emptied"};

void
t_mutate(struct t_random *r, enum t_mutation how, setpki_bytes der, setpki_bytes other, struct sp_buf *out)
{
	struct edit e = {.r = r, .how = how, .other = other};
	size_t start = out->n;

	switch (how) {
	case T_WHOLE:
	case T_LONGER:
	case T_OCTETS:
		sp_buf_add_bytes(out, der);
		if (how == T_LONGER)
			sp_buf_add(out, der.p, 1 + t_random_below(r, 64 < der.n ? 64 : der.n));
		if (how == T_OCTETS)
			other_octets(r, out->p + start, der.n);
		break;
	case T_TRUNCATED:
		sp_buf_add(out, der.p, 1 + t_random_below(r, der.n - 1));
		break;
	case T_LENGTH:
	case T_TAG:
		change_header(r, der, how == T_LENGTH, out);
		break;
	case T_DOUBLED:
		double_octets(r, der, out);
		break;
	default:
		e.piece = any_piece(r, how, der);
		put_elements(&e, der, out);
	}
	assert_false(out->failed);
}
