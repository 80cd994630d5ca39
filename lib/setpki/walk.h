/* Printing is a walk: the library tells the fields of an object under SET's own names, a writer renders them. */
#ifndef SETPKI_WALK_H
#define SETPKI_WALK_H

#include <setpki/object.h>

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
 * @param suite  SETPKI_SUITE_NONE: read from the object's algorithms
 * @return SETPKI_E_OK; what parsing the object gives (fields walked until then stay walked)
 */
enum setpki_code setpki_walk(setpki_ctx *ctx, const struct setpki_object *object, enum setpki_suite suite,
    const struct setpki_visitor *visitor, struct setpki_error *err);

#ifdef __cplusplus
}
#endif
#endif
