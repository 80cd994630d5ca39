/* End entities that register at a running setcad: sessions of setpki/enroll.h that speak HTTP, and everything that was
 * said. */
#ifndef TESTS_SUPPORT_CALLER_H
#define TESTS_SUPPORT_CALLER_H

#include <setpki/enroll.h>
#include <stdbool.h>

/* Requests and their answers, in order; owned. */
#define T_SAID_MAX 64
struct t_said {
	size_t n;
	struct {
		setpki_bytes request, answer;
		bool kept; /* a CertReq: it has one answer, however often it comes (set-protocol 12.7) */
	} v[T_SAID_MAX];
};
void t_said_free(struct t_said *s);

/* One end entity. */
struct t_caller {
	const char *address; /* of setcad, borrowed; so is `said` */
	const char *from;    /* the address to come from; NULL: whichever */
	struct t_said *said; /* NULL: nothing is written down */
	struct setpki_enroll_ask ask;
	setpki_enroll *e;
	setpki_pool *pool;
	int64_t now;
};

/* Zeroed fields of `ask` are filled with what policies/demo.yaml takes, and keys are made.  The root is that of
 * setca-home, in the current folder. */
void t_caller_open(
    struct t_caller *c, const char *address, const struct setpki_enroll_ask *ask, int64_t now, struct t_said *said);
/* Renews what `old` got. */
void t_caller_renew(struct t_caller *c, const struct t_caller *old, enum setpki_request_type type);
void t_caller_close(struct t_caller *c);
/* Until the session asks for the form (and no further, if `to_form`), waits or ends; anything but an answer that the
 * session takes fails the test. */
enum setpki_enroll_step t_caller_run(struct t_caller *c, bool to_form);
/* Inquires once. */
enum setpki_enroll_step t_caller_inquire(struct t_caller *c);
/* Says that the last answer was wrong, with an Error, which is not answered. */
void t_caller_complain(struct t_caller *c);

#endif
