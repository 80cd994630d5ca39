/* Homes that revoke and publish: issuing, revoking by number, reading what is public. */
#ifndef TESTS_SUPPORT_PUBLISH_H
#define TESTS_SUPPORT_PUBLISH_H

#include "ca/publish/publish.h"
#include "tests/support/home.h"

/* Issues a gateway signature certificate for a new key, `lifetime` seconds (0: the policy's); its serial, 17 octets. */
void t_gateway(struct ca_home *h, int64_t lifetime, uint8_t serial[17]);
/* The serial of the present certificate-signing certificate of a CA (by name). */
void t_ca_serial(struct ca_home *h, const char *name, uint8_t serial[17]);
/* Revokes one; the test fails if that is not what comes out. */
struct ca_revocation t_revoke(struct ca_home *h, const uint8_t serial[17], int reason);
/* ca_publish(); the notes are counted and their texts put one under the other. */
struct t_published {
	unsigned n[CA_PUBLISH_WARNING + 1];
	char text[4096];
};
enum setpki_code t_publish(struct ca_home *h, bool due, struct t_published *out, struct setpki_error *err);
/* A file of the brand's current public set ("crl/gateway.crl"); sp_buf_free().  The test fails if it is not there. */
void t_public(struct ca_home *h, const char *file, struct sp_buf *out);
/* Whether the public CRL of a CA ("gateway") lists a serial, and its number. */
bool t_listed(struct ca_home *h, const char *ca, const uint8_t serial[17], int64_t *number);
/* The public set is whole: the BCI verifies and names exactly the CRLs that are there, with their numbers; each CRL
 * verifies; the bundle carries the same; `current` leads there.  Returns the BCI's number. */
uint64_t t_check_public(struct ca_home *h);

#endif
