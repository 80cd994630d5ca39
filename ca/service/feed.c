/* What the publisher tells the front: sets, and its report. */
#include "ca/service/front_inner.h"
#include "ca/service/report.h"

#include <string.h>
#include <unistd.h>

static void
log_set(const struct ca_front *f, const struct ca_pack *p)
{
	struct ca_log_line l;

	ca_log_begin(&l, &f->log, CA_LOG_INFO, "set served");
	ca_log_text(&l, "brand", p->brand);
	ca_log_number(&l, "files", (int64_t)p->nfiles);
	ca_log_number(&l, "bytes", (int64_t)p->map_n);
	ca_log_end(&l);
}

/* In the place of the brand's set before. */
static enum setpki_code
take_set(struct ca_front *f, setpki_bytes name, int fd, struct setpki_error *err)
{
	char brand[CA_PACK_NAME] = "";
	struct ca_pack *p;
	size_t i;
	enum setpki_code rc;

	if (name.n >= sizeof(brand) || fd < 0)
		return sp_fail(err, SETPKI_E_PARSE, NULL, "a set without a name or a file");
	memcpy(brand, name.p, name.n);
	if ((rc = ca_pack_open(fd, brand, &p, err)) != SETPKI_E_OK)
		return rc;
	for (i = 0; i < f->npacks && strcmp(f->packs[i]->brand, brand) != 0; i++)
		;
	if (i == CA_FRONT_BRANDS) {
		ca_pack_drop(p);
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "more than %u brands", CA_FRONT_BRANDS);
	}
	if (i < f->npacks)
		ca_pack_drop(f->packs[i]);
	else
		f->npacks++;
	f->packs[i] = p;
	log_set(f, p);
	return SETPKI_E_OK;
}

static enum setpki_code
take_report(struct ca_front *f, setpki_bytes contents, struct setpki_error *err)
{
	struct ca_report r;
	enum setpki_code rc = ca_report_get(contents, &r, err);

	if (rc != SETPKI_E_OK)
		return rc;
	f->told = r.now;
	f->told_at = ca_ticks();
	sp_buf_reset(&f->figures_text);
	sp_buf_add_bytes(&f->figures_text, r.figures);
	sp_buf_reset(&f->trouble);
	sp_buf_add_bytes(&f->trouble, sp_bytes_str(r.trouble));
	if (!f->ready && f->ask->ready != NULL)
		f->ask->ready(f->ask->arg);
	f->ready = true;
	return SETPKI_E_OK;
}

void
ca_feed_read(evutil_socket_t fd, short what, void *arg)
{
	struct setpki_error err = {0};
	struct ca_front *f = arg;
	struct ca_frame frame;
	bool got = true, end = false;
	int with;
	enum setpki_code rc = SETPKI_E_OK;

	(void)what;
	while (rc == SETPKI_E_OK && got) {
		rc = ca_frame_receive_with(fd, CA_FRAME_BIT(CA_FRAME_SET) | CA_FRAME_BIT(CA_FRAME_REPORT), &f->room,
		    &frame, &with, &got, &end, &err);
		if (rc == SETPKI_E_OK && got && frame.type == CA_FRAME_SET)
			rc = take_set(f, frame.contents, with, &err);
		else if (rc == SETPKI_E_OK && got)
			rc = take_report(f, frame.contents, &err);
		if (rc == SETPKI_E_OK && end)
			rc = sp_fail(&err, SETPKI_E_IO, NULL, "its socket was closed");
		if (with >= 0)
			close(with);
	}
	if (rc != SETPKI_E_OK)
		ca_front_fail(f, end ? "the publisher is gone" : "the publisher says what it must not", &err);
}
