/* setca cert show, export: one certificate. */
#include "lib/x509/p7.h"
#include "tools/common/fail.h"
#include "tools/setca/cert.h"
#include "tools/setca/commands.h"

#include <string.h>

#define CHAIN_MAX 8

struct export_args {
	const char *out;
	bool der, chain;
};

/* --- show --- */

static enum setpki_code
show(struct setca *s, ca_txn *t, const char *serial)
{
	struct setpki_visitor v = tc_out_visitor(s->out);
	struct setpki_object o = {.type = SETPKI_OBJECT_CERT};
	struct ca_cert_record rec;
	enum setpki_code rc;

	if ((rc = setca_cert_by_serial(s, t, serial, &rec)) == SETPKI_E_OK) {
		tc_object(s->out, "setca.cert/1", NULL);
		if ((rc = setca_cert_fields(s, t, &rec)) == SETPKI_E_OK) {
			o.der = rec.der;
			rc = setpki_walk(s->run->ctx, &o, SETPKI_SUITE_NONE, &v, SETCA_ERR(s));
		}
		tc_object_end(s->out);
	}
	ca_cert_record_free(&rec);
	return rc;
}

static enum setpki_code
run_show(struct tc_run *run)
{
	enum setpki_code rc;
	ca_txn *t = NULL;
	struct setca s;
	size_t i;

	if ((rc = setca_open(run, CA_HOME_READ, -1, &s)) == SETPKI_E_OK)
		rc = ca_txn_begin(s.home->store, false, &t, &run->err);
	for (i = 0; i < run->noperands && rc == SETPKI_E_OK; i++)
		rc = show(&s, t, run->operands[i]);
	ca_txn_abort(t);
	return setca_end(&s, rc);
}

const struct tc_command setca_cert_show = {
    .name = "cert show",
    .operands = "SERIAL...",
    .min = 1,
    .max = -1,
    .summary = "one certificate: its record, then all its fields",
    .about = "The record that the home keeps - issuer, state, the hash of the policy that was in force - and the "
	     "certificate "
	     "itself under SET's names.",
    .examples =
	(const struct tc_example[]){
	    {"setca cert show $SERIAL", "the serial number as 'setca cert list' prints it"},
	    {0},
	},
    .run = run_show,
};

/* --- export --- */

/* The certificates of a chain, the leaf first. */
struct chain {
	struct ca_cert_record v[CHAIN_MAX];
	size_t n;
};

/* Appends the certificate of the CA generation that issued v[n - 1]; *top: that was a root. */
static enum setpki_code
add_issuer(struct setca *s, ca_txn *t, struct chain *c, bool *top)
{
	const struct ca_cert_record *below = &c->v[c->n - 1];
	struct ca_ca_record ca = {0};
	const struct ca_generation *g;
	enum setpki_code rc;
	uint16_t superior, i;

	*top = below->subject_ca == below->ca && below->subject_ca != 0;
	if (*top)
		return SETPKI_E_OK;
	if (c->n == CHAIN_MAX)
		return tc_fail(SETCA_ERR(s), SETPKI_E_LIMIT, "the chain is longer than %d certificates", CHAIN_MAX);
	if ((rc = ca_ca_get(t, below->ca, &ca, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	superior = ca.parent != 0 ? ca.parent : ca.id;
	for (i = 0, g = NULL; i < ca.ngenerations; i++)
		if (ca.generations[i].number == below->generation)
			g = &ca.generations[i];
	if (g == NULL || g->keys[CA_PURPOSE_CERTSIGN].seq == 0)
		rc = tc_fail(SETCA_ERR(s), SETPKI_E_STORE, "%s has no generation %u", ca.name, below->generation);
	else if ((rc = ca_cert_get(t, superior, g->keys[CA_PURPOSE_CERTSIGN].seq, &c->v[c->n], SETCA_ERR(s))) ==
	    SETPKI_E_OK)
		c->n++;
	ca_ca_record_free(&ca);
	return rc;
}

static enum setpki_code
write_chain(const struct chain *c, const struct export_args *a, struct setpki_error *err)
{
	struct sp_buf text = {0};
	enum setpki_code rc = SETPKI_E_OK;
	size_t i;

	if (a->der)
		return setca_write(a->out, c->v[0].der, err);
	for (i = 0; i < c->n && rc == SETPKI_E_OK; i++)
		rc = setca_pem("CERTIFICATE", c->v[i].der, &text, err);
	if (rc == SETPKI_E_OK)
		rc = setca_write(a->out, sp_buf_bytes(&text), err);
	sp_buf_free(&text);
	return rc;
}

static enum setpki_code export(struct setca *s, ca_txn *t, const char *serial, const struct export_args *a) {
	struct chain c = {.n = 0}; enum setpki_code rc; bool top = !a->chain;

	if ((rc = setca_cert_by_serial(s, t, serial, &c.v[0])) == SETPKI_E_OK) c.n = 1;
	while (rc == SETPKI_E_OK && !top) rc = add_issuer(s, t, &c, &top);
	if (rc == SETPKI_E_OK) rc = write_chain(&c, a, SETCA_ERR(s));
	while (c.n > 0) ca_cert_record_free(&c.v[--c.n]);
	return rc;
}

static enum setpki_code
run_export(struct tc_run *run)
{
	const struct export_args *a = run->args;
	enum setpki_code rc;
	ca_txn *t = NULL;
	struct setca s = {0};

	if (a->der && a->chain)
		return tc_fail(&run->err, SETPKI_E_ARGUMENT, "--der holds one certificate; a chain goes out as PEM");
	if ((rc = setca_open(run, CA_HOME_READ, -1, &s)) == SETPKI_E_OK &&
	    (rc = ca_txn_begin(s.home->store, false, &t, &run->err)) == SETPKI_E_OK)
		rc = export(&s, t, run->operands[0], a);
	ca_txn_abort(t);
	return setca_end(&s, rc);
}

const struct tc_command setca_cert_export = {
    .name = "cert export",
    .operands = "SERIAL",
    .min = 1,
    .max = 1,
    .summary = "a certificate as a file",
    .about = "PEM, or DER with --der; with --chain its superiors' certificates up to the root follow it.",
    .opts =
	(const struct tc_opt[]){
	    {"out", TC_TEXT, TC_AT(struct export_args, out), "FILE", "where it goes; else standard output", NULL},
	    {"der", TC_FLAG, TC_AT(struct export_args, der), NULL, "DER instead of PEM", NULL},
	    {"chain", TC_FLAG, TC_AT(struct export_args, chain), NULL, "and its superiors', up to the root", NULL},
	    {0},
	},
    .args_size = sizeof(struct export_args),
    .examples =
	(const struct tc_example[]){
	    {"setca cert export $SERIAL --chain --out gw1-chain.pem", "with everything above it"},
	    {0},
	},
    .run = run_export,
};
