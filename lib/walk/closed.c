/* What stands closed in templates (SP_ROW_DER), by the name of its row: AlgorithmIdentifiers, Names, keys, certificates
 * and lists that travel along, and the operators of lib/crypto. */
#include "lib/asn1/payment.h"
#include "lib/base/limits.h"
#include "lib/crypto/content.h"
#include "lib/message/parts.h"
#include "lib/walk/type.h"
#include "lib/x509/name.h"

#include <setpki/text.h>
#include <string.h>

static void
algorithm(struct sp_walk *w, const char *name, setpki_bytes der)
{
	struct sp_der d = sp_der(der), seq;
	struct setpki_error why = {0};
	setpki_bytes oid;

	if (sp_der_enter(&d, SP_SEQUENCE, &seq) && sp_der_oid(&seq, &oid)) {
		sp_w_oid(w, name, oid);
		return;
	}
	sp_w_fault(w, name, der.n,
	    sp_fail(&why, SETPKI_E_PARSE, "set-protocol 1", "%s is not an AlgorithmIdentifier", name), &why);
}

static void
distinguished_name(struct sp_walk *w, const char *name, setpki_bytes der)
{
	struct setpki_error why = {0};
	enum setpki_code rc = sp_name_check(der, &why);
	char text[2 * SP_NAME_MAX];

	if (rc != SETPKI_E_OK) {
		sp_w_fault(w, name, der.n, rc, &why);
		return;
	}
	sp_name_text(der, text, sizeof(text));
	setpki_mask_pans(text);
	sp_w_text(w, name, text, NULL);
}

static void
public_key(struct sp_walk *w, const char *name, setpki_bytes der)
{
	struct setpki_error why = {0};
	struct sp_spki key;
	enum setpki_code rc = sp_spki_parse(der, &key, &why);

	if (rc != SETPKI_E_OK)
		sp_w_fault(w, name, der.n, rc, &why);
	else
		sp_walk_key(w, name, &key);
}

/* SHA-256 of the whole, and the thumb: the suite's hash of the part that is signed. */
static void
digests(struct sp_walk *w, setpki_bytes der)
{
	uint8_t hash[SP_DIGEST_MAX];

	if (w->rc == SETPKI_E_OK && (w->rc = sp_sha256(w->ctx, der, hash, w->err)) == SETPKI_E_OK)
		sp_w_hex(w, "sha256", SP_BYTES(hash), NULL);
	if (w->rc == SETPKI_E_OK && w->suite != SETPKI_SUITE_NONE &&
	    sp_thumb_of(w->ctx, w->suite, der, hash, NULL) == SETPKI_E_OK)
		sp_w_hex(w, "thumb", sp_bytes(hash, sp_suite(w->suite)->digest_len), NULL);
}

void
sp_walk_carried(struct sp_walk *w, const char *name, enum setpki_object_type type, setpki_bytes der)
{
	const struct setpki_object object = {type, der};
	struct setpki_error why = {0};
	char line[1024];

	setpki_object_text(w->ctx, &object, line, sizeof(line));
	if (strcmp(line, setpki_object_name(type)) == 0) { /* all that is said of what cannot be read */
		sp_w_fault(w, name, der.n, sp_fail(&why, SETPKI_E_PARSE, NULL, "not a %s", line), &why);
		return;
	}
	sp_w_enter(w, name, setpki_object_name(type));
	sp_w_text(w, "text", line, NULL);
	digests(w, der);
	sp_w_leave(w);
}

static void
certificate(struct sp_walk *w, const char *name, setpki_bytes der)
{
	sp_walk_carried(w, name, SETPKI_OBJECT_CERT, der);
}

static void
crl(struct sp_walk *w, const char *name, setpki_bytes der)
{
	sp_walk_carried(w, name, SETPKI_OBJECT_CRL, der);
}

static void
bci(struct sp_walk *w, const char *name, setpki_bytes der)
{
	sp_walk_carried(w, name, SETPKI_OBJECT_BCI, der);
}

/* Without a meaning of its own here: its place decides, which the types in type.c know that have such rows. */
static void
whatever(struct sp_walk *w, const char *name, setpki_bytes der)
{
	sp_w_length(w, name, der.n, "octets", NULL);
}

static const struct opener {
	const char *row;
	void (*walk)(struct sp_walk *w, const char *name, setpki_bytes der);
	const struct sp_type *type; /* or: what it is decoded as */
} openers[] = {
    {"digestAlgorithm", algorithm, NULL},
    {"digestAlgorithms", algorithm, NULL},
    {"digestEncryptionAlgorithm", algorithm, NULL},
    {"keyEncryptionAlgorithm", algorithm, NULL},
    {"contentEncryptionAlgorithm", algorithm, NULL},
    {"backAlgID", algorithm, NULL},
    {"issuer", distinguished_name, NULL},
    {"publicKeyS", public_key, NULL},
    {"publicKeyE", public_key, NULL},
    {"certificates", certificate, NULL},
    {"crls", crl, NULL},
    {"brandCRLIdentifier", bci, NULL},
    {"encx", NULL, &sp_type_enveloped_data},
    {"enc", NULL, &sp_type_enveloped_data},
    {"enck", NULL, &sp_type_encrypted_data},
    {"s", NULL, &sp_type_signed_data},
    {"signedError", NULL, &sp_type_signed_data},
    {"piDualSigned", NULL, &sp_type_pi_dual_signed},
    {"exPIData", NULL, &sp_type_enveloped_data},
    {"content", whatever, NULL},
    {"t1", whatever, NULL},
    {"t", whatever, NULL},
    {"baggage", whatever, NULL},
};

static const struct opener *
find(const char *row)
{
	for (size_t i = 0; i < sizeof(openers) / sizeof(openers[0]); i++)
		if (strcmp(openers[i].row, row) == 0)
			return &openers[i];
	return NULL;
}

bool
sp_walk_opens(const char *row)
{
	return find(row) != NULL;
}

void
sp_walk_closed(struct sp_walk *w, const char *row, const char *name, setpki_bytes der)
{
	const struct opener *o = find(row);

	if (o == NULL)
		whatever(w, name, der);
	else if (o->walk != NULL)
		o->walk(w, name, der);
	else
		sp_walk_der(w, name, o->type, der, NULL);
}

/* L(t1, t2): what t1 is follows from what t2 is, for the halves of a dual signature link to each other. */
void
sp_walk_linkage(struct sp_walk *w, const char *name, void *object)
{
	const SP_LINKAGE *l = object;
	int t2 = sp_content_number(sp_obj(l->dd->content->type));

	sp_w_enter(w, name, "linkage");
	if (t2 == SP_CT_OI_DATA)
		sp_walk_der(w, "t1", &sp_type_pi_head, sp_str(l->t1), NULL);
	else if (t2 == SP_CT_PI_DATA)
		sp_walk_der(w, "t1", &sp_type_oi_data, sp_str(l->t1), NULL);
	else
		whatever(w, "t1", sp_str(l->t1));
	sp_walk_type(w, "t2", &sp_type_digested_data, l->dd);
	sp_w_leave(w);
}
