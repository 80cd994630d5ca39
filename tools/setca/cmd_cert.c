/* setca cert list, find: tables of what was issued. */
#include "tools/common/fail.h"
#include "tools/setca/cert.h"
#include "tools/setca/commands.h"
#include "tools/setca/list.h"

#include <stdlib.h>
#include <string.h>

struct list_args {
	const char *ca, *kind, *state, *after;
	int64_t limit;
};

enum { SERIAL, KIND, HOLDER, CA, FROM, UNTIL, STATE, COLUMNS };

static const struct tc_column columns[] = {
    [SERIAL] = {"serial", "SERIAL", SETPKI_VALUE_TEXT, false},
    [KIND] = {"kind", "KIND", SETPKI_VALUE_TEXT, false},
    [HOLDER] = {"holder", "HOLDER", SETPKI_VALUE_TEXT, false},
    [CA] = {"ca", "CA", SETPKI_VALUE_TEXT, false},
    [FROM] = {"notBefore", "FROM", SETPKI_VALUE_TEXT, false},
    [UNTIL] = {"notAfter", "UNTIL", SETPKI_VALUE_TEXT, false},
    [STATE] = {"state", "STATE", SETPKI_VALUE_TEXT, false},
    [COLUMNS] = {0},
};

/* A walk over certificates: what is wanted, how far it came. */
static const struct setca_list_table table = {"setca.certs/1", columns, "No certificate."};

struct lister {
	struct setca_list list;
	const struct list_args *want;
	char ca[CA_NAME_MAX]; /* of the certificates being walked */
};

static void
put_row(struct lister *l, const struct ca_cert_record *rec, const char *state)
{
	char serial[SETPKI_HEX_TEXT(32)], ca[CA_NAME_MAX + 16], from[SETPKI_TIME_TEXT], until[SETPKI_TIME_TEXT];
	const char *cell[COLUMNS] = {0};

	snprintf(ca, sizeof(ca), "%s G%u", l->ca, rec->generation);
	cell[SERIAL] = rec->serial.n <= 32 ? setpki_hex_text(rec->serial, serial) : NULL;
	cell[KIND] = setpki_kind_name((enum setpki_kind)rec->kind);
	cell[HOLDER] = rec->holder;
	cell[CA] = ca;
	cell[FROM] = setca_day(l->list.s, rec->not_before, from);
	cell[UNTIL] = setca_day(l->list.s, rec->not_after, until);
	cell[STATE] = state;
	tc_row(l->list.s->out, cell);
	snprintf(l->list.last, sizeof(l->list.last), "%u.%llu", rec->ca, (unsigned long long)rec->seq);
}

/* One certificate of the walk; STATE ends it. */
static enum setpki_code
take(void *arg, const struct ca_cert_record *rec, struct setpki_error *err)
{
	struct setca_cert_state state;
	struct lister *l = arg;
	enum setpki_code rc;

	(void)err;
	if ((rc = setca_cert_state(l->list.s, l->list.t, rec, &state)) != SETPKI_E_OK)
		return rc;
	if ((l->want->kind != NULL && strcmp(setpki_kind_name((enum setpki_kind)rec->kind), l->want->kind) != 0) ||
	    (l->want->state != NULL && strcmp(state.text, l->want->state) != 0))
		return SETPKI_E_OK;
	if (!setca_list_room(&l->list))
		return SETPKI_E_STATE;
	put_row(l, rec, state.text);
	return SETPKI_E_OK;
}

/* "4.17": CA number and sequence number, as a list prints it. */
static enum setpki_code
parse_after(const char *text, uint64_t *ca, uint64_t *seq, struct setpki_error *err)
{
	char *end;

	*ca = *seq = 0;
	if (text == NULL)
		return SETPKI_E_OK;
	*ca = strtoull(text, &end, 10);
	if (end != text && *end == '.' && end[1] >= '0' && end[1] <= '9') {
		*seq = strtoull(end + 1, &end, 10);
		if (*end == '\0')
			return SETPKI_E_OK;
	}
	return setca_list_bad_place(text, err);
}

struct numbers {
	uint16_t v[512];
	size_t n;
};

static enum setpki_code
note_ca(void *arg, const struct ca_ca_record *ca, struct setpki_error *err)
{
	struct numbers *x = arg;

	if (x->n == 512)
		return tc_fail(err, SETPKI_E_LIMIT, "more than 512 CAs; say which with --ca");
	x->v[x->n++] = ca->id;
	return SETPKI_E_OK;
}

/* The CAs to walk: the one of --ca, or all. */
static enum setpki_code
choose_cas(struct lister *l, struct numbers *out)
{
	struct ca_ca_record ca = {0};
	enum setpki_code rc;

	if (l->want->ca == NULL)
		return ca_ca_each(l->list.t, note_ca, out, SETCA_ERR(l->list.s));
	if ((rc = setca_find_ca(l->list.s, l->list.t, l->want->ca, &ca)) == SETPKI_E_OK)
		rc = note_ca(out, &ca, SETCA_ERR(l->list.s));
	ca_ca_record_free(&ca);
	return rc;
}

static enum setpki_code
walk(void *arg)
{
	struct lister *l = arg;
	struct numbers cas = {.n = 0};
	uint64_t after_ca, after_seq;
	enum setpki_code rc;
	size_t i;

	if ((rc = parse_after(l->want->after, &after_ca, &after_seq, SETCA_ERR(l->list.s))) != SETPKI_E_OK ||
	    (rc = choose_cas(l, &cas)) != SETPKI_E_OK)
		return rc;
	for (i = 0; i < cas.n && rc == SETPKI_E_OK && !l->list.more; i++) {
		if (cas.v[i] < after_ca || (rc = setca_ca_name(l->list.s, l->list.t, cas.v[i], l->ca)) != SETPKI_E_OK)
			continue;
		rc = ca_cert_each(
		    l->list.t, cas.v[i], cas.v[i] == after_ca ? after_seq + 1 : 0, take, l, SETCA_ERR(l->list.s));
	}
	return rc;
}

static enum setpki_code
run_list(struct tc_run *run)
{
	struct lister l = {.want = run->args};

	return setca_list(run, l.want->limit, &table, &l.list, walk, &l);
}

static const char *const states[] = {"valid", "expired", "revoked", "not yet valid", NULL};
static const char *const kinds[] = {"cardholder signature", "merchant signature", "merchant key exchange",
    "gateway signature", "gateway key exchange", "CA message signature", "CA key exchange", "CA certificate signing",
    "CA CRL signing", "CA certificate and CRL signing", "root", NULL};

const struct tc_command setca_cert_list = {
    .name = "cert list",
    .summary = "what was issued, oldest first",
    .about = "One line a certificate, CA by CA in the order of issue, a hundred at a time; where there are more, the "
	     "last line "
	     "says what to give as --after for the next hundred.",
    .opts =
	(const struct tc_opt[]){
	    {"ca", TC_TEXT, TC_AT(struct list_args, ca), "CA", "only those that this CA issued", NULL},
	    {"kind", TC_CHOICE, TC_AT(struct list_args, kind), "KIND", "only this kind", kinds},
	    {"state", TC_CHOICE, TC_AT(struct list_args, state), "STATE", "only those in this state", states},
	    {"limit", TC_NUMBER, TC_AT(struct list_args, limit), "N", "at most so many (100)", NULL},
	    {"after", TC_TEXT, TC_AT(struct list_args, after), "PLACE", "go on behind this place", NULL},
	    {0},
	},
    .args_size = sizeof(struct list_args),
    .examples =
	(const struct tc_example[]){
	    {"setca cert list --ca gateway", "the gateway CA's"},
	    {"setca cert list --state revoked --limit 20", "twenty that were revoked"},
	    {0},
	},
    .run = run_list,
};

/* --- find --- */

struct find_args {
	const char *serial, *holder, *file;
};

static enum setpki_code
find_one(struct lister *l, const struct find_args *a)
{
	struct ca_cert_record rec = {0};
	enum setpki_code rc;

	rc = a->serial != NULL ? setca_cert_by_serial(l->list.s, l->list.t, a->serial, &rec)
			       : setca_cert_by_file(l->list.s, l->list.t, a->file, &rec);
	if (rc == SETPKI_E_OK && (rc = setca_ca_name(l->list.s, l->list.t, rec.ca, l->ca)) == SETPKI_E_OK)
		rc = take(l, &rec, SETCA_ERR(l->list.s));
	ca_cert_record_free(&rec);
	return rc;
}

static enum setpki_code
take_holder(void *arg, const struct ca_cert_record *rec, struct setpki_error *err)
{
	struct lister *l = arg;
	enum setpki_code rc;

	if ((rc = setca_ca_name(l->list.s, l->list.t, rec->ca, l->ca)) != SETPKI_E_OK)
		return rc;
	return take(l, rec, err);
}

struct finder {
	struct lister l;
	const struct find_args *want;
};

static enum setpki_code
find(void *arg)
{
	static const struct list_args everything = {.limit = -1};
	struct finder *f = arg;
	struct setca *s = f->l.list.s;
	enum setpki_code rc;

	f->l.want = &everything;
	if (f->want->holder == NULL)
		return find_one(&f->l, f->want);
	if ((rc = ca_cert_by_holder(f->l.list.t, f->want->holder, take_holder, &f->l, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	if (f->l.list.shown == 0)
		return tc_fail(SETCA_ERR(s), SETPKI_E_NOTFOUND, "no certificate of a holder '%.100s'", f->want->holder);
	return SETPKI_E_OK;
}

static enum setpki_code
run_find(struct tc_run *run)
{
	const struct find_args *a = run->args;
	struct finder f = {.want = a};

	if ((a->serial != NULL) + (a->holder != NULL) + (a->file != NULL) != 1)
		return tc_fail(&run->err, SETPKI_E_ARGUMENT, "cert find needs one of --serial, --holder and --file");
	return setca_list(run, INT64_MAX, &table, &f.l.list, find, &f);
}

const struct tc_command setca_cert_find = {
    .name = "cert find",
    .summary = "find certificates by serial number, holder, or what a file holds",
    .about = "By serial number (hex), by holder (the commonName, whole), or by a file: a certificate, or a PKCS#10 "
	     "request or "
	     "public key whose key was certified.  Nothing found is status 3.",
    .opts =
	(const struct tc_opt[]){
	    {"serial", TC_TEXT, TC_AT(struct find_args, serial), "HEX", "the serial number", NULL},
	    {"holder", TC_TEXT, TC_AT(struct find_args, holder), "NAME", "the commonName", NULL},
	    {"file", TC_TEXT, TC_AT(struct find_args, file), "FILE", "a certificate, request or public key", NULL},
	    {0},
	},
    .args_size = sizeof(struct find_args),
    .examples =
	(const struct tc_example[]){
	    {"setca cert find --file gw1/signature.cer", "the record of a certificate at hand"},
	    {0},
	},
    .run = run_find,
};
