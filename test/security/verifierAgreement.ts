/**
 * Forged statements and proofs, to the script and to the contract on a local EVM node: both must refuse, and both must accept what is
 * right. The keys are synthetic, so that proofs of any statement can be made at will.
 */
import { toEvmProof, type EvmProof } from '../../src/evm/index.js';
import { packPublic, publicLayout, signalCount, verifyProof } from '../../src/verify/index.js';
import { g1, g2, outsideSubgroup, Q, R, syntheticKey, type SyntheticKey } from '../evm/syntheticKey.js';
import { randomNumbers, type Experiment, type Finding, type Scale } from './experiment.js';
import { attackHashedVerifiers, HASHED_LAYOUTS } from './hashedVerifiers.js';
import { every, inWords, toJson, verdict, withVerifiers } from './verifierStage.js';

export const verifierAgreement: Experiment = {
  name: 'verifiers',
  about: 'script and contract on forged proofs, points, public values, lengths, keys and replays: both refuse, or both accept what is right',
  forgeries: true,
  parts: (scale) => [
    { name: 'all public', run: () => attackVerifiers(scale) },
    ...Object.keys(HASHED_LAYOUTS).slice(0, scale === 'full' ? undefined : 1).map((name) => ({ name, run: () => attackHashedVerifiers(name, scale) })),
  ],
};

const LAYOUT = publicLayout({
  outputs: [{ name: 'y', type: 'uint8', shape: [10] }],
  inputs: [{ name: 'x', type: 'uint8', shape: [72] }],
});

/** Everything that a verifier is given, in the contract's terms. */
interface Claim {
  readonly proof: EvmProof;
  readonly inputs: Uint8Array;
  readonly outputs: Uint8Array;
  readonly context: bigint;
}

interface Case {
  readonly attack: string;
  readonly claim: Claim;
  readonly key: number;
  readonly right: boolean;
}

/** The same claim as public signals, for `verifyProof` of the contract. */
interface SignalCase {
  readonly proof: EvmProof;
  readonly signals: readonly bigint[];
  readonly right: boolean;
}

function attackVerifiers(scale: Scale): Promise<Finding[]> {
  const keys = verificationKeys();
  return withVerifiers(LAYOUT, keys, async ({ abi, accepts, compare }) => {
    const cases = [...claims(keys)];
    for (const { attack, claim, key, right } of every(cases, scale)) {
      const data = abi.encodeFunctionData('verifyInference', [claim.inputs, claim.outputs, claim.context, claim.proof]);
      compare(attack, right, scriptAccepts(keys[key] as SyntheticKey, claim), await accepts(key, data), () => inWords(claim));
    }
    for (const { proof, signals, right } of every([...signalClaims(keys[0] as SyntheticKey)], scale)) {
      const data = abi.encodeFunctionData('verifyProof', [proof, signals]);
      compare('public signals', right, signalsAccepted(keys[0] as SyntheticKey, proof, signals), await accepts(0, data), () => signals.join());
    }
    // What only calldata can do: the script has no bytes to cut. Short calldata is refused, and what follows the last argument is not read.
    const { claim } = cases[0] as Case;
    const data = abi.encodeFunctionData('verifyInference', [claim.inputs, claim.outputs, claim.context, claim.proof]);
    const forged = abi.encodeFunctionData('verifyInference', [claim.inputs, claim.outputs, claim.context + 1n, claim.proof]);
    const padding = 22;
    for (let bytes = 0; bytes < (data.length - 2) / 2 - padding; bytes += scale === 'full' ? 3 : 60) {
      compare('calldata', false, false, await accepts(0, data.slice(0, 2 + 2 * bytes)), () => `${bytes} bytes`);
    }
    for (let more = 1; more < 100; more += scale === 'full' ? 3 : 50) {
      compare('calldata', true, true, await accepts(0, `${data}${'ff'.repeat(more)}`), () => `${more} bytes more`);
      compare('calldata', false, false, await accepts(0, `${forged}${'00'.repeat(more)}`), () => `forged, ${more} bytes more`);
    }
  });
}

function scriptAccepts({ verificationKey }: SyntheticKey, { proof, inputs, outputs, context }: Claim): boolean {
  return verdict(() => verifyProof({ verificationKey, proof: toJson(proof), publicSignals: packPublic({ layout: LAYOUT, outputs: { y: outputs }, context, inputs: { x: inputs } }) }));
}

function signalsAccepted({ verificationKey }: SyntheticKey, proof: EvmProof, publicSignals: readonly bigint[]): boolean {
  return verdict(() => verifyProof({ verificationKey, proof: toJson(proof), publicSignals }));
}

function prove(key: SyntheticKey, inputs: Uint8Array, outputs: Uint8Array, context: bigint): Claim {
  return { proof: toEvmProof(key.prove(packPublic({ layout: LAYOUT, outputs: { y: outputs }, context, inputs: { x: inputs } }))), inputs, outputs, context };
}

/** Three keys, and then the first one with its δ from the second, and with that as its γ. */
function verificationKeys(): SyntheticKey[] {
  const [first, second, third] = [1n, 2n, 3n].map((seed) => syntheticKey(signalCount(LAYOUT), seed)) as [SyntheticKey, SyntheticKey, SyntheticKey];
  const { verificationKey } = first;
  return [
    first,
    second,
    third,
    { ...first, verificationKey: { ...verificationKey, vk_delta_2: second.verificationKey.vk_delta_2 } },
    { ...first, verificationKey: { ...verificationKey, vk_gamma_2: second.verificationKey.vk_delta_2 } },
  ];
}

function* claims(keys: readonly SyntheticKey[]): Generator<Case> {
  const random = randomNumbers(2026);
  const byte = (): number => Math.floor(random() * 256);
  const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, byte);
  const [key] = keys as [SyntheticKey];
  const good = prove(key, bytes(72), bytes(10), 0xc0ffeen);
  const words = [...good.proof];
  const withWords = (proof: readonly bigint[]): Claim => ({ ...good, proof: proof as unknown as EvmProof });
  const of = (attack: string, claim: Claim, right = false): Case => ({ attack, claim, key: 0, right });
  yield of('right claims', good, true);
  for (let i = 0; i < 20; i++) yield of('right claims', prove(key, bytes(72), bytes(10), BigInt(Math.floor(random() * 2 ** 52))), true);
  for (const edge of [0n, 1n, R - 1n]) yield of('right claims', prove(key, new Uint8Array(72), new Uint8Array(10).fill(255), edge), true);
  // Groth16 proofs can be changed into another proof of the same statement.
  const [ax, ay, bx1, bx0, by1, by0, cx, cy] = good.proof;
  yield of('right claims', withWords([ax, Q - ay, bx1, bx0, Q - by1, Q - by0, cx, cy]), true);

  // Coordinates: not below q, zero, changed, of the other sign, any, with bits flipped.
  for (const index of words.keys()) {
    const word = words[index] as bigint;
    const changes = [word + 1n, word - 1n, 0n, 1n, word + Q, Q, Q - 1n, Q - word, 2n ** 256n - 1n, ...Array.from({ length: 50 }, () => word ^ (1n << BigInt(Math.floor(random() * 254))))];
    for (const changed of changes) yield of('coordinates', withWords(words.with(index, BigInt.asUintN(256, changed))));
  }
  // Points: every combination of right, another point of the group, negated, at infinity, off the curve, outside of the subgroup.
  const negate = ([x, y]: readonly bigint[]): bigint[] => [x as bigint, Q - (y as bigint)];
  const affine = (point: readonly string[]): bigint[] => point.slice(0, 2).map(BigInt);
  const twist = (point: readonly (readonly string[])[]): bigint[] => [point[0]?.[1], point[0]?.[0], point[1]?.[1], point[1]?.[0]].map((text) => BigInt(text ?? 0));
  const choicesOf = (right: readonly bigint[], other: readonly bigint[]) => [right, other, negate(right), [0n, 0n], [1n, 1n]];
  const inB = [[bx1, bx0, by1, by0], twist(g2(77n)), [bx1, bx0, Q - by1, Q - by0], [0n, 0n, 0n, 0n], [1n, 1n, 1n, 1n], twist(outsideSubgroup()), [bx0, bx1, by0, by1]];
  for (const [i, a] of choicesOf([ax, ay], affine(g1(77n))).entries()) {
    for (const [j, b] of inB.entries()) {
      for (const [k, c] of choicesOf([cx, cy], affine(g1(78n))).entries()) {
        const right = (i === 0 && j === 0 && k === 0) || (i === 2 && j === 2 && k === 0);
        yield of('points', withWords([...a, ...b, ...c]), right);
      }
    }
  }
  // Every public byte, several of its bits.
  for (let at = 0; at < 72; at++) for (const bit of [0, 3, 7]) yield of('public bytes', { ...good, inputs: good.inputs.with(at, (good.inputs[at] as number) ^ (1 << bit)) });
  for (let at = 0; at < 10; at++) for (let bit = 0; bit < 8; bit++) yield of('public bytes', { ...good, outputs: good.outputs.with(at, (good.outputs[at] as number) ^ (1 << bit)) });
  // Lengths.
  for (let length = 0; length < 110; length++) {
    const cut = (from: Uint8Array): Uint8Array => Uint8Array.from({ length }, (_, i) => from[i] ?? 0);
    if (length !== 72) yield of('lengths', { ...good, inputs: cut(good.inputs) });
    if (length !== 10) yield of('lengths', { ...good, outputs: cut(good.outputs) });
  }
  // Contexts: another, the same plus r, and beyond.
  for (const context of [good.context + 1n, 0n, good.context + R, R, R + 1n, 2n ** 256n - 1n, R - good.context]) yield of('contexts', { ...good, context });
  for (let bit = 0n; bit < 256n; bit += 5n) yield of('contexts', { ...good, context: good.context ^ (1n << bit) });
  // Replays: the proof of one claim with what another one says, and proofs and keys of others.
  const others = Array.from({ length: 18 }, (_, i) => prove(keys[i % 3] as SyntheticKey, bytes(72), bytes(10), BigInt(i)));
  for (const [i, from] of others.entries()) {
    for (const [j, to] of others.entries()) {
      if (i !== j) yield { attack: 'replays', claim: { ...to, proof: from.proof }, key: j % 3, right: false };
    }
    for (const key of keys.keys()) yield { attack: 'keys', claim: from, key, right: i % 3 === key };
    yield { attack: 'replays', claim: { ...from, inputs: good.inputs }, key: i % 3, right: false };
    yield { attack: 'replays', claim: { ...from, outputs: good.outputs }, key: i % 3, right: false };
    yield { attack: 'replays', claim: { ...from, context: from.context + 1n }, key: i % 3, right: false };
  }
  // Right claims for the first key, to each key with a part swapped, and to the others.
  for (let i = 0; i < 60; i++) yield { attack: 'keys', claim: prove(key, bytes(72), bytes(10), BigInt(i)), key: 1 + (i % (keys.length - 1)), right: false };
}

function* signalClaims(key: SyntheticKey): Generator<SignalCase> {
  const random = randomNumbers(7);
  const big = (): bigint => Array.from({ length: 5 }).reduce<bigint>((sum) => (sum << 51n) | BigInt(Math.floor(random() * 2 ** 51)), 0n);
  for (let i = 0; i < 40; i++) {
    const signals = Array.from({ length: signalCount(LAYOUT) }, () => big() % R);
    const proof = toEvmProof(key.prove(signals));
    yield { proof, signals, right: true };
    const index = i % signals.length;
    const signal = signals[index] as bigint;
    for (const changed of [signal + R, signal + 1n, R, 2n ** 256n - 1n, 0n, R - signal, signal + 4n * R]) {
      yield { proof, signals: signals.with(index, changed), right: false };
    }
  }
}
