/**
 * The API of zkonnx: the functions behind the commands of the same names. They take one object, load what is heavy when it is
 * needed, throw {@link ZkonnxError} only, and stop at an AbortSignal. Nothing else of the package follows semantic versioning,
 * but for the sub-paths `zkonnx/verify` and `zkonnx/evm`.
 */
export { ERRORS, EXIT_STATUS, ZkonnxError, isZkonnxError, type ErrorCode, type ErrorDescription, type ErrorDetails, type ErrorKind, type ErrorReport } from './errors/index.js';
export { checkModel, type CheckModelParameters, type CheckModelReturnType, type Edge } from './workflow/checkModel.js';
export { commitModel, type CommitModelParameters, type CommitModelReturnType, type CommitSubject } from './workflow/commitModel.js';
export { describeStatement, type DescribeStatementParameters, type DescribeStatementReturnType, type SignalRange } from './workflow/describeStatement.js';
export { compileModel, type CompileModelParameters, type CompileModelReturnType } from './workflow/compileModel.js';
export { estimateModel, type EstimateModelParameters, type EstimateModelReturnType, type LayerEstimate, type UniversalEstimate, type StageTimes } from './workflow/estimateModel.js';
export { applyCeremonyBeacon, contributeToCeremony, type ApplyCeremonyBeaconParameters, type CeremonyStepReturnType, type ContributeToCeremonyParameters } from './workflow/contributeToCeremony.js';
export { exportModelVerifier, type ExportModelVerifierParameters, type ExportModelVerifierReturnType } from './workflow/exportModelVerifier.js';
export { finalizeCeremony, type FinalizeCeremonyParameters, type FinalizeCeremonyReturnType } from './workflow/finalizeCeremony.js';
export { initCeremony, type InitCeremonyParameters, type InitCeremonyReturnType } from './workflow/initCeremony.js';
export { inspectMachine, type InspectMachineReturnType } from './workflow/inspectMachine.js';
export type { CheckedNode, NodeVerdict } from './workflow/analyseModel.js';
export type { Problem, Verdict } from './workflow/problem.js';
export { probeRuntime, type ArithmeticDifference } from './workflow/probeRuntime.js';
export type { ProfileName, ProfileVerdict } from './workflow/profile.js';
export type { NodeCost } from './workflow/nodeCost.js';
export type { UnportableNode } from './workflow/portability.js';
export type { FolderOptions, Progress, Stage, WorkflowOptions } from './workflow/progress.js';
export type { InputSource } from './workflow/proofInputs.js';
export { proveInputs, type ProveInputsParameters, type ProveInputsReturnType, type WrittenProof } from './workflow/proveInputs.js';
export { quantizeModel, type CalibrationSource, type QuantizeModelParameters, type QuantizeModelReturnType } from './workflow/quantizeModel.js';
export type { ObserverName, QuantizeOptions, TensorOverride } from './quantize/options.js';
export type { QuantizedTensor } from './quantize/quantizeModel.js';
export type { ObserverTrial } from './quantize/chooseObserver.js';
export { reportDrift, type ReportDriftParameters, type ReportDriftReturnType, type SetSource } from './workflow/reportDrift.js';
export type { DriftLayer, DriftReport } from './quantize/drift/driftReport.js';
export { runModel, type RunModelParameters, type RunModelReturnType } from './workflow/runModel.js';
export { setupModel, type KeySource, type SetupModelParameters, type SetupModelReturnType } from './workflow/setupModel.js';
export type { CeremonyTranscript, TranscriptEntry } from './workflow/ceremonyTranscript.js';
export { verifyCeremony, type VerifyCeremonyParameters, type VerifyCeremonyReturnType } from './workflow/verifyCeremony.js';
export { verifyKey, type VerifyKeyParameters, type VerifyKeyReturnType } from './workflow/verifyKey.js';
export { verifyProofFile, type VerificationSource, type VerifyProofFileParameters, type VerifyProofFileReturnType } from './workflow/verifyProofFile.js';
export { verifyProofOnChain, type VerifyProofOnChainParameters, type VerifyProofOnChainReturnType } from './workflow/verifyProofOnChain.js';
export type { Committed, TensorVisibility, Visibility, WeightsVisibility } from './verify/visibility.js';
export type { CommitmentTexts, IntegerTensor, KeyOrigin, ProofFile, VerificationFile } from './artifacts/index.js';
export type { BackendChoice } from './prove/index.js';
export type { ProofSystem } from './setup/index.js';
export type { ImageOptions, InputFile } from './onnx/inputs.js';
