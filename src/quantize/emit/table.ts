/** Functions of one tensor as tables of 256 entries: Gather(table, Cast(q)). A negative index counts from the end, so none is shifted. */
import type { Tensor } from '../../onnx/graph.js';
import { constantInput, floatsOf } from '../floatGraph.js';
import { outerTensor } from '../plan/elementwise.js';
import type { LayerKind } from '../plan/layer.js';
import { integerType, LEAST, MOST, quantizeReal, type Parameters } from '../plan/parameters.js';
import { emitClamp } from './requantize.js';

const ENTRIES = MOST - LEAST + 1;

export const TABLE: LayerKind = {
  saturates: false,
  wide: { reads: false, makes: true },
  emit: (emitter, { node, nodes, output }) => {
    const source = outerTensor(emitter.graph, nodes);
    const results = emitter.tables(output, emitter.parameters(source));
    const parameters = emitter.parameters(output);
    const data = entries(parameters, ENTRIES);
    results.forEach((value, index) => { data[entryOf(index + LEAST)] = quantizeReal(value, parameters); });
    const table = emitter.constant(`${output}_table`, { type: integerType(parameters), shape: [ENTRIES], data });
    const index = emitter.cast(`${node.name}/index`, emitter.integers(source), 'int32');
    emitter.add({ name: node.name, opType: 'Gather', inputs: [table, index], output: emitter.claim(output) });
  },
};

function entries({ bits }: Parameters, count: number): Int8Array | Int32Array {
  return bits === 8 ? new Int8Array(count) : new Int32Array(count);
}

/** The place of an integer in a table that negative numbers index from the end. */
function entryOf(q: number): number {
  return q < 0 ? q + ENTRIES : q;
}

/** Relu or Clip alone, of a tensor that others read too: the same integers, cut off. */
export const CUT: LayerKind = {
  saturates: false,
  wide: { reads: true, makes: true },
  shared: ({ inputs, outputs }) => [inputs[0] as string, outputs[0] as string],
  emit: (emitter, { node, output, clamp }) => {
    if (clamp !== undefined) emitClamp(emitter, { name: node.name, integers: emitter.integers(node.inputs[0] as string), parameters: emitter.parameters(output), clamp, output: emitter.claim(output) });
  },
};

/** max(x, 0) + slope · min(x, 0) with slopes that differ along axes: one table for each of them, behind each other. */
export const PRELU: LayerKind = {
  saturates: false,
  wide: { reads: false, makes: true },
  obstacle: (node, graph) => (constantInput(graph, node, 1) === undefined ? 'its slope is computed by the graph' : undefined),
  emit: (emitter, { node, output }) => {
    const [x] = node.inputs as [string];
    const slope = constantInput(emitter.graph, node, 1) as Tensor;
    const [input, parameters]: [Parameters, Parameters] = [emitter.parameters(x), emitter.parameters(output)];
    const data = entries(parameters, slope.data.length * ENTRIES);
    floatsOf(slope).forEach((own, lane) => {
      for (let q = LEAST; q <= MOST; q++) {
        const real = input.scale * (q - input.zeroPoint);
        data[lane * ENTRIES + q - LEAST] = quantizeReal(real < 0 ? own * real : real, parameters);
      }
    });
    const table = emitter.constant(`${output}_table`, { type: integerType(parameters), shape: [data.length], data });
    const lanes = emitter.constant(`${output}_lanes`, { type: 'int32', shape: slope.shape, data: Int32Array.from({ length: slope.data.length }, (_, lane) => lane * ENTRIES - LEAST) });
    const index = emitter.add({ name: `${node.name}/lane`, opType: 'Add', inputs: [emitter.cast(`${node.name}/index`, emitter.integers(x), 'int32'), lanes] });
    emitter.add({ name: node.name, opType: 'Gather', inputs: [table, index], output: emitter.claim(output) });
  },
};
