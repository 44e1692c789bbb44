/** What a caller can choose about quantization. All of it is optional. */

export const OBSERVERS = ['minMax', 'movingAverage', 'percentile', 'entropy', 'meanSquaredError'] as const;

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
  /** Default 'minMax'. */
  readonly observer?: ObserverName;
  /** For the observer 'percentile': the share of values inside the range, in percent. Default 99.99. */
  readonly percentile?: number;
  /** For the observer 'movingAverage': the weight of each new batch. Default 0.1. */
  readonly momentum?: number;
  /** Calibration inputs run side by side, when the batch dimension is free. Default 16. */
  readonly batch?: number;
  /** Scales the channels between two layers alike before quantization, so that one scale suits all of them. Default false. */
  readonly equalise?: boolean;
  /** Moves the mean error that rounding the weights makes into the biases. Default false. */
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
  /** Called with the share of the calibration that is done, 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
}
