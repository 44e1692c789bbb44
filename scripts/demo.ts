/**
 * The demo: proves held-out handwritten digits with the CNN of examples/digits as a batch, verifies every proof in a script and
 * one on a real local EVM node, and prints what came of it. Exits 0 only if all is well.
 *
 *     npm run demo                     (after npm ci)
 *     npm run demo -- --model MODEL --count 20
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { toEvmProof } from '../src/evm/proof.js';
import { inspectMachine, isZkonnxError, proveInputs, setupModel, verifyProofFile, verifyProofOnChain, type ProofFile } from '../src/index.js';
import type { Groth16Proof } from '../src/verify/index.js';
import { bytes, count, duration } from '../src/cli/format.js';
import { table } from '../src/cli/table.js';
import { readInputs } from '../src/onnx/inputs.js';
import { run, withSession } from '../src/runtime/session.js';

const EXAMPLES = join('examples', 'digits');
/** Bytes of one word of the EVM. */
const EVM_WORD = 32;

interface Row {
  readonly digit: string;
  readonly label: number;
  readonly proven: number;
  readonly native: number;
  readonly equalBits: string;
  readonly allBitsEqual: boolean;
  readonly times: readonly [witness: number, prove: number, verify: number];
  readonly proofBytes: number;
}

async function demo({ model, digits }: { model: string; digits: number }): Promise<boolean> {
  const started = performance.now();
  const machine = inspectMachine();
  console.log(`${basename(model)} on ${machine.processor}, ${machine.threads} threads, prover ${machine.native === undefined ? 'snarkjs' : `native (${machine.native.isa})`}\n`);
  const folder = await mkdtemp(join(tmpdir(), 'zkonnx-demo-'));
  try {
    const setup = await setupModel({ model, folder, key: 'development' });
    console.log(`compiled: ${count(setup.rows)} rows; development key: ${bytes(setup.provingKey.bytes)}; ${duration(performance.now() - started)}`);

    const labels = (JSON.parse(readFileSync(join(EXAMPLES, 'labels.json'), 'utf8')) as { file: string; label: number }[]).slice(0, digits);
    const files = labels.map(({ file }) => join(EXAMPLES, file));
    const context = '0x64656d6f';
    const { proofs } = await proveInputs({ model, folder, inputs: files, context });

    const rows: Row[] = [];
    await withSession({ path: model, optimisation: 'all' }, async (original) => {
      for (const [index, proof] of proofs.entries()) {
        const { label, file } = labels[index] as { label: number; file: string };
        const verified = await verifyProofFile({ proof: proof.path, model, folder, context });
        // The user's own file, untouched, in ONNX Runtime: its float output against the one behind the proof.
        const native = (await run(original, readInputs({ inputs: INPUT, files: [{ path: join(EXAMPLES, file) }] }))).get('logits');
        const expected = Array.from(native?.data as Float32Array);
        const found = verified.floats['logits']?.data ?? [];
        const equal = expected.filter((value, element) => Object.is(value, found[element])).length;
        const { proof: words } = JSON.parse(readFileSync(proof.path, 'utf8')) as ProofFile;
        rows.push({
          digit: basename(file),
          label,
          proven: argmax(found),
          native: argmax(expected),
          equalBits: `${32 * equal} of ${32 * expected.length}`,
          allBitsEqual: equal === expected.length && found.length === expected.length,
          times: [proof.timings.witness, proof.timings.prove, verified.verifyMs],
          proofBytes: toEvmProof(words as Groth16Proof).length * EVM_WORD,
        });
      }
    });

    const onChain = await verifyProofOnChain({ proof: proofs[0]?.path ?? '', model, folder });
    console.log(`\n${await table({
      head: ['digit', 'label', 'proven class', 'native class', 'equal bits', 'witness', 'prove', 'verify', 'proof bytes', 'gas'],
      rows: rows.map(({ digit, label, proven, native, equalBits, times, proofBytes }, index) => [
        digit,
        String(label),
        String(proven),
        String(native),
        equalBits,
        ...times.map((ms) => `${ms.toFixed(0)} ms`),
        String(proofBytes),
        index === 0 ? count(onChain.verification.gasUsed) : '',
      ]),
      numbers: [1, 2, 3, 4, 5, 6, 7, 8, 9],
    })}`);
    const right = rows.filter(({ proven, label }) => proven === label).length;
    const equal = rows.filter(({ allBitsEqual, proven, native }) => allBitsEqual && proven === native).length;
    console.log(
      `\n${rows.length} proofs made and verified; ${equal} of ${rows.length} equal to ONNX Runtime in every bit; ${right} of ${rows.length} digits recognised` +
        `\none verified by a contract on a local EVM node: ${count(onChain.verification.gasUsed)} gas, deployment ${count(onChain.deployment?.gasUsed ?? 0n)} gas, ${count(onChain.verification.calldataBytes)} bytes of calldata` +
        `\nthe key is a development key: whoever made it can forge proofs\n${duration(performance.now() - started)} in all`,
    );
    return rows.length === digits && equal === rows.length;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const INPUT = [{ name: 'input', type: 'float32', shape: [1, 1, 8, 8] }] as const;

function argmax(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

const { values } = parseArgs({ options: { model: { type: 'string', default: join(EXAMPLES, 'cnn.int8.qoperator.onnx') }, count: { type: 'string', default: '12' } } });
const ok = await demo({ model: values.model, digits: Number(values.count) }).catch((error: unknown) => {
  console.error(isZkonnxError(error) ? `${error.code}: ${error.message}` : error);
  return false;
});
if (!ok) console.error('the demo FAILED');
process.exit(ok ? 0 : 1);
