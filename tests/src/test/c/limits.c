/* A program without a C library that asks for more than there is. Parts: `hog` and a way to take memory without end,
   which Linux ends by SIGKILL; promise: what Linux gives and refuses beforehand; areas; threads; churn: memory that is
   given back is there again. */
#include "bare.h"

enum { PAGE = 4096, MIB = 1 << 20, TABLE = 2 << 20, READ = 1, WRITE = 2, SHARED = 1, PRIVATE = 2, FIXED = 0x10,
       ANONYMOUS = 0x20, NORESERVE = 0x4000, MAYMOVE = 1, ENOMEM = 12, THREAD = 0x50f00 };

static word map(word at, word size, word rights, word flags) {
  return call(__NR_mmap, at, size, rights, flags, (word)-1, 0);
}

static word reserve(word size) {
  return map(0, size, READ | WRITE, PRIVATE | ANONYMOUS | NORESERVE);
}

static void touch(word at, word size, word step) {
  for (word i = 0; i < size; i += step) {
    *(volatile char *)(at + i) = 1;
  }
}

/* ---- without end */

static void heap(void) {
  word at = call(__NR_brk, 0, 0, 0, 0, 0, 0);
  for (;; at += MIB) {
    if (call(__NR_brk, at + MIB, 0, 0, 0, 0, 0) != at + MIB) {
      text("no heap\n");
      return;
    }
    touch(at, MIB, PAGE);
  }
}

static word deeper(word depth) {
  volatile char frame[PAGE];
  frame[0] = (char)depth;
  return depth == 0 ? 0 : deeper(depth - 1) + (word)frame[0];
}

static void copies(void) {
  word size = 1UL << 36;
  word at = reserve(size);
  word zero = call(__NR_openat, (word)-100, (word)"/dev/zero", 0, 0, 0, 0);
  for (word i = 0; i < size; i += MIB) {
    call(__NR_read, zero, at + i, MIB, 0, 0, 0);
  }
}

static void filePages(const char *name) {
  word file = call(__NR_openat, (word)-100, (word)name, 0, 0, 0, 0);
  number("file", (long)file > 2);
  for (;;) {
    word at = call(__NR_mmap, 0, MIB, READ | WRITE, PRIVATE, file, 0);
    touch(at, MIB, PAGE);
  }
}

static void sleepForever(word size) {
  char here;
  touch((word)&here - size, size, PAGE);
  static int never;
  for (;;) {
    call(__NR_futex, (word)&never, 0, 0, 0, 0, 0);
  }
}

static long start(word room, word touched) {
  word stack = reserve(room) + room;
  int ids[2];
  return (long)thread(THREAD, (word *)stack, &ids[0], &ids[1], 0, sleepForever, touched);
}

static void hog(const char *way, const char *name) {
  if (same(way, "heap")) {
    heap();
  } else if (same(way, "map")) {
    touch(reserve(1UL << 40), 1UL << 40, PAGE);
  } else if (same(way, "tables")) {
    touch(reserve(1UL << 45), 1UL << 45, TABLE);
  } else if (same(way, "stack")) {
    deeper(1900); /* of a stack of 8 MiB */
  } else if (same(way, "copies")) {
    copies();
  } else if (same(way, "file")) {
    filePages(name);
  } else if (same(way, "threads")) {
    while (start(MIB, MIB - 2 * PAGE) > 0) {
      call(__NR_sched_yield, 0, 0, 0, 0, 0, 0);
    }
    text("no threads\n");
  }
}

/* ---- promised */

static void given(const char *name, word at) {
  number(name, (long)at < 0 && (long)at > -PAGE ? (long)at : 0);
}

static void promise(void) {
  word info[14];
  call(__NR_sysinfo, (word)info, 0, 0, 0, 0, 0);
  word all = info[4] & -(word)PAGE;
  word heapAt = call(__NR_brk, 0, 0, 0, 0, 0, 0);
  number("heap of twice the RAM", (long)(call(__NR_brk, heapAt + 2 * all, 0, 0, 0, 0, 0) - heapAt));
  given("twice the RAM", map(0, 2 * all, READ | WRITE, PRIVATE | ANONYMOUS));
  for (int i = 0; i < 4; i++) {
    given("half of it", map(0, all / 2, READ | WRITE, PRIVATE | ANONYMOUS));
  }
  given("not reserved", map(0, 2 * all, READ | WRITE, PRIVATE | ANONYMOUS | NORESERVE));
  given("to be read", map(0, 2 * all, READ, PRIVATE | ANONYMOUS));
  word none = map(0, 2 * all, 0, PRIVATE | ANONYMOUS);
  given("of no rights", none);
  given("made writable", call(__NR_mprotect, none, 2 * all, READ | WRITE, 0, 0, 0));
  given("a part made writable", call(__NR_mprotect, none, all / 2, READ | WRITE, 0, 0, 0));
  word reserved = map(0, 2 * all, 0, PRIVATE | ANONYMOUS | NORESERVE);
  given("not reserved, made writable", call(__NR_mprotect, reserved, 2 * all, READ | WRITE, 0, 0, 0));
  given("shared", map(0, 2 * all, READ, SHARED | ANONYMOUS));
  given("shared, not reserved", map(0, 2 * all, READ, SHARED | ANONYMOUS | NORESERVE));
  word half = map(0, all / 2, READ | WRITE, PRIVATE | ANONYMOUS);
  given("grown", call(__NR_mremap, half, all / 2, 2 * all, MAYMOVE, 0, 0));
  given("grown a little", call(__NR_mremap, half, all / 2, all, MAYMOVE, 0, 0));
}

/* Areas that cannot be one. */
static void areas(void) {
  word at = 0;
  word count = 0;
  while (count < 2000000 && ((long)at >= 0 || (long)at < -PAGE)) {
    at = map(0, PAGE, count % 2 ? READ : 0, PRIVATE | ANONYMOUS);
    count++;
  }
  number("areas", (long)at);
}

static void threads(void) {
  long last = 0;
  long count = 0;
  while (count < 1000000 && (last = start(4 * PAGE, 0)) > 0) {
    count++;
  }
  number("thread", last);
}

/* Pages far from each other, each with tables of its own. */
static void churn(void) {
  long sum = 0;
  for (word i = 1; i < 6000; i++) {
    word at = i << 34 & 0x7fffffffffff;
    if (map(at, PAGE, READ | WRITE, PRIVATE | ANONYMOUS | FIXED) == at) {
      sum += *(volatile long *)at;
      *(volatile long *)at = 1;
      sum += (long)call(__NR_munmap, at, PAGE, 0, 0, 0, 0);
    }
  }
  number("churn", sum);
}

__attribute__((used)) void entry(long *stack) {
  char **argv = (char **)(stack + 1);
  if (same(argv[1], "hog")) {
    hog(argv[2], argv[3]);
  } else if (same(argv[1], "promise")) {
    promise();
  } else if (same(argv[1], "areas")) {
    areas();
  } else if (same(argv[1], "threads")) {
    threads();
  } else if (same(argv[1], "churn")) {
    churn();
  }
  call(__NR_exit_group, 3, 0, 0, 0, 0, 0);
}
