import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Interface, type InterfaceAbi } from 'ethers';
import { compileSolidity } from '../../src/evm/compileSolidity.js';
import { compileVerifier, exportVerifier, MAX_PUBLIC_SIGNALS, UNIVERSAL_VERIFIER_ABI, VERIFIER_ABI } from '../../src/evm/index.js';
import { publicLayout, signalCount, type PublicLayout } from '../../src/verify/index.js';
import { handWritten } from './handWritten.js';
import { syntheticKey } from './syntheticKey.js';

const small = publicLayout({ outputs: [{ name: 'y', type: 'int8', shape: [10] }], inputs: [{ name: 'x', type: 'uint8', shape: [64] }] });

function exported(layout: PublicLayout) {
  const { verificationKey } = syntheticKey(signalCount(layout));
  return exportVerifier({ verificationKey, layout, model: { name: 'model', sha256: 'ab'.repeat(32) }, developmentKey: false });
}

/** Functions, errors and events of an ABI, as sorted signatures with their mutability and return types. */
function signatures(abi: InterfaceAbi): string[] {
  return Interface.from(abi).fragments.filter(({ type }) => type === 'function' || type === 'error').map((fragment) => fragment.format('full').replace(/\b(\w+\[?\d*\]?) \w+(?=[,)])/g, '$1')).sort();
}

describe('the contracts', () => {
  it('compile without a warning, and agree with each other and with the ABI that zkonnx uses', async () => {
    const { contractName, source } = exported(small);
    const contracts = await compileSolidity({ sources: { ...handWritten(), 'generated.sol': source } });
    const abiOf = (name: string): string[] => signatures(contracts.get(name)?.abi as InterfaceAbi);
    const common = abiOf('IZkonnxVerifier');
    assert.deepEqual(common, signatures(VERIFIER_ABI));
    // Of keys of PLONK and FFLONK: the same but for the words of a proof, and a little more.
    const shared = common.filter((signature) => !signature.includes('verifyInference'));
    assert.deepEqual([...shared, ...abiOf('IZkonnxUniversalVerifier')].sort(), signatures(UNIVERSAL_VERIFIER_ABI));
    assert.deepEqual(
      abiOf(contractName).filter((signature) => !signature.includes('verifyProof')),
      common,
    );
  });

  it('give the same bytes every time', async () => {
    const verifier = exported(small);
    assert.equal((await compileVerifier(verifier)).bytecode, (await compileVerifier(verifier)).bytecode);
  });

  it('fit into a chain with as many public signals as the exporter accepts', async (t) => {
    for (const words of [60, MAX_PUBLIC_SIGNALS - 2]) {
      const layout = publicLayout({ outputs: [{ name: 'y', type: 'int8', shape: [10] }], inputs: [{ name: 'x', type: 'int8', shape: [31 * words] }] });
      const { runtimeBytes } = await compileVerifier(exported(layout));
      t.diagnostic(`${words + 2} public signals: ${runtimeBytes} bytes`);
      assert.ok(runtimeBytes < 24_576);
    }
  });

  it('are refused when they do not fit', async () => {
    // Each tensor costs a loop of its own beside its word.
    const inputs = Array.from({ length: MAX_PUBLIC_SIGNALS - 2 }, (_, index) => ({ name: `x${index}`, type: 'int8' as const, shape: [31] }));
    const many = publicLayout({ outputs: [{ name: 'y', type: 'int8', shape: [10] }], inputs });
    await assert.rejects(compileVerifier(exported(many)), { code: 'CONTRACT_TOO_LARGE' });
  });

  it('stop compiling when the signal is aborted', async () => {
    const controller = new AbortController();
    const compiling = compileVerifier({ ...exported(small), signal: controller.signal });
    controller.abort();
    await assert.rejects(compiling, { code: 'CANCELLED' });
  });

  it('hard-code no gas for a precompile', () => {
    for (const source of [exported(small).source, ...Object.values(handWritten())]) {
      const calls = source.match(/staticcall\([^,]*/g) ?? [];
      assert.ok(calls.every((call) => call === 'staticcall(gas()'), calls.join());
    }
    // ecMul, ecAdd and the pairing.
    assert.equal(exported(small).source.match(/staticcall\(gas\(\), 0x0[678],/g)?.length, 3);
  });
});
