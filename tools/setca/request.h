/* What the request commands share. */
#ifndef TOOLS_SETCA_REQUEST_H
#define TOOLS_SETCA_REQUEST_H

#include "ca/register/desk.h"
#include "tools/setca/setca.h"

/* A request's number from the command line. */
enum setpki_code setca_request_number(const char *text, uint64_t *out, struct setpki_error *err);
/* "412345...0008 2030-12", "412399 4711": whom it is about; returns out. */
#define SETCA_REQUEST_WHO (CA_HOLDER_ID_MAX + 32)
const char *setca_request_who(const struct ca_request_record *rec, char out[SETCA_REQUEST_WHO]);
/* All of a request as an object of its own (setca.request/1), what is sealed in it included. */
enum setpki_code setca_request_put(struct setca *s, const struct ca_request_record *rec);

#endif
