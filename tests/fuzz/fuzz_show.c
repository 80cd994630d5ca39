/* Whatever a message holds, telling it ends with every structure left that was entered, also when it is refused; and of
 * a secret never the value is told, with keys too.
 *
 * Input: one octet (bit 0: with the CAs' keys; bits 1 and 2: with the back key of the recorded registration in the
 * classic, the modern suite), and a message.  The seeds are of tests/vectors/message. */
#include "tests/fuzz/fuzz.h"

#include "lib/base/buf.h"

#include <openssl/pem.h>
#include <setpki/walk.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BIT_KEYS = 1, BIT_CLASSIC = 2, BIT_MODERN = 4 };

#define DEPTH_MAX 48 /* what tools/common/out.c holds */

static const char *const key_files[] = {
    "classic/cardholder", "classic/merchant", "modern/cardholder", "modern/merchant"};
#define NKEYS (sizeof(key_files) / sizeof(key_files[0]))

static const uint8_t classic_back_key[] = {0x97, 0x21, 0x67, 0x35, 0x9c, 0x2c, 0xfc, 0x4c};
static const uint8_t modern_back_key[] = {0xc7, 0x71, 0x0f, 0x94, 0xa7, 0xdd, 0x64, 0xf1, 0x8b, 0x85, 0x90, 0x08, 0x6f,
    0x10, 0xa9, 0x0c, 0xbd, 0xf5, 0xdb, 0xfd, 0x84, 0x1b, 0x12, 0x28, 0x84, 0xd5, 0x79, 0x15, 0x48, 0x30, 0x8a, 0x66};

static const struct setpki_party *
recipients(void)
{
	static struct setpki_party parties[NKEYS];
	const char *top = getenv("TEST_TOP");
	char path[512];
	FILE *f;

	for (size_t i = 0; i < NKEYS && parties[i].key == NULL; i++) {
		snprintf(path, sizeof(path), "%s/tests/vectors/message/%s/exchange.pem", top != NULL ? top : ".",
		    key_files[i]);
		FUZZ_MUST((f = fopen(path, "r")) != NULL);
		FUZZ_MUST((parties[i].key = PEM_read_PrivateKey(f, NULL, NULL, NULL)) != NULL);
		fclose(f);
	}
	return parties;
}

static void
enter(void *arg, const char *name, const char *type, bool list)
{
	(void)type;
	(void)list;
	FUZZ_MUST(name != NULL && ++*(size_t *)arg < DEPTH_MAX);
}

static bool
is_secret(const char *name)
{
	static const char *const names[] = {
	    "pan", "cardSecret", "panSecret", "exNonce", "backKey", "nonceCCA", "acctIdentification", "fieldValue"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static void
field(void *arg, const char *name, enum setpki_value value, const char *text, const char *note)
{
	(void)arg;
	(void)value;
	(void)note;
	FUZZ_MUST(name != NULL && text != NULL);
	FUZZ_MUST(!is_secret(name) || strstr(text, " secret)") != NULL || strstr(text, "***") != NULL);
}

static void
leave(void *arg)
{
	FUZZ_MUST(*(size_t *)arg > 0);
	--*(size_t *)arg;
}

void
fuzz_show(const uint8_t *data, size_t size)
{
	struct setpki_walk_keys keys = {0};
	size_t open = 0;
	const struct setpki_visitor visitor = {enter, field, leave, &open};
	struct setpki_error err = {0};
	enum setpki_code rc;

	if (size < 2)
		return;
	if ((data[0] & BIT_KEYS) != 0) {
		keys.recipients = recipients();
		keys.nrecipients = NKEYS;
	}
	if ((data[0] & BIT_CLASSIC) != 0)
		keys.back_key = SP_BYTES(classic_back_key);
	else if ((data[0] & BIT_MODERN) != 0)
		keys.back_key = SP_BYTES(modern_back_key);
	rc = setpki_walk_with_keys(fuzz_ctx(), &(struct setpki_object){SETPKI_OBJECT_MESSAGE, {data + 1, size - 1}},
	    SETPKI_SUITE_NONE, &keys, &visitor, &err);
	FUZZ_MUST(open == 0 && rc == err.code);
}
