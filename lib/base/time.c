#include "lib/base/time.h"

static bool
leap(int y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int
month_days(int y, int m)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return m == 2 && leap(y) ? 29 : days[m - 1];
}

/* Days since 1970-01-01; years run from March, so that the leap day is a year's last. */
static int64_t
days_from_civil(int y, int m, int d)
{
	int64_t year = (int64_t)y - (m <= 2);
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t yoe = year - era * 400;
	int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

bool
sp_civil_to_time(const struct sp_civil *c, int64_t *t)
{
	if (c->year < 0 || c->year > 9999 || c->month < 1 || c->month > 12 || c->day < 1 ||
	    c->day > month_days(c->year, c->month) || c->hour < 0 || c->hour > 23 || c->minute < 0 || c->minute > 59 ||
	    c->second < 0 || c->second > 59)
		return false;
	*t = days_from_civil(c->year, c->month, c->day) * 86400 + c->hour * 3600 + c->minute * 60 + c->second;
	return true;
}

bool
sp_time_to_civil(int64_t t, struct sp_civil *c)
{
	int64_t days, rest, era, doe, yoe, doy, mp;

	if (t < SP_TIME_MIN || t > SP_TIME_MAX)
		return false;
	days = t / 86400;
	rest = t % 86400;
	if (rest < 0) {
		rest += 86400;
		days--;
	}
	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	c->day = (int)(doy - (153 * mp + 2) / 5 + 1);
	c->month = (int)(mp < 10 ? mp + 3 : mp - 9);
	c->year = (int)(yoe + era * 400 + (c->month <= 2));
	c->hour = (int)(rest / 3600);
	c->minute = (int)(rest % 3600 / 60);
	c->second = (int)(rest % 60);
	return true;
}

bool
sp_month_end(int year, int month, int64_t *t)
{
	struct sp_civil c = {year, month, 1, 23, 59, 59};

	if (month < 1 || month > 12)
		return false;
	c.day = month_days(year, month);
	return sp_civil_to_time(&c, t);
}

int64_t
sp_time_last(int64_t not_before, int64_t span)
{
	return span > SP_TIME_MAX - not_before ? SP_TIME_MAX : not_before + span - 1;
}

bool
sp_time_within(int64_t t, int64_t from, int64_t to)
{
	return from <= t && t <= to;
}
