/* Matrices: products of doubles, singles and integers, and a system of linear equations by elimination with pivots. */
#include "common.h"

enum { N = 32 };

static double a[N][N], b[N][N], c[N][N];
static float fa[N][N], fb[N][N], fc[N][N];
static int ia[N][N], ib[N][N], ic[N][N];

static double unit(void) { return (double) (next_random() >> 11) / 9007199254740992.0; }

static void fill(void) {
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++) {
      a[i][j] = unit() - 0.5;
      b[i][j] = unit();
      fa[i][j] = (float) a[i][j];
      fb[i][j] = (float) b[i][j];
      ia[i][j] = (int) (1000 * a[i][j]);
      ib[i][j] = (int) (1000 * b[i][j]);
    }
  }
}

#define PRODUCT(name, type, x, y, z)          \
  static void name(void) {                    \
    memset(z, 0, sizeof z);                   \
    for (int i = 0; i < N; i++) {             \
      for (int k = 0; k < N; k++) {           \
        type f = x[i][k];                     \
        for (int j = 0; j < N; j++) {         \
          z[i][j] += f * y[k][j];             \
        }                                     \
      }                                       \
    }                                         \
  }
PRODUCT(doubles, double, a, b, c)
PRODUCT(singles, float, fa, fb, fc)
PRODUCT(integers, int, ia, ib, ic)

/* Solves a x = y and gives the largest error that x leaves. */
static double solved(const double *y) {
  static double m[N][N + 1];
  double x[N], worst = 0;
  for (int i = 0; i < N; i++) {
    memcpy(m[i], a[i], sizeof a[i]);
    m[i][N] = y[i];
  }
  for (int k = 0; k < N; k++) {
    int pivot = k;
    for (int i = k + 1; i < N; i++) {
      double p = m[pivot][k] < 0 ? -m[pivot][k] : m[pivot][k], q = m[i][k] < 0 ? -m[i][k] : m[i][k];
      pivot = q > p ? i : pivot;
    }
    for (int j = 0; j <= N; j++) {
      double t = m[k][j];
      m[k][j] = m[pivot][j];
      m[pivot][j] = t;
    }
    for (int i = k + 1; i < N; i++) {
      double f = m[i][k] / m[k][k];
      for (int j = k; j <= N; j++) {
        m[i][j] -= f * m[k][j];
      }
    }
  }
  for (int i = N; i-- > 0;) {
    double s = m[i][N];
    for (int j = i + 1; j < N; j++) {
      s -= m[i][j] * x[j];
    }
    x[i] = s / m[i][i];
  }
  for (int i = 0; i < N; i++) {
    double s = -y[i];
    for (int j = 0; j < N; j++) {
      s += a[i][j] * x[j];
    }
    worst = s > worst ? s : -s > worst ? -s : worst;
  }
  return worst;
}

int main(int argc, char **argv) {
  uint64_t sum = START;
  double worst = 0;
  for (int i = rounds(argc, argv, 3); i > 0; i--) {
    fill();
    doubles();
    singles();
    integers();
    double error = solved(c[0]);
    worst = error > worst ? error : worst;
    sum = mix(mix(mix(sum, c, sizeof c), fc, sizeof fc), ic, sizeof ic);
  }
  printf("matrix: equations hold to %s\n", worst < 1e-9 ? "1e-9" : "less than they should");
  return told("matrix", sum);
}
