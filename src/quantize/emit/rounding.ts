/** Weights rounded together: each one up or down so that the errors of a sum cancel, for inputs that vary as those of the calibration. */

/** Passes over the weights of one sum. Each pass only lessens the error; few change anything after the third. */
const MOST_PASSES = 20;

/**
 * Integers near weights / scale for which dᵀ · H · d is small, where d = scale · integers − weights and H the covariance of the inputs:
 * that is the variance of the error of the sum. Begins with the nearest integers and moves one at a time to where the error is least.
 * (Coordinate descent; Behdin et al., QuantEase, 2023, compare it with other orders. Nagel et al., Up or down?, 2020, say why it matters.)
 * @param covariance [n, n], of which row i begins at `offset` + i · n
 * @param ridge what is added to the diagonal, at least 0: keeps weights near where the calibration says little
 * @param largest bound of the magnitude of the integers
 */
export function roundTogether({ weights, scale, covariance, offset, ridge, largest }: {
  weights: Float32Array;
  scale: number;
  covariance: Float64Array;
  offset: number;
  ridge: number;
  largest: number;
}): Int8Array {
  const count = weights.length;
  const integers = Int8Array.from(weights, (weight) => Math.max(-largest, Math.min(largest, Math.round(weight / scale))));
  const slope = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    const error = scale * (integers[row] as number) - (weights[row] as number);
    slope[row] = (slope[row] as number) + ridge * error;
    for (let column = 0; column < count; column++) slope[column] = (slope[column] as number) + (covariance[offset + row * count + column] as number) * error;
  }
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    let moved = false;
    for (let index = 0; index < count; index++) {
      const curvature = (covariance[offset + index * count + index] as number) + ridge;
      if (!(curvature > 0)) continue;
      const wanted = (integers[index] as number) - Math.round((slope[index] as number) / (curvature * scale));
      const step = Math.max(-largest, Math.min(largest, wanted)) - (integers[index] as number);
      if (step === 0) continue;
      moved = true;
      integers[index] = (integers[index] as number) + step;
      slope[index] = (slope[index] as number) + ridge * step * scale;
      for (let column = 0; column < count; column++) slope[column] = (slope[column] as number) + (covariance[offset + index * count + column] as number) * step * scale;
    }
    if (!moved) break;
  }
  return integers;
}
