// Errors with a stable code; the binding turns them into typed JavaScript errors.
#pragma once
#include <stdexcept>
#include <string>

namespace zk {

struct Error : std::runtime_error {
  const char* code;
  std::string expected, found;
  Error(const char* c, const std::string& message, std::string e = "", std::string f = "") : std::runtime_error(message), code(c), expected(std::move(e)), found(std::move(f)) {}
};

}  // namespace zk
