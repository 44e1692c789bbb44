/** Every reader of files that others may have made, with good files to begin from. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { FILES, readManifest, readProofFile, readVerificationFile } from '../../src/artifacts/index.js';
import { lowerGraph } from '../../src/lower/lower.js';
import { bindShapes } from '../../src/onnx/bindShapes.js';
import { readPlanFile } from '../../src/compile/planFile.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel, encodeTensor } from '../../src/onnx/encode.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { readInputSets, readInputs } from '../../src/onnx/inputs.js';
import { decodeModelProto, encodeModelProto } from '../../src/onnx/proto.js';
import { readModel } from '../../src/onnx/readModel.js';
import { normalise } from '../../src/onnx/normalise.js';
import { GraphBuilder, tensor } from '../../src/onnx/testing/graphBuilder.js';
import { readR1csFile, writeR1csFile } from '../../src/r1cs/r1csFile.js';
import { readWitness, witnessToBytes } from '../../src/r1cs/wtnsFile.js';
import { checkZkey, developmentKey, verificationKeyFromZkey } from '../../src/setup/index.js';
import { verifyProof } from '../../src/verify/index.js';
import { syntheticKey } from '../evm/syntheticKey.js';
import { randomSystem } from '../support/randomSystem.js';
import { folder, json, npy, preparedFile, throughFile, type HostileReader } from './hostileFolder.js';
import { TRUST_READERS } from './hostileTrustReaders.js';
import { UNIVERSAL_READERS } from './hostileUniversalReaders.js';

function smallModels(): Uint8Array[] {
  const quantized = new GraphBuilder()
    .input('x', 'float32', [1, 2, 4, 4])
    .quantize('x', 'q', { type: 'int8', scale: 0.05, zeroPoint: 3 })
    .constant('w', 'int8', [2, 2, 3, 3], Array.from({ length: 36 }, (_, i) => i - 18))
    .constant('ws', 'float32', [2], [0.01, 0.02])
    .constant('wz', 'int8', [2], [0, 0])
    .constant('ys', 'float32', [], [0.1])
    .constant('yz', 'int8', [], [-5])
    .constant('b', 'int32', [2], [7, -9])
    .node('QLinearConv', ['q', 'q_scale', 'q_zero', 'w', 'ws', 'wz', 'ys', 'yz', 'b'], 'c', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] })
    .node('MaxPool', ['c'], 'm', { kernel_shape: [2, 2], strides: [2, 2] })
    .node('Reshape', ['m', 'shape'], 'r')
    .constant('shape', 'int64', [2], [1, -1])
    .dequantize('r', 'y', { type: 'int8', scale: 0.1, zeroPoint: -5 })
    .output('y', 'float32', [1, 8])
    .build();
  const integers = new GraphBuilder()
    .input('a', 'int32', ['n', 3])
    .input('b', 'int32', [3])
    .node('Add', ['a', 'b'], 's')
    .node('Mul', ['s', 's'], 'p')
    .node('Mod', ['p', 'k'], 'y')
    .constant('k', 'int32', [], [17])
    .output('y', 'int32', ['n', 3])
    .build();
  return [encodeModel(quantized), encodeModel(integers)];
}

/** A model whose weights lie in a file beside it. */
function externalModel(): Uint8Array[] {
  writeFileSync(join(folder, 'weights.bin'), new Uint8Array(64));
  const graph = new GraphBuilder().input('x', 'float32', [1, 4]).constant('w', 'float32', [4, 4], new Float32Array(16)).node('MatMul', ['x', 'w'], 'y').output('y', 'float32', [1, 4]).build();
  const proto = decodeModelProto(encodeModel(graph));
  const externalData = Object.entries({ location: 'weights.bin', offset: '0', length: '64' }).map(([key, value]) => ({ key, value }));
  Object.assign(proto.graph?.initializer?.[0] ?? {}, { rawData: new Uint8Array(0), dataLocation: 1, externalData });
  return [encodeModelProto(proto)];
}

function fewOfExamples(): Uint8Array[] {
  return ['mlp.int8.qoperator', 'cnn.uint8.qdq', 'mlp.float'].map((name) => readFileSync(`examples/digits/${name}.onnx`));
}

const INPUTS = [
  { name: 'x', type: 'float32', shape: [1, 2, 2] },
  { name: 'k', type: 'int64', shape: [3] },
] as const;

function inputSeeds(): Uint8Array[] {
  return [
    json({ x: [[[0.5, -1], [2e-3, 4]]], k: [1, -2, 9007199254740991] }),
    json({ x: { shape: [1, 2, 2], data: [1, 2, 3, 4] }, k: ['1', '2', '-3'] }),
    json({
      numbers: [
        { name: 'x', values: [{ value: 15, decimals: 1 }, [2, 0], { value: '-3', decimals: 0 }, [4, 30]], shape: [1, 2, 2] },
        { name: 'k', values: [[1, 0], [2, 0], [3, 0]], shape: [3] },
      ],
      strings: [],
    }),
  ];
}

const NPY_SEEDS = [
  npy('<f4', '(1, 2, 2)', new Uint8Array(Float32Array.of(1, 2, -3, 0.5).buffer)),
  npy('<f8', '(1, 2, 2)', new Uint8Array(Float64Array.of(1, 2, -3, 0.5).buffer)),
];

function imageSeeds(): Uint8Array[] {
  const png = new PNG({ width: 4, height: 4 });
  png.data.fill(255);
  const image = { width: 4, height: 4, data: Buffer.from(Uint8Array.from({ length: 64 }, (_, i) => 4 * i)) };
  return [PNG.sync.write(png), jpeg.encode(image, 80).data];
}

/** The only input of its model. */
const IMAGE = [{ name: 'image', type: 'float32', shape: [1, 1, 4, 4] }] as const;

async function keySeeds(): Promise<Uint8Array[]> {
  const { r1cs } = randomSystem({ seed: 1, rows: 12 });
  const zkeyPath = join(folder, 'seed.zkey');
  await developmentKey({ r1cs, zkeyPath, threads: 1 });
  return [readFileSync(zkeyPath)];
}

const proof = syntheticKey(2).prove([3n, 4n]);

export const READERS: Readonly<Record<string, HostileReader>> = {
  'onnx: decode': { seeds: () => [...smallModels(), ...fewOfExamples()], read: (bytes) => void decodeModel({ bytes }), executions: 150_000 },
  'onnx: external data': { seeds: externalModel, read: throughFile('external.onnx', (path) => readModel(path)), executions: 40_000 },
  'onnx: normalise and lower': {
    seeds: smallModels,
    read: (bytes) => void lowerGraph(normalise(inferTypes(bindShapes(decodeModel({ bytes }), { batch: 1 }))).graph),
    executions: 60_000,
  },
  'input: json': { seeds: inputSeeds, read: throughFile('input.json', (path) => readInputs({ inputs: INPUTS, files: [{ path }] })), executions: 150_000 },
  'input: TensorProto': {
    seeds: () => [encodeTensor(tensor('float32', [1, 2, 2], [1, 2, 3, 4]), 'x'), encodeTensor(tensor('float32', [1, 2, 2], [-0.5, 1e30, 0, 7]))],
    read: throughFile('input.pb', (path) => readInputs({ inputs: INPUTS.slice(0, 1), files: [{ path }] })),
    executions: 100_000,
  },
  'input: npy': { seeds: () => NPY_SEEDS, read: throughFile('input.npy', (path) => readInputs({ inputs: INPUTS.slice(0, 1), files: [{ path }] })), executions: 50_000 },
  'input: npz': {
    seeds: () => [zipSync({ 'x.npy': NPY_SEEDS[0] as Uint8Array, 'k.npy': npy('<i8', '(3,)', new Uint8Array(24)) }), zipSync({ 'x.npy': NPY_SEEDS[1] as Uint8Array, 'k.npy': npy('|u1', '(3,)', new Uint8Array(3)) }, { level: 0 })],
    read: throughFile('input.npz', (path) => readInputs({ inputs: INPUTS, files: [{ path }] })),
    executions: 50_000,
  },
  'input: sets': {
    seeds: () => [npy('<f4', '(3, 2, 2)', new Uint8Array(48)), npy('<f8', '(6, 2, 2)', new Uint8Array(192))],
    read: throughFile('sets.npy', (path) => readInputSets({ inputs: INPUTS.slice(0, 1), files: [{ path }] })),
    executions: 20_000,
  },
  'input: images': { seeds: imageSeeds, read: throughFile('image', (path) => readInputs({ inputs: IMAGE, files: [{ path }] })), executions: 50_000 },
  r1cs: {
    seeds: async () => {
      const path = join(folder, 'seed.r1cs');
      await writeR1csFile({ r1cs: randomSystem({ seed: 2, rows: 6 }).r1cs, path });
      return [readFileSync(path)];
    },
    read: async (bytes) => void (await readR1csFile(bytes)),
    executions: 150_000,
  },
  wtns: { seeds: () => [witnessToBytes(randomSystem({ seed: 3, rows: 9 }).witness)], read: async (bytes) => void (await readWitness(bytes)), executions: 150_000 },
  zkey: { seeds: keySeeds, read: async (bytes) => void (await checkZkey(bytes)), executions: 60_000 },
  'zkey: verification key': { seeds: keySeeds, read: async (bytes) => void (await verificationKeyFromZkey(bytes)), executions: 10_000 },
  plan: { seeds: () => preparedFile(`public/${FILES.plan}`, `hashed/${FILES.plan}`), read: async (bytes) => void (await readPlanFile(bytes)), executions: 20_000 },
  manifest: { seeds: () => preparedFile(`public/${FILES.manifest}`, `hashed/${FILES.manifest}`), read: throughFile(FILES.manifest, () => readManifest(folder)), executions: 80_000 },
  'proof file': { seeds: () => preparedFile('public/proofs/digit-000.json', 'hashed/proofs/digit-000.json'), read: throughFile('proof.json', readProofFile), executions: 80_000 },
  'verification file': { seeds: () => preparedFile(`public/${FILES.verification}`, `hashed/${FILES.verification}`), read: throughFile('verification.json', readVerificationFile), executions: 40_000 },
  'proof and signals': {
    seeds: () => [json({ proof, publicSignals: ['3', '4'] })],
    read: (bytes) => {
      const given = parsed(bytes);
      if (given !== undefined) verifyProof({ verificationKey: syntheticKey(2).verificationKey, ...given });
    },
    executions: 5_000,
  },
  ...TRUST_READERS,
  ...UNIVERSAL_READERS,
};

/** Only what is JSON at all and an object gets to the verifier. */
function parsed(bytes: Uint8Array): Pick<Parameters<typeof verifyProof>[0], 'proof' | 'publicSignals'> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null ? (value as Pick<Parameters<typeof verifyProof>[0], 'proof' | 'publicSignals'>) : undefined;
  } catch {
    return undefined;
  }
}
