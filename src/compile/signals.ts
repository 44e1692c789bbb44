import { add, constant, scale, wire, type LinearCombination } from '../r1cs/linearCombination.js';

/**
 * The elements of a tensor inside the circuit. `wires`: element i is wire wires[i] plus offsets[i], or the constant offsets[i]
 * where wires[i] is NO_WIRE. `combination`: element i is computed when it is asked for.
 */
export type Signals =
  | { readonly form: 'wires'; readonly wires: Int32Array; readonly offsets: Float64Array }
  | { readonly form: 'combination'; readonly length: number; readonly at: (index: number) => LinearCombination };

export const NO_WIRE = -1;

/** Room for `length` elements in wires. */
export function emptySignals(length: number): Extract<Signals, { form: 'wires' }> {
  return { form: 'wires', wires: new Int32Array(length).fill(NO_WIRE), offsets: new Float64Array(length) };
}

/** Element `index` as a linear combination. */
export function signalAt(signals: Signals, index: number): LinearCombination {
  if (signals.form === 'combination') return signals.at(index);
  const offset = signals.offsets[index] as number;
  const own = signals.wires[index] as number;
  if (own === NO_WIRE) return constant(offset);
  return offset === 0 ? wire(own) : { wires: [0, own], coefficients: [offset, 1] };
}

/** The elements of several tensors laid end to end. */
export function concatenated(parts: readonly Signals[]): Signals {
  if (parts.length === 1) return parts[0] as Signals;
  if (parts.every((part) => part.form === 'wires')) {
    const result = emptySignals(parts.reduce((total, { wires }) => total + wires.length, 0));
    let offset = 0;
    for (const { wires, offsets } of parts) {
      result.wires.set(wires, offset);
      result.offsets.set(offsets, offset);
      offset += wires.length;
    }
    return result;
  }
  const lengths = parts.map((part) => (part.form === 'wires' ? part.wires.length : part.length));
  return {
    form: 'combination',
    length: lengths.reduce((total, length) => total + length, 0),
    at: (index) => {
      let rest = index;
      let part = 0;
      while (rest >= (lengths[part] as number)) rest -= lengths[part++] as number;
      return signalAt(parts[part] as Signals, rest);
    },
  };
}

/** Elements `index` of a tensor; `fill` where the index is −1. */
export function gathered(source: Signals, index: Int32Array, fill: number): Signals {
  if (source.form === 'combination') {
    return { form: 'combination', length: index.length, at: (i) => ((index[i] as number) < 0 ? constant(fill) : source.at(index[i] as number)) };
  }
  const result = emptySignals(index.length);
  index.forEach((from, to) => {
    result.wires[to] = from < 0 ? NO_WIRE : (source.wires[from] as number);
    result.offsets[to] = from < 0 ? fill : (source.offsets[from] as number);
  });
  return result;
}

/** factor · combination + offset. */
export function affine(combination: LinearCombination, factor: number, offset: number): LinearCombination {
  return add(constant(offset), scale(combination, factor));
}
