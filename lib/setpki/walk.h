/* Printing is a walk: the library tells the fields of an object under SET's own names, a writer renders them. */
#ifndef SETPKI_WALK_H
#define SETPKI_WALK_H

#include <setpki/object.h>
#include <setpki/party.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a field's value is, for writers that have types. */
enum setpki_value { SETPKI_VALUE_TEXT, SETPKI_VALUE_NUMBER, SETPKI_VALUE_BOOL, SETPKI_VALUE_TIME, SETPKI_VALUE_HEX };

/** The reader of a walk.  Each function gets `arg`; strings live for the call only. */
struct setpki_visitor {
	/** A structure begins. `name`: its field name ("certificateType"); `type`: SET's type name, or NULL; `list`:
	 * its members are elements of one list and their names say only what each is. */
	void (*enter)(void *arg, const char *name, const char *type, bool list);
	/** A value. `text` is its one text form; `note`: an explanation for people ("critical", "RSA-2048"), or NULL.
	 */
	void (*field)(void *arg, const char *name, enum setpki_value value, const char *text, const char *note);
	void (*leave)(void *arg);
	void *arg;
};

/**
 * Walk one object.
 *
 * A message (set-protocol 2 to 4) is told as it stands: signatures are checked where the key is at hand ("verifies"),
 * and a wrong one is no failure; whose certificates are trusted is the validator's business (setpki/chain.h).  What is
 * encrypted stays closed.  Of secrets - CardSecret, nonces of key blocks, back keys, answers of a form - only the
 * length is told, of a PAN the first six and last four digits, and in other texts from outside runs of 13 to 19 digits
 * are masked.
 *
 * @param suite  SETPKI_SUITE_NONE: read from the object's algorithms
 * @return SETPKI_E_OK; what parsing the object gives (fields walked until then stay walked).  A part of a message that
 *         cannot be read is told by its length, everything around it is told too, every structure is left that was
 *         entered, and the walk ends with the first such part's code
 */
enum setpki_code setpki_walk(setpki_ctx *ctx, const struct setpki_object *object, enum setpki_suite suite,
    const struct setpki_visitor *visitor, struct setpki_error *err);

/** What opens the encrypted parts of a message.  Everything is borrowed for the call. */
struct setpki_walk_keys {
	/** Who may be the recipient of its envelopes: each one's private key is tried.  Issuer and serial number are
	 * not looked at, for they are taken from the message. */
	const struct setpki_party *recipients;
	size_t nrecipients;
	/** The key that an answer comes back under (BackKeyData); empty: none. */
	setpki_bytes back_key;
};

/**
 * The same with keys: EnvelopedData and EncryptedData are opened, and their contents told under "decrypted".
 * @param keys  NULL: none
 * @return as setpki_walk(); SETPKI_E_DECRYPT for a part that none of the keys opens
 */
enum setpki_code setpki_walk_with_keys(setpki_ctx *ctx, const struct setpki_object *object, enum setpki_suite suite,
    const struct setpki_walk_keys *keys, const struct setpki_visitor *visitor, struct setpki_error *err);

#ifdef __cplusplus
}
#endif
#endif
