#include "verify.hpp"
#include "scalars.hpp"

namespace zk {

namespace {

bool wellFormed(const Kernel& K, const Proof& p, const std::vector<U256>& publics, size_t expected) {
  if (publics.size() != expected) return false;
  for (const U256& x : publics)
    if (!less(x, FR_MODULUS)) return false;  // x and x + r would be the same input
  return K.g1.onCurve(p.a) && K.g1.onCurve(p.c) && K.g2.onCurve(p.b);
}

/** Π e(w_i A_i, B_i)·e(−Σ w_i α, β)·e(−Σ w_i IC(x_i), γ)·e(−Σ w_i C_i, δ) = 1 over the proofs named. */
bool check(const VerifierInput& in, const std::vector<size_t>& which, const Kernel& K) {
  const size_t inputs = in.key.ic.size() - 1;
  std::vector<G1> p;
  std::vector<G2> q;
  std::vector<U256> sums(inputs + 1, ZERO_256);  // Σ w_i·(1, x_i1, …), Montgomery
  G1 c{};
  for (size_t i : which) {
    U256 w = ONE_256;
    if (which.size() > 1) {
      w = randomScalar();
      w.v[2] = w.v[3] = 0;
    }
    const Proof& proof = in.proofs[i];
    p.push_back(which.size() > 1 ? K.g1.mul(proof.a, w) : proof.a);
    q.push_back(proof.b);
    c = K.g1.add(c, which.size() > 1 ? K.g1.mul(proof.c, w) : proof.c);
    const U256 wm = toMont(K, w);
    sums[0] = K.frAdd(sums[0], wm);
    for (size_t j = 0; j < inputs; j++) sums[j + 1] = K.frAdd(sums[j + 1], K.frMul(wm, toMont(K, in.publics[i][j])));
  }
  G1 ic{};
  for (size_t j = 0; j <= inputs; j++) ic = K.g1.add(ic, K.g1.mul(in.key.ic[j], fromMont(K, sums[j])));
  p.push_back(K.g1.neg(K.g1.mul(in.key.alpha, fromMont(K, sums[0]))));
  q.push_back(in.key.beta);
  p.push_back(K.g1.neg(ic));
  q.push_back(in.key.gamma);
  p.push_back(K.g1.neg(c));
  q.push_back(in.key.delta);
  return K.pairingIsOne(p.data(), q.data(), p.size());
}

}  // namespace

std::vector<bool> verifyBatch(const VerifierInput& in, const Kernel& K, Crew& crew) {
  const G1 none1{};
  const G2 none2{};
  for (const G1* p : {&in.key.alpha})
    if (!K.g1.onCurve(*p) || memcmp(p, &none1, sizeof none1) == 0) throw Error("VKEY_CORRUPT", "the verification key has a point that is not on the curve");
  for (const G2* p : {&in.key.beta, &in.key.gamma, &in.key.delta})
    if (!K.g2.onCurve(*p) || memcmp(p, &none2, sizeof none2) == 0) throw Error("VKEY_CORRUPT", "the verification key has a point that is not in the group");
  for (const G1& p : in.key.ic)
    if (!K.g1.onCurve(p)) throw Error("VKEY_CORRUPT", "the verification key has a point that is not on the curve");
  const size_t n = in.proofs.size(), inputs = in.key.ic.size() - 1;
  std::vector<char> ok(n, 0);
  crew.run(n, [&](size_t i, int) { ok[i] = wellFormed(K, in.proofs[i], in.publics[i], inputs); });
  std::vector<size_t> candidates;
  for (size_t i = 0; i < n; i++)
    if (ok[i]) candidates.push_back(i);
  // Groups, so that threads share the work and a bad proof does not send all others to the slow way.
  const size_t size = std::max<size_t>(1, std::min<size_t>(60, (candidates.size() + crew.threads() - 1) / crew.threads()));
  crew.run((candidates.size() + size - 1) / size, [&](size_t g, int) {
    const std::vector<size_t> group(candidates.begin() + g * size, candidates.begin() + std::min(candidates.size(), (g + 1) * size));
    if (check(in, group, K)) return;
    for (size_t i : group) ok[i] = group.size() > 1 && check(in, {i}, K);
  });
  return std::vector<bool>(ok.begin(), ok.end());
}

}  // namespace zk
