/** Every command as a user calls it, in the order of the road, on the smallest committed model. */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { zkonnx } from './zkonnx.js';

let cwd: string;
before(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'zkonnx-test-'));
  await copyFile('examples/digits/mlp.int8.qoperator.onnx', join(cwd, 'model.onnx'));
  for (const number of ['000', '001']) await copyFile(`examples/digits/inputs/digit-${number}.json`, join(cwd, `${number}.json`));
  await copyFile('examples/digits/inputs/digit-000.pb', join(cwd, '000.pb'));
});
after(() => rm(cwd, { recursive: true, force: true }));

interface Reply {
  readonly ok: boolean;
  readonly command: string;
  readonly result: Record<string, unknown>;
  readonly warnings: readonly string[];
}

/** Runs a command as JSON; nothing else may be on stdout or stderr. */
async function json(...args: readonly string[]): Promise<Reply> {
  const { status, stdout, stderr } = await zkonnx([...args, '--json'], { cwd });
  assert.deepEqual([status, stderr], [0, ''], stdout);
  const reply = JSON.parse(stdout) as Reply;
  assert.deepEqual([reply.ok, reply.command], [true, args[0]]);
  return reply;
}

const PROOF = join('artifacts', 'model', 'proofs', '000.json');

describe('the commands', () => {
  it('doctor', async () => {
    const { result } = await json('doctor');
    assert.equal(result['node'], process.versions.node);
    assert.ok(['native', 'snarkjs'].includes(String(result['backend'])));
    assert.ok(Array.isArray(result['arithmetic']));
  });

  it('check says what is proven, what it costs and that it is exact', async () => {
    const { result } = await json('check', 'model.onnx', '--input', '000.json', '001.json');
    const comparisons = result['comparisons'] as { optimisation: string; inputs: number; elements: number; differing: number }[];
    assert.deepEqual(comparisons, [
      { optimisation: 'disabled', inputs: 2, elements: 20, differing: 0 },
      { optimisation: 'all', inputs: 2, elements: 20, differing: 0 },
    ]);
    const nodes = result['nodes'] as { rows: number }[];
    const inNodes = nodes.reduce((total, { rows }) => total + rows, 0);
    // What is not in a node is the packing and the context.
    assert.equal(inNodes + (result['publicSignals'] as number), result['rows']);
  });

  it('check of a model that cannot be proven has status 3, the whole table and the way out', async () => {
    await copyFile('examples/digits/mlp.float.onnx', join(cwd, 'float.onnx'));
    const { status, stdout, stderr } = await zkonnx(['check', 'float.onnx', '--profile', 'opengradient'], { cwd });
    assert.deepEqual([status, stderr], [3, '']);
    assert.match(stdout, /^can be stored {10}yes\nruns in ONNX Runtime {3}yes\ncan be proven {10}no\nfits opengradient {6}yes$/m);
    assert.match(stdout, /^why not "can be proven":\n( {2}The model is not quantized: .*\n)+ {4}→ Quantize the model/m);
    const json = await zkonnx(['check', 'float.onnx', '--json'], { cwd });
    const reply = JSON.parse(json.stdout) as Reply & { exitStatus: number };
    assert.deepEqual([json.status, reply.ok, reply.exitStatus], [3, true, 3]);
    assert.equal((reply.result['verdicts'] as { proven: { ok: boolean } }).proven.ok, false);
  });

  it('estimate says what compile makes, before it does', async () => {
    const { result } = await json('estimate', 'model.onnx', '--no-calibration');
    const compiled = (await json('compile', 'model.onnx', '--out', 'estimated')).result;
    assert.deepEqual([result['rows'], result['wires'], result['publicSignals']], [compiled['rows'], compiled['wires'], compiled['publicSignals']]);
    assert.equal('time' in result, false);
    const { status, stdout, stderr } = await zkonnx(['estimate', 'model.onnx'], { cwd });
    assert.equal(status, 0);
    assert.match(stdout, /^total +1,625 +100\.0% /m);
    assert.match(stdout, /^time +[\d.]+ m?s +[\d.]+ m?s +[\d.]+ m?s$/m);
    assert.equal(stderr, 'next: zkonnx setup model.onnx --dev\n');
  });

  it('a model that is too large is told to estimate', async () => {
    const { status, stderr } = await zkonnx(['compile', 'model.onnx', '--out', 'large', '--max-memory', '1M'], { cwd });
    assert.equal(status, 3);
    assert.match(stderr, /^error MODEL_TOO_LARGE: [\s\S]*fix: +`zkonnx estimate MODEL`/);
  });

  it('compile, and again', async () => {
    const { result } = await json('compile', 'model.onnx');
    assert.equal(result['skipped'], false);
    assert.equal((await json('compile', 'model.onnx')).result['skipped'], true);
    // The estimate that check gives is what compile makes.
    assert.equal((await json('check', 'model.onnx', '--samples', '1')).result['rows'], result['rows']);
  });

  it('prove without a key says what to do', async () => {
    const { status, stderr } = await zkonnx(['prove', 'model.onnx', '--input', '000.json'], { cwd });
    assert.equal(status, 7);
    assert.match(stderr, /^error ARTIFACT_MISSING: [\s\S]*zkonnx setup model\.onnx --dev/);
  });

  it('setup warns of a development key', async () => {
    const { result, warnings } = await json('setup', 'model.onnx', '--dev');
    assert.equal((result['key'] as { kind: string }).kind, 'development');
    assert.equal(warnings.length, 1);
  });

  it('verify-key', async () => {
    const { result } = await json('verify-key', 'model.onnx', join('artifacts', 'model', 'proving.zkey'), '--verification', join('artifacts', 'model', 'verification.json'));
    assert.equal(result['c'], 'recorded');
  });

  it('prove, a batch with a context', async () => {
    const { result } = await json('prove', 'model.onnx', '--input', '000.json', '001.json', '--context', '0x2a');
    assert.deepEqual((result['proofs'] as { name: string }[]).map(({ name }) => name), ['000', '001']);
    assert.equal(result['context'], '0x2a');
  });

  it('prove by name, with snarkjs: the same outputs', async () => {
    const before = JSON.parse(await readFile(join(cwd, PROOF), 'utf8')) as { outputs: unknown };
    await json('prove', 'model.onnx', '--input', 'input=000.pb', '--context', '0x2a', '--backend', 'snarkjs');
    const now = JSON.parse(await readFile(join(cwd, PROOF), 'utf8')) as { outputs: unknown };
    assert.deepEqual(now.outputs, before.outputs);
  });

  it('verify, for people: data on stdout, the warning on stderr, nothing there with --quiet', async () => {
    const { status, stdout, stderr } = await zkonnx(['verify', PROOF, '--context', '42'], { cwd });
    assert.equal(status, 0);
    assert.match(stdout, /^valid: model \(SHA-256 [0-9a-f]{64}\)\n {2}context 0x2a\n/);
    assert.match(stderr, /^warning: verified with a development key/);
    const quiet = await zkonnx(['verify', PROOF, '--quiet', '--model', 'model.onnx'], { cwd });
    assert.deepEqual([quiet.status, quiet.stderr], [0, '']);
    assert.match(quiet.stdout, /^valid: /);
  });

  it('verify refuses a proof for another context', async () => {
    const { status, stderr } = await zkonnx(['verify', PROOF, '--context', '43'], { cwd });
    assert.equal(status, 6);
    assert.match(stderr, /^error PROOF_INVALID: /);
  });

  it('export-verifier refuses a development key unless allowed', async () => {
    const refused = await zkonnx(['export-verifier', 'model.onnx'], { cwd });
    assert.equal(refused.status, 7);
    assert.match(refused.stderr, /^error KEY_DEVELOPMENT: /);
    const { result, warnings } = await json('export-verifier', 'model.onnx', '--allow-dev-key');
    assert.equal(result['developmentKey'], true);
    assert.equal(warnings.length, 1);
  });

  it('verify-onchain, on a local node', async () => {
    const { result } = await json('verify-onchain', PROOF);
    const verification = result['verification'] as { gasUsed: number; modelHash: string };
    assert.ok(verification.gasUsed > 150_000 && verification.gasUsed < 400_000);
    assert.equal(verification.modelHash, (result['model'] as { sha256: string }).sha256);
  });

  it('run does all of it', async () => {
    const { status, stdout, stderr } = await zkonnx(['run', 'model.onnx', '--input', '000.json', '001.json', '--out', 'everything'], { cwd });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /000: every output bit equal to ONNX Runtime’s; proven in/);
    assert.match(stdout, /verified on a local node: [\d,]+ gas/);
    assert.match(stderr, /^warning: development key/);
    const { result } = await json('run', 'model.onnx', '--input', '000.json', '--out', 'everything', '--no-chain');
    assert.deepEqual([(result['setup'] as { skipped: boolean }).skipped, result['onChain']], [true, { skipped: 'not asked for' }]);
  });
});
