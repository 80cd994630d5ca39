/* End entities that register: a session of setpki/enroll.h with keys of its own, talking to a CA in memory. */
#ifndef TESTS_SUPPORT_WALLET_H
#define TESTS_SUPPORT_WALLET_H

#include "tests/support/desk.h"

#include <setpki/enroll.h>

#define WALLET_PAN "4123450000000008"
#define WALLET_ANSWER "Alice" /* to every question that has to be answered */
#define WALLET_EXPIRY "203012"

struct wallet {
	struct desk *desk;
	struct setpki_enroll_ask ask;
	setpki_enroll *e;
	setpki_pool *pool;
	setpki_bytes old_cert, old_enc; /* owned */
	int64_t now;
	size_t posts;
	bool save_always; /* is saved and restored before every step */
};

/* Keys, existing certificates where the type needs them, a pool that trusts the root; the session has begun. */
void wallet_open(struct wallet *w, struct desk *desk, enum setpki_request_type type);
void wallet_close(struct wallet *w);
/* Posts the request and takes the answer; fails the test if the session does not. */
void wallet_post(struct wallet *w);
/* The answer to the present request, as the desk gives it. */
void wallet_fetch(struct wallet *w, struct setpki_der *out);
/* Answers the form as it wants to be answered. */
void wallet_fill(struct wallet *w);
/* All of it, until the session waits or ends. */
enum setpki_enroll_step wallet_run(struct wallet *w);
/* Saves; goes on with what was saved, as another process would. */
void wallet_save(struct wallet *w, struct setpki_der *out);
void wallet_load(struct wallet *w, const struct setpki_der *saved);
/* Both. */
void wallet_again(struct wallet *w);

#endif
