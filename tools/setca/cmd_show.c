/* setca show: any object, field by field. */
#include "tools/setca/commands.h"
#include "tools/setca/setca.h"

static enum setpki_code
show_object(void *s, const struct setpki_object *object, struct setpki_error *err)
{
	(void)err; /* the run's own, where setca_print_object() puts it */
	return setca_print_object(s, object);
}

static enum setpki_code
run_show(struct tc_run *run)
{
	enum setpki_code rc;
	struct setca s;
	size_t i;

	rc = setca_begin(run, &s);
	for (i = 0; rc == SETPKI_E_OK && i < run->noperands; i++)
		rc = setca_each_object(run->operands[i], show_object, &s, &run->err);
	return setca_end(&s, rc);
}

const struct tc_command setca_show = {
    .name = "show",
    .operands = "FILE...",
    .min = 1,
    .max = -1,
    .summary = "print any certificate, CRL, BCI, request or bundle",
    .about = "Prints each object of the files under SET's own names: certificates, CRLs, BCIs, PKCS#10 requests and "
	     "public keys, alone, as PEM, or in a PKCS#7 bundle.  What a file holds is told from its contents.  - is "
	     "standard input.  Needs no home.",
    .examples =
	(const struct tc_example[]){
	    {"setca show gw1/signature.cer", "a certificate"},
	    {"setca --json show gw1/signature.cer", "the same for programs"},
	    {0},
	},
    .run = run_show,
};
