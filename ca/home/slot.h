/* Writer slots: run/slot-N, locked by the process that writes under that number; intents name it (architecture, "One
 * certificate's way").  The epoch in the file tells two users of one slot apart. */
#ifndef CA_HOME_SLOT_H
#define CA_HOME_SLOT_H

#include "ca/home/home.h"

#define CA_SLOTS 64

/* The first free slot.  STATE when every one is taken. */
SP_MUST_CHECK enum setpki_code ca_slot_take(struct ca_home *h, struct setpki_error *err);
void ca_slot_release(struct ca_home *h);

#endif
