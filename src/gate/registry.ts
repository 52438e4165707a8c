/**
 * Runs scripts by their hash: Redis keeps a script once it has seen it, and is sent its text again after it
 * was restarted or flushed. A script's type says what goes in and what comes out.
 */
import type { Cluster, Redis } from 'ioredis';
import type { GateKeys } from './keys.ts';
import { readScriptFiles, type ScriptFile } from './script-files.ts';

export type ScriptClient = Pick<Redis | Cluster, 'eval' | 'evalsha'>;
export type ScriptArgument = string | number;

export type Script<Args, Outcome> = {
  /** Of the file in `lua/`, without its key count. */
  readonly name: string;
  /** In the order of the header. */
  readonly keys: readonly (keyof GateKeys)[];
  /** ARGV, in the order of the header. */
  readonly args: (args: Args) => readonly ScriptArgument[];
  /** Throws when the reply is none that the header names. */
  readonly parse: (reply: unknown) => Outcome;
};

/** Rejects with the client's own error, or when a reply is none of the script's. */
export type RunScript = <Args, Outcome>(
  script: Script<Args, Outcome>,
  keys: GateKeys,
  args: Args,
) => Promise<Outcome>;

/** Throws when a file of `lua/` contradicts its name or header, or is not there. */
export function openRegistry(client: ScriptClient, files = readScriptFiles()): RunScript {
  return async (script, keys, args) => {
    const file = fileOf(script, files);
    const names = script.keys.map((key) => keys[key]);
    return script.parse(await evaluate(client, file, names, script.args(args)));
  };
}

function fileOf(script: Script<never, unknown>, files: ReadonlyMap<string, ScriptFile>): ScriptFile {
  const file = files.get(script.name);
  if (file === undefined) throw new Error(`lua/ has no script called ${script.name}.`);
  if (file.keyCount !== script.keys.length) {
    throw new Error(`${script.name} is used with ${script.keys.length} keys and has ${file.keyCount}.`);
  }
  return file;
}

async function evaluate(
  client: ScriptClient,
  { sha, source, keyCount }: ScriptFile,
  keys: readonly string[],
  args: readonly ScriptArgument[],
): Promise<unknown> {
  try {
    return await client.evalsha(sha, keyCount, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return await client.eval(source, keyCount, ...keys, ...args);
  }
}
