/* What the commands of setenroll share: options, and a registration at work. */
#ifndef TOOLS_SETENROLL_SETENROLL_H
#define TOOLS_SETENROLL_SETENROLL_H

#include "tools/common/main.h"
#include "tools/common/out.h"
#include "tools/common/term.h"
#include "tools/setenroll/folder.h"

#include <fcntl.h>

#include <jansson.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <setpki/enroll.h>
#include <setpki/key.h>

struct en_globals {
	bool json;
};

/* Options of all commands; each command's table names those that it takes. */
struct en_args {
	const char *dir, *url, *brand, *root, *root_thumb, *language, *suite, *revocation, *key_type, *answers;
	const char *bin, *merchant_id, *business_id, *expiry;
	int64_t pan_fd, account_fd, passphrase_fd, wait, timeout;
	bool signature_only, exchange_only, no_passphrase;
};

/* A registration at work.  Zero-initialise; en_close(). */
struct en {
	struct tc_run *run;
	const struct en_args *a;
	struct tc_out *out;
	int dir, session; /* descriptors of the folders; -1: not open */
	json_t *state;	  /* of the registration under way, or of the finished one (state.c) */
	const struct setpki_request_row *row;
	struct tc_pass *pass;
	char *passphrase; /* secure memory; NULL: not asked for yet */
	size_t npassphrase;
	bool open_keys; /* keys are kept without a passphrase */
	setpki_pool *pool;
	EVP_PKEY *sig_key, *enc_key, *old_key;
	setpki_bytes old_cert, old_enc; /* owned */
	uint8_t seal[SETPKI_SEAL_LEN];
	setpki_enroll *e;
	struct en_filled *typed; /* at the terminal, for when the CA wants some of it otherwise (form.h); NULL */
	int corrected;		 /* how often it did */
	bool pended, resumed;
	int64_t waited, pause; /* for decisions; milliseconds */
};
/* Before anything else: jansson cleanses what it frees, which may be an answer.  What json_dumps() gives goes to the
 * second one. */
void en_json_cleanses(void);
void en_json_free(void *text);

#define EN_ERR(en) (&(en)->run->err)
#define EN_BYTES(der) ((setpki_bytes){(der).p, (der).n})

/* Opens DIR (`make`: and makes it) and reads the state of what is under way there, else of what is finished; completes
 * the move of a finished one that was interrupted.  After it `state` is NULL if there is nothing. */
enum setpki_code en_open(struct tc_run *run, struct en *en, bool make);
/* The end of every command: writes the output if `rc` is OK, frees and cleanses everything. @return the code to return
 */
enum setpki_code en_close(struct en *en, enum setpki_code rc);
/* Whether a registration is under way. */
bool en_under_way(const struct en *en);

/* --- state.c: state.json, what was asked for; no secrets ---------------------------------------- */

/* The words of a role: "merchant", MER, "mer". */
struct en_role {
	const char *name, *set;
	uint32_t holder;
};
const struct en_role *en_role_of(uint32_t holder);
const struct en_role *en_role_by_name(const char *name); /* of the table */
/* Whether the options of a first registration are there and go together.  ARGUMENT: which one does not. */
enum setpki_code en_args_check(struct tc_run *run, const struct en_role *role);
/* Whether --expiry is there, and a month that is not over.  ARGUMENT. */
enum setpki_code en_expiry_check(const struct en_args *a, int64_t now, struct setpki_error *err);
/* A new state from the options. */
enum setpki_code en_state_new(struct en *en, const struct en_role *role, json_t **out);
/* The state of a renewal of what `en->state` is about. */
enum setpki_code en_state_renewal(struct en *en, json_t **out);
/* Reads it; PARSE: which member is not as setenroll writes it. */
enum setpki_code en_state_read(int folder, json_t **out, struct setpki_error *err);
enum setpki_code en_state_write(struct en *en, bool update);
const char *en_state_text(const json_t *state, const char *member); /* NULL: absent */
uint64_t en_state_number(const json_t *state, const char *member);  /* 0: absent */
/* Whether the options ask for what is under way.  CONFLICT: which one differs. */
enum setpki_code en_state_same(struct en *en, const json_t *asked);
/* Takes over from what is asked where the CA is and whose thumb is trusted: what was said before may have been the
 * mistake. */
enum setpki_code en_state_take(struct en *en, const json_t *asked);
/* The first number that no folder of earlier files, "old-N", has. */
int en_next_old(const struct en *en);
const struct setpki_request_row *en_state_row(const json_t *state);

/* --- keys.c --------------------------------------------------------------------------------------- */

/* Makes the keys of the request, and the seal, in memory. */
enum setpki_code en_keys_make(struct en *en);
/* Writes them into the session's folder. */
enum setpki_code en_keys_write(struct en *en);
/* Reads them from there. */
enum setpki_code en_keys_read(struct en *en);
/* The existing certificates and the key that signs, where the request type has them sign. */
enum setpki_code en_old_read(struct en *en);

/* --- trust.c ------------------------------------------------------------------------------------- */

/* A pool of the roots that are trusted and of what is known. */
enum setpki_code en_pool_make(struct en *en);
/* Whom --root and --root-thumb trust, into the session's folder: what an earlier command said is forgotten. */
enum setpki_code en_trust_write(struct en *en);
/* Appends PEM. */
enum setpki_code en_pem_add(BIO *to, const struct setpki_object *object, struct setpki_error *err);

/* --- session.c, send.c, form.c, result.c ---------------------------------------------------------- */

/* Begins a registration: everything that the CA does not say is asked for here; nothing is sent yet. */
enum setpki_code en_begin(struct en *en, json_t *state);
/* Goes on with the one that is under way. */
enum setpki_code en_resume(struct en *en);
/* Until it ends, or waits longer than it may, or cannot go on; reports what came of it; run->status. */
enum setpki_code en_drive(struct en *en);
/* The step SEND: posts, tries again, takes the answer. */
enum setpki_code en_send(struct en *en);
/* The step FORM. */
enum setpki_code en_form(struct en *en);
/* Whether the CA found answers to its form wrong. */
bool en_form_malformed(const struct en *en);
/* Whether these are asked for anew: at a terminal, a few times. */
bool en_form_correctable(const struct en *en);
void en_form_forget(struct en *en); /* what was typed */
/* The step DONE: certificates, chain, roots and secrets into the session's folder, which is complete then. */
enum setpki_code en_result_write(struct en *en);
/* A complete session's files move up, and its folder goes. */
enum setpki_code en_result_move(struct en *en);
/* What stands in DIR. */
enum setpki_code en_report_done(struct en *en);
/* That one is under way. */
void en_report_under_way(struct en *en);
/* What came of a registration without certificates; the exit status of it. */
int en_report_step(struct en *en);
void en_nap(int64_t milliseconds);
int64_t en_moment(void); /* milliseconds of a clock that only runs forward */

#endif
