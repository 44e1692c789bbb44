import { floatFunction } from '../fold/floatFunctions.js';
import { broadcastTensor } from '../fold/movement.js';
import { dequantizeValue } from '../float32.js';
import { elementCount } from '../graph.js';
import { alignedShape, casesOf, floatConstant, type Region } from './region.js';
import { pushedInside } from './movement.js';
import type { State } from './state.js';
import type { Operand, Value } from './values.js';

/** The float32 values of a region for every lane and every integer, or pair of integers. Each tensor is evaluated once. */
export class Evaluation {
  readonly #state: State;
  readonly #region: Region;
  readonly #known = new Map<string, Float32Array>();
  readonly #cases: number;

  constructor(state: State, region: Region) {
    this.#state = state;
    this.#region = region;
    this.#cases = casesOf(region);
  }

  values(value: Value, name: string): Float32Array {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const result = this.#compute(value, name);
    this.#known.set(name, result);
    return result;
  }

  #compute(value: Value, name: string): Float32Array {
    switch (value.kind) {
      case 'integer': return this.#fill(value.tensor, (q) => q);
      case 'dequantized': {
        const inner = elementCount(this.#region.lanes.slice(value.axis + 1));
        return this.#fill(value.source, (q, lane) => {
          const channel = value.scale.data.length === 1 ? 0 : Math.floor(lane / inner) % value.scale.data.length;
          return dequantizeValue(q, { scale: value.scale.data[channel] as number, zeroPoint: Number(value.zeroPoint.data[channel]) });
        });
      }
      case 'clipped': return this.values(value.of.value, value.of.name).map((x) => Math.min(Math.max(x, value.lo), value.hi));
      case 'elementwise': {
        const compute = floatFunction(value.node) as NonNullable<ReturnType<typeof floatFunction>>;
        const operands = value.operands.map((operand, position) => this.#operand(operand, value.node.opType, position));
        const result = new Float32Array(elementCount(this.#region.lanes) * this.#cases);
        for (let index = 0; index < result.length; index++) result[index] = (compute as (...values: (number | undefined)[]) => number)(...operands.map((read) => read(index)));
        return result;
      }
      case 'moved': return this.values(pushedInside(this.#state, value, name) as Value, `${name} moved`);
      case 'constant': case 'input': case 'linear': case 'refused': case 'softmax': throw new RangeError(`a value of kind ${value.kind} in a table`);
    }
  }

  #operand(operand: Operand, owner: string, position: number): (index: number) => number | undefined {
    if (operand === undefined) return () => undefined;
    const constant = floatConstant(this.#state, operand);
    if (constant === undefined) {
      const values = this.values(operand.value, operand.name);
      return (index) => values[index];
    }
    const { lanes } = this.#region;
    const shape = alignedShape(constant, owner, position, lanes.length) as number[];
    const { data } = broadcastTensor({ ...constant, shape }, lanes);
    return (index) => Number(data[Math.floor(index / this.#cases)]);
  }

  /** A function of one of the sources; of the last one all integers come next to each other. */
  #fill(source: string, compute: (q: number, lane: number) => number): Float32Array {
    const { sources, lanes } = this.#region;
    const position = sources.findIndex(({ tensor }) => tensor === source);
    const { lo, width } = sources[position] as Region['sources'][0];
    const stride = sources.slice(position + 1).reduce((product, next) => product * next.width, 1);
    return Float32Array.from({ length: elementCount(lanes) * this.#cases }, (_, index) => compute(lo + (Math.floor(index / stride) % width), Math.floor(index / this.#cases)));
  }
}
