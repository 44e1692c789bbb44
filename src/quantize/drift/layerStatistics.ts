import { QUANTIZED_RANGE, isQuantizedType } from '../../onnx/elementType.js';
import { quantizeValue } from '../../onnx/float32.js';
import type { Tensor } from '../../onnx/graph.js';
import { addDeviation, decibels, deviationOf, newDeviation } from './deviation.js';
import type { DriftLayer, LayerDrift } from './driftReport.js';

/** Collects what one layer gives in both models, one inference after the other. */
export class LayerStatistics {
  private readonly layer: DriftLayer;
  private readonly operator: string;
  private readonly sum = newDeviation();
  private readonly own = newDeviation();
  private clipped = 0;
  private type = '';

  constructor(layer: DriftLayer, operator: string) {
    this.layer = layer;
    this.operator = operator;
  }

  add(float: Tensor, quantized: Tensor): void {
    const { scale, zeroPoint } = this.layer;
    const { type } = quantized;
    this.type = type;
    const range = isQuantizedType(type) ? { lo: (QUANTIZED_RANGE[type].lo - zeroPoint) * scale, hi: (QUANTIZED_RANGE[type].hi - zeroPoint) * scale } : undefined;
    for (let index = 0; index < float.data.length; index++) {
      const value = Number(float.data[index]);
      addDeviation(this.sum, value, (Number(quantized.data[index]) - zeroPoint) * scale);
      if (!isQuantizedType(type) || range === undefined) continue;
      addDeviation(this.own, value, (quantizeValue(value, { scale, zeroPoint, type }) - zeroPoint) * scale);
      // Half a step beyond the ends still rounds to them.
      if (value < range.lo - scale / 2 || value > range.hi + scale / 2) this.clipped++;
    }
  }

  result(): LayerDrift {
    const { node, floatTensor, scale } = this.layer;
    return {
      node,
      operator: this.operator,
      floatTensor,
      type: this.type,
      scale,
      ...deviationOf(this.sum),
      ownSignalToNoise: decibels(this.own.sumOfSquares, this.own.sumOfSquaredErrors),
      clipped: this.clipped / Math.max(1, this.sum.elements),
    };
  }
}
