#include "tools/setca/list.h"

#include "tools/common/fail.h"

#define LIMIT_DEFAULT 100

bool
setca_list_room(struct setca_list *l)
{
	l->more = l->shown == l->limit;
	l->shown += !l->more;
	return !l->more;
}

enum setpki_code
setca_list_bad_place(const char *text, struct setpki_error *err)
{
	return tc_fail(err, SETPKI_E_ARGUMENT, "--after takes what a list prints as its last line, not '%.40s'", text);
}

enum setpki_code
setca_list(struct tc_run *run, int64_t limit, const struct setca_list_table *table, struct setca_list *l,
    enum setpki_code (*walk)(void *arg), void *arg)
{
	struct setca s = {0};
	enum setpki_code rc;

	if (limit == 0)
		return tc_fail(&run->err, SETPKI_E_ARGUMENT, "--limit 0 would show nothing; give 1 or more");
	l->limit = limit < 0 ? LIMIT_DEFAULT : (uint64_t)limit;
	if ((rc = setca_open(run, CA_HOME_READ, -1, &s)) == SETPKI_E_OK &&
	    (rc = ca_txn_begin(s.home->store, false, &l->t, &run->err)) == SETPKI_E_OK) {
		l->s = &s;
		tc_table(s.out, table->schema, table->columns);
		rc = walk(arg);
		if (rc == SETPKI_E_STATE && l->more) {
			setpki_error_clear(&run->err);
			rc = SETPKI_E_OK;
		}
		if (rc == SETPKI_E_OK)
			tc_table_end(s.out, l->more ? l->last : NULL, table->none);
	}
	ca_txn_abort(l->t);
	return setca_end(&s, rc);
}
