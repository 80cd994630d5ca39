/* What the store keeps, as structures; the encoding (one version octet, fixed fields, then length-prefixed ones) is
 * that of record.c, record_desk.c and record_request.c alone.  Strings and byte strings of a record that was read by a
 * *_get, *_find or
 * *_by_* function belong to the record: *_free() (NULL and zeroed records are fine; it leaves a zeroed one).  Those
 * that a walk shows are borrowed for the call. */
#ifndef CA_STORE_RECORD_H
#define CA_STORE_RECORD_H

#include "lib/base/limits.h"
#include "lib/x509/merchant.h"

#include <setpki/types.h>

#define CA_NAME_MAX 64
#define CA_RECORD_PURPOSES 4 /* CA_PURPOSE_N of policy.h, which this room does not know */
#define CA_GENERATIONS_MAX 1024
#define CA_HOLDER_MAX 400			 /* octets of the name in by-holder */
#define CA_HOLDER_ID_MAX (4 * SP_UB_MERCHANT_ID) /* octets of the identifier in holder */

/* One certificate-signing key of a CA and what belongs to it (set-protocol 12.12, "A generation is ..."). */
struct ca_ca_record {
	uint16_t id;			   /* 1.., one over all generations */
	char name[CA_NAME_MAX];		   /* the policy's name */
	uint16_t parent;		   /* its superior's number; 0 for the root */
	uint16_t brand;			   /* its brand CA's number; 0 for the root */
	uint32_t type;			   /* certificateType bits */
	bool here;			   /* its keys live in this home */
	uint16_t generation;		   /* the newest */
	uint16_t ngenerations;		   /* of the array below */
	struct ca_generation *generations; /* owned: ca_ca_record_free() */
};

enum ca_generation_state { CA_GEN_WAITING, CA_GEN_ACTIVE, CA_GEN_CLOSING, CA_GEN_RETIRED };

/* Keys and present certificates of one generation, by enum ca_purpose (policy.h). */
struct ca_generation {
	uint16_t number, superior_generation;
	enum ca_generation_state state; /* WAITING: for its superior's answer; CLOSING: publishes, no longer issues */
	struct ca_generation_key {
		char uri[96];	      /* "file:card-1-certsign.key"; empty: no such key */
		uint8_t identity[32]; /* of the public key */
		uint64_t seq;	      /* its certificate: sequence number under the superior's CA number; 0: none yet */
	} keys[CA_RECORD_PURPOSES];
	char next_root_uri[96]; /* root: where the next root's key is */
};

struct ca_cert_record {
	uint16_t ca;	     /* number of the issuing CA */
	uint16_t generation; /* and its generation */
	uint64_t seq;
	uint8_t kind;	     /* enum setpki_kind */
	uint8_t purpose;     /* for CA certificates: enum ca_purpose */
	uint16_t subject_ca; /* for CA certificates: whose; else 0 */
	uint16_t subject_generation;
	bool renews_key; /* `ca renew`: the key is allowed to be indexed already */
	int64_t issued_at, not_before, not_after;
	uint8_t key_identity[32], request[32], policy_hash[32];
	setpki_bytes serial; /* contents octets */
	setpki_bytes der;
	char *holder; /* small identifier for by-holder: CN; NULL: not indexed */
};

struct ca_intent_record {
	setpki_bytes serial, tbs;
	uint16_t ca, generation;
	uint16_t writer;       /* slot in run/ */
	uint64_t writer_epoch; /* tells two users of one slot apart */
	int64_t at;
	uint8_t key_identity[32], request[32];
};

struct ca_revoked_record {
	uint16_t ca, generation; /* whose CRL lists it */
	setpki_bytes serial;
	int64_t at, not_after; /* of the revoked certificate */
	int reason;	       /* -1: none given */
	uint64_t listed_until; /* thisUpdate of a CRL past expiry that still listed it; 0: not yet (12.14, last rule) */
};

struct ca_crl_record {
	uint16_t ca, generation;
	uint64_t number;
	int64_t this_update, next_update, next_run;
	setpki_bytes der; /* { NULL, 0 }: only the schedule */
};

struct ca_bci_record {
	uint16_t brand;
	uint64_t sequence;
	int64_t not_before, not_after, next_run;
	uint64_t published; /* sequence of the set in public/; 0: none */
	setpki_bytes der;
};

enum ca_account_state { CA_ACCOUNT_ACTIVE, CA_ACCOUNT_BLOCKED };

/* What an issuer knows of one of its cards, for the registration desk.  The number itself is kept nowhere. */
struct ca_account_record {
	uint16_t ca;
	uint8_t hash[32]; /* of the PAN (ca/home/pan.h) */
	char first_six[7], last_four[5];
	char expiry[7]; /* YYYYMM */
	enum ca_account_state state;
	int64_t imported_at;
};

/* What an acquirer knows of one of its merchants or gateways: what goes into their certificates. */
struct ca_holder_record {
	uint16_t ca;
	uint8_t role; /* enum ca_role of policy.h: merchant or gateway */
	char bin[SP_UB_BIN + 1];
	char id[CA_HOLDER_ID_MAX + 1]; /* MerchantID; of a gateway the acquirerBusinessID, empty if it has none */
	enum ca_account_state state;
	int64_t imported_at;
	const char *name; /* gateways: their commonName; merchants: NULL */
	/* merchants: MerchantData (lib/x509/merchant.h) */
	struct sp_mer_names *names; /* owned: ca_holder_record_free() */
	size_t nnames;
	uint16_t country; /* ISO 3166 numeric */
	bool auth_flag;
	setpki_bytes memory; /* owned: what the strings of a record that was read lie in */
};

/* A registration on its way (set-protocol 12.8).  The first three go on; the others are final. */
enum ca_request_state {
	CA_REQUEST_IN_PROGRESS, /* an automatic check has not answered yet */
	CA_REQUEST_PENDED,	/* persons decide */
	CA_REQUEST_APPROVED,	/* decided for, and to be issued by whoever holds the key */
	CA_REQUEST_COMPLETE,	/* its certificates are issued */
	CA_REQUEST_REJECTED,	/* decided against */
	CA_REQUEST_REFUSED,	/* nobody had to decide: the request itself was at fault, or its key certified before */
	CA_REQUEST_STATES
};
#define CA_REQUEST_FINAL(state) ((state) >= CA_REQUEST_COMPLETE)

/* Whether a request that is in one state may be in another one next, or (`led`) at some later time. */
bool ca_request_may_become(enum ca_request_state from, enum ca_request_state to, bool led);
const char *ca_request_state_name(enum ca_request_state state); /* "pended" */

#define CA_LID_CA 20	 /* octets of a lid-CA that we made (set-protocol 12.6) */
#define CA_PERSON_MAX 64 /* characters of who decided */
#define CA_REQUEST_VOTES SP_DESK_APPROVALS_MAX
#define CA_REQUEST_MESSAGE 512 /* octets of an eeMessage: 128 characters */

/* What is kept of a CertReq that was accepted, and nothing more: no card number, no CardSecret. */
struct ca_request_record {
	uint64_t number;     /* 1.., given when it is added */
	uint8_t wrapper[32]; /* SHA-256 of its MessageWrapper: its identity (set-protocol 12.7) */
	uint16_t ca;
	uint8_t type; /* enum setpki_request_type */
	enum ca_request_state state;
	uint8_t status; /* enum setpki_status that its holder is told */
	int64_t received_at, changed_at;
	uint8_t lid_ca[CA_LID_CA];
	uint8_t lid_ee[CA_LID_CA];
	uint8_t nlid_ee; /* 1..20 */
	char language[SP_UB_LANGUAGE + 1];
	char bin[SP_UB_BIN + 1];       /* idData; empty: none */
	char id[CA_HOLDER_ID_MAX + 1]; /* likewise */
	setpki_bytes sig_key, enc_key; /* SubjectPublicKeyInfo; empty: not asked for */
	uint64_t old_seq, old_enc_seq; /* the certificate that signed, and the one that eeThumb names, under `ca`; 0 */
	uint8_t account_hash[32]; /* keyed: of the PAN; of merchants and gateways, whose ids may look like one, of BIN
				     and id */
	/* cardholders; empty else */
	char name[64]; /* the blinded account */
	char first_six[7], last_four[5], expiry[7];
	/* how it was decided */
	char decider[CA_PERSON_MAX + 1]; /* "accounts", "program", "policy", or who it was; empty: nobody yet */
	struct ca_request_vote {
		char by[CA_PERSON_MAX + 1];
		int64_t at;
	} votes[CA_REQUEST_VOTES]; /* of persons, for it */
	uint8_t nvotes;
	char message[CA_REQUEST_MESSAGE + 1]; /* eeMessage; empty: none */
	uint16_t writer;		      /* in progress: who waits for the check, as in an intent */
	uint64_t writer_epoch;
	int64_t erase_at;    /* when the sealed parts go; 0: not decided, or gone */
	setpki_bytes sealed; /* Nonce-CCA, back key, form answers; empty: erased */
};

/* The answer that was given to a CertReq (set-protocol 12.7). */
struct ca_kept_record {
	uint8_t wrapper[32];
	uint8_t rrpid[SP_NONCE_LEN], key[32]; /* of the request; SHA-256 of the SubjectPublicKeyInfo that signed it */
	int64_t expires;
	setpki_bytes answer;
};

/* What is to be erased next: the sealed parts of a request, or an answer. */
struct ca_due {
	int64_t at;
	uint64_t number; /* of the request; 0: the answer to `wrapper` */
	uint8_t wrapper[32];
};

void ca_ca_record_free(struct ca_ca_record *r);
void ca_cert_record_free(struct ca_cert_record *r);
void ca_intent_record_free(struct ca_intent_record *r);
void ca_crl_record_free(struct ca_crl_record *r);
void ca_bci_record_free(struct ca_bci_record *r);
void ca_holder_record_free(struct ca_holder_record *r);
void ca_request_record_free(struct ca_request_record *r);

#endif
