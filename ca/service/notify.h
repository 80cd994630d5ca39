/* sd_notify(3), spoken by hand. */
#ifndef CA_SERVICE_NOTIFY_H
#define CA_SERVICE_NOTIFY_H

/* A socket connected to $NOTIFY_SOCKET, which is removed from the environment; -1: nobody wants to know. */
int ca_notify_open(void);
/* "READY=1".  Nothing happens if `fd` is -1, or nobody listens any more. */
void ca_notify(int fd, const char *text);

#endif
