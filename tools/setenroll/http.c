#include "tools/setenroll/http.h"

#include "tools/common/fail.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <string.h>

#define MEDIA "application/set-registration"
#define CONNECT_MS 10000L

/* What comes in. */
struct incoming {
	struct setpki_der *out;
	size_t cap;
	bool too_long, no_memory;
};

static size_t
take(char *p, size_t size, size_t n, void *arg)
{
	struct incoming *in = arg;
	uint8_t *more;

	n *= size;
	if (n > EN_ANSWER_MAX - in->out->n) {
		in->too_long = true;
		return 0;
	}
	if (in->out->n + n > in->cap) {
		if ((more = OPENSSL_clear_realloc(in->out->p, in->cap, 2 * (in->out->n + n))) == NULL) {
			in->no_memory = true;
			return 0;
		}
		in->out->p = more;
		in->cap = 2 * (in->out->n + n);
	}
	memcpy(in->out->p + in->out->n, p, n);
	in->out->n += n;
	return n;
}

/* Nothing but HTTP, whatever the URL or the answer says; redirects stay answers. */
static bool
set_up(CURL *c, const struct en_http *h, setpki_bytes message, struct curl_slist *head, struct incoming *in, char *why)
{
	long timeout = h->timeout > 1 ? (long)h->timeout : 1;

	return curl_easy_setopt(c, CURLOPT_URL, h->url) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 1L) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_USERAGENT, h->software) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_POSTFIELDS, (const char *)message.p) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)message.n) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_HTTPHEADER, head) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, timeout < CONNECT_MS ? timeout : CONNECT_MS) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, timeout) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_WRITEDATA, in) == CURLE_OK;
}

/* Statuses that pass: time-outs, limits, and what breaks within the server. */
static bool
may_pass(long status)
{
	return status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505);
}

static bool
is_media(const char *type)
{
	size_t n = sizeof(MEDIA) - 1;

	return type != NULL && strncasecmp(type, MEDIA, n) == 0 && strchr("; \t", type[n]) != NULL;
}

static enum setpki_code
judge(struct en_http *h, CURL *c, struct setpki_error *err)
{
	curl_off_t wait = 0;
	const char *type = NULL;
	long status = 0;

	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(c, CURLINFO_CONTENT_TYPE, &type);
	if (status == 204)
		return SETPKI_E_OK;
	if (status == 200 && is_media(type))
		return SETPKI_E_OK;
	if (status == 200)
		return tc_fail(err, SETPKI_E_IO,
		    "what answers there does not speak SET: the content type is '%.60s', not " MEDIA
		    "; is the URL right?",
		    type != NULL ? type : "");
	h->again = may_pass(status);
	if (h->again && curl_easy_getinfo(c, CURLINFO_RETRY_AFTER, &wait) == CURLE_OK && wait > 0 && wait < 86400)
		h->retry_after = 1000 * (int64_t)wait;
	if (status >= 300 && status < 400)
		return tc_fail(
		    err, SETPKI_E_IO, "the server sends us elsewhere (HTTP %ld), which is not followed", status);
	return tc_fail(
	    err, SETPKI_E_IO, "the server answers with HTTP %ld%s", status, h->again ? "" : "; is the URL right?");
}

static enum setpki_code
post(struct en_http *h, CURL *c, setpki_bytes message, struct curl_slist *head, struct setpki_der *answer,
    struct setpki_error *err)
{
	struct incoming in = {.out = answer};
	char why[CURL_ERROR_SIZE] = "";
	CURLcode rc;

	if (!set_up(c, h, message, head, &in, why))
		return tc_fail(err, SETPKI_E_IO, "libcurl cannot be set up: %s", why);
	if ((rc = curl_easy_perform(c)) == CURLE_OK)
		return judge(h, c, err);
	if (in.no_memory)
		return tc_fail_memory(err);
	if (in.too_long)
		return tc_fail(
		    err, SETPKI_E_IO, "the answer is longer than a message can be (%zu octets)", EN_ANSWER_MAX);
	h->again =
	    rc != CURLE_UNSUPPORTED_PROTOCOL && rc != CURLE_URL_MALFORMAT && rc != CURLE_PEER_FAILED_VERIFICATION;
	return tc_fail(err, SETPKI_E_IO, "%s", why[0] != '\0' ? why : curl_easy_strerror(rc));
}

enum setpki_code
en_http_post(struct en_http *h, setpki_bytes message, struct setpki_der *answer, struct setpki_error *err)
{
	struct curl_slist *head = curl_slist_append(NULL, "Content-Type: " MEDIA), *more;
	CURL *c = curl_easy_init();
	enum setpki_code rc;

	*answer = (struct setpki_der){NULL, 0};
	h->retry_after = 0;
	h->again = false;
	/* no "100 Continue": messages are small */
	if (head != NULL && (more = curl_slist_append(head, "Expect:")) != NULL && c != NULL)
		rc = post(h, c, message, more, answer, err);
	else
		rc = tc_fail_memory(err);
	if (rc != SETPKI_E_OK)
		setpki_der_free(answer);
	curl_slist_free_all(head);
	curl_easy_cleanup(c);
	return rc == SETPKI_E_OK ? rc : tc_error_in(err, rc, "%s", h->url);
}

enum setpki_code
en_http_check(const char *url, struct setpki_error *err)
{
	char *scheme = NULL, *user = NULL;
	CURLU *u = curl_url();
	bool good = u != NULL && curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);

	/* it is shown and kept in the clear */
	if (good && curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_OK)
		good = false;
	curl_free(scheme);
	curl_free(user);
	curl_url_cleanup(u);
	return good ? SETPKI_E_OK
		    : tc_fail(err, SETPKI_E_ARGUMENT,
			  "--url takes http://HOST:PORT/ or https://HOST/, without a name or password in it");
}
