# One makefile for everything.  `make help` lists what there is to make.
#
#   V=1            show the commands
#   VARIANT=NAME   release (default), asan, tsan, cov; each builds into build/NAME/
#   CC=clang       another compiler builds beside it, into build/NAME-clang/

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
ifeq ($(FLAGS_$(VARIANT)),)
$(error VARIANT=$(VARIANT) is not one of release, asan, tsan, cov)
endif

CPPFLAGS := -I. -Ilib -D_GNU_SOURCE -DSETPKI_VERSION='"$(VERSION)"'
CFLAGS := -std=c11 $(WARN) $(HARDEN) $(FLAGS_$(VARIANT))
LDFLAGS := $(filter -fsanitize% --coverage,$(FLAGS_$(VARIANT))) -Wl,-z,relro,-z,now,-z,noexecstack
LIBS_lib := -lcrypto
LIBS_ca := -llmdb -lyaml -lpthread
LIBS_tools := -ljansson

# --- what is built -----------------------------------------------------------------------------

LIB_SRC := $(wildcard lib/*/*.c)
CA_SRC := $(wildcard ca/*/*.c)
COMMON_SRC := $(wildcard tools/common/*.c)
TOOLS := $(filter-out common,$(notdir $(patsubst %/,%,$(sort $(dir $(wildcard tools/*/*.c))))))
TOOLS_CA := $(filter setca setcad,$(TOOLS))
SUPPORT_SRC := $(wildcard tests/support/*.c)
TEST_SRC := $(wildcard tests/lib/*/test_*.c tests/ca/*/test_*.c tests/tools/test_*.c tests/protocol/test_*.c tests/cli/test_*.c)
TESTS := $(patsubst %.c,$(B)/%,$(TEST_SRC))

obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
ALL_OBJ := $(call obj,$(LIB_SRC) $(CA_SRC) $(wildcard tools/*/*.c) $(SUPPORT_SRC) $(TEST_SRC))
LIBSETPKI := $(B)/lib/libsetpki.a
LIBSETCA := $(B)/lib/libsetca.a
BINS := $(TOOLS:%=$(B)/bin/%)
TEST_BINS := $(TOOLS:%=$(B)/test-bin/%)

.PHONY: build objects test format clean help
build: $(LIBSETPKI) $(LIBSETCA) $(BINS)
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

# Tools: every object of tools/<name>/, tools/common/, the libraries.  setenroll and setverify see libsetpki alone.
# In test-bin/ the same objects are linked with a clock that the tests set (tests/support/clock.c).
define tool
$(B)/bin/$(1): $(call obj,$(wildcard tools/$(1)/*.c) $(COMMON_SRC)) $(if $(filter $(1),$(TOOLS_CA)),$(LIBSETCA)) $(LIBSETPKI)
$(B)/test-bin/$(1): $(call obj,$(wildcard tools/$(1)/*.c) $(filter-out %/clock.c,$(COMMON_SRC)) tests/support/clock.c) $(if $(filter $(1),$(TOOLS_CA)),$(LIBSETCA)) $(LIBSETPKI)
$(B)/bin/$(1) $(B)/test-bin/$(1):
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -pie -o $$@ $$^ $(if $(filter $(1),$(TOOLS_CA)),$(LIBS_ca)) $(LIBS_lib) $(LIBS_tools)
endef
$(foreach t,$(TOOLS),$(eval $(call tool,$(t))))

# --- tests -------------------------------------------------------------------------------------

# WRAP_<program> lists the functions that a test program replaces by __wrap_ ones of its own.
$(TESTS): $(B)/%: $(B)/obj/%.o $(call obj,$(SUPPORT_SRC) $(filter-out %/clock.c,$(COMMON_SRC))) $(LIBSETCA) $(LIBSETPKI)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(WRAP_$(notdir $@):%=-Wl,--wrap=%) -lcmocka $(LIBS_ca) $(LIBS_lib) $(LIBS_tools)

# T='tests/lib/%' runs only the programs that match.
T ?= %
RUN_TESTS := $(filter $(addprefix $(B)/,$(T)),$(TESTS))
test: build $(TEST_BINS) $(RUN_TESTS)
	$(Q)BUILD=$(B) tests/run $(RUN_TESTS)

format:
	$(Q)clang-format -i $(wildcard lib/*/*.[ch] ca/*/*.[ch] tools/*/*.[ch] tests/*/*.[ch] tests/*/*/*.[ch])

clean:
	$(Q)rm -rf build

help:
	@echo 'make [build] | test | objects | clean        see the head of Makefile for VARIANT, CC and V'

-include $(ALL_OBJ:.o=.d)
