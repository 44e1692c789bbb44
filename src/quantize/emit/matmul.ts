/** Products of two computed matrices (or of one with a constant on the left) as QLinearMatMul with one scale for each tensor. */
import type { LayerKind } from '../plan/layer.js';
import { cutsMore, emitClamp } from './requantize.js';

export const MATMUL: LayerKind = {
  saturates: true,
  emit: (emitter, { node, output, clamp }) => {
    const [a, b] = node.inputs as [string, string];
    const parameters = emitter.parameters(output);
    const result = emitter.claim(output);
    const cut = cutsMore(parameters, clamp);
    const whole = cut ? emitter.fresh(`${result}_whole`) : result;
    const inputs = [emitter.integers(a), ...emitter.quantization(a), emitter.integers(b), ...emitter.quantization(b), ...emitter.quantization(output)];
    emitter.add({ name: node.name, opType: 'QLinearMatMul', inputs, output: whole });
    if (cut) emitClamp(emitter, { name: `${node.name}/clip`, integers: whole, parameters, clamp, output: result });
  },
};
