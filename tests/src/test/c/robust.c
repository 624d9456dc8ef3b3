/* A program without a C library: locks whose owner ends, in the list that it has told (set_robust_list). */
#include "bare.h"

enum { LOCKS = 4, THREAD = 0x350f00, MS = 1000000, OTHER = 1 };
enum how { PLAIN, OTHERS, WAITED, UNWAITED, INHERITS, PENDING, RELEASED, TWICE, RING, LOST, CROOKED, NOWHERE, ALL };
#define WAITERS 0x80000000U
#define OWNER 0x3fffffffU

struct entry {
  struct entry *next;
};
static struct lock {
  struct entry entry;
  unsigned value;
} locks[LOCKS];
static struct {
  struct entry *next;
  long offset;
  struct entry *pending;
} head;

static int id;
static volatile int there;

static void owner(word how) {
  unsigned self = (unsigned)call(__NR_gettid, 0, 0, 0, 0, 0, 0);
  struct entry *last = (struct entry *)&head;
  for (int i = 0; i < LOCKS; i++) {
    locks[i].entry.next = i + 1 < LOCKS ? &locks[i + 1].entry : last;
    locks[i].value = self;
  }
  head.next = &locks[0].entry;
  head.offset = (char *)&locks[0].value - (char *)&locks[0];
  head.pending = 0;
  switch ((enum how)how) {
    case OTHERS: locks[1].value = self + OTHER; break;
    case WAITED: locks[0].value |= WAITERS; break;
    case INHERITS: head.next = (struct entry *)((char *)head.next + 1); locks[0].value |= WAITERS; break;
    case PENDING: locks[2].entry.next = last; head.pending = &locks[3].entry; break;
    case RELEASED: head.next = last; head.pending = &locks[0].entry; locks[0].value = 0; break;
    case TWICE: head.pending = &locks[3].entry; break;
    case RING: locks[3].entry.next = &locks[0].entry; break;
    case LOST: locks[1].entry.next = (struct entry *)8; break;
    case CROOKED: head.next = (struct entry *)((char *)&locks[0].entry + 2); break;
    default: break;
  }
  call(__NR_set_robust_list, how == NOWHERE ? 8 : (word)&head, sizeof(head), 0, 0, 0, 0);
  __atomic_store_n(&there, 1, __ATOMIC_RELEASE);
  long time[2] = {0, 50 * MS};
  call(__NR_nanosleep, (word)time, 0, 0, 0, 0, 0);
}

static void lets(word how) {
  static word room[8192] __attribute__((aligned(16)));
  static const char *const names[ALL] = {"plain", "others", "waited", "unwaited", "inherits", "pending", "released",
                                         "twice", "ring", "lost", "crooked", "nowhere"};
  there = 0;
  text(names[how]);
  text("\n");
  thread(THREAD, room + 8192, &id, &id, 0, owner, how);
  while (!__atomic_load_n(&there, __ATOMIC_ACQUIRE)) {
    call(__NR_sched_yield, 0, 0, 0, 0, 0, 0);
  }
  if (how == WAITED || how == UNWAITED || how == INHERITS || how == RELEASED) {
    long time[2] = {0, 200 * MS};
    number("waiter", (long)call(__NR_futex, (word)&locks[0].value, 0, locks[0].value, (word)time, 0, 0));
  }
  for (int i; (i = __atomic_load_n(&id, __ATOMIC_ACQUIRE)) != 0;) {
    call(__NR_futex, (word)&id, 0, (word)i, 0, 0, 0);
  }
  for (int i = 0; i < LOCKS; i++) {
    number(" flags", locks[i].value >> 30);
    number("  owned", (locks[i].value & OWNER) != 0);
  }
}

__attribute__((used)) void entry(long *stack) {
  (void)stack;
  for (word how = 0; how < ALL; how++) {
    lets(how);
  }
  call(__NR_exit_group, 3, 0, 0, 0, 0, 0);
}
