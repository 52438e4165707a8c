/**
 * Whose request it is, behind proxies: the last address in `X-Forwarded-For` that no proxy of ours has. What stands before
 * it anybody may have written.
 */
import { BlockList, isIP, isIPv4 } from 'node:net';

/** The peer's address is what the connection comes from; `forwardedFor` is the header as it came. */
export type ClientAddress = (peer: string, forwardedFor: string | undefined) => string;

/** IPv6 has IPv4 inside where a socket takes both. */
const MAPPED = /^::ffff:(?=\d+\.)/i;

/** `trusted` are addresses or networks such as `10.0.0.0/8` of proxies; without any, it is the peer. */
export const createClientAddress = (trusted: readonly string[]): ClientAddress => {
  if (trusted.length === 0) return (peer) => peer;
  const proxies = new BlockList();
  for (const network of trusted) {
    const [address = '', prefix] = network.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (prefix === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(prefix), family);
  }
  const isProxy = (address: string): boolean => proxies.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  return (peer, forwardedFor = '') => {
    let client = peer.replace(MAPPED, '');
    const named = forwardedFor.split(',');
    while (isIP(client) !== 0 && isProxy(client)) {
      const before = named.pop()?.trim().replace(MAPPED, '') ?? '';
      if (isIP(before) === 0) break;
      client = before;
    }
    return client;
  };
};
