/* SET messages: the wrapper and what stands in it; and what CAs send each other, which has no wrapper. */
#include "lib/asn1/arm.h"
#include "lib/asn1/payment.h"
#include "lib/crypto/cipher.h"
#include "lib/crypto/keyblock.h"
#include "lib/walk/type.h"

#include <stdio.h>
#include <string.h>

#define ARM_PREQ 2

/* --- the suite ---------------------------------------------------------------------------------------------------- */

static enum setpki_suite
suite_of_algorithm(setpki_bytes whole)
{
	static const enum setpki_suite suites[] = {SETPKI_SUITE_CLASSIC, SETPKI_SUITE_MODERN};

	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (sp_bytes_eq(whole, sp_suite(suites[i])->digest_alg) ||
		    sp_bytes_eq(whole, sp_keyblock_alg(suites[i])) || sp_cipher_is(suites[i], whole))
			return suites[i];
	return SETPKI_SUITE_NONE;
}

/* That of the first AlgorithmIdentifier which belongs to one.  The walk of lib/der has seen to the depth. */
static enum setpki_suite
suite_in(setpki_bytes contents)
{
	enum setpki_suite suite = SETPKI_SUITE_NONE;
	struct sp_der d = sp_der(contents);
	struct sp_tlv t;

	while (suite == SETPKI_SUITE_NONE && sp_der_any(&d, &t)) {
		if (t.tag == SP_SEQUENCE)
			suite = suite_of_algorithm(t.whole);
		if (suite == SETPKI_SUITE_NONE && (t.tag & 0x20) != 0)
			suite = suite_in(t.value);
	}
	return suite;
}

/* --- head --------------------------------------------------------------------------------------------------------- */

/* SHA-256 of the whole is what tells requests apart (12.7). */
static void
walk_head(struct sp_walk *w, setpki_bytes der, const char *kind, const char *note)
{
	uint8_t hash[32];

	sp_w_text(w, "kind", kind, note);
	if (w->suite == SETPKI_SUITE_NONE)
		w->suite = suite_in(der);
	if (w->suite != SETPKI_SUITE_NONE)
		sp_w_text(w, "suite", setpki_suite_name(w->suite), NULL);
	if (w->rc == SETPKI_E_OK && (w->rc = sp_sha256(w->ctx, der, hash, w->err)) == SETPKI_E_OK)
		sp_w_hex(w, "sha256", SP_BYTES(hash), NULL);
}

/* --- the wrapper -------------------------------------------------------------------------------------------------- */

/* A dual-signed purchase request can be read; of other payment messages only the name is known. */
static void
walk_payment(struct sp_walk *w, const struct sp_arm *arm, setpki_bytes pdu)
{
	void *preq = NULL;

	if (arm->number == ARM_PREQ && sp_type_decode(&sp_type_preq_dual_signed, pdu, &preq, NULL) == SETPKI_E_OK)
		sp_walk_type(w, "message", &sp_type_preq_dual_signed, preq);
	else
		sp_w_length(w, "message", pdu.n, "octets", "a payment message, known by its name alone");
	sp_type_free(&sp_type_preq_dual_signed, preq);
}

static void
walk_wrapper_rows(struct sp_walk *w, const struct sp_message *m)
{
	for (size_t i = 0; i < sp_type_message_wrapper.nrows; i++) {
		if (sp_type_message_wrapper.rows[i].kind != SP_ROW_ANY)
			sp_walk_row(w, &sp_type_message_wrapper, i, m->wrapper);
		else if (m->arm->type != NULL)
			sp_walk_der(w, "message", m->arm->type, m->pdu, NULL);
		else
			walk_payment(w, m->arm, m->pdu);
	}
}

/* Its header at least, if that can be read: a message of an arm that does not exist, or with something wrong behind. */
static void
walk_broken(struct sp_walk *w, setpki_bytes der, enum setpki_code rc, const struct setpki_error *why)
{
	struct sp_der d = sp_der(der), seq = sp_der(sp_bytes(NULL, 0));
	setpki_bytes head = {NULL, 0};
	void *header = NULL;

	if (!sp_der_enter(&d, SP_SEQUENCE, &seq) || !sp_der_take_whole(&seq, SP_SEQUENCE, &head) ||
	    sp_type_decode(&sp_type_message_header, head, &header, NULL) != SETPKI_E_OK) {
		w->rc = sp_fail(w->err, rc, why->spec, "%s", why->message);
		return;
	}
	sp_w_enter(w, "message", "MessageWrapper");
	sp_walk_type(w, "messageHeader", &sp_type_message_header, header);
	sp_w_fault(w, "message", sp_der_rest(&seq).n, rc, why);
	sp_w_leave(w);
	sp_type_free(&sp_type_message_header, header);
}

static void
walk_wrapper(struct sp_walk *w, setpki_bytes der)
{
	struct setpki_error why = {0};
	struct sp_message m;
	char arm[32];
	enum setpki_code rc = sp_message_read(der, &m, &why);

	if (rc != SETPKI_E_OK) {
		walk_broken(w, der, rc, &why);
		return;
	}
	snprintf(arm, sizeof(arm), "[%u]", m.arm->number);
	sp_w_enter(w, "message", "MessageWrapper");
	walk_head(w, der, m.arm->name, arm);
	walk_wrapper_rows(w, &m);
	sp_w_leave(w);
	sp_message_free(&m);
}

/* A SignedData by itself: CRLNotification, its answer, BCIDistribution (12.16). */
static void
walk_bare(struct sp_walk *w, setpki_bytes der)
{
	const char *kind;
	void *object = NULL;

	if ((w->rc = sp_type_decode(&sp_type_signed_data, der, &object, w->err)) != SETPKI_E_OK)
		return;
	kind = sp_content_name(sp_content_number(sp_obj(((SP_SIGNED_DATA *)object)->content->type)));
	sp_w_enter(w, "message", NULL);
	walk_head(w, der, kind != NULL ? kind : "unknown", "without a wrapper");
	sp_walk_type(w, "message", &sp_type_signed_data, object);
	sp_w_leave(w);
	sp_type_free(&sp_type_signed_data, object);
}

void
sp_walk_message(struct sp_walk *w, setpki_bytes der)
{
	struct sp_der d = sp_der(der), seq;

	if (sp_der_enter(&d, SP_SEQUENCE, &seq) && sp_der_peek(&seq) == SP_INTEGER)
		walk_bare(w, der);
	else
		walk_wrapper(w, der);
}
