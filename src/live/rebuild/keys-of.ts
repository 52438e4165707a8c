/** Keys of Redis by a pattern, on whatever node of a cluster they are. */
import type { VersionsClient } from '../../gate/index.ts';

const KEYS_PER_LOOK = 1_000;

/** Pages of keys; one that comes or goes meanwhile may be missing, and a key may come twice. */
export async function* keysOf(client: VersionsClient, pattern: string): AsyncGenerator<readonly string[]> {
  const nodes = 'nodes' in client ? client.nodes('master') : [client];
  for (const node of nodes) {
    let cursor = '0';
    do {
      const [next, keys] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', KEYS_PER_LOOK);
      cursor = next;
      yield keys;
    } while (cursor !== '0');
  }
}
