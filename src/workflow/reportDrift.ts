import { basename, extname, resolve } from 'node:path';
import { ZkonnxError } from '../errors/index.js';
import { writeFileAtomically } from '../files/index.js';
import { bindShapes } from '../onnx/bindShapes.js';
import type { Graph, TypedGraph, ValueInfo } from '../onnx/graph.js';
import { inferTypes } from '../onnx/inferShapes.js';
import { readInputSets, type InputFile } from '../onnx/inputs.js';
import { readModel } from '../onnx/readModel.js';
import type { ObserverTrial } from '../quantize/chooseObserver.js';
import { overallDrift, type DriftLayer, type DriftReport, type SetName } from '../quantize/drift/driftReport.js';
import { assertDrift } from '../quantize/drift/gate.js';
import { measureDrift, type DriftSet } from '../quantize/drift/measureDrift.js';
import { driftPage } from '../quantize/drift/page/driftPage.js';
import { fileName } from './proofInputs.js';
import type { WorkflowOptions } from './progress.js';
import { readLabels } from './readLabels.js';

/** The inputs of one inference or of many: a file, or several that together give each input. */
export type SetSource = string | { readonly files: readonly InputFile[] };

export interface ReportDriftParameters extends WorkflowOptions {
  /** Paths of the models. */
  readonly float: string;
  readonly quantized: string;
  /** What quantization said about the layers. */
  readonly layers: readonly DriftLayer[];
  /** The observers that quantization tried, for the report. */
  readonly observers?: readonly ObserverTrial[] | undefined;
  readonly calibration: readonly SetSource[];
  /** Other inputs, on which the drift is judged. Default: the calibration inputs. */
  readonly evaluation?: readonly SetSource[] | undefined;
  /** A file with what is right for each evaluation input, or each calibration input when there are no others. */
  readonly labels?: string | undefined;
  /** Where the report is written: a page for a name that ends in .html, else JSON. */
  readonly reports?: readonly string[] | undefined;
  /** The relative error that an output may have: see overallDrift. More is DRIFT_EXCEEDED, after the reports were written. */
  readonly maxDrift?: number | undefined;
  readonly batch?: number | undefined;
  readonly dimensions?: Readonly<Record<string, number>> | undefined;
}

export interface ReportDriftReturnType {
  /** The largest relative error of an output, on the evaluation set where there is one. */
  readonly drift: number;
  readonly report: DriftReport;
  /** Paths of the reports that were written. */
  readonly reports: readonly string[];
}

/**
 * Runs a float model and its quantized form side by side, and reports how far they lie apart.
 * @throws ZkonnxError DRIFT_EXCEEDED; of the kinds model and input; USAGE, FILE_NOT_FOUND, FILE_NOT_WRITTEN, NATIVE_FAILED, CANCELLED
 */
export async function reportDrift({ float, quantized, layers, observers, calibration, evaluation, labels, reports = [], maxDrift, batch, dimensions = {}, signal, onProgress }: ReportDriftParameters): Promise<ReportDriftReturnType> {
  const bound = (graph: Graph): TypedGraph => inferTypes(bindShapes(graph, { dimensions, ...(batch === undefined ? {} : { batch }) }));
  const [before, after] = [readModel(float), readModel(quantized)];
  const graph = bound(before.graph);
  const read = (name: SetName, sources: readonly SetSource[], path?: string): DriftSet => readSet({ graph, name, sources, labels: path });
  const sets = evaluation === undefined ? [read('calibration', calibration, labels)] : [read('calibration', calibration), read('evaluation', evaluation, labels)];
  const measured = await measureDrift({
    float: { name: basename(float), bytes: before.bytes.length, graph },
    quantized: { name: basename(quantized), bytes: after.bytes.length, graph: bound(after.graph) },
    layers,
    sets,
    signal,
    onFraction: (fraction) => onProgress?.({ stage: 'drift', fraction, detail: 'comparing with the float model' }),
  });
  const report: DriftReport = observers === undefined ? measured : { ...measured, observers };
  const written: string[] = [];
  for (const given of reports) {
    const path = resolve(given);
    await writeFileAtomically({ path, data: extname(path).toLowerCase() === '.html' ? await driftPage(report) : `${JSON.stringify(report, null, 2)}\n`, signal });
    written.push(path);
  }
  if (maxDrift !== undefined) assertDrift(report, maxDrift);
  return { drift: overallDrift(report), report, reports: written };
}

function readSet({ graph, name, sources, labels }: { graph: TypedGraph; name: SetName; sources: readonly SetSource[]; labels: string | undefined }): DriftSet {
  const named = sources.flatMap((source) => {
    const files = typeof source === 'string' ? [{ path: source }] : source.files;
    return readInputSets({ inputs: graph.inputs, files }).map((inputs) => ({ name: fileName(files[0]?.path), inputs }));
  });
  if (named.length === 0) throw new ZkonnxError('USAGE', { message: `There are no ${name} inputs.`, expected: 'at least one' });
  const inputs = named.map((one) => one.inputs);
  const [output] = graph.outputs;
  if (labels === undefined || output === undefined) return { name, inputs };
  const typed: ValueInfo = { name: output.name, ...(graph.types.get(output.name) ?? output) };
  return { name, inputs, labels: readLabels({ path: labels, names: named.map((one) => one.name), output: typed }) };
}
