/**
 * Runs scripts by their hash: Redis keeps a script once it has seen it, and is sent its text again after it
 * was restarted or flushed. A script's type says what goes in and what comes out.
 */
import type { Cluster, Redis } from 'ioredis';
import type { GateKeys } from './keys.ts';
import { readScriptFiles, type ScriptFile } from './script-files.ts';

export type ScriptClient = Pick<Redis | Cluster, 'eval' | 'evalsha' | 'callBuffer'>;
export type ScriptArgument = string | number | Buffer;

export type Script<Args, Outcome, KeyName extends string = keyof GateKeys> = {
  /** Of the file in `lua/`, without its key count. */
  readonly name: string;
  /** In the order of the header. */
  readonly keys: readonly KeyName[];
  /** ARGV, in the order of the header. */
  readonly args: (args: Args) => readonly ScriptArgument[];
  /** Its texts come as bytes. */
  readonly isBinary?: true;
  /** Throws when the reply is none that the header names. */
  readonly parse: (reply: unknown) => Outcome;
};

/** Rejects with the client's own error, or when a reply is none of the script's. */
export type RunScript = <Args, Outcome, KeyName extends string>(
  script: Script<Args, Outcome, KeyName>,
  keys: Readonly<Record<KeyName, string>>,
  args: Args,
) => Promise<Outcome>;

/** Throws when a file of `lua/` contradicts its name or header, or is not there. */
export function openRegistry(client: ScriptClient, files = readScriptFiles()): RunScript {
  return async (script, keys, args) => {
    const file = fileOf(script, files);
    const names = script.keys.map((key) => keys[key]);
    const evaluate = script.isBinary === true ? evaluateBinary : evaluateText;
    return script.parse(await evaluate(client, file, names, script.args(args)));
  };
}

function fileOf(
  script: Pick<Script<never, unknown, string>, 'name' | 'keys'>,
  files: ReadonlyMap<string, ScriptFile>,
): ScriptFile {
  const file = files.get(script.name);
  if (file === undefined) throw new Error(`lua/ has no script called ${script.name}.`);
  if (file.keyCount !== script.keys.length) {
    throw new Error(`${script.name} is used with ${script.keys.length} keys and has ${file.keyCount}.`);
  }
  return file;
}

type Evaluate = (
  client: ScriptClient,
  file: ScriptFile,
  keys: readonly string[],
  args: readonly ScriptArgument[],
) => Promise<unknown>;

const evaluateText: Evaluate = async (client, { sha, source, keyCount }, keys, args) => {
  try {
    return await client.evalsha(sha, keyCount, ...keys, ...args);
  } catch (error) {
    if (!isUnknownScript(error)) throw error;
    return await client.eval(source, keyCount, ...keys, ...args);
  }
};

const evaluateBinary: Evaluate = async (client, { sha, source, keyCount }, keys, args) => {
  try {
    return await client.callBuffer('evalsha', sha, keyCount, ...keys, ...args);
  } catch (error) {
    if (!isUnknownScript(error)) throw error;
    return await client.callBuffer('eval', source, keyCount, ...keys, ...args);
  }
};

const isUnknownScript = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('NOSCRIPT');
