/* Every command of setca, in the order of its help. */
#ifndef TOOLS_SETCA_COMMANDS_H
#define TOOLS_SETCA_COMMANDS_H

#include "tools/common/opt.h"

#define SETCA_COMMANDS(X)                                                                                              \
	X(init)                                                                                                        \
	X(tree)                                                                                                        \
	X(doctor)                                                                                                      \
	X(hold)                                                                                                        \
	X(release)                                                                                                     \
	X(ca_list)                                                                                                     \
	X(ca_show)                                                                                                     \
	X(ca_renew)                                                                                                    \
	X(ca_roll)                                                                                                     \
	X(ca_request)                                                                                                  \
	X(ca_sign)                                                                                                     \
	X(ca_install)                                                                                                  \
	X(issue_cardholder)                                                                                            \
	X(issue_merchant)                                                                                              \
	X(issue_gateway)                                                                                               \
	X(cert_list)                                                                                                   \
	X(cert_show)                                                                                                   \
	X(cert_find)                                                                                                   \
	X(cert_export)                                                                                                 \
	X(revoke)                                                                                                      \
	X(account_import)                                                                                              \
	X(account_list)                                                                                                \
	X(account_remove)                                                                                              \
	X(request_list)                                                                                                \
	X(request_show)                                                                                                \
	X(request_approve)                                                                                             \
	X(request_reject)                                                                                              \
	X(crl_list)                                                                                                    \
	X(crl_show)                                                                                                    \
	X(crl_export)                                                                                                  \
	X(crl_build)                                                                                                   \
	X(crl_import)                                                                                                  \
	X(bci_list)                                                                                                    \
	X(bci_show)                                                                                                    \
	X(bci_export)                                                                                                  \
	X(bci_build)                                                                                                   \
	X(bci_import)                                                                                                  \
	X(publish)                                                                                                     \
	X(policy_check)                                                                                                \
	X(policy_show)                                                                                                 \
	X(policy_explain)                                                                                              \
	X(policy_diff)                                                                                                 \
	X(policy_apply)                                                                                                \
	X(show)                                                                                                        \
	X(verify)                                                                                                      \
	X(lint)                                                                                                        \
	X(audit_log)                                                                                                   \
	X(audit_verify)                                                                                                \
	X(serve)

#define X(name) extern const struct tc_command setca_##name;
SETCA_COMMANDS(X)
#undef X

#endif
