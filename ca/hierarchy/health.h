/* How a home is, and what comes up in it: the checks of `setca doctor`, each finding a row of one table. */
#ifndef CA_HIERARCHY_HEALTH_H
#define CA_HIERARCHY_HEALTH_H

#include "ca/home/home.h"

#include <setpki/text.h>

/* NOTE: worth knowing, nothing to do; UNDECIDED: the check could not be made. */
enum ca_severity {
	CA_SEVERITY_FINE,
	CA_SEVERITY_NOTE,
	CA_SEVERITY_UNDECIDED,
	CA_SEVERITY_WARNING,
	CA_SEVERITY_ERROR,
	CA_SEVERITY_N
};
const char *ca_severity_name(enum ca_severity s); /* "fine", "note", "undecided", "warning", "error" */

#define CA_ADVICE_RENEW                                                                                                \
	"renew it ('setca ca renew') or, where its superior signs no more, roll the CA ('setca ca roll')"
#define CA_ADVICE_ROLL "roll the CA ('setca ca roll'); a message-signature key is renewed ('setca ca renew')"
#define CA_ADVICE_LIST(import)                                                                                         \
	"'setca publish --due' makes the next one, and a timer ought to call it; another home's comes with '" import "'"
#define CA_ADVICE_ROOM "make room on the disk: below the mark nothing is issued, while revoking and publishing go on"

/* X(name, id, severity, advice): everything that can be found. */
#define CA_HEALTH_ROWS(X)                                                                                              \
	X(CERT_EXPIRED, "certificate-expired", ERROR, CA_ADVICE_RENEW)                                                 \
	X(CERT_SOON, "certificate-expires-soon", ERROR, CA_ADVICE_RENEW)                                               \
	X(CERT_LATER, "certificate-expires", WARNING, CA_ADVICE_RENEW)                                                 \
	X(SIGNING_OVER, "signing-period-over", ERROR, CA_ADVICE_ROLL)                                                  \
	X(SIGNING_SOON, "signing-period-ends-soon", ERROR, CA_ADVICE_ROLL)                                             \
	X(SIGNING_LATER, "signing-period-ends", WARNING, CA_ADVICE_ROLL)                                               \
	X(CA_WAITING, "ca-waiting", NOTE,                                                                              \
	    "'setca init POLICY' goes on with it; where a superior is asked, 'setca ca install' takes its answer")     \
	X(CA_UNKNOWN, "ca-not-in-policy", WARNING, "bring it back into the policy ('setca policy apply')")             \
	X(KEY_MISSING, "key-missing", ERROR, "put the file back from where keys/ is kept")                             \
	X(CRL_MISSING, "crl-missing", ERROR, CA_ADVICE_LIST("setca crl import"))                                       \
	X(CRL_OVER, "crl-expired", ERROR, CA_ADVICE_LIST("setca crl import"))                                          \
	X(CRL_LATE, "crl-runs-out", WARNING, CA_ADVICE_LIST("setca crl import"))                                       \
	X(BCI_MISSING, "bci-missing", ERROR, CA_ADVICE_LIST("setca bci import"))                                       \
	X(BCI_OVER, "bci-expired", ERROR, CA_ADVICE_LIST("setca bci import"))                                          \
	X(BCI_LATE, "bci-runs-out", WARNING, CA_ADVICE_LIST("setca bci import"))                                       \
	X(SET_BEHIND, "public-set-behind", WARNING, "'setca publish' writes it anew")                                  \
	X(STORE_BEHIND, "store-behind", ERROR,                                                                         \
	    "restore a newer backup of the store: until then nothing is published, for no number may be used twice")   \
	X(PUBLISH_DUE, "publication-due", NOTE, "'setca publish --due' does it")                                       \
	X(STORE_FULL, "store-full", ERROR, CA_ADVICE_ROOM)                                                             \
	X(STORE_LOW, "store-low", WARNING, CA_ADVICE_ROOM)                                                             \
	X(PERMISSIONS, "permissions", ERROR, "give it to the user who runs setca, and take all rights from others")    \
	X(SECRET_CHANGED, "account-secret-changed", ERROR,                                                             \
	    "without keys/pan-hash.secret no card of the account list is found: put it back")                          \
	X(CLOCK_BEHIND, "clock-behind", ERROR, "set the clock: what is signed now would be dated wrongly")             \
	X(INTENTS_OPEN, "intents-open", NOTE, "nothing: they are being signed")                                        \
	X(INTENTS_LEFT, "intents-abandoned", WARNING, "the next command that writes burns their serial numbers")       \
	X(REQUESTS_PENDED, "requests-pended", NOTE,                                                                    \
	    "'setca request list' shows them, 'setca request approve' decides")                                        \
	X(REQUESTS_APPROVED, "requests-approved", NOTE,                                                                \
	    "a setcad that holds the keys issues them within a second; 'setca doctor' a little later tells")           \
	X(HELD, "issuing-held", WARNING, "'setca release' resumes it")                                                 \
	X(UNDECIDED, "undecided", UNDECIDED, "see why, and ask again")

enum ca_health_id {
#define X(name, id, severity, advice) CA_HEALTH_##name,
	CA_HEALTH_ROWS(X)
#undef X
	    CA_HEALTH_N
};

struct ca_health_row {
	const char *id;
	enum ca_severity severity;
	const char *advice; /* what to do about it */
};
extern const struct ca_health_row ca_health_rows[CA_HEALTH_N];

struct ca_finding {
	enum ca_health_id id;
	char where[CA_NAME_MAX + 32]; /* "gateway, generation 1"; a file; empty: the home as a whole */
	char text[400];		      /* one line: what is found */
};

/* Something that ends, and how near it is. */
struct ca_coming {
	const char *what; /* static: "certificate-signing certificate", "signing period", "CRL", "BCI" */
	char where[CA_NAME_MAX + 32];
	int64_t until;
	enum ca_severity severity;
};

struct ca_health {
	struct ca_finding *v; /* the worst first */
	size_t n, cap;
	struct ca_coming *coming; /* by time */
	size_t ncoming, cap_coming;
	uint64_t headroom; /* of the store, bytes */
	enum ca_severity worst;
};

/* Makes every check, as of h->now; writes nothing.  What cannot be checked is a finding of its own (UNDECIDED).
 * STATE: no policy is in force; MEMORY.  ca_health_free(). */
SP_MUST_CHECK enum setpki_code ca_health_read(struct ca_home *h, struct ca_health *out, struct setpki_error *err);
void ca_health_free(struct ca_health *health); /* and empties it */

#endif
