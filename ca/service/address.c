/* Addresses as text and as what is counted by. */
#include "ca/service/listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

static void
unix_text(const struct sockaddr_un *u, socklen_t n, char out[CA_ADDRESS_TEXT])
{
	size_t most = n > offsetof(struct sockaddr_un, sun_path) ? n - offsetof(struct sockaddr_un, sun_path) : 0;

	snprintf(out, CA_ADDRESS_TEXT, "unix:%.*s", (int)strnlen(u->sun_path, most), u->sun_path);
}

/* An IPv4 client of a socket that takes both kinds comes as ::ffff:a.b.c.d: here it is IPv4.  The family, 0 for what is
 * too short or of the Internet not at all. */
static int
internet(const struct sockaddr *a, socklen_t n, struct sockaddr_in *v4, struct sockaddr_in6 *v6)
{
	if (a->sa_family == AF_INET && n >= sizeof(*v4)) {
		memcpy(v4, a, sizeof(*v4));
		return AF_INET;
	}
	if (a->sa_family != AF_INET6 || n < sizeof(*v6))
		return 0;
	memcpy(v6, a, sizeof(*v6));
	if (!IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		return AF_INET6;
	*v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = v6->sin6_port};
	memcpy(&v4->sin_addr, v6->sin6_addr.s6_addr + 12, 4);
	return AF_INET;
}

const char *
ca_address_text(const struct sockaddr *a, socklen_t n, char out[CA_ADDRESS_TEXT])
{
	char host[INET6_ADDRSTRLEN] = "";
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un u = {0};
	int family = internet(a, n, &v4, &v6);

	snprintf(out, CA_ADDRESS_TEXT, "unknown");
	if (family == AF_INET) {
		inet_ntop(AF_INET, &v4.sin_addr, host, sizeof(host));
		snprintf(out, CA_ADDRESS_TEXT, "%s:%u", host, ntohs(v4.sin_port));
	} else if (family == AF_INET6) {
		inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof(host));
		snprintf(out, CA_ADDRESS_TEXT, "[%s]:%u", host, ntohs(v6.sin6_port));
	} else if (a->sa_family == AF_UNIX) {
		memcpy(&u, a, n < sizeof(u) ? n : sizeof(u));
		unix_text(&u, n, out);
	}
	return out;
}

void
ca_address_key(const struct sockaddr *a, socklen_t n, uint8_t key[CA_RATE_KEY])
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	int family = internet(a, n, &v4, &v6);

	memset(key, 0, CA_RATE_KEY);
	if (family == AF_INET) {
		memset(key, 0xff, 4); /* ffff:ffff::/32 is nobody's IPv6 */
		memcpy(key + 4, &v4.sin_addr, 4);
	} else if (family == AF_INET6) {
		memcpy(key, &v6.sin6_addr, CA_RATE_KEY);
	}
}
