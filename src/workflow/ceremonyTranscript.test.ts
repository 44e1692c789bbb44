import assert from 'node:assert/strict';
import { it } from 'node:test';
import { transcriptText, type CeremonyTranscript } from './ceremonyTranscript.js';

const transcript: CeremonyTranscript = {
  format: 'zkonnx-ceremony-transcript',
  version: 1,
  model: { name: 'model', sha256: 'a'.repeat(64) },
  circuit: { batch: 1, visibility: { inputs: 'public', outputs: 'public', weights: 'fixed' }, rows: 3, wires: 4, publicSignals: 1, sha256: 'b'.repeat(64), hash: 'c'.repeat(128) },
  powersOfTau: { file: 'own.ptau', power: 5, blake2b: 'd'.repeat(128) },
  contributions: [{ number: 1, kind: 'contribution', name: 'a\nbeacon 2\u001b[2J\u202eb', hash: '0123456789abcdef'.repeat(8) }],
  key: { file: 'key-0001.zkey', bytes: 5, sha256: 'e'.repeat(64) },
  missing: 'its contributions do not end with a beacon',
};

it('shows names as one line without control characters, hashes as snarkjs prints them, and what is missing', () => {
  const lines = transcriptText(transcript).split('\n');
  assert.ok(lines.includes('contribution 1: a\ufffdbeacon 2\ufffd[2J\ufffdb'));
  assert.equal(lines.filter((line) => line === '    01234567 89abcdef 01234567 89abcdef').length, 4);
  assert.ok(lines.includes('Not yet a ceremony key: its contributions do not end with a beacon.'));
});
