/* Hostile and broken YAML: what is not plain mappings, lists and scalars is refused, where it stands. */
#include "ca/policy/node.h"
#include "lib/base/limits.h"
#include "tests/support/policy.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXT(s) (s), sizeof(s) - 1

static struct row {
	const char *name;
	const char *text;
	size_t n;
	const char *want;
} rows[] = {
    {"empty", TEXT(""), "PARSE empty: policies/demo.yaml shows what a policy looks like"},
    {"comments_alone", TEXT("# nothing\n\n"), "PARSE empty: policies/demo.yaml shows what a policy looks like"},
    {"nul_byte", TEXT("policy: a\0b\n"), "PARSE 1:10: a control character: a policy is plain text"},
    {"nul_escape", TEXT("policy: \"a\\0b\"\n"), "PARSE 1:9: a NUL character in a text"},
    {"byte_order_mark", TEXT("\xef\xbb\xbfpolicy: a\n"),
	"PARSE 1:1: begins with a byte-order mark: save the file as UTF-8 without one"},
    {"utf16", TEXT("\xff\xfep\0o\0l\0"), "PARSE 1:1: not UTF-8: save the file as plain UTF-8 text"},
    {"latin1", TEXT("policy: a\nsuite: m\xfcnster\n"), "PARSE 2:9: not UTF-8: save the file as plain UTF-8 text"},
    {"overlong_utf8", TEXT("policy: \xc0\xaf\n"), "PARSE 1:9: not UTF-8: save the file as plain UTF-8 text"},
    {"surrogate", TEXT("policy: \xed\xa0\x80\n"), "PARSE 1:9: not UTF-8: save the file as plain UTF-8 text"},
    {"cut_utf8", TEXT("policy: \xe2\x82"), "PARSE 1:9: not UTF-8: save the file as plain UTF-8 text"},
    {"escape_sequence", TEXT("policy: \x1b[2J\n"), "PARSE 1:9: a control character: a policy is plain text"},
    {"delete_character", TEXT("policy: \x7f\n"), "PARSE 1:9: a control character: a policy is plain text"},
    {"lone_carriage_return", TEXT("policy: a\rsuite: modern\n"),
	"PARSE 1:10: a control character: a policy is plain text"},
    {"line_end_that_editors_do_not_show", TEXT("# harmless\xc2\x85policy: a\n"),
	"PARSE 1:11: a control character: a policy is plain text"},
    {"line_separator", TEXT("# harmless\xe2\x80\xa8policy: a\n"),
	"PARSE 1:11: a control character: a policy is plain text"},
    {"right_to_left_override",
	TEXT("policy: \xe2\x80\xae"
	     "a\n"),
	"PARSE 1:9: a control character: a policy is plain text"},
    {"isolate",
	TEXT("policy: \xe2\x81\xa6"
	     "a\n"),
	"PARSE 1:9: a control character: a policy is plain text"},
    {"byte_order_mark_inside", TEXT("policy: a\n\xef\xbb\xbfsuite: b\n"),
	"PARSE 2:1: a control character: a policy is plain text"},
    {"columns_are_characters", TEXT("policy: \xc3\xa9\xc3\xa9\x01\n"),
	"PARSE 1:11: a control character: a policy is plain text"},
    {"anchor", TEXT("policy: &x a\n"), "PARSE 1:9: anchor '&x': a policy says everything where it holds; remove it"},
    {"anchor_on_a_mapping", TEXT("root: &r\n  name: a\n"),
	"PARSE 1:7: anchor '&r': a policy says everything where it holds; remove it"},
    {"anchor_on_a_list", TEXT("forms: &f [a]\n"),
	"PARSE 1:8: anchor '&f': a policy says everything where it holds; remove it"},
    {"alias", TEXT("policy: *x\n"),
	"PARSE 1:9: alias '*x': a policy says everything where it holds; write the value out"},
    {"billion_laughs", TEXT("a: &a [l, l]\nb: &b [*a, *a]\nc: [*b, *b]\n"),
	"PARSE 1:4: anchor '&a': a policy says everything where it holds; remove it"},
    {"merge_key", TEXT("root:\n  <<: {name: a}\n"),
	"PARSE 2:3: merge key '<<': a policy says everything where it holds; write the keys out"},
    {"tag", TEXT("policy: !!str a\n"),
	"PARSE 1:9: tag 'tag:yaml.org,2002:str': types come from the keys of a policy; remove it"},
    {"tag_of_python", TEXT("policy: !!python/object/apply:os.system [ls]\n"),
	"PARSE 1:9: tag 'tag:yaml.org,2002:python/object/apply:os.system': types come from the keys of a policy; "
	"remove "
	"it"},
    {"tag_on_a_mapping", TEXT("root: !x {}\n"), "PARSE 1:7: tag '!x': types come from the keys of a policy; remove it"},
    {"tag_that_says_nothing", TEXT("policy: ! a\n"),
	"PARSE 1:9: tag '!': types come from the keys of a policy; remove it"},
    {"yaml_directive", TEXT("%YAML 1.1\n---\npolicy: a\n"),
	"PARSE 1:1: a % directive: a policy has none; remove the line"},
    {"tag_directive", TEXT("%TAG ! tag:x,2000:\n---\npolicy: a\n"),
	"PARSE 1:1: a % directive: a policy has none; remove the line"},
    {"second_document", TEXT("policy: a\n---\npolicy: b\n"),
	"PARSE 2:1: a second document begins here: one file is one policy"},
    {"list_as_a_key", TEXT("? [a, b]\n: c\n"), "PARSE 1:3: a mapping or list cannot be a key"},
    {"mapping_as_a_key", TEXT("{a: b}: c\n"), "PARSE 1:1: a mapping or list cannot be a key"},
    {"empty_key", TEXT("\"\": a\n"), "PARSE 1:1: a key without a name"},
    {"null_key", TEXT("? \n: a\n"), "PARSE 1:2: a key without a name"},
    {"tab_for_indentation", TEXT("root:\n\tname: a\n"),
	"PARSE 2:1: not YAML: found character that cannot start any token, while scanning for the next token (begun at "
	"line 2): look at the indentation and the colons here and just above"},
    {"open_quote", TEXT("policy: \"a\nsuite: modern\n"),
	"PARSE 3:1: not YAML: found unexpected end of stream, while scanning a quoted scalar (begun at line 1): look "
	"at "
	"the indentation and the colons here and just above"},
    {"open_bracket", TEXT("policy: [a\n"),
	"PARSE 2:1: not YAML: did not find expected ',' or ']', while parsing a flow sequence (begun at line 1): look "
	"at "
	"the indentation and the colons here and just above"},
    {"indented_back_too_little", TEXT("root:\n    name: a\n  crl: b\n"),
	"PARSE 3:3: not YAML: did not find expected key, while parsing a block mapping (begun at line 1): look at the "
	"indentation and the colons here and just above"},
    {"colon_in_a_text", TEXT("policy: a: b\n"),
	"PARSE 1:10: not YAML: mapping values are not allowed in this context: look at the indentation and the colons "
	"here and just above"},
};

static void
is_refused(void **state)
{
	struct row *r = *state;
	struct setpki_error err = {0};
	struct ca_policy *p = NULL;
	enum setpki_code rc = t_policy_text(r->text, r->n, &p, &err);
	char got[1024];

	assert_null(p);
	assert_int_equal(rc, err.code);
	assert_string_equal(t_policy_refusal(&err, got, sizeof(got)), r->want);
}

/* --- too much of everything --------------------------------------------------------------------------------- */

static void
check_big(struct sp_buf *b, enum setpki_code code, const char *object, const char *message)
{
	struct setpki_error err = {0};
	struct ca_policy *p = NULL;

	assert_false(b->failed);
	t_code(t_policy_text((const char *)b->p, b->n, &p, &err), code, &err);
	assert_string_equal(err.object, object);
	assert_string_equal(err.message, message);
	sp_buf_free(b);
}

static void
too_many_bytes(void **state)
{
	struct sp_buf b = {0};

	(void)state;
	while (b.n <= SP_POLICY_MAX)
		sp_buf_add_str(&b, "# a comment is a part of the file too\n");
	check_big(&b, SETPKI_E_LIMIT, "p.yaml", "262162 bytes: a policy has at most 262144");
}

static void
too_deep(void **state)
{
	struct sp_buf flow = {0}, block = {0};

	(void)state;
	for (int i = 0; i < 100000; i++)
		sp_buf_add_byte(&flow, '[');
	check_big(&flow, SETPKI_E_LIMIT, "p.yaml:1:25", "nested deeper than 24 levels");
	for (int i = 0; i < 40; i++)
		sp_buf_printf(&block, "%*sa:\n", i, "");
	check_big(&block, SETPKI_E_LIMIT, "p.yaml:25:25", "nested deeper than 24 levels");
}

static void
too_many_values(void **state)
{
	struct sp_buf b = {0};

	(void)state;
	sp_buf_add_str(&b, "x: [");
	for (unsigned i = 0; i < SP_POLICY_NODES_MAX; i++)
		sp_buf_add_str(&b, "a,\n");
	sp_buf_add_str(&b, "a]\n");
	check_big(&b, SETPKI_E_LIMIT, "p.yaml:19999:1", "more than 20000 values: a policy has at most that many");
}

static void
a_key_longer_than_any(void **state)
{
	struct sp_buf b = {0};
	struct setpki_error err = {0};
	struct ca_policy *p = NULL;

	(void)state;
	for (int i = 0; i < 500; i++)
		sp_buf_add_str(&b, "ab");
	sp_buf_add_str(&b, ": c\n");
	t_code(t_policy_text((const char *)b.p, b.n, &p, &err), SETPKI_E_POLICY, &err);
	assert_int_equal(strncmp(err.object, "p.yaml:1:1: abab", 16), 0);
	assert_int_equal(strncmp(err.message, "unknown key 'abab", 17), 0);
	sp_buf_free(&b);
}

/* --- what is plain YAML all the same --------------------------------------------------------------------------- */

static void
check_accepted(char *text)
{
	struct ca_policy *p = t_policy_good(text);

	assert_int_equal(p->ncas, 6);
	ca_policy_free(p);
	free(text);
}

static void
other_line_ends_and_styles_are_read(void **state)
{
	char *demo = t_file("policies/demo.yaml");
	struct sp_buf crlf = {0};

	(void)state;
	for (const char *c = demo; *c != '\0'; c++) {
		if (*c == '\n')
			sp_buf_add_byte(&crlf, '\r');
		sp_buf_add_byte(&crlf, (uint8_t)*c);
	}
	sp_buf_add_byte(&crlf, '\0');
	check_accepted(strdup((const char *)crlf.p));
	sp_buf_free(&crlf);
	check_accepted(t_replaced(demo, "policy: demo", "---\npolicy: demo"));
	check_accepted(t_replaced(demo, "policy: demo", "'policy': demo"));
	check_accepted(t_replaced(demo, "  email: policy@set.example", "  email: policy@set.example # to whom"));
	check_accepted(t_replaced(demo, "  crl:\n    every: 30d\n    valid: 60d", "  crl: {every: 30d, valid: 60d}"));
	check_accepted(t_replaced(demo, "signature: [P-256, RSA-2048]", "signature:\n                    - P-256"));
	check_accepted(t_replaced(demo, "text: Your telephone banking", "text: \"Your t\\u00e9l\\u00e9phone\" #"));
	free(demo);
}

int
main(void)
{
	struct CMUnitTest tests[NELEMS(rows) + 5] = {
	    cmocka_unit_test(too_many_bytes),
	    cmocka_unit_test(too_deep),
	    cmocka_unit_test(too_many_values),
	    cmocka_unit_test(a_key_longer_than_any),
	    cmocka_unit_test(other_line_ends_and_styles_are_read),
	};

	for (size_t i = 0; i < NELEMS(rows); i++)
		tests[5 + i] = (struct CMUnitTest){rows[i].name, is_refused, NULL, NULL, &rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
