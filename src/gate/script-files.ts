/**
 * Reads the scripts of `lua/`: their includes are put in place, and the file name's key count is what Redis
 * is told. A script that contradicts its header is refused here, when the engine starts, and not when the
 * first buyer comes.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Beside `dist/` as beside `src/`. */
export const LUA_FOLDER = fileURLToPath(new URL('../../lua', import.meta.url));
const FILE_NAME = /^([a-z]+)-(\d+)\.lua$/;
const INCLUDE = /^-- @include (\S+)$/gm;
const HEADER_KEY = /^-- KEYS\[(\d+)\] /gm;

export type ScriptFile = {
  readonly name: string;
  readonly keyCount: number;
  /** With its includes; what Redis runs. */
  readonly source: string;
  /** As Redis computes it. */
  readonly sha: string;
};

/** By name: `reserve-5.lua` is `reserve`. Throws where a file contradicts its name or its header. */
export function readScriptFiles(folder = LUA_FOLDER): ReadonlyMap<string, ScriptFile> {
  const scripts = new Map<string, ScriptFile>();
  for (const fileName of readdirSync(folder).sort()) {
    if (!fileName.endsWith('.lua')) continue;
    const script = readScriptFile(folder, fileName);
    if (scripts.has(script.name)) throw new Error(`${folder} has two scripts called ${script.name}.`);
    scripts.set(script.name, script);
  }
  return scripts;
}

function readScriptFile(folder: string, fileName: string): ScriptFile {
  const [, name, count] = FILE_NAME.exec(fileName) ?? [];
  if (name === undefined) throw new Error(`${join(folder, fileName)} is not called like reserve-5.lua.`);
  const keyCount = Number(count);
  const own = readFileSync(join(folder, fileName), 'utf8');
  const described = [...own.matchAll(HEADER_KEY)].map(([, key]) => Number(key));
  const inOrder = described.every((key, index) => key === index + 1);
  if (described.length !== keyCount || !inOrder) {
    throw new Error(`${fileName} describes KEYS [${described}] in its header, its name says ${keyCount}.`);
  }
  const source = withIncludes(own, join(folder, 'includes'), new Set());
  return { name, keyCount, source, sha: createHash('sha1').update(source).digest('hex') };
}

/** Each include once, at the place of its first mention. */
function withIncludes(text: string, folder: string, included: Set<string>): string {
  return text.replace(INCLUDE, (_line, fileName: string) => {
    if (included.has(fileName)) return '';
    included.add(fileName);
    return withIncludes(readFileSync(join(folder, fileName), 'utf8'), folder, included);
  });
}
