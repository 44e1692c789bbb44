/**
 * Whole compiled models, with the public inputs and the inputs of the model as they are. Every wire is changed alone and with another
 * wire of a row that objects; the linear system of the rows' first-order movements is eliminated modulo the real prime; and from every
 * wire of every operation jumps are repaired step by step. As controls the last two go on systems that miss a row, and must win.
 */
import { bigSystem, withoutBigRow, type BigSystem } from '../soundness/bigSystem.js';
import { findForgery, movableWires } from '../soundness/linearForgery.js';
import { wholeModel, type WholeModel, type WiresOfOperation } from '../soundness/wholeModel.js';
import { tryWirePairs } from '../soundness/wirePairs.js';
import type { Experiment, Finding, Scale } from './experiment.js';

export const modelForgeries: Experiment = {
  name: 'models',
  about: 'whole models: one wire, two wires, elimination over all free wires, jumps with repairs',
  forgeries: true,
  parts: (scale) => models(scale).map(({ name, digit }) => ({ name: `${name}, digit ${digit}`, run: () => attackModel(name, digit, scale) })),
};

function models(scale: Scale): { name: string; digit: number }[] {
  if (scale === 'sample') return [{ name: 'mlp.int8.qoperator', digit: 7 }];
  return ['mlp.int8.qoperator', 'mlp.uint8.qdq', 'cnn.int8.qoperator', 'cnn.uint8.qdq'].flatMap((name) => [3, 500].map((digit) => ({ name, digit })));
}

function attackModel(name: string, digit: number, scale: Scale): Finding[] {
  const model = wholeModel(`examples/digits/${name}.onnx`, digit);
  const system = bigSystem(model.r1cs);
  const computed = model.operations.filter(({ kind }) => kind !== 'input');
  return [
    ...changedWires(name, model, system, scale),
    elimination(name, model, system, scale),
    jumps(name, model, system, computed, scale),
  ];
}

/** Another value of any wire that an operation results in, or of a public output, is a forgery; another pattern of the bits behind the same value is none. */
function changedWires(name: string, model: WholeModel, system: BigSystem, scale: Scale): Finding[] {
  const results = [...model.operations.filter(({ kind }) => kind !== 'input').flatMap(({ results }) => results), ...model.publicOutputs];
  const every = scale === 'full' ? 1 : 20;
  const wires = Array.from({ length: model.r1cs.wireCount }, (_, index) => index).filter((index) => !model.given.has(index) && index % every === 0);
  const { one, two, accepted } = tryWirePairs({
    system,
    honest: model.honest,
    wires,
    given: model.given,
    isForgery: (values) => results.some((wire) => values[wire] !== model.honest[wire]),
  });
  const alarms = accepted.map((changed) => `${name}: wires ${changed.join(' and ')}`);
  return (['one wire', 'two wires'] as const).map((attack, index) => {
    const own = alarms.filter((_, i) => accepted[i]?.length === index + 1);
    return { attack: `model: ${attack}`, tried: index === 0 ? one : two, accepted: own.length, controls: 0, controlsWon: 0, alarms: own };
  });
}

/** One attempt for each wire that is not given: is there a direction that moves it? */
function elimination(name: string, model: WholeModel, system: BigSystem, scale: Scale): Finding {
  const moved = movableWires(system, model.honest, model.given);
  let controlsWon = 0;
  const words = [...model.publicOutputs].slice(0, scale === 'full' ? 3 : 1);
  const lost: string[] = [];
  for (const word of words) {
    // The row that packs the word.
    const [packing] = system.rowsOf[word] as readonly number[];
    if (movableWires(withoutBigRow(system, packing as number), model.honest, model.given).includes(word)) controlsWon++;
    else lost.push(`${name}: control without row ${String(packing)} lost`);
  }
  const alarms = [...moved.map((wire) => `${name}: wire ${wire} can move`), ...lost];
  return { attack: 'model: elimination', tried: model.r1cs.wireCount - model.given.size, accepted: moved.length, controls: words.length, controlsWon, alarms };
}

function jumps(name: string, model: WholeModel, system: BigSystem, operations: readonly WiresOfOperation[], scale: Scale): Finding {
  const alarms: string[] = [];
  let tried = 0;
  let accepted = 0;
  let controls = 0;
  let controlsWon = 0;
  for (const operation of operations) {
    const every = scale === 'full' ? 1 : 10;
    const starts = Array.from({ length: operation.end - operation.first }, (_, i) => operation.first + i).filter((wire) => wire % every === 0);
    const attack = { ...operation, honest: model.honest, targets: new Set(operation.results), also: model.publicOutputs };
    tried += starts.length;
    if (findForgery({ ...attack, system, starts }) !== undefined) {
      accepted++;
      alarms.push(`${name}: ${operation.name}`);
    }
    const [target] = operation.results.slice(-1);
    const row = target === undefined ? undefined : system.rowsOf[target]?.find((each) => isWithin(system, each, operation.end));
    if (row === undefined || target === undefined) continue;
    controls++;
    const near = Array.from({ length: 121 }, (_, i) => target - 60 + i).filter((wire) => wire >= operation.first && wire < operation.end);
    if (findForgery({ ...attack, system: withoutBigRow(system, row), starts: near }) !== undefined) controlsWon++;
    else alarms.push(`${name}: control of ${operation.name} without row ${row} lost`);
  }
  return { attack: 'model: jumps', tried, accepted, controls, controlsWon, alarms };
}

function isWithin({ rows }: BigSystem, row: number, end: number): boolean {
  return Object.values(rows[row] ?? {}).every((terms: readonly (readonly [number, bigint])[]) => terms.every(([wire]) => wire < end));
}
