import { resolve } from 'node:path';
import { modelName } from '../artifacts/index.js';
import { throwIfAborted } from '../errors/index.js';
import { writeFileAtomically } from '../files/index.js';
import { bindShapes } from '../onnx/bindShapes.js';
import { encodeModel } from '../onnx/encode.js';
import { readInputSets, type InputFile } from '../onnx/inputs.js';
import { readModel } from '../onnx/readModel.js';
import type { Graph, Tensor } from '../onnx/graph.js';
import type { ObserverTrial } from '../quantize/chooseObserver.js';
import type { QuantizeOptions } from '../quantize/options.js';
import { quantizeModel as quantizeFloatModel, type QuantizedTensor } from '../quantize/quantizeModel.js';
import type { WorkflowOptions } from './progress.js';

export type { QuantizeOptions } from '../quantize/options.js';

/** The inputs of one inference or of many: a file, or several that together give each input. */
export type CalibrationSource = string | { readonly files: readonly InputFile[] };

export interface QuantizeModelParameters extends WorkflowOptions {
  /** Path of a float ONNX file. */
  readonly model: string;
  /** Inputs like those that the model will see. Arrays may hold many inferences along their first dimension. */
  readonly calibration: readonly CalibrationSource[];
  /** Path of the quantized file; default: the name of the model with the ending `.int8.onnx`, in the current folder. */
  readonly out?: string | undefined;
  /** The size of a symbolic leading dimension of the calibration inputs, where a file does not say it; default 1. */
  readonly batch?: number | undefined;
  /** Sizes of symbolic dimensions by their name in the file. */
  readonly dimensions?: Readonly<Record<string, number>> | undefined;
  readonly options?: Omit<QuantizeOptions, 'signal' | 'onProgress'> | undefined;
}

export interface QuantizeModelReturnType {
  /** Where the quantized model was written, and how large it is. */
  readonly model: { readonly path: string; readonly bytes: number };
  /** Sets of calibration inputs that were run. */
  readonly calibrationInputs: number;
  /** The float tensors that became integers, in the order of the graph. */
  readonly layers: readonly QuantizedTensor[];
  /** The observers that were tried, the chosen one first, with the relative error of the outputs on calibration inputs. */
  readonly observers: readonly ObserverTrial[];
  readonly warnings: readonly string[];
}

/**
 * Quantizes a float model to integers that every runtime computes alike, and writes it as ONNX.
 * @throws ZkonnxError of the kinds model and input; USAGE, FILE_NOT_FOUND, FILE_NOT_WRITTEN, NATIVE_FAILED, CANCELLED
 */
export async function quantizeModel({ model, calibration, out = `${modelName(model).replace(/\.float$/, '')}.int8.onnx`, batch, dimensions = {}, options = {}, signal, onProgress }: QuantizeModelParameters): Promise<QuantizeModelReturnType> {
  throwIfAborted(signal);
  onProgress?.({ stage: 'quantize', fraction: 0, detail: 'reading' });
  const { graph } = readModel(model);
  const sets = readCalibration(bindShapes(graph, { dimensions, ...(batch === undefined ? {} : { batch }) }), calibration);
  const quantized = await quantizeFloatModel({
    // Written again with its external data inside.
    model: encodeModel(graph),
    calibration: sets,
    options: { ...options, signal, onProgress: (share) => onProgress?.({ stage: 'quantize', fraction: share * 0.9, detail: 'calibrating' }) },
  });
  const path = resolve(out);
  await writeFileAtomically({ path, data: quantized.model, signal });
  onProgress?.({ stage: 'quantize', fraction: 1 });
  return { model: { path, bytes: quantized.model.length }, calibrationInputs: sets.length, layers: quantized.layers, observers: quantized.observers, warnings: quantized.warnings };
}

function readCalibration({ inputs }: Pick<Graph, 'inputs'>, sources: readonly CalibrationSource[]): Record<string, Tensor>[] {
  return sources.flatMap((source) => {
    const files = typeof source === 'string' ? [{ path: source }] : source.files;
    return readInputSets({ inputs, files }).map((set) => Object.fromEntries(set));
  });
}
