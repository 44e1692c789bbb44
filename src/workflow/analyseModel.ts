/** What can be said of a model without running it: every node with its verdict, not only the first that is refused. */
import { readFileSync } from 'node:fs';
import { sha256 } from '../artifacts/index.js';
import { drawBlueprint, type Blueprint, type CostReport } from '../compile/index.js';
import { isZkonnxError } from '../errors/index.js';
import { lowerGraph } from '../lower/lower.js';
import { bindShapes } from '../onnx/bindShapes.js';
import type { Graph, TypedGraph, ValueInfo } from '../onnx/graph.js';
import { inferTypes } from '../onnx/inferShapes.js';
import { normalise, type CanonicalGraph } from '../onnx/normalise.js';
import { readModel } from '../onnx/readModel.js';
import { Refusals, attempt } from '../onnx/refusals.js';
import { formatShape } from '../onnx/shape.js';
import type { Visibility } from '../verify/visibility.js';
import { costRows, type NodeCost } from './nodeCost.js';
import { unportableNodes } from './portability.js';
import { problemOf, type Problem } from './problem.js';
import type { OnShare, ReadCoreParameters } from './readCore.js';

/**
 * What becomes of a node. `exact`: it is proven, bit for bit. `outside`: it is computed before or after the proof, and shown beside it.
 * `refused`: it cannot be proven. `unknown`: it depends on a node about which nothing is known.
 */
export type NodeVerdict = 'exact' | 'outside' | 'refused' | 'unknown';

/** An input or a node, and what is known about it. */
export interface CheckedNode extends NodeCost {
  readonly verdict: NodeVerdict;
  /** Operands and result: `uint8 [1, 8, 4, 4]`. */
  readonly inputs: readonly string[];
  readonly output: string;
  /** Why it is refused or unknown, or where it is computed instead. */
  readonly reason?: string;
  /** What to do about it. */
  readonly fix?: string;
  /** Why other processors may compute it differently; undefined for a portable node. */
  readonly unportable?: string;
}

export interface AnalyseParameters extends Omit<ReadCoreParameters, 'weights'> {
  /** What the verifier shall see. */
  readonly visibility: Visibility;
}

export interface Analysis {
  readonly modelHash: string;
  readonly opset: number;
  /** As the file has it, with its symbolic dimensions. */
  readonly declared: Pick<Graph, 'opsets' | 'inputs'>;
  /** With all dimensions known, as far as they are. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly CheckedNode[];
  /** Empty if the model can be proven. */
  readonly problems: readonly Problem[];
  /** Of everything that can be proven; with the public signals if there are no problems. */
  readonly rows: number;
  readonly publicSignals: number;
  /** Rows of the commitments; empty if there are problems. */
  readonly commitments: CostReport['commitments'];
  /** Bytes of memory that compilation takes, about. */
  readonly memory: number;
}

/** @throws ZkonnxError MODEL_EMPTY, MODEL_MALFORMED, MODEL_INVALID, MODEL_CYCLE, MODEL_EXTERNAL_DATA, FILE_NOT_FOUND: a file that cannot be read */
export function analyseModel({ model, batch, visibility }: AnalyseParameters, onProgress?: OnShare): Analysis {
  const refusals = new Refusals();
  onProgress?.(0);
  const file = attempt(refusals, undefined, () => readModel(model, refusals), () => undefined);
  if (file === undefined) return unknown(model, refusals);
  const bound = attempt(refusals, undefined, () => bindShapes(file.graph, { batch }), () => undefined);
  const original = bound === undefined ? undefined : attempt(refusals, undefined, () => inferTypes(bound, refusals), () => undefined);
  const canonical = original === undefined ? undefined : attempt(refusals, undefined, () => normalise(original, refusals), () => undefined);
  const blueprint = canonical === undefined ? undefined : attempt(refusals, undefined, () => blueprintOf(canonical, { visibility, refusals, onProgress }), () => undefined);
  const nodes = [...canonicalRows(original, canonical, blueprint, refusals), ...originalRows(file.graph, original, canonical, refusals)];
  const complete = blueprint !== undefined && !refusals.any;
  return {
    modelHash: file.hash,
    opset: file.graph.opsets.get('') ?? 0,
    declared: { opsets: file.graph.opsets, inputs: file.graph.inputs },
    inputs: (bound ?? file.graph).inputs,
    outputs: file.graph.outputs.map((output) => original?.outputs.find(({ name }) => name === output.name) ?? output),
    nodes: inOrder(nodes, file.graph, original ?? file.graph),
    problems: [...refusals.errors].map(([node, error]) => problemOf(error, node)),
    rows: complete ? blueprint.cost.rows : nodes.reduce((total, { rows }) => total + rows, 0),
    publicSignals: complete ? blueprint.cost.publicSignals : 0,
    commitments: complete ? blueprint.cost.commitments : [],
    memory: blueprint?.memory ?? 0,
  };
}

/** A file that is no model for us, though it may be one for others. @throws ZkonnxError as {@link analyseModel} */
function unknown(model: string, refusals: Refusals): Analysis {
  const problems = [...refusals.errors].map(([node, error]) => problemOf(error, node));
  const broken = [...refusals.errors.values()].find(isUnreadable);
  if (broken !== undefined) throw broken;
  return { modelHash: sha256(readFileSync(model)), opset: 0, declared: { opsets: new Map(), inputs: [] }, inputs: [], outputs: [], nodes: [], problems, rows: 0, publicSignals: 0, commitments: [], memory: 0 };
}

interface BlueprintOfParameters extends Pick<AnalyseParameters, 'visibility'> {
  readonly refusals: Refusals;
  readonly onProgress: OnShare | undefined;
}

function blueprintOf(canonical: CanonicalGraph, { visibility, refusals, onProgress }: BlueprintOfParameters): Blueprint {
  const program = lowerGraph(canonical.graph, { refusals, hidesWeights: visibility.weights === 'hashed', onProgress: (share) => onProgress?.(0.1 + 0.4 * share) });
  // Without what was refused there may be no weights left to hide.
  const weights = program.weights.length > 0 ? 'hashed' : 'fixed';
  return drawBlueprint(program, { visibility: { ...visibility, weights }, onProgress: (share) => onProgress?.(0.5 + 0.5 * share) });
}

/** Inputs and nodes of the canonical graph, but for tensors that only stand in for what was refused. */
function canonicalRows(original: TypedGraph | undefined, canonical: CanonicalGraph | undefined, blueprint: Blueprint | undefined, refusals: Refusals): CheckedNode[] {
  if (original === undefined || canonical === undefined) return [];
  const { graph, entries } = canonical;
  const own = new Set([...original.inputs.map(({ name }) => name), ...entries.map(({ tensor }) => tensor)]);
  const unportable = new Map(unportableNodes(graph).map(({ node, reason }) => [node, reason]));
  const operators = new Map(graph.nodes.map((node) => [node.name, node]));
  const costs = costRows(blueprint?.cost ?? { operations: [] }, canonical);
  return costs
    .filter(({ node, operator }) => (operator !== 'input' || own.has(node)) && !refusals.errors.has(node))
    .map((cost) => {
      const node = operators.get(cost.node);
      const blocked = refusals.blocked.get(cost.node);
      const because = unportable.get(cost.node);
      return {
        ...cost,
        verdict: blocked === undefined ? 'exact' : 'unknown',
        inputs: (node?.inputs ?? []).filter((name) => name !== '').map((name) => typeText(graph, name)),
        output: typeText(graph, node?.outputs[0] ?? cost.node),
        ...(blocked === undefined ? {} : { reason: `it depends on "${blocked}"` }),
        ...(because === undefined ? {} : { unportable: because }),
      };
    });
}

/** Nodes of the user's file that are not in the canonical graph: refused, out of sight, or outside of the proof. */
function originalRows(file: Graph, original: TypedGraph | undefined, canonical: CanonicalGraph | undefined, refusals: Refusals): CheckedNode[] {
  const graph = original ?? file;
  const before = new Set(canonical?.entries.map(({ input }) => input));
  const after = new Set(canonical?.exits.map(({ output }) => output));
  const dequantized = new Set(canonical?.exits.map((exit) => exit.dequantized));
  const all = [...new Map([...file.nodes, ...graph.nodes, ...(canonical?.graph.nodes ?? [])].map((node) => [node.name, node])).values()];
  return all.flatMap((node): CheckedNode[] => {
    const refused = refusals.errors.get(node.name);
    const blocked = refusals.blocked.get(node.name);
    const row = (verdict: NodeVerdict, reason: string, fix?: string): CheckedNode[] => [
      {
        node: node.name,
        operator: node.opType,
        origin: node.name,
        elements: 0,
        rows: 0,
        strategy: '',
        verdict,
        inputs: node.inputs.filter((name) => name !== '').map((name) => typeText(graph, name)),
        output: typeText(graph, node.outputs[0] ?? ''),
        reason,
        ...(fix === undefined ? {} : { fix }),
      },
    ];
    if (refused !== undefined) return row('refused', refused.message, refused.toJSON().fix);
    // Of a node of the canonical graph that depends on another the row is there already.
    if (blocked !== undefined) return canonical?.graph.nodes.some(({ name }) => name === node.name) === true ? [] : row('unknown', `it depends on "${blocked}"`);
    if (canonical === undefined) return row('unknown', 'the shapes of the inputs are not known');
    if (node.opType === 'QuantizeLinear' && before.has(node.inputs[0] ?? '')) return row('outside', 'before the proof');
    if (node.outputs.some((name) => after.has(name) || dequantized.has(name))) return row('outside', 'after the proof');
    return [];
  });
}

function typeText(graph: Graph | TypedGraph, name: string): string {
  const type = 'types' in graph ? graph.types.get(name) : graph.inputs.find((input) => input.name === name);
  return type === undefined ? 'unknown' : `${type.type} ${formatShape(type.shape)}`;
}

/** The order of the file: inputs, then each row where the first of its nodes stands; a node that another was expanded to, behind the one before it. */
function inOrder(rows: readonly CheckedNode[], file: Pick<Graph, 'nodes'>, expanded: Pick<Graph, 'nodes'>): CheckedNode[] {
  const place = new Map(file.nodes.map(({ name }, index) => [name, index]));
  let last = -1;
  for (const { name } of expanded.nodes) {
    last = place.get(name) ?? last;
    place.set(name, last);
  }
  const placed = rows.map((row, index) => {
    const places = row.origin.split(' + ').flatMap((name) => place.get(name) ?? []);
    return { row, index, place: row.operator === 'input' ? -1 : Math.min(file.nodes.length, ...places) };
  });
  return placed.sort((a, b) => a.place - b.place || a.index - b.index).map(({ row }) => row);
}

/** Whether an error says that the file is no whole ONNX model, and not only one that cannot be proven. */
export function isUnreadable(error: unknown): boolean {
  return isZkonnxError(error) && ['MODEL_EMPTY', 'MODEL_MALFORMED', 'MODEL_INVALID', 'MODEL_CYCLE', 'MODEL_EXTERNAL_DATA'].includes(error.code);
}
