import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { FILES, writeJson, type CommitmentTexts, type IntegerTensor, type OpeningFile, type ProofFile } from '../artifacts/index.js';
import type { Salts } from '../compile/index.js';
import { ZkonnxError, throwIfAborted } from '../errors/index.js';
import type { Tensor, TypedGraph } from '../onnx/graph.js';
import { proveAll, selectBackend, type BackendChoice, type ProverBackend } from '../prove/index.js';
import type { Witness } from '../r1cs/witness.js';
import { openSession, release, run } from '../runtime/session.js';
import { commitmentText, parseCommitment } from '../verify/fieldElement.js';
import { packPublic, parseContext, publicTensors, type Context } from '../verify/packing.js';
import { committedParts } from '../verify/visibility.js';
import { floatOutputs, provenInputs, tensorToJson } from './boundaryTensors.js';
import { exactInference, type ExactInference, type InferenceEngines } from './exactInference.js';
import { openPreparedModel, type PreparedModel } from './preparedModel.js';
import type { FolderOptions, WorkflowOptions } from './progress.js';
import { randomSalt } from './randomSalt.js';
import { readProofInputs, type InputSource } from './proofInputs.js';
import { openWitnessMaker } from './witnessMaker.js';

export interface ProveInputsParameters extends WorkflowOptions, FolderOptions {
  /** Path of the ONNX file. It must have been set up: `setupModel`. */
  readonly model: string;
  /** One entry per inference; several are proven side by side. */
  readonly inputs: readonly InputSource[];
  /** The value that the requester chose, the same for all; default 0. */
  readonly context?: Context | undefined;
  /**
   * Salts of the commitments of hashed inputs and outputs, the same for all: field elements, 0 for none. Default: new random ones for
   * each, so that nobody can check a guess.
   */
  readonly salts?: { readonly inputs?: bigint | string | undefined; readonly outputs?: bigint | string | undefined } | undefined;
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
  /** Where values and salts were written that the proof does not show: for the prover alone. */
  readonly openingPath?: string;
  /** Of what is hashed; 0x and 64 hexadecimal digits. */
  readonly commitments: CommitmentTexts;
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
  const { model, folder, inputs, context = 0n, salts: givenSalts = {}, backend = 'auto', threads = availableParallelism(), signal, onProgress, onProof } = parameters;
  throwIfAborted(signal);
  const value = parseContext(context);
  const prepared = await openPreparedModel({ model, folder });
  const { verification } = prepared;
  const named = readProofInputs(verification.interface, inputs);
  const { layout } = verification;
  const weights = layout.visibility.weights === 'hashed' ? await weightsSalt(prepared, signal) : {};
  const salts = saltSource(layout, givenSalts, weights);
  const jobs = named.map(({ name, tensors }): Job => ({ name, salts: salts(), inputs: provenInputs({ layout, entries: verification.interface.entries }, tensors) }));
  const concurrency = Math.min(threads, jobs.length);
  const stop = new AbortController();
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const prover = await selectBackend({ backend, system: verification.verificationKey.protocol, concurrency });
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
      const result = exactInference({ engines, layout, inputs: job.inputs, context: value, salts: job.salts });
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
  readonly salts: Salts;
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
      probe: async () => (await import('../runtime/arithmeticProbe.js')).probeArithmetic(),
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
  const json = (tensors: typeof layout.inputs, values: ReadonlyMap<string, Tensor>) => Object.fromEntries(tensors.map((tensor) => [tensor.name, tensorToJson(tensor, values.get(tensor.name) as Tensor)]));
  const inputs = json(publicTensors(layout, 'inputs'), job.inputs);
  const outputs = json(publicTensors(layout, 'outputs'), inference.outputs);
  const commitments = texts(inference.generated.commitments);
  checkStatement({ layout, context, inputs, outputs, commitments, publicSignals: proof.publicSignals });
  const allOutputs = json(layout.outputs, inference.outputs);
  const openingPath = join(folder, FILES.proofs, `${job.name}.opening.json`);
  const { visibility } = layout;
  const hidden = visibility.inputs !== 'public' || visibility.outputs !== 'public';
  // Before the proof: a commitment that nobody can open any more is of no use.
  if (hidden) {
    const opening: OpeningFile = { format: 'zkonnx-opening', version: 1, model: verification.model, salts: texts(job.salts), commitments, inputs: json(layout.inputs, job.inputs), outputs: allOutputs };
    await writeJson({ path: openingPath, data: opening, signal });
  }
  const file: ProofFile = { format: 'zkonnx-proof', version: 1, model: verification.model, context: hex(context), inputs, outputs, commitments, ...proof };
  const path = join(folder, FILES.proofs, `${job.name}.json`);
  await writeJson({ path, data: file, signal });
  const floats = [...floatOutputs(verification.interface, inference.outputs)].map(([name, { shape, data }]) => [name, { shape, data: Array.from(data as Float32Array) }] as const);
  return { name: job.name, path, ...(hidden ? { openingPath } : {}), commitments, outputs: allOutputs, floats: Object.fromEntries(floats), timings: { witness: inference.witnessMs, native: inference.nativeMs, prove } };
}

/** The prover has verified the proof against its signals; these must be the ones of the statement that is written beside it. */
function checkStatement({ layout, context, inputs, outputs, commitments, publicSignals }: Pick<ProofFile, 'inputs' | 'outputs' | 'commitments' | 'publicSignals'> & { layout: PreparedModel['verification']['layout']; context: bigint }): void {
  const values = (tensors: ProofFile['inputs']) => Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
  const expected = packPublic({ layout, context, inputs: values(inputs), outputs: values(outputs), commitments });
  if (expected.length !== publicSignals.length || expected.some((signal, index) => String(signal) !== publicSignals[index])) {
    throw new ZkonnxError('WITNESS_UNSATISFIED', { message: 'The public signals of the proof are not those of the inputs and outputs.' });
  }
}

/** Salts for one inference after the other: those that were given, else random ones of 248 bits. */
function saltSource(layout: PreparedModel['verification']['layout'], given: NonNullable<ProveInputsParameters['salts']>, weights: Salts): () => Salts {
  const sides = ['outputs', 'inputs'] as const;
  for (const side of sides) {
    if (given[side] !== undefined && layout.visibility[side] !== 'hashed') throw new ZkonnxError('USAGE', { message: `The ${side} are not hashed, so there is nothing to salt.`, expected: 'hashed', found: layout.visibility[side] });
  }
  const fixed = Object.fromEntries(sides.flatMap((side) => (given[side] === undefined ? [] : [[side, parseCommitment(given[side], 'salt')] as const])));
  const hashed = committedParts(layout.visibility).filter((part) => part !== 'weights');
  return () => ({ ...Object.fromEntries(hashed.map((part) => [part, fixed[part] ?? randomSalt()])), ...weights });
}

/** The salt of hidden weights is the same for all proofs, so that their commitment names the model. */
async function weightsSalt({ folder, planPath, verification: { model } }: PreparedModel, signal: AbortSignal | undefined): Promise<Salts> {
  const [{ openWeights }, { readPlanFile }] = await Promise.all([import('./weightsOpening.js'), import('../compile/planFile.js')]);
  const {
    opening: { salt },
  } = await openWeights({ folder, model, plan: () => readPlanFile(planPath), signal });
  return { weights: parseCommitment(salt, 'salt') };
}

function texts(elements: Salts): CommitmentTexts {
  return Object.fromEntries(Object.entries(elements).map(([part, element]) => [part, commitmentText(element)]));
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

