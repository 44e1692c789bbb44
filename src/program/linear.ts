/**
 * Linear maps with constant integer weights: `y[i] = constant[i] + Σ weight · x[index]`. A convolution and a matrix product are
 * stored as such (weights once) and unrolled row by row into a buffer that is reused, so that evaluation, intervals and
 * constraints all read the same rows and none of them holds the unrolled matrix.
 */

/** One row of a linear map. Only the first `length` entries count. */
export class LinearRow {
  indices = new Int32Array(64);
  weights = new Float64Array(64);
  length = 0;
  constant = 0;

  reset(constant: number, capacity: number): void {
    this.length = 0;
    this.constant = constant;
    if (capacity > this.indices.length) {
      this.indices = new Int32Array(capacity);
      this.weights = new Float64Array(capacity);
    }
  }

  push(index: number, weight: number): void {
    this.indices[this.length] = index;
    this.weights[this.length] = weight;
    this.length++;
  }
}

/**
 * Convolution without its rescaling: y[n, m, p] = bias[m] + Σ w[m, c, k] · (x[n, g·C/G + c, p·stride + k·dilation − pad] − inputZero).
 * A padded position holds the zero point, so it contributes nothing. https://onnx.ai/onnx/operators/onnx__ConvInteger.html
 */
export interface ConvMap {
  readonly kind: 'conv';
  readonly batch: number;
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly groups: number;
  /** Spatial dimensions, outermost first. */
  readonly inputSpatial: readonly number[];
  readonly outputSpatial: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before each spatial dimension; the padding behind it is implied by the output. */
  readonly pads: readonly number[];
  readonly inputZero: number;
  /** [outputChannels, inputChannels / groups, ...kernel], the weight's zero point already subtracted. */
  readonly weights: Int32Array;
  /** One per output channel. */
  readonly bias: Int32Array;
}

/** Matrix product by constants, batched: y[b, i, j] = bias[j] + Σ_k (x[xBatch[b], i, k] − inputZero) · w[wBatch[b], k, j]. */
export interface MatMulMap {
  readonly kind: 'matmul';
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  /** Which matrix of x, and of w, each matrix of y uses (broadcasting). */
  readonly inputBatch: Int32Array;
  readonly weightBatch: Int32Array;
  readonly inputZero: number;
  /** [matrices, inner, columns], zero points already subtracted. */
  readonly weights: Int32Array;
  /** One per column, or per element of a matrix of y (rows · columns). */
  readonly bias: Int32Array;
}

/** Sum of tensors laid end to end: y[i] = constant[i] + Σ_s factor[s] · x[index[s][i]]. */
export interface SumMap {
  readonly kind: 'sum';
  readonly factors: readonly number[];
  /** For each term, the element of the (concatenated) input that each output element reads. */
  readonly indices: readonly Int32Array[];
  readonly constant: Int32Array;
}

export type LinearMap = ConvMap | MatMulMap | SumMap;

/** Reads the rows of a linear map. */
export interface LinearRows {
  readonly count: number;
  /** Fills `row` with row `index`, without zero weights, indices ascending for a conv and a matrix product. */
  read(index: number, row: LinearRow): void;
}

/** Opens a linear map for reading. */
export function linearRows(map: LinearMap): LinearRows {
  switch (map.kind) {
    case 'conv':
      return convRows(map);
    case 'matmul':
      return matMulRows(map);
    case 'sum':
      return sumRows(map);
  }
}

function convRows(map: ConvMap): LinearRows {
  const { batch, inputChannels, outputChannels, groups, weights, bias, inputZero } = map;
  const taps = spatialTaps(map);
  const positions = product(map.outputSpatial);
  const inputSize = product(map.inputSpatial);
  const kernelSize = product(map.kernel);
  const channelsPerGroup = inputChannels / groups;
  const outputsPerGroup = outputChannels / groups;
  return {
    count: batch * outputChannels * positions,
    read(index, row) {
      const position = index % positions;
      const channel = Math.floor(index / positions) % outputChannels;
      const image = Math.floor(index / (positions * outputChannels));
      const firstInput = image * inputChannels + Math.floor(channel / outputsPerGroup) * channelsPerGroup;
      const start = taps.start[position] as number;
      const end = taps.start[position + 1] as number;
      row.reset(bias[channel] as number, channelsPerGroup * (end - start));
      let weightSum = 0;
      for (let c = 0; c < channelsPerGroup; c++) {
        const inputBase = (firstInput + c) * inputSize;
        const weightBase = (channel * channelsPerGroup + c) * kernelSize;
        for (let tap = start; tap < end; tap++) {
          const weight = weights[weightBase + (taps.kernel[tap] as number)] as number;
          if (weight === 0) continue;
          row.push(inputBase + (taps.input[tap] as number), weight);
          weightSum += weight;
        }
      }
      row.constant -= inputZero * weightSum;
    },
  };
}

/** Geometry of a sliding window over spatial dimensions. */
export type Window = Pick<ConvMap, 'inputSpatial' | 'outputSpatial' | 'kernel' | 'strides' | 'dilations' | 'pads'>;

/** For each output position, the kernel positions that fall inside the input, and where: entries start[p] ≤ t < start[p + 1]. */
export interface Taps {
  readonly start: Int32Array;
  readonly kernel: Int32Array;
  readonly input: Int32Array;
}

export function spatialTaps({ inputSpatial, outputSpatial, kernel, strides, dilations, pads }: Window): Taps {
  const positions = product(outputSpatial);
  const kernelSize = product(kernel);
  const start = new Int32Array(positions + 1);
  const kernelOf: number[] = [];
  const inputOf: number[] = [];
  for (let position = 0; position < positions; position++) {
    const output = unravel(position, outputSpatial);
    for (let tap = 0; tap < kernelSize; tap++) {
      const offset = unravel(tap, kernel);
      let input = 0;
      let inside = true;
      for (let axis = 0; axis < kernel.length && inside; axis++) {
        const coordinate = (output[axis] as number) * (strides[axis] as number) + (offset[axis] as number) * (dilations[axis] as number) - (pads[axis] as number);
        inside = coordinate >= 0 && coordinate < (inputSpatial[axis] as number);
        input = input * (inputSpatial[axis] as number) + coordinate;
      }
      if (!inside) continue;
      kernelOf.push(tap);
      inputOf.push(input);
    }
    start[position + 1] = kernelOf.length;
  }
  return { start, kernel: Int32Array.from(kernelOf), input: Int32Array.from(inputOf) };
}

function matMulRows({ rows, inner, columns, inputBatch, weightBatch, inputZero, weights, bias }: MatMulMap): LinearRows {
  const perMatrix = rows * columns;
  return {
    count: inputBatch.length * perMatrix,
    read(index, row) {
      const column = index % columns;
      const matrix = Math.floor(index / perMatrix);
      const line = Math.floor(index / columns) % rows;
      const inputBase = ((inputBatch[matrix] as number) * rows + line) * inner;
      const weightBase = (weightBatch[matrix] as number) * inner * columns + column;
      row.reset(bias[bias.length === columns ? column : index % perMatrix] as number, inner);
      let weightSum = 0;
      for (let k = 0; k < inner; k++) {
        const weight = weights[weightBase + k * columns] as number;
        if (weight === 0) continue;
        row.push(inputBase + k, weight);
        weightSum += weight;
      }
      row.constant -= inputZero * weightSum;
    },
  };
}

function sumRows({ factors, indices, constant }: SumMap): LinearRows {
  return {
    count: constant.length,
    read(index, row) {
      row.reset(constant[index] as number, factors.length);
      factors.forEach((factor, term) => {
        if (factor !== 0) row.push((indices[term] as Int32Array)[index] as number, factor);
      });
    },
  };
}

/** Coordinates of a flat index. */
export function unravel(index: number, shape: readonly number[]): number[] {
  const coordinates = new Array<number>(shape.length);
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] as number;
    coordinates[axis] = rest % size;
    rest = Math.floor(rest / size);
  }
  return coordinates;
}

function product(values: readonly number[]): number {
  return values.reduce((total, value) => total * value, 1);
}
