/* long double: x87 on x86-64, quadruple precision by software on AArch64. Prints as double, which is the same. */
#include "common.h"
#include <math.h>

int main(int argc, char **argv) {
  long rounds = argc > 1 ? atol(argv[1]) : 1;
  volatile long double sum = 0, product = 1;
  for (long i = 1; i <= 2000 * rounds; i++) {
    long double x = (long double)i / 3;
    sum += sqrtl(x) + floorl(x) * 0.5L - fmodl(x, 7);
    product = product * (1 + 1 / (x * x)) / (i % 5 + 1) * (i % 5 + 1);
  }
  printf("%.12Lg %.12Lg %.12g %.12g\n", sum, product, (double)(sum / product), (double)(float)sum);
  printf("%.9Lg %.9Lg %.9Lg %.9Lg %.9Lg\n", sinl(sum), cosl(0.5L), atan2l(1, -2), expl(1), powl(2.5L, 3.25L));
  printf("%.9Lg %.9Lg %lld %ld\n", logl(10), ldexpl(1.5L, 300), (long long)(sum * 1000), lrintl(product * 100));
  printf("%d %d %d %Lf\n", (int)(sum > product), isnan((double)(sum - sum)), fpclassify(0.0L) == FP_ZERO, 1.0L / 4);
  return 0;
}
