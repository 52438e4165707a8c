// The direction of imports, as ARCHITECTURE.md draws it. A rule here is a promise a reader can rely on.
const only = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^src/', pathNot: [from, ...allowed] },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-undeclared-packages',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    only(
      'domain-imports-only-domain',
      'The domain is pure: no I/O, no clock, no randomness.',
      '^src/domain/',
      [],
    ),
    {
      name: 'domain-does-no-io',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { dependencyTypes: ['core', 'npm'], pathNot: '^node_modules/zod' },
    },
    only('commands-import-domain-and-ports', 'Stores reach commands through ports.', '^src/commands/', [
      '^src/domain/',
      '^src/payments/provider\\.ts$',
    ]),
    only('processes-import-domain-and-ports', 'Stores reach processes through ports.', '^src/processes/', [
      '^src/domain/',
      '^src/commands/ports\\.ts$',
      '^src/payments/provider\\.ts$',
    ]),
    {
      name: 'projections-never-decide',
      severity: 'error',
      from: { path: '^src/projections/' },
      to: { path: '^src/domain/.*/decide\\.ts$' },
    },
    {
      name: 'api-reaches-no-store',
      severity: 'error',
      from: { path: '^src/api/' },
      to: {
        path: ['^src/(eventstore|devstore|gate|live|embedded)/', '^node_modules/(ioredis|@eventstore|pg)/'],
      },
    },
    only(
      'live-imports-domain-and-gate',
      'Redis shows what the log says; clients come from outside.',
      '^src/live/',
      ['^src/domain/', '^src/gate/', '^src/eventstore/', '^src/rebuild/', '^src/commands/ports\\.ts$'],
    ),
    only(
      'rebuild-knows-no-event',
      'What every rebuild shares knows the log, and none of the events in it.',
      '^src/rebuild/',
      ['^src/eventstore/'],
    ),
    only(
      'auditor-shares-nothing',
      'What proves the invariants must not share a mistake with what keeps them: no rule, no constant, no type.',
      '^src/auditor/',
      ['^src/eventstore/'],
    ),
    {
      name: 'auditor-needs-zod-alone',
      severity: 'error',
      from: { path: '^src/auditor/' },
      to: { dependencyTypes: ['npm'], pathNot: '^node_modules/zod' },
    },
    only(
      'audits-stay-pure',
      'What is asked of the log is pure over its events; who opens stores is outside.',
      '^src/audit/',
      ['^src/domain/', '^src/commands/payment-number\\.ts$'],
    ),
    only('devstore-stands-alone', 'The devstore is useful by itself to others.', '^src/devstore/', []),
    only('eventstore-stands-alone', 'The client wrapper knows no event of ours.', '^src/eventstore/', []),
    {
      name: 'nobody-imports-the-composition-root',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main|cli/.*)\\.ts$' },
      to: { path: '^src/(main\\.ts|cli/)' },
    },
    {
      name: 'src-never-imports-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
