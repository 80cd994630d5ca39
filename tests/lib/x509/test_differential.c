/* 100,000 damaged certificates and CRLs through our reader and OpenSSL's: whatever ours takes, OpenSSL's must take too.
 * The other way round is counted by our reason, and printed. */
#include "tests/support/certs.h"
#include "tests/support/lists.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ROUNDS 50000u
#define MUTANT_MAX 4096u
#define REASONS_MAX 64

/* A generator of its own, so that every run sees the same mutants (Marsaglia's xorshift). */
static uint64_t state;

static uint32_t
draw(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 32) % below;
}

/* --- mutants ----------------------------------------------------------------------------------- */

struct mutant {
	uint8_t p[MUTANT_MAX];
	size_t n;
};

static void
flip(struct mutant *m)
{
	m->p[draw((uint32_t)m->n)] ^= (uint8_t)(1u << draw(8));
}

static void
set(struct mutant *m)
{
	static const uint8_t telling[] = {0x00, 0x01, 0x7f, 0x80, 0x81, 0xff, 0x30, 0x31, 0xa0, 0x24, 0x1f};

	m->p[draw((uint32_t)m->n)] = telling[draw(sizeof(telling))];
}

static void
cut(struct mutant *m)
{
	m->n = 1 + draw((uint32_t)m->n - 1);
}

static void
drop(struct mutant *m)
{
	size_t at = draw((uint32_t)m->n - 1), n = 1 + draw(4);

	if (at + n > m->n)
		n = m->n - at;
	memmove(m->p + at, m->p + at + n, m->n - at - n);
	m->n -= n;
}

static void
insert(struct mutant *m)
{
	size_t at = draw((uint32_t)m->n);

	if (m->n + 1 > MUTANT_MAX)
		return;
	memmove(m->p + at + 1, m->p + at, m->n - at);
	m->p[at] = (uint8_t)draw(256);
	m->n++;
}

static void
swap(struct mutant *m)
{
	size_t a = draw((uint32_t)m->n), b = draw((uint32_t)m->n);
	uint8_t c = m->p[a];

	m->p[a] = m->p[b];
	m->p[b] = c;
}

static void (*const mutations[])(struct mutant *) = {flip, flip, flip, set, cut, drop, insert, swap};

static void
mutate(setpki_bytes base, struct mutant *m)
{
	uint32_t times = 1 + draw(2);

	assert_true(base.n <= MUTANT_MAX);
	memcpy(m->p, base.p, base.n);
	m->n = base.n;
	while (times-- > 0 && m->n > 1)
		mutations[draw(sizeof(mutations) / sizeof(mutations[0]))](m);
}

/* --- counting ---------------------------------------------------------------------------------- */

static struct reason {
	char text[64];
	unsigned n;
} reasons[REASONS_MAX];

static void
count(const struct setpki_error *err)
{
	char text[64];

	/* without numbers, so that like reasons fall together */
	snprintf(text, sizeof(text), "%.60s", err->message);
	text[strcspn(text, "0123456789(")] = '\0';
	for (size_t i = 0; i < REASONS_MAX; i++) {
		if (reasons[i].n != 0 && strcmp(reasons[i].text, text) != 0)
			continue;
		memcpy(reasons[i].text, text, sizeof(text));
		reasons[i].n++;
		return;
	}
}

static void
print_reasons(const char *what)
{
	for (size_t i = 0; i < REASONS_MAX && reasons[i].n != 0; i++)
		print_message("%s that OpenSSL alone takes: %6u  %s\n", what, reasons[i].n, reasons[i].text);
	memset(reasons, 0, sizeof(reasons));
}

/* --- both readers ------------------------------------------------------------------------------ */

static bool
openssl_takes_cert(const struct mutant *m)
{
	const unsigned char *p = m->p;
	X509 *x = d2i_X509(NULL, &p, (long)m->n);
	bool whole = x != NULL && p == m->p + m->n;

	X509_free(x);
	ERR_clear_error();
	return whole;
}

static bool
openssl_takes_crl(const struct mutant *m)
{
	const unsigned char *p = m->p;
	X509_CRL *x = d2i_X509_CRL(NULL, &p, (long)m->n);
	bool whole = x != NULL && p == m->p + m->n;

	X509_CRL_free(x);
	ERR_clear_error();
	return whole;
}

static bool
we_take_cert(const struct mutant *m, struct setpki_error *err)
{
	struct sp_cert c;

	return sp_cert_parse(sp_bytes(m->p, m->n), &c, err) == SETPKI_E_OK;
}

static bool
we_take_crl(const struct mutant *m, struct setpki_error *err)
{
	struct sp_crl c;

	if (sp_crl_parse(certs_ctx(), sp_bytes(m->p, m->n), &c, err) != SETPKI_E_OK)
		return false;
	sp_crl_free(&c);
	return true;
}

static void
compare(const struct sp_buf *bases, size_t n, bool (*ours)(const struct mutant *, struct setpki_error *),
    bool (*theirs)(const struct mutant *), const char *what)
{
	unsigned both = 0;
	struct mutant m;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct setpki_error err = {0};
		bool we, they;

		mutate(sp_buf_bytes(&bases[draw((uint32_t)n)]), &m);
		we = ours(&m, &err);
		they = theirs(&m);
		if (we && !they)
			fail_msg("%s mutant %u: our reader takes it, OpenSSL's does not", what, i);
		both += we && they;
		if (!we && they)
			count(&err);
	}
	print_message("%u mutants of a %s, taken by both: %u\n", ROUNDS, what, both);
	print_reasons(what);
	assert_true(both > 0);
}

static void
certificates(void **unused)
{
	static const enum setpki_kind kinds[] = {
	    SETPKI_KIND_CARD_SIG, SETPKI_KIND_MER_ENC, SETPKI_KIND_PGWY_ENC, SETPKI_KIND_CA_SIGN, SETPKI_KIND_ROOT};
	struct sp_buf bases[10] = {{0}};
	size_t n = 0;

	(void)unused;
	state = 0x9e3779b97f4a7c15u;
	for (size_t i = 0; i < 2 * sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct certs_case c;

		certs_case(&c, i % 2 == 0 ? SETPKI_SUITE_MODERN : SETPKI_SUITE_CLASSIC, kinds[i / 2]);
		certs_make(&c, &bases[n++]);
		certs_case_free(&c);
	}
	compare(bases, n, we_take_cert, openssl_takes_cert, "certificate");
	for (size_t i = 0; i < n; i++)
		sp_buf_free(&bases[i]);
}

static void
crls(void **unused)
{
	struct sp_buf bases[4] = {{0}};

	(void)unused;
	state = 0xd1b54a32d192ed03u;
	for (size_t i = 0; i < 4; i++)
		lists_crl(i % 2 == 0 ? SETPKI_SUITE_MODERN : SETPKI_SUITE_CLASSIC, i < 2 ? 0 : 12, &bases[i]);
	compare(bases, 4, we_take_crl, openssl_takes_crl, "CRL");
	for (size_t i = 0; i < 4; i++)
		sp_buf_free(&bases[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(certificates),
	    cmocka_unit_test(crls),
	};

	return cmocka_run_group_tests(tests, certs_start, certs_stop);
}
