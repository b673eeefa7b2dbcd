# The whole build: kernel, image, host tests, checks. Everything it makes stands under build/.
# V=1 shows the commands; CC=clang builds the kernel with clang; B=DIR builds elsewhere.

PY      := /usr/bin/python3
CC      := gcc
HOSTCC  := gcc
NASM    := nasm
LD      := ld
B       := build
Q       := $(if $(V),,@)

# Reproducible: no time, no directory, no locale.
export SOURCE_DATE_EPOCH := 1617235200
export TZ := UTC
export LC_ALL := C
export PYTHONDONTWRITEBYTECODE := 1

PACKAGES := gcc libc6-dev binutils nasm grub-common grub-pc-bin grub-efi-amd64-bin xorriso mtools \
            qemu-system-x86 ovmf ipmitool openipmi python3 python3-rich python3-packaging python3-jinja2 python3-pytest \
            python3-pytest-xdist python3-tap python3-junitparser python3-jsonschema python3-lxml chromium fonts-dejavu-core perl patch libcmocka-dev \
            python3-hypothesis python3-serial python3-pexpect python3-yaml parallel rsync mmdebstrap \
            clang libclang-rt-dev clang-format clang-tidy cppcheck shellcheck pyflakes3

WARN    := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes -Wvla -Wshadow
KFLAGS  := -std=gnu11 -O2 -g -ffreestanding -m64 -mno-red-zone -mgeneral-regs-only -mcmodel=small -fno-pic -fno-pie \
           -fno-stack-protector -fno-omit-frame-pointer -fno-optimize-sibling-calls -fcf-protection=none \
           -fno-asynchronous-unwind-tables -fno-strict-aliasing -fno-delete-null-pointer-checks -fno-common \
           '-ffile-prefix-map=$(CURDIR)=.' '-ffile-prefix-map=$(B)=build' $(WARN)
HOSTFLAGS := -std=c11 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all $(WARN) -Ilib
LDFLAGS := -nostdlib -static -z max-page-size=4096 -z noexecstack --build-id=none --fatal-warnings -T linker.ld

# Includes point one way: tests -> kernel -> lib. A wrong one does not compile.
INC_lib    := -Ilib
INC_kernel := -Ikernel $(INC_lib)
INC_tests  := -Itests $(INC_kernel)

C_SRC    := $(wildcard lib/*.c lib/pks/*.c kernel/*.c kernel/pks/*.c tests/*.c)
ASM_SRC  := $(wildcard boot/*.asm kernel/*.asm tests/*.asm)
ALL_SRC  := $(sort $(C_SRC) $(ASM_SRC) $(wildcard lib/*.[hd]* lib/pks/*.[hd]* kernel/*.h kernel/pks/*.h tests/*.h) \
            kernel/abi.inc boot/first.inc linker.ld Makefile)
OBJ      := $(patsubst %,$(B)/%.o,$(C_SRC) $(ASM_SRC)) $(B)/build_id.o
HOST_SRC := $(wildcard tests/host/test_*.c)
HOST_LIB := $(patsubst %.c,$(B)/host/%.o,$(filter-out lib/string.c,$(wildcard lib/*.c lib/pks/*.c)))
HOST_BIN := $(patsubst tests/host/%.c,$(B)/host/%,$(HOST_SRC))

.PHONY: all iso run test check fuzz list bench machines sabotage report release clean setup
.DELETE_ON_ERROR:
.SECONDARY:

all: iso
iso: $(B)/latchkey.iso

# ---- kernel

$(B)/need-kernel: scripts/need Makefile
	@mkdir -p $(@D)
	@scripts/need $(CC)=$(notdir $(CC)) $(LD)=binutils $(NASM)=nasm $(PY)=python3
	@touch $@

# A changed flag is a changed object.
$(B)/%.c.o: %.c Makefile | $(B)/need-kernel
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(KFLAGS) $(INC_$(firstword $(subst /, ,$<))) -MMD -MP -c $< -o $@

$(B)/%.asm.o: %.asm $(B)/x86.inc kernel/abi.inc boot/first.inc Makefile | $(B)/need-kernel
	@mkdir -p $(@D)
	@echo "  NASM  $<"
	$(Q)$(NASM) -f elf64 -w+all -w+error -i $(B)/ -i kernel/ -i boot/ $< -o $@

# One home for constants: the X86_* macros of lib/x86.h, as NASM reads them.
$(B)/x86.inc: lib/x86.h lib/x86_apic.h lib/x86_event.h | $(B)/need-kernel
	$(Q)echo '#include "x86.h"' | $(CC) -Ilib -E -dM -x c - >$@.all
	$(Q)sed -n 's/^#define \(X86_[A-Z0-9_]*\) \(.*\)/%define \1 \2/p' $@.all | sort >$@

$(B)/build_id.c: $(ALL_SRC)
	@mkdir -p $(@D)
	$(Q)cat $^ | sha256sum | sed 's/^\(.\{12\}\).*/const char build_id[] = "\1";/' >$@

# Two tables about the linked kernel itself: its functions, and where its instructions start.
$(B)/symbols0.c $(B)/instructions0.c: $(B)/%0.c: scripts/%
	@mkdir -p $(@D)
	$(Q)$< >$@

$(B)/symbols.c $(B)/instructions.c: $(B)/%.c: scripts/% $(B)/stage1.elf
	$(Q)$^ >$@

$(B)/%.o: $(B)/%.c Makefile | $(B)/need-kernel
	$(Q)$(CC) $(filter-out -Wmissing%,$(KFLAGS)) $(INC_lib) -c $< -o $@

# Linked twice: the tables of the first link go into the second, which must not move any code.
$(B)/stage1.elf: $(OBJ) $(B)/symbols0.o $(B)/instructions0.o linker.ld
	$(Q)$(LD) $(LDFLAGS) $(filter %.o,$^) -o $@

$(B)/latchkey.full: $(OBJ) $(B)/symbols.o $(B)/instructions.o linker.ld
	@echo "  LD    $@"
	$(Q)$(LD) $(LDFLAGS) $(filter %.o,$^) -o $@
	$(Q)scripts/symbols $@ | cmp - $(B)/symbols.c
	$(Q)scripts/instructions $@ | cmp - $(B)/instructions.c

# Beside the kernel: its debug symbols, a listing and a symbol table.
$(B)/latchkey.elf: $(B)/latchkey.full
	$(Q)objcopy --only-keep-debug $< $(B)/latchkey.debug
	$(Q)objdump -d -M intel $< | sed '1,/file format/s/^.*: *file/latchkey.elf: file/' >$(B)/latchkey.lst
	$(Q)nm --numeric-sort $< >$(B)/latchkey.sym
	$(Q)cd $(B) && objcopy --strip-all --add-gnu-debuglink=latchkey.debug latchkey.full latchkey.elf

$(B)/latchkey.iso: $(B)/latchkey.elf scripts/mkiso iso/boot/grub/grub.cfg
	@echo "  ISO   $@"
	$(Q)scripts/mkiso $< $@

# ---- host

$(B)/host/%.o: %.c
	@mkdir -p $(@D)
	@echo "  HOST  $<"
	$(Q)$(HOSTCC) $(HOSTFLAGS) -MMD -MP -c $< -o $@

$(B)/host/test_%: tests/host/test_%.c $(HOST_LIB)
	@mkdir -p $(@D)
	@scripts/need $(HOSTCC)=gcc /usr/include/cmocka.h=libcmocka-dev
	@echo "  HOST  $<"
	$(Q)$(HOSTCC) $(HOSTFLAGS) -Itests/host -MMD -MP $< $(HOST_LIB) -lcmocka -o $@

# ---- what people call

run: all
	scripts/latchkey run

list: all
	scripts/latchkey list

# Everything of machines.toml, the emulators of other releases included; the page is written whatever the outcome.
machines: all
	scripts/emulators
	@status=0; scripts/latchkey run all --table --jobs $$(nproc) || status=$$?; scripts/latchkey report; exit $$status

report:
	scripts/latchkey report

test: all $(HOST_BIN)
	@scripts/need $(PY)=python3 prove=perl
	@set -e; for t in $(HOST_BIN); do echo "  TEST  $$t"; $$t; done
	scripts/fuzz
	scripts/bite
	@scripts/latchkey rules >$(B)/rules.txt; status=$$?; tail -n 1 $(B)/rules.txt; exit $$status
	$(PY) -m pytest -q -p no:cacheprovider tests/host
	$(PY) -m pytest -q -p no:cacheprovider -n 2 --dist loadfile tests/machine

check:
	scripts/check

# RUNS=10000000 takes a quarter of an hour.
fuzz:
	scripts/fuzz $(RUNS)

bench: all
	scripts/bench

# Every defect of scripts/sabotage has to be caught.
sabotage: $(B)/latchkey.elf
	@scripts/need patch=patch
	scripts/saboteur --build $(B)

# From nothing and from what is committed, with sums and a manifest, into $(B)/release/.
release:
	@scripts/need $(PY)=python3 git=git
	+@scripts/release $(B) $(CC)

setup:
	scripts/setup $(PACKAGES)

clean:
	rm -rf $(B)

-include $(shell find $(B) -path $(B)/emulators -prune -o -name '*.d' -print 2>/dev/null)
