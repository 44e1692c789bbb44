/** `zkonnx/verify`: needs neither ONNX Runtime nor a chain library, and runs in browsers. */
export { ZkonnxError, isZkonnxError, type ErrorCode } from '../errors/index.js';
export type { AnyVerificationKey } from '../setup/anyVerificationKey.js';
export type { FflonkVerificationKey, PlonkVerificationKey } from '../setup/universal/universalKeyFile.js';
export type { G1Json, G2Json, VerificationKey } from '../setup/verificationKey.js';
export { commit, type CommitParameters } from './commitment.js';
export { commitmentText, parseCommitment } from './fieldElement.js';
export { contractBytes, packPublic, parseContext, publicBytes, unpackPublic, type Commitments, type Context, type PublicValues, type TensorsByName, type TensorValues, type TypedValues, type UnpackedPublic } from './packing.js';
export type { AnyProof, FflonkProof, Groth16Proof, PlonkProof, ProofG1, ProofG2 } from './proof.js';
export {
  contextOffset,
  elementBytes,
  elementCount,
  elementsPerWord,
  isSigned,
  parsePublicLayout,
  publicLayout,
  signalCount,
  wordCount,
  type PublicLayout,
  type PublicTensor,
  type PublicType,
  type UnplacedLayout,
} from './publicLayout.js';
export { verifyInference, type VerifyInferenceParameters } from './verifyInference.js';
export { ALL_PUBLIC, committedParts, type Committed, type TensorVisibility, type Visibility, type WeightsVisibility } from './visibility.js';
export { verifyProof, type VerifyProofParameters } from './verifyProof.js';
