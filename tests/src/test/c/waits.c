/* A program without a C library: calls that wait, and are called away by signals. Parts: handlers, whose lines are the
   same on Linux; ignored, where the signal is not wanted any more before the thread that waits runs (on one CPU). */
#include "bare.h"

enum { SIGUSR1 = 10, SA_SIGINFO = 4, SA_RESTORER = 0x04000000, SA_RESTART = 0x10000000, PRIVATE = 2, ANONYMOUS = 0x20,
       ABSOLUTE = 1, MONOTONIC = 1, FLAGS = 0x350f00, MS = 1000000 };

struct action {
  void (*handler)(int, void *, void *);
  word flags;
  void (*restorer)(void);
  word mask;
};
void restorer(void);

static volatile int word_;
static volatile int runs;
static int ids[1];

static void handler(int signal, void *info, void *context) {
  runs += signal == SIGUSR1 && info && context;
  word_ = 1;
}

static void wanted(void (*what)(int, void *, void *), word flags) {
  struct action a = {what, flags | SA_SIGINFO | SA_RESTORER, restorer, 0};
  call(__NR_rt_sigaction, SIGUSR1, (word)&a, 0, 8, 0, 0);
}

static void sleepFor(long ms) {
  long time[2] = {0, ms * MS};
  call(__NR_nanosleep, (word)time, 0, 0, 0, 0, 0);
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

static void start(void (*what)(word), word argument) {
  word stack = call(__NR_mmap, 0, 65536, 3, PRIVATE | ANONYMOUS, (word)-1, 0) + 65536;
  thread(FLAGS, (word *)stack, &ids[0], &ids[0], 0, what, argument);
}

static void join(void) {
  for (int id; (id = __atomic_load_n(&ids[0], __ATOMIC_ACQUIRE)) != 0;) {
    call(__NR_futex, (word)&ids[0], 0, (word)id, 0, 0, 0);
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
  if (!unwanted) {
    called("rt_sigsuspend", __NR_rt_sigsuspend, (word)&none, 8, 0, 0);
  }
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
  first = (word)ids[0];
  send();
  join();
  number("heard", word_);
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
    spinner();
  }
  call(__NR_exit_group, 3, 0, 0, 0, 0, 0);
}
