/* setca show on SET messages: every recorded one (tests/vectors/message), with keys and without; what it refuses; and
 * that no secret is ever printed. */
#include "tests/support/check.h"
#include "tests/support/cli.h"

#include "lib/asn1/arm.h"
#include "lib/asn1/certreq.h"
#include "lib/crypto/enc.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define VECTORS "$TEST_TOP/tests/vectors/message"
#define CARD "modern/cardholder"

/* --- what must not be printed ------------------------------------------------------------------------------------- */

/* The secrets of the recorded cardholders: PANData0, back key, and an answer of the form. */
struct secrets {
	const char *suite;
	setpki_bytes back_key;
	struct sp_opened opened;
	void *beside, *data;
};
static struct secrets secrets[2] = {{.suite = "classic"}, {.suite = "modern"}};

static EVP_PKEY *
read_key(const char *suite)
{
	char path[4096];
	EVP_PKEY *key;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/vectors/message/%s/cardholder/exchange.pem", getenv("TEST_TOP"), suite);
	assert_non_null(f = fopen(path, "r"));
	assert_non_null(key = PEM_read_PrivateKey(f, NULL, NULL, NULL));
	fclose(f);
	return key;
}

static void
open_request(setpki_ctx *ctx, struct secrets *s, const SP_CERT_REQ *request)
{
	const struct sp_seal seal = {SP_CT_CERT_REQ_TBEX, SP_EXTRA_PAN_DATA0, false, false};
	struct setpki_party me = {.key = read_key(s->suite)};
	setpki_bytes envelope = sp_str(request->value.encx);
	struct sp_buf issuer = {0};
	struct setpki_error err = {0};
	struct sp_signer to;

	t_ok(sp_envelope_recipient(envelope, &to, &issuer, &err), &err);
	me.issuer = to.issuer;
	me.serial = sp_signer_serial(&to);
	t_ok(sp_envelope_open(ctx, setpki_suite_by_name(s->suite), &me, &seal, envelope, &s->opened, &err), &err);
	t_ok(sp_type_decode(&sp_type_signed_beside, s->opened.t, &s->beside, &err), &err);
	t_ok(sp_type_decode(&sp_type_cert_req_data, sp_str(((SP_SIGNED_BESIDE *)s->beside)->t), &s->data, &err), &err);
	s->back_key = sp_str(((SP_CERT_REQ_DATA *)s->data)->back_key->key);
	EVP_PKEY_free(me.key);
	sp_buf_free(&issuer);
}

static void
read_secrets(setpki_ctx *ctx, struct secrets *s)
{
	char path[4096], *der;
	struct sp_message m;
	struct setpki_error err = {0};
	void *request;
	size_t n;

	snprintf(
	    path, sizeof(path), "%s/tests/vectors/message/%s/cardholder/05-CertReq.der", getenv("TEST_TOP"), s->suite);
	assert_non_null(der = cli_slurp(path, &n));
	t_ok(sp_message_read(sp_bytes(der, n), &m, &err), &err);
	t_ok(sp_type_decode(&sp_type_cert_req, m.pdu, &request, &err), &err);
	open_request(ctx, s, request);
	sp_type_free(&sp_type_cert_req, request);
	sp_message_free(&m);
	free(der);
}

static void
not_printed(const char *text, setpki_bytes secret, const char *what)
{
	char hex[SETPKI_HEX_TEXT(128)];

	assert_in_range(secret.n, 4, 128);
	if (strstr(text, setpki_hex_text(secret, hex)) != NULL ||
	    memmem(text, strlen(text), secret.p, secret.n) != NULL)
		fail_msg("%s is printed", what);
}

static void
no_secret_in(const char *text)
{
	for (size_t i = 0; i < NELEMS(secrets); i++) {
		const SP_CERT_REQ_DATA *d = secrets[i].data;
		void *object;
		SP_PAN_DATA0 *p;

		t_ok(sp_type_decode(&sp_type_pan_data0, sp_buf_bytes(&secrets[i].opened.p), &object, NULL), NULL);
		p = object;
		not_printed(text, sp_str(p->pan), "a PAN");
		not_printed(text, sp_str(p->card_secret), "CardSecret");
		not_printed(text, sp_str(p->ex_nonce), "exNonce");
		not_printed(text, secrets[i].back_key, "a back key");
		not_printed(text, sp_str(sk_SP_FORM_ITEM_value(d->form, 0)->value), "an answer of the form");
		sp_type_free(&sp_type_pan_data0, object);
	}
}

/* --- every message ------------------------------------------------------------------------------------------------ */

/* Keys as setca takes them, in the folder of the test: SUITE-WHO.key, SUITE.back. */
static void
write_keys(void)
{
	char hex[SETPKI_HEX_TEXT(SP_BACK_KEY_MAX)], path[64];
	FILE *f;

	cli_ok(
	    "umask 077; for s in classic modern; do for w in cardholder merchant gateway-renewal merchant-refused; do "
	    "openssl pkcs8 -topk8 -nocrypt -in " VECTORS "/$s/$w/exchange.pem -out $s-$w.key || exit 1; done; done");
	for (size_t i = 0; i < NELEMS(secrets); i++) {
		snprintf(path, sizeof(path), "%s.back", secrets[i].suite);
		assert_non_null(f = fopen(path, "w"));
		fprintf(f, "%s\n", setpki_hex_text(secrets[i].back_key, hex));
		assert_int_equal(fclose(f), 0);
		assert_int_equal(chmod(path, 0600), 0);
	}
}

/* CertInqRes is under the back key too; merchants and gateways have none, and the option does no harm. */
#define EVERY_MESSAGE                                                                                                  \
	"for s in classic modern; do for w in cardholder merchant gateway-renewal merchant-refused; do for f "         \
	"in " VECTORS "/$s/$w/*.der; do "

static void
every_recorded_message_is_shown(void **state)
{
	char *text;

	(void)state;
	text = cli_expect(0,
	    EVERY_MESSAGE "setca show --key $s-$w.key --back-key-file $s.back $f || exit 1; "
			  "setca --json show --key $s-$w.key --back-key-file $s.back $f || exit 1; done; done; done");
	no_secret_in(text);
	assert_non_null(strstr(text, "412345******0008"));
	assert_null(strstr(text, "verifies                false"));
	free(text);
	text = cli_expect(0, EVERY_MESSAGE "setca show $f || exit 1; done; done; done");
	no_secret_in(text);
	assert_null(strstr(text, "decrypted"));
	free(text);
}

/* Each is opened as far as its name says. */
static void
what_is_encrypted_is_opened(void **state)
{
	(void)state;
	cli_ok(EVERY_MESSAGE
	    "case $f in *CertReq.der|*RegFormReq.der|*/cardholder/*CertRes.der|*/cardholder/*CertInqRes.der) "
	    "setca show --key $s-$w.key --back-key-file $s.back $f | grep -q decrypted || "
	    "{ echo $f >&2; exit 1; };; esac; done; done; done");
}

static void
json_is_well_formed(void **state)
{
	(void)state;
	cli_ok(EVERY_MESSAGE
	    "k=$(basename $f .der); printf '%%s ' ${k#*-}; setca --json show --key $s-$w.key $f || exit 1; "
	    "done; done; done >all.txt");
	cli_ok("python3 -c 'import json\n"
	       "lines = open(\"all.txt\").read().splitlines()\n"
	       "assert len(lines) == 52\n"
	       "for line in lines:\n"
	       "    kind, text = line.split(\" \", 1)\n"
	       "    o = json.loads(text)\n"
	       "    assert o[\"schema\"] == \"setca.object/1\" and o[\"message\"][\"kind\"] == kind, line\n"
	       "    assert o[\"message\"][\"messageHeader\"][\"version\"] == 1'");
}

static const struct golden {
	const char *name, *line;
} goldens[] = {
    {"show-certreq", "setca show --key modern-cardholder.key " VECTORS "/" CARD "/05-CertReq.der"},
    {"show-certreq-json", "setca --json show --key modern-cardholder.key " VECTORS "/" CARD "/05-CertReq.der"},
    {"show-certreq-closed", "setca show " VECTORS "/" CARD "/05-CertReq.der"},
    {"show-certreq-classic", "setca show --key classic-merchant.key " VECTORS "/classic/merchant/03-CertReq.der"},
    {"show-certres", "setca show --back-key-file modern.back " VECTORS "/" CARD "/06-CertRes.der"},
    {"show-regformreq", "setca show --key modern-cardholder.key " VECTORS "/" CARD "/03-RegFormReq.der"},
};

static void
prints_golden(void **state)
{
	const struct golden *g = *state;
	char *text = cli_expect(0, "%s", g->line);

	cli_golden(g->name, text);
	free(text);
}

/* --- where keys come from ----------------------------------------------------------------------------------------- */

static void
protected_keys_are_opened(void **state)
{
	(void)state;
	cli_ok("umask 077; echo sesame >pass.txt; openssl pkcs8 -topk8 -v2 aes-256-cbc -passout pass:sesame -in "
	       "modern-cardholder.key -out protected.key");
	cli_ok(
	    "setca show --key protected.key --passphrase-fd 3 " VECTORS "/" CARD "/05-CertReq.der 3<pass.txt | grep -q "
	    "panData0");
	cli_refused(1, "passphrase",
	    "echo wrong | setca show --key protected.key --passphrase-fd 0 " VECTORS "/" CARD "/05-CertReq.der");
	cli_refused(2, "--passphrase-fd", "setca show --key protected.key " VECTORS "/" CARD "/05-CertReq.der");
}

/* The one that fits is found among several. */
static void
keys_are_tried_in_turn(void **state)
{
	(void)state;
	cli_ok("setca show --key classic-cardholder.key --key modern-merchant.key --key modern-cardholder.key " VECTORS
	       "/" CARD "/05-CertReq.der | grep -q '412345\\*\\*\\*\\*\\*\\*0008'");
}

static void
pem_and_standard_input_are_read(void **state)
{
	(void)state;
	cli_ok("{ echo '-----BEGIN SET MESSAGE-----'; openssl base64 -in " VECTORS "/" CARD
	       "/05-CertReq.der; echo '-----END SET MESSAGE-----'; } >certreq.pem");
	cli_ok("setca show certreq.pem >a && setca show - <" VECTORS "/" CARD "/05-CertReq.der >b && cmp a b");
	cli_refused(1, "not what \"CERTIFICATE\" says", "sed 's/SET MESSAGE/CERTIFICATE/' certreq.pem | setca show -");
}

/* --- refusals ----------------------------------------------------------------------------------------------------- */

#define CERTREQ VECTORS "/" CARD "/05-CertReq.der"
#define CERTRES VECTORS "/" CARD "/06-CertRes.der"

static const struct refusal {
	const char *name;
	int status;
	const char *says, *line;
} refusals[] = {
    {"key_of_another", 1, "the envelope cannot be opened", "setca show --key modern-merchant.key " CERTREQ},
    {"key_of_the_other_suite", 1, "the envelope cannot be opened", "setca show --key classic-cardholder.key " CERTREQ},
    {"key_that_does_not_encrypt", 1, "the envelope cannot be opened",
	"umask 077; openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.key && setca show --key "
	"ec.key " CERTREQ},
    {"key_that_others_can_read", 1, "chmod 600",
	"cp modern-cardholder.key open.key && chmod 644 open.key && setca show --key open.key " CERTREQ},
    {"key_that_is_not_there", 3, "nowhere.key", "setca show --key nowhere.key " CERTREQ},
    {"key_that_is_not_pkcs8", 1, "PKCS#8",
	"umask 077; cat " VECTORS "/" CARD "/exchange.pem >rsa.key && setca show --key rsa.key " CERTREQ},
    {"too_many_keys", 2, "at most 16",
	"setca show $(for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do echo --key modern-merchant.key; "
	"done) " CERTREQ},
    {"back_key_of_another", 1, "cannot be decrypted",
	"umask 077; tr 0-9 1-90 <modern.back >other.back; setca show --back-key-file other.back " CERTRES},
    {"back_key_of_the_other_suite", 2, "those of the modern suite have 32",
	"setca show --back-key-file classic.back " CERTRES},
    {"back_key_that_is_not_hex", 2, "hex",
	"umask 077; echo xyz0 >odd.back; setca show --back-key-file odd.back " CERTRES},
    {"back_key_that_is_empty", 2, "no hex digits",
	"umask 077; echo >none.back; setca show --back-key-file none.back " CERTRES},
    {"back_key_that_others_can_read", 1, "chmod 600",
	"cp modern.back open.back && chmod 644 open.back && setca show --back-key-file open.back " CERTRES},
    {"message_cut_short", 1, "cut short", "head -c 900 " CERTREQ " | setca show -"},
    {"message_of_another_kind", 1, "not a SignedData", "setca show renamed.der"},
};

static void
is_refused(void **state)
{
	const struct refusal *r = *state;

	cli_refused(r->status, r->says, "%s", r->line);
}

/* What is around the part that cannot be read is printed, as text and as JSON. */
static void
what_can_be_read_is_printed_first(void **state)
{
	struct cli_result r = {0};

	(void)state;
	for (int json = 0; json < 2; json++) {
		cli_run(&r, "setca %s show --key modern-merchant.key " CERTREQ, json ? "--json" : "");
		assert_int_equal(r.status, 1);
		assert_non_null(strstr(r.out, "messageHeader"));
		assert_non_null(strstr(r.out, "decrypted"));
		no_secret_in(r.out);
		no_secret_in(r.err);
		cli_free(&r);
	}
	cli_ok("setca --json show --key modern-merchant.key " CERTREQ " 2>/dev/null | python3 -c 'import json, sys; "
	       "json.load(sys.stdin)'");
	cli_ok("setca show renamed.der 2>/dev/null | grep -q swIdent");
}

/* Every 7th octet altered: told or refused, and nothing else. */
static void
altered_messages_end_with_0_or_1(void **state)
{
	(void)state;
	cli_ok("python3 - <<'EOF'\n"
	       "import os, subprocess\n"
	       "der = open(os.environ['TEST_TOP'] + '/tests/vectors/message/" CARD "/05-CertReq.der', 'rb').read()\n"
	       "for at in range(0, len(der), 7):\n"
	       "    bad = der[:at] + bytes([der[at] ^ 0x21]) + der[at + 1:]\n"
	       "    p = subprocess.run(['setca', 'show', '--key', 'modern-cardholder.key', '-'], input=bad, "
	       "capture_output=True)\n"
	       "    assert p.returncode in (0, 1), (at, p.returncode, p.stderr)\n"
	       "    assert b'4123450000000008' not in p.stdout + p.stderr, at\n"
	       "EOF");
}

static int
start(void **state)
{
	setpki_ctx *ctx;

	(void)state;
	if (setpki_ctx_new(NULL, &ctx, NULL) != SETPKI_E_OK)
		return -1;
	for (size_t i = 0; i < NELEMS(secrets); i++)
		read_secrets(ctx, &secrets[i]);
	setpki_ctx_free(ctx);
	cli_enter("show");
	write_keys();
	/* CertReq [28] called CertInqReq [30] */
	cli_ok("python3 -c 'import sys; d = open(sys.argv[1], \"rb\").read(); at = d.index(b\"\\xbc\\x82\"); "
	       "open(\"renamed.der\", \"wb\").write(d[:at] + b\"\\xbe\" + d[at + 1:])' " CERTREQ);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(secrets); i++) {
		sp_type_free(&sp_type_cert_req_data, secrets[i].data);
		sp_type_free(&sp_type_signed_beside, secrets[i].beside);
		sp_opened_free(&secrets[i].opened);
	}
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest fixed[] = {
	    cmocka_unit_test(every_recorded_message_is_shown),
	    cmocka_unit_test(what_is_encrypted_is_opened),
	    cmocka_unit_test(json_is_well_formed),
	    cmocka_unit_test(protected_keys_are_opened),
	    cmocka_unit_test(keys_are_tried_in_turn),
	    cmocka_unit_test(pem_and_standard_input_are_read),
	    cmocka_unit_test(what_can_be_read_is_printed_first),
	    cmocka_unit_test(altered_messages_end_with_0_or_1),
	};
	struct CMUnitTest tests[NELEMS(fixed) + NELEMS(goldens) + NELEMS(refusals)];
	size_t n = NELEMS(fixed);

	memcpy(tests, fixed, sizeof(fixed));
	for (size_t i = 0; i < NELEMS(goldens); i++)
		tests[n++] =
		    (struct CMUnitTest){goldens[i].name, prints_golden, NULL, NULL, (void *)(uintptr_t)&goldens[i]};
	for (size_t i = 0; i < NELEMS(refusals); i++)
		tests[n++] =
		    (struct CMUnitTest){refusals[i].name, is_refused, NULL, NULL, (void *)(uintptr_t)&refusals[i]};
	return _cmocka_run_group_tests("show", tests, n, start, stop);
}
