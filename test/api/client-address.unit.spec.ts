/** Whose address counts, with proxies in front and with callers who write headers of their own. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createClientAddress } from '../../src/api/client-address.ts';
import { holds } from '../support/properties.ts';

const behindProxies = createClientAddress(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']);

it('is the peer where no proxy is trusted, whatever the header says', () => {
  expect(createClientAddress([])('203.0.113.9', '198.51.100.1')).toBe('203.0.113.9');
});

it('is the peer where the peer is no proxy', () => {
  expect(behindProxies('203.0.113.9', '198.51.100.1')).toBe('203.0.113.9');
});

it('is the last that no proxy has, past any number of proxies', () => {
  expect(behindProxies('10.1.2.3', '198.51.100.1')).toBe('198.51.100.1');
  expect(behindProxies('10.1.2.3', '203.0.113.9, 198.51.100.1, 192.0.2.7, 10.9.9.9')).toBe('198.51.100.1');
  expect(behindProxies('2001:db8::1', '2001:db9::5,2001:db8:1::2')).toBe('2001:db9::5');
});

it('knows IPv4 inside IPv6', () => {
  expect(behindProxies('::ffff:10.1.2.3', '::ffff:198.51.100.1')).toBe('198.51.100.1');
  expect(createClientAddress(['10.0.0.1'])('::ffff:203.0.113.9', undefined)).toBe('203.0.113.9');
});

it('is the nearest proxy where the header says nothing, or nothing that is an address', () => {
  for (const header of [undefined, '', 'unknown', '198.51.100.1:4711', '198.51.100.1, ?']) {
    expect(behindProxies('10.1.2.3', header)).toBe('10.1.2.3');
  }
  expect(behindProxies('10.1.2.3', '?, 10.0.0.9')).toBe('10.0.0.9');
});

it('cannot be chosen by a caller, who can only write what stands before it', () => {
  holds(
    fc.property(fc.string({ maxLength: 60 }), (forged) => {
      expect(behindProxies('10.1.2.3', `${forged},198.51.100.1`)).toBe('198.51.100.1');
    }),
  );
});
