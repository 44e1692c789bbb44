import { createRequire } from 'node:module';
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';
import { loadNativeEngine } from '../prove/native.js';

export interface InspectMachineReturnType {
  readonly zkonnx: string;
  readonly node: string;
  readonly platform: string;
  readonly processor: string;
  readonly threads: number;
  /** Bytes. */
  readonly memory: number;
  /** The prover that 'auto' takes. */
  readonly backend: 'native' | 'snarkjs';
  /** Of the native engine: the instruction set in use, and all that the processor can run. */
  readonly native?: { readonly isa: string; readonly available: readonly string[]; readonly threads: number };
  readonly onnxruntime: string;
  /** The local EVM node, if it is installed. */
  readonly anvil: string | undefined;
}

/** What this machine proves with. */
export function inspectMachine(): InspectMachineReturnType {
  const engine = loadNativeEngine();
  return {
    zkonnx: versionOf('../../../package.json') ?? 'unknown',
    node: process.versions.node,
    platform: `${platform()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    threads: availableParallelism(),
    memory: totalmem(),
    backend: engine === undefined ? 'snarkjs' : 'native',
    ...(engine === undefined ? {} : { native: pick(engine.info()) }),
    onnxruntime: versionOf('onnxruntime-node/package.json') ?? 'not installed',
    anvil: versionOf('@foundry-rs/anvil/package.json'),
  };
}

function pick({ isa, available, threads }: { isa: string; available: readonly string[]; threads: number }): NonNullable<InspectMachineReturnType['native']> {
  return { isa, available, threads };
}

function versionOf(packageFile: string): string | undefined {
  try {
    return (createRequire(import.meta.url)(packageFile) as { version: string }).version;
  } catch {
    return undefined;
  }
}
