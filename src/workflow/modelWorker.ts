/** What runs in the thread of modelTask.ts. */
import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { FILES, writeJson, type ModelInterface } from '../artifacts/index.js';
import { compileProgram, drawBlueprint, measureCircuit, writePlanFile, type Size } from '../compile/index.js';
import { throwIfAborted } from '../errors/index.js';
import { writeFileAtomically } from '../files/index.js';
import { encodeModel } from '../onnx/encode.js';
import { writeR1csFile } from '../r1cs/r1csFile.js';
import type { Visibility } from '../verify/visibility.js';
import { layerSizes, type LayerSize } from './layerSize.js';
import { analyseModel, type AnalyseParameters, type Analysis } from './analyseModel.js';
import { costRows } from './nodeCost.js';
import { interfaceOf, readCore, type ReadCoreParameters } from './readCore.js';
import { settle, type Settled } from './settled.js';

/** What each task takes and gives. */
export interface ModelTaskMessages {
  readonly compile: {
    readonly task: ReadCoreParameters & { readonly visibility: Visibility; readonly folder: string; readonly memoryLimit: number | undefined };
    readonly result: CompileResult;
  };
  readonly analyse: { readonly task: AnalyseParameters; readonly result: Analysis };
  readonly size: { readonly task: ReadCoreParameters & { readonly visibility: Visibility }; readonly result: SizeResult };
}

export type ModelTask<Name extends keyof ModelTaskMessages> = ModelTaskMessages[Name]['task'] & {
  readonly progress: MessagePort;
  /** Shared; 1 when the task shall stop. */
  readonly cancelled: Int32Array;
};

export interface CompileResult {
  /** {@link ModelFile.hash} of the model as it was compiled. */
  readonly modelHash: string;
  readonly externalFiles: readonly string[];
  readonly rows: number;
  readonly wires: number;
  readonly publicSignals: number;
  readonly interface: ModelInterface;
}

export interface SizeResult {
  /** {@link ModelFile.hash} of the model. */
  readonly modelHash: string;
  readonly opset: number;
  readonly publicSignals: number;
  /** Inputs and nodes of the canonical graph in order, then what stands around them. */
  readonly layers: readonly LayerSize[];
  /** All of the circuit, with the public wires. */
  readonly total: Size;
  /** Bytes of memory that compilation takes, about. */
  readonly memory: number;
}

/** Compiles a model and writes canonical.onnx, plan.zkplan, circuit.r1cs and cost.json. */
export function compile({ model, batch, visibility, folder, memoryLimit, progress, cancelled }: ModelTask<'compile'>): Promise<Settled<CompileResult>> {
  return settle(async () => {
    const signal = cancellation(cancelled);
    const report = (fraction: number, detail: string): void => {
      signal.check();
      progress.postMessage({ fraction, detail });
    };
    report(0, 'reading the model');
    const core = readCore({ model, batch, weights: visibility.weights });
    report(0.05, 'choosing constraints');
    const { r1cs, plan, cost } = compileProgram({
      program: core.program,
      visibility,
      memoryLimit,
      signal: signal.signal,
      onProgress: (share) => report(0.05 + 0.65 * share, 'writing constraints'),
    });
    report(0.7, 'writing files');
    const path = (file: string): string => join(folder, file);
    await writeFileAtomically({ path: path(FILES.canonical), data: encodeModel(core.canonical.graph), signal: signal.signal });
    await writePlanFile({ plan, path: path(FILES.plan), signal: signal.signal });
    report(0.8, 'writing files');
    await writeR1csFile({ r1cs, path: path(FILES.r1cs), signal: signal.signal });
    await writeJson({ path: path(FILES.cost), data: { rows: cost.rows, nodes: costRows(cost, core.canonical) }, signal: signal.signal });
    signal.check();
    return { modelHash: core.file.hash, externalFiles: core.file.externalFiles, rows: r1cs.rowCount, wires: r1cs.wireCount, publicSignals: cost.publicSignals, interface: interfaceOf(core) };
  });
}

/** Everything that can be said of a model without running it. */
export function analyse({ model, batch, visibility, progress, cancelled }: ModelTask<'analyse'>): Promise<Settled<Analysis>> {
  return settle(() => {
    const signal = cancellation(cancelled);
    return analyseModel({ model, batch, visibility }, (fraction) => {
      signal.check();
      progress.postMessage({ fraction, detail: fraction < 0.5 ? 'looking at every node' : 'choosing constraints' });
    });
  });
}

/** How large the circuit of a model would be, by layer. Nothing that grows with the rows is allocated. */
export function size({ model, batch, visibility, progress, cancelled }: ModelTask<'size'>): Promise<Settled<SizeResult>> {
  return settle(() => {
    const signal = cancellation(cancelled);
    const part = (from: number, to: number, detail: string) => (share: number): void => {
      signal.check();
      progress.postMessage({ fraction: from + (to - from) * share, detail });
    };
    part(0, 0, 'reading the model')(0);
    const core = readCore({ model, batch, weights: visibility.weights }, part(0.1, 0.3, 'bounding every value'));
    const blueprint = drawBlueprint(core.program, { visibility, onProgress: part(0.3, 0.85, 'choosing constraints') });
    const measured = measureCircuit({ ...blueprint, onProgress: part(0.85, 1, 'counting entries') });
    return {
      modelHash: core.file.hash,
      opset: core.original.opsets.get('') ?? 0,
      publicSignals: blueprint.cost.publicSignals,
      layers: layerSizes(blueprint, measured, core.canonical),
      total: measured.total,
      memory: blueprint.memory,
    };
  });
}

/** An abort signal that can be raised from another thread while this one never yields: whoever checks it looks at shared memory. */
function cancellation(cancelled: Int32Array): { readonly signal: AbortSignal; check(): void } {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    check: () => {
      if (Atomics.load(cancelled, 0) === 1) controller.abort();
      throwIfAborted(controller.signal);
    },
  };
}
