/** The contracts of some keys on a local EVM node, and what script and contract say about the same thing. */
import { Interface, isCallException, JsonRpcProvider } from 'ethers';
import { isZkonnxError } from '../../src/errors/index.js';
import { compileVerifier, deployVerifier, exportVerifier, startLocalNode, VERIFIER_ABI, type EvmProof } from '../../src/evm/index.js';
import { signalCount, type Groth16Proof, type PublicLayout } from '../../src/verify/index.js';
import type { SyntheticKey } from '../evm/syntheticKey.js';
import type { Finding, Scale } from './experiment.js';

export interface VerifierStage {
  readonly abi: Interface;
  /** Whether the contract of a key takes calldata. */
  readonly accepts: (key: number, data: string) => Promise<boolean>;
  /** Both must say what is right. */
  readonly compare: (attack: string, right: boolean, script: boolean, contract: boolean, what: () => string) => void;
}

/** Runs `body` with the contracts of the keys, and returns what came of its comparisons. */
export async function withVerifiers(layout: PublicLayout, keys: readonly SyntheticKey[], body: (stage: VerifierStage) => Promise<void>): Promise<Finding[]> {
  const node = await startLocalNode();
  const provider = new JsonRpcProvider(node.rpcUrl, 31337, { staticNetwork: true, cacheTimeout: -1 });
  try {
    const addresses: string[] = [];
    for (const { verificationKey } of keys) {
      const solidity = exportVerifier({ verificationKey, layout, model: { name: 'model', sha256: 'ab'.repeat(32) }, developmentKey: false, allowDevelopmentKey: false });
      addresses.push((await deployVerifier({ rpcUrl: node.rpcUrl, bytecode: (await compileVerifier(solidity)).bytecode })).address);
    }
    const abi = new Interface([...VERIFIER_ABI, `function verifyProof(uint256[8] proof, uint256[${signalCount(layout)}] publicSignals) view`]);
    const accepts = async (key: number, data: string): Promise<boolean> => {
      try {
        await provider.call({ to: addresses[key] as string, data });
        return true;
      } catch (error) {
        if (isCallException(error)) return false;
        throw error;
      }
    };
    const outcomes = new Map<string, { tried: number; controls: number; alarms: string[]; lost: string[] }>();
    const compare = (attack: string, right: boolean, script: boolean, contract: boolean, what: () => string): void => {
      const own = outcomes.get(attack) ?? { tried: 0, controls: 0, alarms: [], lost: [] };
      outcomes.set(attack, own);
      if (right) own.controls++;
      else own.tried++;
      if (script === right && contract === right) return;
      (right ? own.lost : own.alarms).push(`${what()}: the script ${script ? 'accepts' : 'refuses'}, the contract ${contract ? 'accepts' : 'refuses'}`);
    };
    await body({ abi, accepts, compare });
    return [...outcomes].map(([attack, { tried, controls, alarms, lost }]) => ({
      attack,
      tried,
      accepted: alarms.length,
      controls,
      controlsWon: controls - lost.length,
      alarms: [...alarms, ...lost],
    }));
  } finally {
    provider.destroy();
    await node.close();
  }
}

/** What a script says. Refusing is saying no, or one of our errors; anything else is an error of ours. */
export function verdict(verify: () => boolean): boolean {
  try {
    return verify();
  } catch (error) {
    if (isZkonnxError(error)) return false;
    throw error;
  }
}

export function toJson([ax, ay, bx1, bx0, by1, by0, cx, cy]: EvmProof): Groth16Proof {
  return {
    pi_a: [String(ax), String(ay), '1'],
    pi_b: [[String(bx0), String(bx1)], [String(by0), String(by1)], ['1', '0']],
    pi_c: [String(cx), String(cy), '1'],
    protocol: 'groth16',
    curve: 'bn128',
  };
}

/** A sample of cases: the first one always, since the others are changes of it. */
export function every<T>(cases: readonly T[], scale: Scale): readonly T[] {
  return scale === 'full' ? cases : cases.filter((_, index) => index % 40 === 0);
}

/** A claim in words. */
export function inWords(claim: unknown): string {
  return JSON.stringify(claim, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)).slice(0, 300);
}
