/** Whether what lies in a folder is whole: every file under its final name can be read to its end. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { readPlanFile } from '../../src/compile/planFile.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { readR1csFile } from '../../src/r1cs/r1csFile.js';
import { checkZkey, readPower } from '../../src/setup/index.js';

const asText = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

/** Readers by the end of the name. All but the last three throw where a file ends too early. */
const READERS: Readonly<Record<string, (bytes: Uint8Array, path: string) => unknown>> = {
  '.onnx': (bytes) => decodeModel({ bytes }),
  '.r1cs': (bytes) => readR1csFile(bytes),
  '.zkey': (bytes) => checkZkey(bytes),
  '.zkplan': (bytes) => readPlanFile(bytes),
  '.ptau': (_, path) => readPower(path),
  '.json': (bytes) => JSON.parse(asText(bytes)) as unknown,
  '.html': (bytes) => endsWith(bytes, '</html>'),
  '.sol': (bytes) => endsWith(bytes, '}'),
  '.txt': (bytes) => endsWith(bytes, '\n'),
};

function endsWith(bytes: Uint8Array, end: string): void {
  const text = asText(bytes);
  if (!(end === '\n' ? text : text.trimEnd()).endsWith(end)) throw new Error(`it does not end with ${JSON.stringify(end)}`);
}

/** The files that are not whole, and why. Temporary ones, which a kill leaves behind, are not looked at. */
export async function brokenFiles(folder: string): Promise<string[]> {
  const broken: string[] = [];
  for (const name of readdirSync(folder, { recursive: true }).map(String)) {
    const path = join(folder, name);
    if (name.endsWith('.tmp') || !statSync(path).isFile()) continue;
    const read = READERS[extname(name)];
    try {
      if (read === undefined) throw new Error('no reader');
      await read(readFileSync(path), path);
    } catch (error) {
      broken.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return broken;
}
