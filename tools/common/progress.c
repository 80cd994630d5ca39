/* The progress bar. */
#include "tools/common/term.h"

#include <string.h>
#include <unistd.h>

#define BAR 24

static bool shown;

void
tc_progress(const char *what, size_t done, size_t total)
{
	char bar[BAR + 1];
	size_t full = total == 0 ? BAR : done * BAR / total;

	if (!isatty(STDERR_FILENO))
		return;
	memset(bar, '.', BAR);
	memset(bar, '#', full > BAR ? BAR : full);
	bar[BAR] = '\0';
	fprintf(stderr, "\r\033[K[%s] %zu/%zu %.60s", bar, done, total, what);
	fflush(stderr);
	shown = true;
}

void
tc_progress_end(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	fflush(stderr);
	shown = false;
}
