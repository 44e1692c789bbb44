#include "prove.hpp"
#include "msm.hpp"
#include <chrono>
#include <unistd.h>
#if defined(__linux__) || defined(__APPLE__)
#include <sys/random.h>
#endif

namespace zk {

U256 randomScalar() {
  for (;;) {
    U256 x;
    if (getentropy(&x, sizeof x) != 0) throw Error("NO_RANDOMNESS", "the operating system gives no randomness");
    x.v[3] &= (1ull << 62) - 1;
    if (less(x, FR_MODULUS) && (x.v[0] | x.v[1] | x.v[2] | x.v[3])) return x;
  }
}

namespace {

struct Clock {
  std::chrono::steady_clock::time_point t = std::chrono::steady_clock::now();
  void lap(double& into) {
    const auto now = std::chrono::steady_clock::now();
    into += std::chrono::duration<double, std::milli>(now - t).count();
    t = now;
  }
};

/** Plain scalar times scalar, through Montgomery form. */
U256 mulPlain(const Kernel& k, const U256& a, const U256& b) {
  // a·b/R, then times R: multiply by R² (Montgomery one squared is given by frInv's convention, so use 2^512 mod r)
  static const U256 R2 = {{0x1bb8e645ae216da7ull, 0x53fe3ab1e35c59e3ull, 0x8c49833d53bb8085ull, 0x0216d0b17f4e44a5ull}};
  return k.frMul(k.frMul(a, b), R2);
}

}  // namespace

Proof prove(const ProvingKey& key, const Witness& w, Crew& crew, Timings* timings) {
  Timings unused;
  Timings& T = timings ? *timings : unused;
  Clock clock;
  const Kernel& K = key.kernel;
  if (w.wires != key.wires) throw Error("WITNESS_SIZE", "the witness does not belong to this key", std::to_string(key.wires) + " wires", std::to_string(w.wires));
  if (w.values[0] != 1) throw Error("WITNESS_CONSTANT", "wire 0 of the witness is not 1");
  const size_t n = key.domain;

  // Witness classes for the three sets of bases, and wide values in Montgomery form for the rows.
  Classes classes[3];
  Array<u32> wideAt;
  Array<U256> wideMont;
  if (w.wideCount) {
    wideAt = Array<u32>(w.wires);
    wideMont = Array<U256>(w.wideCount);
  }
  crew.run(4, [&](size_t task, int) {
    if (task < 3) {
      classes[task].build(w, key.infinite[task]);
    } else if (w.wideCount) {
      for (size_t i = 0; i < w.wideCount; i++) wideAt[w.wideWires[i]] = (u32)i;
      static const U256 R2 = {{0x1bb8e645ae216da7ull, 0x53fe3ab1e35c59e3ull, 0x8c49833d53bb8085ull, 0x0216d0b17f4e44a5ull}};
      K.frScale(wideMont.data(), w.wideValues.data(), R2, w.wideCount);
    }
  });
  clock.lap(T.witness);
  crew.progress(20);

  // a, b, c = rows of A, rows of B, their products (not for a key with shortcuts); one block, whose tail holds the digits of h later.
  const Windows hw = chooseWindows(n, 254);
  const size_t polynomials = key.folded ? 2 : 3;
  Array<U256> abc(n + std::max((polynomials - 1) * n, (sizeof(int16_t) * hw.count * n + sizeof(U256) - 1) / sizeof(U256)));
  U256 *a = abc.data(), *b = a + n, *c = key.folded ? nullptr : b + n;
  const size_t step = std::min<size_t>(n, 2048);
  crew.run(n / step, [&](size_t task, int) {
    const size_t at = task * step;
    for (int m = 0; m < 2; m++) {
      const RowsOf& M = key.rows[m];
      const Rows rows{M.start, M.terms, M.wideIndex, M.wide, w.values.data(), wideAt.data(), wideMont.data()};
      K.evalRows(rows, at, step, (m ? b : a) + at);
    }
    if (c) K.frMulVec(c + at, a + at, b + at, step);
  });
  clock.lap(T.rows);
  crew.progress(60);

  {
    std::vector<Array<u8>> scratch(crew.threads());
    const int passes = K.ntt.passes(key.logDomain);
    for (int pass = 0; pass < passes; pass++) {
      const size_t tasks = K.ntt.tasks(key.logDomain, pass);
      // several tiles at a time, so that handing out work costs nothing
      const size_t group = std::max<size_t>(1, tasks / 64), groups = (tasks + group - 1) / group;
      crew.run(polynomials * groups, [&](size_t i, int worker) {
        if (!scratch[worker].size()) scratch[worker] = Array<u8>(K.ntt.scratchBytes);
        const size_t poly = i / groups, first = i % groups * group;
        for (size_t t = first; t < std::min(tasks, first + group); t++) K.ntt.run(a + poly * n, key.tables.data(), key.logDomain, pass, t, scratch[worker].data());
      });
      crew.progress(60 + 190 * (pass + 1) / passes);
    }
  }
  clock.lap(T.transform);

  // h = a·b − c on the coset, and its digits over the memory of b.
  int16_t* digits = (int16_t*)b;
  crew.run(n / step, [&](size_t t, int) { K.frJoin(a + t * step, a + t * step, b + t * step, c ? c + t * step : nullptr, step); });
  crew.run(n / step, [&](size_t t, int) { signedDigits(a, n, hw, digits, t * step, (t + 1) * step); });
  clock.lap(T.scalars);

  Partial<G1> pa, pc, ph;
  Partial<G2> pb;
  {
    std::vector<Task> tasks;
    windowTasks(tasks, ph, K.g1, key.h.data(), (const u32*)nullptr, digits, n, hw, 1.0);
    classes[0].tasks(tasks, pa, K.g1, key.a, 1.0);
    classes[1].tasks(tasks, pb, K.g2, key.b2, 3.0);
    classes[2].tasks(tasks, pc, K.g1, key.c, 1.0);
    runTasks(crew, tasks, 260, 980);
  }
  abc.release();
  clock.lap(T.sums);

  G1 a0, c0, h0;
  G2 b0;
  crew.run(4, [&](size_t task, int) {
    if (task == 0) a0 = K.g1.add(pa.sum(K.g1), key.alpha1);
    if (task == 1) b0 = K.g2.add(pb.sum(K.g2), key.beta2);
    if (task == 2) h0 = ph.sum(K.g1);
    if (task == 3) c0 = pc.sum(K.g1);
  });
  c0 = K.g1.add(c0, h0);

  const U256 t = randomScalar(), u = randomScalar();
  Proof p;
  G1 ua;
  G2 tb, tud;
  crew.run(4, [&](size_t task, int) {
    if (task == 0) {
      // 1/t as a plain integer: inverse of t·R in Montgomery form is t⁻¹·R, then out of it
      static const U256 R2 = {{0x1bb8e645ae216da7ull, 0x53fe3ab1e35c59e3ull, 0x8c49833d53bb8085ull, 0x0216d0b17f4e44a5ull}};
      const U256 inv = K.frMul(K.frInv(K.frMul(t, R2)), {{1, 0, 0, 0}});
      p.a = K.g1.mul(a0, inv);
    }
    if (task == 1) tb = K.g2.mul(b0, t);
    if (task == 2) tud = K.g2.mul(key.delta2, mulPlain(K, t, u));
    if (task == 3) ua = K.g1.mul(a0, u);
  });
  p.b = K.g2.add(tb, tud);
  p.c = K.g1.add(c0, ua);
  clock.lap(T.finish);
  crew.progress(1000);
  return p;
}

}  // namespace zk
