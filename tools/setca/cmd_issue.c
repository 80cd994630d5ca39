/* setca issue cardholder, merchant, gateway. */
#include "ca/file/file.h"
#include "ca/issue/decide.h"
#include "lib/x509/name.h"
#include "tools/common/fail.h"
#include "tools/setca/commands.h"
#include "tools/setca/issue.h"

#include <string.h>

/* --- what came of it --- */

static const struct tc_column explain_columns[] = {
    {"field", "FIELD", SETPKI_VALUE_TEXT, false},
    {"value", "VALUE", SETPKI_VALUE_TEXT, false},
    {"from", "FROM", SETPKI_VALUE_TEXT, false},
    {0},
};

static void
put_explain(struct tc_out *o, const struct ca_explain *e)
{
	size_t i;

	tc_table(o, "setca.issue-explain/1", explain_columns);
	for (i = 0; i < e->n; i++)
		tc_row(o, (const char *const[]){e->v[i].field, e->v[i].value, e->v[i].from});
	tc_table_end(o, NULL, "Issued before: there is nothing to decide.");
}

/* On standard error where the certificate itself goes to standard output. */
static enum setpki_code
show_explain(struct issue *i, const struct ca_explain *e)
{
	struct tc_out *o = i->s->out;

	if (i->s->json || i->a->dry_run || i->a->out != NULL) {
		put_explain(o, e);
		return SETPKI_E_OK;
	}
	if ((o = tc_out_new(stderr, false)) == NULL)
		return tc_fail_memory(SETCA_ERR(i->s));
	put_explain(o, e);
	return tc_out_close(o, SETCA_ERR(i->s));
}

static bool
is_exchange(const struct ca_cert_record *rec)
{
	return rec->kind == SETPKI_KIND_MER_ENC || rec->kind == SETPKI_KIND_PGWY_ENC;
}

/* DIR/signature.cer, or standard output. */
static enum setpki_code
write_certificate(struct issue *i, const struct ca_cert_record *rec, char *path, size_t cap, struct sp_buf *pem)
{
	struct setpki_error *err = SETCA_ERR(i->s);
	enum setpki_code rc;

	path[0] = '\0';
	if ((rc = setca_pem("CERTIFICATE", rec->der, pem, err)) != SETPKI_E_OK)
		return rc;
	if (i->a->out != NULL) {
		snprintf(path, cap, "%s/%s.cer", i->a->out, issue_word(is_exchange(rec)));
		return ca_file_write(path, sp_buf_bytes(pem), 0644, err);
	}
	return i->s->json ? SETPKI_E_OK : setca_write(NULL, sp_buf_bytes(pem), err);
}

static void
report_json(struct issue *i, const struct ca_issue_job *job, const char *subject, const char *path, struct sp_buf *pem)
{
	struct tc_out *o = i->s->out;

	tc_object(o, "setca.issued/1", NULL);
	tc_text(o, "kind", setpki_kind_name((enum setpki_kind)job->out.kind));
	tc_hex(o, "serial", job->out.serial);
	tc_text(o, "subject", subject);
	tc_text(o, "ca", i->ca->name);
	tc_time(o, "notBefore", job->out.not_before);
	tc_time(o, "notAfter", job->out.not_after);
	tc_bool(o, "repeated", job->repeated);
	tc_text(o, "file", path[0] != '\0' ? path : NULL);
	sp_buf_add_byte(pem, '\0');
	tc_text(o, "pem", (const char *)pem->p);
	tc_object_end(o);
}

/* People get this on standard error when the certificate itself goes to standard output. */
static void
report_text(struct issue *i, const struct ca_issue_job *job, const char *subject, const char *path)
{
	FILE *to = path[0] != '\0' ? stdout : stderr;
	char serial[SETPKI_HEX_TEXT(32)], from[SETPKI_TIME_TEXT], until[SETPKI_TIME_TEXT];

	fprintf(to, "%s%s\n", setpki_kind_name((enum setpki_kind)job->out.kind),
	    job->repeated ? " (issued before: the same request gets the same certificate)" : "");
	fprintf(to, "  subject  %s\n", subject);
	fprintf(to, "  serial   %s\n", setpki_hex_text(job->out.serial, serial));
	fprintf(to, "  issuer   %s, generation %u\n", i->ca->name, job->out.generation);
	fprintf(to, "  valid    %s to %s\n", setpki_time_text(job->out.not_before, from),
	    setpki_time_text(job->out.not_after, until));
	if (path[0] != '\0')
		fprintf(to, "  file     %s\n", path);
	if (i->made[is_exchange(&job->out)])
		fprintf(to, "  key      %s/%s.key\n", i->a->out, issue_word(is_exchange(&job->out)));
}

static enum setpki_code
report_job(struct issue *i, const struct ca_issue_job *job)
{
	char path[4096], subject[512];
	struct sp_buf pem = {0};
	enum setpki_code rc;
	struct sp_cert c;

	if ((rc = sp_cert_parse(job->out.der, &c, SETCA_ERR(i->s))) == SETPKI_E_OK &&
	    (rc = write_certificate(i, &job->out, path, sizeof(path), &pem)) == SETPKI_E_OK) {
		sp_name_text(c.subject, subject, sizeof(subject));
		if (i->s->json)
			report_json(i, job, subject, path, &pem);
		else
			report_text(i, job, subject, path);
	}
	sp_buf_free(&pem);
	return rc;
}

/* A key that was certified before keeps its certificate; for another card that would be the wrong one. */
static enum setpki_code
check_repeated(struct issue *i, const struct ca_issue_job *job)
{
	struct sp_buf cn = {0};
	enum setpki_code rc = SETPKI_E_OK;
	struct sp_cert c;

	if (!job->repeated || i->req.role != CA_ROLE_CARDHOLDER)
		return SETPKI_E_OK;
	if ((rc = sp_cert_parse(job->out.der, &c, SETCA_ERR(i->s))) != SETPKI_E_OK)
		return rc;
	sp_name_get(c.subject, SP_ATTR_CN, 0, &cn);
	if (!sp_bytes_eq(sp_buf_bytes(&cn), sp_bytes_str(i->common_name)))
		rc = tc_fail(SETCA_ERR(i->s), SETPKI_E_CONFLICT,
		    "this key was certified before, for another card or with another PANSecret; take a new key");
	sp_buf_free(&cn);
	return rc;
}

static enum setpki_code
report(struct issue *i, const struct ca_issue_job *jobs, size_t n, const struct ca_explain *e)
{
	enum setpki_code rc = SETPKI_E_OK;
	size_t k;

	if ((i->a->explain || i->a->dry_run) && (rc = show_explain(i, e)) != SETPKI_E_OK)
		return rc;
	if (i->a->dry_run) {
		if (!i->s->json)
			printf("Nothing was issued: this was --dry-run.\n");
		return SETPKI_E_OK;
	}
	for (k = 0; k < n && rc == SETPKI_E_OK; k++)
		if ((rc = check_repeated(i, &jobs[k])) == SETPKI_E_OK)
			rc = report_job(i, &jobs[k]);
	if (rc == SETPKI_E_OK && i->req.role == CA_ROLE_CARDHOLDER && !i->s->json)
		printf("PANSecret is in %s/pan-secret: it is the cardholder's alone.\n", i->a->out);
	return rc;
}

/* --- the work --- */

/* The parts that differ by role, after the CA is known. */
static enum setpki_code
role_data(struct issue *i)
{
	if (i->req.role == CA_ROLE_CARDHOLDER)
		return issue_card(i);
	i->req.common_name = i->a->name;
	if (i->req.role == CA_ROLE_MERCHANT)
		return issue_merchant_data(i);
	if (i->a->name == NULL)
		return tc_fail(SETCA_ERR(i->s), SETPKI_E_ARGUMENT, "a gateway needs --name, its unique identifier");
	return SETPKI_E_OK;
}

static enum setpki_code
issue(struct issue *i)
{
	struct ca_issue_job jobs[2] = {0};
	struct ca_explain explain = {.n = 0};
	struct setpki_error *err = SETCA_ERR(i->s);
	const struct ca_policy *p = i->s->home->policy;
	enum setpki_code rc;
	size_t n = 0, k;
	int ca;

	if (p == NULL)
		return tc_fail(
		    err, SETPKI_E_STATE, "no policy is in force here; 'setca init POLICY' makes a hierarchy");
	if ((ca = ca_decide_ca(p, i->a->ca, i->req.role, err)) < 0)
		return err->code;
	i->ca = &p->cas[ca];
	i->profile = &i->ca->profiles[i->req.role];
	i->req.ca = i->ca->name;
	i->req.lifetime = i->a->lifetime;
	if (i->a->out != NULL && !i->a->dry_run && (rc = ca_folder_make(i->a->out, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = role_data(i)) != SETPKI_E_OK || (rc = issue_keys(i)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_issue_ee(i->s->home, &i->req, 1, i->a->dry_run, &explain, jobs, &n, err)) == SETPKI_E_OK)
		rc = report(i, jobs, n, &explain);
	for (k = 0; k < n; k++)
		ca_cert_record_free(&jobs[k].out);
	return rc;
}

static enum setpki_code
run_issue(struct tc_run *run, enum ca_role role)
{
	struct issue i = {.a = run->args, .req = {.role = role}};
	enum setpki_code rc;
	struct setca s;

	i.s = &s;
	if ((rc = setca_open(run, CA_HOME_WRITE, i.a->passphrase_fd, &s)) == SETPKI_E_OK)
		rc = issue(&i);
	sp_buf_free(&i.spki[0]);
	sp_buf_free(&i.spki[1]);
	return setca_end(&s, rc);
}

static enum setpki_code
run_cardholder(struct tc_run *run)
{
	return run_issue(run, CA_ROLE_CARDHOLDER);
}

static enum setpki_code
run_merchant(struct tc_run *run)
{
	return run_issue(run, CA_ROLE_MERCHANT);
}

static enum setpki_code
run_gateway(struct tc_run *run)
{
	return run_issue(run, CA_ROLE_GATEWAY);
}

/* --- the tables --- */

static const char *const kinds[] = {"signature", "exchange", "both", NULL};

#define AT(member) TC_AT(struct issue_args, member)
#define CA_OPT                                                                                                         \
	{                                                                                                              \
		"ca", TC_TEXT, AT(ca), "CA", "which CA issues; needed where the policy has several for this role",     \
		    NULL                                                                                               \
	}
#define SIGNATURE_OPT                                                                                                  \
	{                                                                                                              \
		"signature", TC_TEXT, AT(signature), "FILE",                                                           \
		    "PKCS#10 request or public key for a signature certificate", NULL                                  \
	}
#define EXCHANGE_OPT                                                                                                   \
	{                                                                                                              \
		"exchange", TC_TEXT, AT(exchange), "FILE", "the same for a key-exchange certificate", NULL             \
	}
#define KIND_OPT                                                                                                       \
	{                                                                                                              \
		"kind", TC_CHOICE, AT(kind), "KIND", "which keys to make in --out, if not all that the policy allows", \
		    kinds                                                                                              \
	}
#define OUT_OPT                                                                                                        \
	{                                                                                                              \
		"out", TC_TEXT, AT(out), "DIR",                                                                        \
		    "where certificates go, and keys that are made; keys of an earlier run are taken again", NULL      \
	}
#define LIFETIME_OPT                                                                                                   \
	{                                                                                                              \
		"lifetime", TC_SPAN, AT(lifetime), "SPAN", "such as 90d or 2y; else the policy's default", NULL        \
	}
#define DRY_OPT                                                                                                        \
	{                                                                                                              \
		"dry-run", TC_FLAG, AT(dry_run), NULL, "decide, build and check, but sign and store nothing", NULL     \
	}
#define EXPLAIN_OPT                                                                                                    \
	{                                                                                                              \
		"explain", TC_FLAG, AT(explain), NULL, "which line of the policy set each field", NULL                 \
	}

const struct tc_command setca_issue_cardholder = {
    .name = "issue cardholder",
    .summary = "certify a cardholder",
    .about =
	"The commonName is the blinded account: an HMAC of card number and expiry under PANSecret, which is left in "
	"--out (pan-secret, for its owner alone) for the cardholder.  The card number is asked for at the terminal or "
	"read from --pan-fd, and is kept nowhere.",
    .opts = (const struct tc_opt[]){{"expiry", TC_TEXT, AT(expiry), "YYYYMM", "the month in which the card expires",
					NULL},
	{"pan-fd", TC_NUMBER, AT(pan_fd), "N", "read the card number from descriptor N instead of the terminal", NULL},
	CA_OPT, SIGNATURE_OPT, OUT_OPT, LIFETIME_OPT, DRY_OPT, EXPLAIN_OPT, SETCA_PASSPHRASE_FD(struct issue_args),
	{0}},
    .args_size = sizeof(struct issue_args),
    .examples =
	(const struct tc_example[]){
	    {"setca issue cardholder --expiry 202812 --pan-fd 3 --out alice 3<pan.txt", "with a key made in alice/"},
	    {0},
	},
    .run = run_cardholder,
};

const struct tc_command setca_issue_merchant = {
    .name = "issue merchant",
    .summary = "certify a merchant",
    .about = "Signature and key-exchange certificates with the merchant's data, from requests or public keys, or for "
	     "keys made "
	     "in --out.",
    .opts = (const struct tc_opt[]){{"name", TC_TEXT, AT(name), "NAME", "as on the cardholder's statement", NULL},
	{"merchant-id", TC_TEXT, AT(merchant_id), "ID", "the identifier that the acquirer gave (30 characters)", NULL},
	{"bin", TC_TEXT, AT(bin), "BIN", "the acquirer's BIN; needed where the policy has several", NULL},
	{"city", TC_TEXT, AT(city), "CITY", "where the merchant is", NULL},
	{"state", TC_TEXT, AT(state), "STATE", "state or province", NULL},
	{"postal-code", TC_TEXT, AT(postal_code), "CODE", "postal code", NULL},
	{"country-name", TC_TEXT, AT(country_name), "NAME", "the country's name", NULL},
	{"country", TC_NUMBER, AT(country), "N", "the country, ISO 3166 numeric; else the policy's", NULL},
	{"language", TC_TEXT, AT(language), "TAG", "the language of these names, RFC 1766", NULL}, CA_OPT,
	SIGNATURE_OPT, EXCHANGE_OPT, KIND_OPT, OUT_OPT, LIFETIME_OPT, DRY_OPT, EXPLAIN_OPT,
	SETCA_PASSPHRASE_FD(struct issue_args), {0}},
    .args_size = sizeof(struct issue_args),
    .examples =
	(const struct tc_example[]){
	    {"setca issue merchant --name 'Corner Books' --merchant-id 4711 --city Springfield --country-name USA "
	     "--out books",
		"both certificates, keys made in books/"},
	    {0},
	},
    .run = run_merchant,
};

const struct tc_command setca_issue_gateway = {
    .name = "issue gateway",
    .summary = "certify a payment gateway",
    .about = "Signature and key-exchange certificates, from requests or public keys, or for keys made in --out.  "
	     "Without --out "
	     "the certificates go to standard output.  The same request gets the same certificate.",
    .opts = (const struct tc_opt[]){{"name", TC_TEXT, AT(name), "NAME", "the gateway's unique identifier", NULL},
	CA_OPT, SIGNATURE_OPT, EXCHANGE_OPT, KIND_OPT, OUT_OPT, LIFETIME_OPT, DRY_OPT, EXPLAIN_OPT,
	SETCA_PASSPHRASE_FD(struct issue_args), {0}},
    .args_size = sizeof(struct issue_args),
    .examples =
	(const struct tc_example[]){
	    {"setca issue gateway --name gw1 --out gw1", "both certificates, keys made in gw1/"},
	    {"setca issue gateway --name gw2 --signature gw2.csr", "a signature certificate from a request"},
	    {"setca issue gateway --name gw3 --out gw3 --dry-run --explain", "what the policy would make of it"},
	    {0},
	},
    .run = run_gateway,
};
