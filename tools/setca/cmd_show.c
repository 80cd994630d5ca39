/* setca show: any object, field by field. */
#include "tools/setca/commands.h"
#include "tools/setca/show_keys.h"

struct show {
	struct setca s;
	struct show_keys keys;
};

static enum setpki_code
show_object(void *arg, const struct setpki_object *object, struct setpki_error *err)
{
	struct show *w = arg;

	(void)err; /* the run's own, where setca_print_object() puts it */
	return setca_print_object(&w->s, object, &w->keys.walk);
}

static enum setpki_code
run_show(struct tc_run *run)
{
	const struct show_args *a = run->args;
	struct show w = {.s = {.run = NULL}};
	enum setpki_code rc;

	if ((rc = setca_begin(run, &w.s)) == SETPKI_E_OK &&
	    (rc = tc_pass_new(a->passphrase_fd, &w.s.pass, &run->err)) == SETPKI_E_OK)
		rc = show_keys_open(&w.s, a, &w.keys);
	for (size_t i = 0; rc == SETPKI_E_OK && i < run->noperands; i++)
		rc = setca_each_object(run->operands[i], show_object, &w, &run->err);
	show_keys_free(&w.keys);
	return setca_end(&w.s, rc);
}

const struct tc_command setca_show = {
    .name = "show",
    .operands = "FILE...",
    .min = 1,
    .max = -1,
    .summary = "print any certificate, CRL, BCI, request, bundle or SET message",
    .about = "Prints each object of the files under SET's own names: certificates, CRLs, BCIs, PKCS#10 requests and "
	     "public keys, alone, as PEM, or in a PKCS#7 bundle, and SET messages.  What a file holds is told from its "
	     "contents.  - is standard input.  Needs no home.\n\n"
	     "The encrypted parts of a message are opened with the recipient's private key, or, of a CertRes, with the "
	     "key that the request asked it to come back under.  Card numbers are shown as first six and last four "
	     "digits; of CardSecret, the nonces of key blocks, back keys and form answers only the length is shown, "
	     "with a key too.  Signatures are checked where the signer's key is in the message; whose certificate it "
	     "is, is not.  What cannot be read is shown by its length, then the error is told, and the exit status is "
	     "1.",
    .opts =
	(const struct tc_opt[]){
	    {"key", TC_LIST, TC_AT(struct show_args, key), "FILE",
		"a private key (PKCS#8, PEM) that opens what is encrypted for its owner; may be repeated", NULL},
	    {"back-key-file", TC_TEXT, TC_AT(struct show_args, back_key_file), "FILE",
		"a file with the back key in hex, which opens a CertRes", NULL},
	    {"passphrase-fd", TC_NUMBER, TC_AT(struct show_args, passphrase_fd), "N",
		"read the passphrase of --key from descriptor N instead of the terminal", NULL},
	    {0},
	},
    .args_size = sizeof(struct show_args),
    .examples =
	(const struct tc_example[]){
	    {"setca show gw1/signature.cer", "a certificate"},
	    {"setca --json show gw1/signature.cer", "the same for programs"},
	    {"setca show --key card-exchange.key certreq.set", "a request as its CA sees it"},
	    {0},
	},
    .run = run_show,
};
