/* A program without a C library: what `crosspatch exec` promises, tried by system calls. Each part prints what it
   finds, which is the same on Linux. Parts: args, memory, signals, threads, files DIR, wild DIR, escape, fault,
   undefined; of AArch64 pointers, pads and, with the signal's code, pads code. */
#include "bare.h"

#if defined(__x86_64__)
enum {
  READ = 0, WRITE = 1, CLOSE = 3, LSEEK = 8, MMAP = 9, MPROTECT = 10, MUNMAP = 11, BRK = 12, SIGACTION = 13,
  SIGPROCMASK = 14, WRITEV = 20, MREMAP = 25, GETPID = 39, CLONE = 56, EXIT = 60, UNAME = 63, GETTID = 186,
  TGKILL = 234, FUTEX = 202, GETDENTS64 = 217, EXIT_GROUP = 231, OPENAT = 257, FSTATAT = 262, READLINKAT = 267,
  SIGALTSTACK = 131, PREAD64 = 17, PWRITE64 = 18, PPOLL = 271, CLOCK_NANOSLEEP = 230, RENAMEAT = 264, GETRANDOM = 318,
  STAT_SIZE = 48, STAT_MODE = 24, STAT_BYTES = 144, DIRECTORY = 0x10000
};
#else
enum {
  READ = 63, WRITE = 64, CLOSE = 57, LSEEK = 62, MMAP = 222, MPROTECT = 226, MUNMAP = 215, BRK = 214, SIGACTION = 134,
  SIGPROCMASK = 135, WRITEV = 66, MREMAP = 216, GETPID = 172, CLONE = 220, EXIT = 93, UNAME = 160, GETTID = 178,
  TGKILL = 131, FUTEX = 98, GETDENTS64 = 61, EXIT_GROUP = 94, OPENAT = 56, FSTATAT = 79, READLINKAT = 78,
  SIGALTSTACK = 132, PREAD64 = 67, PWRITE64 = 68, PPOLL = 73, CLOCK_NANOSLEEP = 115, RENAMEAT = 38, GETRANDOM = 278,
  STAT_SIZE = 48, STAT_MODE = 16, STAT_BYTES = 128, DIRECTORY = 0x4000
};
#endif

/* ---- memory */

static void memory(void) {
  word heap = call(BRK, 0, 0, 0, 0, 0, 0);
  number("brk grows", (long)(call(BRK, heap + 100000, 0, 0, 0, 0, 0) - heap));
  number("fresh", *(volatile long *)(heap + 90000));
  *(volatile long *)(heap + 90000) = 5;
  word at = call(MMAP, 0, 1 << 20, 3, 0x22, (word)-1, 0);
  for (word i = 0; i < 1 << 20; i += 4096) {
    *(volatile word *)(at + i) = i;
  }
  number("mprotect", (long)call(MPROTECT, at, 8192, 1, 0, 0, 0));
  number("still", *(volatile long *)(at + 4096));
  number("unmapped", (long)call(MUNMAP, at + 4096, 4096, 0, 0, 0, 0));
  number("hole", (long)call(MPROTECT, at, 8192, 3, 0, 0, 0));
  word more = call(MREMAP, at + 8192, (1 << 20) - 8192, 4 << 20, 1, 0, 0);
  number("moved", *(volatile long *)(more + 4096));
  number("bad address", (long)call(WRITE, 1, 0x10, 4, 0, 0, 0));
  number("reserved", (long)call(MMAP, 0, 1L << 35, 0, 0x4022, (word)-1, 0) > 0);
  number("too much", (long)call(MUNMAP, 1, 4096, 0, 0, 0, 0));
}

/* ---- signals */

static volatile long seen;
static volatile int skip;
static char alternate[16384];

static void handler(int signal, void *info, void *context) {
  char here;
  number("signal", signal);
  if (signal != 4) {
    number("code", ((int *)info)[2]); /* that of SIGILL: QEMU has another one than Linux */
  }
  number("on the other stack", &here >= alternate && &here < alternate + sizeof(alternate));
  if (signal == 11) {
    number("address", *(long *)((char *)info + 16));
  }
  PC(context) += skip;
  seen += signal;
}

static void on(int signal, word flags) {
  struct action a = {handler, 4 | 0x04000000 | flags, restorer, 0};
  number("sigaction", (long)call(SIGACTION, (word)signal, (word)&a, 0, 8, 0, 0));
}

static void signals(void) {
  word stack[3] = {(word)alternate, 0, sizeof(alternate)};
  volatile word kept = 0x1234567812345678;
  call(SIGALTSTACK, (word)stack, 0, 0, 0, 0, 0);
  on(11, 0x08000000);
  on(4, 0);
  on(10, 0);
  skip = FAULT_LENGTH;
  FAULT_INSTRUCTION;
  skip = UNDEFINED_LENGTH;
  UNDEFINED;
  skip = 0;
  word mask = 1 << 9;
  call(SIGPROCMASK, 0, (word)&mask, 0, 8, 0, 0);
  word id = call(GETTID, 0, 0, 0, 0, 0, 0);
  number("tgkill", (long)call(TGKILL, call(GETPID, 0, 0, 0, 0, 0, 0), id, 10, 0, 0, 0));
  number("blocked", seen);
  call(SIGPROCMASK, 1, (word)&mask, 0, 8, 0, 0);
  number("seen", seen);
  number("kept", kept == 0x1234567812345678);
}

/* ---- threads */

enum { THREADS = 6, TURNS = 2000 };
static int tids[THREADS];
static volatile long counter;
static volatile int lock;

static void acquire(void) {
  int free = 0;
  if (!__atomic_compare_exchange_n(&lock, &free, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
    while (__atomic_exchange_n(&lock, 2, __ATOMIC_ACQUIRE) != 0) {
      call(FUTEX, (word)&lock, 0, 2, 0, 0, 0);
    }
  }
}

static void release(void) {
  if (__atomic_exchange_n(&lock, 0, __ATOMIC_RELEASE) == 2) {
    call(FUTEX, (word)&lock, 1, 1, 0, 0, 0);
  }
}

static void work(word number_) {
  for (int i = 0; i < TURNS; i++) {
    acquire();
    counter = counter + (long)number_;
    release();
  }
}

static void threads(void) {
  word flags = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000 | 0x100000 | 0x200000;
  for (int i = 0; i < THREADS; i++) {
    word stack = call(MMAP, 0, 65536, 3, 0x22, (word)-1, 0) + 65536;
    thread(flags, (word *)stack, &tids[i], &tids[i], 0, work, (word)(i + 1));
  }
  for (int i = 0; i < THREADS; i++) {
    int id;
    while ((id = __atomic_load_n(&tids[i], __ATOMIC_ACQUIRE)) != 0) {
      call(FUTEX, (word)&tids[i], 0, (word)id, 0, 0, 0);
    }
  }
  number("counter", counter);
}

/* ---- files */

static void look(word directory, const char *name) {
  char found[STAT_BYTES];
  long result = (long)call(FSTATAT, directory, (word)name, (word)found, 0, 0, 0);
  text(name);
  number("", result == 0 ? *(long *)(found + STAT_SIZE) : result);
}

static void files(const char *name) {
  static char buffer[4096];
  word directory = call(OPENAT, (word)-100, (word)name, DIRECTORY, 0, 0, 0);
  number("directory", (long)directory > 2);
  long entries = 0;
  for (long got; (got = (long)call(GETDENTS64, directory, (word)buffer, sizeof(buffer), 0, 0, 0)) > 0;) {
    for (long at = 0; at < got; at += *(unsigned short *)(buffer + at + 16)) {
      entries++;
    }
  }
  number("entries", entries);
  word file = call(OPENAT, directory, (word)"file", 0, 0, 0, 0);
  number("read", (long)call(READ, file, (word)buffer, 5, 0, 0, 0));
  buffer[5] = 0;
  text(buffer);
  number("\nseek", (long)call(LSEEK, file, (word)-2, 2, 0, 0, 0));
  number("rest", (long)call(READ, file, (word)buffer, 100, 0, 0, 0));
  number("end", (long)call(READ, file, (word)buffer, 100, 0, 0, 0));
  number("write", (long)call(WRITE, file, (word)buffer, 1, 0, 0, 0));
  number("close", (long)call(CLOSE, file, 0, 0, 0, 0, 0));
  number("closed", (long)call(CLOSE, file, 0, 0, 0, 0, 0));
  look(directory, "file");
  look(directory, "link");
  look(directory, "none");
  look(directory, "file/x");
  look(directory, "loop");
  long n = (long)call(READLINKAT, directory, (word)"link", (word)buffer, 100, 0, 0);
  buffer[n > 0 ? n : 0] = 0;
  text(buffer);
  text("\n");
  word made = call(OPENAT, directory, (word)"made", 0x42, 0644, 0, 0);
  if ((long)made < 0) {
    number("made", (long)made);
  } else {
    number("wrote", (long)call(WRITE, made, (word)"hello\n", 6, 0, 0, 0));
    call(CLOSE, made, 0, 0, 0, 0, 0);
    look(directory, "made");
  }
}

static void renamed(word directory, const char *from, const char *to) {
  text(from);
  text(" to ");
  text(to);
  number("", (long)call(RENAMEAT, directory, (word)from, directory, (word)to, 0, 0));
}

/* Arguments that nobody means: errors, and nothing is changed. */
static void wild(const char *name) {
  static char buffer[64];
  word none = (word)-1;
  word time[2] = {0, 1};
  word stack[3] = {(word)buffer, 0, 100};
  word directory = call(OPENAT, (word)-100, (word)name, DIRECTORY, 0, 0, 0);
  word file = call(OPENAT, directory, (word)"file", 2, 0, 0, 0);
  number("file", (long)file > 2);
  number("read", (long)call(READ, file, (word)buffer, none, 0, 0, 0));
  number("write", (long)call(WRITE, file, (word)buffer, none, 0, 0, 0));
  number("pread", (long)call(PREAD64, file, (word)buffer, 10, none, 0, 0));
  number("pwrite", (long)call(PWRITE64, file, (word)buffer, 10, none, 0, 0));
  number("readlink", (long)call(READLINKAT, directory, (word)"link", (word)buffer, 0, 0, 0));
#if defined(__x86_64__)
  number("readlink", (long)call(READLINKAT, directory, (word)"link", (word)buffer, none, 0, 0));
  number("offset", (long)call(MMAP, 0, 4096, 1, 2, file, (word)-4096));
#endif
  number("getrandom", (long)call(GETRANDOM, 8, none, 0, 0, 0, 0));
  number("poll", (long)call(PPOLL, (word)buffer, 0x7fffffff, (word)time, 0, 0, 0));
  number("clock", (long)call(CLOCK_NANOSLEEP, 99, 0, (word)time, 0, 0, 0));
  number("mmap", (long)call(MMAP, 0, 4096, 3, 0x20, none, 0));
  number("small stack", (long)call(SIGALTSTACK, (word)stack, 0, 0, 0, 0, 0));
  stack[1] = 77;
  stack[2] = 8192;
  number("flags of a stack", (long)call(SIGALTSTACK, (word)stack, 0, 0, 0, 0, 0));
  number("file/", (long)call(OPENAT, directory, (word)"file/", 0, 0, 0, 0));
  renamed(directory, "sub", "file");
  renamed(directory, "file", "sub");
  renamed(directory, "sub", "sub/x");
  look(directory, "file");
  look(directory, "sub");
}

/* What is outside of the root: it must not be found. */
static void escape(void) {
  static const char *const ways[] = {
    "/../../../../secret", "../secret", "sub/../../secret", "out", "absolute", "up/secret", "/proc/self/root/secret"
  };
  for (word i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
    text(ways[i]);
    number("", (long)call(OPENAT, (word)-100, (word)ways[i], 0, 0, 0, 0));
  }
}

/* ---- signed pointers */

#if defined(__aarch64__)
/* PACIA, AUTIA and XPACI of x0, with x1; PACGA. */
__asm__(".arch_extension pauth\n"
        "sign: pacia x0, x1\n ret\n"
        "authenticate: autia x0, x1\n ret\n"
        "strip: xpaci x0\n ret\n"
        "generic: pacga x0, x0, x1\n ret\n");
word sign(word pointer, word modifier);
word authenticate(word pointer, word modifier);
word strip(word pointer);
word generic(word value, word modifier);

static word entryOf(const long *auxiliary, long type) {
  while (auxiliary[0] != 0 && auxiliary[0] != type) {
    auxiliary += 2;
  }
  return auxiliary[1];
}

static void pointers(const long *auxiliary) {
  word known = entryOf(auxiliary, 16) >> 30 & 3;
  number("HWCAP_PACA, HWCAP_PACG", known);
  if (known != 3) {
    return;
  }
  word pointer = 0x456789ab;
  word made = sign(pointer, 5);
  number("signed", made != pointer);
  number("stripped", strip(made) == pointer);
  number("as it was signed", authenticate(made, 5) == pointer);
  number("with another modifier", authenticate(made, 6) == pointer);
  number("another pointer", authenticate(made + 4, 5) == pointer + 4);
  number("generic", generic(1, 2) != generic(2, 1) && (unsigned)generic(1, 2) == 0);
}

/* ---- landing pads */

#define PSTATE(uc) (*(word *)((char *)(uc) + 176 + 272))
void no_pad(void);
__asm__(".globl no_pad\nno_pad: nop\n ret\n hint 34\n ret\n");
static word base;
static int codes;

/* Goes on behind what was no landing pad, with PSTATE.BTYPE as it was. */
static void refused(int signal, void *info, void *context) {
  number("refused at", (long)(PC(context) - base));
  number("type", (long)(PSTATE(context) >> 10 & 3));
  if (codes) {
    number("code", ((int *)info)[2]);
  }
  seen += signal;
  PC(context) += 4;
}

static void come(const char *name, word at) {
  void (*volatile to)(void) = (void (*)(void))at;
  base = at;
  to();
  text(name);
  number(" is back", seen);
}

static void pads(const long *auxiliary) {
  number("AT_HWCAP2", entryOf(auxiliary, 26) >> 17 & 1);
  struct action a = {refused, 4 | 0x04000000, restorer, 0};
  call(SIGACTION, 4, (word)&a, 0, 8, 0, 0);
  word page = call(MMAP, 0, 8192, 3, 0x22, (word)-1, 0);
  for (word at = page; at < page + 8192; at += 4096) {
    unsigned *made = (unsigned *)at;
    made[0] = 0xd503201f; /* nop; ret; bti c; ret */
    made[1] = 0xd65f03c0;
    made[2] = 0xd503245f;
    made[3] = 0xd65f03c0;
    __asm__ volatile("dc cvau, %0\n dsb ish\n ic ivau, %0\n dsb ish\n isb" : : "r"(at) : "memory");
  }
  number("unknown", (long)call(MPROTECT, page, 4096, 0x45, 0, 0, 0));
  long guarded = (long)call(MPROTECT, page, 8192, 0x15, 0, 0, 0);
  number("guarded", guarded);
  if (guarded == 0) {
    come("guarded nop", page);
    come("guarded bti c", page + 8);
    call(MPROTECT, page + 4096, 4096, 5, 0, 0, 0);
    come("nop", page + 4096);
    number("mapped", (long)call(MMAP, page, 4096, 0x15, 0x32, (word)-1, 0) == (long)page);
  }
  come("own text", (word)no_pad);
  struct action b = {(void (*)(int, void *, void *))no_pad, 0x04000000, restorer, 0};
  call(SIGACTION, 10, (word)&b, 0, 8, 0, 0);
  call(TGKILL, call(GETPID, 0, 0, 0, 0, 0, 0), call(GETTID, 0, 0, 0, 0, 0, 0), 10, 0, 0, 0);
  number("handler", seen);
}
#endif

__attribute__((used)) void entry(long *stack) {
  long argc = stack[0];
  char **argv = (char **)(stack + 1);
  const char *part = argc > 1 ? argv[1] : "args";
  if (same(part, "args")) {
    number("argc", argc);
    for (long i = 1; i < argc; i++) {
      text(argv[i]);
      text("\n");
    }
    number("unknown", (long)call(9999, 0, 0, 0, 0, 0, 0));
    char *vector[4] = {"two ", (char *)4, "parts\n", (char *)6};
    number("writev", (long)call(WRITEV, 1, (word)vector, 2, 0, 0, 0));
  } else if (same(part, "memory")) {
    memory();
  } else if (same(part, "signals")) {
    signals();
  } else if (same(part, "threads")) {
    threads();
  } else if (same(part, "files")) {
    files(argv[2]);
  } else if (same(part, "wild")) {
    wild(argv[2]);
  } else if (same(part, "escape")) {
    escape();
#if defined(__aarch64__)
  } else if (same(part, "pads") || same(part, "pointers")) {
    const long *behind = stack + argc + 2;
    while (*behind != 0) {
      behind++;
    }
    codes = argc > 2;
    if (same(part, "pads")) {
      pads(behind + 1);
    } else {
      pointers(behind + 1);
    }
#endif
  } else if (same(part, "fault")) {
    FAULT_INSTRUCTION;
  } else if (same(part, "undefined")) {
    UNDEFINED;
  }
  call(EXIT_GROUP, (word)(argc + 40), 0, 0, 0, 0, 0);
}
