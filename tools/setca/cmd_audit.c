/* setca audit log, audit verify. */
#include "ca/audit/audit.h"
#include "tools/common/fail.h"
#include "tools/setca/commands.h"
#include "tools/setca/list.h"

#include <string.h>

struct log_args {
	int64_t after, limit;
};

enum { INDEX, AT, EVENT, CA, SERIAL, DETAIL, OBJECT, POLICY, COLUMNS };

static const struct tc_column columns[] = {
    [INDEX] = {"index", "INDEX", SETPKI_VALUE_NUMBER, true},
    [AT] = {"at", "AT", SETPKI_VALUE_TEXT, false},
    [EVENT] = {"event", "EVENT", SETPKI_VALUE_TEXT, false},
    [CA] = {"ca", "CA", SETPKI_VALUE_TEXT, false},
    [SERIAL] = {"serial", "SERIAL", SETPKI_VALUE_TEXT, false},
    [DETAIL] = {"detail", "DETAIL", SETPKI_VALUE_TEXT, false},
    [OBJECT] = {"object", NULL, SETPKI_VALUE_TEXT, false},
    [POLICY] = {"policy", NULL, SETPKI_VALUE_TEXT, false},
    [COLUMNS] = {0},
};

struct reader {
	struct setca_list list;
	const struct log_args *want;
};

static enum setpki_code
log_row(void *arg, const struct ca_audit_leaf *leaf, struct setpki_error *err)
{
	static const uint8_t none[32];
	char index[24], at[SETPKI_TIME_TEXT], serial[SETPKI_HEX_TEXT(32)], object[65], policy[65], ca_name[CA_NAME_MAX];
	struct ca_ca_record ca = {0};
	const char *cell[COLUMNS] = {0};
	struct reader *r = arg;
	enum setpki_code rc;

	if (!setca_list_room(&r->list))
		return SETPKI_E_STATE;
	snprintf(index, sizeof(index), "%llu", (unsigned long long)leaf->index);
	cell[INDEX] = index;
	cell[AT] = setpki_time_text(leaf->at, at);
	cell[EVENT] = r->list.s->json ? ca_audit_event_name(leaf->event) : ca_audit_event_text(leaf->event);
	if (leaf->ca != 0) {
		if ((rc = ca_ca_get(r->list.t, leaf->ca, &ca, err)) != SETPKI_E_OK)
			return rc;
		memcpy(ca_name, ca.name, sizeof(ca_name));
		ca_ca_record_free(&ca);
		cell[CA] = ca_name;
	}
	if (leaf->serial.n > 0 && leaf->serial.n <= 32)
		cell[SERIAL] = setpki_hex_text(leaf->serial, serial);
	cell[DETAIL] = leaf->detail;
	if (memcmp(leaf->object, none, sizeof(none)) != 0)
		cell[OBJECT] = setpki_hex_text((setpki_bytes){leaf->object, 32}, object);
	cell[POLICY] = setpki_hex_text((setpki_bytes){leaf->policy_hash, 32}, policy);
	tc_row(r->list.s->out, cell);
	snprintf(r->list.last, sizeof(r->list.last), "%s", index);
	return SETPKI_E_OK;
}

static enum setpki_code
walk(void *arg)
{
	struct reader *r = arg;
	uint64_t from = r->want->after < 0 ? 0 : (uint64_t)r->want->after + 1;

	return ca_audit_each(r->list.s->home, r->list.t, from, log_row, r, SETCA_ERR(r->list.s));
}

static enum setpki_code
run_log(struct tc_run *run)
{
	static const struct setca_list_table table = {"setca.audit/1", columns, "No entry."};
	struct reader r = {.want = run->args};

	return setca_list(run, r.want->limit, &table, &r.list, walk, &r);
}

const struct tc_command setca_audit_log = {
    .name = "audit log",
    .summary = "every change of this home, in order",
    .about = "Each entry is a leaf of a Merkle tree, written in the transaction of the change that it records, with "
	     "the hash "
	     "of the policy in force.",
    .opts =
	(const struct tc_opt[]){
	    {"after", TC_NUMBER, TC_AT(struct log_args, after), "INDEX", "begin behind this entry", NULL},
	    {"limit", TC_NUMBER, TC_AT(struct log_args, limit), "N", "at most so many (100)", NULL},
	    {0},
	},
    .args_size = sizeof(struct log_args),
    .examples =
	(const struct tc_example[]){
	    {"setca audit log --limit 20", "the first twenty entries"},
	    {0},
	},
    .run = run_log,
};

static enum setpki_code
run_verify(struct tc_run *run)
{
	enum setpki_code rc;
	uint8_t root[32];
	uint64_t size;
	struct setca s;

	if ((rc = setca_open(run, CA_HOME_READ, -1, &s)) == SETPKI_E_OK &&
	    (rc = ca_audit_verify(s.home, &size, root, &run->err)) == SETPKI_E_OK) {
		tc_object(s.out, "setca.audit-verify/1", "The log is whole: every change of the store has its entry.");
		tc_number(s.out, "size", size);
		tc_hex(s.out, "root", (setpki_bytes){root, 32});
		tc_object_end(s.out);
	}
	return setca_end(&s, rc);
}

const struct tc_command setca_audit_verify = {
    .name = "audit verify",
    .summary = "prove that the log is whole and agrees with the store",
    .about =
	"Computes every leaf, node and the root again, and checks that each certificate, revocation and CRL of the "
	"store has its entry and each entry its object.  Prints the size and the root hash; keep them elsewhere, and "
	"nobody can shorten the log unseen.",
    .examples =
	(const struct tc_example[]){
	    {"setca audit verify", "status 0: the log is whole"},
	    {0},
	},
    .run = run_verify,
};
