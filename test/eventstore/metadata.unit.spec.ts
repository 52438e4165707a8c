import { describe, expect, it } from 'vitest';
import { decodeMetadata, encodeMetadata } from '../../src/eventstore/metadata.ts';

const context = { correlationId: 'request', causationId: 'command', actor: 'ann' };
const stored = (bytes: Uint8Array): Record<string, unknown> => JSON.parse(Buffer.from(bytes).toString());

describe('The metadata of an event', () => {
  it('says how the command was dispatched, and nothing of it where there are no several ways', () => {
    const dispatched = stored(encodeMetadata({ ...context, mode: 'v3' }, 1, {}));
    expect(decodeMetadata(dispatched)).toEqual({ ...context, schemaVersion: 1, mode: 'v3' });
    const other = stored(encodeMetadata(context, 1, {}));
    expect(other).not.toHaveProperty('mode');
    expect(decodeMetadata(other)).toEqual({ ...context, schemaVersion: 1 });
  });

  it('of a release that did not record the mode is read as ever', () => {
    const old = { $correlationId: 'request', $causationId: 'command', schemaVersion: 1, actor: 'ann' };
    expect(decodeMetadata(old)).toEqual({ ...context, schemaVersion: 1 });
    expect(decodeMetadata({ ...old, mode: 7 })).toEqual({ ...context, schemaVersion: 1 });
  });
});
