/* NIST's PKITS in RFC 5280 mode: pkits FOLDER, with certs/, crls/ and manifest.tsv (docs/conformance.md). */
#include <setpki/chain.h>
#include <setpki/text.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The columns of manifest.tsv. */
enum column {
	ID,
	NUMBER,
	SECTION,
	TITLE,
	EXPECT,
	CERTS,
	CRLS,
	TIME,
	EXPLICIT_POLICY,
	INHIBIT_MAPPING,
	INHIBIT_ANY,
	INITIAL_POLICIES,
	USER_POLICIES,
	COLUMNS
};

#define POLICIES_MAX 8
#define FILE_MAX 65536

/* Chains that are valid and that OpenSSL cannot follow; refusing them is safe.  The same list stands in
 * docs/conformance.md. */
static const char *const exceptions[] = {
    "4.1.5",   /* DSA parameters inherited from the issuer */
    "4.14.30", /* a CRL issuer whose own path has a CRL issuer of its own */
};

static bool
is_exception(const char *id)
{
	size_t i;

	for (i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
		if (strcmp(exceptions[i], id) == 0)
			return true;
	return false;
}

static setpki_bytes
read_file(const char *folder, const char *sub, const char *name, const char *suffix, uint8_t *buf)
{
	char path[1024];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s/%s%s", folder, sub, name, suffix);
	if ((f = fopen(path, "rb")) == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	n = fread(buf, 1, FILE_MAX, f);
	fclose(f);
	return (setpki_bytes){buf, n};
}

/* "20110415000000Z" as setpki_time_parse() reads it. */
static int64_t
time_of(const char *s)
{
	char text[32];
	int64_t t = 0;

	snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", s, s + 4, s + 6, s + 8, s + 10, s + 12);
	if (setpki_time_parse(text, &t, NULL) != SETPKI_E_OK) {
		fprintf(stderr, "manifest: time %s\n", s);
		exit(1);
	}
	return t;
}

static void
must(enum setpki_code rc, const struct setpki_error *err, const char *what)
{
	if (rc == SETPKI_E_OK)
		return;
	fprintf(stderr, "%s: %s\n", what, err->message);
	exit(1);
}

/* The first certificate is the trust anchor, the last one the leaf, which is left in `leaf`.  False: one cannot be
 * read, which refuses the chain. */
static bool
fill(setpki_pool *pool, const char *folder, char *certs, char *crls, uint8_t *leaf, setpki_bytes *out)
{
	static uint8_t buf[FILE_MAX];
	struct setpki_object o = {.type = SETPKI_OBJECT_CERT};
	struct setpki_error err = {0};
	char *save = NULL, *name;
	bool first = true;

	for (name = strtok_r(certs, ",", &save); name != NULL; first = false) {
		char *next = strtok_r(NULL, ",", &save);

		if (next == NULL) {
			*out = read_file(folder, "certs", name, ".crt", leaf);
			break;
		}
		o.der = read_file(folder, "certs", name, ".crt", buf);
		if ((first ? setpki_pool_trust(pool, o.der, name, &err) : setpki_pool_add(pool, &o, name, &err)) !=
		    SETPKI_E_OK)
			return false;
		name = next;
	}
	o.type = SETPKI_OBJECT_CRL;
	for (name = strtok_r(crls, ",", &save); name != NULL; name = strtok_r(NULL, ",", &save)) {
		o.der = read_file(folder, "crls", name, ".crl", buf);
		if (setpki_pool_add(pool, &o, name, &err) != SETPKI_E_OK)
			return false;
	}
	return true;
}

static size_t
split_policies(char *list, const char *out[POLICIES_MAX])
{
	char *save = NULL, *one;
	size_t n = 0;

	for (one = strtok_r(list, ",", &save); one != NULL && n < POLICIES_MAX; one = strtok_r(NULL, ",", &save))
		out[n++] = one;
	return n;
}

/* Whether the case came out valid; `why` gets the first finding. */
static bool
valid(setpki_ctx *ctx, const char *folder, char *const col[COLUMNS], char *why, size_t cap)
{
	static uint8_t leaf[FILE_MAX];
	const char *policies[POLICIES_MAX];
	struct setpki_x509_ask x = {.policies = policies,
	    .npolicies = split_policies(col[INITIAL_POLICIES], policies),
	    .explicit_policy = strcmp(col[EXPLICIT_POLICY], "1") == 0,
	    .inhibit_mapping = strcmp(col[INHIBIT_MAPPING], "1") == 0,
	    .inhibit_any = strcmp(col[INHIBIT_ANY], "1") == 0};
	const struct setpki_chain_ask ask = {.at = time_of(col[TIME]), .revocation = SETPKI_REQUIRE_CRL, .x509 = &x};
	struct setpki_chain_result res = {.verdict = SETPKI_UNDECIDABLE};
	struct setpki_error err = {0};
	setpki_bytes der = {NULL, 0};
	setpki_pool *pool;
	bool good = false;

	must(setpki_pool_new_rfc5280(ctx, &pool, &err), &err, "pool");
	snprintf(why, cap, "a file cannot be read");
	if (fill(pool, folder, col[CERTS], col[CRLS], leaf, &der) &&
	    setpki_chain_verify(pool, der, &ask, &res, &err) == SETPKI_E_OK) {
		good = res.verdict == SETPKI_VALID;
		snprintf(why, cap, "%s: %s", res.findings.n == 0 ? "no finding" : res.findings.v[0].rule->id,
		    res.findings.n == 0 ? "" : res.findings.v[0].text);
	}
	setpki_chain_result_free(&res);
	setpki_pool_free(pool);
	return good;
}

struct tally {
	unsigned n, right, wrong; /* wrong: and not a known exception */
};

static void
run_case(setpki_ctx *ctx, const char *folder, char *line, struct tally *t)
{
	char *col[COLUMNS], why[512];
	bool want, got;
	int i;

	line[strcspn(line, "\r\n")] = '\0';
	for (i = 0; i < COLUMNS; i++)
		col[i] = line != NULL ? strsep(&line, "\t") : (char *)(uintptr_t) "";
	want = strcmp(col[EXPECT], "valid") == 0;
	got = valid(ctx, folder, col, why, sizeof(why));
	t->n++;
	if (got == want) {
		t->right++;
		return;
	}
	printf("%s: the suite says %s, we say %s (%s)%s\n", col[TITLE], col[EXPECT], got ? "valid" : "invalid", why,
	    is_exception(col[ID]) ? "; a known exception" : "");
	t->wrong += got || !is_exception(col[ID]); /* accepting what is invalid is never excepted */
}

int
main(int argc, char **argv)
{
	struct tally t = {0};
	struct setpki_error err = {0};
	char path[1024], line[8192];
	setpki_ctx *ctx;
	FILE *f;

	snprintf(path, sizeof(path), "%s/manifest.tsv", argc > 1 ? argv[1] : ".");
	if ((f = fopen(path, "r")) == NULL) {
		printf("PKITS is not at hand (%s): skipped\n", path);
		return 0;
	}
	must(setpki_ctx_new(NULL, &ctx, &err), &err, "context");
	if (fgets(line, sizeof(line), f) != NULL) /* the names of the columns */
		while (fgets(line, sizeof(line), f) != NULL)
			run_case(ctx, argv[1], line, &t);
	fclose(f);
	setpki_ctx_free(ctx);
	printf("%u of %u as the suite says\n", t.right, t.n);
	return t.wrong == 0 && t.n > 0 ? 0 : 1;
}
