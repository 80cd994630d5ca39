/* The CA's session (lib/message/respond*.c): each message, each way in which it can be wrong, and what answers it. */
#include "lib/message/parts.h"
#include "tests/support/ask.h"
#include "tests/support/check.h"

#include <openssl/crypto.h>
#include <stdio.h>

struct row {
	const char *name;
	enum ask_message message;
	enum setpki_request_type type;
	void (*prepare)(struct ask *a);
	void (*alter)(struct ask *a, void *tbs, void *arg);
	enum setpki_error_code error;	   /* NONE: */
	enum setpki_status status;	   /* of the CertRes; NONE: some other answer */
	enum setpki_status classic_status; /* where the suites differ (12.5) */
};

static setpki_ctx *ctx;
static struct registry regs[2];

/* --- what a test does to a request --------------------------------------------------------------- */

static const uint8_t other[32] = "something else, 32 octets long.";

#define ALTER_OCTETS(fn, T, field)                                                                                     \
	static void fn(struct ask *a, void *tbs, void *arg)                                                            \
	{                                                                                                              \
		(void)a;                                                                                               \
		(void)arg;                                                                                             \
		assert_true(sp_str_set(&((T *)tbs)->field, V_ASN1_OCTET_STRING, sp_bytes(other, 20)));                 \
	}
ALTER_OCTETS(card_init_rrpid, SP_CARD_C_INIT_REQ, rrpid)
ALTER_OCTETS(card_init_lid, SP_CARD_C_INIT_REQ, lid_ee)
ALTER_OCTETS(me_init_rrpid, SP_ME_AQ_C_INIT_REQ, rrpid)
ALTER_OCTETS(me_init_lid, SP_ME_AQ_C_INIT_REQ, lid_ee)
ALTER_OCTETS(form_rrpid, SP_REG_FORM_REQ_DATA, rrpid)
ALTER_OCTETS(form_lid, SP_REG_FORM_REQ_DATA, lid_ee)
ALTER_OCTETS(cert_rrpid, SP_CERT_REQ_DATA, rrpid)
ALTER_OCTETS(cert_lid, SP_CERT_REQ_DATA, lid_ee)
ALTER_OCTETS(cert_lid_ca, SP_CERT_REQ_DATA, lid_ca)
ALTER_OCTETS(cert_chall_ca, SP_CERT_REQ_DATA, chall_ca)
ALTER_OCTETS(inquiry_rrpid, SP_CERT_INQ_REQ_TBS, rrpid)
ALTER_OCTETS(inquiry_lid, SP_CERT_INQ_REQ_TBS, lid_ee)
ALTER_OCTETS(inquiry_lid_ca, SP_CERT_INQ_REQ_TBS, lid_ca)

#define DROP(fn, T, field, release)                                                                                    \
	static void fn(struct ask *a, void *tbs, void *arg)                                                            \
	{                                                                                                              \
		(void)a;                                                                                               \
		(void)arg;                                                                                             \
		release;                                                                                               \
		((T *)tbs)->field = NULL;                                                                              \
	}
DROP(no_lid_ca, SP_CERT_REQ_DATA, lid_ca, ASN1_STRING_free(((SP_CERT_REQ_DATA *)tbs)->lid_ca))
DROP(no_chall_ca, SP_CERT_REQ_DATA, chall_ca, ASN1_STRING_free(((SP_CERT_REQ_DATA *)tbs)->chall_ca))
DROP(no_id_data, SP_CERT_REQ_DATA, id_data, sp_type_free(&sp_type_id_data, ((SP_CERT_REQ_DATA *)tbs)->id_data))
DROP(no_thumbs, SP_CERT_REQ_DATA, thumbs, sp_type_free(&sp_type_thumbs, ((SP_CERT_REQ_DATA *)tbs)->thumbs))
DROP(no_back_key, SP_CERT_REQ_DATA, back_key, sp_type_free(&sp_type_back_key, ((SP_CERT_REQ_DATA *)tbs)->back_key))
DROP(no_ee_thumb, SP_CERT_REQ_DATA, ee_thumb, sp_type_free(&sp_type_cert_thumb, ((SP_CERT_REQ_DATA *)tbs)->ee_thumb))
DROP(no_enc_key, SP_CERT_REQ_DATA, keys->enc, ASN1_STRING_free(((SP_CERT_REQ_DATA *)tbs)->keys->enc))

static void
brand_of_nobody(struct ask *a, void *tbs, void *arg)
{
	(void)a;
	(void)arg;
	t_ok(sp_text_set(&((SP_CARD_C_INIT_REQ *)tbs)->brand, "Nobody", 40, "brand", NULL), NULL);
}

static void
thumbs_of_the_other_suite(struct ask *a, void *tbs, void *arg)
{
	SP_CARD_C_INIT_REQ *q = tbs;
	enum setpki_suite s = a->desk->reg->suite == SETPKI_SUITE_MODERN ? SETPKI_SUITE_CLASSIC : SETPKI_SUITE_MODERN;

	(void)arg;
	t_ok(sp_thumbs_add(ctx, s, &q->thumbs, SP_THUMB_CERTS, a->desk->reg->c[REG_ROOT].der, NULL), NULL);
}

static void
card_type_of_a_merchant(struct ask *a, void *tbs, void *arg)
{
	(void)a;
	(void)arg;
	assert_true(sp_enum_set(&((SP_REG_FORM_REQ_DATA *)tbs)->request_type, SETPKI_MER_INITIAL_SIG));
}

static void
id_data_of_a_gateway(struct ask *a, void *tbs, void *arg)
{
	SP_ME_AQ_C_INIT_REQ *q = tbs;
	const struct setpki_id_data id = {SETPKI_TYPE_PGWY, REG_BIN, ""};

	(void)a;
	(void)arg;
	sp_type_free(&sp_type_id_data, q->id_data);
	q->id_data = NULL;
	t_ok(sp_id_data_set(&q->id_data, &id, NULL), NULL);
}

static void
cert_id_data_of_a_gateway(struct ask *a, void *tbs, void *arg)
{
	SP_CERT_REQ_DATA *q = tbs;
	const struct setpki_id_data id = {SETPKI_TYPE_PGWY, REG_BIN, ""};

	(void)a;
	(void)arg;
	sp_type_free(&sp_type_id_data, q->id_data);
	q->id_data = NULL;
	t_ok(sp_id_data_set(&q->id_data, &id, NULL), NULL);
}

static void
back_key_of_an_octet(struct ask *a, void *tbs, void *arg)
{
	(void)a;
	(void)arg;
	assert_true(sp_str_set(&((SP_CERT_REQ_DATA *)tbs)->back_key->key, V_ASN1_OCTET_STRING, sp_bytes(other, 1)));
}

static void
exchange_key_that_is_none(struct ask *a, void *tbs, void *arg)
{
	(void)a;
	(void)arg;
	assert_true(sp_str_set(&((SP_CERT_REQ_DATA *)tbs)->keys->enc, V_ASN1_SEQUENCE, t_hex("30023000")));
}

static void
ee_thumb_of_the_signer(struct ask *a, void *tbs, void *arg)
{
	SP_CERT_REQ_DATA *q = tbs;

	(void)arg;
	t_ok(sp_cert_thumb_set(ctx, a->desk->reg->suite, &q->ee_thumb, a->old.der, NULL), NULL);
}

static void
ee_thumb_of_nobody(struct ask *a, void *tbs, void *arg)
{
	(void)arg;
	assert_true(sp_str_set(&((SP_CERT_REQ_DATA *)tbs)->ee_thumb->digest, V_ASN1_OCTET_STRING,
	    sp_bytes(other, sp_suite(a->desk->reg->suite)->digest_len)));
}

static void
ee_thumb_of_somebody_else(struct ask *a, void *tbs, void *arg)
{
	SP_CERT_REQ_DATA *q = tbs;
	struct registry *reg = a->desk->reg;
	const struct reg_issue issue = {
	    .kind = SETPKI_KIND_MER_ENC, .ca = REG_MCA, .key = a->enc_key, .common = "Somebody Else"};
	setpki_bytes der = reg_issue(reg, &issue, NULL);

	(void)arg;
	desk_knows(a->desk, der);
	t_ok(sp_cert_thumb_set(ctx, reg->suite, &q->ee_thumb, der, NULL), NULL);
	reg_bytes_free(der);
}

static void
dated_before_the_certificate(struct ask *a, void *tbs, void *arg)
{
	(void)arg;
	assert_true(sp_time_set(&((SP_CERT_REQ_DATA *)tbs)->request_date, a->old.not_before - REG_DAY));
}

static void
thumbs_cut_short(struct ask *a, void *tbs, void *arg)
{
	SP_CARD_C_INIT_REQ *q = tbs;

	(void)arg;
	t_ok(sp_thumbs_add(ctx, a->desk->reg->suite, &q->thumbs, SP_THUMB_CERTS, a->desk->reg->c[REG_ROOT].der, NULL),
	    NULL);
	assert_true(ASN1_STRING_set(sk_SP_ELEMENT_value(q->thumbs->certs, 0), other, 19));
}

static void
thumbs_of_the_root_alone(struct ask *a, void *tbs, void *arg)
{
	SP_CERT_REQ_DATA *q = tbs;

	(void)arg;
	sp_type_free(&sp_type_thumbs, q->thumbs);
	q->thumbs = NULL;
	t_ok(sp_thumbs_add(ctx, a->desk->reg->suite, &q->thumbs, SP_THUMB_CERTS, a->desk->reg->c[REG_ROOT].der, NULL),
	    NULL);
}

static void
signature_key_too(struct ask *a, void *tbs, void *arg)
{
	(void)arg;
	assert_true(sp_str_set(&((SP_CERT_REQ_DATA *)tbs)->keys->sig, V_ASN1_SEQUENCE, a->enc_spki));
}

static void
form_with_lid_ca(struct ask *a, void *tbs, void *arg)
{
	(void)arg;
	assert_true(sp_str_set(&((SP_REG_FORM_REQ_DATA *)tbs)->lid_ca, V_ASN1_OCTET_STRING, SP_BYTES(a->lid_ca)));
}

/* --- before ------------------------------------------------------------------------------------ */

static const uint8_t other_rrpid[20] = "not that of the body";

static void
wrapper_rrpid(struct ask *a)
{
	a->wrapper_rrpid = other_rrpid;
}

static void
no_lid(struct ask *a)
{
	a->no_lid = true;
}

static void
lid_elsewhere(struct ask *a)
{
	a->lid_elsewhere = true;
}

static void
to_nobody(struct ask *a)
{
	static struct setpki_party p;

	p = reg_party(a->desk->reg, a->ca + REG_ENC);
	p.serial = SP_BYTES(other_rrpid);
	a->to = &p;
}

/* Encrypted for the CA by name, but under another CA's key. */
static void
under_another_key(struct ask *a)
{
	static struct setpki_party p;

	p = reg_party(a->desk->reg, a->ca + REG_ENC);
	p.key = a->desk->reg->c[a->ca == REG_CCA ? REG_CCB_ENC : REG_CCA_ENC].key;
	a->to = &p;
}

static void
signed_by_another_key(struct ask *a)
{
	static struct setpki_party p;

	p = (struct setpki_party){.key = a->desk->reg->c[REG_CCB_SIG].key};
	a->signers = &p;
	a->nsigners = 1;
}

static void
second_signer_too_many(struct ask *a)
{
	static struct setpki_party p[2];

	p[0] = p[1] = (struct setpki_party){.key = a->sig_key};
	a->signers = p;
	a->nsigners = 2;
}

static void
renewal_by_the_new_key_alone(struct ask *a)
{
	static struct setpki_party p;

	p = (struct setpki_party){.key = a->sig_key};
	a->signers = &p;
	a->nsigners = 1;
}

static void
renewal_with_another_old_key(struct ask *a)
{
	static struct setpki_party p[2];

	p[0] = (struct setpki_party){.key = a->sig_key};
	p[1] = (struct setpki_party){.issuer = a->old.issuer, .serial = a->old.serial, .key = a->sig_key};
	a->signers = p;
	a->nsigners = 2;
}

static void
unsigned_request(struct ask *a)
{
	a->unsigned_ = true;
}

static void
by_an_unknown_certificate(struct ask *a)
{
	static struct setpki_party p;

	p = (struct setpki_party){.issuer = a->old.issuer, .serial = SP_BYTES(other_rrpid), .key = a->old_key};
	a->signers = &p;
	a->nsigners = 1;
}

static void
older_challenge(struct ask *a)
{
	a->now -= SP_CHALLENGE_S + 60;
	ask_challenge(a);
	a->now += SP_CHALLENGE_S + 60;
}

static void
challenge_of_a_key_that_is_gone(struct ask *a)
{
	a->desk->challenge_id += 2;
}

static void
challenge_of_the_previous_key(struct ask *a)
{
	memcpy(a->desk->challenge[1], a->desk->challenge[0], 32);
	memset(a->desk->challenge[0], 0x33, 32);
	a->desk->challenge_id++;
}

static void
enc_for_a_card(struct ask *a)
{
	a->enc = true;
}

static void
without_account(struct ask *a)
{
	a->no_account = true;
}

static void
old_cert_revoked(struct ask *a)
{
	desk_revoke(a->desk, a->old.der);
}

static void
old_enc_revoked(struct ask *a)
{
	desk_revoke(a->desk, a->old_enc.der);
}

static void
old_cert_expired(struct ask *a)
{
	a->now += 301 * REG_DAY;
	ask_challenge(a);
}

static void
old_key_worn_out(struct ask *a)
{
	const struct reg_issue issue = {.kind = SETPKI_KIND_CARD_SIG,
	    .ca = REG_CCA,
	    .key = a->old_key,
	    .common = "Worn out",
	    .from = REG_NOW - REG_DAY,
	    .to = REG_NOW + REG_DAY,
	    .usage_to = REG_NOW - 1};
	setpki_bytes der = reg_issue(a->desk->reg, &issue, NULL);

	desk_knows(a->desk, der);
	reg_bytes_free(der);
	t_ok(sp_cert_parse(a->desk->known[a->desk->nknown - 1].der, &a->old, NULL), NULL);
}

static void
refer(struct ask *a)
{
	a->desk->refer = true;
}

static void
terms_alone(struct ask *a)
{
	a->desk->terms_alone = true;
}

static void
asks_account(struct ask *a)
{
	a->desk->asks_account = true;
}

static const struct setpki_failed_item failed[] = {{1, (char *)(uintptr_t) "too short"}};

#define STATUS(fn, s)                                                                                                  \
	static void fn(struct ask *a)                                                                                  \
	{                                                                                                              \
		a->desk->status = SETPKI_STATUS_##s;                                                                   \
		a->desk->message = "please note";                                                                      \
		a->desk->failed = failed;                                                                              \
		a->desk->nfailed = 1;                                                                                  \
	}
STATUS(says_language, INVALID_LANGUAGE)
STATUS(says_bin, INVALID_BIN)
STATUS(says_progress, IN_PROGRESS)
STATUS(says_issuer, REJECTED_BY_ISSUER)
STATUS(says_pended, PENDED)
STATUS(says_acquirer, REJECTED_BY_ACQUIRER)
STATUS(says_malformed, FORM_MALFORMED)
STATUS(says_ca, REJECTED_BY_CA)

/* --- the rows ---------------------------------------------------------------------------------- */

#define E(code) SETPKI_ERR_##code, SETPKI_STATUS_NONE, SETPKI_STATUS_NONE
#define S(status) SETPKI_ERR_NONE, SETPKI_STATUS_##status, SETPKI_STATUS_NONE
#define S2(modern, classic) SETPKI_ERR_NONE, SETPKI_STATUS_##modern, SETPKI_STATUS_##classic
#define FINE E(NONE)
#define CARD SETPKI_CARD_INITIAL_SIG
#define CARD_R SETPKI_CARD_RENEWAL_SIG
#define MER SETPKI_MER_INITIAL_BOTH
#define MER_R SETPKI_MER_RENEWAL_ENC

static struct row rows[] = {
    {"CardCInitReq", ASK_INIT, CARD, NULL, NULL, FINE},
    {"CardCInitReq with another rrpid in the body", ASK_INIT, CARD, NULL, card_init_rrpid, E(UNKNOWN_RRPID)},
    {"CardCInitReq with another rrpid in the wrapper", ASK_INIT, CARD, wrapper_rrpid, NULL, E(UNKNOWN_RRPID)},
    {"CardCInitReq with another lid-EE", ASK_INIT, CARD, NULL, card_init_lid, E(WRAPPER_MSG_MISMATCH)},
    {"CardCInitReq without lid-C", ASK_INIT, CARD, no_lid, NULL, E(WRAPPER_MSG_MISMATCH)},
    {"CardCInitReq with a lid-M", ASK_INIT, CARD, lid_elsewhere, NULL, E(WRAPPER_MSG_MISMATCH)},
    {"CardCInitReq of a brand that nobody is", ASK_INIT, CARD, NULL, brand_of_nobody, E(UNSPECIFIED_FAILURE)},
    {"CardCInitReq with thumbs of the other suite", ASK_INIT, CARD, NULL, thumbs_of_the_other_suite,
	E(MESSAGE_NOT_SUPPORTED)},

    {"CardCInitReq with thumbs of another length", ASK_INIT, CARD, NULL, thumbs_cut_short, E(DECODING_FAILURE)},

    {"Me-AqCInitReq of a merchant", ASK_INIT, MER, NULL, NULL, FINE},
    {"Me-AqCInitReq of a gateway", ASK_INIT, SETPKI_PGWY_INITIAL_BOTH, NULL, NULL, FINE},
    {"Me-AqCInitReq answered with a referral", ASK_INIT, MER, refer, NULL, FINE},
    {"Me-AqCInitReq answered with acctDataField", ASK_INIT, MER, asks_account, NULL, FINE},
    {"Me-AqCInitReq with another rrpid", ASK_INIT, MER, NULL, me_init_rrpid, E(WRAPPER_MSG_MISMATCH)},
    {"Me-AqCInitReq with another lid-EE", ASK_INIT, MER, NULL, me_init_lid, E(WRAPPER_MSG_MISMATCH)},
    {"Me-AqCInitReq with a lid-C", ASK_INIT, MER, lid_elsewhere, NULL, E(WRAPPER_MSG_MISMATCH)},
    {"Me-AqCInitReq with the idData of a gateway", ASK_INIT, MER, NULL, id_data_of_a_gateway, E(DECODING_FAILURE)},

    {"RegFormReq", ASK_FORM, CARD, NULL, NULL, FINE},
    {"RegFormReq answered with a referral", ASK_FORM, CARD, refer, NULL, FINE},
    {"RegFormReq answered with the terms alone", ASK_FORM, CARD, terms_alone, NULL, FINE},
    {"RegFormReq with our lid-CA", ASK_FORM, CARD, NULL, form_with_lid_ca, FINE},
    {"RegFormReq with a lid-CA outside its window", ASK_FORM, CARD, older_challenge, form_with_lid_ca, FINE},
    {"RegFormReq with a lid-CA whose key is gone", ASK_FORM, CARD, challenge_of_a_key_that_is_gone, form_with_lid_ca,
	FINE},
    {"RegFormReq for nobody", ASK_FORM, CARD, to_nobody, NULL, E(UNSPECIFIED_FAILURE)},
    {"RegFormReq under another key", ASK_FORM, CARD, under_another_key, NULL, E(DECODING_FAILURE)},
    {"RegFormReq with another rrpid", ASK_FORM, CARD, NULL, form_rrpid, E(WRAPPER_MSG_MISMATCH)},
    {"RegFormReq with another lid-EE", ASK_FORM, CARD, NULL, form_lid, E(WRAPPER_MSG_MISMATCH)},
    {"RegFormReq of a merchant's type", ASK_FORM, CARD, NULL, card_type_of_a_merchant, E(DECODING_FAILURE)},

    {"CertReq of a cardholder", ASK_CERT, CARD, NULL, NULL, S(COMPLETE)},
    {"CertReq of a merchant", ASK_CERT, MER, NULL, NULL, S(COMPLETE)},
    {"CertReq of a merchant without account", ASK_CERT, MER, without_account, NULL, S(COMPLETE)},
    {"CertReq of a gateway", ASK_CERT, SETPKI_PGWY_INITIAL_SIG, NULL, NULL, S(COMPLETE)},
    {"CertReq for key exchange alone", ASK_CERT, SETPKI_MER_INITIAL_ENC, without_account, NULL, S(COMPLETE)},
    {"CertReq that renews a cardholder's certificate", ASK_CERT, CARD_R, NULL, NULL, S(COMPLETE)},
    {"CertReq that renews both", ASK_CERT, SETPKI_PGWY_RENEWAL_BOTH, NULL, NULL, S(COMPLETE)},
    {"CertReq that renews a key-exchange certificate", ASK_CERT, MER_R, NULL, NULL, S(COMPLETE)},
    {"CertReq for nobody", ASK_CERT, CARD, to_nobody, NULL, E(UNSPECIFIED_FAILURE)},
    {"CertReq under another key", ASK_CERT, CARD, under_another_key, NULL, S(DECRYPTION_ERROR)},
    {"CertReq signed by another key", ASK_CERT, CARD, signed_by_another_key, NULL,
	S2(SIG_VALIDATION_FAIL, DECRYPTION_ERROR)},
    {"CertReq without signature", ASK_CERT, CARD, unsigned_request, NULL, S2(SIG_VALIDATION_FAIL, DECRYPTION_ERROR)},
    {"CertReq with a signer too many", ASK_CERT, CARD, second_signer_too_many, NULL,
	S2(SIG_VALIDATION_FAIL, SIG_VALIDATION_FAIL)},
    {"renewal by the new key alone", ASK_CERT, CARD_R, renewal_by_the_new_key_alone, NULL,
	S2(SIG_VALIDATION_FAIL, SIG_VALIDATION_FAIL)},
    {"renewal with another old key", ASK_CERT, CARD_R, renewal_with_another_old_key, NULL,
	S2(SIG_VALIDATION_FAIL, SIG_VALIDATION_FAIL)},
    {"key exchange signed by an unknown certificate", ASK_CERT, MER_R, by_an_unknown_certificate, NULL,
	S2(SIG_VALIDATION_FAIL, DECRYPTION_ERROR)},
    {"CertReq with another rrpid", ASK_CERT, CARD, NULL, cert_rrpid, E(WRAPPER_MSG_MISMATCH)},
    {"CertReq with another lid-EE", ASK_CERT, CARD, NULL, cert_lid, E(WRAPPER_MSG_MISMATCH)},
    {"CertReq without lid-CA", ASK_CERT, CARD, NULL, no_lid_ca, E(UNKNOWN_LID)},
    {"CertReq with another lid-CA", ASK_CERT, CARD, NULL, cert_lid_ca, E(CHALLENGE_MISMATCH)},
    {"CertReq without chall-CA", ASK_CERT, CARD, NULL, no_chall_ca, E(CHALLENGE_MISMATCH)},
    {"CertReq with another chall-CA", ASK_CERT, CARD, NULL, cert_chall_ca, E(CHALLENGE_MISMATCH)},
    {"CertReq with a lid-CA outside its window", ASK_CERT, CARD, older_challenge, NULL, E(CHALLENGE_MISMATCH)},
    {"CertReq with a challenge whose key is gone", ASK_CERT, CARD, challenge_of_a_key_that_is_gone, NULL,
	E(CHALLENGE_MISMATCH)},
    {"CertReq with a challenge of the previous key", ASK_CERT, CARD, challenge_of_the_previous_key, NULL, S(COMPLETE)},
    {"CertReq without thumbs", ASK_CERT, CARD, NULL, no_thumbs, E(THUMBS_MISMATCH)},
    {"CertReq without idData", ASK_CERT, MER, NULL, no_id_data, S(INVALID_BIN)},
    {"CertReq with the idData of a gateway", ASK_CERT, MER, NULL, cert_id_data_of_a_gateway, S(INVALID_BIN)},
    {"CertReq of a cardholder without back key", ASK_CERT, CARD, NULL, no_back_key, S(UNABLE_TO_ENCRYPT)},
    {"CertReq with a back key of one octet", ASK_CERT, CARD, NULL, back_key_of_an_octet, S(UNABLE_TO_ENCRYPT)},
    {"CertReq of a cardholder under Enc", ASK_CERT, CARD, enc_for_a_card, NULL, E(DECODING_FAILURE)},
    {"CertReq without a key that its type asks for", ASK_CERT, MER, NULL, no_enc_key, E(DECODING_FAILURE)},
    {"CertReq with a key that is none", ASK_CERT, MER, NULL, exchange_key_that_is_none, S(REJECTED_BY_CA)},
    {"renewal by a revoked certificate", ASK_CERT, CARD_R, old_cert_revoked, NULL, E(REVOKED_CERTIFICATE)},
    {"renewal by an expired certificate", ASK_CERT, CARD_R, old_cert_expired, NULL, E(EXPIRED_CERTIFICATE)},
    {"renewal without eeThumb", ASK_CERT, MER_R, NULL, no_ee_thumb, E(MISSING_CERTIFICATE)},
    {"renewal with an eeThumb of nobody's", ASK_CERT, MER_R, NULL, ee_thumb_of_nobody, E(MISSING_CERTIFICATE)},
    {"renewal with the eeThumb of a signature certificate", ASK_CERT, MER_R, NULL, ee_thumb_of_the_signer,
	E(INVALID_CERTIFICATE)},
    {"renewal with the eeThumb of somebody else's", ASK_CERT, MER_R, NULL, ee_thumb_of_somebody_else,
	E(INVALID_CERTIFICATE)},
    {"renewal dated before the certificate that signs", ASK_CERT, CARD_R, NULL, dated_before_the_certificate,
	E(EXPIRED_CERTIFICATE)},
    {"CertReq with thumbs, but not of the key-exchange certificate", ASK_CERT, CARD, NULL, thumbs_of_the_root_alone,
	E(THUMBS_MISMATCH)},
    {"CertReq for key exchange with a signature key", ASK_CERT, SETPKI_MER_INITIAL_ENC, without_account,
	signature_key_too, E(DECODING_FAILURE)},
    {"renewal past the privateKeyUsagePeriod", ASK_CERT, CARD_R, old_key_worn_out, NULL, E(INVALID_CERTIFICATE)},
    {"renewal of a revoked certificate", ASK_CERT, MER_R, old_enc_revoked, NULL, E(REVOKED_CERTIFICATE)},
    {"the desk says invalidLanguage", ASK_CERT, CARD, says_language, NULL, S(INVALID_LANGUAGE)},
    {"the desk says invalidBIN", ASK_CERT, CARD, says_bin, NULL, S(INVALID_BIN)},
    {"the desk says requestInProgress", ASK_CERT, CARD, says_progress, NULL, S(IN_PROGRESS)},
    {"the desk says rejectedByIssuer", ASK_CERT, CARD, says_issuer, NULL, S(REJECTED_BY_ISSUER)},
    {"the desk says requestPended", ASK_CERT, MER, says_pended, NULL, S(PENDED)},
    {"the desk says rejectedByAquirer", ASK_CERT, MER, says_acquirer, NULL, S(REJECTED_BY_ACQUIRER)},
    {"the desk says regFormAnswerMalformed", ASK_CERT, CARD, says_malformed, NULL, S(FORM_MALFORMED)},
    {"the desk says rejectedByCA", ASK_CERT, MER, says_ca, NULL, S(REJECTED_BY_CA)},

    {"CertInqReq of a cardholder", ASK_INQUIRY, CARD, NULL, NULL, S(COMPLETE)},
    {"CertInqReq of a pended request", ASK_INQUIRY, MER, says_pended, NULL, S(PENDED)},
    {"CertInqReq of a renewal", ASK_INQUIRY, CARD_R, NULL, NULL, S(COMPLETE)},
    {"CertInqReq of a key exchange", ASK_INQUIRY, MER_R, NULL, NULL, S(COMPLETE)},
    {"CertInqReq without SignerInfo", ASK_INQUIRY, CARD, unsigned_request, NULL, E(SIGNATURE_REQUIRED)},
    {"CertInqReq signed by another key", ASK_INQUIRY, CARD, signed_by_another_key, NULL, E(SIGNATURE_FAILURE)},
    {"CertInqReq of a renewal by the new key alone", ASK_INQUIRY, CARD_R, renewal_by_the_new_key_alone, NULL,
	E(SIGNATURE_FAILURE)},
    {"CertInqReq with a signer too many", ASK_INQUIRY, CARD, second_signer_too_many, NULL, E(SIGNATURE_FAILURE)},
    {"CertInqReq with another rrpid", ASK_INQUIRY, CARD, NULL, inquiry_rrpid, E(WRAPPER_MSG_MISMATCH)},
    {"CertInqReq with another lid-EE", ASK_INQUIRY, CARD, NULL, inquiry_lid, E(UNKNOWN_LID)},
    {"CertInqReq with another lid-CA", ASK_INQUIRY, CARD, NULL, inquiry_lid_ca, E(UNKNOWN_LID)},
};

/* --- running them ------------------------------------------------------------------------------ */

/* What every answer repeats, and what it brings. */
static void
check_cert_res(struct ask *a, const struct row *r, const struct ask_got *g, enum setpki_status want)
{
	const SP_CERT_RES_DATA *d = g->tbs;
	bool card = a->row->holder == SETPKI_TYPE_CARD;
	static const uint8_t zeros[20];

	assert_int_equal(g->arm, r->message == ASK_INQUIRY ? SP_ARM_CERT_INQ_RES : SP_ARM_CERT_RES);
	assert_string_equal(
	    setpki_status_name((enum setpki_status)sp_int((ASN1_INTEGER *)d->status->code)), setpki_status_name(want));
	t_bytes(sp_str(d->rrpid), g->in.rrpid);
	if (want == SETPKI_STATUS_DECRYPTION_ERROR) {
		assert_false(g->encrypted);
		t_bytes(sp_str(d->chall_ee3), SP_BYTES(zeros));
		assert_int_equal(sp_str(d->lid_ca).n, 1);
		return;
	}
	t_bytes(sp_str(d->chall_ee3), SP_BYTES(a->chall));
	assert_int_equal(g->encrypted, card && want != SETPKI_STATUS_UNABLE_TO_ENCRYPT);
	assert_int_equal(d->status->nonce_cca != NULL, card && want == SETPKI_STATUS_COMPLETE);
	assert_int_equal(d->certs != NULL, want == SETPKI_STATUS_COMPLETE);
	if (want == SETPKI_STATUS_COMPLETE)
		assert_int_equal(sk_SP_ELEMENT_num(d->certs->certs), a->row->sig + a->row->enc);
	assert_int_equal(d->status->failed != NULL, want == SETPKI_STATUS_FORM_MALFORMED);
}

static void
check_answer(struct ask *a, const struct row *r, const struct ask_got *g, const struct setpki_responder_note *note)
{
	bool classic = a->desk->reg->suite == SETPKI_SUITE_CLASSIC;
	enum setpki_error_code error = r->error;
	enum setpki_status status = r->status;

	if (classic && r->classic_status != SETPKI_STATUS_NONE)
		status = r->classic_status;
	assert_string_equal(setpki_error_code_name(note->error), setpki_error_code_name(error));
	assert_string_equal(setpki_status_name(note->status), setpki_status_name(status));
	if (error != SETPKI_ERR_NONE) {
		assert_int_equal(g->arm, SP_ARM_ERROR);
		assert_int_equal(g->error.code, error);
		assert_int_equal(g->error.is_signed, note->ca != 0);
		assert_true(note->detail[0] != '\0');
		assert_int_equal(g->error.tbs->thumb != NULL,
		    error == SETPKI_ERR_INVALID_CERTIFICATE || error == SETPKI_ERR_EXPIRED_CERTIFICATE ||
			error == SETPKI_ERR_REVOKED_CERTIFICATE);
		assert_true(sp_error_about(&g->error, g->in.wrapper, g->in.rrpid));
	} else if (status != SETPKI_STATUS_NONE) {
		check_cert_res(a, r, g, status);
	}
}

static void
run(const struct row *r, struct registry *reg)
{
	struct desk d;
	struct ask a;
	struct ask_got got;
	struct setpki_responder_note note;
	struct sp_buf out = {0};
	size_t decided;

	desk_open(&d, reg);
	ask_open(&a, &d, r->type);
	ask_challenge(&a);
	if (r->message == ASK_INQUIRY) {
		if (r->prepare == says_pended)
			r->prepare(&a);
		ask_first(&a);
	}
	if (r->prepare != NULL)
		r->prepare(&a);
	a.alter = r->alter;
	decided = d.decided;
	ask_make(&a, r->message, &out);
	ask_post(&a, &out, &got, &note);
	check_answer(&a, r, &got, &note);
	/* a lid-CA that counts still stays, another one is replaced (12.6) */
	if (r->alter == form_with_lid_ca)
		assert_int_equal(sp_bytes_eq(sp_str(((SP_REG_FORM_RES_TBS *)got.tbs)->lid_ca), SP_BYTES(a.lid_ca)),
		    r->prepare == NULL);
	/* nobody is asked to decide but about what was signed, by the right key, with our challenge */
	assert_int_equal(d.decided - decided,
	    r->message == ASK_CERT && r->error == SETPKI_ERR_NONE && note.status != SETPKI_STATUS_DECRYPTION_ERROR &&
		note.status != SETPKI_STATUS_SIG_VALIDATION_FAIL);
	ask_got_free(&got);
	sp_buf_free(&out);
	ask_close(&a);
	desk_close(&d);
}

static void
respond_row(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		print_message("%s\n", setpki_suite_name(regs[i].suite));
		run(*state, &regs[i]);
	}
}

/* Every ErrorCode of the certificate side and every CertStatusCode is the answer to some row; the ones of general
 * receive stand in test_wire.c. */
static void
every_code_has_a_row(void **state)
{
	static const enum setpki_error_code elsewhere[] = {SETPKI_ERR_NONE, SETPKI_ERR_UNKNOWN_XID,
	    SETPKI_ERR_BAD_MESSAGE_HEADER, SETPKI_ERR_VERSION_TOO_OLD, SETPKI_ERR_VERSION_TOO_NEW,
	    SETPKI_ERR_UNRECOGNIZED_EXTENSION, SETPKI_ERR_MESSAGE_TOO_BIG, SETPKI_ERR_MESSAGE_TOO_OLD,
	    SETPKI_ERR_MESSAGE_TOO_NEW};
	bool error[SETPKI_ERR_N] = {0}, status[SETPKI_STATUS_N] = {true};

	(void)state;
	for (size_t i = 0; i < NELEMS(elsewhere); i++)
		error[elsewhere[i]] = true;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		error[rows[i].error] = true;
		status[rows[i].status] = true;
	}
	for (size_t i = 0; i < SETPKI_ERR_N; i++)
		if (!error[i])
			fail_msg("no row is answered with %s", setpki_error_code_name((enum setpki_error_code)i));
	for (size_t i = 0; i < SETPKI_STATUS_N; i++)
		if (!status[i])
			fail_msg("no row is answered with %s", setpki_status_name((enum setpki_status)i));
}

static int
start(void **state)
{
	(void)state;
	return reg_open_both(&ctx, regs);
}

static int
stop(void **state)
{
	(void)state;
	return reg_close_both(ctx, regs);
}

int
main(void)
{
	static const struct CMUnitTest rest[] = {
	    cmocka_unit_test(every_code_has_a_row),
	};
	struct CMUnitTest tests[NELEMS(rows) + NELEMS(rest)];
	size_t n;

	for (n = 0; n < NELEMS(rows); n++)
		tests[n] = (struct CMUnitTest){rows[n].name, respond_row, NULL, NULL, &rows[n]};
	memcpy(&tests[n], rest, sizeof(rest));
	return _cmocka_run_group_tests("respond", tests, n + NELEMS(rest), start, stop);
}
