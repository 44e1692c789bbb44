/**
 * The folder of one model and its `manifest.json`, the chain of hashes that ties its files together. A stage records what it
 * was made from and what it wrote; a later command believes a file only if the chain up to it is whole.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { ZkonnxError } from '../errors/index.js';
import { readWholeFile, writeFileAtomically } from '../files/index.js';

const FileRecord = z.object({
  /** Name within the folder. */
  file: z.string().regex(/^[\w.-]+$/),
  bytes: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type FileRecord = z.infer<typeof FileRecord>;

const CompileStage = z.object({
  /** Hash of everything that the result depends on: the model, the options, the version of the compiler. */
  key: z.string(),
  canonical: FileRecord,
  plan: FileRecord,
  r1cs: FileRecord,
  rows: z.number().int(),
  wires: z.number().int(),
  publicSignals: z.number().int(),
});

const SetupStage = z.object({
  /** SHA-256 of the R1CS that the key was made for. */
  key: z.string(),
  provingKey: FileRecord,
  /** What a verifier needs, in one file. */
  verification: FileRecord,
  /** The verification key alone, as snarkjs reads it. */
  snarkjsKey: FileRecord,
  keyKind: z.enum(['development', 'ceremony']),
  keyReason: z.string(),
});

const VerifierStage = z.object({
  /** SHA-256 of the verification file. */
  key: z.string(),
  solidity: FileRecord,
});

const Manifest = z.object({
  format: z.literal('zkonnx-manifest'),
  version: z.literal(1),
  model: z.object({ name: z.string(), sha256: z.string() }),
  compile: CompileStage.optional(),
  setup: SetupStage.optional(),
  verifier: VerifierStage.optional(),
});
export type Manifest = z.infer<typeof Manifest>;

/** The default folder of a model: `artifacts/` and the name of its file without `.onnx`, in the current folder. */
export function defaultFolder(model: string): string {
  return resolve('artifacts', basename(model).replace(/\.onnx$/i, ''));
}

/**
 * The manifest of a folder, or undefined when there is none.
 * @throws ZkonnxError ARTIFACT_MALFORMED
 */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const file = join(folder, 'manifest.json');
  let bytes: Uint8Array;
  try {
    bytes = await readWholeFile(file);
  } catch (error) {
    if (error instanceof ZkonnxError && error.code === 'FILE_NOT_FOUND') return undefined;
    throw error;
  }
  return parseJson(bytes, Manifest, file);
}

/** Writes the manifest whole. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeJson(join(folder, 'manifest.json'), manifest);
}

/** Writes data as JSON, whole. */
export async function writeJson(path: string, data: unknown): Promise<void> {
  await writeFileAtomically({ path, data: `${JSON.stringify(data, null, 2)}\n` });
}

/**
 * Parses a JSON file and checks its form.
 * @throws ZkonnxError ARTIFACT_MALFORMED
 */
export function parseJson<T>(bytes: Uint8Array, schema: z.ZodType<T>, file: string): T {
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ZkonnxError('ARTIFACT_MALFORMED', { message: `${file} is not JSON.`, file, cause });
  }
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ZkonnxError('ARTIFACT_MALFORMED', { message: `${file} does not have the form expected.`, file, found: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` });
}

/** The record of a file that a stage has just written. */
export async function recordFile(folder: string, file: string): Promise<FileRecord> {
  const path = join(folder, file);
  return { file, bytes: (await stat(path)).size, sha256: await sha256OfFile(path) };
}

/**
 * The path of a recorded file, after checking that it is still what was written.
 * @param stage the command that writes it, for the error.
 * @throws ZkonnxError ARTIFACT_MISSING, ARTIFACT_STALE
 */
export async function checkedPath(folder: string, record: FileRecord, stage: string): Promise<string> {
  const path = join(folder, record.file);
  const size = await stat(path).then((status) => status.size, () => undefined);
  if (size === undefined) throw new ZkonnxError('ARTIFACT_MISSING', { message: `${path} is missing.`, file: path, fix: `Run \`zkonnx ${stage}\` again.` });
  if (size !== record.bytes || (await sha256OfFile(path)) !== record.sha256) {
    throw new ZkonnxError('ARTIFACT_STALE', {
      message: `${path} is not the file that \`zkonnx ${stage}\` wrote.`,
      file: path,
      expected: `${record.bytes} bytes, SHA-256 ${record.sha256}`,
      found: `${size} bytes${size === record.bytes ? ' with another hash' : ''}`,
      fix: `Run \`zkonnx ${stage}\` again.`,
    });
  }
  return path;
}

/** Whether every recorded file is there and unchanged. */
export async function intact(folder: string, records: readonly FileRecord[]): Promise<boolean> {
  try {
    for (const record of records) await checkedPath(folder, record, '');
    return true;
  } catch (error) {
    if (error instanceof ZkonnxError) return false;
    throw error;
  }
}

/** SHA-256 of bytes or text, in hexadecimal. */
export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}
