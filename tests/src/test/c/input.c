/* A program without a C library: standard input, which a peer fills who sees what stands on standard output. A line that
   begins with '?' asks for what stands behind it, one that begins with '!' that nothing more comes. Parts: talk; copy,
   which reads to the end while another thread computes; take, which reads two bytes. */
#include "beside.h"

enum { SIGUSR1 = 10, SA_SIGINFO = 4, SA_RESTORER = 0x04000000, SA_RESTART = 0x10000000, NONBLOCK = 0x800, GETFL = 3,
       SETFL = 4, FIONREAD = 0x541b, IN = 1, LITTLE = 30, SIZE = 100 };

static char got[SIZE];
static volatile int runs;
static word first;

static long sys(word n, word a, word b, word c) {
  return (long)call(n, a, b, c, 0, 0, 0);
}

static void handler(int signal, void *info, void *context) {
  runs += signal == SIGUSR1 && info && context;
}

static void wanted(word flags) {
  struct action a = {handler, flags | SA_SIGINFO | SA_RESTORER, restorer, 0};
  call(__NR_rt_sigaction, SIGUSR1, (word)&a, 0, 8, 0, 0);
}

static void taken(const char *name, long count) {
  number(name, count);
  number(" handlers", runs);
  runs = 0;
  if (count > 0) {
    sys(__NR_write, 1, (word)got, (word)count);
  }
}

static long take(word count) {
  return sys(__NR_read, 0, (word)got, count);
}

static void poll(const char *name, short events, long ms) {
  struct {
    int file;
    short wanted;
    short ready;
  } file = {0, events, 0x55};
  long time[2] = {ms / 1000, ms % 1000 * MS};
  number(name, (long)call(__NR_ppoll, (word)&file, 1, ms < 0 ? 0 : (word)time, 0, 8, 0));
  number(" for", file.ready);
}

static void waiting(void) {
  int count = -1;
  number("FIONREAD", sys(__NR_ioctl, 0, FIONREAD, (word)&count));
  number(" bytes", count);
}

static void ask(word line) {
  sleepFor(LITTLE);
  text((const char *)line);
}

static void send(word line) {
  sleepFor(LITTLE);
  call(__NR_tgkill, call(__NR_getpid, 0, 0, 0, 0, 0, 0), first, SIGUSR1, 0, 0, 0);
  if (line) {
    ask(line);
  }
}

static volatile int over;

static void compute(word unused) {
  (void)unused;
  while (!over) {
  }
}

static void askAndCompute(word line) {
  ask(line);
  compute(0);
}

static void talk(void) {
  poll("nothing yet", IN, 0);
  waiting();
  poll("nothing in a while", IN, LITTLE);
  long flags = sys(__NR_fcntl, 0, GETFL, 0);
  sys(__NR_fcntl, 0, SETFL, (word)flags | NONBLOCK);
  taken("not blocking", take(SIZE));
  sys(__NR_fcntl, 0, SETFL, (word)flags & ~(word)NONBLOCK);

  text("?alone\n");
  taken("alone", take(SIZE));
  start(ask, (word) "?one\n");
  taken("another asks", take(SIZE));
  join();
  start(ask, (word) "?two or three\n");
  poll("poll", IN, -1);
  join();
  waiting();
  taken("a byte", take(1));
  taken("the rest", take(SIZE));
  poll("nothing again", IN, 0);
  over = 0;
  start(askAndCompute, (word) "?while another computes\n");
  taken("all at once", take(SIZE));
  over = 1;
  join();
  struct {
    char *at;
    word size;
  } parts[] = {{got, 5}, {got + 50, 0}, {got + 5, 50}};
  start(ask, (word) "?in parts\n");
  taken("readv", sys(__NR_readv, 0, (word)parts, 3));
  join();
  taken("pread", (long)call(__NR_pread64, 0, (word)got, 1, 0, 0, 0));
  text("?there\n");
  poll("with time", IN, 60000);
  taken("there", take(SIZE));

  for (word restart = 0; restart <= SA_RESTART; restart += SA_RESTART) {
    wanted(restart);
    start(send, (word) "?behind a signal\n");
    taken("read", take(SIZE));
    if (!restart) {
      taken("then", take(SIZE));
    }
    join();
    start(send, 0);
    poll("poll", IN, -1);
    join();
  }
  start(ask, (word) "!\n");
  poll("the end", IN, -1);
  join();
  taken("end", take(SIZE));
  taken("end", take(SIZE));
  poll("still", IN, -1);
}

static void copy(void) {
  start(compute, 0);
  for (long count; (count = take(7)) > 0;) {
    sys(__NR_write, 1, (word)got, (word)count);
  }
  over = 1;
  join();
}

__attribute__((used)) void entry(long *stack) {
  char **argv = (char **)(stack + 1);
  first = (word)sys(__NR_gettid, 0, 0, 0);
  if (same(argv[1], "talk")) {
    talk();
  } else if (same(argv[1], "copy")) {
    copy();
  } else {
    taken("two", take(2));
  }
  call(__NR_exit_group, 3, 0, 0, 0, 0, 0);
}
