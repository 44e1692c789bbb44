/**
 * Script and contract on statements with commitments: other values, other salts, commitments of the wrong kind or at the wrong place, beyond
 * the field, replays with another context or another commitment. Every change of what was proven must be refused by both.
 */
import { toEvmProof, type EvmProof } from '../../src/evm/index.js';
import { ALL_PUBLIC, committedParts, type Committed, type Visibility } from '../../src/verify/visibility.js';
import { commit } from '../../src/verify/commitment.js';
import { commitmentText } from '../../src/verify/fieldElement.js';
import { packPublic, publicBytes, publicTensors } from '../../src/verify/packing.js';
import { publicLayout, signalCount, verifyInference, type PublicLayout } from '../../src/verify/index.js';
import { R, syntheticKey, type SyntheticKey } from '../evm/syntheticKey.js';
import { randomNumbers, type Finding, type Scale } from './experiment.js';
import { every, inWords, toJson, verdict, withVerifiers } from './verifierStage.js';

function layoutOf(visibility: Partial<Visibility>): PublicLayout {
  return publicLayout({
    visibility: { ...ALL_PUBLIC, ...visibility },
    outputs: [{ name: 'y', type: 'uint8', shape: [10] }],
    inputs: [{ name: 'x', type: 'uint8', shape: [40] }],
    weights: [{ name: 'w', type: 'int8', shape: [5, 4] }, { name: 'b', type: 'int32', shape: [4] }],
  });
}

export const HASHED_LAYOUTS: Readonly<Record<string, PublicLayout>> = {
  'all hashed': layoutOf({ inputs: 'hashed', outputs: 'hashed', weights: 'hashed' }),
  'inputs hashed': layoutOf({ inputs: 'hashed' }),
  'outputs and weights hashed': layoutOf({ outputs: 'hashed', weights: 'hashed' }),
  'inputs private, weights hashed': layoutOf({ inputs: 'private', weights: 'hashed' }),
};

type Values = Readonly<Record<string, readonly number[]>>;

/** What was computed, and the salts. */
interface Inference {
  readonly values: Readonly<Record<Committed, Values>>;
  readonly salts: Readonly<Record<Committed, bigint>>;
}

/** What a verifier is given. */
interface Claim {
  readonly proof: EvmProof;
  readonly inputs: Values;
  readonly outputs: Values;
  readonly context: bigint;
  readonly commitments: Readonly<Partial<Record<Committed, bigint>>>;
}

interface Case {
  readonly attack: string;
  readonly claim: Claim;
  readonly key: number;
  readonly right: boolean;
}

export function attackHashedVerifiers(name: string, scale: Scale): Promise<Finding[]> {
  const layout = HASHED_LAYOUTS[name] as PublicLayout;
  const keys = [11n, 12n].map((seed) => syntheticKey(signalCount(layout), seed));
  return withVerifiers(layout, keys, async ({ abi, accepts, compare }) => {
    for (const { attack, claim, key, right } of every([...claims(layout, keys)], scale)) {
      const data = abi.encodeFunctionData('verifyInference', [...bytesOf(layout, claim), claim.context, claim.proof]);
      compare(attack, right, scriptAccepts(layout, keys[key] as SyntheticKey, claim), await accepts(key, data), () => `${name}: ${inWords(claim)}`);
    }
  });
}

function scriptAccepts(layout: PublicLayout, { verificationKey }: SyntheticKey, { proof, inputs, outputs, context, commitments }: Claim): boolean {
  return verdict(() => verifyInference({ verificationKey, layout, proof: toJson(proof), context, inputs, outputs, commitments }));
}

/** The arguments of the contract, also of commitments that are none. */
function bytesOf(layout: PublicLayout, { inputs, outputs, commitments }: Claim): [inputs: string, outputs: string] {
  const side = (part: 'inputs' | 'outputs', values: Values): string => {
    const shown = Buffer.from(publicBytes({ tensors: publicTensors(layout, part), values })).toString('hex');
    const hashes = [part, ...(part === 'inputs' ? (['weights'] as const) : [])].flatMap((each) => commitments[each as Committed] ?? []);
    return `0x${shown}${hashes.map((hash) => commitmentText(hash).slice(2)).join('')}`;
  };
  return [side('inputs', inputs), side('outputs', outputs)];
}

function* claims(layout: PublicLayout, keys: readonly SyntheticKey[]): Generator<Case> {
  const random = randomNumbers(77);
  const parts = committedParts(layout.visibility);
  const big = (): bigint => Array.from({ length: 5 }).reduce<bigint>((sum) => (sum << 51n) | BigInt(Math.floor(random() * 2 ** 51)), 0n) % R;
  const list = (count: number, least: number, most: number): number[] => Array.from({ length: count }, () => least + Math.floor(random() * (most - least + 1)));
  const inference = (): Inference => ({
    values: { inputs: { x: list(40, 0, 255) }, outputs: { y: list(10, 0, 255) }, weights: { w: list(20, -128, 127), b: list(4, -(2 ** 31), 2 ** 31 - 1) } },
    salts: { inputs: big(), outputs: big(), weights: big() },
  });
  const commitmentOf = (part: Committed, { values, salts }: Inference, salt = salts[part]): bigint => commit({ part, tensors: layout[part], values: values[part], salt });
  const shown = (part: 'inputs' | 'outputs', values: Inference['values']): Values => (layout.visibility[part] === 'public' ? values[part] : {});
  const statement = (own: Inference): Omit<Claim, 'proof' | 'context'> => ({
    inputs: shown('inputs', own.values),
    outputs: shown('outputs', own.values),
    commitments: Object.fromEntries(parts.map((part) => [part, commitmentOf(part, own)])),
  });
  const prove = (key: number, claim: Omit<Claim, 'proof'>): Claim => ({ ...claim, proof: toEvmProof((keys[key] as SyntheticKey).prove(packPublic({ layout, ...claim }))) });
  const own = inference();
  const good = prove(0, { ...statement(own), context: 0xc0ffeen });
  const of = (attack: string, claim: Claim, right = false): Case => ({ attack, claim, key: 0, right });
  const withCommitment = (part: Committed, commitment: bigint): Claim => ({ ...good, commitments: { ...good.commitments, [part]: commitment } });

  yield of('hashed: right claims', good, true);
  for (let i = 0; i < 10; i++) yield of('hashed: right claims', prove(0, { ...statement(inference()), context: big() }), true);
  for (const edge of [0n, 1n, R - 1n]) {
    const commitments = Object.fromEntries(parts.map((part) => [part, edge]));
    yield of('hashed: right claims', prove(0, { ...good, commitments, context: edge }), true);
  }
  for (const part of parts) {
    const right = good.commitments[part] as bigint;
    // Beyond the field, changed, and with bits flipped.
    const changes = [right + 1n, right - 1n, 0n, 1n, right + R, right + 2n * R, R, R + 1n, R - 1n, R - right, 2n ** 256n - 1n, ...Array.from({ length: 40 }, () => right ^ (1n << BigInt(Math.floor(random() * 254))))];
    for (const changed of changes) if (changed < 2n ** 256n) yield of('hashed: commitments', withCommitment(part, changed));
    // The same values with another salt, and none.
    for (const salt of [0n, own.salts[part] + 1n, own.salts[part] - 1n, ...Array.from({ length: 10 }, big)]) yield of('hashed: salts', withCommitment(part, commitmentOf(part, own, salt)));
    // Other values with the same salt.
    for (let i = 0; i < 20; i++) {
      const [tensor, values] = Object.entries(own.values[part])[0] as [string, readonly number[]];
      const at = Math.floor(random() * values.length);
      const moved = { ...own.values[part], [tensor]: values.with(at, (values[at] as number) + ((values[at] as number) > 100 ? -1 : 1)) };
      yield of('hashed: values', withCommitment(part, commitmentOf(part, { ...own, values: { ...own.values, [part]: moved } })));
    }
    // What belongs to another part, or is of another kind.
    for (const other of ['inputs', 'outputs', 'weights'] as const) {
      const tensors = layout[other];
      if (other === part || tensors.length === 0) continue;
      for (const salt of [own.salts[other], own.salts[part]]) yield of('hashed: parts', withCommitment(part, commit({ part: other, tensors, values: own.values[other], salt })));
    }
    const kind = part === 'weights' ? 'inputs' : 'weights';
    yield of('hashed: parts', withCommitment(part, commit({ part: kind, tensors: layout[part], values: own.values[part], salt: own.salts[part] })));
  }
  if (parts.length > 1) {
    const hashes = parts.map((part) => good.commitments[part] as bigint);
    for (let turn = 1; turn < parts.length; turn++) {
      yield of('hashed: parts', { ...good, commitments: Object.fromEntries(parts.map((part, i) => [part, hashes[(i + turn) % parts.length] as bigint])) });
    }
  }
  // Public bytes beside the commitments.
  for (const side of ['inputs', 'outputs'] as const) {
    for (const [name, values] of Object.entries(good[side])) {
      for (const at of values.keys()) yield of('hashed: public bytes', { ...good, [side]: { [name]: values.with(at, (values[at] as number) ^ (1 << (at % 8))) } });
    }
  }
  for (const context of [good.context + 1n, 0n, good.context + R, R, R + 1n, 2n ** 256n - 1n, R - good.context]) yield of('hashed: contexts', { ...good, context });
  for (let bit = 0n; bit < 256n; bit += 9n) yield of('hashed: contexts', { ...good, context: good.context ^ (1n << bit) });
  // Replays: the proof of one inference with what another says, or with one part of it; the same values under two salts; the other key.
  const others = Array.from({ length: 10 }, (_, i) => prove(i % 2, { ...statement(i < 8 ? inference() : { ...own, salts: { inputs: big(), outputs: big(), weights: big() } }), context: BigInt(i) }));
  for (const [i, from] of others.entries()) {
    yield { attack: 'hashed: keys', claim: from, key: i % 2, right: true };
    yield { attack: 'hashed: keys', claim: from, key: 1 - (i % 2), right: false };
    for (const [j, to] of others.entries()) {
      if (i === j) continue;
      yield { attack: 'hashed: replays', claim: { ...to, proof: from.proof }, key: j % 2, right: false };
      yield { attack: 'hashed: replays', claim: { ...from, context: to.context }, key: i % 2, right: false };
      const part = parts[(i + j) % parts.length] as Committed;
      yield { attack: 'hashed: replays', claim: { ...from, commitments: { ...from.commitments, [part]: to.commitments[part] as bigint } }, key: i % 2, right: false };
    }
  }
}
