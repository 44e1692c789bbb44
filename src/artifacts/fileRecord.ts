/** What a stage remembers of a file that it wrote, so that a later command can tell whether it is still the same. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ZkonnxError } from '../errors/index.js';
import { form, type Formed } from '../files/index.js';
import { sha256OfFile } from './sha256.js';

export const FileRecord = form.object({
  /** Name within the folder. */
  file: form.text(/^[\w.-]+$/),
  bytes: form.integer({ from: 0 }),
  sha256: form.text(/^[0-9a-f]{64}$/),
});
export type FileRecord = Formed<typeof FileRecord>;

/** The record of a file that has just been written. */
export async function recordFile(folder: string, file: string): Promise<FileRecord> {
  const path = join(folder, file);
  return { file, bytes: (await stat(path)).size, sha256: await sha256OfFile(path) };
}

/**
 * The path of a recorded file, after checking that it is still what was written.
 * @param stage the command that writes it, for the error
 * @throws ZkonnxError ARTIFACT_MISSING, ARTIFACT_STALE
 */
export async function checkedPath({ folder, record, stage }: { readonly folder: string; readonly record: FileRecord; readonly stage: string }): Promise<string> {
  const path = join(folder, record.file);
  const size = await stat(path).then((status) => status.size, () => undefined);
  if (size === undefined) throw new ZkonnxError('ARTIFACT_MISSING', { message: `${path} is missing.`, file: path, fix: `Run \`zkonnx ${stage}\` again.` });
  if (size !== record.bytes || (await sha256OfFile(path)) !== record.sha256) {
    throw new ZkonnxError('ARTIFACT_STALE', {
      message: `${path} is not the file that \`zkonnx ${stage}\` wrote.`,
      file: path,
      expected: `${record.bytes} bytes, SHA-256 ${record.sha256}`,
      found: `${size} bytes${size === record.bytes ? ' with another hash' : ''}`,
      fix: `Run \`zkonnx ${stage}\` again; it writes the file anew.`,
    });
  }
  return path;
}

/** Whether every recorded file is there and unchanged. */
export async function intact(folder: string, records: readonly FileRecord[]): Promise<boolean> {
  try {
    for (const record of records) await checkedPath({ folder, record, stage: '' });
    return true;
  } catch (error) {
    if (error instanceof ZkonnxError) return false;
    throw error;
  }
}
