#include "binfile.hpp"
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace zk {

const U256 FQ_MODULUS = {{0x3c208c16d87cfd47ull, 0x97816a916871ca8dull, 0xb85045b68181585dull, 0x30644e72e131a029ull}};
const U256 FR_MODULUS = {{0x43e1f593f0000001ull, 0x2833e84879b97091ull, 0xb85045b68181585dull, 0x30644e72e131a029ull}};

std::string hex(const U256& a) {
  char s[67];
  snprintf(s, sizeof s, "0x%016llx%016llx%016llx%016llx", (unsigned long long)a.v[3], (unsigned long long)a.v[2], (unsigned long long)a.v[1], (unsigned long long)a.v[0]);
  return s;
}

BinFile::BinFile(const std::string& path, const char magic[5], u32 maxVersion) : name_(path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw Error("FILE_UNREADABLE", "cannot open " + path + ": " + strerror(errno));
  struct stat st;
  if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
    close(fd);
    throw Error("FILE_UNREADABLE", path + " is not a regular file");
  }
  size_ = (size_t)st.st_size;
  if (size_ < 12) {
    close(fd);
    throw Error("FILE_TRUNCATED", path + " is too short to be an iden3 file", "at least 12 bytes", std::to_string(size_));
  }
  void* p = mmap(nullptr, size_, PROT_READ, MAP_SHARED, fd, 0);
  const int err = errno;
  close(fd);
  if (p == MAP_FAILED) throw Error("FILE_UNREADABLE", "cannot map " + path + ": " + strerror(err));
  data_ = (const u8*)p;
  mapped_ = true;
  try {
    parse(magic, maxVersion);
  } catch (...) {
    munmap(p, size_);
    throw;
  }
}

BinFile::BinFile(const u8* data, size_t size, const char magic[5], u32 maxVersion, const std::string& name) : data_(data), size_(size), name_(name) { parse(magic, maxVersion); }

BinFile::~BinFile() {
  if (mapped_) munmap((void*)data_, size_);
}

void BinFile::parse(const char magic[5], u32 maxVersion) {
  Reader r(data_, size_, name_);
  const u8* m = r.bytes(4);
  if (memcmp(m, magic, 4) != 0) throw Error("FILE_FORMAT", name_ + " is not a ." + std::string(magic, strnlen(magic, 4)) + " file");
  const u32 version = r.word();
  if (version < 1 || version > maxVersion) throw Error("FILE_FORMAT", name_ + " has an unknown version", "at most " + std::to_string(maxVersion), std::to_string(version));
  const u32 n = r.word();
  if (n > 1024) throw Error("FILE_FORMAT", name_ + " claims too many sections", "at most 1024", std::to_string(n));
  for (u32 i = 0; i < n; i++) {
    const u32 type = r.word();
    const u64 size = r.word64();
    const u8* p = r.bytes(size);
    if ((uintptr_t)p % 4) {
      // Only a file with sections in an unusual order has this; points and numbers are read in place, so they need their alignment.
      copies_.emplace_back(std::make_unique<u32[]>(size / 4 + 1));
      memcpy(copies_.back().get(), p, size);
      p = (const u8*)copies_.back().get();
    }
    sections_.push_back({type, p, size});
  }
}

bool BinFile::has(u32 type) const {
  for (auto& s : sections_)
    if (s.type == type) return true;
  return false;
}

Section BinFile::section(u32 type) const {
  const Section* found = nullptr;
  for (auto& s : sections_) {
    if (s.type != type) continue;
    if (found) throw Error("FILE_FORMAT", name_ + " has section " + std::to_string(type) + " twice");
    found = &s;
  }
  if (!found) throw Error("FILE_FORMAT", name_ + " has no section " + std::to_string(type));
  return *found;
}

Section BinFile::section(u32 type, u64 size) const {
  const Section s = section(type);
  if (s.size != size)
    throw Error("FILE_FORMAT", name_ + ": section " + std::to_string(type) + " has the wrong size", std::to_string(size) + " bytes", std::to_string(s.size));
  return s;
}

Reader BinFile::read(u32 type) const {
  const Section s = section(type);
  return Reader(s.data, s.size, name_ + " section " + std::to_string(type));
}

OutFile::OutFile(const std::string& path) : path_(path) {
  static std::atomic<unsigned> serial{0};
  temp_ = path + ".tmp-" + std::to_string(getpid()) + "-" + std::to_string(serial++);
  fd_ = open(temp_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd_ < 0) throw Error("FILE_UNWRITABLE", "cannot write " + temp_ + ": " + strerror(errno));
  buf_.reserve(1 << 20);
}
OutFile::~OutFile() {
  if (fd_ >= 0) {
    close(fd_);
    unlink(temp_.c_str());
  }
}
void OutFile::flush() {
  size_t at = 0;
  while (at < buf_.size()) {
    const ssize_t k = ::write(fd_, buf_.data() + at, buf_.size() - at);
    if (k < 0 && errno == EINTR) continue;
    if (k <= 0) throw Error("FILE_UNWRITABLE", "cannot write " + temp_ + ": " + strerror(errno));
    at += (size_t)k;
  }
  buf_.clear();
}
void OutFile::write(const void* p, size_t n) {
  const u8* b = (const u8*)p;
  written_ += n;
  if (n >= (1 << 20)) {
    flush();
    while (n) {
      const ssize_t k = ::write(fd_, b, n);
      if (k < 0 && errno == EINTR) continue;
      if (k <= 0) throw Error("FILE_UNWRITABLE", "cannot write " + temp_ + ": " + strerror(errno));
      b += k;
      n -= (size_t)k;
    }
    return;
  }
  if (buf_.size() + n > (1 << 20)) flush();
  buf_.insert(buf_.end(), b, b + n);
}
u64 OutFile::leave(u64 size) {
  flush();
  const u64 at = written_;
  written_ += size;
  if (lseek(fd_, (off_t)written_, SEEK_SET) < 0) throw Error("FILE_UNWRITABLE", "cannot write " + temp_ + ": " + strerror(errno));
  return at;
}
void OutFile::writeAt(u64 at, const void* p, size_t n) const {
  const u8* b = (const u8*)p;
  while (n) {
    const ssize_t k = pwrite(fd_, b, n, (off_t)at);
    if (k < 0 && errno == EINTR) continue;
    if (k <= 0) throw Error("FILE_UNWRITABLE", "cannot write " + temp_ + ": " + strerror(errno));
    b += k;
    at += (u64)k;
    n -= (size_t)k;
  }
}
void OutFile::header(const char magic[5], u32 version, u32 sections) {
  write(magic, 4);
  word(version);
  word(sections);
}
void OutFile::section(u32 type, u64 size) {
  word(type);
  word64(size);
}
void OutFile::commit() {
  flush();
  const int fd = fd_;
  fd_ = -1;
  if (close(fd) != 0 || rename(temp_.c_str(), path_.c_str()) != 0) {
    const int e = errno;
    unlink(temp_.c_str());
    throw Error("FILE_UNWRITABLE", "cannot write " + path_ + ": " + strerror(e));
  }
}

}  // namespace zk
