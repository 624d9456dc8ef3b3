/* A program without a C library: pipes. Parts: calls, what they answer one behind the other; threads, those that wait
   for what another thread does. */
#include "beside.h"

enum { SIGUSR1 = 10, SIGPIPE = 13, SA_SIGINFO = 4, SA_RESTORER = 0x04000000, SA_RESTART = 0x10000000,
       NONBLOCK = 0x800, CLOEXEC = 0x80000, GETFD = 1, GETFL = 3, SETFL = 4, SETSIZE = 1031, GETSIZE = 1032,
       FIONREAD = 0x541b, FIONBIO = 0x5421, IN = 1, OUT = 4, ALL = 0x3fff, BIG = 200000, RECORD = 3000, RECORDS = 12,
       LITTLE = 30 };

static char bytes[BIG];
static char got[BIG];
static int end[2];
static volatile int runs;
static volatile int told;
static word first;

static long sys(word n, word a, word b, word c) {
  return (long)call(n, a, b, c, 0, 0, 0);
}

static void handler(int signal, void *info, void *context) {
  told = signal;
  runs += info && context;
}

static void wanted(int signal, void (*what)(int, void *, void *), word flags) {
  struct action a = {what, flags | SA_SIGINFO | SA_RESTORER, restorer, 0};
  call(__NR_rt_sigaction, (word)signal, (word)&a, 0, 8, 0, 0);
}

static void handled(void) {
  number(" handlers", runs);
  runs = 0;
}

static void fresh(word flags) {
  if (sys(__NR_pipe2, (word)end, flags, 0)) {
    text("no pipe\n");
  }
}

static void shut(int which) {
  if (sys(__NR_close, (word)end[which], 0, 0)) {
    text("not shut\n");
  }
}

static long put(word count) {
  return sys(__NR_write, (word)end[1], (word)bytes, count);
}

static long take(word count) {
  for (word i = 0; i < count; i++) {
    got[i] = 0;
  }
  return sys(__NR_read, (word)end[0], (word)got, count);
}

/* How many bytes there are as they were written from the beginning on, behind `at` that were taken before. */
static void right(word at, long count) {
  long same = 0;
  while (same < count && got[same] == bytes[(at + (word)same) % BIG]) {
    same++;
  }
  number(" right", same);
}

static long waiting(void) {
  int count = -1;
  long result = sys(__NR_ioctl, (word)end[0], FIONREAD, (word)&count);
  return result ? result : count;
}

static void ready(const char *name) {
  struct {
    int file;
    short wanted;
    short ready;
  } files[] = {{end[0], ALL & ~0x2000, 0}, {end[1], ALL & ~0x2000, 0}, {end[0], 0, 0}, {end[1], 0, 0}};
  long none[2] = {0, 0};
  text(name);
  number(":", (long)call(__NR_ppoll, (word)files, 4, (word)none, 0, 8, 0));
  for (int i = 0; i < 4; i++) {
    number("  for", files[i].ready & 0xffff);
  }
}

static void fill(const char *name, word piece) {
  fresh(NONBLOCK);
  long times = 0;
  long sum = 0;
  long result;
  while ((result = put(piece)) > 0) {
    times++;
    sum += result;
  }
  text(name);
  number(": times", times);
  number(" bytes", sum);
  number(" end", result);
  number(" waiting", waiting());
  ready(" full");
  number(" one", take(1));
  number(" more", put(piece));
  number(" a page", take(4095));
  ready(" less");
  number(" more", put(piece));
  number(" little", put(1));
  long all = 0;
  while ((result = take(10000)) > 0) {
    all += result;
  }
  number(" all", all);
  number(" end", result);
  shut(0);
  shut(1);
}

static void numbers(void) {
  number("unknown flag", sys(__NR_pipe2, (word)end, 1, 0));
  number("bad place", sys(__NR_pipe2, 16, 0, 0));
#ifdef __NR_pipe
  number("pipe", sys(__NR_pipe, (word)end, 0, 0));
#else
  number("pipe", sys(__NR_pipe2, (word)end, 0, 0));
#endif
  number(" to read", end[0]);
  number(" to write", end[1]);
  shut(0);
  shut(1);
  for (word flags = 0; flags <= (CLOEXEC | NONBLOCK); flags += flags == NONBLOCK ? CLOEXEC - NONBLOCK : NONBLOCK) {
    fresh(flags);
    for (int i = 0; i < 2; i++) {
      number("GETFL", sys(__NR_fcntl, (word)end[i], GETFL, 0));
      number("GETFD", sys(__NR_fcntl, (word)end[i], GETFD, 0));
    }
    shut(0);
    shut(1);
  }
}

static void places(void) {
  static struct {
    word words[32];
  } stat;
  fresh(0);
  for (int i = 0; i < 2; i++) {
    word e = (word)end[i];
    number("fstat", sys(__NR_fstat, e, (word)&stat, 0));
#if defined(__x86_64__)
    number(" mode", ((int *)&stat)[6] & 0170777);
#else
    number(" mode", ((int *)&stat)[4] & 0170777);
#endif
    number("lseek", sys(__NR_lseek, e, 0, 0));
    number("pread", (long)call(__NR_pread64, e, (word)got, 1, 0, 0, 0));
    number("pwrite", (long)call(__NR_pwrite64, e, (word)bytes, 1, 0, 0, 0));
    number("ftruncate", sys(__NR_ftruncate, e, 0, 0));
    number("mmap", i ? -13 : (long)call(__NR_mmap, 0, 4096, 1, 2, e, 0));
    number("terminal", sys(__NR_ioctl, e, 0x5401, (word)got));
  }
  number("read where to write", sys(__NR_read, (word)end[1], (word)got, 1));
  number("write where to read", sys(__NR_write, (word)end[0], (word)got, 1));
  number("read nothing", take(0));
  number("write nothing", put(0));
  number("write from nowhere", sys(__NR_write, (word)end[1], 16, 5));
  number("write", put(100));
  number("read to nowhere", sys(__NR_read, (word)end[0], 16, 5));
  number("waiting", waiting());
  ready("some");
  struct {
    char *at;
    word size;
  } parts[] = {{bytes + 100, 10}, {got, 0}, {bytes + 110, 20}};
  number("writev", sys(__NR_writev, (word)end[1], (word)parts, 3));
  parts[0].at = got;
  parts[0].size = 60;
  parts[2].at = got + 60;
  parts[2].size = 1000;
  number("readv", sys(__NR_readv, (word)end[0], (word)parts, 3));
  right(0, 130);
  number("SETFL", sys(__NR_fcntl, (word)end[0], SETFL, NONBLOCK));
  number(" GETFL", sys(__NR_fcntl, (word)end[0], GETFL, 0));
  number("read", take(1));
  number("readv", sys(__NR_readv, (word)end[0], (word)parts, 3));
  int yes = 1;
  number("FIONBIO", sys(__NR_ioctl, (word)end[1], FIONBIO, (word)&yes));
  number(" GETFL", sys(__NR_fcntl, (word)end[1], GETFL, 0));
  yes = 0;
  number("FIONBIO", sys(__NR_ioctl, (word)end[0], FIONBIO, (word)&yes));
  number(" GETFL", sys(__NR_fcntl, (word)end[0], GETFL, 0));
  shut(0);
  shut(1);
}

static void sizes(void) {
  fresh(NONBLOCK);
  number("GETSIZE", sys(__NR_fcntl, (word)end[0], GETSIZE, 0));
  number("SETSIZE", sys(__NR_fcntl, (word)end[1], SETSIZE, 5000));
  number("put", put(20000));
  number("SETSIZE", sys(__NR_fcntl, (word)end[1], SETSIZE, 1));
  number("take", take(5000));
  number("SETSIZE", sys(__NR_fcntl, (word)end[1], SETSIZE, 0));
  number("GETSIZE", sys(__NR_fcntl, (word)end[0], GETSIZE, 0));
  number("SETSIZE", sys(__NR_fcntl, (word)end[0], SETSIZE, 65537));
  number("SETSIZE", sys(__NR_fcntl, (word)end[0], SETSIZE, 1 << 20));
  number("SETSIZE", sys(__NR_fcntl, (word)end[0], SETSIZE, (word)-1));
  number("put", put(BIG));
  number("take", take(BIG));
  number("of no pipe", sys(__NR_fcntl, 99, GETSIZE, 0));
  shut(0);
  shut(1);
}

static void ends(void) {
  fresh(NONBLOCK);
  number("put", put(5000));
  int other = (int)sys(__NR_dup, (word)end[1], 0, 0);
  shut(1);
  number("take", take(3000));
  ready("written by a copy");
  number("of a copy", sys(__NR_write, (word)other, (word)bytes + 5000, 10));
  sys(__NR_close, (word)other, 0, 0);
  ready("not written");
  number("take", take(5000));
  right(3000, 2010);
  ready("at its end");
  number("take", take(1));
  number("take", take(1));
  shut(0);

  fresh(0);
  other = (int)sys(__NR_dup, (word)end[0], 0, 0);
  shut(0);
  number("put", put(5));
  handled();
  sys(__NR_close, (word)other, 0, 0);
  ready("not read");
  number("put", put(5));
  handled();
  number("put nothing", put(0));
  handled();
  struct {
    char *at;
    word size;
  } part = {bytes, 10};
  number("writev", sys(__NR_writev, (word)end[1], (word)&part, 1));
  handled();
  wanted(SIGPIPE, (void (*)(int, void *, void *))1, 0);
  number("put", put(5));
  handled();
  wanted(SIGPIPE, handler, 0);
  shut(1);
}

/* ---- threads */

static void putLater(word count) {
  sleepFor(LITTLE);
  put(count);
}

static void putTwice(word count) {
  putLater(count);
  putLater(count);
}

static void shutLater(word which) {
  sleepFor(LITTLE);
  shut((int)which);
}

static volatile long taken;

static void takeLater(word count) {
  sleepFor(LITTLE);
  for (long now = 0; taken < (long)count && now >= 0; taken += now) {
    now = sys(__NR_read, (word)end[0], (word)got + (word)taken, 3001);
  }
}

static void takeMuchLater(word count) {
  sleepFor(2 * LITTLE);
  takeLater(count);
}

static void send(word putsThen) {
  sleepFor(LITTLE);
  call(__NR_tgkill, call(__NR_getpid, 0, 0, 0, 0, 0, 0), first, SIGUSR1, 0, 0, 0);
  if (putsThen) {
    putLater(putsThen);
  }
}

static long polled(int which, short events, long ms, short *was) {
  struct {
    int file;
    short wanted;
    short ready;
  } file = {end[which], events, 0x55};
  long time[2] = {0, ms * MS};
  long result = (long)call(__NR_ppoll, (word)&file, 1, ms < 0 ? 0 : (word)time, 0, 8, 0);
  *was = file.ready;
  return result;
}

static void poll(const char *name, int which, short events, long ms) {
  short was;
  number(name, polled(which, events, ms, &was));
  number(" for", was);
}

static void waits(void) {
  fresh(0);
  start(putLater, 5);
  number("read that waits", take(100));
  right(0, 5);
  join();
  start(putTwice, 7);
  number("read that waits", take(100));
  number("again", take(100));
  join();
  start(putLater, 7);
  poll("poll that waits", 0, IN, -1);
  number(" waiting", waiting());
  join();
  take(100);
  poll("poll in vain", 0, IN, LITTLE);
  number("put", put(65536));
  poll("poll in vain", 1, OUT, LITTLE);
  taken = 0;
  start(takeLater, 65536);
  poll("poll to write", 1, OUT, -1);
  join();
  number(" taken", taken);
  right(0, taken);

  taken = 0;
  start(takeLater, BIG);
  number("write that waits", put(BIG));
  join();
  number(" taken", taken);
  right(0, taken);
  start(shutLater, 1);
  number("read to the end", take(100));
  join();
  shut(0);

  fresh(0);
  start(shutLater, 1);
  poll("poll to the end", 0, IN, -1);
  join();
  shut(0);
  fresh(0);
  put(65536);
  start(shutLater, 0);
  number("write to nobody", put(1));
  handled();
  join();
  shut(1);
  fresh(0);
  start(shutLater, 0);
  number("write to nobody any more", put(100000));
  handled();
  join();
  start(shutLater, 1);
  poll("poll of nobody", 1, 0, -1);
  join();
}

/* An end that is waited for is there as long. */
static void closesThenPuts(word unused) {
  (void)unused;
  sleepFor(LITTLE);
  long closed = sys(__NR_close, (word)end[0], 0, 0);
  long before = put(9);
  sleepFor(LITTLE);
  number("close", closed);
  number("put", before);
  number("put", put(9));
  handled();
}

static void shared(void) {
  fresh(0);
  start(closesThenPuts, 0);
  number("read of what is closed", take(100));
  join();
  shut(1);
}

static volatile long sums[BESIDE];

static void reads(word which) {
  char buffer[10];
  sums[which] = sys(__NR_read, (word)end[0], (word)buffer, 10);
}

static void readers(void) {
  fresh(0);
  start(reads, 0);
  start(reads, 1);
  sleepFor(LITTLE);
  number("put", put(15));
  join();
  number("two readers", sums[0] + sums[1]);
  shut(0);
  shut(1);
}

static void writes(word letter) {
  char record[RECORD];
  for (int i = 0; i < RECORD; i++) {
    ((volatile char *)record)[i] = (char)letter;
  }
  for (int i = 0; i < RECORDS; i++) {
    sys(__NR_write, (word)end[1], (word)record, RECORD);
  }
}

/* What is written in up to a page does not mix. */
static void records(void) {
  long whole = 0;
  fresh(0);
  sys(__NR_fcntl, (word)end[1], SETSIZE, 4096);
  start(writes, 'a');
  start(writes, 'b');
  for (int i = 0; i < 2 * RECORDS; i++) {
    for (long n = 0; n < RECORD;) {
      n += sys(__NR_read, (word)end[0], (word)got + (word)n, (word)(RECORD - n));
    }
    int same = 0;
    while (same < RECORD && got[same] == got[0]) {
      same++;
    }
    whole += same == RECORD;
  }
  join();
  number("whole records", whole);
  shut(0);
  shut(1);
}

static void signals(void) {
  for (word flags = 0; flags <= SA_RESTART; flags += SA_RESTART) {
    number("SA_RESTART", flags != 0);
    wanted(SIGUSR1, handler, flags);
    fresh(0);
    start(send, 3);
    number("read", take(100));
    handled();
    join();
    if (!flags) {
      number(" then", take(100));
    }
    start(send, 0);
    poll("poll", 0, IN, -1);
    handled();
    join();
    start(send, 0);
    number("write", put(100000));
    handled();
    join();
    number("take", take(BIG));
    put(65536);
    taken = 0;
    start(send, 0);
    start(takeMuchLater, 65536);
    number("write", put(65536));
    join();
    handled();
    shut(0);
    shut(1);
  }
}

__attribute__((used)) void entry(long *stack) {
  char **argv = (char **)(stack + 1);
  for (word i = 0; i < BIG; i++) {
    bytes[i] = (char)(i * 7 + i / 251);
  }
  first = (word)sys(__NR_gettid, 0, 0, 0);
  wanted(SIGPIPE, handler, 0);
  if (same(argv[1], "calls")) {
    numbers();
    places();
    fill("pages", 4096);
    fill("bytes", 1);
    fill("odd", 3000);
    fill("less than a page", 4095);
    fill("more than a page", 5000);
    fill("more than fits", 100000);
    sizes();
    ends();
  } else {
    waits();
    shared();
    readers();
    records();
    signals();
  }
  number("signal", told);
  call(__NR_exit_group, 3, 0, 0, 0, 0, 0);
}
