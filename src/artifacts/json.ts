/** JSON files whose form is checked when they are read. */
import { ZkonnxError } from '../errors/index.js';
import { form, readWholeFile, writeFileAtomically, type Form } from '../files/index.js';

export interface WriteJsonParameters {
  readonly path: string;
  readonly data: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** Writes data as JSON, whole. @throws FILE_NOT_WRITTEN, CANCELLED */
export async function writeJson({ path, data, signal }: WriteJsonParameters): Promise<void> {
  await writeFileAtomically({ path, data: `${JSON.stringify(data, null, 2)}\n`, signal });
}

/** Reads a JSON file. @throws FILE_NOT_FOUND, ARTIFACT_MALFORMED */
export async function readJson<T>(path: string, schema: Form<T>): Promise<T> {
  return parseJson(await readWholeFile(path), schema, path);
}

/** Parses JSON and checks its form. @throws ARTIFACT_MALFORMED */
export function parseJson<T>(bytes: Uint8Array, schema: Form<T>, file: string): T {
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ZkonnxError('ARTIFACT_MALFORMED', { message: `${file} is not JSON.`, file, cause });
  }
  return checkForm(data, schema, file);
}

/** Checks the form of parsed JSON. @throws ARTIFACT_MALFORMED */
export function checkForm<T>(data: unknown, schema: Form<T>, file: string): T {
  try {
    return schema(data, '');
  } catch (cause) {
    if (!(cause instanceof form.FormMismatch)) throw cause;
    throw new ZkonnxError('ARTIFACT_MALFORMED', { message: `${file} does not have the form expected.`, file, found: cause.message, cause });
  }
}
