/*
 * How long x86-64 instructions are to LLVM's disassembler, the newest that is installed.
 *
 *   llvmlength FILE
 *
 * FILE has strings of 15 bytes. Prints the version, or "none" where there is no LLVM; then for each string a line with
 * the length of the instruction at its start, 0 where LLVM knows none, and its mnemonic. The library is loaded by name
 * (llvm-c/Disassembler.h has what is called), so that its headers need not be there.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { BYTES = 15, NEWEST = 30, OLDEST = 14 };

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

static void initialize(void *llvm, const char *name)
{
	void (*function)(void);

	*(void **) &function = dlsym(llvm, name);
	if (function)
		function();
}

int main(int argc, char **argv)
{
	void *(*create)(const char *, void *, int, void *, void *);
	size_t (*disassemble)(void *, uint8_t *, uint64_t, uint64_t, char *, size_t);
	FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
	int version;
	void *llvm = library(&version);
	void *context;
	uint8_t code[BYTES];
	char text[256];

	if (!file) {
		fprintf(stderr, "usage: llvmlength FILE\n");
		return 2;
	}
	if (!llvm) {
		puts("none");
		return 0;
	}
	initialize(llvm, "LLVMInitializeX86TargetInfo");
	initialize(llvm, "LLVMInitializeX86TargetMC");
	initialize(llvm, "LLVMInitializeX86Disassembler");
	*(void **) &create = dlsym(llvm, "LLVMCreateDisasm");
	*(void **) &disassemble = dlsym(llvm, "LLVMDisasmInstruction");
	context = create && disassemble ? create("x86_64-linux-gnu", NULL, 0, NULL, NULL) : NULL;
	if (!context) {
		fprintf(stderr, "llvmlength: LLVM %d has no disassembler of x86-64\n", version);
		return 1;
	}
	printf("%d\n", version);
	while (fread(code, BYTES, 1, file) == 1) {
		size_t length = disassemble(context, code, BYTES, 0x1000, text, sizeof(text));

		printf("%zu %.*s\n", length, length ? (int) strcspn(text + strspn(text, "\t "), "\t ") : 1, length ? text + strspn(text, "\t ") : "-");
	}
	return fflush(stdout) ? 1 : 0;
}
