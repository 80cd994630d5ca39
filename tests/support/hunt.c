#include "tests/support/hunt.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_DIGITS 9u
#define BCD_DIGITS 13u
#define BASE64_DIGITS 12u
#define GAP_MAX 3u
#define NUMBERS_MAX 1024u
#define LITERALS_MAX 64u
#define PIECE ((size_t)1 << 16) /* memory is looked at in pieces, which overlap by more than anything takes */
#define OVERLAP 256u
#define PAGE ((uint64_t)4096)
#define MAPPING_MAX ((uint64_t)1 << 30)

/* A window of digits as a number. */
struct number {
	uint64_t v;
	char name[32];
};

struct numbers {
	struct number v[NUMBERS_MAX];
	size_t n;
	uint8_t maybe[8192]; /* a bit for each value of 16 bits that one of them ends with */
};

struct literal {
	char name[32];
	uint8_t *p;
	size_t n;
};

struct hunt {
	struct numbers text, hex, bcd;
	struct literal literals[LITERALS_MAX];
	size_t nliterals;
	bool quiet;
	uint8_t begins[8192]; /* a bit for each two octets that a literal begins with */
};

/* --- what is looked for ------------------------------------------------------------------------- */

struct hunt *
hunt_new(void)
{
	struct hunt *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	return h;
}

void
hunt_free(struct hunt *h)
{
	for (size_t i = 0; i < h->nliterals; i++)
		free(h->literals[i].p);
	free(h);
}

void
hunt_quietly(struct hunt *h, bool quiet)
{
	h->quiet = quiet;
}

static void
set_bit(uint8_t *bits, unsigned i)
{
	bits[i >> 3] |= (uint8_t)(1u << (i & 7));
}

static bool
bit(const uint8_t *bits, unsigned i)
{
	return (bits[i >> 3] >> (i & 7) & 1) != 0;
}

static void
add_number(struct numbers *to, uint64_t v, const char *name, const char *form)
{
	struct number *n = &to->v[to->n++];

	assert_true(to->n <= NUMBERS_MAX);
	n->v = v;
	snprintf(n->name, sizeof(n->name), "%.19s (%s)", name, form);
	set_bit(to->maybe, (unsigned)(v & 0xffff));
}

void
hunt_for(struct hunt *h, const char *name, setpki_bytes octets)
{
	struct literal *l = &h->literals[h->nliterals++];

	assert_true(h->nliterals <= LITERALS_MAX && octets.n >= 8 && octets.n < OVERLAP);
	assert_non_null(l->p = malloc(octets.n));
	memcpy(l->p, octets.p, octets.n);
	l->n = octets.n;
	snprintf(l->name, sizeof(l->name), "%s", name);
	set_bit(h->begins, (unsigned)l->p[0] << 8 | l->p[1]);
}

/* Wherever it stands in what is encoded, one of its first three digits begins a group of three octets. */
static void
add_base64(struct hunt *h, const char *pan)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char text[BASE64_DIGITS / 3 * 4], name[32];

	snprintf(name, sizeof(name), "%.19s (base64)", pan);
	for (size_t from = 0; from < 3 && from + BASE64_DIGITS <= strlen(pan); from++) {
		for (size_t i = 0; i < BASE64_DIGITS / 3; i++) {
			const char *in = pan + from + 3 * i;
			unsigned v = (unsigned)in[0] << 16 | (unsigned)in[1] << 8 | (unsigned)in[2];

			for (unsigned k = 0; k < 4; k++)
				text[4 * i + k] = alphabet[v >> (18 - 6 * k) & 63];
		}
		hunt_for(h, name, SP_BYTES(text));
	}
}

void
hunt_for_pan(struct hunt *h, const char *pan)
{
	size_t n = strlen(pan);

	assert_true(n >= 13 && n <= 19 && strspn(pan, "0123456789") == n);
	for (size_t from = 0; from + TEXT_DIGITS <= n; from++) {
		uint64_t text = 0, hex = 0;

		for (size_t i = from; i < from + TEXT_DIGITS; i++) {
			text = text * 10 + (uint64_t)(pan[i] - '0');
			hex = hex * 100 + 30 + (uint64_t)(pan[i] - '0');
		}
		add_number(&h->text, text, pan, "text");
		add_number(&h->hex, hex, pan, "hex of text");
	}
	for (size_t from = 0; from + BCD_DIGITS <= n; from++) {
		uint64_t v = 0;

		for (size_t i = from; i < from + BCD_DIGITS; i++)
			v = v << 4 | (uint64_t)(pan[i] - '0');
		add_number(&h->bcd, v, pan, "BCD");
	}
	add_base64(h, pan);
}

/* --- octets ------------------------------------------------------------------------------------- */

struct place {
	const char *where;
	const uint8_t *p;
	size_t n;
	uint64_t base; /* of p[0], in the file or the process */
	bool quiet;
	size_t found;
};

static void
found(struct place *at, size_t i, const char *what)
{
	size_t from = i > 48 ? i - 48 : 0;
	char around[81];
	size_t k;

	for (k = 0; k < sizeof(around) - 1 && from + k < at->n; k++) {
		uint8_t c = at->p[from + k];

		around[k] = '.';
		if (c >= 0x20 && c < 0x7f)
			around[k] = (char)c;
	}
	around[k] = '\0';
	if (at->found++ < 8 && !at->quiet)
		print_error("%s: %s ends at 0x%llx: %s\n", at->where, what, (unsigned long long)(at->base + i), around);
}

/* The name of a number that is looked for; NULL. */
static const char *
known(const struct numbers *of, uint64_t v)
{
	if (!bit(of->maybe, (unsigned)(v & 0xffff)))
		return NULL;
	for (size_t i = 0; i < of->n; i++)
		if (of->v[i].v == v)
			return of->v[i].name;
	return NULL;
}

static bool
is_gap(uint8_t c)
{
	return c == ' ' || c == '-' || c == '\0';
}

/* Digits in a row, whatever stands between them. */
static void
look_for_text(const struct hunt *h, struct place *at)
{
	const uint64_t short_of = 1000000000, long_of = short_of * short_of;
	uint64_t v = 0;
	unsigned digits = 0, gap = 0;

	for (size_t i = 0; i < at->n; i++) {
		uint8_t c = at->p[i];
		const char *what = NULL;

		if (c < '0' || c > '9') {
			if (digits != 0 && (!is_gap(c) || ++gap > GAP_MAX))
				digits = 0;
			continue;
		}
		gap = 0;
		v = (v * 10 + c - '0') % long_of;
		if (++digits >= TEXT_DIGITS)
			what = known(&h->text, v % short_of);
		if (what == NULL && digits >= 2 * TEXT_DIGITS)
			what = known(&h->hex, v);
		if (what != NULL)
			found(at, i, what);
	}
}

static void
look_for_bcd(const struct hunt *h, struct place *at)
{
	const uint64_t mask = ((uint64_t)1 << 4 * BCD_DIGITS) - 1;
	uint64_t v = 0;

	for (size_t i = 0; i < at->n; i++)
		for (unsigned half = 0; half < 2; half++) {
			const char *what;

			v = v << 4 | (half == 0 ? at->p[i] >> 4 : at->p[i] & 15);
			if ((what = known(&h->bcd, v & mask)) != NULL)
				found(at, i, what);
		}
}

static void
look_for_literals(const struct hunt *h, struct place *at)
{
	for (size_t i = 0; i + 1 < at->n; i++) {
		if (!bit(h->begins, (unsigned)at->p[i] << 8 | at->p[i + 1]))
			continue;
		for (size_t k = 0; k < h->nliterals; k++) {
			const struct literal *l = &h->literals[k];

			if (l->n <= at->n - i && memcmp(l->p, at->p + i, l->n) == 0)
				found(at, i + l->n - 1, l->name);
		}
	}
}

static size_t
look(const struct hunt *h, const char *where, const void *p, size_t n, uint64_t base)
{
	struct place at = {where, p, n, base, h->quiet, 0};

	look_for_text(h, &at);
	look_for_bcd(h, &at);
	look_for_literals(h, &at);
	return at.found;
}

size_t
hunt_in(const struct hunt *h, const char *where, const void *p, size_t n)
{
	return look(h, where, p, n, 0);
}

/* --- a descriptor ------------------------------------------------------------------------------- */

/* Much of a process's memory is: there is nothing to find in it. */
static bool
is_zero(const uint8_t *p, size_t n)
{
	return p[0] == 0 && memcmp(p, p + 1, n - 1) == 0;
}

/* From one place to another, or to where nothing can be read any more. */
static size_t
look_at_range(
    const struct hunt *h, const char *where, int fd, uint64_t from, uint64_t to, size_t *found_there, size_t *octets)
{
	static uint8_t piece[PIECE + OVERLAP];
	size_t kept = 0, seen = 0;

	while (from < to) {
		size_t want = to - from < PIECE ? (size_t)(to - from) : PIECE;
		ssize_t n = pread(fd, piece + kept, want, (off_t)from);

		if (n <= 0)
			break;
		if (!is_zero(piece, kept + (size_t)n))
			*found_there += look(h, where, piece, kept + (size_t)n, from - kept);
		from += (uint64_t)n;
		seen += (size_t)n;
		n += (ssize_t)kept;
		kept = (size_t)n < OVERLAP ? (size_t)n : OVERLAP;
		memmove(piece, piece + n - kept, kept);
	}
	*octets += seen;
	return seen;
}

/* --- files -------------------------------------------------------------------------------------- */

size_t
hunt_in_file(const struct hunt *h, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t n = look(h, "the name of a file", path, strlen(path), 0), octets = 0;

	if (fd < 0)
		fail_msg("%s: %s", path, strerror(errno));
	(void)look_at_range(h, path, fd, 0, UINT64_MAX >> 1, &n, &octets);
	close(fd);
	return n;
}

static const struct hunt *walking;
static size_t walk_found, walk_files;

static int
walk(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)ftw;
	if (type == FTW_F && S_ISREG(st->st_mode)) {
		walk_found += hunt_in_file(walking, path);
		walk_files++;
	}
	return 0;
}

size_t
hunt_in_tree(const struct hunt *h, const char *dir, size_t *files)
{
	walking = h;
	walk_found = walk_files = 0;
	if (nftw(dir, walk, 16, FTW_PHYS) != 0)
		fail_msg("%s: %s", dir, strerror(errno));
	*files = walk_files;
	return walk_found;
}

/* --- processes ---------------------------------------------------------------------------------- */

struct mapping {
	uint64_t from, to;
	char may[5];
	unsigned long inode;
	char name[64];
};

/* A line of maps or smaps that begins a mapping. */
static bool
read_mapping(const char *line, struct mapping *m)
{
	unsigned long long from, to;

	m->name[0] = '\0';
	if (sscanf(line, "%llx-%llx %4s %*s %*s %lu %63s", &from, &to, m->may, &m->inode, m->name) < 4)
		return false;
	m->from = from;
	m->to = to;
	return true;
}

/* Private, and not as it was in a file.  The shadow that a sanitizer keeps is larger than any memory, and no copy. */
static bool
is_written_to(const struct mapping *m)
{
	return m->may[0] == 'r' && m->may[3] == 'p' && (m->may[1] == 'w' || m->inode == 0) &&
	    m->to - m->from <= MAPPING_MAX && strcmp(m->name, "[vvar]") != 0 && strcmp(m->name, "[vsyscall]") != 0;
}

#define ENTRIES 512u

/* What of a process is open. */
struct process {
	const char *name;
	int mem, pagemap;
	FILE *smaps;
	uint64_t entries[ENTRIES]; /* of the page map, those from page `first` on: 0: none yet */
	uint64_t first;
};

/* Whether a page was ever touched, and is in memory or swap. */
static bool
is_there(struct process *p, uint64_t at)
{
	uint64_t page = at / PAGE;

	if (p->first == 0 || page < p->first || page >= p->first + ENTRIES) {
		memset(p->entries, 0xff, sizeof(p->entries));
		(void)!pread(p->pagemap, p->entries, sizeof(p->entries), (off_t)(page * sizeof(p->entries[0])));
		p->first = page;
	}
	return p->entries[page - p->first] >> 62 != 0;
}

static void
look_at_mapping(const struct hunt *h, struct process *p, const struct mapping *m, size_t *found_there, size_t *octets)
{
	char where[128];
	uint64_t to;

	snprintf(where, sizeof(where), "%s, %s", p->name, m->name[0] != '\0' ? m->name : "memory");
	for (uint64_t from = m->from; from < m->to; from = to) {
		bool there = is_there(p, from);

		for (to = from + PAGE; to < m->to && is_there(p, to) == there; to += PAGE)
			;
		if (there)
			(void)look_at_range(h, where, p->mem, from, to, found_there, octets);
	}
}

static bool
open_process(struct process *p, const char *name, pid_t pid)
{
	char path[64];

	p->name = name;
	p->first = 0;
	snprintf(path, sizeof(path), "/proc/%ld/mem", (long)pid);
	p->mem = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%ld/pagemap", (long)pid);
	p->pagemap = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%ld/smaps", (long)pid);
	p->smaps = fopen(path, "re");
	return p->mem >= 0 && p->pagemap >= 0 && p->smaps != NULL;
}

static void
close_process(struct process *p)
{
	if (p->mem >= 0)
		close(p->mem);
	if (p->pagemap >= 0)
		close(p->pagemap);
	if (p->smaps != NULL)
		fclose(p->smaps);
}

/* smaps tells of each mapping by its line in maps, and many more; VmFlags is the last, "dd": not dumped. */
bool
hunt_in_process(const struct hunt *h, const char *name, pid_t pid, bool but_secure, size_t *found_there, size_t *octets)
{
	char line[1024];
	struct process p;
	struct mapping m = {0};
	bool open = open_process(&p, name, pid);
	int why = errno;

	*found_there = *octets = 0;
	while (open && fgets(line, sizeof(line), p.smaps) != NULL) {
		if (strncmp(line, "VmFlags:", 8) != 0) {
			(void)read_mapping(line, &m);
			continue;
		}
		if (is_written_to(&m) && !(but_secure && strstr(line, " dd") != NULL))
			look_at_mapping(h, &p, &m, found_there, octets);
	}
	close_process(&p);
	errno = why;
	return open;
}
