import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  ConfigError,
  type Environment,
  effectiveSettings,
  maskPasswords,
  paymentProviderOf,
  readConfig,
  settingsTable,
} from '../src/config.ts';

function problemsOf(environment: Environment): readonly string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('reading the settings', () => {
  test('an empty environment gives the defaults and embeds all stores', () => {
    expect(readConfig({})).toMatchObject({ dataDir: '.data', httpPort: 8080, logLevel: 'info' });
    expect(readConfig({}).postgresUrl).toBeUndefined();
  });

  test('the result is frozen', () => {
    expect(Object.isFrozen(readConfig({}))).toBe(true);
  });

  test('numbers arrive as numbers', () => {
    expect(readConfig({ SEATLOG_HTTP_PORT: '0', SEATLOG_SHUTDOWN_GRACE_MS: '5000' })).toMatchObject({
      httpPort: 0,
      shutdownGraceMs: 5000,
    });
  });

  test('an empty variable counts as not set', () => {
    expect(readConfig({ SEATLOG_REDIS_URL: '', SEATLOG_HTTP_PORT: '' })).toEqual(readConfig({}));
  });

  test('every wrong setting is named, with what it should be', () => {
    expect(
      problemsOf({
        SEATLOG_HTTP_PORT: '70000',
        SEATLOG_LOG_LEVEL: 'loud',
        SEATLOG_POSTGRES_URL: 'mysql://here',
        SEATLOG_SHUTDOWN_GRACE_MS: '-1',
      }),
    ).toEqual([
      'SEATLOG_HTTP_PORT must be at most 65535.',
      'SEATLOG_LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent.',
      'SEATLOG_POSTGRES_URL must look like postgres://user:password@host:5432/database.',
      'SEATLOG_SHUTDOWN_GRACE_MS must be a whole number.',
    ]);
  });

  test.each(['proxy.example', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::1/129', '10.0.0.1;10.0.0.2'])(
    '%s is no network of proxies',
    (networks) => {
      expect(problemsOf({ SEATLOG_TRUSTED_PROXIES: networks })).toEqual([
        'SEATLOG_TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8, with commas.',
      ]);
    },
  );

  test('networks of proxies are a list', () => {
    expect(readConfig({ SEATLOG_TRUSTED_PROXIES: ' 10.0.0.0/8, ::1,' }).trustedProxies).toEqual([
      '10.0.0.0/8',
      '::1',
    ]);
    expect(readConfig({}).trustedProxies).toEqual([]);
  });

  test('a misspelt setting is reported, whatever else is in the environment', () => {
    const [problem, ...others] = problemsOf({ SEATLOG_HTTP_PROT: '80', PATH: '/bin', SEATLOG_TEST_X: '1' });
    expect(problem).toContain('SEATLOG_HTTP_PROT is not a setting');
    expect(others).toEqual([]);
  });

  test('two of our own servers cannot have the same port', () => {
    const same = { SEATLOG_HTTP_PORT: '7000', SEATLOG_EMBEDDED_REDIS_PORT: '7000' };
    expect(problemsOf(same)).toEqual(['SEATLOG_EMBEDDED_REDIS_PORT and SEATLOG_HTTP_PORT are both 7000.']);
    expect(problemsOf({ ...same, SEATLOG_REDIS_URL: 'redis://elsewhere' })).toEqual([]);
    expect(problemsOf({ SEATLOG_HTTP_PORT: '0', SEATLOG_EMBEDDED_REDIS_PORT: '0' })).toEqual([]);
  });

  test('a cluster of event stores is accepted', () => {
    const url = 'esdb+discover://admin:changeit@a:2113,b:2113?tls=true';
    expect(readConfig({ SEATLOG_EVENTSTORE_URL: url }).eventStoreUrl).toBe(url);
  });
});

describe('the payment provider', () => {
  const stores = {
    SEATLOG_POSTGRES_URL: 'postgres://db/seatlog',
    SEATLOG_REDIS_URL: 'redis://cache',
    SEATLOG_EVENTSTORE_URL: 'esdb://log:2113',
  };

  test.each(Object.keys(stores))('is simulated where the store of %s is embedded', (name) => {
    expect(paymentProviderOf(readConfig({ ...stores, [name]: '' }))).toBe('simulated');
  });

  test('must be named where no store is embedded', () => {
    const config = readConfig(stores);
    expect(() => paymentProviderOf(config)).toThrow(ConfigError);
    expect(() => paymentProviderOf(config)).toThrow('SEATLOG_PAYMENT_PROVIDER must be set');
  });

  test.each(['simulated', 'none'])('is %s where the setting says so', (name) => {
    for (const others of [stores, {}]) {
      const config = readConfig({ ...others, SEATLOG_PAYMENT_PROVIDER: name });
      expect(paymentProviderOf(config)).toBe(name);
    }
  });
});

describe('showing the settings', () => {
  test('the table in the README is the one that the settings generate', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(settingsTable());
  });

  test('the settings in force hide the passwords of URLs', () => {
    const shown = effectiveSettings(readConfig({ SEATLOG_REDIS_URL: 'redis://:s3cret@cache:6379' }));
    expect(shown).toContain('SEATLOG_REDIS_URL=redis://:***@cache:6379');
    expect(shown).not.toContain('s3cret');
  });

  test.each([
    ['postgres://me:pass@db/x', 'postgres://me:***@db/x'],
    ['postgres://me:p@ss/w:rd@db:5432/x', 'postgres://me:***@db:5432/x'],
    ['esdb://a:b@one:2113,two:2113?tls=true', 'esdb://a:***@one:2113,two:2113?tls=true'],
    ['redis://127.0.0.1:6379', 'redis://127.0.0.1:6379'],
    ['esdb://127.0.0.1:2113?tls=false', 'esdb://127.0.0.1:2113?tls=false'],
    ['{"url":"redis://h:6379","mail":"a@b"}', '{"url":"redis://h:6379","mail":"a@b"}'],
  ])('%s is shown as %s', (text, shown) => {
    expect(maskPasswords(text)).toBe(shown);
  });
});
