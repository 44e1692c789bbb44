// Large working arrays: zeroed pages straight from the system (huge pages where offered), given back at once when done.
#pragma once
#include "error.hpp"
#include "types.hpp"
#include <sys/mman.h>
#include <utility>

namespace zk {

template <class T>
class Array {
 public:
  Array() = default;
  explicit Array(size_t n) : n_(n) {
    if (n == 0) return;
    if (n > ((size_t)1 << 46) / sizeof(T)) throw Error("OUT_OF_MEMORY", "not enough memory");
    bytes_ = n * sizeof(T);
    void* p = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) throw Error("OUT_OF_MEMORY", "not enough memory for " + std::to_string(bytes_) + " bytes");
#ifdef MADV_HUGEPAGE
    if (bytes_ >= (4u << 20)) madvise(p, bytes_, MADV_HUGEPAGE);
#endif
    p_ = (T*)p;
  }
  Array(Array&& o) noexcept { swap(o); }
  Array& operator=(Array&& o) noexcept {
    swap(o);
    return *this;
  }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;
  ~Array() {
    if (p_) munmap((void*)p_, bytes_);
  }
  T* data() { return p_; }
  const T* data() const { return p_; }
  T& operator[](size_t i) { return p_[i]; }
  const T& operator[](size_t i) const { return p_[i]; }
  size_t size() const { return n_; }
  void release() { Array().swap(*this); }
  void swap(Array& o) noexcept {
    std::swap(p_, o.p_);
    std::swap(n_, o.n_);
    std::swap(bytes_, o.bytes_);
  }

 private:
  T* p_ = nullptr;
  size_t n_ = 0, bytes_ = 0;
};

}  // namespace zk
