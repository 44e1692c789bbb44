// Concurrent proofs in one process, for the thread sanitizer: stress R1CS WTNS FOLDER. Proofs of one shared key on several
// threads at a time, each with a crew of its own, one cancelled; all that end must verify.
#include "../src/prove.hpp"
#include "../src/setup.hpp"
#include "../src/verify.hpp"
#include <cstdio>
#include <thread>

using namespace zk;

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const std::string zkey = std::string(argv[3]) + "/stress.zkey";
  int bad = 0;
  for (const Kernel* const* k = availableKernels(); *k; k++) {
    const Kernel& K = **k;
    Job job;
    Crew crew(3, job);
    setupDevelopment(argv[1], zkey, K, crew);
    const ProvingKey key(zkey, K, crew);
    std::atomic<int> valid{0}, cancelled{0};
    std::vector<std::thread> threads;
    std::vector<Job> jobs(4);
    for (int t = 0; t < 4; t++)
      threads.emplace_back([&, t] {
        try {
          Crew own(2, jobs[t]);
          const Witness w = witnessFromFile(BinFile(argv[2], "wtns", 2), own);
          const Proof p = prove(key, w, own, nullptr);
          std::vector<U256> publics;
          for (u32 i = 1; i <= key.publics; i++) publics.push_back(w.at(i));
          valid += verifyBatch({key.verifying(), {p}, {publics}}, K, own)[0];
        } catch (const Error& e) {
          cancelled += std::string(e.code) == "CANCELLED";
        }
      });
    jobs[3].cancelled = true;
    for (auto& t : threads) t.join();
    printf("%s: %d valid, %d cancelled\n", K.name, valid.load(), cancelled.load());
    if (valid < 3 || valid + cancelled != 4) bad = 1;
  }
  return bad;
}
