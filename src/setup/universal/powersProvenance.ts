/** What the powers of tau of a universal key are worth: they are all the setup that it has. */
import { ZkonnxError } from '../../errors/index.js';
import { BinFileReader, malformed, view } from '../../r1cs/binFile.js';
import { readPowersOfTau } from '../ceremony/powersOfTau.js';
import type { KeyProvenance } from '../provenance.js';

export interface PowersProvenanceParameters {
  readonly ptauPath: string;
  /** BLAKE2b-512 of the file, in hexadecimal, as its makers published it. */
  readonly expectedDigest?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type PowersProvenance = KeyProvenance & Required<Pick<KeyProvenance, 'ptauDigest'>>;

/**
 * 'ceremony' when the file is one of the published ones that zkonnx knows, or the one whose digest was given and which records
 * contributions; else 'development'. Anyone can make a file of powers with contributions in it, all of them their own: what counts is
 * whether it is the file that many have contributed to, and that only a digest from another source can say.
 *
 * @throws ZkonnxError CEREMONY_INVALID when it is another file than the digest says, FILE_NOT_FOUND, ARTIFACT_MALFORMED, CANCELLED
 */
export async function powersProvenance({ ptauPath, expectedDigest, signal }: PowersProvenanceParameters): Promise<PowersProvenance> {
  const { digest, published } = await readPowersOfTau(ptauPath, signal);
  if (expectedDigest !== undefined && normalised(expectedDigest) !== digest) {
    throw new ZkonnxError('CEREMONY_INVALID', { message: `${ptauPath} is not the powers-of-tau file with the digest that was given.`, file: ptauPath, expected: normalised(expectedDigest).slice(0, 140), found: digest, fix: 'Compare with the BLAKE2b-512 digest that the makers of the file published, and download it again.' });
  }
  if (published !== undefined) return { provenance: 'ceremony', reason: `its powers of tau are ${published}`, ptauDigest: digest, ptauPublished: published };
  const contributions = await contributionCount(ptauPath);
  if (contributions === 0) return { provenance: 'development', reason: 'its powers of tau record no contributions', ptauDigest: digest };
  return expectedDigest === undefined
    ? { provenance: 'development', reason: 'zkonnx does not know its powers of tau, and no published digest of them was given (--ptau-digest)', ptauDigest: digest }
    : { provenance: 'ceremony', reason: 'its powers of tau are the file whose digest was given to setup', ptauDigest: digest };
}

function normalised(digest: string): string {
  return digest.toLowerCase().replace(/^0x/, '').replace(/\s/g, '');
}

const FORMAT = { magic: 'ptau', version: 1 } as const;
const CONTRIBUTIONS = 7;

async function contributionCount(path: string): Promise<number> {
  const file = await BinFileReader.open(path, FORMAT);
  try {
    if (!file.has(CONTRIBUTIONS)) return 0;
    const bytes = await file.read(CONTRIBUTIONS, 0, Math.min(4, file.size(CONTRIBUTIONS)));
    if (bytes.length < 4) throw malformed(path, 'the section of contributions is too short');
    return view(bytes).getUint32(0, true);
  } finally {
    await file.close();
  }
}
