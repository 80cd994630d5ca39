/* What addresses are called and counted by. */
#include "ca/service/listen.h"
#include "tests/support/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

static const struct row {
	const char *name, *address;
	uint16_t port;
	const char *text, *key; /* hex */
} rows[] = {
    {"IPv4", "192.0.2.7", 80, "192.0.2.7:80", "ffffffff c0000207"},
    {"IPv6 is counted by its first half", "2001:db8:1:2:3:4:5:6", 443, "[2001:db8:1:2:3:4:5:6]:443",
	"20010db8 00010002"},
    /* what a socket for both, as systemd makes them, calls an IPv4 client */
    {"IPv4 in IPv6 is IPv4", "::ffff:192.0.2.7", 80, "192.0.2.7:80", "ffffffff c0000207"},
    {"loopback", "::1", 8080, "[::1]:8080", "00000000 00000000"},
};

static void
address(void **state)
{
	const struct row *r = *state;
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(r->port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(r->port)};
	bool six = inet_pton(AF_INET, r->address, &v4.sin_addr) != 1;
	const struct sockaddr *a = six ? (const struct sockaddr *)&v6 : (const struct sockaddr *)&v4;
	char text[CA_ADDRESS_TEXT];
	uint8_t key[CA_RATE_KEY];

	assert_true(!six || inet_pton(AF_INET6, r->address, &v6.sin6_addr) == 1);
	assert_string_equal(ca_address_text(a, six ? sizeof(v6) : sizeof(v4), text), r->text);
	ca_address_key(a, six ? sizeof(v6) : sizeof(v4), key);
	t_bytes(SP_BYTES(key), t_hex(r->key));
}

static void
unix_sockets(void **state)
{
	struct sockaddr_un u = {.sun_family = AF_UNIX, .sun_path = "/run/x"};
	char text[CA_ADDRESS_TEXT];
	uint8_t key[CA_RATE_KEY], zeros[CA_RATE_KEY] = {0};

	(void)state;
	assert_string_equal(ca_address_text((const struct sockaddr *)&u, sizeof(u), text), "unix:/run/x");
	assert_string_equal(
	    ca_address_text((const struct sockaddr *)&u, offsetof(struct sockaddr_un, sun_path), text), "unix:");
	ca_address_key((const struct sockaddr *)&u, sizeof(u), key);
	t_bytes(SP_BYTES(key), SP_BYTES(zeros));
}

int
main(void)
{
	struct CMUnitTest all[NELEMS(rows) + 1];
	size_t n = 0;
	int rc;

	for (; n < NELEMS(rows); n++)
		all[n] = (struct CMUnitTest){rows[n].name, address, NULL, NULL, (void *)(uintptr_t)&rows[n]};
	all[n++] = (struct CMUnitTest)cmocka_unit_test(unix_sockets);
	rc = _cmocka_run_group_tests("ca/service/address", all, n, NULL, NULL);
	t_hex_free();
	return rc;
}
