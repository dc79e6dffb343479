/* 400 records from the threads of OpenMP, larger together than what is held back. */
#define NBTRACE_IMPLEMENTATION
#include "nbtrace.h"

int main(void) {
#pragma omp parallel for num_threads(4) schedule(static)
    for (int n = 0; n < 400; n++) {
        nbtrace_begin("record", n);
        for (int k = 0; k < 100; k++) nbtrace_scalar("x", n + k / 128.0);
        nbtrace_end();
    }
    return 0;
}
