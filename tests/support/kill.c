#include "tests/support/kill.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct kill_page *
kill_page(void)
{
	void *p = mmap(NULL, sizeof(struct kill_page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		fail_msg("no memory to share");
	return p;
}

void
kill_report(struct kill_page *page, const struct setpki_error *err)
{
	page->error = *err;
	page->failed = true;
	_exit(1);
}

bool
kill_after(void (*part)(void *arg), void *arg, unsigned us, struct kill_page *page)
{
	struct timespec step = {0, 200000};
	unsigned waited = 0;
	int status = 0;
	pid_t pid;

	page->ready = false;
	pid = fork();
	if (pid < 0)
		fail_msg("fork failed");
	if (pid == 0) {
		part(arg);
		_exit(0);
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (waited >= us) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			break;
		}
		nanosleep(&step, NULL);
		if (page->ready)
			waited += 200;
	}
	if (page->failed)
		fail_msg("the child failed: %s: %s", page->error.object, page->error.message);
	if (WIFEXITED(status) ? WEXITSTATUS(status) != 0 : WTERMSIG(status) != SIGKILL)
		fail_msg("the child ended with status %#x", (unsigned)status);
	return WIFEXITED(status);
}
