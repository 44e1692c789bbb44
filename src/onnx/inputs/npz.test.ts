// Files as NumPy 2.4 writes them, in base64, and archives that lie.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { zipSync } from 'fflate';
import type { ValueInfo } from '../graph.js';
import { tensor } from '../testing/graphBuilder.js';
import { throwsCode } from '../testing/throws.js';
import { tensorsFromNpz } from './npz.js';
import { checkShape } from './target.js';

const SAVED = 'UEsDBC0AAAAAAAAAIQCpsWg4//////////8FABQAeC5ucHkBABAAoAAAAAAAAACgAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmOCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCAyKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAA8D8AAAAAAAAEQAAAAAAAAAjAAAAAAAAAAABQSwMELQAAAAAAAAAhAI13xDz//////////wcAFABpZHMubnB5AQAQAIgAAAAAAAAAiAAAAAAAAACTTlVNUFkBAHYAeydkZXNjcic6ICc8aTQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgCgcAAAAJAAAAUEsBAi0DLQAAAAAAAAAhAKmxaDigAAAAoAAAAAUAAAAAAAAAAAAAAIABAAAAAHgubnB5UEsBAi0DLQAAAAAAAAAhAI13xDyIAAAAiAAAAAcAAAAAAAAAAAAAAIAB1wAAAGlkcy5ucHlQSwUGAAAAAAIAAgBoAAAAmAEAAAAA';
const COMPRESSED = 'UEsDBC0AAAAIAAAAIQCpsWg4//////////8FABQAeC5ucHkBABAAoAAAAAAAAABVAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CkaaOgq1CmQDLgYw+GAPoVkcIDTHAQYoAABQSwMELQAAAAgAAAAhAI13xDz//////////wcAFABpZHMubnB5AQAQAIgAAAAAAAAASwAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mirqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOpo6CrUKFAAudgYGBk4gBgBQSwECLQMtAAAACAAAACEAqbFoOFUAAACgAAAABQAAAAAAAAAAAAAAgAEAAAAAeC5ucHlQSwECLQMtAAAACAAAACEAjXfEPEsAAACIAAAABwAAAAAAAAAAAAAAgAGMAAAAaWRzLm5weVBLBQYAAAAAAgACAGgAAAAQAQAAAAA=';
const UNNAMED = 'UEsDBC0AAAAAAAAAIQDXkcTG//////////8JABQAYXJyXzAubnB5AQAQAJAAAAAAAAAAkAAAAAAAAACTTlVNUFkBAHYAeydkZXNjcic6ICc8ZjQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwgMiksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgCgAAgD8AACBAAABAwAAAAABQSwECLQMtAAAAAAAAACEA15HExpAAAACQAAAACQAAAAAAAAAAAAAAgAEAAAAAYXJyXzAubnB5UEsFBgAAAAABAAEANwAAAMsAAAAAAA==';

const inputs: readonly ValueInfo[] = [{ name: 'x', type: 'float32', shape: [2, 2] }, { name: 'ids', type: 'int32', shape: [2] }];
const [x] = inputs as readonly [ValueInfo, ValueInfo];
const decode = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));
const read = (bytes: Uint8Array, of = inputs, name?: string) => tensorsFromNpz({ inputs: of, bytes, name, checkShape });
const value = tensor('float32', [2, 2], [1, 2.5, -3, 0]);

describe('.npz', () => {
  it('reads arrays by name, compressed or not, and the only array of the only input', () => {
    for (const archive of [SAVED, COMPRESSED]) assert.deepEqual(read(decode(archive)), new Map([['x', value], ['ids', tensor('int32', [2], [7, 9])]]));
    assert.deepEqual(read(decode(UNNAMED), [x]), new Map([['x', value]]));
    assert.deepEqual(read(decode(UNNAMED), inputs, 'x'), new Map([['x', value]]));
  });

  it('refuses other names, other files and damaged archives', () => {
    throwsCode(() => read(decode(SAVED), [x]), 'INPUT_UNKNOWN');
    throwsCode(() => read(decode(UNNAMED)), 'INPUT_UNKNOWN');
    throwsCode(() => read(zipSync({ 'x.txt': new Uint8Array(3) })), 'INPUT_MALFORMED');
    throwsCode(() => read(zipSync({})), 'INPUT_MALFORMED');
    const whole = decode(COMPRESSED);
    for (let length = 0; length < whole.length; length += 7) throwsCode(() => read(whole.subarray(0, length)), 'INPUT_MALFORMED');
  });

  it('refuses an archive that would unpack to more than it may, or to more than it says', () => {
    const bomb = zipSync({ 'x.npy': new Uint8Array(2 ** 20) }, { level: 9 });
    const claim = (size: number): Uint8Array => {
      const bytes = bomb.slice();
      const view = new DataView(bytes.buffer);
      // The size after unpacking in the central directory, which begins where the end record says.
      view.setUint32(view.getUint32(bytes.length - 22 + 16, true) + 24, size, true);
      return bytes;
    };
    throwsCode(() => read(bomb), 'INPUT_MALFORMED');
    throwsCode(() => read(claim(2 ** 31)), 'INPUT_MALFORMED');
    throwsCode(() => read(claim(100)), 'INPUT_MALFORMED');
    const many = zipSync(Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`a${index}.npy`, new Uint8Array(1)])));
    throwsCode(() => read(many), 'INPUT_MALFORMED');
  });
});
