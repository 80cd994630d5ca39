/* The keys with which setca show opens what is encrypted in messages. */
#ifndef TOOLS_SETCA_SHOW_KEYS_H
#define TOOLS_SETCA_SHOW_KEYS_H

#include "tools/setca/setca.h"

#include <setpki/walk.h>

#define SHOW_KEYS_MAX 16 /* --key */

struct show_args {
	struct tc_list key;
	const char *back_key_file;
	int64_t passphrase_fd;
};

/* Zero-initialised; show_keys_free() cleanses. */
struct show_keys {
	struct setpki_walk_keys walk; /* what setpki_walk_with_keys() takes */
	struct setpki_party recipients[SHOW_KEYS_MAX];
	ca_key *keys[SHOW_KEYS_MAX];
	uint8_t back_key[SP_KEY_MAX];
};

/* Opens the keys that the options name.  ARGUMENT, and what ca_key_open_file() gives. */
enum setpki_code show_keys_open(struct setca *s, const struct show_args *a, struct show_keys *out);
void show_keys_free(struct show_keys *k);

#endif
