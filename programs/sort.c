/* Sorts the same numbers by quicksort, heapsort, merge sort, radix sort and the library's qsort; all must agree. */
#include "common.h"

static void swap(uint32_t *a, uint32_t *b) {
  uint32_t t = *a;
  *a = *b;
  *b = t;
}

static void quick(uint32_t *a, long n) {
  while (n > 12) {
    uint32_t pivot = a[n / 2];
    long i = 0, j = n - 1;
    while (i <= j) {
      while (a[i] < pivot) {
        i++;
      }
      while (a[j] > pivot) {
        j--;
      }
      if (i <= j) {
        swap(a + i++, a + j--);
      }
    }
    if (j + 1 < n - i) {
      quick(a, j + 1);
      a += i;
      n -= i;
    } else {
      quick(a + i, n - i);
      n = j + 1;
    }
  }
  for (long i = 1; i < n; i++) {
    for (long j = i; j > 0 && a[j - 1] > a[j]; j--) {
      swap(a + j - 1, a + j);
    }
  }
}

static void sift(uint32_t *a, long from, long n) {
  for (long child; (child = 2 * from + 1) < n; from = child) {
    child += child + 1 < n && a[child + 1] > a[child];
    if (a[from] >= a[child]) {
      return;
    }
    swap(a + from, a + child);
  }
}

static void heap(uint32_t *a, long n) {
  for (long i = n / 2; i-- > 0;) {
    sift(a, i, n);
  }
  while (n-- > 1) {
    swap(a, a + n);
    sift(a, 0, n);
  }
}

static void merge(uint32_t *a, long n) {
  uint32_t *other = malloc((size_t) n * sizeof *a), *from = a, *to = other;
  for (long width = 1; width < n; width *= 2) {
    for (long at = 0; at < n; at += 2 * width) {
      long i = at, middle = at + width < n ? at + width : n, j = middle, end = at + 2 * width < n ? at + 2 * width : n;
      for (long k = at; k < end; k++) {
        to[k] = i < middle && (j >= end || from[i] <= from[j]) ? from[i++] : from[j++];
      }
    }
    uint32_t *t = from;
    from = to;
    to = t;
  }
  if (from != a) {
    memcpy(a, from, (size_t) n * sizeof *a);
  }
  free(other);
}

static void radix(uint32_t *a, long n) {
  uint32_t *other = malloc((size_t) n * sizeof *a);
  for (int shift = 0; shift < 32; shift += 8) {
    long starts[257] = {0};
    for (long i = 0; i < n; i++) {
      starts[(a[i] >> shift & 255) + 1]++;
    }
    for (int i = 0; i < 256; i++) {
      starts[i + 1] += starts[i];
    }
    for (long i = 0; i < n; i++) {
      other[starts[a[i] >> shift & 255]++] = a[i];
    }
    memcpy(a, other, (size_t) n * sizeof *a);
  }
  free(other);
}

static int order(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;
  return x < y ? -1 : x > y;
}

static void library(uint32_t *a, long n) { qsort(a, (size_t) n, sizeof *a, order); }

int main(int argc, char **argv) {
  static void (*const sorts[])(uint32_t *, long) = {quick, heap, merge, radix, library};
  static const char *const names[] = {"quick", "heap", "merge", "radix", "library"};
  long n = rounds(argc, argv, 3000);
  uint32_t *numbers = malloc((size_t) n * sizeof *numbers), *copy = malloc((size_t) n * sizeof *copy);
  for (long i = 0; i < n; i++) {
    numbers[i] = (uint32_t) (next_random() >> (i % 3 * 20));
  }
  for (int s = 0; s < 5; s++) {
    memcpy(copy, numbers, (size_t) n * sizeof *copy);
    sorts[s](copy, n);
    printf("sort %s ", names[s]);
    told("of numbers", mix(START, copy, (size_t) n * sizeof *copy));
  }
  return 0;
}
