/**
 * Turns a quantized model into its integer core. Float tensors between DequantizeLinear and QuantizeLinear are never computed:
 * each is carried as a description, and QuantizeLinear makes integers of the description (normalise/quantize.ts). What cannot be
 * made integer exactly is refused by name.
 */
import { ZkonnxError } from '../errors/index.js';
import { isInteger } from './elementType.js';
import type { Graph, GraphNode, TypedGraph, ValueInfo } from './graph.js';
import { inferTypes } from './inferShapes.js';
import type { CanonicalGraph, EntryQuantize, ExitDequantize } from './normalise/canonicalGraph.js';
import { valuesOf } from './normalise/evaluate.js';
import { quantize } from './normalise/quantize.js';
import { refusal } from './normalise/refusal.js';
import { State } from './normalise/state.js';
import { booleanByTable } from './normalise/table.js';
import { attempt, type Refusals } from './refusals.js';
import { isPerTensor, type Dequantized, type Value } from './normalise/values.js';

export type { CanonicalGraph, EntryQuantize, ExitDequantize } from './normalise/canonicalGraph.js';

/**
 * The canonical graph of a model, QDQ or QOperator.
 * @param graph typed: {@link inferTypes}
 * @param refusals hears of everything that cannot be made integer; integers that depend on it become inputs of the canonical graph
 * @throws ZkonnxError OPERATOR_UNSUPPORTED with the node and the reason, TYPE_UNSUPPORTED, SHAPE_UNSUPPORTED, MODEL_INVALID
 */
export function normalise(graph: TypedGraph, refusals?: Refusals): CanonicalGraph {
  if (!isQuantized(graph)) refuseFloatModel(graph, refusals);
  const state = new State(graph, { quantize, truth: booleanByTable });
  begin(state, refusals);
  for (const node of graph.nodes) {
    const operands = node.inputs.map((name) => (name === '' ? undefined : { name, value: state.values.get(name) as Value }));
    const values = attempt(refusals, node, () => valuesOf(state, node, operands), () => node.outputs.map((name) => standIn(state, node, name)));
    node.outputs.forEach((name, index) => { if (name !== '') state.values.set(name, values[index] as Value); });
  }
  return finish(state, refusals);
}

/** What takes the place of a result that could not be made, so that what reads it can be looked at. */
function standIn(state: State, node: GraphNode, name: string): Value {
  const type = state.original.types.get(name);
  if (type === undefined || !isInteger(type.type)) return { kind: 'refused', node, reason: 'it cannot be made integer' };
  return { kind: 'integer', tensor: state.core.input(state.core.claim(name), type) };
}

function isQuantized({ nodes, types }: TypedGraph): boolean {
  return nodes.some(({ opType, inputs }) => opType === 'QuantizeLinear' || inputs.some((name) => ['uint8', 'int8'].includes(types.get(name)?.type ?? '')));
}

/** A model without any quantized operator gets one plain answer instead of the name of its first float operator; with a collector, one for each. */
function refuseFloatModel({ nodes, types }: TypedGraph, refusals: Refusals | undefined): void {
  for (const float of nodes.filter(({ outputs }) => types.get(outputs[0] ?? '')?.type === 'float32')) {
    const refuse = (): never => {
      throw new ZkonnxError('OPERATOR_UNSUPPORTED', {
        message: `The model is not quantized: the operator ${float.opType} of node '${float.name}' computes in float32.`,
        node: float.name,
        expected: 'QuantizeLinear and DequantizeLinear, or operators like QLinearConv',
        found: float.opType,
        fix: 'Quantize the model to 8 bits with calibration inputs: zkonnx quantize MODEL --calibration FILES.',
      });
    };
    attempt(refusals, float, refuse, () => undefined);
  }
}

/** Integer inputs and constants are in the core from the beginning; those that are not used disappear at the end. */
function begin(state: State, refusals: Refusals | undefined): void {
  for (const { name, type } of state.original.inputs) {
    const known = state.original.types.get(name) as { type: ValueInfo['type']; shape: readonly number[] };
    if (isInteger(type)) {
      state.core.input(name, known);
      state.values.set(name, { kind: 'integer', tensor: name });
    } else if (type === 'float32') state.values.set(name, { kind: 'input', input: name });
    else {
      const refuse = (): never => {
        throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `The input '${name}' is ${type}.`, expected: 'float32 or an integer type', found: type });
      };
      attempt(refusals, { name }, refuse, () => undefined);
      state.values.set(name, { kind: 'input', input: name });
    }
  }
  for (const [name, tensor] of state.original.initializers) {
    if (isInteger(tensor.type)) {
      state.core.constant(name, tensor);
      state.values.set(name, { kind: 'integer', tensor: name });
    } else state.values.set(name, { kind: 'constant', value: tensor });
  }
}

function finish(state: State, refusals: Refusals | undefined): CanonicalGraph {
  const { original, core } = state;
  const exits: ExitDequantize[] = [];
  const outputs: string[] = [];
  for (const { name } of original.outputs) {
    const value = state.values.get(name) as Value;
    const tensor = attempt(refusals, undefined, () => outputTensor(state, name, value, exits), () => undefined);
    if (tensor !== undefined && !outputs.includes(tensor)) outputs.push(tensor);
  }
  const integerOutputs = new Set(original.outputs.filter(({ type }) => isInteger(type)).map(({ name }) => name));
  if (refusals?.any === true) outputs.push(...looseEnds(core.nodes, outputs).filter((name) => isInteger(core.type(name).type)));
  // What a refusal cuts off from the outputs is still to be looked at.
  const live = liveTensors(core.nodes, refusals?.any === true ? [...outputs, ...core.nodes.flatMap((node) => node.outputs)] : outputs);
  const entries: EntryQuantize[] = state.entries.filter(({ tensor }) => live.has(tensor));
  const own = new Set(original.inputs.map(({ name }) => name));
  const nodes = core.nodes.filter((node) => node.outputs.some((name) => live.has(name)));
  const microsoft = nodes.some(({ domain }) => domain === 'com.microsoft');
  const canonical: Graph = {
    name: original.name,
    inputs: core.inputs.filter(({ name }) => own.has(name) || live.has(name)),
    outputs: outputs.map((name) => ({ name, ...core.type(name) })),
    initializers: new Map([...core.constants].filter(([name]) => live.has(name))),
    nodes,
    opsets: new Map([['', state.opset], ...(microsoft ? [['com.microsoft', 1] as const] : [])]),
  };
  if (nodes.length === 0 && canonical.inputs.every(({ name }) => !outputs.includes(name)) && refusals?.any !== true) {
    const refuse = (): never => {
      throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: 'No output of the model depends on its inputs through integer operators, so there is nothing to prove.' });
    };
    attempt(refusals, undefined, refuse, () => undefined);
  }
  return {
    graph: inferTypes(canonical),
    entries,
    exits,
    integerOutputs: outputs.filter((tensor) => integerOutputs.has(tensor)),
    origin: new Map([...core.origin].filter(([name]) => nodes.some((node) => node.name === name))),
  };
}

/** Results that nothing reads: what reads them was refused. */
function looseEnds(nodes: readonly GraphNode[], outputs: readonly string[]): string[] {
  const read = new Set([...outputs, ...nodes.flatMap(({ inputs }) => inputs)]);
  return nodes.flatMap((node) => node.outputs.filter((name) => name !== '' && !read.has(name)));
}

/** The integer tensor behind a graph output. A float output is dequantized (and softmaxed) after the proof. */
function outputTensor(state: State, name: string, value: Value, exits: ExitDequantize[]): string {
  switch (value.kind) {
    case 'integer':
      if (value.tensor === name) return name;
      return state.core.emit({ name: `${name}_Identity`, opType: 'Identity', inputs: [value.tensor], output: state.core.claim(name), from: [name] });
    case 'dequantized':
      exits.push(exitOf(name, name, value));
      return value.source;
    case 'softmax':
      exits.push({ ...exitOf(name, value.name, value.of), softmaxAxis: value.axis });
      return value.of.source;
    case 'refused': throw refusal(value.node.name, value.node.opType, value.reason, value.fix);
    case 'input': case 'constant':
      throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `The output '${name}' is ${value.kind === 'input' ? 'a float input' : 'a float constant'} of the model, so there is nothing to prove about it.`, fix: 'Remove the output.' });
    case 'elementwise': case 'linear': case 'clipped': case 'moved':
      if (value.kind === 'elementwise' && state.original.types.get(name)?.type === 'bool') {
        const truth = state.truth(value, name);
        if (truth !== undefined) return truth;
      }
      throw refusal(value.node.name, value.node.opType, `the output '${name}' is its float result, which is rounded differently on different machines`, 'Quantize the output too: QuantizeLinear, then DequantizeLinear, at the end of the model.');
  }
}

function exitOf(output: string, dequantized: string, value: Dequantized): ExitDequantize {
  if (!isPerTensor(value)) throw refusal(value.node.name, value.node.opType, `the output '${output}' is dequantized per channel`, 'Quantize the output per tensor.');
  return { tensor: value.source, output, dequantized, scale: value.scale.data[0] as number, zeroPoint: Number(value.zeroPoint.data[0]) };
}

/** The tensors that the outputs depend on. Nodes are in topological order. */
function liveTensors(nodes: readonly GraphNode[], outputs: readonly string[]): Set<string> {
  const live = new Set(outputs);
  for (const node of [...nodes].reverse()) {
    if (node.outputs.some((name) => live.has(name))) for (const name of node.inputs) if (name !== '') live.add(name);
  }
  return live;
}
