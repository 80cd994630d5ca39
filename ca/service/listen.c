#include "ca/service/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024
#define FIRST_FD 3 /* SD_LISTEN_FDS_START */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un un;
	struct sockaddr_storage room;
};

/* --- reading an address ------------------------------------------------------------------------- */

static bool
read_port(const char *text, uint16_t *port)
{
	unsigned long n;
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	n = strtoul(text, &end, 10);
	*port = htons((uint16_t)n);
	return *end == '\0' && n <= 65535;
}

static bool
read_internet(const char *text, union address *a, socklen_t *n)
{
	const char *colon = strrchr(text, ':');
	char host[64];
	uint16_t port;

	if (colon == NULL || (size_t)(colon - text) >= sizeof(host) || !read_port(colon + 1, &port))
		return false;
	snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
	if (host[0] == '[' && host[strlen(host) - 1] == ']') {
		host[strlen(host) - 1] = '\0';
		a->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = port};
		*n = sizeof(a->v6);
		return inet_pton(AF_INET6, host + 1, &a->v6.sin6_addr) == 1;
	}
	a->v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
	*n = sizeof(a->v4);
	return inet_pton(AF_INET, host, &a->v4.sin_addr) == 1;
}

static enum setpki_code
read_address(const char *text, union address *a, socklen_t *n, struct setpki_error *err)
{
	memset(a, 0, sizeof(*a));
	if (strncmp(text, "unix:", 5) != 0) {
		if (read_internet(text, a, n))
			return SETPKI_E_OK;
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL,
		    "'%.100s' is not an address: write 127.0.0.1:8080, [::1]:8080 or unix:PATH", text);
	}
	a->un.sun_family = AF_UNIX;
	*n = sizeof(a->un);
	if (text[5] == '\0' || strlen(text + 5) >= sizeof(a->un.sun_path))
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL,
		    "'%.120s': the path of a Unix socket has 1 to %zu characters", text, sizeof(a->un.sun_path) - 1);
	memcpy(a->un.sun_path, text + 5, strlen(text + 5) + 1);
	return SETPKI_E_OK;
}

/* Nobody but this machine reaches it. */
static bool
is_local(const union address *a)
{
	if (a->any.sa_family == AF_INET)
		return ntohl(a->v4.sin_addr.s_addr) >> 24 == 127;
	return a->any.sa_family == AF_UNIX || (a->any.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr));
}

static enum setpki_code
check_admin(const union address *a, const char *text, struct setpki_error *err)
{
	if (is_local(a))
		return SETPKI_E_OK;
	return sp_fail(err, SETPKI_E_ARGUMENT, NULL,
	    "%.100s: the admin address must be a loopback address or a Unix socket", text);
}

/* --- binding ----------------------------------------------------------------------------------- */

/* A socket's file outlives the process that was killed. */
static bool
is_stale(const union address *a, socklen_t n)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool stale = fd >= 0 && connect(fd, &a->any, n) != 0 && errno == ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	return stale;
}

static int
try_bind(int fd, const union address *a, socklen_t n)
{
	int rc = bind(fd, &a->any, n);

	if (rc != 0 && errno == EADDRINUSE && a->any.sa_family == AF_UNIX) {
		if (is_stale(a, n) && unlink(a->un.sun_path) == 0)
			return bind(fd, &a->any, n);
		errno = EADDRINUSE;
	}
	return rc;
}

/* A public Unix socket is for everybody who may enter its folder: a proxy is another user, whatever the umask is. */
static bool
open_up(const union address *a, bool admin)
{
	return admin || a->any.sa_family != AF_UNIX || chmod(a->un.sun_path, 0666) == 0;
}

static int
open_socket(const union address *a, socklen_t n, bool admin)
{
	static const int one = 1;
	int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), saved;

	if (fd < 0)
		return -1;
	if (a->any.sa_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (a->any.sa_family != AF_UNIX) {
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	}
	if (try_bind(fd, a, n) == 0 && open_up(a, admin) && listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static struct ca_listener *
append(struct ca_listeners *l, int fd, bool admin)
{
	struct ca_listener *to = &l->v[l->n++];
	union address a = {0};
	socklen_t n = sizeof(a);

	*to = (struct ca_listener){.fd = fd, .admin = admin};
	if (getsockname(fd, &a.any, &n) == 0)
		ca_address_text(&a.any, n, to->text);
	return to;
}

static enum setpki_code
has_room(const struct ca_listeners *l, struct setpki_error *err)
{
	if (l->n < CA_LISTENERS_MAX)
		return SETPKI_E_OK;
	return sp_fail(err, SETPKI_E_LIMIT, NULL, "more than %d addresses to listen on", CA_LISTENERS_MAX);
}

static enum setpki_code
read_for(const char *address, bool admin, union address *a, socklen_t *n, struct setpki_error *err)
{
	enum setpki_code rc = read_address(address, a, n, err);

	return rc == SETPKI_E_OK && admin ? check_admin(a, address, err) : rc;
}

enum setpki_code
ca_listen_check(const char *address, bool admin, struct setpki_error *err)
{
	union address a;
	socklen_t n = 0;

	return read_for(address, admin, &a, &n, err);
}

enum setpki_code
ca_listen_add(struct ca_listeners *l, const char *address, bool admin, struct setpki_error *err)
{
	union address a;
	socklen_t n = 0;
	int fd;
	enum setpki_code rc;

	if ((rc = has_room(l, err)) != SETPKI_E_OK || (rc = read_for(address, admin, &a, &n, err)) != SETPKI_E_OK)
		return rc;
	if ((fd = open_socket(&a, n, admin)) < 0)
		return sp_fail(err, SETPKI_E_IO, NULL, "cannot listen on %s: %s", address, strerror(errno));
	append(l, fd, admin)->made = a.any.sa_family == AF_UNIX;
	return SETPKI_E_OK;
}

/* --- from systemd ------------------------------------------------------------------------------ */

static bool
is_listening_stream(int fd)
{
	int listening = 0, type = 0;
	socklen_t n = sizeof(listening), m = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &n) == 0 && listening != 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &m) == 0 && type == SOCK_STREAM &&
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0;
}

static enum setpki_code
take(struct ca_listeners *l, int fd, bool admin, struct setpki_error *err)
{
	union address a = {0};
	socklen_t n = sizeof(a);
	char text[CA_ADDRESS_TEXT];
	enum setpki_code rc = has_room(l, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (!is_listening_stream(fd) || getsockname(fd, &a.any, &n) != 0)
		return sp_fail(
		    err, SETPKI_E_ARGUMENT, NULL, "descriptor %d of LISTEN_FDS is not a listening stream socket", fd);
	if (admin && (rc = check_admin(&a, ca_address_text(&a.any, n, text), err)) != SETPKI_E_OK)
		return rc;
	append(l, fd, admin);
	return SETPKI_E_OK;
}

/* The name at this place of a list that colons separate. */
static bool
is_named(const char *names, size_t at, const char *name)
{
	size_t n = strlen(name);

	for (; names != NULL && at > 0; at--)
		names = (names = strchr(names, ':')) != NULL ? names + 1 : NULL;
	return names != NULL && strncmp(names, name, n) == 0 && (names[n] == ':' || names[n] == '\0');
}

enum setpki_code
ca_listen_activated(struct ca_listeners *l, struct setpki_error *err)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS"), *names = getenv("LISTEN_FDNAMES");
	long n = count != NULL ? strtol(count, NULL, 10) : 0;
	enum setpki_code rc = SETPKI_E_OK;

	if (pid == NULL || strtol(pid, NULL, 10) != (long)getpid() || n < 0 || n > 1024)
		n = 0;
	for (long i = 0; rc == SETPKI_E_OK && i < n; i++)
		rc = take(l, FIRST_FD + (int)i, is_named(names, (size_t)i, "admin"), err);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return rc;
}

bool
ca_listen_has(const struct ca_listeners *l, bool admin)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].admin == admin)
			return true;
	return false;
}

void
ca_listen_close(struct ca_listeners *l)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].fd >= 0)
			close(l->v[i].fd);
		l->v[i].fd = -1;
	}
}

void
ca_listen_remove(const struct ca_listeners *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].made)
			unlink(l->v[i].text + strlen("unix:"));
}
