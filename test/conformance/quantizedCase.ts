/**
 * A float case through the quantizer: its model with the parameters bound is quantized with the case's own inputs, compiled, and run as
 * a circuit; the float outputs that follow from the witness are held against the tensors of the case.
 */
import { compileProgram } from '../../src/compile/compile.js';
import { generateWitness } from '../../src/compile/witness.js';
import { lowerGraph } from '../../src/lower/lower.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { dequantizeValue, quantizeValue } from '../../src/onnx/float32.js';
import { isQuantizedType } from '../../src/onnx/elementType.js';
import type { Graph, Tensor, TypedGraph } from '../../src/onnx/graph.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { normalise } from '../../src/onnx/normalise.js';
import { quantizeModel, type QuantizedTensor } from '../../src/quantize/quantizeModel.js';
import { coreInputs, modelOutputs } from '../../src/runtime/boundary.js';
import { run, withSession } from '../../src/runtime/session.js';
import { firstViolatedRow, wireValues } from '../support/checkR1cs.js';
import type { ConformanceCase } from './cases.js';
import { parameterInputs, secondFactors } from './parameters.js';

export interface QuantizedCase {
  /** Of the circuit. */
  readonly rows: number;
  /** Largest error of a float output, in steps of its 8-bit scale, against the float model on the inputs as they were rounded. */
  readonly steps: number;
  /** Root mean square of the error against the outputs of the case, divided by the largest magnitude of those. */
  readonly error: number;
  /** Elements of the outputs. */
  readonly elements: number;
}

/**
 * @throws ZkonnxError where the quantizer or the compiler refuses the model
 * @throws Error for a witness that violates a row
 */
export async function quantizeCase(conformanceCase: ConformanceCase): Promise<QuantizedCase> {
  const { graph, inputs, expected } = conformanceCase;
  const bound = new Set([...parameterInputs(graph), ...secondFactors(graph)]);
  const float: Graph = {
    ...graph,
    inputs: graph.inputs.filter(({ name }) => !bound.has(name)),
    initializers: new Map([...graph.initializers, ...[...bound].map((name): [string, Tensor] => [name, inputs.get(name) as Tensor])]),
  };
  const given = new Map(float.inputs.map(({ name }): [string, Tensor] => [name, inputs.get(name) as Tensor]));
  const { model, layers } = await quantizeModel({ model: encodeModel(float), calibration: [Object.fromEntries(given)] });
  const quantized = inferTypes(decodeModel({ bytes: model }));
  const found = inCircuit(quantized, given);
  const rounded = await withSession({ bytes: encodeModel(float) }, (session) => run(session, roundedInputs(given, layers, quantized)));
  let [steps, squares, most, elements] = [0, 0, 0, 0];
  for (const { name } of graph.outputs) {
    const [wanted, near, own] = [expected.get(name), rounded.get(name), found.tensors.get(name)] as [Tensor, Tensor, Tensor];
    // An output of integers has steps of one.
    const scale = layers.find(({ floatTensor }) => floatTensor === name)?.scale ?? 1;
    for (let index = 0; index < wanted.data.length; index++) {
      const value = Number(own.data[index]);
      steps = Math.max(steps, Math.abs(value - Number(near.data[index])) / scale);
      squares += (value - Number(wanted.data[index])) ** 2;
      most = Math.max(most, Math.abs(Number(wanted.data[index])));
      elements++;
    }
  }
  return { rows: found.rows, steps, error: squares === 0 ? 0 : Math.sqrt(squares / elements) / (most || 1), elements };
}

function inCircuit(quantized: TypedGraph, given: ReadonlyMap<string, Tensor>): { readonly rows: number; readonly tensors: ReadonlyMap<string, Tensor> } {
  const canonical = normalise(quantized);
  const { r1cs, plan } = compileProgram({ program: lowerGraph(canonical.graph) });
  const integers = coreInputs(canonical, given);
  const { witness, values } = generateWitness({ plan, inputs: canonical.graph.inputs.map(({ name }) => Float64Array.from((integers.get(name) as Tensor).data as ArrayLike<number | bigint>, Number)), context: 1n });
  const violated = firstViolatedRow(r1cs, wireValues(witness, r1cs.prime));
  if (violated !== undefined) throw new Error(`the witness violates row ${violated}`);
  const outputs = new Map(canonical.graph.outputs.map(({ name }): [string, Tensor] => {
    const { type, shape } = canonical.graph.types.get(name) as Pick<Tensor, 'type' | 'shape'>;
    return [name, { type, shape, data: values.get(name) as Float64Array }];
  }));
  return { rows: r1cs.rowCount, tensors: modelOutputs(canonical, outputs) };
}

/** The inputs as their integers have them. */
function roundedInputs(given: ReadonlyMap<string, Tensor>, layers: readonly QuantizedTensor[], { types }: TypedGraph): Map<string, Tensor> {
  return new Map([...given].map(([name, tensor]) => {
    const layer = layers.find(({ floatTensor }) => floatTensor === name);
    const type = layer === undefined ? undefined : types.get(layer.quantizedTensor)?.type;
    if (layer === undefined || type === undefined || !isQuantizedType(type) || !(tensor.data instanceof Float32Array)) return [name, tensor];
    return [name, { ...tensor, data: tensor.data.map((value) => dequantizeValue(quantizeValue(value, { ...layer, type }), layer)) }];
  }));
}
