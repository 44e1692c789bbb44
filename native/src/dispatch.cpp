#include "kernel.hpp"
#include <cstdlib>
#include <cstring>

namespace zk {

const Kernel* const* availableKernels() {
  static const Kernel* list[4] = {nullptr, nullptr, nullptr, nullptr};
  static const bool ready = [] {
    int n = 0;
#if defined(__x86_64__)
    // The compiler's own tests include the operating system's support for the wide registers.
    __builtin_cpu_init();
    unsigned a, b = 0, c, d;
    __asm__("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "0"(7), "2"(0));
    const bool adx = (b >> 19) & 1;
    if (__builtin_cpu_supports("bmi2") && adx) {
      if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512ifma") && __builtin_cpu_supports("avx512vbmi2"))
        list[n++] = kernelIfma;
      list[n++] = kernelAdx;
    }
#endif
    list[n++] = kernelPortable;
    return true;
  }();
  (void)ready;
  return list;
}

const Kernel* defaultKernel() {
  const Kernel* const* k = availableKernels();
  if (const char* want = getenv("ZKONNX_ISA"))
    for (const Kernel* const* i = k; *i; i++)
      if (strcmp((*i)->name, want) == 0) return *i;
  return *k;
}

}  // namespace zk
