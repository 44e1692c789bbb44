// What one instruction set provides. Each set is one translation unit (isa/kernel.cpp compiled with its own flags), and
// nothing but these tables is visible outside: no C++ template with external linkage may be instantiated there, because
// the linker could pick the AVX-512 copy for everybody.
#pragma once
#include "types.hpp"

namespace zk {

/** Working memory of one thread for sums of points of one group; sizes come from the kernel. */
struct SumWork {
  void* memory;
  size_t bytes;
};

/** Sums over one curve group. Points are in the files' form. */
template <class Raw>
struct GroupKernel {
  /** Bytes of working memory: for `windowSums` with 2^(c−1) buckets, that many windows and items; for `segmentSums` all zero. */
  size_t (*workBytes)(size_t buckets, size_t windows, size_t items);
  /** out[s] = Σ ±bases[idx[k]] for k in [off[s], off[s+1]); top bit of idx negates. Results canonical. */
  void (*segmentSums)(SumWork w, const Raw* bases, const u32* idx, const u32* off, size_t segments, Raw* out);
  /** For each window, with its n digits d_i in [−2^(c−1), 2^(c−1)], writes c points with Σ_k 2^k·bits[k] = Σ_i d_i·bases[id_i]
   *  (ids null: id_i = i). No base that is used may be infinity: the vector path does not look for it, and would give a wrong sum. */
  void (*windowSums)(SumWork w, const Raw* bases, const u32* ids, const int16_t* digits, size_t n, int c, size_t windows, Raw* bits);
  /** out[i] = Σ_g ±table[g·half + |d| − 1] over the digits d = digits[g·n + i], whose sign counts; no entry is infinity. Memory as for `segmentSums`. */
  void (*tableSums)(SumWork w, const Raw* table, size_t half, const int16_t* digits, size_t n, size_t windows, Raw* out);
  /** points[d] = points[a] ± points[b] for each of n (top bit of b negates); no operand is infinity, and no result an operand. Memory as for `segmentSums`. */
  void (*addEach)(SumWork w, Raw* points, const u32* a, const u32* b, const u32* d, size_t n);
  /** Doubles points in place. Memory as for `segmentSums`. Its results and those of `addEach` are operands, not always canonical: `segmentSums` makes them so. */
  void (*twice)(SumWork w, Raw* points, size_t n);
  /** Σ 2^pos[k]·points[k] for ascending pos. */
  Raw (*horner)(const Raw* points, const u32* pos, size_t n);
  Raw (*mul)(const Raw& p, const U256& scalar);
  Raw (*add)(const Raw& a, const Raw& b);
  Raw (*neg)(const Raw& a);
  bool (*onCurve)(const Raw& p);
};

constexpr int NTT_TABLES = 3;

/** Number-theoretic transform between the domain and its odd coset; see isa/ntt.hpp. */
struct NttKernel {
  size_t (*tableBytes)(int logn);
  /** Builds table 0 … NTT_TABLES − 1, each independent of the others. */
  void (*buildTable)(void* tables, int logn, int which);
  int (*passes)(int logn);
  /** Number of independent tasks of one pass. */
  size_t (*tasks)(int logn, int pass);
  void (*run)(void* data, const void* tables, int logn, int pass, size_t task, void* scratch);
  size_t scratchBytes;
};

/** A term of a row: coefficient times wire. `coef` is INT32_MIN for a wide coefficient, whose index is then in the wide list by
 *  position in order of rows. */
struct Term {
  u32 wire;
  i32 coef;
};
constexpr i32 WIDE = INT32_MIN;

/** Rows of one matrix with the witness, everything rows need to be evaluated. */
struct Rows {
  const u32* start;       // terms of row i: start[i] … start[i+1]
  const Term* terms;
  const u32* wideIndex;   // for a term with coef WIDE: index into wideCoefs, at the term's position
  const U256* wideCoefs;  // Montgomery form
  const i32* values;      // per wire; WIDE for wide ones
  const u32* wideAt;      // per wire: index into wideValues; may be null when there is none
  const U256* wideValues; // Montgomery form
};

struct Kernel {
  const char* name;
  GroupKernel<G1> g1;
  GroupKernel<G2> g2;
  NttKernel ntt;
  // Vectors over the scalar field (Montgomery form unless said otherwise); out may be an input.
  void (*frMulVec)(U256* out, const U256* a, const U256* b, size_t n);
  /** out = a·b − c, or a·b when c is null, as plain integers (not Montgomery). */
  void (*frJoin)(U256* out, const U256* a, const U256* b, const U256* c, size_t n);
  void (*frScale)(U256* out, const U256* a, const U256& k, size_t n);
  void (*fqMulVec)(U256* out, const U256* a, const U256* b, size_t n);
  /** Values of rows [first, first + n), Montgomery form. */
  void (*evalRows)(const Rows& rows, size_t first, size_t n, U256* out);
  U256 (*frMul)(const U256& a, const U256& b);
  U256 (*frAdd)(const U256& a, const U256& b);
  U256 (*frSub)(const U256& a, const U256& b);
  U256 (*frInv)(const U256& a);
  U256 (*fqMul)(const U256& a, const U256& b);
  U256 (*fqAdd)(const U256& a, const U256& b);
  U256 (*fqSub)(const U256& a, const U256& b);
  U256 (*fqInv)(const U256& a);
  /** Element arrays in place: a[i] → 1/a[i] (zero stays zero). scratch has n elements. */
  void (*frInvVec)(U256* a, size_t n, U256* scratch);
  /** Whether Π e(p_i, q_i) = 1; points affine, canonical, on the curve and in the subgroup. */
  bool (*pairingIsOne)(const G1* p, const G2* q, size_t n);
};

extern const Kernel* const kernelPortable;
#if defined(__x86_64__)
extern const Kernel* const kernelAdx;
extern const Kernel* const kernelIfma;
#endif

/** Kernels this processor can run, fastest first; `name` null ends the list. */
const Kernel* const* availableKernels();
/** The fastest, or the one named in ZKONNX_ISA. */
const Kernel* defaultKernel();

}  // namespace zk
