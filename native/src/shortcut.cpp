#include "shortcut.hpp"
#include "blake2b.hpp"
#include "scalars.hpp"
#include <algorithm>

namespace zk {

namespace {

constexpr u32 VERSION = 1;
/** Bytes up to the parts: hash, version, padding, four counts, two reserved words. */
constexpr size_t HEAD = 96;

void bind(const u8* header, size_t size, u8 out[64]) {
  Blake2b h;
  const char tag[] = "zkonnx shortcut 1\n";
  h.update(tag, sizeof tag - 1);
  h.update(header, size);
  h.digest(out);
}

/** Where the parts are, from the section's first byte. All begin at multiples of 64 bytes of the file, as written. */
struct Layout {
  u64 start[2], terms[2], wideIndex[2], wide[2], infinite[3], points, size;
  Layout(u64 padding, u64 wires, u64 domain, const u32 termCount[2], const u32 wideCount[2]) {
    u64 at = HEAD + padding;
    auto take = [&](u64 bytes) {
      const u64 p = at;
      at += (bytes + 63) / 64 * 64;
      return p;
    };
    for (int m = 0; m < 2; m++) {
      start[m] = take(4 * (domain + 1));
      terms[m] = take(8 * (u64)termCount[m]);
      wideIndex[m] = take(wideCount[m] ? 4 * (u64)termCount[m] : 0);
      wide[m] = take(32 * (u64)wideCount[m]);
    }
    for (auto& x : infinite) x = take((wires + 63) / 64 * 8);
    points = at;
    size = at + wires * 64;
  }
};

}  // namespace

Shortcut::Shortcut(const BinFile& key, u32 wires, u32 domain, Crew& crew) {
  if (!key.has(SHORTCUT_SECTION)) return;
  const Section s = key.section(SHORTCUT_SECTION), header = key.section(2);
  if (s.size < HEAD) return;
  u8 expected[64];
  bind(header.data, header.size, expected);
  u32 head[8];
  memcpy(head, s.data + 64, sizeof head);
  const u32 version = head[0], padding = head[1], *termCount = head + 2, *wideCount = head + 4;
  if (memcmp(s.data, expected, 64) != 0 || version != VERSION) return;
  // A tool that moved the section may have left it unaligned: then the rest of the key does.
  if (padding >= 64 || ((uintptr_t)s.data + HEAD + padding) % 64) return;
  const Layout at(padding, wires, domain, termCount, wideCount);
  auto corrupt = [&](const char* what) { return Error("ZKEY_CORRUPT", key.name() + ": the section of shortcuts " + what); };
  if (at.size != s.size) throw corrupt("has the wrong size");
  for (int m = 0; m < 2; m++) {
    rows[m].start = (const u32*)(s.data + at.start[m]);
    rows[m].terms = (const Term*)(s.data + at.terms[m]);
    rows[m].wideIndex = (const u32*)(s.data + at.wideIndex[m]);
    rows[m].wide = (const U256*)(s.data + at.wide[m]);
    if (rows[m].start[0] != 0 || rows[m].start[domain] != termCount[m]) throw corrupt("has impossible rows");
    const size_t step = 1 << 16;
    crew.run((domain + step - 1) / step, [&](size_t t, int) {
      for (size_t i = t * step; i < std::min<size_t>(domain, (t + 1) * step); i++)
        if (rows[m].start[i] > rows[m].start[i + 1]) throw corrupt("has impossible rows");
    });
    crew.run((termCount[m] + step - 1) / step, [&](size_t t, int) {
      for (size_t i = t * step; i < std::min<size_t>(termCount[m], (t + 1) * step); i++) {
        const Term e = rows[m].terms[i];
        if (e.wire >= wires) throw corrupt("uses a wire that does not exist");
        if (e.coef == WIDE && (wideCount[m] == 0 || rows[m].wideIndex[i] >= wideCount[m])) throw corrupt("uses a coefficient that does not exist");
      }
    });
    for (u32 i = 0; i < wideCount[m]; i++)
      if (!less(rows[m].wide[i], FR_MODULUS)) throw corrupt("has a coefficient that is not below the field's modulus");
  }
  for (int k = 0; k < 3; k++) infinite[k] = (const u64*)(s.data + at.infinite[k]);
  points = (const G1*)(s.data + at.points);
  valid = true;
}

void writeShortcutHead(OutFile& out, u64 at, const u8 header[], size_t headerSize, const ShortcutParts& parts, const Kernel& K) {
  const R1cs& r = parts.system;
  const u32 publicRows[2] = {r.publics + 1, 0};
  u32 termCount[2], wideCount[2];
  for (int m = 0; m < 2; m++) {
    termCount[m] = (u32)r.m[m].terms.size() + publicRows[m];
    wideCount[m] = (u32)r.m[m].wide.size();
  }
  // type, size and head come before the first part
  const u32 padding = (u32)((64 - (at + 12 + HEAD) % 64) % 64);
  const Layout layout(padding, r.wires, parts.domain, termCount, wideCount);
  out.section(SHORTCUT_SECTION, layout.size);
  u8 hash[64];
  bind(header, headerSize, hash);
  out.write(hash, sizeof hash);
  for (u32 x : {VERSION, padding, termCount[0], termCount[1], wideCount[0], wideCount[1], 0u, 0u}) out.word(x);
  const u8 zeros[64] = {};
  out.write(zeros, padding);
  u64 written = HEAD + padding;
  auto put = [&](const void* p, u64 size) {
    out.write(p, size);
    written += size;
  };
  auto align = [&] {
    const u64 from = HEAD + padding;
    put(zeros, (64 - (written - from) % 64) % 64);
  };
  for (int m = 0; m < 2; m++) {
    const Matrix& M = r.m[m];
    put(M.start.data(), 4 * ((u64)r.constraints + 1));
    for (u32 i = r.constraints; i < parts.domain; i++) {
      const u32 end = std::min<u32>((u32)M.terms.size() + (i - r.constraints + 1), termCount[m]);
      put(&end, 4);
    }
    align();
    put(M.terms.data(), 8 * (u64)M.terms.size());
    for (u32 s = 0; s < publicRows[m]; s++) {
      const Term one{s, 1};
      put(&one, 8);
    }
    align();
    if (wideCount[m]) {
      put(M.wideIndex.data(), 4 * (u64)M.terms.size());
      put(std::vector<u32>(publicRows[m]).data(), 4 * (u64)publicRows[m]);
      align();
      for (const U256& x : M.wide) {
        const U256 v = toMont(K, x);
        put(&v, 32);
      }
      align();
    }
  }
  for (const U256* scalars : parts.scalars) {
    for (u32 w = 0; w < (r.wires + 63) / 64; w++) {
      u64 bits = 0;
      for (u32 i = w * 64; i < std::min(r.wires, w * 64 + 64); i++)
        if (equal(scalars[i], ZERO_256)) bits |= 1ull << (i % 64);
      put(&bits, 8);
    }
    align();
  }
}

}  // namespace zk
