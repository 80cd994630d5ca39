#include "ca/service/publisher_inner.h"
#include "ca/service/stream.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define TICK_MS 1000
#define PATIENCE_MAX_MS 60000
#define WARN_AGAIN_S 3600

/* --- publishing -------------------------------------------------------------------------------- */

void
ca_publisher_warn(struct ca_publisher *p, const char *text)
{
	size_t i, oldest = 0;
	struct ca_log_line l;

	for (i = 0; i < CA_PUBLISHER_WARNINGS; i++) {
		if (strcmp(p->warnings[i].text, text) == 0 && p->h->now - p->warnings[i].at < WARN_AGAIN_S)
			return;
		if (p->warnings[i].at < p->warnings[oldest].at)
			oldest = i;
	}
	snprintf(p->warnings[oldest].text, sizeof(p->warnings[oldest].text), "%s", text);
	p->warnings[oldest].at = p->h->now;
	ca_log_begin(&l, p->log, CA_LOG_WARNING, "publication");
	ca_log_text(&l, "warning", text);
	ca_log_end(&l);
}

static void
note(void *arg, const struct ca_publish_note *n)
{
	static const char *const events[] = {"CRL made", "BCI made", "set published"};
	struct ca_publisher *p = arg;
	struct ca_log_line l;

	if (n->what == CA_PUBLISH_WARNING)
		ca_publisher_warn(p, n->text);
	if (n->what > CA_PUBLISH_SET)
		return;
	ca_log_begin(&l, p->log, CA_LOG_INFO, events[n->what]);
	ca_log_text(&l, n->ca[0] != '\0' ? "ca" : "brand", n->ca[0] != '\0' ? n->ca : n->brand);
	if (n->generation != 0)
		ca_log_number(&l, "generation", n->generation);
	ca_log_number(&l, "number", (int64_t)n->number);
	ca_log_time(&l, "until", n->until);
	ca_log_end(&l);
}

/* What cannot be done now is tried again, ever more rarely; a store that fails is no place to go on writing. */
static enum setpki_code
failed(struct ca_publisher *p, enum setpki_code rc, const struct setpki_error *why)
{
	p->nfailures++;
	p->patience = p->patience == 0 ? TICK_MS : 2 * p->patience;
	if (p->patience > PATIENCE_MAX_MS)
		p->patience = PATIENCE_MAX_MS;
	p->retry_at = ca_ticks() + p->patience;
	if (strcmp(p->failure, why->message) != 0)
		ca_log_error(p->log, CA_LOG_ERROR, "publication failed", why);
	snprintf(p->failure, sizeof(p->failure), "%s", why->message);
	return rc == SETPKI_E_STORE ? rc : SETPKI_E_OK;
}

static enum setpki_code
publish(struct ca_publisher *p, struct setpki_error *err)
{
	struct ca_publish_ask ask = {.due = true, .note = note, .arg = p};
	struct setpki_error why = {0};
	enum setpki_code rc = ca_publish(p->h, &ask, &why);

	if (rc == SETPKI_E_OK)
		rc = ca_publish_next(p->h, &p->next, &why);
	if (rc != SETPKI_E_OK) {
		rc = failed(p, rc, &why);
		if (rc != SETPKI_E_OK && err != NULL)
			*err = why;
		return rc;
	}
	p->failure[0] = '\0';
	p->retry_at = p->patience = 0;
	return SETPKI_E_OK;
}

/* A change of the store may make something due, by whomever: a revocation, a CRL that came, a CA that was rolled.  One
 * that comes while we publish is looked at with the next tick, as what we write ourselves is. */
static enum setpki_code
look(struct ca_publisher *p, struct setpki_error *err)
{
	uint64_t changes;
	enum setpki_code rc = ca_store_changes(p->h->store, &changes, err);

	if (rc != SETPKI_E_OK || ca_ticks() < p->retry_at)
		return rc;
	if (changes == p->seen && p->next > p->h->now && p->retry_at == 0)
		return SETPKI_E_OK;
	p->seen = changes;
	return publish(p, err);
}

static enum setpki_code
tick(struct ca_publisher *p, bool *end, struct setpki_error *err)
{
	enum setpki_code rc;

	p->h->now = p->ask->clock();
	if ((rc = look(p, err)) == SETPKI_E_OK && (rc = ca_publisher_sets(p, err)) == SETPKI_E_OK)
		rc = ca_publisher_report(p, err);
	if (rc != SETPKI_E_IO || !ca_frame_closed(p->ask->front))
		return rc;
	setpki_error_clear(err); /* the front has ended meanwhile */
	*end = true;
	return SETPKI_E_OK;
}

/* --- its life ---------------------------------------------------------------------------------- */

static void
reload(struct ca_publisher *p)
{
	struct signalfd_siginfo info;
	struct setpki_error err = {0};
	bool changed;

	if (read(p->hup, &info, sizeof(info)) < 0)
		return;
	if (ca_home_policy_reload(p->h, &changed, &err) != SETPKI_E_OK)
		ca_log_error(p->log, CA_LOG_ERROR, "policy not taken", &err);
	p->seen = 0;
	p->retry_at = 0;
}

/* Until the next second, a signal, or the end of the front. */
static enum setpki_code
rest(struct ca_publisher *p, bool *end, struct setpki_error *err)
{
	struct pollfd fds[] = {{p->ask->front, POLLIN, 0}, {p->hup, POLLIN, 0}};
	int64_t until = ca_ticks() + TICK_MS, left;

	while (!*end && (left = until - ca_ticks()) > 0) {
		if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
			return sp_fail(err, SETPKI_E_IO, NULL, "waiting: %s", strerror(errno));
		*end = fds[0].revents != 0;
		if (fds[1].revents != 0)
			reload(p);
		fds[0].revents = fds[1].revents = 0;
	}
	return SETPKI_E_OK;
}

static enum setpki_code
open_publisher(struct ca_publisher *p, struct setpki_error *err)
{
	const struct ca_publisher_ask *a = p->ask;
	sigset_t hup;

	sigemptyset(&hup);
	sigaddset(&hup, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &hup, NULL) != 0 || (p->hup = signalfd(-1, &hup, SFD_CLOEXEC | SFD_NONBLOCK)) < 0)
		return sp_fail(err, SETPKI_E_IO, NULL, "signalfd: %s", strerror(errno));
	return ca_home_open(a->ctx, a->home, CA_HOME_WRITE, &a->pass, a->clock(), &p->h, err);
}

int
ca_publisher_run(const struct ca_publisher_ask *ask)
{
	struct ca_publisher *p = OPENSSL_zalloc(sizeof(*p));
	struct setpki_error err = {0};
	bool end = false;
	enum setpki_code rc;

	if (p == NULL)
		return 3;
	p->ask = ask;
	p->log = ask->log;
	p->hup = -1;
	rc = open_publisher(p, &err);
	if (rc == SETPKI_E_OK && ask->ready != NULL)
		ask->ready(ask->arg);
	while (rc == SETPKI_E_OK && !end)
		if ((rc = tick(p, &end, &err)) == SETPKI_E_OK)
			rc = rest(p, &end, &err);
	if (rc != SETPKI_E_OK)
		ca_log_error(p->log, CA_LOG_ERROR, "publisher stops", &err);
	ca_home_close(p->h);
	close(ask->front);
	if (p->hup >= 0)
		close(p->hup);
	OPENSSL_free(p);
	return rc == SETPKI_E_OK ? 0 : 3;
}
