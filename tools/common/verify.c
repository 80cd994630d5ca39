/* `verify`: files into a pool, certificates into a report. */
#include "tools/common/verify.h"

#include "tools/common/fail.h"
#include "tools/common/report.h"
#include "tools/common/verify_inner.h"

#include <setpki/lint.h>
#include <setpki/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const revocations[] = {"require-bci", "require-crl", "if-present", NULL};
const char *const tc_suite_words[] = {"modern", "classic", NULL};

#define AT(member) offsetof(struct tc_verify_args, member)

const struct tc_opt tc_verify_opts[] = {
    {"root", TC_LIST, AT(root), "FILE", "trust the root certificates in FILE, byte for byte", NULL},
    {"root-thumb", TC_LIST, AT(root_thumb), "HEX", "trust the root with this SET thumb (40 or 64 digits)", NULL},
    {"untrusted", TC_LIST, AT(untrusted), "FILE|DIR", "further certificates, to build paths from", NULL},
    {"bci", TC_LIST, AT(bci), "FILE", "the brand's BCI, or its published set", NULL},
    {"crl", TC_LIST, AT(crl), "FILE|DIR", "CRLs", NULL},
    {"revocation", TC_CHOICE, AT(revocation), "MODE",
	"what must be at hand; require-bci without this option, with --rfc5280 require-crl", revocations},
    {"kind", TC_TEXT, AT(kind), "KIND", "what each certificate must be: cardholder, merchant, gateway or a CA's role",
	NULL},
    {"brand", TC_TEXT, AT(brand), "ID", "the BrandID that each chain must be of", NULL},
    {"suite", TC_CHOICE, AT(suite), "SUITE", "the suite of the chain; modern without this option", tc_suite_words},
    {"at", TC_TIME, AT(at), "TIME", "check for this time instead of now", NULL},
    {"until", TC_SPAN, AT(until), "SPAN", "check again for the time SPAN later: what will have expired or run out",
	NULL},
    {"baseline", TC_TEXT, AT(baseline), "FILE", "accept the findings of an earlier report (--format json)", NULL},
    {"rfc5280", TC_FLAG, AT(rfc5280), NULL, "check as any X.509 chain (RFC 5280), not as one of SET", NULL},
    {"format", TC_CHOICE, AT(format), "FORMAT", "how to tell what was found; text without this option",
	tc_report_formats},
    {0},
};

const char tc_verify_about[] =
    "Checks certificates against trusted roots: signatures, names, periods, the rules of SET's hierarchy, and "
    "revocation "
    "by the CRLs that the brand's BCI names.  Needs no network.\n"
    "\n"
    "CERT is a file or a folder; each certificate in it is checked.  PEM, DER and PKCS#7 are told apart by content, "
    "and "
    "a brand's published set (/set/BRAND.p7c) can be given for any option that takes a file.\n"
    "\n"
    "Each finding has a stable name; 'lint --explain NAME' says more.  --baseline takes an earlier report, and what it "
    "lists no longer counts.";

/* What adding files needs. */
struct job {
	struct tc_run *run;
	const struct tc_verify_args *a;
	setpki_pool *pool;
	bool trust;	   /* the file is one of --root */
	const char *named; /* the option's own word; NULL for operands */
	struct tc_report report;
	struct setpki_chain_ask ask;
};

/* --- the pool ---------------------------------------------------------------------------------------------- */

static bool
for_pool(enum setpki_object_type type)
{
	return type == SETPKI_OBJECT_CERT || type == SETPKI_OBJECT_CRL || type == SETPKI_OBJECT_BCI;
}

static enum setpki_code
add_object(struct job *j, const struct setpki_object *o, const char *path, struct setpki_error *err)
{
	enum setpki_code rc;

	if (!for_pool(o->type))
		return SETPKI_E_OK;
	if (j->trust && o->type == SETPKI_OBJECT_CERT) {
		if ((rc = setpki_pool_trust(j->pool, o->der, path, err)) != SETPKI_E_RULE)
			return rc;
		setpki_error_clear(err); /* a CA below the root, in the same file */
	}
	return setpki_pool_add(j->pool, o, path, err);
}

/* What only helps, and was not named for itself, need not be of SET: without it nothing becomes valid. */
static enum setpki_code
pass_over(const struct job *j, const struct setpki_object *o, const char *path, struct setpki_error *err)
{
	fprintf(stderr, "%s: %s: a %s in it is passed over: %s\n", j->run->program->name, path,
	    setpki_object_name(o->type), err->message);
	setpki_error_clear(err);
	return SETPKI_E_OK;
}

static enum setpki_code
add_objects(void *arg, const char *path, const struct setpki_objects *objects, struct setpki_error *err)
{
	struct job *j = arg;
	enum setpki_code rc = SETPKI_E_OK;
	size_t i;

	for (i = 0; rc == SETPKI_E_OK && i < objects->n; i++) {
		rc = add_object(j, &objects->v[i], path, err);
		if ((rc == SETPKI_E_PARSE || rc == SETPKI_E_LIMIT || rc == SETPKI_E_SUITE) &&
		    (j->named == NULL || strcmp(path, j->named) != 0))
			rc = pass_over(j, &objects->v[i], path, err);
	}
	return rc;
}

static enum setpki_code
add_list(struct job *j, const struct tc_list *list, bool trust)
{
	enum setpki_code rc = SETPKI_E_OK;
	size_t i;

	j->trust = trust;
	for (i = 0; rc == SETPKI_E_OK && i < list->n; i++) {
		j->named = list->v[i];
		rc = tc_objects_each(j->run, list->v[i], for_pool, "certificate, CRL or BCI", add_objects, j);
	}
	j->named = NULL;
	j->trust = false;
	return rc;
}

static enum setpki_code
add_thumbs(struct job *j)
{
	const struct tc_list *list = &j->a->root_thumb;
	enum setpki_code rc = SETPKI_E_OK;
	uint8_t thumb[32];
	size_t i, n;

	for (i = 0; rc == SETPKI_E_OK && i < list->n; i++) {
		rc = setpki_hex_parse(list->v[i], thumb, sizeof(thumb), &n, &j->run->err);
		if (rc == SETPKI_E_OK)
			rc = setpki_pool_trust_thumb(j->pool, (setpki_bytes){thumb, n}, &j->run->err);
		if (rc != SETPKI_E_OK)
			rc = tc_error_in(&j->run->err, rc, "--root-thumb %s", list->v[i]);
	}
	return rc;
}

static enum setpki_code
fill_pool(struct job *j, const struct tc_verify_defaults *d)
{
	bool rooted = j->a->root.n + j->a->root_thumb.n > 0;
	enum setpki_code rc;

	if (!rooted && d == NULL)
		return tc_fail(&j->run->err, SETPKI_E_NOTFOUND,
		    "no root is given: name the root certificate with --root FILE, or its thumb with --root-thumb HEX");
	if ((rc = add_list(j, &j->a->root, true)) != SETPKI_E_OK || (rc = add_thumbs(j)) != SETPKI_E_OK ||
	    (rc = add_list(j, &j->a->untrusted, false)) != SETPKI_E_OK ||
	    (rc = add_list(j, &j->a->bci, false)) != SETPKI_E_OK ||
	    (rc = add_list(j, &j->a->crl, false)) != SETPKI_E_OK)
		return rc;
	return d == NULL ? SETPKI_E_OK : d->fill(d->arg, j->pool, !rooted, &j->run->err);
}

/* --- checking ---------------------------------------------------------------------------------------------- */

static enum setpki_code
keep_path(const struct job *j, struct tc_item *item, const struct setpki_chain_result *res)
{
	struct setpki_object o = {.type = SETPKI_OBJECT_CERT};
	size_t i;

	if ((item->path = calloc(res->npath + 1, sizeof(*item->path))) == NULL)
		return tc_fail_memory(&j->run->err);
	for (i = 0; i < res->npath; i++) {
		o.der = res->path[i];
		setpki_object_text(j->run->ctx, &o, item->path[i], sizeof(item->path[i]));
	}
	item->npath = res->npath;
	return SETPKI_E_OK;
}

/* A certificate that cannot be read is refused like any other, with what lint says of it. */
static enum setpki_code
say_unreadable(const struct job *j, const struct setpki_object *o, bool then, struct tc_item *item)
{
	struct setpki_findings findings = {0};
	struct setpki_error why = j->run->err;
	enum setpki_code rc;

	setpki_error_clear(&j->run->err);
	rc = setpki_lint(j->run->ctx, o, j->ask.suite, &findings, &j->run->err);
	if (rc == SETPKI_E_OK && setpki_findings_worst(&findings) < SETPKI_ERROR)
		rc = tc_fail(&j->run->err, why.code, "%s: %s: %s", item->file, why.object, why.message);
	if (rc == SETPKI_E_OK)
		rc = tc_item_findings(item, &findings, then, &j->run->err);
	setpki_findings_free(&findings);
	return rc;
}

/* One verification into one half of the item. */
static enum setpki_code
check(const struct job *j, const struct setpki_object *o, int64_t at, bool then, struct tc_item *item)
{
	struct setpki_chain_ask ask = j->ask;
	struct setpki_chain_result res;
	enum setpki_code rc;

	ask.at = at;
	rc = setpki_chain_verify(j->pool, o->der, &ask, &res, &j->run->err);
	if (rc == SETPKI_E_PARSE || rc == SETPKI_E_LIMIT)
		return say_unreadable(j, o, then, item);
	if (rc != SETPKI_E_OK)
		return rc;
	rc = tc_item_findings(item, &res.findings, then, &j->run->err);
	if (rc == SETPKI_E_OK && !then) {
		item->valid_until = res.valid_until;
		snprintf(item->until_object, sizeof(item->until_object), "%s", res.until_object);
		rc = keep_path(j, item, &res);
	}
	setpki_chain_result_free(&res);
	return rc;
}

static enum setpki_code
check_object(struct job *j, const struct setpki_object *o, const char *path)
{
	struct tc_item *item = tc_report_add(&j->report, path, o);
	enum setpki_code rc;

	if (item == NULL)
		return tc_fail_memory(&j->run->err);
	rc = check(j, o, j->ask.at, false, item);
	if (rc == SETPKI_E_OK && j->a->until != 0) {
		item->then = j->ask.at + j->a->until;
		rc = check(j, o, item->then, true, item);
	}
	return rc;
}

static bool
is_cert(enum setpki_object_type type)
{
	return type == SETPKI_OBJECT_CERT;
}

/* Certificates of one file help to build paths for one another. */
static enum setpki_code
operand(void *arg, const char *path, const struct setpki_objects *objects, struct setpki_error *err)
{
	struct job *j = arg;
	enum setpki_code rc = SETPKI_E_OK;
	size_t i;

	if (objects->n > 1)
		rc = add_objects(j, path, objects, err);
	for (i = 0; rc == SETPKI_E_OK && i < objects->n; i++)
		if (is_cert(objects->v[i].type))
			rc = check_object(j, &objects->v[i], path);
	return rc;
}

static enum setpki_revocation
revocation(const struct tc_verify_args *a)
{
	if (a->revocation == NULL)
		return a->rfc5280 ? SETPKI_REQUIRE_CRL : SETPKI_REQUIRE_BCI;
	return strcmp(a->revocation, "require-crl") == 0 ? SETPKI_REQUIRE_CRL
	    : strcmp(a->revocation, "if-present") == 0	 ? SETPKI_IF_PRESENT
							 : SETPKI_REQUIRE_BCI;
}

/* Roles as policies call them, besides the names of certificateType's bits. */
static uint32_t
type_of(const char *word)
{
	static const struct {
		const char *word;
		uint32_t type;
	} roles[] = {{"root", SETPKI_TYPE_RCA}, {"brand", SETPKI_TYPE_BCA}, {"geopolitical", SETPKI_TYPE_GCA},
	    {"geo", SETPKI_TYPE_GCA}, {"cardholder-ca", SETPKI_TYPE_CCA}, {"merchant-ca", SETPKI_TYPE_MCA},
	    {"gateway-ca", SETPKI_TYPE_PCA}};
	size_t i;

	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (strcmp(roles[i].word, word) == 0)
			return roles[i].type;
	return setpki_type_by_name(word);
}

static enum setpki_code
fill_ask(struct job *j, const struct tc_verify_defaults *d)
{
	const struct tc_verify_args *a = j->a;

	if (a->rfc5280 && revocation(a) == SETPKI_REQUIRE_BCI)
		return tc_fail(&j->run->err, SETPKI_E_ARGUMENT,
		    "--rfc5280 knows no BCI: take --revocation require-crl or if-present");
	j->ask = (struct setpki_chain_ask){.at = a->at == INT64_MIN ? j->run->now : a->at,
	    .brand = a->brand,
	    .suite = a->suite != NULL ? setpki_suite_by_name(a->suite)
		: d != NULL	      ? d->suite
				      : SETPKI_SUITE_NONE,
	    .revocation = revocation(a)};
	if (a->kind != NULL && (j->ask.type = type_of(a->kind)) == 0)
		return tc_fail(&j->run->err, SETPKI_E_ARGUMENT,
		    "--kind %s: give cardholder, merchant, gateway, root, brand, geo, cca, mca or pca", a->kind);
	if (j->ask.suite == SETPKI_SUITE_CLASSIC && !a->rfc5280)
		tc_warn_classic(j->run);
	return SETPKI_E_OK;
}

void
tc_warn_classic(const struct tc_run *run)
{
	fprintf(stderr, "%s: suite classic: SHA-1, DES and RSA-1024 are too weak to protect anything today\n",
	    run->program->name);
}

static enum setpki_code
new_pool(struct job *j)
{
	return j->a->rfc5280 ? setpki_pool_new_rfc5280(j->run->ctx, &j->pool, &j->run->err)
			     : setpki_pool_new(j->run->ctx, &j->pool, &j->run->err);
}

enum setpki_code
tc_verify_run(struct tc_run *run, const struct tc_verify_defaults *defaults)
{
	struct job j = {.run = run, .a = run->args};
	enum setpki_code rc;
	size_t i;

	j.report = (struct tc_report){.ctx = run->ctx,
	    .program = run->program->name,
	    .command = "verify",
	    .mode = j.a->rfc5280 ? "rfc5280" : "set"};
	if ((rc = fill_ask(&j, defaults)) != SETPKI_E_OK || (rc = new_pool(&j)) != SETPKI_E_OK)
		return rc;
	j.report.at = j.ask.at;
	rc = fill_pool(&j, defaults);
	for (i = 0; rc == SETPKI_E_OK && i < run->noperands; i++)
		rc = tc_objects_each(
		    run, run->operands[i], is_cert, "certificate ('lint' checks CRLs, BCIs and requests)", operand, &j);
	if (rc == SETPKI_E_OK)
		rc = tc_report_finish(&j.report, j.a->baseline, j.a->format, run);
	setpki_pool_free(j.pool);
	tc_report_free(&j.report);
	return rc;
}

enum setpki_code
tc_report_finish(struct tc_report *r, const char *baseline, const char *format, struct tc_run *run)
{
	enum setpki_code rc = SETPKI_E_OK;

	if (baseline != NULL)
		rc = tc_report_baseline(r, baseline, &run->err);
	if (rc == SETPKI_E_OK)
		rc = tc_report_write(r, format, stdout, &run->err);
	run->status = tc_report_status(r);
	return rc;
}
