/* setenroll, run by a test in a folder of its own against a CA in memory. */
#ifndef TESTS_SUPPORT_APPLICANT_H
#define TESTS_SUPPORT_APPLICANT_H

#include "tests/support/counter.h"

#define APPLICANT_PAN "4123450000000008"

/* Groups' setup and teardown: the hierarchies, classic and modern. */
extern struct registry applicant_regs[2];
int applicant_setup(void **state);
int applicant_teardown(void **state);

/* One test's CA. */
struct applicant {
	struct desk desk;
	struct counter counter;
};
/* Enters a folder with root.cer, first.cer (the root before it), pan.txt, pass.txt and answers.json; at REG_NOW. */
void applicant_enter(const char *name, const struct registry *reg);
/* The same, and a desk that can be told what to decide. */
void applicant_begin(struct applicant *a, const char *name, struct registry *reg);
/* Serves it (`acts` NULL: all goes well) at $URL.  It may be closed, told something else and served again. */
void applicant_serve(struct applicant *a, const enum counter_act *acts);
void applicant_end(struct applicant *a);

/* The command lines of the three roles, without what every one says, and the files that come of them. */
enum { CARD, MERCHANT, GATEWAY, ROLES };
struct applicant_role {
	const char *name, *line, *files;
};
extern const struct applicant_role applicant_roles[ROLES];
#define CARD_LINE "cardholder --expiry 203012 --pan-fd 3 3<pan.txt "
/* What every registration of these tests says behind it; $T: for another time-out. */
#define COMMON "--url $URL --brand " REG_BRAND_ID " --dir d --no-passphrase --timeout ${T:-2s} "
#define NEW COMMON "--root root.cer --answers answers.json "

/* Whether two POSTs had the same body; that there were so many of them and no more. */
bool same_posts(unsigned a, unsigned b);
void has_posts(unsigned n);
/* Only these files beside folders, for nobody else to read; nothing of the card or of a secret answer in them. */
void is_tidy(const char *dir, const char *files);
void write_text(const char *name, const char *text);

#endif
