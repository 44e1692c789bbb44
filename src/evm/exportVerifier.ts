import { ZkonnxError } from '../errors/index.js';
import { parsePublicLayout, type PublicLayout } from '../verify/publicLayout.js';
import type { InferenceParts } from './inferenceParts.js';
import { packingPlan } from './packingPlan.js';
import { contractIdentifier } from './solidityText.js';
import { checkVerificationKey } from './verificationKey.js';
import { verifierTemplate } from './verifierTemplate.js';

/** More public signals than this do not fit into the 24,576 bytes that EIP-170 allows a contract. */
export const MAX_PUBLIC_SIGNALS = 255;

export interface ExportVerifierOptions {
  /** The verification key, as read from snarkjs's JSON form; it is checked here. */
  readonly verificationKey: unknown;
  readonly layout: PublicLayout;
  /** Name of the model, any text, and SHA-256 of the ONNX file, 64 hexadecimal digits. */
  readonly model: { readonly name: string; readonly sha256: string };
  /** Whether the key has no ceremony transcript that verifies. */
  readonly developmentKey: boolean;
  /** Go on with a development key; the contract is marked. */
  readonly allowDevelopmentKey?: boolean;
}

export interface ExportedVerifier {
  readonly contractName: string;
  /** Solidity, complete in one file. */
  readonly source: string;
  /** Runs for the compiler's optimizer, where the contract is larger than chains accept with the usual number. */
  readonly optimizerRuns?: number;
}

/**
 * Writes the Solidity verifier of one verification key. Deterministic: the same arguments give the same bytes.
 *
 * Throws KEY_DEVELOPMENT for a development key that is not allowed, ARTIFACT_MALFORMED for a layout that is not one and for a key that is
 * damaged or plainly unsafe, KEY_MISMATCH when the key has not as many public signals as the layout, CONTRACT_TOO_LARGE when there are too many.
 */
export function exportVerifier(options: ExportVerifierOptions): ExportedVerifier {
  const frame = verifierFrame(options, MAX_PUBLIC_SIGNALS);
  const key = checkVerificationKey(options.verificationKey);
  if (key.signals.length !== frame.plan.signals) {
    throw new ZkonnxError('KEY_MISMATCH', {
      message: 'The verification key does not have as many public signals as the public layout of the model.',
      expected: String(frame.plan.signals),
      found: String(key.signals.length),
    });
  }
  return { contractName: frame.contractName, source: verifierTemplate({ ...frame, key }) };
}

/**
 * What every verifier contract has, whatever the system of its key.
 * @throws KEY_DEVELOPMENT, USAGE, ARTIFACT_MALFORMED, CONTRACT_TOO_LARGE
 */
export function verifierFrame({ layout, model, developmentKey, allowDevelopmentKey = false }: Omit<ExportVerifierOptions, 'verificationKey'>, maxSignals: number): InferenceParts {
  if (developmentKey && !allowDevelopmentKey) {
    throw new ZkonnxError('KEY_DEVELOPMENT', { message: 'A verifier contract is not exported for a development key: whoever made the key can forge proofs.' });
  }
  if (!/^[0-9a-f]{64}$/.test(model.sha256)) {
    throw new ZkonnxError('USAGE', { message: 'model.sha256 is not a SHA-256 digest.', expected: '64 hexadecimal digits', found: JSON.stringify(model.sha256) });
  }
  const plan = packingPlan(parsePublicLayout(layout));
  if (plan.signals > maxSignals) throw tooManySignals(plan.signals, maxSignals);
  const contractName = `${contractIdentifier(model.name)}Verifier${developmentKey ? 'DevelopmentKey' : ''}`;
  return { contractName, modelName: model.name, modelHash: model.sha256, developmentKey, plan };
}

function tooManySignals(signals: number, most: number): ZkonnxError {
  return new ZkonnxError('CONTRACT_TOO_LARGE', {
    message: `The verifier contract of ${signals} public signals would be larger than a chain accepts.`,
    expected: `at most ${most} public signals (31 bytes each)`,
    found: String(signals),
  });
}
