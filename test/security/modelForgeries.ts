/**
 * Whole compiled models, with the public inputs and the inputs of the model as they are. Every wire is changed alone and with another
 * wire of a row that objects; the linear system of the rows' first-order movements is eliminated modulo the real prime; and from every
 * wire of every operation jumps are repaired step by step. As controls the last two go on systems that miss a row, and must win.
 */
import { bigSystem } from '../soundness/bigSystem.js';
import { wholeModel } from '../soundness/wholeModel.js';
import { committedModels } from './committedForgeries.js';
import type { Experiment, Finding, Part, Scale } from './experiment.js';
import { changedWires, elimination, jumps } from './modelAttacks.js';

export const modelForgeries: Experiment = {
  name: 'models',
  about: 'whole models, public and hashed: one wire, two wires, elimination over all free wires, jumps with repairs',
  forgeries: true,
  parts: (scale) => [...publicModels(scale), ...committedModels(scale)],
};

function publicModels(scale: Scale): Part[] {
  const names = scale === 'full' ? ['cnn.int8.qoperator', 'cnn.uint8.qdq', 'mlp.int8.qoperator', 'mlp.uint8.qdq'] : ['mlp.int8.qoperator'];
  const digits = scale === 'full' ? [3, 500] : [7];
  return names.flatMap((name) => digits.map((digit) => ({ name: `${name}, digit ${digit}`, run: () => attackModel(name, digit, scale) })));
}

function attackModel(name: string, digit: number, scale: Scale): Finding[] {
  const model = wholeModel(`examples/digits/${name}.onnx`, digit);
  const target = { name, model, system: bigSystem(model.r1cs), scale };
  // Another value of any wire that an operation results in, or of a public output, is a forgery; another pattern of the bits behind the same value is none.
  const results = [...model.operations.filter(({ kind }) => kind !== 'input').flatMap((operation) => operation.results), ...model.publicOutputs];
  const isForgery = (values: readonly bigint[]): boolean => results.some((wire) => values[wire] !== model.honest[wire]);
  return [...changedWires(target, model.given, isForgery), elimination(target), jumps(target)];
}
