import { ZkonnxError } from '../../errors/index.js';
import { overallDrift, type DriftReport } from './driftReport.js';
import { weakestLayer } from './weakestLayer.js';

/** Throws DRIFT_EXCEEDED when an output drifts more than allowed: see {@link overallDrift}. */
export function assertDrift(report: DriftReport, most: number): void {
  const drift = overallDrift(report);
  if (drift <= most) return;
  const set = report.sets.at(-1);
  const worst = weakestLayer(set?.layers ?? []);
  throw new ZkonnxError('DRIFT_EXCEEDED', {
    message: `The quantized model drifts by ${percent(drift)} from the float model on the ${set?.name ?? 'calibration'} set; at most ${percent(most)} is allowed.`,
    expected: `a relative error of at most ${most}`,
    found: String(drift),
    ...(worst === undefined ? {} : { node: worst.node }),
  });
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}
