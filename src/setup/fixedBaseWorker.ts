/** The worker thread of key generation: keeps its tables between tasks. */
import { move } from 'piscina';
import { fixedBaseTable, multiplyFixedBase, type FixedBaseTable, type Group } from './fixedBase.js';

export interface FixedBaseTask {
  readonly group: Group;
  readonly windowBits: number;
  /** 32 bytes each, little-endian, below r. Overwritten with zeros when done: they would tell the key's secret. */
  readonly scalars: Uint8Array<ArrayBuffer>;
}

const tables = new Map<Group, FixedBaseTable>();

/** The encoded multiples of the group's generator. */
export function multiples({ group, windowBits, scalars }: FixedBaseTask): Uint8Array<ArrayBuffer> {
  let table = tables.get(group);
  if (table?.windowBits !== windowBits) {
    table = fixedBaseTable(group, windowBits);
    tables.set(group, table);
  }
  const points = multiplyFixedBase(table, scalars);
  scalars.fill(0);
  return move(points) as Uint8Array<ArrayBuffer>;
}
