/**
 * The container that all of iden3's files share (`.r1cs`, `.wtns`, `.zkey`, `.ptau`): four letters, a version, the number of
 * sections, then for each section its type, its size and its bytes. All integers are little-endian. Sections may come in any
 * order; unknown ones are ignored. (https://github.com/iden3/r1csfile, https://github.com/iden3/binfileutils.)
 */
import { ZkonnxError } from '../errors/index.js';
import { openForReading, writeAtomically, type AtomicFile } from '../files/index.js';

/** A file by its path, or its bytes. */
export type BinSource = string | Uint8Array;

export interface BinFileFormat {
  /** Four letters. */
  readonly magic: string;
  readonly version: number;
}

/** No format of the family has more than 20 section types. */
const MOST_SECTIONS = 64;
const LARGEST_READ = 2 ** 30;

/** An open container. Close it. */
export class BinFileReader {
  /** What messages call the file. */
  readonly name: string;
  readonly #read: (position: number, length: number) => Promise<Uint8Array>;
  readonly #close: () => Promise<void>;
  readonly #sections: ReadonlyMap<number, { readonly position: number; readonly size: number }>;

  private constructor(
    name: string,
    read: (position: number, length: number) => Promise<Uint8Array>,
    close: () => Promise<void>,
    sections: ReadonlyMap<number, { readonly position: number; readonly size: number }>,
  ) {
    this.name = name;
    this.#read = read;
    this.#close = close;
    this.#sections = sections;
  }

  /**
   * Opens a container and reads its table of sections.
   * @throws FILE_NOT_FOUND, or ARTIFACT_MALFORMED when it is of another kind or version, or when a section leaves the file.
   */
  static async open(source: BinSource, format: BinFileFormat): Promise<BinFileReader> {
    if (typeof source !== 'string') {
      const name = `the .${format.magic} data`;
      // A plain array: slice() of Node's Buffer, which may be given, does not copy.
      const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
      const read = async (position: number, length: number) => bytes.subarray(position, position + length);
      return new BinFileReader(name, read, async () => undefined, await readTable(name, source.length, read, format));
    }
    const { handle, size } = await openForReading(source);
    const read = async (position: number, length: number) => {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, LARGEST_READ), position + done);
        if (bytesRead === 0) throw malformed(source, `the file became shorter while it was read`);
        done += bytesRead;
      }
      return bytes;
    };
    try {
      return new BinFileReader(source, read, () => handle.close(), await readTable(source, size, read, format));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  has(type: number): boolean {
    return this.#sections.has(type);
  }

  /** The size of a section in bytes. @throws ARTIFACT_MALFORMED when there is none. */
  size(type: number): number {
    return this.#section(type).size;
  }

  /**
   * Bytes of a section, all of them by default. Not a copy when the container is in memory.
   * @throws ARTIFACT_MALFORMED when the section is absent or shorter than that.
   */
  async read(type: number, offset = 0, length?: number): Promise<Uint8Array> {
    const { position, size } = this.#section(type);
    const wanted = length ?? size - offset;
    if (wanted < 0 || offset + wanted > size) throw malformed(this.name, `section ${type} is too short`, `${offset + wanted} bytes`, `${size} bytes`);
    return this.#read(position + offset, wanted);
  }

  /** @throws ARTIFACT_MALFORMED when the section has another size. */
  expectSize(type: number, size: number): void {
    const actual = this.size(type);
    if (actual !== size) throw malformed(this.name, `section ${type} has the wrong size`, `${size} bytes`, `${actual} bytes`);
  }

  close(): Promise<void> {
    return this.#close();
  }

  #section(type: number): { readonly position: number; readonly size: number } {
    const section = this.#sections.get(type);
    if (section === undefined) throw malformed(this.name, `section ${type} is missing`);
    return section;
  }
}

/** The error for a damaged file. */
export function malformed(name: string, what: string, expected?: string, found?: string): ZkonnxError {
  return new ZkonnxError('ARTIFACT_MALFORMED', { message: `${name}: ${what}`, file: name, expected, found });
}

async function readTable(
  name: string,
  fileSize: number,
  read: (position: number, length: number) => Promise<Uint8Array>,
  { magic, version }: BinFileFormat,
): Promise<Map<number, { position: number; size: number }>> {
  if (fileSize < 12) throw malformed(name, `not a .${magic} file`, 'at least 12 bytes', `${fileSize} bytes`);
  const head = view(await read(0, 12));
  const letters = String.fromCharCode(...[0, 1, 2, 3].map((index) => head.getUint8(index)));
  if (letters !== magic) throw malformed(name, `not a .${magic} file`, `the letters ${magic} at the beginning`, JSON.stringify(letters));
  const foundVersion = head.getUint32(4, true);
  // snarkjs reads every version up to the one it knows; no format of the family has changed within those.
  if (foundVersion < 1 || foundVersion > version) throw malformed(name, `unknown version of .${magic}`, `1 to ${version}`, String(foundVersion));
  const count = head.getUint32(8, true);
  if (count > MOST_SECTIONS) throw malformed(name, 'too many sections', `at most ${MOST_SECTIONS}`, String(count));
  const sections = new Map<number, { position: number; size: number }>();
  let position = 12;
  for (let index = 0; index < count; index++) {
    if (position + 12 > fileSize) throw malformed(name, `truncated before section ${index + 1} of ${count}`);
    const entry = view(await read(position, 12));
    const type = entry.getUint32(0, true);
    const size = entry.getUint32(4, true) + entry.getUint32(8, true) * 2 ** 32;
    position += 12;
    if (position + size > fileSize) throw malformed(name, `section ${type} leaves the file`, `at most ${fileSize - position} bytes`, `${size} bytes`);
    if (sections.has(type)) throw malformed(name, `section ${type} occurs twice`);
    sections.set(type, { position, size });
    position += size;
  }
  if (position !== fileSize) throw malformed(name, 'bytes after the last section', `${position} bytes`, `${fileSize} bytes`);
  return sections;
}

/** Writes the sections of a container, one after the other. */
export interface BinFileWriter {
  /** Writes one section; `body` appends its bytes. */
  section(type: number, body: (append: (bytes: Uint8Array) => Promise<void>) => Promise<void>): Promise<void>;
}

export interface WriteBinFileParameters extends BinFileFormat {
  readonly path: string;
  readonly sectionCount: number;
  readonly signal?: AbortSignal | undefined;
}

/** Writes a container as a whole; see `writeAtomically` for what that means. @throws FILE_NOT_WRITTEN, CANCELLED */
export async function writeBinFile(
  { path, magic, version, sectionCount, signal }: WriteBinFileParameters,
  body: (writer: BinFileWriter) => Promise<void>,
): Promise<void> {
  await writeAtomically({ path, signal }, async (file) => {
    await file.append(containerHead({ magic, version }, sectionCount));
    await body({ section: (type, write) => writeSection(file, type, write) });
  });
}

async function writeSection(file: AtomicFile, type: number, body: (append: (bytes: Uint8Array) => Promise<void>) => Promise<void>): Promise<void> {
  const start = file.size;
  await file.append(sectionHead(type, 0));
  await body((bytes) => file.append(bytes));
  await file.overwrite(sectionHead(type, file.size - start - 12), start);
}

/** The first 12 bytes of a container. */
export function containerHead({ magic, version }: BinFileFormat, sectionCount: number): Uint8Array {
  const bytes = new Uint8Array(12);
  bytes.set(new TextEncoder().encode(magic));
  view(bytes).setUint32(4, version, true);
  view(bytes).setUint32(8, sectionCount, true);
  return bytes;
}

/** The 12 bytes before a section. */
export function sectionHead(type: number, size: number): Uint8Array {
  const bytes = new Uint8Array(12);
  view(bytes).setUint32(0, type, true);
  view(bytes).setUint32(4, size % 2 ** 32, true);
  view(bytes).setUint32(8, Math.floor(size / 2 ** 32), true);
  return bytes;
}

/** A view of the same bytes. */
export function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
