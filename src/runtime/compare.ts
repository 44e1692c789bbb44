/** Comparing tensors bit for bit, and the user's file with its canonical graph. */
import { encodeModel } from '../onnx/encode.js';
import type { Graph, GraphNode, Tensor, TypedGraph, ValueInfo } from '../onnx/graph.js';
import type { CanonicalGraph } from '../onnx/normalise.js';
import { sameShape } from '../onnx/shape.js';
import { coreInputs, dequantizeExit } from './boundary.js';
import { firstDifferentElement } from './firstDifferentElement.js';
import { exposeIntermediates, runWithIntermediates } from './intermediates.js';
import { openSession, release, run, withSession, type Optimisation, type Session } from './session.js';

/** Where two tensors first differ. */
export interface Difference {
  /** The node of the graph that computes the tensor. */
  readonly node: string;
  readonly opType: string;
  readonly tensor: string;
  /** Flat index of the first element that differs. */
  readonly index: number;
  readonly expected: number | bigint;
  readonly found: number | bigint;
}

/** How many elements differ in their bits (NaN equals itself, 0 differs from −0), of tensors of the same type and shape. */
export function countDifferences(a: Tensor, b: Tensor): number {
  if (a.type !== b.type || !sameShape(a.shape, b.shape)) return Math.max(a.data.length, b.data.length);
  let count = 0;
  for (let index = 0; index < a.data.length; index++) if (!Object.is(a.data[index], b.data[index])) count++;
  return count;
}

/**
 * The first node, in the order of the graph, that has another value in `found` than in `expected`; undefined when all tensors that
 * are in both are equal.
 */
export function firstDifference({ nodes, expected, found }: {
  nodes: readonly GraphNode[];
  expected: ReadonlyMap<string, Tensor>;
  found: ReadonlyMap<string, Tensor>;
}): Difference | undefined {
  for (const node of nodes) {
    for (const tensor of node.outputs) {
      const [a, b] = [expected.get(tensor), found.get(tensor)];
      if (a === undefined || b === undefined || a.type !== b.type) continue;
      const index = firstDifferentElement(a.data, b.data);
      if (index >= 0) return { node: node.name, opType: node.opType, tensor, index, expected: a.data[index] as number, found: b.data[index] as number };
    }
  }
  return undefined;
}

/** How the outputs of the user's file and of its canonical graph compare over some inputs. */
export interface Comparison {
  readonly optimisation: Optimisation;
  readonly inputs: number;
  /** Output elements compared, and how many of them differ in any bit. */
  readonly elements: number;
  readonly differing: number;
  /**
   * For the first input that differs: the first canonical node that differs from the file where both have that tensor, found with
   * optimisation off (exposing every tensor would undo the fusions); undefined when only an optimised run differs.
   */
  readonly first?: Difference;
}

/**
 * Runs the user's file and its canonical graph in ONNX Runtime and compares every output bit. A Softmax at the end is cut off on
 * both sides, since it is not proven. For a QOperator file nothing may differ; a QDQ file differs by as much as ONNX Runtime itself
 * differs between fused and unfused operators.
 * @param model the user's file, as a path or as its bytes; run as it is unless it ends with a Softmax
 * @param original its decoded and typed graph
 * @param inputs sets of inputs, by the names of the model
 */
export async function compareWithOriginal({ model, original, canonical, inputs, optimisation, allowInt8Qdq = false }: {
  model: { readonly path: string } | { readonly bytes: Uint8Array };
  original: TypedGraph;
  canonical: CanonicalGraph;
  inputs: Iterable<ReadonlyMap<string, Tensor>>;
  optimisation: Optimisation;
  allowInt8Qdq?: boolean;
}): Promise<Comparison> {
  const cut = canonical.exits.some(({ softmaxAxis }) => softmaxAxis !== undefined);
  const source = cut ? { bytes: encodeModel(withoutSoftmax(original, canonical)) } : model;
  const core = await openSession({ bytes: encodeModel(canonical.graph) });
  try {
    return await withSession({ ...source, optimisation, allowInt8Qdq }, (session) => compareAll({ session, core, original, canonical, inputs, optimisation }));
  } finally {
    await release(core);
  }
}

async function compareAll({ session, core, original, canonical, inputs, optimisation }: {
  session: Session;
  core: Session;
  original: TypedGraph;
  canonical: CanonicalGraph;
  inputs: Iterable<ReadonlyMap<string, Tensor>>;
  optimisation: Optimisation;
}): Promise<Comparison> {
  let count = 0;
  let elements = 0;
  let differing = 0;
  let first: Difference | undefined;
  for (const set of inputs) {
    count++;
    const expected = await run(session, set);
    const found = floatOutputs(canonical, await run(core, coreInputs(canonical, set)));
    let here = 0;
    for (const [name, tensor] of expected) {
      elements += tensor.data.length;
      here += countDifferences(tensor, found.get(name) as Tensor);
    }
    if (here > 0 && differing === 0) first = await firstNodeThatDiffers({ original, canonical, inputs: set });
    differing += here;
  }
  return { optimisation, inputs: count, elements, differing, ...(first === undefined ? {} : { first }) };
}

/** Outputs of the core under the names of the model's outputs, before any Softmax. */
function floatOutputs({ graph, exits }: CanonicalGraph, outputs: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const results = new Map<string, Tensor>();
  for (const { name } of graph.outputs) results.set(name, outputs.get(name) as Tensor);
  for (const exit of exits) results.set(exit.softmaxAxis === undefined ? exit.output : exit.dequantized, dequantizeExit(exit, outputs.get(exit.tensor) as Tensor));
  return results;
}

/** The original graph with the dequantized tensors as outputs where it ends with Softmax. */
function withoutSoftmax(original: TypedGraph, { exits }: CanonicalGraph): Graph {
  const outputs = original.outputs.map((output): ValueInfo => {
    const exit = exits.find((candidate) => candidate.output === output.name && candidate.softmaxAxis !== undefined);
    return exit === undefined ? output : { ...output, name: exit.dequantized };
  });
  return { ...original, outputs };
}

/** Compares all tensors that both graphs have under one name, with optimisation off in both. */
async function firstNodeThatDiffers({ original, canonical, inputs }: { original: TypedGraph; canonical: CanonicalGraph; inputs: ReadonlyMap<string, Tensor> }): Promise<Difference | undefined> {
  const expected = await withSession({ bytes: encodeModel(exposeIntermediates(original)) }, (session) => run(session, inputs));
  const found = await runWithIntermediates({ graph: canonical.graph, inputs: coreInputs(canonical, inputs) });
  return firstDifference({ nodes: canonical.graph.nodes, expected, found });
}
