/** Broken files made of good ones. */

/** Numbers that lengths, counts and offsets break on. */
const NASTY_WORDS = [0n, 1n, 0x7fn, 0x80n, 0xffn, 0xffffn, 0x7fffffffn, 0x80000000n, 0xffffffffn, 2n ** 53n, 2n ** 60n, 2n ** 63n, 2n ** 64n - 1n];
const NASTY_TOKENS = ['null', 'true', '-1', '0', '1e999', '-0', '9007199254740993', '1e-400', '[]', '{}', '""', '[[[[[[[[1]]]]]]]]', '{"__proto__":1}', '"\\u0000"', '"0x1"', '0.5', '"__proto__"', '[,]', 'NaN'];

/** A changed copy: bits, words, cuts, copies, insertions; in text also values. `others` lend pieces. */
export function mutate(bytes: Uint8Array, others: readonly Uint8Array[], random: () => number): Uint8Array {
  let changed = bytes;
  const times = 1 + Math.floor(random() * 4);
  for (let i = 0; i < times; i++) changed = mutateOnce(changed, others, random);
  return changed;
}

function mutateOnce(bytes: Uint8Array, others: readonly Uint8Array[], random: () => number): Uint8Array {
  const below = (end: number): number => Math.floor(random() * end);
  const length = bytes.length;
  if (length === 0) return Uint8Array.of(below(256));
  const isText = bytes[0] === 0x7b || bytes[0] === 0x5b;
  switch (below(isText ? 9 : 8)) {
    case 0: {
      const copy = bytes.slice();
      const at = below(length);
      copy[at] = (copy[at] as number) ^ (1 << below(8));
      return copy;
    }
    case 1: {
      const copy = bytes.slice();
      copy[below(length)] = below(256);
      return copy;
    }
    case 2: {
      // A number of 1, 2, 4 or 8 bytes, little-endian, often where one stands.
      const size = 2 ** below(4);
      const copy = bytes.slice();
      const at = below(2) === 0 ? 4 * below(Math.ceil(length / 4)) : below(length);
      let rest = NASTY_WORDS[below(NASTY_WORDS.length)] as bigint;
      for (let i = at; i < Math.min(at + size, length); i++, rest >>= 8n) copy[i] = Number(rest & 255n);
      return copy;
    }
    case 3:
      return bytes.slice(0, below(length));
    case 4: {
      const [from, to] = [below(length), below(length)].sort((left, right) => left - right) as [number, number];
      return joined(bytes.subarray(0, from), bytes.subarray(to));
    }
    case 5: {
      const at = below(length);
      const piece = bytes.subarray(at, at + 1 + below(64));
      return joined(bytes.subarray(0, at), piece, piece, bytes.subarray(at));
    }
    case 6: {
      const other = others[below(others.length)] ?? bytes;
      return joined(bytes.subarray(0, below(length)), other.subarray(below(other.length)));
    }
    case 7: {
      const at = below(length);
      return joined(bytes.subarray(0, at), Uint8Array.from({ length: 1 + below(16) }, () => (below(3) === 0 ? 0xff : below(256))), bytes.subarray(at));
    }
    default:
      return withToken(bytes, NASTY_TOKENS[below(NASTY_TOKENS.length)] as string, random);
  }
}

/** One value of JSON text replaced by another. */
function withToken(bytes: Uint8Array, token: string, random: () => number): Uint8Array {
  const text = new TextDecoder().decode(bytes);
  const values = [...text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/g)];
  const chosen = values[Math.floor(random() * values.length)];
  if (chosen === undefined) return bytes;
  return new TextEncoder().encode(`${text.slice(0, chosen.index)}${token}${text.slice(chosen.index + chosen[0].length)}`);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
