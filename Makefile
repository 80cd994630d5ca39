# One makefile for everything.  `make help` lists what there is to make.
#
#   V=1            show the commands
#   VARIANT=NAME   release (default), asan (address and undefined behaviour), tsan, cov; each builds into build/NAME/
#   CC=clang       another compiler builds beside it, into build/NAME-clang/
#   ONLY=PATTERN   make test: only the programs that match, such as ONLY='tests/lib/%'
#   T=SECONDS      make fuzz: how long each target runs (60)
#   JOBS=N         how many at once in demo and test (all processors)

.DEFAULT_GOAL := build
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

VERSION := 0.1.0
VARIANT ?= release
ifeq ($(origin CC),default)
CC := gcc
endif
COMPILER := $(notdir $(lastword $(CC)))
B := build/$(VARIANT)$(if $(filter-out gcc cc,$(COMPILER)),-$(COMPILER))
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

# --- flags -------------------------------------------------------------------------------------

WARN := -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wmissing-prototypes -Wstrict-prototypes \
	-Wcast-qual -Wwrite-strings -Wformat=2 -Werror
HARDEN := -fstack-protector-strong -fPIC
FLAGS_release := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-clash-protection -fcf-protection
FLAGS_asan := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
FLAGS_tsan := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
FLAGS_cov := -O0 -g --coverage
FLAGS_fuzz := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
ifeq ($(FLAGS_$(VARIANT)),)
$(error VARIANT=$(VARIANT) is not one of release, asan, tsan, cov, fuzz)
endif

CPPFLAGS := -I. -Ilib -D_GNU_SOURCE -DSETPKI_VERSION='"$(VERSION)"'
CFLAGS := -std=c11 $(WARN) $(HARDEN) $(FLAGS_$(VARIANT))
LDFLAGS := $(filter -fsanitize% --coverage,$(FLAGS_$(VARIANT))) -Wl,-z,relro,-z,now,-z,noexecstack
LIBS_lib := -lcrypto
LIBS_ca := -llmdb -lyaml -levent_core -lpthread
LIBS_tools := -ljansson
LIBS_setenroll := -lcurl

# --- what is built -----------------------------------------------------------------------------

LIB_SRC := $(wildcard lib/*/*.c)
CA_SRC := $(wildcard ca/*/*.c)
COMMON_SRC := $(wildcard tools/common/*.c)
TOOLS := $(filter-out common,$(notdir $(patsubst %/,%,$(sort $(dir $(wildcard tools/*/*.c))))))
TOOLS_CA := $(filter setca setcad,$(TOOLS))
SUPPORT_SRC := $(wildcard tests/support/*.c)
TEST_SRC := $(wildcard tests/lib/*/test_*.c tests/ca/*/test_*.c tests/tools/test_*.c tests/protocol/test_*.c tests/cli/test_*.c \
	tests/fuzz/test_*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
BENCH_SRC := $(wildcard tests/bench/*.c)
EXAMPLE_SRC := $(wildcard docs/examples/*.c)
TESTS := $(patsubst %.c,$(B)/%,$(TEST_SRC))

obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
ALL_OBJ := $(call obj,$(LIB_SRC) $(CA_SRC) $(wildcard tools/*/*.c) $(SUPPORT_SRC) $(TEST_SRC) $(FUZZ_SRC) tests/fuzz/ctx.c tests/ca/register/faults.c $(BENCH_SRC) tests/pkits/pkits.c $(EXAMPLE_SRC))
LIBSETPKI := $(B)/lib/libsetpki.a
LIBSETPKI_SO := $(B)/lib/libsetpki.so.0
LIBSETCA := $(B)/lib/libsetca.a
BINS := $(TOOLS:%=$(B)/bin/%)
TEST_BINS := $(TOOLS:%=$(B)/test-bin/%)
EXAMPLES := $(EXAMPLE_SRC:docs/examples/%.c=$(B)/examples/%)

.PHONY: build objects test run-tests test-pkits test-valgrind demo bench fuzz run-fuzz deps deps-test deps-dev format format-check layers symbols tidy cov install clean help
build: $(LIBSETPKI) $(LIBSETPKI_SO) $(LIBSETCA) $(BINS)
objects: $(ALL_OBJ)

$(B)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(LIBSETPKI): $(call obj,$(LIB_SRC))
$(LIBSETCA): $(call obj,$(CA_SRC))
$(LIBSETPKI) $(LIBSETCA):
	@mkdir -p $(@D)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcsD $@ $^

$(LIBSETPKI_SO): $(call obj,$(LIB_SRC)) lib/libsetpki.map
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(@F) -Wl,--version-script=lib/libsetpki.map -o $@ \
		$(filter %.o,$^) $(LIBS_lib)
	$(Q)ln -sf $(@F) $(B)/lib/libsetpki.so

# Tools: every object of tools/<name>/, tools/common/, the libraries.  setenroll and setverify see libsetpki alone.
# In test-bin/ the same objects are linked with a clock that the tests set (tests/support/clock.c).
define tool
$(B)/bin/$(1): $(call obj,$(wildcard tools/$(1)/*.c) $(COMMON_SRC)) $(if $(filter $(1),$(TOOLS_CA)),$(LIBSETCA)) $(LIBSETPKI)
$(B)/test-bin/$(1): $(call obj,$(wildcard tools/$(1)/*.c) $(filter-out %/clock.c,$(COMMON_SRC)) tests/support/clock.c) $(if $(filter $(1),$(TOOLS_CA)),$(LIBSETCA)) $(LIBSETPKI)
$(B)/bin/$(1) $(B)/test-bin/$(1):
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -pie -o $$@ $$^ $(if $(filter $(1),$(TOOLS_CA)),$(LIBS_ca)) $(LIBS_$(1)) $(LIBS_lib) $(LIBS_tools)
endef
$(foreach t,$(TOOLS),$(eval $(call tool,$(t))))

# The programs of docs/examples/: the public headers and libsetpki, as a wallet or a shop would have them.
$(EXAMPLES): $(B)/examples/%: $(B)/obj/docs/examples/%.o $(LIBSETPKI)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_lib)

# --- tests -------------------------------------------------------------------------------------

# WRAP_<program> lists the functions that a test program replaces by __wrap_ ones of its own.
WRAP_test_engine := ca_txn_begin ca_txn_commit ca_key_sign sp_lint_tbs ca_audit_append
FAULTS := ca_txn_begin ca_txn_commit sp_sign ca_audit_append
WRAP_test_register_fault := $(FAULTS)
WRAP_test_asked := sp_type_encode
WRAP_test_together := $(FAULTS) sp_part_random
WRAP_test_roll := ca_txn_commit
WRAP_test_accounts := ca_txn_commit
WRAP_test_hold := ca_key_sign
WRAP_test_publisher := ca_publish_next
WRAP_test_init := ca_txn_commit ca_file_write ca_key_make
WRAP_test_crash := ca_txn_commit rename symlink
WRAP_test_memory_cleansed := free
WRAP_test_pattern := regexec
WRAP_test_file := write fsync rename link fchmod
WRAP_test_store_fault := mdb_txn_begin mdb_txn_commit mdb_get mdb_put mdb_del mdb_cursor_open mdb_cursor_get \
	CRYPTO_zalloc CRYPTO_realloc CRYPTO_memdup CRYPTO_strdup
$(B)/tests/ca/register/test_register_fault $(B)/tests/ca/register/test_together: $(call obj,tests/ca/register/faults.c)
$(B)/tests/fuzz/test_corpus: $(call obj,$(FUZZ_SRC) tests/fuzz/ctx.c)
$(TESTS): $(B)/%: $(B)/obj/%.o $(call obj,$(SUPPORT_SRC) $(filter-out %/clock.c,$(COMMON_SRC))) $(LIBSETCA) $(LIBSETPKI)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIBSETCA) $(LIBSETPKI) $(WRAP_$(notdir $@):%=-Wl,--wrap=%) -lcmocka $(LIBS_ca) $(LIBS_lib) $(LIBS_tools)

ONLY ?= %
RUN_TESTS := $(filter $(addprefix $(B)/,$(ONLY)),$(TESTS))
# Installing comes first, then a make of its own that may use every processor.
again = $(MAKE) $(if $(filter -j%,$(MAKEFLAGS)),,-j$(JOBS)) --no-print-directory
JOBS ?= $(shell nproc)

test: deps deps-test
	+$(Q)$(again) run-tests
run-tests: build $(TEST_BINS) $(EXAMPLES) $(RUN_TESTS)
	$(Q)BUILD=$(B) tests/run $(RUN_TESTS)

# PKITS_DIR holds NIST's suite; without it the program says so and ends well.
PKITS_DIR ?= ../shared/suites/pkits
$(B)/test-pkits: $(call obj,tests/pkits/pkits.c) $(LIBSETPKI)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_lib)
test-pkits: deps
	+$(Q)$(again) $(B)/test-pkits
	$(Q)$(B)/test-pkits $(PKITS_DIR)

# What an envelope holds decides no branch and no address before the verdict (set-protocol 12.5).
$(B)/test-valgrind: $(call obj,tests/valgrind/secrets.c) $(LIBSETPKI)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--wrap=EVP_PKEY_decrypt -o $@ $^ $(LIBS_lib)
test-valgrind: deps
	+$(Q)$(again) $(B)/test-valgrind
	$(Q)tests/valgrind/run $(B)/test-valgrind

demo: deps
	+$(Q)$(again) build $(EXAMPLES)
	$(Q)BUILD=$(B) tests/demo/run

cov:
	$(Q)$(MAKE) --no-print-directory test VARIANT=cov
	$(Q)tools/build/coverage build/cov

# BENCH=WORDS runs only the rows whose name has them.
$(B)/bench: $(call obj,$(BENCH_SRC) $(SUPPORT_SRC) $(filter-out %/clock.c,$(COMMON_SRC))) $(LIBSETCA) $(LIBSETPKI)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIBSETCA) $(LIBSETPKI) -lcmocka $(LIBS_ca) -levent_extra $(LIBS_lib) $(LIBS_tools)
bench: deps deps-test
	+$(Q)$(again) $(B)/bench $(TEST_BINS)
	$(Q)TEST_TOP=$(CURDIR) BUILD=$(B) $(B)/bench $(if $(BENCH),'$(BENCH)')

# Each fuzz target for T seconds; new inputs go to build/fuzz-clang/corpus/, findings stop the run.
FUZZERS := $(FUZZ_SRC:tests/fuzz/fuzz_%.c=$(B)/fuzz/%)
$(FUZZERS): $(B)/fuzz/%: $(B)/obj/tests/fuzz/fuzz_%.o $(B)/obj/tests/fuzz/ctx.o tests/fuzz/main.c $(call obj,$(SUPPORT_SRC) $(filter-out %/clock.c,$(COMMON_SRC))) $(LIBSETCA) $(LIBSETPKI)
	@mkdir -p $(@D) $(B)/corpus/$*
	$(call say,LD,$@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -fsanitize=fuzzer -DFUZZ_TARGET=fuzz_$* -o $@ tests/fuzz/main.c $(filter %.o,$^) $(LIBSETCA) $(LIBSETPKI) \
		-lcmocka $(LIBS_ca) $(LIBS_lib) $(LIBS_tools)
fuzz:
	+$(Q)$(again) VARIANT=fuzz CC=clang run-fuzz T=$(or $(T),60)
run-fuzz: $(FUZZERS)
	$(Q)for f in $(notdir $(FUZZERS)); do echo "fuzzing $$f for $(T) s"; \
		$(B)/fuzz/$$f -max_total_time=$(T) -timeout=5 -max_len=65536 -artifact_prefix=$(B)/fuzz/ -print_final_stats=1 -verbosity=0 \
			$(B)/corpus/$$f tests/fuzz/corpus/$$f || exit 1; done

# --- packages: Debian 12's names ---------------------------------------------------------------

DEPS := libssl-dev liblmdb-dev libyaml-dev libevent-dev libjansson-dev libcurl4-openssl-dev
DEPS_TEST := libcmocka-dev openssl gnutls-bin dumpasn1 python3
DEPS_DEV := clang clang-format clang-tidy gnutls-bin dumpasn1 valgrind
deps:
	@tools/build/deps $(DEPS)
deps-test: deps
	@tools/build/deps $(DEPS_TEST)
deps-dev: deps
	@tools/build/deps $(DEPS_DEV)

# --- checks ------------------------------------------------------------------------------------

C_FILES = $(shell find lib ca tools tests docs -name '*.[ch]' | sort)
format:
	$(Q)clang-format -i $(C_FILES)
format-check:
	$(Q)clang-format --dry-run --Werror $(C_FILES)
layers:
	$(Q)tools/build/layers
symbols: $(LIBSETPKI_SO)
	$(Q)CC='$(CC)' tools/build/symbols $(LIBSETPKI_SO)
tidy:
	$(Q)clang-tidy --quiet $(filter %.c,$(filter-out tests/%,$(C_FILES))) -- $(CPPFLAGS) -std=c11

# --- install -----------------------------------------------------------------------------------

PREFIX ?= /usr/local
D := $(DESTDIR)$(PREFIX)
install: build
	$(Q)install -d $(D)/bin $(D)/lib/pkgconfig $(D)/include/setpki $(D)/share/setca/policies \
		$(D)/share/man/man1 $(D)/share/bash-completion/completions $(D)/lib/systemd/system
	$(Q)install -m 755 $(BINS) $(D)/bin/
	$(Q)for t in $(notdir $(BINS)); do $(B)/bin/$$t help --man >$(D)/share/man/man1/$$t.1 && \
		$(B)/bin/$$t help --completion >$(D)/share/bash-completion/completions/$$t || exit 1; done
	$(Q)install -m 644 lib/setpki/*.h $(D)/include/setpki/
	$(Q)install -m 644 $(LIBSETPKI) $(D)/lib/
	$(Q)install -m 755 $(LIBSETPKI_SO) $(D)/lib/
	$(Q)ln -sf $(notdir $(LIBSETPKI_SO)) $(D)/lib/libsetpki.so
	$(Q)sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' lib/setpki.pc.in >$(D)/lib/pkgconfig/setpki.pc
	$(Q)install -m 644 policies/*.yaml $(D)/share/setca/policies/
	$(Q)for u in $(notdir $(wildcard tools/setcad/*.service tools/setcad/*.timer)); do \
		sed 's|/usr/local/bin|$(PREFIX)/bin|' tools/setcad/$$u >$(D)/lib/systemd/system/$$u || exit 1; done

clean:
	$(Q)rm -rf build

help:
	@echo 'make                build the programs and libraries into $(B)/'
	@echo 'make demo           install what is missing, build, and show the main job working, in build/demo'
	@echo 'make test           install what is missing, build, and run every test'
	@echo 'make test-pkits     the PKITS of NIST in RFC 5280 mode, from PKITS_DIR=$(PKITS_DIR)'
	@echo 'make test-valgrind  no branch depends on what an envelope holds (needs valgrind)'
	@echo 'make bench          measure against OpenSSL, side by side'
	@echo 'make fuzz T=60      fuzz every decoder for T seconds each (needs clang)'
	@echo 'make cov            the tests with line coverage of lib and ca'
	@echo 'make deps           install what building and running needs; deps-test, deps-dev: what tests and checks need'
	@echo 'make layers         check that includes follow the layers of docs/architecture.md'
	@echo 'make format-check   check the formatting; make format: mend it'
	@echo 'make symbols        check that libsetpki.so exports what its headers declare'
	@echo 'make tidy           static analysis with clang-tidy'
	@echo 'make objects        compile everything, link nothing'
	@echo 'make install        DESTDIR= PREFIX=$(PREFIX)'
	@echo 'make clean          remove build/'
	@echo 'Variables (VARIANT, CC, V, ONLY, T, JOBS) are explained at the head of Makefile.'

-include $(ALL_OBJ:.o=.d)
