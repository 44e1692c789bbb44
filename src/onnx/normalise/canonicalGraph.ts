import type { QuantizedType } from '../elementType.js';
import type { TypedGraph } from '../graph.js';

/** A float graph input that is quantized before the proof begins. */
export interface EntryQuantize {
  /** The float input of the original graph. */
  readonly input: string;
  /** The input of the core. */
  readonly tensor: string;
  readonly type: QuantizedType;
  /** A float32. */
  readonly scale: number;
  readonly zeroPoint: number;
}

/** A float graph output that is computed from an integer output after the proof. */
export interface ExitDequantize {
  /** The output of the core. */
  readonly tensor: string;
  /** The float output of the original graph. */
  readonly output: string;
  readonly scale: number;
  readonly zeroPoint: number;
  /** The float tensor of the original graph that is dequantized: the output itself, or what its Softmax reads. */
  readonly dequantized: string;
  /** The axis of a Softmax after the DequantizeLinear, for display. */
  readonly softmaxAxis?: number;
}

/** What is proven: an integer graph, and how float inputs and outputs hang on to it. */
export interface CanonicalGraph {
  /** The integer core. Its inputs and outputs are integer tensors; ONNX Runtime runs it as `canonical.onnx`. */
  readonly graph: TypedGraph;
  readonly entries: readonly EntryQuantize[];
  readonly exits: readonly ExitDequantize[];
  /** Outputs of the core that are outputs of the original graph under the same name. */
  readonly integerOutputs: readonly string[];
  /** Canonical node → the original nodes it stands for, joined by ` + `. */
  readonly origin: ReadonlyMap<string, string>;
}
