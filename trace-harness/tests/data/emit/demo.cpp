// As demo.c.
#define NBTRACE_IMPLEMENTATION
#include "nbtrace.hpp"
#include <cstring>
#include <fstream>
#include <vector>

int main() {
    std::vector<double> v = {1, -2.5, 1e300}, a = {1, 2, 3, 4, 5, 6.5};
    std::ifstream file("bits.txt");
    long long bits;
    while (file >> bits) {
        double x;
        std::memcpy(&x, &bits, sizeof x);
        nbtrace::scalar("x", x);
    }
    for (int n = 0; n < 2; n++) {
        nbtrace::scope step("step", n);
        double f = nbtrace::scalar("f", n * 0.7);
        nbtrace::vector("v", v);
        {
            nbtrace::scope inner("inner cell", -3);
            nbtrace::scalar("g", f + v[0]);
        }
        nbtrace::array("a/b", a.data(), {2, 3});
        nbtrace::array("line", a.data(), {6});
    }
}
