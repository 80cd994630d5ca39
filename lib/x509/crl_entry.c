#include "lib/x509/crl_entry.h"

#include "lib/base/limits.h"
#include "lib/der/walk.h"
#include "lib/x509/cert_ext.h"

#include <string.h>

/* id-ce-cRLReasons, 2.5.29.21 */
static const uint8_t oid_reason[] = {0x55, 0x1d, 0x15};

/* RFC 5280 5.3.1; 7 is not used */
static const struct {
	int reason;
	const char *name;
} reasons[] = {
    {0, "unspecified"},
    {1, "keyCompromise"},
    {2, "cACompromise"},
    {3, "affiliationChanged"},
    {4, "superseded"},
    {5, "cessationOfOperation"},
    {6, "certificateHold"},
    {8, "removeFromCRL"},
    {9, "privilegeWithdrawn"},
    {10, "aACompromise"},
};
#define NREASONS (sizeof(reasons) / sizeof(reasons[0]))

const char *
sp_reason_name(int reason)
{
	for (size_t i = 0; i < NREASONS; i++)
		if (reasons[i].reason == reason)
			return reasons[i].name;
	return NULL;
}

int
sp_reason_by_name(const char *name)
{
	for (size_t i = 0; i < NREASONS; i++)
		if (strcmp(reasons[i].name, name) == 0)
			return reasons[i].reason;
	return -1;
}

int
sp_serial_cmp(setpki_bytes a, setpki_bytes b)
{
	return a.n != b.n ? (a.n > b.n) - (a.n < b.n) : memcmp(a.p, b.p, a.n);
}

static bool
read_reason(setpki_bytes value, int *reason)
{
	struct sp_der d = sp_der(value);
	int64_t v;

	if (*reason >= 0 || !sp_der_enum(&d, &v) || !sp_der_end(&d) || v < 0 || v > 10 ||
	    sp_reason_name((int)v) == NULL)
		return false;
	*reason = (int)v;
	return true;
}

static bool
read_extensions(struct sp_der *entry, struct sp_crl_entry *e, struct sp_crl_entry_more *more)
{
	struct setpki_error ignored = {0};
	struct sp_der list;
	struct sp_ext_item item;
	unsigned n = 0;

	if (!sp_der_enter(entry, SP_SEQUENCE, &list) || !sp_der_end(entry))
		return false;
	while (sp_ext_next(&list, &item)) {
		if (++n > SP_EXT_MAX || sp_der_walk(item.value, &ignored) != SETPKI_E_OK)
			return false;
		if (sp_bytes_eq(item.oid, SP_BYTES(oid_reason))) {
			if (!read_reason(item.value, &e->reason))
				return false;
			continue;
		}
		more->unknown++;
		if (item.critical && more->unknown_critical.n == 0)
			more->unknown_critical = item.oid;
	}
	return n != 0 && sp_der_end(&list);
}

static bool
read_any(struct sp_der *d, struct sp_crl_entry *e, struct sp_crl_entry_more *more)
{
	struct sp_der entry;

	if (!sp_der_enter(d, SP_SEQUENCE, &entry) || !sp_der_integer(&entry, &e->serial) ||
	    e->serial.n > SP_SERIAL_MAX || !sp_der_time(&entry, &e->revoked_at, NULL))
		return false;
	return sp_der_end(&entry) || read_extensions(&entry, e, more);
}

/* crlEntryExtensions with a reasonCode alone, not critical; one octet more is the reason. */
static const uint8_t reason_alone[] = {0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01};

/* What may follow the date in the common form: nothing, or a reason. */
static bool
plain_tail(const uint8_t *p, size_t n, int *reason)
{
	if (n == 0)
		return true;
	if (n != sizeof(reason_alone) + 1 || memcmp(p, reason_alone, sizeof(reason_alone)) != 0 ||
	    sp_reason_name(p[n - 1]) == NULL)
		return false;
	*reason = p[n - 1];
	return true;
}

/* The common form - short lengths, a serial, a UTCTime, perhaps a reason - without the general reader: large CRLs are
 * made of it.  False: not of that form, which says nothing against the entry. */
static bool
read_plain(struct sp_der *d, struct sp_crl_entry *e)
{
	const uint8_t *p = d->p;
	size_t left = (size_t)(d->end - p), n;

	if (d->bad || left < 20 || p[0] != SP_SEQUENCE || p[1] > 0x7f || left < 2u + p[1] || p[2] != SP_INTEGER)
		return false;
	n = p[3];
	if (n == 0 || n > SP_SERIAL_MAX || p[1] < n + 17 || p[4 + n] != SP_UTCTIME || p[5 + n] != 13)
		return false;
	e->serial = sp_bytes(p + 4, n);
	if (!sp_der_integer_ok(e->serial) || !sp_der_time_value(SP_UTCTIME, sp_bytes(p + 6 + n, 13), &e->revoked_at) ||
	    !plain_tail(p + 19 + n, p[1] - n - 17u, &e->reason))
		return false;
	d->p = p + 2 + p[1];
	return true;
}

bool
sp_crl_entry_read(struct sp_der *d, struct sp_crl_entry *e, struct sp_crl_entry_more *more)
{
	e->reason = -1;
	if (read_plain(d, e))
		return true;
	if (d->bad || sp_der_end(d))
		return false;
	if (read_any(d, e, more))
		return true;
	d->bad = true;
	return false;
}

void
sp_crl_cursor(const struct sp_crl *crl, struct sp_crl_cursor *c)
{
	c->entries = sp_der(crl->entries);
}

bool
sp_crl_next(struct sp_crl_cursor *c, struct sp_crl_entry *e)
{
	struct sp_crl_entry_more more = {0};

	return sp_crl_entry_read(&c->entries, e, &more);
}
