/* setca revoke. */
#include "ca/revoke/revoke.h"

#include "lib/x509/crl.h"
#include "tools/common/fail.h"
#include "tools/setca/cert.h"
#include "tools/setca/commands.h"

#include <stdlib.h>
#include <string.h>

struct revoke_args {
	struct tc_list file, key, request;
	const char *reason;
	bool yes;
};

/* The certificates to revoke, whatever named them. */
struct targets {
	struct ca_cert_record *v;
	size_t n, cap;
};

static void
free_targets(struct targets *x)
{
	size_t i;

	for (i = 0; i < x->n; i++)
		ca_cert_record_free(&x->v[i]);
	free(x->v);
}

static struct ca_cert_record *
new_target(struct targets *x, struct setpki_error *err)
{
	struct ca_cert_record *more;

	if (x->n == CA_REVOKE_MAX) {
		(void)tc_fail(err, SETPKI_E_LIMIT, "one command revokes at most %d certificates", CA_REVOKE_MAX);
		return NULL;
	}
	if (x->n == x->cap) {
		x->cap = x->cap == 0 ? 16 : 2 * x->cap;
		if ((more = realloc(x->v, x->cap * sizeof(*more))) == NULL) {
			(void)tc_fail_memory(err);
			return NULL;
		}
		x->v = more;
	}
	return &x->v[x->n];
}

/* A certificate that was named twice is revoked once. */
static void
keep_target(struct targets *x)
{
	size_t i;

	for (i = 0; i < x->n; i++)
		if (sp_bytes_eq(x->v[i].serial, x->v[x->n].serial)) {
			ca_cert_record_free(&x->v[x->n]);
			return;
		}
	x->n++;
}

typedef enum setpki_code find_fn(struct setca *s, ca_txn *t, const char *name, struct ca_cert_record *out);

static enum setpki_code
add_all(struct setca *s, ca_txn *t, struct targets *x, const char *const *names, size_t n, find_fn *find)
{
	struct ca_cert_record *rec;
	enum setpki_code rc;
	size_t i;

	for (i = 0; i < n; i++) {
		if ((rec = new_target(x, SETCA_ERR(s))) == NULL)
			return s->run->err.code;
		if ((rc = find(s, t, names[i], rec)) != SETPKI_E_OK)
			return rc;
		keep_target(x);
	}
	return SETPKI_E_OK;
}

static enum setpki_code
find_targets(struct setca *s, const struct revoke_args *a, struct targets *x)
{
	const char *const *operands = (const char *const *)(void *)s->run->operands;
	enum setpki_code rc;
	ca_txn *t;

	if ((rc = ca_txn_begin(s->home->store, false, &t, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	if ((rc = add_all(s, t, x, operands, s->run->noperands, setca_cert_by_serial)) == SETPKI_E_OK &&
	    (rc = add_all(s, t, x, a->file.v, a->file.n, setca_cert_by_file)) == SETPKI_E_OK &&
	    (rc = add_all(s, t, x, a->key.v, a->key.n, setca_cert_by_file)) == SETPKI_E_OK)
		rc = add_all(s, t, x, a->request.v, a->request.n, setca_cert_by_file);
	ca_txn_abort(t);
	return rc;
}

/* "gateway signature gw1, serial 01ab..." */
static const char *
describe(const struct ca_cert_record *rec, char *out, size_t cap)
{
	char serial[SETPKI_HEX_TEXT(32)];

	snprintf(out, cap, "%s%s%s, serial %s", setpki_kind_name((enum setpki_kind)rec->kind),
	    rec->holder != NULL ? " " : "", rec->holder != NULL ? rec->holder : "",
	    rec->serial.n <= 32 ? setpki_hex_text(rec->serial, serial) : "?");
	return out;
}

static enum setpki_code
confirm(struct setca *s, const struct targets *x, bool yes)
{
	char question[512], what[300];

	if (x->n == 1)
		snprintf(question, sizeof(question), "Revoke %s?", describe(&x->v[0], what, sizeof(what)));
	else
		snprintf(question, sizeof(question), "Revoke %zu certificates?  This cannot be taken back.", x->n);
	return tc_confirm(yes, question, SETCA_ERR(s));
}

static void
report_text(const struct ca_revocation *r, const struct ca_cert_record *rec)
{
	const char *reason = sp_reason_name(r->reason);
	char what[300], at[SETPKI_TIME_TEXT];

	printf("%s: %s%s%s", describe(rec, what, sizeof(what)), r->before ? "was revoked already" : "revoked",
	    reason != NULL ? ", " : "", reason != NULL ? reason : "");
	if (r->before)
		printf(" (%s)", setpki_time_text(r->at, at));
	fputc('\n', stdout);
	if (!r->listed)
		printf(
		    "  %s keeps no CRLs: it is recorded here, and relying parties learn it another way\n", r->ca_name);
	if (r->expired)
		printf("  it had expired already\n");
	if (r->retires)
		printf("  this was a CA's certificate: that generation issues no more\n");
}

static const struct tc_column columns[] = {
    {"serial", NULL, SETPKI_VALUE_TEXT, false},
    {"ca", NULL, SETPKI_VALUE_TEXT, false},
    {"revokedAt", NULL, SETPKI_VALUE_TIME, false},
    {"reason", NULL, SETPKI_VALUE_TEXT, false},
    {"before", NULL, SETPKI_VALUE_BOOL, false},
    {"listed", NULL, SETPKI_VALUE_BOOL, false},
    {0},
};

static void
report_json(struct setca *s, const struct ca_revocation *v, size_t n)
{
	char serial[SETPKI_HEX_TEXT(32)], at[SETPKI_TIME_TEXT];
	size_t i;

	tc_table(s->out, "setca.revoke/1", columns);
	for (i = 0; i < n; i++)
		tc_row(s->out,
		    (const char *const[]){setpki_hex_text(v[i].serial, serial), v[i].ca_name,
			setpki_time_text(v[i].at, at), sp_reason_name(v[i].reason), v[i].before ? "true" : "false",
			v[i].listed ? "true" : "false"});
	tc_table_end(s->out, NULL, NULL);
}

static void
report(struct setca *s, const struct ca_revocation *v, const struct targets *x)
{
	bool listed = false;
	size_t i;

	if (s->json) {
		report_json(s, v, x->n);
		return;
	}
	for (i = 0; i < x->n; i++) {
		report_text(&v[i], &x->v[i]);
		listed |= v[i].listed && !v[i].before;
	}
	if (listed)
		printf("'setca publish' makes it known.\n");
}

static enum setpki_code
revoke(struct setca *s, const struct targets *x, int reason)
{
	struct ca_revocation *v = calloc(x->n, sizeof(*v));
	enum setpki_code rc;
	size_t i;

	if (v == NULL)
		return tc_fail_memory(SETCA_ERR(s));
	for (i = 0; i < x->n; i++) {
		v[i].serial = x->v[i].serial;
		v[i].reason = reason;
	}
	if ((rc = ca_revoke(s->home, v, x->n, SETCA_ERR(s))) == SETPKI_E_OK)
		report(s, v, x);
	free(v);
	return rc;
}

static enum setpki_code
run_revoke(struct tc_run *run)
{
	const struct revoke_args *a = run->args;
	struct targets x = {.n = 0};
	enum setpki_code rc;
	struct setca s = {0};

	if (run->noperands + a->file.n + a->key.n + a->request.n == 0)
		return tc_fail(&run->err, SETPKI_E_ARGUMENT,
		    "say which certificate: by serial number, --file, --key or --request");
	if ((rc = setca_open(run, CA_HOME_WRITE, -1, &s)) == SETPKI_E_OK &&
	    (rc = find_targets(&s, a, &x)) == SETPKI_E_OK && (rc = confirm(&s, &x, a->yes)) == SETPKI_E_OK)
		rc = revoke(&s, &x, a->reason != NULL ? sp_reason_by_name(a->reason) : -1);
	free_targets(&x);
	return setca_end(&s, rc);
}

static const char *const reasons[] = {"keyCompromise", "cACompromise", "affiliationChanged", "superseded",
    "cessationOfOperation", "privilegeWithdrawn", "aACompromise", NULL};

const struct tc_command setca_revoke = {
    .name = "revoke",
    .operands = "[SERIAL...]",
    .min = 0,
    .max = -1,
    .summary = "revoke certificates",
    .about =
	"By serial number, or by what a file holds: the certificate itself, or the key or PKCS#10 request that was "
	"certified.  Asks first.  It is recorded at once and needs no key; the CA's next CRL lists it, which 'setca "
	"publish' makes.  Under a CA that keeps no CRLs it is recorded, and says so.",
    .opts =
	(const struct tc_opt[]){
	    {"file", TC_LIST, TC_AT(struct revoke_args, file), "FILE", "the certificate in this file", NULL},
	    {"key", TC_LIST, TC_AT(struct revoke_args, key), "FILE", "the certificate of this public key", NULL},
	    {"request", TC_LIST, TC_AT(struct revoke_args, request), "FILE", "the certificate of this PKCS#10 request",
		NULL},
	    {"reason", TC_CHOICE, TC_AT(struct revoke_args, reason), "REASON", "why", reasons},
	    {"yes", TC_FLAG, TC_AT(struct revoke_args, yes), NULL, "do not ask", NULL},
	    {0},
	},
    .args_size = sizeof(struct revoke_args),
    .examples =
	(const struct tc_example[]){
	    {"setca revoke --file gw1/signature.cer --reason keyCompromise --yes", "a gateway whose key was lost"},
	    {0},
	},
    .run = run_revoke,
};
