/**
 * A walk over the wire format of an ONNX file before protobufjs decodes it. protobufjs makes an object for every message and a
 * number for every packed integer, so a hostile file of some megabytes could fill the memory, and nested messages could exhaust
 * the stack. This walk allocates nothing: it finds truncation, estimates the memory that decoding takes, and bounds the depth.
 * https://protobuf.dev/programming-guides/encoding/
 */
import { ZkonnxError } from '../errors/index.js';

/** Estimated bytes of heap that the decoded messages may take. A model with 50 million weights in `float_data` takes 400 MB. */
const HEAP_LIMIT = 2 ** 30;
const DEPTH_LIMIT = 64;
const MESSAGE_COST = 400;
const FIELD_COST = 60;

/** What a length-delimited field holds: a message type of the table, or a packed list with the heap bytes it takes per file byte. */
type Content = MessageType | number;
type MessageType =
  | 'model' | 'training' | 'graph' | 'node' | 'attribute' | 'tensor' | 'sparse' | 'value' | 'type' | 'tensorType' | 'sequence'
  | 'map' | 'optional' | 'shape' | 'annotation' | 'function' | 'flat';

const LONGS = 40;
const NUMBERS = 8;
const FLOATS = 2;

/** The fields of each message that decode to more than one value (onnx.proto3, v1.10). All other fields count as one value each. */
const FIELDS: Readonly<Record<MessageType, Readonly<Record<number, Content>>>> = {
  model: { 7: 'graph', 8: 'flat', 14: 'flat', 20: 'training', 25: 'function' },
  training: { 1: 'graph', 2: 'graph', 3: 'flat', 4: 'flat' },
  graph: { 1: 'node', 5: 'tensor', 11: 'value', 12: 'value', 13: 'value', 14: 'annotation', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: {
    5: 'tensor', 6: 'graph', 7: FLOATS, 8: LONGS, 10: 'tensor', 11: 'graph', 14: 'type', 15: 'type', 22: 'sparse', 23: 'sparse',
  },
  tensor: { 1: LONGS, 3: 'flat', 4: FLOATS, 5: NUMBERS, 7: LONGS, 10: FLOATS, 11: LONGS, 13: 'flat' },
  sparse: { 1: 'tensor', 2: 'tensor', 3: LONGS },
  value: { 2: 'type' },
  type: { 1: 'tensorType', 4: 'sequence', 5: 'map', 8: 'tensorType', 9: 'optional' },
  tensorType: { 2: 'shape' },
  sequence: { 1: 'type' },
  map: { 2: 'type' },
  optional: { 1: 'type' },
  shape: { 1: 'flat' },
  annotation: { 2: 'flat' },
  function: { 7: 'node', 9: 'flat' },
  flat: {},
};

/**
 * Checks that bytes are a whole protobuf message that can be decoded safely.
 * @throws ZkonnxError MODEL_MALFORMED or MODEL_TOO_LARGE; the caller may know better what kind of file it is.
 */
export function checkWire({ bytes, message, file }: { bytes: Uint8Array; message: 'model' | 'tensor'; file?: string | undefined }): void {
  let cost = 0;
  let position = 0;

  const malformed = (what: string): never => {
    throw new ZkonnxError('MODEL_MALFORMED', { message: `The file is not a readable ONNX ${message}: ${what} at byte ${position} of ${bytes.length}.`, file });
  };
  const spend = (amount: number): void => {
    cost += amount;
    if (cost > HEAP_LIMIT) {
      throw new ZkonnxError('MODEL_TOO_LARGE', {
        message: `Reading the ${message} would take more than ${HEAP_LIMIT / 2 ** 20} MB of memory.`,
        file,
        fix: 'Store the weights as raw_data (onnx.numpy_helper.from_array does), which needs no memory beyond its own bytes.',
      });
    }
  };
  // Lengths and tags are below 2^53, so plain numbers hold them; values of longer varints do not matter here.
  const varint = (end: number): number => {
    let value = 0;
    for (let index = 0; index < 10; index++) {
      if (position >= end) malformed('it ends within a number');
      const byte = bytes[position++] as number;
      value += (byte & 127) * 2 ** (7 * index);
      if (byte < 128) return value;
    }
    return malformed('a number is longer than ten bytes');
  };
  const walk = (type: MessageType, end: number, depth: number): void => {
    if (depth > DEPTH_LIMIT) malformed(`messages are nested more than ${DEPTH_LIMIT} deep`);
    spend(MESSAGE_COST);
    while (position < end) {
      const tag = varint(end);
      const field = Math.floor(tag / 8);
      if (field === 0) malformed('a field has the number 0');
      spend(FIELD_COST);
      const content = FIELDS[type][field];
      switch (tag % 8) {
        case 0:
          if (typeof content === 'string') malformed(`field ${field} is a number where a message is expected`);
          varint(end);
          break;
        case 1: position += 8; break;
        case 5: position += 4; break;
        case 2: {
          const length = varint(end);
          if (length > end - position) malformed(`a field of ${length} bytes does not fit into what is left`);
          if (typeof content === 'string') walk(content, position + length, depth + 1);
          else {
            spend((content ?? 0) * length);
            position += length;
          }
          break;
        }
        default: malformed(`field ${field} has an unknown wire type`);
      }
      if (position > end) malformed('it ends within a field');
    }
  };
  walk(message, bytes.length, 0);
}
