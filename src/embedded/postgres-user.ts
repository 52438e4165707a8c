/**
 * PostgreSQL refuses to run as root, so under root it runs as somebody else, and that somebody must be able to
 * reach its programs and its data even when both lie in root's own closed home.
 */
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { StoreError } from './error.ts';
import type { ServerSpec } from './guard-protocol.ts';

const USER = 'postgres';
const ROOT = 0;
/** Bits of the capability sets in /proc, see capabilities(7); the weaker one first. */
const SEARCH_CAPABILITIES = [
  { name: 'dac_read_search', bit: 2n },
  { name: 'dac_override', bit: 1n },
] as const;

type User = { readonly uid: number; readonly gid: number };
type Program = Pick<ServerSpec, 'command' | 'args' | 'user'>;

export type PostgresUser = {
  /** Gives a file or folder to the user that PostgreSQL runs as. */
  own(path: string): void;
  /** How to run a program as that user. */
  run(command: string, args: readonly string[]): Program;
};

/**
 * Settles who runs PostgreSQL. `paths` must be reachable for that user; `dataDirectory` keeps its owner.
 * Throws `StoreError` when root has no way to let it.
 */
export function settleUser(paths: readonly string[], dataDirectory: string): PostgresUser {
  if (process.getuid?.() !== ROOT)
    return { own: () => undefined, run: (command, args) => ({ command, args }) };
  const user = ownerOf(dataDirectory) ?? findUser() ?? createUser();
  const prefix = paths.every((path) => reachable(path, user)) ? [] : searchEverywhere(user, paths);
  const [command, ...args] = prefix;
  return {
    own: (path) => chownSync(path, user.uid, user.gid),
    run: (program, rest) =>
      command === undefined
        ? { command: program, args: rest, user }
        : { command, args: [...args, program, ...rest] },
  };
}

function ownerOf(directory: string): User | undefined {
  if (!existsSync(directory)) return undefined;
  const { uid, gid } = statSync(directory);
  return uid === ROOT ? undefined : { uid, gid };
}

function findUser(): User | undefined {
  const uid = spawnSync('id', ['-u', USER], { encoding: 'utf8' });
  const gid = spawnSync('id', ['-g', USER], { encoding: 'utf8' });
  return uid.status === 0 && gid.status === 0
    ? { uid: Number(uid.stdout), gid: Number(gid.stdout) }
    : undefined;
}

function createUser(): User {
  const args = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', USER];
  const made = spawnSync('useradd', args, { encoding: 'utf8' });
  const user = findUser();
  if (user !== undefined) return user;
  throw new StoreError(
    `PostgreSQL cannot run as ${userInfo().username}, and the user "${USER}" could not be created ` +
      `(${made.stderr?.trim() || made.error?.message}): create it, or start Seatlog as another user.`,
  );
}

function reachable(path: string, user: User): boolean {
  const access = statSync(path).mode & 0o111 ? '-x' : '-r';
  return spawnSync('test', [access, path], { ...user, cwd: '/' }).status === 0;
}

/**
 * A command prefix that lets the user pass closed folders on its way, as root itself would, and nothing else.
 * `no_setuid_fixup` because PostgreSQL asks access(2), which otherwise ignores what a non-root user was granted.
 */
function searchEverywhere(user: User, paths: readonly string[]): readonly string[] {
  const capability = SEARCH_CAPABILITIES.find(({ bit }) => (boundingSet() >> bit) & 1n)?.name;
  const all = `-all,+${capability}`;
  const prefix = [
    'setpriv',
    ...[`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', '--securebits=+no_setuid_fixup'],
    ...[`--inh-caps=${all}`, `--ambient-caps=${all}`, `--bounding-set=${all}`],
  ];
  const [command = '', ...args] = [...prefix, 'test', '-e', paths[0] ?? '/'];
  if (capability !== undefined && spawnSync(command, args, { cwd: '/' }).status === 0) return prefix;
  throw new StoreError(
    `The user "${USER}", as which PostgreSQL runs because it refuses to run as root, cannot enter ${paths[0]}: ` +
      'move this folder out of a closed home (to /srv or /opt, say), or start Seatlog as another user.',
  );
}

function boundingSet(): bigint {
  try {
    const line = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    return BigInt(`0x${line?.[1] ?? '0'}`);
  } catch {
    return 0n;
  }
}
