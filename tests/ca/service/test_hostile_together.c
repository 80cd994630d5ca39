/* Messages that a front sends in one go, so that the authority has them before it all at once: each gets its own
 * answer, and what may be done once is done once. */
#include "ca/service/authority.h"
#include "tests/support/check.h"
#include "tests/support/front.h"
#include "tests/support/home.h"

#include <openssl/crypto.h>

#define MANY 6

static struct setpki_error err;

/* What is sent together, and what came back, in the same order. */
struct together {
	struct sp_buf frames;
	size_t n;
	char outcomes[MANY][32];
	setpki_bytes bodies[MANY]; /* owned */
};

static void
add(struct together *g, setpki_bytes wrapper)
{
	ca_frame_put(&g->frames, CA_FRAME_REQUEST, (uint32_t)++g->n, wrapper);
	assert_true(g->n <= MANY && !g->frames.failed);
}

static void
send_all(struct together *g)
{
	struct ca_answer_read a;
	struct ca_frame f;

	t_worker_say(&the_front.worker, sp_buf_bytes(&g->frames));
	for (size_t i = 0; i < g->n; i++) {
		assert_true(t_worker_hear(&the_front.worker, &f));
		assert_in_range(f.id, 1, g->n);
		t_ok(ca_answer_get(f.contents, &a, &err), &err);
		assert_int_equal(a.hint, CA_HINT_ANSWER);
		assert_true(strlen(a.outcome) < sizeof(g->outcomes[0]) && g->bodies[f.id - 1].n == 0);
		strcpy(g->outcomes[f.id - 1], a.outcome);
		g->bodies[f.id - 1] = sp_bytes_dup(a.body);
	}
}

static void
together_free(struct together *g)
{
	for (size_t i = 0; i < MANY; i++)
		OPENSSL_free((void *)(uintptr_t)g->bodies[i].p);
	sp_buf_free(&g->frames);
}

/* How often this was answered. */
static size_t
count(const struct together *g, const char *outcome)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++)
		n += strcmp(g->outcomes[i], outcome) == 0;
	return n;
}

static void
issued(const struct t_census *before, uint64_t certs, uint64_t refused)
{
	struct t_census after;

	t_census(&the_front, &after);
	assert_int_equal(after.certs, before->certs + certs);
	assert_int_equal(after.intents, 0);
	assert_int_equal(after.requests[CA_REQUEST_COMPLETE], before->requests[CA_REQUEST_COMPLETE] + certs);
	assert_int_equal(after.requests[CA_REQUEST_REFUSED], before->requests[CA_REQUEST_REFUSED] + refused);
}

/* A card with its CertReq ready, taken apart. */
static void
card(struct t_attack *a, EVP_PKEY *key)
{
	*a = (struct t_attack){.h = &the_front};
	if (key != NULL)
		assert_int_equal(EVP_PKEY_up_ref(key), 1);
	t_front_party(&the_front, &a->p, &(const struct setpki_enroll_ask){.type = CARD, .sig_key = key});
	t_attack_take(a);
}

static void
card_free(struct t_attack *a)
{
	sp_buf_free(&a->wrapper);
	t_forge_close(&a->f);
	t_enrollee_close(&a->p);
}

/* --- tests -------------------------------------------------------------------------------------- */

static void
an_honest_one_between_hostile_ones(void **state)
{
	struct together g = {.n = 0};
	struct t_attack honest, forged, mixed;
	struct t_census before;

	(void)state;
	card(&honest, NULL);
	card(&forged, NULL);
	card(&mixed, NULL);
	forged.f.signers[0].key = the_front.own;
	t_forge_put(&forged.f, &forged.wrapper);
	t_ok(sp_random(t_ctx(), mixed.f.rrpid, sizeof(mixed.f.rrpid), &err), &err);
	t_forge_put(&mixed.f, &mixed.wrapper);
	add(&g, t_hex("30"));
	add(&g, sp_buf_bytes(&forged.wrapper));
	add(&g, setpki_enroll_request(honest.p.e));
	add(&g, sp_buf_bytes(&mixed.wrapper));
	t_census(&the_front, &before);
	send_all(&g);
	assert_string_equal(g.outcomes[0], "decodingFailure");
	assert_string_equal(g.outcomes[1], "sigValidationFail");
	assert_string_equal(g.outcomes[2], "requestComplete");
	assert_string_equal(g.outcomes[3], "wrapperMsgMismatch");
	t_ok(setpki_enroll_response(honest.p.e, g.bodies[2], T_NOW, &err), &err);
	assert_int_equal(setpki_enroll_step(honest.p.e), SETPKI_ENROLL_DONE);
	issued(&before, 1, 0);
	card_free(&honest);
	card_free(&forged);
	card_free(&mixed);
	together_free(&g);
}

static void
one_message_many_times(void **state)
{
	struct together g = {.n = 0};
	struct t_attack a;
	struct t_census before;

	(void)state;
	card(&a, NULL);
	t_census(&the_front, &before);
	for (size_t i = 0; i < MANY; i++)
		add(&g, setpki_enroll_request(a.p.e));
	send_all(&g);
	for (size_t i = 1; i < MANY; i++)
		t_bytes(g.bodies[i], g.bodies[0]);
	issued(&before, 1, 0);
	card_free(&a);
	together_free(&g);
}

/* The header's date is anybody's to change: as another message it has the same rrpid and key. */
static void
one_request_under_many_dates(void **state)
{
	struct together g = {.n = 0};
	SP_ENVELOPED_DATA *e;
	struct t_attack a;
	struct t_census before;

	(void)state;
	card(&a, NULL);
	e = t_forge_envelope(setpki_enroll_request(a.p.e), T_NOW);
	for (size_t i = 0; i < MANY; i++, a.f.date++) {
		sp_buf_reset(&a.wrapper);
		t_forge_cert_req(&a.f, e, true, &a.wrapper);
		add(&g, sp_buf_bytes(&a.wrapper));
	}
	t_census(&the_front, &before);
	send_all(&g);
	assert_int_equal(count(&g, "requestComplete"), 1);
	assert_int_equal(count(&g, "unknownRRPID"), MANY - 1);
	issued(&before, 1, 0);
	sp_type_free(&sp_type_enveloped_data, e);
	card_free(&a);
	together_free(&g);
}

/* Several cards want certificates for one key: whoever is first has it. */
static void
one_key_for_many(void **state)
{
	struct together g = {.n = 0};
	struct t_attack a[MANY];
	struct t_census before;

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		card(&a[i], i == 0 ? NULL : a[0].p.ask.sig_key);
		add(&g, setpki_enroll_request(a[i].p.e));
	}
	t_census(&the_front, &before);
	send_all(&g);
	assert_int_equal(count(&g, "requestComplete"), 1);
	assert_int_equal(count(&g, "rejectedByCA"), MANY - 1);
	issued(&before, 1, MANY - 1);
	for (size_t i = 0; i < MANY; i++)
		card_free(&a[i]);
	together_free(&g);
}

int
main(void)
{
	static const struct CMUnitTest more[] = {
	    cmocka_unit_test(an_honest_one_between_hostile_ones),
	    cmocka_unit_test(one_message_many_times),
	    cmocka_unit_test(one_request_under_many_dates),
	    cmocka_unit_test(one_key_for_many),
	};

	return t_attack_run("ca/service/hostile_together", NULL, 0, more, NELEMS(more));
}
