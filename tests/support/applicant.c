#include "tests/support/applicant.h"

#include "tests/support/check.h"
#include "tests/support/cli.h"
#include "tests/support/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NOW_TEXT "2026-06-01T12:00:00Z" /* REG_NOW */

struct registry applicant_regs[2];

const struct applicant_role applicant_roles[ROLES] = {
    {"cardholder", "cardholder --expiry 203012 --pan-fd 3 3<pan.txt",
	"chain.pem pan-secret root.pem signature.cer signature.key state.json"},
    {"merchant", "merchant --bin " REG_BIN " --merchant-id " REG_MERCHANT_ID,
	"chain.pem key-exchange.cer key-exchange.key root.pem signature.cer signature.key state.json"},
    {"gateway", "gateway --bin " REG_BIN,
	"chain.pem key-exchange.cer key-exchange.key root.pem signature.cer signature.key state.json"},
};

int
applicant_setup(void **state)
{
	setpki_ctx *ctx;

	(void)state;
	t_ok(setpki_ctx_new(NULL, &ctx, NULL), NULL);
	reg_make(&applicant_regs[0], ctx, SETPKI_SUITE_CLASSIC);
	reg_make(&applicant_regs[1], ctx, SETPKI_SUITE_MODERN);
	return 0;
}

int
applicant_teardown(void **state)
{
	setpki_ctx *ctx = applicant_regs[0].ctx;

	(void)state;
	reg_free(&applicant_regs[0]);
	reg_free(&applicant_regs[1]);
	reg_stop();
	setpki_ctx_free(ctx);
	return 0;
}

void
write_text(const char *name, const char *text)
{
	scratch_write(name, sp_bytes(text, strlen(text)), 0600);
}

/* A folder of its own, with what a command line may name. */
void
applicant_enter(const char *name, const struct registry *reg)
{
	cli_enter(name);
	cli_clock(NOW_TEXT);
	unsetenv("http_proxy");
	scratch_write("root.cer", reg->c[REG_ROOT].der, 0600);
	scratch_write("first.cer", reg->c[REG_FIRST].der, 0600);
	write_text("pan.txt", APPLICANT_PAN "\n");
	write_text("pass.txt", "of a wallet\n");
	write_text(
	    "answers.json", "{\"agree\": true, \"fields\": {\"fullName\": \"Alice\", \"Pass phrase\": \"sesame\"}}");
}

void
applicant_begin(struct applicant *w, const char *name, struct registry *reg)
{
	applicant_enter(name, reg);
	desk_open(&w->desk, reg);
}

void
applicant_serve(struct applicant *w, const enum counter_act *acts)
{
	static const enum counter_act fine[] = {COUNTER_ANSWER};

	counter_open(&w->counter, &w->desk, REG_NOW, acts != NULL ? acts : fine);
	setenv("URL", w->counter.url, 1);
}

void
applicant_end(struct applicant *w)
{
	counter_close(&w->counter);
	desk_close(&w->desk);
}

bool
same_posts(unsigned a, unsigned b)
{
	char name[2][32], *text[2];
	size_t n[2];
	bool same;

	for (int i = 0; i < 2; i++) {
		snprintf(name[i], sizeof(name[i]), "post-%u", i == 0 ? a : b);
		assert_non_null(text[i] = cli_slurp(name[i], &n[i]));
	}
	same = n[0] == n[1] && memcmp(text[0], text[1], n[0]) == 0;
	free(text[0]);
	free(text[1]);
	return same;
}

void
has_posts(unsigned n)
{
	char name[32];

	snprintf(name, sizeof(name), "post-%u", n);
	assert_int_equal(access(name, F_OK), 0);
	snprintf(name, sizeof(name), "post-%u", n + 1);
	assert_int_not_equal(access(name, F_OK), 0);
}

/* Only these files, for nobody else to read; nothing of the card in them. */
void
is_tidy(const char *dir, const char *files)
{
	char *list = cli_expect(0, "cd %s && echo $(ls -p | grep -v /)", dir);

	assert_int_equal(strncmp(list, files, strlen(files)), 0);
	assert_string_equal(list + strlen(files), "\n");
	free(list);
	cli_ok("test -z \"$(find %s -perm /077)\" && ! grep -rq '%s\\|sesame' %s", dir, APPLICANT_PAN, dir);
}
