/* A program without a C library: signals that are pending, of a thread or of the whole process, and who takes them. */
#include "beside.h"

enum { SIGKILL = 9, SIGUSR1 = 10, SIGUSR2 = 12, SIGCHLD = 17, SIGCONT = 18, SIGTSTP = 20, REAL = 40, SI_QUEUE = -1,
       SA_SIGINFO = 4, SA_RESTORER = 0x04000000, SA_RESETHAND = (int)0x80000000, BLOCK = 0, UNBLOCK = 1 };
#define BIT(signal) (1UL << ((signal)-1))

static word first;
static volatile int runs;
static volatile word taker;
static volatile int told[4];

static word self(void) {
  return call(__NR_gettid, 0, 0, 0, 0, 0, 0);
}

static word process(void) {
  return call(__NR_getpid, 0, 0, 0, 0, 0, 0);
}

static void handler(int signal, void *info, void *context) {
  (void)context;
  taker = self();
  told[runs++ & 3] = ((int *)info)[2] == SI_QUEUE ? ((int *)info)[6] : signal;
}

static void wanted(int signal, void (*what)(int, void *, void *), word flags) {
  struct action a = {what, flags | SA_SIGINFO | SA_RESTORER, restorer, 0};
  call(__NR_rt_sigaction, (word)signal, (word)&a, 0, 8, 0, 0);
}

static void mask(word how, word signals) {
  call(__NR_rt_sigprocmask, how, (word)&signals, 0, 8, 0, 0);
}

static void pending(const char *name) {
  word set = 0;
  call(__NR_rt_sigpending, (word)&set, 8, 0, 0, 0, 0);
  number(name, (long)set);
}

static long toProcess(int signal) {
  return (long)call(__NR_kill, process(), (word)signal, 0, 0, 0, 0);
}

static long toThread(word thread, int signal) {
  return (long)call(__NR_tgkill, process(), thread, (word)signal, 0, 0, 0);
}

/* Of a siginfo of 128 bytes: code, and value. */
static int made[32] = {0, 0, SI_QUEUE};

static long queue(int signal, int code, int value) {
  made[2] = code;
  made[6] = value;
  return (long)call(__NR_rt_sigqueueinfo, process(), (word)signal, (word)made, 0, 0, 0);
}

static long queueTo(word thread, int signal, int code, int value) {
  made[2] = code;
  made[6] = value;
  return (long)call(__NR_rt_tgsigqueueinfo, process(), thread, (word)signal, (word)made, 0, 0);
}

static void await(const char *name, word signals, long ms) {
  static int info[32];
  long time[2] = {ms / 1000, ms % 1000 * MS};
  for (int i = 0; i < 32; i++) {
    info[i] = 0;
  }
  number(name, (long)call(__NR_rt_sigtimedwait, (word)&signals, (word)info, ms < 0 ? 0 : (word)time, 8, 0, 0));
  number("  code", info[2]);
  number("  from here", info[2] == 0 && info[4] == (int)process());
  number("  value", info[2] == SI_QUEUE ? info[6] : 0);
}

static void taken(void) {
  number(" handlers", runs);
  number(" by the first", runs && taker == first);
  runs = 0;
}

/* Threads begin with everything blocked. */
static void unblocks(word signals) {
  pending(" other");
  mask(UNBLOCK, signals);
  taken();
}

static void waits(word signals) {
  await(" other takes", signals, 1000);
}

static volatile long sent;

static void sends(word signal) {
  sleepFor(30);
  mask(UNBLOCK, BIT(signal));
  sent = toProcess((int)signal);
}

static void sendsToFirst(word signal) {
  sleepFor(30);
  toThread(first, (int)signal);
}

static void queues(word signal) {
  number(" kill's", queue((int)signal, 0, 5));
  number(" tkill's", queueTo(first, (int)signal, -6, 5));
  number(" own", queueTo(self(), (int)signal, 0, 5));
  number(" program's", queue((int)signal, -1, 6));
}

static void all(void) {
  word everything = BIT(SIGUSR1) | BIT(SIGUSR2) | BIT(SIGCHLD) | BIT(SIGTSTP) | BIT(REAL);
  wanted(SIGUSR1, handler, 0);
  wanted(SIGUSR2, handler, 0);
  wanted(REAL, handler, 0);
  mask(BLOCK, everything);

  text("process\n");
  toProcess(SIGUSR1);
  pending("pending");
  start(unblocks, BIT(SIGUSR1));
  join();
  pending("pending");

  text("thread\n");
  toThread(first, SIGUSR1);
  start(unblocks, BIT(SIGUSR1));
  join();
  pending("pending");
  mask(UNBLOCK, BIT(SIGUSR1));
  taken();
  mask(BLOCK, BIT(SIGUSR1));

  text("both\n");
  number("to process", queue(REAL, SI_QUEUE, 1));
  number("to process", queue(REAL, SI_QUEUE, 2));
  number("to thread", queueTo(self(), REAL, SI_QUEUE, 3));
  mask(UNBLOCK, BIT(REAL));
  number("first", told[0]);
  number("second", told[1]);
  number("third", told[2]);
  taken();
  mask(BLOCK, BIT(REAL));

  text("taken by waiting\n");
  toProcess(SIGUSR1);
  await("at once", BIT(SIGUSR1) | BIT(SIGUSR2), -1);
  pending("pending");
  toProcess(SIGUSR1);
  start(waits, BIT(SIGUSR1));
  join();
  pending("pending");
  start(waits, BIT(SIGUSR2));
  sleepFor(30);
  toProcess(SIGUSR2);
  join();
  pending("pending");
  queue(REAL, SI_QUEUE, 7);
  await("real time", BIT(REAL), 0);
  taken();

  text("waiting in vain\n");
  await("no time", BIT(SIGUSR1), 0);
  await("a time", BIT(SIGUSR1), 10);
  mask(UNBLOCK, BIT(SIGUSR2));
  start(sendsToFirst, SIGUSR2);
  await("another", BIT(SIGUSR1), -1);
  taken();
  join();
  word none = 0;
  long bad[2] = {0, 1000000000};
  number("bad time", (long)call(__NR_rt_sigtimedwait, (word)&none, 0, (word)bad, 8, 0, 0));
  number("bad size", (long)call(__NR_rt_sigtimedwait, (word)&none, 0, 0, 4, 0, 0));
  number("bad place", (long)call(__NR_rt_sigtimedwait, 8, 0, (word)bad, 8, 0, 0));
  toProcess(SIGUSR1);
  none = BIT(SIGUSR1);
  number("bad info", (long)call(__NR_rt_sigtimedwait, (word)&none, 8, 0, 8, 0, 0));
  pending("pending");
  mask(BLOCK, BIT(SIGUSR2));

  text("ignored\n");
  toProcess(SIGCHLD);
  pending("blocked");
  await("taken", BIT(SIGCHLD), 0);
  toThread(self(), SIGCHLD);
  pending("blocked");
  wanted(SIGCHLD, (void (*)(int, void *, void *))1, 0);
  pending("ignored now");
  toProcess(SIGCHLD);
  pending("ignored");
  await("taken", BIT(SIGCHLD), 0);
  toProcess(SIGTSTP);
  pending("stops");
  toProcess(SIGCONT);
  pending("goes on");

  text("the first thread\n");
  mask(UNBLOCK, BIT(SIGUSR2));
  start(sends, SIGUSR2);
  sleepFor(1);
  static int never;
  number("called away", (long)call(__NR_futex, (word)&never, 0, 0, 0, 0, 0));
  taken();
  join();
  number(" sent", sent);
  mask(BLOCK, BIT(SIGUSR2));

  text("who may\n");
  wanted(SIGCHLD, (void (*)(int, void *, void *))0, 0);
  start(queues, SIGCHLD);
  join();
  await("what came", BIT(SIGCHLD), 0);
  number("kill", toProcess(100));
  number("kill nobody", (long)call(__NR_kill, 0x3ffffff, 100, 0, 0, 0, 0));
  number("nobody", (long)call(__NR_kill, 0x3ffffff, 0, 0, 0, 0, 0));
  number("tgkill", toThread(self(), 65));
  number("tgkill nobody", toThread(0x3ffffff, 65));
  number("tgkill 0", toThread(0, 0));
  number("tgkill another", (long)call(__NR_tgkill, process() + 1, self(), 0, 0, 0, 0));
  number("tkill -1", (long)call(__NR_tkill, (word)-1, 0, 0, 0, 0, 0));
  number("queue nobody", (long)call(__NR_rt_sigqueueinfo, 0x3ffffff, 10, (word)made, 0, 0, 0));
  number("queue nothing", (long)call(__NR_rt_sigqueueinfo, process(), 10, 8, 0, 0, 0));
  number("queue", queue(-1, SI_QUEUE, 0));
  number("queue to 0", queueTo(0, 10, SI_QUEUE, 0));
  number("sigpending", (long)call(__NR_rt_sigpending, (word)&none, 9, 0, 0, 0, 0));
  number("sigsuspend", (long)call(__NR_rt_sigsuspend, (word)&none, 4, 0, 0, 0, 0));

  text("actions\n");
  struct action a = {handler, (word)(unsigned)SA_RESETHAND | SA_SIGINFO | SA_RESTORER, restorer, BIT(SIGKILL) | 1};
  struct action was;
  call(__NR_rt_sigaction, SIGUSR1, (word)&a, 0, 8, 0, 0);
  mask(UNBLOCK, BIT(SIGUSR1));
  toProcess(SIGUSR1);
  taken();
  call(__NR_rt_sigaction, SIGUSR1, 0, (word)&was, 8, 0, 0);
  number("handler", was.handler != 0);
  number("flags", (long)was.flags);
  number("mask", (long)was.mask);
}

__attribute__((used)) void entry(long *stack) {
  (void)stack;
  first = self();
  all();
  call(__NR_exit_group, 3, 0, 0, 0, 0, 0);
}
