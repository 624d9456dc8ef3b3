/* A program without a C library: what system calls answer at their edges: ranges with holes, buffers that end early,
   numbers that mean nothing. Its first argument says which calls, the second is a file of 5000 bytes that it may
   change. */
#include "bare.h"

enum { PAGE = 4096, READ = 1, WRITE = 2, PRIVATE = 2, ANONYMOUS = 0x20, HERE = -100,
       MAYMOVE = 1, FIXED = 2, DONTUNMAP = 4 };

static word sys(word n, word a, word b, word c, word d, word e) {
  return call(n, a, b, c, d, e, 0);
}

static word fresh(word pages) {
  return call(__NR_mmap, 0, pages * PAGE, READ | WRITE, PRIVATE | ANONYMOUS, (word)-1, 0);
}

/* What a call says that writes 16 bytes there. */
static long writable(word at) {
  return (long)sys(__NR_clock_gettime, 1, at, 0, 0, 0);
}

static long at(word address) {
  return *(volatile long *)address;
}

static void memory(void) {
  word base = fresh(8);
  sys(__NR_munmap, base + 2 * PAGE, PAGE, 0, 0, 0);
  number("mprotect over a hole", (long)sys(__NR_mprotect, base, 4 * PAGE, READ, 0, 0));
  number(" before it", writable(base + PAGE));
  number(" behind it", writable(base + 3 * PAGE));
  number("mprotect in a hole", (long)sys(__NR_mprotect, base + 2 * PAGE, 2 * PAGE, READ, 0, 0));
  number(" behind it", writable(base + 3 * PAGE));
  number("shared and private", (long)call(__NR_mmap, 0, PAGE, READ, 3 | ANONYMOUS, (word)-1, 0));
  number("all there is", (long)call(__NR_mmap, 0, (word)-1, READ, PRIVATE | ANONYMOUS, (word)-1, 0));

  word from = fresh(4);
  word to = fresh(8);
  *(long *)from = 1;
  *(long *)(from + 3 * PAGE) = 4;
  *(long *)to = 9;
  number("mremap, fixed", sys(__NR_mremap, from, 4 * PAGE, 4 * PAGE, MAYMOVE | FIXED, to) == to);
  number(" first", at(to));
  number(" last", at(to + 3 * PAGE));
  number(" behind", at(to + 4 * PAGE));
  number(" left", writable(from));
  number("mremap, fixed and shorter", sys(__NR_mremap, to, 4 * PAGE, 2 * PAGE, MAYMOVE | FIXED, from) == from);
  number(" first", at(from));
  number(" tail", writable(to + 2 * PAGE));
  number("mremap, fixed alone", (long)sys(__NR_mremap, from, PAGE, PAGE, FIXED, to));
  number("mremap, onto itself", (long)sys(__NR_mremap, from, 2 * PAGE, 2 * PAGE, MAYMOVE | FIXED, from + PAGE));
  number("mremap, not aligned", (long)sys(__NR_mremap, from, PAGE, PAGE, MAYMOVE | FIXED, to + 8));
  number("mremap, unknown flag", (long)sys(__NR_mremap, from, PAGE, PAGE, MAYMOVE | 8, 0));
  word moved = sys(__NR_mremap, from, 2 * PAGE, 2 * PAGE, MAYMOVE | DONTUNMAP, 0);
  number("mremap, stays", moved != from && (long)moved > 0);
  number(" there", at(moved));
  number(" here", at(from));
  number(" here", writable(from));
  number("mremap, stays and grows", (long)sys(__NR_mremap, from, PAGE, 2 * PAGE, MAYMOVE | DONTUNMAP, 0));
}

struct part {
  word base;
  word size;
};

static void files(word name) {
  word edge = fresh(4) + 2 * PAGE;
  sys(__NR_munmap, edge, PAGE, 0, 0, 0);
  word file = sys(__NR_openat, (word)HERE, name, 2, 0, 0);
  number("write, 3 of 6 bytes", (long)sys(__NR_write, file, edge - 3, 6, 0, 0));
  number("write, none", (long)sys(__NR_write, file, edge, 6, 0, 0));
  number("pwrite64, 2 of 9", (long)sys(__NR_pwrite64, file, edge - 2, 9, 50, 0));
  struct part parts[] = {{edge - 8, 2}, {edge, 2}, {edge - 8, 2}};
  number("writev, the first", (long)sys(__NR_writev, file, (word)parts, 3, 0, 0));
  parts[0].size = 20;
  number("writev, some of it", (long)sys(__NR_writev, file, (word)parts, 3, 0, 0));
  parts[2].size = (word)-1;
  number("writev, negative", (long)sys(__NR_writev, file, (word)parts, 3, 0, 0));
  number(" place", (long)sys(__NR_lseek, file, 0, 1, 0, 0));
  number("read, 4 of 100", (long)sys(__NR_read, file, edge - 4, 100, 0, 0));
  number(" place", (long)sys(__NR_lseek, file, 0, 1, 0, 0));
  number("read, none", (long)sys(__NR_read, file, edge, 100, 0, 0));
  parts[0].size = 2;
  parts[2].size = 2;
  number("readv, the first", (long)sys(__NR_readv, file, (word)parts, 3, 0, 0));
  number("data", (long)sys(__NR_lseek, file, 7, 3, 0, 0));
  number("hole", (long)sys(__NR_lseek, file, 7, 4, 0, 0));
  number("data behind the end", (long)sys(__NR_lseek, file, 5000, 3, 0, 0));
  number("mapped far away", (long)call(__NR_mmap, 0, PAGE, READ, PRIVATE, file, 0x7ffffffffffff000));
  char stat[256];
  number("stat of no name", (long)sys(__NR_newfstatat, file, (word)"", (word)stat, 0, 0));
  number("stat of itself", (long)sys(__NR_newfstatat, file, (word)"", (word)stat, 0x1000, 0));
  number("stat, unknown flag", (long)sys(__NR_newfstatat, file, (word)"", (word)stat, 8, 0));
  number("dup3, unknown flag", (long)sys(__NR_dup3, file, 20, 1, 0, 0));
  word readable = sys(__NR_openat, (word)HERE, name, 0, 0, 0);
  number("ftruncate, not writable", (long)sys(__NR_ftruncate, readable, 10, 0, 0, 0));
  word place = sys(__NR_openat, (word)HERE, name, 0x200000, 0, 0);
  number("read of a place", (long)sys(__NR_read, place, edge - 4, 1, 0, 0));
  char path[4096];
  word n = length((char *)name);
  for (word i = 0; i < n; i++) {
    path[i] = ((char *)name)[i];
  }
  path[n] = '/';
  path[n + 1] = '.';
  path[n + 2] = 0;
  number("a file as a folder", (long)sys(__NR_openat, (word)HERE, (word)path, 0, 0, 0));
  for (word i = 0; i < 299; i++) {
    path[i] = 'a';
  }
  path[299] = 0;
  number("a long name", (long)sys(__NR_openat, (word)HERE, (word)path, 0, 0, 0));
}

static word base;

static void handler(int signal, void *info, void *context) {
  (void)context;
  number(" signal", signal);
  number(" code", ((int *)info)[2]);
  number(" address", (long)(*(word *)((char *)info + 16) - base));
  call(__NR_exit_group, 4, 0, 0, 0, 0, 0);
}

/* A file of 5000 bytes, mapped as four pages. */
static void mapped(word name) {
  struct action a = {handler, 4 | 0x04000000, restorer, 0};
  sys(__NR_rt_sigaction, 7, (word)&a, 0, 8, 0);
  sys(__NR_rt_sigaction, 11, (word)&a, 0, 8, 0);
  word file = sys(__NR_openat, (word)HERE, name, 2, 0, 0);
  sys(__NR_pwrite64, file, (word)"first", 5, 0, 0);
  sys(__NR_pwrite64, file, (word)"last.", 5, 4995, 0);
  base = call(__NR_mmap, 0, 4 * PAGE, READ | WRITE, PRIVATE, file, 0);
  number("first", *(volatile char *)base);
  number("last", *(volatile char *)(base + 4999));
  number("behind", *(volatile char *)(base + 5000));
  *(volatile char *)base = 1;
  *(volatile char *)(base + 4999) = 1;
  number("madvise", (long)sys(__NR_madvise, base, 2 * PAGE, 4, 0, 0));
  number("first again", *(volatile char *)base);
  number("last again", *(volatile char *)(base + 4999));
  number("written", writable(base + 2 * PAGE));
  number("written at the end", writable(base + 2 * PAGE - 8));
  word shared = call(__NR_mmap, 0, PAGE, READ, 1, sys(__NR_openat, (word)HERE, name, 0, 0, 0), 0);
  number("shared", *(volatile char *)shared);
  number("made writable", (long)sys(__NR_mprotect, shared, PAGE, READ | WRITE, 0, 0));
  number("moved", *(volatile char *)sys(__NR_mremap, base, PAGE, 2 * PAGE, MAYMOVE, 0) == 'f');
  base += PAGE;
  number("last", *(volatile char *)(base + 4999 - PAGE));
  number("nothing", *(volatile char *)(base + PAGE + 3));
}

static void process(void) {
  char name[17] = {0};
  sys(__NR_prctl, 15, (word)"abcdefghijklmnopqrstuvwxyz", 0, 0, 0);
  number("name", (long)sys(__NR_prctl, 16, (word)name, 0, 0, 0));
  text(name);
  number("\ndumpable", (long)sys(__NR_prctl, 3, 0, 0, 0, 0));
  number("signal of a dead parent", (long)sys(__NR_prctl, 1, 9, 0, 0, 0));
  number("signal of a dead parent, 65", (long)sys(__NR_prctl, 1, 65, 0, 0, 0));
  number("privileges", (long)sys(__NR_prctl, 39, 0, 0, 0, 0));
  number("no new ones, badly", (long)sys(__NR_prctl, 38, 2, 0, 0, 0));
  number("no new ones", (long)sys(__NR_prctl, 38, 1, 0, 0, 0));
  number("privileges", (long)sys(__NR_prctl, 39, 0, 0, 0, 0));
  word space[16];
  number("prlimit64, 16", (long)sys(__NR_prlimit64, 0, 16, 0, (word)space, 0));
  number("prlimit64 of nobody", (long)sys(__NR_prlimit64, 0x3fffffff, 7, 0, (word)space, 0));
  number("set_robust_list", (long)sys(__NR_set_robust_list, (word)space, 8, 0, 0, 0));
  word time[] = {0, 1};
  number("clock_nanosleep, clock 3", (long)sys(__NR_clock_nanosleep, 3, 0, (word)time, 0, 0));
  number("clock_gettime, clock 10", (long)sys(__NR_clock_gettime, 10, (word)time, 0, 0, 0));
  number("tkill of 0", (long)sys(__NR_tkill, 0, 0, 0, 0, 0));
  number("wait4, unknown option", (long)sys(__NR_wait4, (word)-1, 0, 0x100, 0, 0));
  number("wait4", (long)sys(__NR_wait4, (word)-1, 0, 1, 0, 0));
  number("waitid of nothing", (long)sys(__NR_waitid, 0, 0, 0, 1, 0));
  number("waitid", (long)sys(__NR_waitid, 0, 0, 0, 5, 0));
  number("getrandom, unknown flag", (long)sys(__NR_getrandom, (word)space, 8, 8, 0, 0));
  number("getrandom, both", (long)sys(__NR_getrandom, (word)space, 8, 6, 0, 0));
  number("futex, not aligned", (long)sys(__NR_futex, (word)space + 1, 1, 1, 0, 0));
  number("futex, nowhere", (long)sys(__NR_futex, 1UL << 60, 1, 1, 0, 0));
  number("futex, the second", (long)call(__NR_futex, (word)space, 4, 1, 1, (word)space + 1, space[0] + 1));
}

__attribute__((used)) void entry(long *stack) {
  char **argv = (char **)(stack + 1);
  if (same(argv[1], "memory")) {
    memory();
  } else if (same(argv[1], "files")) {
    files((word)argv[2]);
  } else if (same(argv[1], "mapped")) {
    mapped((word)argv[2]);
  } else {
    process();
  }
  call(__NR_exit_group, 3, 0, 0, 0, 0, 0);
}
