// Segmented sums of points by pairwise tree reduction over batch additions, and Pippenger windows on top of them.
#pragma once
#include "batch_add.hpp"
#if defined(ZK_USE_IFMA)
#include "batch_add_ifma.hpp"
#endif
#include "../kernel.hpp"
#include <cstdlib>

namespace zk {
namespace ZK_ISA {

#if defined(ZK_USE_IFMA)
constexpr bool SCALAR_LOOSE = true;  // points come from the vector path
#else
constexpr bool SCALAR_LOOSE = false;
#endif

/** Points handled together, so that buffers and scratch stay in the second-level cache. */
template <class C>
constexpr size_t CHUNK = sizeof(typename C::Raw) == 64 ? 8192 : 4096;
/** Words of scratch per addition. */
template <class C>
constexpr size_t SCRATCH_WORDS = sizeof(typename C::Raw) == 64 ? 25 : 30;

template <class C>
struct Work {
  using Raw = typename C::Raw;
  Raw* buf[2];
  u64* scratch;
  u32 *a, *b, *d;      // operations
  u32 *sa, *sb, *sd;   // operations set aside
  u32 *start, *len, *seg;
  Raw* partial;        // partial sums of long segments
  // windows
  u32* counts;
  u32* order;
  Raw* buckets;
  Raw* lines;
  u32* lineIdx;
  u32* lineOff;

  static constexpr size_t OPS = CHUNK<C> / 2 + 64;
  static constexpr size_t PARTIALS = 1 << 16;

  /** Lays the areas out in w, or only counts bytes when memory is null. maxBuckets is the sum over windows of minBuckets each. */
  static size_t layout(Work* self, char* memory, size_t maxBuckets, size_t maxItems, size_t minBuckets = 1) {
    size_t at = 0;
    auto take = [&](size_t bytes) {
      const uintptr_t p = (uintptr_t)memory + at;
      at += (bytes + 4095) / 4096 * 4096;
      return (char*)p;
    };
    Work w;
    w.buf[0] = (Raw*)take(sizeof(Raw) * (CHUNK<C> + 64));
    w.buf[1] = (Raw*)take(sizeof(Raw) * (CHUNK<C> / 2 + 64));
    w.scratch = (u64*)take(8 * SCRATCH_WORDS<C> * OPS);
    w.a = (u32*)take(4 * OPS);
    w.b = (u32*)take(4 * OPS);
    w.d = (u32*)take(4 * OPS);
    w.sa = (u32*)take(4 * OPS);
    w.sb = (u32*)take(4 * OPS);
    w.sd = (u32*)take(4 * OPS);
    w.start = (u32*)take(4 * (CHUNK<C> + 64));
    w.len = (u32*)take(4 * (CHUNK<C> + 64));
    w.seg = (u32*)take(4 * (CHUNK<C> + 64));
    if (maxBuckets) {
      w.counts = (u32*)take(4 * (maxBuckets + 2));
      w.order = (u32*)take(4 * (maxItems + 1));
      w.buckets = (Raw*)take(sizeof(Raw) * (maxBuckets + 1));
      // Per window at most 256 + 130 lines, 16 bits of at most 130 lines each, and twice the buckets.
      const size_t windows = maxBuckets / minBuckets + 1;
      w.lines = (Raw*)take(sizeof(Raw) * 400 * windows);
      w.lineIdx = (u32*)take(4 * (2 * maxBuckets + 2200 * windows));
      w.lineOff = (u32*)take(4 * 400 * windows);
    }
    if (self) *self = w;
    return at;
  }
};

/** All of ops from src and src2 to dst; `careful` when a source may be infinity. Returns whether some result is infinity. */
template <class C>
static bool addAll(Work<C>& w, const typename C::Raw* src, const typename C::Raw* src2, typename C::Raw* dst, size_t n, [[maybe_unused]] bool careful) {
  AddOps ops{w.a, w.b, w.d, n};
#if defined(ZK_USE_IFMA)
  if (n >= 4) {
    auto pad = [](AddOps& o) {
      for (; o.n % 16; o.n++) {
        o.a[o.n] = o.a[o.n - 1];
        o.b[o.n] = o.b[o.n - 1];
        o.d[o.n] = o.d[o.n - 1];
      }
    };
    if (!careful) {
      AddOps p = ops;
      pad(p);
      if (addVector(src, src2, dst, p, w.scratch)) return false;
    }
    // Equal, opposite or infinite operands: those go through the scalar batch, the rest through the vectors again.
    AddOps special{w.sa, w.sb, w.sd, 0}, rest{w.a, w.b, w.d, 0};
    for (size_t i = 0; i < n; i++) {
      auto p = C::Aff::from(src[w.a[i] & INDEX]), q = C::Aff::from(src2[w.b[i] & INDEX]);
      p.x.reduceFully();
      q.x.reduceFully();
      const bool odd = p.x == q.x || p.x.isZero() || q.x.isZero();
      AddOps& to = odd ? special : rest;
      const u32 a = w.a[i], b = w.b[i], d = w.d[i];
      to.a[to.n] = a;
      to.b[to.n] = b;
      to.d[to.n] = d;
      to.n++;
    }
    bool infinite = false;
    if (special.n) infinite = addScalar<C, SCALAR_LOOSE>(src, src2, dst, special, (typename C::F*)w.scratch);
    if (rest.n) {
      AddOps p = rest;
      pad(p);
      if (!addVector(src, src2, dst, p, w.scratch)) infinite |= addScalar<C, SCALAR_LOOSE>(src, src2, dst, rest, (typename C::F*)w.scratch);
    }
    return infinite;
  }
#endif
  return n ? addScalar<C, SCALAR_LOOSE>(src, src2, dst, ops, (typename C::F*)w.scratch) : false;
}

template <class C>
static ZK_INLINE typename C::Raw signedPoint(const typename C::Raw* src, u32 i) {
  auto p = C::Aff::from(src[i & INDEX]);
  if (SCALAR_LOOSE) {
    p.x.reduceFully();
    p.y.reduceFully();
  }
  return (i & NEGATE ? p.neg() : p).raw();
}

/** Sums segments whose lengths add up to at most CHUNK. Stops at `stop` points when there is one segment; the rest is then in the
 *  returned buffer, *left points. */
template <class C>
static typename C::Raw* sumChunk(Work<C>& w, const typename C::Raw* bases, const u32* idx, const u32* off, size_t s0, size_t s1, typename C::Raw* out, bool careful, size_t stop, size_t* left) {
  using Raw = typename C::Raw;
  size_t active = 0, n = 0;
  u32 pos = 0;
  Raw* cur = w.buf[0];
  for (size_t s = s0; s < s1; s++) {
    const u32 o = off[s], m = off[s + 1] - o;
    if (m == 0) {
      memset(&out[s], 0, sizeof(Raw));
      continue;
    }
    if (m == 1 && stop == 0) {
      out[s] = signedPoint<C>(bases, idx[o]);
      continue;
    }
    const u32 first = pos;
    for (u32 k = 0; k + 1 < m; k += 2) {
      w.a[n] = idx[o + k];
      w.b[n] = idx[o + k + 1];
      w.d[n++] = pos++;
    }
    // An odd last point is carried along as it is, unlooked at since it may be far away; its sign goes with the segment.
    u32 sign = 0;
    if (m & 1) {
      const u32 last = idx[o + m - 1];
      cur[pos++] = bases[last & INDEX];
      sign = last & NEGATE;
    }
    w.start[active] = first;
    w.len[active] = pos - first;
    w.seg[active++] = (u32)s | sign;
  }
  careful = addAll(w, bases, bases, cur, n, careful) || careful;
  int side = 0;
  while (active) {
    if (stop && w.len[0] <= stop) {
      Raw& last = cur[w.start[0] + w.len[0] - 1];
      if (w.seg[0] & NEGATE) last = signedPoint<C>(&last, NEGATE);
      *left = w.len[0];
      return cur + w.start[0];
    }
    Raw* next = w.buf[side ^ 1];
    size_t kept = 0;
    n = 0;
    pos = 0;
    for (size_t i = 0; i < active; i++) {
      const u32 o = w.start[i], m = w.len[i], seg = w.seg[i];
      if (m == 1) {
        out[seg & INDEX] = signedPoint<C>(cur, o | (seg & NEGATE));
        continue;
      }
      const u32 first = pos;
      for (u32 k = 0; k + 1 < m; k += 2) {
        w.a[n] = o + k;
        w.b[n] = o + k + 1;
        w.d[n++] = pos++;
      }
      if (m & 1) {
        next[pos++] = cur[o + m - 1];
      } else {
        w.b[n - 1] |= seg & NEGATE;
      }
      w.start[kept] = first;
      w.len[kept] = pos - first;
      w.seg[kept++] = m & 1 ? seg : seg & INDEX;
    }
    if (kept) careful = addAll(w, cur, cur, next, n, careful) || careful;
    active = kept;
    cur = next;
    side ^= 1;
  }
  return nullptr;
}

/** A segment longer than CHUNK: partial sums of chunks, folded into a running list. */
template <class C>
static typename C::Raw sumLong(Work<C>& w, const typename C::Raw* bases, const u32* idx, size_t n, bool careful) {
  using Raw = typename C::Raw;
  using Jac = typename C::Jac;
  constexpr size_t STOP = 32, CAP = CHUNK<C>;
  Raw* list = (Raw*)malloc(sizeof(Raw) * CAP);
  u32* ids = (u32*)malloc(4 * CAP);
  size_t count = 0;
  auto chunkOf = [&](const Raw* b, const u32* i, size_t m, bool c) {
    const u32 off[2] = {0, (u32)m};
    size_t left = 0;
    const Raw* p = sumChunk<C>(w, b, i, off, 0, 1, nullptr, c, STOP, &left);
    memmove(list + count, p, left * sizeof(Raw));
    count += left;
  };
  for (size_t at = 0; at < n; at += CHUNK<C>) {
    if (count + STOP > CAP) {
      for (size_t i = 0; i < count; i++) ids[i] = (u32)i;
      const size_t m = count;
      count = 0;
      chunkOf(list, ids, m, true);
    }
    chunkOf(bases, idx + at, n - at < CHUNK<C> ? n - at : CHUNK<C>, careful);
  }
  if (count > STOP) {
    for (size_t i = 0; i < count; i++) ids[i] = (u32)i;
    const size_t m = count;
    count = 0;
    chunkOf(list, ids, m, true);
  }
  Jac sum = Jac::inf();
  for (size_t i = 0; i < count; i++) sum = sum + C::Aff::from(signedPoint<C>(list, (u32)i));
  free(list);
  free(ids);
  return sum.affine().raw();
}

template <class C>
static void sums(Work<C>& w, const typename C::Raw* bases, const u32* idx, const u32* off, size_t segments, typename C::Raw* out, bool careful) {
  size_t s = 0;
  while (s < segments) {
    const size_t m = off[s + 1] - off[s];
    if (m > CHUNK<C>) {
      out[s] = sumLong<C>(w, bases, idx + off[s], m, careful);
      s++;
      continue;
    }
    size_t e = s + 1;
    while (e < segments && off[e + 1] - off[s] <= CHUNK<C> && e - s < CHUNK<C>) e++;
    sumChunk<C>(w, bases, idx, off, s, e, out, careful, 0, nullptr);
    s = e;
  }
}

template <class C>
static size_t workBytes(size_t buckets, size_t windows, size_t items) {
  return Work<C>::layout(nullptr, nullptr, buckets * windows, items * windows, buckets ? buckets : 1);
}

template <class C>
static void segmentSums(SumWork m, const typename C::Raw* bases, const u32* idx, const u32* off, size_t segments, typename C::Raw* out) {
  Work<C> w;
  Work<C>::layout(&w, (char*)m.memory, 0, 0);
  sums<C>(w, bases, idx, off, segments, out, false);
}

/** Points of `tableSums` and `twice` handled together: their scratch and running sums stay in the second-level cache. */
template <class C>
constexpr size_t BATCH = CHUNK<C> / 4;

template <class C>
static void tableSums(SumWork m, const typename C::Raw* table, size_t half, const int16_t* digits, size_t n, size_t windows, typename C::Raw* out) {
  using Raw = typename C::Raw;
  Work<C> w;
  Work<C>::layout(&w, (char*)m.memory, 0, 0);
  for (size_t at = 0; at < n; at += BATCH<C>) {
    const size_t count = n - at < BATCH<C> ? n - at : BATCH<C>;
    Raw *cur = w.buf[0], *next = w.buf[1];
    u32* begun = w.len;  // whether there is a sum yet; infinity stands where there is none
    memset(begun, 0, 4 * count);
    memset((void*)cur, 0, sizeof(Raw) * count);
    size_t sums = 0;
    bool careful = false;
    for (size_t g = 0; g < windows; g++) {
      const Raw* own = table + g * half;
      const int16_t* d = digits + g * n + at;
      // mostly there are a sum and a digit everywhere
      bool zero = false;
      for (u32 i = 0; i < count; i++) {
        w.a[i] = w.d[i] = i;
        w.b[i] = (u32)((d[i] < 0 ? -d[i] : d[i]) - 1) | (d[i] < 0 ? NEGATE : 0u);
        zero |= d[i] == 0;
      }
      size_t k = count;
      if (zero || sums < count) {
        k = 0;
        for (u32 i = 0; i < count; i++) {
          if (i + 16 < count && d[i + 16] != 0) {
            const char* ahead = (const char*)&own[w.b[i + 16] & INDEX];
            for (size_t line = 0; line < sizeof(Raw); line += 64) __builtin_prefetch(ahead + line);
          }
          if (d[i] == 0) {
            next[i] = cur[i];
          } else if (!begun[i]) {
            begun[i] = 1;
            sums++;
            next[i] = signedPoint<C>(own, w.b[i]);
          } else {
            w.a[k] = w.d[k] = i;
            w.b[k++] = w.b[i];
          }
        }
      }
      careful = addAll(w, cur, own, next, k, careful) || careful;
      Raw* const t = cur;
      cur = next;
      next = t;
    }
    for (u32 i = 0; i < count; i++) out[at + i] = signedPoint<C>(cur, i);
  }
}

template <class C>
static void addEach(SumWork m, typename C::Raw* points, const u32* a, const u32* b, const u32* d, size_t n) {
  Work<C> w;
  Work<C>::layout(&w, (char*)m.memory, 0, 0);
  for (size_t at = 0; at < n; at += BATCH<C>) {
    const size_t count = n - at < BATCH<C> ? n - at : BATCH<C>;
    memcpy(w.a, a + at, 4 * count);
    memcpy(w.b, b + at, 4 * count);
    memcpy(w.d, d + at, 4 * count);
    addAll(w, points, points, points, count, false);
  }
}

/** Doubles points in place; canonical or not as the vector path leaves them. */
template <class C>
static void twice(SumWork m, typename C::Raw* points, size_t n) {
  Work<C> w;
  Work<C>::layout(&w, (char*)m.memory, 0, 0);
  for (size_t at = 0; at < n; at += BATCH<C>) {
    const size_t count = n - at < BATCH<C> ? n - at : BATCH<C>;
    typename C::Raw* p = points + at;
    size_t done = 0;
#if defined(ZK_USE_IFMA)
    if constexpr (sizeof(typename C::Raw) == sizeof(G1)) {
      const size_t whole = count / 16 * 16;
      if (whole && doubleVector(p, whole, w.scratch)) done = whole;
    }
#endif
    AddOps ops{w.a, w.b, w.d, 0};
    for (; done < count; done++, ops.n++) w.a[ops.n] = w.b[ops.n] = w.d[ops.n] = (u32)done;
    if (ops.n) addScalar<C, SCALAR_LOOSE>(p, p, p, ops, (typename C::F*)w.scratch);
  }
}

template <class C>
static bool isInfRaw(const typename C::Raw& p) {
  return C::Aff::from(p).isInf();
}

/** Every base with a digit other than zero must be a finite point: additions by vectors compare nothing with infinity, which as (0, 0) is
 *  a point off the curve to them. Callers leave such points out (`Classes::build`, `sumOfMultiples`); the points of the quotient never are infinity. */
template <class C>
static void windowSums(SumWork m, const typename C::Raw* bases, const u32* ids, const int16_t* digits, size_t n, int c, size_t windows, typename C::Raw* bits) {
  using Raw = typename C::Raw;
  const u32 nb = 1u << (c - 1);
  const u32 total = (u32)windows * nb;
  Work<C> w;
  Work<C>::layout(&w, (char*)m.memory, total, windows * n, nb);
  // Counting sort by window and |digit|: bucket b of window g is number g·nb + b, from 1.
  u32* cnt = w.counts;
  memset(cnt, 0, 4 * ((size_t)total + 2));
  for (size_t g = 0; g < windows; g++) {
    u32* own = cnt + g * nb;
    const int16_t* d = digits + g * n;
    for (size_t i = 0; i < n; i++) own[d[i] < 0 ? -d[i] : d[i]] += d[i] != 0;
  }
  u32 sum = 0;
  for (u32 b = 1; b <= total; b++) {
    const u32 k = cnt[b];
    cnt[b] = sum;
    sum += k;
  }
  for (size_t g = 0; g < windows; g++) {
    u32* own = cnt + g * nb;
    const int16_t* d = digits + g * n;
    for (size_t i = 0; i < n; i++) {
      if (d[i] == 0) continue;
      const u32 b = (u32)(d[i] < 0 ? -d[i] : d[i]);
      w.order[own[b]++] = (ids ? ids[i] : (u32)i) | (d[i] < 0 ? NEGATE : 0u);
    }
  }
  // cnt[b] is now the end of bucket b: the offsets of all buckets from cnt[0] = 0
  sums<C>(w, bases, w.order, cnt, total, w.buckets + 1, false);
  memset(&w.buckets[0], 0, sizeof(Raw));

  // Σ b·bucket_b by the bits of b. Above seven bits, first column sums (over the high half hi of b = hi·2^h + lo) and row sums
  // (over lo), so that each bit sums few points.
  const Raw* points = w.buckets;
  u32 k = 0, line = 0;
  const int h = c <= 7 ? c : c / 2;
  const u32 width = c <= 7 ? nb + 1 : 1u << h, height = c <= 7 ? 0 : (nb >> h) + 1;
  if (c > 7) {
    for (size_t g = 0; g < windows; g++) {
      const u32 first = (u32)g * nb;
      for (u32 lo = 0; lo < width; lo++) {
        w.lineOff[line++] = k;
        if (lo)
          for (u32 b = lo; b <= nb; b += width)
            if (!isInfRaw<C>(points[first + b])) w.lineIdx[k++] = first + b;
      }
      for (u32 hi = 0; hi < height; hi++) {
        w.lineOff[line++] = k;
        if (hi)
          for (u32 b = hi << h; b <= nb && b < (hi + 1) << h; b++)
            if (!isInfRaw<C>(points[first + b])) w.lineIdx[k++] = first + b;
      }
    }
    w.lineOff[line] = k;
    sums<C>(w, points, w.lineIdx, w.lineOff, line, w.lines, false);
    points = w.lines;
  }
  k = 0;
  line = 0;
  for (size_t g = 0; g < windows; g++) {
    // values 0 … width−1 of the low bits and 0 … height−1 of the high ones; with few buckets there are only the low ones
    const u32 low = c <= 7 ? (u32)g * nb : (u32)g * (width + height), high = low + width;
    for (int bit = 0; bit < c; bit++) {
      w.lineOff[line++] = k;
      const u32 from = bit < h ? low : high, count = bit < h ? width : height;
      for (u32 b = 1; b < count; b++)
        if ((b >> (bit < h ? bit : bit - h)) & 1 && !isInfRaw<C>(points[from + b])) w.lineIdx[k++] = from + b;
    }
  }
  w.lineOff[line] = k;
  sums<C>(w, points, w.lineIdx, w.lineOff, line, bits, false);
}

template <class C>
static typename C::Raw hornerSum(const typename C::Raw* points, const u32* pos, size_t n) {
  using Jac = typename C::Jac;
  Jac acc = Jac::inf();
  u32 at = n ? pos[n - 1] : 0;
  for (size_t i = n; i-- > 0;) {
    for (; at > pos[i]; at--) acc = acc.dbl();
    acc = acc + C::Aff::from(points[i]);
  }
  for (; at > 0; at--) acc = acc.dbl();
  return acc.affine().raw();
}
template <class C>
static typename C::Raw mulPoint(const typename C::Raw& p, const U256& k) {
  return C::Jac::from(C::Aff::from(p)).mul(k).affine().raw();
}
template <class C>
static typename C::Raw addPoints(const typename C::Raw& a, const typename C::Raw& b) {
  return (C::Jac::from(C::Aff::from(a)) + C::Aff::from(b)).affine().raw();
}
template <class C>
static typename C::Raw negPoint(const typename C::Raw& a) {
  return C::Aff::from(a).neg().raw();
}

}  // namespace ZK_ISA
}  // namespace zk
