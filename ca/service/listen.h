/* Sockets that setcad listens on: bound here, or taken over from systemd (sd_listen_fds(3), spoken by hand). */
#ifndef CA_SERVICE_LISTEN_H
#define CA_SERVICE_LISTEN_H

#include "ca/service/rate.h"
#include "lib/base/error.h"

#include <stdbool.h>
#include <sys/socket.h>

#define CA_LISTENERS_MAX 16
#define CA_ADDRESS_TEXT 128

struct ca_listener {
	int fd;
	bool admin;		    /* for /healthz, /readyz and /metrics alone */
	bool made;		    /* a Unix socket whose file is ours to remove */
	char text[CA_ADDRESS_TEXT]; /* "127.0.0.1:8080", with the port that was chosen; "unix:/run/setcad/admin" */
};

struct ca_listeners {
	struct ca_listener v[CA_LISTENERS_MAX];
	size_t n;
};

/* Whether it is an address that ca_listen_add() takes; ARGUMENT, as there. */
SP_MUST_CHECK enum setpki_code ca_listen_check(const char *address, bool admin, struct setpki_error *err);
/* Binds "ADDR:PORT", "[ADDR]:PORT" (port 0: any that is free) or "unix:PATH" and listens.  A Unix socket's file that
 * nobody listens on any more is replaced; a public one may be connected to by everybody who may enter its folder.
 * ARGUMENT: no such address, or an admin address that others could reach; IO: it cannot be bound; LIMIT. */
SP_MUST_CHECK enum setpki_code
ca_listen_add(struct ca_listeners *l, const char *address, bool admin, struct setpki_error *err);
/* Takes the sockets that the environment (LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES) hands to this process, if any: those
 * named "admin" as admin addresses.  The variables are removed.  ARGUMENT: one that is not a listening stream socket,
 * or an admin socket that others could reach. */
SP_MUST_CHECK enum setpki_code ca_listen_activated(struct ca_listeners *l, struct setpki_error *err);
/* Whether there is one of that kind. */
bool ca_listen_has(const struct ca_listeners *l, bool admin);
void ca_listen_close(struct ca_listeners *l);
/* Removes the files of Unix sockets that ca_listen_add() made: once, by whoever made them. */
void ca_listen_remove(const struct ca_listeners *l);

/* "127.0.0.1:40000", "[::1]:40000", "unix:/path"; "unix:" for a client without a name.  IPv4 within IPv6 is IPv4, here
 * and below. */
const char *ca_address_text(const struct sockaddr *a, socklen_t n, char out[CA_ADDRESS_TEXT]);
/* What ca_rate_take() and the limits per address count by; all zeros for a Unix socket. */
void ca_address_key(const struct sockaddr *a, socklen_t n, uint8_t key[CA_RATE_KEY]);

#endif
