import { readFileSync } from 'node:fs';
import { modelName, sha256 } from '../artifacts/index.js';
import { ZkonnxError, isZkonnxError, throwIfAborted } from '../errors/index.js';
import type { Dimension, Tensor, ValueInfo } from '../onnx/graph.js';
import { compareWithOriginal, type Comparison } from '../runtime/compare.js';
import { run, withSession } from '../runtime/session.js';
import { ALL_PUBLIC, type Visibility } from '../verify/visibility.js';
import { isUnreadable, type AnalyseParameters, type Analysis, type CheckedNode } from './analyseModel.js';
import type { UnportableNode } from './portability.js';
import { problemOf, verdict, type Problem, type Verdict } from './problem.js';
import { checkProfile, type ProfileName, type ProfileVerdict } from './profile.js';
import { runModelTask } from './modelTask.js';
import type { WorkflowOptions } from './progress.js';
import { readProofInputs, type InputSource } from './proofInputs.js';
import { interfaceOf, readCore } from './readCore.js';
import { sampleInputs } from './sampleInputs.js';

export interface CheckModelParameters extends WorkflowOptions {
  /** Path of an ONNX file. */
  readonly model: string;
  /** Size of a symbolic leading dimension; default 1. */
  readonly batch?: number | undefined;
  /** What the verifier shall see; default: public inputs and outputs, and fixed weights. */
  readonly visibility?: Partial<Visibility> | undefined;
  /** Inputs to compare on; default: `samples` inputs drawn from the range of the model. */
  readonly inputs?: readonly InputSource[] | undefined;
  /** Default 8. */
  readonly samples?: number | undefined;
  /** A registry whose published limits are checked too. */
  readonly profile?: ProfileName | undefined;
}

/** A tensor at the edge of the model. */
export interface Edge {
  readonly name: string;
  readonly type: string;
  /** A name stands for a dimension that is not known. */
  readonly shape: readonly Dimension[];
}

export interface CheckModelReturnType {
  readonly model: { readonly name: string; readonly sha256: string };
  /** 0 for a file that cannot be read. */
  readonly opset: number;
  readonly inputs: readonly Edge[];
  readonly outputs: readonly Edge[];
  /** What the verdict on proving, the rows and the public signals hold for. */
  readonly visibility: Visibility;
  readonly verdicts: {
    /** A whole, well-formed ONNX file, as a registry takes it. */
    readonly stored: Verdict;
    /** ONNX Runtime loads it and runs it on a sample. */
    readonly runs: Verdict;
    /** Every node has an exact integer form. */
    readonly proven: Verdict;
    /** The limits of the registry that was asked for. */
    readonly profile?: ProfileVerdict;
  };
  /** In the order of the file: what is proven by the nodes of the canonical graph, and all nodes that cannot be. */
  readonly nodes: readonly CheckedNode[];
  /** For a model that cannot be proven: of what can be. */
  readonly rows: number;
  readonly publicSignals: number;
  /** Rows of the commitments to what is hashed; of a model that can be proven. */
  readonly commitments: Analysis['commitments'];
  /** Bytes of memory that compilation takes, about. */
  readonly memory: number;
  /** Whether every processor computes the same bits. */
  readonly portable: boolean;
  readonly unportable: readonly UnportableNode[];
  /** The user's file against what is proven, in ONNX Runtime, with graph optimisation off and on. Empty where there is nothing to compare. */
  readonly comparisons: readonly Comparison[];
}

/**
 * Says whether a model can be stored, run and proven, what it costs, and whether what is proven is what the file means: the user's
 * own file runs in ONNX Runtime, and its outputs are compared with the canonical graph's, bit for bit. What cannot be proven is
 * no error here, but part of the result, with every node concerned.
 *
 * @throws ZkonnxError of the kind input; FILE_NOT_FOUND, CANCELLED
 */
export async function checkModel({ model, batch = 1, visibility: asked, inputs, samples = 8, profile, signal, onProgress }: CheckModelParameters): Promise<CheckModelReturnType> {
  const visibility = { ...ALL_PUBLIC, ...asked };
  const report = (fraction: number, detail: string): void => {
    throwIfAborted(signal);
    onProgress?.({ stage: 'check', fraction, detail });
  };
  const analysis = await analysisOf({ model, batch, visibility, signal, onShare: (fraction, detail) => report(fraction / 2, detail) });
  report(0.5, 'running in ONNX Runtime');
  if (analysis instanceof ZkonnxError) return unreadable(model, { visibility, error: analysis, runs: await verdictOfRuntime({ model, inputs: undefined }) });

  const { modelHash, opset, declared, nodes, problems, rows, publicSignals, commitments, memory } = analysis;
  const runs = await verdictOfRuntime({ model, inputs: analysis.inputs });
  const comparisons: Comparison[] = [];
  if (problems.length === 0 && runs.ok) {
    const { original, canonical, ...core } = readCore({ model, batch });
    const around = interfaceOf({ original, canonical, ...core });
    const sets = (): Iterable<ReadonlyMap<string, Tensor>> => (inputs === undefined ? sampleInputs(around, samples) : readProofInputs(around, inputs).map(({ tensors }) => tensors));
    for (const [index, optimisation] of (['disabled', 'all'] as const).entries()) {
      report(0.6 + index / 5, 'comparing with ONNX Runtime');
      comparisons.push(await compareWithOriginal({ model: { path: model }, original, canonical, inputs: sets(), optimisation }));
    }
  }
  report(1, '');
  const unportable = nodes.flatMap(({ node, unportable: reason }) => (reason === undefined ? [] : [{ node, reason }]));
  return {
    model: { name: modelName(model), sha256: modelHash },
    opset,
    inputs: analysis.inputs.map(edge),
    outputs: analysis.outputs.map(edge),
    visibility,
    verdicts: {
      // A node that breaks the rules of its operator makes the file invalid; what only we do not support does not.
      stored: verdict(problems.filter(({ code, node }) => code === 'MODEL_INVALID' && node !== undefined)),
      runs,
      proven: verdict(problems),
      // Of a file whose graph we could not read nothing is known.
      ...(profile === undefined || declared.opsets.size === 0 ? {} : { profile: checkProfile(profile, declared) }),
    },
    nodes,
    rows,
    publicSignals,
    commitments,
    memory,
    portable: problems.length === 0 && unportable.length === 0,
    unportable,
    comparisons,
  };
}

/** The analysis, or why the file cannot be read. */
async function analysisOf({ signal, onShare, ...task }: AnalyseParameters & { readonly signal: AbortSignal | undefined; readonly onShare: (share: number, detail: string) => void }): Promise<Analysis | ZkonnxError> {
  try {
    return await runModelTask({ name: 'analyse', task, signal, onProgress: ({ fraction, detail }) => onShare(fraction, detail) });
  } catch (error) {
    if (isUnreadable(error)) return error as ZkonnxError;
    throw error;
  }
}

/** Whether ONNX Runtime loads the file, and runs it where its inputs are known. */
async function verdictOfRuntime({ model, inputs }: { readonly model: string; readonly inputs: readonly ValueInfo[] | undefined }): Promise<Verdict> {
  try {
    await withSession({ path: model }, async (session) => {
      const known = inputs?.flatMap(({ name, type, shape }) => (shape.every((dimension) => typeof dimension === 'number') ? [{ name, type, shape: [...shape] as number[] }] : []));
      if (known === undefined || known.length !== inputs?.length) return;
      for (const sample of sampleInputs({ inputs: known, entries: [] }, 1)) await run(session, sample);
    });
    return verdict([]);
  } catch (error) {
    if (!isZkonnxError(error)) throw error;
    // What onnxruntime-node cannot hand over (strings, 4-bit tensors) runs all the same.
    return verdict(error.code === 'TYPE_UNSUPPORTED' ? [] : [problemOf(error)]);
  }
}

function unreadable(model: string, { visibility, error, runs }: { readonly visibility: Visibility; readonly error: ZkonnxError; readonly runs: Verdict }): CheckModelReturnType {
  const problem: Problem = problemOf(error);
  return {
    model: { name: modelName(model), sha256: sha256(readFileSync(model)) },
    opset: 0,
    inputs: [],
    outputs: [],
    visibility,
    verdicts: { stored: verdict([problem]), runs, proven: verdict([problem]) },
    nodes: [],
    rows: 0,
    publicSignals: 0,
    commitments: [],
    memory: 0,
    portable: false,
    unportable: [],
    comparisons: [],
  };
}

function edge({ name, type, shape }: ValueInfo): Edge {
  return { name, type, shape };
}
