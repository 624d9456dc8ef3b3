/*
 * What LLVM's disassembler, the newest that is installed, makes of byte strings.
 *
 *   llvmdisasm TRIPLE FEATURES BYTES FILE
 *
 * FILE has strings of BYTES bytes. Prints the version, or "none" where there is no LLVM; then for each string a line
 * with the length of the instruction at its start, 0 where LLVM knows none, and its text, of x86 in Intel's syntax, or
 * "-". The library is loaded by name (llvm-c/Disassembler.h has what is called), so that its headers need not be there.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 16, NEWEST = 30, OLDEST = 14 };

/* LLVMDisassembler_Option_AsmPrinterVariant */
enum { OTHER_SYNTAX = 4 };

static void *library(int *version)
{
	static const char *const names[] = {"libLLVM.so.%d.1", "libLLVM-%d.so.1", "libLLVM-%d.so"};
	char name[32];

	for (*version = NEWEST; *version >= OLDEST; --*version)
		for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
			void *found;

			snprintf(name, sizeof(name), names[i], *version);
			found = dlopen(name, RTLD_NOW);
			if (found)
				return found;
		}
	return NULL;
}

static void initialize(void *llvm, const char *target)
{
	static const char *const parts[] = {"TargetInfo", "TargetMC", "Disassembler"};
	char name[64];

	for (unsigned i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		void (*function)(void);

		snprintf(name, sizeof(name), "LLVMInitialize%s%s", target, parts[i]);
		*(void **) &function = dlsym(llvm, name);
		if (function)
			function();
	}
}

int main(int argc, char **argv)
{
	void *(*create)(const char *, const char *, const char *, void *, int, void *, void *);
	size_t (*disassemble)(void *, uint8_t *, uint64_t, uint64_t, char *, size_t);
	int (*options)(void *, uint64_t);
	FILE *file = argc == 5 ? fopen(argv[4], "rb") : NULL;
	size_t bytes = argc == 5 ? strtoul(argv[3], NULL, 10) : 0;
	int version;
	void *llvm = library(&version);
	void *context;
	uint8_t code[LONGEST];
	char text[256];

	if (!file || bytes < 1 || bytes > LONGEST) {
		fprintf(stderr, "usage: llvmdisasm TRIPLE FEATURES BYTES FILE\n");
		return 2;
	}
	if (!llvm) {
		puts("none");
		return 0;
	}
	initialize(llvm, "X86");
	initialize(llvm, "AArch64");
	*(void **) &create = dlsym(llvm, "LLVMCreateDisasmCPUFeatures");
	*(void **) &disassemble = dlsym(llvm, "LLVMDisasmInstruction");
	*(void **) &options = dlsym(llvm, "LLVMSetDisasmOptions");
	context = create && disassemble && options ? create(argv[1], "", argv[2], NULL, 0, NULL, NULL) : NULL;
	if (!context) {
		fprintf(stderr, "llvmdisasm: LLVM %d has no disassembler of %s\n", version, argv[1]);
		return 1;
	}
	if (!strncmp(argv[1], "x86", 3) && !options(context, OTHER_SYNTAX)) {
		fprintf(stderr, "llvmdisasm: LLVM %d has no Intel syntax\n", version);
		return 1;
	}
	printf("%d\n", version);
	while (fread(code, bytes, 1, file) == 1) {
		size_t length = disassemble(context, code, bytes, 0x1000, text, sizeof(text));

		printf("%zu %s\n", length, length ? text + strspn(text, "\t ") : "-");
	}
	return fflush(stdout) ? 1 : 0;
}
