/* A policy explained: printed whole, field by field, and against another one. */
#ifndef CA_POLICY_SHOW_H
#define CA_POLICY_SHOW_H

#include "ca/policy/form.h"

#include <setpki/walk.h>

/* Appends the whole effective policy as YAML in the order of the reference: what the file left out stands there too,
 * marked "# default" or "# inherited".  Reading the text gives the same policy again. */
SP_MUST_CHECK enum setpki_code ca_policy_show(const struct ca_policy *p, struct sp_buf *out, struct setpki_error *err);
/* The same for a writer: mappings and lists are entered under their keys, elements of lists are
 * called "item"; the note of a field is "default" or
 * "inherited", else NULL. */
void ca_policy_walk(const struct ca_policy *p, const struct setpki_visitor *visitor);

/* One field of a certificate, and why it is as it is. */
struct ca_policy_field {
	const char *certificate; /* static: "certificate-signing", "cardholder signature" */
	const char *field;	 /* static: "subject.O", "validity" */
	char value[256];
	char from[320]; /* "policies/demo.yaml:12: root.subject.country", "default: ...", "set-protocol 12.12" */
	int line;	/* of the file; 0 */
};

struct ca_policy_fields {
	struct ca_policy_field *v;
	size_t n, cap;
};

/* What decides each field of each certificate that concerns a CA: its own, one a purpose, and those it issues.
 * `role` < CA_ROLE_N: only what it issues in that role.  NOTFOUND (with a suggestion). */
SP_MUST_CHECK enum setpki_code ca_policy_explain(const struct ca_policy *p, const char *ca, enum ca_role role,
    struct ca_policy_fields *out, struct setpki_error *err);
void ca_policy_fields_free(struct ca_policy_fields *f); /* and empties it */

/* One difference between two policies. */
struct ca_policy_change {
	enum ca_change { CA_CHANGE_ADDED, CA_CHANGE_REMOVED, CA_CHANGE_VALUE } what;
	char path[256];		 /* "card.keys.certificate-signing.lifetime"; a CA or form as a whole: "card" */
	char old[256], new[256]; /* values; empty where there is none */
	int old_line, new_line;	 /* 0: a default, or not there */
	const char *effect;	 /* static: what becomes of it, one sentence */
};

struct ca_policy_changes {
	struct ca_policy_change *v;
	size_t n, cap;
};

/* What `new` changes; in the order of `old`, then of `new`; empty when both mean the same.  MEMORY. */
SP_MUST_CHECK enum setpki_code ca_policy_diff(
    const struct ca_policy *old, const struct ca_policy *new, struct ca_policy_changes *out, struct setpki_error *err);
void ca_policy_changes_free(struct ca_policy_changes *c); /* and empties it */

/* Appends the reference of all keys as Markdown tables, as docs/policy.md has it. */
void ca_policy_reference(struct sp_buf *out);

#endif
