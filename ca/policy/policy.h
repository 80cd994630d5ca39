/* The policy: one YAML file, read strictly into these structures.  Everything is owned by the struct ca_policy. */
#ifndef CA_POLICY_POLICY_H
#define CA_POLICY_POLICY_H

#include "lib/base/limits.h"
#include "lib/crypto/pubkey.h"

#include <stdio.h>

/* What a CA's key pair is for; each has certificates of its own (set-protocol 12.12). */
enum ca_purpose {
	CA_PURPOSE_CERTSIGN, /* certificate signing; with CRL signing in one key unless CRLSIGN is declared */
	CA_PURPOSE_CRLSIGN,  /* CRL signing alone; issuing CAs only */
	CA_PURPOSE_SIGN,     /* message signature; issuing CAs only */
	CA_PURPOSE_EXCHANGE, /* key exchange; issuing CAs only */
	CA_PURPOSE_N
};

struct ca_keytype {
	enum sp_keyalg alg;
	unsigned bits;
};

struct ca_keyspec {
	bool present;
	union {
		struct {
			enum sp_keyalg alg;
			unsigned bits;
		};
		struct ca_keytype key; /* the same two */
	};
	int64_t lifetime; /* of its certificates, seconds */
	int64_t usage;	  /* privateKeyUsagePeriod, seconds; equals lifetime where none is carried or 12.13 asks it */
};

struct ca_node;
struct ca_form;

enum ca_level { CA_LEVEL_ROOT, CA_LEVEL_BRAND, CA_LEVEL_GEO, CA_LEVEL_ISSUER };
enum ca_role { CA_ROLE_CARDHOLDER, CA_ROLE_MERCHANT, CA_ROLE_GATEWAY, CA_ROLE_N };

/* Who decides a registration; asked in the order of the policy, the first answer that is one holds. */
enum ca_decider {
	CA_DECIDE_ACCOUNTS, /* the list of accounts, merchants and gateways in the store */
	CA_DECIDE_PROGRAM,  /* a program of the operator's */
	CA_DECIDE_MANUAL,   /* persons */
	CA_DECIDE_N
};

/* What those are asked, or where they are sent, who come with certain BINs. */
struct ca_desk_route {
	char *name; /* unique in its desk */
	char *bins[SP_DESK_ROUTE_BINS_MAX];
	size_t nbins;
	char *form_name;	    /* NULL: a referral */
	const struct ca_form *form; /* of that name */
	struct ca_referral {
		bool present;
		struct ca_form_text *reasons; /* ca/policy/form.h */
		size_t nreasons;
		char *urls[SP_REFERRAL_URLS_MAX];
		size_t nurls;
	} referral;
};

/* The registration desk of a profile; there where the profile has a form. */
struct ca_desk {
	bool present;
	enum ca_decider decide[CA_DECIDE_N];
	size_t ndecide;
	struct ca_desk_program {
		bool present;
		char *path;	 /* absolute */
		int64_t timeout; /* seconds */
		bool pan;	 /* whether it is told the card number */
	} program;
	int approvals; /* persons that CA_DECIDE_MANUAL needs */
	struct ca_desk_route *routes;
	size_t nroutes;
	int64_t keep; /* seconds that sealed parts of decided requests are kept (set-protocol 12.8) */
};

#define CA_PROFILE_KEYS_MAX 8
#define CA_PROFILE_BINS_MAX 32

/* Keys, kinds and lifetimes of what an issuing CA certifies in one role. */
struct ca_profile {
	bool present;
	enum ca_role role;
	bool signature, exchange; /* kinds of certificate it issues */
	struct ca_keytype sig_keys[CA_PROFILE_KEYS_MAX],
	    exch_keys[CA_PROFILE_KEYS_MAX]; /* allowed; the first is made */
	size_t nsig_keys, nexch_keys;
	int64_t lifetime, lifetime_max; /* default and longest, seconds */
	int64_t usage;			/* privateKeyUsagePeriod of signature certificates */
	char *country, *unit, *unit2; /* subject parts that the policy fixes: C, OU (issuing or acquiring FI), 2nd OU */
	char *bins[CA_PROFILE_BINS_MAX]; /* merchants, gateways: acquirer BINs; cardholders: of their PANs */
	size_t nbins;			 /* 0: any (never for merchants) */
	bool first_contact;		 /* answers for its brand and role where a request names no BIN */
	char *form_name;		 /* NULL: no registration form */
	const struct ca_form *form;	 /* of that name, in the policy's forms; NULL */
	struct ca_desk desk;
	/* merchants */
	int mer_country; /* ISO 3166 numeric; 0: any */
	bool auth_flag;
	/* gateways */
	bool card_cert_required;
	const struct ca_node *node; /* where the file says all this; for ca/policy alone */
};

struct ca_crl_schedule {
	bool keeps;	      /* whether the CA keeps CRLs at all */
	int64_t every, valid; /* a new one each `every`; nextUpdate is thisUpdate + valid */
};

struct ca_policy_ca {
	char *name; /* unique in the policy: what commands say */
	enum ca_level level;
	uint32_t type;				  /* certificateType bits */
	int parent;				  /* index into cas; -1 for the root */
	int brand;				  /* index of its brand CA; -1 for the root */
	char *country, *organization, *unit, *id; /* C, O, OU (NULL for the root), CN without the generation */
	char *brand_id;				  /* full BrandID; NULL for the root */
	struct ca_keyspec keys[CA_PURPOSE_N];
	bool passphrase; /* private keys protected by one */
	bool offline;	 /* keys live in another home */
	int pathlen;	 /* derived from the shape of the hierarchy */
	struct ca_crl_schedule crl;
	int64_t bci_every, bci_valid;		     /* brands */
	bool next_key_passphrase;		     /* root: its next key is protected */
	char *crl_url, *aia_url;		     /* NULL: none.  Base URLs; file names are appended */
	struct ca_profile profiles[CA_ROLE_N];	     /* issuing CAs */
	char *statement, *policy_url, *policy_email; /* SET policy qualifier; inherited from above when not given */
	const struct ca_node *node;		     /* where the file says all this; for ca/policy alone */
};

struct ca_policy {
	char *name;
	enum setpki_suite suite;
	bool test;
	bool relax_critical;	  /* certificateType and hashedRootKey not critical (12.19) */
	struct ca_policy_ca *cas; /* top-down: a parent stands before its children; cas[0] is the root */
	size_t ncas;
	struct ca_form *forms; /* registration forms (ca/policy/form.h) */
	size_t nforms;
	uint8_t *source; /* the file's bytes */
	size_t source_len;
	uint8_t hash[32];	  /* SHA-256 of them */
	char *file;		  /* the name that messages use */
	struct ca_node *document; /* the file as a tree, defaults filled in (ca/policy/node.h) */
};

/* Reads and checks a policy.  `file` is the name used in messages.  Refusals are SETPKI_E_POLICY (or PARSE, LIMIT), the
 * object "FILE:LINE:COLUMN: key.path", the message the reason and, where close, a suggestion.  Writes nothing. */
SP_MUST_CHECK enum setpki_code
ca_policy_read(setpki_ctx *ctx, setpki_bytes yaml, const char *file, struct ca_policy **out, struct setpki_error *err);
void ca_policy_free(struct ca_policy *p);
/* Index of the CA with that name, -1 if there is none. */
int ca_policy_find(const struct ca_policy *p, const char *name);
/* The line that set a field, by its path ("brand.keys.certificate-signing.lifetime" as policy explain prints it; the
 * first word is the CA's name, or "policy"; elements of lists go by their name, role or language:
 * "card.issues.cardholder.lifetime"); the line of what it inherits; 0: a default, or no such field. */
int ca_policy_line(const struct ca_policy *p, const char *path);
const char *ca_role_name(enum ca_role role); /* "cardholder", "merchant", "gateway" */
const char *
ca_purpose_name(enum ca_purpose p); /* "certificate-signing", "crl-signing", "message-signature", "key-exchange" */
/* The kind of certificate that a CA has for a purpose; NONE if it has none. */
enum setpki_kind ca_policy_kind(const struct ca_policy_ca *ca, enum ca_purpose purpose);
/* Whether a profile takes this BIN (its first six digits count): one of its list, or any if it has none. */
bool ca_profile_takes_bin(const struct ca_profile *profile, const char *bin);
/* What the profile's desk has for this BIN (its first six digits count): the route that lists it, or NULL: the
 * profile's form. */
const struct ca_desk_route *ca_desk_route(const struct ca_desk *desk, const char *bin);
/* "accounts", "program", "manual" */
const char *ca_decider_name(enum ca_decider d);
/* The issuing CA that answers for a brand (index of its brand CA; -1: any brand) and role when nothing else tells:
 * the one marked first-contact, or the only one.  -1: there is none, or more than one and none is marked. */
int ca_policy_first_contact(const struct ca_policy *p, int brand, enum ca_role role);

#endif
