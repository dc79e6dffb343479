
/* The same for C++11 and later: `nbtrace::scalar("flux", x)`. */
#ifndef NBTRACE_HPP
#define NBTRACE_HPP
#include <initializer_list>
namespace nbtrace {
inline double scalar(const char *key, double x) { return nbtrace_scalar(key, x); }
inline float scalar(const char *key, float x) { return static_cast<float>(nbtrace_scalar(key, x)); }
/* Any container with `data()` and `size()` that holds double: std::vector, std::array. */
template <class Numbers> void vector(const char *key, Numbers &x) { nbtrace_vector(key, x.data(), x.size()); }
inline void array(const char *key, double *x, std::initializer_list<std::size_t> shape) {
    nbtrace_array(key, x, static_cast<int>(shape.size()), shape.begin());
}
/* A record that ends where the variable does: `nbtrace::scope step("step", n);` */
class scope {
public:
    scope(const char *name, long long number) { nbtrace_begin(name, number); }
    ~scope() { nbtrace_end(); }
    scope(const scope &) = delete;
    scope &operator=(const scope &) = delete;
};
inline void flush() { nbtrace_flush(); }
} // namespace nbtrace
#endif
