/** The parts of a verifier contract that do not depend on the proof system: what it says of itself, and how it packs public bytes. */
import { elementCount, type PublicTensor } from '../verify/publicLayout.js';
import type { TensorVisibility, WeightsVisibility } from '../verify/visibility.js';
import type { HashRun, PackingPlan, WordRun } from './packingPlan.js';
import { commentText } from './solidityText.js';

export interface InferenceParts {
  readonly contractName: string;
  readonly modelName: string;
  /** SHA-256 of the ONNX file, 64 hexadecimal digits. */
  readonly modelHash: string;
  readonly developmentKey: boolean;
  readonly plan: PackingPlan;
}

/** What stands before a contract; `system` as people write it. */
export function banner({ modelName, developmentKey }: Pick<InferenceParts, 'modelName' | 'developmentKey'>, system: string): string {
  const warning = `/// @custom:security DEVELOPMENT KEY. Whoever made this key can forge a proof of anything. Nothing of value may depend on this
/// contract. isDevelopmentKey() says so on chain.
`;
  return `/// @title Verifies proofs that the model ${commentText(modelName)} was run exactly (${system} over BN254)
/// @notice A call that returns is a proof that verified; a call with anything else reverts.
${developmentKey ? warning : ''}`;
}

/** Errors and constants; those about the proof depend on the system. */
export function declarations({ plan, modelHash, developmentKey }: InferenceParts, proofErrors: string): string {
  return `    /// @dev The input has not as many bytes as the public input tensors of the model.
    error InputLength(uint256 expected, uint256 found);
    /// @dev The output has not as many bytes as the public output tensors of the model.
    error OutputLength(uint256 expected, uint256 found);
    /// @dev The context is not below r, so it would stand for the same value as context - r.
    error ContextNotInField(uint256 context);
    /// @dev A public signal, counted from 0, is not below r.
    error PublicSignalNotInField(uint256 index);
${proofErrors}

    /// @notice SHA-256 of the ONNX file${plan.visibility.weights === 'fixed' ? '' : ' that the circuit was compiled from. Other weights of the same architecture prove with the same key'}.
    bytes32 public constant modelHash = 0x${modelHash};
    /// @notice Version of the layout that packs tensors into public signals.
    uint256 public constant layoutVersion = 2;
    /// @notice What is public of the inputs, of the outputs and of the weights: 0 the values (of weights: constants of the circuit,
    /// fixed by the key), 1 nothing, 2 a Poseidon commitment.
    uint256 public constant inputVisibility = ${VISIBILITY_CODES[plan.visibility.inputs]};
    uint256 public constant outputVisibility = ${VISIBILITY_CODES[plan.visibility.outputs]};
    uint256 public constant weightsVisibility = ${VISIBILITY_CODES[plan.visibility.weights]};
    /// @notice How many bytes \`inputs\` must have.
    uint256 public constant inputLength = ${plan.inputBytes};
    /// @notice How many bytes \`outputs\` must have.
    uint256 public constant outputLength = ${plan.outputBytes};
    /// @notice Whether somebody may know the secret of the key, and so be able to forge proofs.
    bool public constant isDevelopmentKey = ${String(developmentKey)};

    /// @dev Order r of the groups of BN254.
    uint256 private constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
`;
}

/** The description of `verifyInference`, up to its proof. */
export function description(plan: PackingPlan): string {
  return `    /// @notice Returns if and only if \`proof\` proves that the model, run on \`inputs\`, gives \`outputs\`.
    /// @param inputs ${describeSide('input', plan.inputs, plan.inputHashes)}
    /// @param outputs ${describeSide('output', plan.outputs, plan.outputHashes)}
    /// @param context The value that the requester chose, below r. A digest d becomes one by uint256(d) >> 8.
`;
}

/** The body of `verifyInference`: refuses what is not of the layout, and leaves the public signals in `signals`, each below r. */
export function packing(plan: PackingPlan): string {
  const signals = signalArray(plan);
  return `        if (inputs.length != inputLength) revert InputLength(inputLength, inputs.length);
        if (outputs.length != outputLength) revert OutputLength(outputLength, outputs.length);
        if (context >= R) revert ContextNotInField(context);

        // Public layout 2: outputs, context, inputs, weights. Of what is hashed, one signal, its commitment. Every tensor starts a word, a word holds as many whole elements as fit
        // into 31 bytes, right-aligned, the first one most significant; the top bit of each signed element is flipped.
        // A packed word is below 2^248, and so below r.
        ${signals} memory signals;
        assembly ("memory-safe") {
            function pack(to, from, words, width, shift, flip) {
                for { let end := add(to, mul(words, 0x20)) } lt(to, end) { to := add(to, 0x20) } {
                    mstore(to, xor(shr(shift, calldataload(from)), flip))
                    from := add(from, width)
                }
            }
${[
  ...plan.outputs.map((run) => packCall('outputs', run)),
  `            mstore(add(signals, ${offset(plan.contextSignal)}), context)`,
  ...plan.inputs.map((run) => packCall('inputs', run)),
  ...plan.outputHashes.map((run) => hashCall('outputs', run)),
  ...plan.inputHashes.map((run) => hashCall('inputs', run)),
].join('\n')}
        }
${[...plan.outputHashes, ...plan.inputHashes].map(({ signal }) => `        if (signals[${signal}] >= R) revert PublicSignalNotInField(${signal});\n`).join('')}`;
}

/** The type of the list of public signals. */
export function signalArray({ signals }: PackingPlan): string {
  return `uint256[${signals}]`;
}

const VISIBILITY_CODES: Readonly<Record<TensorVisibility | WeightsVisibility, number>> = { public: 0, fixed: 0, private: 1, hashed: 2 };

function describeSide(kind: 'input' | 'output', runs: readonly WordRun[], hashes: readonly HashRun[]): string {
  const tensors = [...new Set(runs.map((run) => run.tensor))];
  const parts = [
    ...(tensors.length === 0 ? [] : [`the public ${kind} tensors one after the other, row-major, wider elements big-endian`]),
    ...hashes.map(({ part }) => `the commitment of the ${part}, 32 bytes big-endian, below r`),
  ];
  if (parts.length === 0) return `Empty: no ${kind} is public.`;
  const sentence = parts.join('; then ');
  return [`${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}${tensors.length === 0 ? '.' : ':'}`, ...tensors.map(describeTensor)].join('\n');
}

function describeTensor(tensor: PublicTensor): string {
  return `    /// ${commentText(tensor.name)}, ${elementCount(tensor)} x ${tensor.type}`;
}

function packCall(source: string, run: WordRun): string {
  const shift = 256 - 8 * run.wordBytes;
  const from = run.offset === 0 ? `${source}.offset` : `add(${source}.offset, ${run.offset})`;
  const flip = run.flip === 0n ? '0' : `0x${run.flip.toString(16).padStart(2 * run.wordBytes, '0')}`;
  return `            pack(add(signals, ${offset(run.firstSignal)}), ${from}, ${run.words}, ${run.wordBytes}, ${shift}, ${flip})`;
}

function hashCall(source: string, { signal, offset: from }: HashRun): string {
  return `            mstore(add(signals, ${offset(signal)}), calldataload(add(${source}.offset, ${from})))`;
}

/** Byte offset of a public signal. */
export function offset(signal: number): string {
  return `0x${(32 * signal).toString(16)}`;
}
