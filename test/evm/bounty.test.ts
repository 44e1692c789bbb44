import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Contract, ContractFactory, Interface, isError, JsonRpcProvider, type InterfaceAbi, type JsonRpcSigner, type TransactionReceipt, type TransactionResponse } from 'ethers';
import { compileSolidity } from '../../src/evm/compileSolidity.js';
import { compileVerifier, deployVerifier, exportVerifier, startLocalNode, toEvmProof, VERIFIER_ABI, type LocalNode } from '../../src/evm/index.js';
import { minedReceipt } from '../../src/evm/minedReceipt.js';
import { packPublic, publicBytes, publicLayout, signalCount } from '../../src/verify/index.js';
import { handWritten } from './handWritten.js';
import { syntheticKey } from './syntheticKey.js';

describe('the example consumer, InferenceBounty', { timeout: 60_000 }, () => {
  const layout = publicLayout({ outputs: [{ name: 'y', type: 'uint8', shape: [10] }], inputs: [{ name: 'x', type: 'uint8', shape: [64] }] });
  const key = syntheticKey(signalCount(layout));
  const x = Uint8Array.from({ length: 64 }, (_, index) => index);
  const y = Uint8Array.from({ length: 10 }, (_, index) => 10 * index);
  const inputs = publicBytes({ tensors: layout.inputs, values: { x } });
  const outputs = publicBytes({ tensors: layout.outputs, values: { y } });
  const PAY = 10n ** 15n;

  let node: LocalNode;
  let provider: JsonRpcProvider;
  let requester: JsonRpcSigner;
  let worker: JsonRpcSigner;
  let bounty: Contract;
  before(async () => {
    node = await startLocalNode();
    provider = new JsonRpcProvider(node.rpcUrl, 31337, { staticNetwork: true, cacheTimeout: -1, pollingInterval: 20 });
    [requester, worker] = [await provider.getSigner(0), await provider.getSigner(1)];
    const verifier = exportVerifier({ verificationKey: key.verificationKey, layout, model: { name: 'model', sha256: 'ab'.repeat(32) }, developmentKey: true, allowDevelopmentKey: true });
    const { bytecode } = await compileVerifier(verifier);
    const { address } = await deployVerifier({ rpcUrl: node.rpcUrl, bytecode });
    const compiled = (await compileSolidity({ sources: handWritten() })).get('InferenceBounty');
    const factory = new ContractFactory(compiled?.abi as InterfaceAbi, compiled?.bytecode ?? '', requester);
    const deployment = await factory.deploy(address);
    await mined(deployment.deploymentTransaction());
    bounty = new Contract(await deployment.getAddress(), compiled?.abi as InterfaceAbi, requester);
  });
  after(async () => {
    provider.destroy();
    await node.close();
  });

  async function mined(transaction: TransactionResponse | null): Promise<TransactionReceipt> {
    const receipt = await minedReceipt(provider, transaction?.hash ?? '');
    assert.equal(receipt.status, 1);
    return receipt;
  }

  async function ask(deadline = 2n ** 63n): Promise<bigint> {
    const { logs } = await mined(await bounty.getFunction('request').send(inputs, worker.address, deadline, { value: PAY }));
    return logs.map((log) => bounty.interface.parseLog(log)).find((event) => event !== null)?.args.getValue('context') as bigint;
  }

  function prove(context: bigint) {
    return toEvmProof(key.prove(packPublic({ layout, outputs: { y }, context, inputs: { x } })));
  }

  /** Name of the error that an answer would revert with; undefined when it would be accepted. */
  async function errorOf(...args: readonly unknown[]): Promise<string | undefined> {
    try {
      await bounty.getFunction('answer').staticCall(...args);
      return undefined;
    } catch (error) {
      assert.ok(isError(error, 'CALL_EXCEPTION'));
      // The bounty passes the errors of the verifier on, which are not in its own ABI.
      return error.revert?.name ?? error.data?.slice(0, 10);
    }
  }

  it('pays the worker once, for a proof of this request, whoever submits it', async () => {
    const context = await ask();
    const before = await provider.getBalance(worker.address);
    const proof = prove(context);
    await mined(await bounty.getFunction('answer').send(context, inputs, outputs, proof));
    assert.equal(await provider.getBalance(worker.address), before + PAY);
    assert.equal(await errorOf(context, inputs, outputs, proof), 'UnknownRequest');
  });

  it('pays for nothing else', async () => {
    const [first, second] = [await ask(), await ask()];
    assert.notEqual(first, second);
    const proofInvalid = new Interface(VERIFIER_ABI).getError('ProofInvalid')?.selector;
    assert.equal(await errorOf(second, inputs, outputs, prove(first)), proofInvalid, 'a proof of another request');
    assert.equal(await errorOf(first, inputs, outputs.map((byte) => byte ^ 1), prove(first)), proofInvalid, 'other outputs');
    assert.equal(await errorOf(first, inputs.map((byte) => byte ^ 1), outputs, prove(first)), 'WrongInput');
    assert.equal(await errorOf(12345n, inputs, outputs, prove(12345n)), 'UnknownRequest');
    assert.equal(await errorOf(first, inputs, outputs, prove(first)), undefined);
  });

  it('returns the pay after the deadline, and not before', async () => {
    const [late, early] = [await ask(0n), await ask()];
    await assert.rejects(bounty.getFunction('refund').staticCall(early), (error) => isError(error, 'CALL_EXCEPTION') && error.revert?.name === 'TooEarly');
    await mined(await bounty.getFunction('refund').send(late));
    assert.equal(await errorOf(late, inputs, outputs, prove(late)), 'UnknownRequest');
  });
});
