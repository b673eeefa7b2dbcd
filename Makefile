# The whole build: kernel, image, host tests, checks. Everything it makes stands under build/.

PY      := /usr/bin/python3
CC      := gcc
HOSTCC  := gcc
NASM    := nasm
LD      := ld
B       := build

# Reproducible: no time, no directory, no locale.
export SOURCE_DATE_EPOCH := 1617235200
export TZ := UTC
export LC_ALL := C

WARN    := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes -Wvla -Wshadow
KFLAGS  := -std=c11 -O2 -g -ffreestanding -m64 -mno-red-zone -mgeneral-regs-only -mcmodel=small -fno-pic -fno-pie \
           -fno-stack-protector -fno-omit-frame-pointer -fno-optimize-sibling-calls -fcf-protection=none \
           -fno-asynchronous-unwind-tables -fno-strict-aliasing -fno-delete-null-pointer-checks \
           -fno-common -ffile-prefix-map=$(CURDIR)=. $(WARN)
# Includes point one way: tests -> kernel -> lib.
INC_lib    := -Ilib
INC_kernel := -Ikernel $(INC_lib)
INC_tests  := -Itests $(INC_kernel)

LIB_SRC    := $(wildcard lib/*.c lib/pks/*.c)
KERNEL_SRC := $(wildcard kernel/*.c kernel/pks/*.c)
TESTS_SRC  := $(wildcard tests/*.c)
ASM_SRC    := $(wildcard boot/*.asm kernel/*.asm tests/*.asm)
ALL_SRC    := $(sort $(LIB_SRC) $(KERNEL_SRC) $(TESTS_SRC) $(ASM_SRC) $(wildcard lib/*.h lib/pks/*.h kernel/*.h \
              kernel/pks/*.h tests/*.h) linker.ld Makefile)
OBJ := $(patsubst %,$(B)/%.o,$(LIB_SRC) $(KERNEL_SRC) $(TESTS_SRC) $(ASM_SRC)) $(B)/build_id.o

all: $(B)/latchkey.elf $(B)/latchkey.iso

# ---- kernel

$(B)/lib/%.c.o: lib/%.c
	@mkdir -p $(@D)
	$(CC) $(KFLAGS) $(INC_lib) -MMD -MP -c $< -o $@

$(B)/kernel/%.c.o: kernel/%.c
	@mkdir -p $(@D)
	$(CC) $(KFLAGS) $(INC_kernel) -MMD -MP -c $< -o $@

$(B)/tests/%.c.o: tests/%.c
	@mkdir -p $(@D)
	$(CC) $(KFLAGS) $(INC_tests) -MMD -MP -c $< -o $@

$(B)/%.asm.o: %.asm $(B)/x86.inc
	@mkdir -p $(@D)
	$(NASM) -f elf64 -Wall -Werror -i $(B)/ $< -o $@

# One home for constants: the X86_* macros of lib/x86.h, as NASM reads them.
$(B)/x86.inc: lib/x86.h
	@mkdir -p $(@D)
	$(CC) -E -dM -x c $< | sed -n 's/^#define \(X86_[A-Z0-9_]*\) \(.*\)/%define \1 \2/p' | sort >$@

$(B)/build_id.c: $(ALL_SRC)
	@mkdir -p $(@D)
	cat $(ALL_SRC) | sha256sum | sed 's/^\(.\{12\}\).*/const char build_id[] = "\1";/' >$@

$(B)/symbols0.c: scripts/symbols
	@mkdir -p $(@D)
	scripts/symbols >$@

$(B)/symbols.c: $(B)/stage1.elf
	scripts/symbols $< >$@

$(B)/%.o: $(B)/%.c
	$(CC) $(filter-out -Wmissing%,$(KFLAGS)) -c $< -o $@

LDFLAGS := -nostdlib -static -z max-page-size=4096 -z noexecstack --build-id=none --fatal-warnings -T linker.ld

$(B)/stage1.elf: $(OBJ) $(B)/symbols0.o linker.ld
	$(LD) $(LDFLAGS) $(OBJ) $(B)/symbols0.o -o $@

# The full file with debug symbols, the listing and the symbol table; latchkey.elf is the same without symbols.
$(B)/latchkey.full: $(OBJ) $(B)/symbols.o linker.ld
	$(LD) $(LDFLAGS) $(OBJ) $(B)/symbols.o -o $@
	scripts/symbols $@ | cmp - $(B)/symbols.c

$(B)/latchkey.elf: $(B)/latchkey.full
	objcopy --only-keep-debug $< $(B)/latchkey.debug
	objdump -d -M intel $< | sed 's/^[^ ]*latchkey.full:/latchkey.elf:/' >$(B)/latchkey.lst
	nm --numeric-sort $< >$(B)/latchkey.sym
	cd $(B) && objcopy --strip-all --add-gnu-debuglink=latchkey.debug latchkey.full latchkey.elf

$(B)/latchkey.iso: $(B)/latchkey.elf scripts/mkiso iso/boot/grub/grub.cfg
	scripts/mkiso $< $@

-include $(shell find $(B) -name '*.d' 2>/dev/null)
