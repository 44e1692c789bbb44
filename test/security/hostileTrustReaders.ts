/** Readers of what ceremonies, commitments and quantization pass on: powers of tau, keys with contributions, openings, salts, labels. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CEREMONY_FILES, FILES, parseJson, proofTensors, readCeremonyFile, readOpeningFile, readWeightsOpeningFile, type CeremonyFile } from '../../src/artifacts/index.js';
import { writeR1csFile } from '../../src/r1cs/r1csFile.js';
import { applyBeacon, checkZkey, contribute, readPowersOfTau, readZkeyHeader } from '../../src/setup/index.js';
import { parseCommitment } from '../../src/verify/fieldElement.js';
import { parsePublicLayout } from '../../src/verify/index.js';
import { ceremonyEngine } from '../../src/workflow/ceremonyEngine.js';
import { ceremonyCircuit, ceremonyKeyPath, openCeremony } from '../../src/workflow/ceremonyFolder.js';
import { readLabels } from '../../src/workflow/readLabels.js';
import { randomSystem } from '../support/randomSystem.js';
import { POWERS_OF_TAU } from '../support/snarkjs.js';
import { folder, json, npy, preparedFile, throughFile, type HostileReader } from './hostileFolder.js';

/** A key with a contribution and a beacon. */
async function contributedKey(): Promise<Uint8Array[]> {
  const engine = ceremonyEngine();
  const [r1csPath, initial, second, last] = ['ceremony.r1cs', 'initial.zkey', 'second.zkey', 'last.zkey'].map((name) => join(folder, name)) as [string, string, string, string];
  await writeR1csFile({ r1cs: randomSystem({ seed: 4, rows: 6 }).r1cs, path: r1csPath });
  await engine.initialKey({ r1csPath, ptauPath: POWERS_OF_TAU, zkeyPath: initial });
  await contribute({ zkeyPath: initial, targetPath: second, name: 'first', arithmetic: engine });
  await applyBeacon({ zkeyPath: second, targetPath: last, name: 'beacon', arithmetic: engine, beacon: { value: Uint8Array.of(1, 2, 3), iterationsExponent: 10 } });
  return [initial, second, last].map((path) => readFileSync(path));
}

const CEREMONY: CeremonyFile = {
  format: 'zkonnx-ceremony',
  version: 1,
  model: { name: 'model', sha256: 'ab'.repeat(32) },
  circuit: { batch: 1, visibility: { inputs: 'public', outputs: 'hashed', weights: 'fixed' }, rows: 6, wires: 9, publicSignals: 2, sha256: 'cd'.repeat(32), hash: 'ef'.repeat(64) },
  powersOfTau: { file: 'own.ptau', power: 7, blake2b: '01'.repeat(64), published: 'no' },
};

/** The folder of a ceremony with one key, and a broken ceremony.json. */
function ceremonyFolder(): HostileReader['read'] {
  const own = join(folder, 'ceremony');
  return async (bytes) => {
    mkdirSync(own, { recursive: true });
    writeFileSync(ceremonyKeyPath(own, 0), '');
    writeFileSync(join(own, CEREMONY_FILES.r1cs), 'r1cs');
    writeFileSync(join(own, CEREMONY_FILES.ceremony), bytes);
    const ceremony = await openCeremony(own);
    await ceremonyCircuit(ceremony).catch((error: { readonly code?: string }) => {
      if (error.code !== 'ARTIFACT_STALE') throw error;
    });
  };
}

const NAMES = ['a', 'b', 'c'];
const OUTPUT = { name: 'y', type: 'float32', shape: [1, 2] } as const;

const LABELS = [json([0, 3, 9]), json([{ file: 'a.json', label: 1 }, { file: 'b.json', label: 2 }, { file: 'c.png', label: 3 }])];

export const TRUST_READERS: Readonly<Record<string, HostileReader>> = {
  ptau: { seeds: () => [readFileSync(POWERS_OF_TAU)], read: throughFile('powers.ptau', (path) => readPowersOfTau(path)), executions: 20_000 },
  'ptau: initial key': {
    seeds: async () => {
      await writeR1csFile({ r1cs: randomSystem({ seed: 4, rows: 6 }).r1cs, path: join(folder, 'circuit.r1cs') });
      return [readFileSync(POWERS_OF_TAU)];
    },
    read: throughFile('initial.ptau', (ptauPath) => ceremonyEngine().initialKey({ r1csPath: join(folder, 'circuit.r1cs'), ptauPath, zkeyPath: join(folder, 'made.zkey') })),
    executions: 5_000,
  },
  'ceremony: keys': { seeds: contributedKey, read: throughFile('contributed.zkey', (path) => readZkeyHeader(path)), executions: 50_000 },
  'ceremony: all points of keys': { seeds: contributedKey, read: async (bytes) => void (await checkZkey(bytes)), executions: 10_000 },
  'ceremony: ceremony.json': { seeds: () => [json(CEREMONY)], read: throughFile(CEREMONY_FILES.ceremony, () => readCeremonyFile(folder)), executions: 40_000 },
  'ceremony: folder': { seeds: () => [json({ ...CEREMONY, circuit: { ...CEREMONY.circuit, sha256: 'ff'.repeat(32) } })], read: ceremonyFolder(), executions: 20_000 },
  'opening of a proof': { seeds: () => preparedFile('hashed/proofs/digit-000.opening.json'), read: throughFile('opening.json', readOpeningFile), executions: 40_000 },
  'opening of weights': { seeds: () => preparedFile(`hashed/${FILES.weightsOpening}`), read: throughFile(FILES.weightsOpening, readWeightsOpeningFile), executions: 40_000 },
  'outputs to commit to': {
    seeds: () => preparedFile('hashed/proofs/digit-000.opening.json', 'public/proofs/digit-000.json'),
    read: (bytes) => void parseJson(bytes, proofTensors, 'outputs.json'),
    executions: 40_000,
  },
  'salts and commitments': {
    seeds: () => ['0x1f', `0x${'ab'.repeat(31)}`, '12345678901234567890', '0'].map((text) => new TextEncoder().encode(text)),
    read: (bytes) => void parseCommitment(new TextDecoder().decode(bytes)),
    executions: 40_000,
  },
  'public layout': {
    seeds: async () => (await preparedFile(`public/${FILES.verification}`, `hashed/${FILES.verification}`)).map((bytes) => json((JSON.parse(new TextDecoder().decode(bytes)) as { readonly layout: unknown }).layout)),
    read: (bytes) => {
      const layout = parsed(bytes);
      if (layout !== undefined) parsePublicLayout(layout);
    },
    executions: 40_000,
  },
  'labels: json': { seeds: () => LABELS, read: throughFile('labels.json', (path) => readLabels({ path, names: NAMES, output: OUTPUT })), executions: 40_000 },
  'labels: npy': {
    seeds: () => [npy('<i8', '(3,)', new Uint8Array(24)), npy('<f4', '(3, 2)', new Uint8Array(24))],
    read: throughFile('labels.npy', (path) => readLabels({ path, names: NAMES, output: OUTPUT })),
    executions: 40_000,
  },
};

/** What is no JSON gets no further. */
function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}
