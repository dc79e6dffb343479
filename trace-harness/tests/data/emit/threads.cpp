// As threads.c, from threads of the library.
#define NBTRACE_IMPLEMENTATION
#include "nbtrace.hpp"
#include <thread>
#include <vector>

int main() {
    std::vector<std::thread> all;
    for (int thread = 0; thread < 4; thread++)
        all.emplace_back([thread] {
            for (int n = 100 * thread; n < 100 * thread + 100; n++) {
                nbtrace::scope record("record", n);
                for (int k = 0; k < 100; k++) nbtrace::scalar("x", n + k / 128.0);
            }
        });
    for (auto &thread : all) thread.join();
}
