#include "tests/support/fault.h"

static unsigned wanted, counted;

void
fault_at(unsigned n)
{
	wanted = n;
	counted = 0;
}

bool
fault_now(void)
{
	return wanted != 0 && ++counted == wanted;
}

bool
fault_fired(void)
{
	return wanted != 0 && counted >= wanted;
}
