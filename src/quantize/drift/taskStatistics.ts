import { ZkonnxError } from '../../errors/index.js';
import type { Tensor } from '../../onnx/graph.js';
import type { TaskDrift, TaskScore } from './driftReport.js';
import { isScores, largest } from './outputStatistics.js';

/** What is right for one inference: the number of a class, or the values that the output should have. */
export type Label = number | Float32Array;

/** Collects how well both models do a task, one inference after the other. */
export class TaskStatistics {
  private readonly output: string;
  private readonly right = { float: 0, quantized: 0 };
  private readonly squares = { float: 0, quantized: 0 };
  private inferences = 0;
  private elements = 0;
  private lo = Infinity;
  private hi = -Infinity;
  private kind: TaskDrift['kind'] = 'classification';

  constructor(output: string) {
    this.output = output;
  }

  /** @throws ZkonnxError USAGE for a label that does not fit the output */
  add(float: Tensor, quantized: Tensor, label: Label): void {
    this.inferences++;
    for (const [model, { data, shape }] of [['float', float], ['quantized', quantized]] as const) {
      const values = data as ArrayLike<number>;
      if (typeof label === 'number') {
        if (!isScores(shape) || !Number.isInteger(label) || label < 0 || label >= values.length) throw misfit(this.output, shape, `the class ${label}`);
        this.right[model] += Number(largest(values) === label);
        continue;
      }
      if (label.length !== values.length) throw misfit(this.output, shape, `${label.length} values`);
      this.kind = 'regression';
      for (let index = 0; index < label.length; index++) this.squares[model] += ((label[index] as number) - (values[index] as number)) ** 2;
    }
    if (typeof label === 'number') return;
    this.elements += label.length;
    for (const value of label) {
      this.lo = Math.min(this.lo, value);
      this.hi = Math.max(this.hi, value);
    }
  }

  result(): TaskDrift {
    const float = this.scoreOf('float');
    const quantized = this.scoreOf('quantized');
    return { kind: this.kind, output: this.output, float, quantized, lossPoints: 100 * (float.score - quantized.score) };
  }

  private scoreOf(model: 'float' | 'quantized'): TaskScore {
    if (this.kind === 'classification') return { score: this.right[model] / Math.max(1, this.inferences), right: this.right[model] };
    const rootMeanSquaredError = Math.sqrt(this.squares[model] / Math.max(1, this.elements));
    const range = this.hi > this.lo ? this.hi - this.lo : 1;
    return { score: 1 - rootMeanSquaredError / range, rootMeanSquaredError };
  }
}

function misfit(output: string, shape: readonly number[], found: string): ZkonnxError {
  return new ZkonnxError('USAGE', {
    message: `A label does not fit the output '${output}' of the shape [${shape.join(', ')}].`,
    expected: 'the number of a class for an output of scores, or as many values as the output has',
    found,
  });
}
