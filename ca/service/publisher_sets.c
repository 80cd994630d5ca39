/* The sets that the front serves: what public/<brand>/current points to, whoever published it. */
#include "ca/service/pack.h"
#include "ca/service/publisher_inner.h"
#include "ca/service/stream.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* False where no set is published. */
static bool
current(const struct ca_publisher *p, const char *brand, struct ca_sent_set *out)
{
	char path[4096];
	struct stat st;
	ssize_t n;

	if (strlen(brand) >= sizeof(out->brand) ||
	    snprintf(path, sizeof(path), "%s/%s/current", p->h->public_dir, brand) >= (int)sizeof(path))
		return false;
	*out = (struct ca_sent_set){.folder = 0};
	snprintf(out->brand, sizeof(out->brand), "%s", brand);
	n = readlink(path, out->to, sizeof(out->to) - 1);
	if (n <= 0 || stat(path, &st) != 0)
		return false;
	out->folder = st.st_ino;
	return true;
}

/* NULL: there is no place for one more. */
static struct ca_sent_set *
place_of(struct ca_publisher *p, const char *brand)
{
	size_t i;

	for (i = 0; i < p->nsent && strcmp(p->sent[i].brand, brand) != 0; i++)
		;
	return i < CA_PUBLISHER_BRANDS ? &p->sent[i] : NULL;
}

static enum setpki_code
send_set(struct ca_publisher *p, const struct ca_sent_set *now, bool *sent, struct setpki_error *err)
{
	struct setpki_error why = {0};
	struct sp_buf frame = {0};
	bool busy = false;
	int fd;
	enum setpki_code rc = ca_pack_make(p->h->ctx, p->h->public_dir, now->brand, &fd, &why);

	*sent = false;
	if (rc != SETPKI_E_OK) {
		ca_publisher_warn(p, why.message); /* it may be being replaced this very moment: the next look tells */
		return SETPKI_E_OK;
	}
	ca_frame_put(&frame, CA_FRAME_SET, 0, sp_bytes_str(now->brand));
	rc = ca_frame_send_with(p->ask->front, &frame, fd, &busy, err);
	*sent = rc == SETPKI_E_OK && !busy;
	sp_buf_free(&frame);
	close(fd);
	return rc;
}

static enum setpki_code
look_at(struct ca_publisher *p, const char *brand, struct setpki_error *err)
{
	struct ca_sent_set *place = place_of(p, brand), now;
	bool sent;
	enum setpki_code rc;

	if (place == NULL || !current(p, brand, &now))
		return SETPKI_E_OK;
	if (strcmp(place->brand, brand) == 0 && strcmp(place->to, now.to) == 0 && place->folder == now.folder)
		return SETPKI_E_OK;
	if ((rc = send_set(p, &now, &sent, err)) == SETPKI_E_OK && sent) {
		if (place == &p->sent[p->nsent])
			p->nsent++;
		*place = now;
	}
	return rc;
}

enum setpki_code
ca_publisher_sets(struct ca_publisher *p, struct setpki_error *err)
{
	DIR *d = opendir(p->h->public_dir);
	enum setpki_code rc = SETPKI_E_OK;
	const struct dirent *e;

	while (d != NULL && rc == SETPKI_E_OK && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			rc = look_at(p, e->d_name, err);
	if (d != NULL)
		closedir(d);
	return rc;
}
