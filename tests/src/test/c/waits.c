/* A program without a C library: calls that wait, and are called away by signals. Parts: handlers, whose lines are the
   same on Linux; ignored, where the signal is not wanted any more before the thread that waits runs (on one CPU). */
#include "beside.h"

enum { SIGUSR1 = 10, SA_SIGINFO = 4, SA_RESTORER = 0x04000000, SA_RESTART = 0x10000000, ABSOLUTE = 1,
       MONOTONIC = 1 };

static volatile int word_;
static volatile int runs;

static void handler(int signal, void *info, void *context) {
  runs += signal == SIGUSR1 && info && context;
  word_ = 1;
}

static void wanted(void (*what)(int, void *, void *), word flags) {
  struct action a = {what, flags | SA_SIGINFO | SA_RESTORER, restorer, 0};
  call(__NR_rt_sigaction, SIGUSR1, (word)&a, 0, 8, 0, 0);
}

static word first;

static void send(void) {
  call(__NR_tgkill, call(__NR_getpid, 0, 0, 0, 0, 0, 0), first, SIGUSR1, 0, 0, 0);
}

static void sendLater(word unwanted) {
  sleepFor(30);
  send();
  if (unwanted) {
    wanted((void (*)(int, void *, void *))1, 0);
  }
}

static word unwanted;

static void called(const char *name, word n, word a, word b, word c, word d) {
  if (unwanted) {
    wanted(handler, 0);
  }
  word_ = 0;
  runs = 0;
  start(sendLater, unwanted);
  number(name, (long)call(n, a, b, c, d, 0, 0));
  number(" handlers", runs);
  join();
}

static void all(void) {
  long forever[2] = {1000, 0};
  long little[2] = {0, 90 * MS};
  long left[2] = {0, 0};
  long now[2];
  word none = 0;
  called("futex", __NR_futex, (word)&word_, 0, 0, unwanted ? (word)little : 0);
  called("futex, a time", __NR_futex, (word)&word_, 0, 0, (word)(unwanted ? little : forever));
  called("nanosleep", __NR_nanosleep, (word)(unwanted ? little : forever), (word)left, 0, 0);
  number(" left", left[0] * 1000 + left[1] / MS > (unwanted ? 40 : 998000));
  called("nanosleep, bad place", __NR_nanosleep, (word)(unwanted ? little : forever), 8, 0, 0);
  called("clock_nanosleep", __NR_clock_nanosleep, MONOTONIC, 0, (word)(unwanted ? little : forever), 0);
  call(__NR_clock_gettime, MONOTONIC, (word)now, 0, 0, 0, 0);
  now[0] += unwanted ? 0 : 1000;
  now[1] += unwanted && now[1] < 900 * MS ? 90 * MS : 0;
  called("clock_nanosleep, absolute", __NR_clock_nanosleep, MONOTONIC, ABSOLUTE, (word)now, 0);
  long time[2] = {unwanted ? 0 : 1000, unwanted ? 90 * MS : 0};
#ifdef __NR_poll
  called("poll", __NR_poll, 0, 0, unwanted ? 90 : (word)-1, 0);
#else
  called("poll", __NR_ppoll, 0, 0, unwanted ? (word)little : 0, 0);
#endif
  called("ppoll", __NR_ppoll, 0, 0, (word)time, 0);
  number(" left", time[0] * 1000 + time[1] / MS > (unwanted ? 40 : 998000));
  if (!unwanted) {
    called("rt_sigsuspend", __NR_rt_sigsuspend, (word)&none, 8, 0, 0);
  }
}

/* ppoll lets signals come while it waits, unless a file is ready. */
static void masked(void) {
  struct {
    int file;
    short wanted;
    short ready;
  } file = {1, 0x145, 0};
  word none = 0;
  word mask = 1UL << (SIGUSR1 - 1);
  call(__NR_rt_sigprocmask, 0, (word)&mask, 0, 8, 0, 0);
  runs = 0;
  start(sendLater, 0);
  number("ppoll of none", (long)call(__NR_ppoll, 0, 0, 0, (word)&none, 8, 0));
  join();
  number(" handlers", runs);
  send();
  number("ppoll of one", (long)call(__NR_ppoll, (word)&file, 1, 0, (word)&none, 8, 0));
  number(" ready", file.ready & 0x104);
  number(" handlers", runs);
  call(__NR_rt_sigprocmask, 1, (word)&mask, 0, 8, 0, 0);
  number(" handlers", runs);
  long bad[2] = {0, -1};
  number("bad time", (long)call(__NR_ppoll, 0, 0, (word)bad, 0, 8, 0));
  number("bad mask", (long)call(__NR_ppoll, 0, 0, 0, (word)&none, 4, 0));
  number("bad files", (long)call(__NR_ppoll, 8, 1, 0, (word)&none, 8, 0));
}

/* A thread that ends with a lock: its list has a lock of another's, too, and one that it is just about to take. */
static word list[3];
static word locks[6];

static void dies(word unused) {
  (void)unused;
  word id = call(__NR_gettid, 0, 0, 0, 0, 0, 0);
  list[0] = (word)&locks[0];
  list[1] = 8;
  list[2] = (word)&locks[4];
  locks[0] = (word)&locks[2];
  locks[2] = (word)list;
  locks[3] = id + 1;
  locks[5] = id;
  number("list", (long)call(__NR_set_robust_list, (word)list, 24, 0, 0, 0, 0));
  __atomic_store_n(&locks[1], id | 0x80000000, __ATOMIC_RELEASE);
  sleepFor(50);
}

static void robust(void) {
  number("size", (long)call(__NR_set_robust_list, (word)list, 8, 0, 0, 0, 0));
  start(dies, 0);
  word owner;
  while ((owner = __atomic_load_n(&locks[1], __ATOMIC_ACQUIRE)) == 0) {
    call(__NR_sched_yield, 0, 0, 0, 0, 0, 0);
  }
  number("woken", (long)call(__NR_futex, (word)&locks[1], 0, owner, 0, 0, 0));
  join();
  number("lock", (long)locks[1]);
  number("another's", locks[3] == (owner & 0x3fffffff) + 1);
  number("pending", (long)locks[5]);
}

/* A thread that runs hears of a signal. */
static volatile int spinning;

static void spin(word unused) {
  (void)unused;
  spinning = 1;
  while (word_ == 0) {
  }
}

static void spinner(void) {
  word_ = 0;
  start(spin, 0);
  while (!spinning) {
    call(__NR_sched_yield, 0, 0, 0, 0, 0, 0);
  }
  first = (word)beside[0];
  send();
  join();
  number("heard", word_);
}

/* Threads whose time has come go on, whoever computes on all CPUs. */
static volatile int over;

static void compute(word unused) {
  (void)unused;
  while (!over) {
  }
}

static void waker(void) {
  static int never;
  static const long little[2] = {0, MS / 3};
  long time[2] = {0, MS / 3};
  over = 0;
  start(compute, 0);
  number("nanosleep", (long)call(__NR_nanosleep, (word)little, 0, 0, 0, 0, 0));
  number("futex", (long)call(__NR_futex, (word)&never, 0, 0, (word)little, 0, 0));
  number("ppoll", (long)call(__NR_ppoll, 0, 0, (word)time, 0, 0, 0));
  number(" left", time[0] + time[1]);
  over = 1;
  join();
}

static void polled(const char *name, word files, word n, word time, word signals, word size) {
  word after = 0;
  runs = 0;
  send();
  number(name, (long)call(__NR_ppoll, files, n, time, signals, size, 0));
  number(" handlers", runs);
  call(__NR_rt_sigprocmask, 0, 0, (word)&after, 8, 0, 0);
  number(" blocked", (long)after);
  call(__NR_rt_sigpending, (word)&after, 8, 0, 0, 0, 0);
  number(" pending", (long)after);
}

/* What is ready, with a signal pending that is blocked, but not while the call waits. */
static void ready(void) {
  enum { IN = 1, OUT = 4, FILES = 4 };
  static struct {
    int file;
    short wanted;
    short ready;
  } files[FILES] = {{1, OUT, 0}, {99, IN, 0}, {-1, IN, 1}, {1, 0, 1}};
  long never[2] = {1000, 0};
  long none[2] = {0, 0};
  long bad[2] = {0, 1000 * MS};
  long little[2] = {0, MS};
  word blocked = 1UL << (SIGUSR1 - 1);
  word unblocked = 0;
  first = call(__NR_gettid, 0, 0, 0, 0, 0, 0);
  wanted(handler, 0);
  call(__NR_rt_sigprocmask, 0, (word)&blocked, 0, 8, 0, 0);
  polled("ready", (word)files, FILES, (word)never, (word)&unblocked, 8);
  for (int i = 0; i < FILES; i++) {
    number("  for", files[i].ready);
  }
  number(" left", never[0] >= 999);
  polled("not ready", 0, 0, (word)none, 0, 0);
  polled("a time", (word)(files + 2), 2, (word)little, (word)&blocked, 8);
  number(" left", little[0] + little[1]);
  polled("bad time", 0, 0, (word)bad, (word)&unblocked, 8);
  polled("no time", 0, 0, 16, (word)&unblocked, 8);
  polled("bad size", 0, 0, (word)none, (word)&unblocked, 4);
  polled("no mask", 0, 0, (word)none, 16, 8);
  polled("no files", 16, 1, (word)none, (word)&unblocked, 8);
  polled("too many", (word)files, 0x7fffffff, (word)none, (word)&unblocked, 8);
  polled("signal, no time", (word)(files + 2), 2, (word)none, (word)&unblocked, 8);
  polled("signal", (word)(files + 2), 2, 0, (word)&unblocked, 8);
}

__attribute__((used)) void entry(long *stack) {
  char **argv = (char **)(stack + 1);
  first = call(__NR_gettid, 0, 0, 0, 0, 0, 0);
  unwanted = (word)same(argv[1], "ignored");
  if (unwanted) {
    all();
  } else {
    number("restart_syscall", (long)call(__NR_restart_syscall, 0, 0, 0, 0, 0, 0));
    for (word flags = 0; flags <= SA_RESTART; flags += SA_RESTART) {
      number("SA_RESTART", flags != 0);
      wanted(handler, flags);
      all();
    }
    masked();
    robust();
    spinner();
    waker();
    ready();
  }
  call(__NR_exit_group, 3, 0, 0, 0, 0, 0);
}
