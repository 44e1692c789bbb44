import type { LayerDrift } from './driftReport.js';

/** The layer whose own rounding costs most: the first to give more bits, another observer or another range. */
export function weakestLayer(layers: readonly LayerDrift[]): LayerDrift | undefined {
  const decibels = ({ ownSignalToNoise }: LayerDrift): number => ownSignalToNoise ?? Infinity;
  return layers.reduce<LayerDrift | undefined>((weakest, layer) => (decibels(layer) < (weakest === undefined ? Infinity : decibels(weakest)) ? layer : weakest), undefined);
}
