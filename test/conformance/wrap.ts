/**
 * A case of floats as a quantized model: float inputs become uint8 inputs with DequantizeLinear, float outputs become uint8
 * outputs with QuantizeLinear, each with the scale and the zero point of the case's own minimum and maximum. Operators in between
 * stay as they are, but for the weights and the bias of a layer, which are quantized as ONNX Runtime's static quantizer does.
 */
import { floatAttribute } from '../../src/onnx/attributes.js';
import { quantizeTensor } from '../../src/onnx/float32.js';
import type { Graph, GraphNode, Tensor, ValueInfo } from '../../src/onnx/graph.js';
import type { ConformanceCase } from './cases.js';

export interface WrappedCase {
  readonly graph: Graph;
  /** The inputs of the graph. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** The case's own outputs, quantized as the graph quantizes its outputs. */
  readonly expected: ReadonlyMap<string, Tensor>;
  /** Names of the outputs that QuantizeLinear makes. */
  readonly quantizedOutputs: readonly string[];
  /** Whether any tensor at the border was float32. */
  readonly wrapped: boolean;
}

interface Quantization {
  /** A positive float32. */
  readonly scale: number;
  /** Of uint8. */
  readonly zeroPoint: number;
}

/** Positions of weights and bias among the inputs of a layer. */
const LAYERS: Readonly<Record<string, { readonly weights: number; readonly bias: number }>> = {
  Conv: { weights: 1, bias: 2 },
  ConvTranspose: { weights: 1, bias: 2 },
  Gemm: { weights: 1, bias: 2 },
  MatMul: { weights: 1, bias: 2 },
};

/**
 * The model of a case, with the inputs named in `constants` as initializers.
 * @returns the case's own graph and tensors where nothing is float32
 */
export function wrapCase({ graph, inputs, expected }: ConformanceCase, constants: ReadonlySet<string>): WrappedCase {
  const wrapped = new Wrapping(graph, inputs);
  for (const input of graph.inputs) wrapped.input(input, constants.has(input.name));
  for (const output of graph.outputs) wrapped.output(output, expected.get(output.name) as Tensor);
  return wrapped.finish();
}

class Wrapping {
  readonly #graph: Graph;
  readonly #data: ReadonlyMap<string, Tensor>;
  readonly #newInputs: ValueInfo[] = [];
  readonly #newOutputs: ValueInfo[] = [];
  readonly #initializers: Map<string, Tensor>;
  readonly #before: GraphNode[] = [];
  readonly #after: GraphNode[] = [];
  readonly #values = new Map<string, Tensor>();
  readonly #expected = new Map<string, Tensor>();
  readonly #quantizedOutputs: string[] = [];
  readonly #quantizations = new Map<string, Quantization>();

  constructor(graph: Graph, data: ReadonlyMap<string, Tensor>) {
    this.#graph = graph;
    this.#data = data;
    this.#initializers = new Map(graph.initializers);
  }

  input(input: ValueInfo, constant: boolean): void {
    const tensor = this.#data.get(input.name) as Tensor;
    const layer = this.#layerOf(input.name);
    if (constant && tensor.type === 'float32' && layer === 'weights') this.#dequantized(input.name, tensor, true);
    else if (constant && tensor.type === 'float32' && layer !== undefined && typeof layer !== 'string') this.#bias(input.name, tensor, layer);
    else if (constant) this.#initializers.set(input.name, tensor);
    else if (tensor.type === 'float32') this.#dequantized(input.name, tensor, false);
    else {
      this.#newInputs.push(input);
      this.#values.set(input.name, tensor);
    }
  }

  output(output: ValueInfo, tensor: Tensor): void {
    if (tensor.type !== 'float32') {
      this.#newOutputs.push({ ...output, type: tensor.type, shape: tensor.shape });
      this.#expected.set(output.name, tensor);
      return;
    }
    const name = `${output.name}_quantized`;
    const quantization = quantizationOf(tensor);
    this.#after.push(this.#node('QuantizeLinear', output.name, name, quantization));
    this.#newOutputs.push({ name, type: 'uint8', shape: tensor.shape });
    this.#expected.set(name, quantized(tensor, quantization));
    this.#quantizedOutputs.push(name);
  }

  finish(): WrappedCase {
    return {
      graph: { ...this.#graph, inputs: this.#newInputs, outputs: this.#newOutputs, initializers: this.#initializers, nodes: [...this.#before, ...this.#graph.nodes, ...this.#after] },
      inputs: this.#values,
      expected: this.#expected,
      quantizedOutputs: this.#quantizedOutputs,
      wrapped: this.#before.length + this.#after.length > 0,
    };
  }

  /** 'weights', or the node whose bias the tensor is. */
  #layerOf(name: string): 'weights' | GraphNode | undefined {
    for (const node of this.#graph.nodes) {
      const layer = LAYERS[node.opType];
      if (layer === undefined) continue;
      if (node.inputs[layer.weights] === name) return 'weights';
      if (node.inputs[layer.bias] === name) return node;
    }
    return undefined;
  }

  #dequantized(name: string, tensor: Tensor, constant: boolean): void {
    const quantization = quantizationOf(tensor);
    const source = `${name}_quantized`;
    const value = quantized(tensor, quantization);
    this.#quantizations.set(name, quantization);
    if (constant) this.#initializers.set(source, value);
    else {
      this.#newInputs.push({ name: source, type: 'uint8', shape: tensor.shape });
      this.#values.set(source, value);
    }
    this.#before.push(this.#node('DequantizeLinear', source, name, quantization));
  }

  /** int32 in units of (input scale × weight scale). The inputs before it are wrapped already. */
  #bias(name: string, tensor: Tensor, layer: GraphNode): void {
    const scaleOf = (index: number) => this.#quantizations.get(layer.inputs[index] as string)?.scale ?? 1;
    const alpha = layer.opType === 'Gemm' ? floatAttribute(layer, 'alpha', 1) : 1;
    const scale = Math.fround(Math.fround(alpha * scaleOf(0)) * scaleOf(1));
    this.#initializers.set(`${name}_quantized`, { type: 'int32', shape: tensor.shape, data: Int32Array.from(tensor.data as Float32Array, (value) => Math.round(value / scale)) });
    this.#initializers.set(`${name}_scale`, float(scale));
    this.#before.push({ name: `${name}_DequantizeLinear`, opType: 'DequantizeLinear', domain: '', inputs: [`${name}_quantized`, `${name}_scale`], outputs: [name], attributes: new Map() });
  }

  #node(opType: string, input: string, output: string, { scale, zeroPoint }: Quantization): GraphNode {
    const base = opType === 'QuantizeLinear' ? output : input;
    this.#initializers.set(`${base}_scale`, float(scale));
    this.#initializers.set(`${base}_zero_point`, { type: 'uint8', shape: [], data: Uint8Array.of(zeroPoint) });
    return { name: `${base}_${opType}`, opType, domain: '', inputs: [input, `${base}_scale`, `${base}_zero_point`], outputs: [output], attributes: new Map() };
  }
}

function float(value: number): Tensor {
  return { type: 'float32', shape: [], data: Float32Array.of(value) };
}

/** The range from the smallest to the largest finite value, with 0 in it, in 255 steps. */
function quantizationOf({ data }: Tensor): Quantization {
  const finite = Array.from(data as Float32Array).filter(Number.isFinite);
  const lo = finite.reduce((least, value) => Math.min(least, value), 0);
  const hi = finite.reduce((most, value) => Math.max(most, value), 0);
  const scale = Math.fround((hi - lo) / 255);
  if (!(scale > 0)) return { scale: 1, zeroPoint: 0 };
  return { scale, zeroPoint: Math.min(255, Math.max(0, Math.round(-lo / scale))) };
}

function quantized(tensor: Tensor, { scale, zeroPoint }: Quantization): Tensor {
  const finite = { ...tensor, data: Float32Array.from(tensor.data as Float32Array, (value) => (Number.isNaN(value) ? 0 : value)) };
  return quantizeTensor({ tensor: finite, scale: float(scale), zeroPoint: { type: 'uint8', shape: [], data: Uint8Array.of(zeroPoint) }, type: 'uint8', axis: 0 });
}
