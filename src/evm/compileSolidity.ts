import { Worker } from 'node:worker_threads';
import { ZkonnxError, throwIfAborted } from '../errors/index.js';
import type { ExportedVerifier } from './exportVerifier.js';

/** The largest runtime code that a chain accepts (EIP-170), in bytes. */
export const MAX_CONTRACT_BYTES = 24_576;

/** Settings of the compiler; the same source then gives the same bytes. `paris` runs on every chain, PUSH0 or not. */
const SETTINGS = {
  evmVersion: 'paris',
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
} as const;

/**
 * Warnings that are no complaint: code is larger than EIP-170 allows (the sizes say so too); a parameter is unused (the contracts that snarkjs
 * generates read the calldata of theirs by its offset).
 */
const KNOWN_WARNINGS: readonly (string | undefined)[] = ['5574', '5667'];

/** Deployed once, called often: constants stay in the code, where they cost three gas. */
const MANY_RUNS = 1_000_000;

export interface CompiledContract {
  readonly abi: readonly unknown[];
  /** Creation code, hexadecimal with 0x. */
  readonly bytecode: string;
  /** Size of the code on chain, in bytes. */
  readonly runtimeBytes: number;
}

export interface CompileSolidityOptions {
  /** Solidity text by file name, everything that is imported included. */
  readonly sources: Readonly<Record<string, string>>;
  /** How often the code is taken to run: fewer make it smaller. */
  readonly optimizerRuns?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Compiles Solidity with the solc of this package, in a worker thread: the compiler is one blocking call, and its module sets
 * handlers on the process of whoever loads it. Returns the contracts by name.
 *
 * Throws INTERNAL for an error or a warning of the compiler (the sources are our own), CANCELLED when the signal is aborted.
 */
export async function compileSolidity({ sources, optimizerRuns = MANY_RUNS, signal }: CompileSolidityOptions): Promise<ReadonlyMap<string, CompiledContract>> {
  throwIfAborted(signal);
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(Object.entries(sources).map(([file, content]) => [file, { content }])),
    settings: { ...SETTINGS, optimizer: { enabled: true, runs: optimizerRuns } },
  };
  const output = JSON.parse(await runCompiler(JSON.stringify(input), signal)) as CompilerOutput;
  const complaint = output.errors?.find(({ severity, errorCode }) => severity !== 'info' && !KNOWN_WARNINGS.includes(errorCode));
  if (complaint !== undefined) throw new ZkonnxError('INTERNAL', { message: `The Solidity compiler refused a source: ${complaint.formattedMessage}` });
  const contracts = Object.values(output.contracts ?? {}).flatMap((file) => Object.entries(file));
  return new Map(
    contracts.map(([name, { abi, evm }]) => [
      name,
      { abi, bytecode: `0x${evm.bytecode.object}`, runtimeBytes: evm.deployedBytecode.object.length / 2 },
    ]),
  );
}

/** Compiles an exported verifier. Throws CONTRACT_TOO_LARGE beside what {@link compileSolidity} throws. */
export async function compileVerifier({ contractName, source, optimizerRuns, signal }: ExportedVerifier & { readonly signal?: AbortSignal | undefined }): Promise<CompiledContract> {
  const contracts = await compileSolidity({ sources: { [`${contractName}.sol`]: source }, optimizerRuns, signal });
  const contract = contracts.get(contractName);
  if (contract === undefined) throw new ZkonnxError('USAGE', { message: `The source has no contract ${contractName}.` });
  // The contract may deploy another one of the file.
  const largest = Math.max(...[...contracts.values()].map(({ runtimeBytes }) => runtimeBytes));
  if (largest > MAX_CONTRACT_BYTES) {
    throw new ZkonnxError('CONTRACT_TOO_LARGE', { expected: `at most ${MAX_CONTRACT_BYTES} bytes`, found: `${largest} bytes` });
  }
  return contract;
}

interface CompilerOutput {
  readonly errors?: readonly { readonly severity: string; readonly errorCode?: string; readonly formattedMessage: string }[];
  readonly contracts?: Readonly<
    Record<string, Readonly<Record<string, { abi: unknown[]; evm: { bytecode: { object: string }; deployedBytecode: { object: string } } }>>>
  >;
}

function runCompiler(input: string, signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./solcWorker.js', import.meta.url), { workerData: input });
    const onAbort = (): void => finish(() => reject(new ZkonnxError('CANCELLED', { cause: signal?.reason })));
    const finish = (settle: () => void): void => {
      signal?.removeEventListener('abort', onAbort);
      worker.removeAllListeners();
      // The module of the compiler keeps its thread alive.
      void worker.terminate();
      settle();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    worker.once('message', (output: string) => finish(() => resolve(output)));
    worker.once('error', (cause) => finish(() => reject(new ZkonnxError('INTERNAL', { message: 'The Solidity compiler failed.', cause }))));
    worker.once('exit', (status) => finish(() => reject(new ZkonnxError('INTERNAL', { message: `The Solidity compiler ended with status ${status} and no output.` }))));
  });
}
