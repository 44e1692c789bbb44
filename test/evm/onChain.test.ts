import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Interface, type InterfaceAbi } from 'ethers';
import {
  compileVerifier,
  deployVerifier,
  encodeCalldata,
  exportVerifier,
  startLocalNode,
  toEvmProof,
  verifyOnChain,
  type CompiledContract,
  type EvmProof,
  type LocalNode,
  type Statement,
} from '../../src/evm/index.js';
import { packPublic, publicBytes, publicLayout, signalCount, verifyInference, type Groth16Proof, type PublicLayout, type PublicType, type TensorsByName } from '../../src/verify/index.js';
import { send } from './chain.js';
import { g1, g2, outsideSubgroup, Q, R, scalars, syntheticKey, type SyntheticKey } from './syntheticKey.js';

/** Enough for every transaction here; with it, verifyOnChain sends without asking whether the contract will accept. */
const GAS_LIMIT = 2_000_000n;

let node: LocalNode;
before(async () => {
  node = await startLocalNode();
});
after(() => node.close());

interface Deployed {
  readonly layout: PublicLayout;
  readonly key: SyntheticKey;
  readonly contract: CompiledContract;
  readonly address: string;
}

async function deploy(layout: PublicLayout, developmentKey = false): Promise<Deployed> {
  const key = syntheticKey(signalCount(layout));
  const contract = await compileVerifier(
    exportVerifier({ verificationKey: key.verificationKey, layout, model: { name: 'model', sha256: 'ab'.repeat(32) }, developmentKey, allowDevelopmentKey: developmentKey }),
  );
  const { address } = await deployVerifier({ rpcUrl: node.rpcUrl, bytecode: contract.bytecode });
  return { layout, key, contract, address };
}

interface Values {
  readonly outputs: TensorsByName;
  readonly inputs: TensorsByName;
  readonly context: bigint;
}

function statement({ layout, key }: Deployed, values: Values): Statement & { proof: EvmProof; json: Groth16Proof } {
  const json = key.prove(packPublic({ layout, ...values }));
  return {
    json,
    inputs: publicBytes({ tensors: layout.inputs, values: values.inputs }),
    outputs: publicBytes({ tensors: layout.outputs, values: values.outputs }),
    context: values.context,
    proof: toEvmProof(json),
  };
}

/** Sends a transaction as one would for a good proof, and expects that it is mined and reverted with this error. */
async function rejected({ address }: Deployed, forged: Statement, error: string): Promise<void> {
  await assert.rejects(verifyOnChain({ rpcUrl: node.rpcUrl, address, ...forged, gasLimit: GAS_LIMIT }), (thrown: { code: string; message: string; details: { found: string } }) => {
    assert.equal(thrown.code, 'CHAIN_REJECTED', String(thrown));
    assert.equal(thrown.details.found, error);
    assert.match(thrown.message, /\(transaction 0x[0-9a-f]{64}, \d+ gas\)/);
    return true;
  });
}

const malformed = 'ProofMalformed';
const invalid = 'ProofInvalid';

describe('a verifier contract on a local EVM node', { timeout: 120_000 }, () => {
  const layout = publicLayout({
    outputs: [{ name: 'y', type: 'uint8', shape: [1, 10] }],
    inputs: [
      { name: 'x', type: 'uint8', shape: [40] },
      { name: 'state', type: 'int16', shape: [4, 4] },
    ],
  });
  const values: Values = {
    outputs: { y: Uint8Array.from({ length: 10 }, (_, index) => 3 * index) },
    inputs: { x: Uint8Array.from({ length: 40 }, (_, index) => 255 - index), state: Int16Array.from({ length: 16 }, (_, index) => 4000 * (index - 8)) },
    context: 0xc0ffeen,
  };
  let deployed: Deployed;
  let valid: Statement & { proof: EvmProof };
  before(async () => {
    deployed = await deploy(layout);
    valid = statement(deployed, values);
  });

  function withWords(change: Readonly<Record<number, bigint>>): Statement {
    return { ...valid, proof: valid.proof.map((word, index) => change[index] ?? word) as unknown as EvmProof };
  }

  it('accepts a proof, in a mined transaction, and says what it verifies', async () => {
    const result = await verifyOnChain({ rpcUrl: node.rpcUrl, address: deployed.address, ...valid });
    assert.ok(result.gasUsed > 200_000n);
    assert.deepEqual([result.chainId, result.modelHash, result.developmentKey], [31337n, 'ab'.repeat(32), false]);
    await verifyOnChain({ rpcUrl: node.rpcUrl, address: deployed.address, ...valid, gasLimit: GAS_LIMIT });
  });

  it('sends nothing when the estimate already shows that the proof is rejected', async () => {
    await assert.rejects(verifyOnChain({ rpcUrl: node.rpcUrl, address: deployed.address, ...valid, context: 1n }), {
      code: 'CHAIN_REJECTED',
      message: 'The contract rejects the proof; nothing was sent: ProofInvalid.',
    });
  });

  it('rejects every changed coordinate', async () => {
    for (const index of valid.proof.keys()) {
      await rejected(deployed, withWords({ [index]: (valid.proof[index] as bigint) + 1n }), malformed);
      await rejected(deployed, withWords({ [index]: 0n }), malformed);
    }
  });

  it('rejects coordinates that are not below q, though they stand for the same point', async () => {
    for (const index of valid.proof.keys()) await rejected(deployed, withWords({ [index]: (valid.proof[index] as bigint) + Q }), malformed);
  });

  it('rejects other points of the right groups, and points outside of them', async () => {
    const [ax, ay, bx1, bx0, by1, by0, cx, cy] = valid.proof;
    const other1 = g1(77n).map(BigInt) as [bigint, bigint, bigint];
    const [[ox0, ox1], [oy0, oy1]] = g2(77n).map((pair) => pair.map(BigInt)) as [[bigint, bigint], [bigint, bigint]];
    const [[tx0, tx1], [ty0, ty1]] = outsideSubgroup().map((pair) => pair.map(BigInt)) as [[bigint, bigint], [bigint, bigint]];
    await rejected(deployed, withWords({ 0: other1[0], 1: other1[1] }), invalid);
    await rejected(deployed, withWords({ 6: other1[0], 7: other1[1] }), invalid);
    await rejected(deployed, withWords({ 2: ox1, 3: ox0, 4: oy1, 5: oy0 }), invalid);
    await rejected(deployed, withWords({ 0: cx, 1: cy, 6: ax, 7: ay }), invalid);
    await rejected(deployed, withWords({ 1: Q - ay }), invalid);
    await rejected(deployed, withWords({ 7: Q - cy }), invalid);
    await rejected(deployed, withWords({ 4: Q - by1, 5: Q - by0 }), invalid);
    await rejected(deployed, withWords({ 2: bx0, 3: bx1, 4: by0, 5: by1 }), malformed);
    await rejected(deployed, withWords({ 2: tx1, 3: tx0, 4: ty1, 5: ty0 }), malformed);
    await rejected(deployed, withWords({ 0: 0n, 1: 0n }), invalid);
    await rejected(deployed, withWords({ 2: 0n, 3: 0n, 4: 0n, 5: 0n }), invalid);
    await rejected(deployed, withWords({ 6: 0n, 7: 0n }), invalid);
    await rejected(deployed, { ...valid, proof: new Array<bigint>(8).fill(0n) as unknown as EvmProof }, invalid);
    await rejected(deployed, { ...valid, proof: new Array<bigint>(8).fill(2n ** 256n - 1n) as unknown as EvmProof }, malformed);
    // Groth16 proofs are malleable: (−A, −B, C) proves the same. The interface warns of it.
    await verifyOnChain({ rpcUrl: node.rpcUrl, address: deployed.address, ...withWords({ 1: Q - ay, 4: Q - by1, 5: Q - by0 }), gasLimit: GAS_LIMIT });
  });

  it('rejects a change of any public byte', async () => {
    const changed = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, index) => (index === at ? byte ^ 0x80 : byte));
    // First and last bytes of each word, and of each tensor.
    for (const at of [0, 30, 31, 39, 40, 41, 69, 70, 71]) await rejected(deployed, { ...valid, inputs: changed(valid.inputs, at) }, invalid);
    for (const at of [0, 9]) await rejected(deployed, { ...valid, outputs: changed(valid.outputs, at) }, invalid);
    await rejected(deployed, { ...valid, inputs: valid.inputs.slice().reverse() }, invalid);
  });

  it('rejects public bytes that are too few or too many', async () => {
    const { inputs, outputs } = valid;
    await rejected(deployed, { ...valid, inputs: inputs.slice(1) }, 'InputLength(expected 72, found 71)');
    await rejected(deployed, { ...valid, inputs: Uint8Array.of(...inputs, 0) }, 'InputLength(expected 72, found 73)');
    await rejected(deployed, { ...valid, inputs: new Uint8Array(0) }, 'InputLength(expected 72, found 0)');
    await rejected(deployed, { ...valid, outputs: outputs.slice(1) }, 'OutputLength(expected 10, found 9)');
    await rejected(deployed, { ...valid, outputs: Uint8Array.of(...outputs, 0) }, 'OutputLength(expected 10, found 11)');
    await rejected(deployed, { ...valid, inputs: outputs, outputs: inputs }, 'InputLength(expected 72, found 10)');
  });

  it('rejects another context, and the same one plus r', async () => {
    await rejected(deployed, { ...valid, context: valid.context + 1n }, invalid);
    await rejected(deployed, { ...valid, context: 0n }, invalid);
    for (const context of [valid.context + R, R, 2n ** 256n - 1n]) await rejected(deployed, { ...valid, context }, `ContextNotInField(context ${context})`);
  });

  it('rejects truncated calldata, and reads nothing from bytes that follow it', async () => {
    const to = deployed.address;
    const { rpcUrl } = node;
    const data = await encodeCalldata(valid);
    const forged = await encodeCalldata({ ...valid, context: 1n });
    // The decoder of Solidity reverts without data when arguments are missing. The last argument ends with 22 bytes of padding
    // after the ten of the output, which nothing reads.
    const needed = (data.length - 2) / 2 - 22;
    for (const bytes of [...Array.from({ length: Math.ceil(needed / 31) }, (_, index) => 31 * index), needed - 1]) {
      const sent = await send({ rpcUrl, to, data: data.slice(0, 2 + 2 * bytes) });
      assert.deepEqual([sent.mined, sent.errorData], ['reverted', '0x'], `${bytes} bytes`);
    }
    assert.equal((await send({ rpcUrl, to, data: `${data}${'ff'.repeat(40)}` })).mined, 'accepted');
    assert.equal((await send({ rpcUrl, to, data: `${forged}${'ff'.repeat(40)}` })).mined, 'reverted');
  });

  it('takes public signals directly, and rejects each one plus r', async () => {
    const abi = new Interface(deployed.contract.abi as InterfaceAbi);
    const { rpcUrl } = node;
    const to = deployed.address;
    const signals = packPublic({ layout, ...values });
    const attempt = (publicSignals: readonly bigint[]) => send({ rpcUrl, to, data: abi.encodeFunctionData('verifyProof', [valid.proof, publicSignals]) });
    assert.equal((await attempt(signals)).mined, 'accepted');
    for (const index of signals.keys()) {
      const aliased = await attempt(signals.map((signal, at) => (at === index ? signal + R : signal)));
      assert.equal(aliased.mined, 'reverted');
      assert.deepEqual([...(abi.parseError(aliased.errorData ?? '0x')?.args ?? [])], [BigInt(index)]);
      const changed = await attempt(signals.map((signal, at) => (at === index ? signal + 1n : signal)));
      assert.equal(changed.mined, 'reverted');
      assert.equal(abi.parseError(changed.errorData ?? '0x')?.name, invalid);
    }
  });

  it('reverts when it runs out of gas in a precompile, at whatever point', async () => {
    const { gasUsed } = await verifyOnChain({ rpcUrl: node.rpcUrl, address: deployed.address, ...valid, gasLimit: GAS_LIMIT });
    for (let gasLimit = gasUsed - 10_000n; gasLimit > 40_000n; gasLimit -= 15_000n) {
      await assert.rejects(verifyOnChain({ rpcUrl: node.rpcUrl, address: deployed.address, ...valid, gasLimit }), { code: 'CHAIN_REJECTED' });
    }
  });

  it('is not deployed from code that does not run', async () => {
    await assert.rejects(deployVerifier({ rpcUrl: node.rpcUrl, bytecode: '0xfe' }), { code: 'CHAIN_REJECTED' });
  });

  it('is not mistaken for an address without a verifier', async () => {
    await assert.rejects(verifyOnChain({ rpcUrl: node.rpcUrl, address: `0x${'11'.repeat(20)}`, ...valid }), { code: 'CONTRACT_UNKNOWN' });
    await assert.rejects(verifyOnChain({ rpcUrl: node.rpcUrl, address: 'nowhere', ...valid }), { code: 'USAGE' });
  });

  it('is reported as unreachable when nobody listens, without the path of the address', async () => {
    const gone = await startLocalNode();
    await gone.close();
    await assert.rejects(verifyOnChain({ rpcUrl: `${gone.rpcUrl}/secret-key`, address: deployed.address, ...valid }), (error: { code: string; message: string }) => {
      assert.equal(error.code, 'CHAIN_UNREACHABLE');
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
    await assert.rejects(verifyOnChain({ rpcUrl: 'ftp://nowhere', address: deployed.address, ...valid }), { code: 'USAGE' });
    await assert.rejects(verifyOnChain({ rpcUrl: node.rpcUrl, privateKey: 'abc', address: deployed.address, ...valid }), { code: 'USAGE' });
  });

  it('is left alone when the signal is aborted', async () => {
    const controller = new AbortController();
    const verifying = verifyOnChain({ rpcUrl: node.rpcUrl, address: deployed.address, ...valid, signal: controller.signal });
    controller.abort();
    await assert.rejects(verifying, { code: 'CANCELLED' });
  });

  it('can be paid for from a private key', async () => {
    // The well-known first account of the test mnemonic.
    const privateKey = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
    assert.ok((await verifyOnChain({ rpcUrl: node.rpcUrl, address: deployed.address, ...valid, privateKey })).gasUsed > 0n);
  });
});

describe('the contract and the script pack alike', { timeout: 120_000 }, () => {
  const types: readonly PublicType[] = ['bool', 'uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'int64'];

  function randomValues(type: PublicType, count: number, random: Iterator<bigint, never>): bigint[] {
    const bits = type === 'bool' ? 1 : Number(/\d+/.exec(type)?.[0]);
    const extremes = type.startsWith('int') ? [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n, -1n] : [0n, 2n ** BigInt(bits) - 1n];
    return Array.from({ length: count }, (_, index) => {
      const value = random.next().value;
      if (index < extremes.length) return extremes[index] as bigint;
      return type.startsWith('int') ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
    });
  }

  for (const seed of [1n, 2n, 3n, 4n]) {
    it(`for random tensors of every type (seed ${seed})`, async () => {
      const random = scalars(seed);
      const choose = (choices: number): number => Number(random.next().value % BigInt(choices));
      const tensors = (prefix: string, count: number) =>
        Array.from({ length: count }, (_, index) => ({ name: `${prefix}${index}`, type: types[choose(types.length)] as PublicType, shape: [1 + choose(40)] }));
      // Seed 4 has no public input at all.
      const layout = publicLayout({ outputs: tensors('y', 1 + choose(4)), inputs: seed === 4n ? [] : tensors('x', 5) });
      const fill = (list: PublicLayout['inputs']): TensorsByName => Object.fromEntries(list.map(({ name, type, shape: [count = 0] }) => [name, randomValues(type, count, random)]));
      const deployed = await deploy(layout);
      const values: Values = { outputs: fill(layout.outputs), inputs: fill(layout.inputs), context: random.next().value };
      const good = statement(deployed, values);
      await verifyOnChain({ rpcUrl: node.rpcUrl, address: deployed.address, ...good });
      assert.equal(verifyInference({ verificationKey: deployed.key.verificationKey, layout, proof: good.json, ...values }), true);
      await rejected(deployed, { ...good, outputs: good.outputs.map((byte, index) => (index === good.outputs.length - 1 ? byte ^ 1 : byte)) }, invalid);
    });
  }
});

describe('gas of a mined receipt', { timeout: 60_000 }, () => {
  it('stays under the bound with 784 non-zero public input bytes, ten output bytes and the context', async (t) => {
    const layout = publicLayout({ outputs: [{ name: 'y', type: 'uint8', shape: [1, 10] }], inputs: [{ name: 'x', type: 'uint8', shape: [1, 1, 28, 28] }] });
    const deployed = await deploy(layout, true);
    const values: Values = {
      outputs: { y: Uint8Array.from({ length: 10 }, (_, index) => 1 + index) },
      inputs: { x: Uint8Array.from({ length: 784 }, (_, index) => 1 + ((37 * index) % 255)) },
      context: BigInt(`0x${'c7'.repeat(31)}`),
    };
    const { gasUsed, calldataBytes, developmentKey } = await verifyOnChain({ rpcUrl: node.rpcUrl, address: deployed.address, ...statement(deployed, values) });
    t.diagnostic(`28 public signals: ${gasUsed} gas, ${calldataBytes} bytes of calldata, ${deployed.contract.runtimeBytes} bytes of code`);
    assert.ok(gasUsed < 410_000n, String(gasUsed));
    assert.equal(developmentKey, true);

    const hashed = await deploy(publicLayout({ outputs: [{ name: 'y', type: 'uint8', shape: [1, 10] }], inputs: [] }));
    const small = await verifyOnChain({ rpcUrl: node.rpcUrl, address: hashed.address, ...statement(hashed, { ...values, inputs: {} }) });
    t.diagnostic(`2 public signals: ${small.gasUsed} gas, ${hashed.contract.runtimeBytes} bytes of code`);
    assert.ok(small.gasUsed < 225_000n, String(small.gasUsed));
  });
});
