/** Graphs that once showed a defect: a folder each, with the model and its inputs. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeModel } from '../../src/onnx/decode.js';
import { decodeTensor } from '../../src/onnx/decodeTensor.js';
import { encodeModel, encodeTensor } from '../../src/onnx/encode.js';
import type { Specimen } from './shrink.js';

export const REGRESSIONS = join('test', 'fuzz', 'regressions');

/** Writes a specimen and gives its folder. */
export function writeRegression(name: string, { graph, inputs }: Specimen): string {
  const folder = join(REGRESSIONS, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), encodeModel(graph));
  for (const [input, tensor] of inputs) writeFileSync(join(folder, `${input}.pb`), encodeTensor(tensor, input));
  return folder;
}

/** Every committed specimen, by name. */
export function readRegressions(): Map<string, Specimen> {
  const names = existsSync(REGRESSIONS) ? readdirSync(REGRESSIONS, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort() : [];
  return new Map(names.map((name) => {
    const folder = join(REGRESSIONS, name);
    const graph = decodeModel({ bytes: readFileSync(join(folder, 'model.onnx')) });
    const inputs = new Map(graph.inputs.map((input) => [input.name, decodeTensor({ bytes: readFileSync(join(folder, `${input.name}.pb`)) })]));
    return [name, { graph, inputs }];
  }));
}
