/**
 * Every error that zkonnx can raise, by stable code. `docs/errors.md` is generated from this table, so that the explanation
 * a user reads and the code a program matches are one thing. Codes are never renamed or reused.
 */

/** What kind of failure an error is; it decides the exit status of the command line. */
export type ErrorKind = 'internal' | 'usage' | 'model' | 'gate' | 'mismatch' | 'invalid' | 'artifact' | 'input' | 'chain' | 'cancelled';

/** Exit status of the command line per kind. Stable. */
export const EXIT_STATUS: Readonly<Record<ErrorKind, number>> = {
  internal: 1,
  usage: 2,
  model: 3,
  gate: 4,
  mismatch: 5,
  invalid: 6,
  artifact: 7,
  input: 8,
  chain: 9,
  cancelled: 130,
};

export interface ErrorDescription {
  readonly kind: ErrorKind;
  /** What went wrong, as a heading. */
  readonly title: string;
  /** Why it happens and what to do about it, in general; the message of the error itself has the particulars. */
  readonly help: string;
}

export const ERRORS = {
  // --- general ---------------------------------------------------------------------------------------------------------
  INTERNAL: {
    kind: 'internal',
    title: 'zkonnx broke one of its own rules',
    help: 'This is a defect of zkonnx, not of your files. Please report it with the output of the same command and `--verbose`.',
  },
  USAGE: {
    kind: 'usage',
    title: 'The command or function was called wrongly',
    help: 'The message says which argument is wrong and what it takes. `zkonnx COMMAND --help` begins with examples.',
  },
  CANCELLED: {
    kind: 'cancelled',
    title: 'The work was cancelled',
    help: 'Ctrl-C or an AbortSignal stopped it. No file was left half-written; run the command again to continue from the last finished stage.',
  },
  FILE_NOT_FOUND: {
    kind: 'usage',
    title: 'A file does not exist or cannot be read',
    help: 'Check the path and the permissions.',
  },
  FILE_NOT_WRITTEN: {
    kind: 'artifact',
    title: 'A file could not be written',
    help: 'The folder is read-only or the disk is full. Nothing was left half-written.',
  },

  // --- model -----------------------------------------------------------------------------------------------------------
  MODEL_EMPTY: { kind: 'model', title: 'The model file is empty', help: 'Export the model again, or check that the download is complete.' },
  MODEL_MALFORMED: {
    kind: 'model',
    title: 'The file is not a readable ONNX model',
    help: 'It is truncated, or not an ONNX protobuf at all. Export it again, or check that the download is complete (a Git LFS pointer is a text file of 130 bytes).',
  },
  MODEL_INVALID: {
    kind: 'model',
    title: 'The ONNX graph is not valid',
    help: 'A tensor is used but never produced, a name is produced twice, a weight does not fit its shape, or a required attribute is missing. `onnx.checker.check_model` in Python tells more.',
  },
  MODEL_CYCLE: { kind: 'model', title: 'The graph has a cycle', help: 'An ONNX graph must be acyclic; the exporter that wrote this file is at fault.' },
  MODEL_OPSET_UNSUPPORTED: {
    kind: 'model',
    title: 'The opset version is not supported',
    help: 'Convert the model with `onnx.version_converter` to a version in the range that the message names.',
  },
  MODEL_EXTERNAL_DATA: {
    kind: 'model',
    title: 'External data of the model cannot be used',
    help: 'Weights stored outside the model file must lie in the folder of the model, under a relative path that does not leave it, and be as long as the model says.',
  },
  MODEL_TOO_LARGE: {
    kind: 'model',
    title: 'The circuit would not fit in memory',
    help: '`zkonnx estimate MODEL` says which layers are large, and what each stage would take. Use a smaller model, or a machine with more memory and `--max-memory`.',
  },
  OPERATOR_UNSUPPORTED: {
    kind: 'model',
    title: 'An operator cannot be proven',
    help: '`docs/operators.md` lists what can be proven. A float operator between DequantizeLinear and QuantizeLinear must be one that has an exact integer form.',
  },
  TYPE_UNSUPPORTED: { kind: 'model', title: 'An element type cannot be proven', help: 'Quantize the model to 8-bit integers.' },
  SHAPE_UNSUPPORTED: {
    kind: 'model',
    title: 'A shape is not known, or not supported',
    help: 'Every dimension must be known before proving. A symbolic batch dimension is bound to 1, or to the value of `--batch`.',
  },
  ACCUMULATOR_OVERFLOW: {
    kind: 'model',
    title: 'An accumulator can leave the int32 range',
    help: 'ONNX Runtime would wrap around silently, so zkonnx refuses. Use smaller weights (for example reduce_range) or split the layer.',
  },
  FIELD_OVERFLOW: { kind: 'model', title: 'A value could leave the field', help: 'A sum could exceed 2^250 in absolute value, where arithmetic modulo the field prime is no longer integer arithmetic.' },

  // --- data ------------------------------------------------------------------------------------------------------------
  INPUT_MALFORMED: { kind: 'input', title: 'An input file cannot be read', help: 'Inputs are JSON, NumPy arrays, ONNX TensorProto files or images; docs/inputs.md has the forms.' },
  INPUT_MISSING: { kind: 'input', title: 'An input of the model was not given', help: 'Give every input that the message lists.' },
  INPUT_UNKNOWN: { kind: 'input', title: 'The model has no input of that name', help: 'The message lists the names that the model has.' },
  INPUT_SHAPE: { kind: 'input', title: 'An input has the wrong shape', help: 'The message says which shape the model expects.' },
  INPUT_TYPE: { kind: 'input', title: 'An input has the wrong element type', help: 'The message says which type the model expects; float values for a quantized input are quantized only when the model itself begins with QuantizeLinear.' },
  VALUE_UNPROVABLE: {
    kind: 'input',
    title: 'This input leads to a value that cannot be proven',
    help: 'An integer is divided by zero, shifted by more than its width, or a 64-bit value leaves the 52 bits that are exact here (an int64 in Max, Min, Clip, Sign or ReduceMax: 32 bits, since ONNX Runtime on x86 compares larger ones wrongly). The circuit has no witness for such an input, so nothing was proven.',
  },
  INPUT_RANGE: { kind: 'input', title: 'An input value is outside its type', help: 'NaN, infinities where an integer is expected, fractions and values outside the range of the type are refused.' },

  // --- exactness -------------------------------------------------------------------------------------------------------
  NATIVE_MISMATCH: {
    kind: 'mismatch',
    title: 'The proven output differs from the native output',
    help: 'Nothing was proven. The message names the first node that differs and both values, and the processor where that is known to be the cause (u8 × s8 products without VNNI, QLinearAdd); `zkonnx doctor` runs the same probes. Otherwise zkonnx has a defect.',
  },
  NATIVE_FAILED: { kind: 'mismatch', title: 'ONNX Runtime could not run the model', help: 'The message repeats what ONNX Runtime said.' },
  WITNESS_UNSATISFIED: { kind: 'mismatch', title: 'The witness does not satisfy the constraints', help: 'The message names the row and the node it belongs to. This is a defect of zkonnx, or of the files it was given.' },

  // --- quantization ----------------------------------------------------------------------------------------------------
  DRIFT_EXCEEDED: {
    kind: 'gate',
    title: 'The quantized model drifts too far from the float model',
    help: 'The drift report says which layer loses most. Calibrate with more inputs, or with inputs that are more like those in use; try another observer; give the layers that hurt 16 bits (`--target-drift`). The quantized model and the report were written.',
  },

  // --- artifacts -------------------------------------------------------------------------------------------------------
  ARTIFACT_MISSING: { kind: 'artifact', title: 'A file of an earlier stage is missing', help: 'Run the stage that the message names.' },
  ARTIFACT_MALFORMED: { kind: 'artifact', title: 'A file is damaged, or not of the kind expected', help: 'Delete it and run the stage again that writes it.' },
  ARTIFACT_STALE: { kind: 'artifact', title: 'A file does not belong to the others', help: 'The chain of hashes in manifest.json is broken: a file was changed after it was written. Run the stage again that the message names.' },
  KEY_MISMATCH: { kind: 'artifact', title: 'The key does not belong to the model', help: 'Use the key that was made from this model’s R1CS, or make a new one with `zkonnx setup`.' },
  KEY_DEVELOPMENT: {
    kind: 'artifact',
    title: 'The key is a development key',
    help: 'Whoever made it can forge proofs. For anything of value use a key from a ceremony, or of PLONK and FFLONK one from published powers of tau; to go on all the same give `--allow-dev-key`.',
  },
  PROOF_SYSTEM: {
    kind: 'usage',
    title: 'This does not apply to the proof system of the key',
    help: 'Keys of PLONK and FFLONK have no second phase, so there is no ceremony to hold and no contribution to make, and snarkjs alone proves with them. `zkonnx statement` says which system a key is of; docs/plonk.md says what applies to which.',
  },
  POWERS_TOO_FEW: {
    kind: 'usage',
    title: 'The powers of tau are too few for the circuit',
    help: 'A gate of PLONK adds two terms, so that a circuit has more gates than rows, and FFLONK takes nine powers for each. The message says which power is needed; `zkonnx estimate` says it beforehand. Take a larger file of the same ceremony, or Groth16.',
  },
  CEREMONY_INVALID: {
    kind: 'artifact',
    title: 'A ceremony does not hold together',
    help: 'The message says which contribution or which part of the key is wrong. Go back to the last key that verifies (`zkonnx ceremony verify`), and have the contributions after it made again.',
  },

  // --- proofs ----------------------------------------------------------------------------------------------------------
  PROOF_MALFORMED: { kind: 'invalid', title: 'The proof or its public values cannot be read', help: 'The message says what was expected and what was found.' },
  PROOF_INVALID: { kind: 'invalid', title: 'The proof does not verify', help: 'The proof, the public values, the context and the verification key do not belong together.' },

  // --- chain -----------------------------------------------------------------------------------------------------------
  CHAIN_UNREACHABLE: { kind: 'chain', title: 'The EVM node cannot be reached', help: 'Check the RPC address, or install `@foundry-rs/anvil` for a local node.' },
  CHAIN_REJECTED: { kind: 'chain', title: 'The contract rejected the proof', help: 'The transaction reverted; the message has the typed error of the contract.' },
  CONTRACT_UNKNOWN: { kind: 'chain', title: 'There is no verifier contract at the address', help: 'Check the address and the chain; `zkonnx verify-onchain` deploys a verifier when no address is given.' },
  CONTRACT_TOO_LARGE: {
    kind: 'chain',
    title: 'The verifier contract would be too large',
    help: 'Each public signal (31 bytes of public input or output) makes the contract larger, and chains accept 24,576 bytes (EIP-170). Make large inputs or outputs private.',
  },
} as const satisfies Record<string, ErrorDescription>;

export type ErrorCode = keyof typeof ERRORS;
