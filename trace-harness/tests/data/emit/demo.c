/* Says the numbers of bits.txt, then two records with a record inside of each. */
#define NBTRACE_IMPLEMENTATION
#include "nbtrace.h"

int main(void) {
    long long bits;
    double x, v[3] = {1, -2.5, 1e300}, a[6] = {1, 2, 3, 4, 5, 6.5};
    const size_t plane[] = {2, 3}, line[] = {6};
    FILE *file = fopen("bits.txt", "r");
    while (file && fscanf(file, "%lld", &bits) == 1) {
        memcpy(&x, &bits, sizeof x);
        nbtrace_scalar("x", x);
    }
    for (int n = 0; n < 2; n++) {
        nbtrace_begin("step", n);
        double f = nbtrace_scalar("f", n * 0.7);
        nbtrace_vector("v", v, 3);
        nbtrace_begin("inner cell", -3);
        nbtrace_scalar("g", f + v[0]);
        nbtrace_end();
        nbtrace_array("a/b", a, 2, plane);
        nbtrace_array("line", a, 1, line);
        nbtrace_end();
    }
    return 0;
}
