/* Calls of a desk that fail on purpose, for programs that wrap them (FAULTS in the Makefile). */
#ifndef TESTS_CA_REGISTER_FAULTS_H
#define TESTS_CA_REGISTER_FAULTS_H

enum faults { FAULT_NONE, FAULT_BEGIN, FAULT_COMMIT, FAULT_AFTER_COMMIT, FAULT_SIGN, FAULT_AUDIT };

/* Of which kind the call has to be that fault_at() counts and lets fail. */
extern enum faults faults_kind;
/* Commits that were tried. */
extern unsigned faults_commits;

#endif
