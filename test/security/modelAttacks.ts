/** The attacks on whole compiled models, each with its controls: the same attack on a system that misses a row. */
import { withoutBigRow, type BigSystem } from '../soundness/bigSystem.js';
import { findForgery, movableWires, type ForgeryParameters } from '../soundness/linearForgery.js';
import type { WholeModel } from '../soundness/wholeModel.js';
import { tryWirePairs } from '../soundness/wirePairs.js';
import { finding, merged, type Finding, type Scale } from './experiment.js';

export interface Target {
  readonly name: string;
  readonly model: WholeModel;
  readonly system: BigSystem;
  readonly scale: Scale;
}

/** Every wire that is not fixed, alone and with one more. */
export function changedWires({ name, model, system, scale }: Target, fixed: ReadonlySet<number>, isForgery: (values: readonly bigint[]) => boolean): Finding[] {
  const every = scale === 'full' ? 1 : 20;
  const wires = Array.from({ length: model.r1cs.wireCount }, (_, index) => index).filter((index) => !fixed.has(index) && index % every === 0);
  const { one, two, accepted } = tryWirePairs({ system, honest: model.honest, wires, given: fixed, isForgery });
  return ([1, 2] as const).map((count) => {
    const alarms = accepted.filter(({ length }) => length === count).map((changed) => `${name}: wires ${changed.join(' and ')}`);
    return { attack: `model: ${count === 1 ? 'one wire' : 'two wires'}`, tried: count === 1 ? one : two, accepted: alarms.length, controls: 0, controlsWon: 0, alarms };
  });
}

/** One attempt for each wire that is not given: is there a direction that moves it? Without the row that forces a public signal, that signal must move. */
export function elimination({ name, model, system, scale }: Target): Finding {
  const moved = movableWires(system, model.honest, model.given);
  const free = (signal: number): boolean => !model.given.has(signal);
  const signals = [...new Set([...[...model.publicOutputs].slice(0, scale === 'full' ? 3 : 1), ...model.commitments.map(({ signal }) => signal)])].filter(free);
  const lost = signals.flatMap((signal) => {
    const [row] = system.rowsOf[signal] as readonly number[];
    return movableWires(withoutBigRow(system, row as number), model.honest, model.given).includes(signal) ? [] : [`${name}: control without row ${String(row)} lost`];
  });
  const alarms = [...moved.map((wire) => `${name}: wire ${wire} can move`), ...lost];
  return { attack: 'model: elimination', tried: model.r1cs.wireCount - model.given.size, accepted: moved.length, controls: signals.length, controlsWon: signals.length - lost.length, alarms };
}

/** Jumps of every wire of every operation, with the inputs as they are. */
export function jumps({ name, model, system, scale }: Target): Finding {
  const found: Finding[] = model.operations.filter(({ kind }) => kind !== 'input').map((operation) => {
    const every = scale === 'full' ? 1 : 10;
    const starts = Array.from({ length: operation.end - operation.first }, (_, i) => operation.first + i).filter((wire) => wire % every === 0);
    const [target] = operation.results.slice(-1);
    const row = target === undefined ? undefined : system.rowsOf[target]?.find((each) => isWithin(system, each, operation.end));
    const near = Array.from({ length: 121 }, (_, i) => (target ?? 0) - 60 + i).filter((wire) => wire >= operation.first && wire < operation.end);
    return jump({
      name: `${name}: ${operation.name}`,
      attack: { ...operation, system, honest: model.honest, targets: new Set(operation.results), also: model.publicOutputs, starts },
      control: row === undefined ? undefined : { row, starts: near },
    });
  });
  return merged([finding('model: jumps', 0, []), ...found])[0] as Finding;
}

/** Jumps of some wires, which must find nothing, and without a row something. */
export function jump({ name, attack, control }: { readonly name: string; readonly attack: ForgeryParameters; readonly control: { readonly row: number; readonly starts: readonly number[] } | undefined }): Finding {
  const alarms: string[] = [];
  const forged = findForgery(attack) !== undefined;
  if (forged) alarms.push(name);
  const won = control !== undefined && findForgery({ ...attack, system: withoutBigRow(attack.system, control.row), starts: control.starts }) !== undefined;
  if (control !== undefined && !won) alarms.push(`control of ${name} without row ${control.row} lost`);
  return { attack: 'model: jumps', tried: [...attack.starts].length, accepted: Number(forged), controls: Number(control !== undefined), controlsWon: Number(won), alarms };
}

function isWithin({ rows }: BigSystem, row: number, end: number): boolean {
  return Object.values(rows[row] ?? {}).every((terms: readonly (readonly [number, bigint])[]) => terms.every(([wire]) => wire < end));
}
