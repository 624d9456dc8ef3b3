/* Threads of the C library that take turns: mutex, condition, thread-local storage, a barrier, a sleep. */
#include <pthread.h>
#include <stdio.h>
#include <time.h>

enum { THREADS = 5, TURNS = 40 };
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static int turn;
static long sum;
static __thread long mine;

static void *work(void *argument) {
  long id = (long)argument;
  for (int i = 0; i < TURNS; i++) {
    pthread_mutex_lock(&mutex);
    while (turn % THREADS != id) {
      pthread_cond_wait(&changed, &mutex);
    }
    turn++;
    sum += id;
    mine++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
  }
  pthread_barrier_wait(&barrier);
  return (void *)mine;
}

int main(void) {
  pthread_t threads[THREADS];
  struct timespec pause = {0, 1000000};
  long all = 0;
  pthread_barrier_init(&barrier, NULL, THREADS + 1);
  for (long i = 0; i < THREADS; i++) {
    if (pthread_create(&threads[i], NULL, work, (void *)i) != 0) {
      puts("no thread");
      return 1;
    }
  }
  pthread_barrier_wait(&barrier);
  for (int i = 0; i < THREADS; i++) {
    void *result;
    pthread_join(threads[i], &result);
    all += (long)result;
  }
  nanosleep(&pause, NULL);
  printf("turns %d, sum %ld, each its own %ld\n", turn, sum, all);
  return 3;
}
