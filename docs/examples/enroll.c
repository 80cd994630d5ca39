/*
 * A wallet: registers a card with a CA over HTTP, and ends with a certificate that is checked up to the root.
 *
 *	cc enroll.c $(pkg-config --cflags --libs setpki libcrypto) -o enroll
 *	./enroll root.cer 127.0.0.1 8257 card.der <answers
 *
 * Standard input: card number and expiry (YYYYMM), a line each, then an answer for every question of the form.
 */
#include <netdb.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <setpki/enroll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MAX (256u << 10)
#define FIELDS_MAX 32

/* One POST, one answer; 0 octets when there is none.  A real wallet uses an HTTP library, and tries again. */
static size_t
post(const char *host, const char *port, setpki_bytes message, char *body, size_t cap)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *to = NULL;
	char *end = NULL;
	size_t n = 0;
	ssize_t got = 1;
	int fd = getaddrinfo(host, port, &hints, &to) == 0 ? socket(to->ai_family, SOCK_STREAM, 0) : -1;

	if (fd >= 0 && connect(fd, to->ai_addr, to->ai_addrlen) == 0 &&
	    dprintf(fd,
		"POST / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Type: application/set-registration\r\n"
		"Content-Length: %zu\r\n\r\n",
		host, message.n) > 0 &&
	    write(fd, message.p, message.n) == (ssize_t)message.n)
		while (n < cap - 1 && (got = read(fd, body + n, cap - 1 - n)) > 0)
			n += (size_t)got;
	if (fd >= 0)
		close(fd);
	if (to != NULL)
		freeaddrinfo(to);
	body[n] = '\0';
	if (strncmp(body, "HTTP/1.1 200 ", 13) != 0 || (end = strstr(body, "\r\n\r\n")) == NULL)
		return 0;
	n -= (size_t)(end + 4 - body);
	memmove(body, end + 4, n);
	return n;
}

static char *
read_line(char *line, size_t cap)
{
	if (fgets(line, (int)cap, stdin) == NULL)
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return line;
}

/* The CA's questions go to whoever sits in front of the screen. */
static enum setpki_code
fill_form(setpki_enroll *e, struct setpki_error *err)
{
	const struct setpki_form *form = setpki_enroll_form(e);
	char lines[FIELDS_MAX][256];
	const char *answers[FIELDS_MAX];
	size_t n = form->nfields < FIELDS_MAX ? form->nfields : FIELDS_MAX;
	enum setpki_code rc;

	printf("the CA's terms: %s\n", form->terms != NULL ? form->terms : "none");
	for (size_t i = 0; i < n; i++) {
		printf("%s%s\n", form->fields[i].labels[0], form->fields[i].required ? "" : " (may stay empty)");
		answers[i] = read_line(lines[i], sizeof(lines[i]))[0] != '\0' ? lines[i] : NULL;
	}
	rc = setpki_enroll_answer(e, answers, n, (int64_t)time(NULL), err);
	OPENSSL_cleanse(lines, sizeof(lines));
	return rc;
}

/* Answers that the CA found wrong may be given anew; all other refusals are final. */
static bool
corrects(setpki_enroll *e)
{
	struct setpki_enroll_result said;

	if (setpki_enroll_correct(e, NULL) != SETPKI_E_OK)
		return false;
	setpki_enroll_result(e, &said);
	for (size_t i = 0; i < said.nfailed; i++)
		printf("answer %u: %s\n", said.failed[i].item, said.failed[i].reason);
	return true;
}

/* Goes on until the session waits for something that only time, or another CA, can give. */
static enum setpki_code
run(setpki_enroll *e, const char *host, const char *port, struct setpki_error *err)
{
	static char body[ANSWER_MAX];
	enum setpki_code rc = SETPKI_E_OK;

	while (rc == SETPKI_E_OK) {
		size_t n;

		switch (setpki_enroll_step(e)) {
		case SETPKI_ENROLL_SEND:
			n = post(host, port, setpki_enroll_request(e), body, sizeof(body));
			rc = setpki_enroll_response(
			    e, (setpki_bytes){(const uint8_t *)body, n}, (int64_t)time(NULL), err);
			break;
		case SETPKI_ENROLL_FORM:
			rc = fill_form(e, err);
			break;
		case SETPKI_ENROLL_REFUSED:
			if (!corrects(e))
				return SETPKI_E_OK;
			break;
		default:
			return SETPKI_E_OK;
		}
	}
	return rc;
}

/* What became of it. */
static int
report(const setpki_enroll *e, setpki_ctx *ctx, const char *path)
{
	const struct setpki_object cert = {SETPKI_OBJECT_CERT, setpki_enroll_cert(e, false)};
	struct setpki_enroll_result said;
	char text[256];
	FILE *f;

	setpki_enroll_result(e, &said);
	if (setpki_enroll_step(e) != SETPKI_ENROLL_DONE) {
		printf("no certificate: %s%s%s\n", setpki_status_name(said.status), said.message != NULL ? ": " : "",
		    said.message != NULL ? said.message : "");
		return 1; /* WAIT: save the session, inquire tomorrow; REFERRED: setpki_enroll_referral() */
	}
	printf("certified: %s\n", setpki_object_text(ctx, &cert, text, sizeof(text)));
	if ((f = fopen(path, "wb")) == NULL)
		return 3;
	/* setpki_enroll_secrets() gives what a payment needs beside it; a wallet keeps that sealed */
	fwrite(cert.der.p, 1, cert.der.n, f);
	return fclose(f) == 0 ? 0 : 3;
}

static enum setpki_code
trust(setpki_ctx *ctx, const char *path, setpki_pool **pool, struct setpki_error *err)
{
	static uint8_t file[16384];
	struct setpki_objects found = {0};
	FILE *f = fopen(path, "rb");
	size_t n = f != NULL ? fread(file, 1, sizeof(file), f) : 0;
	enum setpki_code rc = setpki_objects_read((setpki_bytes){file, n}, &found, err);

	if (f != NULL)
		fclose(f);
	if (rc == SETPKI_E_OK)
		rc = setpki_pool_new(ctx, pool, err);
	if (rc == SETPKI_E_OK)
		rc = setpki_pool_trust(*pool, found.v[0].der, path, err);
	setpki_objects_free(&found);
	return rc;
}

int
main(int argc, char **argv)
{
	char pan[32], expiry[16];
	struct setpki_enroll_ask ask = {.suite = SETPKI_SUITE_MODERN,
	    .type = SETPKI_CARD_INITIAL_SIG,
	    .brand = "Demo",
	    .language = "en",
	    .software = "example wallet",
	    .pan = pan,
	    .expiry = expiry,
	    .sig_key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "prime256v1"),
	    .revocation = SETPKI_REQUIRE_BCI};
	struct setpki_error err = {0};
	setpki_enroll *e = NULL;
	setpki_ctx *ctx = NULL;
	enum setpki_code rc;
	int status;

	if (argc != 5)
		return fprintf(stderr, "usage: enroll ROOT HOST PORT OUT\n"), 2;
	read_line(pan, sizeof(pan));
	read_line(expiry, sizeof(expiry));
	rc = setpki_ctx_new(NULL, &ctx, &err);
	if (rc == SETPKI_E_OK)
		rc = trust(ctx, argv[1], &ask.pool, &err);
	if (rc == SETPKI_E_OK)
		rc = setpki_enroll_new(ctx, &ask, (int64_t)time(NULL), &e, &err);
	if (rc == SETPKI_E_OK)
		rc = run(e, argv[2], argv[3], &err);
	if (rc != SETPKI_E_OK)
		fprintf(stderr, "%s: %s\n", setpki_code_text(rc), err.message);
	status = rc == SETPKI_E_OK ? report(e, ctx, argv[4]) : setpki_code_exit(rc);
	OPENSSL_cleanse(pan, sizeof(pan));
	setpki_enroll_free(e);
	setpki_pool_free(ask.pool);
	EVP_PKEY_free(ask.sig_key);
	setpki_ctx_free(ctx);
	return status;
}
