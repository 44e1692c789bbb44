import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Witness } from '../r1cs/witness.js';
import { witnessToBytes } from '../r1cs/wtnsFile.js';
import { isZkonnxError } from '../errors/index.js';
import { developmentKey, verificationKeyFromZkey } from '../setup/index.js';
import { verifyProof, type Groth16Proof } from '../verify/index.js';
import { damaged } from '../../test/support/files.js';
import { randomSystem } from '../../test/support/randomSystem.js';
import { snarkjs, terminateSnarkjs } from '../../test/support/snarkjs.js';
import { proveAll, selectBackend, selfChecking, type ProverBackend } from './index.js';
import { loadNativeEngine } from './native.js';
import { nativeChecker } from './nativeChecker.js';
import { scriptChecker } from './scriptChecker.js';

const { r1cs, witness } = randomSystem({ seed: 61, rows: 50 });
let folder: string;
let zkeyPath: string;
let backend: ProverBackend;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zkonnx-prove-'));
  zkeyPath = join(folder, 'key.zkey');
  await developmentKey({ r1cs, zkeyPath });
  await writeFile(join(folder, 'witness.wtns'), witnessToBytes(witness));
  backend = await selectBackend({ backend: 'snarkjs' });
});

after(async () => {
  await backend.close();
  await terminateSnarkjs();
  await rm(folder, { recursive: true });
});

/** The witness with the value of one wire changed. */
function changed(wire: number): Witness {
  const values = Int32Array.from(witness.values);
  values[wire] = (values[wire] as number) + 1;
  const kept = Array.from(witness.wideWires.keys()).filter((index) => witness.wideWires[index] !== wire);
  return { values, wideWires: Uint32Array.from(kept, (index) => witness.wideWires[index] as number), wideValues: kept.map((index) => witness.wideValues[index] as bigint) };
}

describe('the snarkjs backend', () => {
  it('makes proofs that we and snarkjs verify, each blinded anew', async () => {
    const phases: number[] = [];
    const first = await backend.prove({ zkeyPath, witness, onProgress: ({ fraction }) => phases.push(fraction) });
    const second = await backend.prove({ zkeyPath, witness });
    const verificationKey = await verificationKeyFromZkey(zkeyPath);
    for (const { proof, publicSignals } of [first, second]) {
      assert.ok(verifyProof({ verificationKey, proof, publicSignals }));
      assert.ok(await snarkjs.groth16.verify(verificationKey, publicSignals, proof));
    }
    assert.deepEqual(first.publicSignals, second.publicSignals);
    assert.notDeepEqual((first.proof as Groth16Proof).pi_a, (second.proof as Groth16Proof).pi_a);
    assert.deepEqual(phases, [...phases].sort((left, right) => left - right));
    assert.equal(phases.at(-1), 1);
  });

  it('yields no proof for a witness that does not satisfy the system', async () => {
    for (const wire of [1, 3, 10, r1cs.wireCount - 1]) {
      await assert.rejects(backend.prove({ zkeyPath, witness: changed(wire) }), { code: 'WITNESS_UNSATISFIED' }, `wire ${wire}`);
    }
  });

  it('refuses a witness of another system, and a key that is absent or damaged', async () => {
    await assert.rejects(backend.prove({ zkeyPath, witness: randomSystem({ seed: 62, rows: 9 }).witness }), { code: 'KEY_MISMATCH' });
    await assert.rejects(backend.prove({ zkeyPath: join(folder, 'absent.zkey'), witness }), { code: 'FILE_NOT_FOUND' });
    const bytes = new Uint8Array(await readFile(zkeyPath));
    for (const { name, bytes: bad } of damaged(bytes)) {
      const path = join(folder, `${name}.zkey`);
      await writeFile(path, bad);
      await assert.rejects(backend.prove({ zkeyPath: path, witness }), { code: 'ARTIFACT_MALFORMED' }, name);
    }
    assert.ok(await backend.prove({ zkeyPath, witness }));
  });

  it('stops at once when cancelled, and works afterwards', async () => {
    await assert.rejects(backend.prove({ zkeyPath, witness, signal: AbortSignal.abort() }), { code: 'CANCELLED' });
    const stop = new AbortController();
    await assert.rejects(backend.prove({ zkeyPath, witness, signal: stop.signal, onProgress: () => stop.abort() }), { code: 'CANCELLED' });
    assert.ok(await backend.prove({ zkeyPath, witness }));
  });

  it('lets the process exit, also after a cancelled proof', async () => {
    const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
    const script = `
      import { selectBackend } from ${url('./index.js')};
      import { readWitness } from ${url('../r1cs/wtnsFile.js')};
      const witness = await readWitness(${JSON.stringify(join(folder, 'witness.wtns'))});
      const zkeyPath = ${JSON.stringify(zkeyPath)};
      for (const concurrency of [1, 2]) {
        const backend = await selectBackend({ backend: 'snarkjs', concurrency });
        await backend.prove({ zkeyPath, witness });
        const stop = new AbortController();
        await backend.prove({ zkeyPath, witness, signal: stop.signal, onProgress: () => stop.abort() }).catch((error) => console.log(error.code));
        await backend.close();
      }
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
    const status = await new Promise((resolve) => child.on('exit', resolve));
    assert.deepEqual([status, output], [0, 'CANCELLED\nCANCELLED\n']);
  });
});

describe('proveAll', () => {
  it('proves side by side, in order, and takes witnesses only when there is room', async () => {
    const parallel = await selectBackend({ backend: 'snarkjs', concurrency: 2 });
    let taken = 0;
    let made = 0;
    async function* witnesses(): AsyncGenerator<Witness> {
      for (; taken < 5; ) {
        assert.ok(taken - made <= 2);
        taken++;
        yield witness;
      }
    }
    const heard: number[] = [];
    try {
      const proofs = await proveAll({ backend: parallel, zkeyPath, witnesses: witnesses(), concurrency: 2, onProof: (_, index) => (made++, heard.push(index)) });
      const verificationKey = await verificationKeyFromZkey(zkeyPath);
      assert.deepEqual(proofs.map((proof) => verifyProof({ verificationKey, ...proof })), [true, true, true, true, true]);
      assert.deepEqual(heard.sort(), [0, 1, 2, 3, 4]);
    } finally {
      await parallel.close();
    }
  });

  it('keeps the order of the witnesses and stops at the first failure', async () => {
    // A backend whose first proof takes longest; its proofs are numbers.
    const calls: number[] = [];
    const slow: ProverBackend = {
      name: 'slow',
      async prove({ witness: { values }, signal }) {
        const number = values[1] as number;
        calls.push(number);
        for (let turn = 0; turn < 10 - 3 * number && !signal?.aborted; turn++) await new Promise((resolve) => setImmediate(resolve));
        if (number === 2) throw new Error('two');
        return { proof: {} as never, publicSignals: [String(number)] };
      },
      close: async () => undefined,
    };
    const numbered = (numbers: number[]) => numbers.map((number): Witness => ({ values: Int32Array.of(1, number), wideWires: new Uint32Array(), wideValues: [] }));
    const proofs = await proveAll({ backend: slow, zkeyPath, witnesses: numbered([0, 1, 3]), concurrency: 2 });
    assert.deepEqual(proofs.map(({ publicSignals }) => publicSignals[0]), ['0', '1', '3']);
    calls.length = 0;
    await assert.rejects(proveAll({ backend: slow, zkeyPath, witnesses: numbered([2, 1, 1, 1, 1, 1]), concurrency: 2 }), /two/);
    assert.ok(calls.length < 6);
    await assert.rejects(proveAll({ backend: slow, zkeyPath, witnesses: numbered([1]), concurrency: 1, signal: AbortSignal.abort() }), { code: 'CANCELLED' });
  });
});

/** The key with γ in the place of δ in G2. */
async function deltaAsGamma(path: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(await readFile(path));
  const data = new DataView(bytes.buffer);
  let position = 12;
  while (data.getUint32(position, true) !== 2) position += 12 + Number(data.getBigUint64(position + 4, true));
  const header = position + 12;
  bytes.copyWithin(header + 532, header + 340, header + 468);
  return bytes;
}

describe('the self-check', () => {
  const engine = loadNativeEngine();
  const checkers = [['JavaScript', scriptChecker], ['the native engine', engine && nativeChecker(engine)]] as const;
  for (const [by, checker] of checkers) it(`by ${by} catches a prover that lies`, { skip: checker === undefined && 'no native engine' }, async () => {
    assert.ok(checker !== undefined);
    const honest = await backend.prove({ zkeyPath, witness });
    const liars = {
      'other signals': { ...honest, publicSignals: honest.publicSignals.map(() => '1') },
      'too few signals': { ...honest, publicSignals: honest.publicSignals.slice(1) },
      'another proof': { ...honest, proof: { ...honest.proof, pi_a: (honest.proof as Groth16Proof).pi_c } },
    };
    for (const [name, result] of Object.entries(liars)) {
      const liar = selfChecking({ name, prove: async () => result, close: async () => undefined }, checker);
      await assert.rejects(liar.prove({ zkeyPath, witness }), { code: 'WITNESS_UNSATISFIED' }, name);
    }
    const truthful = selfChecking({ name: 'truthful', prove: async () => honest, close: async () => undefined }, checker);
    assert.deepEqual(await truthful.prove({ zkeyPath, witness }), honest);
    const withoutSecondPhase = join(folder, 'gamma.zkey');
    await writeFile(withoutSecondPhase, await deltaAsGamma(zkeyPath));
    await assert.rejects(truthful.prove({ zkeyPath: withoutSecondPhase, witness }), (error: unknown) => isZkonnxError(error) && error.code === 'ARTIFACT_MALFORMED' && error.message.includes('γ = δ'));
  });
});
