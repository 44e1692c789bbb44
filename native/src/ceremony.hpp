// What contributions to the second phase of a setup need: all points of a section multiplied by one scalar, and sums of many multiples.
#pragma once
#include "crew.hpp"
#include "kernel.hpp"

namespace zk {

/** points[i] = scalar·points[i]; the scalar is a plain integer below r. Error when a point is not on the curve; infinity stays. */
void scalePoints(G1* points, size_t n, const U256& scalar, const Kernel& kernel, Crew& crew);

/** Σ scalars[i]·points[i]; the scalars are plain integers below r. Error when a point is not on the curve. */
G1 sumOfMultiples(const G1* points, const U256* scalars, size_t n, const Kernel& kernel, Crew& crew);

}  // namespace zk
