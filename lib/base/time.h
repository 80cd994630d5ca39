/* Calendar arithmetic without libc's time zone and state. */
#ifndef LIB_BASE_TIME_H
#define LIB_BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

struct sp_civil {
	int year, month, day, hour, minute, second; /* UTC; month 1..12, day 1..31 */
};

#define SP_TIME_MIN INT64_C(-62167219200) /* 0000-01-01T00:00:00Z */
#define SP_TIME_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* False if a field is out of range (leap seconds too: X.690 11.7 and RFC 5280 know none). */
bool sp_civil_to_time(const struct sp_civil *c, int64_t *t);
bool sp_time_to_civil(int64_t t, struct sp_civil *c);
/* The last second, UTC, of a month: a card's expiry (set-protocol 12.12). */
bool sp_month_end(int year, int month, int64_t *t);
/* notAfter of something that lasts `span` seconds from notBefore: lifetimes include their last second (RFC 5280
 * 4.1.2.5), so it is one less than the sum.  Saturates at SP_TIME_MAX. */
int64_t sp_time_last(int64_t not_before, int64_t span);
/* Whether `t` lies in [from, to], both included. */
bool sp_time_within(int64_t t, int64_t from, int64_t to);

#endif
