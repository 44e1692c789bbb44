import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { FILES, writeJson, type IntegerTensor, type ProofFile } from '../artifacts/index.js';
import { ZkonnxError, throwIfAborted } from '../errors/index.js';
import type { Tensor, TypedGraph } from '../onnx/graph.js';
import { proveAll, selectBackend, type BackendChoice, type ProverBackend } from '../prove/index.js';
import type { Witness } from '../r1cs/witness.js';
import { openSession, release, run } from '../runtime/session.js';
import { packPublic, parseContext, type Context } from '../verify/packing.js';
import { floatOutputs, provenInputs, tensorToJson } from './boundaryTensors.js';
import { exactInference, type ExactInference, type InferenceEngines } from './exactInference.js';
import { openPreparedModel, type PreparedModel } from './preparedModel.js';
import type { FolderOptions, WorkflowOptions } from './progress.js';
import { readProofInputs, type InputSource } from './proofInputs.js';
import { openWitnessMaker } from './witnessMaker.js';

export interface ProveInputsParameters extends WorkflowOptions, FolderOptions {
  /** Path of the ONNX file. It must have been set up: `setupModel`. */
  readonly model: string;
  /** One entry per inference; several are proven side by side. */
  readonly inputs: readonly InputSource[];
  /** The value that the requester chose, the same for all; default 0. */
  readonly context?: Context | undefined;
  /** Default 'auto': the native engine where it was built. */
  readonly backend?: BackendChoice | undefined;
  /** Threads for witnesses, and proofs side by side; default: one per processor. */
  readonly threads?: number | undefined;
  /** Hears of every proof when its file has been written. */
  readonly onProof?: ((proof: WrittenProof) => void) | undefined;
}

export interface WrittenProof {
  /** Name of the input. */
  readonly name: string;
  readonly path: string;
  /** Proven outputs by the names of the canonical graph. */
  readonly outputs: Readonly<Record<string, IntegerTensor>>;
  /** The model's float outputs, computed from them; not part of the proof. */
  readonly floats: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>>;
  /** Milliseconds. Witness and native run at the same time. */
  readonly timings: { readonly witness: number; readonly native: number; readonly prove: number };
}

export interface ProveInputsReturnType {
  readonly folder: string;
  readonly model: { readonly name: string; readonly sha256: string };
  /** 0x and hexadecimal digits. */
  readonly context: string;
  /** Name of the prover. */
  readonly backend: string;
  /** In the order of the inputs. */
  readonly proofs: readonly WrittenProof[];
}

/**
 * Proves inferences. For each input the witness is made in a worker thread while ONNX Runtime runs the canonical graph; only if
 * every output bit is the same is the proof made, checked, and written to `proofs/NAME.json`.
 *
 * @throws ZkonnxError of the kinds input and artifact; NATIVE_MISMATCH, NATIVE_FAILED, WITNESS_UNSATISFIED, PROOF_MALFORMED for the context, CANCELLED
 */
export async function proveInputs(parameters: ProveInputsParameters): Promise<ProveInputsReturnType> {
  return proveWithEngines(parameters, openEngines);
}

/** Engines, and how to release what they hold. */
export interface OpenEngines {
  readonly engines: InferenceEngines;
  close(): Promise<void>;
}

/** Opens the engines of a model. */
export type EnginesOpener = (parameters: { readonly prepared: PreparedModel; readonly threads: number; readonly signal: AbortSignal | undefined }) => Promise<OpenEngines>;

/** {@link proveInputs} with other engines, for tests of what happens when they disagree. */
export async function proveWithEngines(parameters: ProveInputsParameters, open: EnginesOpener): Promise<ProveInputsReturnType> {
  const { model, folder, inputs, context = 0n, backend = 'auto', threads = availableParallelism(), signal, onProgress, onProof } = parameters;
  throwIfAborted(signal);
  const value = parseContext(context);
  const prepared = await openPreparedModel({ model, folder });
  const { verification } = prepared;
  const named = readProofInputs(verification.interface, inputs);
  const jobs = named.map(({ name, tensors }): Job => ({ name, inputs: provenInputs({ layout: verification.layout, entries: verification.interface.entries }, tensors) }));
  const concurrency = Math.min(threads, jobs.length);
  const stop = new AbortController();
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const prover = await selectBackend({ backend, concurrency });
  // Beside the witness; the proof meets whatever is wrong with the key.
  prover.prepare?.(prepared.zkeyPath).catch(() => undefined);
  const { engines, close } = await open({ prepared, threads: concurrency, signal: either }).catch(async (error: unknown) => {
    await prover.close();
    throw error;
  });
  const inferences: ExactInference[] = [];
  const times = new Map<Witness, number>();
  const writes: Promise<WrittenProof>[] = [];
  try {
    async function* witnesses(): AsyncGenerator<Witness> {
      // One ahead: the next witness is made while the prover is busy.
      let ahead = infer(0);
      await prepared.keyIntact;
      for (let index = 0; ahead !== undefined; index++) {
        const inference = await ahead;
        inferences[index] = inference;
        ahead = infer(index + 1);
        yield inference.generated.witness;
      }
    }
    const infer = (index: number): Promise<ExactInference> | undefined => {
      const job = jobs[index];
      if (job === undefined) return undefined;
      onProgress?.({ stage: 'witness', fraction: index / jobs.length, detail: job.name });
      const result = exactInference({ engines, layout: verification.layout, inputs: job.inputs, context: value });
      // Whoever awaits it sees the failure; when an earlier one stopped the batch, nobody does.
      result.catch(() => undefined);
      return result;
    };
    let done = 0;
    await proveAll({
      backend: timedBackend(prover, times, jobs.length === 1 ? (fraction) => onProgress?.({ stage: 'prove', fraction, detail: jobs[0]?.name ?? '' }) : undefined),
      zkeyPath: prepared.zkeyPath,
      witnesses: witnesses(),
      concurrency,
      signal: either,
      onProof: ({ proof, publicSignals }, index) => {
        const [job, inference] = [jobs[index] as Job, inferences[index] as ExactInference];
        const prove = times.get(inference.generated.witness) ?? 0;
        const write = writeProof({ prepared, job, inference, context: value, proof: { proof, publicSignals }, prove, signal: either }).then((written) => {
          onProgress?.({ stage: 'prove', fraction: ++done / jobs.length, detail: written.name });
          onProof?.(written);
          return written;
        });
        write.catch(() => stop.abort());
        writes[index] = write;
      },
    });
    return { folder: prepared.folder, model: verification.model, context: hex(value), backend: prover.name, proofs: await Promise.all(writes) };
  } catch (error) {
    stop.abort();
    // A file that could not be written is why the others were stopped.
    const failed = (await Promise.allSettled(writes)).find((result): result is PromiseRejectedResult => result?.status === 'rejected');
    if (signal?.aborted) throw new ZkonnxError('CANCELLED', { cause: error });
    throw failed?.reason ?? error;
  } finally {
    await close();
    await prover.close();
  }
}

interface Job {
  readonly name: string;
  /** Proven inputs. */
  readonly inputs: ReadonlyMap<string, Tensor>;
}

async function openEngines({ prepared, threads, signal }: Parameters<EnginesOpener>[0]): Promise<OpenEngines> {
  const [witnesses, session] = await Promise.all([openWitnessMaker({ ...prepared, threads }), openSession({ path: prepared.canonicalPath })]);
  // Only what has gone wrong needs the graph, and all that it takes to read it.
  const graph = async (): Promise<TypedGraph> => {
    const [{ readModel }, { inferTypes }] = await Promise.all([import('../onnx/readModel.js'), import('../onnx/inferShapes.js')]);
    return inferTypes(readModel(prepared.canonicalPath).graph);
  };
  let running: Promise<unknown> = Promise.resolve();
  return {
    engines: {
      generate: (request) => witnesses.generate(request, signal),
      native: (inputs) => {
        const result = run(session, inputs);
        running = Promise.allSettled([running, result]);
        return result;
      },
      nativeIntermediates: async (inputs) => {
        const { runWithIntermediates } = await import('../runtime/intermediates.js');
        return runWithIntermediates({ graph: await graph(), inputs });
      },
      graph,
    },
    close: async () => {
      await witnesses.close();
      // A session must not be released under a running inference.
      await running;
      await release(session);
    },
  };
}

function timedBackend(backend: ProverBackend, times: Map<Witness, number>, onFraction: ((fraction: number) => void) | undefined): ProverBackend {
  return {
    name: backend.name,
    async prove(parameters) {
      const start = performance.now();
      const proof = await backend.prove({ ...parameters, ...(onFraction === undefined ? {} : { onProgress: ({ fraction }) => onFraction(fraction) }) });
      times.set(parameters.witness, performance.now() - start);
      return proof;
    },
    close: () => backend.close(),
  };
}

interface WriteProofParameters {
  readonly prepared: PreparedModel;
  readonly job: Job;
  readonly inference: ExactInference;
  readonly context: bigint;
  readonly proof: Pick<ProofFile, 'proof' | 'publicSignals'>;
  /** Milliseconds. */
  readonly prove: number;
  readonly signal: AbortSignal;
}

async function writeProof({ prepared, job, inference, context, proof, prove, signal }: WriteProofParameters): Promise<WrittenProof> {
  const { verification, folder } = prepared;
  const { layout } = verification;
  const inputs = Object.fromEntries(layout.inputs.map((tensor) => [tensor.name, tensorToJson(tensor, job.inputs.get(tensor.name) as Tensor)]));
  const outputs = Object.fromEntries(layout.outputs.map((tensor) => [tensor.name, tensorToJson(tensor, inference.outputs.get(tensor.name) as Tensor)]));
  checkStatement({ layout, context, inputs, outputs, publicSignals: proof.publicSignals });
  const file: ProofFile = { format: 'zkonnx-proof', version: 1, model: verification.model, context: hex(context), inputs, outputs, ...proof };
  const path = join(folder, FILES.proofs, `${job.name}.json`);
  await writeJson({ path, data: file, signal });
  const floats = [...floatOutputs(verification.interface, inference.outputs)].map(([name, { shape, data }]) => [name, { shape, data: Array.from(data as Float32Array) }] as const);
  return { name: job.name, path, outputs, floats: Object.fromEntries(floats), timings: { witness: inference.witnessMs, native: inference.nativeMs, prove } };
}

/** The prover has verified the proof against its signals; these must be the ones of the statement that is written beside it. */
function checkStatement({ layout, context, inputs, outputs, publicSignals }: Pick<ProofFile, 'inputs' | 'outputs' | 'publicSignals'> & { layout: PreparedModel['verification']['layout']; context: bigint }): void {
  const values = (tensors: ProofFile['inputs']) => Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
  const expected = packPublic({ layout, context, inputs: values(inputs), outputs: values(outputs) });
  if (expected.length !== publicSignals.length || expected.some((signal, index) => String(signal) !== publicSignals[index])) {
    throw new ZkonnxError('WITNESS_UNSATISFIED', { message: 'The public signals of the proof are not those of the inputs and outputs.' });
  }
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

