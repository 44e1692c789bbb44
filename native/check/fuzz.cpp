// Fuzzing of everything that reads a file: keys, witnesses, constraint systems, powers of tau. Whatever the bytes, the result
// is a typed error or an ordinary end. With libFuzzer (-DLIBFUZZER) the library drives it; without, a main of its own mutates
// the files given: fuzz SECONDS SEED FILE...
#include "../src/prove.hpp"
#include "../src/r1cs.hpp"
#include "../src/setup.hpp"
#include "../src/verify.hpp"
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <unistd.h>

using namespace zk;

namespace {

const char* const TEMPORARY = "/tmp";

std::string scratchFile(const char* name, const u8* data, size_t size) {
  const std::string path = std::string(TEMPORARY) + "/zkonnx-fuzz-" + std::to_string(getpid()) + "-" + name;
  if (data) {
    std::ofstream out(path, std::ios::binary);
    out.write((const char*)data, (std::streamsize)size);
  }
  return path;
}

void key(const u8* data, size_t size, const Kernel& kernel, Crew& crew) {
  const ProvingKey k(std::make_unique<BinFile>(data, size, "zkey", 1, "fuzz"), kernel, crew);
  if (k.wires > 4096 || k.domain > 4096) return;
  std::vector<i32> values(k.wires);
  for (u32 i = 0; i < k.wires; i++) values[i] = i == 0 ? 1 : (i32)(i * 2654435761u) >> (i % 32);
  const Witness w = witnessFromSmall(values.data(), values.size(), nullptr, nullptr, 0);
  const Proof p = prove(k, w, crew, nullptr);
  std::vector<U256> publics;
  for (u32 i = 1; i <= k.publics; i++) publics.push_back(w.at(i));
  (void)verifyBatch({k.verifying(), {p}, {publics}}, kernel, crew);
}

void one(const u8* data, size_t size) {
  if (size < 4) return;
  Job job;
  Crew crew(1, job);
  // every instruction set in turn
  static unsigned turn = 0;
  int kernels = 0;
  while (availableKernels()[kernels]) kernels++;
  const Kernel& kernel = *availableKernels()[turn++ % kernels];
  try {
    if (memcmp(data, "zkey", 4) == 0) {
      key(data, size, kernel, crew);
    } else if (memcmp(data, "wtns", 4) == 0) {
      (void)witnessFromFile(BinFile(data, size, "wtns", 2, "fuzz"), crew);
    } else if (memcmp(data, "r1cs", 4) == 0) {
      const BinFile file(data, size, "r1cs", 1, "fuzz");
      const R1cs r = readR1cs(file, crew);
      if (r.wires < 4096 && r.constraints < 4096) {
        const std::string in = scratchFile("in.r1cs", data, size), out = scratchFile("out.zkey", nullptr, 0);
        setupDevelopment(in, out, kernel, crew);
        (void)ProvingKey(out, kernel, crew);
        if (const char* ptau = getenv("FUZZ_PTAU")) setupFromPtau(in, ptau, out, kernel, crew);
      }
    } else if (memcmp(data, "ptau", 4) == 0) {
      if (const char* r1cs = getenv("FUZZ_R1CS")) setupFromPtau(r1cs, scratchFile("in.ptau", data, size), scratchFile("out.zkey", nullptr, 0), kernel, crew);
    }
  } catch (const Error&) {
    // typed: as it should be
  }
}

}  // namespace

#if defined(LIBFUZZER)
extern "C" int LLVMFuzzerTestOneInput(const u8* data, size_t size) {
  one(data, size);
  return 0;
}
#else
int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const double seconds = atof(argv[1]);
  std::mt19937_64 random((u64)atoll(argv[2]));
  std::vector<std::vector<u8>> corpus;
  for (int i = 3; i < argc; i++) {
    std::ifstream in(argv[i], std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    one(corpus.back().data(), corpus.back().size());
  }
  const auto start = std::chrono::steady_clock::now();
  size_t runs = 0;
  const u32 interesting[] = {0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000u, 0xffffffffu};
  while (std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() < seconds) {
    std::vector<u8> x = corpus[random() % corpus.size()];
    if (random() % 8 == 0) x.resize(random() % (x.size() + 1));
    for (u64 n = 1 + random() % 4; n && x.size() > 8; n--) {
      // mostly near the front, where headers and section sizes are
      const size_t at = 4 + random() % (random() % 2 ? x.size() - 8 : std::min<size_t>(x.size() - 8, 900));
      switch (random() % 4) {
        case 0:
          x[at] ^= (u8)(1u << (random() % 8));
          break;
        case 1:
          x[at] = (u8)random();
          break;
        case 2: {
          const u32 v = interesting[random() % (sizeof interesting / 4)];
          memcpy(&x[at], &v, 4);
          break;
        }
        default: {
          const size_t from = random() % (x.size() - 4);
          memmove(&x[at], &x[from], std::min<size_t>(4, x.size() - std::max(at, from)));
        }
      }
    }
    one(x.data(), x.size());
    runs++;
  }
  printf("%zu runs, nothing found\n", runs);
  return 0;
}
#endif
