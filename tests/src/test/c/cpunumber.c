/* Two threads at once: each says the CPU that `getcpu` tells (node << 12 | CPU), and the number that RDTSCP, or RDPID,
   gives. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static int ready;
static int by_rdpid;
static unsigned told[2], read_[2];

static unsigned number(void) {
  unsigned long id;
  if (by_rdpid) {
    __asm__ volatile("rdpid %0" : "=r"(id));
  } else {
    __asm__ volatile("rdtscp" : "=c"(id) : : "rax", "rdx");
  }
  return (unsigned)id;
}

static unsigned cpu(void) {
  unsigned cpu, node;
  syscall(SYS_getcpu, &cpu, &node, 0);
  return node << 12 | cpu;
}

static void *work(void *argument) {
  long id = (long)argument;
  __atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
  while (__atomic_load_n(&ready, __ATOMIC_SEQ_CST) < 2) {
  }
  do {
    told[id] = cpu();
    read_[id] = number();
  } while (told[id] != cpu());
  return 0;
}

int main(int argc, char **argv) {
  pthread_t other;
  (void)argv;
  by_rdpid = argc > 1;
  pthread_create(&other, 0, work, (void *)1);
  work((void *)0);
  pthread_join(other, 0);
  for (int i = 0; i < 2; i++) {
    printf("%x %x\n", told[i], read_[i]);
  }
  return 0;
}
