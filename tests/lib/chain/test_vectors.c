/* The cases of tests/vectors/chain, with the public interface alone: files in, answer out. */
#include "tests/support/chain_case.h"
#include "tests/support/scratch.h"

#include <setpki/chain.h>
#include <setpki/object.h>
#include <stdlib.h>

#define CASES 320
#define WORD 96

struct vector {
	const char *suite; /* the folder */
	char name[WORD], trust[WORD], thumb[WORD], files[1024], leaf[WORD], signer_for[WORD], brand[WORD], id[WORD];
	struct setpki_chain_ask ask;
	uint64_t seen;
	enum setpki_verdict verdict;
	int depth;
};

static struct vector vectors[CASES];
static size_t nvectors;
static setpki_ctx *ctx;

/* --- the table --------------------------------------------------------------------------------------------- */

static int
index_of(const char *word, const char *const list[3])
{
	int i;

	for (i = 0; i < 3; i++)
		if (strcmp(word, list[i]) == 0)
			return i;
	return -1;
}

static enum setpki_kind
kind_of(const char *name)
{
	enum setpki_kind k;

	for (k = SETPKI_KIND_NONE; k < SETPKI_KIND_N; k++)
		if (strcmp(setpki_kind_name(k), name) == 0)
			return k;
	return SETPKI_KIND_NONE;
}

static bool
keep(char *out, size_t cap, const char *value)
{
	return (size_t)snprintf(out, cap, "%s", value) < cap;
}

static bool
set_words(struct vector *v, const char *word, const char *value)
{
	const struct {
		const char *word;
		char *out;
		size_t cap;
	} words[] = {{"trust", v->trust, WORD}, {"thumb", v->thumb, WORD}, {"files", v->files, sizeof(v->files)},
	    {"leaf", v->leaf, WORD}, {"signer-for", v->signer_for, WORD}, {"brand", v->brand, WORD}};
	size_t i;

	for (i = 0; i < NELEMS(words); i++)
		if (strcmp(word, words[i].word) == 0)
			return keep(words[i].out, words[i].cap, value);
	return false;
}

static bool
set_rest(struct vector *v, const char *word, const char *value)
{
	int i;

	if (strcmp(word, "at") == 0)
		return setpki_time_parse(value, &v->ask.at, NULL) == SETPKI_E_OK;
	if (strcmp(word, "signed-at") == 0)
		return setpki_time_parse(value, &v->ask.signed_at, NULL) == SETPKI_E_OK;
	if (strcmp(word, "suite") == 0)
		return (v->ask.suite = strcmp(value, "classic") == 0 ? SETPKI_SUITE_CLASSIC : SETPKI_SUITE_NONE) != 0;
	if (strcmp(word, "type") == 0)
		return (v->ask.type = setpki_type_by_name(value)) != 0;
	if (strcmp(word, "kind") == 0)
		return (v->ask.kind = kind_of(value)) != SETPKI_KIND_NONE;
	if (strcmp(word, "seen") == 0)
		return (v->seen = strtoull(value, NULL, 10)) != 0;
	if (strcmp(word, "finding") == 0)
		return sscanf(value, "%95s %d", v->id, &v->depth) == 2;
	if (strcmp(word, "verdict") == 0 && (i = index_of(value, chain_case_verdicts)) >= 0)
		return v->verdict = (enum setpki_verdict)i, true;
	if (strcmp(word, "revocation") == 0 && (i = index_of(value, chain_case_revocations)) >= 0)
		return v->ask.revocation = (enum setpki_revocation)i, true;
	return false;
}

/* "word value"; a case begins with its name. */
static bool
read_line(const char *suite, char *line)
{
	char *value;

	line[strcspn(line, "\n")] = '\0';
	if (line[0] == '\0' || line[0] == '#')
		return true;
	if ((value = strchr(line, ' ')) == NULL)
		return false;
	*value++ = '\0';
	if (strcmp(line, "case") != 0)
		return nvectors > 0 &&
		    (set_words(&vectors[nvectors - 1], line, value) || set_rest(&vectors[nvectors - 1], line, value));
	if (nvectors == CASES)
		return false;
	vectors[nvectors] = (struct vector){.suite = suite};
	return keep(vectors[nvectors++].name, WORD, value);
}

static const char *
path_of(const char *suite, const char *file)
{
	static char path[1024];
	const char *top = getenv("TEST_TOP");

	snprintf(path, sizeof(path), "%s/tests/vectors/chain/%s/%s", top != NULL ? top : ".", suite, file);
	return path;
}

static bool
read_table(const char *suite)
{
	FILE *f = fopen(path_of(suite, "cases.txt"), "r");
	char line[1200];
	bool good = f != NULL;

	while (good && fgets(line, sizeof(line), f) != NULL)
		if (!(good = read_line(suite, line)))
			fprintf(stderr, "%s: not understood: %s\n", path_of(suite, "cases.txt"), line);
	if (f != NULL)
		fclose(f);
	return good;
}

/* --- one case ---------------------------------------------------------------------------------------------- */

/* The one object of a file; its bytes live until the list is freed and the next file is read. */
static setpki_bytes
open_file(const struct vector *v, const char *name, struct setpki_objects *list)
{
	struct setpki_error err = {0};

	*list = (struct setpki_objects){0};
	t_ok(setpki_objects_read(scratch_read(path_of(v->suite, name)), list, &err), &err);
	assert_int_equal(list->n, 1);
	return list->v[0].der;
}

static void
add_files(const struct vector *v, setpki_pool *pool)
{
	char names[sizeof(v->files)], *save = NULL, *name;
	struct setpki_objects list;
	struct setpki_error err = {0};

	memcpy(names, v->files, sizeof(names));
	for (name = strtok_r(names, " ", &save); name != NULL; name = strtok_r(NULL, " ", &save)) {
		open_file(v, name, &list);
		t_ok(setpki_pool_add(pool, &list.v[0], name, &err), &err);
		setpki_objects_free(&list);
	}
}

static void
add_trust(const struct vector *v, setpki_pool *pool)
{
	struct setpki_objects list;
	struct setpki_error err = {0};
	uint8_t thumb[32];
	size_t n;

	if (v->thumb[0] != '\0') {
		t_ok(setpki_hex_parse(v->thumb, thumb, sizeof(thumb), &n, &err), &err);
		t_ok(setpki_pool_trust_thumb(pool, (setpki_bytes){thumb, n}, &err), &err);
	}
	if (v->trust[0] == '\0')
		return;
	t_ok(setpki_pool_trust(pool, open_file(v, v->trust, &list), v->trust, &err), &err);
	setpki_objects_free(&list);
}

static bool
as_expected(const struct vector *v, const struct setpki_chain_result *res)
{
	size_t i;

	if (res->verdict != v->verdict)
		return false;
	for (i = 0; i < res->findings.n; i++)
		if (strcmp(res->findings.v[i].rule->id, v->id) == 0 && res->findings.v[i].depth == v->depth)
			return true;
	return v->id[0] == '\0' && res->findings.n == 0;
}

static void
check_leaf(const struct vector *v, setpki_pool *pool, const struct setpki_chain_ask *ask)
{
	struct setpki_chain_result res;
	struct setpki_objects list;
	struct setpki_error err = {0};
	size_t i;

	t_ok(setpki_chain_verify(pool, open_file(v, v->leaf, &list), ask, &res, &err), &err);
	if (!as_expected(v, &res)) {
		for (i = 0; i < res.findings.n; i++)
			print_error("%s depth %d: %s\n", res.findings.v[i].rule->id, res.findings.v[i].depth,
			    res.findings.v[i].text);
		fail_msg("%s, where %s with '%s' is expected", chain_case_verdicts[res.verdict],
		    chain_case_verdicts[v->verdict], v->id);
	}
	setpki_chain_result_free(&res);
	setpki_objects_free(&list);
}

static void
run_case(void **state)
{
	const struct vector *v = *state;
	struct setpki_chain_ask ask = v->ask;
	struct setpki_error err = {0};
	setpki_bytes signer = {NULL, 0};
	struct setpki_objects list = {0};
	uint8_t *kept = NULL;
	setpki_pool *pool;

	assert_true(v->leaf[0] != '\0' && v->ask.at != 0);
	if (strcmp(v->suite, "rfc5280") == 0)
		t_ok(setpki_pool_new_rfc5280(ctx, &pool, &err), &err);
	else
		t_ok(setpki_pool_new(ctx, &pool, &err), &err);
	add_trust(v, pool);
	add_files(v, pool);
	if (v->seen != 0)
		t_ok(setpki_pool_set_sequence(pool, "Testcard", v->seen, &err), &err);
	ask.brand = v->brand[0] == '\0' ? NULL : v->brand;
	if (v->signer_for[0] != '\0') {
		signer = open_file(v, v->signer_for, &list);
		assert_non_null(kept = malloc(signer.n));
		memcpy(kept, signer.p, signer.n);
		ask.signer_for = (setpki_bytes){kept, signer.n};
	}
	check_leaf(v, pool, &ask);
	setpki_objects_free(&list);
	setpki_pool_free(pool);
	free(kept);
}

/* "chain.limit" needs more certificates than should be kept (test_paths.c). */
static void
every_id_has_a_case(void **state)
{
	const struct setpki_rule *rules;
	size_t i, j, n;

	(void)state;
	rules = setpki_rules(&n);
	for (i = 0; i < n; i++) {
		if (strncmp(rules[i].id, "chain.", 6) != 0 || strcmp(rules[i].id, "chain.limit") == 0)
			continue;
		for (j = 0; j < nvectors; j++)
			if (strcmp(vectors[j].id, rules[i].id) == 0)
				break;
		if (j == nvectors)
			fail_msg("no case yields %s", rules[i].id);
	}
}

static int
start(void **state)
{
	(void)state;
	return setpki_ctx_new(NULL, &ctx, NULL) == SETPKI_E_OK ? 0 : -1;
}

static int
stop(void **state)
{
	(void)state;
	setpki_ctx_free(ctx);
	return 0;
}

int
main(void)
{
	static struct CMUnitTest t[CASES + 1];
	static char names[CASES][2 * WORD];
	size_t i;

	if (!read_table("modern") || !read_table("classic") || !read_table("rfc5280"))
		return 1;
	for (i = 0; i < nvectors; i++) {
		snprintf(names[i], sizeof(names[i]), "%s.%s", vectors[i].suite, vectors[i].name);
		t[i] = (struct CMUnitTest){names[i], run_case, NULL, NULL, &vectors[i]};
	}
	t[nvectors] = (struct CMUnitTest){"every_id_has_a_case", every_id_has_a_case, NULL, NULL, NULL};
	return _cmocka_run_group_tests("chain_vectors", t, nvectors + 1, start, stop);
}
