/* What the files of this room share: a walk under way, and one function for each form of value. */
#ifndef LIB_WALK_INNER_H
#define LIB_WALK_INNER_H

#include "lib/der/reader.h"
#include "lib/x509/cert.h"

#include <setpki/walk.h>

struct sp_walk_signed;

struct sp_walk {
	const struct setpki_visitor *v;
	setpki_ctx *ctx;
	enum setpki_suite suite; /* asked for, else the object's */
	struct setpki_error *err;
	enum setpki_code rc;		     /* the first failure; what follows it is not told */
	enum setpki_code fault;		     /* the first sp_w_fault(); what follows it is told */
	const struct setpki_walk_keys *keys; /* NULL: what is encrypted stays closed */
	struct sp_walk_signed *signed_data;  /* the SignedData that is being told (signed.c) */
};

void sp_w_enter(struct sp_walk *w, const char *name, const char *type);
void sp_w_list(struct sp_walk *w, const char *name, const char *type);
void sp_w_leave(struct sp_walk *w);
/* `note` may be NULL */
void sp_w_text(struct sp_walk *w, const char *name, const char *text, const char *note);
void sp_w_number(struct sp_walk *w, const char *name, int64_t v);
void sp_w_bool(struct sp_walk *w, const char *name, bool v);
void sp_w_time(struct sp_walk *w, const char *name, int64_t t);
void sp_w_hex(struct sp_walk *w, const char *name, setpki_bytes s, const char *note);
void sp_w_string(struct sp_walk *w, const char *name, uint8_t tag, setpki_bytes value);
/* The same of a text from outside: runs of digits that may be a PAN are masked (set-protocol 12.8). */
void sp_w_outside(struct sp_walk *w, const char *name, uint8_t tag, setpki_bytes value);
/* A PAN: first six and last four digits, or fewer if it is short. */
void sp_w_pan(struct sp_walk *w, const char *name, setpki_bytes digits);
/* How long a value is, in place of the value: "(20 octets, secret)". */
void sp_w_length(struct sp_walk *w, const char *name, size_t n, const char *what, const char *note);
/* A part of `n` octets that could not be read: its length is told, and why; the walk goes on, and fails with `rc` at
 * its end. */
void sp_w_fault(struct sp_walk *w, const char *name, size_t n, enum setpki_code rc, const struct setpki_error *why);
void sp_w_name(struct sp_walk *w, const char *name, setpki_bytes whole_name);
/* An OBJECT IDENTIFIER: SET's or X.509's word for it with the numbers as note, or the numbers. */
void sp_w_oid(struct sp_walk *w, const char *name, setpki_bytes oid);
void sp_w_algorithm(struct sp_walk *w, const char *name, setpki_bytes whole_alg);
/* Named bits by their words, "keyCertSign, cRLSign"; bits without one by number. */
void sp_w_bits(struct sp_walk *w, const char *name, uint32_t bits, const char *const *words, size_t n);

/* Parts that several objects have. */
void sp_walk_key(struct sp_walk *w, const char *name, const struct sp_spki *key);
void sp_walk_extensions(struct sp_walk *w, const char *name, setpki_bytes list);
/* The contents of an extension of the table, field by field (ext.c, ext_set.c). */
void sp_walk_policies(struct sp_walk *w, struct sp_der *d);
void sp_walk_hashed_root(struct sp_walk *w, struct sp_der *d);
void sp_walk_merchant_data(struct sp_walk *w, struct sp_der *d);
void sp_walk_tunneling(struct sp_walk *w, struct sp_der *d);
void sp_walk_set_extensions(struct sp_walk *w, struct sp_der *d);
/* What stands around every signed object: the suite, SHA-256 of the whole, the thumb of the signed part. */
void sp_walk_head(struct sp_walk *w, setpki_bytes der, setpki_bytes tbs, enum setpki_suite suite);
void sp_walk_signature(struct sp_walk *w, setpki_bytes alg, setpki_bytes sig);

/* The objects. */
void sp_walk_cert(struct sp_walk *w, setpki_bytes der);
void sp_walk_crl(struct sp_walk *w, setpki_bytes der);
void sp_walk_bci(struct sp_walk *w, setpki_bytes der);
void sp_walk_csr(struct sp_walk *w, setpki_bytes der);
void sp_walk_message(struct sp_walk *w, setpki_bytes der);

#endif
