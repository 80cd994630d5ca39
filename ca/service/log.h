/* The daemon's log: one line an event, logfmt or JSON, to one descriptor, each line with one write so that lines of
 * several processes do not mix.  Texts from outside are escaped, cut, and runs of 13 to 19 digits in them masked
 * (set-protocol 12.8). */
#ifndef CA_SERVICE_LOG_H
#define CA_SERVICE_LOG_H

#include <setpki/bytes.h>
#include <setpki/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ca_log_level { CA_LOG_ERROR, CA_LOG_WARNING, CA_LOG_INFO };

struct ca_log {
	int fd;
	bool json;
	const char *process;	   /* "main", "front", "worker 1" */
	int64_t (*now)(void *arg); /* seconds since the epoch; never NULL */
	void *arg;
};

/* A line in the making.  What does not fit any more is left out, never the end of the line. */
struct ca_log_line {
	const struct ca_log *log;
	char text[3072];
	size_t n;
};

/* `event` is fixed text of ours, in a few words: "request answered". */
void ca_log_begin(struct ca_log_line *l, const struct ca_log *log, enum ca_log_level level, const char *event);
/* Keys are names of ours: [a-z_]+.  NULL values are left out. */
void ca_log_text(struct ca_log_line *l, const char *key, const char *value);
void ca_log_number(struct ca_log_line *l, const char *key, int64_t value);
void ca_log_hex(struct ca_log_line *l, const char *key, setpki_bytes value); /* empty: left out */
void ca_log_time(struct ca_log_line *l, const char *key, int64_t value);
void ca_log_end(struct ca_log_line *l);

/* A line without further members. */
void ca_log_event(const struct ca_log *log, enum ca_log_level level, const char *event);
/* A line with the cause of a failure. */
void ca_log_error(const struct ca_log *log, enum ca_log_level level, const char *event, const struct setpki_error *err);

#endif
