import { resolve } from 'node:path';
import { FILES, defaultFolder, intact, modelName, readManifest, recordFile, sha256, writeManifest, type CompileStage, type Manifest } from '../artifacts/index.js';
import { throwIfAborted } from '../errors/index.js';
import { readModel } from '../onnx/readModel.js';
import { ALL_PUBLIC, type Visibility } from '../verify/visibility.js';
import { compilerFingerprint } from './compilerFingerprint.js';
import { runModelTask } from './modelTask.js';
import type { FolderOptions, WorkflowOptions } from './progress.js';

export interface CompileModelParameters extends WorkflowOptions, FolderOptions {
  /** Path of a quantized ONNX file. */
  readonly model: string;
  /** Size of a symbolic leading dimension; default 1. */
  readonly batch?: number | undefined;
  /** What the verifier shall see, each by itself; default: as the model was compiled before, else public inputs and outputs and fixed weights. */
  readonly visibility?: Partial<Visibility> | undefined;
  /** Bytes of memory that compilation may take; default 2 GiB. */
  readonly memoryLimit?: number | undefined;
}

export interface CompileModelReturnType {
  readonly folder: string;
  readonly model: { readonly name: string; readonly sha256: string };
  /** Whether the files were there already, and unchanged. */
  readonly skipped: boolean;
  readonly rows: number;
  readonly wires: number;
  readonly publicSignals: number;
  readonly visibility: Visibility;
  /** SHA-256 of the R1CS, which the key is made for. */
  readonly r1csSha256: string;
}

/**
 * Compiles a model to an R1CS and the plan of its witness, and writes them with the canonical graph to the model's folder. Does
 * nothing when they are there already, made from the same bytes by the same version.
 *
 * @throws ZkonnxError of the kinds model and artifact; USAGE, FILE_NOT_FOUND, CANCELLED
 */
export async function compileModel({ model, batch = 1, visibility: asked = {}, memoryLimit, folder = defaultFolder(model), signal, onProgress }: CompileModelParameters): Promise<CompileModelReturnType> {
  throwIfAborted(signal);
  const where = resolve(folder);
  const identity = { name: modelName(model), sha256: readModel(model).hash };
  const manifest = await readManifest(where).catch(() => undefined);
  const known = manifest?.compile;
  const visibility = visibilityOf(asked, known?.visibility);
  const key = keyOf(identity.sha256, batch, visibility);
  if (manifest !== undefined && known?.key === key && (await intact(where, [known.canonical, known.plan, known.r1cs, known.cost]))) {
    if (manifest.model.name !== identity.name) await writeManifest(where, { ...manifest, model: identity });
    return result(where, identity, known, true);
  }
  const compiled = await runModelTask({
    name: 'compile',
    task: { model: resolve(model), batch, visibility, folder: where, memoryLimit },
    folder: where,
    signal,
    onProgress: ({ fraction, detail }) => onProgress?.({ stage: 'compile', fraction, detail }),
  });
  const { rows, wires, publicSignals } = compiled;
  const record = (file: string) => recordFile(where, file);
  const stage: CompileStage = {
    // The file may have changed since it was hashed above: what counts is what the compiler read.
    key: keyOf(compiled.modelHash, batch, visibility),
    batch,
    externalFiles: [...compiled.externalFiles],
    visibility,
    canonical: await record(FILES.canonical),
    plan: await record(FILES.plan),
    r1cs: await record(FILES.r1cs),
    cost: await record(FILES.cost),
    rows,
    wires,
    publicSignals,
    interface: compiled.interface,
  };
  // Later stages stay recorded: they say themselves what they were made from.
  const next: Manifest = { ...manifest, format: 'zkonnx-manifest', version: 1, model: { ...identity, sha256: compiled.modelHash }, compile: stage };
  await writeManifest(where, next);
  onProgress?.({ stage: 'compile', fraction: 1 });
  return result(where, next.model, stage, false);
}

/** What was asked for, the rest as before. */
function visibilityOf({ inputs, outputs, weights }: Partial<Visibility>, before: Visibility = ALL_PUBLIC): Visibility {
  return { inputs: inputs ?? before.inputs, outputs: outputs ?? before.outputs, weights: weights ?? before.weights };
}

/** Hash of everything that the result depends on. */
function keyOf(model: string, batch: number, visibility: Visibility): string {
  return sha256(JSON.stringify({ model, batch, visibility, compiler: compilerFingerprint() }));
}

function result(folder: string, model: Manifest['model'], { rows, wires, publicSignals, visibility, r1cs }: CompileStage, skipped: boolean): CompileModelReturnType {
  return { folder, model, skipped, rows, wires, publicSignals, visibility, r1csSha256: r1cs.sha256 };
}
