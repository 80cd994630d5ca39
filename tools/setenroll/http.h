/* One POST of a message (set-protocol 9), with libcurl. */
#ifndef TOOLS_SETENROLL_HTTP_H
#define TOOLS_SETENROLL_HTTP_H

#include <setpki/party.h>

/* Ceiling of an answer: a MessageWrapper has at most 1 MiB. */
#define EN_ANSWER_MAX ((size_t)1 << 20)

struct en_http {
	const char *url;
	const char *software; /* User-Agent */
	int64_t timeout;      /* milliseconds for all of it */
	int64_t retry_after;  /* out: milliseconds that the server asks to wait; 0: it does not say */
	bool again;	      /* out, after a failure: another try may do better */
};

/* Whether it is one that messages can be posted to.  ARGUMENT. */
enum setpki_code en_http_check(const char *url, struct setpki_error *err);
/* Posts and takes the answer.  @param answer  setpki_der_free(); empty for 204 (No Content)
 * @return OK; IO: no connection, another status than 200, another type, too long; MEMORY */
enum setpki_code
en_http_post(struct en_http *h, setpki_bytes message, struct setpki_der *answer, struct setpki_error *err);

#endif
