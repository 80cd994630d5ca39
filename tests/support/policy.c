#include "tests/support/policy.h"

#include "tests/support/home.h"

#include <stdio.h>
#include <stdlib.h>

const char *const t_shipped[] = {"demo.yaml", "production.yaml", "classic-1997.yaml", NULL};

char *
t_file(const char *path)
{
	const char *top = getenv("TEST_TOP");
	struct sp_buf b = {0};
	char full[1024], block[4096], *text;
	size_t n;
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", top != NULL ? top : ".", path);
	if ((f = fopen(full, "rb")) == NULL)
		fail_msg("cannot read %s", full);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		sp_buf_add(&b, block, n);
	fclose(f);
	assert_non_null(text = malloc(b.n + 1));
	if (b.n > 0)
		memcpy(text, b.p, b.n);
	text[b.n] = '\0';
	sp_buf_free(&b);
	return text;
}

enum setpki_code
t_policy_text(const char *text, size_t n, struct ca_policy **out, struct setpki_error *err)
{
	return ca_policy_read(t_ctx(), sp_bytes(text, n), "p.yaml", out, err);
}

struct ca_policy *
t_policy_good(const char *text)
{
	struct setpki_error err = {0};
	struct ca_policy *p;

	t_ok(t_policy_text(text, strlen(text), &p, &err), &err);
	assert_non_null(p);
	return p;
}

const char *
t_policy_refusal(const struct setpki_error *err, char *out, size_t cap)
{
	const char *object = err->object;

	if (strncmp(object, "p.yaml", 6) == 0)
		object += object[6] == ':' ? 7 : 6;
	snprintf(
	    out, cap, "%s %s%s%s", setpki_code_name(err->code), object, object[0] != '\0' ? ": " : "", err->message);
	return out;
}

char *
t_replaced(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	size_t head, size;
	char *out;

	if (at == NULL)
		fail_msg("'%s' does not occur", from);
	head = (size_t)(at - text);
	size = strlen(text) - strlen(from) + strlen(to) + 1;
	assert_non_null(out = malloc(size));
	snprintf(out, size, "%.*s%s%s", (int)head, text, to, at + strlen(from));
	return out;
}
