/* The clock of build/<variant>/test-bin/ and of the test programs: the file named by TEST_CLOCK holds the time, in the
 * form that setpki_time_parse() reads; without it the real one. */
#include "tools/common/clock.h"

#include <setpki/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t
tc_clock_now(void)
{
	const char *path = getenv("TEST_CLOCK");
	char text[64] = "";
	int64_t now;
	FILE *f;

	if (path == NULL)
		return (int64_t)time(NULL);
	if ((f = fopen(path, "r")) == NULL || fgets(text, sizeof(text), f) == NULL) {
		fprintf(stderr, "test clock: cannot read %s\n", path);
		abort();
	}
	fclose(f);
	text[strcspn(text, "\n")] = '\0';
	if (setpki_time_parse(text, &now, NULL) != SETPKI_E_OK) {
		fprintf(stderr, "test clock: not a time: %s\n", text);
		abort();
	}
	return now;
}
