// iden3 binary container: magic, version, sections {type, size, payload}. Reading maps the file and checks every bound;
// writing goes to a temporary name that becomes the real one only when complete.
#pragma once
#include "error.hpp"
#include "types.hpp"
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace zk {

/** Bounded little-endian reader over a piece of a file. */
class Reader {
 public:
  Reader(const u8* p, size_t n, std::string what) : p_(p), n_(n), what_(std::move(what)) {}
  const u8* bytes(size_t k) {
    if (k > n_ - at_) throw Error("FILE_TRUNCATED", what_ + " ends too early", std::to_string(k) + " more bytes", std::to_string(n_ - at_));
    const u8* r = p_ + at_;
    at_ += k;
    return r;
  }
  u32 word() {
    u32 r;
    memcpy(&r, bytes(4), 4);
    return r;
  }
  u64 word64() {
    u64 r;
    memcpy(&r, bytes(8), 8);
    return r;
  }
  U256 u256() {
    U256 r;
    memcpy(&r, bytes(32), 32);
    return r;
  }
  template <class T>
  T pod() {
    T r;
    memcpy(&r, bytes(sizeof(T)), sizeof(T));
    return r;
  }
  size_t left() const { return n_ - at_; }
  const u8* here() const { return p_ + at_; }

 private:
  const u8* p_;
  size_t n_, at_ = 0;
  std::string what_;
};

struct Section {
  u32 type;
  const u8* data;
  u64 size;
};

class BinFile {
 public:
  /** Maps a file. The mapping stays valid until the object goes; the file must not be truncated meanwhile. */
  BinFile(const std::string& path, const char magic[5], u32 maxVersion);
  /** Reads from memory that outlives the object. */
  BinFile(const u8* data, size_t size, const char magic[5], u32 maxVersion, const std::string& name);
  ~BinFile();
  BinFile(const BinFile&) = delete;
  BinFile& operator=(const BinFile&) = delete;
  bool has(u32 type) const;
  /** The section of that type; error when missing or there twice. */
  Section section(u32 type) const;
  /** The section, which must have exactly that size. */
  Section section(u32 type, u64 size) const;
  Reader read(u32 type) const;
  /** Whether n bytes at p lie within the file. */
  bool contains(const u8* p, size_t n) const { return p >= data_ && n <= size_ && p <= data_ + (size_ - n); }
  const std::string& name() const { return name_; }
  u64 size() const { return size_; }

 private:
  void parse(const char magic[5], u32 maxVersion);
  const u8* data_ = nullptr;
  size_t size_ = 0;
  bool mapped_ = false;
  std::string name_;
  std::vector<Section> sections_;
  std::vector<std::unique_ptr<u32[]>> copies_;
};

/** A file being written under a temporary name next to its place. */
class OutFile {
 public:
  explicit OutFile(const std::string& path);
  ~OutFile();
  OutFile(const OutFile&) = delete;
  OutFile& operator=(const OutFile&) = delete;
  void write(const void* p, size_t n);
  void word(u32 x) { write(&x, 4); }
  void word64(u64 x) { write(&x, 8); }
  void header(const char magic[5], u32 version, u32 sections);
  void section(u32 type, u64 size);
  /** Leaves room for `size` bytes, which `writeAt` must fill before `commit`; returns where it begins. */
  u64 leave(u64 size);
  /** Fills room that was left; from any thread, while others write elsewhere. */
  void writeAt(u64 at, const void* p, size_t n) const;
  /** Bytes so far. */
  u64 written() const { return written_; }
  /** Flushes, checks and renames. */
  void commit();

 private:
  void flush();
  std::string path_, temp_;
  int fd_ = -1;
  u64 written_ = 0;
  std::vector<u8> buf_;
};

/** Field moduli as plain integers. */
extern const U256 FQ_MODULUS, FR_MODULUS;
inline bool equal(const U256& a, const U256& b) { return memcmp(&a, &b, 32) == 0; }
inline bool less(const U256& a, const U256& b) {
  for (int i = 3; i >= 0; i--)
    if (a.v[i] != b.v[i]) return a.v[i] < b.v[i];
  return false;
}
std::string hex(const U256& a);

}  // namespace zk
