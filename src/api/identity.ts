/**
 * Who calls: bearer tokens (JWT, HS256), verified once and then remembered until they expire. The user is who
 * the token says, never who the body says.
 */
import { webcrypto } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import { type UserId, userIdSchema } from '../domain/shared/ids.ts';
import type { Identity } from './endpoint.ts';

const ISSUER = 'seatlog';
const AUDIENCE = 'seatlog';
const ALGORITHM = 'HS256';
const SECOND_MS = 1_000;
/** Clocks of those who make tokens may be this far from ours. */
const CLOCK_TOLERANCE_MS = 5 * SECOND_MS;
const MIN_KEY_BYTES = 32;
const MAX_TOKEN_CHARACTERS = 2_048;
/**
 * A crowd's: verifying costs as much as the rest of the way to a handler. About 100 MB when all are in use.
 */
const DEFAULT_REMEMBERED_TOKENS = 200_000;
/** What nearly every token has. */
const NO_SCOPES: ReadonlySet<string> = new Set();

export type TokenVerdict =
  | { readonly kind: 'verified'; readonly identity: Identity }
  | { readonly kind: 'refused'; readonly code: 'unauthenticated' | 'token_expired' };

/** Answers at once for a token it remembers. Rejects never. */
export type TokenVerifier = (token: string) => TokenVerdict | Promise<TokenVerdict>;

export type TokenVerifierOptions = {
  /** At least 32 bytes. */
  readonly key: Uint8Array;
  readonly nowMs?: () => number;
  readonly rememberedTokens?: number;
};

type Remembered = { readonly verdict: TokenVerdict; readonly untilMs: number };

const unauthenticated: TokenVerdict = { kind: 'refused', code: 'unauthenticated' };
const expired: TokenVerdict = { kind: 'refused', code: 'token_expired' };

/** Throws RangeError for a key that is too short. */
export const createTokenVerifier = ({
  key,
  nowMs = Date.now,
  rememberedTokens = DEFAULT_REMEMBERED_TOKENS,
}: TokenVerifierOptions): TokenVerifier => {
  const imported = importKey(key);
  const remembered = new LRUCache<string, Remembered>({ max: rememberedTokens });

  const verify = async (token: string): Promise<TokenVerdict> => {
    try {
      const { payload } = await jwtVerify(token, await imported, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCK_TOLERANCE_MS / SECOND_MS,
        currentDate: new Date(nowMs()),
      });
      const user = userIdSchema.safeParse(payload.sub);
      if (!user.success) return unauthenticated;
      const identity: Identity = { userId: user.data, scopes: scopesOf(payload['scope']) };
      const verdict: TokenVerdict = { kind: 'verified', identity };
      const untilMs = (payload.exp ?? 0) * SECOND_MS + CLOCK_TOLERANCE_MS;
      remembered.set(token, { verdict, untilMs });
      return verdict;
    } catch (error) {
      // Whatever else is wrong with a token, it is no token of ours.
      return error instanceof errors.JWTExpired ? expired : unauthenticated;
    }
  };

  return (token) => {
    const known = remembered.get(token);
    if (known === undefined) return token.length > MAX_TOKEN_CHARACTERS ? unauthenticated : verify(token);
    if (nowMs() < known.untilMs) return known.verdict;
    remembered.delete(token);
    return expired;
  };
};

export type TokenClaims = {
  readonly userId: UserId;
  readonly scopes: readonly string[];
  readonly ttlSeconds: number;
  readonly nowMs: number;
};

/**
 * A token that `createTokenVerifier` with the same key takes. Throws RangeError for a key that is too short.
 */
export const mintToken = async (
  key: Uint8Array,
  { userId, scopes, ttlSeconds, nowMs }: TokenClaims,
): Promise<string> => {
  const nowSeconds = Math.floor(nowMs / SECOND_MS);
  return new SignJWT(scopes.length === 0 ? {} : { scope: scopes.join(' ') })
    .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(userId)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + ttlSeconds)
    .sign(await importKey(key));
};

/** Imported once: doing so for every token doubles what a verification costs. */
const importKey = (key: Uint8Array): Promise<webcrypto.CryptoKey> => {
  if (key.length < MIN_KEY_BYTES) throw new RangeError(`A token key has at least ${MIN_KEY_BYTES} bytes.`);
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return webcrypto.subtle.importKey('raw', Uint8Array.from(key), algorithm, false, ['sign', 'verify']);
};

const scopesOf = (scope: unknown): ReadonlySet<string> =>
  typeof scope === 'string' && scope !== ''
    ? new Set(scope.split(' ').filter((name) => name !== ''))
    : NO_SCOPES;
