/** docs/operators.md: what can be proven, with the conformance cases behind each operator. */
import { readFileSync } from 'node:fs';
import { supportedOperators } from '../../src/lower/registry.js';
import { SUMMARY_PATH, type ConformanceSummary } from '../../test/conformance/summary.js';

export function operatorsPage(): string {
  const summary = JSON.parse(readFileSync(SUMMARY_PATH, 'utf8')) as ConformanceSummary;
  const { proven, refused } = summary;
  return [
    '# Operators',
    '',
    '<!-- Written by `npm run docs` from src/lower/registry.ts and test/conformance/summary.json. -->',
    '',
    'What zkonnx proves is what ONNX Runtime computes, bit for bit; an operator without an exact integer form is refused by name.',
    '`npm run conformance` runs the node tests of ONNX as circuits: a case counts as proven when the outputs equal the expected',
    'tensors exactly and a checker that shares no code with the compiler accepts the witness. A case of floats is *wrapped*:',
    'its inputs and outputs are quantized to uint8, and what is expected is ONNX Runtime on the quantized model. Inputs that an',
    'operator describes as something other than data (shapes, axes, scales, weights; test/conformance/parameters.ts has the list)',
    'are constants. `npm run fuzz:lowering` compares random graphs of the same operators with ONNX Runtime (docs/fuzzing.md).',
    '',
    '| | proven | refused |',
    '| --- | ---: | ---: |',
    `| integer and quantized cases | ${proven['integer and quantized']} | ${refused['integer and quantized']} |`,
    `| wrapped cases | ${proven.wrapped} | ${refused.wrapped} |`,
    '',
    '## Operators of the canonical graph',
    '',
    'Each has a lowering to constraints. The count is of proven cases whose canonical graph has the operator.',
    '',
    '| domain | operator | cases |',
    '| --- | --- | ---: |',
    ...canonicalRows(summary),
    '',
    '## Float operators in quantized models',
    '',
    'Proven between DequantizeLinear and QuantizeLinear, where zkonnx turns them into operators of the table above. The count is of',
    'proven wrapped cases.',
    '',
    '| operator | cases |',
    '| --- | ---: |',
    ...Object.entries(summary.wrappedOperators).map(([name, cases]) => `| ${name} | ${cases} |`),
    '',
    '## Where ONNX Runtime itself is not portable, or not right',
    '',
    '- QLinearAdd, QLinearMul and QLinearSigmoid are proven as ONNX Runtime computes them on x86-64 with AVX2 and later (fused',
    '  multiply-adds). Other processors round differently, as they do in QLinearAveragePool, QLinearGlobalAveragePool, QLinearReduceMean and',
    '  QLinearSoftmax, and a model with these operators is not portable. What is portable has the same bits in the WebAssembly of',
    '  ONNX Runtime (docs/fuzzing.md).',
    '- Products of uint8 and int8 saturate in ONNX Runtime on AVX2 without VNNI. The proof has the exact product.',
    '- Max, Min, Clip, Sign, ReduceMax and ReduceMin of int64 go wrong in ONNX Runtime 1.30 on x86-64 where two numbers differ in the lower',
    '  32 bits only (Max of 2^31 and 1 is 1). There a number beyond int32 has no proof.',
    '- QLinearAdd and QLinearMul wrap in ONNX Runtime when a result exceeds 2^31 output steps; scales that far apart are refused.',
    '',
    '## Refused, and why',
    '',
    'The list of cases is in test/conformance/refusalRules.ts.',
    '',
    '| reason | error | cases |',
    '| --- | --- | ---: |',
    ...summary.reasons.map(({ reason, code, cases }) => `| ${reason} | ${code} | ${cases} |`),
    '',
  ].join('\n');
}

function canonicalRows({ canonicalOperators }: ConformanceSummary): string[] {
  return supportedOperators()
    .map(({ domain, opType }) => ({ domain: domain || 'ai.onnx', opType, cases: canonicalOperators[domain === '' ? opType : `${domain}.${opType}`] ?? 0 }))
    .sort((a, b) => (`${a.domain} ${a.opType}` < `${b.domain} ${b.opType}` ? -1 : 1))
    .map(({ domain, opType, cases }) => `| ${domain} | ${opType} | ${cases} |`);
}
