/**
 * Functions that a model file defines itself, written out where they are called. They are inlined before anything else looks at the
 * nodes, since a function can redefine any operator. https://onnx.ai/onnx/repo-docs/IR.html#functions
 */
import { ZkonnxError } from '../errors/index.js';
import { normalDomain } from './opsets.js';
import type { ProtoAttribute, ProtoFunction, ProtoGraph, ProtoModel, ProtoNode } from './proto.js';
import { toBigInt } from './proto.js';

/** Functions within functions. */
const MAX_DEPTH = 16;
/** Functions that call others many times could make any number of nodes. */
const MAX_NODES = 1_000_000;

/**
 * The graph of a model without calls of its own functions.
 * @throws ZkonnxError OPERATOR_UNSUPPORTED for a function that cannot be read whole (defaults of attributes, overloads, another opset),
 * MODEL_INVALID for functions that call each other in a circle, MODEL_TOO_LARGE
 */
export function inlineFunctions(model: ProtoModel, graph: ProtoGraph): ProtoGraph {
  if ((model.functions ?? []).length === 0) return graph;
  const versions = new Map((model.opsetImport ?? []).map(({ domain, version }) => [normalDomain(domain), toBigInt(version ?? 0)]));
  return new Inliner(functionsOf(model), versions, namesOf(graph)).graph(graph, 0);
}

const keyOf = (domain: string | null | undefined, name: string | null | undefined): string => `${normalDomain(domain)}:${name ?? ''}`;

function functionsOf(model: ProtoModel): Map<string, ProtoFunction> {
  const functions = new Map<string, ProtoFunction>();
  for (const definition of model.functions ?? []) {
    const key = keyOf(definition.domain, definition.name);
    if (functions.has(key)) throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `The model file defines the function ${definition.name} more than once.`, fix: INLINE });
    functions.set(key, definition);
  }
  return functions;
}

const INLINE = 'Write the function out where it is used: onnx.inliner.inline_local_functions(model) does.';

/** Every tensor name of a graph and of the graphs within it. */
function namesOf(graph: ProtoGraph, names = new Set<string>()): Set<string> {
  for (const { name } of [...(graph.initializer ?? []), ...(graph.input ?? [])]) names.add(name ?? '');
  for (const node of graph.node ?? []) {
    for (const name of [...(node.input ?? []), ...(node.output ?? [])]) names.add(name);
    for (const { g } of node.attribute ?? []) if (g) namesOf(g, names);
  }
  return names;
}

type Names = ReadonlyMap<string, string>;

class Inliner {
  readonly #functions: ReadonlyMap<string, ProtoFunction>;
  readonly #versions: ReadonlyMap<string, bigint>;
  readonly #names: Set<string>;
  #nodes = 0;

  constructor(functions: ReadonlyMap<string, ProtoFunction>, versions: ReadonlyMap<string, bigint>, names: Set<string>) {
    this.#functions = functions;
    this.#versions = versions;
    this.#names = names;
  }

  graph(graph: ProtoGraph, depth: number): ProtoGraph {
    return { ...graph, node: (graph.node ?? []).flatMap((node) => this.#node(node, depth)) };
  }

  #node(node: ProtoNode, depth: number): ProtoNode[] {
    if (++this.#nodes > MAX_NODES) throw new ZkonnxError('MODEL_TOO_LARGE', { message: `The functions of the model make more than ${MAX_NODES} nodes.` });
    const definition = this.#functions.get(keyOf(node.domain, node.opType));
    if (definition === undefined) return [{ ...node, attribute: (node.attribute ?? []).map((attribute) => (attribute.g ? { ...attribute, g: this.graph(attribute.g, depth) } : attribute)) }];
    if (depth >= MAX_DEPTH) throw new ZkonnxError('MODEL_INVALID', { message: `The function ${definition.name} calls itself, or functions are nested more than ${MAX_DEPTH} deep.`, node: node.name ?? '' });
    return this.#call(node, definition).flatMap((inner) => this.#node(inner, depth + 1));
  }

  #call(node: ProtoNode, definition: ProtoFunction): ProtoNode[] {
    this.#checkVersions(node, definition);
    const prefix = node.name || node.output?.[0] || definition.name || 'function';
    const inputs = definition.input ?? [];
    const names = new Map<string, string>(inputs.map((name, index) => [name, node.input?.[index] ?? '']));
    const passed: ProtoNode[] = [];
    (definition.output ?? []).forEach((name, index) => {
      const outer = node.output?.[index] || this.#fresh(`${prefix}/${name}`);
      // An output that is an input as well, or that is given twice, is copied.
      if (names.has(name)) passed.push({ name: `${prefix}/${name}_Identity`, opType: 'Identity', input: [names.get(name) as string], output: [outer] });
      else names.set(name, outer);
    });
    for (const { output } of definition.node ?? []) for (const name of output ?? []) if (name !== '' && !names.has(name)) names.set(name, this.#fresh(`${prefix}/${name}`));
    const given = new Map((node.attribute ?? []).map((attribute) => [attribute.name ?? '', attribute]));
    const body = (definition.node ?? []).map((inner, index) => renamed(inner, names, (attribute) => resolved(attribute, given, definition, node), `${prefix}/${inner.name || `${inner.opType}_${index}`}`));
    return [...body, ...passed];
  }

  /** An operator may mean something else in another opset. */
  #checkVersions(node: ProtoNode, definition: ProtoFunction): void {
    const used = new Set((definition.node ?? []).map(({ domain }) => normalDomain(domain)));
    for (const { domain, version } of definition.opsetImport ?? []) {
      const name = normalDomain(domain);
      const [wanted, found] = [toBigInt(version ?? 0), this.#versions.get(name)];
      if (used.has(name) && wanted !== found) {
        throw new ZkonnxError('OPERATOR_UNSUPPORTED', {
          message: `The function ${definition.name} of the model is written for opset ${wanted} of the domain '${name || 'ai.onnx'}', the model for ${found ?? 'none'}.`, node: node.name ?? '', fix: INLINE,
        });
      }
    }
  }

  #fresh(base: string): string {
    let name = base;
    for (let suffix = 2; this.#names.has(name); suffix++) name = `${base}_${suffix}`;
    this.#names.add(name);
    return name;
  }
}

/** The node with other tensor names; its attributes with references to those of the function resolved. */
function renamed(node: ProtoNode, names: Names, resolve: (attribute: ProtoAttribute) => ProtoAttribute | undefined, name = node.name): ProtoNode {
  const rename = (tensor: string): string => names.get(tensor) ?? tensor;
  return {
    ...node,
    ...(name ? { name } : {}),
    input: (node.input ?? []).map(rename),
    output: (node.output ?? []).map(rename),
    attribute: (node.attribute ?? []).flatMap((attribute) => {
      const own = resolve(attribute);
      if (own === undefined) return [];
      return own.g && !attribute.refAttrName ? { ...own, g: renamedGraph(own.g, names, resolve) } : own;
    }),
  };
}

/** A graph within a function: what it defines itself keeps its name. */
function renamedGraph(graph: ProtoGraph, names: Names, resolve: (attribute: ProtoAttribute) => ProtoAttribute | undefined): ProtoGraph {
  const own = new Set([...(graph.input ?? []), ...(graph.initializer ?? [])].map(({ name }) => name ?? ''));
  for (const { output } of graph.node ?? []) for (const name of output ?? []) own.add(name);
  const outer = new Map([...names].filter(([name]) => !own.has(name)));
  return {
    ...graph,
    node: (graph.node ?? []).map((node) => renamed(node, outer, resolve)),
    output: (graph.output ?? []).map((value) => ({ ...value, name: outer.get(value.name ?? '') ?? value.name ?? '' })),
  };
}

/** The attribute of the call that an attribute of a node in the function refers to; undefined when the call leaves it out. */
function resolved(attribute: ProtoAttribute, given: ReadonlyMap<string, ProtoAttribute>, definition: ProtoFunction, node: ProtoNode): ProtoAttribute | undefined {
  const reference = attribute.refAttrName;
  if (!reference) return attribute;
  const value = given.get(reference);
  if (value !== undefined) return { ...value, name: attribute.name ?? '' };
  if ((definition.attribute ?? []).includes(reference)) return undefined;
  // Defaults came after the schema of onnx-proto, which skips them.
  throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `The call of the function ${definition.name} leaves out the attribute '${reference}', whose default value is not read.`, node: node.name ?? '', fix: INLINE });
}
