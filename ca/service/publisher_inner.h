/* What the files of the publisher share. */
#ifndef CA_SERVICE_PUBLISHER_INNER_H
#define CA_SERVICE_PUBLISHER_INNER_H

#include "ca/publish/publish.h"
#include "ca/service/publisher.h"

#include <sys/types.h>

#define CA_PUBLISHER_BRANDS 256 /* as many as the front takes */
#define CA_PUBLISHER_WARNINGS 16

/* A set that the front has: what `current` points to, and the folder itself. */
struct ca_sent_set {
	char brand[CA_NAME_MAX], to[32];
	ino_t folder;
};

struct ca_publisher {
	const struct ca_publisher_ask *ask;
	const struct ca_log *log;
	struct ca_home *h;
	int hup;	   /* signalfd */
	uint64_t seen;	   /* changes of the store when it was looked at last; 0: never */
	int64_t next;	   /* when something is due by its schedule */
	int64_t retry_at;  /* ca_ticks(); after a failure not before; 0: there was none */
	int64_t patience;  /* and how long that was put off, in milliseconds */
	char failure[512]; /* of the last publication; empty: none */
	uint64_t nfailures;
	struct {
		char text[320];
		int64_t at; /* when it was logged */
	} warnings[CA_PUBLISHER_WARNINGS];
	struct ca_sent_set sent[CA_PUBLISHER_BRANDS];
	size_t nsent;
};

/* Sends the sets that the front does not have yet.  IO: the front is gone. */
SP_MUST_CHECK enum setpki_code ca_publisher_sets(struct ca_publisher *p, struct setpki_error *err);
/* Sends the report.  STORE; IO: the front is gone. */
SP_MUST_CHECK enum setpki_code ca_publisher_report(struct ca_publisher *p, struct setpki_error *err);
/* A warning, unless it was logged within the last hour. */
void ca_publisher_warn(struct ca_publisher *p, const char *text);

#endif
