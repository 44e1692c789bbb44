// One instruction set's kernel. Compiled once for each: ZK_ISA names it; ZK_USE_ADX and ZK_USE_IFMA select the code.
#include "../kernel.hpp"
#include "ntt.hpp"
#include "pairing.hpp"
#include "sums.hpp"
#include "vectors.hpp"

namespace zk {
namespace ZK_ISA {

template <class P>
static U256 mulOne(const U256& a, const U256& b) {
  return (Fp<P>::from(a) * Fp<P>::from(b)).raw();
}
template <class P>
static U256 addOne(const U256& a, const U256& b) {
  return (Fp<P>::from(a) + Fp<P>::from(b)).raw();
}
template <class P>
static U256 subOne(const U256& a, const U256& b) {
  return (Fp<P>::from(a) - Fp<P>::from(b)).raw();
}
template <class P>
static U256 invOne(const U256& a) {
  return Fp<P>::from(a).inverse().raw();
}

#if defined(ZK_USE_IFMA)
namespace ntt = ntt52;
#else
namespace ntt = ntt64;
#endif

template <class C>
static constexpr GroupKernel<typename C::Raw> group() {
  return {workBytes<C>, segmentSums<C>, windowSums<C>, tableSums<C>, addEach<C>, twice<C>, hornerSum<C>, mulPoint<C>, addPoints<C>, negPoint<C>, onCurve<C>};
}

static constexpr Kernel table = {
    ZK_NAME,
    group<C1>(),
    group<C2>(),
    {ntt::tableBytes, ntt::buildTable, ntt::passes, ntt::tasks, ntt::run, NTT_SCRATCH},
    mulVec<RP>,
    join,
    scaleVec<RP>,
    mulVec<QP>,
    evalRows,
    mulOne<RP>,
    addOne<RP>,
    subOne<RP>,
    invOne<RP>,
    mulOne<QP>,
    addOne<QP>,
    subOne<QP>,
    invOne<QP>,
    invVec<RP>,
    pairingIsOne,
};

}  // namespace ZK_ISA

extern const Kernel* const ZK_EXPORT;
const Kernel* const ZK_EXPORT = &ZK_ISA::table;

}  // namespace zk
