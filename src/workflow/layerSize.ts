import type { Blueprint, CircuitSize, Size } from '../compile/index.js';
import type { CanonicalGraph } from '../onnx/normalise.js';

/** One kind of work within a layer. */
export interface LayerPart {
  /** In a word or two: `range checks`, `maxima`, `steps`. */
  readonly what: string;
  /** How its values are forced, in words. */
  readonly how: string;
  readonly size: Size;
}

/** How much of a circuit an input or a node of the canonical graph takes. */
export interface LayerSize {
  readonly node: string;
  readonly operator: string;
  /** The nodes of the user's file that it stands for. */
  readonly origin: string;
  /** Elements of its output. */
  readonly elements: number;
  readonly parts: readonly LayerPart[];
  /** The sum of its parts. */
  readonly size: Size;
}

const WORDS: Readonly<Record<Blueprint['program']['operations'][number]['kind'], string>> = {
  input: 'range checks',
  constant: 'constants',
  view: 'movement',
  linear: 'sums',
  weighted: 'products by hidden weights',
  step: 'steps',
  table: 'tables',
  product: 'products',
  max: 'maxima',
  argmax: 'index of the maximum',
  softmax: 'softmax',
  fit: 'overflow',
  bilinear: 'products',
  compare: 'comparisons',
  select: 'choices',
  divide: 'divisions',
  bits: 'bits',
};

/** Inputs and nodes in the order of the graph, and last the public words with the context. Every row is in exactly one layer. */
export function layerSizes({ program, cost }: Pick<Blueprint, 'program' | 'cost'>, { operations, frame }: CircuitSize, { graph, origin }: Pick<CanonicalGraph, 'graph' | 'origin'>): LayerSize[] {
  const parts = new Map<string, LayerPart[]>();
  program.operations.forEach(({ kind }, id) => {
    const node = program.tensors[id]?.node ?? '';
    const size = operations[id];
    if (size === undefined || size.rows === 0) return;
    const list = parts.get(node) ?? [];
    list.push({ what: WORDS[kind], how: cost.operations[id]?.strategy ?? '', size });
    parts.set(node, list);
  });
  const named = [
    ...graph.inputs.map(({ name }) => ({ node: name, operator: 'input', tensor: name })),
    ...graph.nodes.map(({ name, opType, outputs }) => ({ node: name, operator: opType, tensor: outputs[0] ?? '' })),
  ];
  const layers = named.map(({ node, operator, tensor }): LayerSize => {
    const own = parts.get(node) ?? [];
    return {
      node,
      operator,
      origin: origin.get(node) ?? node,
      elements: graph.types.get(tensor)?.shape.reduce((product, size) => product * size, 1) ?? 0,
      parts: own,
      size: own.reduce((total, { size }) => sum(total, size), EMPTY),
    };
  });
  return [...layers, { node: '', operator: 'public signals', origin: '', elements: 0, parts: [], size: frame }];
}

const EMPTY: Size = { rows: 0, wires: 0, a: 0, b: 0, c: 0 };

function sum(x: Size, y: Size): Size {
  return { rows: x.rows + y.rows, wires: x.wires + y.wires, a: x.a + y.a, b: x.b + y.b, c: x.c + y.c };
}
