/** How the inputs of each sum vary together, over the calibration inputs: what a change of a weight does to the outputs follows from it. */
import { elementCount, type Tensor } from '../../onnx/graph.js';
import { stridesOf } from '../../onnx/shape.js';
import type { LinearMap } from '../plan/linearMap.js';

/** Means and covariances of what the sums of one layer read, group by group. */
export interface Moments {
  readonly groups: number;
  /** How many elements one sum reads: the weights of one output channel. */
  readonly fanIn: number;
  /** How many sums were seen. */
  readonly count: number;
  /** [groups, fanIn], in the order of the weights. Padding counts as 0. */
  readonly means: Float64Array;
  /** [groups, fanIn, fanIn]; none for a layer too large for it. */
  readonly covariances: Float64Array | undefined;
}

/** Sums of more inputs than this have means only: covariances grow with the square. */
const LARGEST_FAN_IN = 1024;
/** Numbers kept in all covariances together. */
const MOST_COVARIANCES = 2 ** 25;
/** Samples for each input of a sum, where the calibration has as many. */
const SAMPLES_PER_INPUT = 64;
const LEAST_SAMPLES = 1024;
/** Products that one layer, and all of them together, may take: a few seconds. */
const MOST_PRODUCTS = 5e8;
const MOST_PRODUCTS_IN_ALL = 1e10;
/** Its multiples, modulo 1, lie evenly wherever one stops. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/** A layer with constant weights, by the float tensor that it makes. */
export interface LinearLayer {
  readonly output: string;
  readonly input: string;
  readonly map: LinearMap;
}

interface Sums {
  readonly map: LinearMap;
  readonly fanIn: number;
  /** How many windows to take of each batch. */
  readonly quota: number;
  readonly first: Float64Array;
  readonly second: Float64Array | undefined;
  count: number;
}

/** Adds up moments, batch by batch. */
export class MomentSums {
  readonly #layers = new Map<string, { readonly output: string; readonly sums: Sums }[]>();

  constructor(layers: readonly LinearLayer[], batches: number) {
    let room = MOST_COVARIANCES;
    const bySize = [...layers].sort((a, b) => fanInOf(a.map) - fanInOf(b.map));
    for (const { output, input, map } of bySize) {
      const fanIn = fanInOf(map);
      const size = map.groups * fanIn * fanIn;
      const whole = fanIn <= LARGEST_FAN_IN && size <= room;
      if (whole) room -= size;
      const affordable = Math.min(MOST_PRODUCTS, MOST_PRODUCTS_IN_ALL / layers.length) / (whole ? size / 2 : map.groups * fanIn);
      const quota = Math.ceil(Math.min(Math.max(SAMPLES_PER_INPUT * fanIn, LEAST_SAMPLES), affordable) / batches);
      const sums: Sums = { map, fanIn, quota, first: new Float64Array(map.groups * fanIn), second: whole ? new Float64Array(size) : undefined, count: 0 };
      const known = this.#layers.get(input);
      if (known === undefined) this.#layers.set(input, [{ output, sums }]);
      else known.push({ output, sums });
    }
  }

  /** Takes a float tensor of one batch into account. */
  add(name: string, tensor: Tensor): void {
    for (const { sums } of this.#layers.get(name) ?? []) addWindows(sums, tensor.data as Float32Array);
  }

  /** By the float tensor that a layer makes. */
  finish(): Map<string, Moments> {
    return new Map([...this.#layers.values()].flat().map(({ output, sums }) => [output, momentsOf(sums)]));
  }
}

function fanInOf({ channels, groups, kernel }: LinearMap): number {
  return (channels / groups) * elementCount(kernel);
}

function addWindows(sums: Sums, data: Float32Array): void {
  const { map, fanIn, quota } = sums;
  const image = elementCount(map.inputSpatial);
  const positions = elementCount(map.outputSpatial);
  const windows = (data.length / (map.channels * image)) * positions;
  const taken = Math.min(quota, windows);
  const values = new Float64Array(fanIn);
  const taps = elementCount(map.kernel);
  const perGroup = map.channels / map.groups;
  for (let sample = 0; sample < taken; sample++) {
    const window = taken === windows ? sample : Math.floor((((sums.count + sample) * GOLDEN_RATIO) % 1) * windows);
    const places = placesOf(map, window % positions);
    const start = Math.floor(window / positions) * map.channels * image;
    for (let group = 0; group < map.groups; group++) {
      for (let channel = 0; channel < perGroup; channel++) {
        const from = start + (group * perGroup + channel) * image;
        for (let tap = 0; tap < taps; tap++) values[channel * taps + tap] = (places[tap] as number) < 0 ? 0 : (data[from + (places[tap] as number)] as number);
      }
      addProducts(sums, group, values);
    }
  }
  sums.count += taken;
}

function addProducts({ fanIn, first, second }: Sums, group: number, values: Float64Array): void {
  for (let a = 0; a < fanIn; a++) {
    const value = values[a] as number;
    if (value === 0) continue;
    first[group * fanIn + a] = (first[group * fanIn + a] as number) + value;
    if (second === undefined) continue;
    const row = (group * fanIn + a) * fanIn;
    for (let b = a; b < fanIn; b++) second[row + b] = (second[row + b] as number) + value * (values[b] as number);
  }
}

/** Where in one channel the taps of a window lie; −1 where there is nothing. */
function placesOf({ inputSpatial, outputSpatial, kernel, strides, dilations, padsBefore, spread }: LinearMap, position: number): Int32Array {
  const [steps, outputSteps, tapSteps] = [stridesOf(inputSpatial), stridesOf(outputSpatial), stridesOf(kernel)];
  const places = new Int32Array(elementCount(kernel));
  for (let tap = 0; tap < places.length; tap++) {
    let place = 0;
    for (let axis = 0; axis < kernel.length && place >= 0; axis++) {
      const output = Math.floor(position / (outputSteps[axis] as number)) % (outputSpatial[axis] as number);
      const index = Math.floor(tap / (tapSteps[axis] as number)) % (kernel[axis] as number);
      const at = (output * (strides[axis] as number) - (padsBefore[axis] as number) + index * (dilations[axis] as number)) / (spread[axis] as number);
      place = Number.isInteger(at) && at >= 0 && at < (inputSpatial[axis] as number) ? place + at * (steps[axis] as number) : -1;
    }
    places[tap] = place;
  }
  return places;
}

function momentsOf({ map: { groups }, fanIn, first, second, count }: Sums): Moments {
  const means = first.map((sum) => sum / Math.max(count, 1));
  if (second === undefined) return { groups, fanIn, count, means, covariances: undefined };
  const covariances = new Float64Array(second.length);
  for (let group = 0; group < groups; group++) {
    for (let a = 0; a < fanIn; a++) {
      for (let b = a; b < fanIn; b++) {
        const value = (second[(group * fanIn + a) * fanIn + b] as number) / Math.max(count, 1) - (means[group * fanIn + a] as number) * (means[group * fanIn + b] as number);
        covariances[(group * fanIn + a) * fanIn + b] = value;
        covariances[(group * fanIn + b) * fanIn + a] = value;
      }
    }
  }
  return { groups, fanIn, count, means, covariances };
}
