/** What a caller can choose about quantization. All of it is optional. */

export const OBSERVERS = ['minMax', 'movingAverage', 'percentile', 'entropy', 'meanSquaredError'] as const;

export const ROUNDINGS = ['together', 'nearest'] as const;

/** How the range of an activation follows from what calibration saw: see calibration/observers. */
export type ObserverName = (typeof OBSERVERS)[number];

/** What is known better than by calibration about one float tensor. */
export interface TensorOverride {
  /** Its smallest and largest value; 0 is always added to the range. */
  readonly lo?: number;
  readonly hi?: number;
  readonly observer?: ObserverName;
  /** Bits of its integers: 8, or 16 where 8 lose too much. */
  readonly bits?: 8 | 16;
}

export interface QuantizeOptions {
  /**
   * Default 'auto': the one of minMax, percentile and meanSquaredError whose model has the smallest error of its outputs on the
   * calibration inputs; minMax where there are fewer than 32.
   */
  readonly observer?: ObserverName | 'auto';
  /** For the observer 'percentile': the share of values inside the range, in percent. Default 99.99. */
  readonly percentile?: number;
  /** For the observer 'movingAverage': the weight of each new batch. Default 0.1. */
  readonly momentum?: number;
  /** Calibration inputs run side by side, when the batch dimension is free. Default 16. */
  readonly batch?: number;
  /** Scales the channels between two layers alike before quantization, so that one scale suits all of them. Default false. */
  readonly equalise?: boolean;
  /**
   * How weights become integers. 'together': all that one sum adds up at once, so that their errors cancel for inputs that vary as those
   * of the calibration. 'nearest': each by itself. Default 'together'.
   */
  readonly rounding?: (typeof ROUNDINGS)[number];
  /** Takes the mean error that rounding the weights makes from the biases. Default true. */
  readonly biasCorrection?: boolean;
  /** Only these operators or nodes may be quantized; all others count as excluded. */
  readonly include?: readonly string[];
  /** Operators or nodes, by name, that stay float; only what follows the last quantized operator can. */
  readonly exclude?: readonly string[];
  /** By name of the float tensor. */
  readonly overrides?: Readonly<Record<string, TensorOverride>>;
  /**
   * The relative error that an output may have: the root mean square of its difference from the float model, divided by the root mean
   * square of the float output. Tensors whose layers lose most become 16 bits wide until it is reached.
   */
  readonly targetDrift?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called with the share that is done, 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
}
