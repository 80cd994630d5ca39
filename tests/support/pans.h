/* The home of tests/cli/test_pan.c: whose cards register there, what is typed into its forms, which programs decide. */
#ifndef TESTS_SUPPORT_PANS_H
#define TESTS_SUPPORT_PANS_H

#include <setpki/types.h>
#include <stddef.h>

#define LISTED "4123458391742602"
#define PENDED "4123456172935486"
#define ACCEPTED "412345729384652"
#define REJECTED "4123453759281640291"
#define LATE "4123451847362950"
#define BAD "4123459261753844"
#define BROKEN "4123455382619476"
#define HELD "4123452718394650"
#define TYPED "4123456483927156"
#define TYPED_GROUPS "4123 4564 8392 7156"
#define TYPED_PLAIN "5503728491638"
#define TYPED_SHOP "4123454938172650"
#define TYPED_SHOP_GROUPS "4123-4549-3817-2650"
#define TYPED_ID "4123450618273941"
#define TOLD "4123457362518496"
#define PASSPHRASE "correct horse battery"
#define SESAME "open sesame, please"

/* All of these but TYPED_ID, which is a merchant's id besides. */
#define PANS 12
extern const char *const pans[PANS];

/* What the test gives, the only place where card numbers may be, and what is told by policy. */
#define IN "../in/"

struct pans_suite {
	const char *name, *policy, *brand;
	enum setpki_suite suite;
};
extern const struct pans_suite pans_modern, pans_classic;

/* Enters a folder of its own and makes a home there, with lists, answers to its forms, and two programs that note down
 * all that they get in a folder "checks" beside them: ./check, which the CAs for cardholders and merchants ask after
 * the list and before persons, and IN "check", which repeats the number that it is told.  The keys of the CA for
 * cardholders have a passphrase. */
void pans_home(const struct pans_suite *s);

#endif
