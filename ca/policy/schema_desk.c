/* The registration desk of a profile. */
#include "ca/policy/schema.h"

#define DESK(member) offsetof(struct ca_desk, member)
#define PROGRAM(member) offsetof(struct ca_desk_program, member)
#define ROUTE(member) offsetof(struct ca_desk_route, member)
#define REFERRAL(member) offsetof(struct ca_referral, member)
#define TEXT(member) offsetof(struct ca_form_text, member)
#define ROWS(array) array, sizeof(array) / sizeof((array)[0])

const char *const ca_decider_words[] = {"accounts", "program", "manual", NULL};

static const struct ca_row program_rows[] = {
    {"path", CA_V_PATH, .required = true, .max = SP_POLICY_PATH_MAX, .at = PROGRAM(path), .effect = CA_EFFECT_DESK,
	.help = "Absolute path of the program."},
    {"timeout", CA_V_SPAN, .dflt = "5s", .min = SP_DESK_PROGRAM_MIN_S, .max = SP_DESK_PROGRAM_MAX_S,
	.at = PROGRAM(timeout), .effect = CA_EFFECT_DESK, .help = "How long it is waited for."},
    {"pan", CA_V_BOOL, .dflt = "false", .at = PROGRAM(pan), .effect = CA_EFFECT_DESK,
	.help = "true: it is told the whole card number; only in role cardholder."},
};
static const struct ca_table program_table = {
    "program", "A program that decides registrations.", NULL, PROGRAM(present), ROWS(program_rows)};

static const struct ca_row reason_rows[] = {
    {"language", CA_V_LANGUAGE, .required = true, .max = SP_UB_LANGUAGE, .at = TEXT(language), .effect = CA_EFFECT_FORM,
	.help = "RFC 1766 tag: en, de, pt-BR."},
    {"text", CA_V_TEXT, .required = true, .min = 1, .max = SP_UB_REASON, .at = TEXT(text), .effect = CA_EFFECT_FORM,
	.help = "The words."},
};
static const struct ca_table reason_table = {
    "reason", "Why one is sent elsewhere, in one language.", "language", CA_NOWHERE, ROWS(reason_rows)};

static const struct ca_row referral_rows[] = {
    {"reason", CA_V_MAPS, .sub = &reason_table, .min = 1, .max = CA_LIST_MAX, .size = sizeof(struct ca_form_text),
	.at = REFERRAL(reasons), .count_at = REFERRAL(nreasons), .effect = CA_EFFECT_FORM,
	.help = "Why, in each language; the first is the default."},
    {"urls", CA_V_LIST, .of = CA_V_URL, .required = true, .min = 1, .max = SP_REFERRAL_URLS_MAX, .at = REFERRAL(urls),
	.count_at = REFERRAL(nurls), .effect = CA_EFFECT_FORM, .help = "Where to ask instead, the best first."},
};
static const struct ca_table referral_table = {"referral",
    "Where those are sent whom another CA serves (set-protocol section 3, ReferralData).", NULL, REFERRAL(present),
    ROWS(referral_rows)};

static const struct ca_row route_rows[] = {
    {"name", CA_V_NAME, .required = true, .at = ROUTE(name), .effect = CA_EFFECT_FORM,
	.help = "Its name, unique in the desk."},
    {"bins", CA_V_LIST, .of = CA_V_BIN, .required = true, .min = 1, .max = SP_DESK_ROUTE_BINS_MAX, .at = ROUTE(bins),
	.count_at = ROUTE(nbins), .effect = CA_EFFECT_FORM, .help = "The BINs that it is for."},
    {"form", CA_V_NAME, .at = ROUTE(form_name), .effect = CA_EFFECT_FORM,
	.help = "The form (one of forms) that they fill in; this or referral."},
    {"referral", CA_V_MAP, .sub = &referral_table, .min = 1, .at = ROUTE(referral), .effect = CA_EFFECT_FORM,
	.help = "Where they are sent; this or form."},
};
static const struct ca_table route_table = {"route",
    "What those are asked, or where they are sent, who come with certain BINs.", "name", CA_NOWHERE, ROWS(route_rows)};

static const struct ca_row desk_rows[] = {
    {"decide", CA_V_LIST, .of = CA_V_WORD, .words = ca_decider_words, .dflt = "manual", .min = 1, .max = CA_DECIDE_N,
	.at = DESK(decide), .count_at = DESK(ndecide), .effect = CA_EFFECT_DESK,
	.help = "Who is asked, in this order; the first answer that is one holds.  accounts: the list of 'setca "
		"account'; "
		"program: the one below; manual: persons."},
    {"program", CA_V_MAP, .sub = &program_table, .min = 1, .at = DESK(program), .effect = CA_EFFECT_DESK,
	.help = "Required where decide has program, and only there."},
    {"approvals", CA_V_NUMBER, .dflt = "1", .min = 1, .max = SP_DESK_APPROVALS_MAX, .at = DESK(approvals),
	.effect = CA_EFFECT_DESK, .help = "How many persons have to approve where decide comes to manual."},
    {"routes", CA_V_MAPS, .sub = &route_table, .min = 1, .max = SP_DESK_ROUTES_MAX,
	.size = sizeof(struct ca_desk_route), .at = DESK(routes), .count_at = DESK(nroutes), .effect = CA_EFFECT_FORM,
	.help = "By BIN, another form or another place; whom no route names gets the form of the profile."},
    {"keep", CA_V_SPAN, .dflt = "30d", .min = SP_DESK_KEEP_MIN_S, .max = SP_DESK_KEEP_MAX_S, .at = DESK(keep),
	.effect = CA_EFFECT_DESK,
	.help = "How long the sealed parts of a request are kept once it is decided (set-protocol 12.8)."},
};
const struct ca_table ca_table_desk = {
    "desk", "The registration desk: who decides, and who is asked what.", NULL, DESK(present), ROWS(desk_rows)};
